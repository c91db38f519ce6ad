"""The router as a state machine: whatever fails in whatever order, and however time passes between."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from routing import World, target

from agent.errors import (
    BadOutput,
    ContextTooLong,
    CredentialRefused,
    Overloaded,
    ProviderError,
    QuotaUsedUp,
    RateLimited,
    Rejected,
    Retired,
    TimedOut,
    Unreachable,
)
from agent.providers.router import Try, Wait

NAMES = ("a", "b", "c")
FAULTS = st.sampled_from(
    [
        None,
        Overloaded("down"),
        TimedOut("slow"),
        Unreachable("refused"),
        RateLimited("wait", retry_after_s=30),
        RateLimited("wait"),
        QuotaUsedUp("empty"),
        CredentialRefused("key"),
        Retired("gone"),
        BadOutput("rubbish"),
        ContextTooLong("long"),
        Rejected("wrong"),
    ]
)


class Routing(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.targets = [target(name) for name in NAMES]
        self.left_alone: dict[str, float] = {}

    @rule(seconds=st.sampled_from([0.1, 1.0, 4.9, 5.1, 31.0, 400.0, 4_000.0, 30_000.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.now += seconds

    @rule(faults=st.fixed_dictionaries(dict.fromkeys(NAMES, FAULTS)), strategy=st.sampled_from(["order", "weighted", "fastest"]))
    def a_request_is_routed(self, faults: dict[str, ProviderError | None], strategy: str) -> None:
        health, route = self.world.health, self.world.route(*self.targets, strategy=strategy)
        well = {t.name for t in self.targets if health.state(t.places) == "well"}
        asked: list[str] = []
        answered = given_back = False
        while not (answered or given_back) and isinstance(step := route.next(), Try):
            name = step.target.provider.name
            assert step.target.name not in asked, "the same target was asked twice"
            assert self.world.now >= self.left_alone.get(name, 0.0), "a target was called before the time it had said itself"
            asked.append(step.target.name)
            route.begun(step)
            error = faults[name]
            if error is None:
                route.succeeded(step, took_s=0.2)
                answered = True
                self.left_alone.pop(name, None)
                continue
            try:
                route.failed(step, error)
            except Rejected:
                given_back = True
            self._remember(name, error)
        # A request is given up only when every target that was well had its chance. A limit that was learned may rule one out.
        if not (answered or given_back) and not any(isinstance(error, ContextTooLong) for error in faults.values()):
            fits = {t.name for t in self.targets if self.world.learned.limit(t.name) is None}
            assert well & fits <= set(asked)
        assert given_back == (bool(asked) and isinstance(faults[asked[-1][0]], Rejected))

    def _remember(self, name: str, error: ProviderError) -> None:
        seconds = {"quota_used_up": 900.0, "credential_refused": 3_600.0, "model_retired": 21_600.0}.get(error.code)
        if isinstance(error, RateLimited):
            seconds = 5.0 if error.retry_after_s is None else error.retry_after_s
        if seconds is not None:
            self.left_alone[name] = max(self.left_alone.get(name, 0.0), self.world.now + seconds)

    @invariant()
    def a_pool_says_when_it_will_be_back_or_that_it_is_there(self) -> None:
        step = self.world.route(*self.targets).next()
        if not isinstance(step, Try | Wait):
            seconds = self.world.route(*self.targets).recovers_in_s()
            assert seconds is None or seconds >= 0


Routing.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestRouting = Routing.TestCase

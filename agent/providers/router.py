"""The order of attempts: who may be asked at all, who is asked first, and where to go after a failure. It calls nobody itself.

Hard eligibility comes first and again at every hop: abilities, window, residency, and whatever the gateway allows (the key's
models, its budget). Preference comes after it, and health before preference.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.dialects.messages import Request, tokens_in
from agent.errors import ContentFiltered, ContextTooLong, ProviderError, Rejected, Retired
from agent.providers.adapting import adapted
from agent.providers.affinity import Affinity, drawn, goes_on
from agent.providers.health import Health
from agent.providers.learned import Learned
from agent.providers.targets import Hedge, Pool, Strategy, Target, Try, Wait

__all__ = ["Hedge", "Pool", "Route", "Strategy", "Target", "Try", "Wait"]


@dataclass(slots=True)
class Route:
    """One request's way through its pool. `next` says what to do, then `succeeded`, `failed` or `abandoned` what became of it."""

    pool: Pool
    request: Request
    health: Health
    learned: Learned
    random: random.Random
    allowed: Callable[[Target], bool] = lambda target: True
    affinity: Affinity | None = None
    conversation: str = ""
    """Key of the conversation that the request belongs to; empty when nobody asks for affinity."""
    attempts: list[ProviderError] = field(default_factory=list)
    calls: int = 0
    _tried: set[str] = field(default_factory=set)
    _again: Try | None = None
    _too_small: int | None = None
    _order: list[Target] | None = None
    _waited: bool = False
    _keeps: str = ""
    _suspected: ProviderError | None = None
    """A failure that a lack of the target may explain."""

    def next(self) -> Try | Wait | None:
        """What to do now; None when nothing is left."""
        if self._again is not None:
            again, self._again = self._again, None
            return again
        found = self._healthy() or self._least_bad()
        if found is not None:
            return self._try(*found)
        seconds = self.recovers_in_s()
        if seconds is None or self._waited or not self._says_when():
            return None
        self._waited = True
        return Wait(seconds)

    def beside(self) -> Try | None:
        """Another target for a second call while the first is under way; only one that is well."""
        for target in self._ordered():
            if self._may(target) and self.health.state(target.places) == "well":
                return self._try(target, "the one before it is slow; the first answer of both counts")
        return None

    def begun(self, step: Try) -> None:
        self.calls += 1
        self._tried.add(step.target.name)
        self.health.begun(step.target.places)

    def succeeded(self, step: Try, *, took_s: float) -> None:
        self.health.succeeded(step.target.places, took_s=took_s)
        self.learned.proved(step.target.name, step.request, without=step.without)
        if self.affinity is not None and self.conversation:
            self.affinity.served(self.conversation, step.target.name)

    def unfit(self, step: Try, error: ProviderError, *, took_s: float) -> None:
        """It answered, and not what was asked for: the target is alive, and another may do better."""
        self.attempts.append(error)
        self.health.succeeded(step.target.places, took_s=took_s)
        if step.without is not None:
            self.learned.lacking(step.target.name, step.without)
            if self._suspected in self.attempts:  # the lack was all there was to it: whoever asks why nobody would do is not told of an outage
                self.attempts.remove(self._suspected)

    def abandoned(self, step: Try) -> None:
        """It ended without saying anything of the target."""
        self.health.abandoned(step.target.places)

    def skipped(self, step: Try) -> None:
        """It was not called: the gateway found that it may not be paid for."""
        self._tried.add(step.target.name)

    def failed(self, step: Try, error: ProviderError, *, blameless: bool = False) -> None:
        """
        Raises:
            ProviderError: Nobody else should be asked: the request itself is wrong, or the route refuses what was filtered.
        """
        self.attempts.append(error)
        target = step.target
        if self._adapt(step, error):
            self.health.abandoned(target.places)
            return
        self.health.failed(target.places, error, blameless=blameless)
        match error:
            case ContextTooLong():
                self._too_small = max(self._too_small or 0, target.window or 0)
                self.learned.too_long(target.name, tokens_in(self.request))
            case ContentFiltered() if self.pool.on_content_filter == "refuse":
                raise error
            case Rejected():
                raise error
            case Retired() if target.replacement is not None and self._may(target.replacement):
                self._again = self._try(target.replacement, f"{target.name} is retired")
            case _:
                pass

    def recovers_in_s(self) -> float | None:
        """Seconds until the first eligible target may be asked again; None when none is eligible."""
        times = [self.health.recovers_at(target.places) for target in self.pool.targets if self._fits(target)]
        return max(0.0, min(times) - self.health.clock()) if times else None

    def again(self, step: Try, request: Request, why: str) -> None:
        """Ask the same target once more, with another request: the repair of an answer."""
        self._again = Try(target=step.target, request=adapted(request, self.learned.lacks(step.target.name) | step.target.lacks), why=why)

    def _adapt(self, step: Try, error: ProviderError) -> bool:
        """Whether the same target is worth one more call without what it seems to lack; a 500 may be all that a server says of it."""
        parameter = self.learned.suspect(step.target.name, step.request, error)
        if parameter is None:
            return False
        self._suspected = error
        request = adapted(step.request, frozenset({parameter}))
        self._again = Try(target=step.target, request=request, why=f"{step.target.name} does not know `{parameter}`", without=parameter)
        return True

    def _healthy(self) -> tuple[Target, str] | None:
        """The first in order that is well, one that may be probed at its place; then the unsteady ones."""
        left = [target for target in self._ordered() if self._may(target)]
        for states in (("well", "probe"), ("unsteady",)):
            for place, target in enumerate(left):
                if (state := self.health.state(target.places)) in states:
                    kept = target.name == self._keeps and not self.attempts
                    return target, "it has the conversation in its cache" if kept else _why(self.pool.strategy, place, state, bool(self.attempts))
        return None

    def _least_bad(self) -> tuple[Target, str] | None:
        """All are open: of those that may be tried early, the one that would recover first."""
        left = [target for target in self.pool.targets if self._may(target) and self.health.may_try_early(target.places)]
        if not left:
            return None
        return min(left, key=lambda target: self.health.recovers_at(target.places)), "every target is open; the least bad one"

    def _try(self, target: Target, why: str) -> Try:
        return Try(target=target, request=adapted(self.request, self.learned.lacks(target.name) | target.lacks), why=why)

    def _may(self, target: Target) -> bool:
        return target.name not in self._tried and self._fits(target)

    def _fits(self, target: Target) -> bool:
        """Hard eligibility."""
        lacks = target.lacks | self.learned.lacks(target.name)
        if self.request.needs & lacks or not self.allowed(target):
            return False
        if self.pool.residency is not None and target.residency != self.pool.residency:
            return False
        if self.request.extra_dialect and target.dialect not in ("", self.request.extra_dialect):
            return False
        if self.request.stop and target.dialect == "openai_responses":  # it has no stop sequences
            return False
        return self._fits_window(target)

    def _fits_window(self, target: Target) -> bool:
        tokens = tokens_in(self.request)
        if (learned := self.learned.limit(target.name)) is not None and tokens >= learned:
            return False
        if target.window is None:
            return True
        return target.window > (self._too_small or 0) and target.window >= tokens // 2 + min(self.request.max_output, target.window // 2)

    def _says_when(self) -> bool:
        return any(self._fits(target) and self.health.state(target.places) == "benched" for target in self.pool.targets) and not self.attempts

    def _ordered(self) -> list[Target]:
        if self._order is None:
            self._order = self._stuck_to(self._preferred())
        return self._order

    def _stuck_to(self, targets: list[Target]) -> list[Target]:
        """The one that has the conversation in its cache comes first; the sort is stable."""
        if self.affinity is None or not self.conversation or not goes_on(self.request):
            return targets
        last = self.affinity.last(self.conversation)
        if last is None:
            return drawn(self.conversation, targets) if self.pool.strategy == "weighted" else targets
        self._keeps = last
        return sorted(targets, key=lambda target: target.name != last)

    def _standing(self, target: Target) -> Target:
        return target.replacement if target.replacement is not None and self.health.is_retired(target.places) else target

    def _preferred(self) -> list[Target]:
        targets = [self._standing(target) for target in self.pool.targets]
        match self.pool.strategy:
            case "order":
                return targets
            case "weighted":
                # Efraimidis and Spirakis: sorting by u^(1/w) draws without replacement in proportion to the weights.
                return sorted(targets, key=lambda target: self.random.random() ** (1 / target.weight), reverse=True)
            case "cheapest":
                return sorted(targets, key=lambda target: (target.worst_cost is None, target.worst_cost(self.request) if target.worst_cost else 0))
            case "fastest":
                # One that was never measured goes first, once: else it could never show that it is faster.
                return sorted(targets, key=lambda target: self.health.latency_s(target.places) or 0.0)


def _why(strategy: Strategy, place: int, state: str, after_failure: bool) -> str:
    if after_failure:
        return "the one before it failed"
    if state == "probe":
        return "open long enough; one call tries it"
    return {"order": "first in order", "weighted": "drawn by weight", "cheapest": "the cheapest", "fastest": "the fastest"}[strategy] + (
        f" of those that are well (number {place + 1})" if place else ""
    )

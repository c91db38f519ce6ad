"""The gateway as a state machine: whatever fails in whatever order, however many ask at once, over restarts and with a budget."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from moody import MOODS, SAID_WAIT, SCHEMA, House

from agent.dialects.events import Assembly, Event, Finished
from agent.dialects.messages import Message, Request, Tool
from agent.errors import ContentFiltered, OverBudget, ProviderError, Rejected
from agent.gateway import Spender, Trace
from agent.providers.health import LEAST_BAD_EVERY_S
from agent.testing.virtual_time import VirtualLoop

ALIASES = st.sampled_from(["order", "weighted", "fastest", "eu", "lone", "hedged"])
ALLOWED = st.sampled_from([None, None, frozenset({"order", "eu", "lone"}), frozenset({"us/big"}), frozenset({"near/small", "eu/big"})])


class Traffic(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.loop = self.runner.get_loop()
        self.house = House()
        self.gateway = self.house.open(self.loop)
        self.asks = 0

    def teardown(self) -> None:
        self.runner.close()

    @initialize()
    def later_than_nothing(self) -> None:
        self.time_passes(1_000.0)

    @rule(name=st.sampled_from(["eu/big", "eu/new", "eu/small", "us/big", "near/small"]), mood=st.sampled_from(MOODS))
    def a_target_changes_its_mood(self, name: str, mood: str) -> None:
        provider, _, model = name.partition("/")
        self.house.providers[provider].moods[model] = mood

    @rule(seconds=st.sampled_from([0.1, 1.1, 4.9, 5.1, 31.0, 400.0, 4_000.0, 30_000.0]))
    def time_passes(self, seconds: float) -> None:
        self.runner.run(asyncio.sleep(seconds))

    @rule()
    def it_is_restarted(self) -> None:
        self.gateway = self.house.open(self.loop)

    @rule(dollars=st.sampled_from(["0.00005", "0.0002", "1"]))
    def a_budget_is_given(self, dollars: str) -> None:
        self.house.purse.limit = self.house.purse.spent + Decimal(dollars)

    @rule(alias=ALIASES, models=ALLOWED, schema=st.booleans(), tools=st.booleans())
    def someone_asks(self, alias: str, models: frozenset[str] | None, schema: bool, tools: bool) -> None:
        self.runner.run(self._ask(alias, models, schema, tools))

    @rule(alias=ALIASES, models=ALLOWED, schema=st.booleans(), restart=st.booleans())
    def someone_listens(self, alias: str, models: frozenset[str] | None, schema: bool, restart: bool) -> None:
        self.runner.run(self._ask(alias, models, schema, False, listens=True, restart=restart))

    @rule(alias=ALIASES, many=st.integers(2, 6), schema=st.booleans())
    def many_ask_at_once(self, alias: str, many: int, schema: bool) -> None:
        async def all_of_them() -> None:
            await asyncio.gather(*(self._ask(alias, None, schema, False) for _ in range(many)))

        self.runner.run(all_of_them())

    @rule(alias=ALIASES, after_s=st.sampled_from([0.1, 0.6, 3.0]))
    def someone_asks_and_goes_away(self, alias: str, after_s: float) -> None:
        async def leave() -> None:
            asking = asyncio.create_task(self._ask(alias, None, False, False))
            await asyncio.wait([asking], timeout=after_s)
            asking.cancel()
            await asyncio.wait([asking])

        self.runner.run(leave())

    @rule(name=st.sampled_from(["eu/small", "us/big"]), mood=st.sampled_from(sorted(SAID_WAIT)), seconds=st.sampled_from([1.1, 6.0, 29.0]))
    def a_target_says_when_to_come_back_and_is_asked_for_before(self, name: str, mood: str, seconds: float) -> None:
        self.a_target_changes_its_mood(name, mood)
        for _ in range(2):
            self.runner.run(self._ask(name, None, False, False))
            self.time_passes(seconds)

    @precondition(lambda self: self.house.purse.limit - self.house.purse.spent > Decimal("0.01"))
    @rule()
    def a_lone_target_that_nobody_told_to_rest_is_tried(self) -> None:
        places = self.house.targets["us/big"].places
        self.time_passes(LEAST_BAD_EVERY_S + 0.1)
        resting, before = self.gateway.health.state(places) == "benched", len(self.house.providers["us"].calls)
        self.runner.run(self._ask("lone", None, False, False))
        assert resting or len(self.house.providers["us"].calls) == before + 1

    async def _ask(
        self, alias: str, models: frozenset[str] | None, schema: bool, tools: bool, *, listens: bool = False, restart: bool = False
    ) -> None:  # fmt: skip
        self.asks += 1
        id, trace = f"ask {self.asks}", Trace()
        request = Request(messages=[Message("user", "Say it.")], max_output=10, metadata={"ask": id})
        request = replace(request, schema=SCHEMA if schema else None, tools=[Tool(name="look_up")] if tools else ())
        spender = Spender(models=models, request_id=id, budgeted=True)
        began, error, text = self.loop.time(), None, None
        how: dict[str, Any] = {"alias": alias, "purpose": "test", "spender": spender, "trace": trace}
        try:
            if listens:
                text = await self._heard(self.gateway.stream(request, restart=restart, **how))
            else:
                text = (await self.gateway.complete(request, **how)).text
        except (ProviderError, OverBudget) as raised:
            error = raised
        self._eligible(id, alias, models, tools)
        self._not_twice(id)
        self._accounted(id, text is not None)
        assert text is None or text == ('{"ok": true}' if schema else "ready"), "what was asked for did not come"
        assert self.loop.time() - began <= self.gateway.timeout_s + 1, "it took longer than the whole deadline"
        moods = [self._mood(call.target) for call in self.house.calls if call.asked_by == id]
        if isinstance(error, Rejected) or (isinstance(error, ContentFiltered) and alias != "weighted"):
            assert {"refuses the request", "filtered"} & set(moods)
        if text is not None:
            assert trace.served_by in self._targets_of(id)

    async def _heard(self, events: AsyncGenerator[Event, None]) -> str:
        said, last = Assembly(), None
        async for event in events:
            said.add(event)
            last = event
        assert isinstance(last, Finished), "a stream ended with neither an end nor an error"
        return said.text

    def _mood(self, target: str) -> str:
        provider, _, model = target.partition("/")
        return self.house.providers[provider].moods.get(model, "well")

    def _targets_of(self, id: str) -> list[str]:
        return [call.target for call in self.house.calls if call.asked_by == id]

    def _eligible(self, id: str, alias: str, models: frozenset[str] | None, tools: bool) -> None:
        for name in self._targets_of(id):
            assert models is None or models & {alias, name}, f"{name} is not on the key's list"
            assert not (tools and name == "us/big"), "a target without tools got tools"
            assert not (alias == "eu" and name.startswith("us/")), "the data left its place"

    def _not_twice(self, id: str) -> None:
        """The same target is asked again only for another thing: to repair its answer, or without what it seems to lack."""
        asked = [(call.target, call.request) for call in self.house.calls if call.asked_by == id]
        for place, (name, request) in enumerate(asked):
            assert not any(name == other and request == same for other, same in asked[:place]), f"{name} was asked the same twice"
        assert all(count <= 3 for count in Counter(name for name, _ in asked).values())

    def _accounted(self, id: str, answered: bool) -> None:
        """One row for each call; whatever failed on the way to an answer is an absorbed failure, and nothing else is."""
        rows = [row for row in self.house.rows if row.spender.request_id == id]
        assert [f"{row.provider}/{row.model}" for row in sorted(rows, key=lambda row: row.at)] == self._targets_of_in_order(id)
        good = [row for row in rows if row.error is None]
        assert len(good) == answered
        assert [row.absorbed for row in rows] == [row.error is not None and bool(good) for row in rows]

    def _targets_of_in_order(self, id: str) -> list[str]:
        return [call.target for call in sorted(self.house.calls, key=lambda call: call.at) if call.asked_by == id]

    @invariant()
    def nobody_is_called_before_the_time_it_said(self) -> None:
        assert [rude for provider in self.house.providers.values() for rude in provider.rude] == []

    @invariant()
    def the_budget_is_never_passed_and_nothing_stays_set_aside(self) -> None:
        purse = self.house.purse
        assert purse.spent <= purse.limit
        assert purse.held == {} and len(set(purse.settled)) == len(purse.settled)
        assert len(purse.settled) == len(self.house.calls), "a call was made without money set aside for it"


Traffic.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestTraffic = Traffic.TestCase

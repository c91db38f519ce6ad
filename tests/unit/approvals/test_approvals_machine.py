"""However two people, a key, time and a flaky store interleave: nothing is applied without an approval, and nothing twice."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from shop_of_mugs import KEY, OWNER, SHOP, STAFF, VIEWER, eur, house, proposal

from agent.approvals import verify_audit
from agent.approvals.book import item_key
from agent.errors import Conflict, NotAllowed, StoreUnavailable
from agent.records import Principal, Written
from agent.records.changes import ChangeSet
from agent.sdk import Change, Target
from agent.testing.memory_store import MemoryStore

T = TypeVar("T")
people = st.sampled_from([OWNER, STAFF])
anybody = st.sampled_from([OWNER, STAFF, VIEWER, KEY])
VARIANTS = [f"v{n}" for n in range(4)]


class Unsteady(MemoryStore):
    """Fails the next so many writes, some of them after the effect."""

    failing = 0

    async def write(self, change: Change, *, key: str) -> Written:
        if self.failing == 0:
            return await super().write(change, key=key)
        self.failing -= 1
        if self.failing % 2:
            await super().write(change, key=key)
        raise StoreUnavailable("The store cannot be reached.")


class TwoPeopleAtOneDesk(RuleBasedStateMachine):
    sets: Bundle[ChangeSet] = Bundle("sets")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.loop = self.stack.enter_context(asyncio.Runner())
        self.store = Unsteady({"variant": {v: {"price": eur("10.00"), "stock:main": 0, "title": v, "cost": None} for v in VARIANTS}})
        self.h = self.stack.enter_context(house(folder, store=self.store))
        self.approved: set[str] = set()
        """Keys of the items that somebody approved."""

    def teardown(self) -> None:
        self.stack.close()

    def do(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return self.loop.run(awaited())

    @rule(
        target=sets,
        who=st.sampled_from([OWNER, KEY]),
        moves=st.lists(st.tuples(st.sampled_from(VARIANTS), st.integers(1, 5)), min_size=1, max_size=3),
    )
    def propose(self, who: Principal, moves: list[tuple[str, int]]) -> ChangeSet:
        changes = [Change.add(Target("variant", v, v), "stock:main", before=0, delta=delta) for v, delta in moves]
        return self.do(self.h.approvals.open(proposal(*changes), shop=SHOP, principal=who))

    @rule(one=sets, who=anybody, only=st.none() | st.sampled_from(["1", "2"]))
    def approve(self, one: ChangeSet, who: Principal, only: str | None) -> None:
        now = self.do(self.h.approvals.by_id(SHOP, one.id))
        named = [only] if only is not None and len(one.items) > 1 else None
        wanted = [i.id for i in now.items if i.state == "open" and (named is None or i.id in named)]
        try:
            self.do(self.h.approvals.approve(one.digest, who, items=named))
        except (Conflict, NotAllowed):
            return
        # items that nobody decided on stay open while another, approved before, still waits for an unsteady store
        assert who != VIEWER and (who, now.proposed_by) != (KEY, KEY.id) and now.state in ("open", "applying") and wanted
        self.approved |= {item_key(one.id, i) for i in wanted}

    @rule(one=sets, who=people)
    def reject(self, one: ChangeSet, who: Principal) -> None:
        try:
            self.do(self.h.approvals.reject(one.digest, who))
        except Conflict:
            return

    @rule(target=sets, one=sets, who=people)
    def undo(self, one: ChangeSet, who: Principal) -> ChangeSet:
        try:
            return self.do(self.h.approvals.undo(one.id, who))
        except Conflict:
            return one

    @rule(hours=st.sampled_from([1, 20, 80]))
    def wait(self, hours: int) -> None:
        self.h.pass_time(hours=hours)
        self.do(self.h.runs.fire_due())

    @rule(times=st.integers(1, 3))
    def the_store_becomes_unsteady(self, times: int) -> None:
        self.store.failing = times

    @invariant()
    def nothing_without_an_approval_and_nothing_twice(self) -> None:
        happened = Counter(e.key for e in self.store.ledger)
        assert set(happened) <= self.approved
        assert not happened or max(happened.values()) == 1

    @invariant()
    def stock_is_the_sum_of_what_happened(self) -> None:
        for variant in VARIANTS:
            moved: Any = sum(e.after - (e.before or 0) for e in self.store.ledger if e.target == variant)
            assert self.store.records["variant"][variant]["stock:main"] == moved

    @invariant()
    def the_audit_verifies(self) -> None:
        assert self.do(verify_audit(self.h.db, SHOP)).broken == ()


TwoPeopleAtOneDesk.TestCase.settings = settings(max_examples=15, stateful_step_count=25)
TestTwoPeopleAtOneDesk = TwoPeopleAtOneDesk.TestCase

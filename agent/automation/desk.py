"""The use cases of automations, schedules and segments, as doors call them: list, show with firings, pause, resume, dry run, notices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import CursorResult, select, update
from sqlmodel import col

from agent.approvals import Approvals
from agent.automation import rows
from agent.automation.records import OwnRecords
from agent.db.engine import Database
from agent.db.own import FiringRow
from agent.errors import NotAllowed, NotFound
from agent.records import ChangeSet, Principal, Scope
from agent.sdk import Change, Clock, Proposal, ShopInfo, Store, say
from agent.sdk.happenings import Tried, tried
from agent.sdk.own import Automation, Firing, Schedule, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    automations: Sequence[Automation]
    schedules: Sequence[Schedule]
    segments: Sequence[Segment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    one: Automation | Schedule
    firings: Sequence[Firing]
    """The newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationDesk:
    db: Database
    approvals: Approvals
    store: Callable[[str], Store]
    clock: Callable[[str], Clock]
    own: Callable[[ShopInfo], OwnRecords]

    async def listing(self, principal: Principal) -> Listing:
        own = self._own(principal)
        return Listing(automations=await own.automations(), schedules=await own.schedules(), segments=await own.segments())

    async def show(self, id: str, principal: Principal, *, limit: int = 50) -> Shown:
        """
        Raises:
            NotFound: The shop has no such automation or schedule.
        """
        return Shown(one=await self._one(id, principal), firings=await self._own(principal).firings(id, limit=limit))

    async def firings(self, principal: Principal, *, limit: int = 50) -> Sequence[Firing]:
        """What all of them did, the newest first."""
        return await self._own(principal).firings(limit=limit)

    async def pause(self, id: str, principal: Principal) -> ChangeSet:
        """Pause it at once: whoever may approve says so themselves. Undone as any change is.

        Raises:
            NotFound: There is none of that id.
            NotAllowed: The principal may not approve changes.
        """
        return await self._set(id, principal, "paused")

    async def resume(self, id: str, principal: Principal) -> ChangeSet:
        """Let it go on, from now, in the name of this principal. Raises as `pause` does."""
        return await self._set(id, principal, "active")

    async def remove(self, id: str, principal: Principal) -> ChangeSet:
        """Take an automation, a schedule or a segment away; its firings stay. Undone by making it anew."""
        one = next((s for s in await self._own(principal).segments() if s.id == id), None) or await self._one(id, principal)
        target = one.set(name=f"{one.name} ")[0].target
        before = await self._own(principal).current(target, None)
        proposal = Proposal(say("Take “{name}” away", name=one.name), changes=[Change.delete(target, before)])
        return await self._applied(proposal, principal)

    async def dry_run(self, id: str, principal: Principal, *, days: int = 30) -> Tried:
        """When the automation would have fired in the last days, as it is now; nothing is changed.

        Raises:
            NotFound: There is no automation of that id.
        """
        one = await self._one(id, principal)
        if not isinstance(one, Automation):
            raise NotFound("automation", id)
        return await tried(one.rule, self.store(principal.shop), self.clock(principal.shop), days=days)

    async def notices(self, principal: Principal, *, limit: int = 50) -> Sequence[Firing]:
        """What automations had to tell and nobody has put away yet, the newest first."""
        self._may(principal, Scope.READ)
        mine = (col(FiringRow.shop_id) == principal.shop, col(FiringRow.notice).is_not(None), col(FiringRow.seen).is_(False))
        wanted = select(FiringRow).where(*mine).order_by(col(FiringRow.at).desc()).limit(limit)
        return await self.db.read(lambda s: [rows.firing(row) for row in s.scalars(wanted)])

    async def put_away(self, firing: str, principal: Principal) -> None:
        """
        Raises:
            NotFound: There is no such notice.
        """
        self._may(principal, Scope.ASK)
        seen = update(FiringRow).where(col(FiringRow.shop_id) == principal.shop, col(FiringRow.id) == firing).values(seen=True)
        done = await self.db.write(lambda s: s.execute(seen))
        assert isinstance(done, CursorResult)
        if not done.rowcount:
            raise NotFound("notice", firing)

    async def _set(self, id: str, principal: Principal, state: str) -> ChangeSet:
        one = await self._one(id, principal)
        changes = one.set(state=state)
        if not changes:
            raise NotAllowed(f"“{one.name}” is {state} already.")
        return await self._applied(Proposal(say("{state} “{name}”", state=state, name=one.name), changes=changes), principal)

    async def _applied(self, proposal: Proposal, principal: Principal) -> ChangeSet:
        self._may(principal, Scope.APPROVE)
        opened = await self.approvals.open(proposal, shop=principal.shop, principal=principal)
        return await self.approvals.approve(opened.digest, principal)

    async def _one(self, id: str, principal: Principal) -> Automation | Schedule:
        own = self._own(principal)
        known: list[Automation | Schedule] = [*await own.automations(), *await own.schedules()]
        found = next((one for one in known if one.id == id), None)
        if found is None:
            raise NotFound("automation", id)
        return found

    def _own(self, principal: Principal) -> OwnRecords:
        self._may(principal, Scope.READ)
        return self.own(self.store(principal.shop).shop)

    @staticmethod
    def _may(principal: Principal, scope: Scope) -> None:
        if not principal.may(scope):
            raise NotAllowed(f"This needs the right to {scope.value}, which {principal.name} does not have; ask the shop's owner.")

"""Conversations as people keep them: found, called something, pinned, and deleted.

Deleting takes the words: requests, plans, replies, events. What was changed in the shop stays with its record, its audit and its undo, and so
does what was spent (docs/decisions/0016).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from agent.approvals import Approvals, audit
from agent.errors import Conflict, Invalid, NotAllowed, NotFound
from agent.records import ChangeSet, Conversation, Principal, Scope, Thread, ThreadRun, new_id
from agent.runs import conversations
from agent.runs.conversations import MOST_PINS, Wanted
from agent.runs.journal import Journal
from agent.sdk import Page

LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversations:
    journal: Journal
    approvals: Approvals
    decided: Callable[[ChangeSet], Awaitable[None]]
    """Tells the followers of a proposal's run what was decided on it."""
    under_way: Callable[[], Collection[str]]
    """Ids of the runs that are under way in this process."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def found(self, principal: Principal, wanted: Wanted, *, limit: int, cursor: str | None) -> Page[Thread]:
        shop, who = principal.shop, principal.id
        return await self.journal.db.read(lambda session: conversations.found(session, shop, who, wanted, limit=limit, cursor=cursor))

    async def show(self, id: str, principal: Principal, *, at: str | None, limit: int) -> Conversation:
        """The conversation along the versions that lead to the run `at`, else to its latest run.

        Raises:
            NotFound: This shop has no such conversation.
        """

        def read(session: Session) -> Conversation:
            thread = _there(session, id, principal)
            seen = conversations.branches_of(session, principal.shop, id).seen(at)
            runs = self.journal.some(session, principal.shop, [each.id for each in seen[-limit:]])
            shown = [ThreadRun(run=runs[each.id], versions=tuple(each.versions)) for each in seen[-limit:] if each.id in runs]
            return Conversation(thread=thread, runs=shown, earlier=max(0, len(seen) - limit))

        return await self.journal.db.read(read)

    async def rename(self, id: str, title: str, principal: Principal) -> Thread:
        """
        Args:
            title: Empty to call it by its first request again.

        Raises:
            NotFound: This shop has no such conversation.
            NotAllowed: Somebody else began it, and whoever asks does not own the shop.
            Invalid: The name is too long.
        """
        called = " ".join(unicodedata.normalize("NFC", title).split())
        if len(called) > LONGEST_TITLE:
            raise Invalid(f"A name has {LONGEST_TITLE} characters at most.", field="title")

        def write(session: Session) -> Thread:
            _may_rename(_there(session, id, principal), principal)
            conversations.call(session, principal.shop, id, called, by=principal.id, at=self.now())
            session.flush()
            return _there(session, id, principal)

        return await self.journal.db.write(write)

    async def pin(self, id: str, pinned: bool, principal: Principal) -> Thread:
        """Everybody pins for themselves, so that nobody needs a right to.

        Raises:
            NotFound: This shop has no such conversation.
            Conflict: So many are pinned already.
        """

        def write(session: Session) -> Thread:
            _there(session, id, principal)
            if not pinned:
                conversations.unpin(session, principal.shop, id, who=principal.id)
            elif not conversations.pin(session, principal.shop, id, who=principal.id, at=self.now()):
                raise Conflict(f"{MOST_PINS} conversations are the most to be pinned; take one down first.")
            session.flush()
            return _there(session, id, principal)

        return await self.journal.db.write(write)

    async def delete(self, id: str, principal: Principal) -> Thread:
        """What it was. Its words are gone afterwards; what it proposed and nobody decided on is rejected first.

        Raises:
            NotFound: This shop has no such conversation.
            NotAllowed: Somebody else asked something in it, and whoever asks does not own the shop.
            Conflict: A request of it is under way, or what was approved is being applied.
        """
        thread, runs = await self.journal.db.read(lambda session: self._deletable(session, id, principal))
        for change_set in await self.approvals.of_runs(principal.shop, runs):
            if change_set.state == "applying":
                raise Conflict("What was approved in this conversation is being applied just now; delete it when that is done.")
            if change_set.state == "open":
                await self._withdraw(change_set.id, principal)

        def write(session: Session) -> None:
            _, last = self._deletable(session, id, principal)
            conversations.forget(session, principal.shop, id, last)
            told = audit.Entry(kind="thread_deleted", ref=new_id("del"), principal=principal.id, payload={"thread": id, "runs": last})
            audit.append(session, principal.shop, self.now(), told)

        await self.journal.db.write(write)
        return replace(thread, pinned=False)

    def _deletable(self, session: Session, id: str, principal: Principal) -> tuple[Thread, list[str]]:
        """The conversation and the ids of its runs, where it may go now."""
        thread = _there(session, id, principal)
        others = conversations.people_of(session, principal.shop, id) - {principal.id}
        if others and not principal.may(Scope.ADMIN):
            raise NotAllowed("Others asked in this conversation as well; an owner of the shop can delete it.")
        runs = conversations.runs_of(session, principal.shop, id)
        if any(state in ("queued", "running") or run in self.under_way() for run, state in runs):
            raise Conflict("A request of this conversation is still under way; stop it first, or wait for its end.")
        return thread, [run for run, _ in runs]

    async def _withdraw(self, change_set: str, principal: Principal) -> None:
        try:
            await self.decided(await self.approvals.withdraw(change_set, principal))
        except Conflict:  # somebody was quicker: what they decided holds
            return


def _there(session: Session, id: str, principal: Principal) -> Thread:
    """
    Raises:
        NotFound: This shop has no such conversation.
    """
    found = conversations.thread_of(session, principal.shop, principal.id, id)
    if found is None:
        raise NotFound("conversation")
    return found


def _may_rename(thread: Thread, principal: Principal) -> None:
    if thread.began_by != principal.id and not principal.may(Scope.ADMIN):
        raise NotAllowed("Somebody else began this conversation; they and the shop's owners rename it.")

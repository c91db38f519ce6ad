"""When automations and schedules act: a look at what happened, firings written down with the cursor that saw it, and each carried out once.

A look takes the news since the cursor, holds them against the rules, and in one transaction moves the cursor, writes the firings and the
timers that carry them out. So an event is neither lost nor taken twice, whichever process dies and however many look; the timers are
finished by whoever is alive (`agent.runs.timers`), and a firing begun again goes on where it was (`agent.automation.acting`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.automation import feed, rows
from agent.automation.acting import Actor, Done, acting_for
from agent.automation.happened import again, happenings
from agent.db.accounts import ApiKeyRow, PersonRow
from agent.db.engine import Database
from agent.db.own import AutomationRow, FeedRow, FiringRow, ScheduleRow
from agent.db.tables import ChangeItemRow, ChangeSetRow
from agent.errors import StorehandError
from agent.records import decode, encode, new_id
from agent.runs.engine import RunEngine
from agent.runs.timers import utc_now
from agent.sdk import Store
from agent.sdk.happenings import Happening, meets, of_time

FIRE = "automation_firing"
"""Name of the work that carries a firing out."""
PER_HOUR = 200
"""Firings of one automation within an hour; more is a loop or a mistake, and pauses it."""
GRACE = timedelta(minutes=5)
"""An order that was placed so long before its automation was approved, and came in after it, still counts."""
log = logging.getLogger(__name__)


class Tell(Protocol):
    """Writes a message for webhooks in the caller's transaction."""

    def __call__(self, session: Session, shop: str, type: str, data: Mapping[str, Any]) -> None: ...


def nobody(session: Session, shop: str, type: str, data: Mapping[str, Any]) -> None:
    """The collaborator where there are no webhooks."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A firing to be written down."""

    of: str
    happening: Happening


class Automations:
    def __init__(
        self,
        db: Database,
        runs: RunEngine,
        actor: Actor,
        store: Callable[[str], Store],
        *,
        tell: Tell = nobody,
        clock: Callable[[], datetime] = utc_now,
        per_hour: int = PER_HOUR,
        crash_at: Callable[[str], None] = lambda point: None,
    ) -> None:
        """
        Args:
            runs: Not yet started: firings that an earlier process left are work of ours.
            tell: Writes what webhooks are told of.
            crash_at: For tests: called at each named point.
        """
        self._db, self._runs, self._actor, self._store, self._tell = db, runs, actor, store, tell
        self._clock, self._per_hour, self._crash_at = clock, per_hour, crash_at
        runs.register(FIRE, self._fire)

    @asynccontextmanager
    async def watching(
        self, shops: Callable[[], Sequence[str]], *, every_s: float = 5.0, along: Callable[[str], Awaitable[None]] | None = None
    ) -> AsyncIterator[None]:
        """Look at every shop every few seconds until the block ends.

        Args:
            along: What else looks at a shop as often.
        """
        looking = asyncio.create_task(self._watch(shops, every_s, along), name="automations")
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _watch(self, shops: Callable[[], Sequence[str]], every_s: float, along: Callable[[str], Awaitable[None]] | None) -> None:
        while True:
            for shop in await asyncio.to_thread(shops):
                try:
                    await self.look(shop)
                    if along is not None:
                        await along(shop)
                except Exception as error:  # one shop's trouble is not another's, and the next look tries again
                    log.exception("looking at what happened in %s failed", shop, exc_info=error)
            await asyncio.sleep(every_s)

    async def look(self, shop: str) -> int:
        """Take what happened since the last look, and what is due. Returns how many firings were written down.

        The first look at a shop only remembers how things are.
        """
        now = self._clock()
        known = await self._db.read(lambda s: s.get(FeedRow, (shop,)))
        if known is None:
            await self._begin(shop, now)
            return await self._due(shop, now)
        cursor = decode(known.cursor)
        news, after = await self._db.read(lambda s: feed.news(s, shop, cursor, known.revision))
        due = await self._matched(shop, news, known) if news else []
        self._crash_at("before_writing")
        if news or after != cursor:
            try:
                await self._db.write(lambda s: self._moved(s, shop, known, after, due, now))
            except IntegrityError:  # another process took the same events at the same time
                return 0
            self._crash_at("after_writing")
        return len(due) + await self._due(shop, now)

    # what happened

    async def _begin(self, shop: str, now: datetime) -> None:
        def write(session: Session) -> None:
            if session.get(FeedRow, (shop,)) is None:
                session.add(FeedRow(shop_id=shop, revision=1, cursor=encode(feed.start(session, shop)).decode(), at=now))

        await self._db.write(write)

    async def _matched(self, shop: str, news: Sequence[feed.News], known: FeedRow) -> list[_Due]:
        """Which automation fires for which piece of news."""
        found = select(AutomationRow).where(col(AutomationRow.shop_id) == shop, col(AutomationRow.state) == "active")
        automations = await self._db.read(lambda s: [(row, rows.rule(row)) for row in s.scalars(found)])
        wanted = {rule.when.on for _, rule in automations}
        some = [piece for piece in news if piece.on in wanted]
        if not some:
            return []
        causes = await self._db.read(lambda s: _causes(s, shop, known.at))
        due = []
        for piece, happening in await happenings(some, self._store(shop)):
            by = {of for kind, id in _places(piece, happening) for of in causes.get((kind, id), ())}
            for row, rule in automations:
                crossed = rule.when.on != "stock_below" or piece.before >= (rule.when.stock or 0) > piece.after
                recent = happening.at is None or happening.at >= row.since - GRACE
                if rule.when.on == piece.on and crossed and recent and row.id not in by and meets(happening, rule.only):
                    due.append(_Due(row.id, happening))
        return due

    def _moved(self, session: Session, shop: str, known: FeedRow, after: feed.Cursor, due: Sequence[_Due], now: datetime) -> None:
        row = session.get(FeedRow, (shop,), with_for_update=True)
        if row is None or row.revision != known.revision:
            return  # another process was quicker, and has these events
        row.revision, row.cursor, row.at = known.revision + 1, encode(after).decode(), now
        for one in due:
            self._write(session, shop, one, now)
        self._crash_at("inside_writing")

    def _write(self, session: Session, shop: str, one: _Due, now: datetime) -> None:
        automation = session.get(AutomationRow, (shop, one.of), with_for_update=True)
        if automation is None or automation.state != "active":
            return
        lately = select(func.count()).where(col(FiringRow.shop_id) == shop, col(FiringRow.of) == one.of, col(FiringRow.at) > now - timedelta(hours=1))
        if (session.scalar(lately) or 0) >= self._per_hour:
            automation.state, automation.next_at = "paused", None
            automation.reason = f"It fired {self._per_hour} times within an hour; look at what it does, then resume it."
            self._tell(session, shop, "automation.paused", {"automation": one.of, "name": automation.name, "reason": automation.reason})
            return
        self._firing(session, shop, one.of, one.happening, now)

    def _firing(self, session: Session, shop: str, of: str, happening: Happening, now: datetime) -> None:
        there = select(col(FiringRow.id)).where(col(FiringRow.shop_id) == shop, col(FiringRow.of) == of, col(FiringRow.event) == happening.event)
        if session.scalar(there) is not None:
            return
        id = new_id("fire")
        session.add(
            FiringRow(
                shop_id=shop,
                id=id,
                of=of,
                event=happening.event,
                about=happening.about,
                at=now,
                state="begun",
                subjects=encode(happening.subjects).decode(),
            )  # fmt: skip
        )
        session.flush()
        self._runs.timers.add(session, now, FIRE, shop=shop, id=f"fire:{id}", payload={"shop": shop, "firing": id})

    # what is due

    async def _due(self, shop: str, now: datetime) -> int:
        return await self._db.write(lambda s: self._take_due(s, shop, now)) if await self._db.read(lambda s: _any_due(s, shop, now)) else 0

    def _take_due(self, session: Session, shop: str, now: datetime) -> int:
        """Firings for what was due. Times that passed while nothing ran are one firing, not many."""
        zone, taken = self._store(shop).shop.time_zone, 0
        for row in _due_rows(session, shop, now):
            rhythm, due_at = rows.rhythm(row), row.next_at
            if rhythm is None or due_at is None:
                continue
            self._firing(session, shop, row.id, of_time(due_at), now)
            row.next_at = rhythm.after(now, zone)
            taken += 1
        return taken

    # carrying out

    async def _fire(self, payload: dict[str, Any]) -> dict[str, Any]:
        shop, id = payload["shop"], payload["firing"]
        firing, of = await self._db.read(lambda s: _found(s, shop, id))
        if firing is None or firing.state != "begun":
            return {"firing": id}
        if of is None or of.state != "active":
            await self._end(firing, of, Done(notes=["It was paused or taken away before it could act."]), state="skipped")
            return {"firing": id}
        if (why := await self._db.read(lambda s: _may_not(s, of))) is not None:
            await self._pause(of, why)
            await self._end(firing, of, Done(notes=[why]), state="skipped")
            return {"firing": id}
        try:
            done = await self._acted(firing, of)
        except StorehandError as error:
            if error.retriable:
                raise
            done = Done(notes=[str(error)], failed=True)
        await self._end(firing, of, done)
        return {"firing": id}

    async def _acted(self, firing: FiringRow, of: AutomationRow | ScheduleRow) -> Done:
        if isinstance(of, ScheduleRow):
            done = Done()
            await self._actor.ask(of.request, done, who=acting_for(of.id, of.name, of.shop_id), run=f"run_{firing.id}")
            done.notice = None
            return done
        rule, subjects = rows.rule(of), decode(firing.subjects)
        if rule.when.rhythm is not None:
            happening = of_time(firing.at)
        else:
            found = await again(rule.when.on, firing.event, subjects, self._store(firing.shop_id))
            if found is None:
                return Done(notes=["What it was about is gone."], failed=True)
            happening = replace(found, about=firing.about)
        opened = await self._db.read(lambda s: _opened(s, firing))
        return await self._actor.act(
            rule, happening, shop=firing.shop_id, of=of.id, name=of.name, firing=firing.id, approver=of.approved_by, opened=opened
        )  # fmt: skip

    async def _pause(self, of: AutomationRow | ScheduleRow, why: str) -> None:
        def write(session: Session) -> None:
            row: Any = session.get(type(of), (of.shop_id, of.id), with_for_update=True)
            if row is not None and row.state == "active":
                row.state, row.reason, row.next_at = "paused", why, None
                self._tell(session, of.shop_id, "automation.paused", {"automation": of.id, "name": of.name, "reason": why})

        await self._db.write(write)

    async def _end(self, firing: FiringRow, of: AutomationRow | ScheduleRow | None, done: Done, *, state: str | None = None) -> None:
        """Write down what came of it, with what webhooks are told, once."""
        ended = state or ("failed" if done.failed else "waiting" if done.waiting else "done")
        now = self._clock()

        def write(session: Session) -> None:
            row = session.get(FiringRow, (firing.shop_id, firing.id), with_for_update=True)
            if row is None or row.state != "begun":
                return
            row.state, row.ended_at, row.notice, row.run_id = ended, now, done.notice, done.run
            row.note, row.change_sets = " ".join(done.notes) or None, encode(done.change_sets).decode()
            if of is not None and ended != "skipped":
                self._tell(session, firing.shop_id, *_message(row, of, done))
            self._crash_at("inside_ending")

        await self._db.write(write)
        self._crash_at("after_ending")


def _message(row: FiringRow, of: AutomationRow | ScheduleRow, done: Done) -> tuple[str, dict[str, Any]]:
    """What a webhook is told: of a schedule the report itself, of an automation what it did."""
    common = {"firing": row.id, "name": of.name, "at": row.at, "state": row.state, "change_sets": done.change_sets, "run": done.run}
    if isinstance(of, ScheduleRow):
        parts = [{"task": p.task, "kind": p.kind, "text": p.text, "data": p.data} for p in done.reply.parts] if done.reply is not None else []
        return "report.ready", {**common, "schedule": of.id, "request": of.request, "parts": parts}
    return "automation.fired", {**common, "automation": of.id, "about": row.about, "note": row.note, "notice": row.notice}


def _found(session: Session, shop: str, id: str) -> tuple[FiringRow | None, AutomationRow | ScheduleRow | None]:
    firing = session.get(FiringRow, (shop, id))
    if firing is None:
        return None, None
    return firing, session.get(AutomationRow, (shop, firing.of)) or session.get(ScheduleRow, (shop, firing.of))


def _opened(session: Session, firing: FiringRow) -> str | None:
    """The change set that an earlier attempt of the firing stored: its id is in the set as the run."""
    mine = (col(ChangeSetRow.shop_id) == firing.shop_id, col(ChangeSetRow.run_id) == firing.id)
    return session.scalar(select(col(ChangeSetRow.id)).where(*mine).limit(1))


def _may_not(session: Session, of: AutomationRow | ScheduleRow) -> str | None:
    """Why whoever approved it no longer stands behind it; None while they do."""
    person = session.get(PersonRow, of.approved_by)
    key = session.get(ApiKeyRow, of.approved_by)
    if person is not None and (person.removed_at is not None or person.role == "viewer" or person.shop_id != of.shop_id):
        return "Whoever approved it may no longer approve changes; somebody who may has to resume it."
    if key is not None and (key.revoked_at is not None or "approve" not in key.scopes):
        return "The key that approved it may no longer approve changes; somebody who may has to resume it."
    return None


def _any_due(session: Session, shop: str, now: datetime) -> bool:
    return any(True for _ in _due_rows(session, shop, now))


def _due_rows(session: Session, shop: str, now: datetime) -> list[AutomationRow | ScheduleRow]:
    def due(kind: Any) -> Any:
        return session.scalars(select(kind).where(kind.shop_id == shop, kind.state == "active", kind.next_at <= now))

    return [*due(AutomationRow), *due(ScheduleRow)]


def _causes(session: Session, shop: str, since: datetime) -> dict[tuple[str, str], set[str]]:
    """Which automations changed which records since the last look: what they did themselves does not start them again."""
    same = (col(ChangeSetRow.shop_id) == col(ChangeItemRow.shop_id), col(ChangeSetRow.id) == col(ChangeItemRow.change_set_id))
    written = (col(ChangeItemRow.ended_at) >= since) | (col(ChangeItemRow.ended_at).is_(None) & col(ChangeItemRow.begun_at).is_not(None))
    wanted = (
        select(col(ChangeItemRow.target_kind), col(ChangeItemRow.target_id), col(ChangeSetRow.proposed_by))
        .join(ChangeSetRow, same[0] & same[1])
        .where(col(ChangeItemRow.shop_id) == shop, col(ChangeSetRow.proposed_by).like("automation:%"), written)
    )
    found: dict[tuple[str, str], set[str]] = {}
    for kind, id, by in session.execute(wanted):
        found.setdefault((kind, id), set()).add(by.removeprefix("automation:"))
    return found


def _places(piece: feed.News, happening: Happening) -> list[tuple[str, str]]:
    """The records whose change the news may be: an order, or the variants of a product."""
    if happening.order is not None:
        return [("order", happening.order.id)]
    return [("variant", variant.id) for product in happening.products for variant in product.variants]

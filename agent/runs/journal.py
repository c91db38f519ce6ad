"""Runs in the database: written once at the end when a request only reads, and from the start when it must outlive the process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, cast

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlmodel import col, select

from agent.db.attachments import AttachmentRow
from agent.db.engine import Database
from agent.db.tables import RunRow
from agent.errors import NotFound, StoreUnavailable
from agent.records import FILE, Ask, Part, Plan, Run, RunState, decode, encode, from_json, part_from_json
from agent.runs.executors import lives, process_name
from agent.sdk import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A run as it is kept. Parts hold their change sets' digests; the sets themselves are read from the approvals."""

    run: Run
    locale: str
    context: Mapping[str, Any]
    plan: Plan | None
    parts: Sequence[Part] = ()
    took_ms: float = 0.0
    corrections: Sequence[Mapping[str, Any]] = ()
    durable: bool = False
    models: Mapping[str, str] = field(default_factory=dict)
    consent: bool = False
    """Whether it may be learned from."""

    def ask(self) -> Ask:
        run = self.run
        return Ask(
            run.text, locale=self.locale, shop=run.shop, thread=run.thread, context=self.context, follows=run.follows, instead_of=run.instead_of
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Journal:
    db: Database
    process: str = field(default_factory=process_name)
    """Kept with each run as where it is under way."""

    async def save(self, saved: Saved) -> None:
        """
        Raises:
            StoreUnavailable: It could not be written.
        """
        with writing_down():
            await self.db.write(self.saving(saved))

    def saving(self, saved: Saved) -> Callable[[Session], None]:
        """What `save` writes, for a transaction that writes more than this."""
        return partial(_merge, saved=saved, process=self.process)

    async def load(self, shop: str, run: str) -> Saved:
        """
        Raises:
            NotFound: This shop has no such run.
        """
        row = await self.db.read(lambda session: session.get(RunRow, (shop, run)))
        if row is None:
            raise NotFound("run", run)
        return _saved(row)

    async def runs(self, shop: str, *, limit: int, cursor: str | None, text: str | None, thread: str | None = None) -> Page[Run]:
        """Newest first. Ids sort by time, so the cursor is the last id shown and rows added meanwhile do not shift it."""
        query = select(RunRow).where(col(RunRow.shop_id) == shop).order_by(col(RunRow.id).desc()).limit(limit + 1)
        if cursor:
            query = query.where(col(RunRow.id) < cursor)
        if text:
            query = query.where(col(RunRow.text).icontains(text, autoescape=True))
        if thread:
            query = query.where(col(RunRow.thread) == thread)
        rows = await self.db.read(lambda session: list(session.scalars(query)))
        return Page([_run(row) for row in rows[:limit]], next=rows[limit - 1].id if len(rows) > limit else None)

    async def thread_of(self, shop: str, run: str) -> str | None:
        """The thread that the run was asked in; None where there is no such run, or it was asked in none."""
        wanted = select(RunRow.thread).where(col(RunRow.shop_id) == shop, col(RunRow.id) == run)
        return await self.db.read(lambda session: session.scalar(wanted))

    def some(self, session: Session, shop: str, runs: Sequence[str]) -> dict[str, Run]:
        """Those of the runs that there are, by their ids."""
        rows = session.scalars(select(RunRow).where(col(RunRow.shop_id) == shop, col(RunRow.id).in_(runs)))
        return {row.id: _run(row) for row in rows}

    async def thread(
        self, shop: str, thread: str, principal: str, *, before: str | None, limit: int, among: Collection[str] | None = None
    ) -> list[Saved]:  # fmt: skip
        """The principal's last runs of a thread, oldest first, however many there are.

        Args:
            before: Only runs older than this one.
            among: Only these.
        """
        query = select(RunRow).where(col(RunRow.shop_id) == shop, col(RunRow.thread) == thread, col(RunRow.principal_id) == principal)
        if among is not None:
            query = query.where(col(RunRow.id).in_(among))
        if before:
            query = query.where(col(RunRow.id) < before)
        query = query.order_by(col(RunRow.created_at).desc(), col(RunRow.id).desc()).limit(limit)
        return await self.db.read(lambda session: [_saved(row) for row in reversed(list(session.scalars(query)))])

    async def end_waiting(self, shop: str, run: str, at: datetime) -> None:
        """Write down that nothing of the run waits any more, unless somebody else has just written something else."""
        waiting = update(RunRow).where(col(RunRow.shop_id) == shop, col(RunRow.id) == run, col(RunRow.state) == "waiting")
        await self.db.write(lambda session: session.execute(waiting.values(state="done", finished_at=at)))

    async def unfinished(self) -> list[tuple[str, str]]:
        """(shop, run) of accepted work that no process finished, nor has under way."""
        query = select(RunRow.shop_id, RunRow.id, RunRow.executor).where(col(RunRow.durable), col(RunRow.state).in_(("queued", "running")))
        rows = await self.db.read(lambda session: list(session.execute(query)))
        return [(shop, run) for shop, run, executor in rows if executor is None or lives(executor, me=self.process) is not True]

    async def interrupted(self) -> list[Saved]:
        """Runs that were to be answered at once and were not, because their process died."""
        query = select(RunRow).where(~col(RunRow.durable), col(RunRow.state) == "running", col(RunRow.executor).is_not(None))
        rows = await self.db.read(lambda session: list(session.scalars(query)))
        return [_saved(row) for row in rows if lives(row.executor or "", me=self.process) is False]

    async def answered(self, saved: Saved, answers: Mapping[str, Any]) -> bool:
        """Write down answers to the questions of a run as it was loaded.

        Returns:
            Whether it is the first to answer them; of several processes only one is.
        """

        def write(session: Session) -> bool:
            row = session.get(RunRow, (saved.run.shop, saved.run.id), with_for_update=True)
            if row is None or row.state != saved.run.state or decode(row.corrections) != list(saved.corrections):
                return False
            row.corrections = encode([*saved.corrections, answers]).decode()
            return True

        return await self.db.write(write)

    async def ask_to_stop(self, shop: str, run: str) -> bool:
        """Leave word for the process in which the run is under way.

        Returns:
            Whether there may be one to find it.
        """

        def write(session: Session) -> bool:
            row = session.get(RunRow, (shop, run))
            if row is None:
                return False
            row.stop_asked = True
            return row.executor is not None and row.executor != self.process and lives(row.executor, me=self.process) is not False

        return await self.db.write(write)

    async def stop_asked(self, shop: str, run: str) -> bool:
        wanted = select(RunRow.stop_asked).where(col(RunRow.shop_id) == shop, col(RunRow.id) == run)
        return bool(await self.db.read(lambda session: session.scalar(wanted)))


@contextmanager
def writing_down() -> Iterator[None]:
    """Say as a sentence that our own database took nothing.

    Raises:
        StoreUnavailable: The disk is full, the file is read-only, or another holds it for too long.
    """
    try:
        yield
    except DBAPIError as error:
        why = "the disk is full" if "full" in str(error.orig) else "its database cannot be written"
        raise StoreUnavailable(f"Storehand could not keep this request ({why}); nothing was changed. Ask again when that is mended.") from error


def _merge(session: Session, saved: Saved, process: str) -> None:
    run = saved.run
    row = session.get(RunRow, (run.shop, run.id)) or RunRow(
        shop_id=run.shop, id=run.id, principal_id=run.principal, text=run.text, state=run.state, created_at=run.created_at
    )
    row.locale, row.context = saved.locale, encode(saved.context).decode()
    row.thread, row.follows, row.instead_of = run.thread, run.follows, run.instead_of
    row.state, row.error, row.finished_at = run.state, run.error, run.finished_at
    row.plan = encode(saved.plan).decode() if saved.plan else None
    row.reply = encode({"parts": saved.parts, "took_ms": saved.took_ms}).decode()
    row.corrections, row.models = encode(list(saved.corrections)).decode(), encode(saved.models).decode()
    row.durable, row.consent, row.executor = row.durable or saved.durable, saved.consent, process
    session.add(row)
    if isinstance(file := saved.context.get(FILE), str):  # what is attached stays and goes with the request that used it last
        session.flush()
        used = update(AttachmentRow).where(col(AttachmentRow.shop_id) == run.shop, col(AttachmentRow.id) == file)
        session.execute(used.values(run_id=run.id))


def _run(row: RunRow) -> Run:
    return Run(
        id=row.id, shop=row.shop_id, principal=row.principal_id, text=row.text, state=cast(RunState, row.state), created_at=row.created_at,
        finished_at=row.finished_at, thread=row.thread, error=row.error, follows=row.follows, instead_of=row.instead_of,
    )  # fmt: skip


def _saved(row: RunRow) -> Saved:
    reply = decode(row.reply) if row.reply else {}
    return Saved(
        run=_run(row), locale=row.locale, context=decode(row.context), plan=plan_from_json(decode(row.plan)) if row.plan else None,
        parts=[part_from_json(part) for part in reply.get("parts", ())], took_ms=reply.get("took_ms", 0.0),
        corrections=decode(row.corrections), durable=row.durable, models=decode(row.models), consent=row.consent,
    )  # fmt: skip


def plan_from_json(data: Mapping[str, Any]) -> Plan:
    return from_json(Plan, data)

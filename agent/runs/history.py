"""Looking through what was asked: by its words, who asked, what was done, how it ended and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlmodel import col

from agent.db.engine import Database
from agent.db.tables import RunRow
from agent.records import Run, RunState, decode
from agent.sdk import Page

MOST_WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for; all that is set must hold."""

    words: str = ""
    """Each of them must be in the request, in any case and in any order; or the id of a run."""
    states: Sequence[RunState] = ()
    person: str | None = None
    """Principal id."""
    task: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Before then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A run as the list of a shop's runs shows it."""

    run: Run
    tasks: Sequence[str]
    """Of its plan, in the order asked."""
    questions: Sequence[str]
    """That were asked back, whether or not somebody answered."""
    faults: bool = False
    """A part of it ended in an error, though the run went on to its end."""


async def search(db: Database, shop: str, sought: Sought, *, limit: int, cursor: str | None) -> Page[Remembered]:
    """Newest first. Ids sort by time, so the cursor is the last id shown and rows added meanwhile do not shift it."""
    query = searching(shop, sought).limit(limit + 1)
    if cursor:
        query = query.where(col(RunRow.id) < cursor)
    rows = await db.read(lambda session: list(session.execute(query)))
    return Page([_remembered(shop, row) for row in rows[:limit]], next=rows[limit - 1].id if len(rows) > limit else None)


def searching(shop: str, sought: Sought) -> Select[Any]:
    """The query of a search: along the shop's key from the newest back, looking at each row's words, and done as soon as a page is full."""
    # Named columns: the replies are most of a row, and a list of runs shows none of them. SQLite keeps them in pages of their own behind the
    # row's first, and Postgres beside the table, so that a word nobody used costs one look at 10,000 short rows: no index of words pays for that.
    columns = (
        RunRow.id,
        RunRow.principal_id,
        RunRow.text,
        RunRow.state,
        RunRow.created_at,
        RunRow.finished_at,
        RunRow.thread,
        RunRow.error,
        RunRow.plan,
        # looked at in the database for the rows of the page alone; replies are kept as plans are, and quotes inside them are escaped
        col(RunRow.reply).contains('"kind":"error"').label("faults"),
    )
    query: Select[Any] = select(*columns).where(col(RunRow.shop_id) == shop, *_conditions(sought)).order_by(col(RunRow.id).desc())  # type: ignore[call-overload]  # the stubs end at eight columns
    return query


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_has(word) for word in sought.words.split()[:MOST_WORDS]]
    if sought.states:
        conditions.append(col(RunRow.state).in_(list(sought.states)))
    if sought.person is not None:
        conditions.append(col(RunRow.principal_id) == sought.person)
    if sought.task is not None:
        # Plans are kept in canonical JSON, keys sorted and without spaces: a task's name stands in it exactly like this.
        conditions.append(col(RunRow.plan).contains(f'"task":"{sought.task}"', autoescape=True))
    if sought.since is not None:
        conditions.append(col(RunRow.created_at) >= sought.since)
    if sought.until is not None:
        conditions.append(col(RunRow.created_at) < sought.until)
    return conditions


def _has(word: str) -> ColumnElement[bool]:
    if word.startswith("run_"):
        return col(RunRow.id) == word
    if word.isascii():
        return col(RunRow.text).icontains(word, autoescape=True)
    # SQLite folds the case of ASCII alone: of other words the usual writings are looked for.
    written = {word, word.lower(), word.upper(), word.capitalize()}
    return or_(*(and_(col(RunRow.text).contains(each, autoescape=True)) for each in sorted(written)))


def _remembered(shop: str, row: Any) -> Remembered:
    run = Run(
        id=row.id, shop=shop, principal=row.principal_id, text=row.text, state=cast(RunState, row.state), created_at=row.created_at,
        finished_at=row.finished_at, thread=row.thread, error=row.error,
    )  # fmt: skip
    plan = decode(row.plan) if row.plan else {}
    return Remembered(
        run=run, tasks=[subtask["task"] for subtask in plan.get("subtasks", ())], faults=bool(row.faults),
        questions=[each["question"] for each in plan.get("questions", ())],
    )  # fmt: skip

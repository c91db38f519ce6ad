"""Conversations in the database: found among the runs, called something, pinned, and deleted with all their words."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from agent.db.own import WebhookDeliveryRow
from agent.db.students import StudentDisagreementRow
from agent.db.tables import IdempotencyRow, RunEventRow, RunRow, ThreadPinRow, ThreadRow
from agent.records import Thread, encode
from agent.runs.branches import Branches, Step
from agent.sdk import Page

MOST_PINS = 50
MOST_STEPS = 1_000
"""Of one thread that are looked at: what is older is seen no more in it, but stays in the list of runs."""
_FEW = 200
"""Conversations that are looked up one by one; of somebody who has more, the newest are soon met on the way back through the history."""
_AT_ONCE = 400
_RUN = re.compile(r"run_\w+")
_PROBLEM = '{"content-type":"application/problem+json"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which conversations are looked for; all that is set must hold."""

    person: str | None = None
    """Principal id of somebody who asked something in it."""
    words: str = ""
    """In its name or in one of its requests, in any case."""
    pinned: bool | None = None


def found(session: Session, shop: str, who: str, wanted: Wanted, *, limit: int, cursor: str | None) -> Page[Thread]:
    """The one in which something was asked last comes first. The cursor is the id of the newest run of the last one shown.

    Args:
        who: Principal id of whoever looks, whose pins count.
    """
    query = _newest_runs(shop, who, wanted).order_by(col(RunRow.id).desc()).limit(limit + 1)
    # Whoever has asked little would have the whole history of the others read for each page of the panel.
    if (few := _few(session, shop, who, wanted)) is not None:
        newest = select(func.max(RunRow.id)).where(col(RunRow.shop_id) == shop, col(RunRow.thread).in_(few)).group_by(col(RunRow.thread))
        if not (ids := list(session.scalars(newest))):
            return Page([])
        query = query.where(col(RunRow.id).in_(ids))
    if cursor:
        query = query.where(col(RunRow.id) < cursor)
    rows = list(session.execute(query))
    shown = rows[:limit]
    return Page(_threads(session, shop, who, [row.thread for row in shown]), next=shown[-1].id if len(rows) > limit else None)


def thread_of(session: Session, shop: str, who: str, thread: str) -> Thread | None:
    return next(iter(_threads(session, shop, who, [thread])), None)


def branches_of(session: Session, shop: str, thread: str, *, before: str | None = None) -> Branches:
    """
    Args:
        before: Only runs older than this one.
    """
    query = select(RunRow.id, RunRow.follows, RunRow.instead_of).where(*_of(shop, thread))  # type: ignore[call-overload]  # the stubs take no columns of a table
    if before:
        query = query.where(col(RunRow.id) < before)
    newest = session.execute(query.order_by(col(RunRow.created_at).desc(), col(RunRow.id).desc()).limit(MOST_STEPS))
    return Branches([Step(id=row.id, follows=row.follows, instead_of=row.instead_of) for row in reversed(list(newest))])


def people_of(session: Session, shop: str, thread: str) -> set[str]:
    """Principal ids of everybody who asked something in it."""
    return set(session.scalars(select(col(RunRow.principal_id)).where(*_of(shop, thread)).distinct()))


def call(session: Session, shop: str, thread: str, title: str, *, by: str, at: datetime) -> None:
    """Give it a name; the empty one takes its name away."""
    row = session.get(ThreadRow, (shop, thread))
    if not title:
        if row is not None:
            session.delete(row)
        return
    row = row or ThreadRow(shop_id=shop, id=thread, title=title, named_by=by, named_at=at)
    row.title, row.named_by, row.named_at = title, by, at
    session.add(row)


def pin(session: Session, shop: str, thread: str, *, who: str, at: datetime) -> bool:
    """Whether it is pinned now: nobody pins more than so many."""
    if session.get(ThreadPinRow, (shop, who, thread)) is None:
        mine = (col(ThreadPinRow.shop_id) == shop, col(ThreadPinRow.principal_id) == who)
        if (session.scalar(select(func.count()).select_from(ThreadPinRow).where(*mine)) or 0) >= MOST_PINS:
            return False
        session.add(ThreadPinRow(shop_id=shop, principal_id=who, thread=thread, pinned_at=at))
    return True


def unpin(session: Session, shop: str, thread: str, *, who: str) -> None:
    session.execute(
        delete(ThreadPinRow).where(col(ThreadPinRow.shop_id) == shop, col(ThreadPinRow.principal_id) == who, col(ThreadPinRow.thread) == thread)
    )


def runs_of(session: Session, shop: str, thread: str) -> list[tuple[str, str]]:
    """(id, state) of every run of it, oldest first."""
    rows = session.execute(select(RunRow.id, RunRow.state).where(*_of(shop, thread)).order_by(col(RunRow.id)))  # type: ignore[call-overload]  # the stubs take no columns of a table
    return [(row.id, row.state) for row in rows]


def forget(session: Session, shop: str, thread: str, runs: Sequence[str]) -> None:
    """Take the words of a conversation away wherever they are kept: its runs with their plans and replies, their events, the texts that were
    put aside to learn from, what other programs were told, its name, and the replies kept for callers who send a request again."""
    for begin in range(0, len(runs), _AT_ONCE):
        some = list(runs[begin : begin + _AT_ONCE])
        session.execute(delete(RunEventRow).where(col(RunEventRow.shop_id) == shop, col(RunEventRow.run_id).in_(some)))
        session.execute(delete(RunRow).where(col(RunRow.shop_id) == shop, col(RunRow.id).in_(some)))
        theirs = (col(StudentDisagreementRow.shop_id) == shop, col(StudentDisagreementRow.run_id).in_(some))
        session.execute(update(StudentDisagreementRow).where(*theirs).values(text=None))
    _forget_replies(session, shop, set(runs))
    _forget_messages(session, shop, set(runs))
    session.execute(delete(ThreadRow).where(col(ThreadRow.shop_id) == shop, col(ThreadRow.id) == thread))
    session.execute(delete(ThreadPinRow).where(col(ThreadPinRow.shop_id) == shop, col(ThreadPinRow.thread) == thread))


def _forget_messages(session: Session, shop: str, runs: Set[str]) -> None:
    """What other programs were told of its answers; what is not sent yet is not sent any more."""
    about = (col(WebhookDeliveryRow.shop_id) == shop, col(WebhookDeliveryRow.type) == "run.finished")
    rows = session.execute(select(col(WebhookDeliveryRow.id), col(WebhookDeliveryRow.body)).where(*about))
    theirs = [row.id for row in rows if runs & set(_RUN.findall(row.body))]
    for begin in range(0, len(theirs), _AT_ONCE):
        some = theirs[begin : begin + _AT_ONCE]
        session.execute(delete(WebhookDeliveryRow).where(col(WebhookDeliveryRow.shop_id) == shop, col(WebhookDeliveryRow.id).in_(some)))


def _forget_replies(session: Session, shop: str, runs: Set[str]) -> None:
    """A request that is sent again is still not done again: it is answered that its reply is gone."""
    about_runs = or_(col(IdempotencyRow.headers).contains("/v1/runs/run_"), col(IdempotencyRow.endpoint).contains("/v1/runs/run_"))
    for row in session.scalars(select(IdempotencyRow).where(col(IdempotencyRow.shop_id) == shop, about_runs)):
        if runs & set(_RUN.findall(f"{row.endpoint} {row.headers}")):
            row.status, row.headers, row.body = 409, _PROBLEM, encode(_gone(row.endpoint.partition(" ")[2]))


def _gone(path: str) -> dict[str, Any]:
    return {
        "type": "urn:storehand:problem:conflict", "title": "Conflict", "status": 409, "instance": path, "code": "conflict", "request_id": "req_0",
        "detail": "This was done, and its conversation has been deleted since, with the reply. It is not done again.",
    }  # fmt: skip


def _newest_runs(shop: str, who: str, wanted: Wanted) -> Select[Any]:
    """The newest run of each conversation: along the shop's key from the newest back, so that a page costs what is on it."""
    later = aliased(RunRow)
    same = and_(col(later.shop_id) == shop, col(later.thread) == col(RunRow.thread))
    # Ids sort by time; the moment is what the index of threads has.
    newer = exists(select(col(later.id)).where(same, col(later.created_at) >= col(RunRow.created_at), col(later.id) > col(RunRow.id)))
    query: Select[Any] = select(RunRow.id, RunRow.thread, RunRow.created_at).where(  # type: ignore[call-overload]  # the stubs take no columns of a table
        col(RunRow.shop_id) == shop, col(RunRow.thread).is_not(None), ~newer
    )
    return query.where(*_conditions(shop, who, wanted))


def _few(session: Session, shop: str, who: str, wanted: Wanted) -> list[str] | None:
    """The only conversations that can be meant; None where they are many or all."""
    if wanted.pinned:
        mine = (col(ThreadPinRow.shop_id) == shop, col(ThreadPinRow.principal_id) == who)
        return list(session.scalars(select(col(ThreadPinRow.thread)).where(*mine)))
    if wanted.person is None:
        return None
    theirs = (col(RunRow.shop_id) == shop, col(RunRow.principal_id) == wanted.person, col(RunRow.thread).is_not(None))
    threads = [thread for thread in session.scalars(select(col(RunRow.thread)).where(*theirs).distinct().limit(_FEW + 1)) if thread]
    return threads if len(threads) <= _FEW else None


def _conditions(shop: str, who: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    other = aliased(RunRow)
    same = and_(col(other.shop_id) == shop, col(other.thread) == col(RunRow.thread))
    if wanted.person is not None:
        conditions.append(exists(select(col(other.id)).where(same, col(other.principal_id) == wanted.person)))
    for word in wanted.words.split()[:12]:
        said = select(col(other.thread)).where(col(other.shop_id) == shop, col(other.text).icontains(word, autoescape=True))
        called = select(col(ThreadRow.id)).where(col(ThreadRow.shop_id) == shop, col(ThreadRow.title).icontains(word, autoescape=True))
        conditions.append(or_(col(RunRow.thread).in_(said), col(RunRow.thread).in_(called)))
    if wanted.pinned is not None:
        mine = select(col(ThreadPinRow.thread)).where(col(ThreadPinRow.shop_id) == shop, col(ThreadPinRow.principal_id) == who)
        pinned = col(RunRow.thread).in_(mine)
        conditions.append(pinned if wanted.pinned else ~pinned)
    return conditions


def _threads(session: Session, shop: str, who: str, ids: Sequence[str]) -> list[Thread]:
    """In the order of `ids`, without those that have no run. Four queries however many they are: the panel tells them with each of its pages."""
    of_them = (col(RunRow.shop_id) == shop, col(RunRow.thread).in_(ids))
    # Ids sort by time.
    counted = select(RunRow.thread, func.count().label("requests"), func.min(RunRow.id).label("first"), func.max(RunRow.created_at).label("last_at"))  # type: ignore[call-overload]  # the stubs take no columns of a table
    totals = {row.thread: row for row in session.execute(counted.where(*of_them).group_by(col(RunRow.thread)))}
    columns = select(RunRow.id, RunRow.text, RunRow.principal_id, RunRow.created_at)  # type: ignore[call-overload]  # the stubs take no columns of a table
    beginnings = columns.where(col(RunRow.shop_id) == shop, col(RunRow.id).in_([row.first for row in totals.values()]))
    firsts = {row.id: row for row in session.execute(beginnings)}
    names = {row.id: row.title for row in session.scalars(select(ThreadRow).where(col(ThreadRow.shop_id) == shop, col(ThreadRow.id).in_(ids)))}
    mine = (col(ThreadPinRow.shop_id) == shop, col(ThreadPinRow.principal_id) == who, col(ThreadPinRow.thread).in_(ids))
    pins = set(session.scalars(select(col(ThreadPinRow.thread)).where(*mine)))
    return [
        Thread(
            id=id, title=names.get(id, first.text), named=id in names, began_by=first.principal_id, began_at=first.created_at,
            last_at=total.last_at, requests=total.requests, pinned=id in pins,
        )
        for id in ids if (total := totals.get(id)) is not None and (first := firsts[total.first])
    ]  # fmt: skip


def _of(shop: str, thread: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(RunRow.shop_id) == shop, col(RunRow.thread) == thread

"""The book of change sets: rows to records and back, and what may follow what."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.tables import ChangeItemRow, ChangeSetRow
from agent.errors import Invalid, NotFound
from agent.records import ChangeSet, Item, Totals, decode, digest, effect_from_json, encode, to_json, value_from_json
from agent.records.changes import SetState
from agent.sdk import Action, Change, Money, Page

Effects = Sequence[Change | Action]
LARGEST_PAGE = 250
SETTLED = ("applied", "skipped", "failed", "rejected", "undone")


def digest_of(*, shop: str, id: str, effects: Effects, restore_at: datetime | None, undoes: str | None) -> str:
    """sha256 over exactly what would be done. The set's id is in it: the same change proposed twice is approved twice."""
    held = {"shop": shop, "id": id, "items": [to_json(e) for e in effects], "restore_at": _moment(restore_at), "undoes": undoes}
    return digest(held)


def item_key(change_set: str, item: str) -> str:
    """The idempotency key a store sees for one item."""
    return hashlib.sha256(f"{change_set}/{item}".encode()).hexdigest()


def refuse_contradictions(effects: Effects) -> None:
    """
    Raises:
        Invalid: One field of one record would be set twice.
    """
    seen: dict[tuple[str, str, str | None], Change] = {}
    for effect in effects:
        if not isinstance(effect, Change) or effect.op not in ("set", "delete"):
            continue
        place = (effect.target.kind, effect.target.id, effect.field)
        if place in seen:
            raise Invalid(f"{effect.target.label} would be changed twice in the same place; say which one is meant.", field=effect.field)
        seen[place] = effect


def effect_of(row: ChangeItemRow) -> Change | Action:
    return effect_from_json(decode(row.what))


def intact(row: ChangeSetRow, items: Sequence[ChangeItemRow]) -> bool:
    """Whether what is stored still is what was digested and approved."""
    effects = [effect_of(i) for i in items]
    return row.digest == digest_of(shop=row.shop_id, id=row.id, effects=effects, restore_at=row.restore_at, undoes=row.undoes)


def item_rows(shop: str, change_set: str, effects: Effects, ids: Sequence[str], notes: Sequence[str | None]) -> list[ChangeItemRow]:
    return [
        ChangeItemRow(
            shop_id=shop,
            change_set_id=change_set,
            item_id=id,
            position=position,
            what=encode(effect).decode(),
            key=item_key(change_set, id),
            target_kind=effect.target.kind,
            target_id=effect.target.id,
            state="open",
            note=note,
        )
        for position, (effect, id, note) in enumerate(zip(effects, ids, notes, strict=True))
    ]


def rows_of(session: Session, shop: str, change_set: str) -> list[ChangeItemRow]:
    wanted = select(ChangeItemRow).where(col(ChangeItemRow.shop_id) == shop, col(ChangeItemRow.change_set_id) == change_set)
    return list(session.scalars(wanted.order_by(col(ChangeItemRow.position))))


def blank(row: ChangeItemRow) -> None:
    """Take the values out of a decided item; what kind of change it was, and of what kind of record, stays."""
    effect = effect_of(row)
    kept = replace(effect, target=replace(effect.target, id="", label="erased"))
    kept = replace(kept, before=None, after=None) if isinstance(kept, Change) else replace(kept, params={})
    row.what, row.target_id, row.note = encode(kept).decode(), "", None
    row.written_before = row.written_after = row.written_id = None


def by_digest(session: Session, shop: str, digest: str) -> ChangeSetRow:
    """
    Raises:
        NotFound: The shop has no such proposal, whoever else may have it.
    """
    row = session.scalar(select(ChangeSetRow).where(col(ChangeSetRow.shop_id) == shop, col(ChangeSetRow.digest) == digest))
    if row is None:
        raise NotFound("proposal")
    return row


def by_id(session: Session, shop: str, id: str) -> ChangeSetRow:
    row = session.get(ChangeSetRow, (shop, id))
    if row is None:
        raise NotFound("change")
    return row


def record(row: ChangeSetRow, items: Sequence[ChangeItemRow], now: datetime) -> ChangeSet:
    money = value_from_json(decode(row.money)) if row.money else None
    assert money is None or isinstance(money, Money)
    return ChangeSet(
        id=row.id,
        digest=row.digest,
        summary=row.summary,
        items=[Item(id=i.item_id, what=effect_of(i), state=i.state, note=i.note) for i in items],  # type: ignore[arg-type]  # stored by us
        totals=Totals(count=row.count, money=money),
        risk=row.risk,  # type: ignore[arg-type]  # stored by us
        created_at=row.created_at,
        expires_at=row.expires_at,
        state=state_of([i.state for i in items], expired=row.expires_at <= now),
        shop=row.shop_id,
        proposed_by=row.proposed_by,
        run=row.run_id,
        subtask=row.subtask,
        undoes=row.undoes,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        restore_at=row.restore_at,
        confirm=row.confirm,
    )


def state_of(items: Sequence[str], *, expired: bool) -> SetState:
    """What a set is, from what its items are: work under way first, then what still waits, then what came of it."""
    states = set(items)
    if states & {"approved", "applying"}:
        return "applying"
    if "open" in states and not expired:
        return "open"
    if "applied" in states:
        return "applied" if states == {"applied"} else "partly_applied"
    if "undone" in states:
        return "undone"
    if states <= {"rejected"}:
        return "rejected"
    return "expired" if "open" in states and not states & {"failed", "skipped"} else "failed"


def page(session: Session, where: Sequence[ColumnElement[bool]], *, limit: int, cursor: str | None, now: datetime) -> Page[ChangeSet]:
    """Change sets, newest first; the cursor names the last one seen, so later ones neither repeat nor hide any."""
    conditions = list(where)
    if cursor is not None:
        conditions.append(_older_than(cursor))
    newest = (col(ChangeSetRow.created_at).desc(), col(ChangeSetRow.id).desc())
    limit = max(1, min(limit, LARGEST_PAGE))
    rows = list(session.scalars(select(ChangeSetRow).where(*conditions).order_by(*newest).limit(limit + 1)))
    items = _items_of(session, rows[:limit])
    shown = [record(row, items[row.shop_id, row.id], now) for row in rows[:limit]]
    following = f"{rows[limit - 1].created_at.isoformat()}~{rows[limit - 1].id}" if len(rows) > limit else None
    return Page(shown, following)


def _items_of(session: Session, rows: Sequence[ChangeSetRow]) -> dict[tuple[str, str], list[ChangeItemRow]]:
    found: dict[tuple[str, str], list[ChangeItemRow]] = {(row.shop_id, row.id): [] for row in rows}
    if rows:
        theirs = (col(ChangeItemRow.shop_id).in_({r.shop_id for r in rows}), col(ChangeItemRow.change_set_id).in_([r.id for r in rows]))
        for item in session.scalars(select(ChangeItemRow).where(*theirs).order_by(col(ChangeItemRow.position))):
            if (item.shop_id, item.change_set_id) in found:
                found[item.shop_id, item.change_set_id].append(item)
    return found


def same_open(session: Session, row: ChangeSetRow, items: Sequence[ChangeItemRow]) -> ChangeSetRow | None:
    """The proposal of just the same that waits for a decision, nothing of it decided on yet."""
    first = items[0]
    about = (col(ChangeItemRow.shop_id) == row.shop_id, col(ChangeItemRow.target_kind) == first.target_kind)
    like = (*about, col(ChangeItemRow.target_id) == first.target_id, col(ChangeItemRow.what) == first.what, col(ChangeItemRow.state) == "open")
    for id in session.scalars(select(col(ChangeItemRow.change_set_id)).where(*like)):
        there = session.get(ChangeSetRow, (row.shop_id, id))
        if there is None or there.expires_at <= row.created_at or (there.restore_at, there.undoes) != (row.restore_at, row.undoes):
            continue
        theirs = rows_of(session, row.shop_id, id)
        if all(each.state == "open" for each in theirs) and sorted(each.what for each in theirs) == sorted(each.what for each in items):
            return there
    return None


def unsettled() -> Sequence[ColumnElement[bool]]:
    return [_has_item("open", "approved", "applying")]


def still_open(now: datetime) -> Sequence[ColumnElement[bool]]:
    return [_has_item("open"), col(ChangeSetRow.expires_at) > now]


def decided() -> Sequence[ColumnElement[bool]]:
    return [_has_item("approved", "applying", "applied", "skipped", "failed", "undone")]


def in_shop(shop: str) -> ColumnElement[bool]:
    return col(ChangeSetRow.shop_id) == shop


def _has_item(*states: str) -> ColumnElement[bool]:
    same = and_(col(ChangeItemRow.shop_id) == col(ChangeSetRow.shop_id), col(ChangeItemRow.change_set_id) == col(ChangeSetRow.id))
    return select(col(ChangeItemRow.item_id)).where(same, col(ChangeItemRow.state).in_(states)).exists()


def _older_than(cursor: str) -> ColumnElement[bool]:
    at, _, id = cursor.partition("~")
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise Invalid("The cursor is not one that this list gave out.", field="cursor") from None
    if when.tzinfo is None:
        raise Invalid("The cursor is not one that this list gave out.", field="cursor")
    made = col(ChangeSetRow.created_at)
    return or_(made < when, and_(made == when, col(ChangeSetRow.id) < id))


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at is not None else None

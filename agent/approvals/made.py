"""What other proposals made: a change of what was only to be made is applied to the record that came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.approvals import book
from agent.db.tables import ChangeItemRow, ChangeSetRow
from agent.errors import Conflict
from agent.records import Writing
from agent.records.promised import Promised, promises_in, renamed
from agent.sdk import Action, Change, Selection, Target


def ids_of(session: Session, shop: str, effects: Sequence[Change | Action]) -> Mapping[str, str]:
    """By the name of each record that these were proposed for before it was made, its id; without those that were not made."""
    made = {name: _made(session, shop, name) for effect in effects for name in promises_in(effect)}
    return {_whole(name): row.written_id for name, row in made.items() if row is not None and row.written_id}


def refuse_unmade(session: Session, shop: str, effects: Sequence[Change | Action]) -> None:
    """
    Raises:
        Conflict: A record that one of these is about is not there: its proposal was not approved yet, or never will be.
    """
    for name in (name for effect in effects for name in promises_in(effect)):
        if _made(session, shop, name) is None:
            _refuse(session, shop, name)


def _made(session: Session, shop: str, name: Promised) -> ChangeItemRow | None:
    row = session.get(ChangeItemRow, (shop, name.change_set, name.item))
    return row if row is not None and row.state == "applied" and row.written_id else None


def _whole(name: Promised) -> str:
    return str(Promised(name.change_set, name.item))


def _refuse(session: Session, shop: str, name: Promised) -> NoReturn:
    row = session.get(ChangeItemRow, (shop, name.change_set, name.item))
    there = session.get(ChangeSetRow, (shop, name.change_set))
    if row is not None and there is not None and row.state in ("open", "approved", "applying"):
        raise Conflict(f"Approve “{there.summary}” first: this is about what that makes.")
    raise Conflict("What this is about was not made, so there is nothing to do it with.")


def first_made(session: Session, shop: str, change_set: str) -> Target | None:
    """The first record that a set made."""
    theirs = (col(ChangeItemRow.shop_id) == shop, col(ChangeItemRow.change_set_id) == change_set, col(ChangeItemRow.state) == "applied")
    for row in session.scalars(select(ChangeItemRow).where(*theirs).order_by(col(ChangeItemRow.position))):
        effect = book.effect_of(row)
        if isinstance(effect, Change) and effect.op == "create" and row.written_id:
            return Target(effect.target.kind, row.written_id, effect.target.label)
    return None


async def of_what_was_made(effect: Change | Action, ids: Mapping[str, str], store: Writing) -> Change | Action:
    """The change with the ids of what was made in the place of its names."""
    names = [name for name in promises_in(effect) if _whole(name) in ids] if ids else []
    if not names:
        return effect
    found = {str(name): await _part(ids[_whole(name)], name, store) for name in names}
    return renamed(effect, found.get)


async def _part(id: str, name: Promised, store: Writing) -> str:
    if name.part is None:
        return id
    variants = await store.variants(Selection[Any](ids=(id,)))
    return variants[name.part].id if name.part < len(variants) else id

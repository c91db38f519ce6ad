"""What takes one applied item back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.approvals.apply import unmoved
from agent.approvals.book import effect_of
from agent.approvals.summary import shown
from agent.db.tables import ChangeItemRow
from agent.records import Writing, decode, value_from_json
from agent.sdk import Action, Change, Target
from agent.sdk.levels import counted


@dataclass(frozen=True, slots=True)
class Inverse:
    effect: Change
    note: str | None
    """That it was changed since, so that applying the inverse will leave it alone."""


def can_be_put_back(row: ChangeItemRow) -> bool:
    effect = effect_of(row)
    return not isinstance(effect, Action) and effect.reversible


async def inverse_of(store: Writing, row: ChangeItemRow) -> Inverse | None:
    """The change that puts an applied item back to what the store said it was; None for what cannot be taken back."""
    effect = effect_of(row)
    if isinstance(effect, Action) or not effect.reversible:
        return None
    before = value_from_json(decode(row.written_before or "null"))
    after = value_from_json(decode(row.written_after or "null"))
    target = replace(effect.target, id=row.written_id or effect.target.id)
    match effect.op:
        case "set":
            change = Change(op="set", target=target, field=effect.field, before=after, after=before)
        case "add":
            assert isinstance(effect.after, int)
            found = await store.current(target, effect.field)
            if before is None and found == after:  # nothing was kept there and it has not moved since: the level goes as it came
                return Inverse(Change(op="set", target=target, field=effect.field, before=after, after=None), None)
            return Inverse(Change(op="add", target=target, field=effect.field, before=found, after=-effect.after), None)
        case "create":
            change = Change(op="delete", target=target, before=after)
        case "delete":
            fields = before if isinstance(before, Mapping) else effect.before
            return Inverse(Change(op="create", target=Target(target.kind, "new", target.label), after=fields), None)
    return Inverse(change, await _changed_since(store, change))


async def _changed_since(store: Writing, change: Change) -> str | None:
    found = await store.current(change.target, change.field)
    if unmoved(change, found):
        return None
    found = counted(change.field, found)
    if found is None:
        return "It is gone."
    if change.op == "delete":
        return "It was changed since and will be left alone."
    return f"It was changed to {shown(found)} since and will be left alone."

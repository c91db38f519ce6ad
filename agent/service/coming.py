"""Records that open proposals of a request are to make, as its later parts see them.

A view of the shop shows them under ids that are nobody's; what a later part proposes for them names the item that makes them instead, and is
applied to the record once that is made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from agent.records import ChangeSet, Part, Plan
from agent.records.promised import Promised, promised, renamed
from agent.records.writes import Staging
from agent.sdk import Action, Change, Draft, Proposal, Selection, Store
from agent.sdk.segments import SegmentQuery

MOST = 100
"""Of one part; of more than that nobody says "it"."""


class Made(BaseModel):
    """What a later part may refer to of a proposal."""

    made: Selection[Any]
    code: str = ""
    """Of a discount."""

    @classmethod
    def of(cls, id: str, label: str) -> Made:
        return cls(made=Selection[Any](ids=(id,), label=label), code=label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A record to be made."""

    subtask: str
    change: Change
    """What makes it; its target has the id that a view shows it under."""
    name: Promised

    @property
    def id(self) -> str:
        return self.change.target.id


def coming(plan: Plan, parts: Mapping[str, Part], store: Store) -> list[Coming]:
    """All that open proposals of the plan are to make and this store can show, in the order asked."""
    found: list[Coming] = []
    for at, subtask in enumerate(plan.subtasks, 1):
        made = parts[subtask.id].change_set if subtask.id in parts else None
        for n, item in enumerate(made.items[:MOST] if made is not None and isinstance(store, Staging) else ()):
            if (
                made is None
                or not isinstance(store, Staging)
                or item.state != "open"
                or not isinstance(item.what, Change)
                or item.what.op != "create"
            ):
                continue
            if (id := store.coming(item.what.target.kind, at * MOST + n)) is not None:
                change = replace(item.what, target=replace(item.what.target, id=id))
                found.append(Coming(subtask=subtask.id, change=change, name=Promised(made.id, item.id)))
    return found


def gathered(change_set: ChangeSet) -> SegmentQuery | None:
    """Whom the segment that a change set makes is of."""
    what = change_set.items[0].what if change_set.items else None
    if not isinstance(what, Change) or what.op != "create" or what.target.kind != "segment" or not isinstance(what.after, Mapping):
        return None
    return SegmentQuery.model_validate(what.after["query"])


def as_shown(effect: Change | Action, there: Sequence[Coming], store: Store) -> Change | Action:
    """A change of what is to be made, as one of the record that a view shows."""
    shown = {str(one.name): one for one in there}

    def id_of(text: str) -> str | None:
        one = shown.get(text.partition("#")[0]) if (name := promised(text)) is not None else None
        if name is None or one is None or not isinstance(store, Staging):
            return None
        return one.id if name.part is None else store.part_of(one.id, name.part)

    return renamed(effect, id_of) if there else effect


def as_named(result: Proposal | Draft, there: Collection[Coming], store: Store) -> Proposal | Draft:
    """A proposal for what is to be made, with the items that make it in the place of the ids it is shown under."""
    if not there or not isinstance(store, Staging):
        return result

    def name_of(text: str) -> str | None:
        whole, part = store.whole_of(text)
        one = next((one for one in there if one.id == whole), None)
        return None if one is None else str(replace(one.name, part=part))

    if isinstance(result, Draft):
        saves, sends = [renamed(one, name_of) for one in result.saves], [renamed(one, name_of) for one in result.sends]
        return replace(result, saves=_changes(saves), sends=_actions(sends))
    changes, actions = [renamed(one, name_of) for one in result.changes], [renamed(one, name_of) for one in result.actions]
    return replace(result, changes=_changes(changes), actions=_actions(actions))


def _changes(effects: Sequence[Change | Action]) -> list[Change]:
    return [one for one in effects if isinstance(one, Change)]


def _actions(effects: Sequence[Change | Action]) -> list[Action]:
    return [one for one in effects if isinstance(one, Action)]

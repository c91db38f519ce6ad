"""The shop as a later part of a request finds it: with the changes that earlier parts propose, as if they were made already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.records import Part, Plan, Subtask
from agent.records.writes import Staging
from agent.sdk import Action, Change, Selection, Store, Where
from agent.service.coming import Coming, as_shown

_CHOSEN_BY = frozenset({"options", "sizes", "tags", "vendor", "product_type", "collection", "status", "price", "stock"})
"""What of a predicate a change can make true of other goods than were found when the plan was made."""


def proposed_before(plan: Plan, subtask: Subtask, parts: Mapping[str, Part], there: Sequence[Coming], store: Store) -> list[Change]:
    """Changes still to be decided on of all that this subtask comes after, in the order asked; first what makes the records of some of them.

    Args:
        there: What is to be made; those are shown under ids of the store's own.
    """
    after = all_before(plan, subtask)
    sets = [parts[s.id].change_set for s in plan.subtasks if s.id in after and s.id in parts]
    items = [as_shown(item.what, there, store) for one in sets if one is not None and one.state == "open" for item in one.items]
    items = [as_shown(one.change, there, store) for one in there if one.subtask in after] + [what for what in items if _is_seen(what)]
    return [what for what in items if isinstance(what, Change)]


def _is_seen(what: Change | Action) -> bool:
    return isinstance(what, Change) and what.op in ("set", "add")


def as_if(store: Store, changes: Sequence[Change]) -> Store:
    """The store with these changes made, where it can show that; else the store."""
    return store.staged(changes) if changes and isinstance(store, Staging) else store


async def chosen_again(subtask: Subtask, store: Store) -> Subtask:
    """The subtask with goods chosen by what they are like chosen anew: "everything tagged gift", where an earlier part gives the tag."""
    args = {name: await _again(value, store) for name, value in subtask.args.items()}
    return replace(subtask, args=args)


async def _again(value: Any, store: Store) -> Any:
    where = value.get("where") if isinstance(value, Mapping) and "ids" in value else None
    if not where or not _CHOSEN_BY & set(where) or not str(next(iter(value["ids"]), "")).startswith("p_"):
        return value
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = await store.products(Where.model_validate(where), cursor=cursor)
        ids += [product.id for product in page.items]
        if (cursor := page.next) is None:
            break
    return Selection[Any].model_validate({**value, "ids": ids}).model_dump(mode="json", exclude_defaults=True) if ids else value


def all_before(plan: Plan, subtask: Subtask) -> set[str]:
    known = {s.id: s for s in plan.subtasks}
    found: set[str] = set()
    left = list(subtask.after)
    while left:
        id = left.pop()
        if id in known and id not in found:
            found.add(id)
            left += known[id].after
    return found

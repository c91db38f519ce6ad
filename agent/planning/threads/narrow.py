"""Fewer of the records an earlier subtask was about: "but not the plates", "only the blue ones", "only those from Germany"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agent.planning.binding.bind import bind
from agent.planning.binding.merge import takes_every_word
from agent.planning.binding.scope import Bound, Piece, Scope, as_selection, put
from agent.planning.linking.link import Linked
from agent.sdk import Task

_ONES = re.compile(r"\bones?\b", re.I)


async def leaving_out(own: Bound, base: Bound, scope: Scope) -> Bound | None:
    """The earlier subtask without the records that the message names; None where it names none, or none would be left."""
    name = next((name for name in own.links if name in base.links), None)
    if name is None:
        return None
    kept = await scope.linker.without(base.links[name], own.links[name])
    return _with(base, own, name, kept) if kept.products else None


async def among_them(own: Bound, base: Bound, scope: Scope) -> Bound | None:
    """The earlier subtask with those of its goods that the message describes; None where none of them is so."""
    slot = next((s for s in own.task.slots if s.record in ("product", "variant") and s.name in base.links and s.name in own.heads), None)
    mention = next(iter(own.piece.marked("product")), None)
    if slot is None or mention is None or set(own.args) - {slot.name} - set(own.refers):
        return None
    words = _ONES.sub("products", own.piece.of(mention))
    described = await scope.linker.goods(words, 0, len(words), category=True)
    if not isinstance(described, Linked):
        return None
    before = base.links[slot.name]
    rest = await scope.linker.without(before, described)
    kept = await scope.linker.without(before, rest) if rest.products else before
    if not kept.products or kept is before:
        return None
    return _with(base, own, slot.name, replace(kept, label=f"{before.label}: {own.piece.of(mention)}"))


def _with(base: Bound, own: Bound, name: str, link: Linked) -> Bound:
    asked = [asked for asked in base.asked if asked.field != name]
    bound = replace(base, piece=own.piece, asked=asked, links=dict(base.links), args=dict(base.args))
    put(bound, own.task.slot(name), link)
    return bound


async def found_among(base: Bound, piece: Callable[[Task], Piece], scope: Scope) -> tuple[str, str, Bound] | None:
    """A search among the records that a change is about, by what the message says of them: its field in the change, the search's output, and it."""
    for name, link in base.links.items():
        record = base.task.slot(name).record or ""
        record = "product" if record == "variant" else record
        finder = scope.tasks.get(f"find_{record}s")
        output = next((field for field, kind in scope.outputs.get(f"find_{record}s", {}).items() if kind == record), None)
        among = next((s for s in finder.slots if s.record == record and "selection" in s.types), None) if finder else None
        if finder is None or output is None or among is None:
            continue
        search = await bind(finder, piece(finder), scope, finders=False)
        if search.left or search.finds or search.asked or not search.args or among.name in search.args or not takes_every_word(search, scope):
            continue
        search.args[among.name] = as_selection(link, among)
        search.links[among.name] = link
        return name, output, search
    return None

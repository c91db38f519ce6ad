"""Who bought this and that: customers who bought the one, searched for among those who bought the other."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.planning.binding.goods_linked import linked_mention
from agent.planning.binding.scope import Bound, Scope, as_selection
from agent.planning.linking.link import Linked

_BOUGHT = re.compile(r"\b(?:bought|ordered|purchased|got|own|owns)\s+(?P<both>both\s+)?(?:(?:of|the|our|my|an?|some)\s+)*$", re.I)
_OR = re.compile(r"\b(?:or|either|any|one\s+of)\b", re.I)
_AND = re.compile(r"\s*,?\s*\band\b\s*(?:also\s+)?|\s*&\s*|\s*,\s*", re.I)
_MOST = 4


async def search_each_bought(bound: Bound, scope: Scope) -> None:
    """ "Who bought candles and mugs" is who bought both: a search among what another finds, since one search takes any of its goods."""
    slot = next((s for s in bound.task.slots if s.name == "bought" and s.name in bound.links), None)
    among = next((s for s in bound.task.slots if s.record == bound.task.about and "selection" in s.types), None)
    if slot is None or among is None or not bound.task.finds("customer"):
        return
    parts = await _each_of(bound, bound.links[slot.name], scope)
    if len(parts) < 2:
        return
    times = {s.name for s in bound.task.slots if s.types == ("period",)}
    shared = {name: value for name, value in bound.args.items() if name in times or name == among.name}
    inner: Bound | None = None
    for link in parts[:-1]:
        one = Bound(task=bound.task, piece=bound.piece, args={**shared, slot.name: as_selection(link, slot)}, links={slot.name: link})
        one.after = list(bound.after) if inner is None else []
        if inner is not None:
            one.finds.append((among.name, inner))
            one.args[among.name] = {"$ref": ""}
        elif among.name in bound.links:
            one.links[among.name] = bound.links[among.name]
        inner = one
    if inner is not None:
        bound.links = {name: link for name, link in bound.links.items() if name != among.name} | {slot.name: parts[-1]}
        bound.args |= {slot.name: as_selection(parts[-1], slot), among.name: {"$ref": ""}}
        bound.finds.append((among.name, inner))


async def _each_of(bound: Bound, whole: Linked, scope: Scope) -> list[Linked]:
    """What was bought one by one, where "and" joins all of it; nothing where any of it will do, or the words do not come apart so."""
    text, (start, end) = bound.piece.text, (whole.start, whole.end)
    led = _BOUGHT.search(text, bound.piece.start, start)
    if led is None or _OR.search(text, led.start(), end) or not re.search(r"\band\b|&", text[start:end]):
        return []
    edges = [start, *(at for joint in _AND.finditer(text, start, end) for at in joint.span()), end]
    spans = [span for span in zip(edges[::2], edges[1::2], strict=True) if text[slice(*span)].strip()]
    links = [await linked_mention(scope, bound.piece, *span, category=True) for span in spans[: _MOST + 1]]
    found = [replace(link, start=span[0], end=span[1]) for link, span in zip(links, spans, strict=False) if isinstance(link, Linked)]
    each = [id for link in found for id in link.products]
    complete = 1 < len(found) == len(spans) <= _MOST and sorted(each) == sorted(whole.products)
    return found if complete else []

"""Fills the fields that hold products or variants: by name, by what is left out, by what was spoken of before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from agent.planning.binding.goods_extent import runs_of_names
from agent.planning.binding.goods_linked import are_options, head_of, linked_mention, without_collections
from agent.planning.binding.goods_places import goods_mentioned
from agent.planning.binding.picked import words_picked
from agent.planning.binding.pointing import points_at
from agent.planning.binding.ranked import ranks, where_pointed
from agent.planning.binding.refer import refer
from agent.planning.binding.scope import GOODS, Asked, Bound, Piece, Scope, put
from agent.planning.binding.within import take_within
from agent.planning.language.fragments import SEASONS
from agent.planning.language.sparing import LEAVE
from agent.planning.language.values import Spot
from agent.planning.linking.link import Linked, Nothing, Several
from agent.sdk import Slot, Where


async def select_goods(bound: Bound, scope: Scope, slots: Sequence[Slot]) -> None:
    """Fill the fields that hold products or variants."""
    if len(slots) == 1 and await take_within(bound, scope, slots[0]):
        return
    spans = goods_mentioned(bound, scope, required=any(slot.required for slot in slots))
    groups = _never_bought(bound, scope, spans, slots) or _by_slot(bound.piece, spans, slots)
    if not spans and bound.task.effect == "draft" and await _goods_as_topic(bound, scope, slots[0]):
        return
    for slot in slots:
        if groups.get(slot.name):
            await _fill_goods(bound, scope, slot, groups[slot.name])
        elif slot.name == "not_bought":
            continue
        elif not refer(bound, scope, slot, said=None) and "bought" in slot.cues and _BOUGHT_IT.search(bound.piece.said):
            _bought_then(bound, scope, slot)


def _by_slot(piece: Piece, spans: Sequence[tuple[int, int]], slots: Sequence[Slot]) -> dict[str, list[tuple[int, int]]]:
    """Mentions by field: all to the one there is, else by the cue before each."""
    groups: dict[str, list[tuple[int, int]]] = {}
    for span in spans:
        before = piece.text[piece.start : span[0]].lower().rstrip()
        cued = [slot for slot in slots if any(before.endswith(cue) for cue in slot.cues)]
        slot = cued[0] if cued and len(slots) > 1 else slots[0]
        groups.setdefault(slot.name, []).append(span)
    return groups


_NEVER = re.compile(
    r"(?:\b(?:but|and|who)\s+(?:not|never|no)|\bnever|\bwithout|(?:have|has|had|did)(?:n[’']?t|\s+not)|\bnot)\s+(?:ever\s+)?(?:(?:bought|buy|ordered|order|purchased|buying|ordering)\s+)?"
    r"(?:(?:the|our|any|an?|one\s+of)\s+)*",
    re.I,
)


_NEVER_BOUGHT = re.compile(
    r"\b(?:never|not|(?:have|has|had|did)n[’']?t)\s+(?:ever\s+)?(?:bought|buy|ordered|order|purchased)\s+(?=(?:(?:the|our|any|an?)\s+)[a-zA-Z])", re.I
)


_LED_BY = 40


def _never_bought(bound: Bound, scope: Scope, spans: Sequence[tuple[int, int]], slots: Sequence[Slot]) -> dict[str, list[tuple[int, int]]]:
    """What was bought and what was not, for a search that tells them apart: "who bought the shirt but not the socks"."""
    names = {slot.name for slot in slots}
    if not {"bought", "not_bought"} <= names:
        return {}
    groups: dict[str, list[tuple[int, int]]] = {}
    for start, end in spans:
        led = bound.piece.text[max(bound.piece.start, start - _LED_BY) : start]
        edges = [(m.start(), m.end()) for m in _NEVER.finditer(bound.piece.text, start, end)]
        before = [m for m in _NEVER.finditer(led) if m.end() == len(led)]
        first = (start, edges[0][0] if edges else end)
        if bound.piece.text[slice(*first)].strip():
            groups.setdefault("not_bought" if before else "bought", []).append(first)
        for (_, at), stop in zip(edges, [*(at for at, _ in edges[1:]), end], strict=False):
            groups.setdefault("not_bought", []).append((at, stop))
            bound.taken.append(Spot(start=edges[0][0], end=stop))
    if "not_bought" not in groups and (unmarked := _NEVER_BOUGHT.search(bound.piece.text, bound.piece.start, bound.piece.end)) is not None:
        groups |= {"not_bought": found} if (found := [run for run in runs_of_names(bound, scope, unmarked.end()) if run[0] == unmarked.end()]) else {}
    return groups


async def _goods_as_topic(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """Whether what a text is to be about is goods: "a post about the summer dresses"."""
    for topic in bound.piece.marked("topic"):
        if any(own.start <= topic.start and topic.end <= own.end for own in bound.people):
            continue  # what people bought is not what they are written to about
        link = await linked_mention(scope, bound.piece, topic.start, topic.end, category=True)
        if isinstance(link, Linked) and not link.where.everything:
            named = link.where.text or link.where.product_type  # "christmas" is more than the goods of a collection
            for name in [name for name, value in bound.args.items() if named and value == bound.piece.of(topic).strip()]:
                del bound.args[name]
            bound.taken.append(Spot(start=topic.start, end=topic.end))
            bound.heads[slot.name] = link.head
            put(bound, slot, link)
            return True
    return False


_BOUGHT_IT = re.compile(
    r"\b(?:bought|buy|buys|ordered|purchased?)\s+(?:it|them|that|this|those|these|one|any)\b"
    rf"(?!\s+(?:of|month|week|weekend|year|quarter|morning|afternoon|season|{SEASONS}|time|thing)\b)",
    re.I,
)


def _bought_then(bound: Bound, scope: Scope, slot: Slot) -> None:
    """ "Who bought it" of a report on no product: whoever bought in its time; else what is meant is asked, since a list of all is no answer."""
    before = scope.earlier[-1].bound if scope.earlier else None
    period = next((s for s in bound.task.slots if s.types == ("period",) and s.name not in bound.args), None)
    if before is not None and period is not None and before.task.effect == "read" and period.name in before.args and not before.links:
        bound.args[period.name] = before.args[period.name]
    elif slot.name not in bound.args:
        bound.ask(slot.name, slot.question or "Which product do you mean?")


async def _fill_goods(bound: Bound, scope: Scope, slot: Slot, spans: Sequence[tuple[int, int]]) -> None:
    piece, found = bound.piece, list[Linked]()
    for start, end in spans:
        bound.taken.append(Spot(start=start, end=end))
        if _names_none(bound, scope, slot, start, end, first=not found, only=len(spans) == 1):
            continue
        link = await linked_mention(scope, without_collections(bound, start, end), start, end, category=bound.task.effect == "read")
        if isinstance(link, Nothing) and await _is_a_code(bound, scope, piece.text[start:end]):
            continue
        bound.heads[slot.name] = link.head
        if isinstance(link, Linked):
            link = await _as_a_whole(scope, slot, link, piece.text[start:end])
        if not isinstance(link, Linked):
            bound.asked.append(which(slot, link))
            return
        found.append(link)
        if (kept := _LEFT_ALONE.search(piece.text, start, end)) is not None and " except " not in link.label:
            bound.taken.append(Spot(start=kept.start(), end=end))  # none of those meant
    bound.parts += found
    if found and slot.name in bound.links:
        found.insert(0, bound.links[slot.name])
    if found:
        _put_goods(bound, slot, scope.linker.together(found) if len(found) > 1 else found[0])


def _names_none(bound: Bound, scope: Scope, slot: Slot, start: int, end: int, *, first: bool, only: bool) -> bool:
    """Whether words name no goods themselves: they point to some, which are then meant, or say too little, which is asked about."""
    piece, said = bound.piece, bound.piece.text[start:end]
    if (many := _ALL_SO_MANY.match(piece.text, start, piece.end)) is not None and start < end <= many.end("n"):
        if first and not refer(bound, scope, slot, said=many[0]):
            bound.ask(slot.name, slot.question or "Which products do you mean?")
        bound.taken += [Spot(start=v.start, end=v.end) for v in piece.values.items if many.start() <= v.start and v.end <= many.end("n")]
        return True
    if points_at(said, "product") or _of_a_ranking(scope, said) or words_picked(piece.text, start, end):
        if first and not refer(bound, scope, slot, said=said) and only:
            bound.ask(slot.name, slot.question or "Which product do you mean?")
        return True
    if bound.task.effect == "read" and _ONES.fullmatch(piece.text, start, end):
        _of_that_kind(bound, scope, slot)
        return True
    if bound.task.effect != "read" and _bare_options(scope, said):
        bound.ask(slot.name, slot.question or "Which product do you mean?")
        return True
    return False


def _put_goods(bound: Bound, slot: Slot, link: Linked) -> None:
    """The link goes in; "all products" is what a report is about anyway."""
    if link.where == Where(everything=True) and " except " not in link.label and bound.task.effect == "read" and not slot.required:
        return
    put(bound, slot, link)


def which(slot: Slot, link: Several | Nothing) -> Asked:
    """The question a mention leaves open."""
    said = " ".join(link.said.split())
    if isinstance(link, Several):
        options = link.options + (((link.all_of_them, f"All {link.total} of them"),) if "selection" in slot.types else ())
        return Asked(field=slot.name, question=f"{link.total} products match “{said}”. Which one do you mean?", options=options)
    if not link.near:
        return Asked(field=slot.name, question=f"No product of this shop matches “{said}”. Which product do you mean?")
    return Asked(field=slot.name, question=f"No product matches “{said}”. Did you mean one of these?", options=link.near, near=True)


_LEFT_ALONE = re.compile(rf"\b{LEAVE}", re.I)


_ONES = re.compile(r"(?:(?:the|all|those|any|also)\s+)*ones?", re.I)


_AS_WELL = re.compile(r"\b(?:too|also|as\s+well|additionally|plus)\b", re.I)


def _of_that_kind(bound: Bound, scope: Scope, slot: Slot) -> None:
    """ "The ones without a photo" are of those just found; with "too" they are others of the same kind."""
    before = scope.earlier[-1].bound if scope.earlier else None
    if before is None:
        return
    if _AS_WELL.search(bound.piece.text, max(0, bound.piece.start - 12), bound.piece.end):
        link = next((before.links[s.name] for s in before.task.slots if s.record in GOODS and s.name in before.links), None)
        if link is not None:
            put(bound, slot, link)
    else:
        refer(bound, scope, slot, said="those")


async def _as_a_whole(scope: Scope, slot: Slot, link: Linked, said: str) -> Linked | Nothing:
    """Products that are out of stock are so in every variant: hiding one hides them all."""
    if slot.record != "product" or link.where.stock is None or link.where.options or link.where.sizes:
        return link
    kept = await scope.linker.narrowed(link, stock=link.where.stock, whole=True)
    return kept if kept.products else Nothing(start=link.start, end=link.end, said=said, near=(), head=link.head)


_ALL_SO_MANY = re.compile(
    r"(?:the\s+|of\s+)?all\s+(?:of\s+)?(?:the\s+|these\s+|those\s+)?(?P<n>two|three|four|five|six|seven|eight|\d{1,2})(?:\s+of\s+(?:them|these|those))?"
    r"(?=\W*$|\s+(?:in|into|to|by|on|off|out|as|at|from|with)\b)",
    re.I,
)
""" "All three", of which no more is said: those spoken of before, and not all there are."""


async def _is_a_code(bound: Bound, scope: Scope, said: str) -> bool:
    """Whether what looks like goods is a discount's code, and was taken as that: "how much did we sell with MUGLOVE"."""
    field = next((s for s in bound.task.slots if s.name in ("code", "codes") and s.name not in bound.args and {"text", "texts"} & set(s.types)), None)
    if field is None or not (said.isupper() and len(said.split()) == 1) or not await scope.holds("discount", said, partial(_is_there, scope, said)):
        return False
    bound.args[field.name] = [said] if "texts" in field.types else said
    return True


async def _is_there(scope: Scope, code: str) -> bool:
    return bool((await scope.store.discounts(code=code)).items)


def _of_a_ranking(scope: Scope, said: str) -> bool:
    """ "The winner" after a report that ranks."""
    ranked = where_pointed(said)
    return ranked is not None and ranked[1] == len(said.rstrip()) and any(earlier.found is None and ranks(earlier.bound) for earlier in scope.earlier)


def _bare_options(scope: Scope, said: str) -> bool:
    """A size or colour with nothing before that it leans on ("…, L stays at 39"): no change to every product that comes in it."""
    everything = re.search(r"\b(?:all|every|each|everything)\b", said, re.I)
    leans = head_of(scope, said) and any(earlier.bound.links for earlier in scope.earlier)
    return everything is None and are_options(scope, said, 0, len(said)) and not leans

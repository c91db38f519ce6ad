"""Where a clause names goods: what the reader marked, else what the shop's own names and the words around them tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from agent.planning.binding.choices import covering
from agent.planning.binding.counted import split
from agent.planning.binding.goods_extent import (
    MEASURED,
    SAYS_NOTHING,
    marked_at,
    may_begin,
    names_joined,
    runs_of_names,
    widened,
    with_head_of_title,
    without_values,
    without_verb_and_particle,
)
from agent.planning.binding.goods_linked import are_options, collections_within
from agent.planning.binding.goods_words import LEADING, LEFT_OUT_BY, NO_GOODS, WHAT_LEADS, says_what_becomes
from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.fragments import OUR
from agent.planning.language.values import Spot, Words
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.phrases import ALL_OPTIONS
from agent.planning.linking.vocabulary import Word, key_of, words_of
from agent.records.reading import SlotSpan

_RANKING = re.compile(
    rf"(?:(?:{OUR}|\d+)\s+)*(?:best|worst|top|slowest|fastest|most\s+popular|bestselling|popular)[\s-]+"
    r"(?:(?:selling|sold)\s+)?(?=\w)",
    re.I,
)


def goods_mentioned(bound: Bound, scope: Scope, *, required: bool) -> list[tuple[int, int]]:
    """Where goods are named: what the reader marked, made whole; without its marks, runs of words that the shop's names are made of."""
    piece = bound.piece
    mentions = piece.marked("product") or _taken_for_people(bound, scope) or _taken_for_figures(bound, scope)
    mentions = [*_titles_before(bound, scope, mentions[0].start), *mentions] if mentions and bound.task.effect != "read" else mentions
    if any(slot.record == "order" for slot in bound.task.slots) and bound.task.effect != "read":
        mentions = [s for s in mentions if not _LED_BY_WITHOUT.search(piece.text, piece.start, s.start)]
    whole = [part for s in mentions for part in split(bound, s.start, s.end)]
    marked = [cut for start, end in whole if (cut := without_values(bound, start, end))[0] < cut[1] and not _only_counts(bound, scope, *cut)]
    marked = [cut for cut in marked if bound.task.effect != "read" or not SAYS_NOTHING.fullmatch(piece.text, *cut)]
    counted = bool(bound.counted) and bound.task.effect == "action"  # "refund one ‖ plate in 20996" names goods, marked or not
    if not marked and (required or counted or not piece.slots):
        marked = runs_of_names(bound, scope) or [m.span() for m in DRAFTS.finditer(piece.text, piece.start, piece.end)][:1]
    elif not marked:
        marked = _of_reviews(bound, scope) or _bought(bound, scope) or _in_orders(bound, scope) or _that_did(bound, scope) or _about(bound, scope)
    spans: list[tuple[int, int]] = []
    spares = False
    for start, end in marked:
        if bound.task.effect == "read" and (ranked := _RANKING.match(piece.text, start, end)):
            start = ranked.end()  # a report ranks by its own fields
        start, end = widened(bound, scope, *without_verb_and_particle(bound, scope, start, end))
        start = with_head_of_title(bound, scope, start, end)
        if spans and (with_sizes := _with_sizes(bound, scope, spans[-1], (start, end))) is not None:
            spans[-1] = with_sizes
        elif spans and (start <= spans[-1][1] or _FROM.fullmatch(piece.text, spans[-1][1], start) or _is_of(scope, piece.text, spans[-1], start)):
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif spans and (_leaves_out(bound, spans[-1][1], start) or (spares and _ALSO.fullmatch(piece.text, spans[-1][1], start))):
            spans[-1], spares = (spans[-1][0], end), True
        else:
            spans.append((start, end))
            spares = LEFT_OUT_BY.search(piece.text, start, end) is not None
    return _with_those_spared(bound, scope, spans)


DRAFTS = re.compile(r"\b(?:the|our|my|those|all|any)\s+drafts\b", re.I)
"""Goods by what they are: "hide the mugs and publish ‖ the drafts" are none of the mugs."""
_FROM = re.compile(r"\s+(?:from|by)\s+(?:the\s+)?", re.I)
""" "The black tees ‖ from Desiree" are not both of them."""
_ALSO = re.compile(rf"\s*(?:,|\band\b|\bor\b|\bnor\b|&)\s*(?:(?:and|or|nor)\s+)?(?:not\s+)?(?:(?:{OUR}|any)\s+)*", re.I)
"""Between what is left out and more that is: "but not the fig one ‖ and the ‖ cedar one"."""


def _with_those_spared(bound: Bound, scope: Scope, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The last mention with what is left out of it further on and unmarked: "the knits by 5%, apart from ‖ the socks"."""
    said = LEFT_OUT_BY.search(bound.piece.text, spans[-1][1], bound.piece.end) if spans and bound.task.effect != "read" else None
    if said is None or bound.takes(Spot(start=said.end() - 1, end=said.end() + 1)):
        return spans  # what is told by how it is, "except those in stock", is no name
    rest, led = (
        marked_at(bound, scope, said.end()) or runs_of_names(bound, scope, said.end(), pointing=True),
        LEADING.match(bound.piece.text, said.end()),
    )
    if not rest or rest[0][0] > (led.end() if led else said.end()) or not _leaves_out(bound, spans[-1][1], rest[0][0]):
        return spans
    return [*spans[:-1], (spans[-1][0], rest[0][1])]


def _with_sizes(bound: Bound, scope: Scope, goods: tuple[int, int], more: tuple[int, int]) -> tuple[int, int] | None:
    """The mention before with the sizes or colours that are marked apart from it; None where what follows is something else."""
    (begin, until), (start, end), piece = goods, more, bound.piece
    if (whole_of_it := ALL_OPTIONS.match(piece.text, start)) and whole_of_it.end() >= end:
        return goods  # "the shirt to 60 ‖ in all colours"
    if _BESIDE_SIZE.fullmatch(piece.text, until, start) and are_options(scope, piece.text, start, end):
        return begin, end  # "the linen trousers below ‖ size L"
    return None


_BESIDE_SIZE = re.compile(r"\s+(?:(?:in|all|every|sizes?|below|above|under|over|smaller|larger|bigger|than)\s+)*", re.I)


_LED_BY_WITHOUT = re.compile(r"\b(?:without|minus|not)\s+(?:(?:the|any|her|his|their)\s+)*$", re.I)
"""Before what stays out of what is done with an order: "ship it but without ‖ the vase"."""


def _titles_before(bound: Bound, scope: Scope, at: int) -> list[SlotSpan]:
    """Titles that the reader took for words, right before goods: "a collection with the desk planner, ‖ the pencil set and the notebook"."""
    for mark in bound.piece.marked("value"):
        title = key_of(LEADING.sub("", bound.piece.of(mark).strip()))
        joined = re.fullmatch(r"\s*(?:,|&|\band\b)\s*(?:and\s+)?(?:the\s+)?", bound.piece.text[mark.end : at], re.I) if mark.end <= at else None
        if joined and title in scope.linker.vocabulary.titles and not bound.takes(Spot(start=mark.start, end=mark.end)):
            return [mark]
    return []


_OF_THE = re.compile(rf"\s*(?:(?:sizes?|colou?rs?|variants?|versions?|ones?)\s+)?(?:of|in|for)\s+(?:(?:{OUR})\s+)?", re.I)


_ALL_VARIANTS = re.compile(
    r"(?:(?:all|every|each|both|any)\s+(?:of\s+)?(?:the\s+)?)?(?:variants?|versions?|variations?|options?)\s+(?:of|in|for)\s+(?:the\s+|our\s+)?", re.I
)


def _is_of(scope: Scope, text: str, options: tuple[int, int], start: int) -> bool:
    """Whether sizes or colours are those of the goods named next: "the S and M sizes ‖ of the linen dress"."""
    said = re.sub(r"\b(?:and|or|both)\b|,", " ", text[options[0] : options[1]])
    if _ALL_VARIANTS.fullmatch(text, options[0], start) is not None:
        return True  # "all ‖ variants of ‖ the linen robe" are not everything and the robe
    return _OF_THE.fullmatch(text, options[1], start) is not None and are_options(scope, said, 0, len(said))


def _only_counts(bound: Bound, scope: Scope, start: int, end: int) -> bool:
    """Whether it is no goods, but says how others are counted: the "pairs" of "40 more pairs of wool socks"."""
    said = MEASURED.match(bound.piece.text, start, bound.piece.end)
    return said is not None and said.end() > end and may_begin(bound, scope, said.end())


_ABOUT = re.compile(rf"\b(?:for|about|on|of|off|featuring|promoting)\s+(?:(?:{OUR}|all|new|any)\s+)*", re.I)


_NO_GOODS_AFTER = re.compile(r"\s+(?:customers?|buyers?|people|members?|clients?|orders?|fans|lovers)\b", re.I)


_MOST_TRIED = 8
"""Words of one clause after which goods are looked for."""


def _about(bound: Bound, scope: Scope) -> list[tuple[int, int]]:
    """The goods that a text or a discount is for, where the reader marked none: "a campaign for the wool throws"."""
    if bound.task.effect == "read" or any(slot.name == "customers" and slot.required for slot in bound.task.slots):
        return []
    begins = (said for said in _ABOUT.finditer(bound.piece.text, bound.piece.start, bound.piece.end) if may_begin(bound, scope, said.end()))
    for said in islice(begins, _MOST_TRIED):
        for start, end in runs_of_names(bound, scope, said.end()):
            if start == said.end() and not _NO_GOODS_AFTER.match(bound.piece.text, end):
                return [(start, end)]
    return []


_REVIEWED = re.compile(r"(?P<goods>.+?)\s+(?:reviews?|ratings?|feedback)\b", re.I)


_REVIEWS_OF = re.compile(r"\b(?:of|for|about|on)\s+", re.I)


def _of_reviews(bound: Bound, scope: Scope) -> list[tuple[int, int]]:
    """The goods that reviews are of, within what the reader marked as reviews: "the bad reviews of the soy candles"."""
    for mention in bound.piece.marked("review"):
        if said := _REVIEWS_OF.search(bound.piece.text, mention.start, mention.end):
            return runs_of_names(bound, scope, said.end())
        if said := _REVIEWED.match(bound.piece.text, mention.start, mention.end):
            return [span for span in runs_of_names(bound, scope, mention.start) if span[1] <= said.end("goods")]
    return []


_LEFT_OUT = re.compile(
    r"\s*(?:(?:in|of|from)\s+\w+\s*)?"
    + WHAT_LEADS
    + r"(?:another\s+|an?\s+(?:extra|further|additional)\s+)?"
    + LEFT_OUT_BY.pattern
    + rf"(?:(?:{OUR}|all)\s+)?",
    re.I,
)


def _leaves_out(bound: Bound, start: int, end: int) -> bool:
    """Whether what follows is left out of what stands before, with no more between than how far it is changed: "mugs by 5% except the blue one"."""
    between = bound.piece.text[start:end]
    for value in bound.piece.values.items:
        if not (start <= value.start and value.end <= end) or (isinstance(value, Words) and value.kind == "product"):
            continue
        if not bound.takes(value):
            return False  # what no field has may not go under in what is left out
        if says_what_becomes(value):
            between = between.replace(bound.piece.of(value), "")
    for spot in collections_within(bound, start, end):
        between = between.replace(bound.piece.text[spot.start : spot.end], "")
    return _LEFT_OUT.fullmatch(between) is not None


def _taken_for_people(bound: Bound, scope: Scope) -> Sequence[SlotSpan]:
    """Goods that the reader took for somebody, in a task that is about nobody: "reviews of those who dislike the Chloe tank"."""
    if any(slot.record == "customer" for slot in bound.task.slots):
        return []
    known = scope.linker.vocabulary.knows
    mentions = bound.piece.marked("customer")
    return [m for m in mentions if any(known(w.stem) and w.text.lower() not in COMMON for w in words_of(bound.piece.text, m.start, m.end))]


def _taken_for_figures(bound: Bound, scope: Scope) -> Sequence[SlotSpan]:
    """Goods that the reader took for a figure or a channel of them: the "candle" of "the jump in candle sales"."""
    bought = _bought(bound, scope) if bound.task.effect == "read" else []  # "bought the blanket and ‖ the slippers" names both
    return [
        mark
        for mark in bound.piece.marked("metric", "dimension", "channel", "topic" if bound.task.effect == "read" else "metric")
        if not any(start < mark.start < end for start, end in bought)
        and not bound.takes(Spot(start=mark.start, end=mark.end))
        and not any(slot.choices and covering(slot, bound.piece.of(mark)) for slot in bound.task.slots)  # "by hour", whatever is called so
        and _are_goods(words_of(bound.piece.text, mark.start, mark.end), scope)
    ]


_COUNTED = frozenset({"number", "numbers", "count", "amount", "amounts", "total", "totals", "value", "hour", "hours", "quarter", "quarters", "time"})
"""Words of figures and their divisions, which a shop's titles have as well: "number of orders", "a tea hour"."""


def _are_goods(words: Sequence[Word], scope: Scope) -> bool:
    """Whether all of the words are the shop's own, at least one of them of goods."""
    named = scope.linker.vocabulary
    plain = [word for word in words if word.text.lower() not in COMMON]
    own = any(
        word.stem in named.by_word or any(name.kind in ("product_type", "collection") for name in named.phrases.get((word.stem,), ()))
        for word in plain
    )
    return own and all(named.knows(word.stem) and word.text.lower() not in NO_GOODS | _COUNTED for word in plain)


_BUYING = re.compile(r"\b(?:bought|buy|buys|ordered|purchased?)\s+", re.I)


def _bought(bound: Bound, scope: Scope) -> list[tuple[int, int]]:
    """Goods that stand right after "bought" without a mark of the reader's."""
    buying = _BUYING.search(bound.piece.text, bound.piece.start, bound.piece.end)
    run = names_joined(bound, scope, buying.end()) if buying else None
    return [run] if buying and run is not None and _RIGHT_AFTER.fullmatch(bound.piece.text, buying.end(), run[0]) else []


_HOW_DID = re.compile(r"\bhow\s+(?:did|do|does|are|is|were|was|have|has)\s+", re.I)
_DID_SO = re.compile(r"\s+(?:do|doing|done|been|sell|selling|sold|perform\w*|go|going|fare|fared)\b", re.I)


def _that_did(bound: Bound, scope: Scope) -> list[tuple[int, int]]:
    """The goods of "how did the dresses do compared to last year" without a mark of the reader's."""
    asked = _HOW_DID.search(bound.piece.text, bound.piece.start, bound.piece.end) if bound.task.effect == "read" else None
    run = names_joined(bound, scope, asked.end()) if asked else None
    right_after = asked and run and _RIGHT_AFTER.fullmatch(bound.piece.text, asked.end(), run[0]) and _DID_SO.match(bound.piece.text, run[1])
    return [run] if run is not None and right_after else []


_HOLDING = re.compile(r"\borders?\s+(?:with|containing|including|that\s+(?:has|have|had|contain(?:s|ed)?|includes?d?))\s+", re.I)


def _in_orders(bound: Bound, scope: Scope) -> list[tuple[int, int]]:
    """The goods of "orders with the travel mug", all of which the reader marked as orders."""
    holding = _HOLDING.search(bound.piece.text, bound.piece.start, bound.piece.end) if bound.task.finds("order") else None
    run = names_joined(bound, scope, holding.end()) if holding else None
    held = holding and run is not None and _RIGHT_AFTER.fullmatch(bound.piece.text, holding.end(), run[0])
    return [(run[0], _with_noun(bound, scope, *run))] if held and run is not None else []


def _with_noun(bound: Bound, scope: Scope, start: int, end: int) -> int:
    """Where goods end with the noun that the shop has not: a "walnut ‖ frame" is asked about, and is not the Walnut Cutting Board."""
    last, after = words_of(bound.piece.text, start, end)[-1:], words_of(bound.piece.text, end, bound.piece.end)[:1]
    named = scope.linker.vocabulary
    whole = not last or any(key[-1:] == (last[0].stem,) for key in named.titles)
    whole = whole or any(name.kind == "product_type" for name in named.phrases.get((last[0].stem,), ()))
    if (
        whole
        or not after
        or bound.piece.text[end : after[0].start].strip()
        or after[0].text.lower() in COMMON | NO_GOODS
        or _SENT.match(after[0].text)
    ):
        return end
    spot = Spot(start=after[0].start, end=after[0].end)
    valued = any(value.overlaps(spot) for value in bound.piece.values.items if not hasattr(value, "kind"))
    return end if valued else after[0].end


_SENT = re.compile(r"\w+ed$|sent$|paid$|that$|which$|who$|bought$", re.I)
_RIGHT_AFTER = re.compile(r"(?:(?:an?|the|any|some|our|of|both|either)\s+)*", re.I)

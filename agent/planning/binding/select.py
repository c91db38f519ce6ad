"""Fills the fields that hold records: by name, by predicate, by what "it" and "those customers" mean, by the page one is on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Literal, cast

from agent.planning.binding.choices import covering
from agent.planning.binding.counted import split
from agent.planning.binding.picked import words_picked
from agent.planning.binding.ranked import ranks, where_pointed
from agent.planning.binding.refer import points_at, refer
from agent.planning.binding.scope import Asked, Bound, Piece, Scope, put
from agent.planning.binding.within import take_within
from agent.planning.language.sparing import LEAVE, LEAVING_OUT
from agent.planning.language.values import Dates, Named, Number, Range, Share, Spot, Starting, Until, Words
from agent.planning.linking.lexicon import COMMON, changes
from agent.planning.linking.link import Link, Linked, Nothing, Several
from agent.planning.linking.vocabulary import Word, key_of, stem, words_of
from agent.records.reading import SlotSpan
from agent.sdk import Slot, Where
from agent.sdk.store import Mention

_EXCEPT = re.compile(
    rf",?\s*\b(?:{LEAVING_OUT}|{LEAVE}"
    r"|(?:(?:that|which)\s+)?(?:(?:are|is)\s+not|aren[’']?t|isn[’']?t|not)\s+(?:yet\s+|already\s+|currently\s+)?"
    r"(?:in(?!\s+(?:any|a|stock)\b)|part\s+of|(?=tagged\b)))\s+",
    re.I,
)
EVERYTHING = re.compile(
    r"\b(?:everything|all\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?(?:products?|items?|goods)|every\s+(?:product|item)"
    r"|the\s+(?:whole|entire)\s+(?:shop|store|catalogue|catalog)"
    r"|(?:(?:all|the|our|my)\s+)*(?:draft|archived|unpublished|hidden|active|out[\s-]of[\s-]stock|sold[\s-]out)\s+(?:products?|items?|goods))\b",
    re.I,
)
_JOINT = re.compile(r"\s*(?:,\s*(?:and\s+|or\s+)?|\band\b|\bor\b|&|\bplus\b|\bas\s+well\s+as\b)\s*", re.I)
_RANKING = re.compile(
    r"(?:(?:the|our|my|\d+)\s+)*(?:best|worst|top|slowest|fastest|most\s+popular|bestselling|popular)[\s-]+"
    r"(?:(?:selling|sold)\s+)?(?=\w)",
    re.I,
)
_ONE = re.compile(r"\bones?\b", re.I)
_WIDER = re.compile(
    r"\s*(?:,\s*)?(?:(?:\b(?:in|by|from|of|with|tagged|made\s+by)\s+)?(?:the\s+)?(?:\b(?:size|sizes|colou?r|collection|vendor|brand)\s+)?)", re.I
)
_VALUES = (Number, Range, Share, Dates, Until, Starting)
NO_GOODS = frozenset(
    [
        "price", "prices", "sale", "sales", "stock", "new", "set", "order", "orders", "customer", "customers", "review", "reviews", "discount",
        "code", "revenue", "description", "descriptions", "tag", "tags", "title", "unit", "units", "show", "tell", "report", "list", "make",
        "change", "update", "add", "remove", "week", "month", "year", "day", "top", "best", "worst",
    ]
)  # fmt: skip
"""Words of the trade that are also in titles and tags; alone they name no product."""


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


_NEVER = re.compile(
    r"(?:\b(?:but|and|who)\s+(?:not|never|no)|\bnever|\bwithout|(?:have|has|had|did)(?:n[’']?t|\s+not)|\bnot)\s+(?:ever\s+)?(?:(?:bought|buy|ordered|order|purchased|buying|ordering)\s+)?"
    r"(?:(?:the|our|any|an?|one\s+of)\s+)*",
    re.I,
)


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
        groups |= {"not_bought": found} if (found := [run for run in _runs(bound, scope, unmarked.end()) if run[0] == unmarked.end()]) else {}
    return groups


_NEVER_BOUGHT = re.compile(
    r"\b(?:never|not|(?:have|has|had|did)n[’']?t)\s+(?:ever\s+)?(?:bought|buy|ordered|order|purchased)\s+(?=(?:(?:the|our|any|an?)\s+)[a-zA-Z])", re.I
)
_LED_BY = 40


async def _goods_as_topic(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """Whether what a text is to be about is goods: "a post about the summer dresses"."""
    for topic in bound.piece.marked("topic"):
        link = await _mention(scope, bound.piece, topic.start, topic.end, category=True)
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
    r"(?!\s+(?:of|month|week|weekend|year|quarter|morning|afternoon|season|spring|summer|autumn|fall|winter|time|thing)\b)",
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
    piece, found = bound.piece, cast(list[Linked], [])
    for start, end in spans:
        bound.taken.append(Spot(start=start, end=end))
        if (many := _ALL_SO_MANY.match(piece.text, start, piece.end)) is not None and start < end <= many.end("n"):
            if not found and not refer(bound, scope, slot, said=many[0]):
                bound.ask(slot.name, slot.question or "Which products do you mean?")
            bound.taken += [Spot(start=v.start, end=v.end) for v in piece.values.items if many.start() <= v.start and v.end <= many.end("n")]
            continue
        if points_at(piece.text[start:end], "product") or _of_a_ranking(scope, piece.text[start:end]) or words_picked(piece.text, start, end):
            if not found and not refer(bound, scope, slot, said=piece.text[start:end]) and len(spans) == 1:
                bound.ask(slot.name, slot.question or "Which product do you mean?")
            continue
        if bound.task.effect == "read" and _ONES.fullmatch(piece.text, start, end):
            _of_that_kind(bound, scope, slot)
            continue
        if bound.task.effect != "read" and _bare_options(scope, piece.text[start:end]):
            bound.ask(slot.name, slot.question or "Which product do you mean?")
            continue
        link = await _mention(scope, _without_collections(bound, start, end), start, end, category=bound.task.effect == "read")
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


_LEFT_ALONE = re.compile(rf"\b{LEAVE}", re.I)
_TO_COLLECTION = re.compile(r"(?:to|into|in|from|out\s+of|onto)\b", re.I)


def _without_collections(bound: Bound, start: int, end: int) -> Piece:
    """The piece without the collection that goods go to, where what they leave out stands behind it: "the candles ‖to Sale‖ except the fig one"."""
    text = bound.piece.text
    for spot in _collections_within(bound, start, end):
        if _EXCEPT.match(text, spot.end, end):
            text = text[: spot.start] + " " * (spot.end - spot.start) + text[spot.end :]
    return bound.piece if text is bound.piece.text else replace(bound.piece, text=text)


def _collections_within(bound: Bound, start: int, end: int) -> list[Spot]:
    """Places between goods that say where they go, with the words that lead there."""
    return [spot for spot in bound.taken if start < spot.start and spot.end <= end and _TO_COLLECTION.match(bound.piece.text, spot.start)]


_ONES = re.compile(r"(?:(?:the|all|those|any|also)\s+)*ones?", re.I)
_AS_WELL = re.compile(r"\b(?:too|also|as\s+well|additionally|plus)\b", re.I)


def _of_that_kind(bound: Bound, scope: Scope, slot: Slot) -> None:
    """ "The ones without a photo" are of those just found; with "too" they are others of the same kind."""
    before = scope.earlier[-1].bound if scope.earlier else None
    if before is None:
        return
    if _AS_WELL.search(bound.piece.text, max(0, bound.piece.start - 12), bound.piece.end):
        link = next((before.links[s.name] for s in before.task.slots if s.record in ("product", "variant") and s.name in before.links), None)
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
    leans = _head(scope, said) and any(earlier.bound.links for earlier in scope.earlier)
    return everything is None and _only_options(scope, said, 0, len(said)) and not leans


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
    return Asked(field=slot.name, question=f"No product matches “{said}”. Did you mean one of these?", options=link.near)


def goods_mentioned(bound: Bound, scope: Scope, *, required: bool) -> list[tuple[int, int]]:
    """Where goods are named: what the reader marked, made whole; without its marks, runs of words that the shop's names are made of."""
    piece = bound.piece
    mentions = piece.marked("product") or _taken_for_people(bound, scope) or _taken_for_figures(bound, scope)
    mentions = [*_titles_before(bound, scope, mentions[0].start), *mentions] if mentions and bound.task.effect != "read" else mentions
    whole = [part for s in mentions for part in split(bound, s.start, s.end)]
    marked = [cut for start, end in whole if (cut := _cut(bound, start, end))[0] < cut[1] and not _only_counts(bound, scope, *cut)]
    marked = [cut for cut in marked if bound.task.effect != "read" or not _SAYS_NOTHING.fullmatch(piece.text, *cut)]
    if not marked and (required or not piece.slots):
        marked = _runs(bound, scope)
    elif not marked:
        marked = _of_reviews(bound, scope) or _bought(bound, scope) or _about(bound, scope)
    spans: list[tuple[int, int]] = []
    for start, end in marked:
        if bound.task.effect == "read" and (ranked := _RANKING.match(piece.text, start, end)):
            start = ranked.end()  # a report ranks by its own fields
        start, end = _widened(bound, scope, *_bare(bound, scope, start, end))
        if spans and (start <= spans[-1][1] or _is_of(scope, piece.text, spans[-1], start)):
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif spans and _leaves_out(bound, spans[-1][1], start):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _titles_before(bound: Bound, scope: Scope, at: int) -> list[SlotSpan]:
    """Titles that the reader took for words, right before goods: "a collection with the desk planner, ‖ the pencil set and the notebook"."""
    for mark in bound.piece.marked("value"):
        title = key_of(_LEADING.sub("", bound.piece.of(mark).strip()))
        joined = re.fullmatch(r"\s*(?:,|&|\band\b)\s*(?:and\s+)?(?:the\s+)?", bound.piece.text[mark.end : at], re.I) if mark.end <= at else None
        if joined and title in scope.linker.vocabulary.titles and not bound.takes(Spot(start=mark.start, end=mark.end)):
            return [mark]
    return []


_OF_THE = re.compile(r"\s*(?:(?:sizes?|colou?rs?|variants?|versions?|ones?)\s+)?(?:of|in|for)\s+(?:(?:the|our|my)\s+)?", re.I)


def _is_of(scope: Scope, text: str, options: tuple[int, int], start: int) -> bool:
    """Whether sizes or colours are those of the goods named next: "the S and M sizes ‖ of the linen dress"."""
    said = re.sub(r"\b(?:and|or|both)\b|,", " ", text[options[0] : options[1]])
    return _OF_THE.fullmatch(text, options[1], start) is not None and _only_options(scope, said, 0, len(said))


def _only_counts(bound: Bound, scope: Scope, start: int, end: int) -> bool:
    """Whether it is no goods, but says how others are counted: the "pairs" of "40 more pairs of wool socks"."""
    said = _MEASURED.match(bound.piece.text, start, bound.piece.end)
    return said is not None and said.end() > end and _may_begin(bound, scope, said.end())


_ABOUT = re.compile(r"\b(?:for|about|on|of|off|featuring|promoting)\s+(?:(?:the|our|my|all|new|any)\s+)*", re.I)
_NO_GOODS_AFTER = re.compile(r"\s+(?:customers?|buyers?|people|members?|clients?|orders?|fans|lovers)\b", re.I)


def _may_begin(bound: Bound, scope: Scope, at: int) -> bool:
    """Whether goods may be named from here: a cheap look, before all that follows is gone through."""
    first = re.compile(r"\w+(?:[’']\w+)?").match(bound.piece.text, at, bound.piece.end)
    return first is not None and (scope.linker.vocabulary.knows(stem(first[0])) or first[0].lower() in _BEGINNING)


_BEGINNING = frozenset(
    {"everything", "all", "every", "each", "the", "our", "my", "a", "one", "ones", "draft", "archived", "hidden", "active", "sold"}
)


def _about(bound: Bound, scope: Scope) -> list[tuple[int, int]]:
    """The goods that a text or a discount is for, where the reader marked none: "a campaign for the wool throws"."""
    if bound.task.effect == "read" or any(slot.name == "customers" and slot.required for slot in bound.task.slots):
        return []
    begins = (said for said in _ABOUT.finditer(bound.piece.text, bound.piece.start, bound.piece.end) if _may_begin(bound, scope, said.end()))
    for said in islice(begins, _LIKELY):
        for start, end in _runs(bound, scope, said.end()):
            if start == said.end() and not _NO_GOODS_AFTER.match(bound.piece.text, end):
                return [(start, end)]
    return []


_REVIEWED = re.compile(r"(?P<goods>.+?)\s+(?:reviews?|ratings?|feedback)\b", re.I)
_REVIEWS_OF = re.compile(r"\b(?:of|for|about|on)\s+", re.I)


def _of_reviews(bound: Bound, scope: Scope) -> list[tuple[int, int]]:
    """The goods that reviews are of, within what the reader marked as reviews: "the bad reviews of the soy candles"."""
    for mention in bound.piece.marked("review"):
        if said := _REVIEWS_OF.search(bound.piece.text, mention.start, mention.end):
            return _runs(bound, scope, said.end())
        if said := _REVIEWED.match(bound.piece.text, mention.start, mention.end):
            return [span for span in _runs(bound, scope, mention.start) if span[1] <= said.end("goods")]
    return []


def _leaves_out(bound: Bound, start: int, end: int) -> bool:
    """Whether what follows is left out of what stands before, with no more between than how far it is changed: "mugs by 5% except the blue one"."""
    between = bound.piece.text[start:end]
    for value in bound.piece.values.items:
        if isinstance(value, Number | Share) and start <= value.start and value.end <= end:
            between = between.replace(bound.piece.of(value), "")
    for spot in _collections_within(bound, start, end):
        between = between.replace(bound.piece.text[spot.start : spot.end], "")
    return _LEFT_OUT.fullmatch(between) is not None


_LEFT_OUT = re.compile(
    r"\s*(?:(?:in|of|from)\s+\w+\s*)?(?:(?:by|to|at)\s+)?(?:another\s+|an?\s+(?:extra|further|additional)\s+)?"
    + _EXCEPT.pattern
    + r"(?:(?:the|our|my|all)\s+)?",
    re.I,
)


def _taken_for_people(bound: Bound, scope: Scope) -> Sequence[SlotSpan]:
    """Goods that the reader took for somebody, in a task that is about nobody: "reviews of those who dislike the Chloe tank"."""
    if any(slot.record == "customer" for slot in bound.task.slots):
        return []
    known = scope.linker.vocabulary.knows
    mentions = bound.piece.marked("customer")
    return [m for m in mentions if any(known(w.stem) and w.text.lower() not in COMMON for w in words_of(bound.piece.text, m.start, m.end))]


def _taken_for_figures(bound: Bound, scope: Scope) -> Sequence[SlotSpan]:
    """Goods that the reader took for a figure or a channel of them: the "candle" of "the jump in candle sales"."""
    return [
        mark
        for mark in bound.piece.marked("metric", "dimension", "channel", "topic" if bound.task.effect == "read" else "metric")
        if not bound.takes(Spot(start=mark.start, end=mark.end))
        and not any(slot.choices and covering(slot, bound.piece.of(mark)) for slot in bound.task.slots)  # "by hour", whatever is called so
        and _are_goods(words_of(bound.piece.text, mark.start, mark.end), scope)
    ]


def _are_goods(words: Sequence[Word], scope: Scope) -> bool:
    """Whether all of the words are the shop's own, at least one of them of goods."""
    named = scope.linker.vocabulary
    plain = [word for word in words if word.text.lower() not in COMMON]
    own = any(
        word.stem in named.by_word or any(name.kind in ("product_type", "collection") for name in named.phrases.get((word.stem,), ()))
        for word in plain
    )
    return own and all(named.knows(word.stem) and word.text.lower() not in NO_GOODS | _COUNTED for word in plain)


_COUNTED = frozenset({"number", "numbers", "count", "amount", "amounts", "total", "totals", "value", "hour", "hours", "quarter", "quarters", "time"})
"""Words of figures and their divisions, which a shop's titles have as well: "number of orders", "a tea hour"."""
_MEASURED = re.compile(
    r"(?:(?:the|our|my|more|extra|another|new)\s+)*(?:pairs?|pieces?|units?|boxes|box|packs?|packets?|cases?|crates?|bars?|bottles?|jars?|tins?|rolls?"
    r"|sheets?|copies|batch(?:es)?|bunch(?:es)?|lots?|bags?|cartons?|pallets?|dozen|sets?|stock|quantity|inventory|units?\s+in\s+stock)\s+of\s+(?:the\s+|our\s+)?(?=\w)",
    re.I,
)
"""How goods are counted, which is no part of their name: "pairs of wool socks"."""
_WITHIN = re.compile(r"(?P<what>[^\W\d]\w+)\s+(?:in|of|from|on|with|among)\s+(?=(?:the|our|my|all)\s)", re.I)
""" "Needs fixing in the Kitchen collection": what is done to goods, and is no part of their name."""
_PARTICLES = re.compile(r"\s+(?:down|up|off|back|(?<!\bsold )out|over|away)\s*$", re.I)
_TRAILING = re.compile(r"\s+(?:in|from|of|by|with|at|on|for|and|or)\s*$", re.I)
_TOLD = re.compile(
    r"(?:\s+(?:that|which))?(?:\s+(?:we|i|they|were|was|are|is|have|has|had|been|be|just|newly|do|does|don[’']?t|doesn[’']?t|not)){0,4}"
    r"\s+(?:added|created|uploaded|launched|costing|costs?|priced|rated)(?:\s+(?:in|on|at|since|between|during|for))?\s*$",
    re.I,
)
_THAT_IS = re.compile(r"(?P<that>\s+(?:that|which)(?:[’']s|[’']re|\s+(?:is|are|was|were|has|have|we\s+have))?\s*)$", re.I)
_EVERYTHING_THAT_IS = re.compile(
    r"(?:everything|anything|all)(?P<that>\s+(?:that|which)(?:[’']s|\s+is)\s+(?:currently\s+)?(?:(?:out\s+of|in)\s+stock|sold\s+out))$", re.I
)
_ALL_PRICES = re.compile(r"\b(?:all|every|each)\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?prices?\b", re.I)
_OF_WHICH = re.compile(r"\s+(?:in|of|for|on|from|by)\s+(?=\w)", re.I)
_PRICES_BUT = re.compile(_ALL_PRICES.pattern + r"[^,.;]{0,40}?" + _EXCEPT.pattern + r"(?:(?:the|our|my)\s+)?$", re.I)
_ALL_BUT = re.compile(EVERYTHING.pattern + r"\s*" + _EXCEPT.pattern + r"(?:(?:the|our|my)\s+)?$", re.I)


def _bare(bound: Bound, scope: Scope, start: int, end: int) -> tuple[int, int]:
    """Without the verb before ("bring throws") and its particle after ("the throw down"), and with the "everything except" it is taken from."""
    text, known = bound.piece.text, scope.linker.vocabulary.knows
    if (measured := _MEASURED.match(text, start, end)) and _may_begin(bound, scope, measured.end()):
        start = measured.end()
    if (within := _WITHIN.match(text, start, end)) and not known(stem(within["what"])):
        start = within.end()
    if told := _TOLD.search(text, start, end):
        end = told.start()  # "products ‖ added", this month
    if that := _THAT_IS.search(text, start, end) or _EVERYTHING_THAT_IS.match(text, start, end):
        end = that.start("that")
    if trailing := _TRAILING.search(text, start, end):
        end = trailing.start()  # "everything in ‖ Sale": the name follows
    if particle := _PARTICLES.search(text, start, end):
        end = particle.start() if not known(stem(particle[0].strip())) else end
    first = next(iter(words_of(text, start, end)), None)
    if first is not None and start == bound.piece.start and first.end < end and changes(first.text) and not known(first.stem):
        start = first.end + len(text[first.end : end]) - len(text[first.end : end].lstrip())
    if but := _ALL_BUT.search(text, bound.piece.start, start) or _PRICES_BUT.search(text, bound.piece.start, start):
        start = but.start()
    return start, end


_BUYING = re.compile(r"\b(?:bought|buy|buys|ordered|purchased?)\s+", re.I)


def _bought(bound: Bound, scope: Scope) -> list[tuple[int, int]]:
    """Goods that stand right after "bought" without a mark of the reader's."""
    buying = _BUYING.search(bound.piece.text, bound.piece.start, bound.piece.end)
    runs = _runs(bound, scope, buying.end()) if buying else []
    return [
        (start, end)
        for start, end in runs
        if buying and re.fullmatch(r"(?:(?:an?|the|any|some|our|of)\s+)*", bound.piece.text[buying.end() : start], re.I)
    ]


_SAYS_NOTHING = re.compile(
    r"[\s,]*(?:\b(?:that|which|who|we|i|they|it|and|but|is|are|was|were|be|been|have|has|had|do|does|did|don[’']?t|doesn[’']?t|not|never|with|without|in|on|at"
    r"|of|for|from|a|an|any|no|the|added|created|uploaded|launched|rated|priced|costing|costs?|sold|just|yet|too|also|as|well|still|currently|newly)\b[\s,]*)*",
    re.I,
)
"""Words around what is told of goods, that name none."""


def _cut(bound: Bound, start: int, end: int) -> tuple[int, int]:
    """A marked mention without the values in it: "all mugs under 20 euros" names all mugs."""
    values = [v for v in bound.piece.values.items if isinstance(v, _VALUES) and v.start < end and start < v.end]
    taken = [t for t in bound.taken if t.start < end and start < t.end]
    for spot in (*values, *taken):
        if spot.start - start <= end - spot.end and not (
            bound.piece.text[start : spot.start].strip() and _SAYS_NOTHING.fullmatch(bound.piece.text, spot.end, end)
        ):
            start = max(start, spot.end)
        else:
            end = min(end, spot.start)
    inner = bound.piece.text[start:end]
    return (start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))) if inner.strip() else (start, start)


def _widened(bound: Bound, scope: Scope, start: int, end: int) -> tuple[int, int]:
    """With "in size M", "by Acme", "and larger", "except the blue one" that follow, as far as they are the shop's names."""
    piece, vocabulary = bound.piece, scope.linker.vocabulary
    end = _with_rest_of_title(bound, scope, start, end)
    while lead := _WIDER.match(piece.text, end, piece.end):
        words = words_of(piece.text, lead.end(), piece.end)
        length, names = vocabulary.phrase_at([word.stem for word in words], 0)
        has_lead = lead[0].strip(" ,") != ""
        if not length or not (has_lead or all(name.kind == "option" for name in names)) or bound.takes(Spot(start=words[0].start, end=words[0].end)):
            break
        if length == 1 and len(words[0].text) == 1 and not words[0].text.isupper():
            break
        if any(
            isinstance(v, Spot) and v.start < words[length - 1].end and words[0].start < v.end for v in piece.values.items if not hasattr(v, "kind")
        ):
            break
        end = words[length - 1].end
    if more := re.compile(r"\s+(?:and|or)\s+(?:larger|bigger|smaller|up|above|below)\b", re.I).match(piece.text, end, piece.end):
        end = more.end()
    if (excluded := _EXCEPT.match(piece.text, end, piece.end)) and (
        rest := _marked_at(bound, excluded.end()) or _runs(bound, scope, excluded.end(), pointing=True)
    ):
        end = rest[0][1]
    if _only_options(scope, piece.text, start, end) and (noun := _noun_before(bound, scope, start)) is not None:
        start = noun
    before = re.compile(r"\b(?:all|every|each|both)\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?$", re.I).search(piece.text, piece.start, start)
    return (before.start() if before else start), end


def _marked_at(bound: Bound, at: int) -> list[tuple[int, int]]:
    """The mention of goods that begins here, but for an article."""
    article = _LEADING.match(bound.piece.text, at)
    return [(m.start, m.end) for m in bound.piece.marked("product") if m.start in (at, article.end() if article else at)][:1]


def _with_rest_of_title(bound: Bound, scope: Scope, start: int, end: int) -> int:
    """Where the mention ends with the next word, where both stand so in a title: "gift ‖ cards"."""
    own, rest = words_of(bound.piece.text, start, end), words_of(bound.piece.text, end, bound.piece.end)
    if (named := _rest_of_name(own, rest, scope)) and not bound.takes(Spot(start=end, end=named)):
        return named
    if not own or not rest or bound.piece.text[end : rest[0].start].strip() or rest[0].text.lower() in NO_GOODS | COMMON or changes(rest[0].text):
        return end
    spot, pair = Spot(start=rest[0].start, end=rest[0].end), (own[-1].stem, rest[0].stem)
    if bound.takes(spot) or any(v.overlaps(spot) for v in bound.piece.values.items if not hasattr(v, "kind")):
        return end
    titles = scope.linker.vocabulary.titles
    return spot.end if any(pair in zip(title, title[1:], strict=False) for title in titles) else end


def _rest_of_name(own: Sequence[Word], rest: Sequence[Word], scope: Scope) -> int:
    """Where a name of the shop ends that begins within a mention and goes on after it, "plastic ‖ free"; 0 for none."""
    stems = [word.stem for word in (*own, *rest[: scope.linker.vocabulary.longest])]
    for at in range(len(own)):
        length, _ = scope.linker.vocabulary.phrase_at(stems, at)
        if at + length > len(own):
            return rest[at + length - len(own) - 1].end
    return 0


def _noun_before(bound: Bound, scope: Scope, start: int) -> int | None:
    """Where the noun begins that a size or colour was said of: "dresses in size M" with "size M" marked."""
    led = re.compile(r"(?P<noun>\w+)\s+(?:in|with|of)\s+$").search(bound.piece.text, bound.piece.start, start)
    if led is None or not scope.linker.vocabulary.knows(stem(led["noun"])) or led["noun"].lower() in NO_GOODS:
        return None
    return led.start()


def _runs(bound: Bound, scope: Scope, at: int | None = None, *, pointing: bool = False) -> list[tuple[int, int]]:
    """The longest run of words that are in the shop's names, not taken by another field."""
    piece, vocabulary = bound.piece, scope.linker.vocabulary
    runs: list[list[Word]] = [[]]
    words = list(words_of(piece.text, at if at is not None else piece.start, piece.end))
    # what "the last review of the bath salts" is about stands within its own mark
    within = ("review",) if at is None else ("review", "customer")  # and so do the goods of "everyone who bought the mug"
    busy = [*bound.taken, *(v for v in piece.values.items if not isinstance(v, Named) and not (isinstance(v, Words) and v.kind in within))]
    for place, word in enumerate(words):
        spot = Spot(start=word.start, end=word.end)
        if word.start == piece.start and len(words) > 1 and changes(word.text) and not _is_named(scope, words[:3]):
            continue  # "round them to .90" is no round board
        if word.text == "can" and place and words[place - 1].text.lower() in _WHO_CAN:
            runs.append([])
            continue
        is_text = bound.task.effect == "draft" and word.stem in _TEXTS and not _is_named(scope, words[place : place + 3])
        known = vocabulary.knows(word.stem) and word.text.lower() not in NO_GOODS and len(word.text) != 1 and not is_text
        leaning = pointing and word.text.lower() in ("the", "one", "ones", "a")
        if (known or leaning) and not any(spot.overlaps(b) for b in busy):
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    begin = at if at is not None else piece.start
    if all_of_it := EVERYTHING.search(piece.text, begin, piece.end) or _ALL_PRICES.search(piece.text, begin, piece.end):
        return [all_of_it.span()]
    best = max(runs, key=lambda run: (any(w.stem in vocabulary.by_word for w in run), len(run)))
    if all(word.text.lower() in COMMON for word in best) and not pointing:
        return []  # the "our" of a doormat that says "welcome to our home"
    if not best or (not pointing and not any(w.stem in vocabulary.by_word or vocabulary.phrases.get((w.stem,)) for w in best)):
        return []
    start = best[0].start
    if article := re.compile(r"\b(?:the|all|every|each|a|our|my|those|these|this)\s+(?:the\s+|our\s+)?$", re.I).search(
        piece.text, piece.start, start
    ):
        start = article.start()
    return [(start, best[-1].end)]


_TEXTS = frozenset({"letter", "note", "card", "message", "page", "post", "text", "notice", "line", "story", "poster"})
"""What is to be written, though there may be a letter set in the shop."""
_WHO_CAN = frozenset({"i", "we", "you", "they", "it", "he", "she", "that", "which", "who", "people", "customers", "anyone", "this"})


def _is_named(scope: Scope, words: Sequence[Word]) -> bool:
    """Whether a title or a name of the shop begins here, whatever the first word says as a verb."""
    stems = [word.stem for word in words]
    return any(tuple(stems[:n]) in scope.linker.vocabulary.titles for n in (2, 3)) or scope.linker.vocabulary.phrase_at(stems, 0)[0] > 1


def _by_slot(piece: Piece, spans: Sequence[tuple[int, int]], slots: Sequence[Slot]) -> dict[str, list[tuple[int, int]]]:
    """Mentions by field: all to the one there is, else by the cue before each."""
    groups: dict[str, list[tuple[int, int]]] = {}
    for span in spans:
        before = piece.text[piece.start : span[0]].lower().rstrip()
        cued = [slot for slot in slots if any(before.endswith(cue) for cue in slot.cues)]
        slot = cued[0] if cued and len(slots) > 1 else slots[0]
        groups.setdefault(slot.name, []).append(span)
    return groups


async def _mention(scope: Scope, piece: Piece, start: int, end: int, *, category: bool) -> Link:
    """One mention with what it leaves out, leaning on the one before where it says "one"."""
    if excluded := _EXCEPT.search(piece.text, start, end):
        within = [v.start for v in piece.values.items if isinstance(v, Number | Share) and start < v.start < excluded.start()]
        stop = _BY.search(piece.text, start, min([excluded.start(), *within]))
        upto = stop.start() if stop else excluded.start()
        link = _everything(scope, piece, start, upto) or await _mention(scope, piece, start, upto, category=True)
        if not isinstance(link, Linked):
            return link
        but = await _joined(scope, piece.text, excluded.end(), end, head=(), category=False)
        if not isinstance(but, Linked):
            but = await _joined(scope, piece.text, excluded.end(), end, head=_noun(link.head, scope), category=False)
        if isinstance(but, Linked) and set(but.products).isdisjoint(link.products):
            if "but not" not in excluded[0].lower():
                return link  # none of what is left out is among them
            # "bought the throw but not the shirt": the second is no part of the first, so it is a condition of its own
            return Nothing(start=start, end=end, said=piece.text[start:end], near=())
        return await scope.linker.without(link, but) if isinstance(but, Linked) else but
    if (prices := _ALL_PRICES.match(piece.text, start, end)) and (of := _OF_WHICH.match(piece.text, prices.end(), end)):
        start = of.end()  # "all prices ‖ in the Kitchen collection"
    if (fresh := _PRAISED.match(piece.text, start, end)) is not None:
        found = await _joined(scope, piece.text, start, end, head=_head(scope, piece.text[start:end]), category=category)
        if not isinstance(found, Nothing):
            return found
        start = fresh.end()
    return _everything(scope, piece, start, end) or await _joined(
        scope, piece.text, start, end, head=_head(scope, piece.text[start:end]), category=category
    )


_BY = re.compile(r"\s+(?:(?:by|to|at)\s+)?(?:(?:another|an?\s+(?:extra|further|additional))\s+)?$", re.I)
_PRAISED = re.compile(
    r"(?:(?:the|our|my|this|that)\s+)?(?:(?:brand[\s-])?new|newest|latest|old|existing|current|popular|lovely|beautiful|nice|famous)\s+(?=\w)", re.I
)
"""Words that tell of goods what their titles do not: "how's the new linen shirt doing"."""


def _everything(scope: Scope, piece: Piece, start: int, end: int) -> Linked | None:
    """All there is, where "all prices by 3 percent" is what something is left out of."""
    prices = _ALL_PRICES.match(piece.text, start, end)
    if prices is None or _OF_WHICH.match(piece.text, prices.end(), end):
        return None
    return Linked(start=start, end=end, products=tuple(scope.linker.vocabulary.products), where=Where(everything=True), label="everything")


async def _joined(scope: Scope, text: str, start: int, end: int, *, head: Sequence[Word], category: bool) -> Link:
    """A mention, or several with "and" between them; "blue and red mugs" share their noun."""
    leaning = head
    if (titled := await _titles(scope, text, start, end)) is not None:
        return titled
    whole = await scope.linker.goods(text, start, end, head=leaning, category=category)
    joints = list(_JOINT.finditer(text, start, end))
    apart = any(_ALL_OF_A_KIND.match(text, joint.end(), end) for joint in joints) or _are_kinds(scope, text, start, end)
    if not joints or not (isinstance(whole, Nothing) or apart):
        return whole  # "the lantern and all candles" are two things, though the lantern is one for candles
    edges = [start, *(at for joint in joints for at in joint.span()), end]
    parts = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if text[a:b].strip()]
    if not parts:
        return whole  # nothing but joints: "or and"
    links: list[Linked] = []
    noun = _shared_noun(scope, text, *parts[-1])
    every = _EVERY.match(text, start, end) is not None  # "every soap and candle"
    for a, b in parts:
        only_options = _only_options(scope, text, a, b)
        if only_options and (a, b) == parts[-1]:
            return whole  # "the beanie, size small": a size alone is no goods of its own
        shares = only_options and (a, b) != parts[-1]
        many = shares and bool(noun) and noun[-1].plural
        link = await scope.linker.goods(text, a, b, head=noun if shares else leaning, category=category, many=many or (every and a > start))
        if not isinstance(link, Linked):
            return link
        links.append(link)
    return scope.linker.together(links) if len(links) > 1 else links[0]


_ALL_OF_A_KIND = re.compile(r"(?:all|every)\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?(?=\w)", re.I)


def _are_kinds(scope: Scope, text: str, start: int, end: int) -> bool:
    """Whether each side of an "and" is a kind of goods by itself: "dresses and shirts" are no shirt dress."""
    edges = [start, *(at for joint in _JOINT.finditer(text, start, end) for at in joint.span()), end]
    parts = [words_of(text, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if text[a:b].strip()]
    if key_of(text[start:end]) in scope.linker.vocabulary.titles or not all(parts):
        return False
    kinds = [scope.linker.vocabulary.phrases.get((words[-1].stem,), ()) for words in parts]
    return all(words[-1].plural and any(name.kind == "product_type" for name in names) for words, names in zip(parts, kinds, strict=True))


def _shared_noun(scope: Scope, text: str, start: int, end: int) -> Sequence[Word]:
    """What the last of several is, which holds for those before: "linen shirts" of "green linen shirts", "dress" of "M sizes of the dress"."""
    of = _SIZES_OF.match(text, start, end)
    words = words_of(text, of.end() if of else start, end)
    named = [w for w in words if w.text.lower() not in COMMON and not _is_option(scope, w)]
    return named or words[-1:]


_EVERY = re.compile(r"(?:all|every|each)\b", re.I)
_SIZES_OF = re.compile(r"\S+(?:\s+\S+)?\s+of\s+", re.I)


async def _titles(scope: Scope, text: str, start: int, end: int) -> Linked | None:
    """Several titles with "and" between: "felt slippers and wool socks" are two products, though one of them is of felt and wool."""
    edges = [start, *(at for joint in _JOINT.finditer(text, start, end) for at in joint.span()), end]
    parts = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if text[a:b].strip()]
    keys = [key_of(_LEADING.sub("", text[a:b].strip())) for a, b in parts]
    if len(parts) < 2 or not all(len(key) > 1 and key in scope.linker.vocabulary.titles for key in keys):
        return None
    links = [await scope.linker.goods(text, a, b) for a, b in parts]
    found = [link for link in links if isinstance(link, Linked)]
    return scope.linker.together(found) if len(found) == len(links) else None


_LEADING = re.compile(r"(?:the|our|my|all|every|both)\s+", re.I)
_ABOUT_OPTIONS = frozenset({"the", "all", "in", "size", "sizes", "colour", "color", "colours", "colors"})


def _only_options(scope: Scope, text: str, start: int, end: int) -> bool:
    """Nothing but colours and sizes."""
    plain = [w for w in words_of(text, start, end) if w.text.lower() not in _ABOUT_OPTIONS]
    return bool(plain) and all(_is_option(scope, w) for w in plain)


def _is_option(scope: Scope, word: Word) -> bool:
    return any(name.kind == "option" for name in scope.linker.vocabulary.phrases.get((word.stem,), ()))


def _head(scope: Scope, said: str) -> Sequence[Word]:
    """The noun that "one" stands for: that of the last mention before. A bare colour or size ("in sage") leans on all its words."""
    bare = _only_options(scope, said, 0, len(said))
    if not (bare or _ONE.search(said)):
        return ()
    heads = (head for earlier in reversed(scope.earlier) for head in reversed(list(earlier.bound.heads.values())) if head)
    head = next(heads, ())
    return tuple(w for w in head if not _is_option(scope, w)) if bare else _noun(head, scope)


def _noun(head: Sequence[Word], scope: Scope) -> Sequence[Word]:
    """The last word that is more than a colour or a size: "beanie" of "the merino beanie in black"."""
    named = scope.linker.vocabulary.phrases
    nouns = [w for w in head if w.stem in scope.linker.vocabulary.by_word or any(name.kind != "option" for name in named.get((w.stem,), ()))]
    return nouns[-1:]


async def select_people(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """Fill a field that holds customers or orders by name or number; whether anything was said of them by name."""
    record = cast(Literal["customer", "order"], slot.record)
    named = [
        v
        for v in bound.piece.values.items
        if isinstance(v, Named) and v.kind == ("email" if record == "customer" else "order") and not bound.takes(v)
    ]
    named += [v for v in bound.numbers if record == "order" and not bound.takes(v)]
    texts: list[tuple[Spot, str]] = [(v, v.text) for v in named]
    if record == "customer":
        marked = [spot for s in bound.piece.marked("customer") if not bound.takes(spot := Spot(start=s.start, end=s.end))]
        texts += [(s, _bare_name(bound.piece.of(s))) for s in marked if is_name(bound.piece.of(s)) and not any(s.overlaps(v) for v in named)]
    if record == "customer" and bound.task.effect == "read" and (family := _FAMILY.search(bound.piece.said)) is not None:
        return await _by_family(bound, scope, slot, family)
    if not texts and record == "customer" and not bound.piece.marked("customer"):
        texts = await _unmarked_name(bound, scope)
    if not texts:
        return False
    found: list[Mention] = []
    for spot, text in texts:
        bound.taken.append(spot)
        one = await _person(bound, scope, slot, record, text)
        if one is None:
            return True
        found.append(one)
    link = Linked(
        start=texts[0][0].start, end=texts[-1][0].end, products=tuple(dict.fromkeys(m.id for m in found)), record=record,
        where=Where(text=", ".join(m.label for m in found)), label=", ".join(m.label for m in found),
    )  # fmt: skip
    put(bound, slot, link)
    return True


_NAME = r"[A-ZÀ-Þ][\w’'-]+(?:\s+(?:van|von|de|der|den|del|la|le|du|zu|ter))*\s+[A-ZÀ-Þ][\w-]+"
_PERSON = re.compile(rf"(?<![\w\"“'‘])(?P<name>{_NAME})(?:[’']s)?(?!\w)")
_LOWER_PERSON = re.compile(
    r"\b(?:on|of|for|from|to|about|by|with|customer)\s+(?P<name>[^\W\d_]{2,}(?:\s+(?:van|von|de|der|den|del|la|le|du))*\s+[^\W\d_]{2,})(?:[’']s)?(?=\s|\W*$)"
)


async def _unmarked_name(bound: Bound, scope: Scope) -> list[tuple[Spot, str]]:
    """A customer's whole name where the reader marked nobody: "all data we hold on Sem Smit". Only names that there are."""
    needs = bound.task.effect != "read" or any("customers" in group for group in bound.task.args.one_of)
    for spot, name in _likely_names(bound, scope, (_PERSON, _LOWER_PERSON) if needs else (_PERSON,)):
        if await scope.holds("customer", name, partial(_is_called, scope, name)):
            return [(spot, name)]
    return []


async def _is_called(scope: Scope, name: str) -> bool:
    return any(key_of(name) == key_of(mention.label) for mention in await scope.store.named("customer", name))


_LIKELY = 8
"""Words of one clause that are looked up as a name without being marked as one."""


def _likely_names(bound: Bound, scope: Scope, patterns: Sequence[re.Pattern[str]]) -> list[tuple[Spot, str]]:
    """What may be a customer's name, each once, first what is written as names are and has the fewest words of the language and the shop."""
    found: dict[str, tuple[int, Spot, str]] = {}
    taken, own = set[int](), scope.own_words[bound.task.name] | COMMON
    for spot in bound.taken:
        taken.update(range(spot.start, spot.end))
    for pattern in patterns:
        for said in pattern.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
            name, (start, end) = said["name"], said.span("name")
            if name.casefold() in found or not taken.isdisjoint(range(start, end)):
                continue
            words = key_of(name)
            known = sum(map(scope.linker.vocabulary.knows, words))
            plain = sum(word in own for word in words)
            if known < len(words) and (name[0].isupper() or (plain < len(words) and words[0] not in COMMON)):
                found[name.casefold()] = (known + plain, Spot(start=start, end=end), name)
    return [(spot, name) for _, spot, name in sorted(found.values(), key=lambda one: one[0])[:_LIKELY]]


_FAMILY = re.compile(
    r"\b(?:(?:last|family|first|given)\s*-?\s*name|surname)s?\s+(?:is\s+|are\s+|of\s+|like\s+|=\s*)?[\"“'‘]?(?P<name>[^\W\d_][\w’'-]+)", re.I
)


_NAMESAKES = 500


async def _by_family(bound: Bound, scope: Scope, slot: Slot, said: re.Match[str]) -> bool:
    """ "Customers with last name Ferreira" are all who have it."""
    mentions = [m for m in await scope.store.named("customer", said["name"], limit=_NAMESAKES) if key_of(said["name"])[0] in key_of(m.label)]
    start = bound.piece.start + said.start()
    bound.taken.append(Spot(start=start, end=bound.piece.start + said.end()))
    if not mentions:
        bound.ask(slot.name, f"No customer's name has “{said['name']}” in it. Which customers do you mean?")
        return True
    label = f"customers named {said['name']}"
    put(bound, slot, Linked(
        start=start, end=start + len(said[0]), products=tuple(dict.fromkeys(m.id for m in mentions)), record="customer",
        where=Where(text=said["name"]), label=label,
    ))  # fmt: skip
    return True


async def _person(bound: Bound, scope: Scope, slot: Slot, record: Literal["customer", "order"], text: str) -> Mention | None:
    mentions = await scope.store.named(record, text)
    plain = text.casefold().lstrip("#")
    exact = [m for m in mentions if m.label.casefold().lstrip("#") == plain] or (list(mentions[:1]) if "@" in text and len(mentions) == 1 else [])
    if record == "customer" and not exact:
        words = set(key_of(text))
        exact = [m for m in mentions if words <= set(key_of(m.label))]
    if len(exact) == 1:
        return exact[0]
    options = [(m.id, m.label) for m in exact or mentions] if record == "customer" else []
    if exact:
        bound.ask(slot.name, f"{len(exact)} customers match “{text}”. Which one do you mean?", options)
    elif options:
        bound.ask(slot.name, f"No customer is called “{text}”. Did you mean one of these?", options)
    else:
        bound.ask(slot.name, f"There is no {record} “{text}” in this shop. Which {record} do you mean?")
    return None


_NOT_NAMES = re.compile(
    r"\b(?:customers?|buyers?|shoppers?|clients?|people|everyone|everybody|subscribers?|those|them|they|he|she|him|her|his|hers|who|best|top|vips?|loyal|repeat|new|all|members?|anyone|anybody|regulars|newcomers|spenders|ones)\b",
    re.I,
)


def is_name(text: str) -> bool:
    """ "Anna Schmidt", not "our best customers", nor "500 euros this year"."""
    text = _bare_name(text)
    if all(word in COMMON for word in re.findall(r"[^\W\d_]+", text.lower())):
        return False  # the "our" of "our 10 best customers"
    return _NOT_NAMES.search(text) is None and not re.search(r"\d", text) and re.search(r"\b[^\W\d_][\w'’-]+", text) is not None


def _bare_name(text: str) -> str:
    return re.sub(r"^(?:the\s+)?(?:customer|buyer|client)\s+(?=[A-ZÀ-Þ])|[’']s$", "", text.strip())

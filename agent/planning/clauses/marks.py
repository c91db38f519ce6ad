"""The reader's marks as binding needs them: whole words, and of the kind that the words around them tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planning.binding.scope import Scope
from agent.planning.language.fragments import OUR
from agent.planning.linking.vocabulary import key_of, words_of
from agent.records.reading import SlotSpan

_ARTICLE = re.compile(rf"\W*(?:an?|{OUR})\W*", re.I)
_NO_TOPIC = re.compile(r"\W*(?:(?:the|our|my|an?|this|these|new|latest|all)\W*)+", re.I)
""" "About ‖the new‖ robe" tells of the robe."""
_REST_OF_WORD = re.compile(r"[\w’']*(?:-\w+)*")
_START_OF_WORD = re.compile(r"[\w’'-]*$")


def whole_slots(text: str, slots: Sequence[SlotSpan], end: int) -> tuple[SlotSpan, ...]:
    """Slots as whole words ("gift-idea"), and those of one kind with nothing but a space between as one ("our best customers")."""
    merged: list[SlotSpan] = []
    for slot in (_goods_discounted(text, slot) for slot in sorted(slots, key=lambda s: s.start)):
        slot = _without_loose_preposition(text, slot)
        slot = (
            replace(slot, end=slot.start + led.start()) if (led := _LEADS_ON.search(text[slot.start : slot.end])) and slot.kind == "value" else slot
        )
        rest, before = _REST_OF_WORD.match(text, slot.end, end), _START_OF_WORD.search(text, 0, slot.start)
        ends_in_word = rest and text[slot.end - 1 : slot.end].isalnum() or text[slot.end - 1 : slot.end] == "-"
        slot = replace(slot, start=before.start() if before else slot.start, end=rest.end() if rest and ends_in_word else slot.end)
        last = merged[-1] if merged else None
        if last is not None and last.kind == slot.kind and not text[last.end : slot.start].strip(" -&"):
            merged[-1] = replace(last, end=slot.end, confidence=min(last.confidence, slot.confidence))
        else:
            merged.append(slot)
    # an article alone names nothing: "ordered ‖a‖ refill"
    named = (s for s in merged if s.kind != "product" or not _ARTICLE.fullmatch(text, s.start, s.end))
    return tuple(_unled(text, s) for s in named if s.kind != "topic" or not _NO_TOPIC.fullmatch(text, s.start, s.end))


_LEADS_ON = re.compile(r"\s+(?:with|containing|and)$", re.I)
""" "A collection called cosy nights ‖ with": what is in it follows."""
_HOLDS = re.compile(r"\b(?:with|containing)\s+(?:the|a|an|our|my)\s+$", re.I)


def titles_held(text: str, slots: Sequence[SlotSpan], scope: Scope) -> tuple[SlotSpan, ...]:
    """ "A collection called cosy nights with the ‖wool blanket‖": a title after "with the" is goods, whatever the reader took it for."""
    titles = scope.linker.vocabulary.titles
    held = (s.kind == "value" and _HOLDS.search(text[: s.start]) is not None and key_of(text[s.start : s.end]) in titles for s in slots)
    return tuple(replace(slot, kind="product") if is_held else slot for slot, is_held in zip(slots, held, strict=True))


_LOOSE_PREPOSITION = re.compile(r"\s+(?:in|on|at|that|about|to|with)$", re.I)


def _without_loose_preposition(text: str, slot: SlotSpan) -> SlotSpan:
    """ "Daan Bos ‖ in" of "message Daan Bos in Dutch"."""
    loose = _LOOSE_PREPOSITION.search(text[slot.start : slot.end]) if slot.kind == "customer" else None
    return slot if loose is None else replace(slot, end=slot.start + loose.start())


_KEPT_AT = re.compile(r"\s+(?:in|at)\s+(?:the\s+|our\s+)?(?P<place>(?-i:[A-ZÀ-Þ])[\w-]+(?:\s+(?:warehouse|shop|store|depot|branch))?)$", re.I)


def kept_at(text: str, slot: SlotSpan, scope: Scope) -> list[SlotSpan]:
    """Goods apart from where they are kept: "wool socks ‖ in Leipzig", where no goods are called so."""
    said = _KEPT_AT.search(text[slot.start : slot.end]) if slot.kind == "product" else None
    if said is None or said.start() == 0 or scope.linker.vocabulary.knows(words_of(said["place"])[0].stem):
        return [slot]
    return [
        replace(slot, end=slot.start + said.start()),
        SlotSpan(kind="place", start=slot.start + said.start("place"), end=slot.start + said.end("place"), confidence=slot.confidence),
    ]


_ARTICLES = re.compile(rf"(?:{OUR}|this|that)\s+(?=\S*[A-Z\d])")


def _unled(text: str, slot: SlotSpan) -> SlotSpan:
    """A code without the article that the reader marked with it: "end the ‖ SUMMER20"."""
    article = _ARTICLES.match(text, slot.start, slot.end) if slot.kind == "discount" else None
    return slot if article is None else replace(slot, start=article.end())


_ON_GOODS = re.compile(r"(?:on|for)\s+(?=[a-z ]+$)")


def _goods_discounted(text: str, slot: SlotSpan) -> SlotSpan:
    """ "On candles" marked as a discount names the goods it is for: a code is no such words."""
    said = _ON_GOODS.match(text[slot.start : slot.end]) if slot.kind == "discount" else None
    return replace(slot, kind="product", start=slot.start + said.end()) if said else slot


_RENAMED = re.compile(
    r"\b(?:rename|retitle|relabel|products?|items?)\s+(?:(?:the|product|item)\s+)*(?P<name>[\"“„«'‘][^\"”“»'’]+[\"”“»'’])\s*(?:to|into|as|->|→|=>)\s*[\"“„«'‘]",
    re.I,
)
_IN_QUOTES = re.compile(r"[\"“„«](?P<name>[^\"”“»]+)[\"”“»]")
_BECOMES = re.compile(r"\s*(?:to|as|is|=|:)\s*")
"""Between a field and what it is to be: "its meta title to “Salad bowl”" names no product."""


def quoted_names(text: str, start: int, end: int, slots: tuple[SlotSpan, ...], scope: Scope) -> tuple[SlotSpan, ...]:
    """With the products named in quotes, whatever the reader took them for: rename "A" to "B", and tag "Oak Board" with "gift"."""
    slots = tuple(_with_its_quotes(text, slot, start, end) for slot in slots)
    if renamed := _RENAMED.search(text, start, end):
        places = [renamed.span("name")]
    elif any(slot.kind == "product" for slot in slots):
        return slots
    else:
        titles = scope.linker.vocabulary.titles
        fields = [slot.end for slot in slots if slot.kind == "field"]
        quotes = [
            m for m in _IN_QUOTES.finditer(text, start, end) if not any(_BECOMES.fullmatch(text, at, m.start()) for at in fields if at <= m.start())
        ]
        places = [m.span() for m in quotes if key_of(m["name"]) in titles]
    others = [s for s in slots if all(s.end <= a or s.start >= b for a, b in places)]
    named = [SlotSpan(kind="product", start=a, end=b, confidence=1.0) for a, b in places]
    return tuple(sorted([*others, *named], key=lambda s: s.start))


def _with_its_quotes(text: str, slot: SlotSpan, start: int, end: int) -> SlotSpan:
    """A name with both its quotes where the reader marked it without them or with one: else what is in quotes is a text as well."""
    if slot.kind not in ("product", "customer"):
        return slot
    around = (m for m in _IN_QUOTES.finditer(text, start, end) if m.start() <= slot.start and slot.end <= m.end())
    quotes = next((m for m in around if text[slot.start : slot.end].strip('"“”„«» ') == m["name"].strip()), None)
    return slot if quotes is None else replace(slot, start=quotes.start(), end=quotes.end())


_TAG_THEM = re.compile(
    r"\b(?:tag|label)\s+(?P<who>(?:both|each|all)\s+of\s+(?:them|those|these)|(?:those|these|the)\s+(?:customers|people|buyers|clients|orders)|them\s+(?:all|both)|both|it|them|those|these|each|(?:those|these|the)\s+ones)\s+(?!(?:who|that|which|whose|from|in|of|with|without|over|above|under|below|to|for|tagged)\b)(?:(?:as|with)\s+)?[\"“'‘]?(?P<tag>[\w-]+(?:\s+(?!and\b|then\b|for\b|in\b|on\b|too\b|please\b|as\b)[\w-]+){0,2})"
    r"(?=[\"”'’]?\s*(?:$|[,.;!?]|(?:and|then|too|please|as\s+well)\b))",
    re.I,
)


def tagged(text: str, start: int, end: int, slots: Sequence[SlotSpan]) -> Sequence[SlotSpan]:
    """What follows "tag both" is the tag, though it may name goods too: "tag both linen". A place before it is none of it: "in Graz ‖ graz"."""
    slots = [part for at, slot in enumerate(slots) for part in _place_before_tag(text, slot, slots[at + 1 : at + 2])]
    said = _TAG_THEM.search(text, start, end) or _TAG_NAMED.search(text, start, end)
    if said is None or said["tag"].lower() in ("with", "as", "all", "of", "up"):
        return slots
    others = [slot for slot in slots if slot.end <= said.start() or slot.start >= said.end()]
    return sorted([*others, SlotSpan(kind="tag", start=said.start("tag"), end=said.end("tag"), confidence=1.0)], key=lambda slot: slot.start)


_TAG_NAMED = re.compile(
    r"\b(?:add|put|attach|remove|delete|drop|strip|take)\s+(?:off\s+)?(?:the|a)\s+(?:tag|label)\s+(?P<tag>[\w-]+(?:\s+(?!(?:and|or)\b)[\w-]+){0,2}?)"
    r"(?=\s+(?:to|from|off|on|onto)\b)",
    re.I,
)
""" "Add the tag last chance to …": all of its words, up to what bears it."""
_LED_BY_IN = re.compile(r"\b(?:customers|people|buyers|everyone|everybody|subscribers|members|clients)\s+(?:living\s+)?(?:in|from)\s+$", re.I)
_PLACE_AND_TAG = re.compile(r"(?P<place>(?:[A-ZÀ-Þ][\w’'-]*\s+)+)(?:(?:as|with)\s+)?(?P<tag>[\w-]+)")


_LED_BY_TAG = re.compile(r"\b(?:tag|label|mark|flag|and|,)\s+(?:orders?\s+)?$", re.I)
_NUMBER = re.compile(r"#?\d{4,8}")
_ORDER_AND_TAG = re.compile(r"(?P<order>#?\d{4,8})\s+(?:(?:as|with)\s+)?(?P<tag>[^\W\d].*)", re.S)


def _place_before_tag(text: str, slot: SlotSpan, after: Sequence[SlotSpan]) -> list[SlotSpan]:
    numbered = slot.kind == "tag" and _LED_BY_TAG.search(text[max(0, slot.start - 16) : slot.start])
    if numbered and (both := _ORDER_AND_TAG.fullmatch(text, slot.start, slot.end)) is not None:  # "tag ‖ 20980 ‖ gift"
        order = SlotSpan(kind="order", start=slot.start, end=both.end("order"), confidence=slot.confidence)
        return [order, replace(slot, start=both.start("tag"))]
    if numbered and after and after[0].kind == "tag" and _NUMBER.fullmatch(text, slot.start, slot.end):
        return [replace(slot, kind="order")]
    led = slot.kind == "tag" and _LED_BY_IN.search(text[max(0, slot.start - 40) : slot.start])
    if led and after and after[0].kind == "tag" and text[slot.start].isupper() and not text[slot.end : after[0].start].strip():
        return [replace(slot, kind="place")]
    said = _PLACE_AND_TAG.fullmatch(text, slot.start, slot.end) if led else None
    if said is None:
        return [slot]
    return [replace(slot, kind="place", end=slot.start + len(said["place"].rstrip())), replace(slot, start=said.start("tag"))]


_HOLDING = re.compile(r"\b(?:with|containing|including|contain(?:ing)?|include|for|of)\s+(?:(?:the|an?|our|any|some)\s+)?", re.I)
_MOST_WORDS = 5


def goods_of_orders(text: str, slots: tuple[SlotSpan, ...], scope: Scope) -> tuple[SlotSpan, ...]:
    """With the goods that are named within a mention of orders: "orders ‖ with a Linen Shirt ‖ that were refunded"."""
    if any(slot.kind == "product" for slot in slots):
        return slots
    titles, found = scope.linker.vocabulary.titles, list[SlotSpan]()
    for slot in slots:
        for held in _HOLDING.finditer(text, slot.start, slot.end) if slot.kind == "order" else ():
            words = words_of(text, held.end(), slot.end)[:_MOST_WORDS]
            whole = next((n for n in range(len(words), 0, -1) if tuple(word.stem for word in words[:n]) in titles), 0)
            if whole:
                found.append(SlotSpan(kind="product", start=words[0].start, end=words[whole - 1].end, confidence=1.0))
    return tuple(sorted([*slots, *found], key=lambda s: s.start)) if found else slots

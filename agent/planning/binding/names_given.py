"""The name that something new gets, the language that is said for a text, and the first name of who wrote a review."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from babel import Locale

from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.fragments import OUR
from agent.planning.language.values import Spot, Words
from agent.planning.linking.vocabulary import stem
from agent.sdk import Slot

_STOP = (
    r"(?=\s*(?:[,;.](?:\s|$)|$|[\"”])"
    r"|\s+(?:for|at|with|in|costing|priced|price|to|from|worth|selling|sold|into|under|by|sku|vendor)\b"
    r"|\s+and\s+(?:publish|put|add|tag|set|make|then)\b)"
)
_CODE_CALLED = re.compile(r"\b(?i:called|named)\s+[\"“‘']?(?P<text>[A-Z][A-Z0-9_-]{2,})\b")
"""A code as codes are written, wherever it stands: "10% for customers from Switzerland called GRUEZI"."""
_CALLED = re.compile(rf"\b(?:called|named|titled)\s+[\"“]?(?P<text>[^\W_].*?){_STOP}", re.I)
_CAPITALS = r"(?P<text>[A-Z][\w'’&-]*(?:\s+(?:(?:of|and|&|the|de|la|for)\s+)?[A-Z][\w'’&-]*)*)"
_UNTIL_TOLD = r"(?=\s*(?:[,;.](?:\s|$)|$)|\s+(?:in|at|for|with|priced|costing|sizes?|colou?rs?|sku|vendor|type|price)\b|\s+\d)"
_CAPITALS_ON = _CAPITALS.removesuffix(")") + (
    rf"(?:\s+(?!(?:please|now|and|which|that|as|to|it|in|at|for|with|by|on|into|from|of)\b)[a-z][a-z’'-]+){{1,2}}){_UNTIL_TOLD}"
)
"""A name that goes on in small letters up to what is told of the thing: "Anchor tee in S and M"."""
_NEW_PLAIN = re.compile(
    r"\bnew\s+(?:product|item|article)\s+(?:an?\s+)?"
    r"(?P<text>(?!(?:called|named|titled|please|which|that|and|it|with|to|as|from|by|on|into|in|at|for)\b)[^\W\d_][\w’'-]*"
    rf"(?:\s+[^\W\d_][\w’'-]*){{0,3}}?){_UNTIL_TOLD}",
    re.I,
)
"""The name of something new in small letters: "new product linen scarf in red"."""
_RENAMED = re.compile(rf"\b(?i:rename|retitle|call|name)\b.*?\s(?i:to|into|as)\s+{_CAPITALS}\s*[.!]?\s*$")


_NO_OPTIONS = frozenset({"hidden", "draft", "unpublished", "published", "active", "live", "online", "visible", "invisible"})


def without_states(bound: Bound) -> None:
    """ "Sizes S and L, hidden": the last is no size."""
    for slot in bound.task.slots:
        said = bound.args.get(slot.name)
        if slot.name in ("sizes", "colours") and isinstance(said, list):
            bound.args[slot.name] = [option for option in said if str(option).lower() not in _NO_OPTIONS]


def take_name(bound: Bound, scope: Scope) -> None:
    """The name of something new that the reader has not marked: "a product named Soy Candle for 12.50", "new product: Ash Bowl, 18"."""
    _take_open_choice(bound)
    if (author := next((s for s in bound.task.slots if "written by" in s.cues and s.name not in bound.args), None)) is not None:
        _take_text(bound, author, [_BY_SOMEBODY])
        _take_first_name(bound, author, scope)
    if bound.task.effect not in ("write", "action"):
        return
    if (
        place := next((s for s in bound.task.slots if "warehouse" in s.cues and s.types == ("text",) and s.name not in bound.args), None)
    ) is not None:
        _take_text(bound, place, [_AT_A_PLACE])
    texts = [s for s in bound.task.slots if s.types == ("text",) and s.name not in bound.args]
    if (renamed := next((s for s in texts if "rename" in s.cues), None)) is not None:
        _take_text(bound, renamed, [_RENAMED])
    _whole_name(bound, scope)
    for slot in texts:
        if slot.name in ("product_type", "vendor"):
            made = any("called" in s.cues for s in bound.task.slots if s.required)
            _take_text(bound, slot, [_after(slot), *_known(slot, scope)] if made else _as_new(slot))
    if (code := next((s for s in texts if s.name == "code" and "called" in s.cues), None)) is not None and bound.task.effect == "write":
        _take_text(bound, code, [_CODE_CALLED])
    if all("called" not in s.cues for s in bound.task.slots if s.required):
        return
    for slot in texts:
        _take_text(bound, slot, _names(slot) if slot.required else [_after(slot)])
        if slot.required and slot.name not in bound.args:
            _take_marked(bound, slot)
        if slot.required and slot.name not in bound.args:
            _take_quoted(bound, slot)


_NEW_NAME = re.compile(
    r"\b(?i:called|named|titled|call\s+it|name\s+it|collection)\s+(?P<text>[A-Z][\w'’&-]*(?:\s+(?:(?:of|and|&|the|de|la|for|to|in|under|over)\s+)?(?:[A-Z][\w'’&-]*|\d+))*)"
)
_QUOTED_NAME = re.compile(r"\b(?i:called|named|titled|call\s+it|name\s+it|collection)\s+[\"“‘'](?P<text>[^\"”’]+?)[\"”’']")


def take_title(bound: Bound) -> None:
    """What something new is to be called, to the last word of its name: "a collection called Under 20 with …"."""
    slot = next((s for s in bound.task.slots if s.name == "title" and s.types == ("text",) and not s.required and "called" in s.cues), None)
    if slot is not None and bound.args.get("action") == "create":
        _take_text(bound, slot, [_QUOTED_NAME, _NEW_NAME])


def take_languages(bound: Bound) -> None:
    """All the languages a text is to be put into: "into French and Italian", "German and French versions"."""
    slot = next((s for s in bound.task.slots if s.name == "into" and "texts" in s.types), None)
    if slot is None:
        _take_language(bound)
        return
    found = [m for m in _language_names().finditer(bound.piece.said) if not re.search(r"\bfrom\s+$", bound.piece.said[: m.start()], re.I)]
    if len(found) > len(bound.args.get(slot.name, [])):
        bound.args[slot.name] = list(dict.fromkeys(m[0] for m in found))
        bound.taken += [Spot(start=bound.piece.start + m.start(), end=bound.piece.start + m.end()) for m in found]


_TEXT = re.compile(
    r"\s+(?:(?:seo|meta|product|blog|facebook|instagram|google)\s+)?(?:seo|texts?|titles?|descriptions?|newsletters?|e-?mails?|posts?|ads?|pages?|faqs?|versions?|letters?|replies|reply|messages?)\b",
    re.I,
)


def _take_language(bound: Bound) -> None:
    """The language that a text to be written is called by: "write French SEO titles"."""
    slot = next((s for s in bound.task.slots if s.name == "language" and "text" in s.types and s.name not in bound.args), None)
    if slot is None or bound.task.effect != "draft":
        return
    said = next((m for m in _language_names().finditer(bound.piece.said) if _TEXT.match(bound.piece.said, m.end())), None)
    if said is not None:
        bound.args[slot.name] = said[0].title()
        bound.taken.append(Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end()))


@lru_cache(maxsize=1)
def _language_names() -> re.Pattern[str]:
    names = sorted({name for name in Locale("en").languages.values() if name.isalpha() and len(name) > 3}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(names)})\b", re.I)


def _take_open_choice(bound: Bound) -> None:
    """A usual value of a field that takes others too, which the reader marked with something else: "GLS 50123456789"."""
    for slot in bound.task.slots:
        if {"choice", "text"} <= set(slot.types) and slot.name not in bound.args:
            found = ((c, re.search(rf"(?<!\w){re.escape(c)}(?!\w)", bound.piece.said, re.I)) for c in slot.choices)
            said = next(((choice, match) for choice, match in found if match is not None), None)
            if said is not None:
                bound.args[slot.name] = said[0]
                bound.taken.append(Spot(start=bound.piece.start + said[1].start(), end=bound.piece.start + said[1].end()))


def _take_text(bound: Bound, slot: Slot, patterns: Iterable[re.Pattern[str]]) -> None:
    for pattern in patterns:
        match = pattern.search(bound.piece.said)
        if match is None:
            continue
        spot = Spot(start=bound.piece.start + match.start("text"), end=bound.piece.start + match.end("text"))
        if slot.required and (later := [taken.start for taken in bound.taken if spot.start < taken.start < spot.end]):
            cut = bound.piece.text[spot.start : min(later)].rstrip(" ,;:")  # "rain coat ‖ XS to XL"
            spot = Spot(start=spot.start, end=spot.start + len(cut))
        if not bound.takes(spot):
            bound.args[slot.name] = bound.piece.text[spot.start : spot.end].strip(" \"'“”")
            bound.taken.append(spot)
            return


_NEW_THING = re.compile(
    rf"(?:(?:an?|{OUR}|some|new|another|brand[\s-]new)\s+)*(?P<text>(?!(?:products?|items?|one|ones|it|them|this|that|things?)\b)[^\W_].*)",
    re.I | re.S,
)
_AT_A_PLACE = re.compile(
    r"\b(?:at|in|into|from|to)\s+(?:(?:the|our|my)\s+)?(?!(?:the|our|my|main|whole|entire|online|web|same|other)\b)(?P<text>[^\W\d_]{3,})\s+(?:warehouse|store|shop|depot|branch)\b",
    re.I,
)
_BY_SOMEBODY = re.compile(
    r"\b(?i:(?:reviews?|comments?|ratings?|stars?)\b[^,;]*?\b(?:written\s+)?(?:by|from))\s+(?P<text>[A-ZÀ-Þ][\w’'-]+\s+(?:(?:van|von|de|der)\s+)*[A-ZÀ-Þ][\w’'-]+)"
)
_FIRST_NAME = r"(?P<text>[A-ZÀ-Þ][a-zà-ÿ’'-]+)(?!\s+(?-i:[A-ZÀ-Þ])|\s+collection)"
_THEIR_REVIEW = r"[’']s?\s+(?i:(?:[a-z0-9-]+\s+){0,2}(?:reviews?|comments?|ratings?))\b"
_BY_FIRST_NAME = (
    re.compile(rf"\b(?i:(?:reviews?|comments?|ratings?|replies|reply)\b(?:\s+[a-z]+){{0,3}}?\s+(?:by|from|of))\s+{_FIRST_NAME}"),
    re.compile(rf"\b(?i:(?:reviews?|comments?|ratings?)\b[^,;]{{0,80}}?\s+(?:by|written\s+by))\s+{_FIRST_NAME}"),
    re.compile(
        r"\b(?i:thank|answer|reply\s+to|write\s+back\s+to|respond\s+to)\s+(?P<text>[A-ZÀ-Þ][a-zà-ÿ-]+(?:\s+[A-ZÀ-Þ][a-zà-ÿ-]+)?)(?=\s+(?:for|on|about)\s+(?:her|his|their|the)\b[^,;]*\breview)"
    ),
    re.compile(rf"(?<=[a-zà-ÿ,]\s)(?P<text>[A-ZÀ-Þ][a-zà-ÿ-]+\s+[A-ZÀ-Þ][a-zà-ÿ-]+){_THEIR_REVIEW}"),
    re.compile(rf"\b(?P<text>[A-ZÀ-Þ][a-zà-ÿ-]+){_THEIR_REVIEW}"),
)


def _take_first_name(bound: Bound, slot: Slot, scope: Scope) -> None:
    """ "The review by Tom", which is no day, place or name of the shop's goods."""
    said = next((m for pattern in _BY_FIRST_NAME for m in pattern.finditer(bound.piece.said) if not _is_known(m, bound, scope)), None)
    if said is None or slot.name in bound.args:
        return
    bound.args[slot.name] = said["text"]
    bound.taken.append(Spot(start=bound.piece.start + said.start("text"), end=bound.piece.start + said.end("text")))


def _is_known(said: re.Match[str], bound: Bound, scope: Scope) -> bool:
    """Whether a name is that of a day, a place or something of the shop's."""
    spot = Spot(start=bound.piece.start + said.start("text"), end=bound.piece.start + said.end("text"))
    dated = any(spot.overlaps(v) for v in bound.piece.values.items if not isinstance(v, Words) or v.kind in ("place", "channel", "discount"))
    goods = any(spot.overlaps(Spot(start=m.start, end=m.end)) for m in bound.piece.marked("product", "place", "channel"))
    named = any(scope.linker.vocabulary.knows(stem(word)) for word in said["text"].split())
    return dated or goods or named or bound.takes(spot) or said["text"].casefold() in country_names()


@lru_cache(maxsize=1)
def country_names() -> frozenset[str]:
    return frozenset(name.casefold() for name in Locale("en").territories.values())


def _take_marked(bound: Bound, slot: Slot) -> None:
    """What is to be made, where the reader took its name for goods there are: "list a Rust Linen Apron at 39"."""
    for mark in bound.piece.marked("product"):
        said = _NEW_THING.fullmatch(bound.piece.of(mark).strip())
        if said is not None and not bound.takes(Spot(start=mark.start, end=mark.end)):
            bound.args[slot.name] = said["text"]
            bound.guessed.append(slot.name)
            bound.taken.append(Spot(start=mark.start, end=mark.end))
            return


def _take_quoted(bound: Bound, slot: Slot) -> None:
    """The one text in quotes that nothing else was led to: "new product “Clay Mug” 18 euro"."""
    quoted = [v for v in bound.piece.values.items if isinstance(v, Words) and v.kind == "quoted" and not bound.takes(v)]
    if len(quoted) == 1:
        bound.args[slot.name] = quoted[0].text
        bound.taken.append(Spot(start=quoted[0].start, end=quoted[0].end))


def _after(slot: Slot) -> re.Pattern[str]:
    """ "Brand Terra", "type Bowls"."""
    cues = "|".join(re.escape(cue) for cue in sorted(slot.cues, key=len, reverse=True))
    return re.compile(rf"\b(?i:{cues or '(?!)'})\s*:?\s+[\"“]?{_CAPITALS}")


def _whole_name(bound: Bound, scope: Scope) -> None:
    """ "Vendor Little Kiln" of which the reader marked the first word."""
    for slot in bound.task.slots:
        begun = bound.args.get(slot.name)
        if slot.name not in ("product_type", "vendor") or not isinstance(begun, str):
            continue
        for pattern in _known(slot, scope):
            said = pattern.search(bound.piece.said)
            if said is not None and said["text"].casefold().startswith(begun.casefold()):
                bound.args[slot.name] = said["text"]
                bound.taken.append(Spot(start=bound.piece.start + said.start("text"), end=bound.piece.start + said.end("text")))


def _as_new(slot: Slot) -> Iterator[re.Pattern[str]]:
    """ "Belong to the type Socks"; the vendor of "all products from vendor Acme" is none that they are to have."""
    cues = "|".join(re.escape(cue) for cue in sorted(slot.cues, key=len, reverse=True))
    yield re.compile(rf"\b(?i:{cues})\s+(?i:of)\s+.+?\s+(?i:is|should\s+be|becomes)\s+[\"“]?{_CAPITALS}")
    yield re.compile(rf"\b(?i:change|set|switch|swap|update)\s+(?i:the\s+)?(?i:{cues})\s+(?i:of|for|on)\s+.+?\s+(?i:to)\s+[\"“]?{_CAPITALS}")
    yield re.compile(rf"\b(?i:belongs?\s+to|into|under|is|are|to)\s+(?i:the\s+)?(?i:{cues})\s*:?\s+[\"“]?{_CAPITALS}")


def _known(slot: Slot, scope: Scope) -> Iterator[re.Pattern[str]]:
    """ "Type soap", where the shop has that type."""
    labels = {name.label for names in scope.linker.vocabulary.phrases.values() for name in names if name.kind == slot.name}
    if labels:
        known = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
        cues = "|".join(re.escape(cue) for cue in slot.cues)
        yield re.compile(rf"\b(?:{cues})\s*:?\s+[\"“]?(?P<text>{known})(?!\w)", re.I)


def _names(slot: Slot) -> Iterator[re.Pattern[str]]:
    yield _CALLED
    cues = "|".join(re.escape(cue) for cue in sorted(slot.cues, key=len, reverse=True))
    yield re.compile(rf"\b(?i:{cues})\s*:\s*(?P<text>[^\W_].*?)(?i:{_STOP})")
    yield re.compile(rf"\b(?i:{cues})\s+(?:an?\s+|the\s+)?{_CAPITALS_ON}")
    yield re.compile(rf"\b(?i:{cues})\s+(?:an?\s+|the\s+)?{_CAPITALS}")
    yield _NEW_PLAIN

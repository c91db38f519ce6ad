"""Which of a list words mean by their places in it: "the second one", "number 3", "the last two", "all but the first", "any five of them"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.planning.language.fragments import THEM

_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
_NOUN = r"(?:ones?|reviews?|orders?|customers?|products?|items?|messages?|variants?|codes?|discounts?|people|results?|rows?)"
_COUNT = rf"(?:\d{{1,2}}(?!\d|%|[.,]\d)|{'|'.join(list(_COUNTS)[1:])})"
_NTH = rf"(?:{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))"
_ENDS = (
    rf"(?:(?<=\bone)(?!\s+of\s+(?!{THEM}))|(?<=\bones)(?!\s+of\s+(?!{THEM}))|(?=\W*$|\s*[,.;!?]|\s+(?:and|but|or|of\s+(?:{THEM})|as|to|with|in|by|on|at|from|into|too|please|pls|instead|only"
    r"|then|now|off|out|back|up|down)\b))"
)
_LABEL = r"(?=\s+[\w-]*[^\Ws]\W*$)"
"""One more word, such as the tag that is to be put on them."""
_LATTER = r"(?:(?:second|next)\s+(?:to\s+)?last|last\s+but\s+one|last|final|bottom)"
_AT = (
    rf"(?:the\s+)?(?:very\s+)?(?:(?P<run>first|top|last|bottom)\s+(?P<n>{_COUNT})|(?P<end>{_LATTER})|(?P<nth>{_NTH}))(?:\s+{_NOUN}\b)?"
    rf"|(?:numbers?|nos?\.|nr\.?)\s*(?P<number>\d{{1,2}})(?!\d|\s*(?:%|[€$£]|euros?|units|pieces))"
)
_NAMELESS = re.sub(r"\?P<\w+>", "?:", _AT)
_FURTHER = rf"(?:\s*(?:,|&|\+|,?\s*\band)\s*(?:{_NAMELESS}|\d{{1,2}}(?!\d)))*"
_SEVERAL = rf"(?:{_NAMELESS}){_FURTHER}"
_BUT = r"(?:but(?:\s+(?:not|for))?|except(?:\s+(?:for|not))?|apart\s+from|other\s+than|besides|without|minus|bar|not|excluding|leaving\s+out)"
_ALL = rf"(?:all|everything|everyone|every\s*body|every\s+one|each|the\s+(?:whole\s+)?lot)(?:\s+(?:of\s+(?:{THEM})|{_NOUN}))?"
_PLACE = re.compile(_AT, re.I)
_RUN = rf"\bthe\s+(?:first|top|last|bottom)\s+{_COUNT}{_LABEL}"
_IN_ORDER = re.compile(rf"(?:\b{_ALL}\s+{_BUT}\s+)?(?:\b(?=the\s)(?>{_SEVERAL}){_ENDS}|{_RUN})", re.I)
_BY_NUMBER = re.compile(rf"(?<!\border )(?<!\border's )(?:\b{_ALL}\s+{_BUT}\s+)?\b(?=(?:numbers?|nos?\.|nr\.?)\s*\d)(?>{_SEVERAL}){_ENDS}", re.I)
_SO_MANY = re.compile(rf"(?:\b(?:any|just|only|some)\s+)?(?P<n>{_COUNT})\s+(?:{_NOUN}\s+)?of\s+(?:{THEM})\b", re.I)
_SAID_BUT = re.compile(rf"{_ALL}\s+{_BUT}\s", re.I)
_TALK = (
    r"\W*(?:(?:ok(?:ay)?|and|just|only|show|give|list|see|take|tell|me|us|i|want|would|like|let['’]?s|what|how|about|no|nope|nah|sorry|actually|wait|oops|oh|hm+"
    r"|mean|meant|yes|yep|yeah|sure|please|pls|now|then|so|rather|open|pick|keep|use|do|for|of\s+(?:them|those|these)|make\s+(?:it|that)|can|could|you|only)\b[\s,.!:…–—-]*)*"
)
_LEFT_OUT = (
    r"(?:(?:but\s+)?(?:not|except(?:\s+for)?|without|skip|drop|minus|excluding|exclude|leave\s+out|leaving\s+out|take\s+out|remove|forget"
    r"|never\s*mind)\s+)"
)
_TAIL = (
    rf"(?:[\s,]+(?:of\s+(?:{THEM}|the\s+list|(?:the\s+)?(?:two|three|four|five|\d+))|please|pls|only|then|instead|rather|now|thanks|first|there|on\s+the\s+list"
    r"|though|in\s+(?:the|that|this)\s+list))*\W*"
)
_WHOLE = re.compile(
    rf"(?P<talk>{_TALK})(?P<but>(?:(?:but\s+)?{_ALL}\s+{_BUT}\s+)|{_LEFT_OUT})?"
    rf"(?P<which>(?:any\s+)?{_COUNT}\s+(?:{_NOUN}\s+)?of\s+(?:{THEM})|any\s+{_COUNT}|{_SEVERAL}){_TAIL}",
    re.I,
)
_BARE_COUNT = re.compile(rf"(?:any\s+)?(?P<n>{_COUNT})\b", re.I)
_MORE_NUMBERS = re.compile(r"(?:,|&|\+|\band)\s*(\d{1,2})(?![\dsnrt])", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Some of a list by their places."""

    start: int
    end: int
    spans: tuple[tuple[int, int], ...]
    """(first, count), the first being 0; a negative first counts from the end."""
    but: bool = False
    """All others are meant."""
    kinds: frozenset[str] = frozenset()
    """What they are called: "order" of "the second order"."""

    @property
    def says_last(self) -> bool:
        return any(first < 0 for first, _ in self.spans)

    @property
    def one(self) -> bool:
        return not self.but and len(self.spans) == 1 and self.spans[0][1] == 1

    def of(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the list, in its order; none where a place is beyond its end."""
        said: set[int] = set()
        for first, count in self.spans:
            at = max(len(ids) + first, 0) if first < 0 else first
            if at >= len(ids):
                return ()
            said |= set(range(at, min(at + count, len(ids))))
        return tuple(id for at, id in enumerate(ids) if (at in said) is not self.but)


def which_in(said: str) -> Which | None:
    """The places that an order names beside what is to be done: "hide the last two", "tag all but the first"."""
    places = [m for pattern in (_IN_ORDER, _BY_NUMBER, _SO_MANY) if (m := pattern.search(said)) is not None]
    found = min(places, key=lambda m: m.start(), default=None)
    if found is None:
        return None
    but = _SAID_BUT.match(found[0])
    spans = _spans(found[0][but.end() if but else 0 :])
    return Which(start=found.start(), end=found.end(), spans=spans, but=but is not None, kinds=_kinds(found[0])) if spans else None


def which_alone(text: str) -> Which | None:
    """The places that a message names and nothing else: "the second one", "just 4 of them", "all but the first"."""
    found = _WHOLE.fullmatch(text)
    spans = _spans(found["which"]) if found is not None else ()
    if found is None or not spans:
        return None
    first = "but" if found["but"] else "which"
    return Which(start=found.start(first), end=found.end("which"), spans=spans, but=first == "but", kinds=_kinds(found[0]))


_KINDS = {
    "review": "review", "order": "order", "customer": "customer", "people": "customer", "product": "product", "item": "product", "variant": "product",
    "message": "message", "code": "discount", "discount": "discount",
}  # fmt: skip


def _kinds(said: str) -> frozenset[str]:
    return frozenset(kind for word, kind in _KINDS.items() if re.search(rf"\b{word}s?\b", said, re.I))


def _spans(said: str) -> tuple[tuple[int, int], ...]:
    """(first, count) of each place said; none where one of them is no place, such as number 0."""
    spans = [_span(m) for m in _PLACE.finditer(said)]
    if not spans and (some := _BARE_COUNT.search(said)) is not None:
        spans = [(0, _count(some["n"]))]
    elif re.match(r"\W*n", said, re.I):
        spans += [(int(m[1]) - 1, 1) for m in _MORE_NUMBERS.finditer(said)]
    return tuple(spans) if all(count > 0 for _, count in spans) else ()


def _span(found: re.Match[str]) -> tuple[int, int]:
    if found["run"]:
        n = _count(found["n"])
        return (-n, n) if found["run"].lower() in ("last", "bottom") else (0, n)
    if found["end"]:
        return (-2, 1) if re.match(r"second|next|last\s+but", found["end"], re.I) else (-1, 1)
    if found["number"]:
        n = int(found["number"])
        return n - 1, min(n, 1)
    nth = found["nth"].lower()
    place = _ORDINALS.get(nth) or int(nth[:-2])
    return place - 1, min(place, 1)


def _count(said: str) -> int:
    return _COUNTS.get(said.lower()) or int(said)

"""What a shop's goods, tags and places are called, found in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale

from agent.sdk.store import Mention

MANY = 25
"""Most products that a name may mean in a rule; more is no name."""
_CALLED = {"uk": "GB", "great britain": "GB", "england": "GB", "usa": "US", "america": "US", "the us": "US", "the states": "US", "holland": "NL"}
_CODES = {"UK": "GB", "US": "US", "USA": "US"}
_LEADS = r"(?:from|to|in|within|ships?\s+to|shipping\s+to|goes\s+to|country\s+is)"
_PLAIN_WORDS = frozenset(
    {
        "a", "an", "the", "our", "my", "any", "all", "some", "of", "for", "new", "each", "every", "that", "is", "are", "product", "products",
        "item", "items",
    }
)  # fmt: skip
_KINDS = {"collection": "collections", "product_type": "product_types", "vendor": "vendors", "tag": "product_tags"}


@dataclass(frozen=True, slots=True)
class Names:
    """The shop's vocabulary, as it is looked up in a rule's words."""

    mentions: Sequence[Mention]
    customer_tags: frozenset[str] = frozenset({"vip", "wholesale"})
    """Tags of customers that count before the word "customer" beside those the shop's vocabulary has."""

    def is_tag(self, word: str) -> bool:
        folded = word.casefold()
        return folded in self.customer_tags or any(m.kind == "tag" and m.label.casefold() == folded for m in self.mentions)

    def any_in(self, text: str) -> bool:
        return next(self.goods_in(text), None) is not None

    def goods_in(self, text: str) -> Iterator[tuple[str, Any, int, int]]:
        """Condition, its value, and where it was said: products (id to title), collections, types and vendors, the longest name first."""
        taken: list[tuple[int, int]] = []
        known = [m for m in self.mentions if m.kind in ("product", "collection", "product_type", "vendor")]
        for mention in sorted(known, key=lambda m: -len(m.label)):
            for found in re.finditer(rf"(?<!\w){_forms(mention.label)}(?!\w)", text, re.I):
                if any(found.start() < end and start < found.end() for start, end in taken):
                    continue
                taken.append(found.span())
                start, end = _widened(text, *found.span())
                value: Any = {mention.id: mention.label} if mention.kind == "product" else [mention.label]
                yield ("products" if mention.kind == "product" else _KINDS[mention.kind]), value, start, end
        yield from self._by_words(text, taken)

    def _by_words(self, text: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[str, Any, int, int]]:
        """ "the blue mug" for Blue Ceramic Mug: two words or more that all stand in a title, as long as possible."""
        titles = [(m, _stems(m.label)) for m in self.mentions if m.kind == "product"]
        words = [w for w in re.finditer(r"[\w'’]+", text) if not any(w.start() < end and start < w.end() for start, end in taken)]
        at = 0
        while at < len(words):
            for length in range(min(5, len(words) - at), 0, -1):
                some = words[at : at + length]
                if re.search(r"\s{2,}|[,.;:]", text[some[0].start() : some[-1].end()]) or some[0][0].casefold() in _PLAIN_WORDS:
                    continue
                wanted = {_stem(w[0]) for w in some}
                found = [m for m, stems in titles if wanted <= stems]
                if 0 < len(found) <= MANY and all(_stem(w[0]) not in _PLAIN_WORDS for w in some):
                    start, end = _widened(text, some[0].start(), some[-1].end())
                    yield "products", {m.id: m.label for m in found}, start, end
                    at += length - 1
                    break
            at += 1

    def countries_in(self, text: str) -> Iterator[tuple[str, int, int]]:
        """ISO codes of the countries named after from, to or in."""
        for found in re.finditer(
            rf"\b{_LEADS}\s+(?P<names>{_countries()}(?:(?:\s*,\s*|\s+or\s+|\s+and\s+)(?:the\s+)?{_countries()})*)(?!\w)", text, re.I
        ):
            for name in re.split(r"\s*,\s*|\s+or\s+|\s+and\s+", found["names"]):
                yield _code(name), *found.span()


def _forms(label: str) -> str:
    """A name with or without its plural."""
    escaped = re.escape(label)
    return f"{escaped}(?:e?s)?" if not label.casefold().endswith("s") else f"{escaped[:-1]}s?"


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """With the words before and after that only say what kind of name it is."""
    before = re.search(
        r"(?:\b(?:for|of|from|in|with|contains?|containing|includes?|including|buys?|orders?"
        r"|by|is|the|our|a|an|any|all|vendor|collection|type|(?:but\s+)?(?:only|just)(?=\s+(?:for|of|with|in|the|from)\b)|(?<=\bonly\s)for:|(?<=\bjust\s)for:)\s+)+$",
        text[:start],
        re.I,
    )
    after = re.match(r"\s+(?:collection|products?|items?|range|only)\b", text[end:], re.I)
    return before.start() if before else start, end + (after.end() if after else 0)


def _stem(word: str) -> str:
    word = word.casefold().removesuffix("'s").removesuffix("’s")
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _stems(label: str) -> set[str]:
    return {_stem(word) for word in re.findall(r"[\w'’]+", label)}


@cache
def _names() -> dict[str, str]:
    return {name.casefold(): code for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()} | _CALLED


@cache
def _countries() -> str:
    names = sorted((*_names(), *(code.lower() for code in _CODES)), key=len, reverse=True)
    return rf"(?:(?:the\s+)?(?:{'|'.join(re.escape(name) for name in names)}))"


def _code(name: str) -> str:
    name = name.strip()
    return _CODES.get(name.upper()) or _names().get(name.casefold()) or _names()[re.sub(r"^the\s+", "", name.casefold())]

"""A mention of goods taken apart: the words that must match, how many are meant, and the conditions said with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.planning.linking.vocabulary import Vocabulary, Word, words_of
from agent.sdk import Between

Status = Literal["active", "draft", "archived"]

_ALL = frozenset(["all", "every", "each", "any", "everything", "both", "whole", "entire", "anything", "whatever"])
_DETERMINERS = frozenset({
    "the", "a", "an", "our", "my", "your", "their", "its", "this", "that", "thats", "these", "those", "some", "of", "for", "to", "on", "in", "at",
    "and", "as", "which", "are", "is", "who", "currently", "still", "already", "yet", "that's", "that’s", "whats", "what's", "what’s",
    "with", "also", "too", "please",
})  # fmt: skip
_THIS = frozenset(["the", "this", "that"])
_HOLLOW = frozenset(
    [
        "product", "item", "good", "thing", "stuff", "one", "merchandise", "article", "catalogue", "catalog", "shop", "store", "inventory",
        "stock", "listing", "range", "line", "sku", "variant", "version", "option", "piece",
    ]
)  # fmt: skip
"""Nouns that stand for goods without narrowing them, unless the shop calls something so."""
_CUES: dict[str, tuple[str, ...]] = {
    "collection": ("collection",), "collections": ("collection",), "category": ("product_type", "collection"), "type": ("product_type",),
    "tag": ("tag",), "tagged": ("tag",), "vendor": ("vendor",), "brand": ("vendor",), "supplier": ("vendor",), "maker": ("vendor",),
    "by": ("vendor",), "from": ("vendor", "collection"),
}  # fmt: skip
_OF = frozenset(["of", "from", "out", "by"])
_STATUS: dict[str, Status] = {
    "draft": "draft", "drafts": "draft", "unpublished": "draft", "hidden": "draft", "archived": "archived", "active": "active", "published": "active",
}  # fmt: skip
_AVAILABLE = re.compile(
    r"\b(?:(?P<out>out[\s-]+of[\s-]+stock|sold[\s-]+out|no\s+(?:more\s+)?stock(?:\s+left)?|none\s+left)|(?P<back>in[\s-]+stock))\b", re.I
)
STATE_OF_GOODS = rf"(?:(?:out|low)[\s-]+(?:of[\s-]+|on[\s-]+)?stock|in[\s-]+stock|sold[\s-]+out|{'|'.join(_STATUS)})"
"""How goods are, said before their name: "sold out mugs", "archived candles"."""
OPTION_CUES = frozenset(["size", "sizes", "colour", "colours", "color", "colors"])
_SIZE_NAMES = {"small": "s", "medium": "m", "large": "l", "xsmall": "xs", "xlarge": "xl"}
SIZES = re.compile(
    r"\bsizes?\s+(?P<low>\w+)\s*(?:-|–|to|through|until)\s*(?P<high>\w+)\b"
    r"|(?:\bin\s+)?\bsizes?\s+(?P<from>\w+)\s+(?:and|or)\s+(?:larger|bigger|up|above|over|more)\b"
    r"|(?:\bin\s+)?\bsizes?\s+(?P<upto>\w+)\s+(?:and|or)\s+(?:smaller|down|below|under|less)\b"
    r"|(?:\b(?:in|all|every)\s+)*\b(?:sizes?\s+(?:below|under|smaller\s+than)|(?:below|under|smaller\s+than)\s+size)\s+(?P<below>\w+)\b"
    r"|(?:\b(?:in|all|every)\s+)*\b(?:sizes?\s+(?:above|over|(?:larger|bigger)\s+than)|(?:above|over|(?:larger|bigger)\s+than)\s+size)\s+(?P<beyond>\w+)\b"
    r"|\b(?P<lone>[A-Z0-9]{1,4})\s+(?:and|or)\s+(?:larger|bigger|up|above)\b"
    r"|\b(?P<lone2>[A-Z0-9]{1,4})\s+(?:and|or)\s+(?:smaller|down|below)\b"
)


ALL_OPTIONS = re.compile(
    r"[\s,]*\b(?:(?:in|for|across|of)\s+)?(?:all|every|each|any)\s+(?:(?:of|the|its|their|available|single)\s+)*(?:sizes?|colou?rs?)\b"
    r"(?:\s+and\s+(?:sizes?|colou?rs?)\b)?(?!\s+(?:below|above|under|over|from|up|smaller|larger|bigger|except|but|\w+\s+(?:and|or)\s+(?:up|larger|smaller)))",
    re.I,
)
""" "In all sizes" narrows nothing: it is the thing as a whole."""


@dataclass(frozen=True, slots=True)
class SizeRange:
    low: str | None
    high: str | None
    open: bool = False
    """Neither end is among them: "below L"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What a mention asks for."""

    start: int
    end: int
    said: str
    words: tuple[Word, ...]
    """Those that must match, in order."""
    kinds: tuple[str, ...] = ()
    """Kinds of name the words are, where the merchant said so ("the summer collection", "by Acme")."""
    options: frozenset[int] = frozenset()
    """Where the words begin that are said to be a size or a colour: the "m" of "size m"."""
    every: bool = False
    definite: bool = False
    plural: bool = False
    status: Status | None = None
    stock: Between[int] | None = None
    sizes: SizeRange | None = None

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(word.stem for word in self.words)

    @property
    def many(self) -> bool:
        """More than one record may be meant."""
        return self.every or self.plural


@dataclass(slots=True)
class _Reading:
    words: list[Word] = field(default_factory=list)
    kinds: tuple[str, ...] = ()
    options: set[int] = field(default_factory=set)
    every: bool = False
    definite: bool = False
    plural: bool = False
    status: Status | None = None


def phrase(text: str, start: int, end: int, vocabulary: Vocabulary, *, head: Sequence[Word] = ()) -> Phrase:
    """The mention at `text[start:end]` taken apart.

    Args:
        head: Words of an earlier mention that this one leans on: "the red one" after "the blue mug" has the head "mug".
    """
    stock, sizes, rest = _conditions(text, start, end)
    read = _Reading()
    said = [word for word in words_of(text, start, end) if not any(a <= word.start < b for a, b in rest)]
    if head:  # whatever a shop calls "one size", "the red one" stands for the head
        read.plural = any(word.text.lower() == "ones" for word in said)
        said = [word for word in said if word.text.lower() not in ("one", "ones")]
    for at, word in enumerate(said):
        _take(word, at, said, read, vocabulary)
    words = [*read.words, *(word for word in head if word.stem not in {w.stem for w in read.words})]
    return Phrase(
        start=start, end=end, said=text[start:end], words=tuple(words), kinds=read.kinds,
        options=frozenset(read.options), every=read.every, definite=read.definite,
        plural=read.plural or (bool(words) and words[-1].plural and not head), status=read.status, stock=stock, sizes=sizes,
    )  # fmt: skip


def _take(word: Word, at: int, said: Sequence[Word], read: _Reading, vocabulary: Vocabulary) -> None:
    low = word.text.lower()
    alone = len(said) == 1
    if low in _ALL:
        read.every = True
        read.plural = read.plural or low == "both"
    elif low in _DETERMINERS and not (alone and vocabulary.knows(word.stem)) and not _named_with(word, at, said, vocabulary):
        read.definite = read.definite or low in _THIS
        read.plural = read.plural or low in ("these", "those")
    elif (
        low in OPTION_CUES and at > 0 and read.words and read.words[-1] is said[at - 1] and (at + 1 == len(said) or said[at + 1].text.lower() in _OF)
    ):
        read.options.add(said[at - 1].start)  # "all XL sizes"
    elif low == "made" and at + 1 < len(said) and said[at + 1].text.lower() in _OF:
        pass  # "made of glass"
    elif low in OPTION_CUES and at + 1 < len(said):
        read.options.add(said[at + 1].start)
    elif low in _CUES and not (vocabulary.by_word.get(word.stem) and not alone and at == 0) and not _named_with(word, at, said, vocabulary):
        read.kinds = _CUES[low]
    elif low in _STATUS and not vocabulary.knows(word.stem):
        read.status = _STATUS[low]  # fmt: skip
    elif word.stem in _HOLLOW and not vocabulary.knows(word.stem):
        read.plural = read.plural or word.plural
    else:
        read.words.append(word)


def _named_with(word: Word, at: int, said: Sequence[Word], vocabulary: Vocabulary) -> bool:
    """Part of a name of the shop's own: the tag "by hand", the collection "From the sea"."""
    stems = [w.stem for w in said]
    return any(
        vocabulary.phrase_at(stems, begin)[0] > at - begin and vocabulary.phrase_at(stems, begin)[0] > 1 for begin in range(max(0, at - 3), at + 1)
    )


def is_hollow(stem: str) -> bool:
    """Whether a noun stands for goods without narrowing them: "products", "items"."""
    return stem in _HOLLOW


def available(text: str, start: int, end: int) -> tuple[Between[int], int, int] | None:
    """Whether goods are to be in stock or out of it, and where that is said."""
    found = _AVAILABLE.search(text, start, end)
    return None if found is None else (Between[int](at_most=0) if found["out"] else Between[int](at_least=1), *found.span())


def _conditions(text: str, start: int, end: int) -> tuple[Between[int] | None, SizeRange | None, list[tuple[int, int]]]:
    stock: Between[int] | None = None
    sizes: SizeRange | None = None
    places: list[tuple[int, int]] = []
    if said_stock := available(text, start, end):
        stock = said_stock[0]
        places.append(said_stock[1:])
    if (whole := ALL_OPTIONS.search(text, start, end)) and whole.start() > start:
        places.append(whole.span())
    if said := SIZES.search(text, start, end):
        low = said["low"] or said["from"] or said["lone"] or said["beyond"]
        high = said["high"] or said["upto"] or said["lone2"] or said["below"]
        sizes = SizeRange(_size(low), _size(high), open=bool(said["beyond"] or said["below"]))
        places.append(said.span())
    return stock, sizes, places


def _size(name: str | None) -> str | None:
    return None if name is None else _SIZE_NAMES.get(name.lower(), name.lower())


def other_size(stem: str) -> str | None:
    """ "large" is also L, and L also "large"."""
    return _SIZE_NAMES.get(stem) or next((name for name, short in _SIZE_NAMES.items() if short == stem and len(name) > 4), None)

"""What a shop's things are called, indexed by word: made once per version of the store's vocabulary."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agent.planning.language.fragments import SEASONS
from agent.sdk.store import Mention, Store

_SO_MANY = frozenset({"set", "pair", "trio", "duo", "pack", "bundle"})
"""After the noun of a title: a glass straw set is straws."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text and where it stands."""

    text: str
    stem: str
    start: int
    end: int

    @property
    def plural(self) -> bool:
        plain = _plain(self.text)
        return plain in ("women", "men", "children") or (plain.endswith("s") and self.stem != plain)


_WORD = re.compile(r"\w+(?:[’']\w+)?")
_IRREGULAR = {
    "scarves": "scarf", "knives": "knife", "shelves": "shelf", "leaves": "leaf", "glasses": "glass", "women": "woman", "men": "man",
    "children": "child", "gray": "grey", "color": "colour", "colors": "colour", "colours": "colour", "colored": "coloured",
}  # fmt: skip
_NOT_PLURAL = frozenset(["glass", "dress", "christmas", "texas", "canvas", "series", "this", "his", "its", "was", "is", "has", "us", "news", "kids'"])


@lru_cache(maxsize=4096)
def words_of(text: str, start: int = 0, end: int | None = None) -> tuple[Word, ...]:
    """The words of `text[start:end]`, with places in `text`. Remembered, since each step of a plan looks at the same few stretches."""
    return tuple(Word(m[0], stem(m[0]), m.start(), m.end()) for m in _WORD.finditer(text, start, len(text) if end is None else end))


def stems_of(texts: Iterable[str]) -> frozenset[str]:
    """The stems of all words: for what is looked at once, such as thousands of a task's phrases at the start."""
    return frozenset(stem(word) for text in texts for word in _WORD.findall(text))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Lower case, without accents, in the singular: "Dresses" and "dress" are one."""
    plain = _plain(word)
    if plain in _IRREGULAR:
        return _IRREGULAR[plain]
    if plain.endswith("ie") and len(plain) > 4:
        return plain[:-2] + "y"  # so that "beanie" and "beanies" meet
    if len(plain) < 4 or plain in _NOT_PLURAL or plain.endswith(("ss", "us", "is")) or not plain.endswith("s") or plain[-2].isdigit():
        return plain
    if plain.endswith("ies") and len(plain) > 4:
        return plain[:-3] + "y"
    if plain.endswith(("sses", "shes", "ches", "xes", "zes")):
        return plain[:-2]
    return plain[:-1]


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    return re.sub(r"[’']s?$|[’']", "", "".join(c for c in folded if not unicodedata.combining(c)))


def key_of(text: str) -> tuple[str, ...]:
    return tuple(word.stem for word in words_of(text))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Titles by word, and everything else that has a name by its whole phrase."""

    version: str
    products: dict[str, str]
    """Id to title."""
    titles: dict[tuple[str, ...], tuple[str, ...]]
    """A whole title to product ids."""
    by_word: dict[str, frozenset[str]]
    """A word to the products with it in their titles."""
    phrases: dict[tuple[str, ...], tuple[Mention, ...]]
    """A whole phrase to collections, tags, vendors, product types and option values."""
    words: frozenset[str]
    """Every word there is."""
    longest: int
    """Words in the longest phrase."""
    tricky: re.Pattern[str]
    """Names of several words that hold a number or a season, so that "Gifts under 25" is no condition on prices."""
    vectors: dict[str, object] = field(default_factory=dict, compare=False)
    """What later hands cache beside it, such as embeddings of titles; dropped with it."""

    @classmethod
    def of(cls, mentions: Iterable[Mention], version: str) -> Vocabulary:
        products: dict[str, str] = {}
        titles: dict[tuple[str, ...], list[str]] = defaultdict(list)
        by_word: dict[str, set[str]] = defaultdict(set)
        phrases: dict[tuple[str, ...], list[Mention]] = defaultdict(list)
        for mention in mentions:
            key = key_of(mention.label)
            if not key:
                continue
            if mention.kind == "product":
                products[mention.id] = mention.label
                titles[key].append(mention.id)
                for word in key:
                    by_word[word].add(mention.id)
            else:
                phrases[key].append(mention)
        return cls(
            version=version, products=products,
            titles={k: tuple(v) for k, v in titles.items()}, by_word={k: frozenset(v) for k, v in by_word.items()},
            phrases={k: tuple(v) for k, v in phrases.items()}, words=frozenset(by_word) | {word for key in phrases for word in key},
            longest=max((len(key) for key in phrases), default=0),
            tricky=_any_of(label for label in (*products.values(), *(m.label for ms in phrases.values() for m in ms)) if _is_tricky(label)),
        )  # fmt: skip

    def titled(self, stems: Sequence[str]) -> frozenset[str]:
        """Products with all these words in their titles."""
        found: frozenset[str] | None = None
        for word in stems:
            having = self.by_word.get(word, frozenset())
            found = having if found is None else found & having
        return found or frozenset()

    def phrase_at(self, stems: Sequence[str], at: int) -> tuple[int, tuple[Mention, ...]]:
        """The longest named phrase that begins at a place, as its number of words and what it names; (0, ()) for none."""
        for n in range(min(self.longest, len(stems) - at), 0, -1):
            if found := self.phrases.get(tuple(stems[at : at + n])):
                return n, found
        return 0, ()

    def knows(self, word: str) -> bool:
        return word in self.words

    def names_goods(self, word: str) -> bool:
        """Whether goods are called so, and do not only have it before their noun: a duvet cover is no duvet."""
        ends = [key for key, names in self.phrases.items() if key[-1] == word and (len(key) == 1 or names[0].kind == "product_type")]
        titles = (key_of(self.products[id]) for id in self.by_word.get(word, ()))
        return bool(ends) or any(key[-1] == word or (key[-2:-1] == (word,) and key[-1] in _SO_MANY) for key in titles)

    def near(self, word: str, *, alone: bool = False) -> list[str]:
        """Words one slip of the pen away, two in a long word; nearest first.

        Args:
            alone: Nothing else is said of the thing. Short words are then likelier other words than slips ("balm" is no ball).
        """
        if len(word) < (5 if alone else 3):
            return []
        most = 1 if len(word) < (8 if alone else 7) else 2
        found = process.extract(word, self.words, scorer=OSA.distance, score_cutoff=most, limit=None)
        # words are a set: without their own order, equally near ones would come in another one each time
        return [near for near, _, _ in sorted(found, key=lambda one: (one[1], one[0]))[:4] if len(near) > 2]


_DAYS = re.compile(
    rf"\d|\b(?:{SEASONS}|christmas|easter|halloween|sunday|monday|black friday|sun|mon|sat|may|march|half|dozen|two|three"
    r"|four|six)\b",
    re.I,
)


def _is_tricky(label: str) -> bool:
    return " " in label and _DAYS.search(label) is not None


def _any_of(labels: Iterable[str]) -> re.Pattern[str]:
    names = sorted({label.casefold() for label in labels}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.I) if names else re.compile(r"(?!)")


class Vocabularies:
    """The vocabulary of each shop, remade when the store says that its own changed."""

    def __init__(self) -> None:
        self._made: dict[str, Vocabulary] = {}

    async def of(self, store: Store) -> Vocabulary:
        version = store.vocabulary_version
        made = self._made.get(store.shop.id)
        if made is None or made.version != version:
            made = self._made[store.shop.id] = Vocabulary.of(await store.vocabulary(), version)
        return made

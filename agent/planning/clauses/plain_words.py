"""The words of a sentence as its grammar sees them: contractions written out, words that only colour it left out, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_PART = re.compile(r"[^\W_]+(?:[’'`´][^\W\d_]+)*|[,:;–—-]|[^\s]")
_NOT = {
    "cannot": "can not", "can't": "can not", "cant": "can not", "won't": "will not", "wont": "will not", "shan't": "shall not", "dont": "do not",
    "doesnt": "does not", "didnt": "did not", "isnt": "is not", "wasnt": "was not", "arent": "are not", "werent": "were not", "wouldnt": "would not",
    "shouldnt": "should not", "couldnt": "could not", "mustnt": "must not", "hadnt": "had not", "hasnt": "has not", "havent": "have not",
    "neednt": "need not", "ain't": "am not", "wanna": "want to", "gonna": "going to", "gotta": "got to", "lets": "let us", "let's": "let us",
    "im": "i am", "ive": "i have", "id": "i would", "i'll": "i will", "pls": "please", "plz": "please", "u": "you", "ppl": "people",
    "nobody's": "nobody is", "todo": "to do",
}  # fmt: skip
_ENDS = {"n't": "not", "'m": "am", "'ve": "have", "'ll": "will", "'re": "are", "'d": "would"}
_IS = frozenset(
    {"he", "she", "it", "there", "that", "what", "who", "where", "how", "when", "why", "here", "someone", "somebody", "everyone", "nobody"}
)
_COLOURS = frozenset({
    "really", "actually", "just", "simply", "still", "also", "currently", "certainly", "definitely", "ever", "probably", "possibly", "honestly",
    "kindly", "even", "already", "rather", "personally", "basically", "obviously", "strictly", "absolutely", "seriously", "literally", "therefore",
    "maybe", "perhaps", "please", "soon", "both", "all", "first", "originally", "initially", "apparently", "presumably", "sort", "kind",
    "theoretically", "generally", "usually", "fully", "right", "quickly", "very", "so", "quite", "much", "always", "again", "now",
})  # fmt: skip
"""Words that change nothing about who does what to whom; "never", "not", "almost" and "nearly" do, and "would rather" is told by its "not"."""


@dataclass(frozen=True, slots=True)
class Plain:
    word: str
    start: int
    end: int
    capital: bool = False
    shouted: bool = False
    """All in capitals, as the codes of discounts are."""


@lru_cache(maxsize=2048)
def plain_words(text: str, start: int, end: int) -> tuple[Plain, ...]:
    """The words of a stretch, in small letters."""
    return tuple(_plain(text, start, end))


def _plain(text: str, start: int, end: int) -> Iterator[Plain]:
    for found in _PART.finditer(text, start, end):
        typed = found[0]
        for word in _uncoloured(typed):
            yield Plain(word, found.start(), found.end(), typed[0].isupper(), len(typed) > 1 and typed.isupper())


@lru_cache(maxsize=4096)
def _uncoloured(typed: str) -> tuple[str, ...]:
    low = re.sub(r"[’`´]", "'", typed.lower())
    return tuple(word for word in _written_out(low).split(" ") if word not in _COLOURS)


def _written_out(low: str) -> str:
    if low in _NOT:
        return _NOT[low]
    for short, long in _ENDS.items():
        if low.endswith(short) and len(low) > len(short):
            return f"{low.removesuffix(short)} {long}"
    stem, _, rest = low.partition("'")
    return f"{stem} is" if rest == "s" and stem in _IS else low

"""Texts like the training texts that nobody wrote: a teacher labels them too, so that a small student sees more of what it knows.

Source: the ways of Tang et al. 2019, "Distilling Task-Specific Knowledge from BERT into Simple Neural Networks" (arxiv.org/abs/1903.12136, from
memory); words are put in other words' places without looking at their part of speech, and halves of two texts are joined besides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

DROPPED, REPLACED = 0.15, 0.15
"""Chance of each word to go, or to be another's."""


def altered(texts: Sequence[str], copies: int, seed: int) -> dict[str, int]:
    """At most so many copies of each text, none of them a text that is there already, with the place of the text it comes from; in its order."""
    chance = np.random.default_rng(seed)
    words = [text.split() for text in texts]
    every = [word for some in words for word in some]
    there = {"", *texts}
    found: dict[str, int] = {}
    for place, some in enumerate(words):
        for _ in range(copies if len(some) > 1 else 0):
            text = " ".join(_altered(words, place, every, chance))
            if text not in there:
                found.setdefault(text, place)
    return found


def _altered(words: Sequence[Sequence[str]], place: int, every: Sequence[str], chance: np.random.Generator) -> list[str]:
    ours = words[place]
    match int(chance.integers(4)):
        case 0:
            return [word for word in ours if chance.random() >= DROPPED]
        case 1:
            return [every[int(chance.integers(len(every)))] if chance.random() < REPLACED else word for word in ours]
        case 2:
            first, last = sorted(int(at) for at in chance.integers(len(ours) + 1, size=2))
            return list(ours[first:last])
        case _:
            others = words[int(chance.integers(len(words)))]
            return [*ours[: (len(ours) + 1) // 2], *others[len(others) // 2 :]]

"""Other words for the same goods, British and American: a shop that sells jumpers is asked for sweaters.

A word is only read so where the shop itself uses another of its group and not the word: in a shop with both shirts and tees each is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

SYNONYMS: Sequence[Sequence[str]] = (
    ("jumper", "sweater", "pullover"),
    ("tee", "tshirt", "shirt"),
    ("trouser", "pant", "slack"),
    ("trainer", "sneaker"),
    ("nappy", "diaper"),
    ("torch", "flashlight"),
    ("robe", "bathrobe"),
    ("duvet", "quilt", "comforter"),
    ("cushion", "pillow"),
    ("curtain", "drape"),
    ("waistcoat", "vest"),
    ("purse", "handbag"),
    ("backpack", "rucksack"),
    ("cutlery", "silverware", "flatware"),
    ("serviette", "napkin"),
    ("jug", "pitcher"),
    ("mug", "cup"),
    ("rug", "carpet"),
    ("jewellery", "jewelry"),
    ("pyjama", "pajama"),
    ("pram", "stroller", "buggy"),
    ("pushchair", "stroller"),
    ("dummy", "pacifier"),
    ("moisturiser", "moisturizer"),
)
"""Single words, each as its stem: a request is compared with the shop word by word."""
_KINDS: Mapping[str, Sequence[str]] = {"sweater": ("sweatshirt",), "glass": ("tumbler",)}
"""What a wider word may mean, and not the other way round: who has no tumblers does not mean the wine glasses by them."""


def other_words(stem: str, knows: Callable[[str], bool]) -> list[str]:
    """The shop's own words for what is called so, as stems; none where it knows the word itself."""
    if knows(stem):
        return []
    same = (*(word for group in SYNONYMS if stem in group for word in group), *_KINDS.get(stem, ()))
    return [word for word in dict.fromkeys(same) if word != stem and knows(word)]

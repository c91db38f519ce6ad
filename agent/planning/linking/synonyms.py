"""Other words for the same goods, British and American: a shop that sells jumpers is asked for sweaters.

A word is only read so where the shop itself uses another of its group and not the word: in a shop with both shirts and tees each is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_GROUPS: Sequence[Sequence[str]] = (
    ("jumper", "sweater", "pullover"),
    ("sweatshirt", "sweater"),
    ("tee", "tshirt", "t-shirt", "shirt"),
    ("trouser", "pant", "slack"),
    ("trainer", "sneaker"),
    ("nappy", "diaper"),
    ("torch", "flashlight"),
    ("robe", "bathrobe", "dressing gown"),
    ("duvet", "quilt", "comforter"),
    ("cushion", "pillow"),
    ("curtain", "drape"),
    ("beanie", "hat"),
    ("necktie", "tie"),
    ("waistcoat", "vest"),
    ("swimsuit", "bathing suit", "swimming costume"),
    ("purse", "handbag"),
    ("backpack", "rucksack"),
    ("cutlery", "silverware", "flatware"),
    ("serviette", "napkin"),
    ("jug", "pitcher"),
    ("tumbler", "glass"),
    ("mug", "cup"),
    ("rug", "carpet"),
    ("jewellery", "jewelry"),
    ("pyjama", "pajama"),
    ("pram", "stroller", "buggy"),
    ("pushchair", "stroller"),
    ("dummy", "pacifier"),
    ("plaster", "band-aid"),
    ("hairgrip", "bobby pin"),
    ("moisturiser", "moisturizer"),
    ("grey", "gray"),
)


def other_words(stem: str, knows: Callable[[str], bool]) -> list[str]:
    """The shop's own words for what is called so, in the singular and one word each; none where it knows the word itself."""
    if knows(stem):
        return []
    same = (word for group in _GROUPS if stem in group for word in group)
    return [word for word in dict.fromkeys(same) if word != stem and knows(word)]

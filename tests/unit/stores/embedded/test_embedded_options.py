"""Options and sizes: a product's own order first, the usual one where it has not the size that was named."""

from __future__ import annotations

import pytest

from agent.sdk import Sizes, Where
from agent.stores.embedded.options import accepts

SHIRT = [("Colour", ["Blue", "Red"]), ("Size", ["S", "M", "L", "XL"])]
SCARCE = [("Size", ["S", "L"])]
SHOES = [("Size", ["38", "39", "40"])]
CUPS = [("Size", ["Tall", "Grande", "Venti"])]


def sizes(at_least: str | None = None, at_most: str | None = None) -> Where:
    return Where(sizes=Sizes(option="size", at_least=at_least, at_most=at_most))


@pytest.mark.parametrize(
    ("where", "options", "values", "accepted"),
    [
        (Where(), SHIRT, ("Blue", "M"), True),
        (Where(options={"colour": ["BLUE"]}), SHIRT, ("Blue", "M", None), True),
        (Where(options={"Colour": ["Red", "Blue"], "Size": ["S"]}), SHIRT, ("Blue", "M", None), False),
        (Where(options={"Material": ["Wool"]}), SHIRT, ("Blue", "M", None), False),
        (sizes(at_least="m"), SHIRT, ("Blue", "L", None), True),
        (sizes(at_least="M"), SHIRT, ("Blue", "S", None), False),
        (sizes(at_least="S", at_most="M"), SHIRT, ("Blue", "L", None), False),
        (sizes(at_least="M"), SCARCE, ("L",), True),
        (sizes(at_least="M"), SCARCE, ("S",), False),
        (sizes(at_most="2XL"), SHIRT, ("Blue", "XL"), True),
        (sizes(at_least="39"), SHOES, ("40",), True),
        (sizes(at_least="38", at_most="38"), SHOES, ("39",), False),
        (sizes(at_least="39"), [("Size", ["9", "100"])], ("9",), False),
        (sizes(at_least="Grande"), CUPS, ("Venti",), True),
        (sizes(at_least="M"), CUPS, ("Venti",), False),
        (sizes(at_least="M"), [("Colour", ["Blue"])], ("Blue",), False),
    ],
)
def test_a_variant_is_accepted_by_its_values(
    where: Where, options: list[tuple[str, list[str]]], values: tuple[str | None, ...], accepted: bool
) -> None:
    assert accepts(where, options, values) is accepted

"""How many of an order's goods are meant where a number is said of several kinds at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from agent.errors import Invalid
from agent.sdk.ordering import units_of
from agent.sdk.orders import OrderLine
from agent.sdk.refs import Money

PRICE = Money.of("20.00", "EUR")


@dataclass(frozen=True, slots=True)
class Held:
    """As much of an order as is counted."""

    number: str
    lines: tuple[OrderLine, ...]


def line(product: str, quantity: int, variant: str = "") -> OrderLine:
    return OrderLine(
        id=f"l_{product}{variant}", kind="product", product_id=product, variant_id=variant or f"v_{product}", title=f"Mug {product}",
        quantity=quantity, price=PRICE, discount=Money.of("0.00", "EUR"), refunded_quantity=0,
    )  # fmt: skip


def units(counts: Mapping[str, int], *lines: OrderLine) -> dict[str, int]:
    order: Any = Held("#1001", lines)
    return units_of(order, None, counts, left=lambda one: one.kept, doing="refunded")


@pytest.mark.parametrize(
    ("counts", "lines", "expected"),
    [
        ({"p_1 p_2 p_3": 2}, [line("p_1", 3)], {"l_p_1": 2}),
        ({"p_1 p_2 p_3": 2}, [line("p_1", 1, "a"), line("p_1", 2, "b")], {"l_p_1a": 1, "l_p_1b": 1}),
        ({"p_1 p_2": 3}, [line("p_1", 1), line("p_2", 2)], {"l_p_1": 1, "l_p_2": 2}),
        ({"p_1 p_2": 2, "p_9": 1}, [line("p_1", 2), line("p_9", 4)], {"l_p_1": 2, "l_p_9": 1}),
        ({"p_1": 2, "p_2": 2}, [line("p_1", 2), line("p_2", 2)], {"l_p_1": 2, "l_p_2": 2}),
        ({"": 1}, [line("p_1", 2), line("p_2", 2)], {"l_p_1": 1, "l_p_2": 1}),
    ],
)
def test_so_many_together_are_so_many(counts: Mapping[str, int], lines: list[OrderLine], expected: Mapping[str, int]) -> None:
    assert units(counts, *lines) == expected


@pytest.mark.parametrize(
    ("counts", "lines", "told"),
    [
        ({"p_1 p_2": 2}, [line("p_1", 2), line("p_2", 2)], "several of these: Mug p_1, Mug p_2"),
        ({"p_1 p_2": 5}, [line("p_1", 2), line("p_2", 2)], "several of these"),
        ({"p_1 p_2": 3}, [line("p_1", 2)], "not 3"),
        ({"p_1 p_2": 2}, [line("p_7", 2)], "no such product"),
    ],
)
def test_which_of_several_is_never_guessed_and_never_more_than_there_are(counts: Mapping[str, int], lines: list[OrderLine], told: str) -> None:
    with pytest.raises(Invalid, match=told):
        units(counts, *lines)

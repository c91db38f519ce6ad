"""What a request means where its words alone say less or something else: goods bought, contradictions, conditions, places, channels."""

from __future__ import annotations

import pytest
from conftest import Desk


@pytest.mark.parametrize(
    ("said", "titles"),
    [
        ("who bought one {period|last year}?", {"Blue Ceramic Mug"}),
        ("who ordered some {period|this month}", {"Blue Ceramic Mug"}),
        ("which {customer|customers} have purchased any of them", {"Blue Ceramic Mug"}),
        ("who bought some {product|candles} {period|last year}", {"Beeswax Candle"}),
    ],
)
def test_what_was_bought_is_the_goods_before_unless_others_are_named(desk: Desk, said: str, titles: set[str]) -> None:
    plan = desk.plan(f"[change_price: cut {{product|the blue mug}} by {{percent|15%}}], and [find_customers: {said}]")
    assert plan.questions == ()
    assert desk.titles(plan.subtasks[1], "bought") == titles

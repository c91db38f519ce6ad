"""An hour said without "at", stock that falls under some units, what comes back, and what no rule does by itself."""

from __future__ import annotations

import pytest

from agent.sdk.spoken_names import Names
from agent.sdk.spoken_rules import Cannot, Understood, rule_in
from agent.sdk.spoken_times import time_in, without
from agent.sdk.store import Mention

NAMES = Names([Mention(kind="product", id="p_1", label="Blue Ceramic Mug"), Mention(kind="product_type", id="Dresses", label="Dresses")])


@pytest.mark.parametrize(
    ("said", "at", "left"),
    [
        ("every monday 7:30 send me the sales", "07:30", "send me the sales"),
        ("daily 18:45 the open orders", "18:45", "the open orders"),
        ("each friday 17:00 h stock report", "17:00", "stock report"),
        ("every monday the ratio of 3:100 please", "09:00", "the ratio of 3:100 please"),
    ],
)
def test_an_hour_is_one_without_at(said: str, at: str, left: str) -> None:
    found = time_in(said)
    assert found is not None and (found.rhythm.at, without(said, found.spans)) == (at, left)


@pytest.mark.parametrize(
    "said", ["if a product falls under 6 units, mail me", "mail me when a product drops below 6 units", "when stock gets under 6 units mail us"]
)
def test_units_that_stock_falls_under_are_of_stock(said: str) -> None:
    found = rule_in(said, NAMES, currency="EUR")
    assert isinstance(found, Understood) and str(found.rule) == "When stock of a product falls below 6: notify you."


def test_units_of_an_order_are_still_its_own() -> None:
    found = rule_in("when an order with more than 6 units comes in, notify me", NAMES, currency="EUR")
    assert isinstance(found, Understood) and found.rule.only.units is not None


@pytest.mark.parametrize("said", ["when a customer returns something, notify me", "whenever somebody returns something, mail me"])
def test_what_somebody_returns_is_a_refund(said: str) -> None:
    found = rule_in(said, NAMES, currency="EUR")
    assert isinstance(found, Understood) and found.rule.when.on == "order_refunded"


@pytest.mark.parametrize(
    "said", ["delete Anna Schmidt's data every Monday", "erase the data of inactive customers every month", "forget customers every year"]
)
def test_nobody_is_erased_by_itself(said: str) -> None:
    found = rule_in(said, NAMES, currency="EUR")
    assert isinstance(found, Cannot) and "delete things by itself" in found.what


def test_a_tag_is_taken_off_by_itself() -> None:
    assert isinstance(rule_in("remove the tag new from customers every Monday", NAMES, currency="EUR"), Understood)

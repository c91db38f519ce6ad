"""show_order, show_customer, find_reviews and find_discounts: one record in full, and short lists of particular ones."""

import asyncio
from typing import Any

import pytest
from said import days

from agent.errors import NotFound
from agent.sdk import Change, Order, Proposal, Untrusted, every, say


def order(bench: Any, number: str) -> Order:
    return next(o for o in asyncio.run(every(bench.ground.store.orders)) if o.number == number)


def orders(bench: Any, *numbers: str) -> dict[str, Any]:
    return {"ids": [order(bench, number).id for number in numbers], "label": numbers[0]}


def test_an_order_is_told_with_its_payment_its_sending_and_what_was_given_back(bench: Any) -> None:
    answer = bench.ask("show_order", orders=orders(bench, "#1034"))
    told = order(bench, "#1034")
    assert (answer.data.total, answer.data.refunded) == (told.total, told.refunded)
    assert told.refunded.minor > 0
    assert "{refunded} given back" in answer.text.msgid
    assert answer.text.params["number"] == "#1034"
    assert [row[1] for row in answer.data.lines.rows] == [line.title for line in told.lines]


def test_what_a_customer_wrote_to_an_order_stays_marked(bench: Any) -> None:
    answer = bench.ask("show_order", orders=orders(bench, "#1038"))
    [note] = answer.data.notes
    assert isinstance(note, Untrusted)
    assert note.value == "Please leave it with the neighbour."
    assert "neighbour" not in str(answer.text)


@pytest.mark.parametrize(
    ("which", "rank"), [("latest", lambda o: o.placed_at), ("first", lambda o: -o.placed_at.timestamp()), ("largest", lambda o: o.total.minor)]
)
def test_a_customers_latest_first_and_largest_order_are_found(which: str, rank: Any, bench: Any) -> None:
    anna = bench.customers("Anna")
    answer = bench.ask("show_order", customers=anna, which=which)
    hers = [o for o in asyncio.run(every(bench.ground.store.orders)) if o.customer_id == anna["ids"][0]]
    assert list(answer.data.orders.ids) == [max(hers, key=rank).id]


def test_an_order_that_is_not_there_is_not_found(bench: Any) -> None:
    with pytest.raises(NotFound):
        bench.ask("show_order", orders={"ids": ["o_99999"], "label": "#99999"})


def test_a_customer_is_told_with_what_they_spent_as_the_shop_counts_it(bench: Any) -> None:
    answer = bench.ask("show_customer", customers=bench.customers("Anna"))
    [anna] = asyncio.run(every(bench.ground.store.customers, answer.data.customers))
    assert (answer.data.spent, len(answer.data.orders)) == (anna.spent, anna.orders)
    assert answer.data.table.rows[0][:2] == ["Anna Schmidt", "anna@example.com"]


def test_who_placed_an_order_is_shown_and_only_the_period_counts(bench: Any) -> None:
    placed = order(bench, "#1040")
    answer = bench.ask("show_customer", orders=orders(bench, "#1040"), period=days("2026-11-01", "2026-11-20", "November"))
    assert list(answer.data.customers.ids) == [placed.customer_id]
    times = [o.placed_at.date().isoformat() for o in asyncio.run(every(bench.ground.store.orders, answer.data.orders))]
    assert times
    assert all("2026-11-01" <= day <= "2026-11-20" for day in times)


def test_a_customer_without_an_order_is_told_so(bench: Any) -> None:
    answer = bench.ask("show_customer", customers=bench.customers("Nora"))
    assert str(answer.text) == "Nora Quist placed no order."
    assert (answer.data.average_order, answer.data.days_between_orders) == (None, None)


def test_bad_reviews_have_one_or_two_stars_and_their_words_stay_marked(bench: Any) -> None:
    answer = bench.ask("find_reviews", group="bad", sort="worst")
    assert [shown.rating for shown in answer.data.shown] == [1, 2, 2]
    assert all(isinstance(shown.text, Untrusted) for shown in answer.data.shown)
    assert answer.data.count == len(answer.data.reviews) == 3


def test_reviews_are_found_by_their_words_and_status(bench: Any) -> None:
    assert [r.product for r in bench.ask("find_reviews", topic="broken").data.shown] == ["Blue Ceramic Mug"]
    assert [r.status for r in bench.ask("find_reviews", status="pending").data.shown] == ["pending"]
    assert str(bench.ask("find_reviews", topic="helicopter").text) == "No reviews match."


def with_discounts(bench: Any) -> Any:
    """The bench, with one code that ran out long ago, one that runs and one far ahead."""
    for code, starts, ends in (("OLD", "2024-01-01", "2024-02-01"), ("NOW", "2024-01-01", None), ("AHEAD", "2099-01-01", "2099-02-01")):
        at = [None if day is None else f"{day}T00:00:00+01:00" for day in (starts, ends)]
        fields = {"code": code, "kind": "percent", "value": "10", "starts_at": at[0], "ends_at": at[1]}
        asyncio.run(bench.ground.apply(Proposal(say("a code"), changes=[Change.create("discount", code, fields)])))
    return bench


def codes(answer: Any) -> list[str]:
    return [row[0] for row in answer.data.table.rows]


def test_a_code_asked_for_by_name_is_shown_even_when_it_does_not_run(bench: Any) -> None:
    answer = with_discounts(bench).ask("find_discounts", code="old", status="active")
    assert codes(answer) == ["OLD"]
    assert str(answer.text) == "OLD gives 10% and was used 0 times; it is over."
    assert str(bench.ask("find_discounts", code="NOSUCH").text) == "There is no discount code NOSUCH."


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["AHEAD", "NOW", "OLD"]),
        ({"status": "active"}, ["NOW"]),
        ({"status": "scheduled"}, ["AHEAD"]),
        ({"ends": days("2024-01-15", "2024-02-15")}, ["OLD"]),
        ({"ends": "2100-01-01T00:00:00+01:00"}, ["AHEAD"]),
        ({"starts": "2030-01-01T00:00:00+01:00"}, ["AHEAD"]),
        ({"unused": True, "sort": "ending"}, ["OLD", "AHEAD", "NOW"]),
        ({"used": {"at_least": 1}}, []),
    ],
)
def test_discounts_are_found_by_status_use_and_end(asked: dict[str, Any], found: list[str], bench: Any) -> None:
    assert codes(with_discounts(bench).ask("find_discounts", **asked)) == found

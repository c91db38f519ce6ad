"""find_orders, find_customers and tag_customers."""

import asyncio
from typing import Any

import pytest
from said import days, moved

from agent.sdk import Invalid, Missing, Money, NotFound


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ({"fulfilment": "unfulfilled"}, {"#1040", "#1039", "#1038", "#1037"}),
        ({"fulfilment": "open"}, {"#1040", "#1039", "#1038", "#1037", "#1035"}),
        ({"fulfilment": "partial"}, {"#1035"}),
        ({"payment": "pending"}, {"#1036"}),
        ({"payment": "refunded"}, {"#1034"}),
        ({"cancelled": True}, {"#1031"}),
        ({"period": days("2026-11-19", "2026-11-19")}, {"#1038"}),
        ({"places": ["France"], "period": days("2026-11-01", "2026-11-20")}, {"#1038"}),
        ({"places": ["Lyon"], "period": days("2026-11-01", "2026-11-20")}, {"#1038"}),
        ({"total": {"above": "200.00"}, "period": days("2026-11-15", "2026-11-20")}, {"#1038", "#1037"}),
        ({"places": ["Nowhere"]}, set()),
    ],
)
def test_orders_are_found_by_what_was_said(said: dict[str, Any], numbers: set[str], bench: Any) -> None:
    answer = bench.ask("find_orders", **said)
    assert set(bench.titles(answer)) == numbers
    assert answer.data.count == len(numbers)


def test_one_order_is_told_in_a_sentence(bench: Any) -> None:
    answer = bench.ask("find_orders", payment="pending")
    assert answer.text.msgid == "Order {number} of {total}: {payment}, {fulfilment}."
    assert (answer.text.params["number"], answer.text.params["payment"], answer.text.params["fulfilment"]) == ("#1036", "pending", "fulfilled")


def test_a_cancelled_order_says_so(bench: Any) -> None:
    answer = bench.ask("find_orders", cancelled=True)
    assert answer.text.params["fulfilment"] == "cancelled"
    assert bench.ask("find_orders", cancelled=False).data.count == 39


def test_the_latest_orders_and_how_many_there_are_in_all(bench: Any) -> None:
    answer = bench.ask("find_orders", top=3)
    assert str(answer.text).startswith("40 orders match; the first 3 of them come to ")
    assert len(answer.data.orders) == 3
    assert [row[1].isoformat() for row in answer.data.table.rows] == ["2026-11-20", "2026-11-20", "2026-11-19"]


def test_the_largest_orders_come_first_when_asked(bench: Any) -> None:
    totals = [row[3].amount for row in bench.ask("find_orders", sort="total", top=5).data.table.rows]
    assert totals == sorted(totals, reverse=True)


def test_orders_lead_to_their_customers_and_products(bench: Any) -> None:
    mug = bench.products("Blue")
    answer = bench.ask("find_orders", products=mug, customers=bench.customers("Anna"))
    assert {row[2] for row in answer.data.table.rows} == {"Anna Schmidt"}
    assert answer.data.customers.ids == tuple(bench.customers("Anna")["ids"])
    assert set(mug["ids"]) <= set(answer.data.products.ids)
    again = bench.ask("find_orders", orders={"ids": list(answer.data.orders.ids)})
    assert again.data.orders.ids == answer.data.orders.ids


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"places": ["Berlin"]}, {"Anna Schmidt"}),
        ({"places": ["Germany"]}, {"Anna Schmidt", "Jonas Weber"}),
        ({"tags": ["VIP"]}, {"Anna Schmidt"}),
        ({"accepts_marketing": True, "places": ["FR", "AT"]}, {"Claire Martin", "Lena Fischer"}),
        ({"group": "never_ordered"}, {"Nora Quist"}),
        ({"orders": {"above": 10}}, {"Anna Schmidt"}),
        ({"period": days("2026-11-19", "2026-11-20")}, {"Jonas Weber", "Anna Schmidt", "Claire Martin"}),
        ({"inactive_since": "2026-10-10T00:00:00+02:00"}, {"Emil Larsen"}),
        ({"group": "best", "top": 1}, {"Anna Schmidt"}),
        ({"spent": {"above": "800.00"}, "places": ["Denmark"]}, {"Emil Larsen"}),
    ],
)
def test_customers_are_found_by_what_was_said(said: dict[str, Any], names: set[str], bench: Any) -> None:
    assert set(bench.titles(bench.ask("find_customers", **said))) == names


def test_everyone_who_ordered_is_repeat_one_time_or_neither_but_never_both(bench: Any) -> None:
    repeat, once = (set(bench.titles(bench.ask("find_customers", group=group))) for group in ("repeat", "one_time"))
    never = set(bench.titles(bench.ask("find_customers", group="never_ordered")))
    assert repeat | once | never == set(bench.titles(bench.ask("find_customers")))
    assert not repeat & once


def test_those_who_bought_something_are_those_whose_orders_have_it(bench: Any) -> None:
    mug = bench.products("Blue", "Speckled")
    buyers = set(bench.titles(bench.ask("find_customers", bought=mug)))
    orders = bench.ask("find_orders", products=mug, cancelled=False)
    assert buyers == {row[2] for row in orders.data.table.rows}
    assert len(buyers) > 1


def test_the_best_customers_are_sorted_by_what_they_spent(bench: Any) -> None:
    answer = bench.ask("find_customers", group="best", top=3)
    spent = [row[3].amount for row in answer.data.table.rows]
    assert spent == sorted(spent, reverse=True)
    assert answer.data.spent == sum((row[3] for row in answer.data.table.rows), Money.of(0, "EUR"))
    assert answer.text.plural == "Your {n} best customers spent {spent} in all, {first} most."
    assert "Best: those who spent most" in answer.evidence.definition


def test_the_best_of_a_time_are_told_with_what_they_spent_in_it(bench: Any) -> None:
    year = {"start": "2026-01-01T00:00:00+01:00", "end": "2026-11-21T00:00:00+01:00", "label": "this year"}
    answer = bench.ask("find_customers", group="best", top=3, period=year)
    rows = answer.data.table.rows
    assert answer.data.table.columns[2:6] == ["Orders then", "Spent then", "Orders in all", "Spent in all"]
    assert [row[3].amount for row in rows] == sorted((row[3].amount for row in rows), reverse=True)
    assert answer.data.spent == sum((row[3] for row in rows), Money.of(0, "EUR")) and "{period}" in answer.text.plural
    for row in rows:
        customer = bench.customers(row[0])["ids"][0]
        sold = bench.ask("sales_report", metrics=["orders"], customers={"ids": [customer]}, period=year)
        assert sold.data.total == row[2]


def test_customers_counted_by_country_are_all_of_them(bench: Any) -> None:
    answer = bench.ask("find_customers", by="country")
    assert sum(row[1] for row in answer.data.table.rows) == answer.data.count
    assert answer.data.table.rows[0][1] == max(row[1] for row in answer.data.table.rows)


def test_new_customers_have_their_first_order_in_the_last_30_days(bench: Any) -> None:
    assert bench.ask("find_customers", group="new").data.count == 0, "all of the small shop's customers came earlier"


@pytest.mark.parametrize(
    ("task", "field", "count"),
    [
        ("find_products", "products", lambda data: data.count),
        ("inventory_report", "products", lambda data: data.count),
        ("find_orders", "orders", lambda data: data.count),
        ("find_orders", "customers", lambda data: data.count),
        ("find_orders", "products", lambda data: data.count),
        ("find_customers", "customers", lambda data: data.count),
        ("find_customers", "bought", lambda data: data.count),
        ("review_insights", "products", lambda data: data.count),
        ("sales_report", "products", lambda data: data.total.minor),
        ("sales_report", "customers", lambda data: data.total.minor),
    ],
)
def test_a_selection_of_nothing_narrows_to_nothing_and_not_to_everything(task: str, field: str, count: Any, bench: Any) -> None:
    assert count(bench.ask(task, **{field: {"ids": []}}).data) == 0


def test_tags_are_put_on_and_taken_off(bench: Any) -> None:
    everyone = bench.customers("Anna", "Jonas", "Claire")
    on = bench.ask("tag_customers", customers=everyone, add=["#VIP"])
    assert moved(on.changes, "tags") == {"Jonas Weber": ("[]", "['VIP']"), "Claire Martin": ("['newsletter']", "['newsletter', 'VIP']")}
    assert str(on.summary) == "Tag 2 customers VIP"
    off = bench.ask("tag_customers", customers=everyone, remove=["Vip"])
    assert moved(off.changes, "tags") == {"Anna Schmidt": ("['vip']", "[]")}
    assert str(off.summary) == "Take Vip off 1 customer"


def test_tags_that_are_so_already_change_nothing(bench: Any) -> None:
    proposal = bench.ask("tag_customers", customers=bench.customers("Anna"), add=["vip"])
    assert (list(proposal.changes), str(proposal.summary)) == ([], "Nothing needs changing: the tags are so already.")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"add": ["  "]}, "one word or a few"),
        ({"add": ["a,b"]}, "without a comma"),
        ({"add": ["x" * 41]}, "at most 40 characters"),
        ({"add": ["vip"], "remove": ["VIP"]}, "both to be put on and to be taken off"),
    ],
)
def test_an_impossible_tag_is_refused_with_a_sentence(said: dict[str, Any], sentence: str, bench: Any) -> None:
    with pytest.raises(Invalid, match=sentence):
        bench.ask("tag_customers", customers=bench.customers("Anna"), **said)


def test_without_a_tag_it_asks_and_without_customers_it_finds_nobody(bench: Any) -> None:
    assert isinstance(bench.ask("tag_customers", customers=bench.customers("Anna")), Missing)
    with pytest.raises(NotFound, match="Martians"):
        bench.ask("tag_customers", customers={"ids": [], "label": "Martians"}, add=["x"])


@pytest.mark.parametrize("but", [["#1040"], ["1040"], ["1040", "#1038"]])
def test_orders_left_out_by_their_number_are_left_out_of_the_list_and_of_the_count(but: list[str], bench: Any) -> None:
    whole, answer = bench.ask("find_orders"), bench.ask("find_orders", but=but)
    gone = {f"#{number.lstrip('#')}" for number in but}
    assert bench.titles(answer) == [number for number in bench.titles(whole) if number not in gone]
    assert answer.data.count == whole.data.count - len(but)


def test_where_the_first_customers_live_is_counted_among_them(bench: Any) -> None:
    answer = bench.ask("find_customers", by="country", top=2)
    assert sum(row[1] for row in answer.data.table.rows) == 2
    assert str(answer.text).startswith("2 customers; most live in")


@pytest.mark.parametrize(("task", "said"), [("find_products", {"price": "below"}), ("find_orders", {"total": "above", "drafts": True})])
def test_a_range_in_another_currency_is_refused_with_a_sentence(task: str, said: dict[str, Any], bench: Any) -> None:
    draft = {"products": bench.products("Blue"), "customers": bench.customers("Anna Schmidt")}
    asyncio.run(bench.ground.apply(bench.ask("create_draft_order", **draft)))
    field, bound = next(iter(said.items()))
    with pytest.raises(Invalid, match="sells in EUR, not in USD"):
        bench.ask(task, **said | {field: {bound: {"amount": "20", "currency": "USD"}}})

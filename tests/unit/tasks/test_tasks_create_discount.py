"""create_discount: what the code gives, when it holds, and what it refuses."""

import asyncio
from typing import Any

import pytest
from said import days

from agent.sdk import Invalid, Missing, Money


def fields(proposal: Any) -> dict[str, Any]:
    [change] = proposal.changes
    assert (change.op, change.target.kind, change.target.id) == ("create", "discount", "new")
    return dict(change.after)


def test_a_percentage_with_its_code(bench: Any) -> None:
    proposal = bench.ask("create_discount", code="summer20", value="-20%")
    assert fields(proposal) == {
        "code": "SUMMER20", "kind": "percent", "value": "20", "minimum": None, "starts_at": "2026-11-20T15:00:00+01:00", "ends_at": None,
        "usage_limit": None, "products": [],
    }  # fmt: skip
    assert str(proposal.summary) == "Code SUMMER20: 20% off"


def test_an_amount_from_a_minimum_for_some_products_so_many_times(bench: Any) -> None:
    mugs = bench.products("Blue", "Speckled")
    made = fields(bench.ask("create_discount", code="MUG5", value="5.00", minimum="50.00", usage_limit=100, products=mugs))
    assert (made["kind"], made["value"], made["minimum"]) == ("amount", "5.00", Money.of(50, "EUR"))
    assert (made["usage_limit"], made["products"]) == (100, mugs["ids"])


def test_free_shipping_until_a_day(bench: Any) -> None:
    made = fields(bench.ask("create_discount", free_shipping=True, ends="2026-11-29T23:59:59+01:00"))
    assert (made["code"], made["kind"], made["value"], made["ends_at"]) == ("FREESHIP", "free_shipping", "0", "2026-11-29T23:59:59+01:00")


def test_a_period_gives_both_ends_and_what_began_earlier_begins_now(bench: Any) -> None:
    later = fields(bench.ask("create_discount", value="10%", period=days("2026-12-01", "2026-12-24")))
    assert (later["starts_at"], later["ends_at"]) == ("2026-12-01T00:00:00+01:00", "2026-12-24T23:59:59+01:00")
    this_week = fields(bench.ask("create_discount", value="10%", period=days("2026-11-16", "2026-11-22")))
    assert this_week["starts_at"] == "2026-11-20T15:00:00+01:00"


def test_a_code_of_its_own_is_made_and_one_that_is_taken_gets_a_number(bench: Any) -> None:
    first = bench.ask("create_discount", value="12.5%")
    assert fields(first)["code"] == "SAVE12-5"
    asyncio.run(bench.ground.apply(first))
    assert fields(bench.ask("create_discount", value="12.5%"))["code"] == "SAVE12-5-2"
    with pytest.raises(Invalid, match="There is a code SAVE12-5 already"):
        bench.ask("create_discount", value="5%", code="save12-5")


def test_what_is_proposed_can_be_made_and_undone(bench: Any) -> None:
    async def there_and_back() -> tuple[list[str], int]:
        applied = await bench.ground.apply(proposal)
        made = [d.code for d in (await bench.ground.store.discounts()).items]
        await bench.ground.undo(applied)
        return made, len((await bench.ground.store.discounts()).items)

    proposal = bench.ask("create_discount", code="GLOW10", value="10%", products=bench.products("Beeswax"), usage_limit=3)
    assert asyncio.run(there_and_back()) == (["GLOW10"], 0)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"value": "120%"}, "at most 100%; 120% would pay the customer"),
        ({"value": "0%"}, "A discount of nothing"),
        ({"value": "0.00"}, "A discount of nothing"),
        ({"value": "10%", "free_shipping": True}, "two codes for both"),
        ({"value": {"amount": "5", "currency": "USD"}}, "sells in EUR, not in USD"),
        ({"value": "5%", "minimum": {"amount": "5", "currency": "GBP"}}, "sells in EUR, not in GBP"),
        ({"value": "5%", "minimum": "-1"}, "cannot be below zero"),
        ({"value": "5%", "usage_limit": 0}, "less than once"),
        ({"value": "5%", "ends": "2026-11-01T00:00:00+01:00"}, "already past"),
        ({"value": "5%", "starts": "2026-12-24T00:00:00+01:00", "ends": "2026-12-01T00:00:00+01:00"}, "end before it starts"),
        ({"value": "5%", "code": "x"}, "2 to 40 letters and digits"),
        ({"value": "5%", "code": "DROP TABLE"}, "2 to 40 letters and digits"),
        ({"value": "5%", "products": {"ids": []}}, "None of the products"),
    ],
)
def test_an_impossible_discount_is_refused_with_a_sentence(said: dict[str, Any], sentence: str, bench: Any) -> None:
    with pytest.raises(Invalid, match=sentence):
        bench.ask("create_discount", **said)


def test_without_a_value_it_asks_how_much(bench: Any) -> None:
    asked = bench.ask("create_discount", code="X10")
    assert isinstance(asked, Missing)
    assert asked.field == "value"


@pytest.mark.parametrize(
    ("said", "fields", "summary"),
    [
        ({"buys": 2, "gets": 1}, {"kind": "buy_get", "value": "100", "buys": 2, "gets": 1}, "Code 3FOR2: buy 2 get 1 free"),
        ({"deal": "3 for 2", "code": "TRIO"}, {"kind": "buy_get", "value": "100", "buys": 2, "gets": 1}, "Code TRIO: buy 2 get 1 free"),
        ({"gets": 1, "value": "50%", "code": "HALF"}, {"kind": "buy_get", "value": "50", "buys": 1, "gets": 1}, "Code HALF: buy 1 get 1 at 50% off"),
        ({"deal": "2 for 1", "automatic": True}, {"kind": "buy_get", "automatic": True}, "Automatic discount 2FOR1: buy 1 get 1 free"),
    ],
)
def test_some_are_free_or_cheaper_with_what_is_bought(said: dict[str, Any], fields: dict[str, Any], summary: str, bench: Any) -> None:
    proposal = bench.ask("create_discount", **said)
    [change] = proposal.changes
    assert {name: change.after[name] for name in fields} == fields
    assert str(proposal.summary) == summary


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"buys": 2, "value": "10%"}, "get how many"),
        ({"gets": 1, "value": {"amount": "2.00", "currency": "EUR"}}, "free or a percentage"),
        ({"gets": 0}, "At least one"),
    ],
)
def test_deals_that_cannot_be_are_refused(said: dict[str, Any], sentence: str, bench: Any) -> None:
    with pytest.raises(Invalid, match=sentence):
        bench.ask("create_discount", **said)


@pytest.mark.parametrize(
    ("said", "kept", "summary"),
    [
        (["Anna Schmidt"], {}, "Code SAVE10: 10% off, for Anna Schmidt only"),
        (["Anna Schmidt", "Jonas Weber"], {"once_per_customer": True},
         "Code SAVE10: 10% off, for 2 customers only (Anna Schmidt), once per customer"),
        ([], {"once_per_customer": True}, "Code SAVE10: 10% off, once per customer"),
    ],
)  # fmt: skip
def test_whom_it_is_for_and_how_often_each_may_use_it_is_said_kept_and_undone(
    said: list[str], kept: dict[str, bool], summary: str, bench: Any
) -> None:
    whom = {"customers": {**bench.customers(*said), "label": "Anna Schmidt"}} if said else {}
    proposal = bench.ask("create_discount", value="10%", **whom, **kept)
    assert str(proposal.summary) == summary

    async def made_and_taken_back() -> tuple[Any, int]:
        applied = await bench.ground.apply(proposal)
        [made] = (await bench.ground.store.discounts()).items
        await bench.ground.undo(applied)
        return made, len((await bench.ground.store.discounts()).items)

    made, left = asyncio.run(made_and_taken_back())
    assert (made.customers, made.once_per_customer, left) == (whom["customers"]["ids"] if said else None, bool(kept), 0)
    with pytest.raises(Invalid, match="None of the customers"):
        bench.ask("create_discount", value="10%", customers={"ids": []})


def test_who_approves_reads_all_that_narrows_it(bench: Any) -> None:
    proposal = bench.ask(
        "create_discount", code="MUGS", value="15%", products={**bench.products("Blue"), "label": "mugs"}, usage_limit=1,
        minimum={"amount": "50.00", "currency": "EUR"}, period=days("2026-12-01", "2026-12-31"),
    )  # fmt: skip
    said = str(proposal.summary)
    assert said.startswith("Code MUGS: 15% off, on mugs only, on orders from ")
    assert said.endswith(", for 1 use in all; it begins on 2026-12-01; it ends after 2026-12-31")

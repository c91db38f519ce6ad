"""edit_discount and end_discount: what changes, what is asked, what is refused, and the way back."""

import asyncio
from datetime import date, datetime
from typing import Any

import pytest
from said import days

from agent.approvals import Limits
from agent.errors import NotAllowed
from agent.sdk import FREE_SHIPPING, Change, Discount, Invalid, Missing, Money, Target
from agent.testing.playground import playground

NOW = "2026-11-20T15:00:00+01:00"


@pytest.fixture
def shop(bench: Any) -> Any:
    """The bench with five discounts: two that run, one to come, one over, one used up."""
    mugs = bench.products("Blue", "Speckled")["ids"]
    june, october, january = "2026-06-01T00:00:00+02:00", "2026-10-01T00:00:00+02:00", "2026-01-01T00:00:00+01:00"
    made: list[dict[str, Any]] = [
        {"code": "SUMMER20", "kind": "percent", "value": "20", "starts_at": june, "ends_at": "2026-12-01T00:00:00+01:00", "used": 7},
        {"code": "MUG5", "kind": "amount", "value": "5.00", "starts_at": october, "products": mugs, "minimum": Money.of(20, "EUR")},
        {"code": "LATER", "kind": "percent", "value": "10", "starts_at": "2026-12-10T00:00:00+01:00", "ends_at": "2026-12-20T00:00:00+01:00"},
        {"code": "OLD", "kind": "percent", "value": "20", "starts_at": january, "ends_at": "2026-02-01T00:00:00+01:00", "used": 3},
        {"code": "FULL", "kind": "free_shipping", "starts_at": january, "usage_limit": 2, "used": 2},
    ]

    async def fill() -> None:
        for fields in made:
            await bench.ground.store.write(Change.create("discount", fields["code"], fields), key=fields["code"])

    asyncio.run(fill())
    return bench


def coded(shop: Any, code: str) -> Discount:
    [found] = asyncio.run(shop.ground.store.discounts(code=code)).items
    return found


def known(shop: Any) -> dict[str, Discount]:
    return {discount.code: discount for discount in asyncio.run(shop.ground.store.discounts()).items}


def moves(proposal: Any) -> dict[tuple[str, str | None], tuple[Any, Any]]:
    return {(change.target.label, change.field or change.op): (change.before, change.after) for change in proposal.changes}


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def there_and_back(shop: Any, proposal: Any) -> dict[str, Discount]:
    """The discounts while the proposal held; afterwards each is as it was."""

    def plain(found: dict[str, Discount]) -> dict[str, Any]:
        return {code: one.fields("EUR") for code, one in found.items()}

    before = plain(known(shop))
    applied = asyncio.run(shop.ground.apply(proposal))
    assert applied.state == "applied", [item.note for item in applied.items]
    held = known(shop)
    assert asyncio.run(shop.ground.undo(applied)).state == "applied"
    assert plain(known(shop)) == before
    return held


@pytest.mark.parametrize(
    ("said", "field", "after"),
    [
        ({"code": "summer20", "value": "30%"}, "worth", "30%"),
        ({"code": "SUMMER20", "value": "-12.5%"}, "worth", "12.5%"),
        ({"code": "SUMMER20", "value": "7.50"}, "worth", Money.of("7.50", "EUR")),
        ({"code": "SUMMER20", "free_shipping": True}, "worth", FREE_SHIPPING),
        ({"code": "SUMMER20", "by": "5%", "direction": "up"}, "worth", "25%"),
        ({"code": "SUMMER20", "by": "5%", "direction": "down"}, "worth", "15%"),
        ({"code": "MUG5", "by": "1.50"}, "worth", Money.of("6.50", "EUR")),
        ({"code": "MUG5", "by": "10%", "direction": "up"}, "worth", Money.of("5.50", "EUR")),
        ({"code": "the SUMMER20 code", "value": "30%"}, "worth", "30%"),
        ({"code": "SUMMER20", "minimum": "50.00"}, "minimum", Money.of(50, "EUR")),
        ({"code": "MUG5", "no_minimum": True}, "minimum", None),
        ({"code": "SUMMER20", "usage_limit": 100}, "usage_limit", 100),
        ({"code": "LATER", "single_use": True}, "usage_limit", 1),
        ({"code": "FULL", "no_limit": True}, "usage_limit", None),
        ({"code": "SUMMER20", "new_code": "sunny-20"}, "code", "SUNNY-20"),
        ({"code": "SUMMER20", "ends": "2026-12-24T00:00:00+01:00"}, "ends_at", "2026-12-24T00:00:00+01:00"),
        ({"code": "SUMMER20", "ends": days("2026-12-31", "2026-12-31")}, "ends_at", "2026-12-31T23:59:59+01:00"),
        ({"code": "SUMMER20", "days": 3}, "ends_at", "2026-12-04T00:00:00+01:00"),
        ({"code": "SUMMER20", "days": 150}, "ends_at", "2027-04-30T00:00:00+02:00"),  # midnight there, in summer too
        ({"code": "OLD", "days": 3}, "ends_at", "2026-11-23T15:00:00+01:00"),
        ({"code": "SUMMER20", "no_end": True}, "ends_at", None),
        ({"code": "LATER", "starts": days("2026-12-05", "2026-12-05")}, "starts_at", "2026-12-05T00:00:00+01:00"),
        ({"code": "MUG5", "scope": "all"}, "products", []),
    ],
)  # fmt: skip
def test_one_thing_is_changed_and_can_be_put_back(said: dict[str, Any], field: str, after: Any, shop: Any) -> None:
    proposal = shop.ask("edit_discount", **said)
    assert [(change.field, change.after) for change in proposal.changes] == [(field, after)]
    held = there_and_back(shop, proposal)
    code = "SUNNY-20" if field == "code" else proposal.changes[0].target.label
    if field != "worth":
        now = held[code].fields("EUR")[field]
        assert (at(now) if isinstance(now, str) and "T" in now else now) == (at(after) if isinstance(after, str) and "T" in after else after)
    else:
        assert held[code].worth("EUR") == after


def test_products_go_in_and_out_and_take_the_place_of_others(shop: Any) -> None:
    mugs, candle = shop.products("Blue", "Speckled"), shop.products("Beeswax")
    blue = shop.products("Blue")
    asked = {scope: shop.ask("edit_discount", code="MUG5", products=some, scope=scope) for scope, some in
             (("add", candle), ("remove", blue), ("only", candle))}  # fmt: skip
    assert asked["add"].changes[0].after == [*mugs["ids"], *candle["ids"]]
    assert asked["remove"].changes[0].after == mugs["ids"][1:]
    assert asked["only"].changes[0].after == candle["ids"]
    for proposal in asked.values():
        there_and_back(shop, proposal)
    which = shop.ask("edit_discount", code="MUG5", products=candle)
    assert isinstance(which, Missing)
    assert (which.field, [value for value, _ in which.options]) == ("scope", ["only", "add", "remove"])


def test_both_dates_move_in_an_order_in_which_each_step_is_possible(shop: Any) -> None:
    later = shop.ask("edit_discount", code="LATER", starts="2027-01-10T00:00:00+01:00", ends="2027-01-20T00:00:00+01:00")
    assert [change.field for change in later.changes] == ["ends_at", "starts_at"]
    earlier = shop.ask("edit_discount", code="LATER", starts="2026-11-25T00:00:00+01:00", ends="2026-11-28T00:00:00+01:00")
    assert [change.field for change in earlier.changes] == ["starts_at", "ends_at"]
    for proposal in (later, earlier):
        there_and_back(shop, proposal)


def test_several_of_an_earlier_result_are_changed_at_once(shop: Any) -> None:
    chosen = {"ids": [coded(shop, "SUMMER20").id, coded(shop, "LATER").id]}
    proposal = shop.ask("edit_discount", discounts=chosen, value="15%")
    assert {code: after for (code, _), (_, after) in moves(proposal).items()} == {"LATER": "15%", "SUMMER20": "15%"}
    with pytest.raises(Invalid, match="2 discounts cannot have the same code"):
        shop.ask("edit_discount", discounts=chosen, new_code="ONE")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"value": "120%"}, "A discount is at most 100%; 120% would pay the customer."),
        ({"by": "90%", "direction": "up"}, "A discount is at most 100%; 110% would pay the customer."),
        ({"value": "0%"}, "SUMMER20 would give nothing then; end it instead."),
        ({"by": "20%", "direction": "down"}, "SUMMER20 would give nothing then; end it instead."),
        ({"by": "2.00"}, "SUMMER20 gives 20%; say how many percent more or less."),
        ({"value": {"amount": "5.00", "currency": "USD"}}, "This shop sells in EUR, not in USD."),
        ({"ends": "2026-11-01T00:00:00+01:00"}, "That end is past; to end SUMMER20 at once, say “end SUMMER20”."),
        ({"starts": "2026-12-05T00:00:00+01:00"}, "SUMMER20 would end before it starts."),
        ({"usage_limit": 5}, "SUMMER20 was used 7 times already; a limit of 5 would end it at once. Say a higher one, or end it."),
        ({"usage_limit": 0}, "A code that can be used less than once is no code; end it instead."),
        ({"minimum": "0"}, "The least an order must come to is above zero; say “no minimum” to take it off."),
        ({"days": 0}, "Say by how many days it should run longer: 1 or more."),
        ({"new_code": "a b"}, "A code is 2 to 40 letters and digits, with - or _ between them."),
        ({"new_code": "mug5"}, "There is a code MUG5 already."),
        ({"value": "5%", "by": "5%"}, "“value” and “by” cannot both hold; say one of them."),
        ({"products": {"ids": []}, "scope": "only"}, "None of the products this discount is to be for was found."),
        ({"products": {"ids": ["p_1"]}, "scope": "add"}, "SUMMER20 holds for everything already."),
        ({"products": {"ids": ["p_1"]}, "scope": "remove"}, "SUMMER20 holds for everything; say which products it should be for instead."),
    ],
)
def test_what_a_discount_cannot_be_is_refused_with_its_reason(said: dict[str, Any], sentence: str, shop: Any) -> None:
    with pytest.raises(Invalid) as refused:
        shop.ask("edit_discount", code="SUMMER20", **said)
    assert str(refused.value) == sentence


def test_more_than_the_ceiling_is_not_allowed_however_it_is_put(shop: Any) -> None:
    discount = coded(shop, "MUG5")
    for change in discount.set("EUR", worth="90%"):
        with playground(limits=Limits()) as ground:
            proposal = shop.ask("edit_discount", code="MUG5", value="90%")
            assert list(proposal.changes) == [change]
            with pytest.raises(NotAllowed, match="MUG5 would take 90% off; the most is 70%"):
                asyncio.run(ground.approvals.open(proposal, shop=ground.store.shop.id, principal=ground.person))


def test_a_code_nobody_has_is_asked_about_with_those_like_it(shop: Any) -> None:
    for task, field, said in (("edit_discount", "code", {"code": "SUMER20", "value": "5%"}), ("end_discount", "codes", {"codes": ["SUMER20"]})):
        asked = shop.ask(task, **said)
        assert isinstance(asked, Missing)
        assert (asked.field, asked.options[0]) == (field, ("SUMMER20", "SUMMER20"))
        assert str(asked.question) == "There is no discount code SUMER20. Did you mean one of these?"


def test_what_is_missing_is_asked(shop: Any, bench: Any) -> None:
    assert [shop.ask("edit_discount", code="SUMMER20").field, shop.ask("edit_discount", value="5%").field] == ["value", "code"]
    assert shop.ask("end_discount").options == [("LATER", "LATER"), ("MUG5", "MUG5"), ("SUMMER20", "SUMMER20")]


def test_one_is_ended_now_and_runs_again_when_that_is_undone(shop: Any) -> None:
    proposal = shop.ask("end_discount", codes=["summer20"])
    assert moves(proposal) == {("SUMMER20", "ends_at"): ("2026-11-30T23:00:00+00:00", NOW)}
    assert str(proposal.summary) == "End SUMMER20 now"
    assert there_and_back(shop, proposal)["SUMMER20"].ends_at == at(NOW)


def test_an_end_that_somebody_else_moved_since_stays(shop: Any) -> None:
    applied = asyncio.run(shop.ground.apply(shop.ask("end_discount", codes=["SUMMER20"])))
    target = Target("discount", coded(shop, "SUMMER20").id, "SUMMER20")
    moved = Change.set(target, "ends_at", before=NOW, after="2026-12-31T00:00:00+01:00")
    asyncio.run(shop.ground.store.write(moved, key="somebody else"))
    undone = asyncio.run(shop.ground.undo(applied))
    assert [item.state for item in undone.items] == ["skipped"]
    assert coded(shop, "SUMMER20").ends_at == at("2026-12-31T00:00:00+01:00")


def test_a_day_means_its_end_and_a_moment_itself(shop: Any) -> None:
    friday = shop.ask("end_discount", codes=["SUMMER20"], ends=days("2026-11-27", "2026-11-27"))
    noon = shop.ask("end_discount", codes=["SUMMER20"], ends="2026-11-27T12:00:00+01:00")
    assert [one.changes[0].after for one in (friday, noon)] == ["2026-11-27T23:59:59+01:00", "2026-11-27T12:00:00+01:00"]


def test_all_that_run_are_ended_and_what_has_not_begun_goes(shop: Any) -> None:
    proposal = shop.ask("end_discount", which="all")
    assert {(code, what) for code, what in moves(proposal)} == {
        ("SUMMER20", "ends_at"),
        ("MUG5", "ends_at"),
        ("FULL", "ends_at"),
        ("LATER", "delete"),
    }
    held = there_and_back(shop, proposal)
    assert {code: held[code].status for code in held} == dict.fromkeys(("SUMMER20", "MUG5", "FULL", "OLD"), "expired")


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ({"codes": ["SUMMER20", "MUG5"]}, {"SUMMER20", "MUG5"}),
        ({"which": "unused"}, {"MUG5", "LATER"}),
        ({"which": "unused", "used_in": days("2026-11-01", "2026-11-20")}, {"SUMMER20", "MUG5", "LATER", "FULL"}),
        ({"value": "20%"}, {"SUMMER20"}),
        ({"value": "5.00"}, {"MUG5"}),
        ({"which": "expired", "delete": True}, {"OLD", "FULL"}),
        ({"which": "unused", "delete": True}, {"MUG5", "LATER"}),
        ({"codes": ["OLD"], "delete": True}, {"OLD"}),
    ],
)
def test_those_that_are_meant_are_ended_or_deleted(said: dict[str, Any], codes: set[str], shop: Any) -> None:
    proposal = shop.ask("end_discount", **said)
    assert {change.target.label for change in proposal.changes} == codes
    there_and_back(shop, proposal)


def test_those_for_some_goods_are_ended_and_no_others(shop: Any) -> None:
    assert [c.target.label for c in shop.ask("end_discount", products=shop.products("Blue")).changes] == ["MUG5"]
    with pytest.raises(Invalid, match="No discount is as you say"):
        shop.ask("end_discount", products=shop.products("Oak"))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"codes": ["OLD"]}, "OLD is over already: it ended on 31 January 2026."),
        ({"codes": ["SUMMER20"], "ends": "2026-11-19T00:00:00+01:00"}, "That time is past; a discount can end now or later."),
        ({"codes": ["SUMMER20"], "ends": days("2026-11-18", "2026-11-18")}, "That time is past; a discount can end now or later."),
        (
            {"codes": ["SUMMER20"], "ends": "2026-12-24T00:00:00+01:00"},
            "SUMMER20 ends sooner, on 30 November 2026; say “extend SUMMER20” to let it run longer.",
        ),
        ({"value": "99%"}, "No discount is as you say, so there is nothing to end."),
    ],
)
def test_what_cannot_be_ended_is_refused_with_its_reason(said: dict[str, Any], sentence: str, shop: Any) -> None:
    with pytest.raises(Invalid) as refused:
        shop.ask("end_discount", **said)
    assert str(refused.value) == sentence


def test_whom_a_discount_is_for_moves_like_its_products_and_back(shop: Any) -> None:
    anna, jonas = shop.customers("Anna Schmidt"), shop.customers("Jonas Weber")
    asked = shop.ask("edit_discount", code="MUG5", customers=anna)  # "also let Anna use it" takes it from nobody
    assert isinstance(asked, Missing) and asked.field == "scope"
    some = shop.ask("edit_discount", code="MUG5", customers=anna, scope="only")
    assert str(some.summary) == "MUG5 is for 1 customer only from now on"
    assert there_and_back(shop, some)["MUG5"].customers == anna["ids"]
    for wrong, sentence in (("add", "for everybody already"), ("remove", "for everybody already")):
        with pytest.raises(Invalid, match=sentence):
            shop.ask("edit_discount", code="MUG5", customers=anna, scope=wrong)
    asyncio.run(shop.ground.apply(some))
    added = shop.ask("edit_discount", code="MUG5", customers=jonas, scope="add")
    assert there_and_back(shop, added)["MUG5"].customers == [*anna["ids"], *jonas["ids"]]
    all_of_them = shop.ask("edit_discount", code="MUG5", everybody=True)
    assert str(all_of_them.summary) == "MUG5 is for everybody from now on"
    assert there_and_back(shop, all_of_them)["MUG5"].customers is None
    with pytest.raises(Invalid, match="for nobody then"):
        shop.ask("edit_discount", code="MUG5", customers=anna, scope="remove")


def test_once_per_customer_is_no_limit_of_uses_in_all(shop: Any) -> None:
    once = shop.ask("edit_discount", code="SUMMER20", once_per_customer=True, single_use=True)
    assert [(change.field, change.after) for change in once.changes] == [("once_per_customer", True)]
    assert there_and_back(shop, once)["SUMMER20"].once_per_customer
    asyncio.run(shop.ground.apply(once))
    found = shop.ask("find_discounts", once_per_customer=True)
    row = dict(zip(found.data.table.columns, found.data.table.rows[0], strict=True))
    assert (found.data.count, row["Code"], row["Customers"], row["Per customer"]) == (1, "SUMMER20", None, 1)
    often = shop.ask("edit_discount", code="SUMMER20", many_per_customer=True, once_per_customer=True)
    assert [(change.field, change.after) for change in often.changes] == [("once_per_customer", False)]


def test_the_table_of_discounts_says_whom_each_is_for(shop: Any) -> None:
    asyncio.run(shop.ground.apply(shop.ask("edit_discount", code="MUG5", customers=shop.customers("Anna Schmidt"), scope="only")))
    asyncio.run(shop.ground.apply(shop.ask("edit_discount", code="LATER", customers=shop.customers("Anna Schmidt", "Jonas Weber"), scope="only")))
    table = shop.ask("find_discounts").data.table
    column = table.columns.index("Customers")
    assert {row[0]: row[column] for row in table.rows} == {
        "MUG5": "Anna Schmidt", "LATER": "2 customers", "SUMMER20": None, "OLD": None, "FULL": None,
    }  # fmt: skip


def test_a_list_shows_the_first_and_the_last_day_on_which_a_code_holds(shop: Any) -> None:
    table = shop.ask("find_discounts").data.table
    days_of = {row[0]: (row[table.columns.index("Starts")].isoformat(), row[table.columns.index("Ends")]) for row in table.rows}
    assert days_of["LATER"] == ("2026-12-10", date(2026, 12, 19))
    assert days_of["SUMMER20"] == ("2026-06-01", date(2026, 11, 30))
    assert days_of["MUG5"] == ("2026-10-01", None)

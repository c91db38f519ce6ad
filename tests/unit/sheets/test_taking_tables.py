"""Rows as changes: nothing is lost, nothing is guessed, and nothing that cannot be is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Invalid
from agent.sdk import Change, Money, Product, Untrusted, Variant
from agent.sheets.adding import add
from agent.sheets.choosing import Choice, Doubt, choose, count_rows, recognised
from agent.sheets.reading import read
from agent.sheets.shelf import Shelf
from agent.sheets.taking import Setting, Taken, take
from agent.sheets.words import Wanted

PLACES = {"loc_1": "Main", "loc_2": "Berlin"}
ANY = Wanted()
PRICES, STOCK, TEXTS, NEW = (Wanted(take=frozenset({kind})) for kind in ("prices", "stock", "texts", "new"))


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def product(n: int, title: str, *variants: tuple[str, str], tracked: bool = True) -> Product:
    """Variants are (SKU, option)."""
    made = [
        Variant(
            id=f"v_{n}{at}", product_id=f"p_{n}", product_title=title, title=option, options={"Size": option} if option else {}, sku=sku or None,
            price=eur("10"), compare_at_price=None, cost=None, stock={"loc_1": 5}, tracked=tracked, version="1",
        )
        for at, (sku, option) in enumerate(variants)
    ]  # fmt: skip
    return Product(
        id=f"p_{n}", title=title, handle=title.lower().replace(" ", "-"), description=Untrusted("", source="product text", record=f"p_{n}"),
        status="active", vendor="Acme", product_type="Mugs", tags=["gift"], collections=(), options={}, variants=made, image_url=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC), version="1",
    )  # fmt: skip


SHOP = Shelf(
    [
        product(1, "Blue Mug", ("BM-S", "Small"), ("BM-L", "Large")), product(2, "Oak Board", ("00123", "")), product(3, "Twin", ("TW", "")),
        product(4, "Twin", ("TW2", "")), product(5, "First", ("SAME", "")), product(6, "Second", ("SAME", "")),
        product(7, "Card", ("CARD", ""), tracked=False),
    ]
)  # fmt: skip


def chosen(text: str, wanted: Wanted = ANY, answers: Mapping[str, str] | None = None, words: str = "") -> Choice | tuple[Doubt, ...]:
    return choose(read("x.csv", text.encode()), wanted, answers or {}, text=words, locations=PLACES)


def taken(text: str, wanted: Wanted = ANY, answers: Mapping[str, str] | None = None) -> Taken:
    choice = chosen(text, wanted, answers)
    assert isinstance(choice, Choice), choice
    work = add if choice.take == {"new"} else take
    return work(read("x.csv", text.encode()), choice, SHOP, Setting(currency="EUR", locations=PLACES))


def made(of: Taken) -> dict[tuple[str, str], Any]:
    return {(change.target.id, str(change.field)): change.after for change in of.changes}


def left(of: Taken) -> dict[int, str]:
    return {each.line: each.why for each in of.left}


ROWS = st.lists(
    st.tuples(st.sampled_from(["BM-S", "BM-L", "00123", "SAME", "NOPE", "", "card"]), st.sampled_from(["12.50", "10", "13,75", "-1", "x", "", "$4"])),
    min_size=1, max_size=20,
)  # fmt: skip


@given(ROWS)
def test_every_row_is_a_change_or_so_already_or_told_with_its_line(rows: list[tuple[str, str]]) -> None:
    text = "SKU,Price\n" + "".join(f'"{sku}","{price}"\n' for sku, price in rows)
    try:
        of = taken(text, PRICES)
    except Invalid:  # no SKU, or no price, in any row
        assert not any(sku for sku, _ in rows) or not any(price for _, price in rows)
        return
    told = {each.line for each in of.left}
    lines = {line for line, (sku, price) in enumerate(rows, start=2) if sku or price}
    assert told | set(of.lines.values()) <= lines
    for line in lines - told:
        sku, price = rows[line - 2]
        assert price in ("12.50", "10", "13,75") and sku in ("BM-S", "BM-L", "00123", "card")
    assert len({(change.target.id, change.field) for change in of.changes}) == len(of.changes)
    assert all(change.after.amount > 0 for change in of.changes)


def test_a_price_list_in_german_sets_prices_and_tells_what_it_cannot_take() -> None:
    of = taken('Artikelnummer;Preis\nBM-S;12,50 €\nbm-l;1.299,00\n="00123";8\nSAME;3\nNOPE;4\n;5\nCARD;0\n', PRICES)
    assert made(of) == {("v_10", "price"): eur("12.50"), ("v_11", "price"): eur("1299"), ("v_20", "price"): eur("8")}
    assert left(of) == {
        5: "more than one variant has this SKU", 6: "no variant has this SKU", 7: "the row does not say which product it is about",
        8: "a price must be more than nothing",
    }  # fmt: skip


def test_another_currency_is_refused_wherever_it_stands() -> None:
    rows = {"SKU,Price\nBM-S,$3\n": "EUR", "SKU,Price (USD)\nBM-S,3\n": "EUR", "SKU,Price,Currency\nBM-S,3,GBP\n": "EUR"}
    for text, currency in rows.items():
        assert left(taken(text, PRICES)) == {2: f"this is another currency than the shop's, {currency}"}
    assert made(taken("SKU,Price in EUR,Currency\nBM-S,€3,eur\n", PRICES)) == {("v_10", "price"): eur("3")}


def test_what_is_said_twice_in_two_ways_is_not_taken_and_said_twice_alike_is_taken_once() -> None:
    of = taken("SKU,Price\nBM-S,3\nBM-L,4\nbm-s,5\nBM-L,4.00\n", PRICES)
    assert made(of) == {("v_11", "price"): eur("4")}
    assert set(left(of)) == {2, 4} and "lines 2, 4 say this" in left(of)[2]


def test_a_title_of_two_products_and_a_product_of_several_variants_are_not_guessed() -> None:
    of = taken("Title,Price\nTwin,3\nBlue Mug,4\nblue  mug (large),5\nOak Board,6\n", PRICES)
    assert made(of) == {("v_11", "price"): eur("5"), ("v_20", "price"): eur("6")}
    assert "more than one product" in left(of)[2] and "several variants" in left(of)[3]


def test_a_crossed_out_price_is_above_the_price_of_its_own_row() -> None:
    of = taken("SKU,Price,Compare-at price\nBM-S,12,20\nBM-L,12,11\n", PRICES)
    assert made(of)[("v_10", "compare_at_price")] == eur("20") and ("v_11", "compare_at_price") not in made(of)
    assert left(of) == {3: "a crossed-out price must be higher than the price"}


def test_shopifys_product_export_and_inventory_export_and_woocommerces_are_understood() -> None:
    shopify = (
        "Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Price\nblue-mug,Blue Mug,<p>Hi <b>you</b></p>,Size,Small,BM-S,12\n"
    )
    shopify += "blue-mug,,,,Large,BM-L,13\n"
    assert made(taken(shopify, PRICES)) == {("v_10", "price"): eur("12"), ("v_11", "price"): eur("13")}
    assert made(taken(shopify, TEXTS)) == {("p_1", "description"): "Hi you"}
    inventory = "Handle,Title,Option1 Name,Option1 Value,SKU,Location,On hand (current),On hand (new)\nblue-mug,Blue Mug,Size,Small,BM-S,Berlin,5,9\n"
    inventory += "blue-mug,Blue Mug,Size,Large,BM-L,Nowhere,5,9\n"
    of = taken(inventory)
    assert made(of) == {("v_10", "stock:loc_2"): 9} and left(of) == {3: "the shop has no location of this name"}
    woo = "ID,Type,SKU,Name,Regular price,Sale price\n7,variation,BM-S,Blue Mug,20,15\n8,simple,00123,Oak Board,30,\n"
    assert made(taken(woo, PRICES)) == {
        ("v_10", "compare_at_price"): eur("20"), ("v_10", "price"): eur("15"), ("v_20", "price"): eur("30"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted", "asked"),
    [
        ("SKU,RRP\nBM-S,3\n", PRICES, ["column:1"]),
        ("SKU,Qty\nBM-S,3\n", Wanted(), ["how", "location"]),
        ("SKU,Qty\nBM-S,3\n", Wanted(take=frozenset({"stock"}), how="add"), ["location"]),
        ("SKU,Received\nBM-S,3\n", Wanted(take=frozenset({"stock"}), how="set"), ["how", "location"]),
        ("SKU,Price\nBM-S,1.299\n", PRICES, ["decimal:1"]),
        ("SKU,Price,Stock\nBM-S,3,4\n", Wanted(), ["take", "location"]),
        ("BM-S,3\nBM-L,4\n", Wanted(), ["column:1"]),
        ("SKU,Preis,Price\nBM-S,3,4\n", PRICES, ["which:price"]),
        ("Code,Wert2\nBM-S,3\n", Wanted(), ["column:1"]),
    ],
)
def test_what_is_in_doubt_is_asked_with_options(text: str, wanted: Wanted, asked: list[str]) -> None:
    doubts = chosen(text, wanted)
    assert isinstance(doubts, tuple) and [doubt.field for doubt in doubts] == asked
    assert all(len(doubt.options) >= 2 for doubt in doubts)


def test_answers_settle_what_was_asked_and_the_words_settle_what_they_say() -> None:
    assert made(taken("SKU,RRP\nBM-S,30\n", PRICES, {"column:1": "compare_at_price"})) == {("v_10", "compare_at_price"): eur("30")}
    assert made(taken("SKU,Price\nBM-S,1.299\n", PRICES, {"decimal:1": ","})) == {("v_10", "price"): eur("1299")}
    assert left(taken("SKU,Price\nBM-S,1.299\n", PRICES, {"decimal:1": "."})) == {2: "this has more decimals than EUR has"}
    assert made(taken("BM-S,3\nBM-L,4\n", PRICES)) == {("v_10", "price"): eur("3"), ("v_11", "price"): eur("4")}
    choice = chosen("SKU,Qty\nBM-S,3\n", Wanted(take=frozenset({"stock"}), how="set"), words="take over the count at Berlin")
    assert isinstance(choice, Choice) and choice.location == "loc_2"


def test_stock_is_set_or_added_as_asked_and_never_below_nothing() -> None:
    where = {"location": "loc_1"}
    counted = taken("SKU,Stock\nBM-S,9\nBM-L,-1\nCARD,4\n00123,5\nTW,2.5\n", STOCK, where)
    assert made(counted) == {("v_10", "stock:loc_1"): 9} and counted.same == 1
    assert "no sign" in left(counted)[3] and "not counted" in left(counted)[4] and "whole numbers" in left(counted)[6]
    added = taken("SKU,Received\nBM-S,9\nBM-L,-6\nTW,1\ntw,1\n", STOCK, where)
    assert [(change.op, change.after) for change in added.changes] == [("add", 9)]
    assert "fewer" in left(added)[3] and {4, 5} < set(left(added))


def test_texts_take_no_formulas_and_nothing_that_cannot_be_shown() -> None:
    of = taken('SKU,Title,Tags,Status\nBM-S,Ocean Mug,"gift, Sea,sea",draft\n00123,"=HYPERLINK(""http://x"")",,gone\nTW,a\u202eb,,\n', TEXTS)
    assert made(of) == {("p_1", "title"): "Ocean Mug", ("p_1", "tags"): ["gift", "Sea"], ("p_1", "status"): "draft"}
    assert [each.why.split(";")[0] for each in of.left] == [
        "this is a formula and not a text", "a status is active, draft or archived", "this has characters that cannot be shown",
    ]  # fmt: skip


def test_a_title_beside_a_price_is_read_and_not_changed_unless_titles_are_asked_for() -> None:
    text = "SKU,Title,Price\nBM-S,Other Mug,12\n"
    assert set(made(taken(text))) == {("v_10", "price")}
    choice = chosen(text)
    assert isinstance(choice, Choice) and set(made(taken(text, TEXTS))) == {("p_1", "title")}


def test_new_products_are_made_with_their_variants_and_known_ones_are_left() -> None:
    text = "Handle,Title,Option1 Name,Option1 Value,SKU,Price,Stock\nspoon,Oak Spoon,Size,S,OS-S,4.50,7\n"
    text += "spoon,,Size,L,OS-L,5,\nblue-mug,Blue Mug,,,X,3,\n"
    of = taken(text + "fork,Oak Fork,,,OS-S,3,\nknife,Knife,,,K,,\n", NEW, {"location": "loc_1"})
    (change,) = of.changes
    assert isinstance(change, Change) and change.op == "create" and isinstance(change.after, dict)
    assert change.after["options"] == [["Size", ["S", "L"]]] and change.after["status"] == "draft"
    assert [(v["sku"], v["price"], v["stock"]) for v in change.after["variants"]] == [("OS-S", eur("4.50"), {"loc_1": 7}), ("OS-L", eur("5"), {})]
    assert left(of) == {4: "the shop has this product already", 5: "line 2 has the same SKU", 6: "a new product needs a price"}


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        ("Price,Stock\n3,4\n", PRICES, "which product a row is about"), ("SKU,Colour\nA,red\n", PRICES, "has no column with what you ask for"),
        ("SKU,Remarks\nA,red\n", Wanted(), "no column with prices, stock or texts"), ("SKU,Price\n", PRICES, "no rows under it"),
    ],
)  # fmt: skip
def test_a_file_with_nothing_to_take_is_told_what_is_missing(text: str, wanted: Wanted, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        chosen(text, wanted)


def test_what_is_understood_is_shown_before_it_is_sent() -> None:
    sheet = read("x.csv", b"sku,Remarks,PRICE (EUR)\nA,x,3\nB,y,4\n")
    assert recognised(sheet) == ["sku", "PRICE (EUR)"] and count_rows(sheet) == 2

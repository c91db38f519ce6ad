"""create_product: what comes to be, and what is asked or refused."""

import asyncio
from typing import Any

import pytest

from agent.approvals import Limits
from agent.errors import Conflict, NotAllowed
from agent.sdk import Invalid, Missing, Money, Product, Selection
from agent.stores.embedded.schema import LINES
from agent.testing.playground import playground

EUR = "EUR"


def fields(proposal: Any) -> dict[str, Any]:
    [change] = proposal.changes
    assert (change.op, change.target.kind, change.target.id) == ("create", "product", "new")
    return dict(change.after)


def titled(bench: Any, title: str) -> list[Product]:
    found = asyncio.run(bench.ground.store.products()).items
    return [product for product in found if product.title == title]


def test_a_title_and_a_price_make_a_draft_with_one_variant(bench: Any) -> None:
    proposal = bench.ask("create_product", title="Walnut Tray", price="34.00")
    made = fields(proposal)
    assert (made["title"], made["status"], made["options"], made["collections"]) == ("Walnut Tray", "draft", [], [])
    [variant] = made["variants"]
    assert (variant["options"], variant["price"], variant["sku"], variant["stock"]) == ([], Money.of(34, EUR), None, {})
    assert (proposal.summary.msgid, proposal.summary.params["state"]) == ("New product {product} at {price}, {state}", "as a draft")


def test_options_make_variants_each_with_price_stock_and_a_sku_of_its_own(bench: Any) -> None:
    proposal = bench.ask(
        "create_product", title="Linen Apron", price="29.90", sizes=["S", "M"], colours=["Dark Blue", "Sand"], options=["Pocket: yes, no"],
        sku="LA-01", stock=20, cost="11.00",
    )  # fmt: skip
    made = fields(proposal)
    assert made["options"] == [["Size", ["S", "M"]], ["Colour", ["Dark Blue", "Sand"]], ["Pocket", ["yes", "no"]]]
    assert len(made["variants"]) == 8
    first = made["variants"][0]
    assert (first["options"], first["sku"], first["stock"]) == (["S", "Dark Blue", "yes"], "LA-01-S-DARKBLUE-YES", {"loc_1": 20})
    assert (proposal.summary.n, proposal.summary.params["units"], proposal.summary.params["price"]) == (8, 20, Money.of("29.90", EUR))


def test_it_is_published_only_when_that_is_said(bench: Any) -> None:
    proposal = bench.ask("create_product", title="Walnut Tray", price="34.00", publish=True)
    assert fields(proposal)["status"] == "active"
    assert "published at once" in str(proposal.summary)


def test_it_is_made_as_it_was_approved_and_gone_when_undone(bench: Any) -> None:
    summer = next(one for one in asyncio.run(bench.ground.store.collections()) if one.title == "Summer")
    proposal = bench.ask(
        "create_product", title="Walnut Tray", price="34.00", sizes=["S", "L"], stock=5, vendor="Holt", product_type="Trays",
        tags=["oak", "Oak", "gift"],
        description="Holds six cups.", collection={"id": summer.id}, sku="WT",
    )  # fmt: skip
    applied = asyncio.run(bench.ground.apply(proposal))
    [product] = titled(bench, "Walnut Tray")
    assert (product.status, product.vendor, product.product_type, product.tags) == ("draft", "Holt", "Trays", ("Oak", "gift"))
    assert (product.collections, product.handle, product.description.value) == (("Summer",), "walnut-tray", "Holds six cups.")
    assert [(v.options, v.sku, v.price.amount, v.on_hand) for v in product.variants] == [
        ({"Size": "S"}, "WT-S", 34, 5), ({"Size": "L"}, "WT-L", 34, 5),
    ]  # fmt: skip
    undone = asyncio.run(bench.ground.undo(applied))
    assert undone.state == "applied"
    assert titled(bench, "Walnut Tray") == []


def test_one_that_was_ordered_since_stays_and_says_why(bench: Any) -> None:
    applied = asyncio.run(bench.ground.apply(bench.ask("create_product", title="Walnut Tray", price="34.00")))
    [product] = titled(bench, "Walnut Tray")
    key = int(product.id.removeprefix("p_"))

    def ordered(session: Any) -> None:
        session.execute(LINES.update().where(LINES.c.id == 1).values(product_id=key))

    bench.ground.db.write_now(ordered)
    undone = asyncio.run(bench.ground.undo(applied))
    assert [item.state for item in undone.items] == ["failed"]
    assert undone.items[0].note == "“Walnut Tray” was ordered, so it stays; archive it instead."
    assert len(titled(bench, "Walnut Tray")) == 1


def test_one_that_was_changed_since_is_left_alone(bench: Any) -> None:
    applied = asyncio.run(bench.ground.apply(bench.ask("create_product", title="Walnut Tray", price="34.00")))
    ref = {"ids": [titled(bench, "Walnut Tray")[0].id]}
    asyncio.run(bench.ground.apply(bench.ask("edit_product", products=ref, vendor="Holt")))
    opened = asyncio.run(bench.ground.approvals.undo(applied.id, bench.ground.person))
    assert opened.items[0].note == "It was changed since and will be left alone."
    assert [item.state for item in asyncio.run(bench.ground.approvals.approve(opened.digest, bench.ground.person)).items] == ["skipped"]
    assert titled(bench, "Walnut Tray")[0].vendor == "Holt"


def test_an_undo_can_be_undone(bench: Any) -> None:
    applied = asyncio.run(bench.ground.apply(bench.ask("create_product", title="Walnut Tray", price="34.00", sizes=["S", "M"], stock=3)))
    before = titled(bench, "Walnut Tray")[0]
    undone = asyncio.run(bench.ground.undo(applied))
    asyncio.run(bench.ground.undo(undone))
    [again] = titled(bench, "Walnut Tray")
    assert (again.handle, again.created_at, again.options) == (before.handle, before.created_at, before.options)
    assert [(v.title, v.price, v.stock) for v in again.variants] == [(v.title, v.price, v.stock) for v in before.variants]
    with pytest.raises(Conflict):
        asyncio.run(bench.ground.undo(applied))


def test_a_title_that_is_taken_is_asked_about_whatever_its_case(bench: Any) -> None:
    asked = bench.ask("create_product", title="blue ceramic MUG", price="10.00")
    assert isinstance(asked, Missing)
    assert (asked.field, str(asked.question)) == (
        "title", "There is a product called “blue ceramic MUG” already. What should the new one be called?",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"price": "0"}, "A product costs more than nothing. What should it cost?"),
        ({"price": "-4.00"}, "A product costs more than nothing. What should it cost?"),
        ({"price": {"amount": "4.00", "currency": "USD"}}, "This shop sells in EUR, not in USD."),
        ({"title": "  "}, "A product needs a title."),
        ({"title": "x" * 256}, "A title has at most 255 characters; this one has 256."),
        ({"sizes": [str(n) for n in range(101)]}, "That makes 101 variants; a product has at most 100."),
        ({"sizes": [str(n) for n in range(11)], "colours": [f"c{n}" for n in range(10)]}, "That makes 110 variants; a product has at most 100."),
        ({"sizes": ["S", "M", "s"]}, "“s” comes twice among the values of Size."),
        ({"sizes": ["S", " "]}, "Each value of Size is 1 to 255 characters of text."),
        ({"sizes": ["S"], "options": ["size: M"]}, "Two options have the same name."),
        ({"options": ["A: 1", "B: 1", "C: 1"], "sizes": ["S"]}, "A product has at most 3 options; this one has 4."),
        ({"options": ["oak"]}, "Say the option “oak” with its values, as in “Material: Oak, Walnut”."),
        ({"stock": -1}, "Units on hand cannot be below zero."),
        ({"cost": "-1.00"}, "What a unit costs you cannot be below zero."),
        ({"vendor": " "}, "The vendor is 1 to 255 characters of text."),
        ({"tags": ["a,b"]}, "“a,b” cannot be a tag: a tag is one word or a few, without a comma."),
        ({"collection": {"id": "col_999"}}, "The collection it is to go into is not there."),
        ({"sizes": ["A B", "AB"], "sku": "X"}, "Two variants would have the same SKU."),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_reason(said: dict[str, Any], sentence: str, bench: Any) -> None:
    with pytest.raises(Invalid) as refused:
        bench.ask("create_product", **{"title": "Walnut Tray", "price": "34.00", **said})
    assert str(refused.value) == sentence


def test_a_sku_that_is_taken_names_whose_it_is(bench: Any) -> None:
    mug = asyncio.run(bench.ground.store.variants(Selection(ids=tuple(bench.products("Blue")["ids"]))))[0]
    with pytest.raises(Invalid, match=f"The SKU {mug.sku.lower()} is that of Blue Ceramic Mug already"):
        bench.ask("create_product", title="Walnut Tray", price="34.00", sku=mug.sku.lower())


def test_a_price_below_the_margin_floor_is_not_allowed(bench: Any) -> None:
    proposal = bench.ask("create_product", title="Walnut Tray", price="10.00", cost="12.00")
    with playground(limits=Limits()) as ground, pytest.raises(NotAllowed, match=r"Walnut Tray would cost less than EUR 12.00, its floor"):
        asyncio.run(ground.apply(proposal))

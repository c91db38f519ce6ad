"""edit_order, fulfil_order, cancel_order, refund_order: what they propose, what that does, and what they refuse."""

import asyncio
import re
from decimal import Decimal
from typing import Any

import pytest

from agent.approvals import Limits
from agent.errors import Conflict, NotAllowed
from agent.languages import Languages
from agent.registry import discover
from agent.reply import Renderer
from agent.sdk import Action, Invalid, Missing, Money, NotFound, Order, OrderWhere, Proposal, Sentence
from agent.testing.playground import playground

TRACKING = "1Z999AA10123456784"


def order_of(bench: Any, number: str) -> Order:
    return asyncio.run(bench.ground.store.orders(OrderWhere(numbers=[number]))).items[0]


def orders(bench: Any, *numbers: str) -> dict[str, Any]:
    return {"ids": [order_of(bench, number).id for number in numbers], "label": ", ".join(numbers)}


def open_paid(bench: Any) -> Order:
    """Paid and not yet sent, of Anna Schmidt."""
    return order_of(bench, "#1040")


def approved(bench: Any, proposal: Proposal, word: str) -> Any:
    ground = bench.ground
    opened = asyncio.run(ground.approvals.open(proposal, shop=ground.store.shop.id, principal=ground.person))
    assert opened.confirm == f"type:{word}"
    assert opened.risk == "high"
    with pytest.raises(Invalid):
        asyncio.run(ground.approvals.approve(opened.digest, ground.person))
    return asyncio.run(ground.approvals.approve(opened.digest, ground.person, typed=word))


def action_of(proposal: Any) -> Action:
    assert isinstance(proposal, Proposal)
    assert "cannot be undone" in str(proposal.summary)
    [action] = proposal.actions
    return action


# refund_order


def test_a_whole_refund_gives_back_what_was_paid_and_cannot_be_undone(bench: Any) -> None:
    order = open_paid(bench)
    proposal = bench.ask("refund_order", orders=orders(bench, "#1040"))
    assert action_of(proposal).money == order.total
    done = approved(bench, proposal, "REFUND")
    after = open_paid(bench)
    assert ([item.state for item in done.items], after.refunded, after.payment) == (["applied"], order.total, "refunded")
    with pytest.raises(NotAllowed):
        asyncio.run(bench.ground.approvals.undo(done.id, bench.ground.person))
    with pytest.raises(Invalid, match="refunded in full already"):
        bench.ask("refund_order", orders=orders(bench, "#1040"))


def test_a_refund_of_goods_takes_their_discount_off_and_puts_them_back_when_it_is_said(bench: Any) -> None:
    order = open_paid(bench)
    line = order.lines[0]
    product = {"ids": [line.product_id], "label": line.title}
    action = action_of(bench.ask("refund_order", orders=orders(bench, "#1040"), products=product, restock=True))
    assert (action.money, action.params["units"], action.params["restock"]) == (line.paid, {line.id: line.quantity}, True)
    assert action.money == line.price * line.quantity - line.discount


def test_what_a_refund_is_for_is_said_in_the_readers_language(bench: Any) -> None:
    line = next(line for line in open_paid(bench).lines if line.kind == "product")
    assert line.product_id is not None
    goods = {"products": {"ids": [line.product_id], "label": line.title}}
    in_german = Renderer("de-DE", catalogue=Languages().catalogue("de"))
    for args, said in (
        (goods, f"\xa0€ für {line.quantity} × {line.title} aus"),
        ({"shipping": True}, "4,90\xa0€ für Versandkosten aus"),
        ({"share": "half"}, "\xa0€ aus"),
    ):
        assert said in in_german(bench.ask("refund_order", orders=orders(bench, "#1040"), **args).summary)
    both = bench.ask("refund_order", orders=orders(bench, "#1040"), **goods, shipping=True)
    assert f"{line.quantity} × {line.title} and postage of order #1040" in Renderer("en-GB")(both.summary)


def test_so_many_of_the_goods_are_given_back(bench: Any) -> None:
    order = order_of(bench, "#1038")
    line = next(line for line in order.lines if line.kind == "product" and line.quantity > 1)
    assert line.product_id is not None
    args = {"orders": orders(bench, "#1038"), "products": {"ids": [line.product_id], "label": line.title}}
    action = action_of(bench.ask("refund_order", **args, counts={line.product_id: 1}))
    assert (action.params["units"], action.money) == ({line.id: 1}, line.worth(1))
    for wrong in (0, -1, line.quantity + 1):
        with pytest.raises(Invalid):
            bench.ask("refund_order", **args, counts={line.product_id: wrong})


@pytest.mark.parametrize(("said", "part"), [({"share": "half"}, "0.5"), ({"amount": "25%"}, "0.25"), ({"amount": "10.00"}, None)])
def test_a_part_is_given_back_as_it_was_said(said: dict[str, Any], part: str | None, bench: Any) -> None:
    order = open_paid(bench)
    action = action_of(bench.ask("refund_order", orders=orders(bench, "#1040"), **said))
    assert action.money == (Money.of("10.00", "EUR") if part is None else Money(order.left.amount * Decimal(part), "EUR"))
    assert action.params["units"] == {}


def test_the_postage_alone_is_given_back_and_all_but_the_postage(bench: Any) -> None:
    order = open_paid(bench)
    alone = action_of(bench.ask("refund_order", orders=orders(bench, "#1040"), shipping=True))
    rest = action_of(bench.ask("refund_order", orders=orders(bench, "#1040"), shipping=False))
    assert (alone.money, rest.money) == (Money.of("4.90", "EUR"), order.total - Money.of("4.90", "EUR"))
    approved(bench, bench.ask("refund_order", orders=orders(bench, "#1040"), shipping=True), "REFUND")
    with pytest.raises(Invalid, match="No postage is left"):
        bench.ask("refund_order", orders=orders(bench, "#1040"), shipping=True)


@pytest.mark.parametrize("said", [{"share": "half"}, {"amount": "50%"}])
def test_a_share_of_the_postage_is_of_the_postage_and_a_share_without_it_leaves_it_out(said: dict[str, Any], bench: Any) -> None:
    order = open_paid(bench)
    of_postage = action_of(bench.ask("refund_order", orders=orders(bench, "#1040"), shipping=True, **said))
    assert (of_postage.money, of_postage.params["postage"], of_postage.params["other"].minor) == (Money.of("2.45", "EUR"), Money.of("2.45", "EUR"), 0)
    of_goods = action_of(bench.ask("refund_order", orders=orders(bench, "#1040"), shipping=False, **said))
    assert of_goods.money == Money((order.total - Money.of("4.90", "EUR")).amount / 2, "EUR")
    done = approved(bench, bench.ask("refund_order", orders=orders(bench, "#1040"), shipping=True, **said), "REFUND")
    assert [item.state for item in done.items] == ["applied"]


def test_more_than_was_paid_is_never_given_back(bench: Any) -> None:
    order = open_paid(bench)
    above = {"amount": str(order.total.amount + 1), "currency": "EUR"}
    with pytest.raises(Invalid, match=f"{order.total.amount} is left"):
        bench.ask("refund_order", orders=orders(bench, "#1040"), amount=above)
    approved(bench, bench.ask("refund_order", orders=orders(bench, "#1040"), amount="10.00"), "REFUND")
    with pytest.raises(Invalid, match="was given back already"):
        bench.ask("refund_order", orders=orders(bench, "#1040"), amount={"amount": str(order.total.amount), "currency": "EUR"})
    for wrong in ("0.00", "-5.00", "120%", "0%"):
        with pytest.raises(Invalid):
            bench.ask("refund_order", orders=orders(bench, "#1040"), amount=wrong)
    with pytest.raises(Invalid, match="not in USD"):
        bench.ask("refund_order", orders=orders(bench, "#1040"), amount={"amount": "5", "currency": "USD"})


def test_a_refund_that_was_overtaken_by_another_is_left_undone(bench: Any) -> None:
    first, second = (bench.ask("refund_order", orders=orders(bench, "#1040")) for _ in range(2))
    total = open_paid(bench).total
    assert [item.state for item in approved(bench, first, "REFUND").items] == ["applied"]
    assert [item.state for item in approved(bench, second, "REFUND").items] == ["skipped"]
    assert open_paid(bench).refunded == total


def test_an_unpaid_order_and_one_given_back_whole_are_not_refunded(bench: Any) -> None:
    with pytest.raises(Invalid, match="has not been paid"):
        bench.ask("refund_order", orders=orders(bench, "#1036"))


def test_several_orders_are_asked_about_before_money_moves(bench: Any) -> None:
    asked = bench.ask("refund_order", orders=orders(bench, "#1040", "#1039"))
    assert isinstance(asked, Missing)
    assert (asked.field, [value for value, _ in asked.options]) == ("orders", ["#1040", "#1039"])
    first = asked.options[0][1]
    assert isinstance(first, Sentence) and re.fullmatch(r"#1040, \d+ [A-Z]\w+ \d{4}, €[\d.]+", Renderer("en-GB")(first)), (
        "as the reader's locale has it"
    )


def test_goods_that_are_not_in_the_order_are_refused(bench: Any) -> None:
    with pytest.raises(Invalid, match="has no Enamel Pot"):
        bench.ask("refund_order", orders=orders(bench, "#1040"), products=bench.products("Enamel Pot"))
    asked = bench.ask("refund_order", orders=orders(bench, "#1040"), amount="5.00", restock=True)
    assert isinstance(asked, Missing)
    assert asked.field == "products"


# Whose order.


@pytest.mark.parametrize("task", ["refund_order", "cancel_order", "fulfil_order", "edit_order"])
def test_which_order_is_settled_before_anything_else(task: str, bench: Any) -> None:
    with pytest.raises(NotFound):
        bench.ask(task, orders={"ids": ["o_999999"], "label": "#9"})
    with pytest.raises(Invalid, match="is an order of Anna Schmidt, not of Jonas"):
        bench.ask(task, orders=orders(bench, "#1040"), customers=bench.customers("Jonas"))
    with pytest.raises(NotFound):
        bench.ask(task, customers=bench.customers("Nora"))
    asked = bench.ask(task)
    assert isinstance(asked, Missing)
    assert asked.field == "orders"


def test_somebody_with_one_order_that_fits_needs_no_number(bench: Any) -> None:
    asked = bench.ask("refund_order", customers=bench.customers("Anna"))
    assert isinstance(asked, Missing)
    assert len(asked.options) > 1
    theirs = asyncio.run(bench.ground.store.orders(OrderWhere(fulfilment=["unfulfilled"]))).items
    one = next(o for o in theirs if sum(other.customer_id == o.customer_id for other in theirs) == 1)
    action = action_of(bench.ask("cancel_order", customers={"ids": [one.customer_id], "label": one.customer_name}))
    assert action.target.label == one.number


def test_the_latest_order_of_somebody_is_meant_by_it(bench: Any) -> None:
    proposal = bench.ask("edit_order", customers=bench.customers("Anna"), which="latest", add_tags=["gift"])
    assert [change.target.label for change in proposal.changes] == ["#1040"]


# cancel_order


def test_a_cancelled_order_is_out_of_the_figures_and_its_goods_are_in_stock(bench: Any) -> None:
    order = open_paid(bench)
    proposal = bench.ask("cancel_order", orders=orders(bench, "#1040"), reason="placed twice")
    assert (action_of(proposal).money, action_of(proposal).params["restock"]) == (None, True)
    assert "stays paid until it is refunded" in str(proposal.summary)
    approved(bench, proposal, "CANCEL")
    after = open_paid(bench)
    assert (after.cancel_reason, after.payment, after.refunded.minor) == ("placed twice", "paid", 0)
    assert after.cancelled_at is not None
    with pytest.raises(Invalid, match="was cancelled already"):
        bench.ask("cancel_order", orders=orders(bench, "#1040"))
    assert action_of(bench.ask("refund_order", orders=orders(bench, "#1040"))).money == order.total, "what was paid is still owed"


def test_a_cancellation_gives_the_money_back_where_it_is_said(bench: Any) -> None:
    order = open_paid(bench)
    proposal = bench.ask("cancel_order", orders=orders(bench, "#1040"), refund=True, restock=False)
    assert action_of(proposal).money == order.total
    approved(bench, proposal, "CANCEL")
    assert (open_paid(bench).refunded, open_paid(bench).payment) == (order.total, "refunded")


@pytest.mark.parametrize(("number", "why"), [("#1030", "has been sent"), ("#1035", "sent in part"), ("#1031", "cancelled already")])
def test_what_has_left_the_house_or_was_cancelled_is_not_cancelled(number: str, why: str, bench: Any) -> None:
    with pytest.raises(Invalid, match=why):
        bench.ask("cancel_order", orders=orders(bench, number))


def test_several_orders_are_cancelled_at_once_and_an_unknown_location_is_refused(bench: Any) -> None:
    proposal = bench.ask("cancel_order", orders=orders(bench, "#1040", "#1039"))
    assert ([action.target.label for action in proposal.actions], str(proposal.summary)[:16]) == (["#1040", "#1039"], "Cancel 2 orders:")
    with pytest.raises(NotFound):
        bench.ask("cancel_order", orders=orders(bench, "#1040"), location="the moon")


# fulfil_order


def test_an_order_is_marked_as_sent_with_its_parcel(bench: Any) -> None:
    proposal = bench.ask("fulfil_order", orders=orders(bench, "#1040"), tracking="1z999aa1 0123456784", carrier="UPS")
    assert action_of(proposal).params["tracking"] == TRACKING
    approved(bench, proposal, "SHIP")
    assert (open_paid(bench).fulfilment, list(open_paid(bench).tracking)) == ("fulfilled", [TRACKING])
    with pytest.raises(Invalid, match="sent already, tracking 1Z"):
        bench.ask("fulfil_order", orders=orders(bench, "#1040"), tracking=TRACKING)


def test_a_missing_tracking_number_is_asked_for_and_may_be_none(bench: Any) -> None:
    asked = bench.ask("fulfil_order", orders=orders(bench, "#1040"))
    assert isinstance(asked, Missing)
    assert (asked.field, [value for value, _ in asked.options]) == ("tracking", ["none"])
    for said in ({"tracking": "none"}, {"untracked": True}):
        assert action_of(bench.ask("fulfil_order", orders=orders(bench, "#1040"), **said)).params["tracking"] is None


@pytest.mark.parametrize("wrong", ["UPS", "see you soon", "12", "x" * 50])
def test_what_is_no_tracking_number_is_refused(wrong: str, bench: Any) -> None:
    with pytest.raises(Invalid):
        bench.ask("fulfil_order", orders=orders(bench, "#1040"), tracking=wrong)


def test_some_of_the_goods_go_out_and_then_the_rest(bench: Any) -> None:
    order = order_of(bench, "#1039")
    first = next(line for line in order.lines if line.kind == "product")
    assert first.product_id is not None
    product = {"ids": [first.product_id], "label": first.title}
    args = {"orders": orders(bench, "#1039"), "untracked": True}
    approved(bench, bench.ask("fulfil_order", **args, products=product), "SHIP")
    assert order_of(bench, "#1039").fulfilment == "partial"
    with pytest.raises(Invalid, match="left to be sent"):
        bench.ask("fulfil_order", **args, products=product)
    for wrong in (0, -2, 99):
        with pytest.raises(Invalid):
            bench.ask("fulfil_order", **args, counts={next(line.product_id for line in order.lines[1:] if line.product_id): wrong})
    approved(bench, bench.ask("fulfil_order", **args), "SHIP")
    assert order_of(bench, "#1039").fulfilment == "fulfilled"


def test_days_to_come_cancelled_orders_and_one_number_for_two_parcels_are_refused(bench: Any) -> None:
    with pytest.raises(Invalid, match="still to come"):
        bench.ask(
            "fulfil_order",
            orders=orders(bench, "#1040"),
            untracked=True,
            sent={"start": "2026-12-01T00:00:00+01:00", "end": "2026-12-02T00:00:00+01:00"},
        )
    with pytest.raises(Invalid, match="placed only on"):
        bench.ask(
            "fulfil_order",
            orders=orders(bench, "#1040"),
            untracked=True,
            sent={"start": "2025-12-01T00:00:00+01:00", "end": "2025-12-02T00:00:00+01:00"},
        )
    with pytest.raises(Invalid, match="cannot be sent"):
        bench.ask("fulfil_order", orders=orders(bench, "#1031"), untracked=True)
    with pytest.raises(Invalid, match="cannot be of 2 orders"):
        bench.ask("fulfil_order", orders=orders(bench, "#1040", "#1039"), tracking=TRACKING)


# edit_order


def test_tags_note_and_address_are_changed_and_taken_back(bench: Any) -> None:
    before = order_of(bench, "#1038")
    proposal = bench.ask(
        "edit_order", orders=orders(bench, "#1038"), add_tags=["gift", "Rush"], note="Ring twice.",
        address="Mr Low, 12 Hill Street, Leeds LS1 4AP, UK",
    )  # fmt: skip
    done = asyncio.run(bench.ground.apply(proposal))
    after = order_of(bench, "#1038")
    assert after.note is not None
    assert (list(after.tags), after.note.value) == (["gift", "Rush"], "Please leave it with the neighbour.\nRing twice.")
    place = after.shipping_address
    assert place is not None
    assert (place.recipient, place.street, place.city, place.postcode, place.country) == ("Mr Low", "12 Hill Street", "Leeds", "LS1 4AP", "GB")
    asyncio.run(bench.ground.undo(done))
    back = order_of(bench, "#1038")
    assert (back.tags, back.note, back.shipping_address) == (before.tags, before.note, before.shipping_address)


def test_a_note_takes_the_place_of_the_old_one_only_when_it_is_said(bench: Any) -> None:
    proposal = bench.ask("edit_order", orders=orders(bench, "#1038"), note="Ring twice.", replace_note=True)
    assert [change.after for change in proposal.changes] == ["Ring twice."]


def test_an_address_without_a_country_is_asked_about(bench: Any) -> None:
    asked = bench.ask("edit_order", orders=orders(bench, "#1040"), address="12 Hill Street, Leeds LS1 4AP")
    assert isinstance(asked, Missing)
    assert (asked.field, list(asked.options)) == ("country", [("DE", "DE")])
    told = bench.ask("edit_order", orders=orders(bench, "#1040"), address="12 Hill Street, Leeds LS1 4AP", country="United Kingdom")
    assert told.changes[0].after["country"] == "GB"


def test_addresses_that_are_none_and_parcels_on_their_way_are_refused(bench: Any) -> None:
    for wrong in ("12 Hill Street", "Berlin, Germany", "", "   "):
        with pytest.raises(Invalid):
            bench.ask("edit_order", orders=orders(bench, "#1040"), address=wrong)
    with pytest.raises(Invalid, match="sent already"):
        bench.ask("edit_order", orders=orders(bench, "#1030"), address="12 Hill Street, Leeds LS1 4AP, UK")
    with pytest.raises(Invalid, match="all go to one address"):
        bench.ask("edit_order", orders=orders(bench, "#1040", "#1039"), address="12 Hill Street, Leeds LS1 4AP, UK")


def test_nothing_to_change_empty_notes_and_contradictions_are_told(bench: Any) -> None:
    asked = bench.ask("edit_order", orders=orders(bench, "#1040"))
    assert isinstance(asked, Missing)
    assert "refund or cancel it instead" in str(asked.question)
    with pytest.raises(Invalid):
        bench.ask("edit_order", orders=orders(bench, "#1040"), note="  ")
    with pytest.raises(Invalid):
        bench.ask("edit_order", orders=orders(bench, "#1040"), add_tags=["a"], remove_tags=["A"])
    assert not bench.ask("edit_order", orders=orders(bench, "#1040"), remove_tags=["nothing"]).changes


def test_many_orders_are_tagged_at_once(bench: Any) -> None:
    proposal = bench.ask("edit_order", orders=orders(bench, "#1040", "#1039", "#1038"), add_tags=["black friday"])
    assert (len(proposal.changes), str(proposal.summary)) == (3, "Edit 3 orders")


# create_draft_order


def test_a_draft_order_has_its_lines_and_counts_in_no_figure(bench: Any) -> None:
    products = variants(bench, "Blue", "Beeswax")
    mug = products["ids"][0]
    proposal = bench.ask(
        "create_draft_order", products=products, counts={mug: 2}, customers=bench.customers("Anna"), discount="10%", note="As agreed"
    )
    assert str(proposal.summary).startswith("A draft order for Anna Schmidt: 3 units, ")
    orders_before = asyncio.run(bench.ground.store.count_orders())
    done = asyncio.run(bench.ground.apply(proposal))
    [draft] = asyncio.run(bench.ground.store.draft_orders()).items
    assert ([(line.title, line.quantity) for line in draft.lines], draft.customer_name) == (
        [("Blue Ceramic Mug", 2), ("Beeswax Candle", 1)],
        "Anna Schmidt",
    )
    assert (draft.number, draft.total, draft.note) == ("#D1", Money.of("45.00", "EUR"), "As agreed")
    assert asyncio.run(bench.ground.store.count_orders()) == orders_before
    asyncio.run(bench.ground.undo(done))
    assert not asyncio.run(bench.ground.store.draft_orders()).items
    with pytest.raises(Conflict):
        asyncio.run(bench.ground.undo(done))


def variants(bench: Any, *titles: str) -> dict[str, Any]:
    found = asyncio.run(bench.ground.store.products()).items
    return {"ids": [v.id for title in titles for p in found if p.title.startswith(title) for v in p.variants], "label": titles[0]}


@pytest.mark.parametrize(
    "wrong",
    [{"counts": {"": 0}}, {"counts": {"": -3}}, {"counts": {"p_9999": 1}}, {"discount": "120%"}, {"discount": "0.00"}, {"counts": {"": 10**9}}],
)
def test_a_draft_order_with_what_cannot_be_is_refused(wrong: dict[str, Any], bench: Any) -> None:
    with pytest.raises(Invalid):
        bench.ask("create_draft_order", products=variants(bench, "Blue"), **wrong)


def test_which_variant_and_which_customer_are_asked(bench: Any) -> None:
    asked = bench.ask("create_draft_order", products=variants(bench, "Linen"))
    assert isinstance(asked, Missing)
    assert (asked.field, len(asked.options)) == ("products", 8)
    asked = bench.ask("create_draft_order", products=variants(bench, "Blue"), customers=bench.customers("Anna", "Jonas"))
    assert isinstance(asked, Missing)
    assert asked.field == "customers"
    with pytest.raises(NotFound):
        bench.ask("create_draft_order", products={"ids": ["v_9999"], "label": "moon"})


# Limits.


def test_a_refund_above_the_limit_is_not_even_proposed() -> None:
    with playground(limits=Limits(largest_refund=Decimal(10))) as ground:
        order = asyncio.run(ground.store.orders(OrderWhere(numbers=["#1040"]))).items[0]
        task = discover(plugins=False).task("refund_order")
        args = {"orders": {"ids": [order.id], "label": "#1040"}}
        proposal = asyncio.run(ground.run(task, args))
        with pytest.raises(NotAllowed, match="limits.largest_refund"):
            asyncio.run(ground.approvals.open(proposal, shop=ground.store.shop.id, principal=ground.person))
        small = asyncio.run(ground.run(task, {**args, "amount": "10.00"}))
        assert asyncio.run(ground.approvals.open(small, shop=ground.store.shop.id, principal=ground.person)).state == "open"


def noted(bench: Any, **said: Any) -> tuple[Any, Order]:
    """The proposal and the order while it held; it is put back."""
    proposal = bench.ask("fulfil_order", orders=orders(bench, "#1040"), **said)
    assert isinstance(proposal, Proposal) and not proposal.actions
    applied = asyncio.run(bench.ground.apply(proposal))
    held = open_paid(bench)
    assert asyncio.run(bench.ground.undo(applied)).state == "applied"
    return proposal, held


def test_a_number_is_added_to_what_was_sent_and_put_right_and_that_can_be_undone(bench: Any) -> None:
    approved(bench, bench.ask("fulfil_order", orders=orders(bench, "#1040"), untracked=True), "SHIP")
    proposal, held = noted(bench, tracking=TRACKING, carrier="UPS")
    assert str(proposal.summary) == f"Tracking number {TRACKING} for order #1040, which has been sent already"
    assert (list(held.tracking), dict(held.carriers)) == ([TRACKING], {TRACKING: "UPS"})
    assert not open_paid(bench).tracking
    asyncio.run(bench.ground.apply(bench.ask("fulfil_order", orders=orders(bench, "#1040"), tracking=TRACKING)))
    proposal, held = noted(bench, tracking="RR123456789DE", later="correct")
    assert (list(held.tracking), str(proposal.summary).endswith(f"instead of {TRACKING}")) == (["RR123456789DE"], True)
    assert list(noted(bench, tracking="RR123456789DE", later="add")[1].tracking) == [TRACKING, "RR123456789DE"]
    assert str(bench.ask("fulfil_order", orders=orders(bench, "#1040"), tracking=TRACKING, later="add").summary).startswith("Nothing needs changing")


def test_which_of_several_numbers_was_wrong_is_asked(bench: Any) -> None:
    approved(bench, bench.ask("fulfil_order", orders=orders(bench, "#1040"), tracking=TRACKING), "SHIP")
    asyncio.run(bench.ground.apply(bench.ask("fulfil_order", orders=orders(bench, "#1040"), tracking="RR123456789DE", later="add")))
    asked = bench.ask("fulfil_order", orders=orders(bench, "#1040"), tracking="JD0146000034", later="correct")
    assert isinstance(asked, Missing)
    assert (asked.field, [value for value, _ in asked.options]) == ("instead_of", [TRACKING, "RR123456789DE"])
    held = noted(bench, tracking="JD0146000034", later="correct", instead_of="RR123456789DE")[1]
    assert list(held.tracking) == [TRACKING, "JD0146000034"]
    with pytest.raises(Invalid, match="has no tracking number XX99999999"):
        bench.ask("fulfil_order", orders=orders(bench, "#1040"), tracking="JD0146000034", later="correct", instead_of="XX99999999")


def test_a_note_is_taken_away_beside_a_tag_and_comes_back(bench: Any) -> None:
    before = order_of(bench, "#1038")
    assert before.note is not None
    applied = asyncio.run(bench.ground.apply(bench.ask("edit_order", orders=orders(bench, "#1038"), clear_note=True, add_tags=["checked"])))
    assert (order_of(bench, "#1038").note, "checked" in order_of(bench, "#1038").tags) == (None, True)
    asyncio.run(bench.ground.undo(applied))
    assert order_of(bench, "#1038").note == before.note
    other = bench.ask("edit_order", orders=orders(bench, "#1038"), clear_note=True, note="Ring twice.")
    assert other.changes[0].after == "Ring twice."


# find_orders


def test_draft_orders_are_listed_with_what_is_in_them(bench: Any) -> None:
    assert str(bench.ask("find_orders", drafts=True).text) == "There is no draft order."
    for whom, units in (("Anna", 2), ("Jonas", 1)):
        [mug] = bench.products("Blue")["ids"]
        made = bench.ask("create_draft_order", products=variants(bench, "Blue"), counts={mug: units}, customers=bench.customers(whom))
        asyncio.run(bench.ground.apply(made))
    found = bench.ask("find_orders", drafts=True)
    assert (found.data.count, [row[:3:2] for row in found.data.table.rows]) == (2, [["#D2", "Jonas Weber"], ["#D1", "Anna Schmidt"]])
    hers = bench.ask("find_orders", drafts=True, customers=bench.customers("Anna"))
    assert ([row[0] for row in hers.data.table.rows], hers.data.total) == (["#D1"], found.data.table.rows[1][3])
    for said, count in (({"products": bench.products("Beeswax")}, 0), ({"total": {"above": "30.00"}}, 1), ({"fulfilment": "open", "top": 1}, 2)):
        assert bench.ask("find_orders", drafts=True, **said).data.count == count
    for wrong in ({"payment": "paid"}, {"fulfilment": "fulfilled"}, {"code": "SUMMER20"}):
        with pytest.raises(Invalid):
            bench.ask("find_orders", drafts=True, **wrong)

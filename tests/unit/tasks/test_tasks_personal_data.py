"""export_personal_data and erase_personal_data: all of one person, into a file or out of the shop."""

import asyncio
import json
from typing import Any

import pytest

from agent.approvals.audit import verify_audit
from agent.errors import NotFound, Stale
from agent.sdk import Action, Change, CustomerWhere, MessageWhere, Missing, OrderWhere, Proposal, ReviewWhere
from agent.sdk.results import Target
from agent.stores.embedded.store import EmbeddedStore


def erased(bench: Any, proposal: Proposal) -> Any:
    ground = bench.ground

    async def go() -> Any:
        opened = await ground.approvals.open(proposal, shop=ground.store.shop.id, principal=ground.person)
        return await ground.approvals.approve(opened.digest, ground.person, typed="ERASE")

    return asyncio.run(go())


def everything(bench: Any) -> str:
    """The whole database file as text."""
    ground = bench.ground
    asyncio.run(ground.db.read(lambda session: None))
    found: list[str] = []

    def dump(session: Any) -> None:
        connection = session.connection().connection.driver_connection
        found.extend(connection.iterdump())

    ground.db.read_now(dump)
    return "\n".join(found)


def test_an_export_holds_the_profile_and_every_order_message_and_review(bench: Any) -> None:
    anna = bench.customers("Anna Schmidt")
    answer = bench.ask("export_personal_data", customers=anna)
    whole = json.loads(answer.data.content.value)
    orders = asyncio.run(bench.ground.store.orders(OrderWhere(customers=anna["ids"]))).items
    assert {one["number"] for one in whole["orders"]} == {order.number for order in orders}
    assert whole["profile"]["name"] == "Anna Schmidt" and whole["profile"]["email"]
    assert len(whole["messages"]) == answer.data.messages == len(asyncio.run(bench.ground.store.messages(MessageWhere(customers=anna["ids"]))).items)
    assert answer.data.file_name == f"personal-data-{anna['ids'][0]}.json"


def test_an_export_of_two_people_is_asked_back_since_one_must_not_see_the_other(bench: Any) -> None:
    asked = bench.ask("export_personal_data", customers=bench.customers("Anna Schmidt", "Jonas Weber"))
    assert isinstance(asked, Missing) and len(asked.options) > 1


@pytest.mark.parametrize("task", ["export_personal_data", "erase_personal_data"])
def test_nobody_is_found_where_nobody_is_meant(task: str, bench: Any) -> None:
    with pytest.raises(NotFound):
        bench.ask(task, customers={"ids": ["c_999"], "label": "nobody"})


def test_an_erasure_is_one_action_that_asks_for_a_typed_word_and_names_nobody_in_what_is_remembered(bench: Any) -> None:
    proposal = bench.ask("erase_personal_data", customers=bench.customers("Anna Schmidt"))
    [action] = proposal.actions
    assert (action.kind, action.confirm, proposal.changes) == ("erase_customer", "type:ERASE", ())
    assert "Anna" not in action.target.label


def test_after_an_erasure_the_person_is_nowhere_in_the_database_and_the_figures_are_as_they_were(bench: Any) -> None:
    anna = bench.customers("Anna Schmidt")
    [customer] = asyncio.run(bench.ground.store.customers(CustomerWhere(ids=anna["ids"]))).items
    assert customer.email is not None and customer.email in everything(bench)
    orders = asyncio.run(bench.ground.store.orders(OrderWhere(customers=anna["ids"]))).items
    tagged = bench.ask("tag_customers", customers=anna, add=["anna-schmidt-fan"])
    asyncio.run(bench.ground.apply(tagged))
    done = erased(bench, bench.ask("erase_personal_data", customers=anna))
    assert [item.state for item in done.items] == ["applied"]
    left = everything(bench)
    assert "Anna Schmidt" not in left and customer.email not in left and "anna-schmidt-fan" not in left
    kept = asyncio.run(bench.ground.store.orders(OrderWhere(ids=[order.id for order in orders]))).items
    assert {order.number: order.total for order in kept} == {order.number: order.total for order in orders}
    assert all(order.customer_id is None and order.note is None for order in kept)
    assert not asyncio.run(bench.ground.store.reviews(ReviewWhere(customers=anna["ids"]))).items


def test_the_audit_still_verifies_after_an_erasure_and_says_how_much_went(bench: Any) -> None:
    anna = bench.customers("Anna Schmidt")
    asyncio.run(bench.ground.apply(bench.ask("tag_customers", customers=anna, add=["vip-2026"])))
    erased(bench, bench.ask("erase_personal_data", customers=anna))
    report = asyncio.run(verify_audit(bench.ground.db, bench.ground.store.shop.id))
    assert report.broken == () and report.erased >= 2


def test_an_erasure_of_more_than_was_shown_is_not_done(bench: Any) -> None:
    store: EmbeddedStore = bench.ground.store
    id = bench.customers("Anna Schmidt")["ids"][0]
    action = Action(kind="erase_customer", target=Target("customer", id, id), params={"orders": 0, "messages": 0, "reviews": 0})
    with pytest.raises(Stale):
        asyncio.run(store.act(action, key="k1"))


def test_the_same_erasure_again_with_its_key_answers_as_the_first_time(bench: Any) -> None:
    store: EmbeddedStore = bench.ground.store
    [action] = bench.ask("erase_personal_data", customers=bench.customers("Anna Schmidt")).actions
    first, again = (asyncio.run(store.act(action, key="k1")) for _ in range(2))
    assert (first.replayed, again.replayed, again.target_id) == (False, True, first.target_id)
    with pytest.raises(NotFound):
        asyncio.run(store.act(action, key="k2"))


def test_a_discount_for_one_person_is_for_nobody_once_they_are_erased(bench: Any) -> None:
    anna, jonas = bench.customers("Anna Schmidt")["ids"], bench.customers("Jonas Weber")["ids"]
    for code, whom in (("HERS", anna), ("BOTH", anna + jonas)):
        fields = {"code": code, "kind": "percent", "value": "10", "customers": whom}
        asyncio.run(bench.ground.store.write(Change.create("discount", code, fields), key=code))
    erased(bench, bench.ask("erase_personal_data", customers=bench.customers("Anna Schmidt")))
    left = {one.code: (one.customers, one.status) for one in asyncio.run(bench.ground.store.discounts()).items}
    assert left == {"HERS": ([], "expired"), "BOTH": (jonas, "active")}

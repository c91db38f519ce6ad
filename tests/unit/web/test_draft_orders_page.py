"""The page of draft orders: what was prepared, for whom, and what it would come to."""

from __future__ import annotations

from doors import PAGE, World
from scripted import NOW

from agent.records import Role
from agent.sdk import DraftOrder, Money, Percent
from agent.sdk.orders import DraftLine


def draft(n: int, **more: object) -> DraftOrder:
    line = DraftLine(variant_id="v1", title="Blue Ceramic Mug (Small)", quantity=3, price=Money.of("16.00", "EUR"))
    fields: dict[str, object] = {
        "id": f"dro_{n}", "number": f"#D{n}", "created_at": NOW, "customer_id": "c1", "customer_name": "Emma Schmidt", "lines": [line],
        "discount": Percent.of("10"), "note": "",
    }  # fmt: skip
    return DraftOrder(**{**fields, **more})  # type: ignore[arg-type]  # the fields are a draft order's


def page(world: World, role: Role = Role.OWNER) -> str:
    world.person("Anna", role=role)
    world.sign_in()
    return world.send("GET", "/draft-orders", headers=PAGE).text


def test_a_draft_is_shown_with_its_lines_discount_and_total(world: World) -> None:
    world.service.drafts = [draft(1, note="Before <b>Friday</b>")]
    shown = page(world)
    for told in ("#D1 · Emma Schmidt", "Blue Ceramic Mug (Small)", "€48.00", "10%", "€43.20", "Before &lt;b&gt;Friday&lt;/b&gt;"):
        assert told in shown


def test_there_is_a_page_more_where_there_are_more_and_a_word_where_there_are_none(world: World) -> None:
    assert "No order is being prepared." in page(world)
    world.service.drafts = [draft(n) for n in range(25)]
    assert "/draft-orders?cursor=20" in world.send("GET", "/draft-orders", headers=PAGE).text
    older = world.send("GET", "/draft-orders?cursor=20", headers=PAGE).text
    assert "#D24" in older and "#D3 " not in older and "cursor" not in older


def test_a_draft_for_nobody_says_so(world: World) -> None:
    world.service.drafts = [draft(1, customer_id=None, customer_name=None, discount=None)]
    shown = page(world, Role.VIEWER)
    assert "for nobody yet" in shown and "Discount" not in shown

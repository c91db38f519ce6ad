"""Several requests in one text: none is swallowed by the one beside it, and what leans on another stays with it."""

from __future__ import annotations

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("email me a stock list every Sunday and cancel order 20999", ["schedule_report", "cancel_order"]),
        ("first tell me your capabilities, after that how much did we sell on mondays in October", ["what_can_you_do", "sales_report"]),
        ("set a low stock alert for the oak serving board at 10, then write a privacy policy", ["create_automation", "write_page"]),
        ("notify me whenever stock of a product drops below 5 and refund order 20950", ["create_automation", "refund_order"]),
        (
            "pull up order 20950, archive the bud vase; set a low stock alert for the milk jug at 10",
            ["show_order", "edit_product", "create_automation"],
        ),
        (
            "refund order 20950, reviews waiting for approval\nwhich automations are switched off",
            ["refund_order", "find_reviews", "list_automations"],
        ),
        ("I want the number of orders in my inbox every Monday, refund order 20950", ["schedule_report", "refund_order"]),
        ("we need the stock list by mail every Friday, cancel order 20999", ["schedule_report", "cancel_order"]),
        ("make a segment of customers tagged wholesale, tell me your capabilities", ["create_segment", "what_can_you_do"]),
        ("write a privacy policy, how many products are on sale", ["write_page", "find_products"]),
        ("see all my workflows\nwhich messages can wait\ncancel order 20999", ["list_automations", "triage_messages", "cancel_order"]),
    ],
)
def test_each_request_of_a_row_is_planned(said: str, expected: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert [part.task for part in plan.subtasks] == expected
    assert not plan.not_done


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("when an order over 100 comes in, tag it vip and email me", ["create_automation"]),
        ("every Monday send me revenue and the low stock", ["schedule_report"]),
        ("whenever a product sells out, hide it and tell me", ["create_automation"]),
        ("cut the mugs by 10% and tag them sale", ["change_price", "edit_product"]),
        ("restock the oak serving board, the bud vase and the milk jug to 20", ["adjust_inventory"]),
        ("create a product called Sea Salt Soap for 7.50, type soap, tags sea and gift", ["create_product"]),
        ("cancel orders 20999, 20998 and 20997", ["cancel_order"]),
    ],
)
def test_what_belongs_together_stays_together(said: str, expected: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    assert [part.task for part in planned(planner, demo, said).subtasks] == expected

"""Words of a change that say which records are meant, and nothing of what becomes of them, with the students that ship and on the demo shop.

`as_said.jsonl` holds each mechanism in several wordings, with requests beside it that mean something else. Written as in `ordinary.jsonl`, and
judged by hand when they were written down.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agent.planning.planner import Planner
from agent.records import Ask
from agent.sdk import OrderWhere
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore
from agent.testing.plans import shown

LINES = [json.loads(line) for line in (Path(__file__).parent / "as_said.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("line", LINES, ids=[line["ask"] for line in LINES])
def test_a_change_is_of_what_was_said(line: dict[str, Any], planner: Planner, demo: EmbeddedStore) -> None:
    plan = asyncio.run(planner.plan(Ask(line["ask"], shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone)))
    assert shown(plan, untold=("counts",)) == {"plan": [], "asked": [], "not_done": []} | {key: value for key, value in line.items() if key != "ask"}


STATES = [
    "archive out of stock mugs", "hide sold out candles", "put out of stock candles in the sale collection", "publish archived mugs",
    "restock sold out soaps with 20", "add 10 to out of stock mugs", "set out of stock mugs to 10", "raise out of stock candles by 5%",
    "publish hidden dresses", "delete out-of-stock vases", "tag out of stock mugs as reorder", "unarchive archived candles",
    "mark out of stock mugs as reorder", "hide low stock candles", "archive the sold out mugs",
]  # fmt: skip
"""What is in stock and what is hidden is another thing each day, so that only what is not done can be written down."""


@pytest.mark.parametrize("ask", STATES)
def test_a_state_said_before_goods_tells_which_they_are(ask: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = asyncio.run(planner.plan(Ask(ask, shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone)))
    [subtask] = plan.subtasks
    chosen = [value for value in subtask.args.values() if isinstance(value, dict) and "where" in value]
    state = "archived" if ask.startswith(("archive ", "delete ")) else "active" if "publish" in ask or "unarchive" in ask else None
    assert "out_of_stock" not in subtask.args
    assert subtask.args.get("status") in (state, "draft" if ask.startswith("hide") else state, None)
    assert subtask.args.get("action") in (None, "add")
    assert plan.questions or all({"stock", "status"} & set(one["where"]) for one in chosen)


PRICED = {
    "raise mugs 5 and up by 1": {"at_least": "5.00"}, "raise mugs 5 euros and up by 1": {"at_least": "5.00"},
    "lower all candles 20 and over by 2": {"at_least": "20.00"}, "put mugs 15 and above down 10%": {"at_least": "15.00"},
    "tag everything 100 and up as premium": {"at_least": "100.00"}, "cut candles 30 and below by 1 euro": {"at_most": "30.00"},
    "add 2 euros to cushions 40 and up": {"at_least": "40.00"}, "20% off candles 15 and up": {"at_least": "15.00"},
    "raise mugs by 5": None, "raise mugs to 12 and up candles by 2": None,
}  # fmt: skip


@pytest.mark.parametrize("ask", PRICED)
def test_a_price_and_what_is_above_it_tells_which_goods(ask: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = asyncio.run(planner.plan(Ask(ask, shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone)))
    where = next(value["where"] for value in plan.subtasks[0].args.values() if isinstance(value, dict) and "where" in value)
    told = {bound: amount["amount"] for bound, amount in (where.get("price") or {}).items() if amount}
    assert told == (PRICED[ask] or {})


ORDERED = {
    "refund everything on {number} except the {one}": "rest", "refund {number} except the {one}": "rest", "ship {number} without the {one}": "rest",
    "refund all of {number} but not the {one}": "rest", "give back everything of {number} apart from the {one}": "rest",
    "refund the {one} on {number}": "one", "refund only the {one} from {number}": "one", "give back the money for the {one} on {number}": "one",
    "refund {number}": None, "refund {number} in full": None, "refund the whole order {number}": None, "refund the shipping on {number}": None,
    "refund {number} because the {one} was broken": None, "refund the order {number} and restock the goods": None,
}  # fmt: skip


@pytest.mark.parametrize("ask", ORDERED)
def test_the_goods_of_an_order_are_told_by_its_own_lines(ask: str, planner: Planner, demo: EmbeddedStore) -> None:
    orders = asyncio.run(demo.orders(OrderWhere(), limit=50)).items
    goods = {order.number: {line.product_id: line.title.partition(" - ")[0] for line in order.lines if line.product_id} for order in orders}
    number, lines = next((n, one) for n, one in goods.items() if len({title.split()[-1] for title in one.values()}) == len(one) > 1)
    meant, title = next(iter(lines.items()))
    text = ask.format(number=number.lstrip("#"), one=title.split()[-1].lower())
    plan = asyncio.run(planner.plan(Ask(text, shop=demo.shop.id, locale=demo.shop.locale), demo, ShopClock(demo.shop.time_zone)))
    [subtask] = plan.subtasks
    kept = {"rest": set(lines) - {meant}, "one": {meant}, None: set()}[ORDERED[ask]]
    found = subtask.args.get("products")
    assert subtask.args["orders"]["where"] == {"text": number} and not plan.not_done
    assert set(found["ids"] if isinstance(found, dict) else ()) & set(lines) == kept or (plan.questions and ORDERED[ask] == "one")

"""Which of the records that a change names are meant, said apart from their name: kept to these, or without them, and never all of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore

Shop = tuple[Planner, EmbeddedStore]


@pytest.fixture
def shop(planner: Planner, demo: EmbeddedStore) -> Shop:
    return planner, demo


def _plan(shop: Shop, text: str) -> Plan:
    planner, store = shop
    return asyncio.run(planner.plan(Ask(text, shop=store.shop.id, locale=store.shop.locale), store, ShopClock(store.shop.time_zone)))


def _goods(plan: Plan) -> set[str]:
    """Those that are changed at once, each of the variants by itself where it is variants that change."""
    assert not plan.questions and not plan.not_done, [q.question for q in plan.questions]
    (change,) = [subtask for subtask in plan.subtasks if subtask.effect in ("write", "action")]
    value = change.args.get("variants") or change.args["products"]
    return set(value["ids"])


def _found(plan: Plan) -> list[dict[str, Any]]:
    """The searches made first, without the records they are made among."""
    assert not plan.questions and not plan.not_done, [q.question for q in plan.questions]
    return [{k: v for k, v in s.args.items() if not (isinstance(v, dict) and "ids" in v)} for s in plan.subtasks if s.effect == "read"]


@pytest.mark.parametrize(
    ("all_of_them", "kept", "left_out"),
    [
        ("raise all mugs by 5%", "{}, only those over 15 euros", "{}, but not those over 15 euros"),
        ("raise all mugs by 5%", "{}. Only those over 15 euros.", "{}. Not the ones over 15 euros."),
        ("raise all mugs by 5%", "{}, but only the ones above 15 euros", "{}, but nothing above 15 euros"),
        ("raise all mugs by 5%", "{} (just the blue ones)", "{} (not the blue ones)"),
        ("raise all mugs by 5%", "{}. Only the blue ones.", "{}. Not the blue ones."),
        ("archive all candles", "{}, exclusively those over 20 euros", "{} excluding anything over 20 euros"),
        ("archive all candles", "{}, but only those under 20 euros", "{}, leave out those under 20 euros"),
        ("set the stock of all scarves to 0", "{}. Just those over 40 euros.", "{}, spare the ones over 40 euros"),
        ("hide all shirts", "{}, just the linen ones", "{}, not the linen ones"),
        ("tag all candles as gift", "{} - only those above 20 euros", "{}, other than those above 20 euros"),
    ],
)
def test_those_kept_and_those_left_out_are_all_of_them(shop: Shop, all_of_them: str, kept: str, left_out: str) -> None:
    whole, some, rest = (_goods(_plan(shop, said)) for said in (all_of_them, kept.format(all_of_them), left_out.format(all_of_them)))
    assert some and rest
    assert some.isdisjoint(rest)
    assert len(some | rest) >= len(whole)  # where only some variants of a product are left, each stands for itself


@pytest.mark.parametrize(
    ("said", "searches"),
    [
        ("tag all candles as gift, only those with no image", [{"without": "image"}]),
        ("archive all mugs, not the two dearest", [{}, {"sort": "price_high", "top": 2}]),
        ("hide the mugs. Not the two cheapest.", [{}, {"sort": "price_low", "top": 2}]),
        ("tag customers from Berlin as local, except those with more than 3 orders", [{"places": ["Berlin"]}, {"orders": {"above": 3}}]),
        ("tag customers in Germany as de but not those who get the newsletter", [{"places": ["Germany"]}, {"accepts_marketing": True}]),
        ("tag customers from Berlin as local who get the newsletter", [{"accepts_marketing": True, "places": ["Berlin"]}]),
        ("tag customers from Berlin as local. Only those with more than 3 orders.", [{"orders": {"above": 3}, "places": ["Berlin"]}]),
    ],
)
def test_what_only_a_search_can_tell_is_searched_among_them(shop: Shop, said: str, searches: list[dict[str, Any]]) -> None:
    plan = _plan(shop, said)
    assert _found(plan) == searches
    change = next(subtask for subtask in plan.subtasks if subtask.effect == "write")
    refers = next(value["$ref"] for value in change.args.values() if isinstance(value, dict) and "$ref" in value)
    assert (" without " in refers) == (len(searches) == 2)


@pytest.mark.parametrize(
    "said",
    [
        "archive half of the mugs",
        "hide the mugs, some of them",
        "raise all mugs by 5%, only those my sister made",
        "raise all mugs by 5% (just the ugly ones)",
        "archive all candles. Not the ones Tom likes.",
        "tag customers from Berlin as local, only the friendly ones",
        "tag order #20988 as gift which have a note",
        "mark order 20999 as shipped, only the fragile ones",
        "archive all candles, only the drafts",
        "end all discounts, but only the ones over 10 percent",
        "add 5 to the stock of all mugs for members only",
    ],
)
def test_what_cannot_be_told_is_asked_about(shop: Shop, said: str) -> None:
    plan = _plan(shop, said)
    waiting = plan.waiting()
    assert plan.questions
    assert not [subtask.task for subtask in plan.subtasks if subtask.effect in ("write", "action") and subtask.id not in waiting]


@pytest.mark.parametrize(
    "said",
    [
        "change only the price of the Travel Mug to 12",
        "make WELCOME10 valid for candles only",
        "set the Travel Mug to 12, not the Birthday Mug",
        "tag customers from Berlin as b and those who bought candles as c",
        "tag everyone who spent more than 500 this year as gold",
        "put the candles in Winter Warmers and only then archive the mugs",
        "hide the reviews of the mugs, just the one star ones",
    ],
)
def test_what_narrows_nothing_or_has_a_field_is_not_asked_about(shop: Shop, said: str) -> None:
    assert not [question.question for question in _plan(shop, said).questions if question.field == "left"]

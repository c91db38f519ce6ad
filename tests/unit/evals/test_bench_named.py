"""What requests name is put into the shop that they are planned over, and what only describes is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.evals.gold import GoldGrade, GoldPart, GoldRequest, GoldScore
from agent.resources import Resources
from agent.students import load_students
from agent.testing.store_spec import ShopSpec

named: Any = pytest.importorskip("bench.named", reason="the benchmarks are not beside the tests")

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def request(text: str, *slots: tuple[str, str], task: str = "sales_report", style: str = "plain") -> GoldRequest:
    part = GoldPart(start=0, end=len(text), tasks=frozenset({task}), slots=slots)
    return GoldRequest(id=text, text=text, style=style, outcome="plan", parts=[part])


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("the Trail Bottle 750ml", "Trail Bottle 750ml"),
        ("camping stoves", "Camping Stove"),
        ("my “Harbour Lamp”", "Harbour Lamp"),
        ("glass", "Glass"),  # two s are no plural
    ],
)
def test_a_name_of_goods_is_a_title(said: str, title: str) -> None:
    assert list(named.goods_named([said]).values()) == [title]


@pytest.mark.parametrize(
    "said", ["all mugs", "mugs under 10", "everything", "the ones that sold", "5 newest", "lamps by Copper Kettle", "20% off goods", "", "everyone"]
)
def test_what_describes_goods_is_no_title(said: str) -> None:
    assert named.goods_named([said]) == {}


def test_one_and_several_of_the_same_goods_are_one_title() -> None:
    assert len(named.goods_named(["camping stove", "Camping Stoves", "the camping stoves"])) == 1


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("Mrs. Jane Ödegaard", {"Jane Ödegaard": "janedegaard@example.com"}),
        ("jane.doe@example.org", {"Jane Doe": "jane.doe@example.org"}),
        ("customers", {}),
        ("who bought mugs", {}),
        ("Everyone", {}),
    ],
)
def test_people_are_those_written_as_names(said: str, people: dict[str, str]) -> None:
    assert named.people_named([said]) == people


def test_a_shop_has_the_goods_people_and_orders_that_are_named_and_no_order_twice() -> None:
    there = named._demo(NOW.date()).of[named.Order][0]["number"].removeprefix("#")
    goods_and_person = request("a", ("product", "Trail Bottle"), ("customer", "Jane Doe"))
    asked = [goods_and_person, request("b", ("order", f"orders 990001 and {there}")), request("c", ("order", "#990001"))]
    spec = named.shop_spec(asked, NOW)
    assert [each.title for each in spec.products] == ["Trail Bottle"]
    assert [each.name for each in spec.customers] == ["Jane Doe"]
    assert [each.number for each in spec.orders] == ["#990001"]  # the demo shop has the other


def test_figures_by_style_leave_out_what_is_to_be_refused_and_count_what_is_right() -> None:
    weather = GoldRequest(
        id="w", text="w", style="plain", outcome="out_of_scope", parts=[GoldPart(start=0, end=1, tasks=frozenset(), code="out_of_scope")]
    )
    faults: list[tuple[GoldRequest, list[str]]] = [
        (request("a"), []), (request("b"), ["task"]), (request("c", style="terse"), ["refused"]), (weather, []),
    ]  # fmt: skip
    grades = [GoldGrade(request=one, faults=found, unasked_writes=0, planned=True) for one, found in faults]
    assert named.by_style(GoldScore(grades=grades)) == "right by style: plain 1 of 2, 0 refused; terse 0 of 1, 1 refused"


def test_goods_that_only_the_requests_name_are_found_once_they_are_in_the_shop() -> None:
    students = load_students(Resources().models())
    asked = [request("set the price of the Zephyr Kettle to 30", ("product", "Zephyr Kettle"), ("money", "30"), task="change_price")]
    without, within = (named.score(asked, students, spec, NOW).grades[0] for spec in (ShopSpec(), named.shop_spec(asked, NOW)))
    assert not without.planned and within.planned and within.right

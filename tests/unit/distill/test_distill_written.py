"""Requests written out whole, and what is drawn from them."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.distill.patterns import Marked
from agent.distill.refill import refilled, written_example
from agent.distill.written import parsed, read_written
from agent.errors import SettingsError

LINE = "hi, <change_price: put the [product:blue mug] at [money:12.50]> and\\n<find_customers: tell me who bought it>!"
FILLERS = {"product": ["the oak board", "all lamps"], "money": ["7 euros"]}


def test_clauses_slots_and_line_breaks_are_read() -> None:
    request = parsed(LINE)
    assert request.text == "hi, put the blue mug at 12.50 and\ntell me who bought it!"
    assert [(p.label, request.text[p.start : p.end]) for p in request.parts] == [
        ("change_price", "put the blue mug at 12.50"),
        ("find_customers", "tell me who bought it"),
    ]
    assert [(kind, request.text[a:b]) for kind, a, b in request.slots] == [("product", "blue mug"), ("money", "12.50")]


def test_a_backslash_takes_a_marks_meaning_away() -> None:
    assert parsed(r"<find_products: stock \< 5 \[new\]>").text == "stock < 5 [new]"


def test_periods_compared_are_a_report() -> None:
    assert parsed("<compare_periods: may against june>").parts[0].label == "sales_report"


@pytest.mark.parametrize(
    "line", ["no clause", "<a: open", "<a: [money:5>]", "[money:5]", "<a: <b: c>>", "<a: [colour:red]>", "<a: x> ]", "<a: >"]
)  # fmt: skip
def test_a_line_with_a_mistake_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "some.txt").write_text(f"# remark\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"some\.txt:2: "):
        read_written(tmp_path)


def test_a_refilled_slot_keeps_its_mark_and_never_doubles_a_determiner() -> None:
    marked = Marked("put the blue mug at 12.50", (("product", 8, 16), ("money", 20, 25)))
    said = {refilled(marked, FILLERS, random.Random(seed)) for seed in range(60)}
    texts = {one.text for one in said}
    assert {"put the blue mug at 12.50", "put the oak board at 12.50", "put the blue mug at 7 euros"} <= texts
    assert not any("the the" in text or "the all" in text for text in texts)
    assert all(one.text[a:b] in ("blue mug", "oak board", "lamps", "12.50", "7 euros") for one in said for _, a, b in one.slots)


@given(st.integers(0, 10_000))
def test_an_example_of_a_request_has_its_parts_in_order_inside_the_text(seed: int) -> None:
    example = written_example(parsed(LINE), FILLERS, random.Random(seed))
    assert [part.label for part in example.parts] == ["change_price", "find_customers"]
    first, second = example.parts
    assert 0 <= first.start < first.end <= second.start < second.end <= len(example.text)


def test_a_request_cut_short_keeps_only_the_slots_that_are_left() -> None:
    cut = parsed(LINE + " <tag_customers: tag them [tag:vip]>").first(1)
    assert cut.text == "hi, put the blue mug at 12.50"
    assert [kind for kind, _, _ in cut.slots] == ["product", "money"]

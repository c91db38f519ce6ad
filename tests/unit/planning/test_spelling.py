"""Slips of the pen in words of the tasks, with the students that ship and the demo shop's names."""

from __future__ import annotations

import pytest
from desks import planned

from agent.planning.language.respelled import Slip, respelled
from agent.planning.planner import Planner
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("typed", "task", "field", "value"),
    [
        ("remoue the tag gift from the hair comb", "edit_product", "remove_tags", ["gift"]),
        ("refund the shippign on 20993", "refund_order", "shipping", True),
        ("miuns 3 on the bud vase stock", "adjust_inventory", "how", "remove"),
        ("mark 20999 as shipped, no trackking", "fulfil_order", "untracked", True),
        ("delete all exired codes", "end_discount", "which", "expired"),
        ("clar the note of order 20990", "edit_order", "clear_note", True),
    ],
)
def test_a_change_misspelt_is_the_change_that_was_meant(
    planner: Planner, demo: EmbeddedStore, typed: str, task: str, field: str, value: object
) -> None:
    plan = planned(planner, demo, typed)
    assert [s.task for s in plan.subtasks] == [task]
    assert plan.subtasks[0].args[field] == value
    assert not plan.questions


def test_the_plan_tells_what_was_read_as_what_and_keeps_the_places_of_what_was_typed(planner: Planner, demo: EmbeddedStore) -> None:
    text = "whats the invetory of the salt pig"
    plan = planned(planner, demo, text)
    assert plan.text == text and [plan.text[slice(*s.span)] for s in plan.subtasks] == [text]
    assert plan.notes == ("“invetory” was read as “inventory”.",)


@pytest.mark.parametrize(
    "typed",
    [
        'rename the olive dish to "Discout Dish"',
        "create a discount of 10% with code DISCOUT",
        "show me customers in Sommern",
        "tag Anna Schmidt as summr",
        "list the pencils by Paperfold Press",
        "customers who havent ordered this year",
    ],
)
def test_names_codes_quotes_and_new_tags_stay_as_they_are_typed(planner: Planner, demo: EmbeddedStore, typed: str) -> None:
    assert planned(planner, demo, typed).notes == ()


def test_places_in_a_mended_text_lead_back_to_what_was_typed() -> None:
    typed = "refnd it, then shw the ordr"
    slips = [Slip(start=0, end=5, typed="refnd", meant="refund"), Slip(start=11 + 4, end=18, typed="shw", meant="show")]
    mended = respelled(typed, slips)
    assert mended.text == "refund it, then show the ordr"
    for words, as_typed in [("refund it", "refnd it"), ("show", "shw"), ("show the ordr", "shw the ordr"), ("ordr", "ordr"), ("it", "it")]:
        start = mended.text.index(words)
        first, last = mended.back((start, start + len(words)))
        assert typed[first:last] == as_typed

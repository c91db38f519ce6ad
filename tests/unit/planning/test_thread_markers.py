"""How messages of a thread begin and end, apart from any shop."""

import pytest

from agent.planning.conditions import conditional
from agent.planning.threads.markers import marked, whole


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("no, the charcoal one instead", "replace", "the charcoal one"),
        ("make it 20", "replace", "20"),
        ("actually 15", "replace", "15"),
        ("and 15 for the plates", "add", "15 for the plates"),
        ("same for hoodies", "add", "hoodies"),
        ("and in France?", "about", "in France"),
        ("what about last year", "about", "last year"),
        ("by country instead", "replace", "by country"),
        ("only the unfulfilled ones", "only", "the unfulfilled ones"),
        ("can you split that by month?", "only", "by month"),
        ("but not the plates", "without", "the plates"),
        ("I meant the price, not the stock", "meant", "the price"),
        ("what did we sell yesterday", "plain", "what did we sell yesterday"),
        ("set the mug to 20", "plain", "set the mug to 20"),
    ],
)
def test_what_ties_a_message_to_the_one_before_is_told_from_what_it_says(text: str, kind: str, rest: str) -> None:
    mark = marked(text)
    assert (mark.kind, text[mark.start : mark.end]) == (kind, rest)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yes, approve", "approve"),
        ("ok do it", "approve"),
        ("undo that", "undo"),
        ("put it back please", "undo"),
        ("never mind", "reject"),
        ("why?", "why"),
        ("show me more", "more"),
        ("next 10", "more"),
        ("drop it to 9", None),
        ("cancel order 1042", None),
        ("do it for the hoodies", None),
        ("why are sales down", None),
    ],
)
def test_a_word_to_what_went_before_is_the_whole_message(text: str, meant: str | None) -> None:
    found = whole(text)
    assert (found[0] if found else None) == meant


@pytest.mark.parametrize(
    ("text", "condition", "unless", "stretches"),
    [
        ("if it sold less than 10, drop it to 9", "it sold less than 10", False, ["drop it to 9"]),
        ("if it sold less than 10 drop it to 9", "it sold less than 10 ", False, ["drop it to 9"]),
        ("drop it to 9 unless it sold 10 or more", "it sold 10 or more", True, ["drop it to 9 "]),
        ("if it sold less than 10, drop it to 9, otherwise tag it hit", "it sold less than 10", False, ["drop it to 9", "tag it hit"]),
        ("when there are more than 5 left, put them on sale", "there are more than 5 left", False, ["put them on sale"]),
    ],
)
def test_a_condition_is_told_from_what_depends_on_it(text: str, condition: str, unless: bool, stretches: list[str]) -> None:
    found = conditional(text)
    assert found is not None
    start, end = found.condition
    assert (text[start:end], found.unless, [text[a:b] for a, b in found.stretches]) == (condition, unless, stretches)


@pytest.mark.parametrize(
    "text",
    [
        "put the mug at 9 if possible",
        "tell me if we have mugs",
        "let me know if it sold well",
        "what if we hid it",
        "whenever stock falls below 5, email me",
        "if stock falls below 5, email me",
    ],
)
def test_politeness_questions_and_standing_rules_are_no_conditions(text: str) -> None:
    assert conditional(text) is None

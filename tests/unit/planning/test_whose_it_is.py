"""Words that stand by goods tell of the goods, a name after "called" is the name, and "they" are somebody who was spoken of."""

from __future__ import annotations

from typing import Any

import pytest
from desks import planned

from agent.planning.planner import Planner
from agent.stores.embedded.store import EmbeddedStore


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("who bought the new throw", None),
        ("give everyone who bought a wool blanket last winter 15% off the new throw", None),
        ("new customers who bought the wool blanket", "new"),
        ("who are our new mug customers", "new"),
        ("best customers for candles", "best"),
        ("show me the best customers for the new throw", "best"),
        ("which loyal customers bought soap", "repeat"),
    ],
)
def test_a_word_before_goods_tells_nothing_of_those_who_bought_them(text: str, group: str | None, planner: Planner, demo: EmbeddedStore) -> None:
    found = next(subtask for subtask in planned(planner, demo, text).subtasks if subtask.task == "find_customers")
    assert found.args.get("group") == group


@pytest.mark.parametrize(
    "text",
    [
        "which products haven't sold anything in the last 90 days? put them in a collection called Last Chance",
        "find products with no sales in 90 days and put them in a collection called Last Chance",
        "list the mugs under 20 euros and add them to a new collection named Last Chance",
        "put the candles in a collection called Last Chance",
    ],
)
def test_what_is_called_so_bears_the_name_alone_and_is_made_where_there_is_none(text: str, planner: Planner, demo: EmbeddedStore) -> None:
    made = planned(planner, demo, text).subtasks[-1]
    assert (made.task, made.args["title"], made.args["action"]) == ("manage_collection", "Last Chance", "create")


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("what did they buy", True),
        ("who left the worst review and what did they buy", True),
        ("who bought the wool blanket last month and what else did they buy", False),
        ("who are the ten best customers and what did they buy most", False),
    ],
)
def test_they_who_were_not_spoken_of_are_asked_for_and_never_everybody(text: str, asks: bool, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, text)
    report: Any = next(subtask for subtask in plan.subtasks if subtask.task == "sales_report")
    asked = {question.field for question in plan.questions if question.subtask == report.id}
    assert ("customers" in report.args, asked) == ((False, {"customers"}) if asks else (True, set()))

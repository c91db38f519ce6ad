"""How often one request asks the shop: each likely name once, and only so many of them, however long the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from desks import Desk

from agent.planning.binding.scope import GUESSES
from agent.sdk import Task
from agent.stores.embedded.store import EmbeddedStore


class CountingStore:
    """The small shop, with a tally of what was looked up in it."""

    def __init__(self, store: EmbeddedStore) -> None:
        self.store, self.asked = store, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        if name in ("named", "count_customers", "count_orders"):
            self.asked[name] += 1
        return getattr(self.store, name)


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("erase_personal_data: erase all data" + "".join(f" for ab{chr(97 + n)} cd{chr(97 + n)}" for n in range(20)), 8),
        ("erase_personal_data: erase all data" + " for ab cd" * 200, 1),
        ("find_customers: customers in Berlin Potsdam" + " Berlin Potsdam" * 200, 3),
        ("find_customers: find " + " ".join(f"xyz{chr(97 + n)} customers" for n in range(26)), 10),
        ("fulfil_order: ship 1" + "".join(f" {n}" for n in range(200, 400)), GUESSES),
    ],
)
def test_a_text_of_likely_names_is_not_looked_up_word_by_word(said: str, most: int, tasks: Mapping[str, Task], store: EmbeddedStore) -> None:
    counting: Any = CountingStore(store)
    Desk(tasks, counting).plan(f"[{said}]")
    assert 1 <= sum(counting.asked.values()) <= most


def test_a_name_among_many_words_is_still_found(desk: Desk) -> None:
    [erased] = desk.plan(
        "[erase_personal_data: erase all data we hold on the box with new labels about old wools from big ships for anna schmidt]"
    ).subtasks
    assert erased.args["customers"]["label"] == "Anna Schmidt"


@pytest.mark.parametrize(
    "said",
    ["add 20 to the stock of the {product:Blue Ceramic Mug} that ran out", "add 20 to the {product:Blue Ceramic Mug}, which is sold out"],
)
def test_goods_that_ran_out_are_not_set_to_none(desk: Desk, said: str) -> None:
    [added] = desk.plan(f"[adjust_inventory: {said}]").subtasks
    assert (added.args["how"], added.args["units"], added.args.get("out_of_stock")) == ("add", 20, None)

"""Foreign requests for a shop's back office: each is planned as was written down before, asked about, or told; none is done wrongly unasked.

The table of what came of each is printed by `python -m bench.webarena`; `webarena_expected.json` was written before any plan was looked at.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.registry import discover

webarena: Any = pytest.importorskip("bench.webarena", reason="the benchmarks are not beside the tests")

DATA = Path(__file__).parents[3] / "shared/data/webarena_shopping_admin_dev/requests.jsonl"
RIGHT = 36
"""How many were planned as expected when this was last looked at."""
pytestmark = [pytest.mark.public_data, pytest.mark.skipif(not DATA.exists(), reason="the public data sets are not beside the checkout")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    one = webarena.Shop(tmp_path_factory.mktemp("webarena"))
    yield one
    one.close()


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(webarena.EXPECTED.read_text(encoding="utf-8"))
    return found


def test_every_request_has_an_expectation_of_tasks_that_there_are(expected: dict[str, Any]) -> None:
    assert {str(request["task_id"]) for request in webarena.requests(DATA)} == set(expected)
    assert {task for one in expected.values() for task in one.get("tasks", ())} <= set(discover().tasks)


def test_no_fewer_are_planned_as_expected_than_before_and_no_write_is_wrong_unasked(shop: Any, expected: dict[str, Any]) -> None:
    counts: Counter[str] = Counter()
    for request in webarena.requests(DATA):
        plan = shop.plan(request["text"])
        verdict, why = webarena.judged(plan, expected[str(request["task_id"])], request["slots"], shop)
        counts[verdict] += 1
        writes = [subtask.task for subtask in plan.subtasks if subtask.effect in ("write", "action")]
        assert verdict != "wrong" or not writes, f"{request['task_id']}: {why}"
    assert counts["right"] >= RIGHT, dict(counts)

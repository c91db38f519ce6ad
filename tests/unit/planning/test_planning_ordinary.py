"""Requests as merchants say them, one thing each, over all tasks, with the students that ship and on the demo shop.

`ordinary.jsonl` holds one thing each, `several.jsonl` requests of two and more parts. Each line is a request with what it
comes to: the tasks planned with their fields (of records their label, of amounts the number, of times only that there is
one), the fields asked about, the codes of what is not done.
They were judged by hand when they were written down; a change here is to be judged again.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agent.planning.planner import Planner
from agent.records import Ask, Plan, Subtask
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore

LINES = [json.loads(line) for name in ("ordinary", "several") for line in (Path(__file__).parent / f"{name}.jsonl").read_text("utf-8").splitlines()]
_UNTOLD = ("counts",)
"""Fields by ids, which say nothing to a reader."""


@pytest.mark.parametrize("line", LINES, ids=[line["ask"] for line in LINES])
def test_an_ordinary_request_comes_to_what_is_meant(line: dict[str, Any], planner: Planner, demo: EmbeddedStore) -> None:
    clock = ShopClock(demo.shop.time_zone)
    plan = asyncio.run(planner.plan(Ask(line["ask"], shop=demo.shop.id, locale=demo.shop.locale), demo, clock))
    assert _told(plan) == {"plan": [], "asked": [], "not_done": []} | {key: value for key, value in line.items() if key != "ask"}


def _told(plan: Plan) -> dict[str, Any]:
    return {
        "plan": [_of(subtask) for subtask in plan.subtasks],
        "asked": sorted({question.field for question in plan.questions}),
        "not_done": sorted({part.code for part in plan.not_done}),
    }


def _of(subtask: Subtask) -> dict[str, Any]:
    args = {name: value for name, value in subtask.args.items() if name not in _UNTOLD and value not in (None, [], {}, False)}
    return {"task": subtask.task, **{name: _short(value) for name, value in args.items()}}


def _short(value: Any) -> Any:
    """Amounts as numbers, records as they are called, times as None."""
    match value:
        case {"amount": amount}:
            return amount
        case {"$ref": _}:
            return "$ref"
        case {"start": _, "end": _}:
            return None
        case {"label": label}:
            return label
        case dict():
            return {name: _short(bound) for name, bound in value.items()}
        case str() if len(value) > 18 and value[4] == "-" and "T" in value:
            return None
        case _:
            return value

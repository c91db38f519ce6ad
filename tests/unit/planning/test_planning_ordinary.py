"""Requests as merchants say them, one thing each, over all tasks, with the students that ship and on the demo shop.

`ordinary.jsonl` holds one thing each, `several.jsonl` requests of two and more parts, `restricted.jsonl` changes
with what narrows them: exceptions, limits, times, what stays as it is, `joined.jsonl` parts that lean on each other:
some of what was found, what both were, conditions, words said once for all. Each line is a request with what it
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
from agent.records import Ask
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore
from agent.testing.plans import shown

LINES = [
    json.loads(line)
    for name in ("ordinary", "several", "restricted", "joined")
    for line in (Path(__file__).parent / f"{name}.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("line", LINES, ids=[line["ask"] for line in LINES])
def test_an_ordinary_request_comes_to_what_is_meant(line: dict[str, Any], planner: Planner, demo: EmbeddedStore) -> None:
    clock = ShopClock(demo.shop.time_zone)
    plan = asyncio.run(planner.plan(Ask(line["ask"], shop=demo.shop.id, locale=demo.shop.locale), demo, clock))
    assert shown(plan, untold=("counts",)) == {"plan": [], "asked": [], "not_done": []} | {key: value for key, value in line.items() if key != "ask"}

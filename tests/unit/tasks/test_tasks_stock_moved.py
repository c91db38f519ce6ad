"""Stock that is to go from one place to another is not set at one of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent.registry import discover
from agent.sdk import Proposal, Refusal
from agent.testing.playground import Playground, playground


@pytest.mark.parametrize("said", ["transfer 8 blue mugs from Leipzig to Berlin", "move 10 units from there to Lyon"])
def test_moving_is_told_to_be_two_steps(said: str) -> None:
    with playground() as ground:
        assert isinstance(_adjusted(ground, said), Refusal)
        assert isinstance(_adjusted(ground, "set the blue mug to 8"), Proposal)


def _adjusted(ground: Playground, said: str) -> Any:
    task = next(one for one in discover() if one.name == "adjust_inventory")
    variant = next(v for p in asyncio.run(ground.store.products()).items for v in p.variants if v.tracked)
    return asyncio.run(ground.run(task, {"variants": {"ids": [variant.id]}, "units": 800, "how": "set"}, ask=said))

"""Which table of the config file a failure points at, and what a wrong base URL is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.errors import Unreachable
from agent.gateway.giving_up import gave_up
from agent.web.proxy import _nothing_at


@pytest.mark.parametrize(("asked", "table"), [("frontier", "[aliases.frontier]"), ("first/big-1", "[providers.first]")])
def test_a_failure_points_at_the_table_that_is_there(asked: str, table: str) -> None:
    route = SimpleNamespace(attempts=[Unreachable("down")], recovers_in_s=lambda: 1.0)
    call = cast(Any, SimpleNamespace(alias=asked, route=route, over_budget=None))
    assert f"see {table} in the config file" in str(gave_up(call))


@pytest.mark.parametrize("path", ["/llm/chat/completions", "/llm/v1/v1/messages", "/llm/v2beta/models"])
def test_a_wrong_base_url_is_told_the_right_ones(path: str) -> None:
    assert b"ends in /llm/v1 for OpenAI's SDK and in /llm for" in cast(Any, _nothing_at(path)).body

"""What the config file says of routes arrives where it is used; the guide's own example is the config."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import httpx
import pytest

from agent.gateway import Pool, gateway_from
from agent.providers.router import Hedge
from agent.settings import Settings

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "models.md"


@pytest.fixture
def pools() -> dict[str, Pool | None]:
    example = re.search(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert example is not None
    settings = Settings.model_validate(tomllib.loads(example[1]))
    gateway = gateway_from(settings, transport=httpx.MockTransport(lambda request: httpx.Response(500)), environ={"ACME_KEY": "sk-acme"})
    return {name: gateway.pool(name) for name in ("frontier", "spread", "acme/big-1")}


def test_an_alias_has_its_policies(pools: dict[str, Pool | None]) -> None:
    frontier = pools["frontier"]
    assert frontier is not None
    assert frontier.hedge == Hedge(after_s=2.0, share=0.05, max_output=1024)
    assert (frontier.residency, frontier.affinity, frontier.on_cut, frontier.on_content_filter) == ("eu", True, "error", "refuse")
    replacement = frontier.targets[0].replacement
    assert replacement is not None and replacement.name == "acme/big-2"


def test_what_an_alias_does_not_say_the_gateway_says(pools: dict[str, Pool | None]) -> None:
    spread, named = pools["spread"], pools["acme/big-1"]
    assert spread is not None and named is not None
    assert (spread.residency, named.residency) == ("eu", "eu")
    assert spread.hedge is None and [target.weight for target in spread.targets] == [3, 1]

"""A sign-in link leads to the server that runs, wherever it listens, and to the configured address where none does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.opening import hold, open_accounts, served_at
from agent.settings import Settings


def link(settings: Settings) -> str:
    async def inner() -> str:
        async with open_accounts(settings) as accounts:
            return accounts.link("token")

    return asyncio.run(inner())


def test_a_link_leads_to_where_the_running_server_listens(tmp_path: Path) -> None:
    asked, served = Settings(data=tmp_path), Settings(data=tmp_path, host="127.0.0.1", port=9123)
    assert link(asked) == "http://127.0.0.1:8000/sign-in/token" and served_at(asked) is None
    with hold(served):
        assert link(asked) == "http://127.0.0.1:9123/sign-in/token"
    assert link(asked) == "http://127.0.0.1:8000/sign-in/token"


def test_a_link_leads_to_the_public_address_of_the_server_that_runs(tmp_path: Path) -> None:
    with hold(Settings(data=tmp_path, port=9123, public_url="https://hand.example/")):
        assert link(Settings(data=tmp_path)) == "https://hand.example/sign-in/token"


def test_a_second_server_is_refused_with_the_first_one_s_name_alone(tmp_path: Path) -> None:
    refused = pytest.raises(SettingsError, match=r"in use by process \d+ on 127\.0\.0\.1:9123; stop it")
    with hold(Settings(data=tmp_path, port=9123)), refused, hold(Settings(data=tmp_path)):
        pass

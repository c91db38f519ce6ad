"""Who may read /metrics."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.gateway import Gateway
from agent.ledger.keys import Keys
from agent.records import Scope
from agent.settings import Settings
from agent.web.llm_app import create_llm_app
from agent.web.proxy import open_proxy
from agent.web.readiness import Scraped, nothing_needed


@pytest.mark.parametrize(
    ("settings", "open_"),
    [
        ({}, True),
        ({"host": "::1"}, True),
        ({"host": "0.0.0.0"}, False),
        ({"public_url": "https://admin.example"}, False),
        ({"host": "0.0.0.0", "telemetry": {"metrics": "open"}}, True),
        ({"telemetry": {"metrics": "key"}}, False),
    ],
)
def test_metrics_are_open_only_where_nobody_else_reaches_them_or_where_it_is_said(settings: dict[str, Any], open_: bool) -> None:
    assert Settings.model_validate(settings).metrics_are_open is open_


def statuses(folder: Path, *, asks_for_a_key: bool) -> dict[str, int]:
    """What /metrics answers to nobody, to a key that may only read and to one that may do everything."""
    db = Database(sqlite_url(folder / "storehand.db"))
    upgrade(db)
    keys = Keys(db)

    async def ask() -> dict[str, int]:
        secrets = {scope: (await keys.create(scope, shop="shop", scopes=[Scope(scope)])).secret for scope in ("read", "admin")}
        headers = {"nobody": {}} | {who: {"authorization": f"Bearer {secret}"} for who, secret in secrets.items()}
        scraped = Scraped(text=lambda: b"figures 1\n", content_type="text/plain", keys=keys if asks_for_a_key else None)
        app = create_llm_app(open_proxy(Gateway({}), keys), keys, ready=nothing_needed, scraped=scraped)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://storehand.example") as http:
            replies = {who: await http.get("/metrics", headers=sent) for who, sent in headers.items()}
        assert all((b"figures" in reply.content) == (reply.status_code == 200) for reply in replies.values())
        return {who: reply.status_code for who, reply in replies.items()}

    try:
        return asyncio.run(ask())
    finally:
        db.close()


def test_metrics_that_are_not_open_are_shown_to_admins_alone(tmp_path: Path) -> None:
    assert statuses(tmp_path, asks_for_a_key=True) == {"nobody": 401, "read": 403, "admin": 200}


def test_metrics_that_are_open_ask_for_no_key(tmp_path: Path) -> None:
    assert statuses(tmp_path, asks_for_a_key=False) == {"nobody": 200, "read": 200, "admin": 200}

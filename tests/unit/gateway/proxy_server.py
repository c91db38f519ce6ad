"""The proxy on loopback, over a fake provider: a real server, since disconnects and SDKs need one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from gateway_setup import DEADLINES, HANGS, SHORT

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.gateway import Opened, open_gateway
from agent.ledger.keys import Keys
from agent.records import Scope
from agent.settings import Settings
from agent.testing.fake_provider import FakeProvider
from agent.web.proxy import open_proxy

PRICE = {"input": "2.00", "output": "10.00"}


@dataclass(slots=True)
class Proxy:
    url: str
    key: str
    key_id: str
    shop: str
    db: Database
    opened: Opened
    keys: Keys
    fake: FakeProvider
    http: httpx.AsyncClient

    async def chat(self, **body: Any) -> httpx.Response:
        wanted = {"model": "frontier", "messages": [{"role": "user", "content": "Say it."}]} | body
        return await self.http.post("/llm/v1/chat/completions", json=wanted)


@asynccontextmanager
async def proxy(
    folder: Path,
    *,
    fault: str = "",
    dialect: str = "openai",
    scopes: tuple[Scope, ...] = (Scope.LLM,),
    budget: Decimal | None = None,
    bare: bool = False,
    **parts: Any,
) -> AsyncIterator[Proxy]:
    db = Database(sqlite_url(folder / "proxy.db"))
    upgrade(db)
    keys = Keys(db)
    made = await keys.create("test", shop="shop_test", scopes=scopes, budget_usd=budget)
    fake_parts = {name: parts.pop(name) for name in ("text", "pause_s") if name in parts}
    async with FakeProvider(**fake_parts) as fake:
        base = fake.url + ("/v1" if dialect.startswith("openai") else "")
        models = {name: {"price": PRICE} for name in (f"fault-{fault}", "fault-")}
        settings = Settings.model_validate(
            {
                "providers": {name: {"dialect": dialect, "base_url": base, "key": f"sk-{name}", "models": models} for name in ("first", "second")},
                "aliases": {"frontier": {"targets": [f"first/fault-{fault}", "second/fault-"], **parts.pop("alias", {})}},
                "gateway": {"deadlines": SHORT if fault in HANGS else DEADLINES},
            }
        )
        if bare:
            settings = Settings()  # nothing is configured, as on the first day
        async with open_gateway(settings, db) as opened, _served(open_proxy(opened.gateway, keys, opened.books, **parts)) as url:
            headers = {"authorization": f"Bearer {made.secret}"}
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http:
                yield Proxy(url, made.secret, made.key.id, "shop_test", db, opened, keys, fake, http)
    db.close()


@asynccontextmanager
async def _served(app: Any) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="none"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # the test's own process keeps its signals
    running = asyncio.create_task(_serve(server))
    try:
        async with asyncio.timeout(5):
            while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


async def _serve(server: uvicorn.Server) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await server._serve()

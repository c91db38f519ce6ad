"""What the gateway alone serves beside the vendors' own addresses, and what it says where nothing is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.gateway import Gateway
from agent.ledger.keys import Keys
from agent.records import Scope
from agent.web.llm_app import create_llm_app
from agent.web.proxy import App, open_proxy
from agent.web.readiness import Scraped


def app_of(keys: Any, *, database: bool = True) -> App:
    async def ready() -> Mapping[str, bool]:
        return {"database": database}

    scraped = Scraped(text=lambda: b"figures 1\n", content_type="text/plain; version=1.0.0")
    return create_llm_app(open_proxy(Gateway({}), keys), keys, ready=ready, scraped=scraped)


def asked(app: App, method: str, path: str, **sent: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://storehand.example") as http:
            return await http.request(method, path, **sent)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "database", "status", "body"),
    [
        ("/livez", False, 200, {"status": "ok"}),
        ("/readyz", True, 200, {"status": "ok", "checks": {"database": True}}),
        ("/readyz", False, 503, {"status": "not ready", "checks": {"database": False}}),
    ],
)
def test_health_is_told_without_a_key(path: str, database: bool, status: int, body: dict[str, Any]) -> None:
    reply = asked(app_of(None, database=database), "GET", path)
    assert (reply.status_code, reply.json()) == (status, body)
    assert reply.headers["x-request-id"] and reply.headers["x-content-type-options"] == "nosniff"


def test_metrics_are_of_the_kind_that_prometheus_asks_for() -> None:
    reply = asked(app_of(None), "GET", "/metrics")
    assert (reply.text, reply.headers["content-type"]) == ("figures 1\n", "text/plain; version=1.0.0")


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "allow"),
    [("GET", "/v1/asks", 404, "not_found", None), ("GET", "/", 404, "not_found", None), ("POST", "/readyz", 405, "method_not_allowed", "GET")],
)
def test_what_is_not_served_is_a_problem(method: str, path: str, status: int, code: str, allow: str | None) -> None:
    reply = asked(app_of(None), method, path)
    body = reply.json()
    assert (reply.status_code, body["code"], body["instance"], reply.headers.get("allow")) == (status, code, path, allow)
    assert reply.headers["content-type"] == "application/problem+json"
    assert body["request_id"] == reply.headers["x-request-id"]
    assert "openapi" not in body["detail"], "nothing is described where the proxy is served alone"


@pytest.mark.parametrize(
    ("method", "path", "status", "allow", "shape"),
    [
        ("POST", "/llm/v1/embeddings", 404, None, {"error"}),
        ("GET", "/llm/v1/chat/completions", 405, "POST", {"error"}),
        ("GET", "/llm/v1/messages", 405, "POST", {"type", "error"}),
        ("DELETE", "/llm/v1/models", 405, "GET", {"error"}),
        ("DELETE", "/llm/v1beta/models/frontier", 405, "GET, POST", {"error"}),
        ("POST", "/llm/v1beta/nothing", 404, None, {"error"}),
    ],
)
def test_what_the_proxy_does_not_serve_is_said_in_its_dialect(method: str, path: str, status: int, allow: str | None, shape: set[str]) -> None:
    reply = asked(app_of(None), method, path)
    assert (reply.status_code, reply.headers.get("allow")) == (status, allow)
    assert reply.json().keys() >= shape and reply.headers["content-type"] == "application/json"
    assert reply.headers["x-request-id"]


def test_a_slash_at_the_end_of_an_address_changes_nothing(tmp_path: Path) -> None:
    db = Database(sqlite_url(tmp_path / "storehand.db"))
    upgrade(db)
    keys = Keys(db)
    secret = asyncio.run(keys.create("one", shop="shop", scopes=[Scope.LLM])).secret
    replies = [asked(app_of(keys), "GET", path, headers={"x-api-key": secret}) for path in ("/llm/v1/models", "/llm/v1/models/")]
    assert [reply.json()["object"] for reply in replies] == ["list", "list"]
    db.close()


def test_uses_of_keys_are_written_down_for_as_long_as_it_is_served() -> None:
    class Noted:
        times = 0

        async def note_uses(self) -> None:
            self.times += 1

    keys, said = Noted(), list[str]()

    async def live() -> None:
        wishes = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> Any:
            return next(wishes)

        async def send(message: Any) -> None:
            said.append(f"{message['type']} after {keys.times}")

        await app_of(keys)({"type": "lifespan"}, receive, send)

    asyncio.run(live())
    assert said == ["lifespan.startup.complete after 0", "lifespan.shutdown.complete after 1"]

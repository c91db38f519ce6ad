"""Neither a prompt nor an answer nor a key turns up where it does not belong, even when a provider repeats all it was sent.

The canaries are words that nobody else uses. Every way a provider can answer is tried, and then everything that is written about the
calls is searched for them: logs of all libraries at their loudest, spans, metrics, usage rows, errors and reprs.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.dialects.messages import Message, Request
from agent.gateway import open_gateway
from agent.ledger.keys import Keys
from agent.records import Scope
from agent.settings import Settings
from agent.telemetry import Metrics
from agent.telemetry.spans import Spans
from agent.web.llm_app import create_llm_app
from agent.web.proxy import open_proxy
from agent.web.readiness import Scraped

PROMPT, ANSWER, KEY = "xylophonist-prompt", "quokka-answer", "sk-zeppelin-key"
STATUSES = (200, 400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 503, 529)
ROUTES = {
    "/llm/v1/chat/completions": {"messages": [{"role": "user", "content": PROMPT}]},
    "/llm/v1/responses": {"input": PROMPT},
    "/llm/v1/messages": {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": 50},
    "/llm/v1beta/models/m:generateContent": {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]},
}


class Parrot(httpx.AsyncBaseTransport):
    """A provider that answers with the status it is told to, and repeats the key and the prompt in whatever it says."""

    def __init__(self) -> None:
        self.status = 200
        self.broken = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        sent = f"{request.headers.get('authorization')} {(await request.aread()).decode()}"
        if self.broken:
            raise RuntimeError(f"the transport broke over {sent}")
        if self.status != 200:
            return httpx.Response(self.status, json={"error": {"message": f"bad: {sent}", "type": "", "code": None, "param": None}})
        message = {"role": "assistant", "content": ANSWER}
        usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
        return httpx.Response(200, json={"id": "1", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})


@dataclass
class Written:
    """Everything that was written about the calls, by where."""

    pages: dict[str, list[str]] = field(default_factory=dict)
    secret: str = ""
    """The caller's key."""

    def add(self, where: str, what: Any) -> None:
        self.pages.setdefault(where, []).append(what if isinstance(what, str) else repr(what))

    def leaks(self, *canaries: str) -> list[tuple[str, str]]:
        return [(where, canary) for where, pages in self.pages.items() for canary in canaries if canary in "\n".join(pages)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    found = Written()
    heard = _Heard(found)
    root = logging.getLogger()
    before = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    try:
        asyncio.run(_tried(tmp_path_factory.mktemp("canary"), found))
    finally:
        root.removeHandler(heard)
        root.setLevel(before)
    return found


class _Heard(logging.Handler):
    def __init__(self, found: Written) -> None:
        super().__init__()
        self.found = found
        self.setFormatter(logging.Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.found.add("logs", self.format(record))


async def _tried(folder: Path, found: Written) -> None:
    db = Database(sqlite_url(folder / "canary.db"))
    upgrade(db)
    keys, kept, metrics, parrot = Keys(db), InMemorySpanExporter(), Metrics(), Parrot()
    made = await keys.create("canary", shop="shop_canary", scopes=[Scope.LLM], budget_usd=Decimal(5))
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    watchers = [metrics, Spans(provider.get_tracer("canary"))]
    async with open_gateway(_settings(found), db, transport=parrot, watchers=watchers) as opened:
        scraped = Scraped(text=metrics.text, content_type="text/plain")
        app = create_llm_app(open_proxy(opened.gateway, keys, opened.books), keys, ready=_well, scraped=scraped)
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://canary.example") as http:
            for parrot.broken, parrot.status in [(False, status) for status in STATUSES] + [(True, 200)]:
                for place, (path, body) in enumerate(ROUTES.items()):
                    await _asked(http, path, body | {"model": f"m{parrot.status}{parrot.broken}{place}"}, made.secret, found)
                await _raised(opened.gateway, f"direct{parrot.status}{parrot.broken}", found)
            await _asked(http, "/llm/v1/chat/completions", ROUTES["/llm/v1/chat/completions"] | {"model": "m"}, f"{KEY}-of-a-caller", found)
            await _asked(http, "/llm/v1/chat/completions", {"model": "m", "messages": PROMPT}, made.secret, found)
        await opened.books.flush()
        found.add("reprs", opened.gateway)
        found.add("reprs", [target.provider for target in opened.gateway.targets()])
        found.add("reprs", made)
    for span in kept.get_finished_spans():
        found.add("spans", span.to_json())
    found.add("metrics", metrics.text().decode())
    found.add("rows", str(await db.read(lambda session: session.execute(text("SELECT * FROM llm_attempts")).all())))
    found.secret = made.secret
    db.close()


async def _well() -> dict[str, bool]:
    return {}


def _settings(found: Written) -> Settings:
    """A provider for every call, so that none rests when its turn comes."""
    asked = [(status, False) for status in STATUSES] + [(200, True)]
    names = [f"m{status}{broken}{place}" for status, broken in asked for place in range(len(ROUTES))]
    names += [f"direct{status}{broken}" for status, broken in asked] + ["m"]
    price = {"input": "2.00", "output": "10.00"}
    providers = {name: {"base_url": "http://127.0.0.1:9/v1", "key": KEY, "models": {"big": {"price": price}}} for name in names}
    settings = Settings.model_validate({"providers": providers, "aliases": {name: {"targets": [f"{name}/big"]} for name in names}})
    found.add("reprs", settings)
    return settings


async def _asked(http: httpx.AsyncClient, path: str, body: dict[str, Any], secret: str, found: Written) -> None:
    if "/models/" in path:
        path = path.replace("/m:", f"/{body.pop('model')}:")
    reply = await http.post(path, json=body, headers={"authorization": f"Bearer {secret}"})
    if reply.status_code != 200:
        found.add("bodies of errors", reply.text)
        found.add("bodies of errors that are not the caller's" if reply.status_code >= 500 else "bodies of the caller's errors", reply.text)
    else:
        found.add("answers", reply.text)
    found.add("headers", json.dumps(dict(reply.headers)))


async def _raised(gateway: Any, alias: str, found: Written) -> None:
    request = Request(messages=[Message("user", PROMPT)], schema={"title": PROMPT, "type": "string"}, metadata={"note": PROMPT})
    found.add("reprs", request)
    try:
        found.add("reprs", await gateway.complete(request, alias=alias, purpose="canary"))
    except Exception as error:
        found.add("errors", f"{error} {error!r} {getattr(error, 'facts', '')}")
        found.add("errors", "".join(traceback.format_exception(error, chain=False)))


def test_calls_were_made_and_written_about(written: Written) -> None:
    assert {"logs", "spans", "metrics", "rows", "errors", "reprs", "bodies of errors", "answers"} <= set(written.pages)
    assert len(written.pages["spans"]) > 2 * len(STATUSES) and ANSWER in "".join(written.pages["answers"])


@pytest.mark.parametrize("where", ["logs", "spans", "metrics", "rows", "reprs", "errors", "headers", "bodies of errors that are not the caller's"])
def test_nothing_that_was_said_is_written_down(written: Written, where: str) -> None:
    assert Written({where: written.pages[where]}).leaks(PROMPT, ANSWER) == []


def test_no_key_is_anywhere(written: Written) -> None:
    assert written.secret.startswith("sk_sh_")
    assert written.leaks(KEY, written.secret) == []

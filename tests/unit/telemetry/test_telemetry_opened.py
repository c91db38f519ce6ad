"""Telemetry as the config asks for it, over HTTP and to a collector."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.dialects.messages import Message, Request
from agent.errors import SettingsError
from agent.gateway import Opened, open_gateway
from agent.settings import Settings, load
from agent.telemetry.metrics import CONTENT_TYPE
from agent.telemetry.opened import Telemetry, open_telemetry
from agent.web.health import metrics_route
from agent.web.readiness import Scraped

ASK = Request(messages=[Message("user", "how are the mugs doing?")])


class Model(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = {"index": 0, "message": {"role": "assistant", "content": "well"}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
        return httpx.Response(200, json={"id": "1", "choices": [answer], "usage": usage})


@asynccontextmanager
async def opened_with(settings: Settings, folder: Path) -> AsyncIterator[tuple[Telemetry, Opened]]:
    db = Database(sqlite_url(folder / "storehand.db"))
    upgrade(db)
    async with open_telemetry(settings) as telemetry, open_gateway(settings, db, transport=Model(), watchers=telemetry.watchers) as opened:
        telemetry.ask(opened)
        yield telemetry, opened
    db.close()


def settings_with(**telemetry: object) -> Settings:
    provider = {"base_url": "http://127.0.0.1:9/v1", "models": {"big": {"price": {"input": "2.00", "output": "10.00"}}}}
    return Settings.model_validate({"providers": {"acme": provider}, "aliases": {"frontier": {"targets": ["acme/big"]}}, "telemetry": telemetry})


def test_prometheus_scrapes_what_the_gateway_did(tmp_path: Path) -> None:
    async def scrape() -> httpx.Response:
        async with opened_with(settings_with(), tmp_path) as (telemetry, opened):
            await opened.gateway.complete(ASK, alias="frontier", purpose="plan")
            app = Litestar([metrics_route(Scraped(text=telemetry.metrics.text, content_type=CONTENT_TYPE))], openapi_config=None)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test.example") as http:
                return await http.get("/metrics")

    reply = asyncio.run(scrape())
    assert reply.headers["content-type"] == f"{CONTENT_TYPE}; charset=utf-8"
    assert 'storehand_calls_total{alias="frontier",outcome="ok",purpose="plan"} 1.0' in reply.text
    assert 'storehand_target_state{state="well",target="acme/big"} 1.0' in reply.text
    assert 'storehand_cost_usd_total{model="big",provider="acme"} 2e-05' in reply.text


class Collector:
    """What an OpenTelemetry collector gets, read as it reads it."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"POST /v1/traces "), head
        (length,) = [int(line.partition(b":")[2]) for line in head.splitlines() if line.lower().startswith(b"content-length:")]
        body = await reader.readexactly(length)
        sent = ExportTraceServiceRequest.FromString(_plain(head, body))
        self.names += [span.name for each in sent.resource_spans for scope in each.scope_spans for span in scope.spans]
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


def _plain(head: bytes, body: bytes) -> bytes:
    import gzip

    return gzip.decompress(body) if b"gzip" in head.lower().partition(b"content-encoding")[2] else body


def test_spans_are_with_the_collector_when_the_service_has_stopped(tmp_path: Path) -> None:
    collector = Collector()

    async def run() -> None:
        server = await asyncio.start_server(collector.answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with opened_with(settings_with(otlp_endpoint=f"http://127.0.0.1:{port}"), tmp_path) as (_, opened):
            await opened.gateway.complete(ASK, alias="frontier", purpose="plan")
        server.close()
        await server.wait_closed()

    asyncio.run(run())
    assert sorted(collector.names) == ["chat big", "chat frontier"]


def test_no_spans_are_made_where_no_collector_is_named(tmp_path: Path) -> None:
    async def watchers() -> int:
        async with open_telemetry(settings_with()) as telemetry:
            return len(telemetry.watchers)

    assert asyncio.run(watchers()) == 1


def test_an_endpoint_that_is_no_address_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "storehand.toml"
    path.write_text('[telemetry]\notlp_endpoint = "localhost:4318"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="line 2"):
        load(path, environ={})

"""An assistant that starts Storehand itself: messages a line each, in and out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from scripted import ScriptedService
from test_tasks_api import MUGS

from agent.records import Principal, Scope
from agent.web.mcp.door import Door
from agent.web.mcp.stdio import Lines

ASKER = Principal("local:anna", "person", "anna's assistant", "shop_a", frozenset({Scope.READ, Scope.ASK}))


class Pipe:
    """A connection whose lines a test sends as it likes."""

    def __init__(self, service: ScriptedService) -> None:
        self.told: list[dict[str, Any]] = []
        self.heard = asyncio.Event()
        self._lines = asyncio.Queue[bytes]()
        self._serving = asyncio.create_task(Lines(Door(service=service), ASKER, self._write).serve(self._lines.get))

    def send(self, method: str, params: Any = None, id: Any = None) -> None:
        body = {"jsonrpc": "2.0", "method": method, "params": params or {}, **({"id": id} if id is not None else {})}
        self._lines.put_nowait(json.dumps(body).encode() + b"\n")

    def call(self, tool: str, arguments: Any, id: Any, **meta: Any) -> None:
        self.send("tools/call", {"name": tool, "arguments": arguments, "_meta": meta}, id)

    def raw(self, line: bytes) -> None:
        self._lines.put_nowait(line)

    async def until(self, met: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while not (found := [each for each in self.told if met(each)]):
                self.heard.clear()
                await self.heard.wait()
        return found[0]

    async def end(self) -> None:
        self.raw(b"")
        await self._serving

    async def _write(self, line: bytes) -> None:
        assert line.endswith(b"\n") and line.count(b"\n") == 1
        self.told.append(json.loads(line))
        self.heard.set()


def test_every_line_is_answered_also_those_that_end_after_the_input() -> None:
    async def work() -> None:
        pipe = Pipe(ScriptedService())
        pipe.send("initialize", {"protocolVersion": "2025-06-18"}, 1)
        pipe.send("notifications/initialized")
        pipe.call("ask", {"text": MUGS}, "two")
        pipe.send("no/such", id=3)
        pipe.raw(b"\n")
        pipe.raw(b"{\n")
        await pipe.end()
        replies = {each["id"]: each for each in pipe.told}
        assert replies.keys() == {1, "two", 3, None}
        assert replies["two"]["result"]["structuredContent"]["state"] == "waiting"
        assert (replies[3]["error"]["code"], replies[None]["error"]["code"]) == (-32601, -32700)

    asyncio.run(work())


def test_a_quick_answer_does_not_wait_for_a_slow_one_and_a_cancelled_request_gets_none() -> None:
    async def work() -> None:
        service = ScriptedService(hold=True)
        pipe = Pipe(service)
        pipe.call("ask", {"text": MUGS}, 1, progressToken="p")
        await pipe.until(lambda each: each.get("method") == "notifications/progress")
        pipe.send("ping", id=2)
        assert (await pipe.until(lambda each: each.get("id") == 2))["result"] == {}
        pipe.send("notifications/cancelled", {"requestId": 1})
        pipe.call("list_approvals", {}, 3)
        await pipe.until(lambda each: each.get("id") == 3)
        await pipe.end()
        assert [each["id"] for each in pipe.told if "id" in each] == [2, 3]
        service.release()
        await service.settled()
        assert (await service.reply("run_0001", ASKER)).state == "waiting", "the run goes on all the same"

    asyncio.run(work())


def test_the_newer_protocol_is_spoken_without_a_handshake() -> None:
    async def work() -> None:
        pipe = Pipe(ScriptedService())
        meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
        pipe.send("server/discover", {"_meta": meta}, 1)
        pipe.send("tools/list", {"_meta": {**meta, "io.modelcontextprotocol/protocolVersion": "2031-01-01"}}, 2)
        await pipe.end()
        told = {each["id"]: each for each in pipe.told}
        assert told[1]["result"]["supportedVersions"] == ["2026-07-28"]
        assert told[2]["error"]["code"] == -32022

    asyncio.run(work())

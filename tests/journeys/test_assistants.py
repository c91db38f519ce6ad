"""Assistants and front ends of others at the real service and the demo shop: by MCP's own client, and as an AG-UI front end."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_http import Door, through_the_door

from agent.records import Scope

BOTH = "Put the Blue Ceramic Mug at 12.50 and show me what it sold last month"
UNCLEAR = "put the linen dress at 80"
NO_CLIENT = "the protocol's own client is not installed: pip install mcp"
ASKS, DECIDES = (Scope.READ, Scope.ASK), (Scope.READ, Scope.ASK, Scope.APPROVE)


def events_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in text.split("\n") if line.startswith("data: ")]


@asynccontextmanager
async def assistant(door: Door, key: str, mode: str) -> AsyncIterator[Any]:
    """The protocol's own client, connected to the application."""
    import httpx2
    from mcp.client.client import Client
    from mcp.client.streamable_http import streamable_http_client

    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(door.app), headers={"authorization": f"Bearer {key}"}, timeout=60)
    async with http, Client(streamable_http_client("http://shop.test/mcp", http_client=http), mode=mode) as client:
        yield client


@pytest.mark.peers
def test_in_either_era_an_assistant_proposes_another_key_approves_and_the_change_is_undone(data_folder: Path) -> None:
    pytest.importorskip("mcp", reason=NO_CLIENT)

    async def work(door: Door, shop: str) -> None:
        for mode in ("auto", "legacy"):
            await there_and_back(door, shop, mode)

    async def there_and_back(door: Door, shop: str, mode: str) -> None:
        asking, approving = await door.key(shop, *DECIDES), await door.key(shop, *DECIDES)
        heard: list[str] = []

        async def hear(progress: float, total: float | None, sentence: str | None) -> None:
            heard.append(sentence or "")

        async with assistant(door, asking, mode) as client, assistant(door, approving, mode) as owner:
            assert {"ask", "find_task", "sales_report"} <= {tool.name for tool in (await client.list_tools()).tools}
            reply = await client.call_tool("ask", {"text": BOTH}, progress_callback=hear)
            proposal, answer = reply.structured_content["parts"]
            assert not reply.is_error and proposal["change_set"]["state"] == "open" and answer["evidence"]["currency"] == "EUR"
            assert heard[0] == "Reading the request" and "Planned: Change price, Sales report" in heard
            (digest,) = reply.structured_content["approvals"]
            own = await client.call_tool("decide", {"digest": digest, "decision": "approve"})
            assert own.is_error and own.structured_content["error"]["code"] == "not_allowed"
            done = (await owner.call_tool("decide", {"digest": digest, "decision": "approve"})).structured_content["change_set"]
            assert done["state"] == "applied"
            run = (await client.read_resource(f"storehand://runs/{reply.structured_content['run_id']}")).contents[0].text
            assert json.loads(run)["state"] == "done"
            inverse = (await client.call_tool("undo", {"change_set": done["id"]})).structured_content["change_set"]
            back = await owner.call_tool("decide", {"digest": inverse["digest"], "decision": "approve"})
            assert back.structured_content["change_set"]["state"] == "applied"

    through_the_door(data_folder, work)


@pytest.mark.peers
def test_an_assistant_finds_a_task_takes_ids_from_one_and_runs_another(data_folder: Path) -> None:
    pytest.importorskip("mcp", reason=NO_CLIENT)

    async def work(door: Door, shop: str) -> None:
        async with assistant(door, await door.key(shop, *ASKS), "auto") as client:
            (task,) = (await client.call_tool("find_task", {"words": "show_order"})).structured_content["tasks"]
            found = (await client.call_tool("find_orders", {})).structured_content["parts"][0]["data"]
            id = found["orders"]["ids"][0]
            assert "orders" in task["args"]["properties"]
            shown = await client.call_tool("run_task", {"task": "show_order", "args": {"orders": {"ids": [id]}}})
            assert shown.structured_content["parts"][0]["kind"] == "answer"
            wrong = await client.call_tool("show_order", {"orders": [id]})
            assert wrong.is_error and wrong.content[0].text.endswith(".")

    through_the_door(data_folder, work)


@pytest.mark.peers
def test_an_assistant_on_this_machine_starts_the_shop_and_asks(data_folder: Path) -> None:
    pytest.importorskip("mcp", reason=NO_CLIENT)
    import asyncio

    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    program = "from agent.cli import main; main()"
    server = StdioServerParameters(command=sys.executable, args=["-c", program, "--data", str(data_folder), "mcp", "--tasks", "none"])

    async def work() -> None:
        async with Client(stdio_client(server)) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert "ask" in tools and "decide" not in tools, "what it proposes is approved by a person, in the panel"
            reply = await client.call_tool("ask", {"text": BOTH})
            assert reply.structured_content["state"] == "waiting"

    asyncio.run(work())


def test_a_front_end_asks_answers_a_question_and_the_key_beside_its_own_approves(data_folder: Path) -> None:
    async def work(door: Door, shop: str) -> None:
        asking, approving = await door.key(shop, *ASKS), await door.key(shop, *DECIDES)
        headers: dict[str, str] = {}

        async def run(key: str, name: str, text: str | None, *resume: Any) -> list[dict[str, Any]]:
            messages = [{"id": "m1", "role": "user", "content": text}] if text else []
            body = {"threadId": "t1", "runId": name, "messages": messages, "resume": list(resume) or None}
            reply: httpx.Response = await door.call("POST", "/v1/ag-ui", key, body, **headers)
            assert reply.status_code == 200, reply.text
            return events_of(reply.text)

        (question,) = (await run(asking, "r1", UNCLEAR))[-1]["outcome"]["interrupts"]
        first = question["responseSchema"]["properties"]["value"]["oneOf"][0]["const"]
        then = await run(asking, "r2", None, {"interruptId": question["id"], "status": "resolved", "payload": {"value": first}})
        (approval,) = then[-1]["outcome"]["interrupts"]
        assert [event["toolCallName"] for event in then if event["type"] == "TOOL_CALL_START"] == ["change_price"]
        yes = {"interruptId": approval["id"], "status": "resolved", "payload": {"approved": True}}
        own = await run(asking, "r3", None, yes)
        assert (own[-1]["type"], own[-1]["code"]) == ("RUN_ERROR", "not_allowed")
        headers["storehand-approver"] = f"Bearer {asking}"
        twice = await run(asking, "r4", None, yes)
        assert twice[-1]["code"] == "not_allowed", "the same key beside itself is the same key"
        headers["storehand-approver"] = f"Bearer {approving}"
        done = await run(asking, "r5", None, yes)
        assert done[-1]["outcome"] == {"type": "success"}
        result = next(event for event in done if event["type"] == "TOOL_CALL_RESULT")
        assert result["toolCallId"] == approval["toolCallId"] and json.loads(result["content"])["state"] == "applied"

    through_the_door(data_folder, work)

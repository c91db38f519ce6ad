"""Another agent at the real service and the demo shop, by A2A's own client, in both versions of the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from test_http import Door, through_the_door

from agent.records import Scope

BOTH = "Put the Blue Ceramic Mug at 12.50 and show me what it sold last month"
UNCLEAR = "put the linen dress at 80"
ASKS, DECIDES = (Scope.READ, Scope.ASK), (Scope.READ, Scope.ASK, Scope.APPROVE)


class Agent:
    """The client of `a2a-sdk`, which has read the card."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def send(self, text: str, id: str | None = None, **more: str) -> Any:
        from a2a.types import Message, Part, Role, SendMessageRequest

        message = Message(message_id=id or str(uuid4()), role=Role.ROLE_USER, parts=[Part(text=text)], **more)
        replies = [reply async for reply in self.client.send_message(SendMessageRequest(message=message))]
        assert len(replies) == 1
        return replies[0].task

    async def task(self, id: str) -> Any:
        from a2a.types import GetTaskRequest

        return await self.client.get_task(GetTaskRequest(id=id))


async def agent(door: Door, key: str, version: str) -> Agent:
    from a2a.client import A2ACardResolver, ClientConfig, ClientFactory

    http = httpx.AsyncClient(transport=httpx.ASGITransport(door.app), headers={"authorization": f"Bearer {key}"}, timeout=60)
    card = await A2ACardResolver(http, "http://shop.test").get_agent_card()
    assert card.name == "Storehand" and 8 <= len(card.skills) <= 12 and not card.capabilities.streaming
    others = [each for each in card.supported_interfaces if each.protocol_version != version]
    for other in others:
        card.supported_interfaces.remove(other)
    return Agent(ClientFactory(ClientConfig(httpx_client=http)).create(card))


@pytest.mark.peers
@pytest.mark.parametrize("version", ["1.0", "0.3"])
def test_an_agent_asks_answers_what_it_is_asked_and_a_person_decides(data_folder: Path, version: str) -> None:
    pytest.importorskip("a2a", reason="the protocol's own client is not installed: pip install a2a-sdk")
    from a2a.types import CancelTaskRequest, TaskState
    from a2a.utils.errors import TaskNotCancelableError, TaskNotFoundError
    from google.protobuf.json_format import MessageToDict

    async def work(door: Door, shop: str) -> None:
        asking, approving = await door.key(shop, *ASKS), await door.key(shop, *DECIDES)
        other = await agent(door, asking, version)

        first = await other.send(BOTH, "m1")
        assert first.status.state == TaskState.TASK_STATE_INPUT_REQUIRED and len(first.artifacts) == 2
        assert "a person approves or rejects" in first.status.message.parts[0].text
        report = MessageToDict(first.artifacts[1].parts[1].data)
        run = (await door.call("GET", f"/v1/runs/{first.id}", asking)).json()
        assert report["evidence"]["currency"] == "EUR" and report["text"] == run["parts"][1]["text"]
        assert (await other.send(BOTH, "m1")).id == first.id, "a message that is sent again makes no second run"

        (digest,) = run["approvals"]
        assert (await door.call("POST", f"/v1/approvals/{digest}/approve", approving, {})).json()["state"] == "applied"
        done = await other.task(first.id)
        assert (done.status.state, done.context_id) == (TaskState.TASK_STATE_COMPLETED, first.context_id)
        assert "applied" in done.artifacts[0].parts[0].text

        asked = await other.send(UNCLEAR, context_id=first.context_id)
        assert asked.status.state == TaskState.TASK_STATE_INPUT_REQUIRED and not asked.artifacts
        (question,) = MessageToDict(asked.status.message.parts[1].data)["questions"]
        then = await other.send(question["options"][0]["label"], task_id=asked.id, context_id=asked.context_id)
        assert then.id == asked.id and "a person approves or rejects" in then.status.message.parts[0].text
        assert (await door.call("GET", f"/v1/threads/{first.context_id}", asking)).status_code == 200, "a context is a conversation of the panel"

        with pytest.raises(TaskNotCancelableError):
            await other.client.cancel_task(CancelTaskRequest(id=first.id))
        with pytest.raises(TaskNotFoundError):
            await other.task("run_of_nobody")

    through_the_door(data_folder, work)

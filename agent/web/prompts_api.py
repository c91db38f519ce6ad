"""Saved prompts under /v1/prompts: requests that everybody in the shop has under a name. A person keeps their own in the panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response
from pydantic import BaseModel, Field

from agent.records import Scope
from agent.runs.saved_prompts import LONGEST_NAME, LONGEST_TEXT, SavedPrompt, SavedPrompts
from agent.web.lists import Body, Listed
from agent.web.operations import Answered, Asked, Operation
from agent.web.wire import json_reply


class PromptBody(Body):
    name: str = Field(
        min_length=1, max_length=LONGEST_NAME, description="Letters, digits and dashes, such as weekly-report; capitals are made small.",
    )  # fmt: skip
    text: str = Field(min_length=1, max_length=LONGEST_TEXT, description="What is asked: send it to `POST /v1/asks` as it stands here.")


class PromptShown(BaseModel):
    id: str
    name: str = Field(description="As people type it after a slash where they ask in the panel: /weekly-report.")
    text: str
    made_by: str = Field(description="Principal id; it and keys with the scope `admin` change and delete it.")


def prompt_operations(prompts: SavedPrompts) -> Sequence[Operation]:
    api = _PromptsApi(prompts)
    kept = Answered(description="The saved prompt.", type=PromptShown, links=dict.fromkeys(("change_prompt", "delete_prompt"), {"id": "/id"}))
    return (
        Operation(
            id="list_prompts", method="GET", path="/v1/prompts", summary="What everybody in the shop has under a name", tag="prompts",
            scope=Scope.READ, run=api.list,
            replies={200: Answered(description="The saved prompts.", type=Listed[PromptShown], links={"change_prompt": {"id": "/items/0/id"}})},
        ),
        Operation(
            id="create_prompt", method="POST", path="/v1/prompts", summary="Keep a request for the whole shop under a name", tag="prompts",
            scope=Scope.APPROVE, run=api.create, body=PromptBody, problems=(409,), idempotent=True, replies={201: kept},
        ),
        Operation(
            id="change_prompt", method="POST", path="/v1/prompts/{id}", summary="Give a saved prompt another name and text",
            tag="prompts", scope=Scope.APPROVE, run=api.change, body=PromptBody, problems=(404, 409), idempotent=True, replies={200: kept},
        ),
        Operation(
            id="delete_prompt", method="POST", path="/v1/prompts/{id}/delete", summary="Keep a request no longer", tag="prompts",
            scope=Scope.APPROVE, run=api.delete, problems=(404,), idempotent=True,
            replies={200: Answered(description="The saved prompt as it was.", type=PromptShown)},
        ),
    )  # fmt: skip


class _PromptsApi:
    def __init__(self, prompts: SavedPrompts) -> None:
        self._prompts = prompts

    async def list(self, asked: Asked) -> Response[Any]:
        return json_reply({"items": [_shown(each) for each in await self._prompts.of(asked.principal)], "next": None})

    async def create(self, asked: Asked) -> Response[Any]:
        body: PromptBody = asked.body
        return json_reply(_shown(await self._prompts.keep(body.name, body.text, asked.principal, shared=True)), status=201)

    async def change(self, asked: Asked) -> Response[Any]:
        body: PromptBody = asked.body
        return json_reply(_shown(await self._prompts.change(asked.path("id"), body.name, body.text, asked.principal, shared=True)))

    async def delete(self, asked: Asked) -> Response[Any]:
        return json_reply(_shown(await self._prompts.remove(asked.path("id"), asked.principal)))


def _shown(prompt: SavedPrompt) -> dict[str, Any]:
    return {name: getattr(prompt, name) for name in PromptShown.model_fields}

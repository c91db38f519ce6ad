"""The shop's webhooks under /v1/webhooks: where messages go, what became of each, replay and test. A secret is in one reply only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from litestar import Response
from pydantic import BaseModel, Field

from agent.records import Scope
from agent.web.lists import PAGE, Body, Listed, list_reply, page_of
from agent.web.operations import Answered, Asked, Operation, Parameter
from agent.web.wire import json_reply
from agent.webhooks.hooks import Delivery, Endpoint, EventName, Webhooks
from agent.webhooks.sending import LONGEST_URL


class WebhookBody(Body):
    url: str = Field(min_length=8, max_length=LONGEST_URL, description="Where messages are sent: an https address that the Internet can reach.")
    events: list[EventName] = Field(default=[], max_length=20, description="Which events; all when left out.")


class WebhookShown(BaseModel):
    id: str
    url: str
    events: list[EventName] = Field(description="Which events; empty for all.")
    state: Literal["enabled", "disabled"]
    reason: str | None = Field(description="Why it was disabled, where Storehand did it by itself.")
    created_by: str = Field(description="Principal id.")
    created_at: datetime


class WebhookMade(WebhookShown):
    secret: str = Field(description="What messages are signed with (Standard Webhooks). It is shown here and never again.")


class DeliveryShown(BaseModel):
    id: str
    endpoint: str
    message: str = Field(description="The header `webhook-id`: the same for every attempt and replay.")
    type: str
    state: Literal["waiting", "delivered", "failed", "cancelled"]
    attempts: int
    status: int | None = Field(description="What the last attempt was answered with; null where nothing answered.")
    error: str | None
    created_at: datetime
    tried_at: datetime | None
    next_at: datetime | None = Field(description="When it is tried again.")


_NEXT = dict.fromkeys(("delete_webhook", "enable_webhook", "test_webhook"), {"id": "/id"})


def webhook_operations(webhooks: Webhooks) -> Sequence[Operation]:
    api = _WebhooksApi(webhooks)
    endpoint = Parameter(name="endpoint", where="query", schema={"type": "string", "maxLength": 200}, description="Only those of this webhook.")
    one = Answered(description="The webhook.", type=WebhookShown)
    delivery = Answered(description="The delivery, which is tried at once.", type=DeliveryShown, links={"replay_delivery": {"id": "/id"}})
    return (
        Operation(
            id="list_webhooks", method="GET", path="/v1/webhooks", summary="The shop's webhooks, without their secrets", tag="webhooks",
            scope=Scope.ADMIN, run=api.list, replies={200: Answered(description="The webhooks.", type=Listed[WebhookShown])},
        ),
        Operation(
            id="create_webhook", method="POST", path="/v1/webhooks", summary="Send messages to an address", tag="webhooks", scope=Scope.ADMIN,
            run=api.create, body=WebhookBody,
            replies={201: Answered(description="The webhook with its secret, which is shown once.", type=WebhookMade, links=_NEXT)}, problems=[422],
        ),
        Operation(
            id="delete_webhook", method="POST", path="/v1/webhooks/{id}/delete", summary="Send no more; what waits is not sent", tag="webhooks",
            scope=Scope.ADMIN, run=api.delete, replies={200: one}, problems=[404],
        ),
        Operation(
            id="enable_webhook", method="POST", path="/v1/webhooks/{id}/enable", summary="Send again, after it was disabled", tag="webhooks",
            scope=Scope.ADMIN, run=api.enable, replies={200: one}, problems=[404],
        ),
        Operation(
            id="test_webhook", method="POST", path="/v1/webhooks/{id}/test", summary="Send a message that is only a test", tag="webhooks",
            scope=Scope.ADMIN, run=api.test, replies={202: delivery}, problems=[404],
        ),
        Operation(
            id="list_deliveries", method="GET", path="/v1/webhooks/deliveries", summary="What was sent and what became of it, newest first",
            tag="webhooks", scope=Scope.ADMIN, run=api.deliveries, parameters=[*PAGE, endpoint],
            replies={200: Answered(
                description="The deliveries.", type=Listed[DeliveryShown], links={"replay_delivery": {"id": "/items/0/id"}},
            )},
        ),
        Operation(
            id="replay_delivery", method="POST", path="/v1/webhooks/deliveries/{id}/replay", summary="Send the same message again", tag="webhooks",
            scope=Scope.ADMIN, run=api.replay, replies={202: delivery}, problems=[404],
        ),
    )  # fmt: skip


class _WebhooksApi:
    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    async def list(self, asked: Asked) -> Response[Any]:
        return json_reply({"items": [_shown(one) for one in await self._webhooks.endpoints(asked.principal)], "next": None})

    async def create(self, asked: Asked) -> Response[Any]:
        body: WebhookBody = asked.body
        made, secret = await self._webhooks.create(body.url, asked.principal, events=body.events)
        return json_reply({**_shown(made), "secret": secret}, status=201)

    async def delete(self, asked: Asked) -> Response[Any]:
        return json_reply(_shown(await self._webhooks.delete(asked.path("id"), asked.principal)))

    async def enable(self, asked: Asked) -> Response[Any]:
        return json_reply(_shown(await self._webhooks.enable(asked.path("id"), asked.principal)))

    async def test(self, asked: Asked) -> Response[Any]:
        return json_reply(_told(await self._webhooks.test(asked.path("id"), asked.principal)), status=202)

    async def deliveries(self, asked: Asked) -> Response[Any]:
        limit, cursor = page_of(asked)
        page = await self._webhooks.deliveries(asked.principal, endpoint=asked.query("endpoint"), limit=limit, cursor=cursor)
        return list_reply(page)

    async def replay(self, asked: Asked) -> Response[Any]:
        return json_reply(_told(await self._webhooks.replay(asked.path("id"), asked.principal)), status=202)


def _shown(one: Endpoint) -> dict[str, Any]:
    return {name: getattr(one, name) for name in WebhookShown.model_fields}


def _told(one: Delivery) -> dict[str, Any]:
    return {name: getattr(one, name) for name in DeliveryShown.model_fields}

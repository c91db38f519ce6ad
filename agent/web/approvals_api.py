"""Proposals and what became of them, under /v1/approvals and /v1/changes: decide, look back, undo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any

from litestar import Response
from pydantic import Field, StringConstraints

from agent.records import ChangeSet, Scope
from agent.records.changes import ItemState
from agent.sdk import Page
from agent.web.expanding import MOST_EXPANDED, WithReplies, expand, expands, listed
from agent.web.lists import PAGE, Body, page_of
from agent.web.operations import Answered, Asked, Operation
from agent.web.port import ServicePort
from agent.web.wire import json_reply

ItemId = Annotated[str, StringConstraints(min_length=1, max_length=20)]

_DECIDED = Answered(description="The change set as it is now.", type=ChangeSet, links={"undo": {"change_set": "/id"}})
_LONGEST_S = 30
"""To wait for what another process applies."""
_LISTED: Mapping[str, Mapping[str, str]] = {**dict.fromkeys(("show_approval", "approve", "reject"), {"digest": "/items/0/digest"})}


class ApproveBody(Body):
    items: list[ItemId] | None = Field(
        default=None, min_length=1, max_length=10_000, description="Only these items; the rest stays open until it expires. All when left out."
    )  # fmt: skip
    typed: str | None = Field(default=None, max_length=100, description="The word that an action with `confirm: type:<word>` asks for.")


class RejectBody(Body):
    items: list[ItemId] | None = Field(default=None, min_length=1, max_length=10_000, description="Only these items. All when left out.")


class ApprovalsApi:
    def __init__(self, service: ServicePort) -> None:
        self._service = service

    async def approvals(self, asked: Asked) -> Response[Any]:
        return await self._listed(asked, self._service.approvals)

    async def approval(self, asked: Asked) -> Response[Any]:
        return json_reply(await self._service.approval(asked.path("digest"), asked.principal))

    async def approve(self, asked: Asked) -> Response[Any]:
        body: ApproveBody = asked.body
        done = await self._service.approve(asked.path("digest"), asked.principal, items=body.items, typed=body.typed)
        return json_reply(done)

    async def reject(self, asked: Asked) -> Response[Any]:
        body: RejectBody = asked.body
        return json_reply(await self._service.reject(asked.path("digest"), asked.principal, items=body.items))

    async def decided(self, asked: Asked) -> Response[Any] | None:
        """The change set where whoever asks has decided so on all that they ask for, once each item has an outcome."""
        for _ in range(_LONGEST_S):
            found = await self._service.approval(asked.path("digest"), asked.principal)
            if found.decided_by != asked.principal.id or not _is_so_decided(asked.body, states := _states(asked.body, found)):
                return None
            if not states & {"approved", "applying"}:
                break
            await asyncio.sleep(1)
        return json_reply(found)

    async def changes(self, asked: Asked) -> Response[Any]:
        return await self._listed(asked, self._service.changes)

    async def undo(self, asked: Asked) -> Response[Any]:
        return json_reply(await self._service.undo(asked.path("change_set"), asked.principal))

    async def _listed(self, asked: Asked, of: Callable[..., Awaitable[Page[ChangeSet]]]) -> Response[Any]:
        limit, cursor = page_of(asked)
        whole = expands(asked, "run")
        page = await of(asked.principal, limit=min(limit, MOST_EXPANDED) if whole else limit, cursor=cursor)
        return await listed(self._service, asked, page, (lambda change_set: change_set.run) if whole else None)


def _states(body: ApproveBody | RejectBody, found: ChangeSet) -> set[ItemState]:
    """Of the items that a decision was about. Who approves all approves what is open then: items rejected before are none of those."""
    states = {item.state for item in found.items if body.items is None or item.id in body.items}
    return states - {"rejected"} if isinstance(body, ApproveBody) and body.items is None else states


def _is_so_decided(body: ApproveBody | RejectBody, states: set[ItemState]) -> bool:
    return states == {"rejected"} if isinstance(body, RejectBody) else bool(states) and not states & {"open", "rejected"}


def approval_operations(service: ServicePort) -> Sequence[Operation]:
    api = ApprovalsApi(service)
    return (
        Operation(
            id="list_approvals", method="GET", path="/v1/approvals", summary="What waits for a decision", tag="approvals", scope=Scope.READ,
            run=api.approvals, parameters=(*PAGE, expand("run")),
            replies={200: Answered(description="A page of change sets.", type=WithReplies[ChangeSet], links=_LISTED)},
        ),
        Operation(
            id="show_approval", method="GET", path="/v1/approvals/{digest}", summary="One change set", tag="approvals", scope=Scope.READ,
            run=api.approval, problems=(404,), replies={200: _DECIDED},
        ),
        Operation(
            id="approve", method="POST", path="/v1/approvals/{digest}/approve", summary="Approve and apply, in whole or by item",
            tag="approvals", scope=Scope.APPROVE, run=api.approve, body=ApproveBody, body_optional=True,
            problems=(404, 409), idempotent=True, outcome=api.decided, replies={200: _DECIDED},
        ),
        Operation(
            id="reject", method="POST", path="/v1/approvals/{digest}/reject", summary="Reject, in whole or by item", tag="approvals",
            scope=Scope.APPROVE, run=api.reject, body=RejectBody, body_optional=True, problems=(404, 409), idempotent=True,
            outcome=api.decided, replies={200: _DECIDED},
        ),
    )  # fmt: skip


def change_operations(service: ServicePort) -> Sequence[Operation]:
    api = ApprovalsApi(service)
    return (
        Operation(
            id="list_changes", method="GET", path="/v1/changes", summary="What was changed, newest first", tag="changes", scope=Scope.READ,
            run=api.changes, parameters=(*PAGE, expand("run")),
            replies={200: Answered(
                description="A page of change sets.", type=WithReplies[ChangeSet], links={"undo": {"change_set": "/items/0/id"}},
            )},
        ),
        Operation(
            id="undo", method="POST", path="/v1/changes/{change_set}/undo", summary="Propose the inverse of a change set", tag="changes",
            scope=Scope.ASK, run=api.undo, problems=(404, 409), idempotent=True,
            replies={200: Answered(
                description="The inverse, open for approval.", type=ChangeSet,
                links=dict.fromkeys(("show_approval", "approve", "reject"), {"digest": "/digest"}),
            )},
        ),
    )  # fmt: skip

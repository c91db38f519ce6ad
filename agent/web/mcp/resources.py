"""What an assistant can read without calling a tool: runs with their evidence and drafts, proposals, changes, tasks and what to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from agent.records import Principal, to_json
from agent.web.mcp.schemas import small_schema
from agent.web.port import ServicePort

JSON = "application/json"
_RECENT = 20


def _about(uri: str, name: str, title: str, description: str) -> dict[str, Any]:
    return {"uri": uri, "name": name, "title": title, "description": description, "mimeType": JSON}


FIXED: Sequence[Mapping[str, Any]] = (
    _about("storehand://today", "today", "Today", "What this shop should look at now, each with the figures behind it."),
    _about("storehand://approvals", "approvals", "Waiting for approval", "Proposals that wait for a decision, whole."),
    _about("storehand://changes", "changes", "What was changed", "The newest changes with every item's before and after."),
    _about("storehand://tasks", "tasks", "All tasks", "Every task by name: what it does and what it may change."),
)
TEMPLATES: Sequence[Mapping[str, Any]] = tuple(
    {"uriTemplate": uri, "name": name, "title": title, "description": description, "mimeType": JSON}
    for uri, name, title, description in (
        ("storehand://runs/{run_id}", "run", "One run", "What was asked, how it was understood, every part with its evidence, drafts and proposals."),
        ("storehand://approvals/{digest}", "proposal", "One proposal", "Every item that it would change."),
        ("storehand://tasks/{name}", "task", "One task", "Its arguments as JSON Schema, and how merchants ask for it."),
    )
)


class NoSuchResource(Exception):
    """Nothing has this address."""


async def listed(service: ServicePort, principal: Principal) -> list[Mapping[str, Any]]:
    """What always is there, and the newest runs."""
    page = await service.runs(principal, limit=_RECENT)
    runs = [_about(f"storehand://runs/{run.id}", run.id, run.text[:80], f"{run.state}, {run.created_at.isoformat()}") for run in page.items]
    return [*FIXED, *runs]


async def read(uri: str, service: ServicePort, principal: Principal) -> list[dict[str, Any]]:
    """
    Raises:
        NoSuchResource: It is no address of ours.
        NotFound: This shop has no such thing.
    """
    scheme, _, path = uri.partition("://")
    kind, _, which = path.partition("/")
    if scheme != "storehand":
        raise NoSuchResource
    found = await _found(kind, which, service, principal)
    return [{"uri": uri, "mimeType": JSON, "text": msgspec.json.encode(to_json(found)).decode()}]


async def _found(kind: str, which: str, service: ServicePort, principal: Principal) -> Any:
    match kind, bool(which):
        case "runs", True:
            return await service.reply(which, principal)
        case "approvals", True:
            return await service.approval(which, principal)
        case "approvals", False:
            return (await service.approvals(principal)).items
        case "changes", False:
            return (await service.changes(principal)).items
        case "today", False:
            return await service.today(principal)
        case "tasks", True:
            task = service.task(which)
            about = {"name": task.name, "summary": task.summary, "effect": task.effect, "examples": list(task.examples)}
            return {**about, "args": dict(small_schema(task.args))}
        case "tasks", False:
            return [{"name": task.name, "summary": task.summary, "effect": task.effect} for task in service.tasks()]
    raise NoSuchResource

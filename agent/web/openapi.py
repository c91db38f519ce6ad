"""The OpenAPI 3.1 document, made from the operations and from pydantic's own JSON Schema of every body and record.

Litestar's generator loses constraints (`Field(ge=0)` on an optional float, `Annotated[int, Field(ge=1)] | None`; issues
4650 and 3999 there, read 2026-11-22) and does not know problem+json, hence this one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from agent.sdk import Task
from agent.web.operations import Operation

_REF = "#/components/schemas/{model}"
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What every error answers with (RFC 9457). Further members are facts a program may use.",
    "properties": {
        "type": {"type": "string", "examples": ["urn:storehand:problem:not_found"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "A sentence with the remedy."},
        "instance": {"type": "string", "description": "The path that was asked."},
        "code": {"type": "string", "description": "Stable name of the fault.", "examples": ["not_found"]},
        "request_id": {"type": "string", "description": "Also in the header X-Request-Id."},
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
}


def document(operations: Sequence[Operation], tasks: Sequence[Task], *, version: str) -> dict[str, Any]:
    """The whole document. `POST /v1/tasks/{name}` is written out once per task, with that task's own schema."""
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    types = _Types(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        if operation.any_body:
            for task in tasks:
                path = operation.path.replace("{name}", task.name)
                paths.setdefault(path, {})["post"] = _task_operation(operation, task, types)
        else:
            paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, types)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Storehand", "version": version, "summary": "A merchant's requests in plain words, answered, proposed, approved, undone."},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "sk_sh_…"}}},
        "security": [{"key": []}],
    }


class _Types:
    """Gathers the schemas of types under the document's components."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas

    def schema(self, type_: Any, mode: JsonSchemaMode) -> dict[str, Any]:
        made = TypeAdapter(type_).json_schema(mode=mode, ref_template=_REF)
        for name, definition in made.pop("$defs", {}).items():
            self._schemas.setdefault(name, definition)
        name = _name_of(type_)
        if name is None or "$ref" in made:
            return made
        self._schemas.setdefault(name, made)
        return {"$ref": _REF.format(model=name)}


def _name_of(type_: Any) -> str | None:
    name = getattr(type_, "__name__", None)
    return re.sub(r"\W+", "_", name).strip("_") if isinstance(name, str) else None


def _task_operation(operation: Operation, task: Task, types: _Types) -> dict[str, Any]:
    made = _operation(operation, types)
    made["operationId"] = f"run_task_{task.name}"
    made["summary"] = task.summary
    made["description"] = f"A {task.effect}. Merchants say: {'; '.join(task.examples[:3])}."
    made["parameters"] = [p for p in made.get("parameters", []) if p["name"] != "name"]
    made["requestBody"] = {"required": True, "content": {"application/json": {"schema": types.schema(task.args, "validation")}}}
    return made


def _operation(operation: Operation, types: _Types) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "x-scope": str(operation.scope),
        "parameters": _parameters(operation),
        "responses": _responses(operation, types),
    }
    if operation.body is not None:
        content: dict[str, Any] = {"schema": types.schema(operation.body, "validation")}
        if operation.example is not None:
            content["example"] = operation.example
        made["requestBody"] = {"required": not operation.body_optional, "content": {"application/json": content}}
    return made


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    others = [
        {"name": p.name, "in": p.where, "required": False, "schema": dict(p.schema), "description": p.description} for p in operation.parameters
    ]
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "description": "The same key with the same body answers as the first time and does nothing again.",
    }
    return [*in_path, *others, *([key] if operation.idempotent else [])]


def _responses(operation: Operation, types: _Types) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for status, reply in operation.replies.items():
        content: dict[str, Any] = {"schema": types.schema(reply.type, "serialization")} if reply.type is not None else {}
        if reply.example is not None:
            content["example"] = reply.example
        made[str(status)] = {
            "description": reply.description,
            "headers": {"X-Request-Id": _header("Names this request in logs."), **{n: _header(d) for n, d in reply.headers.items()}},
            "content": {reply.media_type: content},
        }
    for status in sorted(_problems(operation)):
        made[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return made


def _problems(operation: Operation) -> set[int]:
    """What it can fail with, from what it takes."""
    found = {401, 403, 503, *operation.problems}
    if operation.body is not None or operation.any_body:
        found |= {400, 413, 415, 422}
    if any(p.where == "query" for p in operation.parameters):
        found.add(400)
    if operation.idempotent:
        found |= {409, 422}
    return found


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}

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
from agent.web.operations import VERSION, VERSION_HEADER, Answered, Operation

TASK = "/v1/tasks/{name}"
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


_MEANINGS = {
    400: "A parameter, a header or the JSON itself cannot be read: `bad_parameter`, `not_json`, `unknown_version`.",
    401: "There is no key with it, or the key is not good: `no_key`.",
    403: "The key's scopes do not allow it, or it would decide on its own proposal: `not_allowed`.",
    404: "This shop has nothing of that name or id: `not_found`, `no_such_task`.",
    409: "It is decided, over or under way: `conflict`, `stale`, `idempotency_in_flight` (with Retry-After).",
    413: "The body is larger than 1 MB: `body_too_large`.",
    415: "The body is not said to be JSON: `unsupported_media_type`.",
    422: "It can be read and makes no sense here: `invalid_body` (with `errors`, each with a JSON pointer), `invalid`, `idempotency_mismatch`.",
    429: "Too many requests of this key: `rate_limited` (with Retry-After).",
    503: "The shop or the database does not answer now: `store_unavailable` (with Retry-After).",
}
_EXAMPLES = {
    400: ("bad_parameter", "`limit` is a whole number from 1 to 200."),
    401: ("no_key", "Send a key as `Authorization: Bearer sk_sh_…`; `storehand keys create` makes one."),
    403: ("not_allowed", "This needs a key with the scope `ask`; this key has not got it."),
    404: ("not_found", "There is no run `run_0`."),
    409: ("conflict", "This request waits for no answer."),
    413: ("body_too_large", "The body is larger than 1 MB."),
    415: ("unsupported_media_type", "Send JSON with the header Content-Type: application/json."),
    422: ("invalid_body", "/text: String should have at least 1 character."),
    429: ("rate_limited", "This key may send 6000 requests a minute."),
    503: ("store_unavailable", "The shop does not answer; ask again."),
}


def document(operations: Sequence[Operation], tasks: Sequence[Task], *, version: str) -> dict[str, Any]:
    """The whole document. What `/v1/tasks/{name}` takes is written out once more per task, with that task's own schema."""
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    types = _Types(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, types)
    # An address without a blank in it goes before one with, so all that a task's address takes is said there again.
    for operation in [each for each in operations if each.path == TASK]:
        for task in tasks:
            method, path = operation.method.lower(), TASK.replace("{name}", task.name)
            paths.setdefault(path, {})[method] = _task_operation(operation, task, types)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Storehand", "version": version, "summary": "A merchant's requests in plain words, answered, proposed, approved, undone."},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "sk_sh_…"}}},
        "security": [{"key": []}],
    }


_ALWAYS = {
    "X-Request-Id": {"description": "Names this request in logs.", "schema": {"type": "string"}},
    VERSION_HEADER: {"description": "The version that answered.", "schema": {"type": "string"}},
    "RateLimit": {"description": 'What is left of the key\'s pace: `"key";r=<requests>;t=<seconds>`.', "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": 'The key\'s pace: `"key";q=<requests>;w=<seconds>`.', "schema": {"type": "string"}},
}


class _Types:
    """Gathers the schemas of types under the document's components."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas
        self._made: dict[tuple[int, JsonSchemaMode], dict[str, Any]] = {}

    def schema(self, type_: Any, mode: JsonSchemaMode) -> dict[str, Any]:
        if (known := self._made.get((id(type_), mode))) is None:  # by identity: not every type can be hashed, and all of them outlive this
            known = self._made[id(type_), mode] = self._schema(type_, mode)
        return known

    def _schema(self, type_: Any, mode: JsonSchemaMode) -> dict[str, Any]:
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
    made["operationId"] = f"{operation.id}_{task.name}"
    made["parameters"] = [p for p in made.get("parameters", []) if p["name"] != "name"]
    if not operation.any_body:
        return made
    made["summary"] = task.summary
    made["description"] = f"A {task.effect}. Merchants say: {'; '.join(task.examples[:3])}."
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
    if operation.any_body:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    if operation.deprecated is not None or operation.sunset is not None:
        made["deprecated"] = True
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
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        "description": "The same key with the same body answers as the first time and does nothing again.",
    }
    dated = {
        "name": VERSION_HEADER,
        "in": "header",
        "required": False,
        "schema": {"type": "string", "enum": [VERSION]},
        "description": "The version of the API that the caller was written for; another one is refused.",
    }
    return [*in_path, *others, *([key] if operation.idempotent else []), dated]


def _responses(operation: Operation, types: _Types) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for status, reply in operation.replies.items():
        content: dict[str, Any] = {"schema": _reply_schema(reply, types)} if reply.type is not None else {}
        if reply.example is not None:
            content["example"] = reply.example
        made[str(status)] = {
            "description": reply.description,
            "headers": {**_ALWAYS, **{n: _header(d) for n, d in reply.headers.items()}},
            "content": {reply.media_type: content},
        }
    for status in sorted(_problems(operation)):
        made[str(status)] = {
            "description": _MEANINGS.get(status, HTTPStatus(status).phrase),
            "headers": {**_ALWAYS, **({"Retry-After": _header("Seconds to wait.")} if status in (409, 429, 503) else {})},
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _problem(status)}},
        }
    return made


def _problems(operation: Operation) -> set[int]:
    """What it can fail with, from what it takes."""
    found = {400, 401, 403, 429, 503, *operation.problems}
    if operation.body is not None or operation.any_body:
        found |= {413, 415, 422}
    if any(p.where == "query" for p in operation.parameters):
        found.add(422)
    if "{" in operation.path:
        found.add(404)
    if operation.idempotent:
        found |= {409, 422}
    return found


def _reply_schema(reply: Answered, types: _Types) -> dict[str, Any]:
    told = types.schema(reply.type, "serialization")
    if reply.media_type != "text/event-stream":
        return told
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": told}
    fields = {"id": {"type": "string", "pattern": "^[0-9]+$"}, "event": {"type": "string"}, "data": data}
    return {"type": "object", "title": "ServerSentEvent", "properties": fields, "required": ["id", "event", "data"]}


def _problem(status: int) -> dict[str, Any]:
    code, detail = _EXAMPLES[status]
    return {
        "type": f"urn:storehand:problem:{code}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, "instance": "/v1/asks",
        "code": code, "request_id": "req_73042798ac5543059a11",
    }  # fmt: skip


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}

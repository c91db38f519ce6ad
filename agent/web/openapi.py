"""The OpenAPI 3.1 document, made from the operations and from pydantic's own JSON Schema of every body and record.

Litestar's generator loses constraints (`Field(ge=0)` on an optional float, `Annotated[int, Field(ge=1)] | None`; issues
4650 and 3999 there, read 2026-11-22) and does not know problem+json, hence this one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from agent.sdk import Task
from agent.web.examples import Examples, examples
from agent.web.openapi_headers import components, headers_of
from agent.web.openapi_problems import PROBLEM, problem_replies
from agent.web.operations import VERSION, VERSION_HEADER, Answered, Operation

TASK = "/v1/tasks/{name}"
_SHOWN = "sales_report"
"""Whose replies are the examples."""
_REF = "#/components/schemas/{model}"
_ABOUT = """\
Every call takes a key as `Authorization: Bearer sk_sh_…`; it names its shop, and each operation says which scope it needs. A request that changes
something is answered with a proposal, and nothing changes until a person, or another key with the scope `approve`, approves its digest.

Errors are `application/problem+json`: `code` is for programs, `detail` says what to do. Lists are `{items, next}`; `next` goes back as `cursor`.
POSTs that take an `Idempotency-Key` are done once under it. Money is `{"amount": "12.50", "currency": "EUR"}`, times are RFC 3339.
"""
_ARTICLES = {"action": "An"}


def document(operations: Sequence[Operation], tasks: Sequence[Task], *, version: str) -> dict[str, Any]:
    """The whole document. What `/v1/tasks/{name}` takes is written out once more per task, with that task's own schema."""
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    types = _Types(schemas, examples())
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, types)
    shared: dict[str, Any] = {}
    # An address without a blank in it goes before one with, so all that a task's address takes is said there again.
    for operation in [each for each in operations if each.path == TASK]:
        shared |= {f"{operation.id}_{status}": {"value": types.examples.reply(operation.id, status)} for status in operation.replies}
        for task in tasks:
            method, path = operation.method.lower(), TASK.replace("{name}", task.name)
            paths.setdefault(path, {})[method] = _task_operation(operation, task, types)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Storehand",
            "version": version,
            "description": _ABOUT,
            "summary": "A merchant's requests in plain words, answered, proposed, approved, undone.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "examples": shared,
            "headers": components(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "sk_sh_…"}},
        },
        "security": [{"key": []}],
    }


class _Types:
    """Gathers the schemas of types under the document's components, and knows the examples."""

    def __init__(self, schemas: dict[str, Any], examples: Examples) -> None:
        self._schemas, self.examples = schemas, examples
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
    for status in operation.replies:  # what another task answers says enough, and once is enough
        (content,) = made["responses"][str(status)]["content"].values()
        content["examples"] = {_SHOWN: {"$ref": f"#/components/examples/{operation.id}_{status}"}}
        content.pop("example", None)
    if not operation.any_body:
        return made
    made["summary"] = task.summary
    kind = f"{_ARTICLES.get(task.effect, 'A')} {task.effect}"
    made["description"] = f"{kind}. Merchants say: {'; '.join(task.examples[:3])}. {_needs(operation)}"
    made["requestBody"] = _sent(types.schema(task.args, "validation"), types.examples.args(task.name))
    return made


def _sent(schema: dict[str, Any], example: Any, *, required: bool = True) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema, **({"example": example} if example is not None else {})}}}


def _operation(operation: Operation, types: _Types) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": _needs(operation),
        "tags": [operation.tag],
        "x-scope": str(operation.scope),
        "parameters": _parameters(operation),
        "responses": _responses(operation, types),
    }
    if operation.any_body:
        made["requestBody"] = _sent({"type": "object"}, types.examples.request(operation.id))
    if operation.deprecated is not None or operation.sunset is not None:
        made["deprecated"] = True
    if operation.body is not None:
        schema = types.schema(operation.body, "validation")
        made["requestBody"] = _sent(schema, types.examples.request(operation.id), required=not operation.body_optional)
    return made


def _needs(operation: Operation) -> str:
    return f"Needs a key with the scope `{operation.scope}`."


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
        if (example := types.examples.reply(operation.id, status)) is not None:
            content["example"] = example
        contents = {reply.media_type: content}
        if reply.columns:
            contents["text/csv"] = {"schema": {"type": "string"}, "example": ",".join(reply.columns) + "\r\n"}
        told = {"description": reply.description, "headers": headers_of(operation, status), "content": contents}
        links = {name: _link(name, values) for name, values in reply.links.items()}
        made[str(status)] = {**told, "links": links} if links else told
    return {**made, **problem_replies(operation)}


def _link(operation: str, values: Mapping[str, str]) -> dict[str, Any]:
    return {"operationId": operation, "parameters": {name: f"$response.body#{pointer}" for name, pointer in values.items()}}


def _reply_schema(reply: Answered, types: _Types) -> dict[str, Any]:
    told = types.schema(reply.type, "serialization")
    if reply.media_type != "text/event-stream":
        return told
    told_by_type = [
        {
            "if": {"properties": {"type": {"const": kind}}},
            "then": {"properties": {"data": types.schema(of, "serialization")}},
        }
        for kind, of in reply.data.items()
    ]
    shape = {"allOf": [told, *told_by_type]} if told_by_type else told
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": shape}
    fields = {"id": {"type": "string", "pattern": "^[0-9]+$"}, "event": {"type": "string"}, "data": data}
    return {"type": "object", "title": "ServerSentEvent", "properties": fields, "required": ["id", "event", "data"]}

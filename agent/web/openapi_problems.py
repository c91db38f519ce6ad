"""What operations fail with, as the OpenAPI document tells it: one shape, a meaning for each status, and which operation has which."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from agent.web.faults import too_large
from agent.web.openapi_headers import headers_of
from agent.web.operations import Operation

PROBLEM = {
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
        "errors": {
            "type": "array",
            "description": "Every fault of the body (`pointer`) or of the address (`parameter`), where that is what is wrong.",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "parameter": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
}

_MEANINGS = {
    400: "A parameter or a header is not known or cannot be read, or the JSON itself: `bad_parameter`, `not_json`, `unknown_version`.",
    401: "There is no key with it, or the key is not good: `no_key`.",
    403: "The key's scopes do not allow it, or it would decide on its own proposal: `not_allowed`.",
    404: "This shop has nothing of that name or id: `not_found`, `no_such_task`.",
    409: "It is decided, over or under way: `conflict`, `stale`, `idempotency_in_flight` (with Retry-After).",
    415: "The body is not said to be JSON: `unsupported_media_type`.",
    422: "It can be read and makes no sense here: `invalid_body` (with `errors`, each with a JSON pointer), "
    "`invalid_query` (with `errors`, each with its `parameter`), `invalid`, "
    "`idempotency_mismatch`.",
    429: "Too many requests of this key: `rate_limited` (with Retry-After).",
    503: "The shop or the database does not answer now, or the server is about to stop: `store_unavailable`, `ending` (with Retry-After).",
}
_EXAMPLES = {
    400: ("bad_parameter", "`limit` is a whole number from 1 to 200."),
    401: ("no_key", "Send a key as `Authorization: Bearer sk_sh_…`; `storehand keys create` makes one."),
    403: ("not_allowed", "This needs a key with the scope `ask`; this key has not got it."),
    404: ("not_found", "There is no run `run_0`."),
    409: ("conflict", "This request waits for no answer."),
    415: ("unsupported_media_type", "Send JSON with the header Content-Type: application/json."),
    422: ("invalid_body", "/text: Give a text of at least 1 character."),
    429: ("rate_limited", "This key may send 6000 requests a minute."),
    503: ("store_unavailable", "The shop does not answer; ask again."),
}


def problem_replies(operation: Operation) -> dict[str, Any]:
    return {
        str(status): {
            "description": _meaning(status, operation),
            "headers": headers_of(operation, status),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _problem(status, operation)}},
        }
        for status in sorted(_problems(operation))
    }


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


def _meaning(status: int, operation: Operation) -> str:
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return f"{too_large(operation.most_bytes).removesuffix('.')}: `body_too_large`."
    return _MEANINGS.get(status, HTTPStatus(status).phrase)


def _problem(status: int, operation: Operation) -> dict[str, Any]:
    code, detail = ("body_too_large", too_large(operation.most_bytes)) if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else _EXAMPLES[status]
    return {
        "type": f"urn:storehand:problem:{code}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail,
        "instance": operation.path.replace("{", "").replace("}", "_0"), "code": code, "request_id": "req_73042798ac5543059a11",
    }  # fmt: skip

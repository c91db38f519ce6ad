"""HTTP in the small: request ids, security headers, JSON in and out. No rule of business is here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.types import Message, Scope
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agent.records import to_json

Model = TypeVar("Model", bound=BaseModel)
Call = Request[Any, Any, Any]

MOST_BYTES = 1_000_000
_SENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRIED = re.compile(r"[\[(]|^constrained-")
"""In a name that pydantic gives a kind of value, such as `list[constrained-str]`; in no field's name."""

POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
ON_EVERY_REPLY = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
"""As ASGI has headers."""


class BadRequest(Exception):
    """What came is not what this operation takes."""

    def __init__(
        self, status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self.status, self.code, self.detail, self.errors, self.headers = status, code, detail, errors, headers or {}
        super().__init__(detail)


def request_id(scope: Scope) -> str:
    """The caller's X-Request-Id where it is a plain one, else a new one; the same for the whole request."""
    state = scope.setdefault("state", {})
    found = state.get("request_id")
    if not isinstance(found, str):
        sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
        found = state["request_id"] = sent if _SENT_ID.fullmatch(sent) else f"req_{secrets.token_hex(10)}"
    return found


def say_with(scope: Scope, headers: Mapping[str, str]) -> None:
    """Send these headers with the reply to this request, whether it goes well or not."""
    said = scope.setdefault("state", {}).setdefault("said_with", [])
    said += [(name.encode(), value.encode()) for name, value in headers.items()]


async def add_headers(message: Message, scope: Scope) -> None:
    """Every reply says its request id and what a browser may do with it."""
    if message["type"] != "http.response.start":
        return
    # As raw pairs: looking each name up in Litestar's structure was a tenth of a proxied call's time (bench/gateway.py).
    headers = [pair for pair in message["headers"] if pair[0].lower() != b"x-request-id"]
    there = {name.lower() for name, _ in headers}
    headers += [pair for pair in ON_EVERY_REPLY if pair[0] not in there]
    said = [pair for pair in scope.get("state", {}).get("said_with", ()) if pair[0] not in there]
    message["headers"] = [*headers, *said, (b"x-request-id", request_id(scope).encode())]


async def body_of(request: Call, model: type[Model]) -> Model:
    """The request's JSON as `model`.

    Raises:
        BadRequest: Not JSON (400, 415), or not this model's (422); says where.
    """
    return checked(model, await json_of(request))


async def json_of(request: Call) -> Any:
    """
    Raises:
        BadRequest: The body is not JSON, or does not say that it is.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    raw = await request.body()
    if kind != "application/json" and not kind.endswith("+json"):
        raise BadRequest(415, "unsupported_media_type", "Send JSON with the header Content-Type: application/json.")
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadRequest(400, "not_json", "The body is not JSON.") from None


def checked(model: type[Model], value: Any, *, context: dict[str, Any] | None = None, strict: bool = False) -> Model:
    """
    Args:
        strict: Take JSON's kinds as they are: true is no number and "1" is none either. What the document says, no more.

    Raises:
        BadRequest: 422, with a JSON pointer and a sentence for each fault. What was sent is not repeated.
    """
    try:
        if strict:
            return model.model_validate_json(msgspec.json.encode(value), strict=True, context=context)
        return model.model_validate(value, context=context)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        errors = [{"pointer": _pointer(fault["loc"], value), "detail": _told(fault)} for fault in faults]
        first = errors[0]
        raise BadRequest(422, "invalid_body", f"{first['pointer'] or 'The body'}: {first['detail']}.", errors) from None


def _told(fault: ErrorDetails) -> str:
    """Pydantic's sentence, without the name of a class of ours."""
    return "Input should be a JSON object" if fault["type"] == "model_type" else fault["msg"].removeprefix("Value error, ")


def json_reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(msgspec.json.encode(to_json(value)), status_code=status, media_type="application/json", headers=headers)


def _pointer(location: tuple[int | str, ...], value: Any) -> str:
    """The place in what was sent. Pydantic adds which kind of a union it tried, and that is no place; a missing field is one, at the end."""
    steps = []
    for step in location:
        if isinstance(value, Mapping) and (step in value or (step == location[-1] and not _TRIED.search(str(step)))):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            continue
        steps.append("/" + str(step).replace("~", "~0").replace("/", "~1"))
    return "".join(steps)

"""Request ids, and the headers that every reply has, on ASGI itself: the gateway alone serves without Litestar."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litestar.types import Message, Scope

_SENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

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

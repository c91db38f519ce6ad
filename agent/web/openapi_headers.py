"""The headers that replies carry, each described once in the OpenAPI document and referred to from there on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.web.operations import VERSION_HEADER, Operation

_ALWAYS = ("X-Request-Id", VERSION_HEADER, "RateLimit", "RateLimit-Policy")
_TOLD = {
    "X-Request-Id": "Names this request in logs.",
    VERSION_HEADER: "The version that answered.",
    "RateLimit": 'What is left of the key\'s pace: `"key";r=<requests>;t=<seconds>`.',
    "RateLimit-Policy": 'The key\'s pace: `"key";q=<requests>;w=<seconds>`.',
    "Idempotent-Replayed": "`true` where this is the reply of an earlier request with the same key.",
    "Location": "Where the run is.",
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "How to say who asks.",
    "Deprecation": "Since when nobody should begin to use it (RFC 9745).",
    "Sunset": "When it will be gone (RFC 8594).",
}
_MAY_BE_MISSING = ("RateLimit", "RateLimit-Policy", "Idempotent-Replayed")
"""Where there is no key, or no limit; or the reply is a first one."""
_OF_PROBLEMS: Mapping[int, tuple[str, ...]] = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}


def components() -> dict[str, Any]:
    """For `#/components/headers`."""
    return {name: {"description": told, "required": name not in _MAY_BE_MISSING, "schema": {"type": "string"}} for name, told in _TOLD.items()}


def headers_of(operation: Operation, status: int) -> dict[str, Any]:
    """Those of one reply."""
    names = [*_ALWAYS, *_OF_PROBLEMS.get(status, ())]
    names += ["Idempotent-Replayed"] if operation.idempotent else []
    names += ["Deprecation"] if operation.deprecated is not None else []
    names += ["Sunset"] if operation.sunset is not None else []
    names += operation.replies[status].headers if status in operation.replies else ()
    told: dict[str, Any] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if status == 409:  # only while the first request with a key is under way
        told["Retry-After"] = {"description": _TOLD["Retry-After"], "schema": {"type": "string"}}
    return told

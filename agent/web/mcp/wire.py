"""Messages of the protocol, in and out, in both of its eras.

From 2026-07-28 on every request says its version and what its client can do in `params._meta`, and over HTTP once more in headers; before,
a handshake came first. Nothing is kept between two requests in either era, so any worker answers any of them.
Specification: https://modelcontextprotocol.io/specification/2026-07-28 (read 2026-11-23).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MODERN = ("2026-07-28",)
HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""Versions that begin with `initialize`, oldest first."""

VERSION_KEY, CAPABILITIES_KEY = "io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientCapabilities"
SERVER_KEY = "io.modelcontextprotocol/serverInfo"
VERSION_HEADER, METHOD_HEADER, NAME_HEADER = "mcp-protocol-version", "mcp-method", "mcp-name"
_NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}

NOT_JSON, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS, INTERNAL = -32700, -32600, -32601, -32602, -32603
HEADER_MISMATCH, UNKNOWN_VERSION = -32020, -32022
_STATUS = {NOT_JSON: 400, INVALID_REQUEST: 400, INVALID_PARAMS: 400, HEADER_MISMATCH: 400, UNKNOWN_VERSION: 400, NO_METHOD: 404}

Id = str | int
Message = dict[str, Any]


class Wrong(Exception):
    """A message that is not answered with a result."""

    def __init__(self, code: int, sentence: str, data: Mapping[str, Any] | None = None, *, id: Id | None = None) -> None:
        self.code, self.sentence, self.data, self.id = code, sentence, data, id
        super().__init__(sentence)

    @property
    def status(self) -> int:
        """Of the HTTP reply."""
        return _STATUS.get(self.code, 200)

    def message(self, id: Id | None = None) -> Message:
        error = {"code": self.code, "message": self.sentence, **({"data": dict(self.data)} if self.data is not None else {})}
        return {"jsonrpc": "2.0", "id": id if id is not None else self.id, "error": error}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, or a notification where `id` is None."""

    id: Id | None
    method: str
    params: Mapping[str, Any] = field(default_factory=dict)
    modern: bool

    @property
    def meta(self) -> Mapping[str, Any]:
        found = self.params.get("_meta")
        return found if isinstance(found, Mapping) else {}

    @property
    def progress_token(self) -> Id | None:
        """What the caller wants to be told of the progress under."""
        found = self.meta.get("progressToken")
        return found if isinstance(found, str | int) and not isinstance(found, bool) else None

    def result(self, result: Mapping[str, Any]) -> Message:
        return {"jsonrpc": "2.0", "id": self.id, "result": dict(result)}


def notification(method: str, params: Mapping[str, Any]) -> Message:
    return {"jsonrpc": "2.0", "method": method, "params": dict(params)}


def call_of(body: Any, headers: Sequence[tuple[str, str]] | None = None) -> Call:
    """
    Args:
        headers: Of the HTTP request, by lower-case name; None where there are none to agree with.

    Raises:
        Wrong: It is no request that this server reads.
    """
    if not isinstance(body, Mapping) or body.get("jsonrpc") != "2.0" or not isinstance(body.get("method"), str):
        raise Wrong(INVALID_REQUEST, "Send one JSON-RPC 2.0 request or notification as an object.")
    id, params = body.get("id"), body.get("params", {})
    if "id" in body and (isinstance(id, bool) or not isinstance(id, str | int)):
        raise Wrong(INVALID_REQUEST, "The id of a request is a text or a whole number.")
    if not isinstance(params, Mapping):
        raise Wrong(INVALID_REQUEST, "`params` is an object.", id=id)
    call = Call(id=id, method=body["method"], params=params, modern=_is_modern(params, headers))
    if call.modern and (call.id is not None or headers is not None):
        _check(call, headers)
    return call


def _is_modern(params: Mapping[str, Any], headers: Sequence[tuple[str, str]] | None) -> bool:
    meta = params.get("_meta")
    said = dict(headers).get(VERSION_HEADER) if headers is not None else None
    return (isinstance(meta, Mapping) and VERSION_KEY in meta) or (said is not None and said not in HANDSHAKE)


def _check(call: Call, headers: Sequence[tuple[str, str]] | None) -> None:
    """
    Raises:
        Wrong: Its two places disagree, or it is of a version that is not spoken here.
    """
    said = dict(headers or ())
    if call.id is None:  # of a notification only the version is looked at
        return _check_version(said.get(VERSION_HEADER), None)
    if missing := [key for key in (VERSION_KEY, CAPABILITIES_KEY) if key not in call.meta]:
        raise Wrong(INVALID_PARAMS, f"`params._meta` has no {' and no '.join(missing)}.", id=call.id)
    if headers is not None:
        _check_headers(call, headers, said)
    return _check_version(call.meta[VERSION_KEY], call.id)


def _check_headers(call: Call, headers: Sequence[tuple[str, str]], said: Mapping[str, str]) -> None:
    for header in (VERSION_HEADER, METHOD_HEADER, NAME_HEADER):
        if sum(name == header for name, _ in headers) > 1:
            raise Wrong(HEADER_MISMATCH, f"The header {header} comes more than once.", id=call.id)
    wanted = {VERSION_HEADER: call.meta[VERSION_KEY], METHOD_HEADER: call.method}
    for header, value in wanted.items():
        if said.get(header) != value:
            raise Wrong(HEADER_MISMATCH, f"The header {header} does not say what the body says.", id=call.id)
    by = _NAMED_BY.get(call.method)
    if by is not None and call.params.get(by) is not None and _decoded(said.get(NAME_HEADER)) != call.params[by]:
        raise Wrong(HEADER_MISMATCH, f"The header {NAME_HEADER} does not say the `{by}` of the body.", id=call.id)


def _check_version(version: Any, id: Id | None) -> None:
    if not isinstance(version, str):
        raise Wrong(INVALID_PARAMS, "The version of the protocol is a text.", id=id)
    if version not in MODERN:
        data = {"supported": list(MODERN), "requested": version}
        raise Wrong(UNKNOWN_VERSION, "This version of the protocol is not spoken here.", data, id=id)


def _decoded(value: str | None) -> str | None:
    """A header's value; what ASCII cannot say comes as `=?base64?…?=`, and what is none of that is nothing."""
    if value is None or not (value.startswith("=?base64?") and value.endswith("?=")):
        return value
    try:
        return base64.b64decode(value[9:-2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None

"""Messages of the protocol's JSON-RPC binding, in and out, in both of its versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

VERSIONS = ("1.0", "0.3")
VERSION_HEADER = "a2a-version"

NOT_JSON, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS, INTERNAL = -32700, -32600, -32601, -32602, -32603
NO_TASK, NOT_CANCELABLE, NO_PUSH, UNSUPPORTED, WRONG_CONTENT, UNKNOWN_VERSION = -32001, -32002, -32003, -32004, -32005, -32009
_REASONS = {
    NOT_JSON: "INVALID_REQUEST", INVALID_REQUEST: "INVALID_REQUEST", NO_METHOD: "METHOD_NOT_FOUND", INVALID_PARAMS: "INVALID_PARAMS",
    INTERNAL: "INTERNAL_ERROR", NO_TASK: "TASK_NOT_FOUND", NOT_CANCELABLE: "TASK_NOT_CANCELABLE", NO_PUSH: "PUSH_NOTIFICATION_NOT_SUPPORTED",
    UNSUPPORTED: "UNSUPPORTED_OPERATION", WRONG_CONTENT: "CONTENT_TYPE_NOT_SUPPORTED", UNKNOWN_VERSION: "VERSION_NOT_SUPPORTED",
}  # fmt: skip

Does = Literal["send", "get", "cancel"]
_METHODS: Mapping[str, tuple[Does, bool]] = {
    "SendMessage": ("send", True), "GetTask": ("get", True), "CancelTask": ("cancel", True),
    "message/send": ("send", False), "tasks/get": ("get", False), "tasks/cancel": ("cancel", False),
}  # fmt: skip
"""To what is done, and whether the name is of 1.0."""
_STREAMS = ("SendStreamingMessage", "SubscribeToTask", "message/stream", "tasks/resubscribe")
_OTHERS = ("ListTasks", "tasks/list", "GetExtendedAgentCard", "agent/getAuthenticatedExtendedCard", "agent/authenticatedExtendedCard")

Id = str | int | None
Message = dict[str, Any]


class Wrong(Exception):
    """A message that is not answered with a result."""

    def __init__(self, code: int, sentence: str, *, facts: Mapping[str, str] | None = None, id: Id = None) -> None:
        self.code, self.sentence, self.facts, self.id = code, sentence, dict(facts or {}), id
        super().__init__(sentence)

    def message(self, id: Id = None) -> Message:
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": _REASONS[self.code], "domain": "a2a-protocol.org"}
        error = {"code": self.code, "message": self.sentence, "data": [{**info, "metadata": self.facts}]}
        return {"jsonrpc": "2.0", "id": id if id is not None else self.id, "error": error}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request for something that is done here."""

    id: Id
    does: Does
    params: Mapping[str, Any]
    modern: bool
    """Asked in the words of 1.0, and answered in them; else of 0.3."""

    def result(self, result: Mapping[str, Any]) -> Message:
        return {"jsonrpc": "2.0", "id": self.id, "result": dict(result)}


def call_of(body: Any, version: str | None) -> Call:
    """
    Args:
        version: What the header says of the protocol's version; None where there is no such header.

    Raises:
        Wrong: It is no request that this server reads.
    """
    if not isinstance(body, Mapping) or body.get("jsonrpc") != "2.0" or not isinstance(body.get("method"), str):
        raise Wrong(INVALID_REQUEST, "Send one JSON-RPC 2.0 request as an object, with `jsonrpc`, `id`, `method` and `params`.")
    id, params = body.get("id"), body.get("params", {})
    if isinstance(id, bool) or not isinstance(id, str | int):
        raise Wrong(INVALID_REQUEST, "The `id` of a request is a text or a whole number; one without an id is not read.")
    if not isinstance(params, Mapping):
        raise Wrong(INVALID_PARAMS, "`params` is an object.", id=id)
    if version and ".".join(version.split(".")[:2]) not in VERSIONS:
        raise Wrong(UNKNOWN_VERSION, f"This version of A2A is not spoken here; send {' or '.join(VERSIONS)}.", id=id)
    does, modern = _known(body["method"], id)
    return Call(id=id, does=does, params=params, modern=modern)


def _known(method: str, id: Id) -> tuple[Does, bool]:
    """
    Raises:
        Wrong: Nothing of that name is done here.
    """
    if method in _METHODS:
        return _METHODS[method]
    if method in _STREAMS:
        raise Wrong(UNSUPPORTED, "Nothing is streamed here; use SendMessage, then GetTask until the task is done.", id=id)
    if "PushNotification" in method or "pushNotification" in method:
        raise Wrong(NO_PUSH, "There are no push notifications here; ask with GetTask, or set up a webhook in Storehand.", id=id)
    if method in _OTHERS:
        raise Wrong(UNSUPPORTED, "This is not offered here; the methods are SendMessage, GetTask and CancelTask.", id=id)
    raise Wrong(NO_METHOD, f"There is no method `{method[:100]}` here; there are SendMessage, GetTask and CancelTask.", id=id)

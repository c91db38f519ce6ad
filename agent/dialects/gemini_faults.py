"""What Gemini's errors say, and errors as Gemini writes them (ai.google.dev/gemini-api/docs/troubleshooting, read 2026-11-22)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.dialects.base import BadCall, Json, count_of, object_in, objects_in, text_of
from agent.dialects.faults import Fault, error_of
from agent.dialects.waits import delay_s
from agent.errors import ContentFiltered, ProviderError, StorehandError

_UNKNOWN_NAME = re.compile(r"[Uu]nknown name \"(\w+)\"")
_NOT_THERE = {"json mode is not enabled": "responseSchema", "thinking is not supported": "thinkingConfig", "function calling is not enabled": "tools"}


def error_in(body: Json) -> ProviderError | None:
    if body.get("error"):
        return error_of(fault_of(body, count_of(object_in(body["error"]).get("code")) or 0))
    reason = text_of(object_in(body.get("promptFeedback")).get("blockReason"))
    if reason and not body.get("candidates"):
        return ContentFiltered("the provider's content filter stopped the request")
    return None


def fault_of(body: Json, status: int, wait: float | None = None) -> Fault:
    """
    Args:
        wait: What a header says; the body's own delay comes first.
    """
    error = object_in(body.get("error"))
    details = objects_in(error.get("details"))
    wait = next((delay_s(d.get("retryDelay")) for d in details if text_of(d.get("@type")).endswith("RetryInfo")), wait)
    reason = next((text_of(d.get("reason")) for d in details if text_of(d.get("@type")).endswith("ErrorInfo")), "")
    name = text_of(error.get("status"))
    if name == "FAILED_PRECONDITION":  # a region or an account that may not; nothing that the caller wrote
        status = 403
    return Fault(
        status=status,
        code=reason if reason == "API_KEY_INVALID" else "",
        type=name,
        message=text_of(error.get("message")),
        parameter=_parameter_in(text_of(error.get("message"))),
        retry_after_s=wait,
        quota_is_gone=_is_gone(details),
    )


def _is_gone(details: Sequence[Json]) -> bool:
    """A quota of nothing, or of the day: no short wait lifts it."""
    violations = [v for d in details if text_of(d.get("@type")).endswith("QuotaFailure") for v in objects_in(d.get("violations"))]
    return any(str(v.get("quotaValue")) == "0" or "PerDay" in text_of(v.get("quotaId")) for v in violations)


def _parameter_in(message: str) -> str:
    """Gemini has one status for every 400 and names no parameter but in its words; "" when it does not."""
    if match := _UNKNOWN_NAME.search(message):
        return match[1]
    return next((name for words, name in _NOT_THERE.items() if words in message.lower()), "")


def gemini_error_body(error: StorehandError) -> tuple[int, Json]:
    names = {
        400: "INVALID_ARGUMENT",
        401: "UNAUTHENTICATED",
        402: "RESOURCE_EXHAUSTED",
        403: "PERMISSION_DENIED",
        404: "NOT_FOUND",
        413: "INVALID_ARGUMENT",
        429: "RESOURCE_EXHAUSTED",
        503: "UNAVAILABLE",
        504: "DEADLINE_EXCEEDED",
    }
    status = 429 if error.status == 402 else error.status
    said = getattr(error, "said", "") if error.status == 400 and not isinstance(error, BadCall) else ""
    details: list[Json] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": error.code.upper(), "domain": "storehand"}]
    if (wait := getattr(error, "retry_after_s", None)) is not None:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{wait:.0f}s"})
    return status, {"error": {"code": status, "message": said or str(error), "status": names.get(error.status, "INTERNAL"), "details": details}}

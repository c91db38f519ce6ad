"""The vendors' bytes, written down by hand from their documentation (read 2026-11-22) and not with our dialects: what the fake provider sends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["rate", "quota", "overloaded", "broken", "key", "billing", "forbidden", "gone", "long", "filter", "wrong", "unsupported"]
Vendor = Literal["openai", "openai_responses", "anthropic", "gemini"]

INPUT, OUTPUT = 25, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def vendor_of(path: str) -> Vendor:
    if "enerateContent" in path:
        return "gemini"
    if path.endswith("/messages"):
        return "anthropic"
    return "openai_responses" if path.endswith("/responses") else "openai"


def answer(vendor: Vendor, model: str, text: str | None, *, finish: bool = True, filtered: bool = False) -> dict[str, Any]:
    """A whole answer. `finish=False` leaves out why it ended; `filtered` says that a filter ended it."""
    match vendor:
        case "openai":
            return _chat(model, text, finish, filtered)
        case "openai_responses":
            return _response(model, text, finish, filtered)
        case "anthropic":
            return _message(model, text, finish, filtered)
        case "gemini":
            return _candidates(model, text, finish, filtered)


def _chat(model: str, text: str | None, finish: bool, filtered: bool) -> dict[str, Any]:
    reason = ("content_filter" if filtered else "stop") if finish else None
    choice = {"index": 0, "message": {"role": "assistant", "content": text, "refusal": None}, "logprobs": None, "finish_reason": reason}
    details = {"prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 0}}
    usage = {"prompt_tokens": INPUT, "completion_tokens": OUTPUT, "total_tokens": INPUT + OUTPUT} | details
    return {"id": "chatcmpl-fake", "object": "chat.completion", "created": 1760000000, "model": model, "choices": [choice], "usage": usage}


def _response(model: str, text: str | None, finish: bool, filtered: bool) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
    output = [{"type": "message", "id": "msg_fake", "status": "completed", "role": "assistant", "content": [part] if text is not None else []}]
    status = ("incomplete" if filtered else "completed") if finish else "in_progress"
    usage = {
        "input_tokens": INPUT, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": OUTPUT,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": INPUT + OUTPUT,
    }  # fmt: skip
    return {
        "id": "resp_fake", "object": "response", "created_at": 1760000000, "status": status, "model": model, "error": None,
        "incomplete_details": {"reason": "content_filter"} if filtered else None, "output": output, "usage": usage,
        "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
    }  # fmt: skip


def _message(model: str, text: str | None, finish: bool, filtered: bool) -> dict[str, Any]:
    reason = ("refusal" if filtered else "end_turn") if finish else None
    content = [{"type": "text", "text": text}] if text is not None else []
    usage = {"input_tokens": INPUT, "output_tokens": OUTPUT, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    head = {"id": "msg_fake", "type": "message", "role": "assistant", "model": model}
    return head | {"content": content, "stop_reason": reason, "stop_sequence": None, "usage": usage}


def _candidates(model: str, text: str | None, finish: bool, filtered: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}] if text is not None else [], "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = "SAFETY" if filtered else "STOP"
    usage = {"promptTokenCount": INPUT, "candidatesTokenCount": OUTPUT, "totalTokenCount": INPUT + OUTPUT}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": model, "responseId": "fake"}


def head(vendor: Vendor, model: str) -> list[bytes]:
    """What a stream sends before any content."""
    match vendor:
        case "openai":
            return [_data(_chunk(model, {"role": "assistant", "content": ""}))]
        case "openai_responses":
            begun = _response(model, None, False, False) | {"output": [], "usage": None}
            item = {"type": "message", "id": "msg_fake", "status": "in_progress", "role": "assistant", "content": []}
            part: dict[str, Any] = {"type": "output_text", "text": "", "annotations": []}
            return [
                _typed({"type": "response.created", "response": begun, "sequence_number": 0}),
                _typed({"type": "response.output_item.added", "output_index": 0, "item": item, "sequence_number": 1}),
                _typed({
                    "type": "response.content_part.added", "item_id": "msg_fake", "output_index": 0, "content_index": 0, "part": part,
                    "sequence_number": 2,
                }),
            ]  # fmt: skip
        case "anthropic":
            message = _message(model, None, False, False)
            message["usage"]["output_tokens"] = 1
            return [
                _typed({"type": "message_start", "message": message}),
                _typed({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
                _typed({"type": "ping"}),
            ]
        case "gemini":
            return []


def piece(vendor: Vendor, model: str, word: str) -> bytes:
    match vendor:
        case "openai":
            return _data(_chunk(model, {"content": word}))
        case "openai_responses":
            delta = {"type": "response.output_text.delta", "item_id": "msg_fake", "output_index": 0, "content_index": 0, "delta": word}
            return _typed(delta | {"sequence_number": 3, "logprobs": []})
        case "anthropic":
            return _typed({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}})
        case "gemini":
            return _data({"candidates": [{"content": {"parts": [{"text": word}], "role": "model"}, "index": 0}], "modelVersion": model})


def tail(vendor: Vendor, model: str, text: str, *, usage: bool, done: bool = True) -> list[bytes]:
    """What ends a good stream."""
    match vendor:
        case "openai":
            last = _chunk(model, {}) | {"choices": [], "usage": _chat(model, "", True, False)["usage"]}
            finish = _chunk(model, {})
            finish["choices"][0]["finish_reason"] = "stop"
            return [_data(finish), *([_data(last)] if usage else []), *([b"data: [DONE]\n\n"] if done else [])]
        case "openai_responses":
            return [_typed({"type": "response.completed", "response": _response(model, text, True, False), "sequence_number": 9})]
        case "anthropic":
            return [
                _typed({"type": "content_block_stop", "index": 0}),
                _typed({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": OUTPUT}}),
                *([_typed({"type": "message_stop"})] if done else []),
            ]
        case "gemini":
            return [_data(_candidates(model, "", True, False))]


def failure_in_stream(vendor: Vendor) -> bytes:
    match vendor:
        case "openai":
            return _data({"error": {"message": "The server had an error", "type": "server_error", "code": None}})
        case "openai_responses":
            failed = _response("m", None, False, False) | {
                "status": "failed",
                "error": {"code": "server_error", "message": "The server had an error"},
            }
            return _typed({"type": "response.failed", "response": failed, "sequence_number": 8})
        case "anthropic":
            return _typed({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
        case "gemini":
            return _data({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}})


_OPENAI: dict[Kind, tuple[int, str, str | None]] = {
    "rate": (429, "rate_limit_error", "rate_limit_exceeded"),
    "quota": (429, "insufficient_quota", "insufficient_quota"),
    "overloaded": (503, "server_error", None),
    "broken": (500, "server_error", None),
    "key": (401, "invalid_request_error", "invalid_api_key"),
    "billing": (402, "insufficient_quota", "credit_balance_exhausted"),
    "forbidden": (403, "permission_error", "unsupported_country_region_territory"),
    "gone": (404, "invalid_request_error", "model_not_found"),
    "long": (400, "invalid_request_error", "context_length_exceeded"),
    "filter": (400, "invalid_request_error", "content_filter"),
    "wrong": (400, "invalid_request_error", "invalid_value"),
    "unsupported": (400, "invalid_request_error", "unsupported_parameter"),
}
_ANTHROPIC: dict[Kind, tuple[int, str, str]] = {
    "rate": (429, "rate_limit_error", "This request would exceed your rate limit."),
    "quota": (400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "broken": (500, "api_error", "Internal server error"),
    "key": (401, "authentication_error", "invalid x-api-key"),
    "billing": (402, "billing_error", "There is an issue with your billing."),
    "forbidden": (403, "permission_error", "Your API key does not have permission to use the specified resource."),
    "gone": (404, "not_found_error", "model: claude-old"),
    "long": (400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "filter": (400, "invalid_request_error", "Output blocked by content filtering policy"),
    "wrong": (400, "invalid_request_error", "max_tokens: Input should be greater than 0"),
    "unsupported": (400, "invalid_request_error", "output_config: Extra inputs are not permitted"),
}
_GEMINI: dict[Kind, tuple[int, str, str]] = {
    "rate": (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    "quota": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota. limit: 0"),
    "overloaded": (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "broken": (500, "INTERNAL", "An internal error has occurred."),
    "key": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    "billing": (402, "FAILED_PRECONDITION", "Billing is disabled."),
    "forbidden": (403, "PERMISSION_DENIED", "The caller does not have permission"),
    "gone": (404, "NOT_FOUND", "models/gemini-old is not found for API version v1beta"),
    "long": (400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
    "filter": (400, "PROHIBITED_CONTENT", "The prompt is blocked."),
    "wrong": (400, "INVALID_ARGUMENT", "Invalid value at 'generation_config.temperature'"),
    "unsupported": (
        400,
        "INVALID_ARGUMENT",
        "Invalid JSON payload received. Unknown name \"responseJsonSchema\" at 'generation_config': Cannot find field.",
    ),
}


def refusal(vendor: Vendor, kind: Kind, *, wait_s: float | None = None) -> Refused:
    """An error as the vendor writes it; `wait_s` is said where that vendor says it."""
    headers: list[tuple[str, str]] = []
    if wait_s is not None and vendor != "gemini":
        headers.append(("retry-after", f"{wait_s:g}"))
    match vendor:
        case "openai" | "openai_responses":
            status, type, code = _OPENAI[kind]
            parameter = "response_format" if kind == "unsupported" else None
            body: dict[str, Any] = {"error": {"message": f"This is {kind}.", "type": type, "param": parameter, "code": code}}
        case "anthropic":
            status, type, message = _ANTHROPIC[kind]
            body = {"type": "error", "error": {"type": type, "message": message}, "request_id": "req_fake"}
        case "gemini":
            status, type, message = _GEMINI[kind]
            body = {"error": {"code": status, "message": message, "status": type, "details": _details(kind, wait_s)}}
    return Refused(status=status, body=json.dumps(body).encode(), headers=tuple(headers))


def _details(kind: Kind, wait_s: float | None) -> Sequence[dict[str, Any]]:
    details: list[dict[str, Any]] = []
    if wait_s is not None:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{wait_s:g}s"})
    if kind == "quota":
        violation = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "0"}
        details.append({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]})
    if kind == "key":
        details.append({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"})
    return details


def _chunk(model: str, delta: dict[str, Any]) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": None}
    return {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1760000000, "model": model, "choices": [choice]}


def _data(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def _typed(body: dict[str, Any]) -> bytes:
    return f"event: {body['type']}\n".encode() + _data(body)

"""Anthropic messages (platform.claude.com/docs/en/api/messages, read 2026-11-22)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.dialects.anthropic_calls import read_call
from agent.dialects.anthropic_stream import MessageReader, MessageWriter
from agent.dialects.base import (
    Answer,
    BadCall,
    Call,
    Json,
    Quirks,
    StreamReader,
    StreamWriter,
    arguments_of,
    count_of,
    dump,
    object_in,
    object_of,
    objects_in,
    text_of,
)
from agent.dialects.faults import Fault, error_of
from agent.dialects.messages import (
    Finish,
    Image,
    Message,
    NamedTool,
    Part,
    Reasoning,
    Request,
    Response,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from agent.dialects.turns import OneAfterTheOther
from agent.dialects.waits import retry_after_s
from agent.errors import BadOutput, ProviderError, StorehandError

FINISH: Mapping[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_REASONS: Mapping[Finish, str] = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
VERSION = "2023-06-01"


class Anthropic:
    """Stateless; one is as good as another."""

    name = "anthropic"

    def path(self, model: str, *, stream: bool) -> str:
        return "/v1/messages"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})

    def write_request(self, request: Request, *, model: str, stream: bool, quirks: Quirks) -> Json:
        body = {"model": model, "max_tokens": request.max_output} | turns_of(request.messages) | options_of(request)
        return body | {"stream": True} if stream else body

    def read_answer(self, body: Json) -> Answer:
        if failure := error_in(body):
            raise failure
        if not isinstance(body.get("content"), list):
            raise BadOutput("the reply holds no content")
        blocks = objects_in(body["content"])
        reason = text_of(body.get("stop_reason"))
        usage = usage_of(body.get("usage"))
        response = Response(
            text="".join(text_of(block.get("text")) for block in blocks if block.get("type") == "text"),
            usage=usage or Usage(),
            provider="",
            model=text_of(body.get("model")),
            finish=FINISH.get(reason, "stop"),
            tool_calls=tuple(call_of(block) for block in blocks if block.get("type") == "tool_use"),
            reasoning=tuple(thought_of(block) for block in blocks if block.get("type") in ("thinking", "redacted_thinking")),
            id=text_of(body.get("id")),
        )
        return Answer(response=response, usage=usage, finished=bool(reason))

    def reader(self) -> StreamReader:
        return MessageReader(usage_of, FINISH)

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        try:
            found = object_of(body)
        except BadOutput:
            return error_of(Fault(status=status, retry_after_s=retry_after_s(headers), worded=False))
        return error_of(fault_of(found, status, retry_after_s(headers)))

    def read_call(self, body: bytes, *, model: str = "", stream: bool = False) -> Call:
        return read_call(body)

    def write_call(self, call: Call) -> Json:
        body = {"model": call.model, "max_tokens": call.request.max_output} | turns_of(call.request.messages) | options_of(call.request)
        return body | {"stream": True} if call.stream else body

    def write_answer(self, response: Response, call: Call, *, created: int) -> Json:
        content = [block_of(thought) for thought in response.reasoning]
        if response.text or response.refusal:
            content.append({"type": "text", "text": response.text or response.refusal})
        content += [block_of(call) for call in response.tool_calls]
        return {
            "id": response.id or f"msg_{created}",
            "type": "message",
            "role": "assistant",
            "model": response.model,
            "content": content,
            "stop_reason": _REASONS[response.finish],
            "stop_sequence": None,
            "usage": usage_to(response.usage),
        }

    def writer(self, call: Call, *, id: str, created: int) -> StreamWriter:
        return OneAfterTheOther(MessageWriter(call, id=id, usage_to=usage_to, reasons=_REASONS))

    def write_error(self, error: StorehandError) -> tuple[int, Json]:
        return anthropic_error_body(error)


def turns_of(messages: Sequence[Message]) -> Json:
    """`system` and `messages`; what the system says in the middle of a conversation is said at its beginning here."""
    system = "\n\n".join(message.text for message in messages if message.role == "system")
    turns = [
        {"role": "assistant" if message.role == "assistant" else "user", "content": [block_of(part) for part in message.parts] or message.text}
        for message in messages
        if message.role != "system"
    ]
    return ({"system": system} if system else {}) | {"messages": turns}


def block_of(part: Part) -> Json:
    match part:
        case Text(text=text):
            return {"type": "text", "text": text}
        case Image(url=str(url)):
            return {"type": "image", "source": {"type": "url", "url": url}}
        case Image():
            return {"type": "image", "source": {"type": "base64", "media_type": part.media_type, "data": part.data}}
        case ToolCall():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": arguments_of(part.arguments)}
        case ToolResult():
            block: Json = {"type": "tool_result", "tool_use_id": part.call_id, "content": part.text}
            return block | {"is_error": True} if part.failed else block
        case Reasoning(hidden=str(hidden)):
            return {"type": "redacted_thinking", "data": hidden}
        case Reasoning():
            return {"type": "thinking", "thinking": part.text, "signature": part.signature or ""}


def options_of(request: Request) -> Json:
    body: Json = dict(request.extra) if request.extra_dialect == "anthropic" else {}
    plain = {"temperature": None if request.temperature is None else min(request.temperature, 1.0), "top_p": request.top_p}
    body |= {name: value for name, value in plain.items() if value is not None}
    if request.stop:
        body["stop_sequences"] = list(request.stop)
    output: Json = {}
    if request.effort not in (None, "none"):
        output["effort"] = {"minimal": "low", "xhigh": "max"}.get(str(request.effort), request.effort)
    if request.schema is not None:
        output["format"] = {"type": "json_schema", "schema": dict(request.schema)}
    if output:
        body["output_config"] = output
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        body |= _choice(request)
    return body


def _tool(tool: Tool) -> Json:
    written: Json = {"name": tool.name, "input_schema": dict(tool.parameters)}
    if tool.description:
        written["description"] = tool.description
    return written | {"strict": tool.strict} if tool.strict is not None else written


def _choice(request: Request) -> Json:
    choice: Json = {"type": request.tool_choice}
    if isinstance(request.tool_choice, NamedTool):
        choice = {"type": "tool", "name": request.tool_choice.name}
    if request.parallel_tools is not None:
        choice["disable_parallel_tool_use"] = not request.parallel_tools
    return {} if choice == {"type": "auto"} else {"tool_choice": choice}


def call_of(block: Json) -> ToolCall:
    return ToolCall(id=text_of(block.get("id")), name=text_of(block.get("name")), arguments=dump(object_in(block.get("input"))))


def thought_of(block: Json) -> Reasoning:
    if block.get("type") == "redacted_thinking":
        return Reasoning(hidden=text_of(block.get("data")))
    return Reasoning(text=text_of(block.get("thinking")), signature=text_of(block.get("signature")) or None)


def usage_of(value: Any) -> Usage | None:
    """Anthropic's `input_tokens` leaves cached tokens out, so they are added up."""
    usage = object_in(value)
    plain, output = count_of(usage.get("input_tokens")), count_of(usage.get("output_tokens"))
    if plain is None or output is None:
        return None
    cached = count_of(usage.get("cache_read_input_tokens")) or 0
    written = count_of(usage.get("cache_creation_input_tokens")) or 0
    hour = count_of(object_in(usage.get("cache_creation")).get("ephemeral_1h_input_tokens")) or 0
    thought = count_of(object_in(usage.get("output_tokens_details")).get("thinking_tokens")) or 0
    if not (plain or cached or written or output):
        return None
    return Usage(
        input=plain + cached + written,
        output=output,
        cached=cached,
        cache_written=written,
        cache_written_1h=min(hour, written),
        reasoning=min(thought, output),
    )


def usage_to(usage: Usage) -> Json:
    written = {
        "input_tokens": usage.input - usage.cached - usage.cache_written,
        "output_tokens": usage.output,
        "cache_creation_input_tokens": usage.cache_written,
        "cache_read_input_tokens": usage.cached,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_written - usage.cache_written_1h,
            "ephemeral_1h_input_tokens": usage.cache_written_1h,
        },
    }
    return written | {"output_tokens_details": {"thinking_tokens": usage.reasoning}} if usage.reasoning else written


def error_in(body: Json) -> ProviderError | None:
    return error_of(fault_of(body, 0, None)) if body.get("type") == "error" or body.get("error") else None


def fault_of(body: Json, status: int, wait: float | None) -> Fault:
    error = object_in(body.get("error"))
    code = text_of(object_in(error.get("details")).get("error_code"))
    return Fault(
        status=status,
        code=code,
        type=text_of(error.get("type")),
        message=text_of(error.get("message")),
        parameter=_named_in(text_of(error.get("message"))),
        retry_after_s=wait,
        # Anthropic's own limit of spending has no Retry-After and does not lift before next month.
        quota_is_gone=code == "enforced_spend_limit_reached",
    )


def _named_in(message: str) -> str:
    """The parameter that a message begins with: "output_config.format: Extra inputs are not permitted"."""
    match = re.match(r"([a-z_]+)(?:\.[\w.]+)?: ", message)
    return match[1] if match else ""


def anthropic_error_body(error: StorehandError) -> tuple[int, Json]:
    kinds = {
        400: "invalid_request_error",
        401: "authentication_error",
        402: "billing_error",
        403: "permission_error",
        404: "not_found_error",
        413: "request_too_large",
        429: "rate_limit_error",
        503: "overloaded_error",
        504: "timeout_error",
    }
    said = getattr(error, "said", "") if error.status == 400 and not isinstance(error, BadCall) else ""
    status = 529 if error.status == 503 else error.status
    inner: Json = {"type": kinds.get(error.status, "api_error"), "message": said or str(error)}
    if error.status in (402, 429):
        inner["details"] = {"error_code": error.code}
    return status, {"type": "error", "error": inner}

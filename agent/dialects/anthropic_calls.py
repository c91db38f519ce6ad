"""Messages requests as callers of the proxy write them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from agent.dialects.base import BadCall, Call, Json, dump, object_in, objects_in, text_of
from agent.dialects.messages import Effort, Image, Message, NamedTool, Part, Reasoning, Request, Text, Tool, ToolCall, ToolChoice, ToolResult
from agent.dialects.openai_calls import Limit, Share, decoded


class _Turn(msgspec.Struct):
    role: Literal["user", "assistant"]
    content: str | list[dict[str, Any]]


class _Tool(msgspec.Struct):
    name: str
    input_schema: dict[str, Any]
    description: str = ""
    strict: bool | None = None
    type: Literal["custom"] | None = None


class _Output(msgspec.Struct):
    effort: str | None = None
    format: dict[str, Any] | None = None


class _Messages(msgspec.Struct, forbid_unknown_fields=True):
    model: str
    max_tokens: Limit
    messages: Annotated[list[_Turn], msgspec.Meta(min_length=1)]
    system: str | list[dict[str, Any]] | None = None
    stream: bool | None = None
    temperature: Share | None = None
    top_p: Share | None = None
    stop_sequences: list[str] | None = None
    tools: list[_Tool] | None = None
    tool_choice: dict[str, Any] | None = None
    output_config: _Output | None = None
    # Passed on, to targets of this dialect alone.
    top_k: int | None = None
    thinking: dict[str, Any] | None = None
    # Kept: it names people of the caller.
    metadata: dict[str, Any] | None = None
    service_tier: str | None = None


PASSED = ("top_k", "thinking")
_DECODER = msgspec.json.Decoder(_Messages)
_EFFORTS: dict[str, Effort] = {"low": "low", "medium": "medium", "high": "high", "max": "xhigh", "xhigh": "xhigh"}


def read_call(body: bytes) -> Call:
    wanted = decoded(_DECODER, body)
    extra = {name: value for name in PASSED if (value := getattr(wanted, name)) is not None}
    output = wanted.output_config or _Output()
    choice, parallel = _choice(wanted.tool_choice)
    request = Request(
        messages=(*_system(wanted.system), *(message for turn in wanted.messages for message in _read(turn))),
        schema=_schema(output.format),
        max_output=wanted.max_tokens,
        temperature=wanted.temperature,
        top_p=wanted.top_p,
        stop=tuple(wanted.stop_sequences or ()),
        tools=tuple(Tool(name=t.name, description=t.description, parameters=t.input_schema, strict=t.strict) for t in wanted.tools or ()),
        tool_choice=choice,
        parallel_tools=parallel,
        effort=_effort(output.effort),
        extra=extra,
        extra_dialect="anthropic" if extra else "",
    )
    return Call(model=wanted.model, request=request, stream=bool(wanted.stream))


def _effort(value: str | None) -> Effort | None:
    if value is None:
        return None
    if value not in _EFFORTS:
        raise BadCall(f"output_config.effort: {value!r:.40} is none of low, medium, high, max", parameter="output_config")
    return _EFFORTS[value]


def _schema(format: Json | None) -> Json | None:
    if format is None:
        return None
    if format.get("type") != "json_schema" or not isinstance(format.get("schema"), dict):
        raise BadCall("output_config.format: a json_schema with a schema is expected", parameter="output_config")
    schema: Json = format["schema"]
    return schema


def _system(system: str | list[Json] | None) -> list[Message]:
    text = system if isinstance(system, str) else "".join(text_of(block.get("text")) for block in system or ())
    return [Message("system", text)] if text else []


def _read(turn: _Turn) -> list[Message]:
    """One turn; the results of tools that a user's turn brings have a message of their own."""
    parts = [Text(turn.content)] if isinstance(turn.content, str) else [_part(block, turn.role) for block in turn.content]
    results = [part for part in parts if isinstance(part, ToolResult)]
    rest: list[Part] = [part for part in parts if not isinstance(part, ToolResult)]
    said = [Message(turn.role, rest)] if rest or not results else []
    return ([Message("tool", results)] if results else []) + said


def _part(block: Json, role: str) -> Part:
    match block.get("type"):
        case "text":
            return Text(text_of(block.get("text")))
        case "image" if role == "user":
            return _image(object_in(block.get("source")))
        case "tool_use" if role == "assistant":
            return ToolCall(id=text_of(block.get("id")), name=text_of(block.get("name")), arguments=dump(object_in(block.get("input"))))
        case "tool_result" if role == "user":
            return _result(block)
        case "thinking" if role == "assistant":
            return Reasoning(text=text_of(block.get("thinking")), signature=text_of(block.get("signature")) or None)
        case "redacted_thinking" if role == "assistant":
            return Reasoning(hidden=text_of(block.get("data")))
        case other:
            raise BadCall(f"messages: a block of type {other!r:.40} is not supported in a turn of the {role}", parameter="messages")


def _image(source: Json) -> Image:
    if source.get("type") == "base64":
        return Image(media_type=text_of(source.get("media_type")), data=text_of(source.get("data")))
    url = text_of(source.get("url"))
    if source.get("type") != "url" or not url.startswith(("https://", "http://")):
        raise BadCall("messages: an image has a base64 or a url source", parameter="messages")
    return Image(url=url)


def _result(block: Json) -> ToolResult:
    content = block.get("content")
    text = content if isinstance(content, str) else "".join(text_of(part.get("text")) for part in objects_in(content))
    if not text_of(block.get("tool_use_id")):
        raise BadCall("messages: a tool_result needs a tool_use_id", parameter="messages")
    return ToolResult(call_id=block["tool_use_id"], text=text, failed=bool(block.get("is_error")))


def _choice(choice: Json | None) -> tuple[ToolChoice, bool | None]:
    wanted = choice or {"type": "auto"}
    off = wanted.get("disable_parallel_tool_use")
    parallel = None if off is None else not off
    match wanted.get("type"):
        case "auto" | "any" | "none" as plain:
            return plain, parallel
        case "tool" if text_of(wanted.get("name")):
            return NamedTool(wanted["name"]), parallel
        case other:
            raise BadCall(f"tool_choice: {other!r:.40} is none of auto, any, tool, none", parameter="tool_choice")

"""Responses requests as callers of the proxy write them. What needs a memory at the provider is refused: nothing is stored."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from agent.dialects.base import BadCall, Call, Json, object_in, objects_in, text_of
from agent.dialects.messages import Effort, Message, Part, Reasoning, Request, Text, Tool, ToolCall, ToolResult
from agent.dialects.openai_calls import DEFAULT_CAP, Limit, Share, Temperature, choice_of, decoded, image_of


class _Reasoning(msgspec.Struct):
    effort: Effort | None = None
    summary: str | None = None


class _Text(msgspec.Struct):
    format: dict[str, Any] | None = None
    verbosity: str | None = None


class _Responses(msgspec.Struct, forbid_unknown_fields=True):
    model: str
    input: str | Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1)]
    instructions: str | None = None
    stream: bool | None = None
    max_output_tokens: Limit | None = None
    temperature: Temperature | None = None
    top_p: Share | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    text: _Text | None = None
    reasoning: _Reasoning | None = None
    # Known, and of no effect here.
    include: list[str] | None = None
    truncation: Literal["disabled"] | None = None
    background: Literal[False] | None = None
    store: bool | None = None
    stream_options: dict[str, Any] | None = None
    prompt_cache_key: str | None = None
    """Names the conversation, for our own choice of a target; it is not passed on."""
    # Kept: they name people or files of the caller at a vendor that the caller has no account with.
    user: str | None = None
    safety_identifier: str | None = None
    metadata: dict[str, Any] | None = None
    service_tier: str | None = None


_DECODER = msgspec.json.Decoder(_Responses)


def read_call(body: bytes) -> Call:
    wanted = decoded(_DECODER, body)
    text, thinking = wanted.text or _Text(), wanted.reasoning or _Reasoning()
    extra = {"text": {"verbosity": text.verbosity}} if text.verbosity and text.format is None else {}
    schema, name, any_object = _format(text.format)
    system = [Message("system", wanted.instructions)] if wanted.instructions else []
    said = [Message("user", wanted.input)] if isinstance(wanted.input, str) else turns([_item(item) for item in wanted.input])
    request = Request(
        messages=(*system, *said),
        schema=schema,
        schema_name=name,
        json_object=any_object,
        max_output=wanted.max_output_tokens or DEFAULT_CAP,
        temperature=wanted.temperature,
        top_p=wanted.top_p,
        tools=tuple(_tool(tool) for tool in wanted.tools or ()),
        tool_choice=choice_of(wanted.tool_choice),
        parallel_tools=wanted.parallel_tool_calls,
        effort=thinking.effort,
        extra=extra,
        extra_dialect="openai_responses" if extra else "",
        session=wanted.prompt_cache_key or "",
    )
    return Call(model=wanted.model, request=request, stream=bool(wanted.stream), unlimited=wanted.max_output_tokens is None)


def turns(items: list[Message]) -> list[Message]:
    """Items in a row that are one turn of the neutral form: thoughts, words and calls of the assistant, and results of tools."""
    out: list[Message] = []
    for item in items:
        last = out[-1] if out else None
        if last is not None and item.role == last.role and (item.role == "tool" or (item.role == "assistant" and not _ends(last, item))):
            out[-1] = Message(item.role, (*last.parts, *item.parts))
        else:
            out.append(item)
    return out


def _ends(last: Message, item: Message) -> bool:
    """Whether the assistant's next item begins a turn of its own: words or thoughts after a call, or words after words."""
    kinds = {type(part) for part in last.parts}
    begins = {type(part) for part in item.parts}
    return bool((begins & {Text, Reasoning} and ToolCall in kinds) or (Text in begins and Text in kinds) or (Reasoning in begins and Text in kinds))


def _item(item: Json) -> Message:
    match item.get("type", "message"):
        case "message":
            return _message(item)
        case "function_call":
            call = ToolCall(id=text_of(item.get("call_id")), name=text_of(item.get("name")), arguments=text_of(item.get("arguments")) or "{}")
            return Message("assistant", [call])
        case "function_call_output":
            output = item.get("output")
            text = output if isinstance(output, str) else "".join(text_of(part.get("text")) for part in objects_in(output))
            return Message("tool", [ToolResult(call_id=text_of(item.get("call_id")), text=text)])
        case "reasoning":
            text = "".join(text_of(part.get("text")) for part in objects_in(item.get("summary")))
            hidden = text_of(item.get("encrypted_content")) or None
            return Message("assistant", [Reasoning(text=text, signature=text_of(item.get("id")) or None, hidden=hidden)])
        case other:
            raise BadCall(f"input: an item of type {other!r:.40} is not supported here; nothing is stored", parameter="input")


def _message(item: Json) -> Message:
    role = {"developer": "system", "system": "system", "user": "user", "assistant": "assistant"}.get(text_of(item.get("role")))
    if role is None:
        raise BadCall("input: a message has the role user, assistant, system or developer", parameter="input")
    content = item.get("content")
    parts = [Text(content)] if isinstance(content, str) else [_part(part) for part in objects_in(content)]
    return Message(role, [part for part in parts if not (isinstance(part, Text) and not part.text)])  # type: ignore[arg-type]  # one of the four


def _part(part: Json) -> Part:
    match part.get("type"):
        case "input_text" | "output_text" | "text":
            return Text(text_of(part.get("text")))
        case "refusal":
            return Text(text_of(part.get("refusal")))
        case "input_image":
            return image_of(text_of(part.get("image_url")))
        case other:
            raise BadCall(f"input: a part of type {other!r:.40} is not supported", parameter="input")


def _tool(tool: Json) -> Tool:
    if tool.get("type") != "function" or not text_of(tool.get("name")):
        raise BadCall("tools: only functions with a name are offered here", parameter="tools")
    parameters = tool.get("parameters")
    return Tool(
        name=tool["name"],
        description=text_of(tool.get("description")),
        parameters=parameters if isinstance(parameters, dict) else {"type": "object", "properties": {}},
        strict=bool(tool.get("strict")),
    )


def _format(value: Json | None) -> tuple[Json | None, str, bool]:
    match (value or {}).get("type"):
        case None | "text":
            return None, "answer", False
        case "json_object":
            return None, "answer", True
        case "json_schema":
            schema = object_in(value).get("schema")
            if not isinstance(schema, dict):
                raise BadCall("text.format needs a schema.", parameter="text")
            return schema, text_of(object_in(value).get("name")) or "answer", False
        case other:
            raise BadCall(f"text.format: {other!r:.40} is none of text, json_object, json_schema", parameter="text")

"""Chat completion requests as callers of the proxy write them. What is not named here is refused; what is named as kept is not passed on."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec

from agent.dialects.base import BadCall, Call, Json, object_in, text_of
from agent.dialects.messages import Effort, Image, Message, NamedTool, Part, Reasoning, Request, Text, Tool, ToolCall, ToolChoice, ToolResult

DEFAULT_CAP = 4096
"""Most tokens of an answer for a caller who set no limit."""

Temperature = Annotated[float, msgspec.Meta(ge=0, le=2)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]


class _Function(msgspec.Struct):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class _Tool(msgspec.Struct):
    function: _Function
    type: Literal["function"] = "function"


class _StreamOptions(msgspec.Struct):
    include_usage: bool = False
    include_obfuscation: bool | None = None


class _Message(msgspec.Struct):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    reasoning_details: list[dict[str, Any]] | None = None
    name: str | None = None


class _Chat(msgspec.Struct, forbid_unknown_fields=True):
    model: str
    messages: Annotated[list[_Message], msgspec.Meta(min_length=1)]
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_tokens: Limit | None = None
    max_completion_tokens: Limit | None = None
    temperature: Temperature | None = None
    top_p: Share | None = None
    stop: str | list[str] | None = None
    n: Literal[1] | None = None
    tools: list[_Tool] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    response_format: dict[str, Any] | None = None
    reasoning_effort: Effort | None = None
    # Passed on, to targets of this dialect alone.
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logit_bias: dict[str, float] | None = None
    verbosity: str | None = None
    prompt_cache_key: str | None = None
    """Names the conversation, for our own choice of a target; it is not passed on."""
    # Kept: they name people or files of the caller at a vendor that the caller has no account with.
    user: str | None = None
    safety_identifier: str | None = None
    metadata: dict[str, Any] | None = None
    store: bool | None = None
    service_tier: str | None = None


PASSED = ("seed", "presence_penalty", "frequency_penalty", "logit_bias", "verbosity")
_DECODER = msgspec.json.Decoder(_Chat)


def read_call(body: bytes) -> Call:
    chat = decoded(_DECODER, body)
    limit = chat.max_completion_tokens or chat.max_tokens
    extra = {name: value for name in PASSED if (value := getattr(chat, name)) is not None}
    schema, name, any_object = _format(chat.response_format)
    request = Request(
        messages=merged([_read(message) for message in chat.messages]),
        schema=schema,
        schema_name=name,
        json_object=any_object,
        max_output=limit or DEFAULT_CAP,
        temperature=chat.temperature,
        top_p=chat.top_p,
        stop=(chat.stop,) if isinstance(chat.stop, str) else tuple(chat.stop or ()),
        tools=tuple(_tool(tool.function) for tool in chat.tools or ()),
        tool_choice=choice_of(chat.tool_choice),
        parallel_tools=chat.parallel_tool_calls,
        effort=chat.reasoning_effort,
        extra=extra,
        extra_dialect="openai" if extra else "",
        session=chat.prompt_cache_key or "",
    )
    usage = bool(chat.stream_options and chat.stream_options.include_usage)
    return Call(model=chat.model, request=request, stream=bool(chat.stream), include_usage=usage, unlimited=limit is None)


def write_call(call: Call, messages: list[Json], options: Json) -> Json:
    body: Json = {"model": call.model, "messages": messages} | options
    if not call.unlimited:
        body["max_completion_tokens"] = call.request.max_output
    if call.stream:
        body["stream"] = True
    if call.include_usage:
        body["stream_options"] = {"include_usage": True}
    return body


def decoded(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    """The body as the decoder's type, or a sentence that names the field."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        said = str(error)
        if match := re.match(r"Object contains unknown field `([^`]*)`", said):
            raise BadCall(f"Unrecognized request argument: {match[1]}", parameter=match[1], code="unknown_parameter") from None
        where = re.search(r"`\$\.?(?:\[\.\.\.\])?([^`]*)`", said)
        raise BadCall(f"Invalid request: {said}", parameter=where[1] if where else "") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadCall("We could not parse the JSON body of your request.") from None


def merged(messages: list[Message]) -> tuple[Message, ...]:
    """Tool results in a row as one message, as the neutral form has them."""
    out: list[Message] = []
    for message in messages:
        if out and message.role == "tool" and out[-1].role == "tool":
            out[-1] = Message("tool", (*out[-1].parts, *message.parts))
        else:
            out.append(message)
    return tuple(out)


def _read(message: _Message) -> Message:
    parts = [Text(message.content)] if isinstance(message.content, str) and message.content else []
    content: list[Part] = [*parts]
    if isinstance(message.content, list):
        content = [_part(part) for part in message.content]
    if message.role == "tool":
        if not message.tool_call_id:
            raise BadCall("A message with role 'tool' needs a tool_call_id.", parameter="messages")
        return Message("tool", (ToolResult(call_id=message.tool_call_id, text="".join(p.text for p in content if isinstance(p, Text))),))
    if message.role == "assistant":
        thoughts = [
            Reasoning(text=text_of(d.get("text")), signature=d.get("signature"), hidden=d.get("data")) for d in message.reasoning_details or ()
        ]
        return Message("assistant", [*thoughts, *content, *(_call(call) for call in message.tool_calls or ())])
    return Message("system" if message.role == "developer" else message.role, content)


def _part(part: Json) -> Part:
    match part.get("type"):
        case "text" | "input_text" | "output_text":
            return Text(text_of(part.get("text")))
        case "refusal":
            return Text(text_of(part.get("refusal")))
        case "image_url":
            return image_of(text_of(object_in(part.get("image_url")).get("url")))
        case other:
            raise BadCall(f"Invalid content part type: {other!r:.80}. Text and image_url are supported.", parameter="messages")


def image_of(url: str) -> Image:
    """A picture by its address; a data address becomes its bytes."""
    if match := re.fullmatch(r"data:([\w.+-]+/[\w.+-]+);base64,([A-Za-z0-9+/=\s]*)", url):
        return Image(media_type=match[1], data=match[2])
    if not re.match(r"https?://", url):
        raise BadCall("A picture is given as an https or a data address.", parameter="messages")
    return Image(url=url)


def _call(call: Json) -> ToolCall:
    function = object_in(call.get("function"))
    if not (text_of(call.get("id")) and text_of(function.get("name"))):
        raise BadCall("A tool call needs an id and a function with a name.", parameter="messages")
    signature = object_in(object_in(call.get("extra_content")).get("google")).get("thought_signature")
    return ToolCall(id=call["id"], name=function["name"], arguments=text_of(function.get("arguments")) or "{}", signature=signature)


def _tool(function: _Function) -> Tool:
    parameters = function.parameters if function.parameters is not None else {"type": "object", "properties": {}}
    return Tool(name=function.name, description=function.description or "", parameters=parameters, strict=function.strict)


def choice_of(choice: str | Json | None) -> ToolChoice:
    if isinstance(choice, dict):
        name = text_of(object_in(choice.get("function")).get("name")) or text_of(choice.get("name"))
        if not name:
            raise BadCall("tool_choice names no function.", parameter="tool_choice")
        return NamedTool(name)
    match choice:
        case None | "auto":
            return "auto"
        case "none":
            return "none"
        case "required":
            return "any"
        case other:
            raise BadCall(f"Invalid value for tool_choice: {other!r:.40}.", parameter="tool_choice")


def _format(value: Json | None) -> tuple[Json | None, str, bool]:
    """Schema, its name, and whether any object will do."""
    match (value or {}).get("type"):
        case None | "text":
            return None, "answer", False
        case "json_object":
            return None, "answer", True
        case "json_schema":
            wanted = object_in((value or {}).get("json_schema"))
            schema = wanted.get("schema")
            if not isinstance(schema, dict):
                raise BadCall("response_format.json_schema needs a schema.", parameter="response_format")
            return schema, text_of(wanted.get("name")) or "answer", False
        case other:
            raise BadCall(f"Invalid response_format type: {other!r:.40}.", parameter="response_format")


__all__ = ["DEFAULT_CAP", "choice_of", "decoded", "image_of", "merged", "read_call", "write_call"]

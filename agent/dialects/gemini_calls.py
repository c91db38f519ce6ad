"""generateContent requests as callers of the proxy write them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from agent.dialects.base import BadCall, Call, Json, dump, object_in, text_of
from agent.dialects.messages import Effort, Image, Message, NamedTool, Part, Reasoning, Request, Text, Tool, ToolCall, ToolChoice, ToolResult
from agent.dialects.openai_calls import DEFAULT_CAP, Limit, Share, Temperature, decoded


class _Content(msgspec.Struct):
    parts: list[dict[str, Any]] = []
    role: Literal["user", "model", "function"] = "user"


class _Tool(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    function_declarations: list[dict[str, Any]] = []


class _Calling(msgspec.Struct, rename="camel"):
    mode: str = "AUTO"
    allowed_function_names: list[str] = []


class _ToolConfig(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    function_calling_config: _Calling | None = None


class _Config(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    max_output_tokens: Limit | None = None
    temperature: Temperature | None = None
    top_p: Share | None = None
    stop_sequences: list[str] | None = None
    response_mime_type: str | None = None
    response_schema: dict[str, Any] | None = None
    response_json_schema: dict[str, Any] | None = None
    candidate_count: Literal[1] | None = None
    thinking_config: dict[str, Any] | None = None
    # Passed on, to targets of this dialect alone.
    seed: int | None = None
    top_k: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


class _Generate(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    contents: Annotated[list[_Content], msgspec.Meta(min_length=1)]
    system_instruction: _Content | None = None
    tools: list[_Tool] | None = None
    tool_config: _ToolConfig | None = None
    generation_config: _Config | None = None
    # Passed on, to targets of this dialect alone.
    safety_settings: list[dict[str, Any]] | None = None
    # Kept: it names people or bills of the caller.
    labels: dict[str, str] | None = None


_DECODER = msgspec.json.Decoder(_Generate)
_EFFORTS: dict[str, Effort] = {"minimal": "minimal", "low": "low", "medium": "medium", "high": "high"}
_PASSED = {"seed": "seed", "top_k": "topK", "presence_penalty": "presencePenalty", "frequency_penalty": "frequencyPenalty"}


def read_call(body: bytes, *, model: str, stream: bool) -> Call:
    wanted = decoded(_DECODER, body)
    config = wanted.generation_config or _Config()
    effort, thinking = _thinking(config.thinking_config)
    extra = _extra(wanted, config, thinking)
    schema = config.response_json_schema or (json_schema_of(config.response_schema) if config.response_schema else None)
    request = Request(
        messages=(*_system(wanted.system_instruction), *(message for content in wanted.contents for message in _read(content))),
        schema=schema,
        json_object=schema is None and config.response_mime_type == "application/json",
        max_output=config.max_output_tokens or DEFAULT_CAP,
        temperature=config.temperature,
        top_p=config.top_p,
        stop=tuple(config.stop_sequences or ()),
        tools=tuple(_tool(declared) for tool in wanted.tools or () for declared in tool.function_declarations),
        tool_choice=_choice((wanted.tool_config or _ToolConfig()).function_calling_config or _Calling()),
        effort=effort,
        extra=extra,
        extra_dialect="gemini" if extra else "",
    )
    return Call(model=model, request=request, stream=stream, unlimited=config.max_output_tokens is None)


def _extra(wanted: _Generate, config: _Config, thinking: Json) -> Json:
    passed: Json = {theirs: value for ours, theirs in _PASSED.items() if (value := getattr(config, ours)) is not None}
    if thinking:
        passed["thinkingConfig"] = thinking
    extra: Json = {"generationConfig": passed} if passed else {}
    return extra | {"safetySettings": wanted.safety_settings} if wanted.safety_settings else extra


def _thinking(config: Json | None) -> tuple[Effort | None, Json]:
    """The effort, where a level says it and nothing else is wished; otherwise the whole wish, for Gemini itself."""
    wish = config or {}
    level = text_of(wish.get("thinkingLevel")).lower()
    return (_EFFORTS[level], {}) if level in _EFFORTS and len(wish) == 1 else (None, wish)


def _system(content: _Content | None) -> list[Message]:
    text = "".join(text_of(part.get("text")) for part in content.parts) if content else ""
    return [Message("system", text)] if text else []


def _read(content: _Content) -> list[Message]:
    parts = [_part(part, place) for place, part in enumerate(content.parts)]
    if content.role == "model":
        return [Message("assistant", parts)]
    results = [part for part in parts if isinstance(part, ToolResult)]
    rest = [part for part in parts if not isinstance(part, ToolResult)]
    return ([Message("tool", results)] if results else []) + ([Message("user", rest)] if rest or not results else [])


def _part(part: Json, place: int) -> Part:
    if "functionCall" in part:
        call = object_in(part["functionCall"])
        return ToolCall(
            id=text_of(call.get("id")) or f"{text_of(call.get('name'))}-{place}",
            name=text_of(call.get("name")),
            arguments=dump(object_in(call.get("args"))),
            signature=text_of(part.get("thoughtSignature")) or None,
        )
    if "functionResponse" in part:
        return _result(object_in(part["functionResponse"]))
    if "inlineData" in part:
        data = object_in(part["inlineData"])
        return Image(media_type=text_of(data.get("mimeType")), data=text_of(data.get("data")))
    if "fileData" in part:
        return Image(url=text_of(object_in(part["fileData"]).get("fileUri")))
    if "text" not in part:
        raise BadCall(f"contents: a part with {', '.join(part) or 'nothing'!r} is not supported", parameter="contents")
    if part.get("thought"):
        return Reasoning(text=text_of(part["text"]), signature=text_of(part.get("thoughtSignature")) or None)
    return Text(text_of(part["text"]))


def _result(response: Json) -> ToolResult:
    said = object_in(response.get("response"))
    name, failed = text_of(response.get("name")), set(said) == {"error"}
    value = said["error" if failed else "output"] if set(said) in ({"error"}, {"output"}) else said
    text = value if isinstance(value, str) else dump(value)
    return ToolResult(call_id=text_of(response.get("id")) or name, text=text, name=name, failed=failed)


def _tool(declared: Json) -> Tool:
    parameters = declared.get("parametersJsonSchema")
    if not isinstance(parameters, dict):
        parameters = json_schema_of(object_in(declared.get("parameters"))) or {"type": "object", "properties": {}}
    if not text_of(declared.get("name")):
        raise BadCall("tools: a function needs a name", parameter="tools")
    return Tool(name=declared["name"], description=text_of(declared.get("description")), parameters=parameters)


def _choice(calling: _Calling) -> ToolChoice:
    match calling.mode.upper():
        case "AUTO" | "VALIDATED" | "MODE_UNSPECIFIED":
            return "auto"
        case "NONE":
            return "none"
        case "ANY":
            names = calling.allowed_function_names
            return NamedTool(names[0]) if len(names) == 1 else "any"
        case other:
            raise BadCall(f"toolConfig: the mode {other!r:.40} is none of AUTO, ANY, NONE", parameter="toolConfig")


def json_schema_of(schema: Json) -> Json:
    """Google's own Schema, which writes types in capitals and `nullable` apart, as JSON schema."""
    written: Json = {}
    for name, value in schema.items():
        match name:
            case "type":
                written["type"] = str(value).lower()
            case "nullable":
                continue
            case "properties":
                written["properties"] = {key: json_schema_of(object_in(inner)) for key, inner in object_in(value).items()}
            case "items":
                written["items"] = json_schema_of(object_in(value))
            case "anyOf":
                written["anyOf"] = [json_schema_of(object_in(inner)) for inner in value]
            case "propertyOrdering" | "example":
                continue
            case _:
                written[name] = int(value) if name.startswith(("min", "max")) and isinstance(value, str) and value.isdigit() else value
    if schema.get("nullable") and "type" in written:
        written["type"] = [written["type"], "null"]
    return written

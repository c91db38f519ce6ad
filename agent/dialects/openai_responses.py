"""OpenAI responses (developers.openai.com/api/reference/responses, read 2026-11-22). Nothing is stored at the provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.dialects.base import Answer, Call, Json, Quirks, StreamReader, StreamWriter, arguments_in, count_of, object_in, objects_in, text_of
from agent.dialects.messages import Finish, Image, Message, NamedTool, Part, Reasoning, Request, Response, Text, Tool, ToolCall, ToolResult, Usage
from agent.dialects.openai import openai_error, openai_error_body
from agent.dialects.openai_stream import error_in
from agent.dialects.responses_calls import read_call
from agent.dialects.responses_stream import ResponsesReader, ResponsesWriter
from agent.dialects.turns import OneAfterTheOther
from agent.errors import BadOutput, ProviderError, StorehandError


class OpenAIResponses:
    """Stateless; one is as good as another."""

    name = "openai_responses"

    def path(self, model: str, *, stream: bool) -> str:
        return "/responses"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"authorization": f"Bearer {key}"} if key else {}

    def write_request(self, request: Request, *, model: str, stream: bool, quirks: Quirks) -> Json:
        body = {"model": model, "max_output_tokens": request.max_output, "store": False} | input_of(request.messages) | options_of(request)
        return body | {"stream": True} if stream else body

    def read_answer(self, body: Json) -> Answer:
        return answer_of(body)

    def reader(self) -> StreamReader:
        return ResponsesReader(answer_of)

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        return openai_error(status, headers, body)

    def read_call(self, body: bytes, *, model: str = "", stream: bool = False) -> Call:
        return read_call(body)

    def write_call(self, call: Call) -> Json:
        body: Json = {"model": call.model} | input_of(call.request.messages) | options_of(call.request)
        if not call.unlimited:
            body["max_output_tokens"] = call.request.max_output
        return body | {"stream": True} if call.stream else body

    def write_answer(self, response: Response, call: Call, *, created: int) -> Json:
        return written(response, call, created=created)

    def writer(self, call: Call, *, id: str, created: int) -> StreamWriter:
        return OneAfterTheOther(ResponsesWriter(lambda response: written(response, call, created=created), id=id, model=call.model))

    def write_error(self, error: StorehandError) -> tuple[int, Json]:
        return openai_error_body(error)


def input_of(messages: Sequence[Message]) -> Json:
    """`instructions` and `input`."""
    system = "\n\n".join(message.text for message in messages if message.role == "system")
    items = [item for message in messages if message.role != "system" for item in _items(message)]
    return ({"instructions": system} if system else {}) | {"input": items}


def _items(message: Message) -> list[Json]:
    """A message and what the neutral form keeps within it: calls, results and thoughts are items of their own here."""
    items: list[Json] = []
    words = "output_text" if message.role == "assistant" else "input_text"
    content: list[Json] = []
    for part in message.parts:
        match part:
            case Text(text=text):
                content.append({"type": words, "text": text})
            case Image():
                content.append({"type": "input_image", "image_url": part.url or f"data:{part.media_type};base64,{part.data}"})
            case _:
                items.append(_item(part))
    said = [{"type": "message", "role": message.role, "content": content}] if content or not items else []
    thoughts = [item for item in items if item["type"] == "reasoning"]
    return thoughts + said + [item for item in items if item["type"] != "reasoning"]


def _item(part: Part) -> Json:
    match part:
        case ToolCall():
            return {"type": "function_call", "call_id": part.id, "name": part.name, "arguments": part.arguments}
        case ToolResult():
            return {"type": "function_call_output", "call_id": part.call_id, "output": part.text}
        case Reasoning():
            return thought_to(part)
        case _:
            raise TypeError(type(part))


def thought_to(thought: Reasoning) -> Json:
    item: Json = {"type": "reasoning", "summary": [{"type": "summary_text", "text": thought.text}] if thought.text else []}
    if thought.signature is not None:
        item["id"] = thought.signature
    return item | {"encrypted_content": thought.hidden} if thought.hidden is not None else item


def options_of(request: Request) -> Json:
    body: Json = dict(request.extra) if request.extra_dialect == "openai_responses" else {}
    plain = {"temperature": request.temperature, "top_p": request.top_p}
    body |= {name: value for name, value in plain.items() if value is not None}
    if request.effort is not None:
        body["reasoning"] = {"effort": request.effort}
        body["include"] = ["reasoning.encrypted_content"]
    if request.schema is not None:
        format = {"type": "json_schema", "name": request.schema_name, "schema": dict(request.schema), "strict": True}
        body["text"] = {"format": format}
    elif request.json_object:
        body["text"] = {"format": {"type": "json_object"}}
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        if request.tool_choice != "auto":
            body["tool_choice"] = _choice(request)
        if request.parallel_tools is not None:
            body["parallel_tool_calls"] = request.parallel_tools
    return body


def _tool(tool: Tool) -> Json:
    item: Json = {"type": "function", "name": tool.name, "parameters": dict(tool.parameters), "strict": bool(tool.strict)}
    return item | {"description": tool.description} if tool.description else item


def _choice(request: Request) -> str | Json:
    if isinstance(request.tool_choice, NamedTool):
        return {"type": "function", "name": request.tool_choice.name}
    return "required" if request.tool_choice == "any" else request.tool_choice


def answer_of(body: Json) -> Answer:
    """
    Raises:
        ProviderError: It is an error, or no response.
    """
    if failure := error_in(body):
        raise failure
    if not isinstance(body.get("output"), list):
        raise BadOutput("the reply holds no output")
    items = objects_in(body["output"])
    parts = [part for item in items if item.get("type") == "message" for part in objects_in(item.get("content"))]
    calls = tuple(_call(item) for item in items if item.get("type") == "function_call")
    usage = usage_of(body.get("usage"))
    finish = _finish(body, bool(calls))
    response = Response(
        text="".join(text_of(part.get("text")) for part in parts if part.get("type") == "output_text"),
        usage=usage or Usage(),
        provider="",
        model=text_of(body.get("model")),
        finish=finish or "stop",
        tool_calls=calls,
        reasoning=tuple(thought_of(item) for item in items if item.get("type") == "reasoning"),
        refusal="".join(text_of(part.get("refusal")) for part in parts if part.get("type") == "refusal") or None,
        id=text_of(body.get("id")),
    )
    return Answer(response=response, usage=usage, finished=finish is not None)


def _finish(body: Json, calls: bool) -> Finish | None:
    match body.get("status"):
        case "completed":
            return "tool_calls" if calls else "stop"
        case "incomplete":
            reason = text_of(object_in(body.get("incomplete_details")).get("reason"))
            return "content_filter" if reason == "content_filter" else "length"
        case _:
            return None


def _call(item: Json) -> ToolCall:
    return ToolCall(id=text_of(item.get("call_id")), name=text_of(item.get("name")), arguments=arguments_in(item.get("arguments")) or "{}")


def thought_of(item: Json) -> Reasoning:
    text = "".join(text_of(part.get("text")) for part in objects_in(item.get("summary")))
    return Reasoning(text=text, signature=text_of(item.get("id")) or None, hidden=text_of(item.get("encrypted_content")) or None)


def usage_of(value: Any) -> Usage | None:
    usage = object_in(value)
    input, output = count_of(usage.get("input_tokens")), count_of(usage.get("output_tokens"))
    if input is None or output is None or input == output == 0:
        return None
    details = object_in(usage.get("input_tokens_details"))
    cached = min(count_of(details.get("cached_tokens")) or 0, input)
    written = min(count_of(details.get("cache_write_tokens")) or 0, input - cached)
    thought = count_of(object_in(usage.get("output_tokens_details")).get("reasoning_tokens")) or 0
    return Usage(input=input, output=output, cached=cached, cache_written=written, reasoning=min(thought, output))


def usage_to(usage: Usage) -> Json:
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": usage.cache_written},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }


def written(response: Response, call: Call, *, created: int) -> Json:
    """The whole response object, with the fields that OpenAI's own type requires."""
    incomplete = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(response.finish)
    request = call.request
    return {
        "id": response.id or f"resp_{created}",
        "object": "response",
        "created_at": created,
        "status": "incomplete" if incomplete else "completed",
        "error": None,
        "incomplete_details": {"reason": incomplete} if incomplete else None,
        "instructions": None,
        "metadata": {},
        "model": response.model,
        "output": output_of(response),
        "parallel_tool_calls": request.parallel_tools is not False,
        "temperature": request.temperature,
        "tool_choice": _choice(request),
        "tools": [_tool(tool) for tool in request.tools],
        "top_p": request.top_p,
        "max_output_tokens": None if call.unlimited else request.max_output,
        "previous_response_id": None,
        "store": False,
        "usage": usage_to(response.usage),
    }


def output_of(response: Response) -> list[Json]:
    items = [{"id": f"rs_{place}", **thought_to(thought)} for place, thought in enumerate(response.reasoning)]
    content: list[Json] = []
    if response.text:
        content.append({"type": "output_text", "text": response.text, "annotations": []})
    if response.refusal:
        content.append({"type": "refusal", "refusal": response.refusal})
    if content:
        items.append({"id": "msg_0", "type": "message", "status": "completed", "role": "assistant", "content": content})
    for place, call in enumerate(response.tool_calls):
        items.append(
            {"id": f"fc_{place}", "type": "function_call", "status": "completed", "call_id": call.id, "name": call.name, "arguments": call.arguments}
        )
    return items

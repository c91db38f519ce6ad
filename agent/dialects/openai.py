"""OpenAI chat completions, and the many servers that speak it (developers.openai.com/api/reference, read 2026-11-22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.dialects.base import (
    Answer,
    BadCall,
    Call,
    Json,
    Quirks,
    StreamReader,
    StreamWriter,
    arguments_in,
    count_of,
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
    Reasoning,
    Request,
    Response,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Usage,
)
from agent.dialects.openai_calls import read_call, write_call
from agent.dialects.openai_stream import BROKE_OFF, ChatReader, ChatWriter, error_in
from agent.dialects.waits import retry_after_s
from agent.errors import AllProvidersFailed, BadOutput, ContentFiltered, ContextTooLong, NotFound, ProviderError, StorehandError

FINISH: Mapping[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "model_length": "length",  # Mistral: the window was full
    "sensitive": "content_filter",  # Z.ai
}


class OpenAI:
    """Stateless; one is as good as another."""

    name = "openai"

    def path(self, model: str, *, stream: bool) -> str:
        return "/chat/completions"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"authorization": f"Bearer {key}"} if key else {}

    def write_request(self, request: Request, *, model: str, stream: bool, quirks: Quirks) -> Json:
        body: Json = {"model": model, "messages": messages_of(request.messages), quirks.limit_field: request.max_output}
        if stream:
            body["stream"] = True
            if "usage" not in quirks.lacks:
                body["stream_options"] = {"include_usage": True}
        return body | options_of(request)

    def read_answer(self, body: Json) -> Answer:
        if failure := error_in(body):
            raise failure
        choices = objects_in(body.get("choices"))
        if not choices:
            raise BadOutput("the reply holds no choice")
        message = object_in(choices[0].get("message"))
        reason = text_of(choices[0].get("finish_reason"))
        usage = usage_of(body.get("usage"))
        response = Response(
            text=words_of(message.get("content")),
            usage=usage or Usage(),
            provider="",
            model=text_of(body.get("model")),
            finish=FINISH.get(reason, "stop"),
            tool_calls=tuple(call_of(call, index) for index, call in enumerate(objects_in(message.get("tool_calls")))),
            reasoning=thoughts_of(message),
            refusal=text_of(message.get("refusal")) or None,
            id=text_of(body.get("id")),
        )
        return Answer(response=response, usage=usage, finished=bool(reason) and reason not in BROKE_OFF)

    def reader(self) -> StreamReader:
        return ChatReader(usage_of, FINISH)

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        return openai_error(status, headers, body)

    def read_call(self, body: bytes, *, model: str = "", stream: bool = False) -> Call:
        return read_call(body)

    def write_call(self, call: Call) -> Json:
        return write_call(call, messages_of(call.request.messages), options_of(call.request))

    def write_answer(self, response: Response, call: Call, *, created: int) -> Json:
        reason = response.finish
        choice = {"index": 0, "message": message_of(response), "logprobs": None, "finish_reason": reason}
        return {
            "id": response.id or f"chatcmpl-{created}",
            "object": "chat.completion",
            "created": created,
            "model": response.model,
            "choices": [choice],
            "usage": usage_to(response.usage),
        }

    def writer(self, call: Call, *, id: str, created: int) -> StreamWriter:
        return ChatWriter(call, id=id, created=created, usage_to=usage_to)

    def write_error(self, error: StorehandError) -> tuple[int, Json]:
        return openai_error_body(error)


def messages_of(messages: Sequence[Message]) -> list[Json]:
    return [written for message in messages for written in _message(message)]


def _message(message: Message) -> list[Json]:
    if message.role == "tool":
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        return [{"role": "tool", "tool_call_id": result.call_id, "content": result.text} for result in results]
    if message.role == "assistant":
        said: Json = {"role": "assistant", "content": message.text or None}
        calls = [call_to(part) for part in message.parts if isinstance(part, ToolCall)]
        return [said | {"tool_calls": calls} if calls else said | {"content": message.text}]
    if any(isinstance(part, Image) for part in message.parts):
        return [{"role": message.role, "content": [_part(part) for part in message.parts if isinstance(part, Text | Image)]}]
    return [{"role": message.role, "content": message.text}]


def _part(part: Text | Image) -> Json:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    return {"type": "image_url", "image_url": {"url": part.url or f"data:{part.media_type};base64,{part.data}"}}


def options_of(request: Request) -> Json:
    """Everything but the messages, the model and the limit."""
    body: Json = dict(request.extra) if request.extra_dialect == "openai" else {}
    body |= {name: value for name, value in _plain(request).items() if value is not None}
    if request.stop:
        body["stop"] = list(request.stop)
    if request.schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": request.schema_name, "strict": True, "schema": dict(request.schema)},
        }
    elif request.json_object:
        body["response_format"] = {"type": "json_object"}
    if request.tools:
        body["tools"] = [tool_to(tool) for tool in request.tools]
        if request.tool_choice != "auto":
            body["tool_choice"] = choice_to(request.tool_choice)
        if request.parallel_tools is not None:
            body["parallel_tool_calls"] = request.parallel_tools
    return body


def _plain(request: Request) -> Json:
    return {"temperature": request.temperature, "top_p": request.top_p, "reasoning_effort": request.effort}


def tool_to(tool: Tool) -> Json:
    function: Json = {"name": tool.name, "parameters": dict(tool.parameters)}
    if tool.description:
        function["description"] = tool.description
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def choice_to(choice: ToolChoice) -> str | Json:
    if isinstance(choice, NamedTool):
        return {"type": "function", "function": {"name": choice.name}}
    return "required" if choice == "any" else choice


def call_of(call: Json, index: int) -> ToolCall:
    function = object_in(call.get("function"))
    return ToolCall(
        id=text_of(call.get("id")) or f"call_{index}",
        name=text_of(function.get("name")),
        arguments=arguments_in(function.get("arguments")) or "{}",
        signature=signature_of(call),
    )


def call_to(call: ToolCall) -> Json:
    written: Json = {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
    if call.signature is not None:
        # As Google's OpenAI-compatible endpoint writes it (ai.google.dev/gemini-api/docs/openai, read 2026-11-22).
        written["extra_content"] = {"google": {"thought_signature": call.signature}}
    return written


def signature_of(call: Json) -> str | None:
    return text_of(object_in(object_in(call.get("extra_content")).get("google")).get("thought_signature")) or None


def words_of(content: Any) -> str:
    """Content as text; Mistral sends a list of parts, thoughts among them."""
    if isinstance(content, list):
        return "".join(text_of(part.get("text")) for part in objects_in(content) if part.get("type") in ("text", "output_text"))
    return text_of(content)


def thoughts_of(message: Json) -> tuple[Reasoning, ...]:
    """`reasoning_details` as OpenRouter has it; else `reasoning_content` (DeepSeek, llama.cpp) or `reasoning` (vLLM)."""
    details = objects_in(message.get("reasoning_details"))
    if details:
        return tuple(
            Reasoning(text=text_of(d.get("text")), signature=text_of(d.get("signature")) or None, hidden=text_of(d.get("data")) or None)
            for d in details
        )
    text = text_of(message.get("reasoning_content")) or text_of(message.get("reasoning"))
    return (Reasoning(text=text),) if text else ()


def message_of(response: Response) -> Json:
    message: Json = {"role": "assistant", "content": response.text or None, "refusal": response.refusal}
    if response.tool_calls:
        message["tool_calls"] = [call_to(call) for call in response.tool_calls]
    if response.reasoning:
        message["reasoning_content"] = "".join(thought.text for thought in response.reasoning)
        message["reasoning_details"] = [detail_of(thought) for thought in response.reasoning]
    return message


def detail_of(thought: Reasoning) -> Json:
    kind = "reasoning.encrypted" if thought.hidden is not None else "reasoning.text"
    values = {"type": kind, "text": thought.text, "signature": thought.signature, "data": thought.hidden}
    return {name: value for name, value in values.items() if value is not None}


def usage_of(value: Any) -> Usage | None:
    """None when it is missing or makes no sense, such as a negative count."""
    usage = object_in(value)
    input, output = count_of(usage.get("prompt_tokens")), count_of(usage.get("completion_tokens"))
    if input is None or output is None or input == output == 0:
        return None
    prompt, completion = object_in(usage.get("prompt_tokens_details")), object_in(usage.get("completion_tokens_details"))
    cached = count_of(prompt.get("cached_tokens")) or count_of(usage.get("prompt_cache_hit_tokens")) or 0  # the latter is DeepSeek's
    return Usage(
        input=input,
        output=output,
        cached=min(cached, input),
        cache_written=min(count_of(prompt.get("cache_write_tokens")) or 0, input - min(cached, input)),
        reasoning=min(count_of(completion.get("reasoning_tokens")) or 0, output),
    )


def usage_to(usage: Usage) -> Json:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.total,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": usage.cache_written},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def openai_error(status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    """Also for bodies that are no JSON: a proxy's HTML page says no more than its status does."""
    try:
        found = object_of(body)
    except BadOutput:
        return error_of(Fault(status=status, retry_after_s=retry_after_s(headers), worded=False))
    error = object_in(found.get("error")) or (found if isinstance(found.get("message"), str) else {})
    # Some servers write {"error": "words"}, with no code and no type.
    message = text_of(error.get("message")) or text_of(found.get("error"))
    code = error.get("code")
    return error_of(
        Fault(
            status=status,
            code=text_of(code),
            type=text_of(error.get("type")),
            message=message,
            parameter=text_of(error.get("param")),
            retry_after_s=retry_after_s(headers),
        )
    )


def openai_error_body(error: StorehandError) -> tuple[int, Json]:
    """The error as OpenAI's own, since that is what its SDK reads. The caller's own fault keeps the provider's words."""
    names: dict[type[StorehandError], str] = {
        ContextTooLong: "context_length_exceeded",
        ContentFiltered: "content_filter",
        NotFound: "model_not_found",
    }
    code = names.get(type(error)) or (getattr(error, "upstream_code", "") if error.status == 400 else "") or error.code
    parameter = getattr(error, "parameter", "") or None
    if isinstance(error, BadCall):
        code = error.reason or "invalid_value"
    kinds = {400: "invalid_request_error", 401: "invalid_request_error", 402: "insufficient_quota", 403: "permission_error", 429: "rate_limit_error"}
    kind = kinds.get(error.status, "server_error" if error.status >= 500 else "invalid_request_error")
    said = getattr(error, "said", "") if error.status == 400 else ""
    status = 429 if error.status == 402 else error.status  # what OpenAI itself answers for a used-up budget
    if isinstance(error, AllProvidersFailed):
        status = 503
    return status, {"error": {"message": said or str(error), "type": kind, "param": parameter, "code": code}}

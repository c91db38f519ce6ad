"""Gemini generateContent (ai.google.dev/api/generate-content, read 2026-11-22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.dialects.base import (
    Answer,
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
    unreadable,
)
from agent.dialects.events import Begun, Event, Finished, Lost, ReasoningDelta, RefusalDelta, Restarted, TextDelta, ToolDelta, UsageSeen
from agent.dialects.faults import Fault, error_of
from agent.dialects.gemini_calls import read_call
from agent.dialects.gemini_faults import error_in, fault_of, gemini_error_body
from agent.dialects.messages import (
    Finish,
    Image,
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
from agent.dialects.sse import SseEvent, write_event
from agent.dialects.turns import OneAfterTheOther
from agent.dialects.waits import retry_after_s
from agent.errors import BadOutput, ProviderError, StorehandError

FILTERED = {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "MODEL_ARMOR"}
_REASONS: Mapping[Finish, str] = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}
_LEVELS = {"none": "minimal", "xhigh": "high"}


class Gemini:
    """Stateless; one is as good as another."""

    name = "gemini"

    def path(self, model: str, *, stream: bool) -> str:
        return f"/v1beta/models/{model}:streamGenerateContent?alt=sse" if stream else f"/v1beta/models/{model}:generateContent"

    def headers(self, key: str | None) -> Mapping[str, str]:
        return {"x-goog-api-key": key} if key else {}

    def write_request(self, request: Request, *, model: str, stream: bool, quirks: Quirks) -> Json:
        return body_of(request, request.max_output)

    def read_answer(self, body: Json) -> Answer:
        if failure := error_in(body):
            raise failure
        candidates = objects_in(body.get("candidates"))
        if not candidates:
            raise BadOutput("the reply holds no candidate")
        parts = objects_in(object_in(candidates[0].get("content")).get("parts"))
        calls = tuple(call_of(part, place) for place, part in enumerate(p for p in parts if "functionCall" in p))
        finish = finish_of(text_of(candidates[0].get("finishReason")), bool(calls))
        usage = usage_of(body.get("usageMetadata"))
        response = Response(
            text="".join(text_of(part.get("text")) for part in parts if not part.get("thought")),
            usage=usage or Usage(),
            provider="",
            model=text_of(body.get("modelVersion")),
            finish=finish or "stop",
            tool_calls=calls,
            reasoning=tuple(thought_of(part) for part in parts if part.get("thought")),
            id=text_of(body.get("responseId")),
        )
        return Answer(response=response, usage=usage, finished=finish is not None)

    def reader(self) -> StreamReader:
        return FragmentReader()

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
        try:
            found = object_of(body)
        except BadOutput:
            return error_of(Fault(status=status, retry_after_s=retry_after_s(headers), worded=False))
        return error_of(fault_of(found, status, retry_after_s(headers)))

    def read_call(self, body: bytes, *, model: str = "", stream: bool = False) -> Call:
        return read_call(body, model=model, stream=stream)

    def write_call(self, call: Call) -> Json:
        return body_of(call.request, None if call.unlimited else call.request.max_output)

    def write_answer(self, response: Response, call: Call, *, created: int) -> Json:
        parts = [part_of(thought, {}) for thought in response.reasoning]
        if response.text or response.refusal:
            parts.append({"text": response.text or response.refusal})
        parts += [part_of(call, {}) for call in response.tool_calls]
        candidate = {"content": {"parts": parts, "role": "model"}, "finishReason": _REASONS[response.finish], "index": 0}
        return fragment([candidate], response.model, response.id or f"resp-{created}") | {"usageMetadata": usage_to(response.usage)}

    def writer(self, call: Call, *, id: str, created: int) -> StreamWriter:
        return OneAfterTheOther(FragmentWriter(call, id=id))

    def write_error(self, error: StorehandError) -> tuple[int, Json]:
        return gemini_error_body(error)


def body_of(request: Request, limit: int | None) -> Json:
    names = {part.id: part.name for message in request.messages for part in message.parts if isinstance(part, ToolCall)}
    body: Json = dict(request.extra) if request.extra_dialect == "gemini" else {}
    config = object_in(body.pop("generationConfig", None)) | _config(request, limit)
    system = "\n\n".join(message.text for message in request.messages if message.role == "system")
    body["contents"] = [
        {"role": "model" if message.role == "assistant" else "user", "parts": [part_of(part, names) for part in message.parts] or [{"text": ""}]}
        for message in request.messages
        if message.role != "system"
    ]
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if config:
        body["generationConfig"] = config
    if request.tools:
        body["tools"] = [{"functionDeclarations": [_declaration(tool) for tool in request.tools]}]
        if request.tool_choice != "auto":
            body["toolConfig"] = {"functionCallingConfig": _choice(request)}
    return body


def _config(request: Request, limit: int | None) -> Json:
    config: Json = {"maxOutputTokens": limit, "temperature": request.temperature, "topP": request.top_p}
    config = {name: value for name, value in config.items() if value is not None}
    if request.stop:
        config["stopSequences"] = list(request.stop)
    if request.schema is not None:
        config |= {"responseMimeType": "application/json", "responseJsonSchema": dict(request.schema)}
    elif request.json_object:
        config["responseMimeType"] = "application/json"
    if request.effort is not None:
        config["thinkingConfig"] = {"thinkingLevel": _LEVELS.get(request.effort, request.effort)}
    return config


def _declaration(tool: Tool) -> Json:
    written: Json = {"name": tool.name, "parametersJsonSchema": dict(tool.parameters)}
    return written | {"description": tool.description} if tool.description else written


def _choice(request: Request) -> Json:
    if isinstance(request.tool_choice, NamedTool):
        return {"mode": "ANY", "allowedFunctionNames": [request.tool_choice.name]}
    return {"mode": str(request.tool_choice).upper()}


def part_of(part: Part, names: Mapping[str, str]) -> Json:
    """
    Args:
        names: Of the tools by the ids of their calls, since a result is told by its name here.
    """
    match part:
        case Text(text=text):
            return {"text": text}
        case Image(url=str(url)):
            return {"fileData": {"fileUri": url}}
        case Image():
            return {"inlineData": {"mimeType": part.media_type, "data": part.data}}
        case ToolCall():
            written: Json = {"functionCall": {"id": part.id, "name": part.name, "args": arguments_of(part.arguments)}}
            return written | {"thoughtSignature": part.signature} if part.signature is not None else written
        case ToolResult():
            said = {"error" if part.failed else "output": part.text}
            return {"functionResponse": {"id": part.call_id, "name": part.name or names.get(part.call_id, part.call_id), "response": said}}
        case Reasoning():
            thought: Json = {"text": part.text, "thought": True}
            return thought | {"thoughtSignature": part.signature} if part.signature is not None else thought


def call_of(part: Json, place: int) -> ToolCall:
    call = object_in(part.get("functionCall"))
    return ToolCall(
        id=text_of(call.get("id")) or f"call_{place}",
        name=text_of(call.get("name")),
        arguments=dump(call.get("args") or {}),
        signature=text_of(part.get("thoughtSignature")) or None,
    )


def thought_of(part: Json) -> Reasoning:
    return Reasoning(text=text_of(part.get("text")), signature=text_of(part.get("thoughtSignature")) or None)


def finish_of(reason: str, calls: bool) -> Finish | None:
    """
    Raises:
        BadOutput: The model came to grief: a malformed call, or something Google does not name.
    """
    if not reason or reason == "FINISH_REASON_UNSPECIFIED":
        return None
    if reason == "STOP":
        return "tool_calls" if calls else "stop"
    if reason == "MAX_TOKENS":
        return "length"
    if reason in FILTERED:
        return "content_filter"
    raise BadOutput(f"the model ended with {reason[:60]}")


def usage_of(value: Any) -> Usage | None:
    """Gemini counts thoughts apart from the candidates, and what tools put into the prompt apart from the prompt."""
    usage = object_in(value)
    prompt, written = count_of(usage.get("promptTokenCount")), count_of(usage.get("candidatesTokenCount")) or 0
    if prompt is None:
        return None
    thought, tools = count_of(usage.get("thoughtsTokenCount")) or 0, count_of(usage.get("toolUsePromptTokenCount")) or 0
    cached = min(count_of(usage.get("cachedContentTokenCount")) or 0, prompt)
    return Usage(input=prompt + tools, output=written + thought, cached=cached, reasoning=thought) if prompt + written + thought else None


def usage_to(usage: Usage) -> Json:
    return {
        "promptTokenCount": usage.input,
        "candidatesTokenCount": usage.output - usage.reasoning,
        "thoughtsTokenCount": usage.reasoning,
        "cachedContentTokenCount": usage.cached,
        "totalTokenCount": usage.total,
    }


def fragment(candidates: Sequence[Json], model: str, id: str) -> Json:
    return {"candidates": list(candidates), "modelVersion": model, "responseId": id}


class FragmentReader:
    """Each event is a whole response with a piece of the answer in it."""

    def __init__(self) -> None:
        self._begun = False
        self._candidate: int | None = None
        self._calls = 0
        self.ended = False

    def read(self, event: SseEvent) -> Sequence[Event]:
        try:
            body = object_of(event.data.encode())
        except BadOutput:
            return (unreadable(event.data),)
        if failure := error_in(body):
            raise failure
        events: list[Event] = []
        if not self._begun:
            self._begun = True
            events.append(Begun(id=text_of(body.get("responseId")), model=text_of(body.get("modelVersion"))))
        for candidate in filter(self._ours, objects_in(body.get("candidates"))):
            events += [event for part in objects_in(object_in(candidate.get("content")).get("parts")) for event in self._part(part)]
            if (finish := finish_of(text_of(candidate.get("finishReason")), self._calls > 0)) is not None:
                events.append(Finished(finish))
        if usage := usage_of(body.get("usageMetadata")):
            events.append(UsageSeen(usage))
        return events

    def _ours(self, candidate: Json) -> bool:
        """Only one candidate is asked for; the words of another must not get between its own. An index of 0 is often left out."""
        index = count_of(candidate.get("index")) or 0
        if self._candidate is None:
            self._candidate = index
        return index == self._candidate

    def _part(self, part: Json) -> Sequence[Event]:
        if "functionCall" in part:
            call = call_of(part, self._calls)
            self._calls += 1
            return (ToolDelta(index=self._calls - 1, id=call.id, name=call.name, arguments=call.arguments, signature=call.signature),)
        if part.get("thought"):
            return (ReasoningDelta(text=text_of(part.get("text")), signature=text_of(part.get("thoughtSignature")) or None),)
        return (TextDelta(part["text"]),) if text_of(part.get("text")) else ()


class FragmentWriter:
    """Gemini's callers get a tool call whole, so its pieces are kept until the next one begins or the answer ends."""

    def __init__(self, call: Call, *, id: str) -> None:
        self._model, self._id = call.model, id
        self._finish: Finish = "stop"
        self._usage = Usage()
        self._call: ToolDelta | None = None
        self._arguments: list[str] = []

    def write(self, event: Event) -> bytes:
        match event:
            case TextDelta(text=text) | RefusalDelta(text=text):
                return self._flush() + self._send({"text": text})
            case Begun():
                self._model, self._id = event.model or self._model, event.id or self._id
            case ReasoningDelta():
                return self._send(part_of(Reasoning(text=event.text, signature=event.signature), {}))
            case ToolDelta():
                return self._collect(event)
            case Finished(finish=finish):
                self._finish = finish
            case UsageSeen(usage=usage):
                self._usage = usage
            case Restarted():
                self._call, self._arguments = None, []
                return write_event(dump({"provider": event.provider, "model": event.model}), event="restart")
            case Lost():
                pass
        return b""

    def fail(self, error: StorehandError) -> bytes:
        return write_event(dump(gemini_error_body(error)[1]))

    def end(self) -> bytes:
        candidate = {"content": {"parts": [{"text": ""}], "role": "model"}, "finishReason": _REASONS[self._finish], "index": 0}
        last = fragment([candidate], self._model, self._id) | {"usageMetadata": usage_to(self._usage)}
        return self._flush() + write_event(dump(last))

    def _collect(self, event: ToolDelta) -> bytes:
        sent = b""
        if self._call is None or self._call.index != event.index:
            sent, self._call = self._flush(), event
        self._arguments.append(event.arguments)
        return sent

    def _flush(self) -> bytes:
        call, self._call = self._call, None
        arguments, self._arguments = "".join(self._arguments), []
        if call is None:
            return b""
        return self._send(part_of(ToolCall(id=call.id, name=call.name, arguments=arguments or "{}", signature=call.signature), {}))

    def _send(self, part: Json) -> bytes:
        candidate = {"content": {"parts": [part], "role": "model"}, "index": 0}
        return write_event(dump(fragment([candidate], self._model, self._id)))

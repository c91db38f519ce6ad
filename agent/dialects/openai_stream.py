"""Chat completion chunks, read from a provider and written for a caller."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.dialects.base import Call, Json, arguments_in, count_of, dump, object_in, object_of, objects_in, text_of, unreadable
from agent.dialects.events import Begun, Event, Finished, Lost, ReasoningDelta, RefusalDelta, Restarted, TextDelta, ToolDelta, UsageSeen
from agent.dialects.faults import Fault, error_of
from agent.dialects.messages import Finish, Usage
from agent.dialects.sse import SseEvent, write_event
from agent.errors import BadOutput, ProviderError, StorehandError


def error_in(body: Json) -> ProviderError | None:
    """The error that a reply with status 200 is, in any of the shapes seen: OpenAI's, and vLLM's `{"object": "error"}`."""
    inner = body.get("error")
    if not inner and body.get("object") == "error":
        inner = body
    if not inner:
        return None
    error = object_in(inner)
    code = error.get("code")
    number = count_of(code) or (int(code) if isinstance(code, str) and re.fullmatch("[0-9]{3}", code) else 0)
    return error_of(
        Fault(
            status=number if 400 <= number < 600 else 0,
            code="" if number else text_of(code),
            type=text_of(error.get("type")),
            message=text_of(error.get("message")) or text_of(inner),
            parameter=text_of(error.get("param")),
        )
    )


BROKE_OFF = frozenset({"error", "abort", "aborted", "cancelled", "insufficient_system_resource", "network_error", "unknown"})
"""Reasons with which servers own up to half an answer (OpenRouter, vLLM, SGLang, DeepSeek, Z.ai; read 2026-11-22): no end at all."""


class ChatReader:
    def __init__(self, usage_of: Callable[[Any], Usage | None], finishes: Mapping[str, Finish]) -> None:
        self._usage_of, self._finishes = usage_of, finishes
        self._begun = False
        self._choice: int | None = None
        self._places: dict[int, tuple[int, str]] = {}
        """The server's index of a call to ours, and the id it began with."""
        self._given: frozenset[int] = frozenset()
        self._ids: dict[str, int] = {}
        """Ids to our places."""
        self.ended = False

    def read(self, event: SseEvent) -> Sequence[Event]:
        if event.data.strip() == "[DONE]":
            self.ended = True
            return ()
        try:
            body = object_of(event.data.encode())
        except BadOutput:
            return (unreadable(event.data),)
        if failure := error_in(body):
            raise failure
        events: list[Event] = []
        if not self._begun:
            self._begun = True
            events.append(Begun(id=text_of(body.get("id")), model=text_of(body.get("model"))))
        for choice in filter(self._ours, objects_in(body.get("choices"))):
            events += self._delta(object_in(choice.get("delta")))
            if (reason := text_of(choice.get("finish_reason"))) and reason not in BROKE_OFF:
                events.append(Finished(self._finishes.get(reason, "stop")))
        # Most servers send the usage on a last chunk without choices, some on the one that finishes; whichever comes last counts.
        if usage := self._usage_of(body.get("usage")):
            events.append(UsageSeen(usage))
        return events

    def _ours(self, choice: Json) -> bool:
        """Only one choice is asked for; what a server says of another must not get between its words."""
        index = count_of(choice.get("index"))
        if self._choice is None:
            self._choice = index
        return index is None or index == self._choice

    def _delta(self, delta: Json) -> list[Event]:
        events: list[Event] = []
        details = objects_in(delta.get("reasoning_details"))
        for d in details:
            events.append(
                ReasoningDelta(text=text_of(d.get("text")), signature=text_of(d.get("signature")) or None, hidden=text_of(d.get("data")) or None)
            )
        if not details and (thought := text_of(delta.get("reasoning_content")) or text_of(delta.get("reasoning"))):
            events.append(ReasoningDelta(text=thought))
        content = delta.get("content")
        words = "".join(text_of(part.get("text")) for part in objects_in(content)) if isinstance(content, list) else text_of(content)
        if words:
            events.append(TextDelta(words))
        if refusal := text_of(delta.get("refusal")):
            events.append(RefusalDelta(refusal))
        return events + [self._call(call, place) for place, call in enumerate(objects_in(delta.get("tool_calls")))]

    def _call(self, call: Json, place: int) -> ToolDelta:
        function = object_in(call.get("function"))
        index, id, name = count_of(call.get("index")), text_of(call.get("id")), text_of(function.get("name"))
        return ToolDelta(
            index=self._named(id, name, place) if index is None else self._place(index, id, name),
            id=id,
            name=name,
            arguments=arguments_in(function.get("arguments")),
            signature=text_of(object_in(object_in(call.get("extra_content")).get("google")).get("thought_signature")) or None,
        )

    def _named(self, id: str, name: str, place: int) -> int:
        """A piece without a number belongs to the call of its id, or else to the one that began last."""
        return self._ids[id] if id in self._ids else self._place(place, id, name)

    def _place(self, index: int, id: str, name: str) -> int:
        """Which call a piece belongs to. Some servers number every call 0 (Gemini's OpenAI door does): a new id with a name is a new call."""
        place, first = self._places.get(index, (None, ""))
        if place is None or (name and id and first and id != first):
            given = self._given
            place = index if index not in given else max(given) + 1
            self._given, self._places[index] = given | {place}, (place, id)
            if id:
                self._ids[id] = place
        return place


class ChatWriter:
    def __init__(self, call: Call, *, id: str, created: int, usage_to: Callable[[Usage], Json]) -> None:
        self._call, self._usage_to = call, usage_to
        self._head: Json = {"id": id, "object": "chat.completion.chunk", "created": created, "model": call.model}
        self._finish: Finish | None = None
        self._usage: Usage | None = None

    def write(self, event: Event) -> bytes:
        match event:
            case TextDelta(text=text):
                return self._chunk({"content": text})
            case Begun():
                self._head |= {"id": event.id or self._head["id"], "model": event.model or self._head["model"]}
                return self._chunk({"role": "assistant", "content": ""})
            case ReasoningDelta():
                return self._chunk(_thought(event))
            case RefusalDelta(text=text):
                return self._chunk({"refusal": text})
            case ToolDelta():
                return self._chunk({"tool_calls": [_call(event)]})
            case Finished(finish=finish):
                self._finish = finish
            case UsageSeen(usage=usage):
                self._usage = usage
            case Restarted():
                self._finish = self._usage = None
                return write_event(dump({"provider": event.provider, "model": event.model}), event="restart")
            case Lost():
                pass
        return b""

    def fail(self, error: StorehandError) -> bytes:
        kind = "rate_limit_error" if error.status == 429 else "server_error"
        return write_event(dump({"error": {"message": str(error), "type": kind, "param": None, "code": error.code}}))

    def end(self) -> bytes:
        last = self._chunk({}, finish=self._finish or "stop")
        if self._call.include_usage:
            last += write_event(dump(self._head | {"choices": [], "usage": self._usage_to(self._usage or Usage())}))
        return last + write_event("[DONE]")

    def _chunk(self, delta: Json, *, finish: Finish | None = None) -> bytes:
        return b"data: " + dump(self._head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}).encode() + b"\n\n"


def _thought(event: ReasoningDelta) -> Json:
    kind = "reasoning.encrypted" if event.hidden is not None else "reasoning.text"
    values = {"type": kind, "text": event.text, "signature": event.signature, "data": event.hidden}
    return {"reasoning_content": event.text, "reasoning_details": [{k: v for k, v in values.items() if v is not None}]}


def _call(event: ToolDelta) -> Json:
    function: Json = {"arguments": event.arguments}
    call: Json = {"index": event.index, "function": function}
    if event.id:
        call |= {"id": event.id, "type": "function"}
    if event.name:
        function["name"] = event.name
    if event.signature is not None:
        call["extra_content"] = {"google": {"thought_signature": event.signature}}
    return call

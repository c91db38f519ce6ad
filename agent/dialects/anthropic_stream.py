"""Anthropic's stream: blocks that start, grow and stop, read from a provider and written for a caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from agent.dialects.base import Call, Json, count_of, dump, object_in, object_of, text_of, unreadable
from agent.dialects.events import Begun, Event, Finished, Lost, ReasoningDelta, RefusalDelta, Restarted, TextDelta, ToolDelta, UsageSeen
from agent.dialects.faults import Fault, error_of
from agent.dialects.messages import Finish, Usage
from agent.dialects.sse import SseEvent, write_event
from agent.errors import BadOutput, StorehandError


class MessageReader:
    def __init__(self, usage_of: Callable[[Any], Usage | None], finishes: Mapping[str, Finish]) -> None:
        self._usage_of, self._finishes = usage_of, finishes
        self._usage: Json = {}
        self._signatures: dict[int, str] = {}
        self._thinking: set[int] = set()
        self._tools: dict[int, int] = {}  # place among the blocks to place among the tool calls
        self._inputs: dict[int, Json] = {}  # what a call began with, until pieces of it come
        self._has_begun = False
        self.ended = False

    def read(self, event: SseEvent) -> Sequence[Event]:
        try:
            body = object_of(event.data.encode())
        except BadOutput:
            return (unreadable(event.data),)
        match body.get("type"):
            case "message_start":
                return self._begun(object_in(body.get("message")))
            case "content_block_start":
                return self._block(count_of(body.get("index")) or 0, object_in(body.get("content_block")))
            case "content_block_delta":
                return self._delta(count_of(body.get("index")) or 0, object_in(body.get("delta")))
            case "content_block_stop":
                return self._stop(count_of(body.get("index")) or 0)
            case "message_delta":
                return self._last(body)
            case "message_stop":
                self.ended = True
                return ()
            case "error":
                error = object_in(body.get("error"))
                raise error_of(Fault(status=0, type=text_of(error.get("type")), message=text_of(error.get("message"))))
            case _:  # ping, and kinds that are not invented yet
                if body.get("error"):
                    error = object_in(body.get("error"))
                    raise error_of(Fault(status=0, type=text_of(error.get("type")), message=text_of(error.get("message"))))
                return ()

    def _begun(self, message: Json) -> Sequence[Event]:
        if self._has_begun:
            raise BadOutput("the stream began a second time")
        self._has_begun, self._usage = True, object_in(message.get("usage"))
        seen = self._usage_of(self._usage)
        self._usage = {**self._usage, "output_tokens": 0}  # nothing is written yet; with no count at the end it was not counted
        begun = Begun(id=text_of(message.get("id")), model=text_of(message.get("model")), input=seen.input if seen else 0)
        return (begun,)

    def _block(self, index: int, block: Json) -> Sequence[Event]:
        match block.get("type"):
            case "text":
                return (TextDelta(text_of(block.get("text"))),) if block.get("text") else ()
            case "tool_use":
                place = self._tools.setdefault(index, len(self._tools))
                self._inputs[index] = object_in(block.get("input"))
                return (ToolDelta(index=place, id=text_of(block.get("id")), name=text_of(block.get("name"))),)
            case "thinking":
                self._thinking.add(index)
                self._signatures[index] = text_of(block.get("signature"))
                return (ReasoningDelta(text=text_of(block.get("thinking"))),) if block.get("thinking") else ()
            case "redacted_thinking":
                return (ReasoningDelta(hidden=text_of(block.get("data"))),)
            case _:
                return ()

    def _delta(self, index: int, delta: Json) -> Sequence[Event]:
        match delta.get("type"):
            case "text_delta":
                return (TextDelta(text_of(delta.get("text"))),)
            case "input_json_delta":
                if piece := text_of(delta.get("partial_json")):  # the first is empty, and so it stays where a tool takes nothing
                    self._inputs.pop(index, None)
                return (ToolDelta(index=self._tools.get(index, index), arguments=piece),)
            case "thinking_delta":
                return (ReasoningDelta(text=text_of(delta.get("thinking"))),)
            case "signature_delta":
                self._signatures[index] = self._signatures.get(index, "") + text_of(delta.get("signature"))
                return ()
            case _:
                return ()

    def _stop(self, index: int) -> Sequence[Event]:
        if (given := self._inputs.pop(index, None)) is not None:  # some servers send it whole at the beginning and nothing after that
            return (ToolDelta(index=self._tools[index], arguments=dump(given)),)
        if index not in self._thinking:
            return ()
        signature = self._signatures.get(index)
        return (ReasoningDelta(signature=signature),) if signature else ()

    def _last(self, body: Json) -> Sequence[Event]:
        events = [event for index in list(self._inputs) for event in self._stop(index)]
        # Counts here are cumulative; what is not repeated still holds from the start of the message.
        self._usage |= {name: value for name, value in object_in(body.get("usage")).items() if value is not None}
        if usage := self._usage_of(self._usage):
            events.append(UsageSeen(usage))
        if reason := text_of(object_in(body.get("delta")).get("stop_reason")):
            events.append(Finished(self._finishes.get(reason, "stop")))
        return events


class MessageWriter:
    def __init__(self, call: Call, *, id: str, usage_to: Callable[[Usage], Json], reasons: Mapping[Finish, str]) -> None:
        self._usage_to, self._reasons = usage_to, reasons
        self._message: Json = {"id": id, "type": "message", "role": "assistant", "model": call.model, "content": []}
        self._begun = False
        self._index = -1
        self._open: Literal["", "text", "thinking", "tool_use"] = ""
        self._tool = -1
        self._finish: Finish = "stop"
        self._usage = Usage()

    def write(self, event: Event) -> bytes:
        match event:
            case TextDelta(text=text) | RefusalDelta(text=text):
                return self._into("text", {"type": "text", "text": ""}) + self._delta({"type": "text_delta", "text": text})
            case Begun():
                return self._begin(event)
            case ReasoningDelta():
                return self._think(event)
            case ToolDelta():
                return self._call(event)
            case Finished(finish=finish):
                self._finish = finish
            case UsageSeen(usage=usage):
                self._usage = usage
            case Restarted():
                return self._restart(event)
            case Lost():
                pass
        return b""

    def fail(self, error: StorehandError) -> bytes:
        kind = {429: "rate_limit_error", 504: "timeout_error"}.get(error.status, "overloaded_error")
        return _typed({"type": "error", "error": {"type": kind, "message": str(error), "details": {"error_code": error.code}}})

    def end(self) -> bytes:
        start = b"" if self._begun else self._begin(Begun())
        delta = {"stop_reason": self._reasons[self._finish], "stop_sequence": None}
        last = {"type": "message_delta", "delta": delta, "usage": self._usage_to(self._usage)}
        return start + self._close() + _typed(last) + _typed({"type": "message_stop"})

    def _begin(self, event: Begun) -> bytes:
        self._begun = True
        self._message |= {"id": event.id or self._message["id"], "model": event.model or self._message["model"]}
        usage = self._usage_to(Usage(input=event.input)) | {"output_tokens": 0}
        return _typed({"type": "message_start", "message": self._message | {"stop_reason": None, "stop_sequence": None, "usage": usage}})

    def _into(self, kind: Literal["text", "thinking", "tool_use"], block: Json) -> bytes:
        """Within a block of that kind, a new one if another is open."""
        start = b"" if self._begun else self._begin(Begun())
        if self._open == kind:
            return start
        return start + self._start(kind, block)

    def _start(self, kind: Literal["text", "thinking", "tool_use"], block: Json) -> bytes:
        closed = self._close()
        self._open, self._index = kind, self._index + 1
        return closed + _typed({"type": "content_block_start", "index": self._index, "content_block": block})

    def _think(self, event: ReasoningDelta) -> bytes:
        if event.hidden is not None:
            start = b"" if self._begun else self._begin(Begun())
            return start + self._start("thinking", {"type": "redacted_thinking", "data": event.hidden}) + self._close()
        written = self._into("thinking", {"type": "thinking", "thinking": "", "signature": ""})
        if event.text:
            written += self._delta({"type": "thinking_delta", "thinking": event.text})
        if event.signature is not None:
            written += self._delta({"type": "signature_delta", "signature": event.signature}) + self._close()
        return written

    def _call(self, event: ToolDelta) -> bytes:
        written = b"" if self._begun else self._begin(Begun())
        if self._open != "tool_use" or self._tool != event.index:
            self._tool = event.index
            written += self._start("tool_use", {"type": "tool_use", "id": event.id, "name": event.name, "input": {}})
        return written + (self._delta({"type": "input_json_delta", "partial_json": event.arguments}) if event.arguments else b"")

    def _restart(self, event: Restarted) -> bytes:
        closed = self._close()
        return closed + write_event(dump({"type": "restart", "provider": event.provider, "model": event.model}), event="restart")

    def _delta(self, delta: Json) -> bytes:
        return _typed({"type": "content_block_delta", "index": self._index, "delta": delta})

    def _close(self) -> bytes:
        if not self._open:
            return b""
        self._open = ""
        return _typed({"type": "content_block_stop", "index": self._index})


def _typed(body: Json) -> bytes:
    return write_event(dump(body), event=body["type"])

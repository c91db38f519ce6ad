"""The responses API's stream of named events, read from a provider and written for a caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.dialects.base import Answer, Json, arguments_in, count_of, dump, object_in, object_of, text_of, unreadable
from agent.dialects.events import Assembly, Begun, Event, Finished, ReasoningDelta, RefusalDelta, Restarted, TextDelta, ToolDelta, UsageSeen
from agent.dialects.faults import Fault, error_of
from agent.dialects.messages import Response, Usage
from agent.dialects.openai_stream import error_in
from agent.dialects.sse import SseEvent, write_event
from agent.errors import BadOutput, StorehandError


class ResponsesReader:
    def __init__(self, answer_of: Callable[[Json], Answer]) -> None:
        self._answer_of = answer_of
        self._calls: dict[int, int] = {}  # place in the output to place among the calls
        self._with_arguments: set[int] = set()
        self._text: list[str] = []
        self.ended = False

    def read(self, event: SseEvent) -> Sequence[Event]:
        try:
            body = object_of(event.data.encode())
        except BadOutput:
            return () if event.data.strip() == "[DONE]" else (unreadable(event.data),)
        place = count_of(body.get("output_index")) or 0
        match text_of(body.get("type")) or event.event:
            case "response.output_text.delta":
                self._text.append(text_of(body.get("delta")))
                return (TextDelta(self._text[-1]),)
            case "response.refusal.delta":
                return (RefusalDelta(text_of(body.get("delta"))),)
            case "response.created":
                response = object_in(body.get("response"))
                return (Begun(id=text_of(response.get("id")), model=text_of(response.get("model"))),)
            case "response.output_item.added":
                return self._added(place, object_in(body.get("item")))
            case "response.function_call_arguments.delta":
                self._with_arguments.add(place)
                return (ToolDelta(index=self._calls.get(place, place), arguments=text_of(body.get("delta"))),)
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                return (ReasoningDelta(text=text_of(body.get("delta"))),)
            case "response.output_item.done":
                return self._done(place, object_in(body.get("item")))
            case "response.completed" | "response.incomplete":
                return self._end(object_in(body.get("response")))
            case "response.failed":
                raise error_in(object_in(body.get("response"))) or BadOutput("the response failed and does not say why")
            case "error":
                inner = object_in(body.get("error")) or body
                raise error_of(
                    Fault(status=0, code=text_of(inner.get("code")), type=text_of(inner.get("type")), message=text_of(inner.get("message")))
                )
            case _:
                if failure := error_in(body):
                    raise failure
                return ()

    def _added(self, place: int, item: Json) -> Sequence[Event]:
        if item.get("type") != "function_call":
            return ()
        self._calls[place] = len(self._calls)
        arguments = arguments_in(item.get("arguments"))
        if arguments:
            self._with_arguments.add(place)
        return (ToolDelta(index=self._calls[place], id=text_of(item.get("call_id")), name=text_of(item.get("name")), arguments=arguments),)

    def _done(self, place: int, item: Json) -> Sequence[Event]:
        if item.get("type") == "reasoning" and (item.get("id") or item.get("encrypted_content")):
            return (ReasoningDelta(signature=text_of(item.get("id")) or None, hidden=text_of(item.get("encrypted_content")) or None),)
        # Some servers send the arguments of a call only whole, at its end.
        if item.get("type") == "function_call" and place not in self._with_arguments:
            first = () if place in self._calls else self._added(place, {**item, "arguments": ""})
            return (*first, ToolDelta(index=self._calls[place], arguments=arguments_in(item.get("arguments"))))
        return ()

    def _end(self, response: Json) -> Sequence[Event]:
        self.ended = True
        answer = self._answer_of(response)
        said, text = "".join(self._text), answer.response.text
        # The response at the end has all of it once more: what a server streamed of it only in part, or not at all, is there.
        missing = text[len(said) :] if text.startswith(said) else ""
        events: list[Event] = [TextDelta(missing)] if missing else []
        events += [UsageSeen(answer.usage)] if answer.usage else []
        return [*events, Finished(answer.response.finish)] if answer.finished else events


class ResponsesWriter:
    """Each kind of output is an item that is added, grows and is done; at the end comes the whole response once more."""

    def __init__(self, whole: Callable[[Response], Json], *, id: str, model: str) -> None:
        self._whole, self._id, self._model = whole, id, model
        self._said = Assembly()
        self._number = 0
        self._place = -1
        self._open = ""
        self._text = ""
        self._tool = -1
        self._item: Json = {}
        self._begun = False

    def write(self, event: Event) -> bytes:
        if isinstance(event, Restarted):
            return self._restart(event)
        self._said.add(event)
        match event:
            case TextDelta(text=text):
                return self._grow("text", "response.output_text.delta", text)
            case RefusalDelta(text=text):
                return self._grow("refusal", "response.refusal.delta", text)
            case Begun():
                self._id, self._model = event.id or self._id, event.model or self._model
                return self._begin()
            case ReasoningDelta():
                return self._think(event)
            case ToolDelta():
                return self._call(event)
            case _:
                return b""

    def fail(self, error: StorehandError) -> bytes:
        failed = self._response() | {"status": "failed", "error": {"code": error.code, "message": str(error)}}
        return self._begin() + self._send({"type": "response.failed", "response": failed})

    def end(self) -> bytes:
        response = self._response()
        kind = "response.incomplete" if response["status"] == "incomplete" else "response.completed"
        return self._begin() + self._close() + self._send({"type": kind, "response": response})

    def _response(self) -> Json:
        return self._whole(self._said.response(usage=self._said.usage or Usage(), provider="", model=self._model)) | {"id": self._id}

    def _begin(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        head = self._response() | {"status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
        return self._send({"type": "response.created", "response": head}) + self._send({"type": "response.in_progress", "response": head})

    def _add(self, kind: str, item: Json) -> bytes:
        start = self._begin() + self._close()
        self._open, self._text, self._item = kind, "", item
        self._place += 1
        return start + self._send({"type": "response.output_item.added", "output_index": self._place, "item": item})

    def _grow(self, kind: str, event: str, delta: str) -> bytes:
        written = b""
        if self._open != kind:
            item = {"id": f"msg_{self._place + 1}", "type": "message", "status": "in_progress", "role": "assistant", "content": []}
            written = self._add(kind, item) + self._send({"type": "response.content_part.added", **self._where(), "part": self._part("")})
        self._text += delta
        return written + self._send({"type": event, **self._where(), "delta": delta, **({"logprobs": []} if kind == "text" else {})})

    def _think(self, event: ReasoningDelta) -> bytes:
        written = b""
        if self._open != "thought":
            written = self._add("thought", {"id": f"rs_{self._place + 1}", "type": "reasoning", "summary": []})
        if event.text:
            self._text += event.text
            delta = {"type": "response.reasoning_summary_text.delta", "item_id": self._item["id"], "output_index": self._place}
            written += self._send({**delta, "summary_index": 0, "delta": event.text})
        if event.signature is not None or event.hidden is not None:
            ends = {"id": event.signature or self._item["id"]}
            self._item |= ends | ({"encrypted_content": event.hidden} if event.hidden is not None else {})
            written += self._close()
        return written

    def _call(self, event: ToolDelta) -> bytes:
        written = b""
        if self._open != "call" or self._tool != event.index:
            self._tool = event.index
            item = {
                "id": f"fc_{event.index}",
                "type": "function_call",
                "status": "in_progress",
                "call_id": event.id,
                "name": event.name,
                "arguments": "",
            }
            written = self._add("call", item)
        if not event.arguments:
            return written
        self._text += event.arguments
        delta = {"item_id": self._item["id"], "output_index": self._place, "delta": event.arguments}
        return written + self._send({"type": "response.function_call_arguments.delta", **delta})

    def _close(self) -> bytes:
        kind, self._open = self._open, ""
        match kind:
            case "text" | "refusal":
                part = self._part(self._text, kind)
                done = {"type": f"response.{'output_text' if kind == 'text' else 'refusal'}.done", **self._where()}
                done |= {"text": self._text, "logprobs": []} if kind == "text" else {"refusal": self._text}
                item = self._item | {"status": "completed", "content": [part]}
                return self._send(done) + self._send({"type": "response.content_part.done", **self._where(), "part": part}) + self._done(item)
            case "call":
                whole = {"item_id": self._item["id"], "output_index": self._place, "arguments": self._text, "name": self._item["name"]}
                item = self._item | {"status": "completed", "arguments": self._text}
                return self._send({"type": "response.function_call_arguments.done", **whole}) + self._done(item)
            case "thought":
                return self._done(self._item | {"summary": [{"type": "summary_text", "text": self._text}] if self._text else []})
            case _:
                return b""

    def _done(self, item: Json) -> bytes:
        return self._send({"type": "response.output_item.done", "output_index": self._place, "item": item})

    def _part(self, text: str, kind: str = "") -> Json:
        if (kind or self._open) == "refusal":
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    def _where(self) -> Json:
        return {"item_id": self._item["id"], "output_index": self._place, "content_index": 0}

    def _restart(self, event: Restarted) -> bytes:
        self._said.add(event)
        self._place, self._open, self._begun = -1, "", False
        return write_event(dump({"type": "restart", "provider": event.provider, "model": event.model}), event="restart")

    def _send(self, body: Json) -> bytes:
        numbered = body | {"sequence_number": self._number}
        self._number += 1
        return write_event(dump(numbered), event=body["type"])

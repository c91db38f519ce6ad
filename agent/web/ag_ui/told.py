"""A run's events in the protocol's words, one after the other.

| the run's | the protocol's |
|---|---|
| run_started | RUN_STARTED |
| plan_ready | STATE_SNAPSHOT: the plan under `storehand`, beside the front end's own state |
| step_started, step_finished | STEP_STARTED and a TOOL_CALL with the step's arguments, STEP_FINISHED |
| part | TEXT_MESSAGE, and TOOL_CALL_RESULT unless it waits for approval: then the run that resumes tells the result |
| text_delta | ACTIVITY_SNAPSHOT, ACTIVITY_DELTA: the text is not checked yet, so it is no message |
| question, approval_waiting | an interrupt of the RUN_FINISHED that follows |
| approval_decided, change_applied, change_skipped | CUSTOM of that name |
| run_finished, run_waiting, run_stopped | RUN_FINISHED: success, interrupt, cancelled |
| run_error | RUN_ERROR |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from agent.records import ChangeSet, RunEvent, to_json
from agent.web.ag_ui.incoming import RunAgentInput, approval_id, question_id

PROTOCOL = "1.0"
Event = dict[str, Any]


@dataclass(slots=True)
class Telling:
    """One run of the protocol, which may go on with a run of ours or with several."""

    asked: RunAgentInput
    words: Callable[[str], str] = str
    """A sentence of the server's in the language of whoever reads it."""
    _args: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _open_steps: dict[str, str] = field(default_factory=dict)
    _messages: int = 0

    def started(self, run: str | None) -> Event:
        """
        Args:
            run: Our name for it; None before there is one.
        """
        named = {"threadId": self.asked.threadId, "runId": self.asked.runId, "protocolVersion": PROTOCOL}
        return {"type": "RUN_STARTED", **named, **({"metadata": {"storehand": {"run_id": run}}} if run else {})}

    def of(self, event: RunEvent) -> Iterator[Event]:
        """What the protocol has for an event of the run, but for its beginning and its end."""
        data = to_json(event.data)
        call = call_id(event.run, event.subtask or "")
        match event.type:
            case "plan_ready":
                self._args = {subtask["id"]: subtask["args"] for subtask in data["plan"]["subtasks"]}
                own = self.asked.state if isinstance(self.asked.state, Mapping) else {}
                yield {"type": "STATE_SNAPSHOT", "snapshot": {**own, "storehand": {"run_id": event.run, "plan": data["plan"]}}}
            case "step_started":
                yield from self._step(call, event.subtask or "", data["task"])
            case "text_delta":
                yield from self._growing(call, data)
            case "part":
                yield from self._part(call, data["part"])
            case "step_finished":
                if (step := self._open_steps.pop(event.subtask or "", None)) is not None:
                    yield {"type": "STEP_FINISHED", "stepName": step}
            case "approval_decided" | "change_applied" | "change_skipped":
                yield {"type": "CUSTOM", "name": event.type, "value": data}

    def said(self, text: str) -> Iterator[Event]:
        """A message of the assistant's, as it is; none where there is nothing to say."""
        if not text:
            return
        self._messages += 1
        id = f"{self.asked.runId}/{self._messages}"
        yield {"type": "TEXT_MESSAGE_START", "messageId": id, "role": "assistant"}
        yield {"type": "TEXT_MESSAGE_CONTENT", "messageId": id, "delta": text}
        yield {"type": "TEXT_MESSAGE_END", "messageId": id}

    def result(self, call: str, content: Any) -> Event:
        """What came of a step; of one that waited for approval, in the run that decided it."""
        self._messages += 1
        told = msgspec.json.encode(content).decode()
        return {"type": "TOOL_CALL_RESULT", "messageId": f"{self.asked.runId}/{self._messages}", "toolCallId": call, "content": told}

    def decided(self, change_set: ChangeSet) -> Iterator[Event]:
        """A decision that this run brought, and what it made of the step that proposed it."""
        told = to_json(change_set)
        yield {"type": "CUSTOM", "name": "approval_decided", "value": {"digest": change_set.digest, "state": change_set.state, "change_set": told}}
        if change_set.run is not None and change_set.subtask is not None:
            yield self.result(call_id(change_set.run, change_set.subtask), told)

    def left_over(self, reply: Mapping[str, Any] | None) -> Iterator[Event]:
        """The end of a run that only decided: what still waits of the run that asked, unless this one was told to leave it.

        Args:
            reply: That run as it stands; None where none is known.
        """
        told = {each.interruptId for each in self.asked.resume or ()}
        interrupts = [each for each in interrupts_of(reply, self.words) if each["id"] not in told] if reply else []
        yield self._finished({"type": "interrupt", "interrupts": interrupts} if interrupts else {"type": "success"})

    def unknown(self, interrupt: str) -> Event:
        """An answer to nothing that was asked: the run goes on without it, and says so."""
        return {"type": "CUSTOM", "name": "unknown_interrupt", "value": {"interruptId": interrupt}}

    def failed(self, sentence: str, code: str) -> Event:
        return {"type": "RUN_ERROR", "message": self.words(sentence), "code": code}

    def ended(self, reply: Mapping[str, Any]) -> Iterator[Event]:
        """The end of a run that did not fail, with what it says besides its parts.

        Args:
            reply: The run as it stands, as JSON.
        """
        yield from self._closed()
        text = reply["plan"]["text"]
        for left in reply["not_done"]:
            yield from self.said(f"“{text[left['span'][0] : left['span'][1]]}”: {self.words(left['reason'])}")
        for note in reply["plan"]["notes"]:
            yield from self.said(self.words(note))
        if reply["state"] == "stopped":
            yield self._finished({"type": "cancelled"})
        elif interrupts := list(interrupts_of(reply, self.words)):
            for each in interrupts:
                if each["reason"] == "input_required":
                    yield from self.said(each["message"])
            yield self._finished({"type": "interrupt", "interrupts": interrupts})
        else:
            yield self._finished({"type": "success"}) | {"result": {name: reply[name] for name in ("run_id", "state", "usage")}}

    def _step(self, call: str, subtask: str, task: str) -> Iterator[Event]:
        self._open_steps[subtask] = step = f"{subtask} {task}"
        yield {"type": "STEP_STARTED", "stepName": step}
        yield {"type": "TOOL_CALL_START", "toolCallId": call, "toolCallName": task}
        yield {"type": "TOOL_CALL_ARGS", "toolCallId": call, "delta": msgspec.json.encode(self._args.get(subtask, {})).decode()}
        yield {"type": "TOOL_CALL_END", "toolCallId": call}

    def _growing(self, call: str, data: Mapping[str, Any]) -> Iterator[Event]:
        named = {"messageId": f"{call}/{data['text']}", "activityType": "storehand.draft"}
        if data["anew"]:
            yield {"type": "ACTIVITY_SNAPSHOT", **named, "content": {"pieces": [data["delta"]]}}
        else:
            yield {"type": "ACTIVITY_DELTA", **named, "patch": [{"op": "add", "path": "/pieces/-", "value": data["delta"]}]}

    def _part(self, call: str, part: Mapping[str, Any]) -> Iterator[Event]:
        draft = part["data"].get("content") if part["kind"] == "draft" and isinstance(part["data"], Mapping) else None
        text = self.words(part["text"])
        yield from self.said(f"{text}\n\n{draft}" if draft else text)
        if not waits(part):
            yield self.result(call, part)

    def _finished(self, outcome: Mapping[str, Any]) -> Event:
        return {"type": "RUN_FINISHED", "threadId": self.asked.threadId, "runId": self.asked.runId, "outcome": dict(outcome)}

    def _closed(self) -> Iterator[Event]:
        """Nothing that was opened outlives its run."""
        for step in self._open_steps.values():
            yield {"type": "STEP_FINISHED", "stepName": step}
        self._open_steps.clear()


def call_id(run: str, subtask: str) -> str:
    """A step as a tool call: the run that decides about it names it again."""
    return f"{run}/{subtask}"


def waits(part: Mapping[str, Any]) -> bool:
    """Whether a part's proposal waits for a decision."""
    return part["change_set"] is not None and part["change_set"]["state"] == "open"


def interrupts_of(reply: Mapping[str, Any], words: Callable[[str], str] = str) -> Iterator[Event]:
    """What a run that stopped waits for: answers to its questions, decisions about its proposals."""
    for question in reply["questions"]:
        choices = [{"const": option["value"], "title": option["label"]} for option in question["options"]]
        value = {"type": "string", **({"oneOf": choices} if choices else {})}
        yield {
            "id": question_id(reply["run_id"], question["id"]),
            "reason": "input_required",
            "message": words(question["question"]),
            "responseSchema": {"type": "object", "properties": {"value": value}, "required": ["value"]},
        }
    for part in reply["parts"]:
        if waits(part):
            yield _approval(call_id(reply["run_id"], part["subtask"]), part["change_set"], words)


def _approval(call: str, change_set: Mapping[str, Any], words: Callable[[str], str]) -> Event:
    ids = [item["id"] for item in change_set["items"]]
    asked: dict[str, Any] = {"approved": {"type": "boolean"}, "items": {"type": "array", "items": {"type": "string", "enum": ids}}}
    confirms = [change_set["confirm"], *(str(item["what"].get("confirm", "click")) for item in change_set["items"])]
    if word := next((each.removeprefix("type:") for each in confirms if each.startswith("type:")), None):
        asked["typed"] = {"type": "string", "const": word, "description": f"Type {word} to confirm."}
    return {
        "id": approval_id(change_set["digest"]),
        "reason": "tool_call",
        "message": words(change_set["summary"]),
        "toolCallId": call,
        "responseSchema": {"type": "object", "properties": asked, "required": ["approved"]},
        "expiresAt": change_set["expires_at"],
        "metadata": {"storehand": {"change_set": change_set}},
    }

"""A run as a task of the protocol.

| the run's | the task's |
|---|---|
| queued, running | working |
| waiting, for answers or decisions | input required; the status message says what is asked, or where a person decides |
| done | completed; rejected where nothing of it could be done; failed where every part did |
| stopped | canceled |
| failed | failed |
| its parts | artifacts: what it says as text, and the part's JSON as /v1 has it |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from agent.records import Part, Question, Reply, RunEvent, to_json
from agent.web.mcp.shown import change_set_sentences

State = Literal["working", "completed", "input-required", "canceled", "failed", "rejected"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """In which words and of which place a task is told."""

    modern: bool
    """In the form of 1.0; else of 0.3."""
    address: str
    """Where people reach Storehand."""

    def task(self, reply: Reply, context: str, story: Sequence[RunEvent] = ()) -> Json:
        """
        Args:
            context: The conversation's id.
            story: The run's events so far.
        """
        state = state_of(reply)
        message = {
            "messageId": f"{reply.run_id}/status", "role": "ROLE_AGENT" if self.modern else "agent", "taskId": reply.run_id, "contextId": context,
            "parts": self._parts("\n".join(self._said(reply, state, story)), _waits_for(reply) if state == "input-required" else None),
            **({} if self.modern else {"kind": "message"}),
        }  # fmt: skip
        status = {"state": self._state(state), "message": message, **_timed(story)}
        told = {"id": reply.run_id, "contextId": context, "status": status, "artifacts": [self._artifact(reply, n) for n in range(len(reply.parts))]}
        return told if self.modern else {**told, "kind": "task"}

    def _state(self, state: State) -> str:
        return f"TASK_STATE_{state.upper().replace('-', '_')}" if self.modern else state

    def _parts(self, text: str, data: Json | None) -> list[Json]:
        kinds: tuple[Json, Json] = ({}, {}) if self.modern else ({"kind": "text"}, {"kind": "data"})
        types: tuple[Json, Json] = ({"mediaType": "text/plain"}, {"mediaType": "application/json"}) if self.modern else ({}, {})
        told = [{**kinds[0], "text": text, **types[0]}]
        return [*told, {**kinds[1], "data": data, **types[1]}] if data is not None else told

    def _artifact(self, reply: Reply, n: int) -> Json:
        part = reply.parts[n]
        parts = self._parts("\n".join(_part_said(part)), to_json(part))
        return {"artifactId": f"{reply.run_id}/{n + 1}", "name": part.task, "parts": parts, "metadata": {"kind": part.kind}}

    def _said(self, reply: Reply, state: State, story: Sequence[RunEvent]) -> Iterator[str]:
        if state == "working":
            yield "Storehand is still at it; ask for this task again in a moment."
        elif state == "canceled":
            yield "This was stopped; what was done before stays."
        elif state == "failed":
            yield from _failures(reply, story)
        elif state == "completed":
            yield "Done."
        yield from (f"Not done: “{reply.plan.text[left.span[0] : left.span[1]]}”. {left.reason}" for left in reply.not_done)
        if state == "rejected":
            yield from (part.text for part in reply.parts)
        yield from (str(note) for note in reply.plan.notes)
        for question in reply.questions:
            yield _asked(question)
        if reply.approvals:
            yield f"Nothing is changed yet: a person approves or rejects what is proposed, in Storehand under Approvals, {self.address}/approvals."


def state_of(reply: Reply) -> State:
    if reply.state in ("queued", "running"):
        return "working"
    if reply.state == "waiting":
        return "input-required"
    if reply.state == "stopped":
        return "canceled"
    kinds = {part.kind for part in reply.parts}
    if reply.state == "failed" or kinds == {"error"}:
        return "failed"
    nothing = kinds <= {"refusal", "missing"} if kinds else bool(reply.not_done)
    return "rejected" if nothing else "completed"


def _timed(story: Sequence[RunEvent]) -> Json:
    return {"timestamp": _instant(story[-1].at)} if story else {}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _waits_for(reply: Reply) -> Json:
    return {"questions": to_json(list(reply.questions)), "approvals": list(reply.approvals)}


def _asked(question: Question) -> str:
    choices = "; ".join(f"{option.label} ({option.value})" if option.label != option.value else option.value for option in question.options)
    how = f'Answer under this task, with text or the data {{"{question.id}": "…"}}.'
    return f"{question.id}: {question.question}{f' Choices: {choices}.' if choices else ''} {how}"


def _failures(reply: Reply, story: Sequence[RunEvent]) -> Iterator[str]:
    told = [str(event.data["detail"]) for event in story if event.type == "run_error"]
    yield from told[-1:] or [part.text for part in reply.parts if part.kind == "error"] or ["This failed; ask again."]


def _part_said(part: Part) -> Iterator[str]:
    yield part.text
    if part.kind == "draft" and isinstance(part.data, Mapping) and part.data.get("content"):
        yield str(part.data["content"])
    if part.change_set is not None:
        yield from change_set_sentences(part.change_set)

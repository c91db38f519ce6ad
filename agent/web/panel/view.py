"""A run as the chat page shows it, made from its reply and its events: the same on the first showing and after a reload."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from agent.records import FileShown, Reply, RunEvent, to_json

Region = str
"""A piece of the run's card that can be shown again by itself: "plan", "parts", "asks", "foot" or "part:<subtask>"; or, as "text:<subtask>:<n>",
what was added to a text that is being written."""

StepState = Literal["pending", "running", "done", "waiting", "proposed", "failed", "refused", "stopped"]
HEARD_AT_ONCE = 160
"""Characters of a growing text that are read aloud together: whole sentences, since single words would cut each other off."""
READING = "read the request"
"""What a route says of whoever understood the words; the step's chips are about who did the work."""
ENDINGS = frozenset({"run_finished", "run_waiting", "run_stopped", "run_error"})
OVER = frozenset({"done", "stopped", "failed"})


@dataclass(slots=True)
class Timing:
    began: datetime | None = None
    ended: datetime | None = None

    @property
    def took_ms(self) -> float | None:
        return (self.ended - self.began).total_seconds() * 1000 if self.began and self.ended else None


_NO_TIMES = Timing()
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)]*(?=\s)|[。！？]|\n")


@dataclass(slots=True)
class Growing:
    """A text that is being written. Nobody has checked it yet."""

    number: int
    text: str = ""
    added: str = ""
    """What came last."""
    heard: int = 0
    """Characters of it that were read aloud."""

    def grow(self, delta: str) -> None:
        self.text, self.added = self.text + delta, delta

    def sentences(self) -> str:
        """What may be read aloud now: whole sentences, enough of them at once; "" when there is not enough yet."""
        rest = self.text[self.heard :]
        end = max((found.end() for found in _SENTENCE_END.finditer(rest)), default=0)
        if end < HEARD_AT_ONCE:
            return ""
        self.heard += end
        return rest[:end].strip()


@dataclass(slots=True, kw_only=True)
class RunView:
    """Everything here is JSON of records, so that a reply and an event are read alike."""

    id: str
    text: str
    state: str
    plan: Mapping[str, Any] | None = None
    parts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    writing: dict[str, list[Growing]] = field(default_factory=dict)
    """What is being written for the subtasks whose parts are not there yet."""
    questions: Sequence[Mapping[str, Any]] = ()
    not_done: Sequence[Mapping[str, Any]] = ()
    usage: Mapping[str, Any] | None = None
    error: str | None = None
    file: Mapping[str, Any] | None = None
    """What is attached to it."""
    timings: dict[str, Timing] = field(default_factory=dict)
    reworded: Sequence[Mapping[str, Any]] = ()
    """The change sets that people proposed in place of its drafts, the latest last."""

    @classmethod
    def of(cls, reply: Reply) -> RunView:
        made = cls(id=reply.run_id, text=reply.plan.text, state=reply.state, file=to_json(reply.plan.file))
        made.take(to_json(reply))
        return made

    @classmethod
    def new(cls, run_id: str, text: str, file: FileShown | None = None) -> RunView:
        """A run of which nothing is known but what was asked."""
        return cls(id=run_id, text=text, state="running", file=to_json(file))

    def take(self, reply: Mapping[str, Any]) -> None:
        """What a reply says holds."""
        self.plan = reply["plan"] if reply["plan"]["id"] else self.plan
        self.state, self.usage = reply["state"], reply["usage"]
        self.questions, self.not_done = reply["questions"], reply["not_done"]
        self.parts = {part["subtask"]: part for part in reply["parts"]}

    def fold(self, event: RunEvent) -> list[Region]:
        """Take an event in; what of the card is different now."""
        timing = self.timings.setdefault(event.subtask, Timing()) if event.subtask else None
        match event.type:
            case "run_started":
                return ["plan"]
            case "plan_ready":
                self.plan = to_json(event.data["plan"])
                return ["plan", "parts", "asks"] if self.notes else ["plan", "parts"]
            case "step_started" if timing and event.subtask:
                timing.began = event.at
                return ["plan", f"part:{event.subtask}"] if self.writing.pop(event.subtask, None) else ["plan"]
            case "text_delta" if event.subtask:
                return self._written(event.subtask, event.data)
            case "step_finished" if timing:
                timing.ended = event.at
                return ["plan"]
            case "part":
                part = to_json(event.data["part"])
                self.parts[part["subtask"]] = part
                self.writing.pop(part["subtask"], None)
                return ["plan", f"part:{part['subtask']}"]
            case "question":
                self.questions = to_json(event.data["questions"])
                return ["plan", "asks"]
            case "approval_decided" if event.subtask in self.parts and event.data.get("change_set"):
                self.parts[event.subtask] = {**self.parts[event.subtask], "change_set": to_json(event.data["change_set"])}
                return ["plan", f"part:{event.subtask}"]
            case "run_finished" | "run_stopped" | "run_waiting" | "run_error":
                return self._ended(event)
        return []

    def _written(self, subtask: str, data: Mapping[str, Any]) -> list[Region]:
        """More of a text. One that begins anew takes the place of what was there of it."""
        texts = self.writing.setdefault(subtask, [])
        growing = next((text for text in texts if text.number == data["text"]), None)
        if growing is not None and not data["anew"]:
            growing.grow(data["delta"])
            return [f"text:{subtask}:{growing.number}"]
        begun = Growing(number=data["text"], text=data["delta"])
        self.writing[subtask] = sorted([*(text for text in texts if text is not growing), begun], key=lambda text: text.number)
        return [f"part:{subtask}"]

    def _ended(self, event: RunEvent) -> list[Region]:
        return [*self._settled(event), *(f"part:{subtask}" for subtask in self._given_up())]

    def _given_up(self) -> list[str]:
        """The subtasks whose texts are not finished any more."""
        left = list(self.writing)
        self.writing.clear()
        return left

    def _settled(self, event: RunEvent) -> list[Region]:
        asked = (list(self.questions), list(self.not_done))
        if isinstance(event.data.get("reply"), Mapping):
            self.take(to_json(event.data["reply"]))
        states = {"run_finished": "done", "run_stopped": "stopped", "run_waiting": "waiting", "run_error": "failed"}
        self.state = states[event.type]
        if event.type == "run_error":
            self.error = str(event.data.get("detail") or "")
        # A question that stands already is left alone: someone may be writing the answer.
        return ["plan", "foot"] if asked == (list(self.questions), list(self.not_done)) else ["plan", "asks", "foot"]

    def has_times_of(self, parts: Mapping[str, Any]) -> bool:
        """Whether the times of all these subtasks are known."""
        return all(self.timings.get(subtask, _NO_TIMES).ended for subtask in parts)

    @property
    def live(self) -> bool:
        return self.state in ("queued", "running")

    @property
    def notes(self) -> Sequence[str]:
        """What is to be known besides: which proposal this request replaces."""
        notes: Sequence[str] = (self.plan or {}).get("notes", ())
        return notes

    @property
    def outside(self) -> bool:
        """Whether a provider was asked, to read the request or to do some of it."""
        by = {(self.plan or {}).get("by")} | {route["by"] for part in self.parts.values() for route in part.get("run", ())}
        return not by.isdisjoint({"frontier", "mixed"})

    @property
    def undecided(self) -> int:
        """How many of its proposals wait for a decision."""
        return sum(1 for part in self.parts.values() if part["kind"] == "proposal" and _state_of(part) == "proposed")

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The plan's subtasks in the order asked, each with how it stands."""
        return [self._step(subtask) for subtask in (self.plan or {}).get("subtasks", ())]

    def _step(self, subtask: Mapping[str, Any]) -> dict[str, Any]:
        part = self.parts.get(subtask["id"])
        timing = self.timings.get(subtask["id"], _NO_TIMES)
        start, end = subtask["span"]
        routes = [route for route in (part or {}).get("run", ()) if route["what"] != READING]
        return {
            "id": subtask["id"],
            "task": subtask["task"],
            "words": self.text[start:end] if subtask["read"]["by"] != "caller" else "",
            "read": subtask["read"],
            "state": self._state(subtask, part, timing),
            "took_ms": timing.took_ms,
            "routes": _grouped(routes),
            "work": [{**route, "what": route["what"].removeprefix("do ")} for route in (part or {}).get("run", ())],
        }

    def _state(self, subtask: Mapping[str, Any], part: Mapping[str, Any] | None, timing: Timing) -> StepState:
        if part is not None:
            return _state_of(part)
        asked = {question["subtask"] for question in self.questions}
        if subtask["id"] in asked or asked.intersection(subtask["after"]):
            return "waiting"
        if self.live:
            return "running" if timing.began else "pending"
        return "stopped"


def _state_of(part: Mapping[str, Any]) -> StepState:
    match part["kind"]:
        case "error":
            return "failed"
        case "refusal":
            return "refused"
        case "missing":
            return "waiting"
        case "draft":
            return "done"
    change_set = part["change_set"]
    return "proposed" if change_set is not None and change_set["state"] == "open" else "done"


def _grouped(routes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Pieces of work done by the same kind of worker, counted together, in the order they first came."""
    found: dict[str, dict[str, Any]] = {}
    for route in routes:
        group = found.setdefault(route["by"], {"by": route["by"], "why": route["why"], "times": 0, "confidence": route["confidence"]})
        group["times"] += 1
    return list(found.values())


def tables_of(data: Any, name: str = "") -> list[dict[str, Any]]:
    """The tables anywhere in a part's data, each with the name of its field."""
    if isinstance(data, Mapping):
        if isinstance(data.get("columns"), list) and isinstance(data.get("rows"), list):
            return [_table(data, name)] if data["rows"] else []
        return [table for key, value in data.items() for table in tables_of(value, str(key))]
    return [table for value in data for table in tables_of(value, name)] if isinstance(data, list) else []


def _table(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    columns = [str(column) for column in data["columns"]]
    declared = list(data.get("numeric") or ())
    numeric = [declared[i] if i < len(declared) else _all_numbers(data["rows"], i) for i in range(len(columns))]
    one_line_of_numbers = len(data["rows"]) == 1 and all(numeric) and len(columns) <= 6
    return {"name": name, "columns": columns, "numeric": numeric, "rows": data["rows"], "figures": one_line_of_numbers}


def _all_numbers(rows: Sequence[Sequence[Any]], column: int) -> bool:
    cells = [row[column] for row in rows if column < len(row) and row[column] is not None]
    return bool(cells) and all(isinstance(c, int | float | Mapping) and not isinstance(c, bool) for c in cells)

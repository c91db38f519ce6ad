"""The second rung: a clause the students are unsure of is put to a frontier model, alone, in the reader's own terms.

The model says which task and which words are which slot; every word it names must stand in the clause. So its answer
goes through the same normalising, linking and binding as a student's, and it can neither bring in a value nor a write
that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast, get_args

from agent.errors import OverBudget, ProviderError
from agent.prompts import Prompts
from agent.records import SlotKind
from agent.records.reading import REFUSALS, SlotSpan
from agent.sdk import Task

ALIAS, PURPOSE = "frontier", "plan"
PROMPT = "planner/clause.jinja"
MOST = 4
"""Subtasks one clause may turn out to hold."""


class CompleteJSON(Protocol):
    """The gateway as planning needs it."""

    def has(self, alias: str) -> bool: ...
    async def complete_json(self, *, alias: str, prompt: str, schema: Mapping[str, Any], purpose: str) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing the clause asks for, as the model reads it; places in the whole request."""

    task: str | None
    """None for a refusal."""
    refusal: Literal["out_of_scope", "not_supported", "unclear"] | None
    start: int
    end: int
    slots: tuple[SlotSpan, ...]


class Frontier:
    def __init__(self, gateway: CompleteJSON | None, prompts: Prompts) -> None:
        self._gateway, self._prompts = gateway, prompts

    @property
    def there(self) -> bool:
        return self._gateway is not None and self._gateway.has(ALIAS)

    async def read(self, text: str, start: int, end: int, tasks: Sequence[Task]) -> list[Told]:
        """What the clause `text[start:end]` asks for; empty when no model answered or none of its answers would do.

        Args:
            tasks: Those it may choose from.
        """
        if self._gateway is None or not self.there:
            return []
        clause, fault = text[start:end], ""
        for _ in range(2):
            prompt = self._prompts.render(PROMPT, clause=clause, request=text, tasks=tasks, kinds=get_args(SlotKind), refusals=REFUSALS, fault=fault)
            try:
                answer = await self._gateway.complete_json(alias=ALIAS, prompt=prompt, schema=schema(tasks), purpose=PURPOSE)
            except (ProviderError, OverBudget):  # a runaway is not caught: its owner is asked
                return []
            told, fault = _checked(answer, clause, start, {task.name: task for task in tasks})
            if not fault:
                return told
        return told


def schema(tasks: Sequence[Task]) -> dict[str, Any]:
    """What an answer looks like, in JSON Schema."""
    slot = {
        "type": "object", "additionalProperties": False, "required": ["kind", "words"],
        "properties": {"kind": {"type": "string", "enum": list(get_args(SlotKind))}, "words": {"type": "string"}},
    }  # fmt: skip
    part = {
        "type": "object", "additionalProperties": False, "required": ["label", "words", "slots"],
        "properties": {
            "label": {"type": "string", "enum": [*(task.name for task in tasks), *REFUSALS]}, "words": {"type": "string"},
            "slots": {"type": "array", "items": slot},
        },
    }  # fmt: skip
    parts = {"type": "array", "items": part, "minItems": 1, "maxItems": MOST}
    return {"type": "object", "additionalProperties": False, "required": ["parts"], "properties": {"parts": parts}}


def _checked(answer: Mapping[str, Any], clause: str, offset: int, tasks: Mapping[str, Task]) -> tuple[list[Told], str]:
    """The parts whose words stand in the clause, and what was wrong with the rest."""
    parts = answer.get("parts")
    if not isinstance(parts, list) or not parts:
        return [], "There is no list `parts`."
    told: list[Told] = []
    faults: list[str] = []
    for part in parts[:MOST]:
        one, fault = _part(part, clause, offset, tasks)
        if one is not None:
            told.append(one)
        if fault:
            faults.append(fault)
    return told, " ".join(faults)


def _part(part: Any, clause: str, offset: int, tasks: Mapping[str, Task]) -> tuple[Told | None, str]:
    if not isinstance(part, Mapping) or not isinstance(part.get("label"), str):
        return None, "A part needs a `label`."
    label, words = part["label"], part.get("words")
    if label not in tasks and label not in REFUSALS:
        return None, f"`{label}` is none of the labels."
    place = _place(words, clause)
    if place is None:
        return None, f"The words “{words}” of a part do not stand in the clause."
    slots: list[SlotSpan] = []
    fault = ""
    for slot in part.get("slots") or ():
        kind, said = (slot.get("kind"), slot.get("words")) if isinstance(slot, Mapping) else (None, None)
        at = _place(said, clause)
        if kind not in get_args(SlotKind) or at is None:
            fault = f"The slot {kind}: “{said}” does not stand in the clause."
            continue
        slots.append(SlotSpan(kind=cast(SlotKind, kind), start=offset + at[0], end=offset + at[1], confidence=1.0))
    slots.sort(key=lambda s: s.start)
    task = label if label in tasks else None
    refusal = label if task is None else None
    return Told(task=task, refusal=refusal, start=offset + place[0], end=offset + place[1], slots=tuple(slots)), fault


def _place(words: Any, clause: str) -> tuple[int, int] | None:
    if not isinstance(words, str) or not words.strip():
        return None
    at = clause.find(words)
    if at < 0:
        at = clause.casefold().find(words.casefold()) if len(clause.casefold()) == len(clause) else -1
    return (at, at + len(words)) if at >= 0 else None

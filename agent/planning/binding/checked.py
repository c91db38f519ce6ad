"""Args held against what a task needs: what makes no sense is asked about before anything runs, and so is what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError

from agent.misfits import remedy
from agent.planning.binding.earlier_records import shown
from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.normalise_numbers import plain
from agent.records import to_json
from agent.sdk import Money, Percent, Selection, Slot


def ask_about_nonsense(bound: Bound) -> None:
    if bound.task.effect == "read":
        return
    for slot in bound.task.slots:
        value = bound.args.get(slot.name)
        problem = problem_with(value, slot)
        if problem:
            del bound.args[slot.name]
            bound.ask(slot.name, problem)
        elif isinstance(value, Percent) and value.value > 0 and " move in percent" in slot.description and (way := _way_unsaid(bound)) is not None:
            bound.ask(way.name, "Up or down?", [(choice, choice) for choice in way.choices])


def _way_unsaid(bound: Bound) -> Slot | None:
    """Which way a percentage goes, where nothing says it: "and the others by 10%" may not raise what is to be lowered."""
    way = next((s for s in bound.task.slots if set(s.choices) == {"up", "down"}), None)
    said = "+" in bound.piece.said or _GROWS.search(bound.piece.said) is not None
    return way if way is not None and way.name not in bound.args and not said else None


_GROWS = re.compile(r"\b(?:double|triple|quadruple)\b", re.I)


def problem_with(value: Any, slot: Slot) -> str | None:
    match value:
        case Money(amount=amount) if amount == 0 or (amount < 0 and "negative" not in slot.description):
            return f"{plain(amount)} {value.currency} is not possible here: it must be more than nothing. {slot.question or 'How much should it be?'}"
        case Percent(value=percent) if percent == 0:
            return "0% changes nothing. How many percent should it be?"
        case Percent(value=percent) if percent < -100 or (percent > 100 and "off" in slot.cues):
            return f"{plain(abs(percent))}% off would be more than the whole price. How many percent should it be?"
        case bool():
            return None
        case int() if value < 0:
            return f"{value} is below zero. {slot.question or 'Which number should it be?'}"
        case Decimal() if "integer" in slot.types:
            return f"{plain(value)} is no whole number. {slot.question or 'How many should it be?'}"
    return None


def ask_for_missing(bound: Bound, scope: Scope) -> None:
    asked = {a.field for a in bound.asked}
    for slot in bound.task.slots:
        if slot.required and slot.name not in bound.args and slot.name not in asked:
            bound.ask(slot.name, slot.question or _made_question(slot))
    for group in bound.task.args.one_of:
        if not any(name in bound.args or name in asked for name in group):
            first = _spoken_of(bound, group) or bound.task.slot(group[0])
            bound.ask(first.name, first.question or _made_question(first), [(choice, choice.replace("_", " ")) for choice in first.choices])


def _spoken_of(bound: Bound, group: Sequence[str]) -> Slot | None:
    """The field of a group that the clause speaks of and says nothing for: "add a note to order 9993" """
    said = bound.piece.said
    texts = [slot for slot in map(bound.task.slot, group) if {"text", "texts"} & set(slot.types) and slot.question]
    return next((slot for slot in texts if any(re.search(rf"\b{re.escape(cue)}\b", said, re.I) for cue in slot.cues)), None)


def _made_question(slot: Slot) -> str:
    described = slot.description.split(":")[0].rstrip(".")
    return f"{described[:1].upper()}{described[1:]}: which?" if not described.endswith("?") else described


def validated(bound: Bound) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The args as JSON, and (field, problem) for what the task's own model refuses. References are looked through."""
    args = {name: _stand_in(bound.task.slot(name)) if shown(value) else value for name, value in bound.args.items()}
    try:
        bound.task.args.model_validate(args)
    except ValidationError as error:
        if problems := [(str(e["loc"][0]) if e["loc"] else "", remedy(e)) for e in error.errors() if e["type"] != "missing"]:
            return {}, problems
    return {name: _as_json(value) for name, value in bound.args.items()}, []


def _as_json(value: Any) -> Any:
    """As the task's args take it from JSON; what a record leaves at its default is left out."""
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, BaseModel) else to_json(value)


_LATER = Selection[Any](ids=("later",))
"""Made once: pydantic keeps no class for `Any`, and makes it anew each time."""


def _stand_in(slot: Slot) -> Any:
    if "selection" in slot.types:
        return _LATER
    return {"id": "later"} if "ref" in slot.types else "later"

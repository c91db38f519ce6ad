"""The value that an answer in plain words gives for one field."""

from __future__ import annotations

from typing import Any

from agent.planning.binding.checked import problem_with
from agent.planning.binding.choices import chosen
from agent.planning.binding.put_values import listed, put_value
from agent.planning.binding.scope import Bound, Piece, Scope
from agent.planning.binding.type_fit import type_fit
from agent.planning.language.values import Impossible, Spot, Values, Words
from agent.sdk import Slot


def answer_fits(slot: Slot, text: str, values: Values, scope: Scope) -> Any:
    """The value that an answer in plain words gives for one field; None where it gives none."""
    types = set(slot.types)
    if types & {"choice", "choices", "flag"}:
        return _chosen_answer(slot, text, values)
    bound = Bound(task=next(iter(scope.tasks.values())), piece=Piece(text=text, start=0, end=len(text), slots=(), values=values))
    fitting = [v for v in values.items if not isinstance(v, Impossible | Words) and type_fit(v, slot) > 0]
    if fitting:
        put_value(bound, slot, max(fitting, key=lambda v: type_fit(v, slot)), scope)
        value = bound.args[slot.name]
        return None if problem_with(value, slot) else value
    if any(isinstance(v, Impossible) for v in values.items):
        return None
    plain_text = text.strip().strip("\"'“”")
    return None if not plain_text or not types & {"text", "texts"} else plain_text if "text" in types else listed(plain_text)


def _chosen_answer(slot: Slot, text: str, values: Values) -> Any:
    low = text.strip().casefold()
    if "flag" in slot.types and low in ("yes", "y", "true", "no", "n", "false"):
        return low in ("yes", "y", "true")
    if text in slot.choices:
        return [text] if "choices" in slot.types else text
    found = chosen(slot, text, [Spot(start=0, end=len(text))], values.items, hidden=())
    if not found:
        return None
    return [c.choice for c in found] if "choices" in slot.types else found[0].choice == "true" if "flag" in slot.types else found[0].choice

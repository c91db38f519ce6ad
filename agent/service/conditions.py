"""Conditions of a plan, weighed by plain code over what was read: "7 sold: below 10, so …"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from agent.errors import Invalid
from agent.records import Condition
from agent.reply import Renderer
from agent.sdk import Money, say

_BOUNDS = ("at_least", "above", "at_most", "below")
_SAID = {"at_least": "at least", "above": "above", "at_most": "at most", "below": "below"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    holds: bool
    """Whether the subtask is to be run; with "unless" that is where the condition does not hold."""
    text: str


def weighed(given: Condition, outputs: Mapping[str, BaseModel], render: Renderer) -> Weighed:
    """
    Raises:
        Invalid: What the condition is about was not found out, or is no number; then nothing may be done.
    """
    id, _, field = given.of.partition(".")
    figure = getattr(outputs[id], field, None) if id in outputs else None
    value = _number(figure)
    if value is None:
        raise Invalid(f"It was not found out whether “{given.said}”, so nothing was changed.")
    bound = next(name for name in _BOUNDS if getattr(given, name) is not None)
    limit = Decimal(getattr(given, bound))
    meets = {"at_least": value >= limit, "above": value > limit, "at_most": value <= limit, "below": value < limit}[bound]
    shown: Any = Money(limit, figure.currency) if isinstance(figure, Money) else limit
    facts = {"figure": figure, "measure": given.measure, "not_": "" if meets else "not ", "bound": _SAID[bound], "limit": shown}
    holds = meets != given.unless
    end = say("so this is proposed:") if holds else say("so nothing is changed.")
    if not given.measure:
        verdict = say("so") if meets else say("not so")
        return Weighed(holds=holds, text=render(say("“{said}” is {verdict}, {end}", said=given.said, verdict=verdict, end=end)))
    return Weighed(holds=holds, text=render(say("{figure} {measure}: {not_}{bound} {limit}, {end}", **facts, end=end)))


def _number(figure: Any) -> Decimal | None:
    if isinstance(figure, Money):
        return figure.amount
    return Decimal(figure) if isinstance(figure, int | Decimal) and not isinstance(figure, bool) else None

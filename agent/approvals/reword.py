"""A proposal's text in other words: what a merchant edits in a draft before it is saved or sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agent.errors import Invalid
from agent.sdk import Action, Change

BODY = "body"
"""Where a message keeps its text, in the fields of a draft and in the params of sending it."""


def reworded(effect: Change | Action, text: str) -> Change | Action:
    """The same change or action with this text in place of its own.

    Raises:
        Invalid: There is no text in it, or none would be left.
    """
    if not text.strip():
        raise Invalid("There is no text left to save.", field="text")
    if isinstance(effect, Action):
        if isinstance(effect.params.get(BODY), str):
            return replace(effect, params={**effect.params, BODY: text})
    elif effect.op == "set" and isinstance(effect.after, str):
        return replace(effect, after=text)
    elif effect.op == "create" and isinstance(effect.after, Mapping) and isinstance(effect.after.get(BODY), str):
        return replace(effect, after={**effect.after, BODY: text})
    raise Invalid("This part of the proposal has no text to edit.", field="item")

"""Words that are put before or after a text there is: “add "Dishwasher safe." to the description of all mugs” replaces nothing."""

from __future__ import annotations

import re

from agent.planning.binding.scope import Bound
from agent.planning.language.values import Spot

_NOUN = r"(?P<noun>description|text|title|name)s?\b"
_SPOT = r"(?P<spot>end|bottom|start|beginning|top|front)"
_WHERE = (
    rf"(?:(?:to|at|on|onto|as)\s+the\s+(?:very\s+)?{_SPOT}\s+of|(?P<front>before|above|in\s+front\s+of)|after|below|under(?:neath)?|to|onto)"
    rf"\s+(?P<whose>[^\"“”:;]{{0,60}}?){_NOUN}"
)
_SIGN = re.compile(r"\b(?:add|append|prepend|put|tack|stick|attach|insert|write|end|start|begin)s?\b", re.I)
_QUOTED = r"[\"“„](?P<text>[^\"“”„]+)[\"”“]"
_PIECE = r"(?:sentence|line|words?|text|note|phrase|paragraph)"
_SAID = [
    re.compile(
        rf"\b(?P<verb>add|append|prepend|put|tack|stick|attach|insert|write)\s+(?:on\s+)?(?:(?:the|a|an|this)\s+{_PIECE}\s*:?\s+)?{_QUOTED}\s+{_WHERE}",
        re.I,
    ),
    re.compile(
        rf"\b(?P<verb>add|append|prepend)\s+(?:(?:the|a|an|this|following)\s+){{0,2}}(?:{_PIECE}\s+)?"
        rf"{_WHERE}(?:\s+of\s+[^\"“”:;]{{1,60}}?)?\s*(?::\s*|(?=[\"“„]))[\"“„]?(?P<text>[^\"“”„]+)[\"”“]?\s*$",
        re.I,
    ),
    # "description of the beach towel: add “Dries fast.”"
    re.compile(rf"\b{_NOUN}[^\"“”:;]{{0,60}}:\s*(?P<verb>add|append|prepend)\s+(?:(?:the|a|this)\s+{_PIECE}\s+)?{_QUOTED}", re.I),
    re.compile(rf"\b{_NOUN}[^\"“”:;]{{0,60}}?\b{_SPOT.replace('end', 'end|begin', 1)}s?\s+with\s+(?:(?:the|a)\s+{_PIECE}\s+)?{_QUOTED}", re.I),
    re.compile(
        rf"\b(?P<spot>end|start|begin)\s+(?P<whose>[^\"“”:;]{{0,60}}?){_NOUN}[^\"“”:;]{{0,60}}?\bwith\s+(?:(?:the|a)\s+{_PIECE}\s+)?{_QUOTED}", re.I
    ),
    # "the description needs “Iron on low.” at the end"
    re.compile(rf"\b{_NOUN}[^\"“”:;]{{0,60}}{_QUOTED}\s+(?:at|on|to)\s+the\s+(?:very\s+)?{_SPOT}\b(?!\s+of\b)", re.I),
]
_NOT_THE_GOODS = re.compile(r"\b(?:meta|seo|google|search|page)\W*$", re.I)
_OF = {"name": "title", "text": "description"}
_FIRST = frozenset({"start", "begin", "beginning", "top", "front"})


def take_added(bound: Bound) -> None:
    """Fill `title_after`, `description_before` and their like, of a task that has them."""
    texts = {slot.name: slot for slot in bound.task.slots if slot.types == ("text",) and slot.name.endswith(("_before", "_after"))}
    piece = bound.piece.said
    if not texts or _SIGN.search(piece) is None:
        return
    said = next((m for pattern in _SAID if (m := pattern.search(piece)) is not None), None)
    if said is None or _NOT_THE_GOODS.search(piece[: said.start("noun")]):
        return
    parts = {name: (value or "").lower() for name, value in said.groupdict().items()}
    first = parts.get("spot") in _FIRST or bool(parts.get("front")) or parts.get("verb") == "prepend"
    name = f"{_OF.get(parts['noun'], parts['noun'])}_{'before' if first else 'after'}"
    spot = Spot(start=bound.piece.start + said.start("text"), end=bound.piece.start + said.end("text"))
    if name in texts and name not in bound.args and not bound.takes(spot):
        bound.args[name] = said["text"].strip()
        bound.taken.append(spot)

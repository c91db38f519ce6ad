"""Words that are put before or after a text there is: “add "Dishwasher safe." to the description of all mugs” replaces nothing."""

from __future__ import annotations

import re

from agent.planning.binding.scope import Bound
from agent.planning.language.values import Spot

_NOUN = r"(?P<noun>description|text|title|name)s?\b"
_WHERE = (
    r"(?:(?:to|at|on|onto|as)\s+the\s+(?:very\s+)?(?P<spot>end|bottom|start|beginning|top|front)\s+of|(?P<front>before|in\s+front\s+of)|after|to|onto)"
    rf"\s+(?P<whose>[^\"“”:;]{{0,60}}?){_NOUN}"
)
_SIGN = re.compile(r"\b(?:add|append|prepend|put|tack|stick|attach|insert|end|start|begin)s?\b", re.I)
_QUOTED = r"[\"“„](?P<text>[^\"“”„]+)[\"”“]"
_PUT = re.compile(
    r"\b(?P<verb>add|append|prepend|put|tack|stick|attach|insert)\s+(?:on\s+)?(?:(?:the|a|an|this)\s+(?:sentence|line|words?|text|note|phrase|paragraph)\s*:?\s+)?"
    rf"{_QUOTED}\s+{_WHERE}",
    re.I,
)
_TO_IT = re.compile(
    r"\b(?P<verb>add|append|prepend)\s+(?:(?:the|a|an|this|following)\s+){0,2}(?:(?:sentence|line|words?|text|note|phrase|paragraph)\s+)?"
    rf"{_WHERE}(?:\s+of\s+[^\"“”:;]{{1,60}}?)?\s*(?::\s*|(?=[\"“„]))[\"“„]?(?P<text>[^\"“”„]+)[\"”“]?\s*$",
    re.I,
)
_ENDS_WITH = re.compile(
    rf"\b{_NOUN}[^\"“”:;]{{0,60}}?\b(?P<spot>end|start|begin)s?\s+with\s+(?:(?:the|a)\s+(?:sentence|line|words?)\s+)?{_QUOTED}", re.I
)
_NOT_THE_GOODS = re.compile(r"\b(?:meta|seo|google|search|page)\W*$", re.I)
_OF = {"name": "title", "text": "description"}


def take_added(bound: Bound) -> None:
    """Fill `title_after`, `description_before` and their like, of a task that has them."""
    texts = {slot.name: slot for slot in bound.task.slots if slot.types == ("text",) and slot.name.endswith(("_before", "_after"))}
    piece = bound.piece.said
    if not texts or _SIGN.search(piece) is None:
        return
    said = _PUT.search(piece) or _TO_IT.search(piece) or _ENDS_WITH.search(piece)
    if said is None or _NOT_THE_GOODS.search(piece[: said.start("noun")]):
        return
    parts = said.groupdict()
    first = (parts.get("spot") or "").lower() in ("start", "begin", "beginning", "top", "front") or parts.get("front") is not None
    first = first or (parts.get("verb") or "").lower() == "prepend"
    noun = said["noun"].lower()
    name = f"{_OF.get(noun, noun)}_{'before' if first else 'after'}"
    spot = Spot(start=bound.piece.start + said.start("text"), end=bound.piece.start + said.end("text"))
    if name in texts and name not in bound.args and not bound.takes(spot):
        bound.args[name] = said["text"].strip()
        bound.taken.append(spot)

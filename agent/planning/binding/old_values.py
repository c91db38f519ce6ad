"""What something was: of "34 instead of 39" and "was 39, now 34" only one is what it is to be."""

from __future__ import annotations

import re

from agent.planning.binding.scope import Piece
from agent.planning.language.values import Number, Range, Share
from agent.sdk import Slot

_PAST = (
    r"(?:used\s+to\s+(?:be|cost|go\s+for|sell\s+(?:for|at))|(?:down|up)\s+from|(?:previously|formerly)(?:\s+(?:at|for))?"
    r"|(?:was|were)\s+(?:previously|formerly|before)(?:\s+(?:at|for))?)"
)
_INSTEAD = (
    r"(?:(?:instead\s+of|rather\s+than|in\s+place\s+of)(?:\s+the)?(?:\s+(?:now|currently))?"
    r"|(?:was|were)(?:\s+(?:set|priced|sold|listed))?(?:\s+(?:at|for))?)"
)
_LED = re.compile(rf"\b(?:{_PAST}|{_INSTEAD})\s*[€$£]?$", re.I)
_LED_FOR_SURE = re.compile(rf"\b{_PAST}\s*[€$£]?$", re.I)
_LED_BY = 60
"""Characters before a value in which the words that lead to it are looked for."""


def old_values(piece: Piece) -> list[Number | Share]:
    """The amounts and shares that are told as what was before; "16 instead of 14" says so only beside another, "it used to be 14" alone."""
    values = [value for value in piece.values.items if isinstance(value, Number | Share)]
    olds = [value for value in values if _leads(_LED, piece, value)]
    beside = len(olds) < len(values) + sum(isinstance(value, Range) for value in piece.values.items)
    return olds if beside else [value for value in olds if _leads(_LED_FOR_SURE, piece, value)]


def _leads(led: re.Pattern[str], piece: Piece, value: Number | Share) -> bool:
    return led.search(piece.text, max(piece.start, value.start - _LED_BY), value.start) is not None


def holds_old(slot: Slot) -> bool:
    """Whether a field is for what was before: "the old price"."""
    return any(cue.startswith("old ") for cue in slot.cues)

"""What the words beside a value say for a field."""

from __future__ import annotations

import re
from functools import lru_cache

from agent.planning.binding.fields import names_field, whole_field
from agent.planning.binding.scope import Piece
from agent.planning.language.values import Spot, Words
from agent.sdk import Slot


def said_beside(value: Spot, slot: Slot, piece: Piece, text: str) -> float:
    """What the words directly before and after a value, and earlier in the clause, say for a field.

    Args:
        text: The request without what says nothing for any field.
    """
    best = 0.0
    if slot.cues:
        before = _before(text, max(piece.start, value.start - _EARLIER), value.start)
        inside, after = piece.text[value.start : value.end].lower(), text[value.end : piece.end].lower().lstrip(" \"'”").replace(", ", ",")
        for cue in slot.cues:
            best = max(best, _beside(cue, before, inside, after))
    if isinstance(value, Words) and any(names_field(whole_field(s, piece), slot) for s in piece.marked("field") if s.start <= value.start):
        best += 2
    elif isinstance(value, Words) and "texts" in slot.types and slot.name.startswith("add_") and _lists(slot, piece):
        best += 1.5
    return best


_EARLIER = 400
"""Characters looked back from a value: what is said before them says nothing for it, and each value of a long list would read all others."""


@lru_cache(maxsize=512)
def _before(text: str, start: int, end: int) -> str:
    return re.sub(r"\s+", " ", text[start:end]).lower().rstrip(" :\"'“€$£")


def begins_cue(slot: Slot, text: str, at: int) -> int:
    """Where the field's cue ends whose words begin here, of those of several words: "when they spend ‖ 40"; 0 where none does."""
    said = (text[at : at + len(cue)] for cue in slot.cues if " " in cue and text[at : at + len(cue)].lower() == cue)
    longest = max(said, key=len, default="")
    end = at + len(longest)
    return end if longest and not text[end : end + 1].isalnum() else 0


def _lists(slot: Slot, piece: Piece) -> bool:
    """ "Update the tags to sea, summer": what is listed after the field's own noun goes into it."""
    noun = slot.name.removeprefix("add_").rstrip("s")
    if re.search(rf"\b(?:update|change|set|edit)\s+(?:the\s+|its\s+|their\s+)?{noun}s?\b", piece.said, re.I):
        return True
    return any(re.fullmatch(rf"(?:the\s+|its\s+|their\s+)?{noun}s?", piece.of(s).strip(), re.I) for s in piece.marked("field"))


_COMPARATIVES = frozenset({"more", "less", "fewer", "higher", "lower", "cheaper", "dearer", "too much", "too little", "too expensive", "too cheap"})
_PREPOSITIONS = frozenset(
    {"by", "to", "at", "for", "from", "in", "on", "with", "of", "until", "till", "over", "under", "about", "as", "than", "through", "during"}
)


def _beside(cue: str, before: str, inside: str, after: str) -> float:
    """Nearer and longer cues weigh more. A preposition after a value belongs to the next one."""
    if (stem := _CUE_STEM.match(cue)) and stem[0] not in before and stem[0] not in inside and stem[0] not in after:
        return 0.0  # of all the words that speak for some field, next to none stand in a clause
    anywhere, ending = _cue_patterns(cue)
    weight = len(cue) / 10
    if cue in _COMPARATIVES and anywhere.match(after):
        return 2.5 + weight  # "should cost 3 euros ‖ less": how far it moves, whatever leads to it
    if " " in cue and (led := anywhere.match(after)) is not None and _AMOUNT_NEXT.match(after, led.end()):
        return 0.4  # "5 euro ‖ when they spend 40": of what comes after it
    if ending.search(before) or anywhere.match(inside) or (cue not in _PREPOSITIONS and anywhere.match(after)):
        return 1.5 + weight
    if cue not in _PREPOSITIONS and anywhere.match(after.lstrip(",")):
        return 0.4  # "at 18.90, costs us 6": likelier of what comes after it
    # "haven't ordered since" with "since June" as the value
    crossing = anywhere.search(f"{before} {inside}", max(0, len(before) - len(cue)))
    if crossing and crossing.start() < len(before) < crossing.end():
        return 2 + weight
    if anywhere.search(inside):
        return 1.2 + weight
    return 0.6 + weight if anywhere.search(before) else 0.0


_AMOUNT_NEXT = re.compile(r"\s+[€$£]?\d")
_CUE_STEM = re.compile(r"[a-z]+")
"""What a cue begins with and is never said without; an apostrophe may be left out."""


@lru_cache(maxsize=2048)
def _cue_patterns(cue: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The cue anywhere, and at the end of what stands before a value."""
    # "remove tag" is said for "remove the tag"
    said = re.escape(cue).replace("'", "[’']?").replace(r"\ the\ ", r"\ (?:the\ )?")
    # "less than 20" is a condition, not 20 less; "up to 10" is where it goes, not how far
    said += r"(?!\s+than\b)" if cue in _COMPARATIVES else r"(?!\s+to\b)" if cue in ("up", "down") else ""
    return re.compile(rf"(?<!\w){said}(?!\w)"), re.compile(rf"(?<!\w){said}(?:\s+(?:the|a|an|only|another|about))?$")

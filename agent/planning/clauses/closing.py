"""Words of closing and of thanks, which ask for nothing unless they are dictated."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.records.reading import Clause

_AS_IT_IS = re.compile(
    r"\W*(?:(?:and|but|so|please|just|then|also)\s+)*(?:(?:leave|keep)\s+(?:it|them|that|everything)|(?:leave|keep|let)\s+(?:[^,.;:]{1,60}?\s)?(?:as\s+(?:it|they)\s+(?:is|are|was|were)|as\s+is|as\s+before|alone|unchanged"
    r"|untouched|the\s+(?:way|same)(?:\s+(?:it|they)\s+(?:is|are))?|be))\W*",
    re.I,
)
_CLOSING = re.compile(
    r"(?:^|[\s,.;!]+)(?:(?:and|so|ok|okay|uh|um|er|well|n|k|yeah|yep|yes|right|i\s+(?:think|guess|suppose))[\s,]+){0,4}(?:that(?:['’]?s|\s+is|\s+will\s+be|['’]ll\s+be)\s+(?:it|all|everything)"
    r"(?:\s+(?:for\s+)?(?:now|today|then|folks))?|nothing\s+(?:else|more))\W*$"
    r"|(?:^|[,.;!]\s*|\s+(?:and|n|ok|k)\s+)(?:many\s+)?(?:thanks|thank\s+you|cheers|thx|ty|ta)"
    r"(?:\s+(?:so\s+much|very\s+much|a\s+lot|again|in\s+advance))?\W*$",
    re.I,
)
_LOOSE_JOINT = re.compile(r"(?<!\bbefore)(?<!\bby)(?<!\buntil)(?<!\btill)(?<!\bsince)(?:\s+(?:and|then|n|&|also|plus|but|k|pls|plz)){1,4}\s*$", re.I)
_CLOSING_LONG = 120
"""Characters of an end that may be a closing: looked for in all of a long text it would take too long."""


def asks_nothing(said: str) -> bool:
    """ "Leave the jumper as it is", "that's all, thanks"."""
    return _AS_IT_IS.fullmatch(said) is not None or (_CLOSING.match(said) is not None)


def without_closing(text: str, clause: Clause) -> Clause:
    """The clause without a word of closing or of joining at its end: "put it at 9 ‖ and that's it"."""
    said, end = text[clause.start : clause.end], clause.end
    for _ in range(4):
        closing = _CLOSING.search(said[: end - clause.start], max(0, end - clause.start - _CLOSING_LONG))
        if closing is None or closing.start() >= end - clause.start or is_dictated(said, closing.start()):
            break
        end = clause.start + closing.start()
    if joint := _LOOSE_JOINT.search(said[: end - clause.start], max(0, end - clause.start - _CLOSING_LONG)):
        end = clause.start + joint.start()
    return replace(clause, end=end, slots=tuple(s for s in clause.slots if s.start < end)) if clause.start < end < clause.end else clause


_DICTATES = re.compile(
    r"\b(?:saying|says?|(?:tell|tells|telling|write|answer|reply|respond|inform|let)\b[^,.;:\"“„«]{1,80}?\bthat)\b(?!\s+(?:is|will)\b)"
    r"|\b(?:write|tell|answer|reply|respond|message|note|comment|mail|e-?mail|text|send)\b[^:\n]{0,80}:",
    re.I,
)
"""What follows are the words that somebody else is to read, to their end."""
QUOTES = str.maketrans("“”„«»", '"' * 5)


def is_dictated(said: str, at: int) -> bool:
    """Whether a place is within words that are dictated: in quotes, or after "saying" and the like without any."""
    before = said[:at].translate(QUOTES)
    return before.count('"') % 2 == 1 or ('"' not in before and _DICTATES.search(before) is not None)


_DICTATED_THANKS = re.compile(r"\s+(?:and|with)\s+(?:many\s+)?(?:thanks|thank\s+you|cheers)(?:\s+[\w’']+){0,6}\W*$", re.I)


def with_dictated_thanks(text: str, clause: Clause) -> Clause:
    """The last clause with thanks that are dictated too: "saying sorry for the delay ‖ and thank you so much"."""
    if _DICTATED_THANKS.match(text, clause.end) is None or not is_dictated(text[clause.start : clause.end], clause.end - clause.start):
        return clause
    return replace(clause, end=len(text.rstrip()))

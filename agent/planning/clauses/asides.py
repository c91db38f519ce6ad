"""A clause without what it says besides: whom it leaves out, for how long, where alone, what is not wanted.

The reader was taught on requests that say one thing, and the more conditions stand in one, the less sure it is of what is asked. What is asked
is read again without them; what they say is bound all the same.
"""

from __future__ import annotations

import re

from agent.planning.language.kept import kept_as_it_is
from agent.planning.language.sparing import ALL_BUT, LEAVES, LEAVING_OUT

_END = r"(?=\s*(?:$|[,;.!?]|\b(?:until|till|from|by|to|as|into|with|and|at|for)\b(?!\s+(?:the\s+)?ones?\b)))"
_LEFT_OUT = re.compile(
    rf"\s*(?:,\s*|\b)(?:{LEAVING_OUT}|{LEAVES}|(?:just\s+|only\s+)?not(?=\s+(?:the|our|those|any|#?\d)))\s+[^,;.!?]+?{_END}",
    re.I,
)
_ALL_BUT = re.compile(rf"(?P<all>{ALL_BUT})\s+[^,;.!?]+?{_END}", re.I)
_HOW_LONG = re.compile(
    r"\s*,?\s*(?:(?:just|only)\s+)?\b(?:until|till|through|valid|for\s+(?:the\s+)?(?:next\s+|another\s+)?(?:\w+\s+)?(?:hours?|days?|weeks?|months?))\b[^,;.!?]*$"
    r"|\s*,?\s*(?:(?:just|only)\s+(?:for\s+)?(?:today|tomorrow|this\s+\w+|next\s+\w+)|(?:today|tomorrow|this\s+\w+|next\s+\w+|on\s+\w+)\s+only)\b",
    re.I,
)
_WHERE_ALONE = re.compile(
    r"\s*,?\s*(?:(?:but\s+)?(?:only|just)\s+(?:in|at)\s+[\w\s]{3,30}?|(?:in|at)\s+[\w\s]{3,30}?\s+(?:only|alone))(?=\s*(?:$|[,;.!?]))", re.I
)
_NOT_WANTED = re.compile(
    r"\s*(?:,|\bbut\b|\band\b|\bplease\b)\s*(?:(?:but|and|please)\s+)*(?:do\s*n[o’']?t|do\s+not|without|no)\s+[^,;.!?]+$"
    r"|\s+without\s+(?:telling|notifying|e-?mailing|informing|messaging|sending|restocking|refunding)\b[^,;.!?]*$",
    re.I,
)
_BESIDES = re.compile(r"\s*,\s*(?:automatically|thanks?|please|asap|if\s+possible)(?=\s*(?:$|[,;.!?]))", re.I)
_LEAST = 2
"""Words that a request needs at least."""


def without_asides(said: str) -> str:
    """The clause without its asides; as it is where nothing of it would be left."""
    plain = without_kept(said)
    plain = _ALL_BUT.sub(lambda m: re.sub(r"\s+but$", "", m["all"], flags=re.I), plain)
    for aside in (_BESIDES, _LEFT_OUT, _HOW_LONG, _WHERE_ALONE, _NOT_WANTED):
        plain = aside.sub(lambda m: "" if m.start() else m[0], plain)
    plain = " ".join(plain.split()).strip(" ,;")
    return plain if len(plain.split()) >= _LEAST else said


def without_kept(said: str) -> str:
    """The clause without what it tells to leave as it is."""
    for spot in reversed(list(kept_as_it_is(said, 0, len(said)))):
        said = said[: spot.start] + said[spot.end :]
    return said

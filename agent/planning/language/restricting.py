"""Words that only say which of several are meant: "only those in stock", "but not the blue ones", "half of them", "of the mugs under 20 euros, …"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.planning.language.fragments import OUR, THEM
from agent.planning.language.sparing import LEAVING_OUT
from agent.planning.language.values import Spot

EXCLUDED = r"(?:excluded|exempt(?:ed)?|left\s+out|omitted|aside|not\s+included)"
"""What stands before it is not among those that are meant: "the cheap ones ‖ excluded"."""
ONLY = r"(?:only|just|exclusively|solely)"
_THOSE = rf"(?:{OUR}|{THEM}|ones?|all|any|anything|anyone|everything|everyone|every)"
_LED = (
    r"(?:for|of|in|from|with|without|on|at|by|under|over|above|below|where|who|whose|that|which|tagged|made|costing|having"
    r"|containing|including|holding|bought|ordered|placed|paid|sent|added|created|sold|rated|reviewed|written|posted|living"
    r"|older|newer|cheaper|dearer|worth)"
)
_SUCH = r"(?:(?!(?:is|are|was|were|to|by|and)\b)[\w'’-]+\s+){1,3}?ones?"
_SOME = (
    r"(?:(?:only|just)\s+)?(?:(?:the\s+)?(?:first|last)\s+\w+|half|some|most|many|part"
    r"|(?:a|one|two)\s+(?:third|quarter|few|couple)s?|one|two|three|four|five|ten|\d{1,3})"
)
SOME_OF_THEM = rf"(?:{_SOME}\s+of\s+(?:{THEM})\b)"
"""So many of those that were named, and not said which."""
LEFT_OUT = (
    rf"(?:not\s+(?:{_THOSE}|for|in|from)\b|(?:nothing|none|no\s+ones?)\s+(?:{_LED})\b"
    rf"|(?:{LEAVING_OUT}|all\s+but|(?:minus|bar)(?=\s+(?:{OUR}|{THEM}|any|all))|(?:leave\s+out|spare|skip|sparing|skipping|omitting|omit)|no\s+(?:[\w'’-]+\s+){{1,3}}?ones)\b)"
)
"""What follows is not among those that are meant."""
_KEPT = rf"(?:{ONLY}\s+(?:{_THOSE}|{_LED}|sizes?|half|a\s+few|{_SUCH})\b|(?:those|the\s+ones)\s+{_LED}\b|(?:the\s+)?{_SUCH}\s+only\b)"
"""What follows is all that is meant."""
LEADS_IN = r"[^\w€$£\"“'‘]*(?:(?:but|and|though|please|ok|so)\s+)*"
RESTRICTS = re.compile(
    rf"{LEADS_IN}(?:(?P<out>{LEFT_OUT}|(?:[^,.;:()!?\n]{{3,60}}\s){EXCLUDED}(?=\W*$|\s*[,.;)]))|(?P<kept>{_KEPT})|(?P<some>{SOME_OF_THEM}))", re.I
)
"""A clause or a stretch between stops begins so that only says which of what is changed are meant."""
_OWN_VALUE = re.compile(r"\b(?:to|by|at)\s+[€$£]?\d|\b(?:should|must|shall|instead|stays?|remains?)\b|\?", re.I)
AMONG = re.compile(
    rf"\W*(?:(?:but|and|please|ok)\s+)*(?:(?:only|just)\s+)?(?:of|among|amongst|out\s+of|for|from|with|in|on)\s+(?:all\s+)?(?:of\s+)?(?:{_THOSE}|items?|products?|goods|orders?"
    r"|customers?|people|codes?|reviews?)\b[^,:;.!?]*[,:]\s*",
    re.I,
)


def only_restricts(said: str) -> bool:
    """Whether a stretch only says which of those named before are meant, and nothing of what is to become of them."""
    said = said.strip()
    return RESTRICTS.match(said) is not None and _OWN_VALUE.search(said) is None


def says_among_which(said: str) -> bool:
    """ "Of the mugs under 20 euros, …": words before a change, up to a comma or a colon, that say among which it is to be made."""
    return AMONG.fullmatch(said) is not None


TRAILING_ONLY = (
    r"\b(?:from|in|of|with|by|at|for|the|those|tagged|made\s+by|under|over|size)\s+"
    r"(?:(?!(?:from|in|of|with|by|at|for|to|as|only|is|are|should|the)\b)[\w€$£'’&%.-]+\s+){1,4}only(?=\W*$|\s*[,.;)])"
)
"""A restriction that ends in "only": "in size M only"."""
TOLD_OF_THEM = (
    r"\b(?:(?:who|whose)\s+(?:(?:only|never|also)\s+)?(?:(?:have|has|had|did|do|does|are|is)(?:n[’']?t|\s+not|\s+never)?\s+)?"
    r"(?:spen[dt]|order(?:ed)?|bought|buy|get|gets|got|lives?|signed\s+up|left|returned|last|first|used?)"
    r"|(?:which|that)\s+(?:(?:have|has|had|contain|contains|did|do|does|cost|costs|sold|used)(?:n[’']?t)?|nobody|no\s+one|(?:we|i)\s+have))\b[^,.;:()!?]*"
)
"""Which records are meant: "who ordered last month", "that have a note", and no aside such as "who changed her mind"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction(Spot):
    """Words that say which of the records are meant."""

    body: int
    """Where what they say begins, after "only" or "not"."""
    out: bool = False
    """It says which are not."""
    some: bool = False
    """So many of them, and not which."""

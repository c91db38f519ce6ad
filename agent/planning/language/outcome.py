""" "Show me the new levels", "display the result": what was just changed, as it is now."""

from __future__ import annotations

import re

from agent.planning.language.fragments import LEADS

_SHOWS = r"(?:show|display|return|give|tell|list|print|confirm|report|see|output|view)"
_STATE = (
    r"results?|outcomes?|settings?|levels?|stock(?:\s+levels?)?|totals?|inventor(?:y|ies)|quantit(?:y|ies)|prices?|values?|state|status|tags?|counts?|figures?"
    r"|details?|dates?|conditions?"
)
OUTCOME = re.compile(
    rf"\W*(?:(?:{LEADS}|now|finally|afterwards|lastly|(?:can|could)\s+you)\W+)*{_SHOWS}\s+(?:(?:me|us)\s+)?(?:(?:the|its|their|all|what)\s+)*"
    rf"(?:(?P<now>new|updated|final|resulting|current|changed|revised|present|latest)\s+)*(?P<state>{_STATE})\b(?:\s+(?:now|then|afterwards|again|please))*\W*$",
    re.I,
)
"""Nothing else is said: what stands before it says of what."""
ON_HAND = re.compile(r"\b(?:levels?|stock|totals?|inventor(?:y|ies)|quantit(?:y|ies)|counts?|figures?)\b", re.I)
"""Words of it that ask how many there are."""
SHOWN_AFTER_ANY = re.compile(r"\b(?:new|updated|final|resulting|changed|revised|results?|outcomes?)\b", re.I)
"""Words that say plainly that it is what was changed; "show the prices" alone may ask for all of them."""


def outcome(said: str) -> re.Match[str] | None:
    """Whether a clause only asks to see what was changed."""
    found = OUTCOME.match(said)
    return found if found is not None and SHOWN_AFTER_ANY.search(found[0]) else None

"""What was changed before, asked of a task that reports on the shop: of `Args.cannot`, for every task that may be taken for it."""

from __future__ import annotations

from agent.sdk.text import say

_TIME = r"(?:yesterday|today|(?:last|this)\s+(?:week|month|night)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|this\s+morning)"
PAST_CHANGES = (
    r"^\W*(?:and\s+)?(?:"
    r"who\s+(?:last\s+|has\s+)?(?:changed|edited|approved|lowered|raised|renamed)\b"
    r"|what\s+(?:did|have|has)\s+(?:we|i|you|they|any(?:one|body)|some(?:one|body))\s+(?:all\s+)?(?:changed?|edit(?:ed)?|approved?)\b"
    r"|what\s+(?:(?:was|were|has\s+been|have\s+been|got)\s+(?:changed|edited|approved))\b"
    r"|when\s+(?:was|were|did\s+(?:we|i|you|they))\b.{1,60}\b(?:last\s+)?(?:changed?|edit(?:ed)?)\b"
    r"|(?:show|list|tell)\s+(?:me\s+|us\s+)?(?:all\s+)?(?:the\s+|our\s+|my\s+)?(?:last|latest|recent|previous)\s+changes\b"
    rf"|(?:undo|revert|take\s+back|reverse)\s+(?:the\s+|all\s+)?(?:{_TIME}[’']?s?\s+(?:\w+\s+){{0,2}}?changes?\b|(?:\w+\s+){{0,2}}?changes?\s+(?:of|from)\s+{_TIME}\b)"
    r")",
    say(
        "What was changed, when and by whom is shown on the page Changes, with each value before and after. Every change that can be undone"
        " has its Undo there."
    ),
)

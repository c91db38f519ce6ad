"""Words between two requests that are surely understood, and that ask for nothing themselves.

What joins requests is passed over before they are read where its form tells it. Here is what is left of it: whatever stands between two requests,
names nothing of the shop, no number, no time and nobody, and is a sentence rather than the name of some thing, is background and no part
that could not be understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planning.binding.scope import Scope
from agent.planning.clauses.joints import asks, orders
from agent.planning.clauses.local import Decision
from agent.planning.clauses.pieces import piece_of
from agent.planning.language.restricting import only_restricts, says_among_which
from agent.planning.linking.lexicon import COMMON, DOING
from agent.planning.linking.vocabulary import words_of

_MOST = 12
"""Words of what may be said between two requests."""
_OF_TALK = re.compile(
    r"\b(?:i|we|you|your(?:self|selves)?|me|my(?:self)?|here|there|this|that|it|is|are|was|were|be|been|am|will|would|next|other|another|else|thing|things|question|point|topic|subject|part)\b"
    r"|['’](?:s|m|re|ve|ll|d)\b|^\W*[a-z]{3,}ly\W*$",
    re.I,
)
"""A sentence, or words about the talk: "the thingamajig" is neither, and may be what somebody calls a product."""
_SAYS_MORE = re.compile(
    r"[\d%€$£#@\"“„«”?]|(?<=\s)(?-i:[A-ZÀ-Þ](?!['’\s]))|\b(?:not|no|never|only|except|without|but|until|till|unless|if|when|whenever|once|every|each|all|any|them|they|their|those|these|ones?|same|too|both|instead"
    r"|rest|others|otherwise|must|should|may|might|shall|ought|needs?|(?:has|have)\s+to|wants?|please|as\s+well|orders?|customers?|reviews?|messages?|products?|prices?|stock|e-?mails?|tags?|codes?|discounts?|collections?|posts?|pages?)\b|n['’]t\b",
    re.I,
)  # fmt: skip
_ANEW = re.compile(r"[.!?;:\n…]|\b(?:and|plus|but|then|so|also|oh|ok|okay)\b|,\s*$|\s[–—-]\s", re.I)


def leads_on(text: str, start: int, end: int, decisions: Sequence[Decision], scope: Scope) -> bool:
    """Whether words that no request took only lead from the one before to the one after."""
    before = next((d for d in reversed(decisions) if d.clause.end <= start), None)
    after = next((d for d in decisions if d.clause.start >= end), None)
    if before is None or after is None or before.verdict != "do" or after.verdict != "do":
        return False
    return _ANEW.search(text, before.clause.end, _first(text, start, end)) is not None and _asks_nothing(text, start, end, scope)


def without_what_leads_on(text: str, decisions: list[Decision], scope: Scope) -> tuple[list[Decision], list[tuple[int, int]]]:
    """The decisions without clauses that only lead on, and where those stand."""
    kept, idle = list(decisions), []
    for at, decision in enumerate(decisions[1:-1], 1):
        clause = decision.clause
        may_lead = not clause.slots and decision.verdict != "do" and decision.code in (None, "unclear")
        if may_lead and leads_on(text, clause.start, clause.end, decisions[:at] + decisions[at + 1 :], scope):
            kept.remove(decision)
            idle.append((clause.start, clause.end))
    return kept, idle


def _first(text: str, start: int, end: int) -> int:
    words = [word for word in words_of(text, start, end) if not _ANEW.fullmatch(word.text)]
    return words[0].start if words else end


def _asks_nothing(text: str, start: int, end: int, scope: Scope) -> bool:
    first = _first(text, start, end)
    said, words = text[first:end], words_of(text, first, end)
    if not 0 < len(words) <= _MOST or _SAYS_MORE.search(said) or _OF_TALK.search(said) is None:
        return False
    if asks(said) or orders(said) or only_restricts(said) or says_among_which(said) or any(word.text.lower() in DOING for word in words):
        return False
    if any(scope.linker.vocabulary.names_goods(word.stem) for word in words if word.text.lower() not in COMMON):
        return False
    return not piece_of(text, first, end, (), scope, None).values.items

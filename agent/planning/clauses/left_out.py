"""Clauses that only say what of the part before is left out: "but leave the mugs alone", "not the cancelled ones"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planning.clauses.closing import asks_nothing
from agent.planning.language.kept import kept_as_it_is
from agent.planning.language.sparing import ALL_BUT, LEAVES, LEAVING_OUT
from agent.planning.linking.lexicon import does
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import Clause

_SPARES = re.compile(rf"\W*{LEAVES}", re.I)
_EXCEPT = re.compile(rf"\W*(?:{LEAVING_OUT})\b", re.I)
_LEFT_SO = re.compile(
    r"\W*(?:(?:and|but|please|just)\s+)*(?:leave|skip|spare)\s+(?:out\s+)?(?:the|our|my|those|any|all)\s+(?!rest\b|others?\b|remaining\b)[^\W\d_][^\d,.;:!?\"]{0,50}\W*",
    re.I,
)
""" "… ‖ and leave the travel mug", with no word of how."""
_LED_TO = re.compile(rf"(?:^|[\s,])(?:{LEAVING_OUT}|not)(?:\s+(?:for|to|the|those|from|in))*\s*$", re.I)
_ENDS_IN_BUT = re.compile(rf"{ALL_BUT}\s*$", re.I)
_FEW = 5
_NOT_THIS = re.compile(
    r"\W*(?:(?:but|and|just|only)\s+)*not\s+(?!(?:only|just|to|if|before|until|yet|all|sure|that|because|by|later|more|less|at|in|on|for|so)\b)(?P<what>[^,.;:!?]+)\W*",
    re.I,
)


def with_what_is_spared(text: str, clauses: Sequence[Clause]) -> list[Clause]:
    """With "but leave the mugs alone" in the part before: of what that changes, they are to be left out."""
    joined: list[Clause] = []
    for clause in clauses:
        said = text[clause.start : clause.end]
        left_alone = (_SPARES.match(said) and asks_nothing(said)) or _LEFT_SO.fullmatch(said)
        if joined and (
            left_alone
            or _LIMITS.fullmatch(said)
            or _stays(text, joined[-1], clause)
            or _is_left_out(text, joined[-1].end, clause)
            or _denies(text, clause)
            or _is_but(text, joined[-1], clause)
        ):
            joined[-1] = replace(joined[-1], end=clause.end, slots=(*joined[-1].slots, *clause.slots))
        else:
            joined.append(clause)
    return joined


_LIMITS = re.compile(
    r"\W*(?:(?:but|and|though)\s+)*(?:(?:by|to|at)\s+)?(?:(?:no|not|never)\s+(?:(?:by|to)\s+)?(?:more|less|lower|higher|cheaper|fewer)\s+than"
    r"|(?:no|not|never)\s+(?:below|under|above|over|beyond)|at\s+(?:the\s+)?most(?=\s+(?:by\s+)?\W?\d))\s+[^,.;:!?\s]+(?:\s*(?:euros?|eur|dollars?|pounds?|percent|cents?|%|€|£|\$|units?|pieces?|each|more|less))*\W*",
    re.I,
)
"""How far what was asked may go, with no verb of its own: "up by 5% ‖ but no more than 2 euros"."""


def _stays(text: str, before: Clause, clause: Clause) -> bool:
    """ "Move its end to 10 December ‖ but don't change the percentage": that is left as it is anyway."""
    kept = kept_as_it_is(text, before.start, clause.end)
    return any(spot.start <= clause.start and not text[spot.end : clause.end].strip(" .!,;") for spot in kept)


def _is_left_out(text: str, before: int, clause: Clause) -> bool:
    """ "Tag the big orders, but not ‖ the cancelled ones", with the words that say so in it or before it."""
    return _EXCEPT.match(text, clause.start, clause.end) is not None or _LED_TO.search(text, before, clause.start) is not None


def _is_but(text: str, before: Clause, clause: Clause) -> bool:
    """ "Raise all mugs but ‖ the blue one by 2"."""
    words = words_of(text, clause.start, clause.end)
    led = _ENDS_IN_BUT.search(text, before.start, clause.start)
    return led is not None and bool(words) and not does(words[0].text)


def _denies(text: str, clause: Clause) -> bool:
    """ "Cancel #1003, ‖ not #1004": a few words without a verb, of what is not meant."""
    said = _NOT_THIS.fullmatch(text, clause.start, clause.end)
    words = words_of(said["what"]) if said is not None else []
    return 0 < len(words) <= _FEW and not any(does(word.text) for word in words)

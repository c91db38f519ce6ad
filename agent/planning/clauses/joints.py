"""Where a text may be joined of several requests, and how what begins there opens.

Only the places and the words are told here. Whether a request stands on either side is for the planner to say, by what each side asks for alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.planning.clauses.closing import QUOTES, is_dictated

_LEADS = (
    r"(?:(?:(?:and|then|also|plus|oh|next|finally|lastly|afterwards|additionally|besides|first(?:\s+of\s+all)?|firstly|secondly|after\s+that|as\s+well\s+as"
    r"|one\s+more\s+thing|while\s+you(?:['’]re|\s+are)\s+at\s+it)\b(?!['’])|[-*•–]+(?=\s))[\s,:]*)*"
)
_LEADING = re.compile(r"\s*" + _LEADS, re.I)
_JOINT = re.compile(
    r"(?P<strong>\s*(?:\n\s*|;\s*|[.!?]+\s+(?=\S))|\s*,?\s+(?:(?:and\s+)?then|after\s+that)\b[\s,]*)"
    rf"{_LEADS}|(?:\s*,\s+{_LEADS}|\s+(?:and|plus|as\s+well\s+as)\s+{_LEADS})",
    re.I,
)
_LINE = re.compile(r"\n|;")
_NO_END = re.compile(r"\b(?:no|nr|vs|etc|approx|incl|excl|e\.g|i\.e|st|mr|mrs|ms|dr)\.\s*$", re.I)

_QUESTION = re.compile(
    r"(?:(?:what|how|where|why|when|who|whose|which|whom)(?:['’]s|\s+(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|am))\s+(?:the|my|our|we|i|you|there|any|all|it|[A-Z#]|\w+\s+(?:last|ever|still|spend|spent|order|cost))"
    r"|how\s+(?:much|many|long|often|come|well|big|high|low|old|soon|good|bad|far)\b|how\s+to\b|what\s+(?!(?:we|i|they|it|he|she|you)\b)\w+|why\b"
    r"|which\s+(?!(?:are|is|was|were|has|have|had|we|i|they|it|he|she|you|can|could|will|would|should|must|do|does|did|cost|costs|sell|sold|need|needs|contain|contains|ordered|bought)\b)\w+"
    r"|who\s+(?:bought|ordered|spent|spends|buys|wrote|returned|has|is|are)\b"
    r"|(?:is|are|was|were|do|does|did|has|have|had|can|could|will)\s+(?:the|my|our|we|i|you|there|any|all|anything|anyone|anybody|an?|order|[A-Z#])|(?:do|have)\s+(?:we|i|you|they|any)\b"
    r"|any(?:thing|one|body)?\s+\w+|what['’]?s\b|who['’]?s\b)",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    end: int
    """Of what stands before it."""
    start: int
    """Of what stands after it, past the words that only join."""
    strong: bool
    """A line, the end of a sentence, "; " or "then": what stands after begins anew."""
    line: bool
    bare_and: bool
    """No more than "and", which joins the things of one request as well."""


def first_word(text: str) -> int:
    """Where a text begins past what only joins: "first, …", "- …"."""
    found = _LEADING.match(text)
    return found.end() if found is not None else 0


def joints(text: str) -> Sequence[Joint]:
    """The conceivable joints, in order: none within quotes or within words that somebody else is to read."""
    found = []
    for m in _JOINT.finditer(text):
        sentence = max((text.rfind(mark, 0, m.start()) for mark in "\n;"), default=-1) + 1
        line = _LINE.search(m[0]) is not None
        quoted = text[sentence : m.start()].translate(QUOTES).count('"') % 2 == 1
        if not m.start() or m.end() >= len(text) or quoted or _NO_END.search(text[: m.start() + 1]):
            continue
        if not line and is_dictated(text[sentence : m.start()], m.start() - sentence):
            continue
        plain = m[0].strip().lower()
        found.append(Joint(end=m.start(), start=m.end(), strong=m["strong"] is not None, line=line, bare_and=plain == "and"))
    return found


def asks(said: str) -> bool:
    """Whether it begins as a question of its own, and as no relative clause: "which candles are trending", not "which are pending"."""
    return _QUESTION.match(said[:1].lower() + said[1:]) is not None


_ORDERS = re.compile(
    r"(?:please\s+|(?:can|could|would|will)\s+you\s+(?:please\s+)?|(?:i|we)(?:['’]d\s+like|\s+would\s+like|\s+want|\s+need)\b|let['’]?s\s+|go\s+ahead\s+and\s+"
    r"|(?:message|process|optimi[sz]e|unpause|pause|resume|rename|triage|forecast|predict|translate|rewrite|improve|compose|prepare|generate|write|draft|send|deliver|email|mail|notify"
    r"|remind|ask|tell|show|list|find|give|pull\s+up|read|export|collect|erase|wipe|forget|extract|complete|fill|file|sort|categori[sz]e|translate|build|come\s+up\s+with|respond|reply|answer"
    r"|approve|reject|restrict|limit|extend|duplicate|copy|explain|compare|check|review|open|see|switch|turn|stop|start|go\s+through|get|track|announce)\b(?!\s*(?:$|[,.;:]))"
    r"(?!\s+(?:rate|rates|reviews?\s+and|orders?\s+and|is|are|was|were|of|by|for|with|in|on|at|below|above|under|over)\b))",
    re.I,
)


def orders(said: str) -> bool:
    """Whether it begins with a verb of asking for something, "optimise …", or with the words that lead to one."""
    return _ORDERS.match(said) is not None

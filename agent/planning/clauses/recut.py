"""Where a clause may hold two requests that the reader took for one: "archive the dress ‖ end the summer code and show what is left".

The reader's cuts are fixed. Here are only the places where another cut is conceivable: before a word that begins requests of some task and
stands before an object of its own. Whether it is one is for the planner to say, by what each side asks for alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.planning.clauses.closing import QUOTES
from agent.planning.language.fragments import LEADS, THEM
from agent.planning.linking.lexicon import COMMON, does
from agent.planning.linking.vocabulary import stem, words_of
from agent.sdk import Task

MOST = 2
"""Cuts that are tried of one clause: each costs two readings of a few milliseconds, and a third verb in one uncut clause was never seen."""
_USUAL = 2
"""Examples that a word begins, to be taken for a verb of requests; one alone may be a name or a turn of phrase."""
_QUESTIONS = frozenset({"what", "which", "who", "how", "why", "where", "when"})
"""Without a joint they say more of what stands before: "products where a text is missing"."""
_ASKS_FIRST = frozenset({"who", "which", "what", "how"})
"""A clause that begins so is a question itself, and what follows it may be told to be done: "who bought the card ‖ save them as gifters"."""
_THEIRS = frozenset({"her", "his", "their", "its"})
"""After a joint they begin what is asked of somebody just named: "show me Anna Schmidt, and her last order"."""
_OBJECT = re.compile(
    rf"\s+(?:(?:the|a|an|all|every|each|both|any|our|my|its|their|his|her|it|{THEM}|that|this|me|us|him|everything|orders?|customers?|reviews?"
    r"|some|another|new)\b|[#\d\"“]|(?-i:[A-Z]))",
    re.I,
)
_TO_THEM = frozenset({
    "save", "group", "keep", "mail", "email", "text", "ping", "message", "invite", "thank", "warn", "post", "sort", "count", "send", "list",
})  # fmt: skip
"""Verbs that begin a request where what they are done to was just spoken of: "save them as gifters"."""
_THEM_AFTER = re.compile(rf"\s+(?:{THEM}|it|him|her|em|all)\b", re.I)
_JOINED = re.compile(rf"(?:[,;:.?!\n]|\b(?:and|then|also|plus|n|und)\b|&|\+)\s*(?:(?:{LEADS}|pls|just|finally)\s+)*$", re.I)
_HELD = frozenset({
    "to", "the", "a", "an", "not", "don't", "dont", "never", "will", "would", "can", "could", "should", "must", "may", "might", "we", "you",
    "i", "they", "it", "he", "she", "that", "which", "who", "for", "of", "in", "on", "with", "by", "at", "from", "as", "no", "than", "per",
    "this", "these", "those", "my", "our", "their", "its", "new", "if", "when", "how", "or", "let", "us", "saying", "says", "called",
    "named", "is", "are", "was", "were", "please",
})  # fmt: skip
"""Words after which a verb is not the first of another request."""
_SUBORDINATE = re.compile(
    r"\b(?:that|which|who|whom|whose|where|when|if|how|why|because|saying|says?|about|mentioning|asking|named|called|titled|rename|to(?!\s+\D?\d))\b|[\"“„«:]",
    re.I,
)
"""After these a verb without a joint before it is part of what is said of something."""
_TELLS = re.compile(
    r"\b(?:tell|tells|saying|says?|write|answer|reply|message|let|inform|whenever|every\s+time|automatically|rule|automation)\b", re.I
)
"""Words that others are to read, or what a rule does, hold verbs of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    end: int
    """Of the part before."""
    start: int
    """Of the part after, at its verb."""
    verb: str


class Verbs:
    """The words that begin requests, by the examples of the tasks."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        firsts = Counter(words_of(example)[0].text.lower() for task in tasks for example in task.examples if words_of(example))
        self._begin = frozenset(word for word, times in firsts.items() if times >= _USUAL and word.isalpha() and word not in COMMON | _HELD)

    def begins(self, word: str) -> bool:
        """Whether requests begin with this verb."""
        return word.lower() in self._begin

    def cuts(self, text: str, start: int, end: int) -> list[Cut]:
        """Conceivable cuts of a clause, the first ones first."""
        found: list[Cut] = []
        words = words_of(text, start, end)
        for at, word in enumerate(words[1:], 1):
            low = word.text.lower()
            if len(found) == MOST:
                break
            begins = low in self._begin or does(low) or low in _THEIRS or (low in _TO_THEM and _THEM_AFTER.match(text, word.end, end) is not None)
            if not begins or _OBJECT.match(text, word.end, end) is None and low not in _THEIRS:
                continue
            lead = text[start : word.start]
            joint = _JOINED.search(lead)
            if joint is None and low in _QUESTIONS:
                continue
            if low in _THEIRS and (joint is None or "and" not in joint[0].lower()):
                continue
            last = start + (joint.start() if joint else len(lead.rstrip()))
            before = words[at - 1].text.lower()
            asked = len(words[0].text) if words[0].text.lower() in _ASKS_FIRST else 0
            free = joint is not None or (before not in _HELD and _SUBORDINATE.search(lead, asked) is None)
            if free and not _TELLS.search(lead) and last - start > len(words[0].text) and lead.translate(QUOTES).count('"') % 2 == 0:
                found.append(Cut(end=last, start=word.start, verb=low))
        return found


def explained(cut: Cut, said: str, task: Task, own: Mapping[str, frozenset[str]]) -> bool:
    """Whether the task of the whole clause has words for both verbs: "cancel it and restock the goods" is one cancellation."""
    first = next(iter(words_of(said)), None)
    if cut.verb in _THEIRS:
        return False
    words = own[task.name]
    return stem(cut.verb) in words and (first is None or first.stem in words or not does(first.text))

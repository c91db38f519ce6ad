"""Where a run-on may hold two requests with no word to join them: "tag them gold ‖ 20 off for the gold ones", "best channel? ‖ any bad reviews".

The reader's cuts are fixed, and `recut` looks for verbs before an object. Here are the places where speech and notes begin anew without either: after
the end of a sentence, at a question, at an amount off, at a comma. Only what each side asks for alone can say whether one of them is a cut.
"""

from __future__ import annotations

import re

from agent.planning.clauses.closing import QUOTES
from agent.planning.clauses.recut import Cut
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import Clause

MOST = 4
"""Places that are tried in one clause; each costs two readings of a few milliseconds."""
_SENTENCE = re.compile(r"\s*[?;\n]+\s*|\s*[.!]\s+(?=[^\W\d])", re.I)
_ASKS = re.compile(
    r"\s+(?P<asks>(?:what['’]?s|how['’]?s|where['’]?s|what\s+(?:is|are|was|were|did|do)|how\s+(?:many|much|is|are|was|were|did|do)|any(?:one|body|thing)?"
    r"|who\s+(?:bought|ordered|asked|got|has|still)|when\s+(?:do|does|did|will|is|are)|do\s+(?:we|i|they)|did\s+(?:we|i|they|any\w*)|have\s+we|is\s+(?:it|there)"
    r"|are\s+(?:they|there))\b)",
    re.I,
)
_AMOUNT_OFF = re.compile(r"\s+(?P<off>(?:€|\$|£)?\d+(?:[.,]\d+)?\s*(?:%|percent|per\s+cent|euros?|eur|€)?\s+off\b)", re.I)
_GIVES = re.compile(
    r"\b(?:make|makes|making|turn|change|set|put|let|send|give|offer|grant|mail|e-?mail|write|text|message|promise|keep|cut|mark|only|just|now)\b"
    r"|(?-i:\b(?=[A-Z0-9-]*[A-Z])[A-Z0-9-]{4,}\s*(?:(?:is|gives?|now|at|code|into|to)\s*)*$)|\b(?:codes?|coupons?|vouchers?)\s+\S+\s*$",
    re.I,
)
"""What is off after it is what is given or what something is made: "send the vips ‖ 15% off mugs", "code winter ‖ 15% off"."""
_COMMA = re.compile(r"\s*,\s*(?:(?:and|then|also|plus)\s+)*", re.I)
_GOES_ON = re.compile(
    r"(?:with(?:out)?|in|from|who|whom|whose|which|that|by|for|of|at|on|to|than|sorted|grouped|split|including|excluding|except|but|only|per|each|not|or|and|as"
    r"|where|when|because|since|so|if|unless|until|till|before|after|between|over|under|above|below|more|less|fewer|max|min|ending|starting)\b",
    re.I,
)
"""What begins so says more of what stands before it."""
_HELD = frozenset({
    "to", "the", "a", "an", "not", "don't", "dont", "will", "would", "can", "could", "should", "me", "us", "you", "know", "see", "say", "says",
    "tell", "show", "check", "list", "of", "in", "on", "with", "by", "at", "from", "for", "as", "no", "than", "and", "or", "if", "whether",
    "ask", "asks", "asking", "about", "exactly", "where", "never", "least", "most", "code", "is", "are", "was", "were", "get", "gets", "give",
    "gives", "take", "another", "extra", "further", "still", "plus", "wondering", "wonder", "explain", "remember", "find", "search", "look",
    "people", "customers", "customer", "those", "them", "everyone", "everybody", "anyone", "anybody", "person", "buyers", "ones", "one", "folks",
    "clients", "sell", "sold", "have", "had", "has", "there", "got", "make", "made", "want", "need", "do", "did", "does", "hardly", "without",
    "buy", "bought", "order", "ordered", "we", "they", "i", "it's", "leave", "except", "but", "besides", "excluding", "minus", "unless", "only",
    "just", "all", "everything", "off", "including", "like", "into", "onto", "over", "under", "against", "between",
    "lose", "lost", "send", "sent", "receive", "received", "write", "wrote",
})  # fmt: skip
"""Words after which a question or an amount goes on with what they begin."""
_PAUSE = re.compile(r"[,;:.?!(\n]")
_ANY = re.compile(r"\s*any", re.I)
_YES_OR_NO = re.compile(r"\W*(?:and\s+|so\s+|ok\s+)?(?:is|are|was|were|do|does|did|have|has|had|can|could|will|would)\b", re.I)
"""What is asked so goes on with its "any": "are we selling ‖ anything at a loss"."""
_AUXILIARY = re.compile(r"\s*(?:do|did|have|is|are)\b", re.I)
_OPEN_QUESTION = re.compile(r"\b(?:how|what|which|when|where|who|whose|why)\b", re.I)
"""A verb after it is its own: "how many sledges ‖ did we sell"."""
_TELLS = re.compile(
    r"\b(?:tell|tells|saying|says?|write|answer|reply|message|mail|e-?mail|let|inform|whenever|every\s+time|automatically|rule|automation|about|faq"
    r"|called|named|titled)\b|[\"“„«]",
    re.I,
)
"""Words that others are to read, or what a rule does, hold questions and amounts of their own."""


def loose_cuts(text: str, start: int, end: int) -> list[Cut]:
    """Conceivable cuts of a clause that no verb shows: the ends of sentences first, then what begins anew without a joint, then commas."""
    ends = [Cut(end=m.start(), start=m.end(), verb="") for m in _SENTENCE.finditer(text, start, end) if start < m.start() and m.end() < end]
    anew = [
        Cut(end=m.start(), start=m.start(name), verb=m[name].split()[0].lower())
        for pattern, name in ((_ASKS, "asks"), (_AMOUNT_OFF, "off"))
        for m in pattern.finditer(text, start, end)
        if start < m.start() and _begins_anew(text, start, m.start()) and (name != "off" or _is_an_offer_of_its_own(text, start, m))
    ]
    commas = [
        Cut(end=m.start(), start=m.end(), verb=",")
        for m in _COMMA.finditer(text, start, end)
        if start < m.start() and m.end() < end and not _GOES_ON.match(text, m.end())
    ]
    found = [*ends, *anew, *commas]
    return [cut for cut in found if not _is_told(text[start : cut.end])][:MOST]


_ANEW = re.compile(r"\s*(?:any|best|worst|top|what['’]?s|how\s+(?:many|much)|who|when)\b", re.I)


def asks_anew(text: str, start: int, at: int) -> bool:
    """Whether what begins there asks for something more, though it stands with what is before: "how was last week ‖ best product"."""
    return _ANEW.match(text, at) is not None and len(words_of(text, start, at)) > 1 and _begins_anew(text, start, at)


def goes_on(said: str) -> bool:
    """Whether what begins so says more of what stands before it: "with …", "who …", "but …"."""
    return _GOES_ON.match(said) is not None


def only_names(text: str, clause: Clause, end: int) -> bool:
    """Whether the words up to there only name what the rest asks about, "wool socks ‖ how many left", and no head says what of it."""
    named = [slot for slot in clause.slots if slot.kind in ("product", "customer", "order", "place") and slot.end <= end]
    words = [word for word in words_of(text, clause.start, end) if word.text.lower() not in COMMON]
    return all(any(slot.start <= word.start < slot.end for slot in named) for word in words) and not text[: clause.start].rstrip().endswith(":")


def _begins_anew(text: str, start: int, at: int) -> bool:
    since = max((m.end() for m in _PAUSE.finditer(text, start, at)), default=start)
    before = words_of(text, since, at)
    if not before or before[-1].text.lower() in _HELD or (len(before) == 1 and since > start):
        return False  # "complete ‖ what's missing" is done to what is missing
    if _ANY.match(text, at) is not None and _YES_OR_NO.match(text, start) is not None:
        return False
    return _AUXILIARY.match(text, at) is None or _OPEN_QUESTION.search(text, start, at) is None


def _is_an_offer_of_its_own(text: str, start: int, off: re.Match[str]) -> bool:
    """Whether an amount off belongs to nothing before it, and says for whom or off what; bare, it would be off everything for everybody."""
    before = text[start : off.start()]
    return _GIVES.search(before) is None and re.match(r"\s+[^\W\d]", text[off.end() :]) is not None


def _is_told(lead: str) -> bool:
    return _TELLS.search(lead) is not None or lead.translate(QUOTES).count('"') % 2 == 1

"""Why something is asked, said before it: "it's too warm outside, so hide the candles".

Such a reason asks for nothing, and read with the request its words are taken for values of it. It is background where it names nothing of the
shop and the request needs nothing of it; where "it" or "them" may mean something in it, or it may be what is to be written, it is read.
"""

from __future__ import annotations

import re

from agent.planning.clauses.closing import is_dictated
from agent.planning.language.courtesies import VERBS
from agent.planning.language.respelled import Respelled, Slip, respelled
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.vocabulary import Vocabulary, stem, words_of

_IS = (
    r"(?:['’](?:s|m|re|ve|ll|d)\b|\s+(?:is|are|am|was|were|has|have|had|will|won['’]?t|would|can(?:not|['’]t)?|could(?:n['’]t)?|may|might|must|do(?:es)?(?:n['’]t)?|did(?:n['’]t)?"
    r"|isn['’]?t|aren['’]?t|wasn['’]?t|haven['’]?t|hasn['’]?t|asks?|asked|said|says|wants?|wanted|needs?|needed|told|tells|called|calls|complains?|complained|keeps?|kept|forgot|just|still"
    r"|got|gets?|[a-z]{2,}ed|thinks?|thought|knows?|sells?|sold|looks?|feels?|seems?|went|goes|go|came|comes|come|ran|run|had|spoke|met|rang|phoned|wrote|heard|really|never|always|only|mentioned|insists?|noticed|promised))\b"
)
_WHO = (
    r"(?:(?:the\s+)?(?:(?:customer|buyer|client|lady|guy|man|woman|person)\s+(?:on|of|from|behind|with)\s+)?(?:orders?\s+)?#?(?P<order>\d{3,8})|i|we|you|he|she|it|they|there|that|this|people|some(?:one|body)|every(?:one|body)|no(?:body|\s+one)|customers|things|business|trade|time"
    r"|(?:the|our|my|your|an?)\s+(?:[a-z]+\s+){0,2}[a-z]+|(?P<name>(?-i:[A-ZÀ-Þ][\w-]+)(?:\s+(?-i:[A-ZÀ-Þ][\w-]+))?)|[a-z]+)"
)
_CALLED = r"\s+(?:called|phoned|rang|wrote|complained|e-?mailed|texted)"
_REASON = re.compile(
    rf"\s*(?:(?:since|as|because|seeing\s+(?:that|as)|given\s+that)\s+)?(?P<reason>(?P<who>{_WHO})(?:{_IS}[^.!?;:\n\"“”]{{2,110}}?|{_CALLED}))(?P<joint>\s*(?:,|;|\.|[–—-]{{1,2}})?\s+(?:and\s+)?(?:so|therefore|hence)\s*,?|\s*[,;]\s*(?:and\s+)?)\s+"
    rf"(?:please\s+)?(?=(?P<verb>{VERBS}|what|which|how|who|where)\b)",
    re.I,
)
_ASKED_FOR = re.compile(
    r"(?:[\w’'-]+\s+){0,4}(?:asks?|asked|wants?|wanted|needs?|needed|insists?|insisted|told|said|says|keeps\s+(?:asking|nagging))(?:\s+(?:me|us|about|for|on|it|this|that|so|to|know|again|now|today"
    r"|this\s+(?:morning|afternoon|week)|yesterday|urgently|badly|really|twice))*\W*"
    r"|(?:i|we)(?:['’](?:m|re)|\s+(?:am|are|can(?:not|['’]?t)|have\s+no|don['’]?t\s+have|have\s+to\s+(?:leave|go|run)))\b.*",
    re.I,
)
"""Who wants it, or why the merchant does not do it: no more of it can be meant in any request."""
_BEHIND = re.compile(
    r"(?:\s*,\s*|\s+[–—-]{1,2}\s+|[.!]\s+)(?P<reason>(?:(?:my|our|the)\s+(?:boss|manager|accountant|partner|wife|husband|colleague|team|owner|chef|assistant)s?|(?-i:[A-ZÀ-Þ])[a-z]+)\s+[^.!?;:\n\"“”]{4,60})(?P<end>\W*)$",
    re.I,
)
_BEGINS_ANEW = re.compile(
    rf"\W*(?:{VERBS}|what|which|how|who|whose|when|where|why|if|unless|once|whenever|is|are|was|were|do|does|did|please|not?|only|all)\b(?!['’])",
    re.I,
)
_CONDITION = re.compile(
    r"\b(?:if|unless|when|whenever|until|except|only|without|but|(?<!not\s)(?<!n['’]t\s)(?:want|need|like|going|have|wanted|love)s?\s+to|and\s+(?:\w+\s+)?(?:tag|hide|set|add|cut|lower|raise|show|list|refund|send|delete))\b",
    re.I,
)
_NAMES = re.compile(r"[\d%€$£#@\"“„«]")
_LEANS = re.compile(
    r"\b(?:it|its|them|they|theirs?|those|these|him|her|his|he|she|ones?|same|others?|rest|such|there|too|also|instead|again|both"
    r"|(?:this|that)(?!\s+(?:week|weekend|month|year|quarter|morning|afternoon|evening|summer|winter|spring|autumn|season)\b))\b",
    re.I,
)
_SOMEBODY = frozenset({"her", "him", "she", "he", "his"})
_WRITES = re.compile(
    r"(?:announce|answer|apologi[sz]e|compose|describe|draft|e-?mail|explain|inform|invite|let|mail|message|notify|order|post|prepare|promote|recommend|reorder|reply|respond"
    r"|restock|rewrite|send|suggest|tell|text|thank|warn|write|create|make|generate|note|give|do)$",
    re.I,
)
""" "We are closed on Monday, so write a post": the reason is what it is to say."""
_RECURS = re.compile(r"\b(?:every|each|once\s+(?:a|per)|daily|weekly|monthly|quarterly|yearly)\b", re.I)
"""What is wanted again and again is asked for, and no reason."""
_OF_TRADE = frozenset({"sales", "prices", "business", "trade", "stock"})
"""Spoken of in general, though a collection may be called so."""
_OWN = re.compile(r"\d|\b(?:the|our|my|all|every)\b|\s(?-i:[A-ZÀ-Þ])|[\"“„«]", re.I)


def without_reason(text: str, vocabulary: Vocabulary) -> Respelled:
    """The request without why it is asked, with what "it" is in its place: "the red mug is sold out, so hide it" is "hide the red mug".

    The first slip is the reason.
    """
    return respelled(text, _before(text, vocabulary) or _behind(text, vocabulary))


def _behind(text: str, vocabulary: Vocabulary) -> list[Slip]:
    """Who wants it, at the end: "… - the boss insists". After "because" stands what a task may take as its reason."""
    found = _BEHIND.search(text)
    if found is None or not text[: found.start()].strip() or is_dictated(text, found.start()):
        return []
    reason = found["reason"]
    if _ASKED_FOR.fullmatch(reason) is None or _CONDITION.search(reason) or _NAMES.search(reason) or _names_goods(reason, vocabulary):
        return []
    return [Slip(start=found.start(), end=found.end("reason"), typed=text[found.start() : found.end("reason")], meant="")]


def _before(text: str, vocabulary: Vocabulary) -> list[Slip]:
    found = _REASON.match(text)
    if (
        found is None
        or _BEGINS_ANEW.match(found["reason"])
        or _CONDITION.search(found["reason"])
        or _NAMES.search(found["reason"], len(found["who"]))
    ):
        return []
    joint = re.sub(r"[\s,]|\band\b", "", found["joint"])
    if joint in ("", ";") and _RECURS.search(found["reason"]):
        return []  # "I want the orders in my inbox every Monday, refund #1042"
    if joint in ("", ";") and re.match(r"(?:i|we|it|he|she|they)\b|[A-ZÀ-Þ]", found["reason"]) is None:
        return []
    edges = (found.start(), found.end("reason"), found.end())
    cuts = [Slip(start=a, end=b, typed=text[a:b], meant="") for a, b in zip(edges, edges[1:], strict=False)]
    if (whose := _whose_order(found, text, vocabulary)) is not None:
        return [*cuts, whose]
    if _names_goods(found["who"], vocabulary) or re.search(r"\d", found["who"]):
        people = _SOMEBODY if found["order"] else frozenset()  # "cancel it and let her know"
        about = [said for said in _LEANS.finditer(text, found.end()) if said[0].lower() not in people]
        alone = len(about) == 1 and about[0][0].lower() in ("it", "them") and not _names_goods(found["reason"][len(found["who"]) :], vocabulary)
        return (
            [
                *cuts,
                Slip(
                    start=about[0].start(), end=about[0].end(), typed=about[0][0], meant=f"order {found['order']}" if found["order"] else found["who"]
                ),
            ]
            if alone
            else []
        )
    return cuts if _says_only_why(found, text[found.end() :], vocabulary) else []


_PERSON = re.compile(r"(?-i:[A-ZÀ-Þ][a-zà-þ’'-]+\s+[A-ZÀ-Þ][a-zà-þ’'-]+)")
_ONE_ORDER = re.compile(r"\bthe\s+(?P<which>(?:very\s+)?(?:last|latest|newest|most\s+recent|first)(?:\s+(?:\w+\s+)?order\b|\s+one\b))", re.I)


def _whose_order(found: re.Match[str], text: str, vocabulary: Vocabulary) -> Slip | None:
    """ "I had Lena Fischer on the phone, tag the last order as urgent": the last order of hers."""
    people = [said[0] for said in _PERSON.finditer(found["reason"])] or [found["name"]] * bool(found["name"])
    orders = list(_ONE_ORDER.finditer(text, found.end()))
    if len(people) != 1 or len(orders) != 1 or _names_goods(people[0], vocabulary) or _PERSON.search(text, found.end()):
        return None
    said = orders[0]
    return Slip(start=said.start(), end=said.end(), typed=said[0], meant=f"{people[0]}'s {said['which']}")


def _says_only_why(found: re.Match[str], rest: str, vocabulary: Vocabulary) -> bool:
    """Whether the request needs nothing of its reason, and is not to say it to somebody."""
    if _LEANS.search(rest) or (found["name"] and not _OWN.search(rest)):
        return False
    if _ASKED_FOR.fullmatch(found["reason"]):
        return True
    if _WRITES.match(found["verb"]) and not re.search(r"\d|[\"“„«]", rest):
        return False
    return not (found["name"] and vocabulary.knows(stem(found["name"]))) and not _names_goods(found["reason"], vocabulary)


def _names_goods(said: str, vocabulary: Vocabulary) -> bool:
    return any(vocabulary.names_goods(word.stem) for word in words_of(said) if word.text.lower() not in COMMON | _OF_TRADE)

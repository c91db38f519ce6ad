"""What is told to be left alone, as the words that the reader and the fields know: "but keep the mugs hidden" is "except the mugs".

The state that something keeps is read for the state that the rest is to get: "hide all mugs but keep the enamel one visible" published the mugs.
And what a request begins by setting aside, "never mind the bowls, hide the mugs", is read as one of the things that it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.planning.clauses.closing import is_dictated
from agent.planning.clauses.transitions import stands_alone
from agent.planning.language.courtesies import VERBS
from agent.planning.language.respelled import Respelled, Slip, respelled
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.vocabulary import Vocabulary, words_of

_SIGN = re.compile(r"\b(?:keep|leave|let|mind|forget|ignore|skip|disregard|not|worry|bother|do\s?n[o’']?t|never|instead)\b", re.I)
_NAME = r"(?:(?!(?:it|them|that|this|those|these|everything|rest|others?|and|or|but|to|in|on|at|by|as|with|until)\b)[^\W\d_][\w’'-]*\s+){1,5}?"
_KEPT = re.compile(
    rf"(?<=\w)(?P<lead>(?:\s*,)?\s*\bbut\s+(?:please\s+|just\s+)*(?:keep|leave))\s+(?P<name>{_NAME})"
    r"(?P<state>(?:as\s+(?:a\s+)?)?(?:hidden|visible|shown|active|inactive|published|unpublished|online|offline|live|archived|drafts?|listed|unlisted))"
    r"(?=\s*(?:$|[,.;!?]|\band\b))",
    re.I,
)
_ASIDE = re.compile(
    r"\W*(?:(?:no|ok|okay|actually|well|oh)\b[\s,]*)*(?:never\s*mind(?:\s+about)?|(?:forget|ignore|skip|disregard|leave)(?:\s+about)?|not"
    r"|do(?:n[’']?t|\s+not)\s+(?:worry|bother)(?:\s+(?:about|with))?)\s+(?P<name>[^,.;:!?\n\"“„]{2,50}?)(?:\s+(?:alone|out|aside|be|for\s+now|now|today))*"
    rf"\s*(?:[,.;]|\s[–—-]|\sand)\s+(?:(?:just|rather|instead|only|and|but|please)\s+)*(?=(?:{VERBS})\b)",
    re.I,
)
_INSTEAD = re.compile(
    rf"\W*(?:please\s+)?(?:do\s+not|do\s?n[o’']?t|never|instead\s+of)\s+(?:{VERBS}|touch|[a-z]+ing)\s+(?P<name>[^,.;:!?\n\"“„]{{2,40}}?)"
    r"(?:\s+(?:by|to|at|from|as|in|into|with)\s+[^,.;:!?\n]{1,25})?(?P<end>\s*(?:[,.;]|\s[–—-])\s+(?:(?:but|just|rather|instead|only|simply|better|please)\s+)*)"
    rf"(?P<does>(?:{VERBS})\s+(?:(?:back|down|up)\s+)?)(?P<it>it|them)\b",
    re.I,
)
""" "Don't cancel 20999, refund it": what "it" is stands with what is not to be done."""
_ORDER = re.compile(r"(?:(?:the\s+)?orders?\s+)?#?\d{4,8}", re.I)


def without_what_is_left_alone(text: str, vocabulary: Vocabulary, *, opened: bool = False) -> Respelled:
    """The text with what is told to keep its state as an exception, and without what it begins by setting aside.

    Args:
        opened: It goes on with a conversation, in which "never mind the bowls" takes something back.
    """
    if _SIGN.search(text) is None:
        return Respelled(text=text)
    return respelled(text, [*(() if opened else _set_aside(text, vocabulary)), *_kept(text)])


def _set_aside(text: str, vocabulary: Vocabulary) -> Iterator[Slip]:
    if (instead := _INSTEAD.match(text)) is not None and _names(instead["name"], vocabulary):
        if "instead of" in instead[0].lower():  # what is denied is told as not done; this asks for nothing
            yield Slip(start=0, end=instead.start("does"), typed=text[: instead.start("does")], meant="")
        yield Slip(start=instead.start("it"), end=instead.end("it"), typed=instead["it"], meant=instead["name"])
        return
    found = _ASIDE.match(text)
    if found is None or not stands_alone(text, found.end(), vocabulary):
        return
    if _names(found["name"], vocabulary):
        yield Slip(start=0, end=found.end(), typed=found[0], meant="")


def _names(said: str, vocabulary: Vocabulary) -> bool:
    """Whether the words are nothing but the name of goods, or the number of an order."""
    words = [word for word in words_of(said) if word.text.lower() not in COMMON]
    goods = words and all(vocabulary.knows(word.stem) for word in words) and any(vocabulary.names_goods(word.stem) for word in words)
    return _ORDER.fullmatch(said) is not None or bool(goods)


def _kept(text: str) -> Iterator[Slip]:
    for found in _KEPT.finditer(text):
        if not is_dictated(text, found.start()):
            yield Slip(start=found.start("lead"), end=found.end("lead"), typed=found["lead"], meant=" except")
            end = found.end("state")
            start = found.start("state") - (len(text[: found.start("state")]) - len(text[: found.start("state")].rstrip()))
            yield Slip(start=start, end=end, typed=text[start:end], meant="")

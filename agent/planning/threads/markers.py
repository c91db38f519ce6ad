"""How a message of a thread begins and ends when it only adds to what was said before: "no, … instead", "same for …", "only …"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from agent.planning.language.fragments import THEM

Kind = Literal["plain", "replace", "add", "about", "only", "without", "meant"]
"""plain: no such words. replace: "no, … instead", "make it …". add: "and …", "same for …". about: "what about …". only: "only …", "by …".
without: "but not …". meant: "I meant …, not …"."""
Whole = Literal["approve", "reject", "undo", "redo", "why", "more", "yes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A message without the words that tie it to the one before."""

    kind: Kind
    start: int
    end: int
    denied: tuple[int, int] | None = None
    """What was not meant: "the stock" of "I meant the price, not the stock"."""
    instead: bool = False
    """It takes the place of what was said before, and does not come beside it."""
    too: bool = False


_FILLER = (
    r"(?:(?:ok(?:ay)?|oh|ah|hm+|um+|well|so|right|great|good|nice|perfect|thanks|thank\s+you|cool|alright|all\s+right|please|now|then|yes|yeah|yep|hey|hi"
    r"|you\s+know|i\s+think|can\s+you|could\s+you|would\s+you|will\s+you|let'?s|i'?d\s+like\s+to|i\s+want\s+to|go\s+ahead\s+and)"
    r"\b[\s,.!:;…–—-]*)*"
)
_CORRECTING = r"(?:(?:no|nah|nope|sorry|oops|wait|hold\s+on|actually|stop|argh|oh\s+no|my\s+bad)\b[\s,.!…–—-]*)*"
"""Before a word to what went before, which it only makes firmer."""
_WHOLE: tuple[tuple[Whole, re.Pattern[str]], ...] = (
    (
        "approve",
        re.compile(
            rf"{_FILLER}(?:and\s+|i\s+)?(?:approved?|apply|accept(?:ed)?|confirm(?:ed)?|go\s+ahead|go\s+for\s+it|do\s+it|do\s+that|make\s+it\s+so|proceed"
            r"|looks?\s+good(?:\s+to\s+me)?|lgtm|that'?s\s+(?:fine|good|right|correct)|execute|ship\s+it|send\s+it|save\s+(?:it|that|them))"
            rf"(?:[\s,]+(?:it|that|this|{THEM}|all|both|everything|of\s+(?:it|them|those)|the\s+(?:\w+\s+)?(?:changes?|proposals?|prices?|one)"
            r"|(?:the\s+|only\s+|just\s+|number\s+)*(?:first|second|third|last|other|latter|former|\d)|please"
            r"|now|then|then\s+please|thanks|yourself|for\s+me|and\s+(?:apply|save|do|send)\s+(?:it|them)))*[\s.!]*",
            re.I,
        ),
    ),
    (
        "reject",
        re.compile(
            rf"{_FILLER}{_CORRECTING}{_FILLER}(?:never\s*mind|nevermind|forget\s+(?:it|that|about\s+(?:it|that))|(?:cancel|scrap|discard|drop|reject|ignore|skip)"
            r"(?:\s+(?:it|that|this|them|those|the\s+(?:change|changes|proposal|last\s+one)"
            r"|(?:only\s+|just\s+)?the\s+(?P<nth>first|second|third|last|other)(?:\s+(?:one|change|proposal))?))|don'?t(?:\s+do\s+(?:it|that|this))?|do\s+not\s+do\s+(?:it|that)"
            r"|leave\s+(?:it|that|them)(?:\s+(?:as\s+(?:it\s+is|they\s+are|is)|alone))?|none(?:\s+of\s+(?:them|these|those))?|neither(?:\s+of\s+(?:them|these|those))?|no\s+thanks?|no\s+thank\s+you|no|nope|nah|better\s+not|rather\s+not)(?:[\s,]+(?:please|then|after\s+all|thanks|leave\s+(?:it|that|them)(?:\s+(?:as\s+(?:it\s+is|they\s+are|is)|alone))?|forget\s+it|don'?t|stop))*[\s.!]*",
            re.I,
        ),
    ),
    (
        "undo",
        re.compile(
            rf"{_FILLER}{_CORRECTING}{_FILLER}(?:(?:only|just)\s+)?(?:undo\b.*|revert\b.*|roll\s*back\b.*|(?:take|put|change|switch|turn|set)\s+"
            r"(?:it|that|this|them|those|both|everything|all\s+of\s+(?:it|that|them)|the\s+\w+(?:\s+\w+)?)(?:\s+all)?\s+back(?:\s+(?:to\s+)?(?:how|the\s+way|what|as|where)\b.*"
            r"|\s+(?:again|please|to\s+(?:normal|before)))?|take\s+back\s+(?:that|it|the\s+(?:last\s+)?\w+)|reverse\s+(?:it|that|this|the\s+(?:last\s+)?\w+)"
            r"|(?:remove|take|unset|untag)\s+(?:it|that|this|them|those)(?:\s+off)?\s+again)[\s.!]*",
            re.I | re.S,
        ),
    ),
    (
        "redo",
        re.compile(
            rf"{_FILLER}{_CORRECTING}{_FILLER}(?:re-?do|re-?apply)(?:\s+(?:it|that|this|them|those|the\s+(?:last\s+)?\w+))?(?:\s+(?:again|after\s+all|please))*[\s.!]*",
            re.I,
        ),
    ),
    (
        "why",
        re.compile(
            rf"{_FILLER}(?:and\s+|but\s+)?(?:why|how\s+come|what'?s\s+the\s+reason|what\s+is\s+the\s+reason)(?:\s+(?:is|was|did|has|are|were|so|that|it|this|they|these"
            r"|happen(?:ed)?|change[ds]?|dropp?(?:ed)?|fall(?:en)?|fell|rise|risen|up|down|high|low|bad|good|much|little|more|less|go|gone|the\s+(?:drop|change|rise|fall"
            r"|increase|decrease|difference)|exactly|though))*[\s?!.]*",
            re.I,
        ),
    ),
    (
        "more",
        re.compile(
            rf"{_FILLER}(?:and\s+)?(?:(?:show|give|list|tell|get)\s+(?:me\s+|us\s+)?)?(?:some\s+|the\s+|a\s+few\s+)?(?:(?P<n>\d+)\s+)?(?:more|next(?:\s+(?P<m>\d+|ones?|page))?"
            rf"|rest|others?|remaining(?:\s+ones)?|all\s+of\s+(?:them|those)|(?:see|show)\s+more)(?:\s+(?:of\s+(?:{THEM})|results?|rows|please))*[\s.!?]*",
            re.I,
        ),
    ),
    (
        "yes",
        re.compile(
            r"(?:yes|yeah|yep|yup|ok(?:ay)?|sure|right|correct|exactly|please\s+do|yes\s+please|do\s+so|of\s+course|absolutely)(?:[\s,]+please)?[\s.!]*",
            re.I,
        ),
    ),
)


def whole(text: str) -> tuple[Whole, re.Match[str]] | None:
    """What a message means that is nothing but a word to what went before: "undo that", "why?"; None for any other."""
    said = text.strip().strip("\"'“”")
    if not said:
        return None
    sentences = [part for part in re.split(r"(?<=[.!])\s+", said) if part]
    if len(sentences) > 1 and all((one := whole(part)) is not None and one[0] in ("approve", "yes") for part in sentences):
        return whole(sentences[-1])
    return next(((name, match) for name, pattern in _WHOLE if (match := pattern.fullmatch(said)) is not None), None)


_LEADS: tuple[tuple[Kind, bool, re.Pattern[str]], ...] = (
    (
        "meant",
        True,
        re.compile(
            r"(?:i\s+(?:actually\s+|really\s+)?(?:meant|mean)|i\s+was\s+(?:talking|asking)\s+about|it\s+should\s+be|that\s+should\s+be|should\s+be)\b"
            r"[\s,:]*(?:for\s+|to\s+)?",
            re.I,
        ),
    ),
    (
        "replace",
        True,
        re.compile(
            r"(?:mak(?:e|ing)|set(?:ting)?|put(?:ting)?|chang(?:e|ing)|switch(?:ing)?)\s+(?:it|that|this|them|those)"
            r"(?:\s+(?:to|at|be|for|into))?\s+(?=\S)",
            re.I,
        ),
    ),
    (
        "replace",
        True,
        re.compile(
            r"(?:i|we)(?:['’]d|\s+would)\s+(?:rather|prefer(?:\s+it\s+if\s+you|\s+to)?)\s+(?!not\b|you\b|n[o’']?t\b)(?=\S)"
            r"|on\s+(?:second|further)\s+thoughts?[\s,.:–—-]*|(?:do|(?:go|stick)\s+(?:with|for))\s+(?=[€$£]?\d)",
            re.I,
        ),
    ),
    (
        "add",
        False,
        re.compile(
            r"(?:(?:and|then|now|also|please|we\s+need\s+to|you\s+should)\s+)*"
            r"(?:also\s+do\s+(?=(?:the|all|my|our|both)\b)|do\s+(?=(?:the|all|my|our|both)\s[\w\s'’-]+\s(?:too|as\s+well|also)\W*$))",
            re.I,
        ),
    ),
    (
        "replace",
        True,
        re.compile(r"(?:call|name)\s+(?:the\s+(?:tag|code|collection|product|note))\s+(?=\S)", re.I),
    ),
    (
        "replace",
        True,
        re.compile(
            r"(?:no(?!\s+(?:end|start|minimum|limit|expiry|restrictions?|more|longer)\b)|nope|not\s+that(?:\s+one)?|not\s+those|wrong(?:\s+one)?|actually|rather|instead|better(?:\s+make\s+it)?|make\s+that|use|sorry|wait|oops"
            r"|hold\s+on)\b[\s,.!:;–—-]*",
            re.I,
        ),
    ),
    (
        "without",
        True,
        re.compile(
            r"(?:but\s+|just\s+)?(?:not|without|except(?:\s+for)?|excluding|exclude|leave\s+out|skip|minus|but\s+leave\s+out|take\s+out"
            r"|(?:please\s+)?(?:do\s+not|don[’']?t)\s+(?:include|touch))\s+(?!that\b)",
            re.I,
        ),
    ),
    (
        "add",
        False,
        re.compile(
            r"(?:(?:and|then|now|also)\s+)*(?:do|repeat|apply)\s+(?:that|this|it)(?:\s+(?:again|too|also|as\s+well))*\s+(?:for|to|with|on)\s+(?!\d|[€$£])",
            re.I,
        ),
    ),
    (
        "add",
        False,
        re.compile(
            r"(?:and\s+|then\s+|now\s+)*(?:(?:do|the)\s+)*(?:same(?!\s+(?:days?|weeks?|months?|quarters?|years?|periods?|time|seasons?|dates?)\b)(?:\s+(?:thing|again|question|report|one))?|likewise|ditto)\b"
            r"(?:\s+(?:but|for|to|with|on|goes\s+for|in|again)\b(?!\s+(?:19|20)\d\d\b))*\s*",
            re.I,
        ),
    ),
    ("about", False, re.compile(r"(?:and\s+|but\s+)*(?:what|how)\s+(?:about|of)\s+(?:for\s+)?", re.I)),
    (
        "only",
        False,
        re.compile(
            r"(?:(?:and|but|just|now|show|give|me|us|list|to|it|that|them|those|limit|restrict|filter|narrow|down)\s+)*(?:only|just)\s+"
            r"(?:show\s+(?:me\s+)?|the\s+ones\s+|those\s+)?(?:(?:that|who|which|what)\s+(?:are\s+|is\s+)?)?",
            re.I,
        ),
    ),
    (
        "only",
        False,
        re.compile(
            r"(?:and\s+|but\s+)?(?:show\s+(?:me\s+)?|list\s+)?(?:the\s+ones|those|these)\s+(?:(?:that|which|who)\s+(?:are\s+|is\s+|cost\s+)?)?"
            r"(?=(?:under|over|above|below|between|with|without|from|in|out|worth|less|more|cheaper|tagged|made|by)\b)",
            re.I,
        ),
    ),
    (
        "only",
        False,
        re.compile(
            r"(?:and\s+|but\s+)?(?:show\s+(?:me\s+)?|list\s+)?(?:the\s+ones|those|these)\s+(?=(?:who|that|which)\s+(?:have|has|had)(?:n['’]?t|\s+not|\s+never)\b)",
            re.I,
        ),
    ),
    (
        "only",
        False,
        re.compile(r"(?:and\s+|but\s+)?(?:(?:are|is|were)\s+there\s+)?any\s+(?=[a-z-]+(?:\s+[a-z-]+)?\s+ones?\b)", re.I),
    ),
    (
        "only",
        False,
        re.compile(
            r"(?:(?:can\s+you|and|but|please|now)\s+)*"
            r"(?:(?:limit|restrict|filter|narrow|split|break|group|sort|order|show|give|list|do|see)\s+(?:it|that|this|them|those|me|these)?\s*(?:that|it|them)?"
            r"\s*(?:down|out)?\s*)(?:to\s+)?(?=by\b|per\b|in\b|from\b|for\b|as\b)",
            re.I,
        ),
    ),
    (
        "only",
        False,
        re.compile(
            r"(?:(?:and|but|please|now|yes)[\s,]+)*(?:limit|restrict|cap)\s+(?:it|that|this|them|the\s+(?:code|discount|offer|sale))\s+(?:to|at)\s+(?=\S)",
            re.I,
        ),
    ),
    (
        "plain",
        False,
        re.compile(
            r"(?:it|that|this)\s+(?:(?:should|must|is\s+to|can|has\s+to|needs\s+to)\s+)?(?=(?:only\s+)?(?:starts?|ends?|begins?|expires?)\b)", re.I
        ),
    ),
    (
        "only",
        False,
        re.compile(
            r"(?:it|that|this|they|the\s+(?:code|discount|offer|voucher|coupon|sale))(?:['’]s)?\s+(?:(?:should|must|may|can|shall|is|has|needs)\s+)?(?:to\s+)?"
            r"(?:only\s+|just\s+)?(?:be\s+)?(?:works?|appl(?:y|ies)|valid|counts?|runs?|usable|used|good)\s+(?:only\s+|just\s+)?"
            r"(?=(?:above|over|from|until|till|for|on|with|between|by|once|after|before|under|below|when)\b)",
            re.I,
        ),
    ),
    (
        "about",
        False,
        re.compile(
            r"(?:and|or)\s+(?=(?:for|in|from|by|per|with|on|last|this|since|the\s+(?:year|month|week|day|quarter)s?\b|yesterday|today)\b)", re.I
        ),
    ),
    ("add", False, re.compile(r"(?:and|also|plus|then|&)\b[\s,]*(?:also\s+|then\s+)?", re.I)),
)
_NOT = re.compile(r"[\s,;–—-]*(?:and\s+|but\s+)?\bnot\s+(?P<denied>(?:the\s+|a\s+|in\s+|for\s+)?[\w'’ -]+?)\s*[.!?]*$", re.I)
_AUXILIARY = re.compile(r"\b(?:am|is|are|was|were|be|been|have|has|had|do|does|did|can|could|will|would|should|must|may|might)$", re.I)
"""Before a "not" that makes a verb negative, "have not been shipped", and contradicts nothing."""
_DENIED_FIRST = re.compile(r"not\s+(?P<denied>(?:the\s+|a\s+|in\s+|for\s+)?[\w'’ -]+?)\s*(?:,|;|–|—|\s-\s|\bbut\b)\s*(?:but\s+)?", re.I)
_INSTEAD = re.compile(
    r"[\s,]*\b(?:instead|rather|actually|i\s+mean(?:t)?|(?<!\bare\s)(?<!['’]re\s)(?<!\bam\s)(?<!['’]m\s)(?<!\bvery\s)(?<!\bso\s)sorry|i\s+should\s+say|(?:that\s+was\s+)?(?:my\s+(?:mistake|bad)|a\s+typo|typo)|i\s+(?:mistyped|misspoke|got\s+that\s+wrong)|please|pls|then|thanks|thank\s+you|now|after\s+all|btw|by\s+the\s+way|though|ok(?:ay)?)"
    r"\s*[.!?]*$",
    re.I,
)
_SAYS_INSTEAD = re.compile(r"instead|rather|actually|i\s+mean|sorry|i\s+should\s+say|mistake|bad|typo|mistyped|misspoke|wrong", re.I)
_ONLY = re.compile(r"[\s,]+\bonly\s*[.!?]*$", re.I)
_VALUE_FOR = re.compile(r"[€$£]?\d\S*\s+(?:for|to)\s+\w", re.I)
""" "24 for members only" says a value, and for whom."""
_TOO = re.compile(r"[\s,]*\b(?:too|as\s+well|also|likewise)\s*[.!?]*$", re.I)
_START = re.compile(rf"\s*{_FILLER}", re.I)


def marked(text: str) -> Marked:
    """The message with its kind, and where what it says itself begins and ends."""
    return _without_tail(text, _without_lead(text))


def _without_lead(text: str) -> Marked:
    """From behind what it begins with: "no, sorry, I meant ‖ the blue one"."""
    start, end = _skipped(text, 0), len(text.rstrip(" .!?\n"))
    kind: Kind = "plain"
    instead = False
    denied: tuple[int, int] | None = None
    for _ in range(3):  # "no, sorry, I meant …"
        if (first := _DENIED_FIRST.match(text, start, end)) is not None and kind in ("plain", "replace", "meant"):
            denied, start, kind, instead = first.span("denied"), _skipped(text, first.end()), "meant", True
            continue
        lead = next(((k, replaces, m) for k, replaces, p in _LEADS if (m := p.match(text, start, end)) is not None and m.end() > start), None)
        if lead is None or lead[2].end() >= end:
            break
        narrows = kind == "add" and lead[0] in ("without", "only")  # "and not the robe"
        kind = lead[0] if kind in ("plain", "replace") or lead[0] == "meant" or narrows else kind
        instead, start = instead or lead[1], _skipped(text, lead[2].end())
    return Marked(kind=kind, start=start, end=end, denied=denied, instead=instead)


def _without_tail(text: str, mark: Marked) -> Marked:
    """Up to what it ends with: "the blue one ‖ instead", "the price ‖, not the stock"."""
    kind, start, end, instead, too = mark.kind, mark.start, mark.end, mark.instead, False
    while (tail := _INSTEAD.search(text, start, end)) is not None and tail.start() > start:
        if _SAYS_INSTEAD.search(tail[0]):
            kind, instead = "replace" if kind in ("plain", "add", "about") else kind, True
        end = tail.start()
    if (
        kind not in ("replace", "meant")
        and not _VALUE_FOR.match(text, start, end)
        and (tail := _ONLY.search(text, start, end)) is not None
        and tail.start() > start
    ):
        kind, end = "only" if kind in ("plain", "add", "about") else kind, tail.start()  # "make it 20 for members only" says for whom
    if (tail := _TOO.search(text, start, end)) is not None and tail.start() > start:
        kind, end, too = "add" if kind == "plain" else kind, tail.start(), True
    if (
        mark.denied is None
        and (tail := _NOT.search(text, start, end)) is not None
        and tail.start() > start
        and not _AUXILIARY.search(text, start, tail.start())
    ):
        return Marked(kind="meant", start=start, end=tail.start(), denied=tail.span("denied"), instead=True, too=too)
    return replace(mark, kind=kind, end=end, instead=instead, too=too)


def _skipped(text: str, at: int) -> int:
    match = _START.match(text, at)
    return match.end() if match else at

"""Where a clause says which customers are meant: "our 50 best customers", "everyone who bought the throw in October".

What stands there tells of the people, and of nothing else: the throw is not what a discount is for, and October is not when it is valid. So the
stretch is kept from the other fields of a change or a text, and is left to the search that finds those people.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.planning.binding.scope import Bound, Piece, Scope
from agent.planning.language.normalise import normalise
from agent.planning.language.sparing import BUT
from agent.planning.language.values import Dates, Share, Spot, Starting, Until, Values
from agent.planning.linking.lexicon import changes, does
from agent.planning.linking.vocabulary import words_of

WHO_DID = (
    r"(?:(?:have|has|had|are|were|is|was|do|does|did)(?:n[’']?t)?|never|only|still|already|bought|buy|ordered|purchased|spent|used|returned|lives?|lived|got"
    r"|signed|joined|subscribed|accept(?:ed)?|received|left|wrote|paid|asked|complained|came|placed|shopped|tried|opted|agreed|unsubscribed|rated|reviewed)\b"
)
"""After "customers that", what tells of the customers; anything else is what they are to be told."""
_HEAD = re.compile(
    r"\b(?:customers|buyers|shoppers|clients|subscribers|members|regulars|vips|newcomers|spenders|people|everyone|everybody|anyone|anybody|those(?=\s+who\b)"
    r"|(?<=every\s)(?:customer|buyer|client|subscriber)|(?<=any\s)(?:customer|buyer|client|subscriber))\b(?!['’]s?\s)",
    re.I,
)
_LEADS_UP = frozenset(
    {
        "for", "to", "of", "from", "by", "with", "off", "on", "at", "in", "about", "and", "or", "but", "only", "just", "exclusively", "email", "mail",
        "e-mail", "message", "text", "tag", "label", "untag", "mark", "write", "tell", "let", "invite", "thank", "remind", "notify", "inform", "sms",
        "whatsapp", "which", "what", "how", "many", "code", "discount", "coupon", "voucher", "offer", "is", "are", "that", "reward", "newsletter",
        "campaign", "percent", "euros", "give", "send", "make", "get", "euro", "free", "shipping", "ask", "ping", "contact", "win", "back", "reach",
        "reactivate", "wake", "treat", "surprise",
    }
)  # fmt: skip
"""Before "customers", these tell nothing of them."""
NEWS = re.compile(
    r"\W*(?:(?:and|then|also|please|pls)\W+)*(?:tell|inform|notify|e-?mail|mail|message|let)\s+(?:to\s+)?(?:(?!(?:that|about|an?)\b)[\w’'-]+\s+){0,4}?"
    r"(?:customers|buyers|shoppers|clients|subscribers|members|regulars|vips|people|everyone|everybody)"
    rf"(?:\s+(?:in|from|tagged|(?:who|that)\s+(?={WHO_DID}))\b[^,.;:]*?)?"
    r"(?:\s+know)?(?:\s+about\s+(?:it|this|that|the\s+(?:new\s+)?(?:prices?|offer|discount|code|sale)))?\W*$",
    re.I,
)
""" "Tell the vips", "let our customers in Berlin know": of what was just done, since nothing else is said."""
_PLAIN = frozenset(
    {"all", "the", "our", "my", "any", "every", "each", "those", "these", "both", "of", "them", "other", "existing", "current", "own", "us"}
)
_MOST_BEFORE = 5
_TAIL = re.compile(
    rf"\s*,?\s*(?:(?:and|but)\s+(?=who\b))?\b(?:who|of\s+(?=(?:this|last|the\s+(?:last|past|year|month)|20\d\d|all\s+time)\b)|in\s+(?!(?:english|german|french|italian|spanish|dutch|portuguese|polish|swedish|danish)\b)|that\s+(?={WHO_DID})|whose|which|from|with|without|living|based|tagged|labelled|labeled"
    rf"|having|outside|over|above|under|below|except|excluding|other\s+than|apart\s+from|but\s+not|{BUT}|not\s+tagged|not\s+from|not\s+in|named)\b",
    re.I,
)
_WITH_AN_OFFER = (
    r"with(?:(?:\s+(?:an?|the|our|my|this))?(?:\s+(?!(?:more|over|at|no|fewer|less)\b)[\w%€$£.-]+){0,3}?"
    r"\s+(?:codes?|discount|coupon|voucher|subject|offer|link|note|message|greeting|percent|off)\b|\s+\d+\s*%|\s+[€$£]\s?\d|\s+free\b|\s+[\"“])"
)
_ENDS = re.compile(
    r"\s*[;:!?\"“]|\.(?:\s|$)"
    r"|,(?!\s*(?:except|excluding|but\s+(?:not|only)|(?:and\s+)?(?:who|have|has|live)\b|or\b))"
    rf"|\s+{_WITH_AN_OFFER}"
    r"|\s+(?:valid|until|till|expir\w+|ending|starting|beginning|saying|telling|announcing|about|offering|inviting|called|mentioning|thanking|asking|reminding"
    r"|once\s+per|limited|minimum|using|containing|including|to\s+(?:say|tell|let|thank|remind|ask|invite|apologi\w+|offer|give|announce|inform|celebrate|be))\b"
    r"|\s+free\s+(?:shipping|delivery)\b"
    r"|\s+(?:it|we|there)(?:[’'](?:s|re|ll|ve)|\s+(?:is|are|was|were|will|won[’']t|can|can[’']t|cannot|has|have|ships?|comes?|arrives?|goes|sold|sells?|send|got|had|closes?|opens?))\b"
    r"|\s+as\b(?!\s+(?:much|many|well|of)\b)|\s+off\b"
    rf"|\s+that\s+(?!{WHO_DID})"
    r"|\s+and\s+(?:give|offer|tell|say|send|include|mention|add|remind|thank|let|put|tag|e-?mail|write|message|make|draft|call)\b"
    r"|\s+an?\s+(?:\d|[€$£]|(?:[\w-]+\s+){0,2}(?:code|discount|coupon|voucher|e-?mail|newsletter|message|note)\b)"
    r"|\s+(?:in|into)\s+(?:english|german|french|italian|spanish|dutch)\b",
    re.I,
)
_AS_TAG = re.compile(r"\s+(?:with|as)\s+(?:the\s+tag\s+)?[\"“'‘]?[\w-]+[\"”'’]?\W*$", re.I)
_SPARES = re.compile(
    r"\b(?:except|excluding|not|but|without|other\s+than|apart\s+from|tagged|tags?|label\w*)\W*(?:(?:for|the|those|with|as|ones|all|our|already)\W+)*$",
    re.I,
)
_WHO_BUYS = re.compile(r"\s+(?:who|that)\s+(?:spends?|buys?|orders?|purchases?|shops?|sign\w*|join\w*|subscribe)\b", re.I)
"""What has to be done to get a discount: "10% off for customers who spend over 100 euros"."""
_ABOUT = re.compile(r"\b(?:about|saying|say|that|how|why|because|when|if|what|which)\s+$", re.I)
"""What a text tells of people is not whom it is for."""
_SO_MANY_USES = re.compile(r"\bfirst\s+\d+\W*$", re.I)
"""The "first 100 customers" of a discount are whoever comes first."""


def people_said(bound: Bound) -> list[Spot]:
    """The stretches that say which customers are meant, for a change or a text that is for customers."""
    if bound.task.effect == "read" or bound.task.selecting("customer") is None:
        return []
    found: list[Spot] = []
    for head in _HEAD.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        if found and head.start() < found[-1].end:
            continue
        start, end = lead_of(bound, head.start()), _tail_of(bound, head.end())
        before = [word.text.lower() for word in words_of(bound.piece.text, start, head.start())]
        says = [word for word in before if word not in _PLAIN]
        if any(slot.name == "minimum" for slot in bound.task.slots) and _WHO_BUYS.match(bound.piece.text, head.end(), bound.piece.end):
            continue
        if _ABOUT.search(bound.piece.text[bound.piece.start : start]):
            continue
        if (says or end > head.end() or head[0].lower() in ("vips", "regulars")) and not _SO_MANY_USES.search(bound.piece.text[start : head.start()]):
            found.append(Spot(start=start, end=end))
    return found


def lead_of(bound: Bound, at: int) -> int:
    """Where the words begin that stand before "customers" and tell of them: "our 50 best", "returning"."""
    text, start = bound.piece.text, at
    shares = [value for value in bound.piece.values.items if isinstance(value, Share)]
    for word in reversed(words_of(text, max(bound.piece.start, at - 60), at)[-_MOST_BEFORE:]):
        low = word.text.lower()
        spot = Spot(start=word.start, end=word.end)
        ends_it = low in _LEADS_UP and text[word.end : word.end + 1] != "-"
        if ends_it or not re.fullmatch(r"[\s-]*", text[word.end : start]) or any(spot.overlaps(share) for share in shares):
            break
        if word.start == bound.piece.start and low not in _PLAIN and (changes(word.text) or does(word.text)):
            break
        start = word.start
    return start


def _tail_of(bound: Bound, at: int) -> int:
    """Where what follows "customers" and tells of them ends: at a comma, at what they are to get or to be told."""
    piece = bound.piece
    led = _TAIL.match(piece.text, at, piece.end)
    if led is None or re.match(rf"\s+{_WITH_AN_OFFER}", piece.text[at : piece.end], re.I):
        return at
    ends = [end.start()] if (end := _ENDS.search(piece.text, led.end(), piece.end)) else [piece.end]
    ends += [mark.start for mark in piece.marked("product") if re.search(r"\swith\s+(?:the\s+|our\s+)*$", piece.text[at : mark.start], re.I)]
    ends += [value.start for value in piece.values.items if isinstance(value, Share) and value.start > at]
    ends += [value.start for value in piece.values.items if isinstance(value, _DAYS) and _is_of_the_change(bound, led.end(), value.start)]
    if any("tag as" in slot.cues for slot in bound.task.slots) and (last := _AS_TAG.search(piece.text, led.end(), piece.end)):
        ends.append(last.start())
    for mark in piece.marked("tag", "topic", "value", "until"):
        bought = mark.kind == "topic" and _BOUGHT_AS_WELL.search(piece.text[at : mark.start])
        if mark.start >= led.end() and not bought and not _SPARES.search(piece.text[at : mark.start]):
            ends.append(mark.start)
    stop = re.sub(r"\s+(?:with|as|to|and|the|a|an|tag)$", "", piece.text[at : min(ends)].rstrip(" ,"))
    return at + len(stop)


def _is_of_the_change(bound: Bound, at: int, time: int) -> bool:
    """ "10% for everyone in Munich ‖ this weekend": a time after where they live, of which nothing is told that they did, is the offer's."""
    lasts = any("period" in slot.types for slot in bound.task.slots)
    between = bound.piece.text[at:time]
    return lasts and bool(words_of(bound.piece.text, at, time)) and _TELLS_OF_THEM.search(bound.piece.text[at - 6 : at] + between) is None


_TELLS_OF_THEM = re.compile(
    r"\b(?:who|that|which|whose|having|with|without|of|bought|ordered|spent|sp[eo]nd\w*|joined|signed|since|over|above|under|below)\b", re.I
)


_BOUGHT_AS_WELL = re.compile(r"\b(?:bought|ordered|purchased)\b(?:[^,.;:]*(?:,|\band\b|&))?\s*(?:(?:the|our|an?|any|some)\s+)*$", re.I)
""" "Everyone who bought ‖ the blanket and ‖ the slippers": what they bought, and not what a letter is about; without it they would be everyone."""


_TO_THEM = re.compile(
    r"\b(?:write|send|e-?mail|mail|message|text|tell|ask|invite|thank|remind|offer|give|let|inform|notify)\s+(?:to\s+)?(?:both|all)?\s*(?:of\s+)?them\b"
    r"|\b(?:to|for)\s+(?:(?:all|both|each)\s+of\s+)?them\b(?=\W*$|\s+(?:about|with|and|until|only|in|on|as)\b)",
    re.I,
)


_THEY_DID = re.compile(
    r"\b(?:they|he|she)\s+(?:(?:also|usually|ever|all|each|both)\s+)*(?:buy|buys|bought|order(?:ed)?|spen[dt]|purchased?|get|got|return(?:ed)?|paid|pay)\b",
    re.I,
)
_PEOPLE_NAMED = re.compile(r"\b(?:customers?|buyers?|shoppers?|clients?|people|everyone|everybody|visitors|men|women|who)\b", re.I)


def ask_for_them(bound: Bound) -> None:
    """ "Write them an email", "what did they buy" where nobody was spoken of: to ask is better than to write to everybody or to tell of all."""
    slot = bound.task.selecting("customer")
    if slot is None or bound.finds or any(s.record in ("customer", "order") and s.name in bound.args for s in bound.task.slots):
        return
    if bound.task.effect == "draft" and _TO_THEM.search(bound.piece.said) is not None:
        bound.ask(slot.name, slot.question or "Who should it go to?")
    elif bound.task.effect == "read" and (said := _THEY_DID.search(bound.piece.said)) and not _PEOPLE_NAMED.search(bound.piece.said[: said.start()]):
        bound.ask(slot.name, slot.question or "Which customers do you mean?")


def looking_back(bound: Bound, scope: Scope) -> Piece:
    """The clause with its days as they are meant of what people did: in a change yet to be made, "who ordered in October" is still the last one."""
    piece = bound.piece
    if not bound.task.looks_ahead or not any(isinstance(value, _DAYS) for value in piece.values.items):
        return piece
    back = normalise(piece.text, piece.start, piece.end, piece.slots, scope.terms, ahead=False).items
    values = [*(v for v in piece.values.items if not isinstance(v, _DAYS)), *(v for v in back if isinstance(v, _DAYS))]
    return replace(piece, values=Values(items=tuple(sorted(values, key=lambda value: value.start))))


_DAYS = (Dates, Until, Starting)

"""Clauses made ready for binding: whole, with their values, and taken apart where one says several things."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.planning.binding.scope import Piece, Scope
from agent.planning.clauses.lasting import gathered
from agent.planning.language.normalise import normalise
from agent.planning.language.sparing import ALL_BUT, LEAVES, LEAVING_OUT
from agent.planning.language.values import Number, Share, Spot, Values, Words
from agent.planning.linking.lexicon import changes, does
from agent.planning.linking.vocabulary import key_of, words_of
from agent.records.reading import Clause, SlotSpan
from agent.sdk import Task

JOINING = frozenset(
    [
        "and", "then", "also", "please", "plus", "after", "that", "next", "finally", "as", "well", "too", "can", "could", "would", "will", "you",
        "i", "we", "want", "to", "like", "need", "the", "a", "so", "first", "second", "third", "lastly", "afterwards", "thanks", "thank", "hi",
        "hello", "hey", "but", "or", "with", "while", "at", "same", "time", "let", "me", "us", "let's", "just", "now", "additionally",
        "n", "k", "pls", "plz", "furthermore", "moreover", "besides", "once", "done", "ok", "okay",
    ]
)  # fmt: skip
"""Words between clauses that only join them or are polite."""

_STOP = re.compile(r"[^\w\s’'\"“”&%#/+-]|\n|\s[-–—]\s")
_COMPARATIVE = re.compile(r"(?:fewer|less|more|higher|lower|above|below|over|under|larger|smaller|bigger|better|worse)\b", re.I)
_FRAGMENT = re.compile(
    r"(?:in\s+)?(?:sizes?|colou?rs?)\b|(?:featuring|highlighting|mentioning)\b|that\s+(?:is|are|was|were|have|has|cost|costs)\b", re.I
)
_LISTING = re.compile(r"\b(?:sizes?|colou?rs?)\b[:\s]+\w+(?:\s*,\s*\w+)*$", re.I)
_SIZES = re.compile(r"\bsizes?\b[:\s]+\d+(?:(?:\s*,\s*(?:and\s+)?|\s+(?:and|or|to)\s+)\d+)*", re.I)
_LISTED = re.compile(r"\w{1,4}(?:\s*,|\s+(?:and|or)\s+\w{1,4}\b|\s*$)", re.I)


_CONTINUES = re.compile(
    r"(?:(?:and|but|with|it|its|which|that|should|must|is|be|to|a|the|code|discount|voucher)\s+)*"
    r"(?P<lead>expir\w+|valid|starts?|starting|begins?|beginning|ends?|ending|runs?|until|till|usable|good\s+(?:for|until|till)|at\s+most"
    r"|(?:limit(?:ed)?|max(?:imum)?|min(?:imum)?)(?:\s+(?:it|of|to|at|order|orders|spend|value|basket|cart|uses|is))*(?=\s+\D?\d))\b",
    re.I,
)
_WHEN_OR_HOW_MANY = re.compile(
    r"(?:\W+(?:on|from|at|by|in|until|till|to|the|for|of|only|after|order|orders|value|spend|over|above|is|date)\b){0,4}\W*(?:\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|today|tonight|tomorrow|midnight|christmas|xmas|easter"
    r"|halloween|black|cyber|new\s+year|next|end\s+of|the\s+end|one|two|three|ten|hundred))",
    re.I,
)


def whole_clauses(text: str, clauses: Sequence[Clause], tasks: Mapping[str, Task]) -> list[Clause]:
    """The reader's clauses without those that only join, and with what belongs to the one before put back to it: "size
    small", "that are not shipped", "expires on Sunday", and what was cut off in mid-sentence.
    """
    whole: list[Clause] = []
    told = gathered(text, clauses, tasks)
    told = _with_what_is_spared(text, told)
    clauses = [_without_closing(text, clause) for clause in told if not asks_nothing(text[clause.start : clause.end])] or told
    for clause in clauses:
        words = words_of(text, clause.start, clause.end)
        if len(clauses) > 1 and words and all(word.text.lower() in JOINING for word in words):
            continue
        goes_on = (_describes, _continues, _compares)
        if whole and (_belongs(text, whole[-1], clause) or any(more(text, whole[-1], clause, tasks) for more in goes_on)):
            whole[-1] = replace(whole[-1], end=clause.end, slots=(*whole[-1].slots, *clause.slots))
        elif whole and (_is_deal(text, whole[-1], clause) or _is_given(text, whole[-1], clause)):
            whole[-1] = replace(clause, start=whole[-1].start, slots=(*whole[-1].slots, *clause.slots))
        else:
            whole.append(clause)
    if not whole:
        return []
    loose = [_with_loose_end(text, clause, before) for clause, before in zip(whole, [*(c.start for c in whole[1:]), len(text)], strict=True)]
    return [*loose[:-1], _with_dictated_thanks(text, loose[-1])]


_GIVES = re.compile(
    r"\W*(?:(?:please|and|then|also)\s+)*(?:give|offer|grant|send|get|gift)\s+(?!me\b|us\b)[^,.;:!?]*"
    r"\b(?:customers?|buyers?|subscribers?|everyone|everybody|people|clients?|members|regulars)\b",
    re.I,
)


def _is_given(text: str, before: Clause, clause: Clause) -> bool:
    """Whether the part before only says who is to get what this one says: "give all customers who ordered this month ‖ free shipping"."""
    if text[before.end : clause.start].strip() or _GIVES.match(text, before.start, before.end) is None:
        return False
    words = words_of(text, clause.start, clause.end)
    return bool(words) and not changes(words[0].text) and not does(words[0].text)


_AS_IT_IS = re.compile(
    r"\W*(?:(?:and|but|so|please|just|then|also)\s+)*(?:(?:leave|keep)\s+(?:it|them|that|everything)|(?:leave|keep|let)\s+(?:[^,.;:]{1,60}?\s)?(?:as\s+(?:it|they)\s+(?:is|are|was|were)|as\s+is|as\s+before|alone|unchanged"
    r"|untouched|the\s+(?:way|same)(?:\s+(?:it|they)\s+(?:is|are))?|be))\W*",
    re.I,
)
_CLOSING = re.compile(
    r"(?:^|[\s,.;!]+)(?:(?:and|so|ok|okay|uh|um|er|well|n|k)[\s,]+){0,4}(?:that(?:['’]?s|\s+is|\s+will\s+be|['’]ll\s+be)\s+(?:it|all|everything)"
    r"(?:\s+(?:for\s+)?(?:now|today|then|folks))?|nothing\s+(?:else|more))\W*$"
    r"|(?:^|[,.;!]\s*|\s+(?:and|n|ok|k)\s+)(?:many\s+)?(?:thanks|thank\s+you|cheers|thx|ta)"
    r"(?:\s+(?:so\s+much|very\s+much|a\s+lot|again|in\s+advance))?\W*$",
    re.I,
)
_LOOSE_JOINT = re.compile(r"(?:\s+(?:and|then|n|&|also|plus|but|k|pls|plz)){1,4}\s*$", re.I)
_CLOSING_LONG = 120
"""Characters of an end that may be a closing: looked for in all of a long text it would take too long."""
_DICTATES = re.compile(
    r"\b(?:saying|says?|(?:tell|tells|telling|write|answer|reply|respond|inform|let)\b[^,.;:\"“„«]{1,80}?\bthat)\b(?!\s+(?:is|will)\b)"
    r"|\b(?:write|tell|answer|reply|respond|message|note|comment|mail|e-?mail|text|send)\b[^:\n]{0,80}:",
    re.I,
)
"""What follows are the words that somebody else is to read, to their end."""
_QUOTES = str.maketrans("“”„«»", '"' * 5)


def asks_nothing(said: str) -> bool:
    """ "Leave the jumper as it is", "that's all, thanks"."""
    return _AS_IT_IS.fullmatch(said) is not None or (_CLOSING.match(said) is not None)


_SPARES = re.compile(rf"\W*{LEAVES}", re.I)
_EXCEPT = re.compile(rf"\W*(?:{LEAVING_OUT})\b", re.I)
_FEW = 5
_NOT_THIS = re.compile(
    r"\W*(?:(?:but|and|just|only)\s+)*not\s+(?!(?:only|just|to|if|before|until|yet|all|sure|that|because|by|later|more|less|at|in|on|for|so)\b)(?P<what>[^,.;:!?]+)\W*",
    re.I,
)


def _with_what_is_spared(text: str, clauses: Sequence[Clause]) -> list[Clause]:
    """With "but leave the mugs alone" in the part before: of what that changes, they are to be left out."""
    joined: list[Clause] = []
    for clause in clauses:
        left_alone = _SPARES.match(text, clause.start, clause.end) and asks_nothing(text[clause.start : clause.end])
        if joined and (left_alone or _is_left_out(text, joined[-1].end, clause) or _denies(text, clause) or _is_but(text, joined[-1], clause)):
            joined[-1] = replace(joined[-1], end=clause.end, slots=(*joined[-1].slots, *clause.slots))
        else:
            joined.append(clause)
    return joined


_LED_TO = re.compile(rf"(?:^|[\s,])(?:{LEAVING_OUT}|not)(?:\s+(?:for|to|the|those|from|in))*\s*$", re.I)


def _is_left_out(text: str, before: int, clause: Clause) -> bool:
    """ "Tag the big orders, but not ‖ the cancelled ones", with the words that say so in it or before it."""
    return _EXCEPT.match(text, clause.start, clause.end) is not None or _LED_TO.search(text, before, clause.start) is not None


_ENDS_IN_BUT = re.compile(rf"{ALL_BUT}\s*$", re.I)


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


def _without_closing(text: str, clause: Clause) -> Clause:
    """The clause without a word of closing or of joining at its end: "put it at 9 ‖ and that's it"."""
    said, end = text[clause.start : clause.end], clause.end
    for _ in range(4):
        closing = _CLOSING.search(said[: end - clause.start], max(0, end - clause.start - _CLOSING_LONG))
        if closing is None or closing.start() >= end - clause.start or _is_dictated(said, closing.start()):
            break
        end = clause.start + closing.start()
    if joint := _LOOSE_JOINT.search(said[: end - clause.start], max(0, end - clause.start - _CLOSING_LONG)):
        end = clause.start + joint.start()
    return replace(clause, end=end, slots=tuple(s for s in clause.slots if s.start < end)) if clause.start < end < clause.end else clause


_DICTATED_THANKS = re.compile(r"\s+(?:and|with)\s+(?:many\s+)?(?:thanks|thank\s+you|cheers)(?:\s+[\w’']+){0,6}\W*$", re.I)


def _with_dictated_thanks(text: str, clause: Clause) -> Clause:
    """The last clause with thanks that are dictated too: "saying sorry for the delay ‖ and thank you so much"."""
    if _DICTATED_THANKS.match(text, clause.end) is None or not _is_dictated(text[clause.start : clause.end], clause.end - clause.start):
        return clause
    return replace(clause, end=len(text.rstrip()))


def _is_dictated(said: str, at: int) -> bool:
    """Whether a place is within words that are dictated: in quotes, or after "saying" and the like without any."""
    before = said[:at].translate(_QUOTES)
    return before.count('"') % 2 == 1 or ('"' not in before and _DICTATES.search(before) is not None)


_LOOKS = re.compile(
    r"\W*(?:(?:please|now|also|then|and|can you|could you)[\s,]+){0,4}(?:find|show|list|check|search|look|see|give|get|display|count|flag|tell)\b",
    re.I,
)
_THEN_DOES = re.compile(
    r"(?:\s*[,;]\s*|\s)(?:(?:and|then|&|plus|also|please)\s+){0,4}(?P<verb>[a-z]+)\s+"
    r"(?:(?P<one>(?:the\s+)?order\s+#?\d|#\d|it\b|them\b)|(?:those|these|that|the|all|every|each|both|our|my|its|their|orders?|products?|customers?)\b)",
    re.I,
)
_SUBORDINATE = re.compile(
    r"\b(?:that|which|who|whom|whose|where|when|if|how|why|did|we|they|you|i|saying|says?|about|mentioning|asking|named|called)\b|[\"“„«]", re.I
)


def change_after_look(said: str) -> tuple[int, int] | None:
    """Where a look ends and something to be done begins in words read as one look: "find suspicious orders‖ and ‖refund order 1042"."""
    if _LOOKS.match(said) is None:
        return None
    for found in _THEN_DOES.finditer(said):
        joined = found.start("verb") - found.start() > 1
        head = said[: found.start()]
        unsaid = _SUBORDINATE.search(head) is None or (found["one"] is not None and not re.search(r"[\"“„«]", head))
        if joined and does(found["verb"]) and unsaid and not re.search(r"\bto\s*$", head):
            return found.start(), found.start("verb")
    return None


_THEN_TELLS = re.compile(
    r"(?:\s*[,;.]\s*(?:(?:and|then|please|also)\s+)*|\s+(?:(?:and|then|please|also)\s+)+)"
    r"(?P<tells>(?:let|inform|notify|tell|message|e-?mail|text|write(?:\s+to)?)\s+(?:(?:the|our|that)\s+)?(?:customers?|buyers?|clients?|her|him|them)\b)",
    re.I,
)


LETS_KNOW = re.compile(r"(?:(?:let)\b[^,.;]{1,30}\bknow|inform|notify)\b", re.I)


def message_after_change(said: str) -> tuple[int, int] | None:
    """Where a change ends and somebody is to be told of it, in words read as one change: "I sent 1042 with DHL‖, please ‖let the customer know"."""
    found = _THEN_TELLS.search(said)
    if found is None or found.start() == 0 or _is_dictated(said, found.start()):
        return None
    return found.start(), found.start("tells")


_ASKS_OF_THEM = re.compile(
    r"(?:\s*[,;]\s*|\s)(?:and|plus|&)\s+(?:also\s+)?(?:(?:tell|show)\s+me\s+)?"
    r"(?P<asks>(?:what|how\s+much|how\s+many|when|where|which)(?:\s+(?:else|products?|items?|orders?))?\s+(?:(?:did|do|have|has|had)\s+)?(?:they|those|these)\b)",
    re.I,
)


def question_after_look(said: str) -> tuple[int, int] | None:
    """Where a look ends and a question about what it finds begins: "new customers this month‖ and ‖what they bought"."""
    found = _ASKS_OF_THEM.search(said)
    return (found.start(), found.start("asks")) if found is not None and found.start() > 0 else None


def _with_loose_end(text: str, clause: Clause, before: int) -> Clause:
    """The clause with words that the reader left out of every clause though no stop parts them from it: "from vendor ‖ Arkady"."""
    gap = text[clause.end : before]
    stop = _STOP.search(gap)
    loose = list(words_of(text, clause.end, clause.end + (stop.start() if stop else len(gap))))
    while loose and loose[-1].text.lower() in JOINING:
        loose.pop()
    return replace(clause, end=loose[-1].end) if loose and loose[0].text.lower() not in JOINING else clause


def _belongs(text: str, before: Clause, clause: Clause) -> bool:
    between = text[before.end : clause.start]
    if "\n" in between:
        return False
    # "sizes 36, 38 and 40" is one list
    if not between.strip(" ,") and _LISTING.search(text[before.start : before.end]) and _LISTED.match(text[clause.start : clause.end]):
        return True
    cut_off = not between.strip() and bool(before.labels and clause.labels) and before.labels[0][0] == clause.labels[0][0]
    if _goes_on_listing(text, before, clause):
        return True
    # "3 units or fewer left" is one condition
    if between.strip() == "or" and _COMPARATIVE.match(text[clause.start : clause.end]):
        return True
    return cut_off or (not between.strip(" ,") and _FRAGMENT.match(text[clause.start : clause.end]) is not None)


_BUY = re.compile(r"\W*(?:(?:set\s+up|create|make|add|run|a|an|offer|deal|promotion)\W+)*buy\s+(?:an?|\d|one|two|three|any)\b", re.I)
_GET = re.compile(r"\W*(?:and\s+)?gets?\s+(?:an?|\d|one|two|three|the|another)\b", re.I)


def _is_deal(text: str, before: Clause, clause: Clause) -> bool:
    """ "Buy one candle, ‖ get one half price" is one offer."""
    return _BUY.match(text, before.start, before.end) is not None and _GET.match(text, clause.start, clause.end) is not None


_LISTED_TOO = re.compile(r"\s*(?:,|\band\b|&|,\s*and\b)\s*", re.I)
_OF_LISTS = frozenset({"metric", "dimension"})
"""Marks of what a report is to have several of."""


def _goes_on_listing(text: str, before: Clause, clause: Clause) -> bool:
    """Whether a list of figures was cut in two: "revenue, orders ‖ and average order value by channel"."""
    if not (before.labels and clause.labels) or before.labels[0][0] != clause.labels[0][0]:
        return False
    ends = {slot.kind for slot in before.slots if not text[slot.end : before.end].strip(" ,")}
    begins = {slot.kind for slot in clause.slots if not text[clause.start : slot.start].strip(" ,")}
    return bool(ends & begins & _OF_LISTS) and _LISTED_TOO.fullmatch(text, before.end, clause.start) is not None


def _describes(text: str, before: Clause, clause: Clause, tasks: Mapping[str, Task]) -> bool:
    """Whether a clause only goes on with what something new is to be: "create a product …, type soap, tags sea and gift"."""
    task = tasks.get(before.labels[0][0]) if before.labels else None
    if task is None or not task.name.startswith("create_") or text[before.end : clause.start].strip(" ") not in (",", ""):
        return False
    first = words_of(text, clause.start, clause.end)[:3]
    first = first[1:] if first and first[0].text[0].isdigit() else first[:2]  # "20 in stock" says how many
    said = " ".join(word.text.lower() for word in first)
    nouns = [cue for slot in task.slots for cue in slot.cues if len(cue) > 2 and cue not in _NO_NOUNS and not changes(cue.split(" ")[0])]
    return any(re.match(rf"{re.escape(cue)}(?!\w)", said) for cue in nouns)


_NO_NOUNS = frozenset({"for", "into", "from", "until", "till", "only", "called", "named", "product", "title", "name", "publish", "over", "off"})


def _continues(text: str, before: Clause, clause: Clause, tasks: Mapping[str, Task]) -> bool:
    """Whether a clause only says when or how far the change before holds, and is nothing that could be done by itself."""
    task = tasks.get(before.labels[0][0]) if before.labels else None
    if task is None or task.effect not in ("write", "action") or "\n" in text[before.end : clause.start]:
        return False
    name, share = clause.labels[0] if clause.labels else ("", 0.0)
    said = text[clause.start : clause.end]
    by_itself = name in tasks and name != task.name and share >= 0.5
    begun = _CONTINUES.match(said)
    if begun is None or by_itself or not any(cue[:3] in begun["lead"].lower() for slot in task.slots for cue in slot.cues if len(cue) > 3):
        return False
    return _WHEN_OR_HOW_MANY.match(said, begun.end()) is not None


_COMPARES = re.compile(
    r"\W*(?:(?:and|then|also|please|now)\s+)*compar(?:e|ed|ing)\s+(?:(?:it|that|this|them|those|these|all)\s+|the\s+(?:result|figure|number)s?\s+)?(?:to|with|against)\b"
    r"|\W*(?:(?:and|then|also|please|now)\s+)*compare\s+(?:them|these|both|the\s+two)\W*$",
    re.I,
)


def _compares(text: str, before: Clause, clause: Clause, tasks: Mapping[str, Task]) -> bool:
    """Whether a clause only says what figures are to be held against: "revenue for October ‖ and compare it with last October"."""
    task = tasks.get(before.labels[0][0]) if before.labels else None
    compared = task is not None and any(slot.types == ("period",) and "compared with" in slot.cues for slot in task.slots)
    return compared and _COMPARES.match(text, clause.start) is not None


_NUMBERED = re.compile(r"(?:(?<=\s)|^)(?P<n>\d{1,2})(?:[.)]|:)(?=\s+\S)")


_HEAD = re.compile(r"(?:^|(?<=[\n.!?;]))\s*(?P<head>[A-Za-z]+(?:[ -][A-Za-z]+){0,2})\s*:\s*(?=\S)")


_NAMED_FIRST = re.compile(r"[^:\n]{3,60}:(?=\s)")


def named_first(text: str, start: int, end: int) -> int | None:
    """Where the name ends that a clause begins with before a colon: "walnut board: ‖ price 58, stock 25"."""
    name = _NAMED_FIRST.match(text, start, end)
    return name.end() - 1 if name is not None else None


_LINE_END = re.compile(r"\n|[.!?](?=\s|$)")


def heads(text: str) -> list[tuple[int, int, int]]:
    """Where a list is headed by words of its own, "stock check: …": start and end of the head, and the end of the list's line or sentence."""
    found = []
    for head in _HEAD.finditer(text):
        stop = _LINE_END.search(text, head.end())
        found.append((head.start("head"), head.end("head"), stop.start() if stop else len(text)))
    return found


ITEM = re.compile(r"\s*\n {2,}")
"""Where an item of a numbered list begins once its number is blank."""


def unnumbered(text: str) -> str:
    """The text with the numbers of a list, "1) … 2) …", made blanks and each but the first the end of a line, place for place."""
    found = list(_NUMBERED.finditer(text))
    if len(found) < 2 or [int(m["n"]) for m in found] != list(range(1, len(found) + 1)):
        return text
    for at, mark in enumerate(found):
        text = text[: mark.start()] + ("\n" if at else " ") + " " * (len(mark[0]) - 1) + text[mark.end() :]
    return text


_DONE = re.compile(r"\b(?:used|redeemed)\b", re.I)
"""Told of what was, by a task that else tells of what is to come."""
_THE_SHOP = re.compile(r"\s*(?:(?:in|of|at|on|from)\s+)?(?:our|my)\s+(?:store|shop)\s*", re.I)
"""The shop itself, which is no product, place or tag of it."""


def piece_of(text: str, start: int, end: int, slots: Sequence[SlotSpan], scope: Scope, task: Task | None) -> Piece:
    """The clause with its values; a change or a forecast looks ahead for its dates ("from Friday"), a report back."""
    ahead = task is not None and task.looks_ahead and any({"moment", "period"} & set(slot.types) for slot in task.slots)
    ahead = ahead and not (task is not None and task.effect == "read" and _DONE.search(text, start, end))
    slots = [slot for slot in slots if not _THE_SHOP.fullmatch(text, slot.start, slot.end)]
    slots = list(_tagged(text, start, end, slots))
    key = (start, end, ahead, tuple(slots))
    if key not in scope.pieces:
        scope.pieces[key] = _made(
            text, start, end, _goods_of_orders(text, _quoted_names(text, start, end, whole_slots(text, slots, end), scope), scope), scope, ahead=ahead
        )
    return scope.pieces[key]


def _made(text: str, start: int, end: int, slots: tuple[SlotSpan, ...], scope: Scope, *, ahead: bool) -> Piece:
    values = normalise(text, start, end, slots, scope.terms, ahead=ahead)
    if names := [Spot(start=m.start(), end=m.end()) for m in scope.linker.vocabulary.tricky.finditer(text, start, end)]:
        values = Values(items=tuple(v for v in values.items if isinstance(v, Words) or not any(v.overlaps(name) for name in names)))
    # "size 33" is no amount where the shop has such a size
    sizes = [Spot(start=m.start(1), end=m.end(1)) for m in _SIZED.finditer(text, start, end) if scope.linker.vocabulary.knows(m[1])]
    if sizes:
        values = Values(items=tuple(v for v in values.items if not isinstance(v, Number) or not any(v.overlaps(size) for size in sizes)))
    return Piece(text=text, start=start, end=end, slots=slots, values=values)


_SIZED = re.compile(r"\bsizes?\s+(?:of\s+)?(\d{1,3})\b(?!\s*[%€$£])", re.I)


_RENAMED = re.compile(
    r"\b(?:rename|retitle|relabel|products?|items?)\s+(?:(?:the|product|item)\s+)*(?P<name>[\"“„«'‘][^\"”“»'’]+[\"”“»'’])\s*(?:to|into|as|->|→|=>)\s*[\"“„«'‘]",
    re.I,
)


_IN_QUOTES = re.compile(r"[\"“„«](?P<name>[^\"”“»]+)[\"”“»]")


_BECOMES = re.compile(r"\s*(?:to|as|is|=|:)\s*")
"""Between a field and what it is to be: "its meta title to “Salad bowl”" names no product."""


def _quoted_names(text: str, start: int, end: int, slots: tuple[SlotSpan, ...], scope: Scope) -> tuple[SlotSpan, ...]:
    """With the products named in quotes, whatever the reader took them for: rename "A" to "B", and tag "Oak Board" with "gift"."""
    if renamed := _RENAMED.search(text, start, end):
        places = [renamed.span("name")]
    elif any(slot.kind == "product" for slot in slots):
        return slots
    else:
        titles = scope.linker.vocabulary.titles
        fields = [slot.end for slot in slots if slot.kind == "field"]
        quotes = [
            m for m in _IN_QUOTES.finditer(text, start, end) if not any(_BECOMES.fullmatch(text, at, m.start()) for at in fields if at <= m.start())
        ]
        places = [m.span() for m in quotes if key_of(m["name"]) in titles]
    others = [s for s in slots if all(s.end <= a or s.start >= b for a, b in places)]
    named = [SlotSpan(kind="product", start=a, end=b, confidence=1.0) for a, b in places]
    return tuple(sorted([*others, *named], key=lambda s: s.start))


_TAG_THEM = re.compile(
    r"\b(?:tag|label)\s+(?P<who>(?:both|each|all)\s+of\s+(?:them|those|these)|(?:those|these|the)\s+(?:customers|people|buyers|clients|orders)|them\s+(?:all|both)|both|it|them|those|these|each|(?:those|these|the)\s+ones)\s+(?!(?:who|that|which|whose|from|in|of|with|without|over|above|under|below|to|for|tagged)\b)(?:(?:as|with)\s+)?[\"“'‘]?(?P<tag>[\w-]+(?:\s+(?!and\b|then\b|for\b|in\b|on\b|too\b|please\b|as\b)[\w-]+){0,2})"
    r"(?=[\"”'’]?\s*(?:$|[,.;!?]|(?:and|then|too|please|as\s+well)\b))",
    re.I,
)


_LED_BY_IN = re.compile(r"\b(?:customers|people|buyers|everyone|everybody|subscribers|members|clients)\s+(?:living\s+)?(?:in|from)\s+$", re.I)
_PLACE_AND_TAG = re.compile(r"(?P<place>(?:[A-ZÀ-Þ][\w’'-]*\s+)+)(?:(?:as|with)\s+)?(?P<tag>[\w-]+)")


def _place_before_tag(text: str, slot: SlotSpan, after: Sequence[SlotSpan]) -> list[SlotSpan]:
    led = slot.kind == "tag" and _LED_BY_IN.search(text[max(0, slot.start - 40) : slot.start])
    if led and after and after[0].kind == "tag" and text[slot.start].isupper() and not text[slot.end : after[0].start].strip():
        return [replace(slot, kind="place")]
    said = _PLACE_AND_TAG.fullmatch(text, slot.start, slot.end) if led else None
    if said is None:
        return [slot]
    return [replace(slot, kind="place", end=slot.start + len(said["place"].rstrip())), replace(slot, start=said.start("tag"))]


def _tagged(text: str, start: int, end: int, slots: Sequence[SlotSpan]) -> Sequence[SlotSpan]:
    """What follows "tag both" is the tag, though it may name goods too: "tag both linen". A place before it is none of it: "in Graz ‖ graz"."""
    slots = [part for at, slot in enumerate(slots) for part in _place_before_tag(text, slot, slots[at + 1 : at + 2])]
    said = _TAG_THEM.search(text, start, end)
    if said is None or said["tag"].lower() in ("with", "as", "all", "of", "up"):
        return slots
    others = [slot for slot in slots if slot.end <= said.start() or slot.start >= said.end()]
    return sorted([*others, SlotSpan(kind="tag", start=said.start("tag"), end=said.end("tag"), confidence=1.0)], key=lambda slot: slot.start)


_ARTICLE = re.compile(r"\W*(?:an?|the|our|my)\W*", re.I)
_HOLDING = re.compile(r"\b(?:with|containing|including|contain(?:ing)?|include|for|of)\s+(?:(?:the|an?|our|any|some)\s+)?", re.I)
_MOST_WORDS = 5


def _goods_of_orders(text: str, slots: tuple[SlotSpan, ...], scope: Scope) -> tuple[SlotSpan, ...]:
    """With the goods that are named within a mention of orders: "orders ‖ with a Linen Shirt ‖ that were refunded"."""
    if any(slot.kind == "product" for slot in slots):
        return slots
    titles, found = scope.linker.vocabulary.titles, list[SlotSpan]()
    for slot in slots:
        for held in _HOLDING.finditer(text, slot.start, slot.end) if slot.kind == "order" else ():
            words = words_of(text, held.end(), slot.end)[:_MOST_WORDS]
            whole = next((n for n in range(len(words), 0, -1) if tuple(word.stem for word in words[:n]) in titles), 0)
            if whole:
                found.append(SlotSpan(kind="product", start=words[0].start, end=words[whole - 1].end, confidence=1.0))
    return tuple(sorted([*slots, *found], key=lambda s: s.start)) if found else slots


_REST_OF_WORD = re.compile(r"[\w’']*(?:-\w+)*")
_START_OF_WORD = re.compile(r"[\w’'-]*$")


_LOOSE_PREPOSITION = re.compile(r"\s+(?:in|on|at|that|about|to|with)$", re.I)


def _without_loose_preposition(text: str, slot: SlotSpan) -> SlotSpan:
    """ "Daan Bos ‖ in" of "message Daan Bos in Dutch"."""
    loose = _LOOSE_PREPOSITION.search(text[slot.start : slot.end]) if slot.kind == "customer" else None
    return slot if loose is None else replace(slot, end=slot.start + loose.start())


def whole_slots(text: str, slots: Sequence[SlotSpan], end: int) -> tuple[SlotSpan, ...]:
    """Slots as whole words ("gift-idea"), and those of one kind with nothing but a space between as one ("our best customers")."""
    merged: list[SlotSpan] = []
    for slot in (_goods_discounted(text, slot) for slot in sorted(slots, key=lambda s: s.start)):
        slot = _without_loose_preposition(text, slot)
        rest, before = _REST_OF_WORD.match(text, slot.end, end), _START_OF_WORD.search(text, 0, slot.start)
        ends_in_word = rest and text[slot.end - 1 : slot.end].isalnum() or text[slot.end - 1 : slot.end] == "-"
        slot = replace(slot, start=before.start() if before else slot.start, end=rest.end() if rest and ends_in_word else slot.end)
        last = merged[-1] if merged else None
        if last is not None and last.kind == slot.kind and not text[last.end : slot.start].strip(" -&"):
            merged[-1] = replace(last, end=slot.end, confidence=min(last.confidence, slot.confidence))
        else:
            merged.append(slot)
    # an article alone names nothing: "ordered ‖a‖ refill"
    return tuple(_unled(text, s) for s in merged if s.kind != "product" or not _ARTICLE.fullmatch(text, s.start, s.end))


def _unled(text: str, slot: SlotSpan) -> SlotSpan:
    """A code without the article that the reader marked with it: "end the ‖ SUMMER20"."""
    article = _ARTICLES.match(text, slot.start, slot.end) if slot.kind == "discount" else None
    return slot if article is None else replace(slot, start=article.end())


_ARTICLES = re.compile(r"(?:the|our|my|this|that)\s+(?=\S*[A-Z\d])")
_ON_GOODS = re.compile(r"(?:on|for)\s+(?=[a-z ]+$)")


def _goods_discounted(text: str, slot: SlotSpan) -> SlotSpan:
    """ "On candles" marked as a discount names the goods it is for: a code is no such words."""
    said = _ON_GOODS.match(text[slot.start : slot.end]) if slot.kind == "discount" else None
    return replace(slot, kind="product", start=slot.start + said.end()) if said else slot


_JOINT = re.compile(r"\s*(?:,\s*(?:and\s+)?|\band\b|&)\s*", re.I)
_BETWEEN = frozenset({"the", "to", "at", "is", "now", "for", "=", "-", "eur", "euro", "euros", "and", "each"})


def _run_on(piece: Piece, scope: Scope, numbers: Sequence[Number | Share]) -> list[tuple[int, int]]:
    """The places of a list without joints, each of goods and then their amount; empty where it is none.

    Nothing but names of the shop's goods may stand between two amounts, and the last one must end the clause: else "2 for 1" is two.
    """
    if len(numbers) < 2 or words_of(piece.text, numbers[-1].end, piece.end):
        return []
    spans, start = [], piece.start
    for at, number in enumerate(numbers):
        between = words_of(piece.text, start, number.start)
        names = [w for w in between if w.stem in scope.linker.vocabulary.words]
        plain = all(w in names or w.text.lower() in _BETWEEN for w in between)
        if not names or (at > 0 and not plain) or _JOINT.search(piece.text, start, number.start):
            return []
        spans.append((between[0].start, number.end))
        start = number.end
    return spans


MOST_HALVES = 4
"""Places where a clause with a value too many is tried as two; each costs two bindings."""


_LEAVES_OUT = re.compile(rf"\s*(?:{LEAVING_OUT}|{LEAVES}|(?:just\s+|but\s+)?not)\b", re.I)
"""What begins so is no second change: "archive the candles, ‖ not the mugs"."""


def halves(piece: Piece) -> list[tuple[int, int]]:
    """Where the clause may be two: (end of the first, start of the second), at its commas and its "and"s."""
    joints = [m for m in _JOINT.finditer(piece.text, piece.start, piece.end) if piece.start < m.start() and m.end() < piece.end]
    return [(m.start(), m.end()) for m in joints[:MOST_HALVES] if not _LEAVES_OUT.match(piece.text, m.end())]


_TIMES = frozenset({"day", "week", "month", "year", "hour", "star"})


def pairs(piece: Piece, scope: Scope) -> list[tuple[int, int]]:
    """The clause's places where it pairs several amounts with several goods: "add 12 mugs and 6 jugs to stock", "planner 22 calendar 19"."""
    numbers = [v for v in piece.values.items if isinstance(v, Number | Share) and not (isinstance(v, Number) and v.unit in _TIMES)]
    sizes = [Spot(start=m.start(), end=m.end()) for m in _SIZES.finditer(piece.text, piece.start, piece.end)]
    numbers = [v for v in numbers if not any(v.overlaps(spot) for spot in sizes)]
    if listed := _run_on(piece, scope, numbers):
        return listed
    spans, start = [], piece.start
    for before, after in zip(numbers, numbers[1:], strict=False):
        joints = list(_JOINT.finditer(piece.text, before.end, after.start))
        if len(joints) != 1 or not piece.text[before.end : after.start][: joints[0].end() - before.end].strip():
            continue
        rest = [w for w in words_of(piece.text, joints[0].end(), piece.end) if w.stem in scope.linker.vocabulary.words]
        own = [w for w in words_of(piece.text, start, joints[0].start()) if w.stem in scope.linker.vocabulary.words]
        if rest and own and piece.text[before.end : after.start].strip(" ,&").lower() != "and":
            spans.append((start, joints[0].start()))
            start = joints[0].end()
    return [*spans, (start, piece.end)]

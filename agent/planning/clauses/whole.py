"""The reader's clauses made whole: without those that only join, and with what belongs to the one before put back to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.planning.clauses.closing import asks_nothing, with_dictated_thanks, without_closing
from agent.planning.clauses.lasting import gathered
from agent.planning.clauses.left_out import with_what_is_spared
from agent.planning.clauses.restricting import with_restrictions
from agent.planning.clauses.run_on import asks_anew, only_names
from agent.planning.clauses.whole_texts import TOLD
from agent.planning.language.calendar_words import MONTHS, WEEKDAYS
from agent.planning.language.fragments import LEADS, THEM
from agent.planning.linking.lexicon import changes, does
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import Clause
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


def whole_clauses(text: str, clauses: Sequence[Clause], tasks: Mapping[str, Task]) -> list[Clause]:
    """The reader's clauses without those that only join, and with what belongs to the one before put back to it: "size
    small", "that are not shipped", "expires on Sunday", and what was cut off in mid-sentence.
    """
    whole: list[Clause] = []
    told = gathered(text, clauses, tasks)
    told = with_restrictions(text, with_what_is_spared(text, told), tasks)
    clauses = [without_closing(text, clause) for clause in told if not asks_nothing(text[clause.start : clause.end])] or told
    for clause in clauses:
        words = words_of(text, clause.start, clause.end)
        if len(clauses) > 1 and words and all(word.text.lower() in JOINING for word in words):
            continue
        goes_on = (_describes, _continues, _compares, _is_told_them)
        if whole and (_belongs(text, whole[-1], clause) or any(more(text, whole[-1], clause, tasks) for more in goes_on)):
            whole[-1] = replace(whole[-1], end=clause.end, slots=(*whole[-1].slots, *clause.slots))
        elif whole and (_is_deal(text, whole[-1], clause) or _leads_in(text, whole[-1], clause)):
            whole[-1] = replace(clause, start=whole[-1].start, slots=(*whole[-1].slots, *clause.slots))
        else:
            whole.append(clause)
    if not whole:
        return []
    loose = [_with_loose_end(text, clause, before) for clause, before in zip(whole, [*(c.start for c in whole[1:]), len(text)], strict=True)]
    return [*loose[:-1], with_dictated_thanks(text, loose[-1])]


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


def _leads_in(text: str, before: Clause, clause: Clause) -> bool:
    """Whether the part before only says to whom, when or of what this one is asked."""
    return _is_given(text, before, clause) or _is_when(text, before, clause) or _is_topic(text, before, clause)


_TIME = re.compile(
    r"\W*(?:(?:and|but|then|so|please)\s+)*(?:over|from|on|during|starting|as\s+of|throughout|this|next|after|before|until|till|for|in|at|tomorrow|tonight)\b"
    r"(?:\s+[\w'’:]+){0,4}\W*",
    re.I,
)


def _is_when(text: str, before: Clause, clause: Clause) -> bool:
    """Whether the part before only says when this change is to be made: "over the weekend ‖ lower them by 2" asks for no report."""
    if text[before.end : clause.start].strip(" ,") or not only_when(text, before):
        return False
    words = words_of(text, clause.start, clause.end)
    return bool(words) and (changes(words[0].text) or does(words[0].text))


_NAMES_FIRST = re.compile(
    r"(?:\b(?:as|now|and|but)\s+)?(?P<lead>for|to|about)\b"
    r"|(?:regarding|concerning|when\s+it\s+comes\s+to|with\s+regard\s+to|on\s+the\s+subject\s+of|as\s+regards)\b",
    re.I,
)
_AS_TO = re.compile(r"\b(?:as|now|and|but|then|,)\s*$", re.I)


def _is_topic(text: str, before: Clause, clause: Clause) -> bool:
    """Whether the part before only says of what this one is: "as for the mugs, ‖ knock 3 euros off"."""
    led = _NAMES_FIRST.match(text, before.start, before.end)
    if led is None or text[before.end : clause.start].strip() != "," or not any(slot.kind == "product" for slot in before.slots):
        return False
    if led["lead"] and led[0] == led["lead"] and _AS_TO.search(text, 0, before.start) is None:
        return False
    rest = words_of(text, led.end(), before.end)
    named = all(word.text.lower() in _BETWEEN_GOODS or any(s.start <= word.start < s.end for s in before.slots) for word in rest)
    words = words_of(text, clause.start, clause.end)
    own = any(slot.kind == "product" for slot in clause.slots)
    return named and not own and bool(words) and (changes(words[0].text) or does(words[0].text))


def only_when(text: str, clause: Clause) -> bool:
    """Whether it says a time and nothing else."""
    timed = all(slot.kind in ("period", "until") for slot in clause.slots)
    return timed and _TIME.fullmatch(text, clause.start, clause.end) is not None and _OF_TIME.search(text, clause.start, clause.end) is not None


_DAYS_AND_MONTHS = "|".join((*WEEKDAYS, *MONTHS))
_OF_TIME = re.compile(
    rf"\b(?:(?:week|month|day|quarter|year|season|morning|evening|afternoon|hour|night)s?|weekends?|today|tomorrow|tonight|{_DAYS_AND_MONTHS})\b",
    re.I,
)


def _with_loose_end(text: str, clause: Clause, before: int) -> Clause:
    """The clause with words that the reader left out of every clause though no stop parts them from it: "from vendor ‖ Arkady"."""
    gap = text[clause.end : before]
    stop = _STOP.search(gap)
    loose = list(words_of(text, clause.end, clause.end + (stop.start() if stop else len(gap))))
    while loose and loose[-1].text.lower() in JOINING:
        loose.pop()
    led = bool(loose) and loose[0].text.lower() in ("once", "after") and len(loose) > 2
    return replace(clause, end=loose[-1].end) if loose and (led or loose[0].text.lower() not in JOINING) else clause


_COMPARATIVE = re.compile(r"(?:fewer|less|more|higher|lower|above|below|over|under|larger|smaller|bigger|better|worse)\b", re.I)
_FRAGMENT = re.compile(
    r"(?:in\s+)?(?:sizes?|colou?rs?)\b|(?:featuring|highlighting|mentioning)\b|that\s+(?:is|are|was|were|have|has|cost|costs)\b", re.I
)
_ENDS_IN_AMOUNT = re.compile(r"(?:[€$£]\s?)?\d[\d.,]*(?:\s*(?:[€$£]|euros?|eur|dollars?|usd|pounds?|gbp))?$", re.I)
_AND_UP = re.compile(
    r"\s*and\s+(?:up(?:wards)?|above|over|more|higher|under|below|less|lower|down(?:wards)?)\b(?:\s+(?:by|to|at|as|into|in|from|with|down|up|off|cheaper|dearer|out|on|\d)\b|\W*$|\s+[€$£]?\d)",
    re.I,
)
""" "And up ‖ by 1"; with goods after it a price goes up."""
_LISTING = re.compile(r"\b(?:sizes?|colou?rs?)\b[:\s]+\w+(?:\s*,\s*\w+)*$", re.I)
_LISTED = re.compile(r"\w{1,4}(?:\s*,|\s+(?:and|or)\s+\w{1,4}\b|\s*$)", re.I)


def _belongs(text: str, before: Clause, clause: Clause) -> bool:
    between = text[before.end : clause.start]
    if "\n" in between:
        return False
    # "sizes 36, 38 and 40" is one list
    if not between.strip(" ,") and _LISTING.search(text[before.start : before.end]) and _LISTED.match(text[clause.start : clause.end]):
        return True
    alike = bool(before.labels and clause.labels) and before.labels[0][0] == clause.labels[0][0]
    cut_off = alike and not between.strip() and (only_names(text, before, before.end) or not asks_anew(text, before.start, clause.start))
    if _goes_on_listing(text, before, clause) or _goes_on_with_goods(text, before, clause):
        return True
    # "3 units or fewer left" is one condition
    if between.strip() == "or" and _COMPARATIVE.match(text[clause.start : clause.end]):
        return True
    # "mugs 5 and up by 1": the amount and what is up from it
    if _ENDS_IN_AMOUNT.search(text, before.start, before.end) and _AND_UP.match(text, before.end, clause.end):
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


_PUTS = re.compile(
    rf"\b(?:put|place|add|move|include|bring|take|remove|feature)\s+(?!(?:it|{THEM})\b)(?:(?!\b(?:in|into|to|from|out|on|onto|at|by|for|with|up|down|off)\b)[^.;:?!\n])+$",
    re.I,
)
""" "Put the blanket, the throw": it is yet to be said where."""
_ENDS_IN_GOODS = re.compile(r"\b(?:with|containing|including|for|of|featuring)\s+(?:[^\W\d][\w’'&-]*[\s,]+){0,9}[^\W\d][\w’'&-]*$", re.I)
_BETWEEN_GOODS = frozenset({"the", "a", "an", "our", "my", "and", "all"})
_WHERE = re.compile(r"\b(?:in|into|to|from|out\s+of|onto|on)\b", re.I)


def _goes_on_with_goods(text: str, before: Clause, clause: Clause) -> bool:
    """Whether a list of goods was cut before what is done with all of them: "put the blanket, the throw ‖ and the cushion in it"."""
    if not (before.labels and clause.labels) or before.labels[0][0] != clause.labels[0][0]:
        return False
    if _LISTED_TOO.fullmatch(text, before.end, clause.start) is None or not all(any(s.kind == "product" for s in c.slots) for c in (before, clause)):
        return False
    words = words_of(text, clause.start, clause.end)
    named = [word for word in words if any(slot.start <= word.start < slot.end for slot in clause.slots if slot.kind == "product")]
    if all(word in named or word.text.lower() in _BETWEEN_GOODS for word in words) and _ENDS_IN_GOODS.search(text[before.start : before.end]):
        return True  # "a collection with the cake stand, ‖ the salad servers and the coaster set"
    open_ended = _PUTS.search(text[before.start : before.end]) is not None and _WHERE.search(text[clause.start : clause.end]) is not None
    return open_ended and bool(words) and not does(words[0].text)


_NO_NOUNS = frozenset({"for", "into", "from", "until", "till", "only", "called", "named", "product", "title", "name", "publish", "over", "off"})


def _describes(text: str, before: Clause, clause: Clause, tasks: Mapping[str, Task]) -> bool:
    """Whether a clause only goes on with what something new is to be: "create a product …, type soap, tags sea and gift"."""
    task = tasks.get(before.labels[0][0]) if before.labels else None
    if task is None or task.does != "make" or text[before.end : clause.start].strip(" ") not in (",", ""):
        return False
    first = words_of(text, clause.start, clause.end)[:3]
    first = first[1:] if first and first[0].text[0].isdigit() else first[:2]  # "20 in stock" says how many
    said = " ".join(word.text.lower() for word in first)
    nouns = [cue for slot in task.slots for cue in slot.cues if len(cue) > 2 and cue not in _NO_NOUNS and not changes(cue.split(" ")[0])]
    return any(re.match(rf"{re.escape(cue)}(?!\w)", said) for cue in nouns)


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


_SURELY_ITS_OWN = 0.6
"""Probability from which what follows a message after a comma is a request of its own."""


def _is_told_them(text: str, before: Clause, clause: Clause, tasks: Mapping[str, Task]) -> bool:
    """Whether a clause is what the message before it is to say: "write to all vips: ‖ the price list changes in january"."""
    task = tasks.get(before.labels[0][0]) if before.labels else None
    if task is None or task.effect != "draft" or task.selecting("customer") is None:
        return False
    at = next((said.end() for slot in before.slots if slot.kind == "customer" and (said := TOLD.match(text, slot.end)) is not None), None)
    unclear = not clause.labels or clause.labels[0][0] not in tasks or clause.labels[0][1] < _SURELY_ITS_OWN
    return at is not None and (
        at == clause.start or (at < clause.start and unclear and re.search(r"[.!?;\n]", text[before.end : clause.start]) is None)
    )


_COMPARES = re.compile(
    rf"\W*(?:(?:{LEADS}|now)\s+)*compar(?:e|ed|ing)\s+(?:(?:it|that|this|{THEM}|all)\s+|the\s+(?:result|figure|number)s?\s+)?(?:to|with|against)\b"
    rf"|\W*(?:(?:{LEADS}|now)\s+)*compare\s+(?:them|these|both|the\s+two)\W*$"
    r"|\W*(?:(?:and|then|also|tell\s+me|show\s+me)\s+)*how\s+(?:does|do|did)\s+(?:it|that|this|they|those|these)\s+compare\s+(?:to|with|against)\b",
    re.I,
)


def _compares(text: str, before: Clause, clause: Clause, tasks: Mapping[str, Task]) -> bool:
    """Whether a clause only says what figures are to be held against: "revenue for October ‖ and compare it with last October"."""
    task = tasks.get(before.labels[0][0]) if before.labels else None
    compared = task is not None and any(slot.types == ("period",) and "compared with" in slot.cues for slot in task.slots)
    return compared and _COMPARES.match(text, clause.start) is not None

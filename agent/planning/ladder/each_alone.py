"""Requests joined in one text, each read as if it stood alone.

The reader sees the whole text, and each part colours how it takes the ones beside it: of eight requests in a row it cuts
some wrong and mistakes others that it knows when they stand alone. So where a joint parts what surely asks for something,
either side is read by itself. What leans on the words before ("and tag them"), goes on with them or belongs to a rule is
left as it was read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.planning.clauses.joints import Joint, asks, first_word, joints, orders
from agent.planning.clauses.lasting import ABOUT, REPORT, RULE, sets_up_first
from agent.planning.clauses.local import Decision
from agent.planning.clauses.run_on import goes_on
from agent.planning.clauses.whole import whole_clauses
from agent.planning.conditions import conditional, only
from agent.planning.ladder.readers import Readers, makes_changes
from agent.planning.linking.lexicon import COMMON, does
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import Clause, Reading

MOST_JOINTS = 24
"""Joints of a text that are tried, each for about two readings of a few milliseconds."""
_AHEAD = 3
"""Joints that a request may hold itself, "orders 20999, 20998 and 20997", past which it is not looked for."""
_CUT, _LIKELY, _SURE, _LIKELY_NAME = 0.45, 0.6, 0.8, 0.65
"""Least probability of what is read alone: a question or an order where the reader cut too; a question, or after a line; an order; a mere name."""
_PLAIN = 0.97
"""Probability of a mere name's look from which it needs no words of its task."""
_KNOWN = 0.9
"""Probability of each clause as it stands from which nothing is read again."""
_LEANS = re.compile(
    r"\b(?:it|them|those|these|they|their|its|him|her|his|he|she|same|instead|ones?|others?|rest|both|too|as\s+well|else|otherwise|such|afterwards)\b"
    r"|\bthere\b(?!\s+(?:is|are|was|were)\b)(?<!is\sthere)(?<!are\sthere)|\b(?:that|this)\b(?=\W*$)|\b(?:of|with|about|to|from|in|for|do)\s+(?:that|this)\b(?!\s+(?:week|month|quarter|year|morning|weekend|season|summer|winter|spring|autumn))"
    r"|\b(?:the|this|that)\s+(?:customer|buyer|order|client|product|item|goods|person|people|collection|segment|code|discount|list|result|parcel|message|review)\b"
    r"(?!\s+(?:#|\d|of|from|with|without|called|named|by|who|which|that|tagged|about|\"|(?-i:[A-Z])))|\bwhat(?:[’']?s|\s+is)\s+(?:missing|left|lacking|wrong|open)\b|^\W*(?:sold|bought|ordered|returned)\b|\bwhy\W*$",
    re.I,
)
_TELLS = frozenset({
    "offer", "mention", "say", "tell", "ask", "invite", "include", "thank", "give", "promise", "use", "keep", "make", "apologise",
    "apologize", "explain", "announce", "add", "put", "remind", "sign", "start", "end", "highlight", "focus", "let", "set",
})  # fmt: skip
"""What a text that is written may be told to do."""
_IN_RULES = re.compile(
    r"(?:tag|untag|label|mark|flag|hide|unpublish|publish|draft|write|reply|respond|answer|thank|notify|tell|alert|inform|ping|warn|remind|e-?mail|mail|message|text|let|send|run"
    r"|ask|add\s+(?:the\s+|a\s+)?tag|remove\s+(?:the\s+|a\s+)?tag|archive|deactivate|show|set|put|take|make)\b",
    re.I,
)
"""What a rule may be told to do besides."""
_NAMES = ("product", "order", "customer", "discount", "review")
_NAMED = re.compile(r"(?-i:(?<=\s)[A-Z][\w’'-]+)|[\"“„«]|\b(?:automations?|workflows?|rules?|flows?|collections?|reviews?|messages?)\b", re.I)
_STATES = re.compile(r"(?:(?:the|our|my|orders?)\s|(?-i:[A-Z#]))[^,.;\n]*?\s(?:is|are|has|have|needs?|should|must|wants?|went|was|were)\s", re.I)
""" "The mugs have no material filled in": a sentence, and no more of a list."""
_OF_ALL = re.compile(r"\b(?:all|every|each|everything|everyone|any|my|our|unused|pending|open)\b", re.I)
_ONE = re.compile(r"#?\d{3,}|(?-i:\b[A-Z][\w’'-]+\s+[A-Z][\w’'-]+)")
"""One order or somebody by name: nothing that a rule is about."""
_ANSWERS = re.compile(
    r"(?:draft|reply|respond|answer|thank|notify|tell|alert|inform|message|text|send|e-?mail|mail|remind|warn|let)\b"
    r"|\w+\s+(?:me\s+)?(?:an?\s+|the\s+)?(?:\w+\s+){0,2}(?:reply|answer|response|note|message|thank|e-?mail\s+to|mail\s+to)\b",
    re.I,
)
"""Words to whoever did what starts a rule."""
_SENDS = re.compile(
    r"\b(?:e-?mail|mail|send|report|me|us|to|my|inbox|every|each|on|at|a|the|in|once|\w*days?|week|month|quarter|year|morning|evening|and|am|pm|o['’]clock|[\d:]+)\b",
    re.I,
)
"""Words of a report that recurs which do not say what of."""
_AT_ONCE = re.compile(r"\b(?:(?:right\s+|just\s+)?now|right\s+away|straight\s+away|at\s+once|immediately|this\s+minute)\s*[.!?]*$", re.I)
"""What is asked for at once comes with no report of every week."""
_TO_ME = re.compile(r"\b(?:me|us)\b", re.I)


@dataclass(slots=True)
class _Alone:
    """What stretches of a text ask for when each is all there is, read once."""

    readers: Readers
    text: str
    known: dict[tuple[int, int], Decision | None] = field(default_factory=dict)
    doubted: dict[tuple[int, int], Decision] = field(default_factory=dict)
    """What is not sure enough to be done: where it begins with a verb it is a request all the same."""

    def read(self, start: int, end: int) -> Decision | None:
        if (start, end) not in self.known:
            self.known[start, end] = self._read(start, end)
        return self.known[start, end]

    def _read(self, start: int, end: int) -> Decision | None:
        if len(words_of(self.text, start, end)) < 2:
            return None
        clauses = alone(self.readers, self.text, (start, end))
        if len(clauses) != 1:
            return None
        decision = self.readers.local.decide(self.text[start:end], replace(clauses[0], start=start, end=end))
        if decision.verdict == "doubt" and decision.task is not None and decision.confidence >= _LIKELY:
            self.doubted[start, end] = decision
        return decision if decision.verdict == "do" and decision.task is not None else None


def alone(readers: Readers, text: str, span: tuple[int, int]) -> list[Clause]:
    """The clauses of a stretch when it is all there is."""
    said = only(text, [span])
    return whole_clauses(said, readers.students.reader.read(said).clauses, readers.tasks)


def each_alone(readers: Readers, text: str, reading: Reading) -> list[Clause]:
    """The clauses of a text; where several requests are joined in it, those of each by itself."""
    whole = whole_clauses(text, reading.clauses, readers.tasks)
    places = joints(text)
    if not places or len(places) > MOST_JOINTS or reading.truncated or conditional(text) is not None or _known(readers, places, reading, whole):
        return whole
    borders = _borders(_Alone(readers, text), places, reading, whole)
    if not borders:
        return whole
    spans = list(zip([first_word(text), *(b.start for b in borders)], [*(b.end for b in borders), len(text)], strict=True))
    plain = [not any(start < place.start < end for place in places) for start, end in spans]
    return [clause for span, one in zip(spans, plain, strict=True) for clause in _within(readers, text, span, whole, plain=one)]


def _known(readers: Readers, places: Sequence[Joint], reading: Reading, whole: Sequence[Clause]) -> bool:
    """Whether the reader cut at every joint and is sure of each clause, so that there is nothing to gain."""
    sure = all(clause.labels and clause.labels[0][1] >= _KNOWN and clause.labels[0][0] in readers.tasks for clause in whole)
    return sure and len(whole) == len(reading.clauses) == len(places) + 1 and all(_cut_there(reading, joint) for joint in places)


def _within(readers: Readers, text: str, span: tuple[int, int], whole: Sequence[Clause], *, plain: bool) -> list[Clause]:
    """The clauses of one request: as the whole text was read, where nothing speaks for another reading alone.

    Args:
        plain: Whether no joint is in it, so that it can hardly be two.
    """
    start, end = span
    end = start + len(text[start:end].rstrip(" .,;!\n"))
    inside = [clause for clause in whole if start <= clause.start and clause.end <= end]
    across = [clause for clause in whole if clause not in inside and clause.start < end and start < clause.end]
    again = alone(readers, text, (start, end))
    if not again:
        return inside
    if len(again) == 1:
        told = readers.local.decide(text[start:end], replace(again[0], start=start, end=end))
        if told.verdict == "do" and not across and len(inside) == 1 and _surer(readers, text, inside[0], told):
            return inside
        if told.verdict == "do" and (plain or across or len(inside) < 2):
            return [told.clause]
    return inside if inside and not across else again


def _surer(readers: Readers, text: str, clause: Clause, told: Decision) -> bool:
    """Whether a request is surer where it stands than alone: what is elliptical, "the stock from 4 to 12", is a change only beside another."""
    there = readers.local.decide(text[clause.start : clause.end], clause)
    if there.verdict != "do" or there.task is None or told.task is None:
        return False
    return there.task is told.task or there.confidence > told.confidence


def _borders(read: _Alone, places: Sequence[Joint], reading: Reading, whole: Sequence[Clause]) -> list[Joint]:
    """The joints at which another request begins."""
    found: list[Joint] = []
    start = first_word(read.text)
    for at, joint in enumerate(places):
        before = read.read(start, joint.end) if not _goes_on(read.text[start : joint.end]) else None
        cut = _cut_there(reading, joint)
        after = _request(read, joint, places[at + 1 :], cut=cut)
        if after is not None and not (cut and _put_together(read, whole, joint, after)) and _parts(read, joint, before, after, cut=cut):
            found.append(joint)
            start = joint.start
    return found


def _goes_on(said: str) -> bool:
    """Whether it begins as more of something else, or as its reason: "because the dye came out pink"."""
    return goes_on(said) and not asks(said) and not sets_up_first(said)


def _put_together(read: _Alone, whole: Sequence[Clause], joint: Joint, after: Decision) -> bool:
    """Whether what the reader cut at the joint was put together again, and not as a rule, which takes in all there is."""
    if joint.strong and after.confidence >= _KNOWN and _opening(read.readers, read.text[joint.start : after.clause.end]):
        return False
    over = [clause for clause in whole if clause.labels and clause.start < joint.end and joint.start < clause.end]
    return any(clause.labels[0][0] not in (RULE, REPORT) for clause in over)


def _is_whole(text: str, one: Decision) -> bool:
    """Whether it says of what it is asked, where it changes anything: "add the note rush" does not."""
    said = text[one.clause.start : one.clause.end]
    if one.task is None or not makes_changes(one.task) or one.task.does == "make":
        return one.task is not None
    return any(slot.kind in _NAMES for slot in one.clause.slots) or _OF_ALL.search(said) is not None or _NAMED.search(said) is not None


def _said_besides(text: str, one: Decision) -> int:
    """How many words say something that are in none of its slots."""
    words = [word for word in words_of(text, one.clause.start, one.clause.end) if word.text.lower() not in COMMON]
    return sum(not any(slot.start <= word.start < slot.end for slot in one.clause.slots) for word in words)


def _only_goods(text: str, one: Decision) -> bool:
    """Whether it names goods, and at most what is done with them by a number: more of a list."""
    return any(slot.kind == "product" for slot in one.clause.slots) and _said_besides(text, one) == 0


def _cut_there(reading: Reading, joint: Joint) -> bool:
    """Whether the reader ends a clause before the joint and begins one after it."""
    ends = any(abs(clause.end - joint.end) <= 1 for clause in reading.clauses)
    return ends and any(abs(clause.start - joint.start) <= 1 for clause in reading.clauses)


def _request(read: _Alone, joint: Joint, later: Sequence[Joint], *, cut: bool) -> Decision | None:
    """The shortest request that stands by itself after the joint."""
    line = next((at + 1 for at, place in enumerate(later) if place.line), len(later) + 1)
    ends = [*(place.end for place in later), len(read.text)][: min(_AHEAD + 1, line)]
    if read.text[joint.start].isdigit():
        return None
    for end in ends:
        said = read.text[joint.start : end]
        if _LEANS.search(said):
            return None
        decision = read.read(joint.start, end) if not _goes_on(said) else None
        if decision is None and cut and end == ends[0] and _opening(read.readers, said) == "does":
            decision = read.doubted.get((joint.start, end))
        if decision is not None and end != ends[-1] and not _is_whole(read.text, decision):
            continue  # "extract size ‖ and material from the text of the throws"
        if decision is not None:
            return decision if end == ends[0] or _opening(read.readers, said) else None
    return None


def _parts(read: _Alone, joint: Joint, before: Decision | None, after: Decision, *, cut: bool) -> bool:
    """Whether what stands after the joint is another request."""
    said = read.text[after.clause.start : after.clause.end]
    opening = _opening(read.readers, said)
    least = _CUT if cut and opening else _LIKELY if cut or joint.line else _LIKELY_NAME if not opening else _LIKELY if opening == "asks" else _SURE
    if after.task is None or after.confidence < least:
        return False
    if before is None or before.task is None:
        return joint.line or (cut and (bool(opening) or (after.confidence >= _KNOWN and not _only_goods(read.text, after))))
    if {before.task.name, after.task.name} & {RULE, REPORT}:
        return _apart_from_rule(read, joint, before, after, said, opening, cut=cut)
    own = _is_whole(read.text, after)
    if (not own and not joint.line) or (before.task.does == "make" and not opening and not joint.line and not cut):
        return False
    if not opening and not joint.strong and _only_goods(read.text, after):
        return False  # "restock the board, ‖ the vase and the jug to 20"
    if not opening and before.task is after.task and not joint.strong:
        return False  # "product id, title ‖ and vendor of all products"
    if cut or joint.line:
        return True
    lacks = after.task.effect == "draft" and not after.clause.slots and any(slot.kind == "product" for slot in before.clause.slots)
    if lacks and not joint.strong:
        return False  # "google doesn't find the kilts, ‖ do the meta texts"
    if before.task is after.task or (before.task.name in ABOUT and after.task.name in ABOUT):
        return False
    if not opening:
        if joint.bare_and:
            return False
        if any(slot.kind in ("customer", "order") for slot in after.clause.slots) and _ONE.search(said):
            return _said_besides(read.text, after) > 1
        known = [word.text for word in words_of(said) if any(slot.start <= word.start < slot.end for slot in after.clause.slots)]
        plain = after.task.effect == "read" and after.confidence >= _PLAIN
        return plain or read.readers.lexicon.covers(after.task, said, known=known)
    if opening == "asks":
        return True
    first = next(iter(words_of(said)))
    if before.task.effect == "draft" and first.text.lower() in _TELLS:
        return False
    return bool(after.clause.slots) or after.task.effect == "read" or own or joint.strong


def _apart_from_rule(read: _Alone, joint: Joint, before: Decision, after: Decision, said: str, opening: str, *, cut: bool) -> bool:
    """Whether one of two is a rule, or a report that recurs, and the other can be nothing of it."""
    if before.task is None or after.task is None:
        return False
    ruled = before if before.task.name in (RULE, REPORT) else after
    other, other_said = (after, said) if ruled is before else (before, read.text[before.clause.start : before.clause.end])
    if joint.line:
        return True
    if ruled is after and not opening and not sets_up_first(said):
        return False
    if other.task is None or other.task.name in (RULE, REPORT):
        return before.task is not after.task or opening == "does" or sets_up_first(said)
    named = any(slot.kind == "discount" or (slot.kind in ("order", "customer") and _ONE.search(other_said)) for slot in other.clause.slots)
    if ruled is after and sets_up_first(said):
        return True
    if ruled.task is not None and ruled.task.name == REPORT:
        if other.task.effect != "read":
            return True
        if ruled is after:
            return cut and opening == "does" and _SENDS.sub("", said).strip(" .,") != ""
        return not joint.bare_and and opening != "" and (named or _TO_ME.search(other_said) is None or _AT_ONCE.search(other_said) is not None)
    if other.task.effect == "read":
        return not joint.bare_and or asks(other_said)
    if _IN_RULES.match(other_said) is None:
        return True
    goods = any(slot.kind == "product" for slot in other.clause.slots)
    if other.task.effect == "draft" and _ANSWERS.match(other_said) is None:
        return True
    return named or (goods and (sets_up_first(read.text[ruled.clause.start : ruled.clause.end])))


def _opening(readers: Readers, said: str) -> str:
    if asks(said):
        return "asks"
    first = next(iter(words_of(said)), None)
    return (
        "does"
        if first is not None and (does(first.text) or readers.verbs.begins(first.text) or orders(said) or _STATES.match(said) or sets_up_first(said))
        else ""
    )

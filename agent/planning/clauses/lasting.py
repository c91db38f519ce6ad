"""Sentences that set something up to act by itself: a rule ("when an order comes in, tag it") or a report that recurs.

The reader cuts a sentence where one thing asked ends and the next begins, and "tag it and tell me" are two. In a rule they are one: what
starts it, its conditions and all it does belong together, or "tag it" would be done at once, to who knows what. So a sentence that is surely
such a rule is one clause, whatever the reader made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from agent.planning.language.circumstances import AT_LEISURE
from agent.planning.linking.lexicon import changes, does
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import Clause
from agent.sdk import Task
from agent.sdk.spoken_times import time_in
from agent.sdk.standing import turned

RULE, REPORT, PAUSE = "create_automation", "schedule_report", "pause_automation"
ABOUT = frozenset({RULE, REPORT, "edit_automation", "pause_automation", "list_automations"})
SURE = 0.97
CONCEIVABLE = 0.1
"""Least probability that the reader gives a rule for a sentence that may be one by its form alone."""

_SWITCHES = re.compile(
    r"\W*(?:please\s+)?(?:turn|switch|put|pause|resume|restart|stop|halt|enable|disable|activate|reactivate|re-enable|unpause|suspend|start|delete|remove)\s"
    r"(?:[\w’'-]+\s+){0,6}?(?:automations?|workflows?|rules?|flows?|alerts?|schedules?|reports?|summary)\b(?:\s+(?:again|back\s+on|on|off|for\s+now|on\s+hold|please|(?:that|which|about|for|of)\s[^,;]*))*\W*$",
    re.I,
)
_ON_A_SCHEDULE = re.compile(r"\b(?:on|onto|to)\s+an?\s+(?:[\w-]+\s+){0,2}schedule\b", re.I)
""" "Put it on a monthly schedule" switches nothing on."""
_SENTENCE = re.compile(r"(?:[^.!?;\n]|\.(?=\d))+")
_ASKS = re.compile(
    (
        r"\W*(?:and\s+|also\s+)?(?:how|what|why|which|who|where|can\s+(?:it|an?|automations?)"
        r"|does|do\s+(?:i|we|you)|is|are|did|was|were|should|tell\s+me\s+(?:how|what|why|which))\b"
    ),
    re.I,
)
_HAPPENS = (
    r"(?:comes?\s+in|arrives?|is\s+(?:placed|made|received|posted|left|paid|fulfilled|shipped"
    r"|refunded|sold\s+out|out\s+of\s+stock|back|low|over|above|below|under|published|restocked"
    r"|empty)"
    r"|are\s+(?:sold\s+out|out\s+of\s+stock|back|low)|gets?\s+(?:placed|paid|refunded|shipped"
    r"|fulfilled|low|below|under|back)|(?:falls?|drops?|goes|dips?|runs?|sinks?)\s+(?:below"
    r"|under|to|out|low)|sells?\s+out|hits?\s+(?:zero|\d)|reach(?:es)?\s+(?:zero|\d)"
    r"|(?:leaves?|writes?|posts?|sends?|gives?)\s+(?:me\s+|us\s+)?(?:an?|any|their|his"
    r"|her)|orders?\b(?!\s+(?:over|above|under|below|from))|buys?|purchases|spends?|places?\s+(?:an?"
    r"|their|his|her)|signs?\s+up|registers|joins|mentions?|contains?|says?|has\s+(?:fewer"
    r"|less|only|more))"
)
_SOMETHING = (
    r"(?:(?:an?|any|the|some|our|my|one\s+of)\s+(?:\S+\s+){0,5}?|(?:some|any)(?:one|body"
    r"|thing)\s+|(?:stock|inventory|(?:\S+\s+)?orders?|(?:\S+\s+)?customers?|(?:\S+\s+)?products?"
    r"|reviews?|messages?|they|it|we|i)\s+(?:\S+\s+){0,6}?)"
)
_WHENEVER = re.compile(rf"\b(?:whenever|(?:every|each|any)\s*time|as\s+soon\s+as)\b(?!{AT_LEISURE})", re.I)
_WHEN = re.compile(rf"\b(?:when|once|if)\s+{_SOMETHING}(?:\S+\s+){{0,4}}?{_HAPPENS}", re.I)
_SET_UP = re.compile(
    (
        r"\b(?:create|set\s+up|build|make|add|set|define)\s+(?:me\s+)?(?:an?|the|another|new)\s+(?:\w+\s+){0,3}?(?:automation"
        r"|workflow|rule|flow|trigger|alert)\b(?!\s*(?:to|condition))"
    ),
    re.I,
)
_BY_ITSELF = re.compile(
    (
        r"\bautomatically\s+(?:tag|hide|notify|draft|publish|unpublish|label|mark|alert|tell"
        r"|remove)\b|\b(?:tag|hide|notify|draft|publish|unpublish|label|mark)\b[^,.]*\bautomatically\b"
        r"|\b(?:tag|label|mark|flag)\b[^,.]*\b(?:orders?|customers?)\b[^,.]*\bfrom\s+(?:now|today|this\s+(?:day|point))\s+on(?:wards?)?\b"
        r"|\bfrom\s+(?:now|today|this\s+(?:day|point))\s+on(?:wards?)?\W+(?:tag|label|mark|flag)\b[^,.]*\b(?:orders?|customers?)\b"
    ),
    re.I,
)
_DOES = re.compile(
    (
        r"\b(?:tag|label|mark|flag|hide|unpublish|publish|relist|draft|write|reply|respond"
        r"|notify|tell|alert|inform|ping|warn|remind|(?:e-?)?mail|message|text|let\s+(?:me|us|my)"
        r"|send|add|remove|take|put|run|create|order|reorder|refund|cancel|set|make|show|deactivate"
        r"|archive|thank|answer)"
    ),
    re.I,
)
_CHANGES = re.compile(r"\b(?:tag|untag|label|mark|hide|unpublish|publish|archive|add|remove|set|raise|lower|discount|delete|run)\b", re.I)
_REPORTS = re.compile(
    r"\b(?:send|e-?mail|mail|report|give|show|text|deliver|schedule|put|want|like|need|run|prepare|remind|get|set\s+up|summary|overview|tell)\b", re.I
)
_RECURS = re.compile(
    (
        r"(?<!\bfor\s)(?<!\bby\s)(?<!\bin\s)(?<!\bof\s)(?<!\bper\s)\b(?:every|each|once\s+(?:a"
        r"|per))\s+(?:single\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun|day|week|month|quarter"
        r"|year|morning|evening|night|hour|working|business)|\bof\s+(?:every|each)\s+month"
        r"|\bend\s+of\s+(?:every|each)\b|\b(?:on|at)\s+(?:mon|tues|wednes|thurs|fri|satur|sun)days\b"
    ),
    re.I,
)
_BEYOND_DOUBT = re.compile("|".join(pattern.pattern for pattern in (_WHENEVER, _SET_UP, _BY_ITSELF, _RECURS)), re.I)
_WHEN_FIRST = re.compile(r"\W*(?:when|once)\b", re.I)
_JOINT = re.compile(r"(?:,|\band\b|\bthen\b)(?:\s+(?:also|then|please))*\s*$", re.I)
_SCHEDULES = re.compile(r"\bschedul(?:e|ed|ing)\b", re.I)


def does_something(said: str) -> bool:
    """Whether the words say what a rule is to do, and not only when: "if nobody buys it" does nothing."""
    return _DOES.search(said) is not None


_FIRST = re.compile(
    r"\W*(?:please\s+)?(?:when(?:ever)?|once|as\s+soon\s+as|(?:every|each|any)\s*time|(?:every|each)\s+\w+|on\s+\w+days?\b"
    r"|(?:create|set\s+up|build|make|add|set|define)\s+(?:me\s+)?(?:an?|the|another|new)\s+(?:\w+\s+){0,3}?(?:automation|workflow|rule|flow|trigger|alert)\b)",
    re.I,
)


def sets_up_first(said: str) -> bool:
    """Whether its first words set up a rule or a report, so that none of what stands before them is of it: "when …", "every Monday …"."""
    return _FIRST.match(said) is not None and _task_of(said) is not None


def gathered(text: str, clauses: Sequence[Clause], tasks: Mapping[str, Task]) -> list[Clause]:
    """The clauses, those of one rule or one recurring report put together."""
    if RULE not in tasks and REPORT not in tasks:
        return list(clauses)
    kept = [_switching(text, clause, tasks) for clause in sorted(clauses, key=lambda c: c.start)]
    for start, end, task in _lasting(text):
        within = [c for c in kept if c.start < end and start < c.end]
        if task == RULE and not (_BEYOND_DOUBT.search(text, start, end) or _WHEN_FIRST.match(text[start:end])) and _thought_of(within) < CONCEIVABLE:
            continue  # "find out if the reviews mention brakes" has the form, and asks
        if task not in tasks or not within or any(c.labels and c.labels[0][0] in ABOUT - {task} and c.labels[0][1] >= 0.5 for c in within):
            continue
        whole = replace(
            within[0], start=min(start, within[0].start), end=max(end, within[-1].end), labels=((task, SURE),),
            slots=tuple(slot for c in within for slot in c.slots),
        )  # fmt: skip
        kept = sorted([*(c for c in kept if c not in within), whole], key=lambda c: c.start)
    return kept


def _thought_of(clauses: Sequence[Clause]) -> float:
    return max((share for clause in clauses for label, share in clause.labels if label in ABOUT), default=0.0)


def _switching(text: str, clause: Clause, tasks: Mapping[str, Task]) -> Clause:
    """Turning a rule on or off is no edit of it, though the reader sees little between them."""
    said = text[clause.start : clause.end]
    if PAUSE not in tasks or _SWITCHES.match(said) is None or _ON_A_SCHEDULE.search(said) or turned(said) is None:
        return clause
    return replace(clause, labels=((PAUSE, SURE),))


@lru_cache(maxsize=64)
def _lasting(text: str) -> tuple[tuple[int, int, str], ...]:
    return tuple(_standing(text))  # the same for each way of cutting the text, of which many are tried


def _standing(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _SENTENCE.finditer(text):
        said = found[0].rstrip()  # what is read alone stands in a text of blanks
        if not said or _ASKS.match(said):
            continue
        if (apart := _two_times(said)) is not None:
            for start, end in ((0, apart[0]), (apart[1], len(said))):
                if (task := _task_of(said[start:end])) is not None or start:
                    yield found.start() + start, found.start() + end, task or REPORT
            continue
        said = said[: _asked_besides(said)]
        cut = _cut(said)
        start = found.start() + cut + len(said[cut:]) - len(said[cut:].lstrip(" ,"))
        if (task := _task_of(said[cut:])) is not None:
            yield start, found.start() + len(said.rstrip(" ,")), task


_AND = re.compile(r"\s*(?:,\s*(?:and\s+)?|\band\s+)(?:also\s+|then\s+)?", re.I)
_ASKED_BESIDES = re.compile(
    r"\b(?:tell\s+me|let\s+me\s+know|show\s+me|check)\s+(?:how\s+(?:many|much|often)|which|what|who)\b[^,;]*?"
    r"\b(?:had|have\s+had|were\s+there|was\s+there|came|got|did|so\s+far|last|this|yesterday|today|now|currently|at\s+the\s+moment)\b"
    r"|\b(?:show|tell|give|send|e-?mail)\s+(?:me|us)\b[^,;]*?"
    r"\b(?:(?:right\s+|just\s+)?now|(?:right|straight)\s+away|at\s+once|immediately)\W*$",
    re.I,
)
"""What is asked of now or of what was is nothing that a rule does when it fires."""
_LED_ON = re.compile(r"(?:,?\s+and\s+(?:also\s+)?|,\s*|\s+then\s+)\Z", re.I)


def _asked_besides(said: str) -> int:
    """Where a sentence goes on from its rule to a question: "… tag it big ‖ and let me know how many we had this year"."""
    joints = (_LED_ON.search(said, max(0, asked.start() - 24), asked.start()) for asked in _ASKED_BESIDES.finditer(said))
    return next((joint.start() for joint in joints if joint is not None), len(said))


def _two_times(said: str) -> tuple[int, int] | None:
    """Where one report that recurs ends and another begins: "yesterday's sales every morning at 7 ‖ and the stock list on fridays"."""
    times = list(_RECURS.finditer(said))
    if len(times) != 2 or _WHENEVER.search(said) or not _REPORTS.search(said[: times[0].start()]):
        return None
    joint = next((m for m in _AND.finditer(said, times[0].end(), times[1].start()) if m.end() + 6 < times[1].start()), None)
    if joint is None or time_in(said[: joint.start()]) is None or time_in(said[joint.end() :]) is None:
        return None
    return joint.start(), joint.end()


def _cut(said: str) -> int:
    """Where the rule begins after something else that is asked in the same sentence: "set the mug to 12 and ‖ whenever it sells out tell me"."""
    starts = _WHENEVER.search(said) or _WHEN.search(said)
    if starts is None:
        return _after_a_change(said)
    joint = _JOINT.search(said[: starts.start()])
    return starts.start() if joint is not None and joint.start() > 0 else 0


_SENDS_ME = re.compile(
    r"(?:\s*,\s*|\s+and\s+|\s+then\s+)(?:(?:and|then|also|please|plus)\s+)*(?=(?:send|e-?mail|mail|text|message|give|show|tell|report|deliver)\s+(?:to\s+)?(?:me|us)\b)",
    re.I,
)


def _after_a_change(said: str) -> int:
    """Where a report that recurs begins after a change of now: "knock 3 euros off the bowls, ‖ text me the takings every morning"."""
    recurs, first = _RECURS.search(said), next(iter(words_of(said)), None)
    if recurs is None or first is None or not (changes(first.text) or does(first.text)) or _SENDS_ME.match(f", {said[first.start :]}"):
        return 0
    joint = _SENDS_ME.search(said[: recurs.start()])
    return joint.end() if joint is not None else 0


def _task_of(said: str) -> str | None:
    """What the sentence sets up, where that is beyond doubt."""
    starts = _WHENEVER.search(said) or _WHEN.search(said)
    if starts is not None and _DOES.search(said[: starts.start()] + said[starts.start() + 5 :]):
        return RULE
    if _SET_UP.search(said) or _BY_ITSELF.search(said):
        return RULE
    if (_RECURS.search(said) or _SCHEDULES.search(said)) and time_in(said) is not None:
        if _CHANGES.search(said) and not re.search(r"\breports?\b", said, re.I):
            return RULE
        return REPORT if _REPORTS.search(said) else None
    return None

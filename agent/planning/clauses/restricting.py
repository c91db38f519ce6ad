"""What only says which of the records of a change are meant, put back to the change: "… ‖ but only those under 20 euros", "of the drafts, ‖ …".

Read alone it looks something up, and the change would be made to all that it names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.planning.clauses.modality import acts
from agent.planning.clauses.plain_words import plain_words
from agent.planning.language.circumstances import only_circumstance
from agent.planning.language.fragments import IF, THEM, WHEN
from agent.planning.language.restricting import only_restricts, says_among_which
from agent.planning.language.sparing import LEAVING_OUT
from agent.planning.linking.lexicon import does
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import Clause, SlotSpan
from agent.sdk import Task

_TELLS = re.compile(
    r"\s*(?:(?:who|that|which)\s+(?:(?:we|you|i|they|nobody|no\s+one|somebody|customers)\s+)?(?:(?:have|has|had|did|do|does|are|is|was|were)(?:n[’']?t|\s+not|\s+never)?|never|only|already)?\s*\w+"
    r"|whose|with|without|having|tagged|costing|rated|bar\s+the)\b",
    re.I,
)
""" "… who ordered last month", "… whose stock is below 10": with no stop between, it tells of what stands before."""
_POINTS = re.compile(rf"\b(?:it|{THEM}|all(?=\s+(?:of\s+them|by|to|at|as|in|on|for|with)\b|\W*$))\b", re.I)
_WHO = re.compile(r"\s*(?:who|whose|which|that)\b", re.I)
_ENDS_LED = re.compile(rf"\b(?:{LEAVING_OUT}|all\s+but|minus|bar|only|exclusively)\s+(?:(?:the|our|those)\s+)*$", re.I)
""" "… at 29 bar ‖ the biggest one"."""
_OTHERS = re.compile(r"\s*(?:those|the\s+ones)\b", re.I)
""" "… from Berlin as b and ‖ those who bought candles as c": others, and no restriction."""
_OF_PEOPLE = re.compile(r"\b(?:customers?|buyers?|shoppers?|clients?|people|everyone|everybody|anyone|orders?|subscribers?|members?|those)\b", re.I)
_GAP_ENDS = re.compile(r"(?<=[^\W_])[^\w]*[.!?\n](?=\s|$)|\)")
_PUT_ON = frozenset({"tag", "value", "field", "topic", "until"})
_RECORDS = frozenset({"product", "order", "customer", "discount", "review"})


def with_restrictions(text: str, clauses: Sequence[Clause], tasks: Mapping[str, Task]) -> list[Clause]:
    """Each change with the words around it that only say which records it is meant for, whether the reader made a clause of them or not."""
    joined: list[Clause] = []
    for clause in clauses:
        before = joined[-1] if joined else None
        if before is not None and _changes(before, tasks) and _is_restriction(text, before, clause, tasks):
            joined[-1] = replace(before, end=clause.end, slots=(*before.slots, *_of_records(clause)))
        elif before is not None and _changes(clause, tasks) and _says_among_which(text, before, clause):
            joined[-1] = replace(clause, start=before.start, slots=(*_of_records(before), *clause.slots))
        else:
            joined.append(clause)
    ends = [*(clause.start for clause in joined[1:]), len(text)]
    return [_with_unread(text, clause, end) if _changes(clause, tasks) else clause for clause, end in zip(joined, ends, strict=True)]


def _of_records(clause: Clause) -> tuple[SlotSpan, ...]:
    """What is marked in a restriction, without what would be put on records there: "only those tagged ‖ winter" tags none."""
    return tuple(slot for slot in clause.slots if slot.kind not in _PUT_ON)


def _changes(clause: Clause, tasks: Mapping[str, Task]) -> bool:
    task = tasks.get(clause.labels[0][0]) if clause.labels else None
    return task is not None and task.effect in ("write", "action") and task.whole is None


def _is_restriction(text: str, before: Clause, clause: Clause, tasks: Mapping[str, Task]) -> bool:
    said, rest = text[clause.start : clause.end], text[clause.end : clause.end + 1]
    if "?" in (rest, said[-1:]):
        return False
    between = text[before.end : clause.start]
    led = _LED_IN.search(text[: before.end], before.start)
    if _is_circumstance(text[led.start() if led is not None else before.end : clause.end], clause, tasks):
        return True
    if not re.search(r"\w", between) and only_restricts(said):
        return True
    joint = re.fullmatch(r"\W*(?P<word>but|and|though|yet|only)\s+", between, re.I)
    if joint is not None and only_restricts(said) and not (joint["word"].lower() == "and" and _OTHERS.match(said)):
        return True
    first = next(iter(words_of(said)), None)
    if not between.strip() and first is not None and not does(first.text) and _ENDS_LED.search(text, before.start, clause.start):
        return True
    if (
        re.match(r"\s*who\b", said, re.I)
        and not _OF_PEOPLE.search(text, before.start, before.end)
        and not any(s.kind in ("customer", "order") for s in before.slots)
    ):
        return False  # "three short on cases ‖ who gets theirs late": no goods are who
    looks = _WHO.match(said) is not None or not clause.labels or clause.labels[0][0] not in tasks or tasks[clause.labels[0][0]].effect == "read"
    return looks and not between.strip() and _TELLS.match(said) is not None


def _is_circumstance(said: str, clause: Clause, tasks: Mapping[str, Task]) -> bool:
    """Whether a clause, with the words before it, says nothing but when, where or for whom to do what stands before: "… ‖ if she orders again"."""
    task = tasks.get(clause.labels[0][0]) if clause.labels else None
    return only_circumstance(said) and not (task is not None and task.whole is not None and _orders(said))


_LED_IN = re.compile(rf"\b(?:only\s+)?(?:{IF}|{WHEN}|until|till|unless)(?=\W*\Z)", re.I)
""" "… the bowls once ‖ Anna has agreed"."""
_SUBJECTS = frozenset({"i", "we", "you", "they", "to", "can", "could", "will", "would", "must", "should", "the", "a", "an", "our", "their", "of"})


def _orders(said: str) -> bool:
    """Whether a circumstance goes on with what is to be done then, and is a rule of its own: "if she orders again ‖ thank her"."""
    words = plain_words(said, 0, len(said))
    return any(
        acts(word.word) and not word.word.endswith(("ing", "ed")) and before.word not in _SUBJECTS
        for before, word in zip(words[2:], words[3:], strict=False)
    )


_JOINT = re.compile(r"[\s,;–—-]*(?:(?:but|and|though|yet|only)\s+)*", re.I)


def tells_on(text: str, start: int, end: int) -> bool:
    """Whether words only tell more of the records right before them, with nothing between that would part them: "… ‖ who ordered last month"."""
    begun = _PARTED.search(text[:start]) is not None or not text[:start].strip()
    return not begun and "?" not in text[start : end + 1] and _TELLS.match(text, start) is not None


_PARTED = re.compile(r"(?:[,.;:?!\n–—]|\b(?:and|then|also|but|or|plus))\s*$", re.I)


def _says_among_which(text: str, front: Clause, change: Clause) -> bool:
    """Whether a clause only says among which those are that the change names itself: where it points to them, a search made first finds them."""
    if not says_among_which(text[front.start : change.start]) or _POINTS.search(text, change.start, change.end):
        return False
    return any(slot.kind in _RECORDS for slot in change.slots)


def _with_unread(text: str, clause: Clause, until: int) -> Clause:
    """The change with a restriction right behind it that stands in no clause: "…, ‖ not the two dearest"."""
    gap = text[clause.end : until]
    if not only_restricts(gap):
        return _with_circumstance(text, clause, until)
    stop = _GAP_ENDS.search(gap)
    said = gap[: stop.start() if stop is not None else len(gap)].rstrip(" ,;:–—-(")
    words = words_of(said)
    return replace(clause, end=clause.end + len(said)) if words and not does(words[0].text) else clause


def _with_circumstance(text: str, clause: Clause, until: int) -> Clause:
    """The change with a circumstance right behind it that stands in no clause: "… ‖ each morning"."""
    stop = _STRETCH_ENDS.search(text, clause.end, until)
    end = stop.start() if stop is not None else until
    led = _JOINT.match(text, clause.end, end)
    said = text[clause.end : end].rstrip(" ,;:–—-(")
    return replace(clause, end=clause.end + len(said)) if led is not None and only_circumstance(said) else clause


_STRETCH_ENDS = re.compile(r"(?<=[^\W_])[^\w,]*[.!?\n;](?=\s|$)|\)")

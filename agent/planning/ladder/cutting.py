"""A request as clauses, each with what it asks for: lists under their heads, and apart what the reader took for one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planning.binding.picked import apart as picked_apart
from agent.planning.clauses.lasting import ABOUT
from agent.planning.clauses.lists import ITEM, heads, named_first
from agent.planning.clauses.local import Decision
from agent.planning.clauses.modality import command_after
from agent.planning.clauses.parting import LETS_KNOW, change_after_look, message_after_change, question_after_look
from agent.planning.clauses.recut import Cut, explained
from agent.planning.clauses.restricting import tells_on
from agent.planning.clauses.run_on import loose_cuts, only_names
from agent.planning.clauses.whole import only_when, whole_clauses
from agent.planning.conditions import only
from agent.planning.ladder.doubt import LIKELY
from agent.planning.ladder.readers import Readers, makes_changes, slots_within
from agent.planning.language.fragments import THEM
from agent.planning.language.restricting import only_restricts, says_among_which
from agent.planning.linking.lexicon import changes, leaning
from agent.planning.linking.roles import task_for
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import Clause
from agent.sdk import Task

_IT = re.compile(rf"\b(?:it|{THEM})\b", re.I)
_SURE = 0.85
"""Least probability of a look for a comma to part it from another."""
_SURELY_ONE = 0.9
"""Probability of a clause as a whole from which its commas are those of a list."""
MOST_ITEMS = 8
"""Items under one head that are read with it: as many as a request may have parts."""


def decided(readers: Readers, text: str, clauses: Sequence[Clause]) -> list[Decision]:
    decisions, end = [], 0
    for clause in (part for whole in clauses for part in _parted(readers, text, whole)):
        # Only what stands in no clause: the "don't" of the clause before forbids that one, not this.
        before = re.split(r"[.!?;:,\n]", text[end : clause.start])[-1]
        decisions.append(readers.local.decide(text[clause.start : clause.end], clause, before=before))
        end = clause.end
    return decisions


def under_heads(readers: Readers, text: str, decisions: list[Decision]) -> list[Decision]:
    """Items of a list without a verb of their own as the reader takes them under its head: "stock check: toiletry roll 14, hair comb 30"."""
    for head in heads(text):
        items = [d for d in decisions if head[1] <= d.clause.start < head[2] and leaning(text[d.clause.start : d.clause.end]) == ""]
        around = [d for d in decisions if d.clause.start < head[1] and head[0] < d.clause.end]
        if (
            around
            or not items
            or len(items) > MOST_ITEMS
            or any(d.clause.start < head[2] and d not in items for d in decisions if d.clause.start >= head[1])
        ):
            continue
        again = [_with_head(readers, text, head[:2], decision) for decision in items]
        if all(decision is not None for decision in again):
            told = dict(zip((id(d) for d in items), again, strict=True))
            decisions = [told.get(id(d)) or d for d in decisions]
    return decisions


def _with_head(readers: Readers, text: str, head: tuple[int, int], decision: Decision) -> Decision | None:
    """What an item asks for when the head stands right before it; None where that leaves a doubt."""
    clause = decision.clause
    read = readers.students.reader.read(only(text, [head, (clause.start, clause.end)])).clauses
    if not read or len(read) > 2:
        return None
    again = readers.local.decide(f"{text[head[0] : head[1]]} {text[clause.start : clause.end]}", replace(clause, labels=read[-1].labels))
    return again if again.verdict == "do" and again.task is not None else None


def _parted(readers: Readers, text: str, clause: Clause) -> list[Clause]:
    """A look with the change that the reader took into it, as two: "find suspicious orders ‖ and refund order 1042"."""
    if (told := _after_what_is_spoken_of(readers, text, clause)) is not None:
        return told
    task = readers.tasks.get(clause.labels[0][0]) if clause.labels else None
    at = change_after_look(text[clause.start : clause.end]) if task is not None and task.effect == "read" else None
    if at is None and task is not None and makes_changes(task) and (told := _told_of(readers, text, clause, task)):
        return told
    if at is None and task is not None and task.effect == "read" and (two := _asked_of_found(readers, text, clause)) is not None:
        return two
    if at is None:
        return _recut(readers, text, clause)
    end, cut = clause.start + at[0], clause.start + at[1]
    rest = whole_clauses(text, readers.students.reader.read(only(text, [(cut, clause.end)])).clauses, readers.tasks)
    meant = readers.tasks.get(rest[0].labels[0][0]) if rest and rest[0].labels else None
    if not rest or (meant is not None and not makes_changes(meant)):
        return [clause]
    return [replace(clause, end=end, slots=slots_within(clause.slots, clause.start, end)), *rest]


def _after_what_is_spoken_of(readers: Readers, text: str, clause: Clause) -> list[Clause] | None:
    """What is not to be done and the command after it, as two: "don't cancel 20999, ‖ refund it"."""
    at = command_after(text, clause.start, clause.end)
    rest = _alone(readers, text, (at[1], clause.end)) if at is not None else None
    if at is None or rest is None or rest.task is None or not makes_changes(rest.task):
        return None
    return [replace(clause, end=at[0], slots=slots_within(clause.slots, clause.start, at[0])), rest.clause]


def _told_of(readers: Readers, text: str, clause: Clause, task: Task) -> list[Clause]:
    """A change and the message about it that the reader took into it; none where there is no such message."""
    at = message_after_change(text[clause.start : clause.end]) if task.whole is None else None
    if at is None:
        return []
    end, cut = clause.start + at[0], clause.start + at[1]
    rest = _alone(readers, text, (cut, clause.end))
    if rest is None:
        return []
    told, letter = rest.clause, task_for(readers.tasks, "message", "customer")
    if rest.verdict != "do" and letter is not None and LETS_KNOW.match(text, cut):  # says too little to the reader when it stands alone
        told = replace(told, start=cut, labels=((letter.name, 1.0),))
    elif rest.task is None or rest.task.effect != "draft":
        return []
    return [replace(clause, end=end, slots=slots_within(clause.slots, clause.start, end)), told]


def _asked_of_found(readers: Readers, text: str, clause: Clause) -> list[Clause] | None:
    """A look and a question about what it finds, which another task answers: "new customers this month ‖ and what they bought"."""
    at = question_after_look(text[clause.start : clause.end])
    if at is None:
        return None
    sides = [_alone(readers, text, (clause.start, clause.start + at[0])), _alone(readers, text, (clause.start + at[1], clause.end))]
    meant = [side.task for side in sides if side is not None and side.task is not None and side.verdict == "do"]
    if len(meant) < 2 or meant[0] is meant[1] or not {slot.record for slot in meant[1].slots} & set(readers.outputs[meant[0].name].values()):
        return None
    return [side.clause for side in sides if side is not None]


def _recut(readers: Readers, text: str, clause: Clause) -> list[Clause]:
    """The clause, or its two parts where each of them surely asks for another task by a verb of its own."""
    said = text[clause.start : clause.end]
    if (cut_at := picked_apart(said)) is not None:
        end, start = clause.start + cut_at[0], clause.start + cut_at[1]
        first = replace(clause, end=end, slots=slots_within(clause.slots, clause.start, end))
        return [first, replace(clause, start=start, slots=slots_within(clause.slots, start, clause.end))]
    if (item := ITEM.search(said)) is not None and item.start() > 0:
        sides = [_alone(readers, text, (clause.start, clause.start + item.start())), _alone(readers, text, (clause.start + item.end(), clause.end))]
        return [side.clause for side in sides if side is not None] if None not in sides else [clause]
    if (apart := _under_its_name(readers, text, clause)) is not None:
        return apart
    whole = None
    for cut in readers.verbs.cuts(text, clause.start, clause.end):
        whole = whole or readers.local.decide(said, clause)
        if whole.task is None or whole.task.name in ABOUT or whole.task.whole is not None:
            return [clause]
        if (two := _in_two(readers, text, clause, whole, cut)) is not None:
            return [two[0], *_recut(readers, text, two[1])]
    return _run_on(readers, text, clause)


def _in_two(readers: Readers, text: str, clause: Clause, whole: Decision, cut: Cut) -> tuple[Clause, Clause] | None:
    """Both sides of a cut where each surely asks for something of its own."""
    task, pointing = whole.task, _IT.match(text, cut.start + len(cut.verb) + 1) is not None
    likely = whole.verdict == "do" or whole.confidence >= LIKELY
    one = task is not None and likely and explained(cut, text[clause.start : clause.end], task, readers.own_words)
    if task is None or (one and not makes_changes(task) and not pointing):
        return None
    first, rest = _alone(readers, text, (clause.start, cut.end)), _alone(readers, text, (cut.start, clause.end))
    if first is None or rest is None:
        return None
    rest = (_done_to_what_is_asked(readers, text, first, rest.clause) if pointing else None) or rest
    if rest.verdict != "do" or rest.task is None or first.task is None:
        return None
    if first.task is rest.task is task and first.verdict != "refuse" and _change_each_its_own(text, first, rest):
        return replace(first.clause, labels=((task.name, 1.0),)), rest.clause
    if one and (not pointing or first.task.effect != "read" or rest.task.effect == "read"):
        return None
    apart = first.verdict == "do" and first.task is not rest.task and not {first.task.name, rest.task.name} & ABOUT
    return (first.clause, rest.clause) if apart else None


def _done_to_what_is_asked(readers: Readers, text: str, asked: Decision, clause: Clause) -> Decision | None:
    """What is to be done with the answer to a question, read with the kind of thing that was asked for: "what sold best ‖ add it to Sale"."""
    if asked.verdict != "do" or asked.task is None or asked.task.effect != "read" or leaning(text[asked.clause.start : asked.clause.end]) != "ask":
        return None
    kind = next(iter(readers.outputs[asked.task.name].values()), None)
    told = _IT.sub(f"the {kind}s", text[clause.start : clause.end], count=1)
    read = readers.students.reader.read(told).clauses if kind is not None else ()
    if len(read) != 1:
        return None
    again = readers.local.decide(told, replace(clause, labels=read[0].labels))
    return again if again.verdict == "do" and again.task is not None and again.task.effect != "read" else None


def _change_each_its_own(text: str, first: Decision, rest: Decision) -> bool:
    """Whether each side begins with what is to be done and names its goods: "hide the advent candle ‖ publish the calendar", "tag it ‖ …"."""
    return _changes_its_own(text, first, may_point=True) and _changes_its_own(text, rest, may_point=False)


def _changes_its_own(text: str, side: Decision, *, may_point: bool) -> bool:
    start, end = side.clause.start, side.clause.end
    first = next(iter(words_of(text, start, end)), None)
    named = any(slot.kind == "product" for slot in side.clause.slots) or (may_point and _IT.search(text, start, end) is not None)
    return first is not None and changes(first.text) and named


def _run_on(readers: Readers, text: str, clause: Clause) -> list[Clause]:
    """The clause, or the parts of a run-on: each surely asks for another task where it stands alone."""
    for cut in loose_cuts(text, clause.start, clause.end):
        whole = readers.local.decide(text[clause.start : clause.end], clause)
        if whole.task is None or whole.task.name in ABOUT or whole.task.whole is not None:
            return [clause]
        if only_names(text, clause, cut.end) or (cut.verb == "," and whole.verdict == "do" and whole.confidence >= _SURELY_ONE):
            continue
        sides = [_alone(readers, text, (clause.start, cut.end)), _alone(readers, text, (cut.start, clause.end))]
        meant = [side.task for side in sides if side is not None and side.verdict == "do" and (cut.verb != "," or _is_sure_look(side))]
        if len(meant) == 2 and meant[0] is not meant[1] and not any(task is None or task.name in ABOUT for task in meant):
            first, rest = (side.clause for side in sides if side is not None)
            return [first, *_run_on(readers, text, rest)]
    return [clause]


def _is_sure_look(side: Decision) -> bool:
    """A comma stands in every list; it parts two requests only where both are looks that nothing speaks against."""
    return side.task is not None and side.task.effect == "read" and side.confidence >= _SURE


def _under_its_name(readers: Readers, text: str, clause: Clause) -> list[Clause] | None:
    """A clause that lists several things of what it names first, where its last asks for another task: "board: price 58 ‖ stock 25"."""
    head = named_first(text, clause.start, clause.end)
    if head is None or not any(slot.kind == "product" and slot.start < head for slot in clause.slots):
        return None
    at = text.rfind(",", head, clause.end)
    if at < 0:
        return None
    rest = (at + 1 + len(text[at + 1 : clause.end]) - len(text[at + 1 : clause.end].lstrip()), clause.end)
    read = readers.students.reader.read(only(text, [(clause.start, head), rest])).clauses
    if len(read) != 1:
        return None
    said = f"{text[clause.start : head]} {text[slice(*rest)]}"
    last = readers.local.decide(said, replace(clause, labels=read[0].labels))
    first = readers.local.decide(text[clause.start : at], clause)
    if last.verdict != "do" or last.task is None or last.task is first.task:
        return None
    slots = tuple(slot for slot in read[0].slots if slot.start >= rest[0])
    return [
        replace(clause, end=at, slots=tuple(slot for slot in clause.slots if slot.end <= at)),
        replace(clause, start=rest[0], labels=read[0].labels, slots=slots),
    ]


def _alone(readers: Readers, text: str, span: tuple[int, int]) -> Decision | None:
    """What a stretch asks for when it is all there is; None where the reader sees several things in it, or it only narrows what stands beside."""
    said = text[slice(*span)]
    if only_restricts(said) or tells_on(text, *span) or says_among_which(said.rstrip(" ,:") + ","):
        return None
    alone = only(text, [span])
    clauses = whole_clauses(alone, readers.students.reader.read(alone).clauses, readers.tasks)
    if len(clauses) != 1:
        return None
    clause = replace(clauses[0], start=max(span[0], min(clauses[0].start, span[0])), end=span[1])
    if only_when(text, clause):
        return None
    return readers.local.decide(text[clause.start : clause.end], clause)


def decided_within(readers: Readers, text: str, span: tuple[int, int], whole: Sequence[Clause]) -> list[Decision]:
    """A stretch read without the condition; where that says too little ("drop it to 9"), as it was read with it."""
    alone = only(text, [span])
    decisions = []
    for decision in decided(readers, alone, whole_clauses(alone, readers.students.reader.read(alone).clauses, readers.tasks)):
        clause = decision.clause
        around = next((c for c in whole if c.start < clause.end and clause.start < c.end), None)
        if decision.verdict != "do" and around is not None:
            again = readers.local.decide(text[clause.start : clause.end], replace(clause, labels=around.labels))
            decision = again if again.verdict == "do" else decision
        decisions.append(decision if decision.verdict == "do" else _with_its_name(readers, text, decision, whole))
    return decisions


def _with_its_name(readers: Readers, text: str, decision: Decision, whole: Sequence[Clause]) -> Decision:
    """ "Put it at 30 euros" says little alone; with what "it" is, in the words before, it may say all."""
    clause = decision.clause
    named = [slot for one in whole for slot in one.slots if slot.kind == "product" and slot.end <= clause.start]
    if not named:
        return decision
    name, alone = text[named[-1].start : named[-1].end], text[clause.start : clause.end]
    told = _IT.sub(name, alone, count=1) if _IT.search(alone) else f"{alone.rstrip(' .!')} {name}"  # "take 30% off"
    read = readers.students.reader.read(told).clauses
    again = readers.local.decide(told, replace(clause, labels=read[0].labels)) if len(read) == 1 else decision
    return again if again.verdict == "do" else decision

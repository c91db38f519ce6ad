"""A clause bound to a task, as one part or several, and these put into the draft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planning.binding.bind import bind
from agent.planning.binding.choices import chosen
from agent.planning.binding.scope import GOODS, Bound, Piece, put
from agent.planning.binding.texts_beside import texts_beside, without_the_other
from agent.planning.clauses.parting import halves, pairs, with_its_tag
from agent.planning.clauses.pieces import piece_of
from agent.planning.draft import Draft
from agent.planning.elide import carry_over, goes_on_asking, joins, same_time, share_back, share_subject, share_time_back, step_back, worth_of_that
from agent.planning.ladder.readers import Readers, makes_changes, slots_within, span_of
from agent.planning.ladder.said_once import share_what_is_said_once
from agent.planning.language.fragments import THEM
from agent.planning.language.restricting import only_restricts
from agent.records.reading import Clause
from agent.sdk import Task

_NUMBER_FIRST = re.compile(r"\W*(?:and\W+)?[€$£]?\d")


async def bound_to(readers: Readers, draft: Draft, text: str, clause: Clause, task: Task) -> list[Bound]:
    """The task bound to the clause, or to each part of one that pairs several amounts with several goods."""
    piece = piece_of(text, clause.start, clause.end, clause.slots, draft.scope, task)
    if texts := texts_beside(piece.said, task, readers.tasks):
        return await _both_texts(draft, piece, texts)
    counting = any("counts" in slot.types for slot in task.slots)  # "2 mugs and 1 candle" are lines of one order
    places = pairs(piece, draft.scope) if makes_changes(task) and not counting else [span_of(clause)]
    if task.does == "make" and any(_NUMBER_FIRST.match(text, *place) for place in places[1:]):
        places = [span_of(clause)]  # "price 14.50, 20 in stock" is of one thing
    if any(only_restricts(text[slice(*place)]) for place in places[1:]):
        places = [span_of(clause)]  # "10% off the mugs, ‖ but only those over 20 euros" is one discount
    parts: list[Bound] = []
    for start, end in places:
        slots = with_its_tag(piece, slots_within(piece.slots, start, end), (start, end))
        part = piece if len(places) == 1 else piece_of(text, start, end, slots, draft.scope, task)
        bound = await bind(task, part, draft.scope)
        _take_from_head(bound)
        carry_over(bound, parts[-1] if parts else draft.before(task), always=bool(parts))
        _take_from_beside(bound, parts[-1] if parts else None)
        parts.append(bound)
    if len(parts) == 1 and parts[0].left and makes_changes(task) and (two := await _in_two(draft, piece, task)):
        parts = two
    share_back(parts)
    if len(parts) == 1 and not parts[0].finds:
        parts += [replace(parts[0], args={**parts[0].args, name: value}, also=[]) for name, value in parts[0].also]
    return parts


_THEM = re.compile(rf"\b(?:it|{THEM})\b", re.I)


def _take_from_beside(bound: Bound, before: Bound | None) -> None:
    """ "Raise the candles by 5 ‖ and on Sunday lower them by 2": the goods of the half before."""
    if before is None or _THEM.search(bound.piece.said) is None:
        return
    for slot in bound.task.slots:
        link = before.links.get(slot.name)
        if link is not None and link.record in GOODS and slot.name not in bound.args and not bound.piece.marked("product"):
            bound.asked = [asked for asked in bound.asked if asked.field != slot.name]
            put(bound, slot, link)


_HEAD = re.compile(r"(?:^|(?<=[\n.!?;]))\s*(?P<head>[^:;.!?\n]{3,60}):\s")


def _take_from_head(bound: Bound) -> None:
    """ "We got a delivery: 30 blankets, 20 slippers": what is done with each of a list stands over it."""
    head = next((m for m in reversed(list(_HEAD.finditer(bound.piece.text, 0, bound.piece.start)))), None)
    if head is None or re.search(r"[\n.!?;](?=\s)", bound.piece.text[head.end() : bound.piece.start]):
        return
    for asked in list(bound.asked):
        slot = bound.task.slot(asked.field) if any(s.name == asked.field for s in bound.task.slots) else None
        found = {c.choice for c in chosen(slot, head["head"], (), (), hidden=())} if slot is not None and "choice" in slot.types else set()
        if slot is not None and len(found) == 1:
            bound.args[slot.name] = found.pop()
            bound.asked.remove(asked)


async def _both_texts(draft: Draft, piece: Piece, two: tuple[Task, Task]) -> list[Bound]:
    """Both of the whole clause, whose goods and topic they share."""
    parts = []
    for task in two:
        part = piece_of(piece.text, piece.start, piece.end, slots_within(piece.slots, piece.start, piece.end), draft.scope, task)
        bound = await bind(task, part, draft.scope)
        without_the_other(bound, two)
        carry_over(bound, draft.before(task))
        parts.append(bound)
    return parts


async def _in_two(draft: Draft, piece: Piece, task: Task) -> list[Bound]:
    """The clause as two changes of one kind where only so each of its values has a place: "20994 went out with DHL 003…, 20993 with UPS 1Z…"."""
    for end, start in halves(piece):
        first, second = [
            await bind(task, piece_of(piece.text, *span, slots_within(piece.slots, *span), draft.scope, task), draft.scope, finders=False)
            for span in ((piece.start, end), (start, piece.end))
        ]
        if first.left or first.finds or second.finds or not _of_two_things(first, second):
            continue
        carry_over(second, first, always=True)
        if not (second.left or first.asked or second.asked):
            return [first, second]
        if second.left and (more := await _in_two(draft, second.piece, task)):
            return [first, *more]
    return []


def _of_two_things(first: Bound, second: Bound) -> bool:
    """Whether two halves of a clause each name a record of their own."""
    named = [{id for name, link in bound.links.items() if name not in bound.refers for id in link.products} for bound in (first, second)]
    if all(named):
        return named[0].isdisjoint(named[1])
    codes = [bound.args.get("code") for bound in (first, second)]
    return None not in codes and codes[0] != codes[1] and not any(named)


def add_parts(draft: Draft, parts: Sequence[Bound], confidence: float) -> None:
    for bound in parts:
        span = (bound.piece.start, bound.piece.end)
        same_time(bound, draft)
        share_what_is_said_once(bound, draft, span)
        if draft.steps and draft.steps[-1].bound.task is bound.task and bound.task.effect == "read":
            share_time_back([draft.steps[-1].bound, bound])
            worth_of_that(bound, draft.steps[-1].bound)
            step_back(bound, draft.steps[-1].bound)
            if goes_on_asking(bound, draft.steps[-1].bound, draft.scope):
                carry_over(bound, draft.steps[-1].bound, always=True)
        if draft.steps:
            share_subject(bound, draft.steps[-1].bound, draft.text[draft.steps[-1].span[1] : span[0]])
        taken_in = draft.continued(bound, span) or draft.of_what_is_made(bound, span) or draft.filled(bound, span)
        if not taken_in and not joins(bound, draft, span):
            draft.add(bound, span=span, by="student", confidence=confidence)

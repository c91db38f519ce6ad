"""One clause as what it asks for: by itself, as more of what the part before asks, or as a frontier model tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.bind import bind
from agent.planning.binding.merge import takes_every_word
from agent.planning.binding.scope import Bound, Piece
from agent.planning.binding.taken_over import kind_of
from agent.planning.clauses.agreeing import agreeing
from agent.planning.clauses.existing import of_those_who_bear_it, of_what_there_is
from agent.planning.clauses.following import (
    asks_whether,
    following,
    of_a_count,
    of_the_outcome,
    of_the_same_list,
    of_what_is_looked_for,
    of_what_is_written,
    of_what_was_done,
    to_somebody,
)
from agent.planning.clauses.frontier import Told
from agent.planning.clauses.local import FORBIDS, Decision
from agent.planning.clauses.parting import pairs
from agent.planning.clauses.pieces import piece_of
from agent.planning.draft import IGNORE, LEFT, TASK, Draft, Step
from agent.planning.elide import SAME, carry_over, done_to_the_same, is_elided, joins, only_adds, says_another_way, share_back
from agent.planning.ladder.as_it_is import told_by_what_it_is
from agent.planning.ladder.doubt import (
    asked_not_written,
    asked_what_for,
    conceivable,
    covered_by_words,
    done_to_what_is_named,
    looked_up_elsewhere,
    only_one_fits,
    refuse_or_ask,
)
from agent.planning.ladder.not_asked_for import from_its_verb, spoken_of, told_as_spoken_of, without_changes
from agent.planning.ladder.parts import add_parts, bound_to
from agent.planning.ladder.readers import Readers, makes_changes, slots_within, span_of
from agent.planning.linking.lexicon import leaning
from agent.sdk import Task


async def plan_clause(readers: Readers, draft: Draft, text: str, decision: Decision) -> None:
    """Put into the draft what a clause asks for, a question about it, or why it is not done."""
    clause = decision.clause
    if (spoken := spoken_of(draft, text, decision)) is not None and spoken.frame != "asked_for":
        piece = piece_of(text, clause.start, clause.end, clause.slots, draft.scope, decision.task)
        if FORBIDS.match(piece.said) and (await _goes_on(draft, piece, decision) or await _is_of_others(draft, piece)):
            return
        if _holds_back(draft, piece, decision) or await told_as_spoken_of(readers, draft, piece, decision, spoken):
            return
        decision = without_changes(decision)
    elif spoken is not None and decision.task is not None and makes_changes(decision.task):
        decision = from_its_verb(decision, spoken)
        clause = decision.clause
    before = draft.steps[-1].bound.task if draft.steps else None
    said_before = draft.steps[-1].bound.piece.said if draft.steps else ""
    decision = of_the_same_list(decision, before, said_before, text[clause.start : clause.end], act=readers.least.act)
    meant = following(decision, before, text[clause.start : clause.end], readers.tasks, act=readers.least.act)
    if meant.task is before is not decision.task and meant.task is not None and meant.task.does == "make":
        if _adds_to_what_is_made(draft, await bound_to(readers, draft, text, clause, meant.task)):
            return
    else:
        decision = meant
    piece = piece_of(text, clause.start, clause.end, clause.slots, draft.scope, decision.task)
    decision = asked_not_written(decision, piece.said)
    if (reason := said.impossible(piece.said, conceivable(readers, decision))) is not None:
        draft.refuse(span_of(clause), "not_supported", reason)
        return
    if await _elided(readers, draft, piece, decision) or _told_with_what_is_made(draft, piece):
        return
    decision = await of_what_there_is(decision, piece, draft.scope, readers.tasks, act=readers.least.act, before=before)
    decision = of_the_outcome(decision, piece.said, before, readers.tasks, look=readers.least.look)
    decision = of_a_count(decision, before, piece.said, readers.tasks)
    decision = of_what_is_written(decision, piece.said, readers.tasks)
    decision = of_what_was_done(decision, before, piece.said, readers.tasks)
    decision = to_somebody(decision, piece.said, readers.tasks)
    decision = of_what_is_looked_for(decision, piece.said, readers.tasks, look=readers.least.look)
    decision = await of_those_who_bear_it(decision, piece, draft.scope, readers.tasks, act=readers.least.act)
    decision = agreeing(decision, piece.said, draft.scope, readers.tasks, act=readers.least.act)
    piece = piece_of(text, clause.start, clause.end, clause.slots, draft.scope, decision.task)
    if asks_whether(decision, piece.said):
        await refuse_or_ask(readers, draft, piece, replace(decision, verdict="doubt"))
    elif decision.verdict == "do" and decision.task is not None:
        await _do(readers, draft, piece, decision, decision.task)
    elif not (await _goes_on(draft, piece, decision) or await _is_of_others(draft, piece) or _holds_back(draft, piece, decision)):
        await _plan_doubted(readers, draft, piece, decision)


async def _plan_doubted(readers: Readers, draft: Draft, piece: Piece, decision: Decision) -> None:
    """A clause of which the students are not sure: the task that alone fits, else what a frontier model tells, else a question or a refusal."""
    if decision.verdict == "doubt" and await only_one_fits(readers, draft, piece.text, decision):
        return
    if decision.verdict == "doubt" and await told_by_what_it_is(readers, draft, piece.text, decision):
        return
    if decision.verdict == "doubt" and await done_to_what_is_named(readers, draft, piece.text, decision):
        return
    if decision.code == "not_supported" and await covered_by_words(readers, draft, piece.text, decision):
        return
    if decision.verdict == "doubt" or decision.code != "out_of_scope":
        near = [task for task, _ in decision.near] or list(readers.tasks.values())
        if told := await readers.frontier.read(piece.text, piece.start, piece.end, near):
            await plan_told(readers, draft, piece.text, told)
            return
    await refuse_or_ask(readers, draft, piece, decision)


async def _do(readers: Readers, draft: Draft, piece: Piece, decision: Decision, task: Task) -> None:
    parts = await bound_to(readers, draft, piece.text, decision.clause, task)
    for bound in parts:
        await _spare_others(draft, bound)
    if _adds_to_what_is_made(draft, await _as_made(readers, draft, piece.text, decision, parts)):
        return
    if len(parts) == 1 and asked_what_for(draft, parts[0], decision):
        return
    # a value that has no place in this change may have one in the change that was really meant
    wanting = task.effect != "read" and any(bound.wants_a_field for bound in parts)
    if wanting and await only_one_fits(readers, draft, piece.text, _of_the_same_if_written(decision, task), least=0.01):
        return
    if await looked_up_elsewhere(readers, draft, piece.text, decision, parts):
        return
    # "label them" after customers were found is no edit of products
    about = kind_of(task)
    others = replace(decision, near=tuple((t, share) for t, share in decision.near if t is task or not about or kind_of(t) != about))
    if any(bound.unmentioned for bound in parts) and draft.steps and await only_one_fits(readers, draft, piece.text, others):
        return
    if any(_of_what_was_refused(draft, bound) for bound in parts):
        draft.refuse(span_of(decision.clause), "unclear", said.refused("unclear", []))
        return
    add_parts(draft, parts, decision.confidence)


def _of_the_same_if_written(decision: Decision, task: Task) -> Decision:
    """What else a text that is asked for may be: a text is put into a product as well as written for it, and no letter is a discount."""
    if task.effect != "draft":
        return decision
    return replace(decision, near=tuple((t, share) for t, share in decision.near if not makes_changes(t) or kind_of(t) == kind_of(task)))


_EXCEPT = re.compile(r"\W*except\s+", re.I)


async def _spare_others(draft: Draft, bound: Bound) -> None:
    """ "Hide the mugs except the bowls": what is spared would not have been changed anyway, so nothing is left open by it."""
    left = bound.left[0] if len(bound.left) == 1 else None
    said = _EXCEPT.match(bound.piece.text, left.start, left.end) if left is not None and makes_changes(bound.task) else None
    if left is None or said is None:
        return
    slots = slots_within(bound.piece.slots, said.end(), left.end)
    own = await bind(bound.task, piece_of(bound.piece.text, said.end(), left.end, slots, draft.scope, bound.task), draft.scope, finders=False)
    changed = {id for link in bound.links.values() for id in link.products}
    spared = {id for name, link in own.links.items() if name not in own.refers for id in link.products}
    if changed and spared and changed.isdisjoint(spared) and not own.left:
        bound.left = []


_THEY = re.compile(r"\b(?:they|them|those|these|he|she|him|her)\b", re.I)


def _of_what_was_refused(draft: Draft, bound: Bound) -> bool:
    """ "How many visitors came, and what did they buy": they stand in the part that cannot be done, and an answer on all would be none."""
    start = bound.piece.start
    before = max((part.span[1] for part in draft.not_done if part.span[1] <= start), default=None)
    if before is None or bound.task.effect != "read" or any(step.span[1] > before for step in draft.steps) or draft.scope.page:
        return False
    people = bound.task.selecting("customer")
    asked = any(one.field != people.name for one in bound.asked) if people is not None else bool(bound.asked)
    own = any(slot.record and slot.name in bound.args for slot in bound.task.slots) or bound.refers or asked
    return not own and _THEY.search(bound.piece.said) is not None


async def _as_made(readers: Readers, draft: Draft, text: str, decision: Decision, parts: Sequence[Bound]) -> list[Bound]:
    """A change of what the part before is only to make, as another line of its making: "create … at 45, stock 20"."""
    before = draft.steps[-1].bound.task if draft.steps else None
    made = before is not None and before.does == "make" and before.effect == "write"
    if before is None or not made or decision.task is before or decision.task is None or decision.task.effect != "write":
        return []
    kinds = {slot.record for slot in decision.task.slots if slot.record}
    thing, other = before.about, (decision.task.does, decision.task.about)
    of_orders = other in (("change", "order"), ("make", "discount"))
    if thing == "draft_order" and of_orders and not any(s.kind == "order" for s in decision.clause.slots):
        return await bound_to(readers, draft, text, decision.clause, before)  # a note or something off is of what is being drafted
    if not (thing in kinds or (thing == "product" and "variant" in kinds)) or not all(bound.unmentioned for bound in parts):
        return []
    return await bound_to(readers, draft, text, decision.clause, before)


def _adds_to_what_is_made(draft: Draft, parts: Sequence[Bound]) -> bool:
    return len(parts) == 1 and draft.continued(parts[0], (parts[0].piece.start, parts[0].piece.end), of_what_is_made=True)


_HOW_MANY_IN_IT = re.compile(
    r"\W*(?:(?:and|then|also|tell\s+me|show\s+me)\W+)*(?:how\s+(?:many|big|large)|the\s+(?:number|count|size))\b(?:\s+(?:people|customers|of\s+them))?"
    r"(?:\s+(?:are|is|it|that|there|they|in|it|the|segment|group|those|now)\b)*\W*",
    re.I,
)


_HOW_MANY_THAT_IS = re.compile(
    r"\W*(?:(?:and|then|also|tell\s+me|show\s+me|let\s+me\s+know)\W+)*(?:how\s+many)\s+(?:(?:products?|items|orders?|customers?|people)\s+)?"
    r"(?:(?:that|those|these|they|it)\s+(?:is|are|was|were|will\s+be|makes?|concerns?)|(?:were|are|got|will\s+be)\s+(?:changed|affected|touched))\W*",
    re.I,
)


def _told_with_what_is_made(draft: Draft, piece: Piece) -> bool:
    """ "A segment of …, how many are in it?": who approves it is told; so of "hide what is out of stock, how many is that"."""
    before = draft.steps[-1] if draft.steps else None
    if before is None:
        return False
    group = (before.bound.task.does, before.bound.task.about) == ("make", "segment")
    counted = _HOW_MANY_IN_IT.fullmatch(piece.said) if group else _HOW_MANY_THAT_IS.fullmatch(piece.said) if before.changes else None
    if counted is None:
        return False
    before.span = (before.span[0], piece.end)
    return True


async def _elided(readers: Readers, draft: Draft, piece: Piece, decision: Decision) -> bool:
    """ "The red one too", "same for hoodies": the verb before, with its values, on other records."""
    if not draft.steps:
        return False
    before = draft.steps[-1]
    task = before.bound.task
    if only_adds(piece, task):
        bound = await bind(task, piece, draft.scope)
        if draft.continued(bound, span_of(decision.clause)):
            return True
    if not is_elided(piece, draft.scope):
        return False
    sure = decision.verdict == "do" and decision.task is not task and decision.confidence >= max(readers.least.act, readers.least.look)
    if sure and not SAME.match(piece.said):
        return False
    if SAME.match(piece.said) and len(done := done_to_the_same(draft.steps)) > 1:
        await _the_same_again(draft, piece, done)
        return True
    for span in pairs(piece, draft.scope) if makes_changes(task) else [span_of(decision.clause)]:
        bound = await bind(task, piece_of(piece.text, *span, slots_within(piece.slots, *span), draft.scope, task), draft.scope)
        carry_over(bound, before.bound, always=True)
        if (asked := next((a for a in before.bound.asked if a.field == TASK), None)) is not None:  # what is not sure of the one is not of the other
            near = [readers.tasks[name] for name, _ in asked.options if name in readers.tasks]
            draft.ask_which(bound, span=span, by=before.by, confidence=before.confidence, near=near)
            continue
        share_back([before.bound, bound])
        if not joins(bound, draft, span) and not draft.filled(bound, span):
            draft.add(bound, span=span, by=before.by, confidence=min(before.confidence, max(decision.confidence, readers.least.act)))
    return True


async def _the_same_again(draft: Draft, piece: Piece, done: Sequence[Step]) -> None:
    """ "Tag the candles as cosy and put them in Winter Warmers, and the same for the blankets": all that was done to the ones."""
    for step in done:
        task = step.bound.task
        bound = await bind(task, piece_of(piece.text, piece.start, piece.end, piece.slots, draft.scope, task), draft.scope)
        carry_over(bound, step.bound, always=True)
        draft.add(bound, span=(piece.start, piece.end), by=step.by, confidence=step.confidence)


_ADDS_ON = re.compile(r"[\s,]*(?:\b(?:and|but|also|then|plus)\b[\s,]*)*", re.I)
"""What may stand between a clause and one that only goes on with it."""


async def _goes_on(draft: Draft, piece: Piece, decision: Decision) -> bool:
    """A clause that asks for nothing sure alone, as more of what the part before asks: "it's a duplicate", "and worst"."""
    before = draft.steps[-1] if draft.steps else None
    if before is None or before.bound.task.whole is not None or leaning(piece.said) == "ask":
        return False
    if not _ADDS_ON.fullmatch(piece.text, before.span[1], piece.start):
        return False
    task = before.bound.task
    own = await bind(task, piece_of(piece.text, piece.start, piece.end, piece.slots, draft.scope, task), draft.scope, finders=False)
    if task.effect != "read" and _tells_why(draft, own, decision):
        return True
    if task.effect != "read":
        told = not own.left and not own.finds and bool(own.args) and takes_every_word(own, draft.scope)
        return told and draft.continued(own, span_of(decision.clause))
    if not says_another_way(own, before.bound, draft.scope):
        return False
    carry_over(own, before.bound, always=True)
    draft.add(own, span=span_of(decision.clause), by=before.by, confidence=before.confidence)
    return True


_TELLS = re.compile(
    r"\W*(?:(?:the|our|my|this|a)\s+)?(?:customers?|buyers?|clients?|recipient|she|he|they|it|we|parcel|order|address)\b(?:\s+\w+){0,3}?\s+"
    r"(?:\w{3,}ed|was|were|has|had|have|wants?|bought|got|made|is|are|gave|took|went|came|said|sent|broke|never)\b",
    re.I,
)


def _tells_why(draft: Draft, own: Bound, decision: Decision) -> bool:
    """ "Cancel 20994, ‖ customer ordered twice ‖, and don't restock": what asks for nothing is why it is done, where the task has a place for it."""
    before = draft.steps[-1]
    why = next((slot.name for slot in own.task.slots if "because" in slot.cues and slot.types == ("text",)), None)
    said = own.piece.said.strip(" ,.;")
    named = set(own.args) - set(own.refers)
    if decision.task is not own.task or why is None or why in before.bound.args or named or _TELLS.match(said) is None:
        return False
    before.bound.args[why] = said
    before.span = (before.span[0], own.piece.end)
    return True


_NEXT_SENTENCE = re.compile(r"[.!?\n]")


def _holds_back(draft: Draft, piece: Piece, decision: Decision) -> bool:
    """ "Refund it ‖ but don't charge the fee": what is not to be done with a change that cannot know of it holds the change back, to be asked."""
    before = draft.steps[-1] if draft.steps else None
    if before is None or decision.verdict != "refuse" or before.bound.task.effect not in ("write", "action") or not FORBIDS.match(piece.said):
        return False
    if _NEXT_SENTENCE.search(piece.text, before.span[1], piece.start) or before.bound.asked:
        return False
    before.bound.ask(LEFT, said.not_narrowed(" ".join(piece.said.split())), [(IGNORE, "Do it without that")])
    return True


async def _is_of_others(draft: Draft, piece: Piece) -> bool:
    """ "Cut the mugs by 10% ‖ and don't touch the bowls": none of what is to stay as it is would have been changed anyway."""
    before = draft.steps[-1] if draft.steps else None
    if before is None or not makes_changes(before.bound.task) or not FORBIDS.match(piece.said):
        return False
    own = await bind(before.bound.task, piece, draft.scope, finders=False)
    changed = {id for link in before.bound.links.values() for id in link.products}
    spared = {id for link in own.links.values() for id in link.products}
    if own.left or not changed or not spared or not changed.isdisjoint(spared):
        return False
    draft.background.append((piece.start, piece.end))
    return True


async def plan_told(readers: Readers, draft: Draft, text: str, told: Sequence[Told]) -> None:
    for part in told:
        if part.task is None:
            code = part.refusal or "unclear"
            draft.refuse((part.start, part.end), code, said.refused(code, []))
            continue
        task = readers.tasks[part.task]
        piece = piece_of(text, part.start, part.end, part.slots, draft.scope, task)
        bound = await bind(task, piece, draft.scope)
        draft.add(bound, span=(part.start, part.end), by="frontier", confidence=1.0)


async def plan_other_language(readers: Readers, draft: Draft, text: str) -> None:
    told = await readers.frontier.read(text, 0, len(text), list(readers.tasks.values()))
    if not told:
        draft.refuse((0, len(text)), "needs_provider", said.other_language())
    await plan_told(readers, draft, text, told)

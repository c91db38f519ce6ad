"""A clause that the students doubt: the only task that fits it, the one whose words cover it, else a question or a refusal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.planning import said
from agent.planning.binding.bind import bind
from agent.planning.binding.scope import GOODS, Bound, Piece
from agent.planning.binding.taken_over import kind_of
from agent.planning.clauses.local import FORBIDS, MENTION, Decision
from agent.planning.draft import Draft
from agent.planning.ladder.parts import add_parts, bound_to
from agent.planning.ladder.readers import Readers, makes_changes, span_of
from agent.planning.language.values import Number, Range, Share
from agent.planning.linking.lexicon import COMMON, leaning, spoken_against
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import Clause
from agent.sdk import Task

SURE_ENOUGH = 0.8
"""Least probability to plan a write whose every part was said; it still waits for approval."""
BACKED = 0.6
"""Least probability to plan a write that its own words speak for, against a refusal; below, it is asked about."""
NAMED = 0.35
"""Least probability to plan a change that its own words speak for, of records that are named one by one, against a refusal."""
CONCEIVABLE = 0.02
"""Least probability of a change to be asked about for its words alone, against a refusal."""
LIKELY = 0.5
"""Least probability of a task in doubt for its own questions to be asked instead of what was meant."""
RIVAL = 0.2
"""Least probability of a second task that fits as well for the merchant to be asked."""
CLOSE = 0.05
"""Least probability of a task for what it says that it cannot do to be told of a clause."""
LIKE = 0.45
"""Least cosine for a task to be offered instead of what cannot be done."""
_TO_SOMEBODY = re.compile(r"\W*(?:(?:and|then|also|please)\s+)*[a-z]+\s+(?:her|him)\b(?!\s+(?:\w+\s+){0,2}orders?\b)", re.I)


async def only_one_fits(readers: Readers, draft: Draft, text: str, decision: Decision, *, least: float = MENTION) -> bool:
    """Binding as a second witness: a task in doubt is taken when all it needs was said, and the others in question cannot
    be meant since what they need was not ("add the tag sale to them" of products is no tagging of customers).
    """
    one = await _the_one_that_fits(readers, draft, text, decision, least=least)
    if one is None or one.parts[0].task.whole is not None:
        return False  # what takes any words has no more to be said of it, and so proves nothing
    backed = all(
        _is_backed(readers, bound) or (one.said >= LIKELY and not one.rivalled and _is_all_understood(readers, bound)) for bound in one.parts
    )
    if one.parts[0].task.effect == "action" and not backed and one.said < readers.least.act:
        return False  # "delete all tags from Anna" leaves nothing else that fits, and is no reason to erase her
    enough = SURE_ENOUGH if makes_changes(one.parts[0].task) else readers.least.look
    if one.confidence < (min(BACKED, enough) if backed else enough):
        return False
    add_parts(draft, one.parts, one.confidence)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fitting:
    parts: list[Bound]
    said: float
    """The students' own probability of it."""
    confidence: float
    """Among the tasks that are not ruled out."""
    rivalled: bool
    """Whether another, though less likely, takes every word as well."""


async def _the_one_that_fits(readers: Readers, draft: Draft, text: str, decision: Decision, *, least: float) -> _Fitting | None:
    """The task of those in question of which all was said that it needs; None where there is none, or a second one."""
    clause, ruled_out = decision.clause, 0.0
    chosen: tuple[list[Bound], float] | None = None
    rivalled = False
    for task, share in decision.near:
        if share < least or _is_of_another_effect(task, share, decision):
            continue
        if kind_of(task) == "order" and _TO_SOMEBODY.match(text, clause.start):
            ruled_out += share  # "tag her as priority" tags nobody's order
            continue
        if task.effect == "read" and _is_no_look(text, decision):
            ruled_out += share  # "ship the orders from yesterday" looks for none
            continue
        if makes_changes(task) and spoken_against(text[clause.start : clause.end], task, (t for t, _ in decision.near)):
            continue
        parts = await bound_to(readers, draft, text, clause, task)
        if task is decision.task and share >= LIKELY and all(_only_how_is_missing(bound) for bound in parts):
            return None  # a count that may be new or added is no price for all that
        if any(bound.asked or bound.wants_a_field or not bound.args or (bound.guessed and task is not decision.task) for bound in parts):
            ruled_out += share
        elif chosen is None:
            chosen = (parts, share)
        elif share >= RIVAL:
            return None
        else:
            rivalled = rivalled or all(_is_all_understood(readers, bound) for bound in parts)
    return _Fitting(parts=chosen[0], said=chosen[1], confidence=chosen[1] / (1 - ruled_out), rivalled=rivalled) if chosen is not None else None


def _is_of_another_effect(task: Task, share: float, decision: Decision) -> bool:
    """Whether it would do something else with the same things than the clause, surely enough, asks: "hide the rude ones" answers none."""
    meant = decision.task
    if meant is None or task is meant or share >= RIVAL or decision.confidence < LIKELY:
        return False
    return kind_of(task) != "" and kind_of(task) == kind_of(meant) and task.effect != meant.effect


_LOOKS_TOO = frozenset({"make", "run", "put", "get", "pull"})
""" "Make a list of …": verbs of a change that a look may begin with as well."""


def _is_no_look(text: str, decision: Decision) -> bool:
    """Whether a clause begins with the verb of a change, and some change is thought of: "hide all products that have no image"."""
    clause = decision.clause
    said = text[clause.start : clause.end]
    first = next((word.text.lower() for word in words_of(said)), "")
    likely = any(makes_changes(task) and share >= NAMED for task, share in decision.near)
    return likely and first not in _LOOKS_TOO and leaning(said) == "change"


def _only_how_is_missing(bound: Bound) -> bool:
    """Whether a change has all it needs but for a choice of how it is meant."""
    choices = {slot.name for slot in bound.task.slots if "choice" in slot.types}
    return (
        makes_changes(bound.task)
        and bool(bound.asked)
        and bool(bound.links)
        and not bound.left
        and all(asked.field in choices for asked in bound.asked)
    )


async def covered_by_words(readers: Readers, draft: Draft, text: str, decision: Decision) -> bool:
    """A refusal that a task's own words speak against: "repeat customers" is all in what find_customers says of itself.

    A look is taken at once, a change is asked about.
    """
    clause = decision.clause
    way = leaning(text[clause.start : clause.end])
    for task, share in decision.near:
        if (way == "change" and task.effect == "read") or (way == "ask" and makes_changes(task)) or (makes_changes(task) and share < CONCEIVABLE):
            continue
        parts = await bound_to(readers, draft, text, clause, task)
        if not all(_is_backed(readers, bound, by_example=makes_changes(task)) for bound in parts):
            if share >= NAMED and all(_only_lacks_its_record(readers, bound) for bound in parts):
                add_parts(draft, parts, share)
                return True
            continue
        named = share >= NAMED and all(bound.links and not bound.finds for bound in parts)
        if task.effect in ("read", "draft") or share >= BACKED or named:
            add_parts(draft, parts, max(share, readers.least.look))
        else:
            others = replace(decision, near=tuple((other, part) for other, part in decision.near if makes_changes(other)))
            if len(options := _beside(task, others)) == 1 and task.whole is None:  # its words say it all, and nothing else could be chosen
                add_parts(draft, parts, share)
            else:
                draft.ask_which(parts[0], span=span_of(clause), by="student", confidence=share, near=options)
        return True
    return False


async def done_to_what_is_named(readers: Readers, draft: Draft, text: str, decision: Decision) -> bool:
    """ "Ship 20998 via UPS": a change in doubt beside which nothing is thought of, whose own words say it all of records that are named."""
    task, share = decision.near[0] if decision.near else (None, 0.0)
    if task is None or not makes_changes(task) or share < NAMED or sum(other >= MENTION for _, other in decision.near) > 1:
        return False
    parts = await bound_to(readers, draft, text, decision.clause, task)
    if not all(bound.links and not bound.finds and _is_backed(readers, bound, by_example=True) for bound in parts):
        return False
    add_parts(draft, parts, share)
    return True


def _only_lacks_its_record(readers: Readers, bound: Bound) -> bool:
    """ "Ship it with DHL" where nothing was spoken of: all is clear but which order, and that is to be asked, and nothing to be refused."""
    records = {slot.name for slot in bound.task.slots if slot.record in ("order", "customer")}
    if not makes_changes(bound.task) or not bound.args or not bound.asked or any(asked.field not in records for asked in bound.asked):
        return False
    return _is_backed(readers, replace(bound, asked=[]), by_example=True)


def _is_backed(readers: Readers, bound: Bound, *, by_example: bool = False) -> bool:
    """Whether the task's own words cover the clause, one of them saying what to do, and nothing is missing.

    Args:
        by_example: One of its examples may begin with what the clause begins with, instead.
    """
    if bound.asked or bound.left or bound.guessed:
        return False
    piece, filled = bound.piece, [bound.task.slot(name) for name in bound.args]
    first = next((word.text.lower() for word in words_of(piece.text, piece.start, piece.end)), "")
    led = any(first == cue or cue.startswith(f"{first} ") for slot in filled if not slot.record for cue in slot.cues)
    led = led or (by_example and any(example.lower().startswith(f"{first} ") for example in bound.task.examples))
    names = [piece.of(spot) for spot in (*piece.slots, *piece.values.items, *bound.taken)]
    known = [word for name in names for word in re.findall(r"\w+", name)]
    return bool(bound.phrased or led) and readers.lexicon.covers(bound.task, piece.said, known=known)


async def refuse_or_ask(readers: Readers, draft: Draft, piece: Piece, decision: Decision) -> None:
    changing = decision.verdict == "doubt" and _is_no_look(piece.text, decision)
    near = [task for task, share in decision.near if share >= MENTION and not (changing and task.effect == "read")]
    if decision.code == "unclear" and await _asked_for_the_rest(readers, draft, piece, decision):
        return
    if decision.verdict == "refuse":
        near = near or await asyncio.to_thread(_alike, readers, piece.said, decision.clause)
        draft.refuse(span_of(decision.clause), decision.code or "unclear", said.refused(decision.code or "unclear", near))
    elif not near:
        draft.refuse(span_of(decision.clause), "unclear", said.refused("unclear", [task for task, _ in decision.near][:1]))
    else:
        bound = await bind(near[0], piece, draft.scope)
        if bound.asked and decision.confidence >= LIKELY and not bound.left:
            # It waits for an answer anyway, and "a price is more than nothing" says more than "what would you like done?".
            draft.add(bound, span=span_of(decision.clause), by="student", confidence=decision.confidence)
        elif len(near) > 1:
            draft.ask_which(bound, span=span_of(decision.clause), by="student", confidence=decision.confidence, near=near)
        elif decision.confidence >= NAMED and _is_all_understood(readers, bound):
            add_parts(draft, [bound], decision.confidence)
        else:
            draft.ask_which(bound, span=span_of(decision.clause), by="student", confidence=decision.confidence, near=_beside(near[0], decision))


def _is_all_understood(readers: Readers, bound: Bound) -> bool:
    """Whether a task has all it needs and its words, with those of the records it goes by, are all that was said; another would be no choice."""
    if bound.asked or bound.left or bound.guessed or bound.task.whole is not None:
        return False
    if not (bound.links or bound.finds) or (makes_changes(bound.task) and leaning(bound.piece.said) != "change"):
        return False  # "5 euros off" is all said, and says of nothing
    piece, parts = bound.piece, [bound, *(finder for _, finder in (*bound.finds, *bound.spares))]
    names = [piece.text[spot.start : spot.end] for part in parts for spot in (*part.taken, *part.piece.values.items)]
    known = {word for name in names for word in re.findall(r"\w+", name)}.union(*(readers.own_words[part.task.name] for part in parts[1:]))
    return readers.lexicon.covers(bound.task, piece.said, known=known)


_BESIDE = 3
"""Options of a question of which one alone comes to mind."""


def _beside(task: Task, decision: Decision) -> list[Task]:
    """The task and those that come next to it, for a question with one option is no choice."""
    return [task, *(other for other, share in decision.near if other is not task and share >= CONCEIVABLE)][:_BESIDE]


async def _asked_for_the_rest(readers: Readers, draft: Draft, piece: Piece, decision: Decision) -> bool:
    """ "Change the price", "hide the old stuff": the verb tells the change, and the rest is to be asked."""
    task, share = next(iter(decision.near), (None, 0.0))
    way = leaning(piece.said)
    if draft.steps or task is None or not makes_changes(task) or FORBIDS.match(piece.said) or not (way == "change" or (not way and share >= RIVAL)):
        return False
    bound = await bind(task, piece, draft.scope)
    if not bound.asked or not any(bound.task.slot(asked.field).record for asked in bound.asked):
        return False
    draft.add(bound, span=span_of(decision.clause), by="student", confidence=decision.confidence)
    return True


_THOUGHT_OF = 0.001
"""Least probability of a change to be offered where an amount is all that was said."""


def asked_what_for(draft: Draft, bound: Bound, decision: Decision) -> bool:
    """ "10% off", and nothing else: an amount is no request for a code, nor for other prices, and which of them is asked."""
    piece, known = bound.piece, draft.steps or draft.scope.earlier or draft.scope.page
    by_amount = {"percent", "money"} & {kind for name in bound.args for kind in bound.task.slot(name).types}
    if known or bound.asked or not by_amount or not makes_changes(bound.task):
        return False
    words, amounts = words_of(piece.text, piece.start, piece.end), [v for v in piece.values.items if isinstance(v, Number | Share)]
    if any(word.text.lower() not in COMMON and not any(v.start <= word.start < v.end for v in amounts) for word in words):
        return False
    others = [task for task, share in decision.near if share >= _THOUGHT_OF and task.about != bound.task.about and _takes_an_amount(task)]
    draft.ask_which(bound, span=span_of(decision.clause), by="student", confidence=decision.confidence, near=[bound.task, *others])
    return True


def _takes_an_amount(task: Task) -> bool:
    """Whether it changes something by an amount, of goods at most."""
    only_goods = all(slot.record in GOODS for slot in task.slots if slot.required and not {"percent", "money"} & set(slot.types))
    return only_goods and task.effect == "write" and any({"percent", "money"} & set(slot.types) for slot in task.slots)


def _alike(readers: Readers, words: str, clause: Clause) -> list[Task]:
    """The task whose examples are most like the words, to be named as what can be done instead."""
    task, cosine = readers.local.nearest(words, clause)
    return [task] if cosine >= LIKE else []


_ASKS_FOR_FACTS = re.compile(
    r"\W*(?:(?:so|ok|tell\s+me|show\s+me)\s+)*(?:which\s+(?!ought|should|must|needs?|is|are|has|have|can)|who\b|whose\b|how\s+(?:many|much|often|long)\b|when\b|where\b)"
    r"(?!.*\b(?:tell|write|mail|e-?mail|message|text|let|answer|reply|draft|post)\b)",
    re.I,
)


def asked_not_written(decision: Decision, said: str) -> Decision:
    """ "Which page do people leave the shop from": a question for facts asks for no text to be written, however much it sounds like one."""
    asked = _ASKS_FOR_FACTS.match(said)
    if (
        decision.task is None
        or decision.task.effect != "draft"
        or asked is None
        or (decision.confidence >= SURE_ENOUGH and "how" not in asked[0].lower())
    ):
        return decision
    looks = tuple((task, share) for task, share in decision.near if task.effect == "read")
    return replace(decision, verdict="refuse", code="not_supported", task=looks[0][0] if looks else None, near=looks)


def conceivable(readers: Readers, decision: Decision) -> list[Task]:
    """The tasks that a clause may mean; where refusing is likelier than any it may be each, and where a text is surely to be written no other."""
    if decision.verdict == "do" and decision.task is not None and decision.task.effect == "draft":
        return [decision.task]
    refused = sum(share for name, share in decision.clause.labels if name not in readers.tasks)
    if decision.verdict == "refuse" or (decision.verdict == "doubt" and refused >= decision.confidence):
        return list(readers.tasks.values())
    return [task for task, share in decision.near if task is decision.task or share >= CLOSE]


async def looked_up_elsewhere(readers: Readers, draft: Draft, text: str, decision: Decision, parts: Sequence[Bound]) -> bool:
    """A look that has no field for an amount where another has one: "how many orders over 200 euros" is no report of all orders."""
    amounts = any(isinstance(value, Range) and value.currency for bound in parts for value in bound.left)
    looks = replace(decision, near=tuple((task, share) for task, share in decision.near if task.effect == "read"))
    return amounts and decision.task is not None and decision.task.effect == "read" and await only_one_fits(readers, draft, text, looks, least=0.001)

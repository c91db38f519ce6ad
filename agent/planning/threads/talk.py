"""A message of a thread that only adds to what was said before, as a plan: "no, the charcoal one instead", "and in France?".

What is complete by itself stands by itself and is left to the planner. A message belongs to an earlier subtask only where
that subtask's task takes every word of it; then the subtask is made again with what the message says in the place of what
it said before. Nothing here looks further back than `recall.LOOK_BACK` turns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.scope import GOODS, Bound
from agent.planning.clauses.local import Decision
from agent.planning.clauses.whole import whole_clauses
from agent.planning.draft import TASK
from agent.planning.elide import goes_on_with, worth_of_that
from agent.planning.language.fragments import THEM
from agent.planning.linking.lexicon import leaning
from agent.planning.threads.among import asked_among, limited_change, narrowed_change
from agent.planning.threads.anew import add_anew, add_step, settle_proposal
from agent.planning.threads.back_to import shown_again, state_asked
from agent.planning.threads.bare import take_count, take_name
from agent.planning.threads.beside import best_of_rows, both_of_two
from agent.planning.threads.kinds import (
    BOTH,
    among_found,
    both,
    of_the_one_named,
    of_the_same,
    of_the_same_subject,
    said_with_its_kind,
    settle_by_thread,
    with_its_kind,
)
from agent.planning.threads.listed import changed_ones, counted_again, drawn, gathered, recurring, told_of, watched
from agent.planning.threads.made import says_too, without_field
from agent.planning.threads.made_already import changes_what_was_made
from agent.planning.threads.markers import Marked, marked, whole
from agent.planning.threads.merging import fitted_onto, merged_with
from agent.planning.threads.message import CONTEXT, Message, words_of_past
from agent.planning.threads.narrow import ones_of_those_before
from agent.planning.threads.of_goods import is_of_goods_since, of_goods_unsaid, price_asked
from agent.planning.threads.offered import asked_again, fewer_offered
from agent.planning.threads.one_word import answer_word, withdrawn_of
from agent.planning.threads.other_task import as_other_task, listed_instead
from agent.planning.threads.own_request import (
    adds_known_goods,
    bases_for,
    divides_what_cannot_be,
    is_new,
    lacks_what_to_do,
    left_out_too,
    named_again,
    orders_another,
    says_more_than_a_text,
    stands_by_itself,
    taken_out,
)
from agent.planning.threads.picks import another_by_rank, picked_by_place
from agent.planning.threads.places import at_another_place, by_their_places, is_of_the_place, of_the_order_shown, says_place
from agent.planning.threads.recall import Past
from agent.planning.threads.replies import SAYS_MORE, is_order, place_said, replied
from agent.planning.threads.revise import refines, same_goods, superseded
from agent.planning.threads.subject import keep_subject, refuse_what_narrows_nothing
from agent.planning.threads.sums import asks_price_or_stock
from agent.planning.threads.turn_not_asking import asked_for_in_full, only_spoken_of
from agent.planning.threads.whose import asked_who, of_their_customers
from agent.planning.threads.words_back import time_of_the_change
from agent.records.reading import SlotSpan
from agent.sdk import Task


async def took(message: Message) -> bool:
    """Whether the whole message belongs to what was said before; the draft then has what comes of it."""
    span = (0, len(message.text))
    return await only_spoken_of(message, span, _took) or await asked_for_in_full(message, span, _took) or await _took(message)


async def _took(message: Message) -> bool:
    word = whole(message.text)
    yes = word is not None and word[0] == "yes"
    slots = [slot for decision in message.decisions for slot in decision.clause.slots]
    if says_more_than_a_text(message) and await continues(message, 0, len(message.text), slots):
        return True
    if await replied(message.draft, message.text, message.turns, message.past, new=is_new(message), yes=yes, read=message.read):
        return True
    if fewer_offered(message):
        return True
    if word is not None and await answer_word(message, *word):
        return True
    if await withdrawn_of(message):
        return True
    if await _picked(message) or await picked_by_place(message) or await another_by_rank(message):
        return True
    if await listed_instead(message) or _looked_at_again(message):
        return True
    if state_asked(message) or shown_again(message) or both_of_two(message) or best_of_rows(message) or asked_who(message):
        return True
    if price_asked(message) or await asks_price_or_stock(message):
        return True
    if await continues(message, 0, len(message.text), slots):
        return True
    if asked_again(message) or _refused_with_more(message):
        return True
    if place_said(message.text) is None:
        return False
    message.draft.refuse((0, len(message.text)), "unclear", said.refused("unclear", []))  # "the second one", and no search for all there are
    return True


async def goes_on(message: Message, decision: Decision, start: int) -> bool:
    """Whether one clause of a message, from there on, changes or repeats an earlier subtask; the draft then has it."""
    end, slots = decision.clause.end, decision.clause.slots

    async def take(stretch: Message) -> bool:
        return await continues(stretch, start, end, slots)

    return await only_spoken_of(message, (start, end), take) or await take(message)


async def continues(message: Message, start: int, end: int, slots: Sequence[SlotSpan]) -> bool:
    """Whether a stretch of the message changes or repeats an earlier subtask; the draft then has it."""
    mark = taken_out(message, _within(marked(message.text[:end]) if start == 0 else marked(message.text[start:end]), start))
    among = _AMONG.match(message.text, mark.start) is not None
    mark = await left_out_too(message, mark) if message.past else mark
    if not message.past or mark.start >= mark.end:
        return False
    own = message.text[mark.start : mark.end]
    verb = leaning(own) != "" or is_order(own)
    if mark.kind not in ("only", "replace") and verb and says_place(own) and any(d.verdict == "do" for d in message.decisions):
        return False  # "hide the rest" is of what was listed, and no other change of what was changed
    if mark.kind != "without" and (other := _of_another_place(message, mark, own)) is not None:
        add_anew(message, *other, replace(mark, kind="add"), (start, end))
        return True
    if _told_outright(message, (start, end)):
        return True
    if mark.instead and orders_another(message, mark):
        return False
    if _OF_THE_TEXT.fullmatch(message.text[start:end]) and _refused_a_wish(message, (start, end)):
        return True
    again = named_again(message, mark)
    alone = stands_by_itself(message, mark) and not among and again is None and not message.back
    if alone and mark.kind in ("plain", "add") and (await lacks_what_to_do(message, mark) or await adds_known_goods(message)):
        alone = False
    if among and await asked_among(message, mark, slots, (start, end)):
        return True
    if mark.kind == "meant" and await as_other_task(message, mark):
        return True
    if not alone and await changes_what_was_made(message, mark, slots, (start, end)):
        return True
    fitting = await _fitting(message, mark, slots, [again] if again is not None else bases_for(message, mark), alone=alone, span=(start, end))
    if fitting is None:
        return True
    if not fitting:
        return _leaves_nothing_out(message, mark, (start, end)) or _refused_a_wish(message, (start, end)) or _refused_to_divide(message, (start, end))
    await _make_anew(message, fitting, mark, slots, (start, end))
    return True


def _of_another_place(message: Message, mark: Marked, own: str) -> tuple[Past, Bound] | None:
    more = (mark.kind == "add" or mark.too) and message.past[-1].changes
    return at_another_place(own, message.past, message.draft.scope.outputs, more=more)


def _leaves_nothing_out(message: Message, mark: Marked, span: tuple[int, int]) -> bool:
    """ "Except the gift ones", of a change that waits for goods of which none is so."""
    one = message.bases()[0]
    link = next((link for link in one.bound.links.values() if link.record in GOODS), None)
    if mark.kind != "without" or link is None or not one.open or not one.changes or one.questions or says_place(message.text):
        return False
    message.draft.refuse(span, "unclear", said.none_of_them(link.label, message.text[mark.start : mark.end].strip()))
    return True


def _refused_a_wish(message: Message, span: tuple[int, int]) -> bool:
    """ "More like a pirate", of a text that waits: what can be wished for, and no other request."""
    words = message.text[slice(*span)]
    if message.bases()[0].bound.task.effect != "draft" or (_LIKE_THIS.fullmatch(words) or _OF_THE_TEXT.fullmatch(words)) is None:
        return False
    message.draft.refuse(span, "unclear", said.NO_SUCH_TONE)
    return True


_VALUE = re.compile(r"(?:(?:to|at|by)\s+)?[€$£]?\d[\d.,]*(?:\s*(?:%|€|percent|per\s+cent|euros?|eur|cents?|pieces|units|each))*", re.I)


def _refused_with_more(message: Message) -> bool:
    """ "24 for members only", of a change that waits: nothing else that costs 24, where the change has no place for the members."""
    mark, one = marked(message.text), message.bases()[0] if message.past else None
    value = _VALUE.match(message.text, mark.start)
    if (
        one is None
        or value is None
        or mark.kind == "add"
        or not one.changes
        or not (one.open or one.questions)
        or one.turn is not message.past[-1].turn
    ):
        return False
    if (more := SAYS_MORE.match(message.text, value.end())) is None:
        return False
    start = more.start() + len(more[0]) - len(more[0].lstrip(" ,;–—-"))
    message.draft.refuse((start, len(message.text)), "unclear", said.NOT_READ)
    return True


def _refused_to_divide(message: Message, span: tuple[int, int]) -> bool:
    if divides_what_cannot_be(message):
        message.draft.refuse(span, "not_supported", said.NOT_DIVIDED)
        return True
    return False


async def _make_anew(message: Message, fitting: Sequence[tuple[Past, Bound]], mark: Marked, slots: Sequence[SlotSpan], span: tuple[int, int]) -> None:
    """The earlier subtask that takes the message made anew, or both of two; where it is in doubt which, that is told."""
    fitting = _that_said_it(message, fitting, mark)
    if BOTH.search(message.text, mark.start, mark.end) and (two := await _both(message, fitting[0], mark, slots)):
        for one, bound in two:
            add_anew(message, one, bound, replace(mark, kind="replace", instead=True), span)
    elif len(fitting) > 1 and (mark.kind == "add" or mark.too) and not _in_doubt(fitting):
        for one, bound in sorted(fitting, key=lambda pair: message.past.index(pair[0])):
            if one is fitting[0][0] or (one.turn is fitting[0][0].turn and same_goods(one.bound, fitting[0][0].bound)):
                add_anew(message, one, bound, mark, span)
    elif len(fitting) > 1 and _in_doubt(fitting):
        labels = [f"{one.bound.task.summary.rstrip('.').lower()} ({_about(one.bound)})" for one, _ in fitting]
        message.draft.refuse(span, "unclear", said.which_of(message.text[span[0] : span[1]].strip(), labels))
    else:
        add_anew(message, *fitting[0], mark, span)


def _that_said_it(message: Message, fitting: Sequence[tuple[Past, Bound]], mark: Marked) -> Sequence[tuple[Past, Bound]]:
    """ "Gold, not vip", of a search and a tag "vip" that is put on what it finds: what said the word that was not meant."""
    denied = message.text[slice(*mark.denied)].strip().casefold() if mark.denied is not None else ""
    values = [
        [str(one).casefold() for value in past.bound.args.values() for one in (value if isinstance(value, list) else [value])] for past, _ in fitting
    ]
    said = [pair for pair, own in zip(fitting, values, strict=True) if denied in own] if denied else []
    return said if len(said) == 1 else fitting


async def _fitting(
    message: Message, mark: Marked, slots: Sequence[SlotSpan], bases: Sequence[Past], *, alone: bool, span: tuple[int, int]
) -> list[tuple[Past, Bound]] | None:
    """The earlier subtasks that take every word of the message, likeliest first; None where it narrowed one, which the draft then has."""
    fitting: list[tuple[Past, Bound]] = []
    begins, orders = leaning(message.text[mark.start : mark.end]) != "", is_order(message.text[mark.start : mark.end])
    for one in bases:
        if any(question.field == TASK for question in one.questions):
            continue  # it is not known yet what was meant
        if is_of_goods_since(message, one):
            break
        if (begins and _failed(one)) or ((begins or orders) and _withdrawn(one)):
            continue  # "put everything on sale", after an automation that was not found, pauses none
        if alone and (one.bound.task.whole is not None or not ((one.open or one.unfinished) and one.changes and one.turn is message.past[-1].turn)):
            continue  # a field that takes whatever is said takes a request of its own as well
        bound = await fitted_onto(message, one, mark, slots)
        if alone and (bound is None or not refines(one, bound, mark, message.text[slice(*span)])):
            continue
        if bound is None and mark.kind in ("only", "without") and await narrowed_change(message, one, mark, slots, span):
            return None
        if bound is None and not begins and await limited_change(message, one, mark, slots, span):
            return None
        if bound is not None:
            fitting.append((one, bound))
            if not (one.changes and bound.task.effect == "write") or (len(fitting) > 1 and not (mark.kind == "add" or mark.too)):
                break
    return sorted(fitting, key=lambda pair: message.past.index(pair[0])) if len(fitting) > 1 and _in_doubt(fitting) else fitting


def _may_be_told(message: Message, one: Past) -> bool:
    """Whether it waits, or is a text or came to nothing in the last turn."""
    last = one.turn is message.past[-1].turn and not one.done
    return (one.open or last) and (one.changes or one.bound.task.effect == "draft")


def _told_outright(message: Message, span: tuple[int, int]) -> bool:
    """What waits with another name, another number of one of its goods, or one more thing to say, where the message says just that."""
    titles, words = message.draft.scope.linker.vocabulary.products, message.text[slice(*span)]
    for one in message.bases():
        if not _may_be_told(message, one):
            continue
        bound = take_name(words, one.bound) or take_count(words, one.bound, titles) or says_too(words, one.bound)
        if bound is not None:
            add_anew(message, one, bound, Marked(kind="replace", start=span[0], end=span[1], instead=True), span)
            return True
    return False


def _in_doubt(fitting: Sequence[tuple[Past, Bound]]) -> bool:
    """Two changes of one turn take the message equally, and it names the records of neither."""
    (first, a), (second, b) = fitting[:2]
    named = any(
        name in bound.links and bound.links[name] is not one.bound.links.get(name) for one, bound in ((first, a), (second, b)) for name in bound.links
    )
    return first.turn is second.turn and not named


def _about(bound: Bound) -> str:
    return ", ".join(link.label for link in bound.links.values()) or bound.task.name.replace("_", " ")


def _within(mark: Marked, offset: int) -> Marked:
    denied = (mark.denied[0] + offset, mark.denied[1] + offset) if mark.denied else None
    return replace(mark, start=mark.start + offset, end=mark.end + offset, denied=denied)


async def _both(message: Message, last: tuple[Past, Bound], mark: Marked, slots: Sequence[SlotSpan]) -> list[tuple[Past, Bound]]:
    """ "Both until friday": the two newest changes of one task that wait, each with what is said of them."""
    open_ = [one for one in reversed(message.past) if one.open and one.changes and one.bound.task is last[0].bound.task][:2]
    merged = [(one, await merged_with(message, one, mark, slots)) for one in open_]
    found = [(one, bound) for one, bound in merged if bound is not None]
    return found if len(found) == 2 else []


async def _picked(message: Message) -> bool:
    """ "The first one", after a message that could be about two changes: that message again, about the one picked."""
    nth, last = place_said(message.text), message.turns[-1] if message.turns else None
    if nth is None or last is None or last.plan.subtasks or not last.plan.not_done:
        return False
    decisions = [message.decided(last.text[clause.start : clause.end], clause) for clause in message.read(last.text)]
    past = [one for one in message.past if one.turn is not last]
    before = replace(message, text=last.text, past=past, turns=message.turns[:-1], decisions=decisions)
    mark, slots = marked(last.text), [slot for decision in decisions for slot in decision.clause.slots]
    fitting = await _fitting(before, mark, slots, before.bases(), alone=False, span=(0, len(last.text))) if past else None
    if not fitting or len(fitting) != 2 or nth > 1 or not _in_doubt(fitting):
        return False
    add_anew(message, *fitting[nth], mark, (0, len(message.text)))
    return True


def _looked_at_again(message: Message) -> bool:
    """ "How many are there?", "which ones did you tag?", and "no end date" of what waits to be made."""
    bases = message.bases() if message.past else ()
    span = (0, len(message.text))
    if (
        again := counted_again(message.text, bases) or drawn(message.text, bases) or changed_ones(message.text, bases, message.draft.scope)
    ) is not None:
        add_step(message, again[1], again[0], span)
        return True
    lacking = next(((one, bound) for one in bases if (bound := without_field(message.text, one)) is not None), None)
    if lacking is None:
        return False
    add_anew(message, *lacking, Marked(kind="replace", start=0, end=len(message.text), instead=True), span)
    return True


def of_kinds(message: Message) -> list[Decision]:
    """The message's clauses as the reader takes them once "it" and "them" are called what they are."""
    last = message.bases()[0] if message.past else None
    told = said_with_its_kind(message.text, last, message.draft.scope) if last is not None and len(message.decisions) == 1 else None
    if last is None or told is None:
        return message.decisions
    return [with_its_kind(message.decisions[0], told, message.read, message.decided)]


async def in_context(message: Message, tasks: Mapping[str, Task]) -> list[Decision]:
    """The message's clauses as the reader takes them after the words before: "add 20" says little alone."""
    last = message.bases()[0] if message.past else None
    if last is None:
        return message.decisions
    before = words_of_past(last).partition("\n")[0][-CONTEXT:].rstrip(" .!?") + ". "
    shift = len(before)
    moved = []
    for clause in whole_clauses(before + message.text, message.read(before + message.text), tasks):
        if clause.start >= shift:
            slots = [replace(slot, start=slot.start - shift, end=slot.end - shift) for slot in clause.slots]
            moved.append(message.decide(replace(clause, start=clause.start - shift, end=clause.end - shift, slots=slots)))
    return moved if moved and all(decision.verdict == "do" for decision in moved) else message.decisions


async def settle(message: Message) -> None:
    """Keep to what was spoken of, and withdraw the open proposals that the message's own changes contradict."""
    if message.past:
        last = message.bases()[0]
        by_their_places(message.draft.steps, message.past, message.draft.scope.outputs)
        of_the_order_shown(message.draft.steps, message.past)
        of_their_customers(message.draft.steps, message)
        _scheduled(message)
        text = message.draft.text
        message.draft.not_done = [one for one in message.draft.not_done if not is_of_the_place(text[slice(*one.span)], text)]
        both(message.draft.steps, message.past, message.draft.scope)
        of_the_same(message.draft.steps, last)
        of_the_same_subject(message.draft.steps, last)
        of_goods_unsaid(message.draft.steps, last)
        for step in message.draft.steps[:1]:
            worth_of_that(step.bound, last.bound)
            goes_on_with(step.bound, last.bound)
            time_of_the_change(step.bound, last.bound)
        for step in message.draft.steps:
            settle_by_thread(step.bound, message.past, message.draft.scope)
        of_the_one_named(message.draft.steps, message.bases(), message.draft.scope)
        goods = [link for one in message.bases() for link in one.bound.links.values() if link.record in GOODS]
        await ones_of_those_before(message.draft.steps, goods, message.draft.scope)
        among_found(message.draft.steps, last, message.draft.scope.outputs.get(last.subtask.task, {}))
        refuse_what_narrows_nothing(message)
        keep_subject(message)
    for one, _ in superseded(message.draft, message.past, instead=marked(message.text).instead):
        settle_proposal(message, one, Marked(kind="replace", start=0, end=len(message.text)), takes_its_place=True)


def _scheduled(message: Message) -> None:
    """ "Send me this every Monday" after a report: that report, and none called "this"."""
    for step in message.draft.steps:
        slot = step.bound.task.whole
        if slot is None or step.said or len(message.draft.steps) > 1:
            continue
        words = str(step.bound.args.get(slot.name, ""))
        if step.bound.task.does == "schedule":
            step.bound.args[slot.name] = told_of(words, message.past) or recurring(words, message.past) or words
        elif step.bound.task.about == "segment":
            step.bound.args[slot.name] = gathered(words, message.past, message.draft.scope.terms.now) or words
        elif (rule := watched(words, message.past)) is not None:
            step.bound.args[slot.name] = rule or words
            if not rule:
                step.bound.ask(slot.name, said.for_which(words))


def _withdrawn(one: Past) -> bool:
    states = {p.state for p in one.turn.proposed if p.subtask == one.subtask.id}
    return one.changes and bool(states) and states <= {"rejected", "expired"}


def _failed(one: Past) -> bool:
    """Whether nothing came of a change that takes whatever is said: neither is it proposed nor does it wait for an answer."""
    return one.subtask.effect in ("write", "action") and not one.open and not one.questions and one.bound.task.whole is not None


_AMONG = re.compile(
    rf"(?:and\s+)?(?:(?:which|who|whom|how\s+many|(?:is|are|were)\s+any)\s+(?:ones?\s+)?of\s+(?:{THEM})\b|which\s+(?:ones?\s+)?(?:are|is|were|was|costs?|have|has)\b|how\s+many\s+(?:are|were|live|come)\s+(?:from|in|to|over|above|under|below)\b"
    r"|(?:are\s+there\s+)?any\s+(?:[a-z-]+\s+)?[a-z-]+\W*$)",
    re.I,
)
_LIKE_THIS = re.compile(
    r"\W*(?:(?:please|and|but|make\s+it|a\s+bit|a\s+little|much|slightly|even|can\s+you|sound)\s+)*"
    r"(?:(?:more|less|too)\s+[\w\s'’-]{3,40}|(?:a\s+bit|a\s+little|much|slightly)\s+\w+er)(?:\s+please)?\W*",
    re.I,
)
"""How a text is to be."""
_OF_THE_TEXT = re.compile(
    r"\W*(?:(?:please|and|but|also|now|can\s+you|could\s+you|maybe|no)[\s,]+)*"
    r"(?:(?:add|use|put(?:\s+in)?|include|with|without|leave\s+out|leave|remove|drop|lose|cut|skip|take\s+out|delete|fewer|less|more|no|change|fix)\s+)?"
    r"(?:(?:an?|the|some|any|those|these|all|few|couple|of|more|fewer|less|one|two|first|last|second)\s+)*"
    r"(?:emojis?|smil(?:ey|ies)|hash\s?tags?|(?:bits?|parts?|sentences?|paragraphs?|lines?|words?)(?:\s+(?:about|on|with|at|where|of)\s+.{2,60})?"
    r"|exclamation\s+(?:marks?|points?)|greeting|sign[\s-]?off|signature|headline|heading|intro(?:duction)?|ending|jokes?|puns?|capitals|bullet\s+points?)"
    r"(?:\s+(?:out|in|off|please|too|at\s+the\s+(?:end|start|beginning|top|bottom)|instead))*\W*",
    re.I,
)
"""Wishes for a piece of a text, which none of its fields takes."""

"""From a merchant's words to a plan, by a ladder: the students first, a frontier model for a clause they doubt, else a question.

Every clause ends as a subtask, a question or a `not_done`; words between clauses that no clause took are told as well, as
not understood or as background. Nothing is read but the request, the shop's vocabulary and the records it names, so no text
that customers wrote can change a plan.
"""

from __future__ import annotations

import asyncio
import re
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.planning import said
from agent.planning.answers import answer
from agent.planning.binding.cues import begins_cue
from agent.planning.binding.scope import Bound, Scope
from agent.planning.binding.spelt import is_name_or_text
from agent.planning.clauses.closing import asks_nothing
from agent.planning.clauses.frontier import CompleteJSON, Frontier
from agent.planning.clauses.lasting import ABOUT, does_something
from agent.planning.clauses.left_alone import without_what_is_left_alone
from agent.planning.clauses.lists import unnumbered
from agent.planning.clauses.local import MENTION, READABLE, Decision
from agent.planning.clauses.pieces import piece_of
from agent.planning.clauses.plainly import plainly
from agent.planning.clauses.pupils import Pupils
from agent.planning.clauses.reasons import without_reason
from agent.planning.clauses.transitions import without_transitions
from agent.planning.clauses.whole import JOINING
from agent.planning.conditions import Conditional, conditional
from agent.planning.courtesy import asks_what_this_is, courtesy, undoes_nothing
from agent.planning.draft import Draft
from agent.planning.elide import share_object
from agent.planning.ladder.between import leads_on, without_what_leads_on
from agent.planning.ladder.clause import plan_clause, plan_other_language
from agent.planning.ladder.conditions import plan_conditional
from agent.planning.ladder.cutting import decided, under_heads
from agent.planning.ladder.each_alone import each_alone
from agent.planning.ladder.readers import Readers, makes_changes
from agent.planning.language.reference import as_of, reference
from agent.planning.language.respelled import Respelled, respelled
from agent.planning.language.restricting import only_restricts
from agent.planning.language.values import Terms
from agent.planning.linking.lexicon import COMMON, changes, does
from agent.planning.linking.link import Linker
from agent.planning.linking.page import page_of
from agent.planning.linking.shorthand import Shorthand
from agent.planning.linking.spelling import Spelling
from agent.planning.linking.vocabulary import Vocabularies, words_of
from agent.planning.threads import talk
from agent.planning.threads.back_to import gone_back
from agent.planning.threads.message import Message
from agent.planning.threads.own_request import without_what_ties
from agent.planning.threads.recall import LOOK_BACK, as_earlier, recalled
from agent.prompts import Prompts
from agent.records import Ask, Plan, Turn
from agent.records.reading import Reading, SlotSpan
from agent.resources import Resources
from agent.sdk import Clock, OrderWhere, Store, Task

ABILITIES = "what_can_you_do"
"""The task that answers one who asks for help."""


class Planner:
    """Makes plans for one registry of tasks. Safe to share between requests."""

    def __init__(self, tasks: Mapping[str, Task], students: Pupils, gateway: CompleteJSON | None = None, *, prompts: Prompts | None = None) -> None:
        self._readers = Readers.of(tasks, students, Frontier(gateway, prompts or Prompts(Resources())))
        self._vocabularies, self._spelling = Vocabularies(), Spelling(tasks.values(), students.encoder.has)
        self._shorthand = Shorthand(tasks.values())

    def warm(self) -> None:
        """Encode the tasks' examples now: the first request that is in doubt waits a second for them otherwise. For a thread."""
        self._readers.local.warm()

    async def plan(self, ask: Ask, store: Store, clock: Clock, turns: Sequence[Turn] = ()) -> Plan:
        """The plan of a request. Bad input is never an exception: it is told in `not_done` or asked about.

        Args:
            turns: The turns of its thread before it, oldest first; only the last few are looked at.
        """
        began = time.perf_counter()
        scope = await self._scope(store, clock, ask.context)
        legible = _legible(ask.text)
        too_long = len(legible) > said.MOST_CHARACTERS
        readings = [] if too_long else await self._reworded(legible, turns, scope)
        text = readings[0].text if readings else legible
        draft = Draft(text=text if any(one.slips for one in readings) else ask.text, locale=ask.locale, scope=scope)
        draft.notes += [said.read_as(slip.typed, slip.meant) for one in readings[1::-1] for slip in one.slips]
        if too_long:
            draft.refuse((0, len(legible)), "unclear", said.too_long(len(legible)))
        elif not re.search(r"\w", text):
            draft.refuse((0, len(text)), "unclear", said.EMPTY)
        elif answer_to := courtesy(text):
            draft.refuse((0, len(text)), "out_of_scope", answer_to)
        elif undoes_nothing(text, turns):
            draft.refuse((0, len(text)), "unclear", said.NOTHING_TO_UNDO)
        elif asks_what_this_is(text) and not ask.context and (task := self._readers.tasks.get(ABILITIES)) is not None:
            whole = piece_of(text, 0, len(text), (), scope, task)
            draft.add(Bound(task=task, piece=whole), span=(0, len(text)), by="student", confidence=1.0)
        else:
            await self._read(draft, _dated(draft, unnumbered(text)), turns)
        await _note_an_empty_shop(draft, scope)
        return _as_typed(draft.plan(took_ms=round((time.perf_counter() - began) * 1000, 3)), ask.text, readings)

    async def answered(self, plan: Plan, answers: Mapping[str, str], store: Store, clock: Clock) -> Plan:
        """The plan with these answers (question id to value) merged; only what waited for them is planned again.

        An answer is an option's value, or words that are normalised and linked as the request was. What is still not
        clear is asked again.
        """
        began = time.perf_counter()
        scope = await self._scope(store, clock, {})
        if plan.as_of is not None:
            scope.terms = as_of(scope.terms, plan.as_of)
        bare = plainly(_legible(plan.text))
        reading = self._readers.students.reader.read(bare.text)
        slots = [_moved(slot, bare) for clause in reading.clauses for slot in clause.slots]
        draft = await answer(plan, answers, scope, slots)
        return draft.plan(took_ms=round((time.perf_counter() - began) * 1000, 3), id=plan.id)

    async def _scope(self, store: Store, clock: Clock, context: Mapping[str, object]) -> Scope:
        vocabulary = await self._vocabularies.of(store)
        shop = store.shop
        terms = Terms(
            currency=shop.currency, locale=shop.locale, week_starts=shop.week_starts, now=clock.now(), fiscal_year_starts=shop.fiscal_year_starts
        )
        linker = Linker(store, vocabulary, self._readers.students.encoder.embed)
        return Scope(
            store=store,
            linker=linker,
            terms=terms,
            tasks=self._readers.tasks,
            outputs=self._readers.outputs,
            own_words=self._readers.own_words,
            page=await page_of(context, linker),
        )

    async def _reworded(self, legible: str, turns: Sequence[Turn], scope: Scope) -> list[Respelled]:
        """As what a request is read, the last first: without its courtesies, what leads on, what is left alone, its reason; spelt out and mended."""
        dressed = _undressed(legible, turns)
        led = without_transitions(dressed.text, scope.linker.vocabulary, opened=bool(turns))
        spared = without_what_is_left_alone(led.text, scope.linker.vocabulary, opened=bool(turns))
        reason = Respelled(text=spared.text) if turns else without_reason(spared.text, scope.linker.vocabulary)
        short = respelled(reason.text, self._shorthand.slips(reason.text))
        return [await self._mended(short.text, scope), short, reason, spared, led, dressed]

    async def _mended(self, text: str, scope: Scope) -> Respelled:
        """The text with slips of the pen mended, but for those in names and in what a field is to say."""
        slips = self._spelling.slips(text, scope.linker.vocabulary)
        if not slips:
            return Respelled(text=text)
        reading = await self._reading(text)
        marks = [slot for clause in reading.clauses for slot in clause.slots]
        return respelled(text, [slip for slip in slips if not is_name_or_text(slip, text, marks, scope.linker.vocabulary)])

    async def _read(self, draft: Draft, text: str, turns: Sequence[Turn]) -> None:
        typed, (text, turns) = text, gone_back(text, turns)
        reading = await self._reading(text)
        decisions = under_heads(self._readers, text, decided(self._readers, text, each_alone(self._readers, text, reading)))
        decisions = without_what_ties(text, decisions) if turns else decisions
        message = await self._message(draft, text, decisions, turns) if turns else None
        if message is not None:
            message.back = text != typed
            if await talk.took(message):
                return
            decisions = await self._in_context(message)
        decisions, idle = without_what_leads_on(text, decisions, draft.scope)
        if reading.readable < READABLE and not self._readers.lexicon.reads(text):
            await plan_other_language(self._readers, draft, text)
            return
        found = _condition(text, decisions)
        if found is not None and await plan_conditional(self._readers, draft, text, found, reading.clauses):
            return
        for at, decision in enumerate(decisions):
            start = 0 if at == 0 else decision.clause.start
            if message is None or draft.steps or not await talk.goes_on(message, decision, start):
                await plan_clause(self._readers, draft, text, decision)
                share_object(draft)
        if message is not None:
            await talk.settle(message)
        draft.background += idle
        _cover(draft, reading, decisions)

    async def _reading(self, text: str) -> Reading:
        read = self._readers.students.reader.read
        return await asyncio.to_thread(read, text) if len(text) > _LONG else read(text)

    async def _in_context(self, message: Message) -> list[Decision]:
        """A message's clauses with what "it" is, and, where they say too little alone, after the words before."""
        decisions = talk.of_kinds(message)
        if any(decision.verdict == "do" for decision in decisions):
            return decisions
        moved = await talk.in_context(message, self._readers.tasks)
        return decisions if moved is message.decisions else moved

    async def _message(self, draft: Draft, text: str, decisions: list[Decision], turns: Sequence[Turn]) -> Message:
        past = await recalled(turns, draft.scope)
        draft.scope.earlier += as_earlier(past)
        return Message(
            draft=draft,
            text=text,
            decisions=decisions,
            turns=turns[-LOOK_BACK:],
            past=past,
            read=lambda old: self._readers.students.reader.read(old).clauses,
            decide=lambda clause: self._readers.local.decide(text[clause.start : clause.end], clause),
            decided=self._readers.local.decide,
        )


IDLE = 0.8
"""Least probability that each word between clauses asks for nothing, for them to be taken as background. On the 678 requests kept for such
choices 166 of 234 stretches are that sure, and 3 of them ask for something after all."""
_TIES = frozenset({"and", "but", "or", "so", "then", "also", "plus", "next", "finally", "please", "pls"})
_LONG = 400
"""Characters from which reading is done in a thread: below, it takes less than a few milliseconds."""


async def _note_an_empty_shop(draft: Draft, scope: Scope) -> None:
    """Where there is nothing to look at or to change, how to begin."""
    makes = draft.steps and all((step.bound.task.does, step.bound.task.about) == ("make", "product") for step in draft.steps)
    if not scope.linker.vocabulary.products and not makes and not await scope.store.count_orders(OrderWhere()):
        draft.notes.append(said.NOTHING_HERE)


def _cover(draft: Draft, reading: Reading, decisions: Sequence[Decision]) -> None:
    """Words that stand in no clause and do more than join are told: as background where they surely ask for nothing."""
    text, clauses = reading.text, reading.clauses
    edges = [0, *(at for clause in sorted(clauses, key=lambda c: c.start) for at in (clause.start, clause.end)), len(text)]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        last = max((word.end for word in words_of(text, start, end)), default=0)
        start = max((d.clause.end for d in decisions if d.clause.start <= start < d.clause.end < last), default=start)
        within = only_restricts(text[start:end]) and any(d.clause.start <= start and last <= d.clause.end for d in decisions)
        words = [w for w in words_of(text, start, end) if w.text.lower() not in JOINING] if not within else []
        if words and (reading.truncated and end == len(text)):
            draft.refuse((start, end), "unclear", said.too_long(len(text)))
        elif len(words) > 1 or (words and not clauses):
            span = _unjoined(text, start, end)
            if any(part.span[0] <= span[0] and span[1] <= part.span[1] for part in draft.not_done):
                continue
            idle = any(b.start <= span[0] and span[1] <= b.end and b.idle >= IDLE for b in reading.between)
            idle = idle or asks_nothing(text[span[0] : span[1]]) or _is_aside(text, span, draft.scope)
            if idle or leads_on(text, start, end, decisions, draft.scope):
                draft.background.append(span)
            else:
                draft.refuse(span, "unclear", said.NOT_READ)


def _is_aside(text: str, span: tuple[int, int], scope: Scope) -> bool:
    """Whether it stands in brackets and says no more than how things are: "(they're just lying around)"."""
    bracketed = text[: span[0]].rstrip().endswith("(") and text[span[1] :].lstrip(" .!").startswith(")")
    words = words_of(text, *span)
    plain = not any(does(w.text) or changes(w.text) or w.text[0].isdigit() or w.text.lower() in _LIMITS for w in words)
    return bracketed and plain and not any(scope.linker.vocabulary.names_goods(w.stem) for w in words if w.text.lower() not in COMMON)


_LIMITS = frozenset({"not", "except", "only", "without", "but", "if", "unless", "until", "also", "too", "please"})


def _unjoined(text: str, start: int, end: int) -> tuple[int, int]:
    """The words without those at either end that only tie them to what stands beside."""
    words = words_of(text, start, end)
    tied = [word.text.lower() in _TIES for word in words]
    first, last = tied.index(False), len(tied) - tied[::-1].index(False)
    return words[first].start, words[last - 1].end


def _condition(text: str, decisions: Sequence[Decision]) -> Conditional | None:
    """What of a request depends on a condition; None where its "if" is that of a rule that is to stand."""
    if any(_is_rule(decision, text) and not _hangs(decision, text, decisions) for decision in decisions):
        return None
    found = conditional(text, rules=any(_may_be_rule(decision, text) for decision in decisions))
    return None if found is not None and _is_of_a_field(found, text, decisions) else found


_CONJUNCTION = re.compile(r"\w+\s+$")


def _is_of_a_field(found: Conditional, text: str, decisions: Sequence[Decision]) -> bool:
    """ "5 euros off ‖ if they spend 40" has a minimum, and depends on nothing that the shop could tell today."""
    before = _CONJUNCTION.search(text, 0, found.condition[0])
    slots = [slot for d in decisions if d.verdict == "do" and d.task is not None and makes_changes(d.task) for slot in d.task.slots]
    return before is not None and any(begins_cue(slot, text, before.start()) for slot in slots)


def _is_rule(decision: Decision, text: str) -> bool:
    """Whether it is surely a rule that is to stand, whatever it says after its "if"."""
    sure = decision.task is not None and (decision.task.does, decision.task.about) == ("make", "automation") and decision.confidence >= 0.9
    return sure and does_something(text[decision.clause.start : decision.clause.end])


_HANGING = re.compile(r"\W*(?:only\s+)?(?:if|unless|provided|(?:as|so)\s+long\s+as)\b", re.I)


def _hangs(decision: Decision, text: str, decisions: Sequence[Decision]) -> bool:
    """Whether its "if" follows a change in the same sentence, after no more than a comma: then it says when to make that change."""
    start = decision.clause.start
    before = [d for d in decisions if d.clause.end <= start and d.task is not None and makes_changes(d.task)]
    between = text[before[-1].clause.end : start] if before else ";"
    return re.fullmatch(r"[\s,]*", between) is not None and _HANGING.match(text, start) is not None


def _may_be_rule(decision: Decision, text: str) -> bool:
    thought_of = any(task.name in ABOUT and share >= MENTION for task, share in decision.near)
    return thought_of and does_something(text[decision.clause.start : decision.clause.end])


def _undressed(text: str, turns: Sequence[Turn]) -> Respelled:
    """What is asked without its courtesies; what may answer a question just asked is taken as it is."""
    if courtesy(text) or (turns and turns[-1].plan.questions):
        return Respelled(text=text)
    return plainly(text, opened=bool(turns))


def _as_typed(plan: Plan, text: str, readings: Sequence[Respelled]) -> Plan:
    """The plan with its places in the text as it was typed.

    Args:
        readings: As what it was read, the last first: with slips mended and shorthand spelt out, without its reason, without what is
            left alone and what leads from one request to the next, without its courtesies.
    """
    if not any(one.slips for one in readings):
        return plan

    def back(span: tuple[int, int], through: Sequence[Respelled] = readings) -> tuple[int, int]:
        for one in through:
            span = one.back(span)
        return span

    reasons = tuple(back((slip.start, slip.end), readings[3:]) for slip in readings[2].slips[:1])

    return replace(
        plan,
        text=text,
        subtasks=tuple(replace(subtask, span=back(subtask.span)) for subtask in plan.subtasks),
        not_done=tuple(replace(part, span=back(part.span)) for part in plan.not_done),
        background=(*reasons, *map(back, plan.background)),
    )


def _moved(slot: SlotSpan, bare: Respelled) -> SlotSpan:
    start, end = bare.back((slot.start, slot.end))
    return replace(slot, start=start, end=end)


def _dated(draft: Draft, text: str) -> str:
    """The request without the day that it says is today, from which all of it is then read."""
    found = reference(text, draft.scope.terms)
    if found is None:
        return text
    draft.as_of, (start, end) = found
    draft.scope.terms = as_of(draft.scope.terms, draft.as_of)
    draft.background.append((start, end))
    draft.notes.append(said.as_of(draft.as_of))
    return text[:start] + " " * (end - start) + text[end:]


def _legible(text: str) -> str:
    """The text with control and direction marks made spaces and the minus sign a hyphen, one for one, so that places stay."""
    text = text.replace("\u2212", "-")
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\n\t" else c for c in text)

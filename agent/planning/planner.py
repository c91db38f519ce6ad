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
from agent.planning.binding.bind import bind
from agent.planning.binding.merge import merged, says_something, takes_every_word
from agent.planning.binding.picked import apart as picked_apart
from agent.planning.binding.scope import Bound, Piece, Scope
from agent.planning.binding.spelt import is_name_or_text
from agent.planning.binding.taken_over import kind_of
from agent.planning.binding.texts_beside import texts_beside, without_the_other
from agent.planning.clauses.existing import of_what_there_is
from agent.planning.clauses.following import asks_whether, following, of_what_is_looked_for, of_what_is_written
from agent.planning.clauses.frontier import CompleteJSON, Frontier, Told
from agent.planning.clauses.lasting import ABOUT, does_something
from agent.planning.clauses.lists import ITEM, heads, named_first, unnumbered
from agent.planning.clauses.local import MENTION, READABLE, Decision, Local, Pupils
from agent.planning.clauses.parting import LETS_KNOW, change_after_look, halves, message_after_change, pairs, question_after_look
from agent.planning.clauses.pieces import piece_of
from agent.planning.clauses.recut import Verbs, explained
from agent.planning.clauses.whole import JOINING, whole_clauses
from agent.planning.conditions import Conditional, Measured, conditional, measured, measured_before, only
from agent.planning.depends import read_first, weigh
from agent.planning.draft import TASK, Draft, Step
from agent.planning.elide import (
    SAME,
    carry_over,
    goes_on_asking,
    is_elided,
    joins,
    only_adds,
    same_time,
    says_another_way,
    share_back,
    share_object,
    share_subject,
    share_time_back,
    step_back,
    worth_of_that,
)
from agent.planning.language.reference import as_of, reference
from agent.planning.language.values import Range, Terms
from agent.planning.linking.lexicon import Lexicon, leaning, own_words, spoken_against
from agent.planning.linking.link import Linker
from agent.planning.linking.page import page_of
from agent.planning.linking.spelling import Respelled, Spelling, respelled
from agent.planning.linking.vocabulary import Vocabularies, words_of
from agent.planning.threads import talk
from agent.planning.threads.message import Message
from agent.planning.threads.recall import LOOK_BACK, as_earlier, recalled
from agent.prompts import Prompts
from agent.records import Ask, Plan, Turn
from agent.records.reading import Clause, Reading, SlotSpan, Thresholds
from agent.resources import Resources
from agent.sdk import Clock, Store, Task

SURE_ENOUGH = 0.8
"""Least probability to plan a write whose every part was said; it still waits for approval."""
BACKED = 0.6
"""Least probability to plan a write that its own words speak for, against a refusal; below, it is asked about."""
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
IDLE = 0.8
"""Least probability that each word between clauses asks for nothing, for them to be taken as background. On the 678 requests kept for such
choices 166 of 234 stretches are that sure, and 3 of them ask for something after all."""
_IT = re.compile(r"\b(?:it|them|those|these)\b", re.I)
_TO_SOMEBODY = re.compile(r"\W*(?:(?:and|then|also|please)\s+)*[a-z]+\s+(?:her|him)\b(?!\s+(?:\w+\s+){0,2}orders?\b)", re.I)
_TIES = frozenset({"and", "but", "or", "so", "then", "also", "plus", "next", "finally", "please", "pls"})
_ADDS_ON = re.compile(r"[\s,]*(?:\b(?:and|but|also|then|plus)\b[\s,]*)*", re.I)
"""What may stand between a clause and one that only goes on with it."""
MOST_ITEMS = 8
"""Items under one head that are read with it: as many as a request may have parts."""
_LONG = 400
"""Characters from which reading is done in a thread: below, it takes less than a few milliseconds."""


class Planner:
    """Makes plans for one registry of tasks. Safe to share between requests."""

    def __init__(self, tasks: Mapping[str, Task], students: Pupils, gateway: CompleteJSON | None = None, *, prompts: Prompts | None = None) -> None:
        self._tasks, self._students = tasks, students
        self._local = Local(tasks, students)
        self._frontier = Frontier(gateway, prompts or Prompts(Resources()))
        self._vocabularies, self._lexicon, self._verbs = Vocabularies(), Lexicon(tasks.values()), Verbs(tasks.values())
        self._spelling = Spelling(tasks.values(), students.encoder.has)
        self._own_words = {name: own_words(task) for name, task in tasks.items()}
        self._outputs = {name: task.outputs() if task.effect == "read" else {} for name, task in tasks.items()}

    def warm(self) -> None:
        """Encode the tasks' examples now: the first request that is in doubt waits a second for them otherwise. For a thread."""
        self._local.likeness("")

    @property
    def _least(self) -> Thresholds:
        return self._students.reader.thresholds

    async def plan(self, ask: Ask, store: Store, clock: Clock, turns: Sequence[Turn] = ()) -> Plan:
        """The plan of a request. Bad input is never an exception: it is told in `not_done` or asked about.

        Args:
            turns: The turns of its thread before it, oldest first; only the last few are looked at.
        """
        began = time.perf_counter()
        scope = await self._scope(store, clock, ask.context)
        mended = await self._mended(_legible(ask.text), scope)
        text = mended.text
        draft = Draft(text=text if mended.slips else ask.text, locale=ask.locale, scope=scope)
        draft.notes += [said.read_as(slip.typed, slip.meant) for slip in mended.slips]
        if len(text) > said.MOST_CHARACTERS:
            draft.refuse((0, len(text)), "unclear", said.too_long(len(text)))
        elif not re.search(r"\w", text):
            draft.refuse((0, len(text)), "unclear", said.EMPTY)
        elif courtesy := said.courtesy(text):
            draft.refuse((0, len(text)), "out_of_scope", courtesy)
        else:
            await self._read(draft, _dated(draft, unnumbered(text)), turns)
        return _as_typed(draft.plan(took_ms=round((time.perf_counter() - began) * 1000, 3)), ask.text, mended)

    async def answered(self, plan: Plan, answers: Mapping[str, str], store: Store, clock: Clock) -> Plan:
        """The plan with these answers (question id to value) merged; only what waited for them is planned again.

        An answer is an option's value, or words that are normalised and linked as the request was. What is still not
        clear is asked again.
        """
        began = time.perf_counter()
        scope = await self._scope(store, clock, {})
        if plan.as_of is not None:
            scope.terms = as_of(scope.terms, plan.as_of)
        reading = self._students.reader.read(_legible(plan.text))
        slots = [slot for clause in reading.clauses for slot in clause.slots]
        draft = await answer(plan, answers, scope, slots)
        return draft.plan(took_ms=round((time.perf_counter() - began) * 1000, 3), id=plan.id)

    async def _scope(self, store: Store, clock: Clock, context: Mapping[str, object]) -> Scope:
        vocabulary = await self._vocabularies.of(store)
        shop = store.shop
        terms = Terms(
            currency=shop.currency, locale=shop.locale, week_starts=shop.week_starts, now=clock.now(), fiscal_year_starts=shop.fiscal_year_starts
        )
        linker = Linker(store, vocabulary, self._students.encoder.embed)
        return Scope(
            store=store,
            linker=linker,
            terms=terms,
            tasks=self._tasks,
            outputs=self._outputs,
            own_words=self._own_words,
            page=await page_of(context, linker),
        )

    async def _mended(self, text: str, scope: Scope) -> Respelled:
        """The text with slips of the pen mended, but for those in names and in what a field is to say."""
        slips = self._spelling.slips(text, scope.linker.vocabulary) if len(text) <= said.MOST_CHARACTERS else ()
        if not slips:
            return Respelled(text=text)
        read = self._students.reader.read
        reading = await asyncio.to_thread(read, text) if len(text) > _LONG else read(text)
        marks = [slot for clause in reading.clauses for slot in clause.slots]
        return respelled(text, [slip for slip in slips if not is_name_or_text(slip, text, marks, scope.linker.vocabulary)])

    async def _read(self, draft: Draft, text: str, turns: Sequence[Turn]) -> None:
        read = self._students.reader.read
        reading = await asyncio.to_thread(read, text) if len(text) > _LONG else read(text)
        decisions = self._under_heads(text, self._decided(text, whole_clauses(text, reading.clauses, self._tasks)))
        message = await self._message(draft, text, decisions, turns) if turns else None
        if message is not None:
            if await talk.took(message):
                return
            decisions = talk.of_kinds(message)
            if all(decision.verdict != "do" for decision in decisions):
                moved = await talk.in_context(message, self._tasks)
                decisions = decisions if moved is message.decisions else moved
        if reading.readable < READABLE and not self._lexicon.reads(text):
            await self._read_other_language(draft, text)
            return
        found = None
        if not any(_is_rule(decision, text) and not _hangs(decision, text, decisions) for decision in decisions):
            found = conditional(text, rules=any(_may_be_rule(decision, text) for decision in decisions))
        if found is not None and await self._conditional(draft, text, found, reading.clauses):
            return
        for decision in decisions:
            clause = decision.clause
            if (
                message is not None
                and not draft.steps
                and await talk.continues(message, 0 if decision is decisions[0] else clause.start, clause.end, clause.slots)
            ):
                continue
            await self._clause(draft, text, decision)
            share_object(draft)
        if message is not None:
            talk.settle(message)
        self._cover(draft, reading)

    async def _conditional(self, draft: Draft, text: str, found: Conditional, whole: Sequence[Clause]) -> bool:
        """What depends on a condition, and the read that it is weighed on; False where there is nothing that could depend on it."""
        for span in found.free:
            for decision in self._decided_within(text, span, whole):
                await self._clause(draft, text, decision)
        decisions = [decision for span in found.stretches for decision in self._decided_within(text, span, whole)]
        apart, steps = {step.id for step in draft.steps}, list[Step]()
        typed, weighed = None, False
        draft.close()
        for decision in decisions:
            if not weighed and found.condition[0] < decision.clause.start:
                typed, weighed = await self._measured(draft, text, found, apart), True
            otherwise = found.otherwise is not None and found.otherwise[0] <= decision.clause.start
            if otherwise:
                draft.close()
            at = len(draft.steps)
            if not (otherwise and steps and await self._otherwise(draft, text, decision, steps[-1])):
                await self._clause(draft, text, decision)
            steps += draft.steps[at:]
        if steps and not weighed:
            typed = await self._measured(draft, text, found, apart)
        weigh(draft, steps, typed, found)
        return bool(steps or draft.not_done)

    async def _otherwise(self, draft: Draft, text: str, decision: Decision, before: Step) -> bool:
        """ "Otherwise at 13": the change before with another value."""
        clause = decision.clause
        task = before.bound.task
        own = await bind(task, piece_of(text, clause.start, clause.end, clause.slots, draft.scope, task), draft.scope, finders=False)
        if decision.verdict == "do" or own.left or own.finds or not says_something(own, before.bound) or not takes_every_word(own, draft.scope):
            return False
        draft.add(merged(own, before.bound, draft.scope), span=_span(clause), by=before.by, confidence=before.confidence)
        return True

    def _decided_within(self, text: str, span: tuple[int, int], whole: Sequence[Clause]) -> list[Decision]:
        """A stretch read without the condition; where that says too little ("drop it to 9"), as it was read with it."""
        alone = only(text, [span])
        decisions = []
        for decision in self._decided(alone, whole_clauses(alone, self._students.reader.read(alone).clauses, self._tasks)):
            clause = decision.clause
            around = next((c for c in whole if c.start < clause.end and clause.start < c.end), None)
            if decision.verdict != "do" and around is not None:
                again = self._local.decide(text[clause.start : clause.end], replace(clause, labels=around.labels))
                decision = again if again.verdict == "do" else decision
            decisions.append(decision if decision.verdict == "do" else self._with_its_name(text, decision, whole))
        return decisions

    def _with_its_name(self, text: str, decision: Decision, whole: Sequence[Clause]) -> Decision:
        """ "Put it at 30 euros" says little alone; with what "it" is, in the words before, it may say all."""
        clause = decision.clause
        named = [slot for one in whole for slot in one.slots if slot.kind == "product" and slot.end <= clause.start]
        if not named:
            return decision
        told = _IT.sub(text[named[-1].start : named[-1].end], text[clause.start : clause.end], count=1)
        read = self._students.reader.read(told).clauses
        again = self._local.decide(told, replace(clause, labels=read[0].labels)) if len(read) == 1 else decision
        return again if again.verdict == "do" else decision

    async def _measured(self, draft: Draft, text: str, found: Conditional, apart: set[str]) -> tuple[Measured, Step | None] | None:
        start, end = found.condition
        bare = piece_of(text, start, end, (), draft.scope, None)
        if (before := measured_before(bare, draft.scope, so=found.so, among=apart)) is not None:
            id, typed = before
            return typed, next((step for step in draft.steps if step.id == id), None)
        if found.so:
            return None
        slots = [slot for clause in self._students.reader.read(only(text, [found.condition])).clauses for slot in clause.slots]
        condition = await measured(lambda task: piece_of(text, start, end, slots, draft.scope, task), draft.scope)
        return None if condition is None else (condition, read_first(draft, condition, found))

    def _decided(self, text: str, clauses: Sequence[Clause]) -> list[Decision]:
        decisions, end = [], 0
        for clause in (part for whole in clauses for part in self._parted(text, whole)):
            # Only what stands in no clause: the "don't" of the clause before forbids that one, not this.
            before = re.split(r"[.!?;:,\n]", text[end : clause.start])[-1]
            decisions.append(self._local.decide(text[clause.start : clause.end], clause, before=before))
            end = clause.end
        return decisions

    def _under_heads(self, text: str, decisions: list[Decision]) -> list[Decision]:
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
            again = [self._with_head(text, head[:2], decision) for decision in items]
            if all(decision is not None for decision in again):
                told = dict(zip((id(d) for d in items), again, strict=True))
                decisions = [told.get(id(d)) or d for d in decisions]
        return decisions

    def _with_head(self, text: str, head: tuple[int, int], decision: Decision) -> Decision | None:
        """What an item asks for when the head stands right before it; None where that leaves a doubt."""
        clause = decision.clause
        read = self._students.reader.read(only(text, [head, (clause.start, clause.end)])).clauses
        if not read or len(read) > 2:
            return None
        again = self._local.decide(f"{text[head[0] : head[1]]} {text[clause.start : clause.end]}", replace(clause, labels=read[-1].labels))
        return again if again.verdict == "do" and again.task is not None else None

    def _parted(self, text: str, clause: Clause) -> list[Clause]:
        """A look with the change that the reader took into it, as two: "find suspicious orders ‖ and refund order 1042"."""
        task = self._tasks.get(clause.labels[0][0]) if clause.labels else None
        at = change_after_look(text[clause.start : clause.end]) if task is not None and task.effect == "read" else None
        if at is None and task is not None and _changes(task) and (told := self._told_of(text, clause, task)):
            return told
        if at is None and task is not None and task.effect == "read" and (two := self._asked_of_found(text, clause)) is not None:
            return two
        if at is None:
            return self._recut(text, clause)
        end, cut = clause.start + at[0], clause.start + at[1]
        rest = whole_clauses(text, self._students.reader.read(only(text, [(cut, clause.end)])).clauses, self._tasks)
        meant = self._tasks.get(rest[0].labels[0][0]) if rest and rest[0].labels else None
        if not rest or (meant is not None and not _changes(meant)):
            return [clause]
        return [replace(clause, end=end, slots=_within(clause.slots, clause.start, end)), *rest]

    def _told_of(self, text: str, clause: Clause, task: Task) -> list[Clause]:
        """A change and the message about it that the reader took into it; none where there is no such message."""
        at = message_after_change(text[clause.start : clause.end]) if not any(slot.whole for slot in task.slots) else None
        if at is None:
            return []
        end, cut = clause.start + at[0], clause.start + at[1]
        rest = self._alone(text, (cut, clause.end))
        if rest is None:
            return []
        told = rest.clause
        if rest.verdict != "do" and LETS_KNOW.match(text, cut):  # says too little to the reader when it stands alone
            told = replace(told, start=cut, labels=(("message_customer", 1.0),))
        elif rest.task is None or rest.task.effect != "draft":
            return []
        return [replace(clause, end=end, slots=_within(clause.slots, clause.start, end)), told]

    def _asked_of_found(self, text: str, clause: Clause) -> list[Clause] | None:
        """A look and a question about what it finds, which another task answers: "new customers this month ‖ and what they bought"."""
        at = question_after_look(text[clause.start : clause.end])
        if at is None:
            return None
        sides = [self._alone(text, (clause.start, clause.start + at[0])), self._alone(text, (clause.start + at[1], clause.end))]
        meant = [side.task for side in sides if side is not None and side.task is not None and side.verdict == "do"]
        if len(meant) < 2 or meant[0] is meant[1] or not {slot.record for slot in meant[1].slots} & set(self._outputs[meant[0].name].values()):
            return None
        return [side.clause for side in sides if side is not None]

    def _recut(self, text: str, clause: Clause) -> list[Clause]:
        """The clause, or its two parts where each of them surely asks for another task by a verb of its own."""
        said = text[clause.start : clause.end]
        if (cut_at := picked_apart(said)) is not None:
            end, start = clause.start + cut_at[0], clause.start + cut_at[1]
            first = replace(clause, end=end, slots=_within(clause.slots, clause.start, end))
            return [first, replace(clause, start=start, slots=_within(clause.slots, start, clause.end))]
        if (item := ITEM.search(said)) is not None and item.start() > 0:
            sides = [self._alone(text, (clause.start, clause.start + item.start())), self._alone(text, (clause.start + item.end(), clause.end))]
            return [side.clause for side in sides if side is not None] if None not in sides else [clause]
        if (apart := self._under_its_name(text, clause)) is not None:
            return apart
        whole = None
        for cut in self._verbs.cuts(text, clause.start, clause.end):
            whole = whole or self._local.decide(said, clause)
            if whole.task is None or whole.task.name in ABOUT or any(slot.whole for slot in whole.task.slots):
                return [clause]
            if (whole.verdict == "do" or whole.confidence >= LIKELY) and explained(cut, said, whole.task, self._own_words):
                continue
            sides = [self._alone(text, (clause.start, cut.end)), self._alone(text, (cut.start, clause.end))]
            meant = [side.task for side in sides if side is not None and side.verdict == "do"]
            if len(meant) == 2 and meant[0] is not meant[1] and not any(task is None or task.name in ABOUT for task in meant):
                return [side.clause for side in sides if side is not None]
        return [clause]

    def _under_its_name(self, text: str, clause: Clause) -> list[Clause] | None:
        """A clause that lists several things of what it names first, where its last asks for another task: "board: price 58 ‖ stock 25"."""
        head = named_first(text, clause.start, clause.end)
        if head is None or not any(slot.kind == "product" and slot.start < head for slot in clause.slots):
            return None
        at = text.rfind(",", head, clause.end)
        if at < 0:
            return None
        rest = (at + 1 + len(text[at + 1 : clause.end]) - len(text[at + 1 : clause.end].lstrip()), clause.end)
        read = self._students.reader.read(only(text, [(clause.start, head), rest])).clauses
        if len(read) != 1:
            return None
        said = f"{text[clause.start : head]} {text[slice(*rest)]}"
        last = self._local.decide(said, replace(clause, labels=read[0].labels))
        first = self._local.decide(text[clause.start : at], clause)
        if last.verdict != "do" or last.task is None or last.task is first.task:
            return None
        slots = tuple(slot for slot in read[0].slots if slot.start >= rest[0])
        return [
            replace(clause, end=at, slots=tuple(slot for slot in clause.slots if slot.end <= at)),
            replace(clause, start=rest[0], labels=read[0].labels, slots=slots),
        ]

    def _alone(self, text: str, span: tuple[int, int]) -> Decision | None:
        """What a stretch asks for when it is all there is; None where the reader sees more than one thing in it."""
        alone = only(text, [span])
        clauses = whole_clauses(alone, self._students.reader.read(alone).clauses, self._tasks)
        if len(clauses) != 1:
            return None
        clause = replace(clauses[0], start=max(span[0], min(clauses[0].start, span[0])), end=span[1])
        return self._local.decide(text[clause.start : clause.end], clause)

    async def _message(self, draft: Draft, text: str, decisions: list[Decision], turns: Sequence[Turn]) -> Message:
        past = await recalled(turns, draft.scope)
        draft.scope.earlier += as_earlier(past)
        return Message(
            draft=draft,
            text=text,
            decisions=decisions,
            turns=turns[-LOOK_BACK:],
            past=past,
            read=lambda old: self._students.reader.read(old).clauses,
            decide=lambda clause: self._local.decide(text[clause.start : clause.end], clause),
            decided=self._local.decide,
        )

    async def _read_other_language(self, draft: Draft, text: str) -> None:
        told = await self._frontier.read(text, 0, len(text), list(self._tasks.values()))
        if not told:
            draft.refuse((0, len(text)), "needs_provider", said.other_language())
        await self._told(draft, text, told)

    async def _clause(self, draft: Draft, text: str, decision: Decision) -> None:
        clause = decision.clause
        before = draft.steps[-1].bound.task if draft.steps else None
        meant = following(decision, before, text[clause.start : clause.end], self._tasks, act=self._least.act)
        if meant.task is before is not decision.task and meant.task is not None and meant.task.name.startswith("create_"):
            if self._adds_to_what_is_made(draft, await self._bound(draft, text, clause, meant.task)):
                return
        else:
            decision = meant
        piece = piece_of(text, clause.start, clause.end, clause.slots, draft.scope, decision.task)
        if (reason := said.impossible(piece.said, self._conceivable(decision))) is not None:
            draft.refuse(_span(clause), "not_supported", reason)
            return
        if await self._elided(draft, piece, decision):
            return
        decision = await of_what_there_is(decision, piece, draft.scope, self._tasks, act=self._least.act, before=before)
        decision = of_what_is_written(decision, piece.said, self._tasks)
        decision = of_what_is_looked_for(decision, piece.said, self._tasks, look=self._least.look)
        piece = piece_of(text, clause.start, clause.end, clause.slots, draft.scope, decision.task)
        if asks_whether(decision, piece.said):
            await self._refused_or_asked(draft, piece, replace(decision, verdict="doubt"))
            return
        if decision.verdict == "do" and decision.task is not None:
            await self._do(draft, piece, decision, decision.task)
            return
        if await self._goes_on(draft, piece, decision):
            return
        if decision.verdict == "doubt" and await self._only_one_fits(draft, text, decision):
            return
        if decision.code == "not_supported" and await self._covered_by_words(draft, text, decision):
            return
        if decision.verdict == "doubt" or decision.code != "out_of_scope":
            near = [task for task, _ in decision.near] or list(self._tasks.values())
            if told := await self._frontier.read(text, clause.start, clause.end, near):
                await self._told(draft, text, told)
                return
        await self._refused_or_asked(draft, piece, decision)

    def _conceivable(self, decision: Decision) -> list[Task]:
        """The tasks that a clause may mean; where refusing is likelier than any it may be each, and where a text is surely to be written no other."""
        if decision.verdict == "do" and decision.task is not None and decision.task.effect == "draft":
            return [decision.task]
        refused = sum(share for name, share in decision.clause.labels if name not in self._tasks)
        if decision.verdict == "refuse" or (decision.verdict == "doubt" and refused >= decision.confidence):
            return list(self._tasks.values())
        return [task for task, share in decision.near if task is decision.task or share >= CLOSE]

    async def _do(self, draft: Draft, piece: Piece, decision: Decision, task: Task) -> None:
        parts = await self._bound(draft, piece.text, decision.clause, task)
        if self._adds_to_what_is_made(draft, await self._as_made(draft, piece.text, decision, parts)):
            return
        # a value that has no place in this change may have one in the change that was really meant
        if any(bound.left for bound in parts) and task.effect != "read" and await self._only_one_fits(draft, piece.text, decision, least=0.01):
            return
        if await self._looked_up_elsewhere(draft, piece.text, decision, parts):
            return
        # "label them" after customers were found is no edit of products
        about = kind_of(task)
        others = replace(decision, near=tuple((t, share) for t, share in decision.near if t is task or not about or kind_of(t) != about))
        if any(bound.unmentioned for bound in parts) and draft.steps and await self._only_one_fits(draft, piece.text, others):
            return
        self._add(draft, parts, decision.confidence)

    async def _looked_up_elsewhere(self, draft: Draft, text: str, decision: Decision, parts: Sequence[Bound]) -> bool:
        """A look that has no field for an amount where another has one: "how many orders over 200 euros" is no report of all orders."""
        amounts = any(isinstance(value, Range) and value.currency for bound in parts for value in bound.left)
        looks = replace(decision, near=tuple((task, share) for task, share in decision.near if task.effect == "read"))
        return amounts and decision.task is not None and decision.task.effect == "read" and await self._only_one_fits(draft, text, looks, least=0.001)

    async def _as_made(self, draft: Draft, text: str, decision: Decision, parts: Sequence[Bound]) -> list[Bound]:
        """A change of what the part before is only to make, as another line of its making: "create … at 45, stock 20"."""
        before = draft.steps[-1].bound.task if draft.steps else None
        made = before is not None and before.name.startswith("create_") and before.effect == "write"
        if before is None or not made or decision.task is before or decision.task is None or decision.task.effect != "write":
            return []
        kinds = {slot.record for slot in decision.task.slots if slot.record}
        thing = before.name.removeprefix("create_")
        if (
            thing == "draft_order"
            and decision.task.name in ("edit_order", "create_discount")
            and not any(s.kind == "order" for s in decision.clause.slots)
        ):
            return await self._bound(draft, text, decision.clause, before)  # a note or something off is of what is being drafted
        if not (thing in kinds or (thing == "product" and "variant" in kinds)) or not all(bound.unmentioned for bound in parts):
            return []
        return await self._bound(draft, text, decision.clause, before)

    def _adds_to_what_is_made(self, draft: Draft, parts: Sequence[Bound]) -> bool:
        return len(parts) == 1 and draft.continued(parts[0], (parts[0].piece.start, parts[0].piece.end))

    async def _bound(self, draft: Draft, text: str, clause: Clause, task: Task) -> list[Bound]:
        """The task bound to the clause, or to each part of one that pairs several amounts with several goods."""
        piece = piece_of(text, clause.start, clause.end, clause.slots, draft.scope, task)
        if texts := texts_beside(piece.said, task, self._tasks):
            return await self._both_texts(draft, piece, texts)
        counting = any("counts" in slot.types for slot in task.slots)  # "2 mugs and 1 candle" are lines of one order
        places = pairs(piece, draft.scope) if _changes(task) and not counting else [_span(clause)]
        if task.name.startswith("create_") and any(_NUMBER_FIRST.match(text, *place) for place in places[1:]):
            places = [_span(clause)]  # "price 14.50, 20 in stock" is of one thing
        parts: list[Bound] = []
        for start, end in places:
            part = piece if len(places) == 1 else piece_of(text, start, end, _within(piece.slots, start, end), draft.scope, task)
            bound = await bind(task, part, draft.scope)
            carry_over(bound, parts[-1] if parts else draft.before(task), always=bool(parts))
            parts.append(bound)
        if len(parts) == 1 and parts[0].left and _changes(task) and (two := await self._in_two(draft, piece, task)):
            parts = two
        share_back(parts)
        if len(parts) == 1 and not parts[0].finds:
            parts += [replace(parts[0], args={**parts[0].args, name: value}, also=[]) for name, value in parts[0].also]
        return parts

    async def _both_texts(self, draft: Draft, piece: Piece, two: tuple[Task, Task]) -> list[Bound]:
        """Both of the whole clause, whose goods and topic they share."""
        parts = []
        for task in two:
            part = piece_of(piece.text, piece.start, piece.end, _within(piece.slots, piece.start, piece.end), draft.scope, task)
            bound = await bind(task, part, draft.scope)
            without_the_other(bound, two)
            carry_over(bound, draft.before(task))
            parts.append(bound)
        return parts

    async def _in_two(self, draft: Draft, piece: Piece, task: Task) -> list[Bound]:
        """The clause as two changes of one kind where only so each of its values has a place: "20994 went out with DHL 003…, 20993 with UPS 1Z…"."""
        for end, start in halves(piece):
            first, second = [
                await bind(task, piece_of(piece.text, *span, _within(piece.slots, *span), draft.scope, task), draft.scope, finders=False)
                for span in ((piece.start, end), (start, piece.end))
            ]
            if first.left or first.finds or second.finds or not _of_two_things(first, second):
                continue
            carry_over(second, first, always=True)
            if not (second.left or first.asked or second.asked):
                return [first, second]
            if second.left and (more := await self._in_two(draft, second.piece, task)):
                return [first, *more]
        return []

    def _add(self, draft: Draft, parts: Sequence[Bound], confidence: float) -> None:
        for bound in parts:
            span = (bound.piece.start, bound.piece.end)
            same_time(bound, draft)
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

    async def _only_one_fits(self, draft: Draft, text: str, decision: Decision, *, least: float = MENTION) -> bool:
        """Binding as a second witness: a task in doubt is taken when all it needs was said, and the others in question cannot
        be meant since what they need was not ("add the tag sale to them" of products is no tagging of customers).
        """
        ruled_out = 0.0
        chosen: tuple[list[Bound], float] | None = None
        for task, share in decision.near:
            if share < least or _is_of_another_effect(task, share, decision):
                continue
            if kind_of(task) == "order" and _TO_SOMEBODY.match(text, decision.clause.start):
                ruled_out += share  # "tag her as priority" tags nobody's order
                continue
            if _changes(task) and spoken_against(text[decision.clause.start : decision.clause.end], task, (t for t, _ in decision.near)):
                continue
            parts = await self._bound(draft, text, decision.clause, task)
            if task is decision.task and share >= LIKELY and all(_only_how_is_missing(bound) for bound in parts):
                return False  # a count that may be new or added is no price for all that
            if any(bound.asked or bound.left or not bound.args or (bound.guessed and task is not decision.task) for bound in parts):
                ruled_out += share
            elif chosen is None:
                chosen = (parts, share)
            elif share >= RIVAL:
                return False
        if chosen is None or any(slot.whole for slot in chosen[0][0].task.slots):
            return False  # what takes any words has no more to be said of it, and so proves nothing
        parts, share = chosen
        confidence = share / (1 - ruled_out)
        backed = all(self._is_backed(bound) for bound in parts)
        if confidence < (BACKED if backed else SURE_ENOUGH if _changes(parts[0].task) else self._least.look):
            return False
        self._add(draft, parts, confidence)
        return True

    async def _covered_by_words(self, draft: Draft, text: str, decision: Decision) -> bool:
        """A refusal that a task's own words speak against: "repeat customers" is all in what find_customers says of itself.

        A look is taken at once, a change is asked about.
        """
        clause = decision.clause
        way = leaning(text[clause.start : clause.end])
        for task, share in decision.near:
            if (way == "change" and task.effect == "read") or (way == "ask" and _changes(task)) or (_changes(task) and share < CONCEIVABLE):
                continue
            parts = await self._bound(draft, text, clause, task)
            if not all(self._is_backed(bound) for bound in parts):
                continue
            if task.effect in ("read", "draft") or share >= BACKED:
                self._add(draft, parts, max(share, self._least.look))
            else:
                draft.ask_which(parts[0], span=_span(clause), by="student", confidence=share, near=[task])
            return True
        return False

    def _is_backed(self, bound: Bound) -> bool:
        """Whether the task's own words cover the clause, one of them saying what to do, and nothing is missing."""
        if bound.asked or bound.left or bound.guessed:
            return False
        piece, filled = bound.piece, [bound.task.slot(name) for name in bound.args]
        first = next((word.text.lower() for word in words_of(piece.text, piece.start, piece.end)), "")
        led = any(first == cue or cue.startswith(f"{first} ") for slot in filled if not slot.record for cue in slot.cues)
        names = [piece.of(spot) for spot in (*piece.slots, *piece.values.items, *bound.taken)]
        known = [word for name in names for word in re.findall(r"\w+", name)]
        return bool(bound.phrased or led) and self._lexicon.covers(bound.task, piece.said, known=known)

    async def _refused_or_asked(self, draft: Draft, piece: Piece, decision: Decision) -> None:
        near = [task for task, share in decision.near if share >= MENTION]
        if decision.verdict == "refuse":
            near = near or await asyncio.to_thread(self._alike, piece.said, decision.clause)
            draft.refuse(_span(decision.clause), decision.code or "unclear", said.refused(decision.code or "unclear", near))
        elif not near:
            draft.refuse(_span(decision.clause), "unclear", said.refused("unclear", [task for task, _ in decision.near][:1]))
        else:
            bound = await bind(near[0], piece, draft.scope)
            if bound.asked and decision.confidence >= LIKELY and not bound.left:
                # It waits for an answer anyway, and "a price is more than nothing" says more than "what would you like done?".
                draft.add(bound, span=_span(decision.clause), by="student", confidence=decision.confidence)
            else:
                draft.ask_which(bound, span=_span(decision.clause), by="student", confidence=decision.confidence, near=near)

    def _alike(self, words: str, clause: Clause) -> list[Task]:
        """The task whose examples are most like the words, to be named as what can be done instead."""
        task, cosine = self._local.nearest(words, clause)
        return [task] if cosine >= LIKE else []

    async def _told(self, draft: Draft, text: str, told: Sequence[Told]) -> None:
        for part in told:
            if part.task is None:
                code = part.refusal or "unclear"
                draft.refuse((part.start, part.end), code, said.refused(code, []))
                continue
            task = self._tasks[part.task]
            piece = piece_of(text, part.start, part.end, part.slots, draft.scope, task)
            bound = await bind(task, piece, draft.scope)
            draft.add(bound, span=(part.start, part.end), by="frontier", confidence=1.0)

    async def _elided(self, draft: Draft, piece: Piece, decision: Decision) -> bool:
        """ "The red one too", "same for hoodies": the verb before, with its values, on other records."""
        if not draft.steps:
            return False
        before = draft.steps[-1]
        task = before.bound.task
        if only_adds(piece, task):
            bound = await bind(task, piece, draft.scope)
            if draft.continued(bound, _span(decision.clause)):
                return True
        if not is_elided(piece, draft.scope):
            return False
        sure = decision.verdict == "do" and decision.task is not task and decision.confidence >= max(self._least.act, self._least.look)
        if sure and not SAME.match(piece.said):
            return False
        for span in pairs(piece, draft.scope) if _changes(task) else [_span(decision.clause)]:
            bound = await bind(task, piece_of(piece.text, *span, _within(piece.slots, *span), draft.scope, task), draft.scope)
            carry_over(bound, before.bound, always=True)
            if (
                asked := next((a for a in before.bound.asked if a.field == TASK), None)
            ) is not None:  # what is not sure of the one is not of the other
                near = [self._tasks[name] for name, _ in asked.options if name in self._tasks]
                draft.ask_which(bound, span=span, by=before.by, confidence=before.confidence, near=near)
                continue
            if not joins(bound, draft, span):
                draft.add(bound, span=span, by=before.by, confidence=min(before.confidence, max(decision.confidence, self._least.act)))
        return True

    async def _goes_on(self, draft: Draft, piece: Piece, decision: Decision) -> bool:
        """A clause that asks for nothing sure alone, as more of what the part before asks: "it's a duplicate", "and worst"."""
        before = draft.steps[-1] if draft.steps else None
        if before is None or any(slot.whole for slot in before.bound.task.slots) or leaning(piece.said) == "ask":
            return False
        if not _ADDS_ON.fullmatch(piece.text, before.span[1], piece.start):
            return False
        task = before.bound.task
        own = await bind(task, piece_of(piece.text, piece.start, piece.end, piece.slots, draft.scope, task), draft.scope, finders=False)
        if task.effect != "read":
            told = not own.left and not own.finds and bool(own.args) and takes_every_word(own, draft.scope)
            return told and draft.continued(own, _span(decision.clause))
        if not says_another_way(own, before.bound, draft.scope):
            return False
        carry_over(own, before.bound, always=True)
        draft.add(own, span=_span(decision.clause), by=before.by, confidence=before.confidence)
        return True

    def _cover(self, draft: Draft, reading: Reading) -> None:
        """Words that stand in no clause and do more than join are told: as background where they surely ask for nothing."""
        text, clauses = reading.text, reading.clauses
        edges = [0, *(at for clause in sorted(clauses, key=lambda c: c.start) for at in (clause.start, clause.end)), len(text)]
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            words = [w for w in words_of(text, start, end) if w.text.lower() not in JOINING]
            if words and (reading.truncated and end == len(text)):
                draft.refuse((start, end), "unclear", said.too_long(len(text)))
            elif len(words) > 1 or (words and not clauses):
                span = _unjoined(text, start, end)
                if any(b.start <= span[0] and span[1] <= b.end and b.idle >= IDLE for b in reading.between):
                    draft.background.append(span)
                else:
                    draft.refuse(span, "unclear", said.NOT_READ)


_NUMBER_FIRST = re.compile(r"\W*(?:and\W+)?[€$£]?\d")


def _unjoined(text: str, start: int, end: int) -> tuple[int, int]:
    """The words without those at either end that only tie them to what stands beside."""
    words = words_of(text, start, end)
    tied = [word.text.lower() in _TIES for word in words]
    first, last = tied.index(False), len(tied) - tied[::-1].index(False)
    return words[first].start, words[last - 1].end


def _is_rule(decision: Decision, text: str) -> bool:
    """Whether it is surely a rule that is to stand, whatever it says after its "if"."""
    sure = decision.task is not None and decision.task.name == "create_automation" and decision.confidence >= 0.9
    return sure and does_something(text[decision.clause.start : decision.clause.end])


_HANGING = re.compile(r"\W*(?:only\s+)?(?:if|unless|provided|(?:as|so)\s+long\s+as)\b", re.I)


def _hangs(decision: Decision, text: str, decisions: Sequence[Decision]) -> bool:
    """Whether its "if" follows a change in the same sentence, after no more than a comma: then it says when to make that change."""
    start = decision.clause.start
    before = [d for d in decisions if d.clause.end <= start and d.task is not None and _changes(d.task)]
    between = text[before[-1].clause.end : start] if before else ";"
    return re.fullmatch(r"[\s,]*", between) is not None and _HANGING.match(text, start) is not None


def _is_of_another_effect(task: Task, share: float, decision: Decision) -> bool:
    """Whether it would do something else with the same things than the clause, surely enough, asks: "hide the rude ones" answers none."""
    meant = decision.task
    if meant is None or task is meant or share >= RIVAL or decision.confidence < LIKELY:
        return False
    return kind_of(task) != "" and kind_of(task) == kind_of(meant) and task.effect != meant.effect


def _may_be_rule(decision: Decision, text: str) -> bool:
    thought_of = any(task.name in ABOUT and share >= MENTION for task, share in decision.near)
    return thought_of and does_something(text[decision.clause.start : decision.clause.end])


def _changes(task: Task) -> bool:
    return task.effect in ("write", "action")


def _only_how_is_missing(bound: Bound) -> bool:
    """Whether a change has all it needs but for a choice of how it is meant."""
    choices = {slot.name for slot in bound.task.slots if "choice" in slot.types}
    return (
        _changes(bound.task) and bool(bound.asked) and bool(bound.links) and not bound.left and all(asked.field in choices for asked in bound.asked)
    )


def _of_two_things(first: Bound, second: Bound) -> bool:
    """Whether two halves of a clause each name a record of their own."""
    named = [{id for name, link in bound.links.items() if name not in bound.refers for id in link.products} for bound in (first, second)]
    if all(named):
        return named[0].isdisjoint(named[1])
    codes = [bound.args.get("code") for bound in (first, second)]
    return None not in codes and codes[0] != codes[1] and not any(named)


def _within(slots: Sequence[SlotSpan], start: int, end: int) -> tuple[SlotSpan, ...]:
    return tuple(slot for slot in slots if start <= slot.start and slot.end <= end)


def _span(clause: Clause) -> tuple[int, int]:
    return (clause.start, clause.end)


def _as_typed(plan: Plan, text: str, mended: Respelled) -> Plan:
    """The plan with its places in the text as it was typed."""
    if not mended.slips:
        return plan
    return replace(
        plan,
        text=text,
        subtasks=tuple(replace(subtask, span=mended.back(subtask.span)) for subtask in plan.subtasks),
        not_done=tuple(replace(part, span=mended.back(part.span)) for part in plan.not_done),
        background=tuple(map(mended.back, plan.background)),
    )


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

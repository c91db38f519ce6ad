"""From a merchant's words to a plan, by a ladder: the students first, a frontier model for a clause they doubt, else a question.

Every clause ends as a subtask, a question or a `not_done`; words between clauses that no clause took are told as well.
Nothing is read but the request, the shop's vocabulary and the records it names, so no text that customers wrote can
change a plan.
"""

from __future__ import annotations

import asyncio
import re
import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from agent.planning import said
from agent.planning.answers import answer
from agent.planning.bind import bind
from agent.planning.draft import Draft
from agent.planning.frontier import CompleteJSON, Frontier, Told
from agent.planning.lexicon import Lexicon
from agent.planning.link import Linker
from agent.planning.local import ACT, LOOK, MENTION, READABLE, Decision, Local, Pupils
from agent.planning.normalise import normalise
from agent.planning.refer import points_at
from agent.planning.scope import Bound, Piece, Scope
from agent.planning.values import Spot, Terms, Values, Words
from agent.planning.vocabulary import Vocabularies, words_of
from agent.prompts import Prompts
from agent.records import Ask, Plan
from agent.records.reading import Clause, SlotSpan
from agent.resources import Resources
from agent.sdk import Clock, Store, Task

SURE_ENOUGH = 0.6
"""Least probability to plan a write whose every part was said; it still waits for approval."""
LIKE = 0.3
"""Least cosine for a task to be offered instead of what cannot be done."""
_LONG = 400
"""Characters from which reading is done in a thread: below, it takes less than a few milliseconds."""


class Planner:
    """Makes plans for one registry of tasks. Safe to share between requests."""

    def __init__(self, tasks: Mapping[str, Task], students: Pupils, gateway: CompleteJSON | None = None, *, prompts: Prompts | None = None) -> None:
        self._tasks, self._students = tasks, students
        self._local = Local(tasks, students)
        self._frontier = Frontier(gateway, prompts or Prompts(Resources()))
        self._vocabularies, self._lexicon = Vocabularies(), Lexicon(tasks.values())
        self._outputs = {name: task.outputs() if task.effect == "read" else {} for name, task in tasks.items()}

    async def plan(self, ask: Ask, store: Store, clock: Clock) -> Plan:
        """The plan of a request. Bad input is never an exception: it is told in `not_done` or asked about."""
        began = time.perf_counter()
        scope = await self._scope(store, clock, ask.context)
        draft = Draft(text=ask.text, locale=ask.locale, scope=scope)
        text = _legible(ask.text)
        if len(text) > said.MOST_CHARACTERS:
            draft.refuse((0, len(text)), "unclear", said.too_long(len(text)))
        elif not re.search(r"\w", text):
            draft.refuse((0, len(text)), "unclear", said.EMPTY)
        else:
            await self._read(draft, text)
        return draft.plan(took_ms=round((time.perf_counter() - began) * 1000, 3))

    async def answered(self, plan: Plan, answers: Mapping[str, str], store: Store, clock: Clock) -> Plan:
        """The plan with these answers (question id to value) merged; only what waited for them is planned again.

        An answer is an option's value, or words that are normalised and linked as the request was. What is still not
        clear is asked again.
        """
        began = time.perf_counter()
        scope = await self._scope(store, clock, {})
        reading = self._students.reader.read(_legible(plan.text))
        slots = [slot for clause in reading.clauses for slot in clause.slots]
        draft = await answer(plan, answers, scope, slots)
        return draft.plan(took_ms=round((time.perf_counter() - began) * 1000, 3), id=plan.id)

    async def _scope(self, store: Store, clock: Clock, context: Mapping[str, object]) -> Scope:
        vocabulary = await self._vocabularies.of(store)
        shop = store.shop
        terms = Terms(currency=shop.currency, locale=shop.locale, week_starts=shop.week_starts, now=clock.now())
        linker = Linker(store, vocabulary, self._students.encoder.embed)
        return Scope(store=store, linker=linker, terms=terms, tasks=self._tasks, outputs=self._outputs, context=context)

    async def _read(self, draft: Draft, text: str) -> None:
        read = self._local.read
        reading, decisions = await asyncio.to_thread(read, text) if len(text) > _LONG else read(text)
        if reading.readable < READABLE and not self._lexicon.reads(text):
            await self._read_other_language(draft, text)
            return
        for decision in decisions:
            await self._clause(draft, text, decision)
        self._cover(draft, text, [decision.clause for decision in decisions], truncated=reading.truncated)

    async def _read_other_language(self, draft: Draft, text: str) -> None:
        told = await self._frontier.read(text, 0, len(text), list(self._tasks.values()))
        if not told:
            draft.refuse((0, len(text)), "needs_provider", said.other_language())
        await self._told(draft, text, told)

    async def _clause(self, draft: Draft, text: str, decision: Decision) -> None:
        clause = decision.clause
        piece = _piece(text, clause.start, clause.end, clause.slots, draft.scope, decision.task)
        if await self._elided(draft, piece, decision):
            return
        if decision.verdict == "do" and decision.task is not None:
            bound = await bind(decision.task, piece, draft.scope)
            _carry_over(bound, draft)
            _same_time(bound, draft)
            if not draft.continued(bound, _span(clause)):
                draft.add(bound, span=_span(clause), by="student", confidence=decision.confidence)
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

    async def _only_one_fits(self, draft: Draft, text: str, decision: Decision) -> bool:
        """Binding as a second witness: a task in doubt is taken when all it needs was said, and the others in question cannot
        be meant since what they need was not ("add the tag sale to them" of products is no tagging of customers).
        """
        clause, ruled_out = decision.clause, 0.0
        chosen: tuple[Bound, float] | None = None
        for task, share in decision.near:
            if share < MENTION:
                continue
            bound = await bind(task, _piece(text, clause.start, clause.end, clause.slots, draft.scope, task), draft.scope)
            _carry_over(bound, draft)
            if bound.asked or bound.left or not bound.args:
                ruled_out += share
            elif chosen is None:
                chosen = (bound, share)
        if chosen is None:
            return False
        bound, share = chosen
        confidence = share / (1 - ruled_out)
        if confidence < (LOOK if bound.task.effect in ("read", "draft") else SURE_ENOUGH):
            return False
        draft.add(bound, span=_span(clause), by="student", confidence=confidence)
        return True

    async def _covered_by_words(self, draft: Draft, text: str, decision: Decision) -> bool:
        """A refusal that a task's own words speak against: "repeat customers" is all in what find_customers says of itself.

        A look is taken at once, a change is asked about.
        """
        clause = decision.clause
        for task, share in decision.near:
            piece = _piece(text, clause.start, clause.end, clause.slots, draft.scope, task)
            bound = await bind(task, piece, draft.scope)
            names = [*(piece.of(slot) for slot in piece.slots), *(piece.text[link.start : link.end] for link in bound.links.values())]
            known = [word for name in names for word in name.split()]
            if bound.asked or bound.left or not bound.phrased or not self._lexicon.covers(task, piece.said, known=known):
                continue
            if task.effect in ("read", "draft"):
                draft.add(bound, span=_span(clause), by="student", confidence=max(share, LOOK))
            else:
                draft.ask_which(bound, span=_span(clause), by="student", confidence=share, near=[task])
            return True
        return False

    async def _refused_or_asked(self, draft: Draft, piece: Piece, decision: Decision) -> None:
        near = [task for task, share in decision.near if share >= MENTION]
        if decision.verdict == "refuse":
            near = near or await asyncio.to_thread(self._alike, piece.said)
            draft.refuse(_span(decision.clause), decision.code or "unclear", said.refused(decision.code or "unclear", near))
        elif not near:
            draft.refuse(_span(decision.clause), "unclear", said.refused("unclear", [task for task, _ in decision.near][:1]))
        else:
            bound = await bind(near[0], piece, draft.scope)
            draft.ask_which(bound, span=_span(decision.clause), by="student", confidence=decision.confidence, near=near)

    def _alike(self, words: str) -> list[Task]:
        """The task whose examples are most like the words, to be named as what can be done instead."""
        name, cosine = max(self._local.likeness(words).items(), key=lambda pair: pair[1], default=("", 0.0))
        return [self._tasks[name]] if cosine >= LIKE else []

    async def _told(self, draft: Draft, text: str, told: Sequence[Told]) -> None:
        for part in told:
            if part.task is None:
                code = part.refusal or "unclear"
                draft.refuse((part.start, part.end), code, said.refused(code, []))
                continue
            task = self._tasks[part.task]
            piece = _piece(text, part.start, part.end, part.slots, draft.scope, task)
            bound = await bind(task, piece, draft.scope)
            draft.add(bound, span=(part.start, part.end), by="frontier", confidence=1.0)

    async def _elided(self, draft: Draft, piece: Piece, decision: Decision) -> bool:
        """ "The red one too", "same for hoodies": the verb before, with its values, on other records."""
        if not draft.steps or not _is_elided(piece, draft.scope):
            return False
        before = draft.steps[-1]
        task = before.bound.task
        sure = decision.verdict == "do" and decision.task is not task and decision.confidence >= max(ACT, LOOK)
        if sure and not _SAME.match(piece.said):
            return False
        bound = await bind(task, piece, draft.scope)
        _carry_over(bound, draft, always=True)
        draft.add(bound, span=_span(decision.clause), by=before.by, confidence=min(before.confidence, max(decision.confidence, ACT)))
        return True

    def _cover(self, draft: Draft, text: str, clauses: Sequence[Clause], *, truncated: bool) -> None:
        """Words that stand in no clause and do more than join are told."""
        edges = [0, *(at for clause in sorted(clauses, key=lambda c: c.start) for at in (clause.start, clause.end)), len(text)]
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            words = [w for w in words_of(text, start, end) if w.text.lower() not in _JOINING]
            if words and (truncated and end == len(text)):
                draft.refuse((start, end), "unclear", said.too_long(len(text)))
            elif len(words) > 1 or (words and not clauses):
                draft.refuse((words[0].start, words[-1].end), "unclear", said.NOT_READ)


def _span(clause: Clause) -> tuple[int, int]:
    return (clause.start, clause.end)


def _piece(text: str, start: int, end: int, slots: Sequence[SlotSpan], scope: Scope, task: Task | None) -> Piece:
    """The clause with its values; a change looks ahead for its dates ("from Friday"), a report back."""
    ahead = task is not None and task.effect in ("write", "action") and any({"moment", "period"} & set(slot.types) for slot in task.slots)
    whole = _whole_slots(text, slots, end)
    values = normalise(text, start, end, whole, scope.terms, ahead=ahead)
    if names := [Spot(start=m.start(), end=m.end()) for m in scope.linker.vocabulary.tricky.finditer(text, start, end)]:
        values = Values(items=tuple(v for v in values.items if isinstance(v, Words) or not any(v.overlaps(name) for name in names)))
    return Piece(text=text, start=start, end=end, slots=whole, values=values)


_REST_OF_WORD = re.compile(r"[\w’']*(?:-\w+)*")
_START_OF_WORD = re.compile(r"[\w’'-]*$")


def _whole_slots(text: str, slots: Sequence[SlotSpan], end: int) -> tuple[SlotSpan, ...]:
    """Slots as whole words ("gift-idea"), and those of one kind with nothing but a space between as one ("our best customers")."""
    merged: list[SlotSpan] = []
    for slot in sorted(slots, key=lambda s: s.start):
        rest, before = _REST_OF_WORD.match(text, slot.end, end), _START_OF_WORD.search(text, 0, slot.start)
        ends_in_word = rest and text[slot.end - 1 : slot.end].isalnum() or text[slot.end - 1 : slot.end] == "-"
        slot = replace(slot, start=before.start() if before else slot.start, end=rest.end() if rest and ends_in_word else slot.end)
        last = merged[-1] if merged else None
        if last is not None and last.kind == slot.kind and not text[last.end : slot.start].strip(" -"):
            merged[-1] = replace(last, end=slot.end, confidence=min(last.confidence, slot.confidence))
        else:
            merged.append(slot)
    return tuple(merged)


_SAME = re.compile(r"(?:and\s+)?(?:do\s+)?(?:the\s+)?(?:same|likewise|ditto)\b(?:\s+(?:for|to|with|on|goes\s+for))?", re.I)
_TOO = re.compile(r"\b(?:too|as\s+well|also|likewise)\s*[.!?]*$", re.I)
_LEADING = re.compile(r"^(?:and|also|then|plus|but|&)\s+", re.I)


def _is_elided(piece: Piece, scope: Scope) -> bool:
    """A clause without a verb of its own: "same for X", or nothing but names of goods, values and "too"."""
    clause = _LEADING.sub("", piece.said)
    if _SAME.match(clause) and not points_at(clause, "product"):
        return True
    rest = _TOO.sub("", clause)
    words = words_of(rest)
    marked = {"product", "money", "percent", "quantity", "customer", "period"}
    covered = [w for w in words_of(piece.text, piece.start, piece.end) if any(s.start <= w.start < s.end for s in piece.slots if s.kind in marked)]
    plain = [w for w in words if w.text.lower() not in _BARE and not scope.linker.vocabulary.knows(w.stem) and not w.text[0].isdigit()]
    uncovered = [w for w in plain if w.text not in {c.text for c in covered}]
    return bool(words) and not uncovered and (len(rest) < len(clause) or any(s.kind == "product" for s in piece.slots) or "one" in rest.lower())


_BARE = frozenset(
    [
        "the", "a", "an", "one", "ones", "all", "every", "and", "to", "at", "by", "for", "in", "size", "euros", "euro", "eur", "it", "them",
        "those", "these", "by",
    ]
)  # fmt: skip
_JOINING = frozenset(
    [
        "and", "then", "also", "please", "plus", "after", "that", "next", "finally", "as", "well", "too", "can", "could", "would", "will", "you",
        "i", "we", "want", "to", "like", "need", "the", "a", "so", "first", "second", "third", "lastly", "afterwards", "thanks", "thank", "hi",
        "hello", "hey", "but", "or", "with", "while", "at", "same", "time", "let", "me", "us", "let's", "just", "now", "additionally",
        "furthermore", "moreover", "besides", "once", "done", "ok", "okay",
    ]
)  # fmt: skip
"""Words between clauses that only join them or are polite."""


def _carry_over(bound: Bound, draft: Draft, *, always: bool = False) -> None:
    """What the clause before said and this one leaves out: "set the blue mug to 12.50 and the red one too"."""
    before = next((step for step in reversed(draft.steps) if step.bound.task is bound.task), None)
    if before is None or not (always or _TOO.search(bound.piece.said) or _SAME.match(bound.piece.said)):
        return
    records = {slot.name for slot in bound.task.slots if slot.record}
    own = {name for name in bound.args if name not in records}
    missing = [a for a in bound.asked if a.field not in records]
    for name, value in before.bound.args.items():
        rival = any(name in group and own & set(group) for group in bound.task.args.one_of)
        if name not in bound.args and name not in records and not rival:
            bound.args[name] = value
            bound.asked = [a for a in bound.asked if a.field != name]
    given = set(bound.args)
    bound.asked = [a for a in bound.asked if a not in missing or not any(a.field in g and given & set(g) for g in bound.task.args.one_of)]


def _same_time(bound: Bound, draft: Draft) -> None:
    """ "How much did we make yesterday, and which products sold best?" asks both of yesterday."""
    before = draft.steps[-1].bound if draft.steps else None
    if before is None or before.task is not bound.task or bound.task.effect != "read":
        return
    periods = [slot.name for slot in bound.task.slots if slot.types == ("period",)]
    if periods and not any(name in bound.args for name in periods):
        bound.args |= {name: before.args[name] for name in periods[:1] if name in before.args}


def _legible(text: str) -> str:
    """The text with control and direction marks made spaces, one for one, so that places stay."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\n\t" else c for c in text)


Rung = Literal["student", "frontier"]


def _with_slots(piece: Piece, slots: Sequence[SlotSpan]) -> Piece:
    return replace(piece, slots=tuple(slots))

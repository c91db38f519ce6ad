"""A message of a thread that only adds to what was said before, as a plan: "no, the charcoal one instead", "and in France?".

What is complete by itself stands by itself and is left to the planner. A message belongs to an earlier subtask only where
that subtask's task takes every word of it; then the subtask is made again with what the message says in the place of what
it said before. Nothing here looks further back than `recall.LOOK_BACK` turns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.planning import said
from agent.planning.binding.bind import bind
from agent.planning.binding.choices import covering
from agent.planning.binding.merge import SILENT, is_other_change, merged, says_something, takes_every_word, without_its_change
from agent.planning.binding.scope import Bound, Scope, put
from agent.planning.clauses.local import Decision
from agent.planning.clauses.pieces import piece_of
from agent.planning.clauses.whole import whole_clauses
from agent.planning.draft import Draft, Step
from agent.planning.elide import goes_on_with, spoken_period, step_back, worth_of_that
from agent.planning.linking.lexicon import COMMON, leaning
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.bare import is_bare, take_number, take_words
from agent.planning.threads.kinds import among_found, both, kind_spoken_of, of_the_same, said_with_its_kind, with_its_kind
from agent.planning.threads.listed import changed_ones, counted_again, told_of, watched
from agent.planning.threads.made import grown, without_field
from agent.planning.threads.markers import Marked, Whole, marked, whole
from agent.planning.threads.narrow import among_them, found_among, keep_among, leaving_out, none_such, some_of_them
from agent.planning.threads.places import by_their_places, is_of_the_place, of_the_order_shown, says_place
from agent.planning.threads.recall import Past, as_earlier
from agent.planning.threads.replies import is_order, place_said, replied
from agent.planning.threads.revise import happened, refines, revises, superseded
from agent.planning.threads.undoing import to_be_undone
from agent.planning.threads.words_back import time_of_the_change, why, with_more
from agent.records import Replaced, Turn
from agent.records.reading import Clause, SlotSpan
from agent.sdk import Slot, Task

_DEPENDENT = re.compile(
    r"(?:with|without|until|till|by|in|for|from|over|under|above|below|at|more\s+than|less\s+than|fewer\s+than|on|since|during|per|as|to|between|before"
    r"|after|including|within|through|via|starting|ending|valid|minimum|maximum|limited|shorter|longer|warmer|funnier|friendlier|simpler|nicer"
    r"|(?:more|less|a\s+bit|a\s+little|much)\s+\w+|\w+est\s+first|sorted|grouped|worth)\b",
    re.I,
)
"""How what says nothing alone begins: it is first tried on what was said before."""
_RELATIVE = re.compile(
    r"(?:and\s+|but\s+)?(?:who|that|which)\s+(?!(?:are|is|were|was|of|do|does|did|all|else|has|have|ones?|customers?|orders?|products?|reviews?|codes?)\b)",
    re.I,
)
"""How a clause begins that says more of the records before, and could also be a question of its own."""
_BOTH = re.compile(r"\bboth(?:\s+of\s+(?:them|those|these))?\b", re.I)
_PUTS = re.compile(r"\bput\s+(?:it|that|this|them|those|these)(?:\s+(?:to|at|in|into|on))?\s*$", re.I)
_THE_ONE = re.compile(
    r"\bthe\s+(?:very\s+)?(?:\w{3,}est|most\s+\w+|top|last|first|best|worst)(?:\s+(?:one|order|customer|product|review|code))?\W*$", re.I
)
"""One of a list, by what sets it apart."""
_LISTS = re.compile(
    r"\W*(?:(?:just|only|please|then|no|ok|okay|can\s+you|and)[\s,]+)*(?:list|show)\s+(?:me\s+)?(?:them|those|these)(?:\s+(?:instead|rather|only|first|please))*\W*",
    re.I,
)
_ASKS_WHERE = re.compile(
    r"(?:(?:and|but|in|for|from)\s+)*(?:which|what)\s+(?P<what>\w+(?:\s+\w+)?)"
    r"(?:\s+(?:was|were|is|are|has|have|did|do|does)\b)?(?:\s+(?:it|that|this|the|most|mostly|mainly|hardest|worst))*"
    r"(?:\s+(?:affected|responsible|to\s+blame|behind|hit|hurt|down|up|drop|dropped|fell|grew|rose|changed|driving|drove|caused|contributed|involved|concerned))?"
    r"(?:\s+(?:it|that|this|the|drop|rise|fall|change|most|hardest|by|in))*\W*",
    re.I,
)
_DIVIDED = re.compile(
    r"\W*(?:(?:and|now|then|please)\s+)*(?:(?:split|break|group|show)\s+(?:it|that|this)\s+(?:down\s+)?)?(?:by|per)\s+(?P<what>\w+(?:\s+\w+)?)\W*",
    re.I,
)
_AMONG = re.compile(
    r"(?:and\s+)?(?:(?:which|who|whom|how\s+many|(?:is|are|were)\s+any)\s+(?:ones?\s+)?of\s+(?:them|those|these)\b|which\s+(?:ones?\s+)?(?:are|is|were|costs?|have|has)\b|how\s+many\s+(?:are|were|live|come)\s+(?:from|in|to|over|above|under|below)\b)",
    re.I,
)
_ADDS = re.compile(r"\W*(?:(?:please|and|also|can\s+you)\s+)*(?:add|include|insert|write|say)\b", re.I)
_DO_FOR = re.compile(r"\W*(?:(?:and|then|now|also|no|please)[\s,]+)*(?:do|repeat|apply)\s+(?:that|this|it|the\s+same)\s+(?:for|to|with|on)\b", re.I)
_WHICH_ONE = re.compile(r"\W*(?:(?:and|so)\s+)*which\s+(?:one|of\s+(?:them|those|these))\b", re.I)
"""One of what a report divides by: a question to the same report."""
_DID = frozenset({"sold", "sell", "selling", "did", "made", "make", "brought", "earned"})
"""Verbs of such a question."""
_SO = frozenset({"cost", "costs"})
"""Verbs of "which of them … 15 euros" that a range of prices says as well."""
_PUTTING = frozenset({"more", "sound", "sounding", "tone", "add", "insert", "use", "put", "write", "tell", "line", "sentence", "text", "also"})
"""Words beside a wish for a text that waits: "add the code FROST10"."""
_MOST_SAID = 2000
_FEW_WORDS = 12
"""Of a message that says more of what takes any words; a longer one stands by itself."""
_CONTEXT = 300
"""Characters of the words before that are read again with a message that adds to them."""

Read = Callable[[str], Sequence[Clause]]
"""The clauses that the reader sees in a text."""


@dataclass(slots=True, kw_only=True)
class Talk:
    """One message and the turns before it."""

    draft: Draft
    text: str
    decisions: list[Decision]
    turns: Sequence[Turn]
    past: Sequence[Past]
    read: Read
    decide: Callable[[Clause], Decision]
    decided: Callable[[str, Clause], Decision]
    """What a clause asks for that is all of a text."""

    async def took(self) -> bool:
        """Whether the whole message belongs to what was said before; the draft then has what comes of it."""
        word = whole(self.text)
        yes = word is not None and word[0] == "yes"
        slots = [slot for decision in self.decisions for slot in decision.clause.slots]
        if self._says_more_than_a_text() and await self.continues(0, len(self.text), slots):
            return True
        if await replied(self.draft, self.text, self.turns, self.past, new=self._is_new(), yes=yes, read=self.read):
            return True
        if word is not None and await self._word(*word):
            return True
        if await self._picked() or await self._listed() or self._looked_at_again():
            return True
        return await self.continues(0, len(self.text), slots)

    def _says_more_than_a_text(self) -> bool:
        """ "With UPS, tracking number 1Z99…" where the tracking number was asked for: a carrier beside it, and no text of all these words."""
        asked = self.turns[-1].plan.questions if self.turns else ()
        one = next((one for one in self._bases() if one.questions), None) if len(asked) == 1 and self.past else None
        slot = next((slot for slot in one.bound.task.slots if slot.name == asked[0].field), None) if one is not None else None
        return slot is not None and slot.types == ("text",) and not slot.whole and _DEPENDENT.match(self.text) is not None

    async def continues(self, start: int, end: int, slots: Sequence[SlotSpan]) -> bool:
        """Whether a stretch of the message changes or repeats an earlier subtask; the draft then has it."""
        mark = _within(marked(self.text[:end]) if start == 0 else marked(self.text[start:end]), start)
        among = _AMONG.match(self.text, mark.start) is not None
        if not self.past or mark.start >= mark.end:
            return False
        own = self.text[mark.start : mark.end]
        verb = leaning(own) != "" or is_order(own)
        if mark.kind not in ("only", "replace") and verb and says_place(own) and any(d.verdict == "do" for d in self.decisions):
            return False  # "hide the rest" is of what was listed, and no other change of what was changed
        again = self._named_again(mark)
        alone = self._stands_by_itself(mark) and not among and again is None
        if among and await self._among(mark, slots, (start, end)):
            return True
        if mark.kind == "meant" and await self._other_task(mark):
            return True
        fitting = await self._fitting(mark, slots, [again] if again is not None else self._bases_for(mark), alone=alone, span=(start, end))
        if fitting is None:
            return True
        if not fitting and self._divides_what_cannot_be():
            self.draft.refuse((start, end), "not_supported", said.NOT_DIVIDED)
            return True
        if not fitting:
            return False
        if _BOTH.search(self.text, mark.start, mark.end) and (two := await self._both(fitting[0], mark, slots)):
            for one, bound in two:
                self._add(one, bound, replace(mark, kind="replace", instead=True), (start, end))
            return True
        if len(fitting) > 1 and self._in_doubt(fitting):
            labels = [f"{one.bound.task.summary.rstrip('.').lower()} ({_about(one.bound)})" for one, _ in fitting]
            self.draft.refuse((start, end), "unclear", said.which_of(self.text[start:end].strip(), labels))
            return True
        self._add(*fitting[0], mark, (start, end))
        return True

    async def _fitting(
        self, mark: Marked, slots: Sequence[SlotSpan], bases: Sequence[Past], *, alone: bool, span: tuple[int, int]
    ) -> list[tuple[Past, Bound]] | None:
        """The earlier subtasks that take every word of the message, likeliest first; None where it narrowed one, which the draft then has."""
        fitting: list[tuple[Past, Bound]] = []
        begins = leaning(self.text[mark.start : mark.end]) != ""
        for one in bases:
            if begins and _failed(one):
                continue  # "put everything on sale", after an automation that was not found, pauses none
            if alone and (any(slot.whole for slot in one.bound.task.slots) or not (one.open and one.changes and one.turn is self.past[-1].turn)):
                continue  # a field that takes whatever is said takes a request of its own as well
            bound = await self._onto(one, mark, slots)
            if alone and (bound is None or not refines(one, bound, mark, self.text[slice(*span)])):
                continue
            if bound is None and mark.kind == "only" and await self._narrowed(one, mark, slots, span):
                return None
            if bound is not None:
                fitting.append((one, bound))
                if not (one.changes and bound.task.effect == "write") or len(fitting) > 1:
                    break
        return sorted(fitting, key=lambda pair: self.past.index(pair[0])) if len(fitting) > 1 and self._in_doubt(fitting) else fitting

    async def _picked(self) -> bool:
        """ "The first one", after a message that could be about two changes: that message again, about the one picked."""
        nth, last = place_said(self.text), self.turns[-1] if self.turns else None
        if nth is None or last is None or last.plan.subtasks or not last.plan.not_done:
            return False
        decisions = [self.decided(last.text[clause.start : clause.end], clause) for clause in self.read(last.text)]
        past = [one for one in self.past if one.turn is not last]
        before = replace(self, text=last.text, past=past, turns=self.turns[:-1], decisions=decisions)
        mark, slots = marked(last.text), [slot for decision in decisions for slot in decision.clause.slots]
        fitting = await before._fitting(mark, slots, before._bases(), alone=False, span=(0, len(last.text))) if past else None
        if not fitting or len(fitting) != 2 or nth > 1 or not before._in_doubt(fitting):
            return False
        self._add(*fitting[nth], mark, (0, len(self.text)))
        return True

    async def _listed(self) -> bool:
        """ "List them instead", after a change that was told in words alone whom it is about: a search for those."""
        base = next(iter(self._bases()), None) if self.past and _LISTS.fullmatch(self.text) else None
        if base is None or not any(slot.whole for slot in base.bound.task.slots):
            return False
        finders = [task for name, task in self.draft.scope.tasks.items() if name.startswith("find_")]
        read = [bound for task in finders if (bound := await self._reread(base, task)) is not None and bound.args and not bound.asked]
        if not read:
            return False
        self._step(max(read, key=lambda bound: len(bound.args)), base, (0, len(self.text)))
        return True

    def _looked_at_again(self) -> bool:
        """ "How many are there?", "which ones did you tag?", and "no end date" of what waits to be made."""
        bases = self._bases() if self.past else ()
        span = (0, len(self.text))
        if (again := counted_again(self.text, bases) or changed_ones(self.text, bases, self.draft.scope)) is not None:
            self._step(again[1], again[0], span)
            return True
        lacking = next(((one, bound) for one in bases if (bound := without_field(self.text, one)) is not None), None)
        if lacking is None:
            return False
        self._add(*lacking, Marked(kind="replace", start=0, end=len(self.text), instead=True), span)
        return True

    def of_kinds(self) -> list[Decision]:
        """The message's clauses as the reader takes them once "it" and "them" are called what they are."""
        last = self._bases()[0] if self.past else None
        told = said_with_its_kind(self.text, last, self.draft.scope) if last is not None and len(self.decisions) == 1 else None
        if last is None or told is None:
            return self.decisions
        return [with_its_kind(self.decisions[0], told, self.read, self.decided)]

    def settle(self) -> None:
        """Keep to what was spoken of, and withdraw the open proposals that the message's own changes contradict."""
        if self.past:
            last = self._bases()[0]
            by_their_places(self.draft.steps, self.past, self.draft.scope.outputs)
            of_the_order_shown(self.draft.steps, last)
            self._scheduled()
            text = self.draft.text
            self.draft.not_done = [one for one in self.draft.not_done if not is_of_the_place(text[slice(*one.span)], text)]
            both(self.draft.steps, self.past, self.draft.scope)
            of_the_same(self.draft.steps, last)
            for step in self.draft.steps[:1]:
                worth_of_that(step.bound, last.bound)
                goes_on_with(step.bound, last.bound)
                time_of_the_change(step.bound, last.bound)
            among_found(self.draft.steps, last, self.draft.scope.outputs.get(last.subtask.task, {}))
        for one, _ in superseded(self.draft, self.past, instead=marked(self.text).instead):
            self._settle(one, Marked(kind="replace", start=0, end=len(self.text)), takes_its_place=True)

    def _scheduled(self) -> None:
        """ "Send me this every Monday" after a report: that report, and none called "this"."""
        for step in self.draft.steps:
            slot = next((slot for slot in step.bound.task.slots if slot.whole), None)
            if slot is None or step.said or len(self.draft.steps) > 1:
                continue
            words = str(step.bound.args.get(slot.name, ""))
            if step.bound.task.name.startswith("schedule_"):
                step.bound.args[slot.name] = told_of(words, self.past) or words
            elif (rule := watched(words, self.past)) is not None:
                step.bound.args[slot.name] = rule or words
                if not rule:
                    step.bound.ask(slot.name, said.for_which(words))

    async def _both(self, last: tuple[Past, Bound], mark: Marked, slots: Sequence[SlotSpan]) -> list[tuple[Past, Bound]]:
        """ "Both until friday": the two newest changes of one task that wait, each with what is said of them."""
        open_ = [one for one in reversed(self.past) if one.open and one.changes and one.bound.task is last[0].bound.task][:2]
        merged = [(one, await self._merged(one, mark, slots)) for one in open_]
        found = [(one, bound) for one, bound in merged if bound is not None]
        return found if len(found) == 2 else []

    # what a message is

    def _is_new(self) -> bool:
        """A request of its own, by its verb and by what the reader sees in it."""
        mark = marked(self.text)
        said = self.text[mark.start : mark.end]
        if is_order(said) and self.turns and not self._is_of_the_task_asked():
            return True
        return any(d.verdict == "do" for d in self.decisions) and leaning(said) != ""

    def _is_of_the_task_asked(self) -> bool:
        """Whether the reader takes the message for nothing but what the last turn asks about."""
        asked = {one.task for one in self.turns[-1].plan.subtasks}
        likeliest = [decision.near[0][0].name for decision in self.decisions if decision.near]
        return all(name in asked for name in likeliest)

    def _stands_by_itself(self, mark: Marked) -> bool:
        sure = [decision for decision in self.decisions if decision.verdict == "do" and decision.task is not None]
        if not sure:
            return False
        begins = leaning(self.text[mark.start : mark.end])
        if self._asks_where(mark):
            return False
        if self._is_bare(mark) or (mark.instead and begins != "change") or self._only_says_who(sure) or self._wishes_more_of_a_text(sure):
            return False
        if begins:
            return not (_WHICH_ONE.match(self.text) and all(decision.task is self._bases()[0].bound.task for decision in sure))
        if mark.kind != "plain" or _DEPENDENT.match(self.text, mark.start):
            return False
        bases = {one.subtask.task for one in self.past if one.turn is self.past[-1].turn}
        marks = {slot.kind for decision in self.decisions for slot in decision.clause.slots}
        return bool(marks & {"metric", "field"}) or any(decision.task is not None and decision.task.name not in bases for decision in sure)

    def _only_says_who(self, sure: Sequence[Decision]) -> bool:
        """ "Who spent more than 300" after customers from Denmark: of them, where it is no question."""
        base = self._bases()[0].bound.task
        same = base.name.startswith("find_") and all(decision.task is base for decision in sure)
        return same and _RELATIVE.match(self.text) is not None and not self.text.rstrip().endswith("?")

    def _wishes_more_of_a_text(self, sure: Sequence[Decision]) -> bool:
        """ "Add that it keeps tea hot" after a text: one more wish for it, and no other of its kind."""
        base = self._bases()[0].bound.task
        marks = {slot.kind for decision in self.decisions for slot in decision.clause.slots}
        same = base.effect == "draft" and all(decision.task is base for decision in sure)
        return same and _ADDS.match(self.text) is not None and not marks & {"product", "customer", "order"}

    def _named_again(self, mark: Marked) -> Past | None:
        """The change that waits and that a message gives another bare number, by the name of its goods: "make the snuffers 12"."""
        said = [word for word in words_of(self.text, mark.start, mark.end) if word.text.lower() not in COMMON and word.stem not in SILENT]
        names = {word.stem for word in said if not word.text[0].isdigit()}
        numbers = [word for word in said if word.text[0].isdigit()]
        if len(numbers) != 1 or not names or re.search(r"[%€$£]|\beuros?\b", self.text, re.I):
            return None
        waiting = [one for one in self._bases() if one.open and one.changes and one.turn is self.past[-1].turn]
        named = [one for one in waiting if any(names <= {w.stem for w in words_of(link.label)} for link in one.bound.links.values())]
        counted = [one for one in named if any("integer" in slot.types and slot.name in one.bound.args for slot in one.bound.task.slots)]
        return counted[0] if len(counted) == 1 else None

    def _asks_where(self, mark: Marked) -> bool:
        """ "Which countries were affected?" after a report: the report again, by country."""
        task = self._bases()[0].bound.task
        asked = _ASKS_WHERE.fullmatch(self.text, mark.start, mark.end)
        divides = next((slot for slot in task.slots if "choices" in slot.types and "channel" in slot.choices), None)
        return task.effect == "read" and asked is not None and divides is not None and covering(divides, asked["what"])

    def _divides_what_cannot_be(self) -> bool:
        """ "By country?" after a forecast, which is no new report of what was."""
        base = self._bases()[0]
        others = [task for task in self.draft.scope.tasks.values() if task.name == "sales_report"]
        by = next((slot for task in others for slot in task.slots if "choices" in slot.types and "product" in slot.choices), None)
        asked = _DIVIDED.fullmatch(self.text)
        own = any("choices" in slot.types for slot in base.bound.task.slots)
        return asked is not None and by is not None and base.bound.task.effect == "read" and not own and covering(by, asked["what"])

    def _is_bare(self, mark: Marked) -> bool:
        base = self._bases()[0]
        return is_bare(piece_of(self.text, mark.start, mark.end, (), self._scope_of(base), base.bound.task))

    def _bases(self) -> Sequence[Past]:
        """Subtasks that a message may be about, likeliest first: the last turn's, its last part first, then those of the turn before."""
        turns = list(dict.fromkeys(one.turn.run for one in reversed(self.past)))[:2]
        found: list[Past] = []
        for run in turns:
            steps = [one for one in reversed(self.past) if one.turn.run == run]
            found += sorted(steps, key=lambda one: bool(_dependents(one)))
        return found

    def _bases_for(self, mark: Marked) -> Sequence[Past]:
        """The same, but "leave out the red one", right after the records of a change were looked at, is about the change that waits."""
        bases = self._bases()
        if mark.kind not in ("only", "without") or bases[0].subtask.effect != "read":
            return bases
        looked = {link.products for link in bases[0].bound.links.values()}
        waiting = [one for one in bases[1:] if one.open and one.changes and any(link.products in looked for link in one.bound.links.values())]
        return [*waiting[:1], *bases]

    # merging

    async def _onto(self, one: Past, mark: Marked, slots: Sequence[SlotSpan]) -> Bound | None:
        """The earlier subtask with what the message says; None where it does not take every word of it."""
        bound = await self._merged(one, mark, slots)
        if bound is None and mark.kind == "only" and one.subtask.effect == "read" and (start := _skipped_lead(self.text, mark.start)) < mark.start:
            bound = await self._merged(one, replace(mark, start=start, kind="plain"), slots)  # "sort by total": its verb is part of what is said
        return bound

    async def _merged(self, one: Past, mark: Marked, slots: Sequence[SlotSpan]) -> Bound | None:
        scope = self._scope_of(one)
        task = one.bound.task
        if one.done and not one.bound.links and one.changes:
            return None  # it was made: "publish it" is about what was made, and makes no other
        if (words := next((slot for slot in task.slots if slot.whole), None)) is not None and words.name in one.bound.args:
            return self._amended(one.bound, words, mark)
        way = leaning(self.text[mark.start : mark.end])
        if (way == "change" and task.effect == "read") or (way == "ask" and one.changes):
            return None  # "tag those …" is no search for what is tagged so
        if task.effect == "read" and _PUTS.search(self.text[: mark.start]):
            return None  # "put those in the sale" neither
        inside = self._marks(one, mark) or [slot for slot in slots if mark.start <= slot.start and slot.end <= mark.end]
        if mark.kind in ("only", "without"):  # which of the records, and no text to be put on them
            inside = [slot for slot in inside if slot.kind not in ("value", "field")]
        if mark.kind in ("add", "about") or mark.too or _DO_FOR.match(self.text):
            inside = await self._as_goods(inside, one, mark)
        piece = piece_of(self.text, mark.start, mark.end, inside, scope, task)
        own = await bind(task, piece, scope, finders=False)
        take_number(own, one.bound, mark)
        besides = _PUTTING if task.effect == "draft" else _DID if _WHICH_ONE.match(self.text) else frozenset()
        understood = not (own.left or own.finds or own.asked) and takes_every_word(own, scope, besides=besides)
        if not understood and (named := take_words(own, one.bound, mark)) is not None:
            return named
        if own.left or own.finds or not says_something(own, one.bound) or not takes_every_word(own, scope, besides=besides):
            return await some_of_them(own, one.bound, scope, leave=mark.kind == "without") if mark.kind in ("only", "without") else None
        if mark.kind == "without":
            return await leaving_out(own, one.bound, scope) or await some_of_them(own, one.bound, scope, leave=True)
        if mark.kind == "only" and (narrowed := await among_them(own, one.bound, scope)) is not None:
            return narrowed
        if mark.kind == "only" and one.changes and (nobody := none_such(own, one.bound)) is not None:
            return nobody
        if mark.kind == "only" and (goods := _goods_said(one, own, scope)) is not None:
            await keep_among(own, goods[1], goods[0], scope)
        base = one.bound
        if one.changes and base.links and is_other_change(own, base) and (mark.instead or way == "change"):
            if not mark.instead:
                return None
            base = without_its_change(base)  # "no, rename it": and not tag it as well
        before = replace(base, args=dict(base.args))
        made = merged(own, base, scope, too=mark.too)
        if one.open:
            await grown(made, before, mark, self.text, scope)
        step_back(made, before, scope.terms.now.tzinfo)
        top = next((s.name for s in task.slots if "integer" in s.types and "top" in s.cues), None)
        if task.effect == "read" and top is not None and top not in before.args and _THE_ONE.search(self.text[mark.start : mark.end]):
            made.args[top] = 1
        return made

    def _amended(self, before: Bound, slot: Slot, mark: Marked) -> Bound | None:
        """A task that takes whatever is said, with its words and those of this message made one."""
        said = self.text[mark.start : mark.end].strip()
        if slot.amended is None or mark.denied is not None or len(words_of(said)) > _FEW_WORDS:
            return None
        if mark.kind == "without":
            said = f"not {said}"
        words = slot.amended(str(before.args[slot.name]), said, mark.instead)
        return None if words is None else replace(before, args={**before.args, slot.name: words}, asked=[], left=[], finds=[])

    async def _as_goods(self, marks: Sequence[SlotSpan], one: Past, mark: Marked) -> list[SlotSpan]:
        """ "And the beach towel as well": goods that the shop has are goods and no new text, where the subtask before was about some."""
        if not any(one.bound.task.slot(name).record in ("product", "variant") for name in one.bound.links):
            return list(marks)
        linker = self.draft.scope.linker
        if marks and isinstance(await linker.goods(self.text, mark.start, mark.end), Linked):
            named = next((m for m in marks if m.kind == "product"), replace(marks[0], kind="product"))
            return [replace(named, start=mark.start, end=mark.end)]  # "the tall stoneware vase" is that, and no title "the tall"
        found = [isinstance(await linker.goods(self.text, m.start, m.end), Linked) if m.kind == "value" else False for m in marks]
        return [replace(mark, kind="product") if goods else mark for mark, goods in zip(marks, found, strict=True)]

    async def _narrowed(self, one: Past, mark: Marked, slots: Sequence[SlotSpan], span: tuple[int, int]) -> bool:
        """ "Only those from Germany" of a change to customers: a search among them, and the change to what it finds."""
        if one.subtask.effect == "read":
            return False
        inside = self._marks(one, mark) or list(slots)
        scope = replace(self._scope_of(one), earlier=[])
        found = await found_among(one.bound, lambda finder: piece_of(self.text, mark.start, mark.end, inside, scope, finder), scope)
        if found is None:
            return False
        name, output, search = found
        first = self.draft.placed(search, span=span, confidence=one.subtask.read.confidence, said=_said(one))
        args = {**one.bound.args, name: {"$ref": f"{first.id}.{output}"}}
        links = {n: link for n, link in one.bound.links.items() if n != name}
        self._step(replace(one.bound, args=args, links=links, after=[first.id], asked=[], left=[], finds=[]), one, span)
        self._settle(one, mark, takes_its_place=True)
        return True

    async def _among(self, mark: Marked, slots: Sequence[SlotSpan], span: tuple[int, int]) -> bool:
        """ "Which of them are from Germany?": the search before, only among what it found."""
        one = next((one for one in self._bases() if one.found), None)
        if one is None:
            return False
        scope, task = self._scope_of(one), one.bound.task
        own = await bind(task, piece_of(self.text, mark.start, mark.end, self._marks(one, mark) or list(slots), scope, task), scope, finders=False)
        goods = _goods_found(one, task, scope)
        if goods is not None and goods[0].name in own.links and own.links[goods[0].name] is not goods[1]:
            if not await keep_among(own, goods[1], goods[0], scope):
                described = own.links.pop(goods[0].name).label
                del own.args[goods[0].name]
                own.ask(goods[0].name, said.none_of_them(goods[1].label, described))
        elif goods is not None and own.args and goods[0].name not in own.args:
            put(own, *goods)
        among = goods is not None or any(name in own.links and own.links[name] in one.found.values() for name in own.args)
        asked = [asked for asked in own.asked if goods is None or asked.field != goods[0].name]
        if not among or not (own.args or own.asked) or own.left or own.finds or asked or not takes_every_word(own, scope, besides=_SO):
            return False
        self._step(own, one, span)
        return True

    async def in_context(self, tasks: Mapping[str, Task]) -> list[Decision]:
        """The message's clauses as the reader takes them after the words before: "add 20" says little alone."""
        last = self._bases()[0] if self.past else None
        if last is None:
            return self.decisions
        before = _said(last).partition("\n")[0][-_CONTEXT:].rstrip(" .!?") + ". "
        shift = len(before)
        moved = []
        for clause in whole_clauses(before + self.text, self.read(before + self.text), tasks):
            if clause.start >= shift:
                slots = [replace(slot, start=slot.start - shift, end=slot.end - shift) for slot in clause.slots]
                moved.append(self.decide(replace(clause, start=clause.start - shift, end=clause.end - shift, slots=slots)))
        return moved if moved and all(decision.verdict == "do" for decision in moved) else self.decisions

    def _marks(self, one: Past, mark: Marked) -> list[SlotSpan]:
        """What the reader marks in the message when it reads it after the words that it adds to: "France" alone is no place to it."""
        before = _said(one).partition("\n")[0][-_CONTEXT:] + " "
        read = self.read(before + self.text[mark.start : mark.end])
        shift = mark.start - len(before)
        marks = [slot for clause in read for slot in clause.slots if slot.start >= len(before)]
        return [replace(slot, start=slot.start + shift, end=slot.end + shift) for slot in marks]

    def _scope_of(self, one: Past) -> Scope:
        terms = replace(self.draft.scope.terms, spoken_of=spoken_period(one.bound))
        lists = [other for other in self.past if other.found and other is not one] if one.changes and says_place(self.text) else []
        return replace(self.draft.scope, earlier=as_earlier([*lists, one]), pieces={}, terms=terms)  # "and the third one to 19", of the list before

    def _in_doubt(self, fitting: Sequence[tuple[Past, Bound]]) -> bool:
        """Two changes of one turn take the message equally, and it names the records of neither."""
        (first, a), (second, b) = fitting[:2]
        named = any(
            name in bound.links and bound.links[name] is not one.bound.links.get(name)
            for one, bound in ((first, a), (second, b))
            for name in bound.links
        )
        return first.turn is second.turn and not named

    def _add(self, one: Past, bound: Bound, mark: Marked, span: tuple[int, int]) -> None:
        bound.left, bound.finds, bound.after = [], [], []
        if happened(one, bound):
            self.draft.refuse(span, "unclear", said.DONE_ALREADY)
            return
        new = self._step(bound, one, span)
        again = [(one, new)]
        for dependent in _dependents(one):
            copied = _restated(next(p for p in self.past if p.turn is one.turn and p.subtask.id == dependent), one, new)
            again.append((copied, self._step(copied.bound, copied, span)))
        for earlier, _ in again:
            self._settle(earlier, mark, revises(earlier, again[0][1].bound if earlier is one else earlier.bound, mark, self.text[span[0] : span[1]]))

    def _step(self, bound: Bound, one: Past, span: tuple[int, int]) -> Step:
        return self.draft.placed(bound, span=span, confidence=one.subtask.read.confidence, said=_said(one))

    def _settle(self, one: Past, mark: Marked, takes_its_place: bool) -> None:
        """What becomes of the proposal that this message is about."""
        summary = next((p.summary for p in one.turn.proposed if p.subtask == one.subtask.id), "")
        if one.open and takes_its_place:
            self.draft.replaces.append(Replaced(run=one.turn.run, subtask=one.subtask.id))
            if summary:
                self.draft.notes.append(said.replaced(summary))
        elif one.open and summary and mark.kind == "plain":
            self.draft.notes.append(said.STILL_WAITS)
        elif mark.instead and any(p.subtask == one.subtask.id and p.state in ("applied", "partly_applied") for p in one.turn.proposed):
            self.draft.notes.append(said.ALREADY_APPLIED)

    # "I meant the price, not the stock"

    async def _other_task(self, mark: Marked) -> bool:
        """The earlier message read as another task, which this one names by its own words."""
        wanted, denied = self._stems(mark.start, mark.end), self._stems(*mark.denied) if mark.denied else set()
        base = self._bases()[0]
        scope = self.draft.scope
        if wanted <= scope.own_words[base.subtask.task] and wanted & _names(base.bound.task) and not denied & _names(base.bound.task):
            self.draft.refuse((0, len(self.text)), "unclear", said.because(base.turn.text))
            return True  # it was understood so
        if not wanted or wanted & {w.stem for link in base.bound.links.values() for w in words_of(link.label)}:
            return False
        named = [
            task for task in scope.tasks.values() if task is not base.bound.task and wanted & _names(task) and wanted <= scope.own_words[task.name]
        ]
        named = [task for task in named if not denied & _names(task) and (task.effect == "write" or not base.changes)]
        best: Bound | None = None
        for task in sorted(named, key=lambda task: ((task.effect == "read") != (base.subtask.effect == "read"), -len(wanted & _names(task)))):
            bound = await self._reread(base, task)
            if bound is not None and (best is None or len(bound.asked) < len(best.asked)):
                best = bound
        if best is None:
            return False
        self._add(base, best, replace(mark, instead=True), (0, len(self.text)))
        return True

    def _stems(self, start: int, end: int) -> set[str]:
        return {word.stem for word in words_of(self.text, start, end) if word.text.lower() not in COMMON}

    async def _reread(self, base: Past, task: Task) -> Bound | None:
        old = base.subtask.said.partition("\n")[0] or base.turn.text
        start, end = (0, len(old)) if base.subtask.said else base.subtask.span
        slots = [slot for clause in self.read(old) for slot in clause.slots if start <= slot.start and slot.end <= end]
        scope = self._scope_of(base)
        bound = await bind(task, piece_of(old, start, end, slots, scope, task), scope, finders=False)
        return None if bound.left or bound.finds else bound

    # a word to what went before

    async def _word(self, word: Whole, match: Any) -> bool:
        end = (0, len(self.text))
        match word:
            case "approve" | "yes":
                waiting = sum(p.state == "open" for turn in self.turns for p in turn.proposed)
                if waiting == 0 and word == "approve" and self._is_new():
                    return False
                self.draft.refuse(end, "not_allowed", said.approve_there(waiting) if waiting else said.NOTHING_WAITS)
            case "undo":
                self._undo(end)
            case "reject":
                return self._withdraw(end)
            case "why":
                why(self.draft, self.turns, self._bases() if self.past else (), end)
            case "more":
                return with_more(self.draft, self._bases() if self.past else (), match, self._step)
        return True

    def _undo(self, span: tuple[int, int]) -> None:
        """Put back what the thread changed last, or what of it the message names."""
        undone = to_be_undone(self.text, self.turns)
        if not undone:
            states = {p.state for turn in self.turns for p in turn.proposed}
            reason = said.NOT_APPLIED_YET if "open" in states else said.UNDONE_ALREADY if "undone" in states else said.NOTHING_TO_UNDO
            self.draft.refuse(span, "unclear", reason)
        self.draft.undone += [(change_set, span) for change_set in undone]

    def _is_about_orders(self) -> bool:
        last = self._bases()[0]
        return kind_spoken_of(last, self.draft.scope.outputs.get(last.subtask.task, {}), many=False) == "order" and "cancel" in self.text.lower()

    def _withdraw(self, span: tuple[int, int]) -> bool:
        open_ = [one for one in self.past if one.turn is self.past[-1].turn and one.open] if self.past else []
        if not open_:
            if self.past and self._is_about_orders():
                return False  # "cancel it" after an order is its cancellation
            self.draft.refuse(span, "unclear", said.NOTHING_WAITS)  # and no request to delete what was spoken of
            return True
        self.draft.replaces += [Replaced(run=one.turn.run, subtask=one.subtask.id) for one in open_]
        self.draft.notes.append(said.WITHDRAWN)
        return True


def _skipped_lead(text: str, end: int) -> int:
    """Where the words before that place begin that say how, such as "sort" and "group"."""
    lead = re.search(r"\b(?:sort|order|group|rank)\w*\b[^.,;]*$", text[:end], re.I)
    return lead.start() if lead else end


def _failed(one: Past) -> bool:
    """Whether nothing came of a change that takes whatever is said: neither is it proposed nor does it wait for an answer."""
    return one.subtask.effect in ("write", "action") and not one.open and not one.questions and any(slot.whole for slot in one.bound.task.slots)


def _goods_found(one: Past, task: Task, scope: Scope) -> tuple[Slot, Linked] | None:
    """The goods that a search found, with its own field for goods: a later message can ask for some of them."""
    outputs = scope.outputs.get(task.name, {})
    slot = next((s for s in task.slots if s.record == "product" and "selection" in s.types), None)
    found = next((link for name, link in one.found.items() if outputs.get(name) == "product" and link.products), None)
    return (slot, found) if slot is not None and found is not None and task.name.startswith("find_") else None


def _goods_said(one: Past, own: Bound, scope: Scope) -> tuple[Slot, Linked] | None:
    """The field in which a message says some of the goods that the earlier subtask was about, and those goods."""
    if (found := _goods_found(one, one.bound.task, scope)) is not None:
        return found if found[0].name in own.links else None
    slots = [s for s in own.task.slots if s.record in ("product", "variant") and s.name in own.links and s.name in one.bound.links]
    return (slots[0], one.bound.links[slots[0].name]) if slots and own.links[slots[0].name] is not one.bound.links[slots[0].name] else None


def _within(mark: Marked, offset: int) -> Marked:
    denied = (mark.denied[0] + offset, mark.denied[1] + offset) if mark.denied else None
    return replace(mark, start=mark.start + offset, end=mark.end + offset, denied=denied)


def _names(task: Task) -> set[str]:
    """What a task and its fields are called."""
    return {
        word.stem for text in (task.name, task.summary, *(slot.name for slot in task.slots)) for word in words_of(text.replace("_", " "))
    } - COMMON


def _about(bound: Bound) -> str:
    return ", ".join(link.label for link in bound.links.values()) or bound.task.name.replace("_", " ")


def _said(one: Past) -> str:
    """The words of the first turn, and what was added to them since."""
    start, end = one.subtask.span
    words = one.turn.text[start:end]
    return f"{one.subtask.said}\n{words}"[-_MOST_SAID:] if one.subtask.said else words


def _dependents(one: Past) -> list[str]:
    """Subtasks of the same turn that work on what this one finds."""
    return [s.id for s in one.turn.plan.subtasks if any(_refers(value, one.subtask.id) for value in s.args.values())]


def _refers(value: Any, id: str) -> bool:
    return isinstance(value, Mapping) and str(value.get("$ref", "")).partition(".")[0] == id


def _restated(dependent: Past, one: Past, new: Step) -> Past:
    """A subtask that worked on what another found, on what that one finds now."""
    args = dict(dependent.bound.args)
    for name, value in dependent.subtask.args.items():
        if _refers(value, one.subtask.id):
            args[name] = {"$ref": f"{new.id}.{str(value['$ref']).partition('.')[2]}"}
    links = {name: link for name, link in dependent.bound.links.items() if not isinstance(args.get(name), dict) or "$ref" not in args[name]}
    return replace(dependent, bound=replace(dependent.bound, args=args, links=links, after=[new.id], asked=[]))

"""Metamorphic relations: what must hold between the plan of a request and that of the same request said otherwise.

They need no labels, so each request that is planned well makes dozens of tests, for a task that somebody wrote yesterday as well. Four families:

restated   the same thing in other clothes (courtesies, capitals, a list mark, a slip of the finger) comes to the same plan.
joined     several requests in one come to the parts of all.
narrowed   a change with a restriction, a time or a condition added is another change, or it is asked about; never the same one.
not_asked  a change that is spoken of and not asked for ("don't …", "how do I …?", "Tom wanted to …") changes nothing.

`narrowed` sees what was left out altogether; that a restriction was read rightly it cannot tell. A joined text can be ambiguous where its parts
were not, so no planner holds all of it.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from agent.evals.scorecard import PlanText, Rate
from agent.evals.wordings import CIRCUMSTANCES, COMMANDS, JOINTS, LEANS, NOT_ASKED, RESTRICTIONS, clothes
from agent.records import Plan, Subtask
from agent.sdk import Task

Family = Literal["restated", "joined", "narrowed", "not_asked"]
FAMILIES: Sequence[Family] = ("restated", "joined", "narrowed", "not_asked")
Verdict = Literal["held", "asked", "other", "silent"]
"""held; asked: a question or a refusal where none is needed; other: another reading that changes nothing; silent: a change nobody asked for, or
one that leaves out what was said."""
_CHANGES = frozenset({"write", "action"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:")
"""Compared to the minute: "tomorrow" said twice is the same day, and the clock goes on between."""
_LONGEST_JOINED = 14
"""Words of a request that is joined to others; whole stories are no test of a joint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    family: Family
    relation: str
    text: str
    verdict: Verdict
    planned: str
    """The tasks, and what was asked or refused."""

    def __str__(self) -> str:
        return f"{self.verdict:6} {self.family}, {self.relation}: “{self.text}” → {self.planned or 'nothing'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """What came of requests said otherwise."""

    outcomes: Sequence[Outcome]
    seeds: int
    """Requests that were planned well by themselves."""

    def __str__(self) -> str:
        """The table that `storehand eval --relations` prints."""
        rows = [f"{'family':<10} {'texts':>6}  {'held':<19}  asked needlessly  other reading  silent"]
        for family in FAMILIES:
            counts = Counter(outcome.verdict for outcome in self.outcomes if outcome.family == family)
            if of := counts.total():
                held = Rate(right=counts["held"], of=of)
                rows.append(f"{family:<10} {of:6d}  {held!s:<19}  {counts['asked']:16d}  {counts['other']:13d}  {counts['silent']:6d}")
        return "\n".join([*rows, f"from {self.seeds} requests that are planned well by themselves; shares with 95 % intervals"])

    def __add__(self, other: Relations) -> Relations:
        return Relations(outcomes=[*self.outcomes, *other.outcomes], seeds=self.seeds + other.seeds)

    def worst(self, most: int) -> Sequence[Outcome]:
        """What did not hold, silent changes first."""
        order: Sequence[Verdict] = ("silent", "other", "asked")
        return sorted((outcome for outcome in self.outcomes if outcome.verdict != "held"), key=lambda outcome: order.index(outcome.verdict))[:most]


@dataclass(frozen=True, slots=True)
class _Seed:
    text: str
    plan: Plan
    parts: Sequence[str]

    @property
    def changes(self) -> bool:
        return any(subtask.effect in _CHANGES for subtask in self.plan.subtasks)

    @property
    def commands(self) -> bool:
        return self.text.split()[0].lower().strip(",.") in COMMANDS

    @property
    def joins(self) -> bool:
        """It can stand beside others: nothing in it leans on what was said before."""
        return LEANS.search(self.text) is None and len(self.text.split()) <= _LONGEST_JOINED and "\n" not in self.text

    def bare(self) -> str:
        return self.text.rstrip(" .!?")

    def within(self) -> str:
        """The words as they stand in the midst of a sentence."""
        text = self.bare()
        first = text.split()[0]
        return text if first.isupper() or first[1:] != first[1:].lower() else first.lower() + text[len(first) :]


async def check_relations(
    plan: PlanText, asks: Iterable[str], tasks: Mapping[str, Task], *, families: Sequence[Family] = FAMILIES, seed: int = 1, joined: int = 2
) -> Relations:
    """Plan each request in all ways there are for it, one after the other.

    Args:
        asks: Requests that are planned well by themselves; those that are not planned whole are left out.
        seed: Of the draw of requests that are joined; each is joined once as the first.
        joined: How many are joined; beyond two the last joint varies and the others are commas.
    """
    checker = _Checker(plan, tasks)
    seeds = [made for text in asks if (made := await checker.seed(text)) is not None]
    outcomes: list[Outcome] = []
    for one in seeds:
        if "restated" in families:
            outcomes += await checker.restated(one)
        if "narrowed" in families:
            outcomes += await checker.narrowed(one)
        if "not_asked" in families:
            outcomes += await checker.not_asked(one)
    if "joined" in families:
        outcomes += await checker.joined([one for one in seeds if one.joins], random.Random(seed), joined)
    return Relations(outcomes=outcomes, seeds=len(seeds))


@dataclass(frozen=True, slots=True)
class _Checker:
    plan: PlanText
    tasks: Mapping[str, Task]

    async def seed(self, text: str) -> _Seed | None:
        plan = await self.plan(text)
        return None if not plan.subtasks or plan.questions or plan.not_done else _Seed(text, plan, self._contents(plan))

    async def restated(self, seed: _Seed) -> list[Outcome]:
        said = [(name, text) for name, text in clothes(seed.text, seed.within(), command=seed.commands) if text != seed.text]
        return [await self._told("restated", name, text, partial(self._same, seed.parts)) for name, text in said]

    async def joined(self, seeds: Sequence[_Seed], draw: random.Random, size: int) -> list[Outcome]:
        outcomes = []
        for n, first in enumerate(seeds if len(seeds) > size else ()):
            chosen = [first, *draw.sample([seed for seed in seeds if seed is not first], size - 1)]
            name, joint = list(JOINTS.items())[n % len(JOINTS)]
            *before, last = [first.bare(), *(seed.within() for seed in chosen[1:])]
            text = joint.format(", ".join(before), last)
            parts = [part for seed in chosen for part in seed.parts]
            outcomes.append(await self._told("joined", name, text, partial(self._same, parts)))
        return outcomes

    async def narrowed(self, seed: _Seed) -> list[Outcome]:
        """A task that takes its words whole has every word said of it; what it makes of them is its own affair."""
        slots = [self.tasks[subtask.task].slot(name) for subtask in seed.plan.subtasks for name in subtask.args if subtask.task in self.tasks]
        if not seed.changes or seed.text.endswith("?") or any(slot.whole for slot in slots):
            return []
        kinds = dict.fromkeys(slot.record for slot in slots if slot.record and "selection" in slot.types)
        said = [*(words for kind in kinds for words in RESTRICTIONS.get(kind, ())), *CIRCUMSTANCES]
        joint = {words: ", " if words.startswith(("but", "except", "not", "apart", "excluding")) else " " for words in said}
        return [
            await self._told("narrowed", words, f"{seed.bare()}{joint[words]}{words}", partial(self._another, seed.parts)) for words in said
        ]  # fmt: skip

    async def not_asked(self, seed: _Seed) -> list[Outcome]:
        if not seed.changes or not seed.commands:
            return []
        return [await self._told("not_asked", words, words.format(seed.within()), self._nothing) for words in NOT_ASKED]

    async def _told(self, family: Family, relation: str, text: str, judged: Callable[[Plan], Verdict]) -> Outcome:
        plan = await self.plan(text)
        tasks = " + ".join(subtask.task for subtask in plan.subtasks)
        open_ = [f"asks “{question.question}”" for question in plan.questions] + [part.code for part in plan.not_done]
        return Outcome(family=family, relation=relation, text=text, verdict=judged(plan), planned="; ".join(filter(None, [tasks, *open_])))

    def _same(self, wanted: Sequence[str], plan: Plan) -> Verdict:
        made, unsettled = self._contents(plan), bool(plan.questions or plan.not_done)
        if sorted(wanted) == sorted(made) and not unsettled:
            return "held"
        if any(part not in wanted for part, subtask in zip(made, plan.subtasks, strict=True) if subtask in _unasked(plan)):
            return "silent"
        return "asked" if unsettled else "other"

    def _another(self, wanted: Sequence[str], plan: Plan) -> Verdict:
        return "silent" if _unasked(plan) and set(wanted) & set(self._contents(plan)) else "held"

    def _nothing(self, plan: Plan) -> Verdict:
        return "silent" if _unasked(plan) else "held"

    def _contents(self, plan: Plan) -> tuple[str, ...]:
        """What each part does, without the words it was said in. Equal contents are equal changes."""
        return tuple(self._content(subtask) for subtask in plan.subtasks)

    def _content(self, subtask: Subtask) -> str:
        """A field that takes the clause's words as they are says what was said, and no meaning of it."""
        task = self.tasks.get(subtask.task)
        args = {name: value for name, value in subtask.args.items() if task is None or not task.slot(name).whole}
        return json.dumps([subtask.task, _bare(args), str(subtask.given or "")], sort_keys=True, default=str)


def _unasked(plan: Plan) -> list[Subtask]:
    """The changes that nothing is asked about first."""
    waiting = plan.waiting()
    return [subtask for subtask in plan.subtasks if subtask.effect in _CHANGES and subtask.id not in waiting]


def _bare(value: Any) -> Any:
    """Without labels, capitals and the order of lists; references without their number, which another request before them changes."""
    if isinstance(value, Mapping):
        if "$ref" in value:
            return "$ref"
        return {name: _bare(one) for name, one in value.items() if name not in ("label", "said") and one not in (None, [], {}, False, "")}
    if isinstance(value, list | tuple):
        return sorted((_bare(one) for one in value), key=str)
    if not isinstance(value, str):
        return value
    return value[:16] if _MOMENT.match(value) else " ".join(value.casefold().split())

"""One registry of tasks with what reads requests for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.planning.clauses.frontier import Frontier
from agent.planning.clauses.local import Local
from agent.planning.clauses.pupils import Pupils
from agent.planning.clauses.recut import Verbs
from agent.planning.linking.lexicon import Lexicon, own_words
from agent.records.reading import Clause, SlotSpan, Thresholds
from agent.sdk import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """One registry of tasks, and all that reads requests for it."""

    tasks: Mapping[str, Task]
    students: Pupils
    local: Local
    frontier: Frontier
    lexicon: Lexicon
    verbs: Verbs
    own_words: Mapping[str, frozenset[str]]
    outputs: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, tasks: Mapping[str, Task], students: Pupils, frontier: Frontier) -> Readers:
        return cls(
            tasks=tasks,
            students=students,
            local=Local(tasks, students),
            frontier=frontier,
            lexicon=Lexicon(tasks.values()),
            verbs=Verbs(tasks.values()),
            own_words={name: own_words(task) for name, task in tasks.items()},
            outputs={name: task.outputs() if task.effect == "read" else {} for name, task in tasks.items()},
        )

    @property
    def least(self) -> Thresholds:
        return self.students.reader.thresholds


def makes_changes(task: Task) -> bool:
    return task.effect in ("write", "action")


def span_of(clause: Clause) -> tuple[int, int]:
    return (clause.start, clause.end)


def slots_within(slots: Sequence[SlotSpan], start: int, end: int) -> tuple[SlotSpan, ...]:
    return tuple(slot for slot in slots if start <= slot.start and slot.end <= end)

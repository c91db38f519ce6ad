"""Which of the changes of a thread a message puts back: the last, the first, the other one, or the one it names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.vocabulary import stem, words_of
from agent.records import Proposed, Turn

_ANOTHER = re.compile(r"\b(?:other|before|previous|first|earlier)\b", re.I)
_FIRST = re.compile(r"\bfirst\b", re.I)
_ONLY_UNDO = frozenset(
    stem(word) for word in ("undo", "revert", "roll", "back", "put", "last", "please", "again", "change", "redo", "take", "switch")
)


def to_be_undone(text: str, turns: Sequence[Turn]) -> list[str]:
    """The change sets to put back, of those that were applied; what only undid something is meant by "undo that" alone."""
    applied = [(turn, p) for turn in reversed(turns) for p in reversed(turn.proposed) if p.state in ("applied", "partly_applied")]
    words = {word.stem for word in words_of(text) if word.text.lower() not in COMMON}
    if any(word.stem in ("everything", "all") for word in words_of(text)):
        return [p.change_set for _, p in applied]
    if _ANOTHER.search(text) or not words <= _ONLY_UNDO:
        applied = [pair for pair in applied if _task(*pair) != "undo"] or applied
    if _FIRST.search(text):
        applied.reverse()
    best = max(applied, key=lambda pair: len(words & _words(*pair)), default=None)  # the first of equals is the latest
    return [best[1].change_set] if best is not None else []


def _words(turn: Turn, proposed: Proposed) -> set[str]:
    return {w.stem for w in words_of(f"{proposed.summary} {_task(turn, proposed).replace('_', ' ')} {turn.text}")}


def _task(turn: Turn, proposed: Proposed) -> str:
    return next((s.task for s in turn.plan.subtasks if s.id == proposed.subtask), "")

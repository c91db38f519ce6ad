"""Whole conversations, turn by turn: whether each message is planned as the thread before it makes it mean.

A file has one thread a line:

    {"id": "d01", "turns": [{"ask": "put the mug at 12.50", "plan": [{"task": "change_price", "args": {"variants": "mug", "price": "12.50"}}]},
                            {"ask": "make it 20", "plan": [...], "replaces": true}, {"approve": true}, {"ask": "undo that", ...}]}

ask       what the merchant writes; `context` with it is the page's ids.
approve   instead of an ask: whatever the turn before proposed is approved.
plan      the subtasks, in any order; a read made first for another one's records may be left out. Of args a string is words that the value
          says: of a selection its name has them all. {"$turn": 1, "field": "customers"} are the records that the first message's answer
          found, {"$turn": 1} what it proposed. Other fields of a change must not be filled, but for choices that only say how.
          `given` is the bound of its condition.
asks      the fields asked about; replaces: whether an earlier proposal or question is taken back; not_done: the code, or "any".
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.errors import SettingsError
from agent.evals.grade import same
from agent.evals.scorecard import Rate
from agent.records import Plan, Reply, Subtask

Say = Callable[[str, str, Mapping[str, Any]], Awaitable[Reply]]
"""(text, thread, page context) to the reply."""
Approve = Callable[[Reply], Awaitable[None]]
Before = Callable[[str, str], Awaitable[None]]
"""(text, thread) of a later message that is about to be said, to plan it otherwise first."""

_HOW = frozenset({"direction", "how", "code", "show", "location", "order", "purpose", "message"})
"""Fields of changes that say how and not what; they may be there unsaid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    task: str
    args: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    ask: str
    """"" where what was proposed is approved."""
    plan: Sequence[Expected] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    asks: frozenset[str] = frozenset()
    not_done: str = ""
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    id: str
    turns: Sequence[Message]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    conversation: Conversation
    faults: Sequence[tuple[int, str]]
    """(place of the turn, what is wrong)."""

    @property
    def right(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadScore:
    graded: Sequence[Graded]

    def rates(self) -> dict[str, Rate]:
        asked = [(g, at) for g in self.graded for at, turn in enumerate(g.conversation.turns) if turn.ask]
        later = [(g, at) for g, at in asked if at > 0]
        return {
            "threads right": Rate(right=sum(g.right for g in self.graded), of=len(self.graded)),
            "turns right": _rate(asked),
            "later turns right": _rate(later),
        }

    def __str__(self) -> str:
        rows = [f"{name:<20}{rate!s:<20}{rate.right} of {rate.of}" for name, rate in self.rates().items()]
        faults = [f"{g.conversation.id}.{at + 1} “{g.conversation.turns[at].ask}”: {fault}" for g in self.graded for at, fault in g.faults]
        return "\n".join([*rows, *faults])


def _rate(turns: Sequence[tuple[Graded, int]]) -> Rate:
    return Rate(right=sum(all(place != at for place, _ in graded.faults) for graded, at in turns), of=len(turns))


def read_threads(path: Path) -> list[Conversation]:
    """
    Raises:
        SettingsError: A line is no thread.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            found.append(Conversation(id=row["id"], turns=[_message(turn) for turn in row["turns"]]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"{path}:{number} is no thread ({type(error).__name__}: {error})") from error
    return found


def _message(row: Mapping[str, Any]) -> Message:
    plan = [Expected(task=part["task"], args=part.get("args", {}), given=part.get("given")) for part in row.get("plan", ())]
    ask = "" if row.get("approve") else row["ask"]
    return Message(
        ask=ask, plan=plan, context=row.get("context", {}), asks=frozenset(row.get("asks", ())), not_done=row.get("not_done", ""),
        replaces=row.get("replaces", False),
    )  # fmt: skip


async def evaluate_threads(conversations: Sequence[Conversation], say: Say, approve: Approve, before: Before | None = None) -> ThreadScore:
    """Hold every conversation, one after the other, each in a thread of its own."""
    return ThreadScore(graded=[await _held(one, say, approve, before) for one in conversations])


async def _held(conversation: Conversation, say: Say, approve: Approve, before: Before | None) -> Graded:
    replies: list[Reply] = []
    faults: list[tuple[int, str]] = []
    for at, turn in enumerate(conversation.turns):
        if not turn.ask:
            await approve(replies[-1])
            continue
        thread = f"eval-{conversation.id}"
        if at and before is not None and not turn.context:
            await before(turn.ask, thread)
        reply = await say(turn.ask, thread, turn.context)
        replies.append(reply)
        faults += [(at, fault) for fault in _faults(reply.plan, turn, replies)]
    return Graded(conversation=conversation, faults=faults)


def _faults(plan: Plan, turn: Message, replies: Sequence[Reply]) -> Iterator[str]:
    left = list(plan.subtasks)
    for expected in turn.plan:
        found = next((s for s in left if s.task == expected.task and not list(_differs(s, expected, replies))), None)
        found = found or next((s for s in left if s.task == expected.task), None)
        if found is None:
            yield f"no {expected.task}, but {' + '.join(s.task for s in plan.subtasks) or 'nothing'}"
            continue
        left.remove(found)
        yield from _differs(found, expected, replies)
    needed = {id for s in plan.subtasks for id in s.after}
    yield from (f"{s.task} besides" for s in left if not (s.effect == "read" and s.id in needed))
    asked = frozenset(question.field for question in plan.questions)
    if asked != turn.asks:
        yield f"asked {sorted(asked) or 'nothing'}, not {sorted(turn.asks) or 'nothing'}"
    codes = {part.code for part in plan.not_done}
    if (turn.not_done == "any" and not codes) or (turn.not_done not in ("", "any") and turn.not_done not in codes) or (codes and not turn.not_done):
        yield f"not done: {sorted(codes) or 'nothing'}, not {turn.not_done or 'nothing'}"
    if bool(plan.replaces) != turn.replaces:
        yield "it takes something back" if plan.replaces else "it takes nothing back"


def _differs(subtask: Subtask, expected: Expected, replies: Sequence[Reply]) -> Iterator[str]:
    for name, wanted in expected.args.items():
        got = subtask.args.get(name)
        if not _means(wanted, got, replies):
            yield f"{subtask.task}.{name} is {_short(got)}, not {_short(wanted)}"
    if subtask.effect != "read":
        unsaid = [n for n, v in subtask.args.items() if n not in expected.args and n not in _HOW and v not in (None, False, [], {})]
        yield from (f"{subtask.task}.{name} was not said" for name in unsaid if not _is_records(subtask.args[name]) or _has_records(expected))
    given = subtask.given
    if (given is None) != (expected.given is None):
        yield "no condition" if given is None else "a condition that was not said"
    elif given is not None and expected.given is not None and any(getattr(given, name) != value for name, value in expected.given.items()):
        yield f"the condition is {given}"


def _is_records(value: Any) -> bool:
    return isinstance(value, Mapping) and bool({"ids", "id", "$ref"} & set(value))


def _has_records(expected: Expected) -> bool:
    return any(name in ("variants", "products", "customers", "orders") for name in expected.args)


def _means(wanted: Any, got: Any, replies: Sequence[Reply]) -> bool:
    if isinstance(wanted, Mapping) and "$turn" in wanted:
        return _is_of_turn(wanted, got, replies)
    if got is None:
        return False
    if _is_records(got) and isinstance(wanted, str):
        return _stems(wanted) <= _stems(f"{got.get('label') or ''} {json.dumps(got.get('where') or {})}") if "$ref" not in got else False
    return same(wanted, got)


def _is_of_turn(wanted: Mapping[str, Any], got: Any, replies: Sequence[Reply]) -> bool:
    """The records an earlier message's answer found, or the change set it proposed."""
    parts = replies[wanted["$turn"] - 1].parts
    if "field" not in wanted:
        return any(part.change_set is not None and part.change_set.id == got for part in parts)
    data = next((part.data for part in parts if isinstance(part.data, Mapping) and wanted["field"] in part.data), None)
    return data is not None and isinstance(got, Mapping) and list(got.get("ids", ())) == list(data[wanted["field"]]["ids"])


def _stems(text: str) -> frozenset[str]:
    words = re.findall(r"\w+", text.casefold())
    return frozenset(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words) - {"and", "the", "all"}


def _short(value: Any) -> str:
    if _is_records(value):
        return f"“{value.get('label') or value}”"
    return json.dumps(value, default=str, ensure_ascii=False)[:80]

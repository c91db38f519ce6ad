"""Whole plans against the gold set: tasks, references and slots of every part, refusals, and writes that nobody asked for.

The set is `models/reader/gold/requests.jsonl`; its README says how a line is read. It is written for a shop in general, and
the plan is made for one that stands, so a slot counts as understood when a value of the plan says what its words say, or
when a question of that part is about them (a product which this shop does not have is rightly asked about).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.errors import SettingsError
from agent.evals.grade import same
from agent.evals.scorecard import PlanText, Rate
from agent.records import Plan, Subtask

MERGED = {"compare_periods": "sales_report"}
"""Names that one task answers for: a report with a comparison is a report."""
REFUSED = ("out_of_scope", "not_supported", "unclear")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPart:
    """One part as it should be planned; `codes` instead of tasks where it should not be."""

    start: int
    end: int
    tasks: frozenset[str]
    slots: Sequence[tuple[str, str]] = ()
    refs: Sequence[int] = ()
    """Places of the earlier parts that it refers to."""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldRequest:
    id: str
    text: str
    style: str
    outcome: str
    parts: Sequence[GoldPart]


def read_gold(path: Path, known: frozenset[str]) -> list[GoldRequest]:
    """
    Args:
        known: Names of the tasks there are; a part for any other should be refused as not supported.

    Raises:
        SettingsError: A line is not as the set's README says.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(_request(json.loads(line), known))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"{path}:{number} is not a gold request ({type(error).__name__}: {error})") from error
    return found


def _request(row: Mapping[str, Any], known: frozenset[str]) -> GoldRequest:
    parts, at = [], 0
    for said in row["parts"]:
        start = _place(row["text"], said["span"], at)
        at = start + len(said["span"])
        parts.append(_part(said, start, at, known))
    for said in row.get("not_done", ()):
        start = _place(row["text"], said["span"], 0)
        parts.append(GoldPart(start=start, end=start + len(said["span"]), tasks=frozenset(), code=said["code"]))
    if not parts:
        parts.append(GoldPart(start=0, end=len(row["text"]), tasks=frozenset(), code=row["outcome"]))
    return GoldRequest(id=row["id"], text=row["text"], style=row["style"], outcome=row["outcome"], parts=tuple(parts))


def _place(text: str, span: str, at: int) -> int:
    found = text.find(span, at)
    return found if found >= 0 else text.index(span)


def _part(said: Mapping[str, Any], start: int, end: int, known: frozenset[str]) -> GoldPart:
    names = frozenset(MERGED.get(name, name) for name in (said["task"], *_several(said.get("alt", ()))))
    slots = tuple((kind, str(value)) for kind, values in said.get("slots", {}).items() for value in _several(values))
    refs = tuple(int(place) - 1 for places in said.get("refs", {}).values() for place in _several(places))
    tasks = names & known
    return GoldPart(
        start=start, end=end, tasks=tasks, slots=slots if tasks else (), refs=refs if tasks else (), code="" if tasks else "not_supported"
    )


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldGrade:
    request: GoldRequest
    faults: Sequence[str]
    """Kinds of fault, such as "task", "missed", "reference", "slot:money", "not refused", "refused", "extra"; empty when the plan is right."""
    unasked_writes: int
    """Writes or actions planned, and not asked about, that belong to no part asking for them. One that was asked for and would reach
    more records than were meant is no such write: a slot tells of it, if at all."""
    planned: bool
    """Whether anything would be done."""

    @property
    def right(self) -> bool:
        return not self.faults

    @property
    def wholly_refused(self) -> bool:
        """Whether nothing of it should be done."""
        return not any(part.tasks for part in self.request.parts)


def grade_gold(plan: Plan, request: GoldRequest) -> GoldGrade:
    matched = [_subtask_of(part, plan) for part in request.parts]
    faults = [fault for place, part in enumerate(request.parts) for fault in _faults(place, part, request, matched, plan)]
    used = {subtask.id for subtask in matched if subtask is not None}
    waiting = plan.waiting()
    used |= {s.id for s in plan.subtasks for other in matched if other is not None and _finds_for(s, other)}
    faults += ["extra" for subtask in plan.subtasks if subtask.id not in used]
    unasked = [
        s for s in plan.subtasks if s.effect in ("write", "action") and s.id not in waiting and not any(_asks_for(part, s) for part in request.parts)
    ]
    return GoldGrade(request=request, faults=faults, unasked_writes=len(unasked), planned=len(waiting) < len(plan.subtasks))


def _finds_for(subtask: Subtask, other: Subtask) -> bool:
    """Whether it is a read put before another for the same words: "tag everyone in Berlin" is a search and a change."""
    return subtask.effect == "read" and subtask.id in other.after and min(subtask.span[1], other.span[1]) > max(subtask.span[0], other.span[0])


def _subtask_of(part: GoldPart, plan: Plan) -> Subtask | None:
    """The subtask planned from the part's words: of the right task if there is one, else the one that overlaps most."""
    here = [subtask for subtask in plan.subtasks if _shared(part, subtask) > 0]
    return max(here, key=lambda s: (s.task in part.tasks, _shared(part, s)), default=None)


def _shared(part: GoldPart, subtask: Subtask) -> int:
    return min(part.end, subtask.span[1]) - max(part.start, subtask.span[0])


def _asks_for(part: GoldPart, subtask: Subtask) -> bool:
    return subtask.task in part.tasks and _shared(part, subtask) > 0


def _faults(place: int, part: GoldPart, request: GoldRequest, matched: Sequence[Subtask | None], plan: Plan) -> Iterator[str]:
    subtask = matched[place]
    asked = " ".join(question.question for question in plan.questions if subtask is not None and question.subtask == subtask.id)
    if not part.tasks:
        # a question back is as good as a refusal: nothing is done
        if subtask is not None and subtask.id not in plan.waiting():
            yield "not refused"
        return
    if subtask is None:
        yield "refused" if any(min(part.end, n.span[1]) > max(part.start, n.span[0]) for n in plan.not_done) else "missed"
        return
    if subtask.task not in part.tasks:
        yield "task"
        return
    if any(matched[i] is subtask and i != place for i in range(len(matched))):
        yield "not split"
    said_by = [subtask, *(other for other in plan.subtasks if _finds_for(other, subtask))]
    yield from (
        f"slot:{kind}" for kind, words in part.slots if not any(_said(kind, words, by) for by in said_by) and not _is_asked_about(words, asked)
    )
    for ref in part.refs:
        earlier = matched[ref] if ref < len(matched) else None
        if earlier is not None and request.parts[ref].tasks and subtask.id not in plan.waiting() and not _refers(subtask, earlier):
            yield "reference"


def _said(kind: str, words: str, subtask: Subtask) -> bool:
    """Whether any value of the plan says what the words say."""
    folded = words.casefold().strip()
    values = json.dumps(subtask.args, ensure_ascii=False, default=str).casefold()
    in_digits = re.sub(r"[a-z]+", lambda m: _DIGITS.get(m[0], m[0]), folded)
    if folded in values or any(same(said, value) for value in _values(subtask.args) for said in {words, in_digits}):
        return True
    return _is_choice(kind, folded, subtask) or (kind == "top" and _is_rank(folded, subtask))


_CHOSEN = frozenset({"metric", "dimension", "field", "channel"})
"""Kinds of words that a task's Args take by a choice's own name: "average order value" is `average_order_value`."""


def _is_choice(kind: str, words: str, subtask: Subtask) -> bool:
    """Whether the words name a choice that was taken ("hour of the day" is `by=["hour"]`), or the field that is filled ("shipping address")."""
    if kind not in _CHOSEN:
        return False
    theirs = _name_words(words)
    values = (_name_words(value) for value in _values(subtask.args) if isinstance(value, str))
    # Which records are meant fills no field of theirs: a report of some products says nothing of a "product type".
    filled = (name for name, value in subtask.args.items() if value not in (None, "", [], {}) and not _is_selection(value))
    fields = (_name_words(name) for name in filled if kind == "field")
    # Of a measure the whole name must be said: "average order value" is not `orders`. Of the others what is over only describes it.
    return any(name and (name == theirs if kind == "metric" else name <= theirs) for name in (*values, *fields))


def _is_selection(value: object) -> bool:
    return isinstance(value, Mapping) and not {"ids", "where", "$ref"}.isdisjoint(value)


def _name_words(name: str) -> frozenset[str]:
    """Words of a name, in the singular; no more than a name has, so that a text beside it is none."""
    words = re.findall(r"[a-z]+", name.casefold())
    return frozenset(word.removesuffix("s") for word in words) if len(words) <= 6 else frozenset()


_RANKS: Mapping[str, frozenset[str]] = {
    "latest": frozenset(["last", "latest", "newest", "recent"]),
    "first": frozenset(["first", "oldest", "earliest"]),
    "worst": frozenset(["worst", "least", "lowest", "fewest", "slowest"]),
    "best": frozenset(["best", "top", "most", "highest", "popular", "biggest", "largest", "strongest"]),
}
"""What words of an order without a number say, by the name the tasks' choices have for it."""
_RANKED_BY: Mapping[str, frozenset[str]] = {
    "latest": frozenset(["latest", "recent", "newest"]),
    "first": frozenset(["first", "oldest"]),
    "worst": frozenset(["worst", "stock"]),
    "best": frozenset(["best", "largest", "spent", "total"]),
}
"""Values of `which`, `order` or `sort` that say so; `sort="stock"` begins with what there is least of."""


def _is_rank(words: str, subtask: Subtask) -> bool:
    asked = {rank for rank, said in _RANKS.items() if said & set(re.findall(r"[a-z]+", words))}
    taken = {subtask.args.get(name) for name in ("which", "order", "sort")}
    return len(asked) == 1 and not re.search(r"\d", words) and bool(_RANKED_BY[asked.pop()] & taken)


_DIGITS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11",
    "twelve": "12", "dozen": "12", "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "hundred": "100",
}  # fmt: skip


def _is_asked_about(words: str, asked: str) -> bool:
    """Whether a question names any of the words: the question may quote more of the request than the slot, or less, or write "$4" as "4 USD"."""
    theirs = set(re.findall(r"\w+", asked.casefold()))
    return any(word in theirs for word in re.findall(r"\w+", words.casefold()) if len(word) > 2 or word.isdigit())


def _values(args: Any) -> Iterator[Any]:
    for value in args.values() if isinstance(args, Mapping) else args:
        yield value
        if isinstance(value, Mapping | list):
            yield from _values(value)


def _refers(subtask: Subtask, earlier: Subtask) -> bool:
    """By a reference, by standing after it, or by meaning the same records."""
    values = json.dumps(subtask.args, default=str)
    if f'"{earlier.id}.' in values or earlier.id in subtask.after:
        return True
    theirs = _records(earlier.args)
    return bool(theirs) and bool(theirs & _records(subtask.args))


def _records(args: Any) -> set[str]:
    found: set[str] = set()
    for value in _values(args):
        if isinstance(value, Mapping):
            found |= {str(id_) for id_ in value.get("ids") or ()} | ({str(value["id"])} if value.get("id") else set())
            if value.get("where"):
                found.add(json.dumps(value["where"], sort_keys=True, default=str))
            if isinstance(value.get("$ref"), str):
                found.add(value["$ref"].partition(".")[0])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldScore:
    grades: Sequence[GoldGrade] = field(repr=False)

    def rates(self) -> dict[str, Rate]:
        done = [g for g in self.grades if not g.wholly_refused]
        single, multi = [g for g in done if len(g.request.parts) == 1], [g for g in done if len(g.request.parts) > 1]
        refused = [g for g in self.grades if g.wholly_refused]
        plannable = [g for g in done if all(part.tasks for part in g.request.parts)]
        return {
            "single-part plans right": Rate(right=sum(g.right for g in single), of=len(single)),
            "multi-part plans right": Rate(right=sum(g.right for g in multi), of=len(multi)),
            "refusals right": Rate(right=sum(not g.planned for g in refused), of=len(refused)),
            "false refusals": Rate(right=sum("refused" in g.faults for g in plannable), of=len(plannable)),
            "silent wrong writes": Rate(right=sum(g.unasked_writes > 0 for g in self.grades), of=len(self.grades)),
        }

    def faults(self) -> Counter[str]:
        return Counter(fault for grade in self.grades for fault in set(grade.faults))

    def __str__(self) -> str:
        rows = [f"{name:<26}{rate!s:<20}{rate.right} of {rate.of}" for name, rate in self.rates().items()]
        faults = ", ".join(f"{name} {count}" for name, count in self.faults().most_common())
        return "\n".join([*rows, f"requests by kind of fault: {faults}"])


async def evaluate_gold(plan: PlanText, requests: Sequence[GoldRequest]) -> GoldScore:
    """Plan every request that has text, one after the other, and grade it."""
    return GoldScore(grades=[grade_gold(await plan(request.text), request) for request in requests if request.text.strip()])

"""How far a second reader's labels of the gold set are right by the first one's: what a plan can come to on that set at most, and the product beside.

    python -m bench.agreement models/reader/gold/requests.jsonl models/reader/second/labels.jsonl

The second reader's labels are graded as plans are, by the same grader: their tasks, slots and references against those of whoever wrote the
set. The planner's plans for the same requests, over the demo shop's goods, are graded beside. It prints counts, and none of the words.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.evals.gold import MERGED, GoldRequest, GoldScore, grade_gold, read_gold
from agent.evals.scorecard import Rate
from agent.records import Plan
from agent.records.plan import Read, Subtask
from agent.registry import discover
from agent.resources import Resources
from agent.sdk import Task
from agent.students import load_students
from agent.testing.store_spec import ShopSpec
from bench.named import score


def as_plan(request: GoldRequest, labels: Mapping[str, Any], tasks: Mapping[str, Task]) -> Plan:
    """The labels as a plan: slots as said, and a part after those it refers to. Tasks that there are not plan nothing."""
    subtasks, at = [], 0
    for number, part in enumerate(labels["parts"], 1):
        start = max(request.text.find(part["span"], at), 0) or request.text.index(part["span"])
        at = start + len(part["span"])
        task = tasks.get(MERGED.get(part["task"], part["task"]))
        if task is not None:
            subtasks.append(
                Subtask(
                    id=f"s{number}", task=task.name, args=dict(part.get("slots") or {}), span=(start, at), effect=task.effect,
                    after=tuple(f"s{place}" for place in _places(part.get("refs"))), read=Read(by="caller", confidence=1.0),
                )
            )  # fmt: skip
    return Plan(id=request.id, text=request.text, locale="en", subtasks=subtasks, questions=(), not_done=(), by="caller", took_ms=0.0)


def _places(refs: Any) -> Iterator[int]:
    for places in refs.values() if isinstance(refs, Mapping) else [refs or []]:
        yield from places if isinstance(places, list) else [places]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("second", type=Path, help="JSON a line: the id, and parts as the set's README says.")
    args = parser.parse_args()
    tasks = dict(discover(plugins=False).tasks)
    labelled = {one["id"]: one for one in map(json.loads, args.second.read_text(encoding="utf-8").splitlines())}
    requests = [one for one in read_gold(args.gold, frozenset(tasks)) if one.id in labelled]
    print(f"== the second reader, of {len(requests)} requests")
    tell(GoldScore(grades=[grade_gold(as_plan(one, labelled[one.id], tasks), one) for one in requests]))
    print("== the planner, of the same")
    tell(score(requests, load_students(Resources().models()), ShopSpec(), datetime.now(UTC)))


def tell(scored: GoldScore) -> None:
    """The grader's figures, and what is left of its faults where nobody asks which words a slot has."""
    print(scored)
    for name, several in (("single", False), ("multi", True)):
        grades = [one for one in scored.grades if not one.wholly_refused and (len(one.request.parts) > 1) is several]
        right = sum(all(fault.startswith("slot:") for fault in one.faults) for one in grades)
        print(f"{name}-part, tasks and references alone: {Rate(right=right, of=len(grades))} {right} of {len(grades)}")


if __name__ == "__main__":
    main()

"""What is worth learning from, out of what was asked here: only what may be learned from, the hardest first, without personal data.

A sample is texts to be labelled, by people or by a teacher; what was said of them then is given beside, and is no label.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.students import StudentDisagreementRow
from agent.db.tables import ChangeItemRow, ChangeSetRow, RunRow

READER = "reader"
NEWEST = 20_000
"""Requests looked at; older ones are left out."""
Scrub = Callable[[str], str]
"""A text without what tells who somebody is."""
Why = Literal["undone", "corrected", "versions disagreed", "read by a provider", "asked what was meant", "not understood", "unsure"]

_WEIGHT: Mapping[Why, float] = {
    "undone": 3.0, "corrected": 2.5, "versions disagreed": 2.0, "read by a provider": 1.5, "asked what was meant": 1.5, "not understood": 1.0,
    "unsure": 0.5,
}  # fmt: skip
_UNSURE = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    text: str
    """Scrubbed."""
    why: Sequence[Why]
    """What makes it hard; empty for one that went well."""
    said: Sequence[str] = ()
    """The tasks that were planned, or the labels that two versions gave."""
    confidence: float
    """Of the least sure part."""
    at: datetime

    @property
    def hardness(self) -> float:
        return sum(_WEIGHT[why] for why in self.why) + 1 - self.confidence


def sample(session: Session, shop: str, head: str, *, most: int, scrub: Scrub) -> list[Sampled]:
    """
    Args:
        head: Of the reader, requests and the texts its versions disagreed on; of any other head, the latter alone: what else it was
            asked about is the shop's own records.
        most: At most so many, the hardest first; of texts that say the same but for numbers and names, the hardest one.
    """
    found = [*_disagreements(session, shop, head), *(_requests(session, shop) if head == READER else ())]
    kept: dict[str, Sampled] = {}
    for one in sorted(found, key=lambda s: (-s.hardness, s.at)):
        text = scrub(one.text).strip()
        if text and (key := _alike(text)) not in kept:
            kept[key] = Sampled(text=text, why=one.why, said=one.said, confidence=one.confidence, at=one.at)
        if len(kept) >= most:
            break
    return list(kept.values())


def _requests(session: Session, shop: str) -> Iterator[Sampled]:
    undone = _undone_runs(session, shop)
    query = (
        select(RunRow)
        .where(col(RunRow.shop_id) == shop, col(RunRow.consent).is_(True), col(RunRow.plan).is_not(None))
        .order_by(col(RunRow.created_at).desc())
        .limit(NEWEST)
    )
    for row in session.scalars(query):
        plan = json.loads(row.plan or "{}")
        if plan.get("by") == "caller":
            continue  # a program named the task: nothing was read
        yield Sampled(
            text=row.text, why=tuple(_why(plan, json.loads(row.corrections), row.id in undone)), said=tuple(s["task"] for s in plan["subtasks"]),
            confidence=min((s["read"]["confidence"] for s in plan["subtasks"]), default=0.0), at=row.created_at,
        )  # fmt: skip


def _why(plan: Mapping[str, Any], corrections: Sequence[Any], undone: bool) -> Iterator[Why]:
    if undone:
        yield "undone"
    if corrections:
        yield "corrected"
    if plan.get("by") in ("frontier", "mixed"):
        yield "read by a provider"
    if any(question["field"] == "task" for question in plan["questions"]):
        yield "asked what was meant"
    if plan["not_done"]:
        yield "not understood"
    if any(subtask["read"]["confidence"] < _UNSURE for subtask in plan["subtasks"]):
        yield "unsure"


def _undone_runs(session: Session, shop: str) -> frozenset[str]:
    item, change_set = ChangeItemRow, ChangeSetRow
    query = (
        select(col(change_set.run_id))
        .join(item, (col(item.shop_id) == change_set.shop_id) & (col(item.change_set_id) == change_set.id))
        .where(col(change_set.shop_id) == shop, col(item.undone_by).is_not(None))
    )
    return frozenset(run for run in session.scalars(query) if run)


def _disagreements(session: Session, shop: str, head: str) -> Iterator[Sampled]:
    row = StudentDisagreementRow
    query = select(row).where(col(row.shop_id) == shop, col(row.head) == head, col(row.text).is_not(None)).order_by(col(row.id).desc())
    for one in session.scalars(query):
        yield Sampled(
            text=one.text or "", why=("versions disagreed",), said=(one.said, one.shadow_said), confidence=min(one.confidence, one.shadow_confidence),
            at=one.at,
        )  # fmt: skip


def _alike(text: str) -> str:
    """The same for texts that differ in numbers, capitals and spaces."""
    return " ".join(re.sub(r"\d+", "0", text.casefold()).split())

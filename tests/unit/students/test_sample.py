"""What is taken to learn from: only with consent, the hardest first, without what tells who somebody is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from agent.db.engine import Database, sqlite_url
from agent.db.students import StudentDisagreementRow
from agent.db.tables import ChangeItemRow, ChangeSetRow, RunRow
from agent.students.sample import Sampled, sample

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SHOP = "shop_a"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "sample.db"))
    SQLModel.metadata.create_all(made.engine)
    yield made
    made.close()


def scrub(text: str) -> str:
    return re.sub(r"\S+@\S+", "<email>", text)


def run(
    n: int, text: str, *, confidence: float = 0.95, by: str = "student", consent: bool = True, corrections: Sequence[Any] = (), asked: bool = False,
    shop: str = SHOP, not_done: bool = False,
) -> RunRow:  # fmt: skip
    plan = {
        "by": by, "subtasks": [{"task": "change_price", "read": {"confidence": confidence}}],
        "questions": [{"field": "task"}] if asked else [], "not_done": [{"code": "unclear"}] if not_done else [],
    }  # fmt: skip
    return RunRow(
        shop_id=shop, id=f"run_{n}", principal_id="p", text=text, state="done", plan=json.dumps(plan), corrections=json.dumps(list(corrections)),
        consent=consent, created_at=NOW + timedelta(minutes=n),
    )  # fmt: skip


def undone(n: int) -> list[SQLModel]:
    change_set = ChangeSetRow(
        shop_id=SHOP, id=f"cs_{n}", digest=f"d{n}", summary="", state="applied", risk="low", count=1, proposed_by="p", run_id=f"run_{n}",
        created_at=NOW, expires_at=NOW,
    )  # fmt: skip
    item = ChangeItemRow(
        shop_id=SHOP, change_set_id=f"cs_{n}", item_id="c1", position=0, what="{}", key=f"k{n}", target_kind="variant", target_id="v_1",
        state="undone", undone_by="cs_other",
    )  # fmt: skip
    return [change_set, item]


def taken(db: Database, *rows: SQLModel, head: str = "reader", most: int = 100) -> list[Sampled]:
    def add(session: Session) -> None:
        for row in rows:
            session.add(row)
            session.flush()

    db.write_now(add)
    return db.read_now(lambda session: sample(session, SHOP, head, most=most, scrub=scrub))


def test_the_hardest_come_first_and_say_why(db: Database) -> None:
    found = taken(
        db, run(1, "fine"), run(2, "unsure one", confidence=0.6), run(3, "put back"), *undone(3), run(4, "corrected one", corrections=[{"q": 1}]),
        run(5, "what was meant", asked=True, confidence=0.4), run(6, "a provider read it", by="frontier"),
    )  # fmt: skip
    assert [(one.text, one.why) for one in found] == [
        ("put back", ("undone",)), ("what was meant", ("asked what was meant", "unsure")), ("corrected one", ("corrected",)),
        ("a provider read it", ("read by a provider",)), ("unsure one", ("unsure",)), ("fine", ()),
    ]  # fmt: skip


def test_nothing_is_taken_without_consent_of_another_shop_or_of_what_a_program_planned(db: Database) -> None:
    rows = [run(1, "no consent", consent=False), run(2, "other shop", shop="shop_b"), run(3, "by a program", by="caller"), run(4, "mine")]
    assert [one.text for one in taken(db, *rows)] == ["mine"]


def test_texts_are_scrubbed_and_those_that_differ_in_numbers_are_one(db: Database) -> None:
    rows = [run(1, "tag anna@shop.example as vip"), run(2, "mug to 12", confidence=0.5), run(3, "Mug to  14")]
    assert [one.text for one in taken(db, *rows)] == ["mug to 12", "tag <email> as vip"]


def test_no_more_are_taken_than_asked_for(db: Database) -> None:
    assert len(taken(db, *(run(n, f"text {'x' * n}") for n in range(1, 9)), most=3)) == 3


def test_texts_on_which_versions_disagreed_are_taken_for_any_head(db: Database) -> None:
    def row(n: int, head: str, text: str | None) -> StudentDisagreementRow:
        return StudentDisagreementRow(
            id=f"d{n}", head=head, version="v", against="b", shop_id=SHOP, run_id="r", said="good", confidence=0.6, shadow_said="bad",
            shadow_confidence=0.7, text=text, at=NOW,
        )  # fmt: skip

    found = taken(db, row(1, "mood", "rather nice"), row(2, "mood", None), row(3, "other", "elsewhere"), head="mood")
    assert [(one.text, one.said, one.why) for one in found] == [("rather nice", ("good", "bad"), ("versions disagreed",))]

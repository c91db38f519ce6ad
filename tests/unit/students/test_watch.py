"""The watch beside the students: it never holds anyone up, keeps to its bounds, and outlives what breaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from agent.db.engine import Database, sqlite_url
from agent.db.students import StudentWindowRow
from agent.students.answers import Answer, Loaded, Said
from agent.students.drift import Seen
from agent.students.manifest import Manifest
from agent.students.seen import MOST_KEPT, agreement, disagreements, drift_of, lately
from agent.students.shelf import Version
from agent.students.standing import Role, Standing
from agent.students.watch import Sight, Watch

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scripted(Loaded):
    """A version that says what it is told, once it is let go."""

    says: str = "good"
    free: threading.Event = field(default_factory=threading.Event)
    breaks: bool = False

    def answer(self, text: str) -> Answer:
        self.free.wait()
        if self.breaks:
            raise RuntimeError("no good")
        return said(self.says)


def said(label: str, confidence: float = 0.9, *, refused: bool = False) -> Answer:
    return Answer(parts=(Said(label=label, confidence=confidence, refused=refused),), key=label, shown=label)


def version(name: str, *, says: str = "good", breaks: bool = False, held: bool = False) -> Scripted:
    manifest = Manifest(folder=Path(), name="mood", files={})
    made = Scripted(Version(head="mood", id=name, folder=Path(), manifest=manifest, since=NOW), None, says=says, breaks=breaks)  # type: ignore[arg-type]  # it answers by itself
    if not held:
        made.free.set()
    return made


def sight(*answers: Answer, shadow: Scripted | None = None, role: Role = "in_use", by: str = "one", consent: bool = False) -> Sight:
    texts = [f"text {n}" for n in range(len(answers))] if shadow else []
    return Sight(by=version(by), role=role, shadow=shadow, texts=texts, answers=answers, shop="shop_a", run="run_1", consent=consent)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "watch.db"))
    SQLModel.metadata.create_all(made.engine)
    yield made
    made.close()


@pytest.fixture
def watch(db: Database) -> Iterator[Watch]:
    made = Watch(db, now=lambda: NOW, waiting=4, every_s=3600)
    yield made
    made.close()


def test_answers_are_counted_by_the_hour_and_added_to_what_other_processes_counted(db: Database, watch: Watch) -> None:
    other = Watch(db, now=lambda: NOW)
    watch.take(sight(said("good", 0.914), said("bad", 0.509, refused=True)))
    other.take(sight(said("good", 1.0)))
    watch.settle()
    other.close()
    seen = db.read_now(lambda session: lately(session, "mood", "one", "in_use", NOW))
    assert seen == Seen(n=3, refused=1, confidence={91: 1, 50: 1, 99: 1}, labels={"good": 2, "bad": 1})


def test_when_too_much_waits_it_is_let_go_of_and_counted(watch: Watch) -> None:
    slow = version("two", held=True)
    for _ in range(12):
        watch.take(sight(said("good"), shadow=slow))  # returns at once, though the shadow answers nothing yet
    assert 7 <= watch.dropped <= 8  # four wait, and one may have been taken up
    slow.free.set()
    watch.settle()


def test_a_shadow_that_breaks_harms_nothing_but_itself(db: Database, watch: Watch) -> None:
    watch.take(sight(said("good"), shadow=version("two", breaks=True)))
    watch.take(sight(said("good"), shadow=version("two")))
    watch.settle()
    assert watch.broken == 1
    agreed = db.read_now(lambda session: agreement(session, "mood", "two"))
    assert (agreed.compared, agreed.agreed) == (1, 1)
    assert db.read_now(lambda session: lately(session, "mood", "one", "in_use", NOW)).n == 2


def test_disagreements_are_kept_up_to_a_bound_and_the_oldest_go(db: Database, watch: Watch) -> None:
    for _ in range(MOST_KEPT // 32 + 2):
        watch.take(sight(*[said("bad") for _ in range(32)], shadow=version("two")))
        watch.settle()
    watch.take(sight(said("worst"), shadow=version("two")))
    watch.settle()
    kept = db.read_now(lambda session: disagreements(session, "mood", limit=10_000))
    assert len(kept) == MOST_KEPT
    assert (kept[0].said, kept[0].shadow_said) == ("worst", "good")


def test_what_cannot_be_written_waits_until_it_can(db: Database, watch: Watch) -> None:
    db.write_now(lambda session: StudentWindowRow.__table__.drop(session.connection()))  # type: ignore[attr-defined]  # every table class has one
    watch.take(sight(said("bad"), shadow=version("two")))
    watch.settle()
    SQLModel.metadata.create_all(db.engine)
    watch.settle()
    assert db.read_now(lambda session: lately(session, "mood", "one", "in_use", NOW)).n == 1
    assert len(db.read_now(lambda session: disagreements(session, "mood"))) == 1


def test_closing_writes_what_is_left_and_may_be_done_twice(db: Database, watch: Watch) -> None:
    watch.take(sight(said("good")))
    watch.close()
    watch.close()
    assert db.read_now(lambda session: lately(session, "mood", "one", "in_use", NOW)).n == 1


def test_drift_is_counted_from_the_promotion_in_whole_hours(db: Database) -> None:
    def hour(at: int, labels: str, seen: int) -> StudentWindowRow:
        return StudentWindowRow(
            head="mood", version="one", role="in_use", hour=NOW.replace(hour=at, minute=0), seen=seen, labels=labels, confidence=f'{{"90": {seen}}}'
        )  # fmt: skip

    rows = [hour(1, '{"bad": 700}', 700), hour(3, '{"good": 600}', 600), hour(5, '{"good": 400}', 400), hour(7, '{"bad": 400}', 400)]
    db.write_now(lambda session: session.add_all(rows))
    standing = Standing(head="mood", in_use="one", promoted_at=NOW.replace(hour=3, minute=20))
    found = db.read_now(lambda session: drift_of(session, standing))
    assert (found.then.labels, found.now.labels) == ({"good": 600}, {"bad": 400, "good": 400})
    assert found.alarms == ["labels"]
    just_now = db.read_now(lambda session: drift_of(session, Standing(head="mood", in_use="one", promoted_at=NOW.replace(hour=7))))
    assert not just_now.enough

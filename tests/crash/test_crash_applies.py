"""Kill -9 at every named point of an apply, against a store in another process: the next start finishes it, each change once."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from agent.approvals import verify_audit
from agent.db.engine import Database, sqlite_url
from agent.db.tables import AuditRow, ChangeItemRow, DecisionRow
from agent.records import encode
from agent.testing.remote_store import effects, write_ledger

HERE = Path(__file__).parent
SHOP, ITEMS = "shop_a", 23
KILLED = -signal.SIGKILL
RECORDS = {"variant": {f"v{n}": {"title": f"Mug {n}", "price": {"amount": "10.00", "currency": "EUR"}, "stock:main": 5} for n in range(ITEMS - 1)}}
POINTS = [
    ("inside_deciding", 1), ("after_deciding", 1), ("before_reading", 1), ("before_intent", 1), ("before_intent", 2), ("inside_intent", 1),
    ("after_intent", 1), ("before_effect", 1), ("before_effect", 22), ("before_reading_back", 3), ("after_effect", 1), ("after_effect", 20),
    ("after_effect", 23), ("inside_outcome", 1), ("after_outcome", 1), ("before_settling", 1), ("inside_settling", 1), ("after_settling", 1),
]  # fmt: skip


class Zygote:
    def __init__(self) -> None:
        self._process = subprocess.Popen([sys.executable, str(HERE / "zygote.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(self, **order: Any) -> dict[str, int]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()


@pytest.fixture
def shop(tmp_path: Path, zygote: Zygote) -> Iterator[Path]:
    """A folder with a store running beside it."""
    write_ledger(tmp_path / "ledger.jsonl", RECORDS)
    pid = zygote.tell(do="store", folder=str(tmp_path), dies=None)["pid"]
    yield tmp_path
    zygote.tell(do="kill", pid=pid)


def assert_each_change_once(folder: Path) -> None:
    happened = effects(folder / "ledger.jsonl")
    assert Counter(e["key"] for e in happened).most_common(1)[0][1] == 1
    assert Counter(e["target"] for e in happened if e["kind"] != "create") == Counter(f"v{n}" for n in range(ITEMS - 1))
    assert [e["after"] for e in happened if e["kind"] == "add"] == [12] * sum(e["kind"] == "add" for e in happened)
    assert sum(e["kind"] == "create" for e in happened) == 1
    db = Database(sqlite_url(folder / "storehand.db"))
    items, decisions, writes = db.read_now(
        lambda s: (
            list(s.scalars(select(ChangeItemRow))),
            list(s.scalars(select(DecisionRow))),
            list(s.scalars(select(AuditRow).where(col(AuditRow.kind) == "write"))),
        )
    )
    report = asyncio.run(verify_audit(db, SHOP))
    db.close()
    assert [(i.state, bool(i.ended_at), bool(i.written_after)) for i in items] == [("applied", True, True)] * ITEMS
    assert [bool(d.ended_at) for d in decisions] == [True]
    assert sorted(w.ref for w in writes) == sorted(i.key for i in items) and report.broken == ()


@pytest.mark.parametrize(("point", "nth"), POINTS, ids=[f"{point}-{nth}" for point, nth in POINTS])
def test_killed_at_any_point_the_next_start_finishes_it(shop: Path, zygote: Zygote, point: str, nth: int) -> None:
    assert zygote.tell(do="approve", folder=str(shop), kill=[point, nth])["status"] == KILLED
    if point == "inside_deciding":  # nothing was approved: the decision and its work are one transaction
        assert zygote.tell(do="serve", folder=str(shop), kill=None)["status"] == 0
        assert effects(shop / "ledger.jsonl") == []
        assert zygote.tell(do="approve", folder=str(shop), kill=None)["status"] == 0
    else:
        assert zygote.tell(do="serve", folder=str(shop), kill=None)["status"] == 0
    assert_each_change_once(shop)


@pytest.mark.parametrize("seed", range(4))
def test_killed_again_and_again_while_recovering(shop: Path, zygote: Zygote, seed: int) -> None:
    chance = random.Random(seed)
    later = [p for p in POINTS if "deciding" not in p[0]]
    assert zygote.tell(do="approve", folder=str(shop), kill=["after_effect", 1 + chance.randrange(20)])["status"] == KILLED
    for _ in range(3):
        zygote.tell(do="serve", folder=str(shop), kill=list(chance.choice(later)))
    assert zygote.tell(do="serve", folder=str(shop), kill=None)["status"] == 0
    assert_each_change_once(shop)


@pytest.mark.parametrize("point", ["before_effect", "before_reply"])
def test_the_store_dies_between_effect_and_reply(tmp_path: Path, zygote: Zygote, point: str) -> None:
    write_ledger(tmp_path / "ledger.jsonl", RECORDS)
    first = zygote.tell(do="store", folder=str(tmp_path), dies=[point, 9])["pid"]
    approving = zygote.tell(do="approve", folder=str(tmp_path), kill=None, wait=False)["pid"]
    assert zygote.tell(do="wait", pid=first)["status"] == 9
    (tmp_path / "store.sock").unlink()
    assert zygote.tell(do="wait", pid=approving)["status"] == 0  # told that it goes on, not that it failed
    assert len(effects(tmp_path / "ledger.jsonl")) == 9
    second = zygote.tell(do="store", folder=str(tmp_path), dies=None)["pid"]
    assert zygote.tell(do="serve", folder=str(tmp_path), kill=None)["status"] == 0
    zygote.tell(do="kill", pid=second)
    assert_each_change_once(tmp_path)


def test_a_process_beside_it_finishes_what_a_killed_one_left(shop: Path, zygote: Zygote) -> None:
    assert zygote.tell(do="approve", folder=str(shop), kill=["inside_deciding", 1])["status"] == KILLED
    beside = zygote.tell(do="serve", folder=str(shop), kill=None)
    assert beside["status"] == 0
    killed = zygote.tell(do="approve", folder=str(shop), kill=["after_effect", 7], wait=False)["pid"]
    assert zygote.tell(do="wait", pid=killed)["status"] == KILLED
    servers = [zygote.tell(do="serve", folder=str(shop), kill=None, wait=False)["pid"] for _ in range(3)]
    assert [zygote.tell(do="wait", pid=pid)["status"] for pid in servers] == [0, 0, 0]
    assert_each_change_once(shop)


@pytest.mark.parametrize("point", ["after_intent", "before_effect", "after_effect", "before_settling"])
def test_a_process_that_slept_past_its_lease_wakes_up_and_does_no_harm(shop: Path, zygote: Zygote, point: str) -> None:
    sleeper = zygote.tell(do="approve", folder=str(shop), kill=[point, 1, signal.SIGSTOP], wait=False)["pid"]
    _until_stopped(sleeper)
    assert zygote.tell(do="serve", folder=str(shop), kill=None)["status"] == 0
    assert zygote.tell(do="continue", pid=sleeper)["status"] == 0
    assert_each_change_once(shop)


def _until_stopped(pid: int) -> None:
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(0.01)


def test_the_ledger_would_show_a_change_done_twice(shop: Path) -> None:
    """The assertion of this file can fail."""
    with (shop / "ledger.jsonl").open("ab") as file:
        for key in ("k1", "k1"):
            file.write(encode({"effect": {"key": key, "kind": "add", "target": "v1", "field": "stock:main", "before": 5, "after": 12}}) + b"\n")
    with pytest.raises(AssertionError):
        assert_each_change_once(shop)

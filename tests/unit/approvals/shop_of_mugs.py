"""What the tests of approvals share: a shop of three mugs in memory, a clock that is told the time, and who may decide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from agent.approvals import Approvals, Limits
from agent.db.engine import Database, sqlite_url
from agent.records import ROLE_SCOPES, Principal, Role, Scope
from agent.runs.events import EventLog
from agent.runs.timers import Timers
from agent.sdk import Change, Money, Proposal, Target, say
from agent.testing.inline_runs import InlineRuns
from agent.testing.memory_store import MemoryStore

SHOP = "shop_a"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OWNER = Principal("p_owner", "person", "Olga", SHOP, ROLE_SCOPES[Role.OWNER], Role.OWNER)
STAFF = Principal("p_staff", "person", "Stan", SHOP, ROLE_SCOPES[Role.STAFF], Role.STAFF)
VIEWER = Principal("p_viewer", "person", "Vera", SHOP, ROLE_SCOPES[Role.VIEWER], Role.VIEWER)
KEY = Principal("k_bot", "key", "bot", SHOP, frozenset({Scope.READ, Scope.ASK, Scope.APPROVE}))
OTHER_KEY = Principal("k_boss", "key", "boss", SHOP, frozenset({Scope.APPROVE}))
STRANGER = Principal("p_stranger", "person", "Sven", "shop_b", ROLE_SCOPES[Role.OWNER], Role.OWNER)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def mugs() -> dict[str, dict[str, dict[str, Any]]]:
    return {
        "variant": {
            "v1": {"title": "Blue Mug", "price": eur("14.00"), "cost": eur("6.00"), "stock:main": 10},
            "v2": {"title": "Red Mug", "price": eur("16.00"), "cost": eur("7.00"), "stock:main": 4},
            "v3": {"title": "Pot", "price": eur("40.00"), "cost": None, "stock:main": 0},
        },
        "customer": {"c1": {"name": "Anna Schmidt", "tags": ["vip"]}},
        "discount": {},
    }


@dataclass(slots=True)
class House:
    db: Database
    store: MemoryStore
    runs: InlineRuns
    approvals: Approvals
    events: EventLog
    now: datetime = START

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)


@contextmanager
def house(folder: Path, *, store: MemoryStore | None = None, limits: Limits | None = None) -> Iterator[House]:
    db = Database(sqlite_url(folder / "storehand.db"))
    SQLModel.metadata.create_all(db.engine)
    made = store or MemoryStore(mugs())
    runs = InlineRuns(Timers(db, clock=lambda: built.now))
    events = EventLog(db, clock=lambda: built.now)
    approvals = Approvals(db, runs, lambda _shop: made, limits=limits, events=events, clock=lambda: built.now)
    built = House(db, made, runs, approvals, events)
    try:
        yield built
    finally:
        db.close()


def price(id: str, before: str, after: str) -> Change:
    return Change.set(Target("variant", id, id), "price", before=eur(before), after=eur(after))


def proposal(*changes: Change, **more: Any) -> Proposal:
    return Proposal(say("New prices"), changes=changes, **more)

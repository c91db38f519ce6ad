"""A place to run tasks in: the small shop, a clock that stands still, and whoever plays the model. No network, no key.

with playground() as ground:
    answer = asyncio.run(ground.run(task, {"products": None}))
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.approvals import Approvals, Limits
from agent.automation.records import OwnRecords, Writings
from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.dispatch.classifier import Classifier, LabelHead
from agent.dispatch.execute import Dispatcher, Outcome
from agent.errors import TaskDefinitionError
from agent.gateway import Gateway, Target
from agent.prompts import Prompts
from agent.providers.base import Provider
from agent.records import ROLE_SCOPES, ChangeSet, Principal, Read, Role, Subtask, to_json
from agent.registry import discover
from agent.resources import Resources
from agent.runs.timers import Timers
from agent.sdk import Args, Ask, Proposal, ShopInfo, Task
from agent.stores.embedded.shops import shops
from agent.stores.embedded.store import EmbeddedStore
from agent.testing.inline_runs import InlineRuns
from agent.testing.small_shop import TODAY, make_small_shop

NO_LIMITS = Limits(price_move_percent=Decimal(10**9), discount_percent=Decimal(100), margin_floor_percent=Decimal(-100), items_per_change=10**6)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Playground:
    db: Database
    store: EmbeddedStore
    clock: FixedClock
    own: OwnRecords
    """What Storehand does by itself for this shop."""
    dispatcher: Dispatcher
    approvals: Approvals
    person: Principal
    provider: Provider | None = None

    async def run(self, task: Task, args: Args | Mapping[str, Any], *, ask: str = "") -> Any:
        """What the handler gives back: an Answer, a Draft, a Proposal, a Refusal or Missing.

        Raises:
            AskError: As the handler raises it, or because the args do not fit.
        """
        return (await self.outcome(task, args, ask=ask)).result

    async def outcome(self, task: Task, args: Args | Mapping[str, Any], *, ask: str = "") -> Outcome:
        """The result with the routes taken behind Labeller, Tagger and Writer."""
        given = to_json(args) if isinstance(args, Args) else args
        subtask = Subtask(id="s1", task=task.name, args=given, span=(0, len(ask)), effect=task.effect, read=Read(by="student", confidence=1.0))
        said = Ask(ask, locale=self.store.shop.locale, whole=ask)
        return await self.dispatcher.run(task, subtask, outputs={}, store=self.store, clock=self.clock, ask=said)

    async def apply(self, proposal: Proposal) -> ChangeSet:
        """Open the proposal and approve all of it, as the merchant would."""
        opened = await self.approvals.open(proposal, shop=self.store.shop.id, principal=self.person)
        return await self.approvals.approve(opened.digest, self.person)

    async def undo(self, change_set: ChangeSet) -> ChangeSet:
        opened = await self.approvals.undo(change_set.id, self.person)
        return await self.approvals.approve(opened.digest, self.person)


@contextmanager
def playground(
    *,
    provider: Provider | None = None,
    heads: Mapping[str, LabelHead] | None = None,
    taggers: Mapping[str, Any] | None = None,
    today: date = TODAY,
    limits: Limits = NO_LIMITS,
    shop: Callable[[Database], ShopInfo] | None = None,
) -> Iterator[Playground]:
    """A playground on a database of its own, gone afterwards.

    Args:
        provider: Stands behind the aliases "frontier" and "writer", such as a `ScriptedProvider`; none when None.
        heads: Students by head name.
        taggers: Students that tag, by head name.
        limits: Of approvals; none by default, so that a law tries what a merchant may not.
        shop: Makes another shop than the small one: `make_demo`.
    """
    with tempfile.TemporaryDirectory(prefix="storehand-") as folder:
        path = Path(folder) / "shop.db"
        if shop is None:
            path.write_bytes(_small_shop(today))
        db = Database(sqlite_url(path))
        try:
            info = shop(_upgraded(db)) if shop else shops(db)[0]
            yield _ground(db, info, provider, heads or {}, taggers or {}, datetime.combine(today, time(15), ZoneInfo(info.time_zone)), limits)
        finally:
            db.close()


@cache
def _small_shop(today: date) -> bytes:
    """The small shop as a database file: made once in a process, since every playground wants the same."""
    with tempfile.TemporaryDirectory(prefix="storehand-") as folder:
        path = Path(folder) / "shop.db"
        db = Database(sqlite_url(path))
        make_small_shop(_upgraded(db), today=today)
        db.close()
        return path.read_bytes()


def _upgraded(db: Database) -> Database:
    upgrade(db)
    return db


def _ground(
    db: Database, info: ShopInfo, provider: Provider | None, heads: Mapping[str, LabelHead], taggers: Mapping[str, Any], at: datetime, limits: Limits
) -> Playground:  # fmt: skip
    target: Sequence[Target] = [Target(provider, "scripted")] if provider else []
    gateway = Gateway({"frontier": target, "writer": target})
    store = EmbeddedStore(db, info.id)
    own = OwnRecords(db, info, clock=lambda: at.astimezone(UTC))
    runs = InlineRuns(Timers(db, clock=lambda: at.astimezone(UTC)))
    return Playground(
        db=db, store=store, own=own, clock=FixedClock(at), provider=provider,
        dispatcher=Dispatcher(
            Classifier(heads, gateway=gateway), Prompts(Resources()), taggers, tasks=tuple(discover(plugins=False)), own=lambda _: own
        ),
        approvals=Approvals(db, runs, lambda shop: Writings(EmbeddedStore(db, shop), own), limits=limits, clock=lambda: at.astimezone(UTC)),
        person=Principal("person_test", "person", "Test", info.id, ROLE_SCOPES[Role.OWNER], Role.OWNER),
    )  # fmt: skip


def task_of(folder: Path) -> Task:
    """The registered task of that folder; one nobody registered yet is read from its handler.py.

    Raises:
        TaskDefinitionError: There is no task in the folder, or its declaration is wrong.
    """
    known = {task.folder.resolve(): task for task in discover()}
    return known.get(folder.resolve()) or task_in(folder)


def task_in(folder: Path) -> Task:
    """The task whose handler.py lies in the folder, wherever that is.

    Raises:
        TaskDefinitionError: There is none, or its declaration is wrong.
    """
    path = folder / "handler.py"
    spec = importlib.util.spec_from_file_location(f"storehand_task_{folder.name}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise TaskDefinitionError(f"{folder} has no handler.py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and get_type_hints look the module up by its name
    spec.loader.exec_module(module)
    found = [value for value in vars(module).values() if isinstance(value, Task)]
    if len(found) != 1:
        raise TaskDefinitionError(f"{path} declares {len(found)} tasks; it must declare one.")
    return found[0]

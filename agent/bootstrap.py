"""The composition root: settings to everything, wired once. Only this module and `agent.proxying` know how the rooms are put together."""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.approvals import Approvals, Limits
from agent.automation.acting import Actor
from agent.automation.desk import AutomationDesk
from agent.automation.engine import Automations
from agent.automation.records import OwnRecords, Writings
from agent.dispatch.classifier import Classifier
from agent.dispatch.execute import Dispatcher
from agent.errors import NotFound, SettingsError
from agent.gateway import Gateway
from agent.gateway.opened import open_gateway
from agent.languages import Languages
from agent.ledger.tallies import Tallies
from agent.ledger.usage import Books
from agent.opening import Accounts, Told, Worker, listening_as, metrics_of, one_at_a_time, open_accounts, serve
from agent.planning.planner import Planner
from agent.prompts import Prompts
from agent.registry import Registry, discover
from agent.resources import Resources
from agent.runs.attachments import Attachments
from agent.runs.durable import DurableRuns
from agent.runs.events import EventLog
from agent.runs.idempotency import Idempotency
from agent.runs.journal import Journal
from agent.runs.saved_prompts import SavedPrompts
from agent.sdk import ShopInfo
from agent.service import Service, Shops
from agent.service.execution import Executor
from agent.service.from_file import FromFile
from agent.service.versions import StudentVersions
from agent.settings import Settings, secret
from agent.stores.embedded.demo import demo_shop, make_demo
from agent.stores.embedded.store import EmbeddedStore
from agent.students.guide import EncodedGuide, passages
from agent.students.live import LiveStudents, open_students
from agent.students.makings import FOLDER, Makings
from agent.students.shelf import shelf_of
from agent.telemetry.metrics import CONTENT_TYPE
from agent.telemetry.opened import Telemetry, open_telemetry
from agent.web.app import create_app
from agent.web.auth import Accounts as WebAccounts
from agent.web.health import metrics_route
from agent.web.panel.installation import Installation
from agent.web.proxy import App, open_proxy
from agent.web.readiness import Scraped
from agent.web.spend import Spend
from agent.webhooks.hooks import Webhooks
from agent.webhooks.sending import HttpSender

DEMO = "demo"


@dataclass(frozen=True, slots=True)
class House:
    """Everything, open and running."""

    settings: Settings
    accounts: Accounts
    service: Service
    registry: Registry
    gateway: Gateway
    books: Books
    telemetry: Telemetry
    students: LiveStudents
    told: Told
    automations: Automations
    automation_desk: AutomationDesk
    webhooks: Webhooks

    @property
    def versions(self) -> StudentVersions:
        """Which students answer, and the steps that change it."""
        students = self.students
        return StudentVersions(
            db=self.accounts.db, shelf=shelf_of(self.settings), encoder=lambda: students.encoder, problems=lambda: students.problems,
            makings=Makings(self.settings.data / FOLDER),
        )  # fmt: skip

    async def shop(self, name: str) -> ShopInfo:
        """The shop of that name; the demo shop is made when it is first asked for.

        Raises:
            NotFound: There is none of that name.
        """
        if name != DEMO:
            return self.accounts.shop(name)
        try:
            return demo_shop(self.accounts.db)
        except NotFound:
            pass
        self.told("Making the demo shop (150 products, 20,000 orders), once …")
        return await asyncio.to_thread(make_demo, self.accounts.db, today=datetime.now(UTC).date())


@asynccontextmanager
async def open_house(settings: Settings, *, told: Told = lambda text: None, worker: Worker | None = None) -> AsyncIterator[House]:
    """Everything, wired and running; closed in the right order afterwards.

    Args:
        told: Takes sentences about what takes long.
        worker: Which of several processes that serve together this is; None for the only one.

    Raises:
        DefinitionError: Settings, a task or a model is wrong.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
    async with open_accounts(settings, worker) as accounts:
        registry = discover()
        for problem in registry.problems:
            told(f"The plugin {problem.plugin} is left out: {problem.reason}")
        _check_runs(settings.data / "runs.db")
        # Durable work needs nobody who owns it: timers are claimed, work has an id, and what a dead process left is taken up by whoever
        # looks (agent.runs.durable). One worker looks from the start; the others bring the engine up with the first work of their own.
        system = settings.data / "runs.db"
        only_with_work = worker is not None and not worker.leads
        engine = DurableRuns(accounts.db, system, launch_after_s=math.inf) if only_with_work else DurableRuns(accounts.db, system)
        # The models are loaded before anything listens: that is 0.15 s of the 2.5 s until then (measured 2026-11-22, two busy cores), the first
        # request would wait for them otherwise, and a damaged one is told at the start.
        async with (
            open_students(shelf_of(settings), accounts.db) as students,
            open_telemetry(settings) as telemetry,
            open_gateway(settings, accounts.db, watchers=telemetry.watchers) as opened,
        ):
            telemetry.ask(opened)
            acting = _service(settings, accounts, registry, students, engine, opened.gateway)
            await engine.start()
            try:
                yield House(
                    settings, accounts, acting.service, registry, opened.gateway, opened.books, telemetry, students, told,
                    acting.automations, acting.desk, acting.webhooks,
                )  # fmt: skip
            finally:
                await engine.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Acting:
    """The service, and what acts by itself through it."""

    service: Service
    automations: Automations
    desk: AutomationDesk
    webhooks: Webhooks


def _service(settings: Settings, accounts: Accounts, registry: Registry, students: LiveStudents, engine: DurableRuns, gateway: Gateway) -> _Acting:
    resources = Resources(settings.operator)
    private = settings.webhooks.allow_private
    webhooks = Webhooks(accounts.db, engine, HttpSender(allow_private=private), allow_private=private)
    events = EventLog(accounts.db, beside=webhooks.overhear)
    world = Shops(lambda shop: EmbeddedStore(accounts.db, shop))

    def own(shop: ShopInfo) -> OwnRecords:
        return OwnRecords(accounts.db, shop)

    def writings(shop: str) -> Writings:
        return Writings(world.store(shop), own(world.store(shop).shop))

    approvals = Approvals(accounts.db, engine, writings, limits=_limits(settings), events=events)
    planner = Planner(registry.tasks, students, gateway)
    guide = EncodedGuide(students.encoder, passages(resources.guide(), registry))
    classifier = Classifier(students.heads, students.thresholds, gateway)
    dispatcher = Dispatcher(classifier, Prompts(resources), students.taggers, tasks=tuple(registry), own=own, guide=guide)
    executor = Executor(
        world, registry, planner, dispatcher, approvals, events, settings.run_timeout_s, students=students, consent=settings.students.consent,
        catalogue=Languages().catalogue,
        files=FromFile(Attachments(accounts.db), lambda text: students.reader.read(text).clauses, registry.tasks),
    )  # fmt: skip
    service = Service(executor=executor, journal=Journal(accounts.db), engine=engine, models=students.shipped())
    actor = Actor(approvals=approvals, asks=service, store=world.store)
    return _Acting(
        service=service, webhooks=webhooks, automations=Automations(accounts.db, engine, actor, world.store, tell=webhooks.tell),
        desk=AutomationDesk(db=accounts.db, approvals=approvals, store=world.store, clock=world.clock, own=own),
    )  # fmt: skip


async def serve_app(house: House, *, parts: frozenset[str], ready: Told, worker: Worker | None = None) -> None:
    """Serve HTTP until SIGINT or SIGTERM, then let what runs finish for a few seconds.

    Args:
        worker: Which of several processes this is; None for the only one.

    Raises:
        SettingsError: The address cannot be listened on.
    """
    accounts, settings = house.accounts, house.settings
    kept = Idempotency(accounts.db)
    with listening_as(settings, worker) as listener:
        async with one_at_a_time(settings):
            await house.shop(settings.shop)
            await house.service.recover()
            await kept.sweep()
        looking = house.automations.watching(lambda: [shop.id for shop in accounts.shops()], along=house.webhooks.tell_pauses)
        alone = worker is None or worker.leads
        async with metrics_of(house.telemetry.metrics.text, worker) as text, looking if alone else nullcontext():
            app = house.telemetry.traced(_app(house, parts, kept, text, worker.tallies if worker is not None else None))

            def warm() -> None:
                warming.append(asyncio.create_task(asyncio.to_thread(house.service.warm)))  # whoever asks meanwhile is answered all the same

            def listens() -> None:
                timers.append(asyncio.get_running_loop().call_later(_WARM_AFTER_S, warm))
                ready(accounts.address())

            timers: list[asyncio.TimerHandle] = []
            warming: list[asyncio.Task[None]] = []
            await serve(app, listener, ready=listens, leaving=house.service.wait_no_longer, worker=worker)
            for timer in timers:
                timer.cancel()
            await asyncio.gather(*warming)


_WARM_AFTER_S = 2.0
"""Whoever waited for the start asks first, and is not to share the processor with what only later requests need."""


def _app(
    house: House, parts: frozenset[str], kept: Idempotency, text: Callable[[], bytes | Awaitable[bytes]], tallies: Tallies | None
) -> App:  # fmt: skip
    accounts, settings = house.accounts, house.settings
    scraped = Scraped(text=text, content_type=CONTENT_TYPE, keys=None if settings.metrics_are_open else accounts.keys)
    limit, languages = settings.gateway.requests_per_minute, Languages()
    proxy = open_proxy(house.gateway, accounts.keys, house.books, requests_per_minute=limit, tallies=tallies)
    app = create_app(
        house.service, WebAccounts(keys=accounts.keys, people=accounts.people, sessions=accounts.sessions),
        secure=accounts.address().startswith("https:"), ready=accounts.ready, idempotency=kept, api="api" in parts, panel="panel" in parts,
        spend=Spend(db=accounts.db, books=house.books, gateway=house.gateway), students=house.versions, sandboxes=accounts.sandbox,
        installation=Installation(settings=settings, db=accounts.db), automations=house.automation_desk,
        routers=[metrics_route(scraped)], webhooks=house.webhooks, tallies=tallies,
        frame_ancestors=settings.panel.frame_ancestors, image_hosts=settings.panel.image_hosts, prompts=SavedPrompts(accounts.db),
        catalogue=languages.catalogue, languages=languages.known, address=settings.public_url,
    )  # fmt: skip
    return proxy.before(app) if "llm" in parts else app


def check_config(settings: Settings) -> list[str]:
    """What the config means, line by line.

    Raises:
        DefinitionError: Something in it is wrong.
    """
    lines = [f"data: {settings.data}", f"shop: {settings.shop}", f"address: http://{settings.host}:{settings.port}"]
    for name, provider in settings.providers.items():
        if provider.key is not None:
            secret(provider.key, base_url=provider.base_url)
        lines.append(f"provider {name}: {provider.dialect} at {provider.base_url}, key {'found' if provider.key else 'none'}")
    registry = discover()
    lines.append(f"tasks: {len(registry)}")
    lines += [f"left out: {problem.plugin}: {problem.reason}" for problem in registry.problems]
    return [*lines, "The config is right."]


def _check_runs(path: Path) -> None:
    """Look before the engine does: it comes up late, when what was approved would already wait for it.

    Raises:
        SettingsError: The file is no database.
    """
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise SettingsError(f"{path} cannot be opened: {error}. Mend its rights, or name another folder with --data.") from error
    except sqlite3.DatabaseError as error:
        raise SettingsError(
            f"{path} is damaged ({error}). Restore it from a backup, or move it away: what was approved is taken up from the main database."
        ) from error


def _limits(settings: Settings) -> Limits:
    limits = settings.limits
    return Limits(
        price_move_percent=limits.price_move_percent, discount_percent=limits.discount_percent,
        margin_floor_percent=limits.margin_floor_percent, items_per_change=limits.items_per_change, largest_refund=limits.largest_refund,
        confirm_items=limits.confirm_items,
        confirm_price_percent=limits.confirm_price_percent, expires_after=limits.approval_ttl,
    )  # fmt: skip

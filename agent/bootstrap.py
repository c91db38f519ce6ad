"""The composition root: settings to everything, wired once. Only this module knows how the rooms are put together."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import structlog
import uvicorn
from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from agent.approvals import Approvals, Limits
from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.dispatch.classifier import Classifier
from agent.dispatch.execute import Dispatcher
from agent.errors import NotFound, SettingsError
from agent.gateway import Gateway
from agent.gateway.opened import open_gateway
from agent.ledger.keys import Keys
from agent.ledger.people import People
from agent.ledger.sessions import Sessions
from agent.ledger.usage import Books
from agent.planning.planner import Planner
from agent.prompts import Prompts
from agent.registry import Registry, discover
from agent.resources import Resources
from agent.runs.durable import DurableRuns
from agent.runs.events import EventLog
from agent.runs.idempotency import Idempotency
from agent.runs.journal import Journal
from agent.sdk import ShopInfo
from agent.service import Service, Shops
from agent.service.execution import Executor
from agent.settings import Settings, secret
from agent.stores.embedded.demo import demo_shop, make_demo
from agent.stores.embedded.shops import create_shop, shop_named, shops
from agent.stores.embedded.store import EmbeddedStore
from agent.students import Students, load_students, model_folders
from agent.students.manifest import read_manifest
from agent.web.app import create_app
from agent.web.auth import Accounts as WebAccounts
from agent.web.proxy import proxy_router
from agent.web.spend_api import spend_operations

DEMO = "demo"

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Accounts:
    """The database, its shops, and who may come in: enough for an operator's commands."""

    settings: Settings
    db: Database
    keys: Keys
    people: People
    sessions: Sessions

    def shops(self) -> list[ShopInfo]:
        return shops(self.db)

    def shop(self, name: str) -> ShopInfo:
        """
        Raises:
            NotFound: There is none of that name.
        """
        return shop_named(self.db, name)

    def create_shop(self, **fields: Any) -> ShopInfo:
        return create_shop(self.db, **fields)

    def address(self) -> str:
        """Where people reach the panel."""
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return (self.settings.public_url or f"http://{host}:{self.settings.port}").rstrip("/")

    def link(self, token: str) -> str:
        return f"{self.address()}/sign-in/{token}"


@dataclass(frozen=True, slots=True)
class House:
    """Everything, open and running."""

    settings: Settings
    accounts: Accounts
    service: Service
    registry: Registry
    gateway: Gateway
    books: Books
    told: Told

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

    async def ready(self) -> dict[str, bool]:
        """What `/readyz` asks: whether the database answers."""
        try:
            await self.accounts.db.read(lambda session: session.execute(text("SELECT 1")))
        except SQLAlchemyError:
            return {"database": False}
        return {"database": True}


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncIterator[Accounts]:
    """The database at its newest schema.

    Raises:
        SettingsError: The data folder cannot be used.
    """
    _prepare(settings.data)
    db = _database(settings)
    try:
        await asyncio.to_thread(upgrade, db)
        keys = Keys(db)
        yield Accounts(settings, db, keys, People(db), Sessions(db))
        await keys.note_uses()
    finally:
        db.close()


@asynccontextmanager
async def open_house(settings: Settings, *, told: Told = lambda text: None) -> AsyncIterator[House]:
    """Everything, wired and running; closed in the right order afterwards.

    Args:
        told: Takes sentences about what takes long.

    Raises:
        DefinitionError: Settings, a task or a model is wrong.
    """
    _quiet_logs()
    async with open_accounts(settings) as accounts:
        registry = discover()
        for problem in registry.problems:
            told(f"The plugin {problem.plugin} is left out: {problem.reason}")
        resources = Resources(settings.operator)
        _check_runs(settings.data / "runs.db")
        students, engine = load_students(resources.models(), resources.models_over()), DurableRuns(accounts.db, settings.data / "runs.db")
        async with open_gateway(settings, accounts.db) as opened:
            service = _service(settings, accounts, registry, students, engine, opened.gateway)
            await engine.start()
            try:
                yield House(settings, accounts, service, registry, opened.gateway, opened.books, told)
            finally:
                await engine.stop()


def _service(settings: Settings, accounts: Accounts, registry: Registry, students: Students, engine: DurableRuns, gateway: Gateway) -> Service:
    resources = Resources(settings.operator)
    models, events = model_folders(resources.models(), resources.models_over()), EventLog(accounts.db)
    world = Shops(lambda shop: EmbeddedStore(accounts.db, shop))
    approvals = Approvals(accounts.db, engine, world.store, limits=_limits(settings), events=events)
    planner = Planner(registry.tasks, students, gateway)
    dispatcher = Dispatcher(_classifier(students, models, gateway), Prompts(resources))
    executor = Executor(world, registry, planner, dispatcher, approvals, events, settings.run_timeout_s)
    return Service(executor=executor, journal=Journal(accounts.db), engine=engine, models=_digests(models))


@contextmanager
def hold(settings: Settings) -> Iterator[None]:
    """Own the data folder as the one server on it, until the block ends.

    Raises:
        SettingsError: Another server owns it; the sentence names it.
    """
    _prepare(settings.data)
    path = settings.data / "server.lock"
    with _lock_file(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "another process"
            raise SettingsError(f"The data folder {settings.data} is in use by {owner}; stop it, or name another folder with --data.") from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {settings.host}:{settings.port}")
        file.flush()
        yield


def _lock_file(path: Path) -> TextIO:
    try:
        return path.open("a+", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}. Name another folder with --data.") from error


async def serve_app(house: House, *, parts: frozenset[str], ready: Told) -> None:
    """Serve HTTP until SIGINT or SIGTERM, then let what runs finish for a few seconds.

    Raises:
        SettingsError: The address cannot be listened on.
    """
    accounts, settings = house.accounts, house.settings
    with _listening(settings) as listener:
        await house.shop(settings.shop)
        await house.service.recover()
        kept = Idempotency(accounts.db)
        await kept.sweep()
        proxy = proxy_router(house.gateway, accounts.keys, house.books, requests_per_minute=settings.gateway.requests_per_minute)
        app = create_app(
            house.service, WebAccounts(keys=accounts.keys, people=accounts.people, sessions=accounts.sessions),
            secure=accounts.address().startswith("https:"), ready=house.ready, idempotency=kept, api="api" in parts, panel="panel" in parts,
            spend=spend_operations(accounts.db, house.books), routers=[proxy] if "llm" in parts else [],
        )  # fmt: skip
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5, lifespan="on")
        server = _Server(config, lambda: ready(accounts.address()))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.end)
        await server.serve(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that leaves signals to us: uvicorn would raise them again once it has stopped, before the house is closed."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def end(self) -> None:
        self.force_exit, self.should_exit = self.should_exit, True


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(f"Nothing can listen on {settings.host}:{settings.port} ({_why(error)}); choose another --host or --port.") from error
    with listener:
        # asyncio switches Nagle's algorithm off only where a socket names its protocol, which one of create_server does not:
        # without this each reply waited 40 ms for the client's delayed acknowledgement. Accepted sockets inherit it.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _why(error: OSError) -> str:
    """The system's words alone: a socket's error has the address in them once more."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)


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


def _database(settings: Settings) -> Database:
    try:
        return Database(settings.database or sqlite_url(settings.database_path))
    except (ArgumentError, NoSuchModuleError):  # neither repeats the address: there is a password in it
        raise SettingsError("`database` is no address of a database; write postgresql+psycopg://USER:PASSWORD@HOST/NAME.") from None
    except ModuleNotFoundError as error:
        raise SettingsError(f"`{error.name}` is needed for this database; `pip install 'storehand[postgres]'` brings it.") from None


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


def _prepare(folder: Path) -> None:
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)  # customers' names and orders are in it; a folder that was there stays as its owner set it
    except FileExistsError:
        raise SettingsError(f"The data folder {folder} cannot be used: there is a file of that name. Name another with --data.") from None
    except OSError as error:
        raise SettingsError(f"The data folder {folder} cannot be used: {error.strerror}. Name another with --data.") from error


def _limits(settings: Settings) -> Limits:
    limits = settings.limits
    return Limits(
        price_move_percent=limits.price_move_percent, discount_percent=limits.discount_percent,
        margin_floor_percent=limits.margin_floor_percent, items_per_change=limits.items_per_change, confirm_items=limits.confirm_items,
        confirm_price_percent=limits.confirm_price_percent, expires_after=limits.approval_ttl,
    )  # fmt: skip


def _classifier(students: Students, models: Mapping[str, Path], gateway: Gateway) -> Classifier:
    gates = {name: read_manifest(models[name]).gate for name in students.heads}
    return Classifier(students.heads, {name: float(gate["threshold"]) for name, gate in gates.items() if "threshold" in gate}, gateway)


def _digests(models: Mapping[str, Path]) -> dict[str, str]:
    """Which model is in use, by its files' digest: kept with every run."""
    return {name: read_manifest(folder).identity for name, folder in models.items()}


def _quiet_logs() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    logging.getLogger("httpx").setLevel(logging.WARNING)

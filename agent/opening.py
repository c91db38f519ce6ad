"""What every way of starting needs: a data folder of one's own, its database, who may come in, and a socket to listen on.

It imports neither models nor the engine of runs, so that an operator's commands and the gateway alone start quickly.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.errors import NotFound, SettingsError
from agent.ledger.keys import Keys
from agent.ledger.people import People
from agent.ledger.sessions import Sessions
from agent.ledger.tallies import Tallies
from agent.ledger.throttle import Throttle
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.sdk import ShopInfo

Told = Callable[[str], None]
HEADER = "x-storehand-worker"
"""On every reply of one of several workers: which of them it came from."""
_ENDS_WITHOUT_PARENT_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What one of several processes that serve one address has from the one that started it (`agent.cli.workers`)."""

    number: int
    """From 0. The one that takes the place of a dead one takes its number."""
    listener: socket.socket
    parent: int
    """A pipe that ends when the parent does, however it does."""
    tallies: Tallies
    """Shared by all."""
    asked: socket.socket
    """Where the others ask this one for its metrics."""
    others: tuple[str, ...]
    """Where to ask them."""

    @property
    def leads(self) -> bool:
        """Whether it does what one process has to do for all: looking at what happens in the shops."""
        return self.number == 0


@dataclass(frozen=True, slots=True)
class Accounts:
    """The database, its shops, and who may come in: enough for an operator's commands."""

    settings: Settings
    db: Database
    keys: Keys
    people: People
    sessions: Sessions

    # The stores are imported when they are asked for: whoever only checks keys needs none of the shop's fifty tables.

    def shops(self) -> list[ShopInfo]:
        from agent.stores.embedded.shops import shops

        return shops(self.db)

    def shop(self, name: str) -> ShopInfo:
        """
        Raises:
            NotFound: There is none of that name.
        """
        from agent.stores.embedded.shops import shop_named

        return shop_named(self.db, name)

    def create_shop(self, **fields: Any) -> ShopInfo:
        from agent.stores.embedded.shops import create_shop

        return create_shop(self.db, **fields)

    def set_fiscal_year(self, shop: str, month: int) -> ShopInfo:
        """The shop of that name with a fiscal year that begins in that month. Raises: NotFound, Invalid."""
        from agent.stores.embedded.shops import set_fiscal_year

        return set_fiscal_year(self.db, shop, month)

    async def sandbox(self, shop: str) -> str:
        """The id of the sandbox of the shop of that id, made when it is first asked for."""
        from agent.stores.embedded.sandbox import sandbox_of

        name = next((each.name for each in self.shops() if each.id == shop), None)
        if name is None:
            raise NotFound("shop", shop)
        return (await asyncio.to_thread(sandbox_of, self.db, name, today=datetime.now(UTC).date())).id

    async def reset_sandbox(self, shop: str) -> ShopInfo:
        """The sandbox of the shop of that name, as it was made.

        Raises:
            NotFound: It has none.
        """
        from agent.stores.embedded.sandbox import reset_sandbox

        return await asyncio.to_thread(reset_sandbox, self.db, shop, today=datetime.now(UTC).date())

    def address(self) -> str:
        """Where people reach the panel."""
        return address_of(self.settings)

    def link(self, token: str) -> str:
        return f"{served_at(self.settings) or self.address()}/sign-in/{token}"

    async def ready(self) -> dict[str, bool]:
        """What `/readyz` asks: whether the database answers."""
        try:
            await self.db.read(lambda session: session.execute(text("SELECT 1")))
        except SQLAlchemyError:
            return {"database": False}
        return {"database": True}


def address_of(settings: Settings) -> str:
    """Where people reach the service."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return (settings.public_url or f"http://{host}:{settings.port}").rstrip("/")


def prepare(settings: Settings) -> None:
    """Bring the data folder and its database to where workers can open them; leaves neither a thread nor a connection behind.

    Raises:
        SettingsError: The data folder cannot be used.
    """
    _prepare(settings.data)
    db = _database(settings)
    try:
        upgrade(db)
    finally:
        db.close()


@asynccontextmanager
async def open_accounts(settings: Settings, worker: Worker | None = None) -> AsyncIterator[Accounts]:
    """The database at its newest schema.

    Args:
        worker: Which of several this process is, so that they count attempts to sign in together.

    Raises:
        SettingsError: The data folder cannot be used.
    """
    _prepare(settings.data)
    db = _database(settings)
    try:
        await asyncio.to_thread(upgrade, db)
        keys = Keys(db)
        throttle = Throttle(tallies=worker.tallies) if worker is not None else None
        yield Accounts(settings, db, keys, People(db, throttle=throttle), Sessions(db))
        await keys.note_uses()
    finally:
        db.close()


_ADDRESS = "server.address"
"""Where the server that runs on a data folder is reached; beside its lock, so that whoever looks there keeps no server from starting."""


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
        with _lock_file(settings.data / _ADDRESS) as told:
            fcntl.flock(told, fcntl.LOCK_EX)  # waits for whoever just looks
            told.truncate(0)
            told.write(address_of(settings))
            told.flush()
            yield


def served_at(settings: Settings) -> str | None:
    """Where people reach the server that runs on this data folder, wherever it was told to listen; None where none runs."""
    with _lock_file(settings.data / _ADDRESS) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            return file.read().strip() or None
    return None


@asynccontextmanager
async def one_at_a_time(settings: Settings) -> AsyncIterator[None]:
    """No other worker on this data folder is within such a block: of two that start at once, one finds what the other did."""
    with _lock_file(settings.data / "start.lock") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield


def _lock_file(path: Path) -> TextIO:
    try:
        return path.open("a+", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}. Name another folder with --data.") from error


def new_loop() -> asyncio.AbstractEventLoop:
    """The quickest loop there is: on uvloop a proxied call costs two thirds of what it costs on asyncio's own (bench/gateway.py)."""
    try:
        import uvloop
    except ModuleNotFoundError:  # uvicorn[standard] leaves it out where it cannot be built
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def collect_seldom() -> None:
    """Look for garbage less often from here on, and never again in what is there already.

    A full collection would look through all that was imported and hold every answer up for a tenth of a second meanwhile; and a request
    makes some hundred objects that are gone with it, so that looking at each seven hundred finds nothing. The same goes for what a
    start makes, so `agent.cli.serve` begins with it before the collector, which importing holds back, wakes and looks through all of it.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


_GRACE_S = 5
"""How long what runs may take to finish once the server is told to stop."""
_LEAVES_AFTER_S = 3.0
"""Of it: what has not been answered by then is handed on, and the rest is time to say so."""


async def serve(
    app: Any, listener: socket.socket, *, ready: Callable[[], None], leaving: Callable[[], None] = lambda: None, worker: Worker | None = None
) -> None:  # fmt: skip
    """Serve an ASGI application until SIGINT or SIGTERM, then let what runs finish for a few seconds; a second signal does not wait.

    Args:
        ready: Called once requests are taken.
        leaving: Called some seconds after the signal, with as many left to answer whoever waits for what takes longer.
        worker: Which of several this process is. It ends with its parent too, and a second signal to it is SIGQUIT: a service manager
            that signals every process and a parent that passes the signal on are not two wishes.
    """
    import uvicorn

    class Server(uvicorn.Server):
        """A server that leaves signals to us: uvicorn would raise them again once it has stopped, before the house is closed."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            timer = loop.call_later(_LEAVES_AFTER_S, leaving)
            try:
                await super().shutdown(sockets)
            finally:
                timer.cancel()

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        def end(self) -> None:
            self.force_exit, self.should_exit = self.should_exit, True

        def end_once(self) -> None:
            self.should_exit = True

        def end_now(self) -> None:
            self.force_exit = self.should_exit = True

        def orphaned(self, parent: int) -> None:
            loop.remove_reader(parent)
            signal.alarm(_ENDS_WITHOUT_PARENT_S)  # nobody is left who would kill us should something hang
            self.end_once()

    collect_seldom()
    named = [(HEADER, str(worker.number))] if worker is not None else []
    server = Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=_GRACE_S, lifespan="on", headers=named))
    loop = asyncio.get_running_loop()
    if worker is None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, server.end)
    else:
        loop.add_signal_handler(signal.SIGTERM, server.end_once)
        loop.add_signal_handler(signal.SIGQUIT, server.end_now)
        loop.add_reader(worker.parent, server.orphaned, worker.parent)
    await server.serve(sockets=[listener])


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """A socket on the settings' address.

    Raises:
        SettingsError: The address cannot be listened on.
    """
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


def listening_as(settings: Settings, worker: Worker | None) -> AbstractContextManager[socket.socket]:
    """The workers' socket for one of them, a socket of its own for the only one."""
    return nullcontext(worker.listener) if worker is not None else listening(settings)


@asynccontextmanager
async def metrics_of(text: Callable[[], bytes], worker: Worker | None) -> AsyncIterator[Callable[[], bytes | Awaitable[bytes]]]:
    """What `/metrics` shows: this process's metrics, or those of all workers."""
    if worker is None:
        yield text
        return
    from agent.telemetry.together import together

    async with together(text, number=worker.number, asked=worker.asked, others=worker.others) as all_of_them:
        yield all_of_them


def _why(error: OSError) -> str:
    """The system's words alone: a socket's error has the address in them once more."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)


def _database(settings: Settings) -> Database:
    try:
        return Database(settings.database or sqlite_url(settings.database_path))
    except (ArgumentError, NoSuchModuleError):  # neither repeats the address: there is a password in it
        raise SettingsError("`database` is no address of a database; write postgresql+psycopg://USER:PASSWORD@HOST/NAME.") from None
    except ModuleNotFoundError as error:
        raise SettingsError(f"`{error.name}` is needed for this database; `pip install 'storehand[postgres]'` brings it.") from None


def _prepare(folder: Path) -> None:
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)  # customers' names and orders are in it; a folder that was there stays as its owner set it
    except FileExistsError:
        raise SettingsError(f"The data folder {folder} cannot be used: there is a file of that name. Name another with --data.") from None
    except OSError as error:
        raise SettingsError(f"The data folder {folder} cannot be used: {error.strerror}. Name another with --data.") from error

"""`storehand serve` and `storehand demo`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import importing
from agent.cli.context import Common, DataOption, tell
from agent.cli.workers import Overseer, sharing
from agent.errors import NotFound, SettingsError
from agent.opening import Told, Worker, address_of, collect_seldom, hold, listening, new_loop, prepare
from agent.records import Role
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.bootstrap import House

PARTS = ("llm", "api", "panel")
MOST_WORKERS = 64


def add_to(app: typer.Typer) -> None:
    app.command()(demo)
    app.command()(serve)


def demo(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    data: DataOption = None,
) -> None:
    """Start with the demo shop: no key and no other server needed."""
    common: Common = context.obj
    _serve(common.settings(data=data, shop="demo", host=host, port=port), link=True)


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    parts: Annotated[str, typer.Option(help="What to serve: llm,api,panel.")] = "llm,api,panel",
    workers: Annotated[int, typer.Option(min=1, max=MOST_WORKERS, help="Processes that serve together, at most one for each core.")] = 1,
    data: DataOption = None,
) -> None:
    """Start from the config file and the environment."""
    common: Common = context.obj
    wanted = {part.strip() for part in parts.split(",")}
    if unknown := wanted - set(PARTS):
        raise SettingsError(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    settings, served = common.settings(data=data, host=host, port=port), frozenset(wanted)
    if workers == 1:
        _serve(settings, parts=served)
    elif code := _serve_together(settings, served, workers, debug=common.debug):
        raise typer.Exit(code)


def _serve(settings: Settings, *, parts: frozenset[str] = frozenset(PARTS), link: bool = False) -> None:
    async def run() -> None:
        with hold(settings):
            await (_gateway_alone(settings, ready=_listens) if parts == {"llm"} else _everything(settings, parts=parts, ready=_listens, link=link))

    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(run())
    except KeyboardInterrupt:
        tell("Stopped.")


def _serve_together(settings: Settings, parts: frozenset[str], count: int, *, debug: bool) -> int:
    """Returns the exit code, once all workers have ended."""

    def work(worker: Worker, ready: Callable[[], None]) -> None:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            serving = _gateway_alone if parts == {"llm"} else partial(_everything, parts=parts)
            runner.run(serving(settings, ready=lambda address: ready(), worker=worker))

    with hold(settings), listening(settings) as listener, sharing(listener, count) as shared:
        prepare(settings)
        address = f"{address_of(settings)} with {count} workers"
        return Overseer(count=count, work=work, shared=shared, ready=lambda: _listens(address), told=tell, debug=debug).run()


# Each way of serving imports what it needs when it is taken: the gateway alone starts in half the time and a third of the memory.


async def _gateway_alone(settings: Settings, *, ready: Told, worker: Worker | None = None) -> None:
    with importing():
        from agent.proxying import serve_proxy

        collect_seldom()
    await serve_proxy(settings, ready=ready, worker=worker)


async def _everything(settings: Settings, *, parts: frozenset[str], ready: Told, link: bool = False, worker: Worker | None = None) -> None:
    with importing():
        from agent.bootstrap import open_house, serve_app

        collect_seldom()
    told = tell if worker is None or worker.leads else _nobody
    async with open_house(settings, told=told, worker=worker) as house:
        if link:
            await _invite(house, settings)
        await serve_app(house, parts=parts, ready=ready, worker=worker)


def _listens(address: str) -> None:
    tell(f"Storehand listens on {address} (stop it with Ctrl-C)")


def _nobody(text: str) -> None:
    """Who is told what another worker has already said."""


async def _invite(house: House, settings: Settings) -> None:
    info = await house.shop(settings.shop)
    name = "demo"
    try:
        await house.accounts.people.named(name)
    except NotFound:
        await house.accounts.people.add(name, shop=info.id, role=Role.OWNER)
    token = await house.accounts.people.link(name)
    tell(f"Panel: {house.accounts.address()}")
    tell(f"Sign in, once and within 15 minutes: {house.accounts.link(token)}")

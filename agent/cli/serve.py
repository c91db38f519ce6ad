"""`storehand serve` and `storehand demo`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import importing
from agent.cli.context import Common, DataOption, tell
from agent.errors import NotFound, SettingsError
from agent.opening import hold, new_loop
from agent.records import Role
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.bootstrap import House

PARTS = ("llm", "api", "panel")


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
    data: DataOption = None,
) -> None:
    """Start from the config file and the environment."""
    common: Common = context.obj
    wanted = {part.strip() for part in parts.split(",")}
    if unknown := wanted - set(PARTS):
        raise SettingsError(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    _serve(common.settings(data=data, host=host, port=port), parts=frozenset(wanted))


def _serve(settings: Settings, *, parts: frozenset[str] = frozenset(PARTS), link: bool = False) -> None:
    async def run() -> None:
        with hold(settings):
            await (_gateway_alone(settings) if parts == {"llm"} else _everything(settings, parts, link))

    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(run())
    except KeyboardInterrupt:
        tell("Stopped.")


# Each way of serving imports what it needs when it is taken: the gateway alone starts in half the time and a third of the memory.


async def _gateway_alone(settings: Settings) -> None:
    with importing():
        from agent.proxying import serve_proxy

    await serve_proxy(settings, ready=_listens)


async def _everything(settings: Settings, parts: frozenset[str], link: bool) -> None:
    with importing():
        from agent.bootstrap import open_house, serve_app

    async with open_house(settings, told=tell) as house:
        if link:
            await _invite(house, settings)
        await serve_app(house, parts=parts, ready=_listens)


def _listens(address: str) -> None:
    tell(f"Storehand listens on {address} (stop it with Ctrl-C)")


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

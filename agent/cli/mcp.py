"""`storehand mcp`: the shop's tools for an assistant on this machine, over standard input and output."""

from __future__ import annotations

import asyncio
import getpass
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.context import Common, DataOption, ShopOption, run_in_house
from agent.errors import SettingsError
from agent.records import ROLE_SCOPES, Principal, Role
from agent.settings import secret

if TYPE_CHECKING:
    from agent.bootstrap import House

_LOOPBACK = "http://127.0.0.1"
"""A key may be given as it is: it goes nowhere but to this process."""


def add_to(app: typer.Typer) -> None:
    app.command()(mcp)


def mcp(
    context: typer.Context,
    key: Annotated[str | None, typer.Option(help="Act with this key's scopes and shop: env:NAME or file:PATH. May read and ask without one.")] = None,
    tasks: Annotated[str, typer.Option(help="Tasks that are tools of their own: some, none, reads, all, or names with commas.")] = "some",
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Serve an assistant (Model Context Protocol) on standard input and output; it may ask and propose, never approve by itself."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(house: House) -> None:
        from agent.runs.idempotency import Idempotency
        from agent.web.mcp.door import Door
        from agent.web.mcp.stdio import Lines

        info = await house.shop(settings.shop)
        if key is None:
            principal = _assistant(info.id)
        else:
            principal = await house.accounts.keys.verify(secret(key, base_url=_LOOPBACK))
        _check(tasks, [task.name for task in house.registry])
        door = Door(service=house.service, kept=Idempotency(house.accounts.db), listed=tasks)
        warming = asyncio.create_task(asyncio.to_thread(house.service.warm))
        await Lines(door, principal, _written).serve(_lines())
        await warming

    run_in_house(settings, work, debug=common.debug)


def _assistant(shop: str) -> Principal:
    """Whoever sits here lets an assistant read and ask for them; what it proposes they approve themselves, in the panel."""
    name = getpass.getuser()
    return Principal(f"local:{name}", "person", f"{name}'s assistant", shop, ROLE_SCOPES[Role.VIEWER], Role.VIEWER)


def _check(listed: str, known: list[str]) -> None:
    names = [] if listed in ("some", "none", "reads", "all") else [name.strip() for name in listed.split(",")]
    if unknown := [name for name in names if name not in known]:
        raise SettingsError(f"there is no task {', '.join(unknown)}; `storehand tasks` lists those there are.")


def _lines() -> Callable[[], Awaitable[bytes]]:
    """The lines of standard input as they come, then an empty one.

    A thread of their own reads them, which nobody waits for: one of asyncio's would hold Ctrl-C up until the next line.
    """
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def read() -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
            for line in iter(sys.stdin.buffer.readline, b""):
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, b"")

    threading.Thread(target=read, name="standard input", daemon=True).start()
    return lines.get


async def _written(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()

"""What every command needs: settings from its options, a house that is open while it runs, and who is calling."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from agent.cli import importing
from agent.cli.logs import one_line_each
from agent.opening import Accounts, open_accounts
from agent.records import ROLE_SCOPES, Principal, Role
from agent.settings import Settings, load

if TYPE_CHECKING:
    from agent.bootstrap import House

T = TypeVar("T")

ShopOption = Annotated[str | None, typer.Option("--shop", help="The shop to work with.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="Folder of everything Storehand keeps.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Options given before the command; the same option after it wins."""

    config: Path | None = None
    data: Path | None = None
    shop: str | None = None
    debug: bool = False

    def settings(self, *, shop: str | None = None, data: Path | None = None, **overrides: Any) -> Settings:
        return load(self.config, data=data or self.data, shop=shop or self.shop, **overrides)


def run_in_house(settings: Settings, work: Callable[[House], Awaitable[T]], *, debug: bool = True) -> T:
    """Run `work` with everything wired, and close it all afterwards.

    Args:
        debug: Whether what is logged shows its traceback; the merchant's commands say it in a line instead.
    """
    with importing():  # it brings models, the engine of runs and the panel: seconds that no other command should wait
        from agent.bootstrap import open_house

    async def inner() -> T:
        async with open_house(settings, told=tell) as house:
            return await work(house)

    with one_line_each(debug=debug):
        return asyncio.run(inner())


def run_with_accounts(settings: Settings, work: Callable[[Accounts], Awaitable[T]]) -> T:
    """Run `work` with the database, shops, people and keys alone: no model is loaded and no engine started."""

    async def inner() -> T:
        async with open_accounts(settings) as accounts:
            return await work(accounts)

    return asyncio.run(inner())


def tell(text: str) -> None:
    """Progress for people, on stderr so that stdout stays what was asked for."""
    typer.echo(text, err=True)


def caller(shop: str) -> Principal:
    """Whoever sits at the command line owns the data folder, and so the shop."""
    name = getpass.getuser()
    return Principal(f"local:{name}", "person", name, shop, ROLE_SCOPES[Role.OWNER], Role.OWNER)

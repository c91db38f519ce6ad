"""`storehand approve`, `reject` and `undo`: what `storehand ask` proposed is decided on in the same shell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from agent.cli.context import Common, DataOption, ShopOption, caller, run_in_house, tell
from agent.cli.show import show_change_set
from agent.errors import NotFound
from agent.records import ChangeSet, Principal

if TYPE_CHECKING:
    from agent.bootstrap import House

_PAGE = 100
_FEWEST = 8
"""Characters of a digest that name a proposal."""

Decide = Callable[["House", ChangeSet, Principal], Awaitable[ChangeSet]]
WhichArgument = Annotated[
    str | None, typer.Argument(help="The proposal's id (cs_…) or the beginning of its digest; without it, what waits is shown.")
]  # fmt: skip


def add_to(app: typer.Typer) -> None:
    app.command()(approve)
    app.command()(reject)
    app.command()(undo)


def approve(
    context: typer.Context,
    which: WhichArgument = None,
    typed: Annotated[str | None, typer.Option("--type", help="The word that what cannot be undone wants typed, such as REFUND.")] = None,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Approve a proposal and apply it; without its id, show what waits."""

    async def work(house: House, found: ChangeSet, who: Principal) -> ChangeSet:
        return await house.service.approve(found.digest, who, typed=typed)

    done = _decided(context, which, work, shop, data)
    left = [item for item in done.items if item.state in ("skipped", "failed")] if done else ()
    if left:
        tell(f"storehand: {len(left)} of {len(done.items) if done else 0} could not be applied; the reasons stand beside them.")
        raise typer.Exit(1)


def reject(context: typer.Context, which: WhichArgument = None, shop: ShopOption = None, data: DataOption = None) -> None:
    """Reject a proposal: nothing of it is done; without its id, show what waits."""

    async def work(house: House, found: ChangeSet, who: Principal) -> ChangeSet:
        return await house.service.reject(found.digest, who)

    _decided(context, which, work, shop, data)


def undo(
    context: typer.Context,
    which: Annotated[str, typer.Argument(help="The id of what was applied (cs_…).")],
    yes: Annotated[bool, typer.Option("--yes", help="Approve the inverse at once.")] = False,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Propose the inverse of what was applied."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(house: House) -> tuple[ChangeSet, str]:
        info = await house.shop(settings.shop)
        who = caller(info.id)
        inverse = await house.service.undo(which, who)
        return (await house.service.approve(inverse.digest, who) if yes else inverse), info.locale

    inverse, locale = run_in_house(settings, work, debug=common.debug)
    show_change_set(inverse, locale, Console())


def _decided(context: typer.Context, which: str | None, decide: Decide, shop: str | None, data: Path | None) -> ChangeSet | None:
    """Decide on the proposal that is named and show what came of it; without a name, show those that wait."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(house: House) -> tuple[Sequence[ChangeSet], str]:
        info = await house.shop(settings.shop)
        who = caller(info.id)
        waiting = (await house.service.approvals(who, limit=_PAGE)).items
        return (waiting if which is None else [await decide(house, await _named(house, which, waiting, who), who)]), info.locale

    found, locale = run_in_house(settings, work, debug=common.debug)
    for each in found:
        show_change_set(each, locale, Console())
    if which is None:
        typer.echo("Name one of them by its id." if found else "Nothing waits for a decision.")
        return None
    return found[0]


async def _named(house: House, which: str, waiting: Sequence[ChangeSet], who: Principal) -> ChangeSet:
    """
    Raises:
        NotFound: No proposal is called so, or several digests begin so.
    """
    alike = [each for each in waiting if each.id == which or (len(which) >= _FEWEST and each.digest.startswith(which))]
    if len(alike) == 1:
        return alike[0]
    try:
        return await house.service.approval(which, who)  # decided already, which is said when it is decided on
    except NotFound:
        raise NotFound("proposal that waits", which) from None

"""`storehand webhooks`: where messages go, what became of them, and sending one again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from agent.cli.context import Common, DataOption, ShopOption, caller, run_in_house
from agent.cli.listing import show_list
from agent.records import Principal

if TYPE_CHECKING:
    from agent.webhooks.hooks import EventName, Webhooks

T = TypeVar("T")
Work = Callable[["Webhooks", Principal], Awaitable[T]]

webhooks = typer.Typer(help="Where Storehand tells other programs what happened.", no_args_is_help=True)

IdArgument = Annotated[str, typer.Argument(help="The webhook's id, as `storehand webhooks list` shows it.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="As CSV.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(webhooks, name="webhooks")


@webhooks.command("list")
def list_webhooks(context: typer.Context, csv: CsvOption = False, shop: ShopOption = None, data: DataOption = None) -> None:
    """The shop's webhooks, without their secrets."""

    async def work(hooks: Webhooks, who: Principal) -> Sequence[Sequence[Any]]:
        found = await hooks.endpoints(who)
        return [(one.id, one.url, ", ".join(one.events) or "all", one.reason or one.state, f"{one.created_at:%Y-%m-%d}") for one in found]

    show_list(("webhook", "address", "events", "state", "since"), _run(context, work, shop, data), csv=csv)


@webhooks.command("create")
def create(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="An https address that the Internet can reach.")],
    events: Annotated[str | None, typer.Option(help="Which events, by comma; all when left out.")] = None,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Send messages to an address; prints the secret they are signed with, once."""
    from agent.errors import Invalid
    from agent.webhooks.hooks import EVENTS

    wanted = [word.strip() for word in (events or "").split(",") if word.strip()]
    if unknown := [word for word in wanted if word not in EVENTS]:
        raise Invalid(f"There is no event {', '.join(unknown)}; there are {', '.join(EVENTS)}.", field="events")
    chosen: list[EventName] = [name for name in EVENTS if name in wanted]

    async def work(hooks: Webhooks, who: Principal) -> tuple[str, str]:
        made, secret = await hooks.create(url, who, events=chosen)
        return made.id, secret

    id, secret = _run(context, work, shop, data)
    typer.echo(f"{id}\n{secret}\nThe secret is shown this once; the receiver checks each message's signature with it (Standard Webhooks).")


@webhooks.command("delete")
def delete(context: typer.Context, id: IdArgument, shop: ShopOption = None, data: DataOption = None) -> None:
    """Send no more to it; what waits is not sent."""
    _run(context, lambda hooks, who: hooks.delete(id, who), shop, data)
    typer.echo(f"{id} is deleted.")


@webhooks.command("enable")
def enable(context: typer.Context, id: IdArgument, shop: ShopOption = None, data: DataOption = None) -> None:
    """Send to it again, after it was disabled."""
    _run(context, lambda hooks, who: hooks.enable(id, who), shop, data)
    typer.echo(f"{id} is enabled.")


@webhooks.command("test")
def test(context: typer.Context, id: IdArgument, shop: ShopOption = None, data: DataOption = None) -> None:
    """Send a message that is only a test. It goes out with the running server."""
    sent = _run(context, lambda hooks, who: hooks.test(id, who), shop, data)
    typer.echo(f"{sent.id} is on its way; `storehand webhooks deliveries` shows what becomes of it.")


@webhooks.command("deliveries")
def deliveries(
    context: typer.Context,
    id: Annotated[str | None, typer.Argument(help="Only those of this webhook.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=250, help="Most lines.")] = 50,
    csv: CsvOption = False,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """What was sent and what became of it, newest first."""

    async def work(hooks: Webhooks, who: Principal) -> Sequence[Sequence[Any]]:
        page = await hooks.deliveries(who, endpoint=id, limit=limit)
        return [(d.id, d.type, d.state, d.attempts, d.status or "–", d.error or "", f"{d.created_at:%Y-%m-%d %H:%M}") for d in page.items]

    show_list(("delivery", "event", "state", "attempts", "answer", "error", "since"), _run(context, work, shop, data), csv=csv)


@webhooks.command("replay")
def replay(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(help="The delivery's id.")],
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Send the same message again."""
    sent = _run(context, lambda hooks, who: hooks.replay(delivery, who), shop, data)
    typer.echo(f"{sent.id} is on its way.")


def _run(context: typer.Context, work: Work[T], shop: str | None, data: Any) -> T:
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def inner(house: Any) -> T:
        info = await house.shop(settings.shop)
        return await work(house.webhooks, caller(info.id))

    return run_in_house(settings, inner, debug=common.debug)

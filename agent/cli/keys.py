"""`storehand keys`: API keys of programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from agent.cli.amounts import usd
from agent.cli.context import Common, DataOption, ShopOption, run_with_accounts
from agent.cli.listing import show_list
from agent.opening import Accounts
from agent.records import Scope

keys = typer.Typer(help="API keys of programs.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


@keys.command("create")
def create_key(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="What the key is for.")],
    scopes: Annotated[str, typer.Option(help="read,ask,approve,llm,admin")] = "read,ask",
    budget: Annotated[str | None, typer.Option(help="Most it may spend in a month, in US dollars.")] = None,
    models: Annotated[str | None, typer.Option(help="Aliases and models it may call, such as fast,acme/big-1; all by default.")] = None,
    expires_days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="It sees a copy of the demo shop in place of the shop.")] = False,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Make a key; it is shown once."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)
    wanted = [_scope(part.strip()) for part in scopes.split(",") if part.strip()]
    listed = models.split(",") if models is not None else None

    async def work(accounts: Accounts) -> None:
        lasts = timedelta(days=expires_days) if expires_days else None
        at, most = accounts.shop(settings.shop).id, usd(budget, "--budget") if budget is not None else None
        copy = await accounts.sandbox(at) if sandbox else None
        new = await accounts.keys.create(
            name, shop=at, scopes=wanted, budget_usd=most, expires_in=lasts, models=listed, sandbox_shop=copy
        )  # fmt: skip
        typer.echo(new.secret)
        known = {*settings.aliases, *settings.providers}
        unknown = [name for name in map(str.strip, listed or ()) if name not in known and name.partition("/")[0] not in known]
        if unknown:
            typer.echo(f"Nothing is configured as {', '.join(unknown)} yet; the key may call it once it is.", err=True)

    run_with_accounts(settings, work)


@keys.command("list")
def list_keys(context: typer.Context, shop: ShopOption = None, data: DataOption = None) -> None:
    """The keys of a shop; never the secrets."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(accounts: Accounts) -> None:
        now, rows = datetime.now(UTC), []
        for key in await accounts.keys.list(accounts.shop(settings.shop).id):
            times = [_short(at) for at in (key.created_at, key.last_used_at, key.expires_at, key.old_until if key.overlaps(now) else None)]
            budget = f"${key.budget_usd:f}" if key.budget_usd is not None else ""
            models = "all" if key.models is None else ",".join(sorted(key.models))
            seen = "sandbox" if key.sandbox_shop else "shop"
            rows.append((key.id, key.name, key.prefix, key.state(now), seen, ",".join(sorted(key.scopes)), models, budget, *times))
        show_list(
            ("id", "name", "begins with", "state", "sees", "scopes", "models", "a month", "created", "last used", "expires", "old one until"), rows
        )

    run_with_accounts(settings, work)


@keys.command("rotate")
def rotate_key(
    context: typer.Context,
    id: str,
    overlap_hours: Annotated[float, typer.Option(min=0, help="How long the old secret stays good beside the new one.")] = 24,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Give a key a new secret, which is shown once; the old one stays good for a while."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(accounts: Accounts) -> None:
        new = await accounts.keys.rotate(id, shop=accounts.shop(settings.shop).id, overlap=timedelta(hours=overlap_hours))
        typer.echo(f"The old secret is good until {_short(new.key.old_until)} UTC.", err=True)
        typer.echo(new.secret)

    run_with_accounts(settings, work)


@keys.command("revoke")
def revoke_key(context: typer.Context, id: str, shop: ShopOption = None, data: DataOption = None) -> None:
    """Make a key good for nothing, at once; a server that runs beside refuses it within a second."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(accounts: Accounts) -> None:
        key = await accounts.keys.revoke(id, shop=accounts.shop(settings.shop).id)
        typer.echo(f"{key.name} is revoked.")

    run_with_accounts(settings, work)


@keys.command("reset-sandbox")
def reset_sandbox(context: typer.Context, shop: ShopOption = None, data: DataOption = None) -> None:
    """Make what sandbox keys see as it was at first; what was asked and changed there is gone."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(accounts: Accounts) -> None:
        made = await accounts.reset_sandbox(settings.shop)
        typer.echo(f"{made.name} is as it was made.")

    run_with_accounts(settings, work)


def _short(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def _scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise typer.BadParameter(f"there is no scope `{text}`; there are {', '.join(Scope)}") from None

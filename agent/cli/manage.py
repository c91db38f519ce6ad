"""`storehand shops`, `users` and `config`: what an operator sets up."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from agent.cli.context import Common, DataOption, ShopOption, run_with_accounts
from agent.opening import Accounts
from agent.records import Role

shops = typer.Typer(help="The shops of this installation.", no_args_is_help=True)
users = typer.Typer(help="People who sign in to the panel.", no_args_is_help=True)
config = typer.Typer(help="The config file.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(shops, name="shops")
    app.add_typer(users, name="users")
    app.add_typer(config, name="config")


@shops.command("list")
def list_shops(context: typer.Context, data: DataOption = None) -> None:
    """Every shop."""
    common: Common = context.obj

    async def work(accounts: Accounts) -> None:
        table = Table("name", "currency", "time zone", "locale", "id", box=None)
        for info in accounts.shops():
            table.add_row(info.name, info.currency, info.time_zone, info.locale, info.id)
        Console().print(table)

    run_with_accounts(common.settings(data=data), work)


@shops.command("create")
def create_shop(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What commands and keys call it.")],
    currency: Annotated[str, typer.Option(help="ISO 4217, such as EUR.")] = "EUR",
    time_zone: Annotated[str, typer.Option(help="IANA name, such as Europe/Berlin.")] = "UTC",
    locale: Annotated[str, typer.Option(help="BCP 47, such as en-GB.")] = "en-GB",
    prices_without_tax: Annotated[bool, typer.Option(help="Prices do not include tax.")] = False,
    fiscal_year_starts: Annotated[int, typer.Option(help="Month the fiscal year begins with, 1 to 12.")] = 1,
    data: DataOption = None,
) -> None:
    """Make an empty shop."""
    common: Common = context.obj

    async def work(accounts: Accounts) -> None:
        info = accounts.create_shop(
            name=name, currency=currency, time_zone=time_zone, locale=locale, prices_include_tax=not prices_without_tax,
            fiscal_year_starts=fiscal_year_starts,
        )  # fmt: skip
        typer.echo(f"{info.name} ({info.id})")

    run_with_accounts(common.settings(data=data), work)


@shops.command("set")
def set_shop(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What commands and keys call it.")],
    fiscal_year_starts: Annotated[int, typer.Option(help="Month the fiscal year begins with, 1 to 12.")],
    data: DataOption = None,
) -> None:
    """Change what a shop's words mean; a running service knows it from its next start."""
    common: Common = context.obj

    async def work(accounts: Accounts) -> None:
        info = accounts.set_fiscal_year(name, fiscal_year_starts)
        typer.echo(f"{info.name}: the fiscal year starts in month {info.fiscal_year_starts}")

    run_with_accounts(common.settings(data=data), work)


@users.command("add")
def add_user(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What they sign in with.")],
    role: Annotated[Role, typer.Option(help="owner, staff or viewer.")] = Role.STAFF,
    password: Annotated[bool, typer.Option(help="Ask for a password; else they come in by a sign-in link.")] = True,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Add someone who signs in to the panel."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)
    secret = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if password else None

    async def work(accounts: Accounts) -> None:
        person = await accounts.people.add(name, shop=accounts.shop(settings.shop).id, role=role, password=secret)
        typer.echo(f"{person.name} may sign in as {role.value} of {settings.shop}.")
        if secret is None:
            token = await accounts.people.link(name)
            typer.echo(f"Sign-in link, good once for 15 minutes: {accounts.link(token)}")

    run_with_accounts(settings, work)


@users.command("list")
def list_users(context: typer.Context, shop: ShopOption = None, data: DataOption = None) -> None:
    """The people of a shop."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(accounts: Accounts) -> None:
        for person in await accounts.people.list(accounts.shop(settings.shop).id):
            typer.echo(f"{person.name}\t{person.role.value}")

    run_with_accounts(settings, work)


@config.command("check")
def check(context: typer.Context) -> None:
    """Say whether the config file, the keys it names and every task are right."""
    from agent.bootstrap import check_config

    common: Common = context.obj
    for line in check_config(common.settings()):
        typer.echo(line)

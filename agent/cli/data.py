"""`storehand import`: records of another system into a shop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.context import Common, DataOption, run_with_accounts, tell
from agent.opening import Accounts
from agent.stores.embedded.importers import ImportReport, import_orders, import_products
from agent.stores.embedded.importers.report import Progress

importing = typer.Typer(help="Bring in orders or products from a file.", no_args_is_help=True)

_SHOWN_ERRORS = 20
_TOLD_EVERY = 100_000


def add_to(app: typer.Typer) -> None:
    app.add_typer(importing, name="import")


@importing.command("orders")
def orders(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A CSV file, also .csv.gz: order lines, or Shopify's order export.")],
    shop: Annotated[str | None, typer.Option(help="The shop to fill; made when there is none of that name.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of a new shop, ISO 4217.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Time zone of a new shop, IANA name.")] = None,
    data: DataOption = None,
) -> None:
    """Bring in orders; the same file twice changes nothing."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(accounts: Accounts) -> ImportReport:
        return import_orders(accounts.db, file, shop=settings.shop, currency=currency, time_zone=time_zone, progress=_teller())

    _show(run_with_accounts(settings, work))


@importing.command("products")
def products(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Shopify's product CSV.")],
    shop: Annotated[str | None, typer.Option(help="The shop to fill.")] = None,
    data: DataOption = None,
) -> None:
    """Bring in products with their variants."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(accounts: Accounts) -> ImportReport:
        return import_products(accounts.db, file, shop=settings.shop, progress=_teller())

    _show(run_with_accounts(settings, work))


def _teller() -> Progress:
    """Says how far it is, every hundred thousand lines."""
    told = 0

    def progress(lines: int) -> None:
        nonlocal told
        if lines // _TOLD_EVERY > told:
            told = lines // _TOLD_EVERY
            tell(f"{lines:,} lines read")

    return progress


def _show(report: ImportReport) -> None:
    for error in report.errors[:_SHOWN_ERRORS]:
        typer.echo(f"line {error.line}: {error.reason}", err=True)
    bad = report.kinds.get("error", 0)
    if bad > _SHOWN_ERRORS:
        typer.echo(f"… and {bad - _SHOWN_ERRORS:,} more lines were left out", err=True)
    typer.echo(f"read {report.read:,} · imported {report.imported:,} · already there {report.unchanged:,} · left out {bad:,}")
    for kind, lines in report.kinds.items():
        typer.echo(f"  {lines:>9,}  {kind.replace('_', ' ')}")
    for note, number in report.notes.items():
        typer.echo(f"  {note.replace('_', ' ')}: {number:,}")

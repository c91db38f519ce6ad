"""`storehand usage`, `budgets` and `providers`: what models cost, what may be spent, and how the model servers are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from agent.cli import stand_in
from agent.cli.amounts import day, usd
from agent.cli.context import Common, DataOption, ShopOption, caller, run_with_accounts
from agent.cli.listing import show_list
from agent.distill.teach import PURPOSE
from agent.errors import Invalid, NotFound
from agent.ledger.budgets import Budgets, Period, Scope
from agent.ledger.commitments import Commitments
from agent.ledger.reports import Order, dearest_runs, report
from agent.ledger.usage import By
from agent.opening import Accounts
from agent.registry import discover

usage = typer.Typer(help="What was spent on models.", no_args_is_help=True)
budgets = typer.Typer(help="Limits of what may be spent on models.", no_args_is_help=True)
providers = typer.Typer(help="The model servers of the config file.", no_args_is_help=True)


FromOption = Annotated[str | None, typer.Option("--from", help="From this day on, UTC.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Until before this day, UTC.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="As CSV.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(usage, name="usage")
    app.add_typer(budgets, name="budgets")
    app.add_typer(providers, name="providers")
    stand_in.add_to(providers)


@usage.command("show")
def show_usage(
    context: typer.Context,
    by: Annotated[By, typer.Option(help="What to group by.")] = "day",
    start: FromOption = None,
    end: ToOption = None,
    csv: CsvOption = False,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Calls, tokens, cost and who did the work, by day, task, model, key, owner, provider, purpose or run."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)
    since, until = day(start, "--from"), day(end, "--to")

    async def work(accounts: Accounts) -> None:
        at = accounts.shop(settings.shop).id
        found = await report(accounts.db, at, by=by, start=since, end=until)
        called = {key.id: f"{key.name} ({key.id})" for key in await accounts.keys.list(at)} if by == "key" and not csv else {}
        columns = (by, "calls", "failed", "failovers", "input", "output", "reasoning", "US dollars", "students")
        rows = [
            (
                called.get(line.usage.name, line.usage.name) or "–", line.usage.calls, line.usage.failed, line.usage.absorbed,
                line.usage.input_tokens, line.usage.output_tokens, line.usage.reasoning_tokens, f"{line.usage.cost_usd:f}",
                _share(line.work.student_share if line.work else None),
            )
            for line in found.lines
        ]  # fmt: skip
        show_list(columns, rows, csv=csv)
        if not csv:
            total, share = found.total, found.work.student_share
            students = "" if share is None else f" Students did {share:.0%} of what a model had to do."
            survived = "1 failover" if total.absorbed == 1 else f"{total.absorbed} failovers"
            typer.echo(f"In all {total.calls} calls, {survived} survived, ${total.cost_usd:f}.{students}")

    run_with_accounts(settings, work)


@usage.command("runs")
def show_runs(
    context: typer.Context,
    order: Annotated[Order, typer.Option(help="What to rank by.")] = "cost",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most runs.")] = 20,
    start: FromOption = None,
    end: ToOption = None,
    csv: CsvOption = False,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """The runs that cost most, or that reasoned longest."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)
    since, until = day(start, "--from"), day(end, "--to")

    async def work(accounts: Accounts) -> None:
        lines = await dearest_runs(accounts.db, accounts.shop(settings.shop).id, order=order, start=since, end=until, limit=limit)
        columns = ("run", "asked", "calls", "input", "output", "reasoning", "US dollars")
        rows = [(r.run, r.text[:60], r.calls, r.input_tokens, r.output_tokens, r.reasoning_tokens, f"{r.cost_usd:f}") for r in lines]
        show_list(columns, rows, csv=csv)

    run_with_accounts(settings, work)


@budgets.command("set")
def set_budget(
    context: typer.Context,
    usd_: Annotated[str, typer.Argument(metavar="USD", help="Most that may be spent, in US dollars; `none` takes the limit away.")],
    scope: Annotated[Scope, typer.Option(help="What it is a limit of.")] = "shop",
    subject: Annotated[str | None, typer.Option(help="Id of the key or owner, or name of the task; not for the shop.")] = None,
    period: Annotated[Period, typer.Option(help="Over which time.")] = "month",
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Set a limit of a key, an owner, a task or the shop; it holds at once, for a server that runs beside within a second."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)
    limit = None if usd_ == "none" else usd(usd_, "a limit such as")
    if (scope == "shop") == (subject is not None):
        raise typer.BadParameter("name a --subject for a key, an owner or a task, and none for the shop")

    async def work(accounts: Accounts) -> None:
        at = accounts.shop(settings.shop).id
        if limit is not None:
            await _check_subject(accounts, at, scope, subject or at)
        await Budgets(accounts.db).set(at, scope, subject or at, period, limit)

    run_with_accounts(settings, work)


async def _check_subject(accounts: Accounts, shop: str, scope: Scope, subject: str) -> None:
    """A limit of what there is not would hold nothing, and say so nowhere. An owner is named by whoever calls, so any may come."""
    if scope == "task" and not subject.startswith(f"{PURPOSE}:"):
        discover().task(subject)
    if scope == "key" and subject not in {key.id for key in await accounts.keys.list(shop)}:
        raise Invalid(f"No key of this shop has the id {subject}; `storehand keys list` shows those there are.", field="subject")


@budgets.command("list")
def list_budgets(context: typer.Context, shop: ShopOption = None, data: DataOption = None) -> None:
    """The limits of a shop, with what is spent or set aside of each now."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(accounts: Accounts) -> None:
        books, at = Budgets(accounts.db), accounts.shop(settings.shop).id
        rows = [(b.scope, "" if b.scope == "shop" else b.subject, b.period, f"{b.usd:f}", f"{await books.spent(b):f}") for b in await books.all(at)]
        show_list(("of", "subject", "over a", "US dollars", "spent"), rows)

    run_with_accounts(settings, work)


@providers.command("list")
def list_providers(context: typer.Context, data: DataOption = None) -> None:
    """Every configured model: what rests and until when, and how it took the last check."""
    _targets(context.obj, data, check=False)


@providers.command("check")
def check_providers(context: typer.Context, data: DataOption = None) -> None:
    """Try every configured model with a tiny call: a fallback that is never tried fails when it is needed."""
    if not all(target.check and target.check.ok for target in _targets(context.obj, data, check=True)):
        raise typer.Exit(1)


@providers.command("commit")
def commit(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="Its name in the config file.")],
    usd_: Annotated[str | None, typer.Option("--usd", help="What was bought, in US dollars.")] = None,
    tokens: Annotated[int | None, typer.Option(min=1, help="What was bought, in tokens.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="What is used from this day on counts; from now on by default.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The day on which what is left is forfeited.")] = None,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Note what was bought of a provider beforehand, so that reports say how long it lasts."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)
    if (usd_ is None) == (tokens is None):
        raise typer.BadParameter("say what was bought: --usd 5000 or --tokens 1000000000")
    if provider not in settings.providers:
        raise NotFound("provider", provider)
    starts_at, ends_at = day(start, "--from"), day(until, "--until")
    amount = usd(usd_, "--usd") if usd_ is not None else Decimal(tokens or 0)

    async def work(accounts: Accounts) -> None:
        bought = Commitments(accounts.db)
        at = accounts.shop(settings.shop).id
        made = await bought.add(at, provider, "usd" if usd_ is not None else "tokens", amount, starts_at=starts_at, ends_at=ends_at)
        typer.echo(made.id)

    run_with_accounts(settings, work)


@providers.command("uncommit")
def uncommit(context: typer.Context, id: str, shop: ShopOption = None, data: DataOption = None) -> None:
    """Forget a commitment."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)
    run_with_accounts(settings, lambda accounts: Commitments(accounts.db).remove(accounts.shop(settings.shop).id, id))


@providers.command("commitments")
def list_commitments(context: typer.Context, shop: ShopOption = None, data: DataOption = None) -> None:
    """What was bought beforehand: used, left, and how long that lasts at the rate of the last seven days."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(accounts: Accounts) -> None:
        columns = ("id", "provider", "of", "bought", "used", "left", "days left", "ends", "state")
        rows = [
            (
                s.commitment.id, s.commitment.provider, s.commitment.unit, f"{s.commitment.amount:f}", f"{s.used:f}", f"{s.left:f}",
                "" if s.days_left is None else f"{s.days_left:.0f}", f"{s.commitment.ends_at:%Y-%m-%d}" if s.commitment.ends_at else "", s.state,
            )
            for s in await Commitments(accounts.db).standing(accounts.shop(settings.shop).id)
        ]  # fmt: skip
        show_list(columns, rows)

    run_with_accounts(settings, work)


def _targets(common: Common, data: Any, *, check: bool) -> Sequence[Any]:
    from agent.gateway import open_gateway
    from agent.web.spend import Spend

    settings = common.settings(data=data)

    async def work(accounts: Accounts) -> Sequence[Any]:
        async with open_gateway(settings, accounts.db) as opened:
            spend = Spend(db=accounts.db, books=opened.books, gateway=opened.gateway)
            return await (spend.check_targets(caller(_shop_id(accounts, settings.shop))) if check else spend.targets())

    found = run_with_accounts(settings, work)
    if not found:
        typer.echo("No provider is configured; see docs/guide/config.md.")
        return found
    rows = []
    for target in found:
        until, took = target.standing.until, target.check
        state = f"{target.standing.state} until {until:%H:%M:%S} UTC" if until and until > datetime.now(UTC) else target.standing.state
        last = (f"{took.at:%Y-%m-%d %H:%M}", "yes" if took.ok else "no", f"{took.took_ms} ms", took.detail) if took else ("never", "", "", "")
        rows.append((target.standing.name, ",".join(target.standing.aliases), state, target.standing.reason, *last))
    show_list(("target", "aliases", "state", "reason", "last check", "answers", "took", "what came"), rows)
    return found


def _shop_id(accounts: Accounts, name: str) -> str:
    """The shop that a check is booked to; none where there is none yet."""
    try:
        return accounts.shop(name).id
    except NotFound:
        return ""


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"

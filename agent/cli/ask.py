"""`storehand ask` and `storehand plan`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from agent.bootstrap import House
from agent.cli.context import Common, DataOption, ShopOption, caller, run_in_house
from agent.cli.show import show_reply
from agent.errors import Invalid
from agent.records import Ask, Principal, Reply, to_json


def add_to(app: typer.Typer) -> None:
    app.command()(ask)
    app.command()(plan)


def ask(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What you would like done, in plain words.")],
    json: Annotated[bool, typer.Option("--json", help="Print the reply as JSON.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Approve what is proposed (never what cannot be undone).")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be proposed; keep nothing.")] = False,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """One request, in this process."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def work(house: House) -> tuple[Reply, str]:
        info = await house.shop(settings.shop)
        who = caller(info.id)
        reply = await house.service.ask(Ask(text, locale=info.locale, shop=info.id), who, dry_run=dry_run, wait_s=settings.run_timeout_s + 5)
        if yes and not dry_run:
            reply = await _approved(house, reply, who)
        return reply, info.locale

    reply, locale = run_in_house(settings, work)
    if json:
        _print_json(to_json(reply))
    else:
        show_reply(reply, locale, Console())
    if reply.state == "failed" or any(part.kind == "error" for part in reply.parts):
        raise typer.Exit(1)


async def _approved(house: House, reply: Reply, who: Principal) -> Reply:
    for part in reply.parts:
        change_set = part.change_set
        if change_set is None or change_set.state != "open":
            continue
        plain = [item.id for item in change_set.items if getattr(item.what, "confirm", "click") == "click"]
        if plain:
            await house.service.approve(change_set.digest, who, items=plain)
    return await house.service.reply(reply.run_id, who)


def plan(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(help="A request.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A file with one request a line.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line, in input order.")] = False,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """How a request is understood; nothing is run."""
    common: Common = context.obj
    if (text is None) == (file is None):
        raise typer.BadParameter("give one request, or --file with one request a line")
    settings = common.settings(shop=shop, data=data)
    requests = [text] if text is not None else _lines(file)

    async def work(house: House) -> None:
        info = await house.shop(settings.shop)
        who = caller(info.id)
        for request in requests:
            try:
                found: Any = to_json(await house.service.plan(Ask(request, locale=info.locale, shop=info.id), who))
            except Invalid as error:  # one bad line of many must not lose the rest
                if not jsonl:
                    raise
                found = {"text": request, "error": {"code": error.code, "detail": str(error)}}
            if jsonl:
                sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
            else:
                _print_json(found)

    del json  # the plan is JSON either way: it is for programs, `ask` is for people
    run_in_house(settings, work)


def _lines(file: Path | None) -> list[str]:
    assert file is not None
    try:
        return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error


def _print_json(value: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")

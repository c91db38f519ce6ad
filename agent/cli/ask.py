"""`storehand ask` and `storehand plan`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console

from agent.cli.context import Common, DataOption, ShopOption, caller, run_in_house, tell
from agent.cli.show import show_reply
from agent.errors import AskError, StorehandError
from agent.records import FILE, Ask, ChangeSet, Principal, Reply, to_json
from agent.sheets.reading import MOST_BYTES

TAKE_OVER = "Take over this file"
"""What is asked where nothing is said beside a table."""

if TYPE_CHECKING:
    from agent.bootstrap import House


def add_to(app: typer.Typer) -> None:
    app.command()(ask)
    app.command()(plan)


def ask(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(help="What you would like done, in plain words; with --file it may be left out.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A table beside it (CSV): prices, a stock count, texts, new products.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the reply as JSON.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Approve what is proposed (never what cannot be undone).")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be proposed; keep nothing.")] = False,
    thread: Annotated[str | None, typer.Option(help="A name for a conversation: asks that share it may add to each other.")] = None,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """One request, in this process."""
    common: Common = context.obj
    if text is None and file is None:
        raise typer.BadParameter("say what you would like done, or name a table with --file")
    settings = common.settings(shop=shop, data=data)
    table = _table(file) if file is not None else None

    async def work(house: House) -> tuple[Reply, str, list[str]]:
        info = await house.shop(settings.shop)
        who = caller(info.id)
        taken = await house.service.attach(*table, who) if table is not None else None
        context = {FILE: taken.id} if taken is not None else {}
        said = text or (TAKE_OVER if table is not None else "")
        request = Ask(said, locale=info.locale, shop=info.id, thread=thread, context=context)
        reply = await house.service.ask(request, who, dry_run=dry_run, wait_s=settings.run_timeout_s + 5)
        faults = await _approve(house, reply, who) if yes and not dry_run else []
        return await house.service.reply(reply.run_id, who) if yes and not dry_run else reply, info.locale, faults

    reply, locale, faults = run_in_house(settings, work, debug=common.debug)
    if json:
        _print_json(to_json(reply))
    else:
        show_reply(reply, locale, Console())
        if not dry_run and (waiting := [p.change_set for p in reply.parts if p.change_set is not None and p.change_set.state == "open"]):
            named = waiting[0].id if len(waiting) == 1 else "cs_…"
            tell(f"Nothing is changed yet: `storehand approve {named}` applies it, `storehand reject {named}` drops it.")
    for fault in faults:
        tell(f"storehand: {fault}")
    if faults or reply.state == "failed" or any(part.kind == "error" for part in reply.parts):
        raise typer.Exit(1)


def _table(file: Path) -> tuple[str, bytes]:
    """The file's name and what is in it; of one that is far too large no more than is needed to say so."""
    try:
        with file.open("rb") as opened:
            return file.name, opened.read(2 * MOST_BYTES)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error


async def _approve(house: House, reply: Reply, who: Principal) -> list[str]:
    """Approve what waits for no more than a click.

    Returns:
        A sentence for each proposal that was not applied as a whole; one that fails does not keep the next from its turn.
    """
    faults = []
    for part in reply.parts:
        change_set = part.change_set
        if change_set is None or change_set.state != "open":
            continue
        plain = [item.id for item in change_set.items if getattr(item.what, "confirm", "click") == "click"]
        if not plain:
            continue
        try:
            done = await house.service.approve(change_set.digest, who, items=plain)
        except StorehandError as error:
            faults.append(f"{change_set.summary}: {error}")
        else:
            faults += _unsettled(done)
    return faults


def _unsettled(done: ChangeSet) -> list[str]:
    left = {item.note or item.state for item in done.items if item.state in ("skipped", "failed")}
    if done.state == "applying":
        return [f"{done.summary}: approved, but not all of it could be written now; the next start of Storehand on this data folder goes on with it."]
    return [f"{done.summary}: {why}" for why in sorted(left)]


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
    requests = [text] if text is not None else _lines(file, all_of_them=jsonl)

    async def work(house: House) -> None:
        info = await house.shop(settings.shop)
        who = caller(info.id)
        for request in requests:
            try:
                found: Any = to_json(await house.service.plan(Ask(request, locale=info.locale, shop=info.id), who))
            except AskError as error:  # one bad line of many must not lose the rest
                if not jsonl:
                    raise
                found = {"text": _shown(request), "error": {"code": error.code, "detail": str(error)}}
            if jsonl:
                sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
            else:
                _print_json(found)

    del json  # the plan is JSON either way: it is for programs, `ask` is for people
    run_in_house(settings, work, debug=common.debug)


def _lines(file: Path | None, *, all_of_them: bool) -> list[str]:
    """The file's requests. What is not UTF-8 stays in its line as halves of characters, which a plan refuses: the other lines are good.

    Args:
        all_of_them: Empty lines too, so that whoever reads the answers by number is never off by one.
    """
    assert file is not None
    try:
        text = file.read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]  # and at nothing else that Unicode calls a line's end
    return [line for line in lines if all_of_them or line.strip()] if text else []


def _shown(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _print_json(value: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")

"""`storehand tasks` and `eval`: for those who add or judge tasks and models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import agent
from agent.cli.context import Common, DataOption, ShopOption, caller, run_in_house, tell
from agent.cli.copies import copy_of_data
from agent.cli.guide import write_pages
from agent.cli.sdk_page import sdk_page
from agent.distill.written import requests_of
from agent.evals.cases import Case, cases_of
from agent.evals.gold import evaluate_gold
from agent.evals.grade import Grade
from agent.evals.relations import Relations, check_relations
from agent.evals.scorecard import evaluate
from agent.evals.threads import evaluate_threads, read_threads
from agent.records import Ask, Plan, Reply
from agent.registry import discover
from agent.resources import Resources
from agent.settings import Settings
from agent.testing.packaging import scaffold_in_package
from agent.testing.scaffold import Kind, scaffold

if TYPE_CHECKING:
    from agent.bootstrap import House

_DRAW = 1
_WORST = 60
"""Lines of what did not hold; a hundred of one kind say no more."""

tasks = typer.Typer(help="The catalogue of tasks.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(tasks, name="tasks")
    app.command("eval")(evaluate_tasks)


@tasks.command("list")
def list_tasks() -> None:
    """Every task, and where it comes from."""
    registry = discover()
    table = Table("task", "effect", "what it does", "from", box=None)
    for entry in registry.entries.values():
        table.add_row(entry.task.name, entry.task.effect, entry.task.summary, entry.source)
    Console().print(table)
    for problem in registry.problems:
        typer.echo(f"left out: {problem.plugin}: {problem.reason}", err=True)


@tasks.command("show")
def show_task(context: typer.Context, name: str) -> None:
    """A task's schema and which file each of its resources comes from."""
    common: Common = context.obj
    task = discover().task(name)
    resources = Resources(common.settings().operator)
    typer.echo(f"{task.name}: {task.summary}\n")
    table = Table("field", "is", "needed", "what", box=None)
    for slot in task.slots:
        table.add_row(slot.name, " or ".join(slot.types), "yes" if slot.required else "", slot.description)
    Console().print(table)
    files = {"handler": task.folder / "handler.py", "evals": task.folder / "evals.jsonl"}
    for kind in ("jinja", "template.jinja"):
        if found := resources.prompt(f"tasks/{name}.{kind}", task.folder):
            files[f"prompt ({kind})"] = found
    for what, path in files.items():
        typer.echo(f"{what}: {path if path.exists() else 'none'}")


@tasks.command("new")
def new_task(
    name: Annotated[str, typer.Argument(help="verb_noun, such as rename_vendor.")],
    folder: Annotated[Path, typer.Option(help="Where to put it.")] = Path(),
    kind: Annotated[str, typer.Option(help="read or write.")] = "read",
    package: Annotated[
        str | None, typer.Option(help="Distribution to put it into, such as storehand-favourites; made in the folder if it is not there.")
    ] = None,
) -> None:
    """Write a task's folder; its tests pass at once."""
    if kind not in ("read", "write"):
        raise typer.BadParameter("--kind is read or write")
    if (taken := discover().entries.get(name)) is not None:
        raise typer.BadParameter(f"there is a task `{name}` already, from {taken.source}; two of one name are not loaded, so take another")
    wanted: Kind = "write" if kind == "write" else "read"
    written = scaffold(name, folder, kind=wanted) if package is None else scaffold_in_package(name, package, folder, kind=wanted)
    for path in written:
        typer.echo(path)
    tell(_then(name, folder, package))


def _then(name: str, folder: Path, package: str | None) -> str:
    """What to do with what was written: Storehand knows a task once it is installed."""
    if package is None and folder.resolve() == Path(agent.__file__).parents[1] / "tasks":
        return f"Next: pytest {folder / name} && storehand eval {name}."
    if package is None:
        return f"Next: pytest {folder / name}. Storehand knows it once a package with its entry point is installed; --package writes one."
    return (
        f"Next: pip install -e {folder / package} && pytest {folder / package} && storehand eval {name}. A server that runs knows it after a restart."
    )


@tasks.command("guide")
def write_guide(folder: Annotated[Path, typer.Option(help="Where the pages go.")] = Path("docs/guide/catalogue")) -> None:
    """Write the guide's page of each task, from its declaration and its evals."""
    for path in write_pages(discover(), folder):
        typer.echo(path)


@tasks.command("sdk")
def show_sdk() -> None:
    """What a task imports: the store's methods, every record's fields, what makes changes; as Markdown."""
    typer.echo(sdk_page(), nl=False)


def evaluate_tasks(
    context: typer.Context,
    task: Annotated[str | None, typer.Argument(help="One task; all when left out.")] = None,
    gold: Annotated[
        Path | None,
        typer.Option(help="A file of whole requests (.jsonl, .txt), such as models/reader/gold/requests.jsonl."),
    ] = None,
    threads: Annotated[
        Path | None,
        typer.Option(help="A file of whole conversations, such as bench/threads/development.jsonl; they are held on a copy of the data folder."),
    ] = None,
    relations: Annotated[
        int | None,
        typer.Option(min=1, help="Say so many evals, or later messages of --threads, otherwise: in other clothes, joined, narrowed, not asked for."),
    ] = None,
    joined: Annotated[int, typer.Option(min=2, max=8, help="With --relations: how many requests are joined to one.")] = 2,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Grade the plans of each task's evals, of a gold set of whole requests, or of whole conversations."""
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)
    if relations is not None and gold is not None:
        raise typer.BadParameter("--relations is of the tasks' evals or of --threads; leave out --gold")
    if threads is not None:
        _evaluate_threads(settings, threads, relations, debug=common.debug)
        return
    registry = discover()
    chosen = [registry.task(task)] if task else list(registry)
    cases: list[Case] = [case for one in chosen for case in cases_of(one)]
    requests = requests_of(gold, frozenset(one.name for one in registry)) if gold else []

    async def work(house: House) -> None:
        info = await house.shop(settings.shop)
        who = caller(info.id)

        async def plan(text: str) -> Plan:
            return await house.service.plan(Ask(text, locale=info.locale, shop=info.id), who)

        if gold:
            typer.echo(str(await evaluate_gold(plan, requests)))
            return
        scored = await evaluate(plan, cases)
        if relations:
            right = [grade.case.ask for grade in scored.grades if grade.right]
            right = Random(_DRAW).sample(right, min(relations, len(right)))
            found = await check_relations(plan, right, registry.tasks, joined=joined)
            typer.echo("\n".join([*map(str, found.worst(_WORST)), str(found)]))
            return
        typer.echo(str(scored))
        if task:
            _tell_misses(scored.failures)

    run_in_house(settings, work, debug=common.debug)


def _tell_misses(failures: Sequence[Grade]) -> None:
    """Which requests of a task's evals were read otherwise: what its author goes on from."""
    for failure in failures:
        typer.echo(f"line {failure.case.line}: {failure}")
    if failures:
        typer.echo('`storehand plan "…"` shows what a request is read as.')


def _evaluate_threads(settings: Settings, path: Path, relations: int | None, *, debug: bool) -> None:
    """Conversations approve and undo, so they are held on a copy."""
    conversations = read_threads(path)
    tasks = discover().tasks
    later = [f"{one.id} {turn.ask}" for one in conversations for turn in one.turns[1:] if turn.ask]
    chosen = set(Random(_DRAW).sample(later, min(relations or 0, len(later))))
    with TemporaryDirectory(prefix="storehand-") as folder:
        copied = settings.model_copy(update={"data": copy_of_data(settings.data, Path(folder) / "data")})

        async def work(house: House) -> None:
            info = await house.shop(settings.shop)
            who = caller(info.id)

            async def ask(text: str, thread: str, context: Mapping[str, Any]) -> Reply:
                return await house.service.ask(Ask(text, locale=info.locale, shop=info.id, thread=thread, context=context), who)

            async def approve(reply: Reply) -> None:
                for digest in reply.approvals:
                    await house.service.approve(digest, who)

            found = Relations(outcomes=[], seeds=0)

            async def otherwise(text: str, thread: str) -> None:
                nonlocal found

                async def plan(said: str) -> Plan:
                    return await house.service.plan(Ask(said, locale=info.locale, shop=info.id, thread=thread), who)

                if f"{thread.removeprefix('eval-')} {text}" in chosen:
                    found += await check_relations(plan, [text], tasks)

            scored = await evaluate_threads(conversations, ask, approve, otherwise)
            typer.echo("\n".join([*map(str, found.worst(_WORST)), str(found)]) if relations else str(scored))

        run_in_house(copied, work, debug=debug)

"""`storehand distill`: a student from a spec, or one of those that ship, with its scorecard and the gate's verdict."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from agent.cli.context import Common, caller, tell
from agent.resources import Resources
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.distill.cache import StepEvent
    from agent.distill.scorecard import HeadScore
    from agent.distill.spec import Spec
    from agent.distill.teach import Asked
    from agent.ledger.records import Spender


def add_to(app: typer.Typer) -> None:
    app.command("distill")(distill)


def distill(
    context: typer.Context,
    head: Annotated[str, typer.Argument(help="A spec (mood.toml), or a head that ships, such as reader, review_aspects or message_triage.")],
    out: Annotated[Path, typer.Option(help="Where to put the new model's folder and its report.")] = Path("distilled"),
    training: Annotated[Path | None, typer.Option("--training", help="Folder of the data, where it is not the spec's own.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Folder of what was computed before; the user's cache by default.")] = None,
) -> None:
    """Make a student, measure it beside its teacher and the baseline, and write it if its gate opens. Needs the extra [distill]."""
    from agent.distill import spec_of

    common: Common = context.obj
    settings = common.settings()
    models = Resources(settings.operator).models()
    path = spec_of(head, models)
    if path is None:
        told, passed = _by_recipe(head, settings, models, out, training, cache)
    else:
        score = _from_spec(path, settings, models, out, training or path.parent, cache)
        told, passed = f"{score}\nreport: {out / score.name}.report", score.passed
    typer.echo(told)
    if not passed:
        raise typer.Exit(1)


def _by_recipe(head: str, settings: Settings, models: Path, out: Path, training: Path | None, cache: Path | None) -> tuple[str, bool]:
    from agent.distill import distill as recipe
    from agent.distill.cache import Cache, default_folder
    from agent.distill.extra import require_extra
    from agent.distill.recording import recorded_recipe
    from agent.students.makings import FOLDER

    require_extra()
    with recorded_recipe(settings.data / FOLDER, head, models) as recording, _bars() as watch:

        def seen(event: StepEvent) -> None:
            watch(event)
            recording.watch(event)

        def says(text: str) -> None:
            tell(text)
            recording.says(text)

        kept = Cache(cache or default_folder(), seen)
        made = recipe(head, models=models, out=out, data=training, progress=says, once=kept.once(), kept=kept.epochs)
        recording.measured(made, out)
    return str(made), made.passed


def _from_spec(path: Path, settings: Settings, models: Path, out: Path, data: Path, cache: Path | None) -> HeadScore:
    from agent.distill.cache import Cache, default_folder
    from agent.distill.extra import require_extra
    from agent.distill.head import Bench, make_head
    from agent.distill.recording import recorded
    from agent.distill.spec import read_spec
    from agent.prompts import Prompts
    from agent.students.makings import FOLDER

    spec = read_spec(path)
    require_extra()

    async def work(watch: Callable[[StepEvent], None]) -> HeadScore:
        async with _teacher(spec, settings) as (gateway, spender):
            bench = Bench(
                models=models, data=data, out=out, cache=Cache(cache or default_folder(), watch), prompts=Prompts(Resources(settings.operator)),
                gateway=gateway, spender=spender,
            )  # fmt: skip
            return await make_head(spec, bench)

    with recorded(settings.data / FOLDER, spec, data, models) as recording, _bars() as watch:

        def seen(event: StepEvent) -> None:
            watch(event)
            recording.watch(event)

        score = asyncio.run(work(seen))
        recording.scored(score, out)
    return score


@asynccontextmanager
async def _teacher(spec: Spec, settings: Settings) -> AsyncIterator[tuple[Asked | None, Spender]]:
    """The gateway with its books, where the teacher is behind it."""
    from agent.gateway.opened import open_gateway
    from agent.ledger.records import Spender
    from agent.opening import open_accounts

    if spec.teacher.kind != "gateway":
        yield None, Spender()
        return
    async with open_accounts(settings) as accounts, open_gateway(settings, accounts.db) as opened:
        shop = next((one.id for one in accounts.shops() if one.name == settings.shop), settings.shop)
        yield opened.gateway, Spender(shop=shop, principal=caller(shop).id)


@contextmanager
def _bars() -> Iterator[Callable[[StepEvent], None]]:
    """Progress on stderr: bars with the time left on a terminal, a line a step elsewhere."""
    if not sys.stderr.isatty():
        yield _line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.fields[state]}"))
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def watch(event: StepEvent) -> None:
            if event.step not in bars:
                bars[event.step] = progress.add_task(event.step, total=None, state="")
            over = {"done": f"done in {event.took_s:.1f} s", "cached": "cached", "failed": "failed"}.get(event.state, "")
            if over:
                progress.update(bars[event.step], total=1, completed=1, state=over)
            elif event.total:
                progress.update(bars[event.step], total=event.total, completed=event.done)

        yield watch


def _line(event: StepEvent) -> None:
    if event.state == "cached":
        tell(f"{event.step}: cached")
    elif event.state != "running":
        tell(f"{event.step}: {event.state} in {event.took_s:.1f} s")

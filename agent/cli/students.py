"""`storehand students`: versions of the students, from a finished folder to production and back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from agent.cli.context import Common, DataOption, ShopOption, caller, run_with_accounts
from agent.cli.listing import show_list
from agent.errors import Invalid
from agent.opening import Accounts
from agent.records import Principal
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.service.versions import HeadShown, StudentVersions, VersionShown
    from agent.students.sample import Sampled
    from agent.students.standing import Standing

T = TypeVar("T")
Work = Callable[["StudentVersions", Principal], Awaitable[T]]

students = typer.Typer(help="Which version of each student answers.", no_args_is_help=True)

HeadArgument = Annotated[str, typer.Argument(help="The head: reader, review_sentiment, …")]
VersionArgument = Annotated[str, typer.Argument(help="The version: bundled, or the first characters of its id.")]
MaybeVersion = Annotated[str | None, typer.Argument(help="The version; leave it out with --stop.")]
StopOption = Annotated[bool, typer.Option("--stop", help="Stop it instead.")]

_ALARMS = {"confidence": "it is as sure as it was", "refusals": "it refuses as often as it did", "labels": "its answers are mixed as they were"}


def add_to(app: typer.Typer) -> None:
    app.add_typer(students, name="students")


@students.command("list")
def list_heads(context: typer.Context, csv: Annotated[bool, typer.Option("--csv", help="As CSV.")] = False, data: DataOption = None) -> None:
    """Every head: what answers, what is tried, and whether it still says what it said when it came into use."""

    async def work(versions: StudentVersions, who: Principal) -> Sequence[HeadShown]:
        return await versions.heads()

    found = _run(context, work, data=data)
    columns = ("head", "in use", "canary", "shadow", "agrees", "versions", "seen in 7 days", "drift")
    show_list(columns, [_line(head) for head in found], csv=csv)
    for head in found:
        for sentence in alarms(head):
            typer.echo(f"ALARM {sentence}", err=True)


@students.command("show")
def show_head(context: typer.Context, head: HeadArgument, version: MaybeVersion = None, data: DataOption = None) -> None:
    """The versions of a head; with a version, its figures and its card."""

    async def work(versions: StudentVersions, who: Principal) -> HeadShown:
        return await versions.head(head, most=10)

    found = _run(context, work, data=data)
    if version is not None:
        _show_version(found, version)
        return
    columns = ("version", "role", "since", "seen in 7 days", "mean confidence", "refused", "agrees")
    show_list(columns, [_version_line(shown) for shown in found.versions])
    for one in found.disagreements:
        typer.echo(
            f"{one.at:%Y-%m-%d %H:%M}  {one.said} ({one.confidence:.2f})  shadow: {one.shadow_said} ({one.shadow_confidence:.2f})  {one.text or ''}"
        )
    for sentence in alarms(found):
        typer.echo(f"ALARM {sentence}", err=True)


@students.command("add")
def add(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A finished model folder, as `storehand distill` writes it.")],
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Take a finished student in. Nobody is answered by it yet."""

    async def work(versions: StudentVersions, who: Principal) -> str:
        version = await versions.add(folder, who)
        return f"{version.head} {version.shown} is here. Try it: storehand students shadow {version.head} {version.shown}"

    typer.echo(_run(context, work, shop=shop, data=data))


@students.command("shadow")
def shadow(
    context: typer.Context,
    head: HeadArgument,
    version: MaybeVersion = None,
    stop: StopOption = False,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Run a version beside the one in use: nothing it says is used, and where it disagrees is kept."""
    _one_of(version, stop)
    _step(context, lambda versions, who: versions.shadow(head, version, who), shop, data)


@students.command("canary")
def canary(
    context: typer.Context,
    head: HeadArgument,
    version: MaybeVersion = None,
    share: Annotated[float, typer.Option(help="Of the runs that it answers, above 0 and below 1.")] = 0.1,
    stop: StopOption = False,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Let a version answer a share of the runs."""
    _one_of(version, stop)
    _step(context, lambda versions, who: versions.canary(head, version, share, who), shop, data)


@students.command("promote")
def promote(
    context: typer.Context, head: HeadArgument, version: VersionArgument, shop: ShopOption = None, data: DataOption = None
) -> None:  # fmt: skip
    """Let a version answer everything; every running process follows within a second or two."""
    _step(context, lambda versions, who: versions.promote(head, version, who), shop, data)


@students.command("rollback")
def rollback(context: typer.Context, head: HeadArgument, shop: ShopOption = None, data: DataOption = None) -> None:
    """End the canary if there is one; else go back to the version that was in use before."""
    _step(context, lambda versions, who: versions.rollback(head, who), shop, data)


@students.command("sample")
def sample(
    context: typer.Context,
    head: HeadArgument,
    out: Annotated[Path, typer.Option(help="File to write, a text a line as JSON.")] = Path("sample.jsonl"),
    most: Annotated[int, typer.Option(min=1, max=100_000, help="So many texts at most, the hardest first.")] = 500,
    shop: ShopOption = None,
    data: DataOption = None,
) -> None:
    """Write down what was asked that is worth learning from: with consent only, without personal data, to be labelled."""

    async def work(versions: StudentVersions, who: Principal) -> Sequence[Sampled]:
        return await versions.sample(head, who, most=most)

    found = _run(context, work, shop=shop, data=data)
    if not found:
        raise Invalid("There is nothing to learn from: requests are kept for it only with consent = true under [students] in the config file.")
    out.write_text("".join(f"{json.dumps(_sampled(one), ensure_ascii=False)}\n" for one in found), encoding="utf-8")
    reasons = Counter(why for one in found for why in one.why)
    show_list(("why", "texts"), [*reasons.most_common(), ("all", len(found))])
    typer.echo(f"written to {out}; name it in a spec as data with labelled = false, and a teacher labels it (docs/guide/distill.md)")


def _sampled(one: Sampled) -> dict[str, Any]:
    """No times and no runs: who asked what when is nobody's business who labels it."""
    return {"text": one.text, "why": list(one.why), "said": list(one.said), "confidence": round(one.confidence, 3)}


def alarms(head: HeadShown) -> list[str]:
    """What no longer is as it was when the version came into use, in sentences."""
    found = [f"{head.head}: it no longer holds that {_ALARMS[what]} when it came into use." for what in head.drift.alarms]
    return [*found, *([head.problem] if head.problem else [])]


def _one_of(version: str | None, stop: bool) -> None:
    if (version is None) != stop:
        raise Invalid("Name a version, or write --stop.", field="version")


def _step(context: typer.Context, work: Work[Standing], shop: str | None, data: Path | None) -> None:
    standing = _run(context, work, shop=shop, data=data)
    told = [f"{standing.head}: {_short(standing.in_use)} answers"]
    if standing.canary:
        told.append(f"canary {_short(standing.canary)} takes {standing.share:.0%} of the runs")
    if standing.shadow:
        told.append(f"{_short(standing.shadow)} runs in the shadow")
    typer.echo("; ".join(told))


def _run(context: typer.Context, work: Work[T], *, shop: str | None = None, data: Path | None = None) -> T:
    common: Common = context.obj
    settings = common.settings(shop=shop, data=data)

    async def inner(accounts: Accounts) -> T:
        known = next((one.id for one in accounts.shops() if one.name == settings.shop), settings.shop)
        return await work(_versions(settings, accounts), caller(known))

    return run_with_accounts(settings, inner)


def _versions(settings: Settings, accounts: Accounts) -> StudentVersions:
    from agent.service.versions import StudentVersions
    from agent.students.encoder import Encoder
    from agent.students.shelf import shelf_of

    shelf = shelf_of(settings)
    return StudentVersions(db=accounts.db, shelf=shelf, encoder=lambda: Encoder(shelf.encoder()))


def _line(head: HeadShown) -> Sequence[Any]:
    standing, by_role = head.standing, {role: shown for shown in head.versions for role in shown.roles}
    agreed = by_role["shadow"].agreement if "shadow" in by_role else None
    canary = f"{_short(standing.canary)} ({standing.share:.0%})" if standing.canary else "–"
    seen = by_role["in_use"].lately.n if "in_use" in by_role else 0
    return (
        head.head, _short(standing.in_use) if "in_use" in by_role else "–", canary, _short(standing.shadow or "–"),
        f"{agreed.agreed / agreed.compared:.1%} of {agreed.compared}" if agreed else "–", len(head.versions), seen, _drift(head),
    )  # fmt: skip


def _drift(head: HeadShown) -> str:
    if not head.drift.enough:
        return "too little seen"
    return f"ALARM: {', '.join(head.drift.alarms)}" if head.drift.alarms else "none"


def _version_line(shown: VersionShown) -> Sequence[Any]:
    sure, refused = shown.lately.mean_confidence, shown.lately.refusal_rate
    agreed = shown.agreement
    return (
        shown.version.shown, ", ".join(shown.roles).replace("_", " ") or "–", f"{shown.version.since:%Y-%m-%d %H:%M}", shown.lately.n,
        "–" if sure is None else f"{sure:.2f}", "–" if refused is None else f"{refused:.1%}",
        f"{agreed.agreed / agreed.compared:.1%} of {agreed.compared}" if agreed else "–",
    )  # fmt: skip


def _show_version(head: HeadShown, name: str) -> None:
    from agent.service.versions import figures

    found = head.version(name)
    typer.echo(f"{found.head} {found.id}\nin {found.folder}\n")
    rows = [(one.name, f"{one.value:g}", f"{one.low:g} to {one.high:g}" if one.n else "–", one.n or "–") for one in figures(found.manifest)]
    show_list(("figure", "value", "95% interval", "n"), rows)
    typer.echo(f"\n{found.card()}")


def _short(version: str) -> str:
    return version[:12]

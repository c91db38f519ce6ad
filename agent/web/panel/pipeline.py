"""The pages of the pipeline: the makings of students that `storehand distill` wrote down, and each as it runs or ran."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from agent.errors import NotFound
from agent.records import Scope
from agent.service.versions import StudentVersions
from agent.students.makings import Making, Makings, MakingStep
from agent.web.panel.curves import drawings, figure_curve
from agent.web.panel.desk import Desk, Visit, html
from agent.web.panel.graph import ACROSS, DOWN, drawn

_UNCHANGED = 204
_SOURCES = ("training", "gold", "encoder", "teacher")
"""Uses that are nodes of the graph; what else a making began with is in its table alone."""


def pipeline_routes(desk: Desk, versions: StudentVersions, makings: Makings) -> list[HTTPRouteHandler]:
    @get("/pipeline")
    async def pipeline_page(request: Request[Any, Any, Any], seen: FromQuery[str] = "") -> Response[str]:
        visit = await desk.visit(request, needs=Scope.ADMIN)
        found = makings.all()
        mark = _mark(found)
        if visit.by_htmx:
            return html("", status=_UNCHANGED) if seen == mark else html(desk.part(visit, "parts/makings.html", makings=found, mark=mark))
        return await desk.page(visit, "pipeline.html", here="students", makings=found, mark=mark)

    @get("/pipeline/{id:str}")
    async def making_page(
        request: Request[Any, Any, Any], id: FromPath[str], seen: FromQuery[str] = "", told: FromQuery[str] = ""
    ) -> Response[str]:  # fmt: skip
        visit = await desk.visit(request, needs=Scope.ADMIN)
        making = makings.find(id)
        if visit.by_htmx and seen == _mark([making]):
            return html("", status=_UNCHANGED)
        values = {**_values(visit, making), "shelved": await _shelved(versions, making), "told": told}
        if visit.by_htmx:
            return html(desk.part(visit, "parts/making.html", **values, oob=True))
        return await desk.page(visit, "making.html", here="students", **values)

    return [pipeline_page, making_page]


def _mark(makings: list[Making]) -> str:
    """Other than before when there is something to see that was not there before."""
    return ".".join(f"{making.size}{making.state[0]}" for making in makings) or "none"


def _values(visit: Visit, making: Making) -> dict[str, Any]:
    after = {source.use: () for source in making.sources if source.use in _SOURCES} | {step.name: step.after for step in making.steps}
    curves = [
        (step.name, figure, curve)
        for step in making.steps
        for figure, points in step.series.items()
        if (curve := figure_curve(points, visit.words.value)) is not None
    ]
    return {
        "making": making, "graphs": [drawn(after, ACROSS), drawn(after, DOWN)], "mark": _mark([making]), "learned": curves,
        "drawings": drawings(making.curves, visit.words.percent), "nodes": {step.name: _lines(step.name) for step in making.steps},
        "finished": sum(step.state in ("done", "cached") for step in making.steps), "steps": {step.name: step for step in making.steps},
        "cached": sum(step.state == "cached" for step in making.steps), "status": _status(making.now), "known": list(after),
    }  # fmt: skip


def _status(step: MakingStep | None) -> str:
    return step.name if step is not None else ""


def _lines(name: str) -> list[str]:
    """A step's name in two lines of a node."""
    lines = [""]
    for word in name.removeprefix("judge ").split():
        if len(lines[-1]) + len(word) > 13 and len(lines) < 2:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


async def _shelved(versions: StudentVersions, making: Making) -> str | None:
    """The version on the shelf that came of it, where it was taken in."""
    if making.made is None or not making.made.version:
        return None
    try:
        shown = await versions.head(making.head)
        return shown.version(making.made.version).id
    except NotFound:
        return None

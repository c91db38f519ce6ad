"""The page Students: which version of each head answers, how each does, and the few steps that change it; a card for every version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Invalid, NotAllowed, NotFound
from agent.records import Scope
from agent.service.versions import StudentVersions, figures
from agent.students.standing import Standing
from agent.web.panel.curves import drawings, learned
from agent.web.panel.desk import Desk, Visit, elsewhere, html
from agent.web.panel.markdown import rendered
from agent.web.panel.pipeline import pipeline_routes
from agent.web.wire import MOST_BYTES

SHARES = (1, 5, 10, 25, 50)
"""Percent of the runs that a canary may be given on the page."""
_LATEST = 8

Step = Callable[[Visit, str, str, str], Awaitable[Standing]]


def student_routes(desk: Desk, versions: StudentVersions) -> list[HTTPRouteHandler]:
    steps = _steps(versions)

    @get("/students")
    async def students_page(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.READ)
        found = [await versions.head(head.head, most=_LATEST) for head in await versions.heads()]
        return await desk.page(visit, "students.html", here="students", heads=found, shares=SHARES, pipeline=versions.makings is not None)

    @get("/students/{head:str}/{version:str}")
    async def card_page(request: Request[Any, Any, Any], head: FromPath[str], version: FromPath[str]) -> Response[str]:
        visit = await desk.visit(request, needs=Scope.READ)
        shown = await versions.head(head)
        found = shown.version(version)
        return await desk.page(
            visit, "student.html", here="students", shown=shown, version=found, figures=figures(found.manifest), card=rendered(found.card()),
            drawings=drawings(found.manifest.curves, visit.words.percent), making=_made_by(versions, found.id, visit),
            curve=learned(found.manifest.curves, visit.words.value),
        )  # fmt: skip

    @post("/students/{head:str}/{step:str}", status_code=200, request_max_body_size=MOST_BYTES)
    async def take(request: Request[Any, Any, Any], head: FromPath[str], step: FromPath[str]) -> Response[str]:
        visit = await desk.changing(request)
        if not visit.session.principal.may(Scope.ADMIN):
            raise NotAllowed("Only an owner of the shop decides which students answer.")
        if step not in steps:
            raise NotFound("step", step)
        sent = await request.form()
        await steps[step](visit, head, str(sent.get("version") or ""), str(sent.get("share") or ""))
        if not visit.by_htmx:
            return elsewhere("/students")
        shown = await versions.head(head, most=_LATEST)
        return html(desk.part(visit, "parts/student.html", shown=shown, shares=SHARES))

    routes: list[HTTPRouteHandler] = [students_page, card_page, take]
    return routes + (pipeline_routes(desk, versions, versions.makings) if versions.makings is not None else [])


def _made_by(versions: StudentVersions, version: str, visit: Visit) -> str | None:
    """The making that a version came from, for whoever may see it."""
    if versions.makings is None or not visit.session.principal.may(Scope.ADMIN):
        return None
    found = versions.makings.of_version(version)
    return found.id if found is not None else None


def _steps(versions: StudentVersions) -> dict[str, Step]:
    """Name in the address to what it does; a version left out ends a shadow or a canary."""
    return {
        "shadow": lambda visit, head, version, share: versions.shadow(head, version or None, visit.session.principal),
        "canary": lambda visit, head, version, share: versions.canary(head, version or None, _share(share, version), visit.session.principal),
        "promote": lambda visit, head, version, share: versions.promote(head, version, visit.session.principal),
        "rollback": lambda visit, head, version, share: versions.rollback(head, visit.session.principal),
    }


def _share(text: str, version: str) -> float:
    """
    Raises:
        Invalid: It is none of those the page offers.
    """
    if not version:
        return 0.0
    if text not in {str(share) for share in SHARES}:
        raise Invalid("This page is out of date. Reload it and try again.", field="share")
    return int(text) / 100

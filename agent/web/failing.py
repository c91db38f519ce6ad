"""What whoever asked is answered when something went wrong: programs get problem+json, a page's script a notice, a browser a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request, Response
from litestar.exceptions import NotFoundException

from agent.errors import NotFound, NotSignedIn
from agent.web.panel.desk import Desk, elsewhere, html
from agent.web.problems import answer, problem_of

_FOR_PROGRAMS = ("/v1", "/schema", "/livez", "/readyz", "/metrics", "/llm", "/mcp", "/a2a", "/.well-known")


def whoever_asked(desk: Desk) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """Answers by the path and by what the request says it takes; a browser without a session is shown the way to sign in."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        path = request.url.path
        if path.startswith(_FOR_PROGRAMS):
            return answer(request, error)
        if isinstance(error, NotSignedIn):
            return _to_sign_in(request, error)
        by_htmx = request.headers.get("hx-request") == "true"
        if not by_htmx and "text/html" not in request.headers.get("accept", ""):
            return answer(request, error)
        problem, _, headers = problem_of(NotFound("page") if isinstance(error, NotFoundException) else error, request)
        words = desk.words(request)
        shown = {"title": words.told(problem.title), "detail": words.told(problem.detail), "request_id": problem.request_id}
        if by_htmx:
            headers |= {"HX-Retarget": "#notices", "HX-Reswap": "beforeend", "HX-Push-Url": "false"}
        page = desk.pages.text("parts/notice.html" if by_htmx else "error.html", words, **shown)
        return html(page, status=problem.status, headers=headers)

    return handle


def _to_sign_in(request: Request[Any, Any, Any], error: NotSignedIn) -> Response[Any]:
    if request.headers.get("hx-request") == "true":
        return html("", status=401, headers={"HX-Redirect": _sign_in(urlsplit(request.headers.get("hx-current-url", "")).path or "/")})
    if "text/html" not in request.headers.get("accept", ""):
        return answer(request, error)
    here = request.url.path if request.method == "GET" else "/"
    return elsewhere(_sign_in(here))


def _sign_in(here: str) -> str:
    """Where one signs in to go on at this page."""
    return "/sign-in" if here == "/" else f"/sign-in?next={quote(here, safe='/')}"

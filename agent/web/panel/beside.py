"""What a page of a conversation fetches for itself: what was asked in it elsewhere since, and the list of conversations beside a new card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import NotFound
from agent.web.panel.conversations import head_of
from agent.web.panel.desk import Desk, Visit, html
from agent.web.panel.runs import MOST_RUNS, view_of

_NOTHING_NEW = 204


def beside_routes(desk: Desk) -> list[HTTPRouteHandler]:
    @get("/t/{thread:str}/after/{last:str}")
    async def after(request: Request[Any, Any, Any], thread: FromPath[str], last: FromPath[str]) -> Response[str]:
        """The requests that somebody sent elsewhere since the page had its last one; nothing where the page is of no one or nothing any more."""
        if await desk.doorkeeper.whoever(request) is None:
            return html("", status=_NOTHING_NEW)  # half a sentence in the box is not lost to the page of signing in
        visit = await desk.visit(request)
        try:
            newer = await _since(desk, visit, thread, last)
        except NotFound:
            return html("", status=_NOTHING_NEW)
        if not newer:
            return html("", status=_NOTHING_NEW)
        undoing = await desk.undoing(visit)
        views = [await view_of(desk, visit, await desk.service.reply(id, visit.session.principal)) for id in newer]
        cards = [desk.part(visit, "parts/run.html", undoing=undoing, run=view) for view in views]
        return html("".join(cards) + looks_elsewhere(desk, visit, thread, views[-1].id) + await desk.recent(visit, thread))

    @get("/t/{thread:str}/around")
    async def around(request: Request[Any, Any, Any], thread: FromPath[str]) -> Response[str]:
        """The list of conversations once something is asked in one, and the head of one that has just begun."""
        visit = await desk.visit(request)
        talk = (await desk.service.thread(thread, visit.session.principal, limit=1)).thread
        head = await head_of(desk, visit, talk, oob=True) if "begun" in request.query_params else ""
        return html(head + await desk.recent(visit, thread))

    return [after, around]


async def _since(desk: Desk, visit: Visit, thread: str, last: str) -> Sequence[str]:
    """The ids of the requests below the last one that the page shows, along its own versions.

    Raises:
        NotFound: The conversation is gone.
    """
    for most in (1, MOST_RUNS):  # a window that is open asks every few seconds, and there is seldom more than the last one to read
        found = await desk.service.thread(thread, visit.session.principal, at=last, limit=most)
        ids = [turn.run.id for turn in found.runs]
        if last in ids:
            return ids[ids.index(last) + 1 :]
    return ()


def looks_elsewhere(desk: Desk, visit: Visit, thread: str, last: str) -> str:
    """What looks for requests that are sent in another tab.

    Args:
        last: The id of the request that is the last one on the page now.
    """
    return desk.part(visit, "parts/elsewhere.html", thread=thread, last=last, oob=True)

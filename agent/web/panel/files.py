"""Tables that people put beside a request: taken in at once, shown as a chip, named when the request is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import Invalid
from agent.records import FILE, FileShown
from agent.web.panel.desk import Desk, Visit, html

MOST_SENT = 20_000_000
"""Bytes of a form with a file. More than a table may have, so that whoever sends too large a one is told of it in words."""


def file_routes(desk: Desk) -> list[HTTPRouteHandler]:
    service = desk.service

    @post("/files", status_code=200, request_max_body_size=MOST_SENT)
    async def take(request: Request[Any, Any, Any]) -> Response[str]:
        visit = await desk.changing(request)
        file = await uploaded(desk, visit)
        if file is None:
            raise Invalid("No file came along; choose one again.", field="file")
        return html(desk.part(visit, "parts/file_chip.html", file=file, sending=True))

    @get("/files/{file_id:str}")
    async def again(request: Request[Any, Any, Any], file_id: FromPath[str]) -> Response[str]:
        """The chip of a file that an earlier request had, for it to be sent once more; nothing where it is gone."""
        visit = await desk.visit(request)
        file = await service.attached(file_id, visit.session.principal)
        return html(desk.part(visit, "parts/file_chip.html", file=file, sending=True) if file is not None else "")

    return [take, again]


async def uploaded(desk: Desk, visit: Visit) -> FileShown | None:
    """The file of the form, taken in; None where there is none.

    Raises:
        Invalid: It is no table, or too large.
    """
    sent = (await visit.request.form()).get("upload")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return None
    return await desk.service.attach(sent.filename, await sent.read(), visit.session.principal)


async def file_sent(desk: Desk, visit: Visit) -> FileShown | None:
    """What goes along with a request: a file of this form, or one taken in before.

    Raises:
        Invalid: It is no table, or it is gone.
    """
    if (file := await uploaded(desk, visit)) is not None:
        return file
    id = str((await visit.request.form()).get("file") or "")
    if not id:
        return None
    if (file := await desk.service.attached(id, visit.session.principal)) is None:
        raise Invalid("The attached file is not kept any more; attach it again.", field="file")
    return file


def in_context(file: FileShown | None) -> Mapping[str, Any]:
    return {} if file is None else {FILE: file.id}

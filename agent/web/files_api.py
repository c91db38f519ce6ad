"""Files under /v1/files: a table taken in for a request to name, with what is understood of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from litestar import Response
from pydantic import Field

from agent.records import FileShown, Scope
from agent.sheets.reading import LONGEST_NAME, MOST_BYTES
from agent.web.lists import Body
from agent.web.operations import Answered, Asked, Operation
from agent.web.port import ServicePort
from agent.web.wire import BadRequest, json_reply

LONGEST_CONTENT = (MOST_BYTES + 2) // 3 * 4
"""Characters of base64."""
MOST_SENT = 6_700_000
"""Bytes of a body with that and a name."""


class FileBody(Body):
    name: str = Field(min_length=1, max_length=LONGEST_NAME, description="What people see it as, such as prices.csv.")
    content: str = Field(
        min_length=1, max_length=LONGEST_CONTENT, pattern="^[A-Za-z0-9+/]+={0,2}$",
        description=(
            "The file in base64 (RFC 4648): CSV or text with tabs, semicolons or bars, in UTF-8, UTF-16 or Windows-1252; at most 5 MB, "
            "10,000 rows and 200 columns."
        ),
    )  # fmt: skip


def file_operations(service: ServicePort) -> Sequence[Operation]:
    api = _FilesApi(service)
    return (
        Operation(
            id="create_file", method="POST", path="/v1/files", summary="Attach a table to the next request", tag="asks", scope=Scope.ASK,
            run=api.create, body=FileBody, idempotent=True, most_bytes=MOST_SENT,
            replies={201: Answered(description="The file. Name its id as `file_id` where you ask.", type=FileShown)},
        ),
    )  # fmt: skip


class _FilesApi:
    def __init__(self, service: ServicePort) -> None:
        self._service = service

    async def create(self, asked: Asked) -> Response[Any]:
        body: FileBody = asked.body
        try:
            data = base64.b64decode(body.content, validate=True)
        except binascii.Error:
            raise BadRequest(422, "invalid_body", "/content: This is no base64.", [{"pointer": "/content", "detail": "This is no base64"}]) from None
        return json_reply(await self._service.attach(body.name, data, asked.principal), status=201)

"""The panel's few files: style, script and pictures, read once and packed once."""

from __future__ import annotations

import gzip
from pathlib import PurePosixPath
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.web.panel.pages import STATIC, sent_as

_MEDIA_TYPES = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain",
}  # fmt: skip


def static_files() -> HTTPRouteHandler:
    """The panel's few files, read once. The address carries a digest of them, so a browser may keep each for ever."""
    files = {path.relative_to(STATIC).as_posix(): sent_as(path) for path in STATIC.rglob("*") if path.suffix in _MEDIA_TYPES}
    packed = {name: gzip.compress(content, mtime=0) for name, content in files.items()}

    @get("/static/{name:path}")
    async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        content = files.get(name.lstrip("/"))
        if content is None:
            raise NotFoundException
        media_type = _MEDIA_TYPES[PurePosixPath(name).suffix]
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            content, headers = packed[name.lstrip("/")], {**headers, "content-encoding": "gzip"}
        return Response(content, media_type=media_type, headers=headers)

    return static

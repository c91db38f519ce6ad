"""What a page has to do with other origins: whose frame it may stand in, the script that puts it there, and where photos come from."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.types import Message, Scope

from agent.web.headers import POLICY
from agent.web.panel.pages import STATIC

_POLICY, _NOBODY, _IMAGES = b"content-security-policy", "frame-ancestors 'none'", "img-src 'self' data:"


def related_to(origins: Sequence[str], images: Sequence[str] = ()) -> Callable[[Message, Scope], Awaitable[None]]:
    """Lets pages of `origins` hold the panel's pages in a frame, and these pages show images from `images`. Nothing else of the policy changes."""
    policy = _policy(origins, images).encode()

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start" or not (origins or images):
            return
        headers = list(message["headers"])
        named = {name.lower(): value for name, value in headers}
        if named.get(b"content-type", b"").startswith(b"text/html") and _POLICY not in named:
            message["headers"] = [*headers, (_POLICY, policy)]

    return add


def _policy(origins: Sequence[str], images: Sequence[str]) -> str:
    framed = POLICY.replace(_NOBODY, f"frame-ancestors 'self' {' '.join(origins)}") if origins else POLICY
    return framed.replace(_IMAGES, f"{_IMAGES} {' '.join(images)}") if images else framed


def may_show(address: str | None, images: Sequence[str]) -> bool:
    """Whether the policy lets a page show the image at this address: `*.` in an origin stands for any host below."""
    if not address or not (parts := urlsplit(address)).netloc or parts.username is not None:
        return False
    return any(fnmatchcase(f"{parts.scheme}://{parts.netloc.lower()}", origin.lower()) for origin in images)


def embed_script(origins: Sequence[str] = ()) -> HTTPRouteHandler:
    """The script at an address that stays, which pages of other origins may load. It knows which of them may hold the panel, as its policy says."""
    script = (STATIC / "embed.js").read_text(encoding="utf-8").replace("const holders = [];", f"const holders = {json.dumps(list(origins))};")

    @get("/embed.js")
    async def embed() -> Response[str]:
        headers = {"cross-origin-resource-policy": "cross-origin", "cache-control": "public, max-age=3600"}
        return Response(script, media_type="text/javascript", headers=headers)

    return embed

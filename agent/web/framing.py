"""Standing in another page's frame: who may put the panel there, and the script that does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.types import Message, Scope

from agent.web.panel.pages import STATIC
from agent.web.wire import POLICY

_POLICY, _NOBODY = b"content-security-policy", "frame-ancestors 'none'"


def framed_by(origins: Sequence[str]) -> Callable[[Message, Scope], Awaitable[None]]:
    """Lets pages of these origins hold the panel's pages in a frame. Nothing else of the policy is different."""
    policy = POLICY.replace(_NOBODY, f"frame-ancestors 'self' {' '.join(origins)}").encode()

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start" or not origins:
            return
        headers = list(message["headers"])
        named = {name.lower(): value for name, value in headers}
        if named.get(b"content-type", b"").startswith(b"text/html") and _POLICY not in named:
            message["headers"] = [*headers, (_POLICY, policy)]

    return add


def embed_script() -> HTTPRouteHandler:
    """The script at an address that stays, which pages of other origins may load."""
    script = (STATIC / "embed.js").read_bytes()

    @get("/embed.js")
    async def embed() -> Response[bytes]:
        headers = {"cross-origin-resource-policy": "cross-origin", "cache-control": "public, max-age=3600"}
        return Response(script, media_type="text/javascript", headers=headers)

    return embed

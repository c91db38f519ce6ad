"""The application of `serve --parts llm`, on ASGI itself: the proxy, health and metrics. Nothing of the panel or the task API is even imported,
and Litestar neither: it was a seventh of the start and 12 MB, for three addresses beside the proxy's own.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec

from agent.ledger.keys import Keys
from agent.web.faults import MEDIA_TYPE, Fault, fault_of, fault_of_address
from agent.web.headers import ON_EVERY_REPLY
from agent.web.proxy import App, Proxy
from agent.web.raw import Asked, Reply, Whole
from agent.web.readiness import LIVES, Ready, Scraped, readiness
from agent.web.uses import noting_uses


def create_llm_app(proxy: Proxy, keys: Keys, *, ready: Ready, scraped: Scraped) -> App:
    """
    Args:
        proxy: All that is under /llm.
        keys: Whose uses are written down.
        ready: What `/readyz` asks.
        scraped: What `/metrics` shows.
    """

    async def beside(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(noting_uses(keys)(None), receive, send)
        elif scope["type"] == "http":
            await _beside(Asked.of(scope, receive), scope, receive, send)
        else:
            await send({"type": "websocket.close"})  # nothing here is one

    async def _beside(asked: Asked, scope: Any, receive: Any, send: Any) -> None:
        try:
            reply = await replied(asked, scope["method"], scope["path"])
        except Exception as error:
            reply = _said(fault_of(error), scope["path"], asked.id)
        reply.headers += [*ON_EVERY_REPLY, (b"x-request-id", asked.id.encode())]
        await reply(scope, receive, send)

    async def replied(asked: Asked, method: str, path: str) -> Reply:
        if path not in _ADDRESSES:
            return _said(fault_of_address(404, {}), path, asked.id)
        if method != "GET":
            return _said(fault_of_address(405, {"allow": "GET"}), path, asked.id)
        if path == "/metrics":
            return Whole(await scraped.read(asked.header(b"authorization")), [], 200, scraped.content_type.encode())
        status, body = await readiness(ready) if path == "/readyz" else (200, LIVES)
        return Whole(msgspec.json.encode(body), [], status)

    return proxy.before(beside)


_ADDRESSES = ("/livez", "/readyz", "/metrics")


def _said(fault: Fault, path: str, id: str) -> Reply:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fault.headers.items()]
    return Whole(fault.written(path, id), headers, fault.status, MEDIA_TYPE.encode())


async def _live(life: AbstractAsyncContextManager[None], receive: Any, send: Any) -> None:
    """What runs for as long as the application is served."""
    await receive()
    async with life:
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})

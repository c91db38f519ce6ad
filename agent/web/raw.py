"""Requests and replies of the gateway on ASGI itself.

A profile of the gateway under load showed Litestar's part of a call (routing, injection, headers by name, its reply) to cost as much as
all that is decided about the call, so the hot addresses pass it by.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.dialects.base import BadCall
from agent.web.headers import request_id
from agent.web.waiting import Caller

if TYPE_CHECKING:  # Litestar is a seventh of a cold start of the gateway alone, which does without it
    from litestar.types import Receive, Scope, Send

MOST_BYTES = 20_000_000
"""Of a request: pictures come within it."""
Header = tuple[bytes, bytes]


class TooLarge(BadCall):
    status = 413


class HungUp(Exception):
    """The caller went away before the request was whole."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    receive: Receive
    headers: dict[bytes, bytes]
    id: str

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Asked:
        return cls(receive, dict(scope["headers"]), request_id(scope))

    def header(self, name: bytes) -> str:
        """Empty where there is none."""
        return self.headers.get(name, b"").decode("latin-1")

    async def body(self) -> bytes:
        """
        Raises:
            TooLarge: It is, or says that it will be.
            HungUp: It ends in the middle.
        """
        said = self.headers.get(b"content-length", b"")
        if said.isdigit() and int(said) > MOST_BYTES:
            raise TooLarge("The request is larger than 20 MB.")
        pieces, size, more = list[bytes](), 0, True
        while more:
            message: Any = await self.receive()
            if message["type"] == "http.disconnect":
                raise HungUp
            pieces.append(message.get("body", b""))
            size, more = size + len(pieces[-1]), message.get("more_body", False)
            if size > MOST_BYTES:
                raise TooLarge("The request is larger than 20 MB.")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


@dataclass(slots=True)
class Whole:
    """A reply in one piece; JSON, unless something else is said."""

    body: bytes
    headers: list[Header]
    status: int = 200
    media_type: bytes = b"application/json"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*self.headers, (b"content-type", self.media_type), (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


@dataclass(slots=True)
class Pieces:
    """A stream of events. When the caller hangs up it is closed, and whatever makes it stops."""

    pieces: AsyncGenerator[bytes, None]
    headers: list[Header]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = Caller(receive)
        try:
            with caller:
                await send({"type": "http.response.start", "status": 200, "headers": [*self.headers, (b"content-type", b"text/event-stream")]})
                async for piece in self.pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except asyncio.CancelledError:
            if not caller.gone:
                raise
        finally:
            await self.pieces.aclose()


Reply = Whole | Pieces

"""The same request under the same Idempotency-Key is done once and answered with the same bytes ever after."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any, assert_never

from litestar import Response

from agent.errors import Conflict, StorehandError
from agent.runs.idempotency import Fresh, Idempotency, InFlight, Mismatch, Replay, Slot
from agent.web.operations import Asked, Once, Operation
from agent.web.problems import answer
from agent.web.wire import BadRequest

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("location",)

Work = Callable[[], Awaitable[Response[Any]]]


def once_per_key(kept: Idempotency) -> Once:
    """What `operations.route` runs the work of a request with a key through."""

    async def once(operation: Operation, asked: Asked, body: bytes, work: Work) -> Response[Any]:
        slot = _slot(asked)
        found = await kept.begin(slot, hashlib.sha256(body).hexdigest())
        match found:
            case Replay():
                headers = {**found.headers, "idempotent-replayed": "true"}
                return Response(found.body, status_code=found.status, media_type=headers.pop("content-type"), headers=headers)
            case InFlight():
                sentence = "The first request with this Idempotency-Key is still under way."
                raise BadRequest(409, "idempotency_in_flight", sentence, headers={"retry-after": "1"})
            case Mismatch():
                raise BadRequest(
                    422, "idempotency_mismatch", "This Idempotency-Key came before with another body; send a new key with a new request."
                )
            case Fresh():
                return await _done(kept, slot, asked, _going_on(operation, asked, work) if found.left else work)
        assert_never(found)

    return once


def _going_on(operation: Operation, asked: Asked, work: Work) -> Work:
    """The work of a request whose first process died: where that one had done it, its outcome is the reply and no conflict."""

    async def going_on() -> Response[Any]:
        try:
            return await work()
        except Conflict:
            reply = await operation.outcome(asked) if operation.outcome is not None else None
            if reply is None:
                raise
            return reply

    return going_on


async def _done(kept: Idempotency, slot: Slot, asked: Asked, work: Work) -> Response[Any]:
    """The reply, kept where the same request could not end otherwise; the key is free again where it could."""
    keep = False
    try:
        try:
            reply = await work()
            keep = True
        except StorehandError as error:
            reply = answer(asked.request, error)
            keep = not error.retriable and error.status < 500
        if keep:
            await kept.end(slot, status=int(reply.status_code or 200), headers=_headers(reply), body=reply.content)
        return reply
    finally:
        if not keep:
            await kept.forget(slot)


def _slot(asked: Asked) -> Slot:
    key = asked.request.headers["idempotency-key"]
    if not _KEY.fullmatch(key):
        raise BadRequest(400, "bad_parameter", "An Idempotency-Key has 1 to 255 visible ASCII characters.")
    endpoint = f"{asked.request.method} {asked.request.url.path}"[:400]
    return Slot(asked.principal.shop, asked.principal.id, endpoint, key)


def _headers(reply: Response[Any]) -> dict[str, str]:
    kept = {name: value for name, value in reply.headers.items() if name.lower() in _KEPT_HEADERS}
    return {**kept, "content-type": str(reply.media_type)}

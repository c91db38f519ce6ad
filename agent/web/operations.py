"""One table from which both the routes and the OpenAPI document are made, so that neither can say what the other does not do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from pydantic import BaseModel

from agent.errors import NoKey, NotAllowed
from agent.ledger.keys import Keys
from agent.records import Principal, Scope
from agent.web.wire import MOST_BYTES, BadRequest, Call, checked, json_of

Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One authenticated call, with its body checked."""

    request: Call
    principal: Principal
    body: Any = None

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    where: Literal["query", "header"]
    schema: Mapping[str, Any]
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A reply an operation can give when all is well."""

    description: str
    type: Any = None
    """What pydantic can make a schema of; None for no body."""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    id: str
    method: Method
    path: str
    """With `{name}` for what varies."""
    summary: str
    tag: str
    scope: Scope
    run: Callable[[Asked], Awaitable[Response[Any]]]
    replies: Mapping[int, Answered]
    body: type[BaseModel] | None = None
    any_body: bool = False
    """The body is JSON whose schema depends on the path; `run` checks it."""
    body_optional: bool = False
    example: Any = None
    """Of the body."""
    parameters: Sequence[Parameter] = ()
    problems: Sequence[int] = ()
    """Statuses it can fail with beyond those that follow from what it takes."""
    idempotent: bool = False
    """A POST that honours Idempotency-Key."""


Once = Callable[[Operation, Asked, bytes, Callable[[], Awaitable[Response[Any]]]], Awaitable[Response[Any]]]
"""Runs the work at most once per idempotency key and gives the kept reply for a repeat."""


def route(operation: Operation, keys: Keys, once: Once | None = None) -> HTTPRouteHandler:
    """The Litestar handler of one operation."""

    async def handle(request: Request[Any, Any, Any]) -> Response[Any]:
        principal = await principal_of(request, keys)
        if not principal.may(operation.scope):
            raise NotAllowed(f"This needs a key with the scope `{operation.scope}`; this key has not got it.")
        asked = Asked(request=request, principal=principal, body=await _body(operation, request))
        if once is None or not operation.idempotent or "idempotency-key" not in request.headers:
            return await operation.run(asked)
        return await once(operation, asked, await request.body(), lambda: operation.run(asked))

    return HTTPRouteHandler(
        operation.path.replace("}", ":str}"),
        http_method=operation.method,
        status_code=200,
        request_max_body_size=MOST_BYTES,
        name=operation.id,
    )(handle)


async def principal_of(request: Call, keys: Keys) -> Principal:
    """Whose key came along.

    Raises:
        NoKey: None did, or it is not good.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NoKey("Send a key as `Authorization: Bearer sk_sh_…`; `storehand keys create` makes one.")
    return await keys.verify(secret.strip())


async def _body(operation: Operation, request: Call) -> Any:
    if operation.body is None and not operation.any_body:
        return None
    if operation.body_optional and not await request.body():
        value: Any = {}
    else:
        value = await json_of(request)
    if operation.body is not None:
        return checked(operation.body, value)
    if not isinstance(value, dict):
        raise BadRequest(422, "invalid_body", "The body is a JSON object.", [{"pointer": "", "detail": "not an object"}])
    return value

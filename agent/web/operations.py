"""One table from which both the routes and the OpenAPI document are made, so that neither can say what the other does not do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, Literal
from urllib.parse import parse_qsl

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from pydantic import BaseModel

from agent.errors import NotAllowed, RateLimited
from agent.ledger.keys import Keys
from agent.records import Principal, Scope
from agent.web.bearer import bearer
from agent.web.headers import say_with
from agent.web.pace import Pace
from agent.web.wire import MOST_BYTES, BadRequest, Call, checked, json_of

Method = Literal["GET", "POST"]

VERSION = "2026-11-22"
"""Of the API, by date. Fields are added within a version; one that changes or goes makes a new version, with `Sunset` on the old."""
VERSION_HEADER = "Storehand-Version"


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
    data: Mapping[str, Any] = field(default_factory=dict)
    """Of a stream: an event's type to what its `data` is, where a record says it."""
    headers: Sequence[str] = ()
    """That it always has, beside those that every reply has (see `openapi_headers`)."""
    columns: Sequence[str] = ()
    """Of the table that it is with `Accept: text/csv`; none where it is none."""
    links: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What can be done next: an operation's id to the values of its path, by JSON pointers into this reply."""


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
    parameters: Sequence[Parameter] = ()
    problems: Sequence[int] = ()
    """Statuses it can fail with beyond those that follow from what it takes."""
    most_bytes: int = MOST_BYTES
    """Of its body."""
    idempotent: bool = False
    """A POST that honours Idempotency-Key."""
    outcome: Callable[[Asked], Awaitable[Response[Any] | None]] | None = None
    """The reply to what was carried out already, by a process that died before it answered; None where it was not."""
    deprecated: date | None = None
    """Since when nobody should begin to use it."""
    sunset: date | None = None
    """When it will be gone."""


Once = Callable[[Operation, Asked, bytes, Callable[[], Awaitable[Response[Any]]]], Awaitable[Response[Any]]]
"""Runs the work at most once per idempotency key and gives the kept reply for a repeat."""


def route(operation: Operation, keys: Keys, once: Once | None = None, pace: Pace | None = None) -> HTTPRouteHandler:
    """The Litestar handler of one operation."""
    about = {VERSION_HEADER.lower(): VERSION, **_going(operation)}

    async def handle(request: Request[Any, Any, Any]) -> Response[Any]:
        say_with(request.scope, about)
        _check_version(request)
        principal = await principal_of(request, keys)
        if pace is not None:
            say_with(request.scope, _paced(pace, principal, request))
        if not principal.may(operation.scope):
            raise NotAllowed(f"This needs a key with the scope `{operation.scope}`; this key has not got it.")
        _check_query(operation, request)
        _check_headers(operation, request)
        asked = Asked(request=request, principal=principal, body=await _body(operation, request))
        if once is None or not operation.idempotent or "idempotency-key" not in request.headers:
            return await operation.run(asked)
        return await once(operation, asked, await request.body(), lambda: operation.run(asked))

    return HTTPRouteHandler(
        operation.path.replace("}", ":str}"),
        http_method=operation.method,
        status_code=200,
        request_max_body_size=operation.most_bytes,
        name=operation.id,
    )(handle)


def options_route(path: str, methods: Sequence[Method]) -> HTTPRouteHandler:
    """What may be sent to an address. Litestar's own answer knows only the first operation there (2.25, read 2026-11-22)."""
    allow = ", ".join([*sorted(methods), "OPTIONS"])

    async def options() -> Response[Any]:
        return Response(None, status_code=204, headers={"allow": allow})

    return HTTPRouteHandler(path.replace("}", ":str}"), http_method="OPTIONS", status_code=200)(options)


def _paced(pace: Pace, principal: Principal, request: Call) -> Mapping[str, str]:
    try:
        return pace.take(principal.id)
    except RateLimited:
        say_with(request.scope, pace.headers(principal.id))
        raise


def _check_version(request: Call) -> None:
    asked = request.headers.get(VERSION_HEADER)
    if asked is not None and asked != VERSION:
        raise BadRequest(400, "unknown_version", f"There is no version `{asked[:40]}` of this API; there is {VERSION}.")


def _going(operation: Operation) -> dict[str, str]:
    """What a caller is told of an operation that will go (RFC 9745 and RFC 8594)."""
    told = {}
    if operation.deprecated is not None:
        told["deprecation"] = f"@{_midnight(operation.deprecated).timestamp():.0f}"
    if operation.sunset is not None:
        told["sunset"] = format_datetime(_midnight(operation.sunset), usegmt=True)
    return told


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _check_query(operation: Operation, request: Call) -> None:
    """
    Raises:
        BadRequest: A value in the address is none that the document names, comes twice, is empty where it may not be, or too long. What it
            means is the operation's to read.
    """
    # As it was sent: Litestar reads some words, such as null, as values.
    given = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    known = [parameter.name for parameter in operation.parameters if parameter.where == "query"]
    if unknown := [name for name, _ in given if name not in known]:
        there = f"there are {', '.join(known)}" if known else "this operation takes none"
        raise BadRequest(400, "bad_parameter", f"There is no parameter `{unknown[0][:40]}` in the address; {there}.")
    for parameter in operation.parameters:
        values = [value for name, value in given if name == parameter.name and parameter.where == "query"]
        if not values:
            continue
        sent = values[0]
        if len(values) > 1:
            raise BadRequest(400, "bad_parameter", f"`{parameter.name}` comes more than once.")
        if parameter.schema.get("type") == "boolean" and sent not in ("true", "false"):
            raise BadRequest(400, "bad_parameter", f"`{parameter.name}` is true or false.")
        is_text = parameter.schema.get("type") == "string" and "enum" not in parameter.schema
        if not sent and not is_text:
            raise BadRequest(400, "bad_parameter", f"`{parameter.name}` is empty; leave it out.")
        _check_length(parameter, sent)


def _check_headers(operation: Operation, request: Call) -> None:
    """
    Raises:
        BadRequest: A header is shorter or longer than the document says.
    """
    for parameter in operation.parameters:
        if parameter.where == "header" and (sent := request.headers.get(parameter.name)) is not None:
            _check_length(parameter, sent)


def _check_length(parameter: Parameter, sent: str) -> None:
    if not parameter.schema.get("minLength", 0) <= len(sent) <= parameter.schema.get("maxLength", len(sent)):
        raise BadRequest(400, "bad_parameter", f"`{parameter.name}` is too short or too long.")


async def principal_of(request: Call, keys: Keys) -> Principal:
    """Whose key came along.

    Raises:
        NoKey: None did, or it is not good.
    """
    return await bearer(request.headers.get("authorization", ""), keys)


async def _body(operation: Operation, request: Call) -> Any:
    if operation.body is None and not operation.any_body:
        return None
    if operation.body_optional and not await request.body():
        value: Any = {}
    else:
        value = await json_of(request)
    if operation.body is not None:
        return checked(operation.body, value, strict=True)
    if not isinstance(value, dict):
        raise BadRequest(422, "invalid_body", "The body is a JSON object.", [{"pointer": "", "detail": "not an object"}])
    return value

"""Whatever goes wrong in a handler, as application/problem+json."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from agent.web.faults import MEDIA_TYPE, Fault, Problem, fault_of, fault_of_address
from agent.web.headers import request_id
from agent.web.wire import BadRequest, Call

_DOCUMENT = "/schema/openapi.json"


def problem_of(error: Exception, request: Call) -> tuple[Problem, Mapping[str, Any], dict[str, str]]:
    """The problem, what else a program may want to know, and headers to send along."""
    fault = _fault(error, request)
    return fault.at(request.url.path, request_id(request.scope)), fault.facts, fault.headers


def answer(request: Call, error: Exception) -> Response[bytes]:
    """The problem as a reply."""
    fault = _fault(error, request)
    body = fault.written(request.url.path, request_id(request.scope))
    return Response(body, status_code=fault.status, media_type=MEDIA_TYPE, headers=fault.headers)


def _fault(error: Exception, request: Call) -> Fault:
    if isinstance(error, BadRequest):
        facts = {"errors": error.errors} if error.errors else {}
        title = HTTPStatus(error.status).phrase
        return Fault(status=error.status, code=error.code, title=title, detail=error.detail, facts=facts, headers=error.headers)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return fault_of_address(error.status_code, error.headers or {}, most=_most(request), document=_document(request))
    return fault_of(error)


def _document(request: Call) -> str | None:
    """Where this application describes its addresses: the panel can be served without the API."""
    return _DOCUMENT if any(route.path == _DOCUMENT for route in request.app.routes) else None


def _most(request: Call) -> int | None:
    """Bytes that a body may have at the address that was found; None where none was found, or no limit is."""
    found = request.scope.get("route_handler")
    return found.resolve_request_max_body_size() if isinstance(found, HTTPRouteHandler) else None

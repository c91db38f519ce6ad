"""Whatever goes wrong, as application/problem+json (RFC 9457): a stable code for programs, a sentence for people, no traceback."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from agent.errors import NoKey, StorehandError
from agent.records import to_json
from agent.web.wire import BadRequest, Call, request_id

MEDIA_TYPE = "application/problem+json"
_CODES = {400: "bad_request", 401: "no_key", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_log = logging.getLogger("storehand.web")


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What every error answers with."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str


def problem_of(error: Exception, request: Call) -> tuple[Problem, Mapping[str, Any], dict[str, str]]:
    """The problem, what else a program may want to know, and headers to send along."""
    status, code, title, detail, facts, headers = _described(error)
    shown = Problem(
        type=f"urn:storehand:problem:{code}",
        title=title,
        status=status,
        detail=detail,
        instance=request.url.path,
        code=code,
        request_id=request_id(request.scope),
    )
    return shown, facts, headers


def answer(request: Call, error: Exception) -> Response[bytes]:
    """The problem as a reply."""
    shown, facts, headers = problem_of(error, request)
    body = {**to_json(facts), **msgspec.to_builtins(shown)}  # a fact never takes the place of a field of the problem
    return Response(msgspec.json.encode(body), status_code=shown.status, media_type=MEDIA_TYPE, headers=headers)


_Described = tuple[int, str, str, str, Mapping[str, Any], dict[str, str]]


def _described(error: Exception) -> _Described:
    if isinstance(error, BadRequest):
        return (
            error.status,
            error.code,
            HTTPStatus(error.status).phrase,
            error.detail,
            {"errors": error.errors} if error.errors else {},
            error.headers,
        )
    if isinstance(error, StorehandError):
        return _storehand(error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _litestar(error)
    # The kind and the place are enough to find it; the message may hold what a customer wrote.
    _log.error("unexpected %s", type(error).__name__, exc_info=_without_message(error))
    return 500, "internal", "Something went wrong in Storehand", "This is a fault of Storehand's; nothing more was done. It is logged.", {}, {}


def _storehand(error: StorehandError) -> _Described:
    headers = {}
    if isinstance(error, NoKey):
        headers["www-authenticate"] = 'Bearer realm="storehand"'
    wait = getattr(error, "retry_after_s", None)
    if wait is not None:
        headers["retry-after"] = str(max(1, round(wait)))
    elif error.status == 503:
        headers["retry-after"] = "5"
    return error.status, error.code, error.title, str(error), {"retriable": error.retriable, **error.facts}, headers


def _litestar(error: HTTPException) -> _Described:
    status = error.status_code
    sentences = {
        404: "There is nothing at this address.",
        405: "This address does not take that method.",
        413: "The body is larger than 1 MB.",
    }
    code = _CODES.get(status, "bad_request")
    allow = {name.lower(): value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    return status, code, HTTPStatus(status).phrase, sentences.get(status, "The request cannot be read."), {}, allow


def _without_message(error: Exception) -> tuple[type[Exception], Exception, Any]:
    return type(error), type(error).__new__(type(error)), error.__traceback__

"""What went wrong, as RFC 9457 has it: a stable code for programs, a sentence for people, no traceback. On ASGI itself, as `agent.web.headers`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

from agent.errors import NoKey, StorehandError

MEDIA_TYPE = "application/problem+json"
_CODES = {400: "bad_request", 401: "no_key", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
_SENTENCES = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is said of an error, wherever it happened."""

    status: int
    code: str
    title: str
    detail: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else a program may want to know."""
    headers: dict[str, str] = field(default_factory=dict)

    def at(self, path: str, request_id: str) -> Problem:
        return Problem(
            type=f"urn:storehand:problem:{self.code}", title=self.title, status=self.status, detail=self.detail, instance=path, code=self.code,
            request_id=request_id,
        )  # fmt: skip

    def written(self, path: str, request_id: str) -> bytes:
        """The body of the reply; a fact never takes the place of a field of the problem."""
        from agent.records import to_json  # it knows every record there is: the gateway alone has no use for them until something fails

        return msgspec.json.encode({**to_json(self.facts), **msgspec.to_builtins(self.at(path, request_id))})


def fault_of(error: Exception) -> Fault:
    """What is said of one of our own errors; of any other that it is a fault of Storehand's."""
    if isinstance(error, StorehandError):
        return _storehand(error)
    # The kind and the place are enough to find it; the message may hold what a customer wrote.
    _log.error("unexpected %s", type(error).__name__, exc_info=_without_message(error))
    detail = "This is a fault of Storehand's; nothing more was done. It is logged."
    return Fault(status=500, code="internal", title="Something went wrong in Storehand", detail=detail)


def too_large(most: int) -> str:
    """
    Args:
        most: Bytes that a body may have at that address.
    """
    return f"The body is larger than {f'{most / 1_000_000:.6f}'.rstrip('0').rstrip('.')} MB."


def fault_of_address(status: int, headers: Mapping[str, str], *, most: int | None = None, document: str | None = None) -> Fault:
    """What is said where no operation was reached.

    Args:
        headers: Of which `Allow` is sent along.
        most: Bytes that a body may have there; None where it has no end.
        document: The address that says what there is; None where none is served.
    """
    detail = too_large(most) if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and most else _SENTENCES.get(status, "The request cannot be read.")
    allow = {name.lower(): value for name, value in headers.items() if name.lower() == "allow"}
    if status == HTTPStatus.NOT_FOUND and document:
        detail = f"{detail.removesuffix('.')}; {document} says what there is."
    if allow:
        detail = f"{detail.removesuffix('.')}; it takes {allow['allow']}."
    return Fault(
        status=status, code=_CODES.get(status, "bad_request"), title=HTTPStatus(status).phrase.capitalize(),
        detail=detail, headers=allow,
    )  # fmt: skip


def _storehand(error: StorehandError) -> Fault:
    headers = {}
    if isinstance(error, NoKey):
        headers["www-authenticate"] = 'Bearer realm="storehand"'
    wait = getattr(error, "retry_after_s", None)
    if wait is not None:
        headers["retry-after"] = str(max(1, round(wait)))
    elif error.status == 503:
        headers["retry-after"] = "5"
    return Fault(
        status=error.status, code=error.code, title=error.title, detail=str(error), facts={"retriable": error.retriable, **error.facts},
        headers=headers,
    )  # fmt: skip


def _without_message(error: Exception) -> tuple[type[Exception], Exception, Any]:
    return type(error), type(error).__new__(type(error)), error.__traceback__

"""What every operation is made of: a call, its reply as a model, and the errors it can end with."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic_core import to_jsonable_python

T = TypeVar("T")
AGAIN = frozenset({429, 502, 503, 504})
"""Statuses after which the same call may go well."""


class Model(BaseModel):
    """A record of the API. Fields that a newer server adds are kept."""

    model_config = ConfigDict(extra="allow", frozen=True)


class StorehandError(Exception):
    """Something the server answered other than what was asked for."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status, self.problem = status, problem
        self.code = str(problem.get("code", "unknown"))
        self.request_id = problem.get("request_id")
        super().__init__(str(problem.get("detail") or f"the server answered {status}"))


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    query: Mapping[str, Any]
    body: Mapping[str, Any] | None
    key: str | None
    """Under which the server does it once, however often it is sent; None for a call that has no such thing."""

    @property
    def may_be_sent_again(self) -> bool:
        return self.method == "GET" or self.key is not None

    def headers(self) -> dict[str, str]:
        return {"idempotency-key": self.key} if self.key else {}


def failed(reply: httpx.Response) -> StorehandError | None:
    if reply.is_success:
        return None
    is_json = "json" in reply.headers.get("content-type", "")
    return StorehandError(reply.status_code, reply.json() if is_json else {"detail": reply.text[:500]})


def wait_before(tried: int, error: StorehandError | httpx.TransportError, call: Call, retry_after: str | None) -> float | None:
    """Seconds until the call may be sent again; None when it may not."""
    if not call.may_be_sent_again:
        return None
    if isinstance(error, StorehandError) and error.status not in AGAIN and error.code != "idempotency_in_flight":
        return None
    if retry_after is not None and retry_after.isdigit():
        return float(retry_after)
    return float(min(8.0, 0.25 * 2**tried) * random.uniform(0.5, 1.0))


def read(type_: type[T], data: bytes) -> T:
    made: T = _adapter(type_).validate_json(data)  # type: ignore[arg-type]  # mypy takes a class for unhashable
    return made


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def some(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it, without what was not given."""
    return {name: to_jsonable_python(value, exclude_none=True) for name, value in values.items() if value is not None}


def segment(value: str) -> str:
    return quote(value, safe="")


def new_key() -> str:
    return uuid.uuid4().hex

"""HTTP in the small: JSON in and out. No rule of business is here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agent.misfits import remedy
from agent.records import to_json

Model = TypeVar("Model", bound=BaseModel)
Call = Request[Any, Any, Any]

MOST_BYTES = 1_000_000
MOST_TOLD = 8
"""Faults of a body that its problem's sentence tells; its `errors` has them all."""
_TRIED = re.compile(r"[\[(]|^constrained-")
"""In a name that pydantic gives a kind of value, such as `list[constrained-str]`; in no field's name."""


class BadRequest(Exception):
    """What came is not what this operation takes."""

    def __init__(
        self, status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self.status, self.code, self.detail, self.errors, self.headers = status, code, detail, errors, headers or {}
        super().__init__(detail)


async def body_of(request: Call, model: type[Model]) -> Model:
    """The request's JSON as `model`.

    Raises:
        BadRequest: Not JSON (400, 415), or not this model's (422); says where.
    """
    return checked(model, await json_of(request))


async def json_of(request: Call) -> Any:
    """
    Raises:
        BadRequest: The body is not JSON, or does not say that it is.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    raw = await request.body()
    if kind != "application/json" and not kind.endswith("+json"):
        raise BadRequest(415, "unsupported_media_type", "Send JSON with the header Content-Type: application/json.")
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise BadRequest(400, "not_json", f"The body is not JSON: {_why_not(error) if raw else 'it is empty'}.") from None


def checked(model: type[Model], value: Any, *, context: dict[str, Any] | None = None, strict: bool = False) -> Model:
    """
    Args:
        strict: Take JSON's kinds as they are: true is no number and "1" is none either. What the document says, no more.

    Raises:
        BadRequest: 422, with a JSON pointer and a sentence for each fault. What was sent is not repeated.
    """
    try:
        if strict:
            return model.model_validate_json(msgspec.json.encode(value), strict=True, context=context)
        return model.model_validate(value, context=context)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        # A union tells a fault for each kind it tried: what is wrong with a place is told once, with all that would be right there.
        told: dict[str, dict[str, None]] = {}
        for fault in faults:
            told.setdefault(_pointer(fault["loc"], value), {})[_told(fault, model)] = None
        errors = [{"pointer": pointer, "detail": "; or: ".join(details)} for pointer, details in told.items()]
        raise BadRequest(422, "invalid_body", _sentences(errors), errors) from None


def _sentences(errors: Sequence[Mapping[str, str]]) -> str:
    """All faults for people, who may see the detail alone; of a long list how many more `errors` tells."""
    told = [f"{each['pointer'] or 'The body'}: {each['detail']}." for each in errors[:MOST_TOLD]]
    more = len(errors) - len(told)
    return " ".join([*told, f"And {more} more: see `errors`."] if more else told)


def _why_not(error: Exception) -> str:
    """What is wrong with the bytes, and where; nothing of what they say."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "a text in it is not UTF-8"
    return str(error).removeprefix("JSON is malformed: ").replace("Input data was truncated", "it ends too early")


def _told(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """What to give instead; of a field that is not there, those there are."""
    if fault["type"] == "extra_forbidden":
        known = f"; there are {', '.join(model.model_fields)}" if len(fault["loc"]) == 1 and model.model_fields else ""
        return f"There is no such field{known}"
    return remedy(fault)


def json_reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(msgspec.json.encode(to_json(value)), status_code=status, media_type="application/json", headers=headers)


def _pointer(location: tuple[int | str, ...], value: Any) -> str:
    """The place in what was sent. Pydantic adds which kind of a union it tried, and that is no place; a missing field is one, at the end."""
    steps = []
    for step in location:
        if isinstance(value, Mapping) and (step in value or (step == location[-1] and not _TRIED.search(str(step)))):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            continue
        steps.append("/" + str(step).replace("~", "~0").replace("/", "~1"))
    return "".join(steps)

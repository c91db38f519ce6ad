"""What lists and their questions have in common: pages with a cursor, whole numbers and flags in the address."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from litestar import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agent.sdk import Page
from agent.web.operations import Asked, Parameter
from agent.web.wire import BadRequest, json_reply

T = TypeVar("T")

MOST_PAGE = 200

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Body(BaseModel):
    """What a caller sends: nothing that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Listed(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = Field(description="Pass it back as `cursor` for what follows; null at the end.")


PAGE = (
    Parameter(name="limit", where="query", schema={"type": "integer", "minimum": 1, "maximum": MOST_PAGE, "default": 50}, description="Most items."),
    Parameter(name="cursor", where="query", schema={"type": "string", "maxLength": 500}, description="`next` of the page before."),
)


def list_reply(page: Page[Any]) -> Response[Any]:
    return json_reply({"items": page.items, "next": page.next})


def page_of(asked: Asked) -> tuple[int, str | None]:
    return integer(asked.query("limit") or "50", "limit", 1, MOST_PAGE), asked.query("cursor")


def integer(text: str, name: str, least: int, most: int) -> int:
    if text.isascii() and text.isdigit() and len(text) < 17 and least <= int(text) <= most:
        return int(text)
    raise BadRequest(400, "bad_parameter", f"`{name}` is a whole number from {least} to {most}.")


def flag(asked: Asked, name: str) -> bool:
    sent = asked.query(name) or "false"
    if sent not in ("true", "false"):
        raise BadRequest(400, "bad_parameter", f"`{name}` is true or false.")
    return sent == "true"

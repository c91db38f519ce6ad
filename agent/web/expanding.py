"""`expand`: the replies of the runs that a list's items stand for, beside the list, so that a program need not ask for each of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from litestar import Response
from pydantic import Field

from agent.errors import NotFound
from agent.records import Reply
from agent.sdk import Page
from agent.web.lists import Listed, list_reply
from agent.web.operations import Asked, Parameter
from agent.web.port import ServicePort
from agent.web.wire import BadRequest, json_reply

T = TypeVar("T")

MOST_EXPANDED = 50
"""Items of a page whose runs are told whole; the rest is on the next one."""


class WithReplies(Listed[T], Generic[T]):
    expanded: dict[str, Reply] | None = Field(
        default=None, description="With `expand`: each run that an item names, by its id; one whose words were deleted is left out."
    )


def expand(name: str) -> Parameter:
    """
    Args:
        name: The field of an item that names a run.
    """
    return Parameter(
        name="expand", where="query", schema={"type": "string", "enum": [name]},
        description=f"`{name}`: the runs themselves come along in `expanded`, by id. A page has at most {MOST_EXPANDED} items then.",
    )  # fmt: skip


def expands(asked: Asked, name: str) -> bool:
    """
    Raises:
        BadRequest: Something is to be expanded that is not there.
    """
    sent = asked.query("expand")
    if sent not in (None, name):
        raise BadRequest(400, "bad_parameter", f"`expand` is `{name}`, or left out.")
    return sent is not None


async def listed(service: ServicePort, asked: Asked, page: Page[T], run_of: Callable[[T], str | None] | None) -> Response[bytes]:
    """
    Args:
        run_of: The id of the run that an item names; None for a list of the items alone.
    """
    if run_of is None:
        return list_reply(page)
    found: dict[str, Reply] = {}
    for id in dict.fromkeys(id for item in page.items if (id := run_of(item)) is not None):
        with suppress(NotFound):
            found[id] = await service.reply(id, asked.principal)
    return json_reply({"items": page.items, "next": page.next, "expanded": found})

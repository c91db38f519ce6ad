"""Cursors: where a list went on, as the last row's place in its order. Rows that come meanwhile neither repeat nor hide others."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, and_, or_

from agent.errors import Invalid

Order = Sequence[tuple[ColumnElement[Any], Literal["up", "down"]]]
"""Columns that order a list, none of them NULL, the last one unique."""
MOST = 1000
"""Largest page."""


def page_size(limit: int) -> int:
    if limit < 1:
        raise Invalid("A page has at least 1 row.", field="limit")
    return min(limit, MOST)


def cursor_after(listing: str, place: Sequence[Any]) -> str:
    """
    Args:
        listing: Name of the list and its order; a cursor of another list is refused.
        place: The last row's values in the order's columns.
    """
    return base64.urlsafe_b64encode(msgspec.json.encode([listing, *(_plain(value) for value in place)])).decode().rstrip("=")


def place_in(cursor: str, listing: str, width: int) -> list[Any]:
    """Raises: Invalid: It is no cursor, or of another list."""
    try:
        values = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not (isinstance(values, list) and len(values) == width + 1 and values[0] == listing):
            raise ValueError(cursor)
        return [_value(value) for value in values[1:]]
    except (ValueError, TypeError, binascii.Error, msgspec.DecodeError) as error:
        raise Invalid("That cursor is not of this list; begin without one.", field="cursor") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):  # what Postgres makes of a sum of integers
        return int(value)
    return ["t", value.isoformat()] if isinstance(value, datetime) else value


def _value(value: Any) -> Any:
    if isinstance(value, list):
        kind, text = value
        moment = datetime.fromisoformat(text)
        if kind != "t" or moment.tzinfo is None:
            raise ValueError(text)
        return moment
    if value is None or isinstance(value, bool | dict | float):
        raise ValueError(value)
    return value


def beyond(order: Order, place: Sequence[Any]) -> ColumnElement[bool]:
    """Rows that come after the place: (a, b) > (x, y), each column in its own direction."""
    ways = []
    for i, (column, direction) in enumerate(order):
        same = [earlier == place[j] for j, (earlier, _) in enumerate(order[:i])]
        ways.append(and_(*same, column > place[i] if direction == "up" else column < place[i]))
    return or_(*ways)


def sorted_by(order: Order) -> list[ColumnElement[Any]]:
    return [column.asc() if direction == "up" else column.desc() for column, direction in order]

"""`Between` as conditions of SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from agent.errors import Invalid
from agent.sdk.refs import Between, Money


def in_range(column: ColumnElement[Any], range: Between[int]) -> list[ColumnElement[bool]]:
    return _bounds(column, range.at_least, range.above, range.at_most, range.below)


def minor_range(column: ColumnElement[Any], range: Between[Money], currency: str) -> list[ColumnElement[bool]]:
    """Raises: Invalid: The amounts are not in the shop's currency."""
    amounts = (range.at_least, range.above, range.at_most, range.below)
    if other := next((a.currency for a in amounts if a is not None and a.currency != currency), None):
        raise Invalid(f"This shop counts in {currency}, not in {other}.", field="currency")
    return _bounds(column, *(None if a is None else a.minor for a in amounts))


def _bounds(column: ColumnElement[Any], at_least: int | None, above: int | None, at_most: int | None, below: int | None) -> list[ColumnElement[bool]]:
    bounds: list[ColumnElement[bool]] = []
    if at_least is not None:
        bounds.append(column >= at_least)
    if above is not None:
        bounds.append(column > above)
    if at_most is not None:
        bounds.append(column <= at_most)
    if below is not None:
        bounds.append(column < below)
    return bounds

"""A product's attributes: name to values, kept in one column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from agent.errors import StoreRefused
from agent.stores.embedded.schema import PRODUCTS

MOST_VALUES, LONGEST_NAME, LONGEST_VALUE, MOST_ATTRIBUTES = 20, 60, 255, 50


def attribute_of(session: Session, product: int, name: str) -> list[str] | None:
    """Its values; None where the product has no such attribute."""
    found = _all(session, product).get(_checked_name(name))
    return list(found) if found else None


def put_attribute(session: Session, product: int, name: str, values: Any) -> None:
    """The attribute gets these values; without any it goes.

    Raises:
        StoreRefused: The name or a value is not one line of text, or there are too many.
    """
    kept = {known: list(of) for known, of in _all(session, product).items() if known != _checked_name(name)}
    if values is not None:
        kept[name] = _checked_values(name, values)
    session.execute(update(PRODUCTS).where(PRODUCTS.c.id == product).values(attributes=checked_attributes(kept)))


def checked_attributes(attributes: Any) -> dict[str, list[str]]:
    """By name, as they are stored.

    Raises:
        StoreRefused: They are not names with lists of text, or too many.
    """
    if not isinstance(attributes, Mapping) or len(attributes) > MOST_ATTRIBUTES:
        raise StoreRefused(f"Attributes are at most {MOST_ATTRIBUTES} names, each with its values.")
    return {_checked_name(name): _checked_values(name, attributes[name]) for name in sorted(attributes, key=str)}


def _all(session: Session, product: int) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = session.execute(select(PRODUCTS.c.attributes).where(PRODUCTS.c.id == product)).scalar_one()
    return found


def _checked_name(name: Any) -> str:
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name.strip()) <= LONGEST_NAME:
        raise StoreRefused(f"The name of an attribute is one line of 1 to {LONGEST_NAME} characters.")
    return name


def _checked_values(name: str, values: Any) -> list[str]:
    if not isinstance(values, list | tuple) or not 0 < len(values) <= MOST_VALUES:
        raise StoreRefused(f"`{name}` has 1 to {MOST_VALUES} values.")
    if any(not isinstance(one, str) or not one.isprintable() or not 0 < len(one.strip()) <= LONGEST_VALUE for one in values):
        raise StoreRefused(f"Each value of `{name}` is one line of 1 to {LONGEST_VALUE} characters.")
    return list(values)

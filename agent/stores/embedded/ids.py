"""Opaque ids for callers: a kind's prefix and the primary key. Another shop's id is well formed, and finds nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal

from sqlalchemy import ColumnElement, bindparam

IdKind = Literal["shop", "location", "product", "variant", "collection", "customer", "order", "line", "review", "message", "discount", "draft_order"]

PREFIXES: dict[IdKind, str] = {
    "shop": "shop", "location": "loc", "product": "p", "variant": "v", "collection": "col", "customer": "c", "order": "o", "line": "l",
    "review": "r", "message": "m", "discount": "d", "draft_order": "do",
}  # fmt: skip
_LARGEST = 2**63 - 1
MANY = 5_000
COMING, _ROOM = 2_100_000_000, 200
"""From this key on are records that are only shown as made: no shop comes to as many. Each has room for its variants."""


def public(kind: IdKind, key: int) -> str:
    return f"{PREFIXES[kind]}_{key}"


def key_of(kind: IdKind, id: str) -> int | None:
    """The primary key in an id; None where the text is no id of this kind, which then finds nothing."""
    prefix, _, digits = id.partition("_")
    if prefix != PREFIXES[kind] or not (digits.isascii() and digits.isdigit()) or len(digits) > 19 or digits != str(int(digits)):
        return None
    key = int(digits)
    return key if key <= _LARGEST else None


def keys_of(kind: IdKind, ids: Iterable[str]) -> list[int]:
    """The primary keys of the ids that are of this kind, in order, each once."""
    found = (key_of(kind, id) for id in ids)
    return list(dict.fromkeys(key for key in found if key is not None))


def among(column: ColumnElement[Any], keys: Collection[int]) -> ColumnElement[bool]:
    """The column is one of the keys, however many: SQLite takes 32,766 parameters and Postgres 65,535, so many are written out."""
    if len(keys) < MANY:
        return column.in_(keys)
    return column.in_(bindparam(None, list(keys), expanding=True, literal_execute=True, unique=True))


def coming(n: int) -> int:
    """The key of the nth record that is shown as made; its variants have the keys from there on."""
    return COMING + n * _ROOM


def whole_of(id: str) -> tuple[str, int | None]:
    """Of a variant that is shown as made, its product and its place there; any other id as it is."""
    key = key_of("variant", id)
    if key is None or key < COMING:
        return id, None
    place = (key - COMING) % _ROOM
    return public("product", key - place), place

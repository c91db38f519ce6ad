"""Comparing words as merchants write them, in SQL that SQLite and Postgres answer alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, func


def same_word(column: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """The column is one of the words, whatever the case.

    SQLite's lower() knows ASCII alone, so a word's usual spellings are put through the same lower() as the column: "århus" is found
    where "Århus" is kept.
    """
    spellings = {spelling for word in words for spelling in (word, word.lower(), word.upper(), word.title(), word.capitalize())}
    ascii_lower = {"".join(c.lower() if c.isascii() else c for c in spelling) for spelling in spellings} | {s.lower() for s in spellings}
    return func.lower(column).in_(sorted(ascii_lower))


def has_words(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """The column has this text somewhere in it, whatever the case."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{escaped}%", escape="\\")

"""Many rows at once: inserts with keys chosen here, so that rows can point at each other before they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from agent.stores.embedded.schema import table_of

BATCH = 10_000


def last_key(session: Session, model: type[SQLModel]) -> int:
    """The largest key in use, 0 in an empty table. Only inside a write, where nobody else takes the next one."""
    return int(session.execute(select(func.coalesce(func.max(table_of(model).c.id), 0))).scalar_one())


def insert_rows(session: Session, model: type[SQLModel], rows: Iterable[dict[str, Any]]) -> int:
    """Insert rows; what a row leaves out has the model's default. Returns how many there were."""
    statement, defaults, done, waiting = insert(table_of(model)), _defaults(model), 0, iter(rows)
    while batch := [{**defaults, **row} for row in islice(waiting, BATCH)]:
        session.execute(statement, batch)
        done += len(batch)
    if done and "id" in model.model_fields:
        _count_on(session, model)
    return done


def chunked(keys: Iterable[Any], size: int = 900) -> Iterator[list[Any]]:
    """Lists short enough for one statement's parameters."""
    waiting = iter(keys)
    while chunk := list(islice(waiting, size)):
        yield chunk


def _defaults(model: type[SQLModel]) -> dict[str, Any]:
    """Defaults of the columns, the same object for every row: they are only read."""
    fields = {name: field for name, field in model.model_fields.items() if name != "id"}
    return {name: field.get_default(call_default_factory=True) for name, field in fields.items() if not field.is_required()}


def _count_on(session: Session, model: type[SQLModel]) -> None:
    """Postgres counts keys apart from the table; tell it where the rows have got to."""
    if session.get_bind().dialect.name == "postgresql":
        name = table_of(model).name
        session.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))

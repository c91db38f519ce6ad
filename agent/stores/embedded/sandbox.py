"""A copy of the demo shop beside a shop, for programs that are being written: whatever they do there, the shop stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Integer, Table, delete
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from agent.db.engine import Database
from agent.sdk.store import ShopInfo
from agent.stores.embedded.demo.make import demo_rows, make_demo, store_rows
from agent.stores.embedded.shops import shop_key, shop_named

_SUFFIX = "-sandbox"
_SEED = 7
_STAY = frozenset({"api_keys", "people", "panel_sessions", "sign_in_links"})
"""Who may come in is no part of what is reset."""


def sandbox_of(db: Database, shop: str, *, today: date) -> ShopInfo:
    """The sandbox of the shop of that name, made when it is first asked for."""
    return make_demo(db, today=today, name=sandbox_name(shop))


def sandbox_name(shop: str) -> str:
    """The name of its sandbox; a sandbox is its own."""
    return shop if shop.endswith(_SUFFIX) else shop + _SUFFIX


def reset_sandbox(db: Database, shop: str, *, today: date) -> ShopInfo:
    """The sandbox of the shop of that name as it was made, in one transaction; also what was asked and changed there is gone.

    Raises:
        NotFound: It has none.
    """
    sandbox = shop_named(db, sandbox_name(shop))
    rows = demo_rows(seed=_SEED, today=today)

    def work(session: Session) -> None:
        _empty(session, sandbox.id)
        store_rows(session, shop_key(sandbox.id), rows, today)

    _without_checks(db, work)
    return shop_named(db, sandbox.name)


def _without_checks(db: Database, work: Callable[[Session], None]) -> None:
    """A write in which SQLite looks for no children of what is deleted: those go first anyway, and looking took minutes (20,000 orders)."""
    if not db.is_sqlite:
        db.write_now(work)
        return
    with db.engine.connect().execution_options(storehand_write=True) as connection:
        plain: Any = connection.connection.driver_connection
        plain.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin(), Session(connection) as session:
                work(session)
                session.flush()
        finally:
            plain.execute("PRAGMA foreign_keys=ON")


def _empty(session: Session, shop: str) -> None:
    for table in reversed(SQLModel.metadata.sorted_tables):
        if "shop_id" in table.c and table.name not in _STAY:
            session.execute(delete(table).where(table.c.shop_id == _key_in(table, shop)))


def _key_in(table: Table, shop: str) -> Any:
    """Tables of shops name a shop by its number, Storehand's own by its id."""
    return shop_key(shop) if isinstance(table.c.shop_id.type, Integer) else shop

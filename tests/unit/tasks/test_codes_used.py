"""Which discount codes were used in a time, against plain SQL on the demo shop's orders."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from agent.db.engine import Database, sqlite_url
from agent.sdk import Period
from agent.sdk.codes import uses_in
from agent.stores.embedded.shops import shop_named
from agent.stores.embedded.store import EmbeddedStore


def test_uses_are_the_orders_with_the_code_and_no_others(demo_data: Path) -> None:
    db = Database(sqlite_url(demo_data / "storehand.db"))
    period = Period(start=datetime(datetime.now(UTC).year - 1, 1, 1, tzinfo=UTC), end=datetime.now(UTC), label="since last year")
    counted = asyncio.run(uses_in(period, EmbeddedStore(db, shop_named(db, "demo").id)))
    db.close()
    with sqlite3.connect(demo_data / "storehand.db") as plain:
        rows = plain.execute(
            "select discount_code, count(*) from shop_order where discount_code is not null and cancelled_at is null and placed_at >= ? group by 1",
            [f"{period.start:%Y-%m-%d %H:%M:%S}"],
        ).fetchall()
    assert counted == dict(rows) and len(counted) > 1

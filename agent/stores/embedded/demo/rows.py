"""The generated shop before it is stored: rows per table, with keys that count from 1."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import SQLModel

from agent.db.goods import Collection, Product, Variant
from agent.db.orders import Order, OrderLine, Refund
from agent.db.people import Customer
from agent.db.shop import Location

KEYS: Mapping[str, type[SQLModel]] = {
    "product_id": Product,
    "variant_id": Variant,
    "location_id": Location,
    "collection_id": Collection,
    "customer_id": Customer,
    "order_id": Order,
    "order_line_id": OrderLine,
    "refund_id": Refund,
}
"""Which table a column points into."""
TAGGED: Mapping[str, type[SQLModel]] = {"product": Product, "customer": Customer, "order": Order}

Row = dict[str, Any]


class Rows:
    """Rows by table in the order they were made. `add` numbers those of tables with a key of their own."""

    def __init__(self) -> None:
        self.of: dict[type[SQLModel], list[Row]] = defaultdict(list)

    def add(self, table: type[SQLModel], **values: Any) -> Row:
        rows = self.of[table]
        if "id" in table.model_fields:
            values["id"] = len(rows) + 1
        rows.append(values)
        return values

    def digest(self) -> str:
        """The same for the same shop, whichever machine made it."""
        hashed = hashlib.sha256()
        for table, rows in sorted(self.of.items(), key=lambda item: str(item[0].__tablename__)):
            hashed.update(json.dumps([table.__tablename__, rows], sort_keys=True, ensure_ascii=False, default=_plain).encode())
        return hashed.hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a row holds a {type(value).__name__}")

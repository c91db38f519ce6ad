"""A shop's own records: what the embedded store keeps (with `agent.db.goods`, `agent.db.orders` and `agent.db.people`).

Every row has `shop_id`, and it is part of each unique key. Money is an integer of the shop's currency's minor unit.
Moments are UTC; orders and refunds also carry `day` and `month` in the shop's time zone (`local_day`), so that grouping by
time is integer arithmetic on an indexed column, on SQLite and Postgres alike.

Whoever adds orders or refunds in bulk fills the columns that are facts and then calls `agent.stores.embedded.books.post`, which
derives the rest: the columns marked "derived", and the table `Sale` that every figure is computed from.
"""

# No `from __future__ import annotations`: SQLModel reads the annotations when a class is made.

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


def local_day(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """`day` and `month` of a moment in the shop's time zone: the date's ordinal (day 1 was a Monday), and year * 100 + month."""
    return day_and_month(at.astimezone(zone).date())


def day_and_month(day: date) -> tuple[int, int]:
    return day.toordinal(), day.year * 100 + day.month


class Shop(SQLModel, table=True):
    __tablename__ = "shop"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    """What commands and keys call it: "demo"."""
    title: str = ""
    """What customers call it: "Fern & Tide"; empty when it is the name."""
    currency: str = Field(max_length=3)
    time_zone: str
    locale: str
    prices_include_tax: bool = True
    revenue: str = "net_sales"
    """The metric meant by the bare word revenue."""
    week_starts: str = "monday"
    fiscal_year_starts: int = 1
    """Month the fiscal year begins with, 1 to 12."""
    created_at: datetime = Field(sa_type=Moment)
    catalogue_version: int = 1
    """Moves with everything a merchant may call by name; `books.post` and every write move it."""


class Location(SQLModel, table=True):
    __tablename__ = "shop_location"
    __table_args__ = (UniqueConstraint("shop_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE")
    name: str
    position: int = 0
    """The lowest is the default."""


class WriteLog(SQLModel, table=True):
    """Idempotency keys of writes and what each answered."""

    __tablename__ = "shop_write"

    shop_id: int = Field(foreign_key="shop.id", ondelete="CASCADE", primary_key=True)
    key: str = Field(primary_key=True)
    digest: str
    """Of the change: the same key with another change is refused."""
    outcome: dict[str, Any] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=Moment)

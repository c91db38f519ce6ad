"""The shops of a database: each is a world of its own, made here and found by name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agent.db.engine import Database
from agent.errors import Invalid, NotFound
from agent.sdk.store import ShopInfo
from agent.stores.embedded.ids import key_of, public
from agent.stores.embedded.schema import LOCATIONS, SHOPS


def create_shop(
    db: Database,
    *,
    name: str,
    currency: str,
    time_zone: str,
    locale: str = "en-GB",
    prices_include_tax: bool = True,
    title: str = "",
    revenue: Literal["net_sales", "gross_sales", "total_sales"] = "net_sales",
    week_starts: Literal["monday", "sunday"] = "monday",
    fiscal_year_starts: int = 1,
    location: str = "Main",
) -> ShopInfo:
    """A new shop with one location and nothing in it.

    Args:
        name: What commands and keys call it; no two shops share one.
        location: Name of the place its stock is kept.

    Raises:
        Invalid: The name is taken, or a value is not what it says.
    """
    _check(name, currency, time_zone, locale, fiscal_year_starts)
    fields: dict[str, Any] = {
        "name": name, "title": title, "currency": currency, "time_zone": time_zone, "locale": locale, "prices_include_tax": prices_include_tax,
        "revenue": revenue, "week_starts": week_starts, "fiscal_year_starts": fiscal_year_starts, "created_at": datetime.now(UTC),
    }  # fmt: skip

    def work(session: Session) -> ShopInfo:
        key = session.execute(insert(SHOPS).values(**fields).returning(SHOPS.c.id)).scalar_one()
        session.execute(insert(LOCATIONS).values(shop_id=key, name=location))
        return shop_info(session, key)

    try:
        return db.write_now(work)
    except IntegrityError as error:
        raise Invalid(f"There is already a shop called “{name}”; choose another name.", field="name") from error


def set_fiscal_year(db: Database, name: str, month: int) -> ShopInfo:
    """The shop with a fiscal year that begins in that month.

    Raises:
        NotFound: There is no shop of that name.
        Invalid: There is no such month.
    """
    _check_month(month)
    key = shop_key(shop_named(db, name).id)

    def work(session: Session) -> ShopInfo:
        session.execute(update(SHOPS).where(SHOPS.c.id == key).values(fiscal_year_starts=month))
        return shop_info(session, key)

    return db.write_now(work)


def shops(db: Database) -> list[ShopInfo]:
    """Every shop, by name."""
    return db.read_now(lambda session: [_info(row) for row in session.execute(select(SHOPS).order_by(SHOPS.c.name)).mappings()])


def shop_named(db: Database, name: str) -> ShopInfo:
    """Raises: NotFound."""
    row = db.read_now(lambda session: session.execute(select(SHOPS).where(SHOPS.c.name == name)).mappings().one_or_none())
    if row is None:
        raise NotFound("shop", name)
    return _info(row)


def shop_key(shop_id: str) -> int:
    """The primary key of a shop's id, as importers need it for rows.

    Raises:
        NotFound: It is no shop's id.
    """
    key = key_of("shop", shop_id)
    if key is None:
        raise NotFound("shop")
    return key


def shop_info(session: Session, key: int) -> ShopInfo:
    row = session.execute(select(SHOPS).where(SHOPS.c.id == key)).mappings().one_or_none()
    if row is None:
        raise NotFound("shop")
    return _info(row)


def _info(row: RowMapping) -> ShopInfo:
    names = ("name", "currency", "time_zone", "locale", "prices_include_tax", "revenue", "week_starts", "fiscal_year_starts", "title")
    return ShopInfo(id=public("shop", row["id"]), **{name: row[name] for name in names})


def _check(name: str, currency: str, time_zone: str, locale: str, fiscal_year_starts: int) -> None:
    if not name.strip() or name != name.strip() or not name.isprintable():
        raise Invalid("A shop needs a name, without spaces around it.", field="name")
    if not is_currency(currency):
        raise Invalid(f"“{currency}” is no currency; write its ISO 4217 code, such as EUR.", field="currency")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"“{time_zone}” is no time zone; write its IANA name, such as Europe/Berlin.", field="time_zone") from error
    try:
        Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise Invalid(f"“{locale}” is no locale; write it like en-GB.", field="locale") from error
    _check_month(fiscal_year_starts)


def _check_month(fiscal_year_starts: int) -> None:
    if not 1 <= fiscal_year_starts <= 12:
        raise Invalid("A fiscal year starts with a month from 1 to 12.", field="fiscal_year_starts")

"""The books: what is derived from lines is the same however often, and in whatever order, it is derived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import RowMapping, Select, select, update
from sqlalchemy.orm import Session

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.stores.embedded.books import post
from agent.stores.embedded.schema import LINES, ORDERS, REFUND_LINES, REFUNDS, SALE_MONTHS, SALES
from agent.stores.embedded.shops import shop_key
from agent.testing.embedded_shop import StockedShop
from agent.testing.store_spec import ShopSpec, shops

GRAIN = ("month", "product_id", "channel", "country")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path_factory.mktemp("books") / "books.db"))
    upgrade(made)
    yield made
    made.close()


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(spec=shops())
def test_sums_by_month_equal_their_recomputation_from_the_lines(db: Database, spec: ShopSpec) -> None:
    check_months(db, shop_key(StockedShop(db, spec).store.shop.id))


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(spec=shops(), later=shops(), cancelled=st.integers(0, 7), line=st.integers(0, 30))
def test_sums_by_month_follow_what_comes_later_and_what_is_changed(db: Database, spec: ShopSpec, later: ShopSpec, cancelled: int, line: int) -> None:
    stocked = StockedShop(db, spec)
    shop = shop_key(stocked.store.shop.id)
    stocked.more(replace(later, orders=[replace(order, number=f"{order.number} again") for order in later.orders]))
    check_months(db, shop)

    def edit(session: Session) -> None:
        orders, lines = (list(session.execute(select(t.c.id).where(t.c.shop_id == shop).order_by(t.c.id)).scalars()) for t in (ORDERS, LINES))
        session.execute(update(ORDERS).where(ORDERS.c.id.in_(orders[cancelled : cancelled + 1])).values(cancelled_at=datetime.now(UTC)))
        session.execute(update(LINES).where(LINES.c.id.in_(lines[line : line + 1])).values(quantity=LINES.c.quantity + 3))
        post(session, shop)

    db.write_now(edit)
    check_months(db, shop)


def check_months(db: Database, shop: int) -> None:
    """Every sum by month is the sum of the lines that count, each looked up on its own, and there is no other."""
    found = db.read_now(lambda s: s.execute(select(SALE_MONTHS).where(SALE_MONTHS.c.shop_id == shop)).mappings().all())
    sold = db.read_now(lambda s: s.execute(_sold_lines(shop)).mappings().all())
    back = db.read_now(lambda s: s.execute(_lines_back(shop)).mappings().all())
    units: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    orders: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for row in [*sold, *back]:
        key = tuple(row[name] for name in GRAIN)
        own = [1, row["quantity"], 0, 0] if "order_id" in row else [1, 0, row["quantity"], row["amount_minor"]]
        units[key] = [so_far + one for so_far, one in zip(units[key], own, strict=True)]
        orders[key] |= {row["order_id"]} if "order_id" in row else set()
    names = ("lines", "units", "units_back", "returns_minor")
    assert {tuple(row[n] for n in GRAIN): ([row[n] for n in names], row["orders"]) for row in found} == {
        key: (sums, len(orders[key])) for key, sums in units.items()
    }
    _check_amounts(db, shop, found)


def _check_amounts(db: Database, shop: int, months: Sequence[RowMapping]) -> None:
    """Amounts are those of the sales ledger, which the laws of figures hold against the described shop."""
    sold = db.read_now(lambda s: s.execute(select(SALES).where(SALES.c.shop_id == shop)).mappings().all())
    names = ("gross_minor", "discount_minor", "tax_minor")
    expected: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0] * len(names))
    for row in sold:
        key = tuple(row[name] for name in GRAIN)
        expected[key] = [so_far + row[name] for so_far, name in zip(expected[key], names, strict=True)]
    assert {tuple(row[n] for n in GRAIN): [row[n] for n in names] for row in months} == expected


def _sold_lines(shop: int) -> Select[Any]:
    columns = (ORDERS.c.month, LINES.c.product_id, ORDERS.c.channel, ORDERS.c.country, LINES.c.order_id, LINES.c.quantity)
    whole = select(*columns).join(ORDERS, ORDERS.c.id == LINES.c.order_id)
    return whole.where(LINES.c.shop_id == shop, LINES.c.kind == "product", ORDERS.c.cancelled_at.is_(None))


def _lines_back(shop: int) -> Select[Any]:
    back = REFUND_LINES.c
    columns = (REFUNDS.c.month, back.product_id, ORDERS.c.channel, ORDERS.c.country, back.quantity, back.amount_minor)
    whole = select(*columns).join(REFUNDS, REFUNDS.c.id == back.refund_id).join(ORDERS, ORDERS.c.id == REFUNDS.c.order_id)
    return whole.where(back.shop_id == shop, back.kind == "product", ORDERS.c.cancelled_at.is_(None))


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(spec=shops())
def test_posting_again_changes_nothing(db: Database, spec: ShopSpec) -> None:
    shop = shop_key(StockedShop(db, spec).store.shop.id)

    def books() -> list[object]:
        tables = (ORDERS, REFUNDS, SALES, SALE_MONTHS)
        columns = [[c for c in table.c if table in (ORDERS, REFUNDS) or c.name != "id"] for table in tables]
        read = [select(*own).where(table.c.shop_id == shop) for own, table in zip(columns, tables, strict=True)]
        return [sorted(map(repr, db.read_now(lambda s, q=q: s.execute(q).all()))) for q in read]

    before = books()
    db.write_now(lambda session: post(session, shop))
    assert books() == before

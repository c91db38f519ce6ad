"""The books: what is derived from lines is the same however often, and in whatever order, it is derived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.stores.embedded.books import post
from agent.stores.embedded.schema import ORDERS, REFUNDS, SALE_MONTHS, SALES
from agent.stores.embedded.shops import shop_key
from agent.testing.embedded_shop import StockedShop
from agent.testing.store_spec import ShopSpec, shops


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path_factory.mktemp("books") / "books.db"))
    upgrade(made)
    yield made
    made.close()


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(spec=shops())
def test_sums_by_month_equal_their_recomputation_from_the_lines(db: Database, spec: ShopSpec) -> None:
    shop = shop_key(StockedShop(db, spec).store.shop.id)
    sold = db.read_now(lambda s: s.execute(select(SALES).where(SALES.c.shop_id == shop)).mappings().all())
    summed = db.read_now(lambda s: s.execute(select(SALE_MONTHS).where(SALE_MONTHS.c.shop_id == shop)).mappings().all())
    names = ("units", "units_back", "gross_minor", "discount_minor", "returns_minor", "tax_minor")
    expected: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0] * (len(names) + 1))
    orders = defaultdict(set)
    for row in sold:
        key = tuple(row[name] for name in ("month", "product_id", "channel", "country"))
        expected[key] = [expected[key][0] + 1, *(so_far + row[name] for so_far, name in zip(expected[key][1:], names, strict=True))]
        orders[key] |= {row["order_id"]} if row["refund_id"] is None else set()
    found = {
        (row["month"], row["product_id"], row["channel"], row["country"]): ([row["lines"], *(row[n] for n in names)], row["orders"]) for row in summed
    }
    assert found == {key: (sums, len(orders[key])) for key, sums in expected.items()}


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

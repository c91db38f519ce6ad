"""The whole UCI Online Retail file, against a plain computation over its rows that shares no code with the importer."""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agent.db.engine import Database, sqlite_url
from agent.stores.embedded.importers import ImportReport, import_orders

DATA = Path(__file__).parents[5] / "shared/data/uci_online_retail/online_retail.csv.gz"
NOT_PRODUCTS = {"POST", "DOT", "C2", "AMAZONFEE", "BANK CHARGES", "CRUK", "M", "D", "S", "B", "PADS"}

pytestmark = [pytest.mark.public_data, pytest.mark.skipif(not DATA.exists(), reason="the public data sets are not beside the checkout")]


@dataclass
class Plain:
    """What the rows add up to."""

    rows: int = 0
    gross: Counter[str] = field(default_factory=Counter)
    returned: Counter[str] = field(default_factory=Counter)
    rest: Decimal = Decimal(0)
    """Postage, fees and adjustments, given or taken."""
    by_place: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    """Net sales by country name and month."""
    november_in_france: Counter[str] = field(default_factory=Counter)
    orders: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def plain() -> Plain:
    sums, priced, customers = Plain(), set(), set()
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            quantity, price, month = int(row["Quantity"]), Decimal(row["UnitPrice"]), row["InvoiceDate"][:7]
            amount, code = quantity * price, row["StockCode"].upper()
            sums.rows += 1
            if code in NOT_PRODUCTS:
                sums.rest += amount.quantize(Decimal("0.01"))
            else:
                (sums.gross if quantity > 0 else sums.returned)[month] += amount  # type: ignore[assignment]  # Counter takes Decimals too
                sums.by_place[row["Country"], month] += amount
                if row["Country"] == "France" and month == "2011-11" and quantity > 0:
                    sums.november_in_france[code] += amount  # type: ignore[assignment]  # as above
            if quantity > 0 and row["InvoiceNo"][0] not in "CA":
                if price > 0:
                    priced.add(row["InvoiceNo"])
                if row["CustomerID"]:
                    customers.add(row["InvoiceNo"])
    sums.orders = priced | customers  # what has neither a price nor a customer is counted stock
    return sums


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, empty: Path) -> Iterator[tuple[Database, ImportReport]]:
    path = tmp_path_factory.mktemp("uci") / "shop.db"
    path.write_bytes(empty.read_bytes())
    db = Database(sqlite_url(path))
    yield db, import_orders(db, DATA, shop="uci", currency="GBP", time_zone="Europe/London")
    db.close()


def rows_of(db: Database, sql: str) -> list[tuple[Any, ...]]:
    return db.read_now(lambda session: [tuple(row) for row in session.execute(text(sql))])


def pounds(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)


def test_every_line_is_accounted_for(imported: tuple[Database, ImportReport], plain: Plain) -> None:
    report = imported[1]

    assert report.read == plain.rows == 541_909
    assert report.errors == ()
    assert sum(report.kinds.values()) == report.read
    assert report.imported + report.kinds["stock_correction"] == report.read
    assert report.notes["exact_duplicates"] == 5268


def test_orders_are_the_invoices_that_somebody_got_or_paid(imported: tuple[Database, ImportReport], plain: Plain) -> None:
    numbers = {number for (number,) in rows_of(imported[0], "select number from shop_order")}

    assert numbers == plain.orders


def test_gross_sales_and_returns_are_those_of_the_rows_in_each_month(imported: tuple[Database, ImportReport], plain: Plain) -> None:
    found = rows_of(imported[0], "select month, sum(gross_minor), sum(returns_minor), sum(tax_minor) from shop_sale group by 1 order by 1")

    assert len(found) == 13
    assert {(f"{month // 100}-{month % 100:02d}", pounds(gross), pounds(back), tax) for month, gross, back, tax in found} == {
        (month, plain.gross[month], -plain.returned[month], 0) for month in plain.gross
    }


def test_net_sales_are_those_of_the_rows_in_each_country_and_month(imported: tuple[Database, ImportReport], plain: Plain) -> None:
    codes = {
        "United Kingdom": "GB",
        "Germany": "DE",
        "France": "FR",
        "EIRE": "IE",
        "Channel Islands": "JE",
        "RSA": "ZA",
        "USA": "US",
        "Unspecified": None,
    }
    sql = "select country, month, sum(gross_minor - discount_minor - returns_minor) from shop_sale group by 1, 2"
    found = {(country, f"{month // 100}-{month % 100:02d}"): pounds(net) for country, month, net in rows_of(imported[0], sql)}

    for (name, month), net in plain.by_place.items():
        if name in codes:
            assert found[codes[name], month] == net, (name, month)
    assert sum(found.values()) == sum(plain.by_place.values()) == Decimal("9793394.69")
    assert len({country for country, _ in found}) == len({name for name, _ in plain.by_place}) == 38


def test_postage_fees_and_adjustments_add_up_apart(imported: tuple[Database, ImportReport], plain: Plain) -> None:
    sold, back = (
        rows_of(imported[0], sql)[0][0]
        for sql in (
            "select sum(shipping_minor + fees_minor) from shop_order",
            "select sum(amount_minor) from shop_refund_line where kind <> 'product'",
        )
    )

    assert pounds(sold - back) == plain.rest


def test_the_best_products_of_a_month_in_france_are_those_of_the_rows(imported: tuple[Database, ImportReport], plain: Plain) -> None:
    sql = """select v.sku, sum(s.gross_minor) from shop_sale s join shop_variant v on v.id = s.variant_id
             where s.country = 'FR' and s.month = 201111 group by 1 order by 2 desc, 1 limit 5"""

    best = [(code, pounds(gross)) for code, gross in rows_of(imported[0], sql)]

    assert best == sorted(plain.november_in_france.items(), key=lambda item: (-item[1], item[0]))[:5]


def test_products_bear_names_of_goods(imported: tuple[Database, ImportReport]) -> None:
    titles = {title for (title,) in rows_of(imported[0], "select title from shop_product")}

    assert "WHITE HANGING HEART T-LIGHT HOLDER" in titles
    assert not titles & {"POSTAGE", "DOTCOM POSTAGE", "Manual", "Discount", "check", "damages", "?", "", "CARRIAGE", "AMAZON FEE"}


def test_importing_it_again_changes_nothing(imported: tuple[Database, ImportReport]) -> None:
    db, first = imported
    sums = """select count(*), sum(gross_minor), sum(returns_minor), (select sum(total_minor) from shop_order),
              (select sum(total_minor) from shop_refund),
              (select catalogue_version from shop) from shop_sale"""
    before = rows_of(db, sums)

    second = import_orders(db, DATA, shop="uci")

    assert (second.imported, second.unchanged, second.kinds) == (0, first.imported, first.kinds)
    assert rows_of(db, sums) == before

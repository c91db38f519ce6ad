"""Order lines as the UCI Online Retail data has them; the lines below are written for each test after patterns found there."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agent.db.engine import Database
from agent.errors import Invalid
from agent.stores.embedded.importers import ImportReport, RowError, import_orders

UCI: dict[str, Any] = {"shop": "uci", "currency": "GBP", "time_zone": "Europe/London"}

MUGS = "536365,85123A,BLUE MUG,6,2010-12-01 08:26:00,2.55,17850,United Kingdom"
LAMP = "536365,71053,WHITE LANTERN,2,2010-12-01 08:26:00,3.39,17850,United Kingdom"
POSTAGE = "536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.0,17850,United Kingdom"
MUG_BACK = "C536500,85123A,BLUE MUG,-2,2011-01-04 10:00:00,2.55,17850,United Kingdom"

ALL_TABLES = (
    "shop_product", "shop_variant", "shop_customer", "shop_order", "shop_order_line", "shop_refund", "shop_refund_line", "shop_sale", "shop",
)  # fmt: skip


def everything(ask: Any) -> list[Any]:
    return [ask(f"select * from {table} order by 1") for table in ALL_TABLES]


def test_lines_of_an_invoice_become_one_order_with_products_and_postage_apart(db: Database, ask: Any, order_lines: Any) -> None:
    report = import_orders(db, order_lines(MUGS, LAMP, POSTAGE), **UCI)

    assert report == ImportReport(
        read=3, imported=3, unchanged=0, errors=(), kinds={"sold": 2, "shipping": 1}, notes={"orders": 1, "products": 2, "customers": 1}
    )
    assert ask("select number, month, country, gross_minor, shipping_minor, total_minor, units from shop_order") == [
        ("536365", 201012, "GB", 2208, 1800, 4008, 8)
    ]
    assert ask("select title from shop_product order by 1") == [("BLUE MUG",), ("WHITE LANTERN",)]


def test_the_shop_is_made_with_its_currency_and_time_zone(db: Database, ask: Any, order_lines: Any) -> None:
    import_orders(db, order_lines("1,1,MUG,1,2011-07-01 00:30:00,1.00,,France"), **UCI)

    assert ask("select name, currency, time_zone, prices_include_tax from shop") == [("uci", "GBP", "Europe/London", 0)]
    assert ask("select placed_at, month from shop_order") == [("2011-06-30 23:30:00.000000", 201107)]


def test_importing_a_file_twice_changes_nothing(db: Database, ask: Any, order_lines: Any) -> None:
    path = order_lines(MUGS, LAMP, POSTAGE, MUG_BACK, "C536501,POST,POSTAGE,-1,2011-01-05 10:00:00,18.0,17850,United Kingdom")
    first = import_orders(db, path, **UCI)
    before = everything(ask)

    second = import_orders(db, path, **UCI)

    assert (first.imported, first.unchanged) == (5, 0)
    assert (second.imported, second.unchanged, second.kinds) == (0, 5, first.kinds)
    assert everything(ask) == before


def test_a_return_undoes_the_customers_latest_purchase_on_its_own_day(db: Database, ask: Any, order_lines: Any) -> None:
    again = "536400,85123A,BLUE MUG,4,2010-12-20 09:00:00,2.55,17850,United Kingdom"
    later = "536600,85123A,BLUE MUG,4,2011-02-01 09:00:00,2.55,17850,United Kingdom"
    report = import_orders(db, order_lines(MUGS, again, MUG_BACK, later), **UCI)

    assert report.kinds == {"sold": 3, "returned": 1}
    linked = "select o.number, o.payment, r.month, o.refunded_minor from shop_refund r join shop_order o on o.id = r.order_id"
    assert ask(linked) == [("536400", "partially_refunded", 201101, 510)]
    assert ask("select month, sum(gross_minor), sum(returns_minor) from shop_sale group by 1") == [
        (201012, 2550, 0), (201101, 0, 510), (201102, 1020, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("C9,85123A,BLUE MUG,-7,2011-01-04 10:00:00,2.55,17850,United Kingdom", "more than were bought"),
        ("C9,85123A,BLUE MUG,-2,2010-11-01 10:00:00,2.55,17850,United Kingdom", "before the purchase"),
        ("C9,85123A,BLUE MUG,-2,2011-01-04 10:00:00,2.55,99999,United Kingdom", "somebody else"),
        ("C9,85123A,BLUE MUG,-2,2011-01-04 10:00:00,2.55,,United Kingdom", "nobody known"),
        ("C9,85123A,BLUE MUG,-2,2011-01-04 10:00:00,2.55,17850,France", "another country"),
    ],
)
def test_a_return_without_a_purchase_stands_alone_and_still_counts(db: Database, ask: Any, order_lines: Any, line: str, why: str) -> None:
    report = import_orders(db, order_lines(MUGS, line), **UCI)

    assert report.kinds == {"sold": 1, "returned_alone": 1}, why
    units = -int(line.split(",")[3])
    assert ask("select order_id, total_minor from shop_refund") == [(None, units * 255)]
    assert ask("select country from shop_sale where returns_minor > 0") == [("FR" if "France" in line else "GB",)]


def test_what_is_bought_once_is_not_returned_twice(db: Database, ask: Any, order_lines: Any) -> None:
    back = "C{},85123A,BLUE MUG,-4,2011-01-0{} 10:00:00,2.55,17850,United Kingdom"

    report = import_orders(db, order_lines(MUGS, back.format(1, 4), back.format(2, 5)), **UCI)

    assert report.kinds == {"sold": 1, "returned": 1, "returned_alone": 1}


def test_stock_corrections_are_no_sales_and_gifts_are_free_lines(db: Database, ask: Any, order_lines: Any) -> None:
    broken = "536589,21777,smashed,-10,2010-12-01 16:50:00,0.0,,United Kingdom"
    found = "536590,21777,found,5,2010-12-01 16:55:00,0.0,,United Kingdom"
    gift = "536365,21777,RECIPE BOX,1,2010-12-01 08:26:00,0.0,17850,United Kingdom"

    report = import_orders(db, order_lines(MUGS, gift, broken, found), **UCI)

    assert report.kinds == {"sold": 1, "free": 1, "stock_correction": 2}
    assert (report.read, report.imported) == (4, 2)
    assert ask("select number, units, gross_minor from shop_order") == [("536365", 7, 1530)]


def test_fees_discounts_and_bad_debt_are_no_products(db: Database, ask: Any, order_lines: Any) -> None:
    report = import_orders(
        db,
        order_lines(
            MUGS,
            "536365,M,Manual,1,2010-12-01 08:26:00,1.25,17850,United Kingdom",
            "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,17850,United Kingdom",
            "C537600,AMAZONFEE,AMAZON FEE,-1,2010-12-07 12:41:00,100.00,,United Kingdom",
            "A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom",
        ),
        **UCI,
    )

    assert report.kinds == {"sold": 1, "adjustment": 3, "fee": 1}
    assert ask("select count(*) from shop_product") == [(1,)]
    assert ask("select number, fees_minor from shop_order") == [("536365", 125)]
    assert ask("select import_key, total_minor from shop_refund order by 1") == [("A563186", 1106206), ("C536379", 2750), ("C537600", 10000)]
    assert ask("select sum(gross_minor - returns_minor) from shop_sale") == [(1530,)]


def test_twins_within_an_invoice_all_count_and_are_told(db: Database, ask: Any, order_lines: Any) -> None:
    report = import_orders(db, order_lines(MUGS, MUGS, LAMP), **UCI)

    assert report.notes["exact_duplicates"] == 1
    assert ask("select units from shop_order") == [(14,)]


def test_a_product_is_called_what_most_lines_say_and_each_line_keeps_its_own(db: Database, ask: Any, order_lines: Any) -> None:
    line = "{},85123{},{},1,2010-12-01 08:26:00,{},1,United Kingdom"
    rows = [line.format(1, "A", "MUG wrongly coded", 9), line.format(2, "a", "BLUE MUG", "2.55"), line.format(3, "A", "BLUE MUG", "2.55")]

    import_orders(db, order_lines(*rows, line.format(4, "A", "", "2.55")), **UCI)

    assert ask("select p.title, v.sku, v.price_minor from shop_product p join shop_variant v on v.product_id = p.id") == [("BLUE MUG", "85123A", 255)]
    assert [title for (title,) in ask("select title from shop_order_line order by id")][:3] == ["MUG wrongly coded", "BLUE MUG", "BLUE MUG"]


def test_a_title_the_merchant_changed_is_left_alone(db: Database, ask: Any, order_lines: Any) -> None:
    import_orders(db, order_lines(MUGS), **UCI)
    db.write_now(lambda session: session.execute(text("update shop_product set title = 'Ocean Mug'")))

    import_orders(db, order_lines(MUGS, MUGS.replace("536365", "536999")), **UCI)

    assert ask("select title from shop_product") == [("Ocean Mug",)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("EIRE", "IE"),
        ("RSA", "ZA"),
        ("Channel Islands", "JE"),
        ("European Community", "EU"),
        ("Unspecified", None),
        ("", None),
        ("Germany", "DE"),
        ("fr", "FR"),
    ],
)
def test_countries_become_codes(db: Database, ask: Any, order_lines: Any, name: str, code: str | None) -> None:
    import_orders(db, order_lines(MUGS.replace("United Kingdom", name)), **UCI)

    assert ask("select country from shop_order") == [(code,)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("536366,85123A,MUG,six,2010-12-01 08:26:00,2.55,1,France", "“six” is no quantity; write a whole number"),
        ("536366,85123A,MUG,1.5,2010-12-01 08:26:00,2.55,1,France", "“1.5” is no quantity; write a whole number"),
        ("536366,85123A,MUG,0,2010-12-01 08:26:00,2.55,1,France", "the quantity is 0"),
        ("536366,85123A,MUG,1,yesterday,2.55,1,France", "“yesterday” is no date and time; write it like 2010-12-01 08:26"),
        ("536366,85123A,MUG,1,2010-02-30 08:26:00,2.55,1,France", "“2010-02-30 08:26:00” is no date and time; write it like 2010-12-01 08:26"),
        ("536366,85123A,MUG,1,2010-12-01 08:26:00,free,1,France", "“free” is no amount; write it like 12.50"),
        ("536366,85123A,MUG,1,2010-12-01 08:26:00,NaN,1,France", "“NaN” is no amount; write it like 12.50"),
        ("536366,85123A,MUG,1,2010-12-01 08:26:00,1e99,1,France", "“1e99” is no amount; write it like 12.50"),
        ("536366,85123A,MUG,1,2010-12-01 08:26:00,-2.55,1,France", "the price of a product is below zero"),
        ("536366,85123A,MUG,1,2010-12-01 08:26:00,2.55,1,Atlantis", "“Atlantis” is no country; write its English name or its two letters"),
        (",85123A,MUG,1,2010-12-01 08:26:00,2.55,1,France", "there is no invoice number"),
        ("536366,,MUG,1,2010-12-01 08:26:00,2.55,1,France", "there is no product code"),
        ("536366,85123A,MUG", "the row has 3 cells where 8 are needed"),
        ("C536366,85123A,MUG,1,2010-12-01 08:26:00,2.55,1,France", "a cancellation has a quantity above zero"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_the_rest_goes_in(db: Database, ask: Any, order_lines: Any, line: str, reason: str) -> None:
    report = import_orders(db, order_lines(MUGS, line, LAMP), **UCI)

    assert report.errors == (RowError(line=3, reason=reason),)
    assert report.kinds == {"sold": 2, "error": 1}
    assert ask("select units from shop_order") == [(8,)]


def test_a_mended_row_comes_in_when_the_file_is_imported_again(db: Database, ask: Any, order_lines: Any) -> None:
    import_orders(db, order_lines(MUGS.replace(",6,", ",six,"), LAMP), **UCI)

    report = import_orders(db, order_lines(MUGS, LAMP), **UCI)

    assert (report.imported, report.unchanged) == (1, 1)
    assert ask("select units, gross_minor from shop_order") == [(8, 2208)]


def test_an_invoice_that_comes_back_later_in_the_file_is_still_one_order(db: Database, ask: Any, order_lines: Any) -> None:
    report = import_orders(db, order_lines(MUGS, MUGS.replace("536365", "536366"), LAMP), **UCI)

    assert report.notes["orders"] == 2
    assert ask("select number, units from shop_order order by 1") == [("536365", 8), ("536366", 6)]


def test_the_columns_of_the_sequel_and_of_spreadsheets_are_read_too(db: Database, ask: Any, tmp_path: Path) -> None:
    path = tmp_path / "ii.csv"
    path.write_bytes(
        "\ufeffInvoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\r\n".encode()
        + "489434,85048,VOUCHER £5,12,12/1/2009 7:45,6.95,13085.0,United Kingdom\r\n".encode("cp1252")
    )

    import_orders(db, path, **UCI)

    assert ask(
        "select o.month, c.import_key, l.title from shop_order o join shop_customer c on c.id = o.customer_id join shop_order_line l on true"
    ) == [(200912, "13085", "VOUCHER £5")]


def test_a_file_that_breaks_off_keeps_what_was_read_and_is_completed_later(db: Database, ask: Any, order_lines: Any, tmp_path: Path) -> None:
    rows = [f"{number},A{number % 70},MUG {number % 70},1,2010-12-01 08:26:00,2.55,{number % 900},France" for number in range(100_000, 104_000)]
    whole = gzip.compress(order_lines(*rows).read_bytes())
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(whole[: len(whole) * 3 // 4])

    with pytest.raises(Invalid, match="breaks off or is damaged after line"):
        import_orders(db, path, **UCI)

    orders, gross = ask("select count(*), sum(gross_minor) from shop_order")[0]
    assert 0 < orders < 4000
    assert ask("select count(*), sum(gross_minor) from shop_sale") == [(orders, gross)] == [(orders, orders * 255)]

    path.write_bytes(whole)
    report = import_orders(db, path, **UCI)

    assert (report.imported, report.unchanged) == (4000 - orders, orders)
    assert ask("select count(*), sum(gross_minor) from shop_sale") == [(4000, 4000 * 255)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not text"),
        (b"name,age\nAnna,3\n", "does not have the columns that are needed: InvoiceNo, StockCode"),
        (b"536365,85123A,BLUE MUG,6,2010-12-01 08:26:00,2.55,17850,France\n", "does not have the columns"),
        (b"\x1f\x8b\x08\x00garbage", "is damaged"),
    ],
)
def test_a_file_of_another_kind_is_refused_before_a_shop_is_made(db: Database, ask: Any, tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)

    with pytest.raises(Invalid, match=message):
        import_orders(db, path, **UCI)

    assert ask("select count(*) from shop") == [(0,)]


def test_a_missing_file_is_refused(db: Database, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="nowhere.csv cannot be read"):
        import_orders(db, tmp_path / "nowhere.csv", **UCI)


def test_a_shop_in_another_currency_is_left_alone(db: Database, ask: Any, order_lines: Any) -> None:
    import_orders(db, order_lines(MUGS), **UCI)

    with pytest.raises(Invalid, match="counts in GBP, not in EUR"):
        import_orders(db, order_lines(LAMP.replace("536365", "2")), shop="uci", currency="EUR")

    assert ask("select count(*) from shop_order") == [(1,)]


def test_a_new_shop_needs_a_currency(db: Database, order_lines: Any) -> None:
    with pytest.raises(Invalid, match="say its currency and time zone"):
        import_orders(db, order_lines(MUGS), shop="new")


def test_shops_in_one_database_keep_apart(db: Database, ask: Any, order_lines: Any) -> None:
    path = order_lines(MUGS, LAMP, MUG_BACK)
    import_orders(db, path, **UCI)
    before = ask("select shop_id, count(*), sum(gross_minor), sum(returns_minor) from shop_sale group by 1")

    import_orders(db, path, shop="other", currency="GBP", time_zone="Europe/London")

    assert before == [(1, 3, 2208, 510)]
    assert ask("select shop_id, count(*), sum(gross_minor), sum(returns_minor) from shop_sale group by 1") == [*before, (2, 3, 2208, 510)]
    crossed = "select count(*) from shop_order_line l join shop_product p on p.id = l.product_id where p.shop_id <> l.shop_id"
    assert ask(crossed) == [(0,)]


def test_progress_is_told(db: Database, order_lines: Any) -> None:
    told: list[int] = []

    import_orders(db, order_lines(MUGS, LAMP), progress=told.append, **UCI)

    assert told == [2]


def test_an_import_that_was_killed_before_its_books_were_closed_is_closed_by_the_next(db: Database, ask: Any, order_lines: Any) -> None:
    path = order_lines(MUGS, LAMP, MUG_BACK)
    import_orders(db, path, **UCI)
    before = ask("select day, units, gross_minor, returns_minor from shop_sale order by 1, 2")
    for table in ("shop_sale", "shop_refund_line", "shop_refund"):  # what the last transaction writes
        db.write_now(lambda session, table=table: session.execute(text(f"delete from {table}")))

    report = import_orders(db, path, **UCI)

    assert (report.imported, report.unchanged) == (1, 2)
    assert ask("select day, units, gross_minor, returns_minor from shop_sale order by 1, 2") == before


def test_batches_before_a_failure_stay_and_the_next_import_completes_them(db: Database, ask: Any, order_lines: Any) -> None:
    rows = [f"{number},A{number % 7},MUG,1,2010-12-01 08:26:00,2.55,{number % 9},France" for number in range(100_000, 104_000)]

    def stop(read: int) -> None:
        raise RuntimeError(f"stopped after {read}")

    with pytest.raises(RuntimeError, match="stopped after"):
        import_orders(db, order_lines(*rows), progress=stop, **UCI)
    assert ask("select count(*), sum(gross_minor) from shop_sale") == [(1500, 1500 * 255)]

    report = import_orders(db, order_lines(*rows), **UCI)

    assert (report.imported, report.unchanged) == (2500, 1500)
    assert ask("select count(*), sum(gross_minor) from shop_sale") == [(4000, 4000 * 255)]

"""Shopify's exports; the sample files are ours, see files/README.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.db.engine import Database
from agent.errors import Invalid
from agent.stores.embedded.importers import RowError, import_orders, import_products
from agent.stores.embedded.importers.html_text import plain_text

FILES = Path(__file__).parent / "files"
NEW: dict[str, Any] = {"shop": "fern", "currency": "EUR", "time_zone": "Europe/Berlin"}


def test_products_come_with_variants_prices_stock_tags_and_plain_text(db: Database, ask: Any) -> None:
    report = import_products(db, FILES / "shopify_products.csv", **NEW)

    assert (report.read, report.imported, report.kinds) == (9, 5, {"error": 3, "image": 1, "variant": 5})
    assert ask("select handle, title, description, vendor, product_type, status, options, image_url from shop_product order by id") == [
        ("blue-tee", "Blue Tee", "A plain tee. Made in Porto.\n\n- Organic cotton\n- Wash at 30°", "Loom & Lark", "Shirts", "active",
         '[["Colour", ["Blue", "Navy"]], ["Size", ["S", "M"]]]', "https://cdn.example/tee.jpg"),
        ("oak-board", "Oak Board", "", "Alder & Ash", "Boards", "draft", "[]", None),
        ("bowl", "Bowl", "A bowl", "Kiln", "Bowls", "draft", "[]", None),
    ]  # fmt: skip
    assert ask("select option1, option2, sku, price_minor, compare_at_minor, cost_minor, tracked, on_hand from shop_variant v "
               "left join shop_inventory i on i.variant_id = v.id order by v.id") == [
        ("Blue", "S", "TEE-B-S", 2900, 3500, 1150, 1, 12),
        ("Blue", "M", "TEE-B-M", 2900, 3500, 1150, 1, 0),
        ("Navy", "M", "TEE-N-M", 3100, None, None, 1, -2),
        (None, None, "4006381333931", 3900, None, None, 0, None),
        (None, None, "BOWL", 1200, None, None, 1, 4),
    ]  # fmt: skip
    assert ask("select tag, position from shop_tag where record_id = 1 order by position") == [("summer", 0), ("cotton", 1)]


def test_bad_rows_of_a_product_file_are_told(db: Database) -> None:
    report = import_products(db, FILES / "shopify_products.csv", **NEW)

    assert report.errors == (
        RowError(line=7, reason="the product's first row has no title"),
        RowError(line=8, reason="the product's first row is bad"),
        RowError(line=9, reason="“many” is no quantity; write a whole number"),
    )


def test_the_present_headings_of_a_product_file_are_read(db: Database, ask: Any) -> None:
    report = import_products(db, FILES / "shopify_products_2026.csv", **NEW)

    assert (report.imported, report.errors) == (2, ())
    assert ask("select p.title, v.option1, v.sku, v.price_minor, v.compare_at_minor, v.cost_minor, i.on_hand from shop_product p "
               "join shop_variant v on v.product_id = p.id join shop_inventory i on i.variant_id = v.id order by v.id") == [
        ("Bud Vase", "White", "VASE-W", 1900, None, 720, 8), ("Bud Vase", "Blue", "VASE-B", 2100, 2400, None, 3),
    ]  # fmt: skip


def test_importing_products_twice_changes_nothing(db: Database, ask: Any) -> None:
    tables = ("shop", "shop_product", "shop_variant", "shop_tag", "shop_inventory")
    first = import_products(db, FILES / "shopify_products.csv", **NEW)
    before = [ask(f"select * from {table} order by 1, 2, 3") for table in tables]

    second = import_products(db, FILES / "shopify_products.csv", shop="fern")

    assert (second.imported, second.unchanged, second.kinds) == (0, 5, first.kinds)
    assert [ask(f"select * from {table} order by 1, 2, 3") for table in tables] == before


def test_an_order_over_several_rows_is_one_order_with_its_discount_and_tax_shared_out(db: Database, ask: Any) -> None:
    import_products(db, FILES / "shopify_products.csv", **NEW)

    import_orders(db, FILES / "shopify_orders.csv", shop="fern")

    assert ask("select kind, title, product_id, quantity, price_minor, discount_minor, tax_minor from shop_order_line where order_id = 1") == [
        ("product", "Blue Tee - Blue / M", 1, 2, 2900, 580, 833),
        ("product", "Blue Tee - Navy / M", 1, 1, 3100, 310, 445),
        ("shipping", "DHL", None, 1, 490, 0, 79),
    ]
    assert ask("select number, placed_at, month, channel, city, payment, fulfilment, note, total_minor, tax_minor from shop_order where id = 1") == [
        ("#1001", "2026-03-01 22:30:00.000000", 202603, "Online Store", "Berlin", "paid", "fulfilled", "Ring twice", 8500, 1357)
    ]
    assert ask("select name, email, accepts_marketing from shop_customer order by id") == [
        ("Anna Schmidt", "anna@example.com", 1), ("Bob Jones", "bob@example.org", 0),
    ]  # fmt: skip
    assert ask("select tag from shop_tag where kind = 'order' order by position") == [("vip",), ("gift",)]


def test_refunds_cancellations_and_other_charges_of_orders_are_kept(db: Database, ask: Any) -> None:
    import_orders(db, FILES / "shopify_orders.csv", **NEW)

    assert ask("select number, channel, payment, cancelled_at is not null, total_minor, refunded_minor from shop_order where id > 1") == [
        ("#1002", "POS", "refunded", 1, 3900, 3900), ("#1003", "App", "partially_refunded", 0, 4390, 500),
    ]  # fmt: skip
    assert ask("select kind, price_minor from shop_order_line where order_id = 3 order by ordinal") == [
        ("product", 3100), ("shipping", 990), ("adjustment", 300),
    ]  # fmt: skip


def test_bad_orders_are_left_out_whole_and_told(db: Database, ask: Any) -> None:
    report = import_orders(db, FILES / "shopify_orders.csv", **NEW)

    assert report.errors == (
        RowError(line=7, reason="“none” is no quantity; write a whole number"),
        RowError(line=8, reason="the order is in USD, the shop in EUR"),
    )
    assert (report.read, report.imported, report.kinds) == (7, 4, {"error": 2, "left_out": 1, "line": 4})
    assert report.notes == {"orders": 3, "lines_without_product": 4}
    assert ask("select count(*) from shop_order") == [(3,)]


def test_importing_orders_twice_changes_nothing(db: Database, ask: Any) -> None:
    tables = ("shop", "shop_customer", "shop_order", "shop_order_line", "shop_refund", "shop_refund_line", "shop_tag", "shop_sale")
    import_orders(db, FILES / "shopify_orders.csv", **NEW)
    before = [ask(f"select * from {table} order by 1, 2, 3") for table in tables]

    second = import_orders(db, FILES / "shopify_orders.csv", **NEW)

    assert (second.imported, second.unchanged) == (0, 4)
    assert [ask(f"select * from {table} order by 1, 2, 3") for table in tables] == before


def test_an_order_whose_prices_leave_out_tax_is_no_order_of_this_shop(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    head = "Name,Created at,Subtotal,Shipping,Taxes,Total,Lineitem quantity,Lineitem name,Lineitem price"
    path.write_text(f"{head}\n#1,2026-03-01 10:00:00 +0100,10.00,0.00,1.90,11.90,1,Card,10.00\n")

    report = import_orders(db, path, **NEW)

    assert report.errors == (RowError(line=2, reason="the order's prices leave out tax, the shop's include it"),)


def test_an_order_file_is_no_product_file(db: Database) -> None:
    with pytest.raises(Invalid, match="does not have the columns that are needed: Handle"):
        import_products(db, FILES / "shopify_orders.csv", **NEW)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("<p>One</p>\n<p>Two &amp; three</p>", "One\n\nTwo & three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<style>p{}</style><p>shown</p>", "shown"),
        ("<b>unclosed <i>tags", "unclosed tags"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_html_becomes_the_text_a_page_would_show(html: str, text: str) -> None:
    assert plain_text(html) == text

"""The demo shop: the same for the same seed and day, and believable in what it holds."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agent.db.engine import Database, sqlite_url
from agent.db.goods import Collection, CollectionMember, Discount, InventoryLevel, Product, Tag, Variant
from agent.db.orders import Fulfilment, Order, OrderLine, Refund, RefundLine
from agent.db.people import Customer, Message, Review, SearchTerm
from agent.db.upgrade import upgrade
from agent.stores.embedded.demo import make_demo
from agent.stores.embedded.demo.almanac import black_friday, demand, first_day
from agent.stores.embedded.demo.make import demo_rows
from agent.stores.embedded.demo.rows import Rows
from agent.stores.embedded.shops import create_shop

TODAY = date(2026, 11, 22)
SMALL: dict[str, int] = {"orders": 400, "customers": 120, "reviews": 40}


@pytest.fixture(scope="module")
def shop() -> Rows:
    return demo_rows(seed=7, today=TODAY)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(tmp_path / "demo.db"))
    upgrade(database)
    yield database
    database.close()


def titles(shop: Rows) -> dict[int, str]:
    return {row["id"]: row["title"] for row in shop.of[Product]}


def units_by_month(shop: Rows, title: str) -> Counter[int]:
    key = next(row["id"] for row in shop.of[Product] if row["title"] == title)
    month = {row["id"]: row["month"] for row in shop.of[Order]}
    units: Counter[int] = Counter()
    for line in shop.of[OrderLine]:
        if line.get("product_id") == key:
            units[month[line["order_id"]]] += line["quantity"]
    return units


def test_the_same_seed_and_day_make_the_same_shop_in_another_process() -> None:
    program = "from datetime import date; from agent.stores.embedded.demo.make import demo_rows; import sys\n"
    program += f"sys.stdout.write(demo_rows(seed=7, today=date(2026, 11, 22), **{SMALL!r}).digest())"

    elsewhere = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "12345"}, cwd=Path.cwd()
    )

    assert elsewhere.stdout == demo_rows(seed=7, today=TODAY, **SMALL).digest()


@pytest.mark.parametrize(("seed", "today"), [(8, TODAY), (7, date(2026, 11, 23))])
def test_another_seed_or_day_makes_another_shop(seed: int, today: date) -> None:
    assert demo_rows(seed=seed, today=today, **SMALL).digest() != demo_rows(seed=7, today=TODAY, **SMALL).digest()


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 8, 31), date(2025, 3, 30)])
def test_any_day_of_the_year_has_a_shop(today: date) -> None:
    shop = demo_rows(seed=1, today=today, **SMALL)

    assert len(shop.of[Order]) == 400
    assert shop.of[Order][0]["placed_at"].date() >= first_day(today).replace(day=1)


def test_it_is_of_the_size_that_is_told(shop: Rows) -> None:
    assert len(shop.of[Product]) == 157
    assert (len(shop.of[Order]), len(shop.of[Customer]), len(shop.of[Review]), len(shop.of[Collection])) == (20_000, 4000, 2000, 12)
    assert len([row for row in shop.of[Message] if row["direction"] == "in"]) == 150
    assert len({row["term"] for row in shop.of[SearchTerm]}) >= 40
    assert 8 <= len({row["vendor"] for row in shop.of[Product]}) <= 13


def test_orders_end_this_morning_and_begin_eighteen_months_before(shop: Rows) -> None:
    times = [row["placed_at"] for row in shop.of[Order]]

    assert times == sorted(times)
    assert times[0].date() in (date(2025, 5, 21), date(2025, 5, 22))
    assert date(2026, 11, 21) <= times[-1].date() and times[-1] < datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_nothing_that_happened_lies_in_the_future(shop: Rows) -> None:
    now = datetime(2026, 11, 22, 6, tzinfo=UTC)
    moments = {Fulfilment: "at", Refund: "at", Review: "written_at", Message: "at", Customer: "created_at", Product: "created_at"}

    for table, column in moments.items():
        late = [row for row in shop.of[table] if row[column] > now and row.get("direction") != "out"]
        assert late == [], table


def test_summer_dresses_sell_in_summer_and_beanies_in_winter(shop: Rows) -> None:
    dresses, beanies = units_by_month(shop, "Linen Summer Dress"), units_by_month(shop, "Merino Beanie")

    assert dresses[202606] > 4 * dresses[202512]
    assert beanies[202512] > 4 * beanies[202606]


def test_the_last_quarter_is_the_strongest_and_black_friday_its_peak(shop: Rows) -> None:
    days = Counter(date.fromordinal(row["day"]) for row in shop.of[Order])
    months = Counter(row["month"] for row in shop.of[Order])

    assert black_friday(2025) == date(2025, 11, 28)
    assert days.most_common(1)[0][0] == date(2025, 11, 28)
    assert months[202511] > 1.3 * months[202509]
    assert months[202610] > 1.15 * months[202510], "it grows"


def test_demand_follows_the_weekday() -> None:
    assert demand(date(2026, 3, 15), TODAY) > 1.2 * demand(date(2026, 3, 14), TODAY), "Sundays beat Saturdays"


def test_returns_are_about_six_percent_and_clothes_come_back_more(shop: Rows) -> None:
    types = {row["id"]: row["product_type"] for row in shop.of[Product]}
    sold, back = Counter(), Counter()
    for line in shop.of[OrderLine]:
        sold[types.get(line.get("product_id"))] += 1
    for line in shop.of[RefundLine]:
        back[types[line["product_id"]]] += 1

    assert 0.04 < len(shop.of[Refund]) / len(shop.of[Order]) < 0.08
    assert back["Dresses"] / sold["Dresses"] > 2 * back["Plates"] / sold["Plates"]
    assert all(refund["at"] > shop.of[Order][refund["order_id"] - 1]["placed_at"] for refund in shop.of[Refund])


def test_no_line_gives_back_more_than_was_paid(shop: Rows) -> None:
    lines = {row["id"]: row for row in shop.of[OrderLine]}
    for back in shop.of[RefundLine]:
        line = lines[back["order_line_id"]]
        assert 0 < back["quantity"] <= line["quantity"]
        assert 0 < back["amount_minor"] + back["tax_minor"] <= line["price_minor"] * line["quantity"] - line["discount_minor"]


def test_every_line_contains_nineteen_percent_tax(shop: Rows) -> None:
    for line in shop.of[OrderLine]:
        paid = line["price_minor"] * line["quantity"] - line["discount_minor"]
        assert abs(line["tax_minor"] - paid * 19 / 119) <= 0.5


def test_many_buy_again_and_germany_comes_first(shop: Rows) -> None:
    orders = Counter(row["customer_id"] for row in shop.of[Order] if row["customer_id"])
    countries = Counter(row["country"] for row in shop.of[Order])

    assert 0.4 < sum(1 for count in orders.values() if count > 1) / len(orders) < 0.8
    assert countries.most_common(1)[0][0] == "DE"
    assert {"AT", "FR", "NL", "GB", "ES", "US"} <= set(countries)
    assert set(Counter(row["channel"] for row in shop.of[Order])) == {"Online Store", "Instagram", "Marketplace", "POS"}


def test_some_orders_wait_and_some_were_cancelled(shop: Rows) -> None:
    states = Counter((row["payment"], row["fulfilment"]) for row in shop.of[Order])
    cancelled = [row for row in shop.of[Order] if row.get("cancelled_at")]
    tracked = {row["order_id"] for row in shop.of[Fulfilment] if row["tracking"]}

    assert states["paid", "unfulfilled"] > 20 and states["pending", "unfulfilled"] > 5 and states["paid", "partial"] > 3
    assert 100 < len(cancelled) < 400 and all(row["payment"] == "voided" for row in cancelled)
    assert all(row["id"] in tracked for row in shop.of[Order] if row["fulfilment"] != "unfulfilled" and row["channel"] != "POS")


def test_codes_are_used_while_they_are_on(shop: Rows) -> None:
    used = Counter(row["tag"] for row in shop.of[Tag] if row["kind"] == "order")
    codes = {row["code"]: row for row in shop.of[Discount]}

    assert {code: row["used"] for code, row in codes.items() if row["used"]} == {code: used[code] for code in codes if used[code]}
    assert codes["BLACKFRIDAY25"]["used"] > 50 and codes["BLACKFRIDAY26"]["used"] == 0
    assert {row["kind"] for row in codes.values()} == {"percent", "amount", "free_shipping"}


def test_the_mug_is_ambiguous_and_the_blue_mug_is_not(shop: Rows) -> None:
    mugs = [title for title in titles(shop).values() if "Mug" in title]

    assert len(mugs) >= 5
    assert [title for title in mugs if "Blue" in title] == ["Blue Ceramic Mug"]
    assert [title for title in titles(shop).values() if "Kintsugi" in title] == ["Kintsugi Repair Kit"]


def test_the_catalogue_has_gaps_drafts_reductions_and_empty_shelves(shop: Rows) -> None:
    stock: dict[int, int] = defaultdict(int)
    for level in shop.of[InventoryLevel]:
        stock[level["variant_id"]] += level["on_hand"]

    assert Counter(row["status"] for row in shop.of[Product]).keys() == {"active", "draft", "archived"}
    assert 3 <= sum(1 for row in shop.of[Product] if not row["description"]) <= 15
    assert sum(1 for row in shop.of[Variant] if row["compare_at_minor"]) > 5
    assert sum(1 for row in shop.of[Variant] if row["cost_minor"] is None) > 0
    assert sum(1 for units in stock.values() if units == 0) > 10 and sum(1 for units in stock.values() if 0 < units <= 5) > 20
    codes = [row["sku"] for row in shop.of[Variant] if row["sku"]]
    assert len(set(codes)) == len(codes) == len(shop.of[Variant]) - 3, "only the gift card's three amounts have none"
    sizes = next(row["options"] for row in shop.of[Product] if row["title"] == "Linen Summer Dress")
    assert sizes == [["Colour", ["Blue", "White", "Sage"]], ["Size", ["XS", "S", "M", "L", "XL"]]]
    assert {row["collection_id"] for row in shop.of[CollectionMember]} == {row["id"] for row in shop.of[Collection]}


def test_reviews_read_as_their_stars_say(shop: Rows) -> None:
    stars = Counter(row["rating"] for row in shop.of[Review])
    bodies = Counter(row["body"] for row in shop.of[Review])
    cross = (
        "broke",
        "never again",
        "not recommended",
        "disappointed",
        "poor",
        "sending it back",
        "too expensive",
        "cracked",
        "waiting",
        "unfortunately",
    )

    def share_cross(low: int, high: int) -> float:
        chosen = [row for row in shop.of[Review] if low <= row["rating"] <= high]
        return sum(any(word in row["body"].casefold() for word in cross) for row in chosen) / len(chosen)

    assert stars[5] > stars[4] > stars[3] > stars[1] > 20 and stars[1] + stars[2] > 80
    assert share_cross(1, 2) > 0.3 > 0.1 > share_cross(5, 5)
    assert len(bodies) > 1800 and not any("{" in body for body in bodies)
    assert {row["status"] for row in shop.of[Review]} == {"published", "pending", "hidden"}


def test_reviewers_bought_what_they_review(shop: Rows) -> None:
    owner = {row["id"]: row["customer_id"] for row in shop.of[Order]}
    bought = {(owner[line["order_id"]], line.get("product_id")) for line in shop.of[OrderLine]}

    assert all((row["customer_id"], row["product_id"]) in bought for row in shop.of[Review])


def test_addresses_reach_nobody(shop: Rows) -> None:
    emails = [row["email"] for row in shop.of[Customer]]

    assert len(set(emails)) == 4000 and "anna.schmidt@example.com" in emails
    assert all(email.isascii() and email.partition("@")[2] in {"example.com", "example.org", "example.net"} for email in emails)
    assert {"vip", "wholesale", "newsletter"} <= {row["tag"] for row in shop.of[Tag] if row["kind"] == "customer"}


def rows_of(db: Database, sql: str) -> list[tuple[Any, ...]]:
    return db.read_now(lambda session: [tuple(row) for row in session.execute(text(sql))])


def test_the_stored_shop_is_the_generated_one_and_is_made_once(db: Database, shop: Rows) -> None:
    made = make_demo(db, today=TODAY)
    sums = rows_of(db, "select count(*), sum(total_minor), sum(tax_minor), sum(units) from shop_order")

    again = make_demo(db, seed=99, today=date(2027, 1, 1))

    assert again == made
    assert (made.name, made.title, made.currency, made.time_zone, made.prices_include_tax) == ("demo", "Fern & Tide", "EUR", "Europe/Berlin", True)
    assert rows_of(db, "select count(*), sum(total_minor), sum(tax_minor), sum(units) from shop_order") == sums
    paid = sum(line["price_minor"] * line["quantity"] - line["discount_minor"] for line in shop.of[OrderLine])
    assert sums[0][:3] == (20_000, paid, sum(line["tax_minor"] for line in shop.of[OrderLine]))
    refunded = rows_of(
        db, "select payment, min(total_minor = refunded_minor), max(total_minor = refunded_minor) from shop_order where refunded_minor > 0 group by 1"
    )
    assert sorted(refunded) == [("partially_refunded", 0, 0), ("refunded", 1, 1)]


def test_beside_another_shop_it_points_only_at_its_own(db: Database) -> None:
    create_shop(db, name="other", currency="GBP", time_zone="Europe/London")
    for statement in (
        "insert into shop_product (id, shop_id, title, handle, description, status, vendor, product_type, options, created_at, version) "
        "values (500, 1, 'Theirs', 'theirs', '', 'active', '', '', '[]', '2026-01-01', 1)",
        "insert into shop_customer (id, shop_id, name, accepts_marketing, created_at, version) values (90, 1, 'Theirs', 0, '2026-01-01', 1)",
    ):
        db.write_now(lambda session, statement=statement: session.execute(text(statement)))

    make_demo(db, today=TODAY)

    pointing = {
        "shop_order_line": ("product_id", "shop_product"),
        "shop_variant": ("product_id", "shop_product"),
        "shop_order": ("customer_id", "shop_customer"),
        "shop_review": ("product_id", "shop_product"),
        "shop_collection_member": ("product_id", "shop_product"),
        "shop_message": ("customer_id", "shop_customer"),
    }
    for table, (column, target) in pointing.items():
        assert rows_of(db, f"select count(*) from {table} a join {target} b on b.id = a.{column} where a.shop_id <> b.shop_id") == [(0,)], table
    tagged = """select count(*) from shop_tag t left join shop_product p on p.id = t.record_id
                where t.kind = 'product' and (p.id is null or p.shop_id <> t.shop_id)"""
    assert rows_of(db, tagged) == [(0,)]
    products = rows_of(db, "select min(j.value), max(j.value) from shop_discount d, json_each(d.products) j")[0]
    assert products[0] > 500

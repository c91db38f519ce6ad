"""sales_report: figures that agree with the orders themselves, and sentences that begin with the figure."""

import asyncio
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from said import days

from agent.sdk import Money, Order, OrderWhere, Percent, Period, every

BERLIN = ZoneInfo("Europe/Berlin")
NOVEMBER = days("2026-11-01", "2026-11-20", "November")


def orders_of(bench: Any, period: dict[str, str]) -> list[Order]:
    where = OrderWhere(placed=Period.model_validate(period))
    return [order for order in asyncio.run(every(bench.ground.store.orders, where)) if order.cancelled_at is None]


def test_orders_and_units_are_those_of_the_orders(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["orders", "units"], period=NOVEMBER)
    orders = orders_of(bench, NOVEMBER)
    units = sum(line.quantity for order in orders for line in order.lines if line.kind == "product")
    assert answer.data.table.rows == [[len(orders), units]]
    assert answer.data.total == len(orders)


def test_units_by_product_are_those_of_the_lines(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["units"], by=["product"], period=NOVEMBER)
    wanted: Counter[str] = Counter()
    for order in orders_of(bench, NOVEMBER):
        for line in order.lines:
            wanted[line.title] += line.quantity if line.kind == "product" else 0
    rows = answer.data.table.rows
    assert dict(rows[:-1]) == {title: units for title, units in wanted.items() if units}
    assert rows[-1] == ["Total", sum(wanted.values())]


def test_revenue_is_what_the_shop_calls_revenue(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["revenue"], period=NOVEMBER)
    same = bench.ask("sales_report", metrics=["net_sales"], period=NOVEMBER)
    assert (answer.data.metric, answer.data.total) == ("net_sales", same.data.total)
    assert "Gross sales minus discounts minus returns" in answer.evidence.definition


def test_the_last_30_days_are_meant_when_no_time_is_said_and_the_answer_says_so(bench: Any) -> None:
    answer = bench.ask("sales_report")
    assert answer.evidence.period.label == "the last 30 days"
    assert answer.evidence.period.start.isoformat() == "2026-10-22T00:00:00+02:00"
    assert answer.evidence.period.end.isoformat() == "2026-11-21T00:00:00+01:00"
    assert answer.data.table.columns == ["Net sales", "Orders", "Units"]
    assert answer.text.msgid.startswith("{figure} {metric}, {period}")


@pytest.mark.parametrize(("order", "ascending"), [("best", False), ("worst", True)])
def test_the_best_and_the_worst_come_first(order: str, ascending: bool, bench: Any) -> None:
    answer = bench.ask("sales_report", order=order, top=3, metrics=["units"], period=NOVEMBER)
    units = [row[1] for row in answer.data.table.rows[:-1]]
    assert len(units) == 3
    assert units == sorted(units, reverse=not ascending)
    assert len(answer.data.products.ids) == 3, "a later part may refer to these products"


def test_the_worst_sellers_are_those_that_sold_nothing_and_their_number_is_said(bench: Any) -> None:
    answer = bench.ask("sales_report", order="worst", metrics=["units"], period=NOVEMBER)
    rows = answer.data.table.rows[:-1]
    sold = {line.title for order in orders_of(bench, NOVEMBER) for line in order.lines if line.kind == "product"}
    active = {row[0] for row in bench.ask("find_products", status="active").data.table.rows}
    assert answer.text.n == len(active - sold) > 0
    assert str(answer.text).endswith("sold nothing at all.")
    assert {title for title, units in rows if units == 0} == active - sold
    assert [units for _, units in rows] == sorted(units for _, units in rows)


def test_where_nothing_sold_the_worst_sellers_are_rows_of_zeros(bench: Any) -> None:
    before_all = days("2001-01-01", "2001-01-31")
    answer = bench.ask("sales_report", order="worst", top=3, period=before_all)
    assert [row[1].amount for row in answer.data.table.rows[:-1]] == [0, 0, 0]
    assert len(answer.data.products.ids) == 3


def test_what_was_never_bought_is_not_what_was_sent_back_least(bench: Any) -> None:
    answer = bench.ask("sales_report", order="worst", metrics=["units_returned"], by=["product"], period=days("2001-01-01", "2001-01-31"))
    assert answer.data.products.ids == ()


def test_vendors_by_month_come_in_the_order_of_time_largest_first(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["units"], by=["vendor", "month"], period=days("2026-06-01", "2026-11-20"))
    rows = answer.data.table.rows[:-1]
    assert {row[1] for row in rows} == {f"2026-{month:02d}" for month in range(6, 12)}
    assert rows == sorted(rows, key=lambda row: (row[1], -row[2]))


def test_the_total_covers_what_the_list_cuts_off(bench: Any) -> None:
    whole = bench.ask("sales_report", metrics=["units"], period=NOVEMBER)
    cut = bench.ask("sales_report", metrics=["units"], by=["product"], top=1, period=NOVEMBER)
    assert cut.data.table.rows[-1] == ["Total", whole.data.total]


def test_a_comparison_shows_before_and_the_change(bench: Any) -> None:
    before = days("2026-10-01", "2026-10-20", "October")
    answer = bench.ask("sales_report", metrics=["units"], period=NOVEMBER, compare=before)
    was = bench.ask("sales_report", metrics=["units"], period=before).data.total
    now, then, change = answer.data.table.rows[0]
    assert answer.data.table.columns == ["Units", "Units before", "Units change %"]
    assert (then, answer.data.compared) == (was, was)
    assert float(change) == pytest.approx((now - was) * 100 / was, abs=0.05)
    assert ("more than" if now > was else "less than") in answer.text.msgid


def test_nothing_before_is_said_and_not_divided_by(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["units"], period=NOVEMBER, compare=days("2001-01-01", "2001-01-31"))
    assert "nothing to compare with" in answer.text.msgid
    assert answer.data.table.rows[0][2] is None


LONG_AGO = days("2001-01-01", "2001-01-31", "long ago")


def test_where_nothing_was_sold_there_is_no_return_rate(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["return_rate"], period=LONG_AGO)
    assert (answer.text.msgid, answer.text.params["metric"]) == ("Nothing was sold, {period}, so there is no {metric}.", "return rate")
    assert (answer.data.total, answer.data.table.rows) == (None, [[None, 0, 0]])
    assert bench.ask("sales_report", metrics=["return_rate"], by=["month"], period=LONG_AGO).text.msgid == answer.text.msgid


def test_a_return_rate_is_compared_with_one_of_nothing_with_none_at_all_and_the_other_way_round(bench: Any) -> None:
    year = days("2025-11-21", "2026-11-20", "the last 12 months")
    by_day = bench.ask("sales_report", metrics=["return_rate"], by=["day"], period=year).data.table.rows[:-1]
    none_back = next(days(day, day, "that day") for day, rate, *_ in by_day if rate == 0)

    def asked(period: dict[str, str], compare: dict[str, str]) -> Any:
        return bench.ask("sales_report", metrics=["return_rate"], period=period, compare=compare)

    rate = bench.ask("sales_report", metrics=["return_rate"], period=year).data.total
    risen, gone, none = asked(year, none_back), asked(LONG_AGO, year), asked(LONG_AGO, days("2001-02-01", "2001-02-28", "after that"))
    assert risen.text.msgid == "{figure} {metric}, {period}; it was {before}, {compared}."
    assert (risen.text.params["figure"], risen.text.params["before"], risen.data.table.rows[0][:3]) == (
        Percent(rate),
        Percent(Decimal(0)),
        [rate, 0, None],
    )
    assert "nothing to compare with" in asked(year, LONG_AGO).text.msgid and asked(year, LONG_AGO).data.compared is None
    assert gone.text.msgid == "Nothing was sold, {period}, so there is no {metric}; it was {before}, {compared}."
    assert (gone.text.params["before"], gone.data.table.rows[0][:3]) == (Percent(rate), [None, rate, None])
    assert none.text.msgid == "Nothing was sold, {period}, so there is no {metric}."


def test_places_products_channels_and_customers_narrow_it_down(bench: Any) -> None:
    year = days("2025-11-21", "2026-11-20", "the last 12 months")
    orders = orders_of(bench, year)

    def asked(**said: Any) -> int:
        return int(bench.ask("sales_report", metrics=["orders"], period=year, **said).data.total)

    german = [o for o in orders if o.shipping_address and o.shipping_address.country == "DE"]
    assert asked(places=["Germany"]) == asked(places=["DE"]) == len(german) > 0
    assert asked(places=["Lyon"]) == len([o for o in orders if o.shipping_address and o.shipping_address.city == "Lyon"]) > 0
    assert asked(channels=["Instagram"]) == len([o for o in orders if o.channel == "Instagram"]) > 0
    anna = bench.customers("Anna")
    assert asked(customers=anna) == len([o for o in orders if o.customer_id in anna["ids"]]) > 0
    mug = bench.products("Blue")
    assert asked(products=mug) == len([o for o in orders if any(line.product_id in mug["ids"] for line in o.lines)]) > 0


def test_months_are_in_their_order_and_none_is_cut_off(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["revenue"], by=["month"], period=days("2026-01-01", "2026-11-20"))
    months = [row[0] for row in answer.data.table.rows[:-1]]
    assert months == sorted(months)
    assert months[-1] == "2026-11"
    assert all(isinstance(row[1], Money) for row in answer.data.table.rows)


def test_weekdays_and_hours_are_those_of_the_orders_in_the_shops_time_zone(bench: Any) -> None:
    zone = ZoneInfo(bench.ground.store.shop.time_zone)
    local = [order.placed_at.astimezone(zone) for order in orders_of(bench, NOVEMBER)]
    by_day = bench.ask("sales_report", metrics=["orders"], by=["weekday"], period=NOVEMBER).data.table.rows
    assert [row[0] for row in by_day[:-1]] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    assert {name: n for name, n in by_day[:-1] if n} == dict(Counter(f"{at:%A}" for at in local))
    by_hour = bench.ask("sales_report", metrics=["orders"], by=["hour"], period=NOVEMBER).data.table.rows
    assert len(by_hour) == 25
    assert {name: n for name, n in by_hour[:-1] if n} == dict(Counter(f"{at:%H}:00" for at in local))


def test_the_best_hour_leads_where_the_best_is_asked_for(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["orders"], by=["hour"], order="best", period=NOVEMBER)
    counts = [row[1] for row in answer.data.table.rows[:-1]]
    assert counts == sorted(counts, reverse=True) and counts[0] > 0
    assert f"Most: {answer.data.table.rows[0][0]}" in str(answer.text)


def test_only_some_weekdays_are_counted_where_they_are_named(bench: Any) -> None:
    zone = ZoneInfo(bench.ground.store.shop.time_zone)
    answer = bench.ask("sales_report", metrics=["orders"], weekdays=["monday", "friday"], period=NOVEMBER)
    assert answer.data.total == sum(order.placed_at.astimezone(zone).weekday() in (0, 4) for order in orders_of(bench, NOVEMBER))


def test_new_and_returning_customers_share_the_orders_between_them(bench: Any) -> None:
    rows = bench.ask("sales_report", metrics=["orders"], by=["customer_kind"], period=NOVEMBER).data.table.rows
    counts = {row[0]: row[1] for row in rows if row[0] != "Total"}
    assert sum(counts.values()) == len(orders_of(bench, NOVEMBER))
    for kind in ("new", "returning"):
        alone = bench.ask("sales_report", metrics=["orders"], customer_kind=kind, period=NOVEMBER)
        assert alone.data.total == counts.get(kind, 0)
        assert "a customer's first order" in alone.evidence.definition


def test_a_code_that_nobody_used_sold_nothing(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["orders", "average_order_value"], codes=["hello10"], period=NOVEMBER)
    assert answer.data.total == 0 and answer.evidence.filters == {"discount_codes": ["hello10"]}


def test_a_report_by_collection_says_that_products_in_two_count_in_both(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["units"], by=["collection"], period=NOVEMBER)
    whole = bench.ask("sales_report", metrics=["units"], period=NOVEMBER)
    assert answer.data.total == whole.data.total
    assert "counts in each of them, and once in the total" in answer.evidence.definition


def test_a_share_is_of_all_there_was_and_the_sentence_says_of_what(bench: Any) -> None:
    whole = bench.ask("sales_report", metrics=["orders"], period=NOVEMBER)
    german = bench.ask("sales_report", metrics=["orders"], places=["DE"], share=True, period=NOVEMBER)
    assert float(german.data.share) == pytest.approx(german.data.total * 100 / whole.data.total, abs=0.05)
    assert "{share} of {whole}" in german.text.params["told"].msgid and german.text.params["told"].params["whole"] == whole.data.total
    assert german.text.params["what"] == "Germany"


def test_the_shares_of_a_report_add_up_to_all_of_it(bench: Any) -> None:
    rows = bench.ask("sales_report", metrics=["units"], by=["channel"], share=True, period=NOVEMBER).data.table.rows
    assert sum(float(row[-1]) for row in rows[:-1]) == pytest.approx(100, abs=0.05 * len(rows)) and float(rows[-1][-1]) == 100


def test_places_named_beside_each_other_are_told_apart(bench: Any) -> None:
    year = days("2025-11-21", "2026-11-20", "the last 12 months")
    both = bench.ask("sales_report", metrics=["orders"], places=["DE", "FR"], period=year).data.table
    each = {code: bench.ask("sales_report", metrics=["orders"], places=[code], period=year).data.total for code in ("DE", "FR")}
    assert dict(both.rows[:-1]) == each and both.rows[-1] == ["Total", sum(each.values())]


def test_what_chosen_customers_bought_is_of_all_time_where_none_is_said(bench: Any) -> None:
    answer = bench.ask("sales_report", metrics=["orders"], customers=bench.customers("Anna"))
    ever = bench.ask("sales_report", metrics=["orders"], customers=bench.customers("Anna"), period=days("2000-01-01", "2026-11-20"))
    assert answer.data.total == ever.data.total and answer.evidence.period.label == "all time"


def test_a_figure_says_what_it_is_narrowed_to(bench: Any) -> None:
    said = str(bench.ask("sales_report", metrics=["units"], places=["DE", "berlin"], customer_kind="new", weekdays=["monday"], period=NOVEMBER).text)
    assert said.endswith("Only for: new customers; Germany; Berlin; Monday.")
    assert "Only for" not in str(bench.ask("sales_report", metrics=["units"], period=NOVEMBER).text)


def test_a_comparison_with_a_time_in_which_the_shop_began_says_when_it_began(bench: Any) -> None:
    first = asyncio.run(bench.ground.store.orders(OrderWhere(sort="oldest"), limit=1)).items[0].placed_at
    before = Period(start=first - timedelta(days=100), end=first + timedelta(days=100), label="last year")
    answer = bench.ask("sales_report", metrics=["units"], period=NOVEMBER, compare=before)
    assert "orders begin on" in answer.text.msgid and answer.text.params["day"] == first.astimezone(BERLIN).date()
    whole = bench.ask("sales_report", metrics=["units"], period=NOVEMBER, compare=Period(start=first, end=first + timedelta(days=100)))
    assert "orders begin on" not in whole.text.msgid

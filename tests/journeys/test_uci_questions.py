"""Sixty questions about the numbers of a real shop, as merchants word them; every right answer is computed from the file's own rows in plain SQL.

None of the right answers passes through Storehand's tables: the rows lie in a database of their own, and the rules of what is a
sale and what came back are written down here once more (what no product is, what a return is, what only corrects the stock).
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.bootstrap import House, open_house
from agent.cli import main
from agent.cli.context import caller
from agent.records import Ask, to_json
from agent.settings import load

DATA = Path(__file__).parents[3] / "shared/data/uci_online_retail/online_retail.csv.gz"
pytestmark = [pytest.mark.public_data, pytest.mark.skipif(not DATA.exists(), reason="the public data sets are not beside the checkout")]

COUNTRIES = {
    "United Kingdom": "GB", "Germany": "DE", "France": "FR", "EIRE": "IE", "Netherlands": "NL", "Spain": "ES", "Australia": "AU", "Belgium": "BE",
    "Switzerland": "CH", "Portugal": "PT", "Norway": "NO", "Italy": "IT", "Finland": "FI", "Sweden": "SE", "Denmark": "DK", "Japan": "JP",
    "Poland": "PL", "Cyprus": "CY", "Singapore": "SG", "Austria": "AT", "Hong Kong": "HK", "Israel": "IL", "Greece": "GR", "Iceland": "IS",
    "USA": "US", "Canada": "CA", "Malta": "MT", "United Arab Emirates": "AE", "Lebanon": "LB", "Lithuania": "LT", "Brazil": "BR",
    "Czech Republic": "CZ", "Channel Islands": "JE", "Bahrain": "BH", "Saudi Arabia": "SA", "RSA": "ZA",
}  # fmt: skip
"""As the file names them; the rest of its names ("Unspecified", "European Community") are in no row that is compared."""
RULES = """
create view kinds as
select *, min(moment) over (partition by invoice) as at, upper(trim(code)) as sku, quantity * pence as worth,
    upper(trim(code)) not in ('POST','DOT','C2','AMAZONFEE','BANK CHARGES','CRUK','M','D','S','B','PADS') as product,
    quantity < 0 or invoice like 'C%' or upper(trim(code)) = 'B' as back
from rows;
create table counts as select invoice from kinds group by invoice having max(customer) = '' and max(pence) = 0 and min(pence) = 0;
create table flow as
select *, substr(at, 1, 10) as day, substr(at, 1, 7) as month, substr(at, 12, 2) || ':00' as hour,
    case strftime('%w', at) when '0' then 'Sunday' when '1' then 'Monday' when '2' then 'Tuesday' when '3' then 'Wednesday'
        when '4' then 'Thursday' when '5' then 'Friday' else 'Saturday' end as weekday
from kinds
where not (pence = 0 and (invoice in (select invoice from counts) or (product and back)));
create index of_day on flow (day);
create table placed as
select invoice, min(id) as id, min(day) as day, min(month) as month, min(at) as at, min(hour) as hour, min(weekday) as weekday, country,
    max(customer) as customer, sum(case when product then worth else 0 end) as gross
from flow where not back group by invoice;
create table kind_of as
select invoice, case when customer = '' then '(no customer)'
    when row_number() over (partition by customer order by at, id) = 1 then 'new' else 'returning' end as kind from placed;
"""
NET = "sum(case when product then worth else 0 end)"
GROSS = "sum(case when product and not back then worth else 0 end)"
RETURNED = "-sum(case when product and back then worth else 0 end)"
UNITS = "sum(case when product and not back then quantity else 0 end)"
BACK = "-sum(case when product and back then quantity else 0 end)"
NOV, OCT, Y2011 = "month = '2011-11'", "month = '2011-10'", "month like '2011-%'"
QUARTER = "'2011-Q' || ((substr(month, 6, 2) + 2) / 3)"
SOLD = "product and not back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Q:
    """One question in one or more wordings.

    Attributes:
        sql: Gives the keys of each row and its figure (money in pence, an average as a sum and a count), in the order of the answer.
        metric: What the figure's column is called.
        keys: How many columns are keys; 0 where the answer is a single figure.
    """

    asks: Sequence[str]
    sql: str
    metric: str = "Net sales"
    keys: int = 0
    top: int | None = None


def of(figure: str, where: str) -> str:
    return f"select coalesce({figure}, 0) from flow where {where}"


def by(key: str, figure: str, where: str, order: str = "1") -> str:
    return f"select {key} as k, {figure} as f from flow where {where} group by k order by {order}"


def orders(where: str, figure: str = "count(*)") -> str:
    return f"select {figure} from placed where {where}"


def orders_by(key: str, where: str, figure: str = "count(*)", order: str = "1") -> str:
    return f"select {key} as k, {figure} as f from placed join kind_of using (invoice) where {where} group by k order by {order}"


MOST = "f desc, 1"
LEAST = "f, 1"
CAKESTAND, HEART, JUMBO, BUNTING = "sku = '22423'", "sku = '85123A'", "sku = '85099B'", "sku = '47566'"

QUESTIONS: list[Q] = [
    Q(
        asks=[
            "What was our revenue in November 2011?", "how much did we sell in Nov 2011", "turnover for November 2011", "sales november 2011",
            "Show me net sales for November 2011", "how much money did we make in November 2011", "what were our takings in november 2011",
            "revenue from 1 to 30 November 2011", "November 2011 revenue please", "how high was our revenue in November 2011",
        ],
        sql=of(NET, NOV),
    ),
    Q(
        asks=["How many orders did we get in November 2011?", "number of orders in november 2011", "order count for Nov 2011"],
        sql=orders(NOV), metric="Orders",
    ),
    Q(asks=["How many units did we sell in October 2011?", "units sold in October 2011"], sql=of(UNITS, OCT), metric="Units"),
    Q(
        asks=["average order value in September 2011", "AOV for September 2011", "What was the average basket in September 2011?"],
        sql=orders("month = '2011-09'", "sum(gross), count(*)"), metric="Average order value",
    ),
    Q(asks=["gross sales in December 2010"], sql=of(GROSS, "month = '2010-12'"), metric="Gross sales"),
    Q(asks=["value of returns in November 2011", "what was the value of returns for Nov 2011"], sql=of(RETURNED, NOV), metric="Returns"),
    Q(
        asks=["How many customers ordered in October 2011?", "number of customers in October 2011"],
        sql=orders(f"{OCT} and customer <> ''", "count(distinct customer)"), metric="Customers",
    ),
    Q(
        asks=["How many units were returned in August 2011?", "units returned in August 2011", "how many items came back in August 2011"],
        sql=of(BACK, "month = '2011-08'"), metric="Units returned",
    ),
    Q(
        asks=["how much postage did we charge in November 2011", "shipping income for November 2011"],
        sql=of("sum(case when sku in ('POST','DOT','C2') then worth else 0 end)", NOV), metric="Shipping",
    ),
    Q(asks=["total sales in November 2011"], sql=of("sum(worth)", NOV), metric="Total sales"),
    Q(
        asks=[
            "top 5 products by revenue in November 2011 in France", "our five best products by revenue in France in November 2011",
            "which 5 products made the most revenue in France in November 2011",
        ],
        sql=by("sku", NET, f"{NOV} and country = 'France' and product", MOST), keys=1, top=5,
    ),
    Q(asks=["top 10 products by units sold in 2011"], sql=by("sku", UNITS, f"{Y2011} and product", MOST), metric="Units", keys=1, top=10),
    Q(asks=["revenue by country in 2011", "break down 2011 sales by country"], sql=by("country", NET, Y2011, MOST), keys=1, top=20),
    Q(
        asks=["top 3 countries by orders in 2011", "which 3 countries had the most orders in 2011"],
        sql=orders_by("country", Y2011, order=MOST), metric="Orders", keys=1, top=3,
    ),
    Q(
        asks=["monthly revenue in 2011", "revenue per month in 2011", "how did revenue develop month by month in 2011", "sales by month for 2011"],
        sql=by("month", NET, Y2011), keys=1,
    ),
    Q(
        asks=["orders per week in November 2011"],
        sql=orders_by("date(day, '-' || ((strftime('%w', day) + 6) % 7) || ' days')", NOV), metric="Orders", keys=1,
    ),
    Q(
        asks=["daily revenue from 1 November 2011 to 7 November 2011", "revenue per day between November 1 and November 7, 2011"],
        sql="with recursive d(k) as (select '2011-11-01' union all select date(k, '+1 day') from d where k < '2011-11-07')"
        f" select k, coalesce({NET}, 0) from d left join flow on day = k group by k order by k",
        keys=1,
    ),
    Q(asks=["revenue by quarter in 2011", "quarterly sales in 2011"], sql=by(QUARTER, NET, Y2011), keys=1),
    Q(
        asks=["revenue by weekday in November 2011", "sales by day of the week in November 2011"],
        sql="with w(n, k) as (values (1,'Monday'),(2,'Tuesday'),(3,'Wednesday'),(4,'Thursday'),(5,'Friday'),(6,'Saturday'),(7,'Sunday'))"
        f" select k, coalesce({NET}, 0) from w left join flow on weekday = k and {NOV} group by k order by n",
        keys=1,
    ),
    Q(
        asks=["orders by hour in November 2011", "how many orders did we get per hour of the day in November 2011"],
        sql="with recursive h(n) as (select 0 union all select n + 1 from h where n < 23)"
        f" select printf('%02d:00', n) as k, count(invoice) from h left join placed on hour = printf('%02d:00', n) and {NOV} group by k order by k",
        metric="Orders", keys=1,
    ),
    Q(
        asks=["best hour of the day in 2011", "what was our strongest hour of the day in 2011", "which hour of the day sold the most in 2011"],
        sql=by("hour", NET, Y2011, MOST), keys=1, top=10,
    ),
    Q(
        asks=["how many orders came from new customers in October 2011", "orders by new customers in October 2011"],
        sql=f"select count(*) from placed join kind_of using (invoice) where {OCT} and kind = 'new'", metric="Orders",
    ),
    Q(
        asks=[
            "gross sales of new vs returning customers in 2011", "gross sales from new and returning customers in 2011",
            "gross sales 2011, new versus repeat customers",
        ],
        sql=orders_by("kind", Y2011, "sum(gross)", MOST), metric="Gross sales", keys=1,
    ),
    Q(
        asks=["revenue in Germany in 2011", "how much did we sell to Germany in 2011", "German revenue in 2011"],
        sql=of(NET, f"{Y2011} and country = 'Germany'"),
    ),
    Q(asks=["how many orders from the Netherlands in 2011"], sql=orders(f"{Y2011} and country = 'Netherlands'"), metric="Orders"),
    Q(
        asks=[
            "compare the revenue of November 2011 with October 2011",
            "revenue in November 2011 vs October 2011",
            "revenue November 2011 against October 2011",
        ],
        sql=f"select (select {NET} from flow where {NOV}), (select {NET} from flow where {OCT})", metric="Net sales|Net sales before",
    ),
    Q(
        asks=["gross sales by half year in 2011", "half-yearly gross sales in 2011"],
        sql=by("'2011-H' || (1 + (substr(month, 6, 2) > '06'))", GROSS, Y2011), metric="Gross sales", keys=1,
    ),
    Q(
        asks=["bottom 3 countries by gross sales in 2011", "the worst 3 countries by gross sales in 2011"],
        sql=by("country", GROSS, Y2011, LEAST), metric="Gross sales", keys=1, top=3,
    ),
    Q(
        asks=["how much did the REGENCY CAKESTAND 3 TIER make in 2011", "revenue of the regency cakestand 3 tier in 2011"],
        sql=of(NET, f"{Y2011} and {CAKESTAND}"),
    ),
    Q(
        asks=["how many white hanging heart t-light holders did we sell in November 2011"],
        sql=of(UNITS, f"{NOV} and {HEART}"), metric="Units",
    ),
    Q(asks=["how much did the jumbo bag red retrospot make in 2011"], sql=of(NET, f"{Y2011} and {JUMBO}")),
    Q(
        asks=["units of party bunting sold by month in 2011", "monthly units of the party bunting in 2011"],
        sql=by("month", UNITS, f"{Y2011} and {BUNTING}"), metric="Units", keys=1,
    ),
    Q(
        asks=["revenue by country for the regency cakestand 3 tier in 2011"],
        sql=by("country", NET, f"{Y2011} and {CAKESTAND}", MOST), keys=1, top=10,
    ),
    Q(
        asks=["top 5 products in Germany in 2011 by units"],
        sql=by("sku", UNITS, f"{Y2011} and country = 'Germany' and product", MOST), metric="Units", keys=1, top=5,
    ),
    Q(
        asks=["average order value by country in 2011"],
        sql="select k, g, n from (select country as k, sum(gross) as g, count(*) as n from placed where " + Y2011 + " group by country)"
        " order by 1.0 * g / n desc",
        metric="Average order value", keys=1, top=8,
    ),
    Q(asks=["number of orders by country in November 2011"], sql=orders_by("country", NOV, order=MOST), metric="Orders", keys=1, top=5),
    Q(
        asks=["customers by country in 2011", "how many customers per country in 2011"],
        sql=orders_by("country", f"{Y2011} and customer <> ''", "count(distinct customer)", MOST), metric="Customers", keys=1, top=6,
    ),
    Q(asks=["units returned by month in 2011"], sql=by("month", BACK, Y2011), metric="Units returned", keys=1),
    Q(asks=["top 10 products by value of returns in 2011"], sql=by("sku", RETURNED, f"{Y2011} and product", MOST), metric="Returns", keys=1, top=10),
    Q(asks=["revenue in France and Germany in 2011"], sql=by("country", NET, f"{Y2011} and country in ('France', 'Germany')", MOST), keys=1),
    Q(
        asks=["gross sales on Mondays in 2011", "how high were gross sales on mondays in 2011"],
        sql=of(GROSS, f"{Y2011} and weekday = 'Monday'"), metric="Gross sales",
    ),
    Q(asks=["how many orders did we get on Sundays in November 2011"], sql=orders(f"{NOV} and weekday = 'Sunday'"), metric="Orders"),
    Q(asks=["revenue in Q3 2011", "revenue in the third quarter of 2011"], sql=of(NET, "month between '2011-07' and '2011-09'")),
    Q(asks=["revenue in H1 2011", "revenue in the first half of 2011"], sql=of(NET, "month between '2011-01' and '2011-06'")),
    Q(asks=["revenue in week 47 of 2011", "revenue in calendar week 47 of 2011"], sql=of(NET, "day between '2011-11-21' and '2011-11-27'")),
    Q(asks=["revenue between 5 December 2011 and 9 December 2011"], sql=of(NET, "day between '2011-12-05' and '2011-12-09'")),
    Q(asks=["how much did we sell on 5 December 2011", "sales on 5 Dec 2011", "revenue on 05/12/2011"], sql=of(NET, "day = '2011-12-05'")),
    Q(asks=["revenue by month in the United Kingdom in 2011"], sql=by("month", NET, f"{Y2011} and country = 'United Kingdom'"), keys=1),
    Q(
        asks=["orders of returning customers by month in 2011", "how many orders did returning customers place per month in 2011"],
        sql=orders_by("month", f"{Y2011} and kind = 'returning'"), metric="Orders", keys=1,
    ),
    Q(
        asks=["average order value of new vs returning customers in 2011"],
        sql="select k, g, n from (select kind as k, sum(gross) as g, count(*) as n from placed join kind_of using (invoice) where "
        + Y2011 + " group by kind) order by 1.0 * g / n desc",
        metric="Average order value", keys=1,
    ),
    Q(
        asks=["net sales and gross sales per quarter in 2011"],
        sql=f"select {QUARTER} as k, {NET}, {GROSS} from flow where {Y2011} group by k order by k", metric="Net sales|Gross sales", keys=1,
    ),
    Q(
        asks=["top 5 by product and country in November 2011 by revenue"],
        sql=f"select sku, country, {NET} as f from flow where {NOV} and product group by sku, country order by f desc", keys=2, top=5,
    ),
    Q(
        asks=["top 3 products by units in Spain in 2011"],
        sql=by("sku", UNITS, f"{Y2011} and country = 'Spain' and product", MOST), metric="Units", keys=1, top=3,
    ),
    Q(asks=["how many orders did we have on Black Friday 2011"], sql=orders("day = '2011-11-25'"), metric="Orders"),
    Q(asks=["revenue over Easter 2011", "how much did we sell at easter 2011"], sql=of(NET, "day between '2011-04-22' and '2011-04-25'")),
    Q(
        asks=["how many customers did we have in Ireland in 2011"],
        sql=orders(f"{Y2011} and customer <> '' and country = 'EIRE'", "count(distinct customer)"), metric="Customers",
    ),
    Q(
        asks=["Australian sales by quarter in 2011", "sales to Australia by quarter in 2011"],
        sql=by(QUARTER, NET, f"{Y2011} and country = 'Australia'"), keys=1,
    ),
    Q(
        asks=["which weekday had the most orders in 2011", "what is our busiest day of the week by orders in 2011"],
        sql=orders_by("weekday", Y2011, order=MOST), metric="Orders", keys=1, top=6,
    ),
    Q(asks=["revenue since 1 December 2011"], sql=of(NET, "day >= '2011-12-01'")),
    Q(
        asks=["Today is 9 December 2011. What was our revenue this month?", "today is 9/12/2011, how much revenue did we make this month"],
        sql=of(NET, "day between '2011-12-01' and '2011-12-09'"),
    ),
    Q(
        asks=["today is 9 December 2011, how many orders did we get last week"],
        sql=orders("day between '2011-11-28' and '2011-12-04'"), metric="Orders",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> Iterator[sqlite3.Connection]:
    """The file's rows under the rules, in a database of their own."""
    with closing(sqlite3.connect(":memory:")) as db, gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        db.execute(
            "create table rows (id integer primary key, invoice text, code text, quantity int, moment text, pence int, customer text, country text)"
        )
        read = csv.reader(file)
        assert next(read) == ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
        db.executemany("insert into rows values (null, ?, ?, ?, ?, ?, ?, ?)", (_row(cells) for cells in read))
        db.executescript(RULES)
        yield db


def _row(cells: Sequence[str]) -> tuple[Any, ...]:
    invoice, code, _, quantity, at, price, customer, country = cells
    pence = (Decimal(price) * 100).quantize(Decimal(1), ROUND_HALF_UP)
    return invoice, code, int(quantity), at, int(pence), customer, country


class Shop:
    """The file imported as a shop, and a house open on it for as long as the module needs."""

    def __init__(self, folder: Path) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["import", "orders", str(DATA), "--shop", "uci", "--currency", "GBP", "--time-zone", "Europe/London", "--data", str(folder)])
        assert not ended.value.code
        self._loop = asyncio.new_event_loop()
        self._opened = open_house(load(data=folder))
        self._house: House = self._loop.run_until_complete(self._opened.__aenter__())
        self._info = self._loop.run_until_complete(self._house.shop("uci"))
        with closing(sqlite3.connect(folder / "storehand.db")) as db:
            named = db.execute("select p.title, v.sku from shop_variant v join shop_product p on p.id = v.product_id").fetchall()
        self.codes: dict[str, str] = dict(named)

    def asked(self, text: str) -> Any:
        ask = Ask(text, locale=self._info.locale, shop=self._info.id)
        return to_json(self._loop.run_until_complete(self._house.service.ask(ask, caller(self._info.id), wait_s=120)))

    def close(self) -> None:
        self._loop.run_until_complete(self._opened.__aexit__(None, None, None))
        self._loop.close()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    one = Shop(tmp_path_factory.mktemp("uci") / "data")
    yield one
    one.close()


def test_there_are_sixty_questions_and_a_few_in_ten_wordings() -> None:
    assert len(QUESTIONS) >= 60 and max(len(q.asks) for q in QUESTIONS) >= 10
    assert len({ask for q in QUESTIONS for ask in q.asks}) == sum(len(q.asks) for q in QUESTIONS)


@pytest.mark.parametrize("q", QUESTIONS, ids=[q.asks[0] for q in QUESTIONS])
def test_the_answer_is_that_of_the_rows_however_it_is_asked(shop: Shop, rows: sqlite3.Connection, q: Q) -> None:
    expected = right(rows, q)
    queries = set()
    for ask in q.asks:
        reply = shop.asked(ask)
        assert reply["questions"] == reply["not_done"] == [], ask
        (part,) = reply["parts"]
        assert (part["task"], part["kind"]) == ("sales_report", "answer"), ask
        assert answered(part["data"], q, shop) == expected, ask
        queries.add(part["evidence"]["query"])
    assert len(queries) == 1, "the same question is the same query in every wording"


def right(rows: sqlite3.Connection, q: Q) -> list[tuple[Any, ...]]:
    """What the rows say: keys as Storehand writes them, money in pounds."""
    found = rows.execute(q.sql).fetchall()
    named = [tuple(COUNTRIES.get(key, key) for key in row[: q.keys]) + figures(q, row[q.keys :]) for row in found]
    return named[: q.top]


def figures(q: Q, numbers: Sequence[int]) -> tuple[Any, ...]:
    if q.metric in ("Orders", "Units", "Customers", "Units returned"):
        return tuple(numbers)
    if q.metric == "Average order value":
        return ((Decimal(numbers[0]) / Decimal(numbers[1]) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP),)
    return tuple(Decimal(number) / 100 for number in numbers)


def answered(data: Any, q: Q, shop: Shop) -> list[tuple[Any, ...]]:
    table, wanted = data["table"], q.metric.split("|")
    assert table["columns"][q.keys] == wanted[0], f"{table['columns']} leads with something else"
    places = [table["columns"].index(name) for name in wanted]
    body = [row for row in table["rows"] if not q.keys or row[0] != "Total"]
    found = [tuple(shop.codes.get(key, key) for key in row[: q.keys]) + tuple(_plain(row[place]) for place in places) for row in body]
    return found[: q.top]


def _plain(cell: Any) -> Any:
    return Decimal(cell["amount"]) if isinstance(cell, dict) else cell

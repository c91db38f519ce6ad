"""The embedded store at the size of the UCI Online Retail file: how long the import takes, and what reports take after it.

    python -m bench.store [FILE.csv.gz] [--runs 9] [--keep FOLDER]

The file is the UCI Machine Learning Repository's "Online Retail" data, which is not part of this repository. Every query goes through
the store's port, which caches nothing; figures are medians and 95th percentiles of wall time, which mean little on a busy machine, and the
median of processor time beside them, which means more there.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.sdk import Between, CustomerWhere, Filters, Money, OrderWhere, Period, Query, Store
from agent.stores.embedded.importers import import_orders
from agent.stores.embedded.shops import shops
from agent.stores.embedded.store import EmbeddedStore

UCI = Path("../shared/data/uci_online_retail/online_retail.csv.gz")
ZONE = ZoneInfo("Europe/London")
IMPORT_TARGET_S, QUERY_TARGET_MS = 60, 150


def period(first: str, last: str) -> Period:
    """Whole days, the last one in it."""
    start, end = (datetime.combine(date.fromisoformat(day), datetime.min.time(), ZONE) for day in (first, last))
    return Period(start=start, end=end + timedelta(days=1))


ALL, NOVEMBER, OCTOBER = period("2010-12-01", "2011-12-09"), period("2011-11-01", "2011-11-30"), period("2011-10-01", "2011-10-31")
YEAR, YEAR_BEFORE = period("2011-06-15", "2011-12-09"), period("2010-12-15", "2011-06-14")

Ask = Callable[[Store], Awaitable[object]]
ASKS: dict[str, Ask] = {
    "sales by product, all 53 weeks, revenue, units and orders, top 10": lambda s: s.query(
        Query(metrics=["net_sales", "units", "orders"], dimensions=["product"], period=ALL, limit=10)
    ),
    "sales by product, November, revenue, top 10": lambda s: s.query(
        Query(metrics=["net_sales"], dimensions=["product"], period=NOVEMBER, limit=10)
    ),
    "sales by product, November in France, top 5": lambda s: s.query(
        Query(metrics=["net_sales"], dimensions=["product"], period=NOVEMBER, filters=Filters(countries=["FR"]), limit=5)
    ),
    "sales by product, November against October, top 10": lambda s: s.query(
        Query(metrics=["net_sales", "units"], dimensions=["product"], period=NOVEMBER, compare=OCTOBER, limit=10)
    ),
    "sales by product, six months against six, top 10": lambda s: s.query(
        Query(metrics=["net_sales", "units"], dimensions=["product"], period=YEAR, compare=YEAR_BEFORE, limit=10)
    ),
    "sales by country, all 53 weeks, revenue and orders": lambda s: s.query(
        Query(metrics=["net_sales", "orders"], dimensions=["country"], period=ALL)
    ),
    "sales by month, all 53 weeks, revenue, orders and customers": lambda s: s.query(
        Query(metrics=["net_sales", "orders", "customers"], dimensions=["month"], period=ALL)
    ),
    "sales by product, country and month, all 53 weeks, top 10": lambda s: s.query(
        Query(metrics=["net_sales"], dimensions=["product", "country", "month"], period=ALL, limit=10)
    ),
    "the same with units, 1,000 rows: what sales_report asks": lambda s: s.query(
        Query(metrics=["net_sales", "units"], dimensions=["product", "country", "month"], period=ALL, limit=1000)
    ),
    "worst sellers, all 53 weeks, those that sold nothing too, 50 rows": lambda s: s.query(
        Query(metrics=["net_sales", "orders", "units"], dimensions=["product"], period=ALL, limit=50, ascending=True, unsold=True)
    ),
    "customers: spent over 1,000, at least 3 orders, in Britain": lambda s: s.customers(
        CustomerWhere(spent=Between(above=Money.of(1000, "GBP")), orders=Between(at_least=3), countries=["GB"]), limit=50
    ),
    "customers: spent over 500 and 2 orders in autumn, silent since November": lambda s: s.customers(
        CustomerWhere(
            spent=Between(above=Money.of(500, "GBP")), orders=Between(at_least=2), period=period("2011-09-01", "2011-11-30"),
            no_order_since=datetime(2011, 11, 15, tzinfo=ZONE),
        ),
        limit=50,
    ),  # fmt: skip
    "orders: over 500, in Germany, in November": lambda s: s.orders(
        OrderWhere(total=Between(above=Money.of(500, "GBP")), countries=["DE"], placed=NOVEMBER), limit=50
    ),
    "vocabulary": lambda s: s.vocabulary(),
}  # fmt: skip


def imported(db: Database, path: Path) -> float:
    """Seconds the import took."""
    start = time.perf_counter()
    report = import_orders(db, path, shop="uci", currency="GBP", time_zone="Europe/London")
    took = time.perf_counter() - start
    print(f"import: {took:.1f} s (target {IMPORT_TARGET_S} s)")
    print(report)
    return took


async def timed(store: Store, ask: Ask, runs: int) -> list[tuple[float, float]]:
    """Milliseconds of wall time and of processor time of each run, after one that is not counted."""
    await ask(store)
    taken = []
    for _ in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        await ask(store)
        taken.append(((time.perf_counter() - wall) * 1000, (time.process_time() - processor) * 1000))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=UCI)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--keep", type=Path, help="folder to keep the database in; it is used again where it is there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        db = Database(sqlite_url((args.keep or Path(scratch)) / "uci.db"))
        upgrade(db)
        if not shops(db):
            imported(db, args.file)
        store = EmbeddedStore(db, shops(db)[0].id)
        for name, ask in ASKS.items():
            taken = asyncio.run(timed(store, ask, args.runs))
            walls, processor = sorted(wall for wall, _ in taken), statistics.median(busy for _, busy in taken)
            p50, p95 = statistics.median(walls), walls[min(len(walls) - 1, int(len(walls) * 0.95))]
            over = "" if p50 <= QUERY_TARGET_MS else f"over {QUERY_TARGET_MS} ms"
            print(f"{name:75} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   processor {processor:6.1f} ms   {over}".rstrip())
        db.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()

"""The panel on the demo shop beside its limits: a history of 10,000 runs searched, how soon the chat can be used and answers, and its bytes.

python bench/panel.py [--runs 10000] [--times 15] [--no-browser]

What it prints as missed ends it with status 1. `--plans` also prints how SQLite goes about each search; `--postgres` does the
same searches on a server of Postgres of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from serving import CLIENT_CORE, demo_folder, quantile, served
from sqlalchemy import insert

from agent.db.engine import Database, sqlite_url
from agent.db.tables import RunRow
from agent.db.upgrade import upgrade
from agent.ledger.people import People
from agent.records import Role, encode
from agent.runs.history import Sought, search, searching
from agent.stores.embedded.shops import shop_named
from agent.testing.postgres import throw_away_cluster

SEARCHES = {
    "a frequent word": "?q=mugs",
    "a rare word": "?q=zeppelin",
    "no such word": "?q=unheardof",
    "three words": "?q=discount+Berlin+last",
    "a word with an umlaut": "?q=Größe",
    "a task": "?task=create_discount",
    "a state": "?state=failed",
    "words, task, state and time": "?q=mugs&task=sales_report&state=done&from=2026-01-01&to=2026-12-31",
    "everything": "",
}
WHAT = ("mugs", "dresses", "the blue jumper", "candles", "Größe M", "linen towels", "orders from Berlin", "the WELCOME10 discount")
ASKS = (
    "What did {} sell last month?", "Put {} at 12.50 and show me what sold", "Which customers in Berlin bought {} last year?",
    "Make a discount of 10% for {} until Sunday", "Describe {} for the shop", "Who is behind with {}?",
)  # fmt: skip
TASKS = ("sales_report", "change_price", "find_customers", "create_discount", "write_description", "find_orders")
STATES = ("done",) * 16 + ("waiting", "failed", "stopped", "done")


def fill(folder: Path, count: int) -> list[str]:
    """Runs as they are kept, plan and reply too; the tokens of two sign-in links."""
    db = Database(sqlite_url(folder / "storehand.db"))
    shop = shop_named(db, "demo").id
    _keep_runs(db, shop, count)

    async def links() -> list[str]:
        people = People(db)
        person = await people.add("bench", shop=shop, role=Role.OWNER)
        return [await people.link(person.id) for _ in range(2)]

    tokens = asyncio.run(links())
    db.close()
    return tokens


def _keep_runs(db: Database, shop: str, count: int) -> None:
    dice = random.Random(7)
    rows = [_row(shop, number, dice, count) for number in range(count)]
    db.write_now(lambda session: session.execute(insert(RunRow), rows))


def _row(shop: str, number: int, dice: random.Random, count: int) -> dict[str, Any]:
    which = dice.randrange(len(ASKS))
    text = ASKS[which].format(dice.choice(WHAT)) + (" A zeppelin too." if number % 2_500 == 0 else "")
    at = datetime.now(UTC) - timedelta(minutes=10 * (count - number))
    subtask = {
        "id": "s1", "task": TASKS[which], "args": {"products": {"ids": [f"product_{n}" for n in range(20)], "label": "what was meant"}},
        "span": [0, len(text)], "after": [], "effect": "read", "read": {"by": "student", "confidence": 0.98}, "given": None, "said": "",
    }  # fmt: skip
    plan = {
        "id": f"plan_{number}", "text": text, "locale": "en-GB", "subtasks": [subtask], "questions": [], "not_done": [], "by": "student",
        "took_ms": 8.0, "notes": [], "replaces": [], "background": [],
    }  # fmt: skip
    table = {"columns": ["Product", "Net sales"], "rows": [[f"Product {n}", {"amount": "12.50", "currency": "EUR"}] for n in range(40)]}
    part = {
        "subtask": "s1", "task": TASKS[which], "kind": "answer", "text": "It sold well.", "data": {"table": table}, "evidence": None,
        "change_set": None,
        "run": [],
    }  # fmt: skip
    return {
        "shop_id": shop, "id": f"run_{number:032x}", "principal_id": "per_1", "text": text, "state": dice.choice(STATES), "locale": "en-GB",
        "thread": f"t{number // 4}", "plan": encode(plan).decode(), "reply": encode({"parts": [part], "took_ms": 90.0}).decode(), "created_at": at,
        "finished_at": at,
    }  # fmt: skip


def taken(client: httpx.Client, path: str, times: int, *, piece: bool) -> list[float]:
    """Milliseconds of each whole answer."""
    headers = {"accept": "text/html", **({"hx-request": "true"} if piece else {})}
    found = []
    for _ in range(times):
        began = time.perf_counter()
        client.get(path, headers=headers).raise_for_status()
        found.append((time.perf_counter() - began) * 1000)
    return found


LIMITS = {"runs": 200.0, "Enter to the first step": 150.0, "Enter to the first part": 400.0}
"""Milliseconds, of the half of all times; what is measured beside them has no limit of its own."""
MOST_KB = 100.0
"""Of script and style together, unpacked."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--runs", type=int, default=10_000)
    asked.add_argument("--times", type=int, default=15)
    asked.add_argument("--no-browser", action="store_true")
    asked.add_argument("--plans", action="store_true")
    asked.add_argument("--postgres", action="store_true")
    options = asked.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    with tempfile.TemporaryDirectory() as folder:
        tokens = fill(demo_folder(Path(folder)), options.runs)
        if options.plans:
            on_sqlite(Path(folder))
        with served(Path(folder)) as server:
            good = [on_postgres(options.runs, options.times)] if options.postgres else []
            good.append(pages(server.url, tokens[0], options.runs, options.times))
            if not options.no_browser:
                good.append(chat(server.url, tokens[1], options.times))
    sys.exit(not all(good))


def pages(url: str, token: str, runs: int, times: int) -> bool:
    with httpx.Client(base_url=url, timeout=30, follow_redirects=True) as client:
        client.get(f"/sign-in/{token}", headers={"accept": "text/html"}).raise_for_status()
        print(f"{runs:,} runs; milliseconds of the whole answer, {times} times each")
        good = [_show(f"runs: {name}", taken(client, f"/runs{query}", times, piece=True), LIMITS["runs"]) for name, query in SEARCHES.items()]
        _show("the start page", taken(client, "/", times, piece=False))
        _show("what to look at", taken(client, "/today", times, piece=True))
    return all(good)


def chat(url: str, token: str, times: int) -> bool:
    import chat_page  # here, so that the rest runs where there is no browser

    with chat_page.signed_in(url, token) as page:
        over_the_line, unpacked = chat_page.script_and_style(page)
        small = unpacked < MOST_KB
        print(f"script and style: {over_the_line:.1f} KB over the line, {unpacked:.1f} KB unpacked; limit {MOST_KB:.0f}: {_verdict(small)}")
        chat_page.measure(page, len(chat_page.ASKS))  # the first of each kind fills caches
        return all([small, *(_show(name, took, LIMITS.get(name)) for name, took in chat_page.measure(page, times).items())])


SOUGHT = {
    "a frequent word": Sought(words="mugs"), "a rare word": Sought(words="zeppelin"), "no such word": Sought(words="unheardof"),
    "a task": Sought(task="create_discount"), "a state": Sought(states=["failed"]), "everything": Sought(),
}  # fmt: skip


def on_postgres(count: int, times: int) -> bool:
    """The searches alone on a server of Postgres made for it, each beside what the database says it does."""
    with throw_away_cluster() as address:
        db = Database(address)
        upgrade(db)
        _keep_runs(db, "shop", count)
        _told(db, "ANALYZE runs")
        print(f"Postgres: {count:,} runs; milliseconds of the search, {times} times each")
        good = []
        for name, sought in SOUGHT.items():
            good.append(_show(f"search: {name}", _searched(db, sought, times), LIMITS["runs"]))
            print(f"    {_plan(db, sought)}")
        db.close()
    return all(good)


def on_sqlite(folder: Path) -> None:
    db = Database(sqlite_url(folder / "storehand.db"))
    for name, sought in SOUGHT.items():
        print(f"SQLite: {name}: {_plan(db, sought)}")
    db.close()


def _plan(db: Database, sought: Sought) -> str:
    """The database's own words, on one line."""
    words, column = ("EXPLAIN QUERY PLAN", 3) if db.engine.dialect.name == "sqlite" else ("EXPLAIN (COSTS OFF)", 0)
    query = searching("shop", sought).limit(31).compile(db.engine, compile_kwargs={"literal_binds": True})
    return "; ".join(str(row[column]).strip() for row in _told(db, f"{words} {query}"))


def _told(db: Database, statement: str) -> list[Any]:
    with db.engine.connect() as connection:
        told = connection.exec_driver_sql(statement)
        rows = list(told) if told.returns_rows else []
        connection.commit()
        return rows


def _searched(db: Database, sought: Sought, times: int) -> list[float]:
    async def all_of_them() -> list[float]:
        took = []
        for _ in range(times):
            began = time.perf_counter()
            await search(db, "shop", sought, limit=30, cursor=None)
            took.append((time.perf_counter() - began) * 1000)
        return took

    return asyncio.run(all_of_them())


def _show(name: str, took: list[float], limit: float | None = None) -> bool:
    """Print it; whether it keeps to its limit."""
    half = quantile(took, 0.5)
    kept = limit is None or half <= limit
    beside = "" if limit is None else f"   limit {limit:.0f}: {_verdict(kept)}"
    print(f"{name:<40} p50 {half:6.1f}   p95 {quantile(took, 0.95):6.1f}{beside}", flush=True)
    return kept


def _verdict(kept: bool) -> str:
    return "met" if kept else "MISSED"


if __name__ == "__main__":
    main()

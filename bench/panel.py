"""The panel's pages over HTTP: 10,000 runs searched by their words and by everything else, and the start page with what to look at.

python bench/panel.py [--runs 10000] [--times 15]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
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
from agent.ledger.people import People
from agent.records import Role, encode
from agent.stores.embedded.shops import shop_named

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


def fill(folder: Path, count: int) -> str:
    """Runs as they are kept, plan and reply too; the token of a sign-in link."""
    db = Database(sqlite_url(folder / "storehand.db"))
    shop, dice = shop_named(db, "demo").id, random.Random(7)
    rows = [_row(shop, number, dice, count) for number in range(count)]
    db.write_now(lambda session: session.execute(insert(RunRow), rows))

    async def link() -> str:
        people = People(db)
        person = await people.add("bench", shop=shop, role=Role.OWNER)
        return await people.link(person.id)

    token = asyncio.run(link())
    db.close()
    return token


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


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=10_000)
    asked.add_argument("--times", type=int, default=15)
    options = asked.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    with tempfile.TemporaryDirectory() as folder:
        token = fill(demo_folder(Path(folder)), options.runs)
        with served(Path(folder)) as server, httpx.Client(base_url=server.url, timeout=30, follow_redirects=True) as client:
            client.get(f"/sign-in/{token}", headers={"accept": "text/html"}).raise_for_status()
            print(f"{options.runs:,} runs; milliseconds of the whole answer, {options.times} times each")
            for name, query in SEARCHES.items():
                _show(f"runs: {name}", taken(client, f"/runs{query}", options.times, piece=True))
            _show("the start page", taken(client, "/", options.times, piece=False))
            _show("what to look at", taken(client, "/today", options.times, piece=True))


def _show(name: str, took: list[float]) -> None:
    print(f"{name:<40} p50 {quantile(took, 0.5):6.1f}   p95 {quantile(took, 0.95):6.1f}", flush=True)


if __name__ == "__main__":
    main()

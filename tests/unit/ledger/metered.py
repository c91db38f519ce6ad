"""A worker process that makes metered calls: `python metered.py DATABASE CALLS`. It says "ready", waits for a line, and tells each answer."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from agent.db.engine import Database, sqlite_url
from agent.dialects.messages import Message, Request, Response, Usage
from agent.errors import OverBudget
from agent.gateway import Gateway, Target
from agent.ledger.budgets import Budgets
from agent.ledger.records import Spender
from agent.ledger.usage import Books
from agent.providers.catalog import Price

ONE = Decimal(10)
PRICE = Price(input=ONE, output=ONE, cached=ONE, cache_write=ONE, cache_write_1h=ONE, source="config")
COSTS = Decimal("0.02")
"""What each call costs: 2,000 tokens."""
WHO = Spender(shop="shop", key="key_1", principal="key_1", budgeted=True)
STREAMS = 4


@dataclass
class Paid:
    tell: Callable[[str], None]
    name: str = "paid"
    made: int = 0

    async def complete(self, request: Request, *, model: str, timeout_s: float) -> Response:
        await asyncio.sleep(0.002 * (self.made % 7))
        self.made += 1
        self.tell("answered")
        return Response(text="ready", usage=Usage(input=1_000, output=1_000), provider=self.name, model=model)


async def work(path: str, calls: int, tell: Callable[[str], None], wait: Callable[[], object]) -> None:
    db = Database(sqlite_url(path))  # type: ignore[arg-type]  # only its text is taken
    books = Books(db, Budgets(db))
    gateway = Gateway({"frontier": [Target(Paid(tell), "m")]}, record=books.record, meter=books, prices={"paid/m": PRICE})
    await books.start()
    tell("ready")
    wait()

    async def stream() -> None:
        for _ in range(calls // STREAMS):
            try:
                await gateway.complete(Request(messages=[Message("user", "x" * 900)], max_output=1_100), alias="frontier", purpose="t", spender=WHO)
            except OverBudget:
                tell("refused")

    await asyncio.gather(*(stream() for _ in range(STREAMS)))
    await books.close()
    db.close()


if __name__ == "__main__":

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    asyncio.run(work(sys.argv[1], int(sys.argv[2]), say, sys.stdin.readline))

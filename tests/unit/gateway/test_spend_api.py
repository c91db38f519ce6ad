"""What was spent and what is paused, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.dialects.messages import Usage
from agent.ledger.breaker import Measures, SpendBreaker
from agent.ledger.budgets import Budgets
from agent.ledger.keys import Keys
from agent.ledger.records import Attempt, Spender
from agent.ledger.usage import Books
from agent.records import Scope
from agent.web.operations import route
from agent.web.problems import answer
from agent.web.spend_api import spend_operations

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "x.db"))
    upgrade(made)
    yield made
    made.close()


def asked(db: Database, test: Callable[[Any, dict[str, str], dict[str, str]], Awaitable[Any]]) -> Any:
    """With one shop's calls on the books, and the headers of its owner's key and of another shop's."""

    async def run() -> Any:
        keys, books = Keys(db), Books(db, Budgets(db), SpendBreaker(db, measures=Measures(repeats=2)))
        mine, other = [(await keys.create("k", shop=shop, scopes=[Scope.READ, Scope.ADMIN])).secret for shop in ("mine", "other")]
        who = Spender(shop="mine", run="run_1", task="=cmd()")
        for _ in range(2):
            books.record(
                Attempt(alias="a", provider="acme", model="big", purpose="plan", at=AT, usage=Usage(input=9, output=1), cost_usd=Decimal("0.1"),
                        spender=who, prompt_digest="same")
            )  # fmt: skip
        handlers = [route(operation, keys) for operation in spend_operations(db, books)]
        app = Litestar(handlers, openapi_config=None, logging_config=None, exception_handlers={Exception: answer})
        async with AsyncTestClient(app) as client:
            return await test(client, *({"authorization": f"Bearer {secret}"} for secret in (mine, other)))

    return asyncio.run(run())


def test_usage_is_grouped_and_belongs_to_the_keys_shop(db: Database) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> tuple[Any, Any, Any]:
        found = (await client.get("/v1/usage?by=model&from=2026-11-22", headers=mine)).json()
        later = (await client.get("/v1/usage?by=model&from=2026-11-23", headers=mine)).json()
        return found, later["items"], (await client.get("/v1/usage", headers=other)).json()["items"]

    found, later, others = asked(db, test)
    assert (found["by"], found["items"][0]["name"], found["items"][0]["calls"], found["items"][0]["cost_usd"]) == ("model", "acme/big", 2, "0.2")
    assert later == others == []


def test_usage_comes_as_csv_and_runs_no_formula(db: Database) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> str:
        return str((await client.get("/v1/usage?by=task", headers={**mine, "accept": "text/csv"})).text)

    head, row = asked(db, test).splitlines()
    assert head.startswith("task,calls,failed") and row.startswith("'=cmd(),2,0")


@pytest.mark.parametrize("query", ["by=weather", "from=yesterday", "to=2026-11-22T10:00:00"])
def test_a_question_that_makes_no_sense_is_told_so(db: Database, query: str) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> int:
        return int((await client.get(f"/v1/usage?{query}", headers=mine)).status_code)

    assert asked(db, test) == 422


def test_a_pause_is_shown_to_its_shop_and_decided_once(db: Database) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> list[Any]:
        (pause,) = (await client.get("/v1/pauses", headers=mine)).json()["items"]
        address = f"/v1/pauses/{pause['id']}/continue"
        seen = [(await client.get("/v1/pauses", headers=other)).json()["items"], pause["kind"], pause["reason"]]
        return seen + [(await client.post(address, headers=who)).status_code for who in (other, mine, mine)]

    assert asked(db, test) == [[], "run", "loop", 404, 200, 404]

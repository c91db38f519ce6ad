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
from agent.db.tables import RunRow
from agent.db.upgrade import upgrade
from agent.dialects.messages import Usage
from agent.gateway import Gateway, Target
from agent.ledger.breaker import Measures, SpendBreaker
from agent.ledger.budgets import Budgets
from agent.ledger.commitments import Commitments
from agent.ledger.keys import Keys
from agent.ledger.people import People
from agent.ledger.records import Attempt, Spender
from agent.ledger.sessions import Sessions
from agent.ledger.usage import Books
from agent.providers.scripted import ScriptedProvider
from agent.records import Scope, encode
from agent.web.auth import Accounts
from agent.web.operations import route
from agent.web.problems import answer
from agent.web.spend import Spend
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
        who = Spender(shop="mine", run="run_1", task="=cmd()", principal="per_1")
        kept = {"parts": [{"task": "sales_report", "run": [{"by": "student"}, {"by": "student"}, {"by": "frontier"}, {"by": "code"}]}]}
        run_1 = RunRow(
            shop_id="mine", id="run_1", principal_id="per_1", text="How were sales?", state="done", reply=encode(kept).decode(), created_at=AT
        )  # fmt: skip
        await db.write(lambda session: session.add(run_1))
        for _ in range(2):
            books.record(
                Attempt(alias="a", provider="acme", model="big", purpose="plan", at=AT, usage=Usage(input=9, output=1), cost_usd=Decimal("0.1"),
                        spender=who, prompt_digest="same")
            )  # fmt: skip
        accounts = Accounts(keys=keys, people=People(db), sessions=Sessions(db))
        spend = Spend(
            db=db,
            books=books,
            gateway=Gateway(
                {"frontier": [Target(ScriptedProvider(["ready"], name="acme"), "big"), Target(ScriptedProvider([], name="other"), "small")]}
            ),
        )
        handlers = [route(operation, keys) for operation in spend_operations(spend, accounts)]
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

    head, row, *_ = asked(db, test).splitlines()
    assert head.startswith("task,calls,failed") and row.startswith("'=cmd(),2,0")


@pytest.mark.parametrize("query", ["?by=weather", "?from=yesterday", "?to=2026-11-22T10:00:00", "/runs?order=weather", "/runs?limit=0"])
def test_a_question_that_makes_no_sense_is_told_so(db: Database, query: str) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> int:
        return int((await client.get(f"/v1/usage{query}", headers=mine)).status_code)

    assert asked(db, test) == 422


def test_a_pause_is_shown_to_its_shop_and_decided_once(db: Database) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> list[Any]:
        (pause,) = (await client.get("/v1/pauses", headers=mine)).json()["items"]
        address = f"/v1/pauses/{pause['id']}/continue"
        seen = [(await client.get("/v1/pauses", headers=other)).json()["items"], pause["kind"], pause["reason"]]
        return seen + [(await client.post(address, headers=who)).status_code for who in (other, mine, mine)]

    assert asked(db, test) == [[], "run", "loop", 404, 200, 404]


def test_a_task_that_students_did_alone_is_in_the_report_and_the_share_is_of_what_a_model_had_to_do(db: Database) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> tuple[Any, Any, Any]:
        found = (await client.get("/v1/usage?by=task", headers=mine)).json()
        later = (await client.get("/v1/usage?by=task&from=2026-11-23", headers=mine)).json()
        return found, later, (await client.get("/v1/usage?by=task", headers=other)).json()

    found, later, others = asked(db, test)
    paid, free = found["items"]
    assert (paid["name"], paid["cost_usd"], paid["work"]["student_share"]) == ("=cmd()", "0.2", None)
    assert (free["name"], free["calls"], free["work"]) == ("sales_report", 0, {"student": 2, "frontier": 1, "code": 1, "student_share": 0.6667})
    assert (found["total"]["calls"], found["total"]["cost_usd"], found["work"]["student"]) == (2, "0.2", 2)
    assert later["items"] == others["items"] == [] and others["total"]["calls"] == others["work"]["student"] == 0


def test_the_dearest_runs_come_with_their_words_and_only_those_that_reasoned_are_ranked_by_it(db: Database) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> tuple[Any, Any, Any, str]:
        replies = [await client.get(f"/v1/usage/runs{query}", headers=who) for query, who in (("", mine), ("?order=reasoning", mine), ("", other))]
        table = await client.get("/v1/usage/runs", headers={**mine, "accept": "text/csv"})
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        table = table.text
        return *(reply.json()["items"] for reply in replies), table

    dearest, reasoned, others, table = asked(db, test)
    (run,) = dearest
    assert (run["run"], run["text"], run["calls"], run["cost_usd"], run["input_tokens"]) == ("run_1", "How were sales?", 2, "0.2", 18)
    assert reasoned == others == [] and table.splitlines()[1].startswith("run_1,How were sales?,per_1,")


def test_a_commitment_says_what_is_used_and_how_long_the_rest_lasts(db: Database) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> tuple[Any, Any]:
        bought = Commitments(db, now=lambda: datetime.now(UTC))
        await bought.add("mine", "acme", "usd", Decimal("1.2"), starts_at=AT)
        return (await client.get("/v1/commitments", headers=mine)).json()["items"], (await client.get("/v1/commitments", headers=other)).json()

    (standing,), others = asked(db, test)
    assert (standing["bought"], standing["used"], standing["left"], standing["forfeited"]) == ("1.2", "0.2", "1.0", None)
    assert others == {"items": [], "next": None}


def test_providers_stand_as_they_are_and_a_check_is_kept_and_booked_to_whoever_asked(db: Database) -> None:
    async def test(client: Any, mine: dict[str, str], other: dict[str, str]) -> tuple[Any, Any]:
        before = (await client.get("/v1/providers", headers=mine)).json()["items"]
        await client.post("/v1/providers/check", headers=mine)
        return before, (await client.get("/v1/providers", headers=other)).json()["items"]

    before, after = asked(db, test)
    assert [(t["name"], t["aliases"], t["state"], t["check"]) for t in before] == [
        ("acme/big", ["frontier"], "well", None),
        ("other/small", ["frontier"], "well", None),
    ]
    assert [(t["check"]["ok"], t["check"]["detail"].split(" ")[0]) for t in after] == [(True, "answered"), (False, "overloaded:")]

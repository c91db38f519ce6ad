"""A gateway from a config file: what it checks, what it keeps over a restart, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_setup import gateway_over, settings_for, with_fake
from sqlalchemy.exc import SQLAlchemyError

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.dialects.messages import Message, Request, Usage
from agent.errors import AllProvidersFailed, ContextTooLong, OverBudget, RateLimited, SettingsError, Unsupported
from agent.gateway import Checked, Spender, Target, check, gateway_from, open_gateway, spending
from agent.gateway.kept import Benches, Lessons
from agent.ledger.usage import usage
from agent.providers.catalog import read_catalogue
from agent.providers.scripted import ScriptedProvider
from agent.settings import ProviderSettings, Settings
from agent.testing.fake_provider import FakeProvider

ASK = Request(messages=[Message("user", "Say it.")], max_output=40)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    made = Database(sqlite_url(tmp_path / "x.db"))
    upgrade(made)
    yield made
    made.close()


def test_checking_calls_every_target_once_and_says_what_is_wrong_with_which() -> None:
    async def run(fake: FakeProvider) -> tuple[list[Checked], int]:
        async with gateway_over(settings_for(fake, "401")) as (gateway, rows):
            found = await check(gateway)
            assert gateway.health.state(gateway.targets()[0].places) == "well", "a check says nothing to the router"
            return found, len(rows)

    found, calls = with_fake(run)
    assert [(one.target, one.ok) for one in found] == [("first/fault-401", False), ("second/fault-", True)]
    assert "credential_refused" in found[0].detail and calls == 2


def test_a_bench_lasts_over_a_restart(db: Database) -> None:
    async def run(fake: FakeProvider) -> tuple[int, int]:
        seen = []
        for _ in range(2):
            async with open_gateway(settings_for(fake, "429ra120"), db) as opened:
                await opened.gateway.complete(ASK, alias="frontier", purpose="test")
            seen.append(fake.count("429ra120"))
        return seen[0], seen[1]

    assert with_fake(run) == (1, 1)


def test_what_a_target_lacks_is_known_after_a_restart(db: Database) -> None:
    """It answers 500 to a schema, as llama.cpp's server does to one it cannot take; only the first to find out pays for it."""
    wanted = ASK.but(schema={"type": "object", "required": ["ok"]})

    async def run(fake: FakeProvider) -> list[bool]:
        for _ in range(2):
            async with open_gateway(settings_for(fake, targets=["first/fault-noschema"]), db) as opened:
                await opened.gateway.complete(wanted, alias="frontier", purpose="test")
        return ["response_format" in call.body for call in fake.calls]

    assert with_fake(run, text='{"ok": true}') == [True, False, False]


def test_what_one_worker_finds_out_another_knows_when_both_are_in_step(db: Database) -> None:
    async def run() -> tuple[str, frozenset[str]]:
        one, other = ((Benches(db, now=now), Lessons(db, now=now)) for _ in range(2))
        target = Target(ScriptedProvider(name="a"), "m")
        for kept in other:
            await kept.load()
        one[0].health.failed(target.places, RateLimited("wait", retry_after_s=60))
        one[1].learned.lacking("a/m", "json_schema")
        for mine, theirs in zip(one, other, strict=True):
            await mine.save()
            await theirs.load()
        return other[0].health.state(target.places), other[1].learned.lacks("a/m")

    def now() -> datetime:
        return datetime(2026, 11, 22, 9, tzinfo=UTC)

    assert asyncio.run(run()) == ("benched", {"json_schema"})


def test_a_bench_that_could_not_be_written_is_written_later(db: Database, tmp_path: Path) -> None:
    async def run() -> int:
        empty = Database(sqlite_url(tmp_path / "empty.db"))  # no tables: every write fails
        benches = Benches(empty, now=lambda: datetime.now(UTC))
        benches.health.failed(Target(ScriptedProvider(name="a"), "m").places, RateLimited("wait", retry_after_s=60))
        with pytest.raises(SQLAlchemyError):
            await benches.save()
        upgrade(empty)
        await benches.save()
        after = Benches(empty, now=lambda: datetime.now(UTC))
        await after.load()
        empty.close()
        return len(after.health.benches())

    assert asyncio.run(run()) == 1


def test_data_stays_in_its_place_also_when_a_target_is_asked_for_by_its_name() -> None:
    async def run(fake: FakeProvider) -> str:
        settings = settings_for(fake)
        here = settings.providers["second"].model_copy(update={"residency": "eu"})
        settings = settings.model_copy(
            update={"providers": {**settings.providers, "second": here}, "gateway": settings.gateway.model_copy(update={"residency": "eu"})}
        )
        async with gateway_over(settings) as (gateway, _):
            with pytest.raises(ContextTooLong):
                await gateway.complete(ASK, alias="first/good", purpose="test")
            return (await gateway.complete(ASK, alias="frontier", purpose="test")).provider

    assert with_fake(run) == "second"


def test_a_new_key_is_not_benched_for_what_the_old_one_was_refused_for(db: Database) -> None:
    async def run(fake: FakeProvider) -> int:
        for key in ("sk-old", "sk-new"):
            settings = settings_for(fake, "401")
            first = settings.providers["first"].model_copy(update={"key": key})
            changed = settings.model_copy(update={"providers": {**settings.providers, "first": first}})
            async with open_gateway(changed, db) as opened:
                for _ in range(3):
                    await opened.gateway.complete(ASK, alias="frontier", purpose="test")
        return fake.count("401")

    assert with_fake(run) == 2


def test_what_is_spent_within_a_run_is_booked_on_the_run(db: Database) -> None:
    async def run(fake: FakeProvider) -> list[tuple[str, int]]:
        async with open_gateway(settings_for(fake), db) as opened:
            with spending(shop="shop", principal="person", run="run_7", task="sales_report"):
                await opened.gateway.complete(ASK, alias="frontier", purpose="plan")
        return [(line.name, line.calls) for line in await usage(db, "shop", by="run")]

    assert with_fake(run) == [("run_7", 1)]


def test_a_budget_holds_for_our_own_tasks_too_and_needs_a_price(db: Database) -> None:
    async def run(fake: FakeProvider) -> None:
        async with open_gateway(settings_for(fake), db) as opened:
            await opened.books.budgets.set("shop", "task", "sales_report", "day", Decimal(1))
            with spending(shop="shop", task="sales_report"), pytest.raises(OverBudget):
                await opened.gateway.complete(ASK, alias="frontier", purpose="plan")
            assert fake.calls == []

    with_fake(run)


def test_a_spender_with_a_list_of_models_gets_no_other() -> None:
    async def run(fake: FakeProvider) -> str:
        async with gateway_over(settings_for(fake)) as (gateway, _):
            only = Spender(models=frozenset({"second/fault-"}))
            served = (await gateway.complete(ASK, alias="frontier", purpose="test", spender=only)).provider
            with pytest.raises(Unsupported):
                await gateway.complete(ASK, alias="frontier", purpose="test", spender=Spender(models=frozenset({"writer"})))
            return served

    assert with_fake(run) == "second"


def test_a_lone_dead_target_says_when_it_may_be_back() -> None:
    async def run(fake: FakeProvider) -> float | None:
        async with gateway_over(settings_for(fake, targets=["first/fault-429ra120"])) as (gateway, _):
            for _ in range(3):
                with pytest.raises(AllProvidersFailed) as failed:
                    await gateway.complete(ASK, alias="frontier", purpose="test")
            assert fake.count("429ra120") == 1
            return failed.value.retry_after_s

    wait = with_fake(run)
    assert wait is not None and 115 < wait <= 120


def test_a_key_that_is_not_there_is_told_at_the_start() -> None:
    settings = Settings.model_validate({"providers": {"acme": {"base_url": "https://llm.example/v1", "key": "env:ACME_KEY"}}})
    with pytest.raises(SettingsError, match="ACME_KEY"):
        gateway_from(settings, environ={})


def test_a_config_with_another_transport_reaches_no_network() -> None:
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"choices": [{"message": {"content": "ready"}, "finish_reason": "stop"}]})

    settings = Settings.model_validate(
        {"providers": {"acme": {"base_url": "https://llm.example/v1", "key": "env:ACME_KEY"}}, "aliases": {"frontier": {"targets": ["acme/big-1"]}}}
    )

    async def run() -> Any:
        gateway = gateway_from(settings, transport=httpx.MockTransport(reply), environ={"ACME_KEY": "sk-acme"})
        return await gateway.complete(ASK, alias="frontier", purpose="test")

    response = asyncio.run(run())
    assert (response.text, response.usage.estimated) == ("ready", True)
    assert seen[0].headers["authorization"] == "Bearer sk-acme"


@pytest.mark.parametrize(
    ("address", "model", "input", "window"),
    [
        ("https://api.openai.com/v1", "gpt-6-sol", "2", 1_050_000),
        ("https://api.anthropic.com", "claude-haiku-4-5", "1", 200_000),
        ("https://generativelanguage.googleapis.com", "gemini-3.8-flash", "0.75", 1_000_000),
    ],
)
def test_prices_and_windows_of_known_models_are_known(address: str, model: str, input: str, window: int) -> None:
    facts = read_catalogue().facts(ProviderSettings(base_url=address), model, at=datetime(2026, 11, 22, tzinfo=UTC))
    assert facts.price is not None and (facts.price.input, facts.window) == (Decimal(input), window)


def test_a_long_prompt_has_the_price_of_its_tier_for_all_of_it() -> None:
    price = read_catalogue().facts(ProviderSettings(base_url="https://api.openai.com/v1"), "gpt-6-sol", at=datetime(2026, 11, 22, tzinfo=UTC)).price
    assert price is not None
    assert price.cost(Usage(input=100_000, output=1_000, cached=50_000)) == Decimal("0.12")  # 50k at $2, 50k at $0.20, 1k at $10
    assert price.cost(Usage(input=300_000, output=1_000)) == Decimal("1.215")  # all of it at $4, and $15
    assert price.worst(input=10, output=10) >= price.cost(Usage(input=10, output=10))


def test_the_operators_own_price_wins_and_an_own_machine_is_free() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    own = ProviderSettings.model_validate(
        {"base_url": "https://api.openai.com/v1", "models": {"gpt-6-sol": {"price": {"input": "1.00", "output": "3.00"}}}}
    )
    price = read_catalogue().facts(own, "gpt-6-sol", at=at).price
    assert price is not None and (price.input, price.source) == (Decimal(1), "config")
    free = read_catalogue().facts(ProviderSettings(base_url="http://127.0.0.1:11434/v1"), "llama", at=at).price
    assert free is not None and free.input == 0
    assert read_catalogue().facts(ProviderSettings(base_url="https://llm.example/v1"), "big-1", at=at).price is None

"""What Prometheus is told, and that it is true."""

from __future__ import annotations

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from agent.dialects.messages import Message, Request
from agent.errors import AllProvidersFailed, CredentialRefused, Overloaded
from agent.gateway import Gateway, Target
from agent.providers.catalog import Price
from agent.providers.scripted import ScriptedProvider
from agent.telemetry import Metrics
from agent.telemetry.metrics import states_of

ASK = Request(messages=[Message("user", "how are the mugs doing?")])
WHO = {"gen_ai_operation_name": "chat", "gen_ai_provider_name": "scripted", "gen_ai_request_model": "big"}


def gateway(*script: object, metrics: Metrics) -> Gateway:
    made = Gateway(
        {"frontier": [Target(ScriptedProvider(script), "big"), Target(ScriptedProvider(["spare"], name="spare"), "small")]}, watchers=[metrics]
    )
    metrics.ask(states=states_of(made), waiting=lambda: 3)
    return made


def samples(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    return {(sample.name, frozenset(sample.labels.items())): sample.value for family in families for sample in family.samples}


def of(found: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def test_a_failure_nobody_noticed_is_counted_as_one_call_and_two_attempts() -> None:
    metrics = Metrics()
    asyncio.run(gateway(Overloaded("busy"), metrics=metrics).complete(ASK, alias="frontier", purpose="plan"))
    found = samples(metrics)
    assert of(found, "storehand_calls_total", alias="frontier", purpose="plan", outcome="ok") == 1
    assert of(found, "gen_ai_client_operation_duration_seconds_count", **WHO, error_type="overloaded") == 1
    spare = WHO | {"gen_ai_provider_name": "spare", "gen_ai_request_model": "small"}
    assert of(found, "gen_ai_client_operation_duration_seconds_count", **spare, error_type="") == 1
    assert of(found, "storehand_failures_absorbed_total", provider="scripted", model="big", error="overloaded") == 1


def test_tokens_are_those_that_are_billed() -> None:
    metrics = Metrics()
    response = asyncio.run(gateway("one two three", metrics=metrics).complete(ASK, alias="frontier", purpose="plan"))
    found = samples(metrics)
    assert of(found, "gen_ai_client_token_usage_sum", **WHO, gen_ai_token_type="input") == response.usage.input > 0
    assert of(found, "gen_ai_client_token_usage_sum", **WHO, gen_ai_token_type="output") == response.usage.output > 0


def test_the_cost_is_the_sum_of_what_the_rows_say() -> None:
    metrics, rows = Metrics(), []
    made = gateway("one", "two", metrics=metrics)
    made.prices = {"scripted/big": Price(**dict.fromkeys(("input", "output", "cached", "cache_write", "cache_write_1h"), 3), source="config")}  # type: ignore[arg-type]  # whole numbers will do
    made.record = rows.append

    async def twice() -> None:
        for _ in range(2):
            await made.complete(ASK, alias="frontier", purpose="plan")

    asyncio.run(twice())
    assert of(samples(metrics), "storehand_cost_usd_total", provider="scripted", model="big") == float(sum(row.cost_usd for row in rows))


def test_what_nobody_answered_is_told_by_its_code() -> None:
    metrics = Metrics()
    made = Gateway({"frontier": [Target(ScriptedProvider([Overloaded("busy")]), "big")]}, watchers=[metrics])
    try:
        asyncio.run(made.complete(ASK, alias="frontier", purpose="plan"))
    except AllProvidersFailed as error:
        assert of(samples(metrics), "storehand_calls_total", alias="frontier", purpose="plan", outcome=error.code) == 1


def test_a_call_under_way_is_seen_and_one_that_was_dropped_is_cancelled() -> None:
    metrics = Metrics()
    made = gateway("a long answer of many words", metrics=metrics)

    async def leave() -> float | None:
        events = made.stream(ASK, alias="frontier", purpose="plan")
        await anext(events)
        under_way = of(samples(metrics), "storehand_calls_under_way")
        await events.aclose()
        return under_way

    assert asyncio.run(leave()) == 1
    found = samples(metrics)
    assert of(found, "storehand_calls_under_way") == 0
    assert of(found, "storehand_calls_total", alias="frontier", purpose="plan", outcome="cancelled") == 1


def test_a_stream_that_was_read_to_its_end_is_answered_whoever_closes_it() -> None:
    metrics = Metrics()
    made = gateway("a word", metrics=metrics)

    async def read() -> None:
        events = made.stream(ASK, alias="frontier", purpose="plan")
        async for event in events:
            if type(event).__name__ == "Finished":
                break
        await events.aclose()

    asyncio.run(read())
    assert of(samples(metrics), "storehand_calls_total", alias="frontier", purpose="plan", outcome="ok") == 1


def test_it_says_how_every_target_stands_and_how_many_rows_wait() -> None:
    metrics = Metrics()
    asyncio.run(gateway(CredentialRefused("no"), metrics=metrics).complete(ASK, alias="frontier", purpose="plan"))
    found = samples(metrics)
    assert of(found, "storehand_target_state", target="scripted/big", state="benched") == 1
    assert of(found, "storehand_target_state", target="spare/small", state="well") == 1
    assert of(found, "storehand_usage_rows_waiting") == 3

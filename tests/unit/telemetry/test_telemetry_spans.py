"""The spans of a call: their names, how they hang together, and when they happened."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.trace import SpanKind, StatusCode

from agent.dialects.messages import Message, Request
from agent.errors import AllProvidersFailed, Overloaded
from agent.gateway import Gateway, Target, spending
from agent.providers.scripted import ScriptedProvider
from agent.telemetry import names
from agent.telemetry.spans import Spans, continued

ASK = Request(messages=[Message("user", "how are the mugs doing?")])


class Traced:
    """A gateway whose spans are kept."""

    def __init__(self, *script: object, capture_content: bool = False) -> None:
        self.kept = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.kept))
        spans = Spans(provider.get_tracer("test"), servers={"scripted": "llm.example"}, capture_content=capture_content)
        spare = ScriptedProvider(["from the spare"], name="spare")
        self.gateway = Gateway({"frontier": [Target(ScriptedProvider(script), "big"), Target(spare, "small")]}, watchers=[spans])

    def complete(self) -> None:
        asyncio.run(self.gateway.complete(ASK, alias="frontier", purpose="plan"))

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.kept.get_finished_spans()}


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_call_is_a_span_with_a_child_for_each_attempt() -> None:
    traced = Traced(Overloaded("busy"))
    traced.complete()
    call, first, second = traced.spans["chat frontier"], traced.spans["chat big"], traced.spans["chat small"]
    assert [span.parent.span_id for span in (first, second) if span.parent] == [call.context.span_id] * 2
    assert (call.kind, first.kind, second.kind) == (SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.CLIENT)
    assert (call.status.status_code, first.status.status_code, second.status.status_code) == (StatusCode.UNSET, StatusCode.ERROR, StatusCode.UNSET)
    assert attributes(first)[names.ERROR_TYPE] == "overloaded" and attributes(first)["storehand.absorbed"] is True


def test_an_attempt_says_what_the_conventions_ask_for() -> None:
    traced = Traced("one two three")
    traced.complete()
    told = attributes(traced.spans["chat big"])
    assert {name: told[name] for name in (names.OPERATION, names.PROVIDER, names.REQUEST_MODEL, names.RESPONSE_MODEL, names.SERVER_ADDRESS)} == {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "scripted", "gen_ai.request.model": "big", "gen_ai.response.model": "big",
        "server.address": "llm.example",
    }  # fmt: skip
    assert told[names.RESPONSE_FINISH_REASONS] == ("stop",) and told[names.INPUT_TOKENS] > 0 and told[names.OUTPUT_TOKENS] > 0


def test_only_attempts_say_tokens_so_that_a_sum_counts_them_once() -> None:
    traced = Traced("one two three")
    traced.complete()
    assert names.OUTPUT_TOKENS not in attributes(traced.spans["chat frontier"])


def test_a_call_nobody_answered_has_the_error_the_caller_got() -> None:
    traced = Traced(Overloaded("busy"))
    traced.gateway.aliases = {"frontier": list(traced.gateway.aliases["frontier"])[:1]}  # type: ignore[arg-type]  # a list of targets
    with pytest.raises(AllProvidersFailed) as raised:
        traced.complete()
    call = traced.spans["chat frontier"]
    assert attributes(call)[names.ERROR_TYPE] == raised.value.code and call.status.status_code is StatusCode.ERROR
    assert call.status.description is None


def test_spans_lie_within_their_call_in_time() -> None:
    traced = Traced(Overloaded("busy"))
    traced.complete()
    call = traced.spans["chat frontier"]
    for span in traced.spans.values():
        assert call.start_time is not None and call.end_time is not None and span.start_time is not None and span.end_time is not None
        # The wall clock gives the start and the monotonic one the length, so a child may seem to end a moment later.
        assert call.start_time <= span.start_time <= span.end_time <= call.end_time + 5_000_000


def test_a_span_names_the_run_and_the_task_it_was_for() -> None:
    traced = Traced("one")

    async def ask() -> None:
        with spending(run="run_1", task="sales_report"):
            await traced.gateway.complete(ASK, alias="frontier", purpose="plan")

    asyncio.run(ask())
    told = attributes(traced.spans["chat frontier"])
    assert (told["storehand.run"], told["storehand.task"], told["storehand.purpose"]) == ("run_1", "sales_report", "plan")


def test_what_was_said_is_in_a_span_only_when_the_operator_says_so() -> None:
    silent, open_one = Traced("the mugs do well"), Traced("the mugs do well", capture_content=True)
    silent.complete()
    open_one.complete()
    assert "mugs" not in "".join(span.to_json() for span in silent.spans.values())
    told = attributes(open_one.spans["chat frontier"])
    assert "how are the mugs doing?" in told[names.INPUT_MESSAGES] and "the mugs do well" in told[names.OUTPUT_MESSAGES]


def test_a_callers_trace_goes_on_in_ours() -> None:
    traced = Traced("one")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await traced.gateway.complete(ASK, alias="frontier", purpose="plan")

    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    asyncio.run(continued(app)({"type": "http", "headers": [(b"traceparent", f"00-{trace}-{parent}-01".encode())]}, None, None))
    call = traced.spans["chat frontier"]
    assert format(call.context.trace_id, "032x") == trace
    assert call.parent is not None and format(call.parent.span_id, "016x") == parent


def test_every_pinned_name_is_one_of_the_conventions() -> None:
    known = {value for name, value in vars(gen_ai_attributes).items() if name.startswith("GEN_AI")}
    pinned = {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str) and value.startswith("gen_ai.")}
    metrics = {names.DURATION, names.FIRST_CHUNK, names.TOKEN_USAGE}
    assert pinned - metrics <= known and len(pinned) > 15

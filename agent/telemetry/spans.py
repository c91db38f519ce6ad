"""OpenTelemetry spans: one for each call of the gateway, and under it one for each attempt. Needs the extra [telemetry].

A span is made when the call is over, from what was written down of it, with the times at which it happened: nothing is added to a
call while it runs. What was asked and answered is in none, unless the operator's config says `capture_content`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from agent.dialects.messages import Message, Request, Text
from agent.gateway import Attempt, Seen
from agent.settings import Settings
from agent.telemetry import names

_Scope = Any
App = Callable[[_Scope, Any, Any], Awaitable[None]]
_TRACE_HEADERS = (b"traceparent", b"tracestate")


class Spans:
    """Watches the gateway and writes spans."""

    def __init__(self, tracer: Tracer, *, servers: Mapping[str, str] | None = None, capture_content: bool = False) -> None:
        """
        Args:
            servers: Host of each provider.
            capture_content: Whether what was asked and answered is written into the span of the call.
        """
        self._tracer, self._servers, self._capture = tracer, servers or {}, capture_content

    def begun(self) -> Context:
        return get_current()

    def over(self, seen: Seen, begun: Any) -> None:
        served = next((attempt for attempt in reversed(seen.attempts) if attempt.error is None), None)
        attributes = {
            names.OPERATION: names.CHAT,
            names.REQUEST_MODEL: seen.alias,
            names.REQUEST_STREAM: seen.streamed,
            names.REQUEST_MAX_TOKENS: seen.request.max_output,
            names.RESPONSE_MODEL: served.model if served else None,
            names.PROVIDER: served.provider if served else None,
            names.ERROR_TYPE: seen.error,
            "storehand.purpose": seen.purpose,
            "storehand.attempts": len(seen.attempts),
            "storehand.request_id": seen.spender.request_id,
            "storehand.run": seen.spender.run,
            "storehand.task": seen.spender.task,
        } | (_content(seen) if self._capture else {})
        # Not a CLIENT span: its attempts are, and a backend that adds up calls and tokens must not count them twice.
        span = self._span(f"{names.CHAT} {seen.alias}", attributes, began=seen.began, error=seen.error, context=begun, kind=SpanKind.INTERNAL)
        for attempt in seen.attempts:
            self._attempt(attempt, seen.request, set_span_in_context(span, begun))
        span.end(_ns(seen.began, seen.took_s))

    def _attempt(self, attempt: Attempt, request: Request, context: Context) -> None:
        usage = attempt.usage
        attributes = {
            names.OPERATION: names.CHAT,
            names.PROVIDER: attempt.provider,
            names.REQUEST_MODEL: attempt.model,
            names.REQUEST_STREAM: attempt.streamed,
            names.REQUEST_MAX_TOKENS: request.max_output,
            names.RESPONSE_MODEL: attempt.model if attempt.error is None else None,
            names.RESPONSE_FINISH_REASONS: [attempt.finish] if attempt.finish else None,
            names.TIME_TO_FIRST_CHUNK: attempt.first_token_s,
            names.INPUT_TOKENS: usage.input or None,
            names.OUTPUT_TOKENS: usage.output or None,
            names.CACHE_READ_TOKENS: usage.cached or None,
            names.CACHE_CREATION_TOKENS: usage.cache_written or None,
            names.REASONING_TOKENS: usage.reasoning or None,
            names.SERVER_ADDRESS: self._servers.get(attempt.provider),
            names.ERROR_TYPE: attempt.error,
            "storehand.why": attempt.why,
            "storehand.absorbed": attempt.absorbed,
            "storehand.usage_estimated": usage.estimated,
            "storehand.cost_usd": None if attempt.cost_usd is None else format(attempt.cost_usd, "f"),
        }
        name = f"{names.CHAT} {attempt.model}"
        span = self._span(name, attributes, began=attempt.at, error=attempt.error, context=context, kind=SpanKind.CLIENT)
        span.end(_ns(attempt.at, attempt.latency_s))

    def _span(self, name: str, attributes: Mapping[str, Any], *, began: datetime, error: str | None, context: Context, kind: SpanKind) -> Span:
        known = {key: value for key, value in attributes.items() if value is not None}
        span = self._tracer.start_span(name, context=context, kind=kind, attributes=known, start_time=_ns(began, 0.0))
        if error is not None:
            span.set_status(Status(StatusCode.ERROR))  # without a description: the error's words may hold what a provider said
        return span


def continued(app: App) -> App:
    """The application, with its calls made part of the trace that a request says it belongs to (W3C Trace Context)."""
    propagator = TraceContextTextMapPropagator()

    async def wrapped(scope: _Scope, receive: Any, send: Any) -> None:
        sent = {name.decode(): value.decode("latin-1") for name, value in scope.get("headers", ()) if name in _TRACE_HEADERS}
        if not sent:
            await app(scope, receive, send)
            return
        token = attach(propagator.extract(sent))
        try:
            await app(scope, receive, send)
        finally:
            detach(token)

    return wrapped


@asynccontextmanager
async def exported(settings: Settings, *, version: str) -> AsyncIterator[Spans]:
    """Spans that are sent to the collector the settings name, in a thread of their own; the last ones when the block ends."""
    telemetry = settings.telemetry
    provider = TracerProvider(
        resource=Resource.create({"service.name": telemetry.service_name, "service.version": version}),
        sampler=ParentBased(TraceIdRatioBased(telemetry.sample)), shutdown_on_exit=False,
    )  # fmt: skip
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{(telemetry.otlp_endpoint or '').rstrip('/')}/v1/traces")))
    tracer = provider.get_tracer("storehand.gateway", version, schema_url=names.SCHEMA)
    servers = {name: urlsplit(each.base_url).hostname or "" for name, each in settings.providers.items()}
    try:
        yield Spans(tracer, servers=servers, capture_content=telemetry.capture_content)
    finally:
        await asyncio.to_thread(provider.shutdown)  # it sends what is left, and waits for it


def _content(seen: Seen) -> dict[str, str]:
    """As the conventions write messages: roles with parts. Pictures, tool calls and reasoning are named and not copied."""
    asked = [{"role": message.role, "parts": _parts(message)} for message in seen.request.messages]
    answered = [{"role": "assistant", "parts": [{"type": "text", "content": seen.answer}]}]
    return {names.INPUT_MESSAGES: json.dumps(asked), names.OUTPUT_MESSAGES: json.dumps(answered)}


def _parts(message: Message) -> list[dict[str, str]]:
    return [{"type": "text", "content": part.text} if isinstance(part, Text) else {"type": type(part).__name__} for part in message.parts]


def _ns(at: datetime, later_s: float) -> int:
    return int((at.timestamp() + later_s) * 1_000_000_000)

"""Gateways over the fake provider, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from agent.gateway import Attempt, Gateway, gateway_from
from agent.settings import Settings
from agent.testing.fake_provider import FakeProvider

T = TypeVar("T")
BASES = {"openai": "/v1", "openai_responses": "/v1", "anthropic": "", "gemini": ""}
DIALECTS = ("openai", "openai_responses", "anthropic", "gemini")
DEADLINES = {"connect_s": 5, "first_token_s": 10, "between_tokens_s": 10, "total_s": 30}
SHORT = {"connect_s": 5, "first_token_s": 0.8, "between_tokens_s": 0.6, "total_s": 30}
"""For what hangs. Everything else has long ones, so that a busy machine is not taken for a dead provider."""
HANGS = ("hang", "slowfirst", "stall", "keepalive")


def settings_for(fake: FakeProvider, fault: str = "", *, dialect: str = "openai", targets: list[Any] | None = None, **alias: Any) -> Settings:
    """A primary with that fault and a healthy secondary, behind the alias "frontier"."""
    base = BASES[dialect]
    primary = ("http://127.0.0.1:9" if fault == "refuse" else fake.url) + base
    model = f"fault-{fault}" if fault else "good"
    return Settings.model_validate(
        {
            "providers": {
                "first": {"dialect": dialect, "base_url": primary, "key": "sk-first"},
                "second": {"dialect": dialect, "base_url": fake.url + base, "key": "sk-second"},
            },
            "aliases": {"frontier": {"targets": targets or [f"first/{model}", "second/fault-"], **alias}},
            "gateway": {"deadlines": SHORT if fault in HANGS else DEADLINES},
        }
    )


@asynccontextmanager
async def gateway_over(settings: Settings, **parts: Any) -> AsyncIterator[tuple[Gateway, list[Attempt]]]:
    rows: list[Attempt] = []
    gateway = gateway_from(settings, record=rows.append, **parts)
    try:
        yield gateway, rows
    finally:
        await gateway.close()


def with_fake(test: Callable[[FakeProvider], Awaitable[T]], **fake: Any) -> T:
    """Run a test against a fake provider that is up."""

    async def run() -> T:
        async with FakeProvider(**fake) as provider:
            return await test(provider)

    return asyncio.run(run())

"""A gateway made from a config file, and a try of everything it names."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import httpx

from agent.dialects.messages import Message, Request
from agent.errors import AllProvidersFailed, ProviderError, SpendError
from agent.gateway.gateway import Gateway
from agent.gateway.watching import Watcher
from agent.ledger.records import Attempt, Meter, current_spender
from agent.providers.catalog import Catalogue, Price, read_catalogue
from agent.providers.configured import providers_of
from agent.providers.connections import Transports
from agent.providers.health import Health
from agent.providers.http import HttpProvider
from agent.providers.learned import Learned
from agent.providers.router import Hedge, Pool, Target
from agent.settings import Alias, Settings, WeightedTarget


def gateway_from(
    settings: Settings,
    *,
    record: Callable[[Attempt], None] = lambda attempt: None,
    meter: Meter | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    health: Health | None = None,
    learned: Learned | None = None,
    environ: Mapping[str, str] | None = None,
    watchers: Sequence[Watcher] = (),
) -> Gateway:
    """The gateway that `[providers]`, `[aliases]` and `[gateway]` describe. It opens no connection before its first call.

    Args:
        record: Told of every attempt, at once and in order; it must not block.
        transport: Under the one pool of connections; None for the usual one.

    Raises:
        SettingsError: A key is named that is not there.
    """
    catalogue = read_catalogue()
    pool = transport or Transports()
    providers = providers_of(settings, transport=pool, catalogue=catalogue, environ=environ)
    maker = _Targets(settings, providers, catalogue, now())
    pools = {name: maker.pool(alias) for name, alias in settings.aliases.items()}
    return Gateway(
        pools,
        timeout_s=settings.gateway.deadlines.total_s,
        residency=settings.gateway.residency,
        record=record,
        meter=meter,
        prices=maker.prices,
        health=health or Health(clock, lambda: now().timestamp()),
        learned=learned or Learned(lambda: now().timestamp()),
        now=now,
        watchers=watchers,
        close=pool.aclose,
    )


class _Targets:
    """Makes each target once, with its price beside it."""

    def __init__(self, settings: Settings, providers: Mapping[str, HttpProvider], catalogue: Catalogue, at: datetime) -> None:
        self._settings, self._providers, self._catalogue, self._at = settings, providers, catalogue, at
        self.prices: dict[str, Price] = {}

    def pool(self, alias: Alias) -> Pool:
        targets = []
        for named in alias.targets:
            if isinstance(named, WeightedTarget):
                targets.append(self.target(named.target, weight=named.weight))
            else:
                targets.append(self.target(named))
        return Pool(
            targets=targets,
            strategy=alias.strategy,
            on_content_filter=alias.on_content_filter,
            on_cut=alias.on_cut,
            residency=alias.residency or self._settings.gateway.residency,
            max_output=alias.max_output,
            hedge=Hedge(after_s=hedge.after_s, share=hedge.share, max_output=hedge.max_output) if (hedge := alias.hedge) else None,
            affinity=alias.affinity,
        )

    def target(self, name: str, *, weight: float = 1.0, successor: bool = True) -> Target:
        provider_name, _, model = name.partition("/")
        provider, settings = self._providers[provider_name], self._settings.providers[provider_name]
        facts = self._catalogue.facts(settings, model, at=self._at)
        if facts.price is not None:
            self.prices[name] = facts.price
        next_model = facts.replacement if successor else None
        return Target(
            provider,
            model,
            window=facts.window,
            lacks=facts.lacks | provider.quirks.lacks,
            dialect=settings.dialect,
            residency=settings.residency,
            weight=weight,
            worst_cost=_worst(facts.price),
            # The key is part of the name, so that a new key is not benched for what the old one was refused for.
            credential=f"{provider_name}:{_fingerprint(provider.key)}",
            replacement=self.target(f"{provider_name}/{next_model}", weight=weight, successor=False) if next_model else None,
        )


def _worst(price: Price | None) -> Callable[[Request], Decimal] | None:
    if price is None:
        return None
    return lambda request: price.worst(input=request.bytes, output=request.max_output)


def _fingerprint(key: str | None) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How one target took a tiny call."""

    alias: str
    target: str
    ok: bool
    took_s: float
    detail: str
    """What it answered with: the model's own name for itself, or what went wrong and what to do."""


async def check(gateway: Gateway, *, timeout_s: float = 20.0) -> list[Checked]:
    """Try every target that whoever asks may use with a tiny call, all at once: a fallback that is never exercised fails when it is needed.

    One that answers rests no longer, whatever it rested for: so an operator who has paid a bill or let a key in again need not wait.
    """
    who = current_spender()
    seen: dict[str, tuple[str, Target]] = {}
    for alias in gateway.aliases:
        pool = gateway.pool(alias)
        for target in pool.targets if pool else ():
            if not who.may_use(alias, target.name):
                continue
            seen.setdefault(target.name, (alias, target))
    return list(await asyncio.gather(*(_checked(gateway, alias, target, timeout_s) for alias, target in seen.values())))


async def _checked(gateway: Gateway, alias: str, target: Target, timeout_s: float) -> Checked:
    lone = replace(gateway, aliases={alias: Pool(targets=[target])}, timeout_s=timeout_s, health=Health(time.monotonic, time.time))
    request = Request(messages=[Message("user", "Answer with the word: ready")], max_output=64)
    began = time.monotonic()
    try:
        response = await lone.complete(request, alias=alias, purpose="check")
    except (ProviderError, SpendError) as error:
        cause = error.attempts[0] if isinstance(error, AllProvidersFailed) and error.attempts else error
        return Checked(alias=alias, target=target.name, ok=False, took_s=time.monotonic() - began, detail=f"{cause.code}: {cause}")
    took_s = time.monotonic() - began
    gateway.health.succeeded(target.places, took_s=took_s)
    detail = f"answered with {response.usage.total} tokens" + (" (estimated)" if response.usage.estimated else "")
    return Checked(alias=alias, target=target.name, ok=True, took_s=took_s, detail=detail)

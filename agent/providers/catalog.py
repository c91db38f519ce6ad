"""What is known of models beyond their names: windows, abilities, dated prices, retirements and replacements.

The operator's config wins; then `catalog.toml`; prices and windows that neither names come from the package genai-prices, whose
snapshot is read from disk and never from the network.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agent.dialects.base import Quirks
from agent.dialects.messages import Ability, Usage
from agent.settings import Model, ProviderSettings

MILLION = Decimal(1_000_000)
FREE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens, by kind, and from when on."""

    input: Decimal
    output: Decimal
    cached: Decimal
    cache_write: Decimal
    cache_write_1h: Decimal
    source: str
    """Where it was read: "config", "catalog" or "genai-prices 0.2.3", with the date it holds from where one is known."""
    above: int | None = None
    """Input tokens from which the whole request has the prices of `long`."""
    long: Price | None = None
    _dearest: tuple[Decimal, Decimal] = field(init=False, repr=False, compare=False)
    """For input and output, over all kinds and tiers; every call asks."""
    _row: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tiers = (self, self.long) if self.long is not None else (self,)
        dearest = max(max(tier.input, tier.cached, tier.cache_write, tier.cache_write_1h) for tier in tiers)
        object.__setattr__(self, "_dearest", (dearest, max(tier.output for tier in tiers)))
        kinds = ("input", "output", "cached", "cache_write", "cache_write_1h")
        row: dict[str, Any] = {kind: format(getattr(self, kind), "f") for kind in kinds} | {"source": self.source}
        object.__setattr__(self, "_row", row | {"above": self.above, "long": self.long.row()} if self.long is not None else row)

    def cost(self, usage: Usage) -> Decimal:
        """Exact dollars; nothing is rounded."""
        price = self.long if self.long is not None and self.above is not None and usage.input > self.above else self
        plain = usage.input - usage.cached - usage.cache_written
        short = usage.cache_written - usage.cache_written_1h
        spent = plain * price.input + usage.cached * price.cached + usage.output * price.output
        return (spent + short * price.cache_write + usage.cache_written_1h * price.cache_write_1h) / MILLION

    def worst(self, *, input: int, output: int) -> Decimal:
        """The most that so many tokens can cost: all of them at the dearest kind and tier."""
        return (input * self._dearest[0] + output * self._dearest[1]) / MILLION

    def row(self) -> Mapping[str, Any]:
        """It as a usage row keeps it."""
        return self._row


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    window: int | None = None
    """Tokens that fit, input and output together; None when nobody says."""
    price: Price | None = None
    lacks: frozenset[Ability] = frozenset()
    retired_on: date | None = None
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    servers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    retired: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def quirks(self, settings: ProviderSettings) -> Quirks:
        row = self._server(settings.base_url)
        return Quirks(
            lacks=frozenset(settings.lacks) | frozenset(row.get("lacks", ())),
            limit_field=settings.limit_field or row.get("limit_field", "max_tokens"),
            path=settings.path or "",
            key_header=settings.key_header or row.get("key_header", ""),
            query=settings.query or "",
        )

    def facts(self, settings: ProviderSettings, model: str, *, at: datetime) -> ModelFacts:
        """What holds at that time."""
        own = settings.models.get(model, Model())
        row, gone = self._server(settings.base_url), self.retired.get(model, {})
        price = _own_price(own) or (_free() if row.get("free") else None)
        window = own.window
        if (price is None or window is None) and row.get("prices"):
            listed_window, listed_price = _listed(row["prices"], model, at)
            window, price = window or listed_window, price or listed_price
        return ModelFacts(
            window=window, price=price, lacks=frozenset(own.lacks), retired_on=gone.get("on"), replacement=own.replacement or gone.get("replacement")
        )  # fmt: skip

    def _server(self, base_url: str) -> Mapping[str, Any]:
        parts = urlsplit(base_url)
        for pattern, row in self.servers.items():
            if fnmatch(parts.netloc if ":" in pattern else parts.hostname or "", pattern):
                return row
        return {}


def read_catalogue(path: Path | None = None) -> Catalogue:
    values = tomllib.loads((path or Path(__file__).with_name("catalog.toml")).read_text(encoding="utf-8"))
    return Catalogue(servers=values.get("servers", {}), retired=values.get("retired", {}))


def _own_price(own: Model) -> Price | None:
    given = own.price
    if given is None:
        return None
    cached = given.input if given.cached is None else given.cached
    write = given.input if given.cache_write is None else given.cache_write
    return Price(input=given.input, output=given.output, cached=cached, cache_write=write, cache_write_1h=write, source="config")


def _free() -> Price:
    return Price(input=FREE, output=FREE, cached=FREE, cache_write=FREE, cache_write_1h=FREE, source="catalog: own machine")


def _listed(provider: str, model: str, at: datetime) -> tuple[int | None, Price | None]:
    """Window and price from genai-prices. It takes 0.4 s and 35 MB to load, so only a config that needs it pays that."""
    from importlib.metadata import version

    from genai_prices.data_snapshot import get_snapshot

    try:
        _, found = get_snapshot().find_provider_model(model, None, provider, None)
    except LookupError:
        return None, None
    listed = found.get_prices(at)
    price = price_from_tiers(
        {kind: getattr(listed, name, None) for kind, name in _KINDS.items()}, source=f"genai-prices {version('genai-prices')}"
    )  # fmt: skip
    return found.context_window, price


_KINDS = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cached": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
}


def price_from_tiers(listed: Mapping[str, Any], *, source: str) -> Price | None:
    """A price of values that are decimals, or a base with tiers; None without both an input and an output price.

    Several tiers count as the dearest from the first threshold on: rather a little too much than a cent too little.
    """
    base = {kind: getattr(value, "base", value) for kind, value in listed.items()}
    if base.get("input") is None or base.get("output") is None:
        return None
    tiers = {kind: getattr(value, "tiers", ()) for kind, value in listed.items()}
    starts = [tier.start for found in tiers.values() for tier in found]
    if not starts:
        return _price(base, source)
    dearest = {kind: max((tier.price for tier in found), default=base.get(kind)) for kind, found in tiers.items()}
    return _price(base, source, above=min(starts), long=_price(dearest, source))


def _price(values: Mapping[str, Decimal | None], source: str, *, above: int | None = None, long: Price | None = None) -> Price:
    input, output = values["input"] or FREE, values["output"] or FREE
    cached, write = values.get("cached"), values.get("cache_write")
    write = input if write is None else write
    hour = values.get("cache_write_1h")
    return Price(
        input=input, output=output, cached=input if cached is None else cached, cache_write=write,
        cache_write_1h=write if hour is None else hour, source=source, above=above, long=long,
    )  # fmt: skip

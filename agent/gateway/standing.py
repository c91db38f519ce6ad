"""How every target stands now: well, resting or waiting for an operator, since what, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from agent.gateway.gateway import Gateway
from agent.providers.router import Target

State = Literal["well", "unsteady", "probe", "open", "benched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStanding:
    name: str
    provider: str
    aliases: tuple[str, ...]
    """That it stands behind."""
    state: State
    """open: failed several times running. benched: the provider said when to come back, or an operator has to act. probe: one call may try.
    unsteady: too many of its calls fail; it comes after the steady ones."""
    reason: str
    """Code of what it rests for; empty when it does not."""
    place: str
    """What rests: target, credential or provider; empty when nothing does."""
    until: datetime | None
    latency_ms: int | None
    """Smoothed, of its good calls in this process; None before the first."""
    priced: bool
    """Whether its price is known; a key with a budget may call it only then."""


def standing(gateway: Gateway) -> Sequence[TargetStanding]:
    """Every target behind any alias, in the config's order."""
    return [_standing(gateway, target) for target in gateway.targets()]


def _standing(gateway: Gateway, target: Target) -> TargetStanding:
    health, places = gateway.health, target.places
    resting = max((bench for bench in health.benches() if bench.place in places.all), key=lambda bench: bench.until, default=None)
    latency = health.latency_s(places)
    pools = {alias: gateway.pool(alias) for alias in gateway.aliases}
    return TargetStanding(
        name=target.name, provider=target.provider.name, state=health.state(places), latency_ms=None if latency is None else round(latency * 1000),
        aliases=tuple(alias for alias, pool in pools.items() if pool and target.name in {each.name for each in pool.targets}),
        reason=resting.reason if resting else "", place=resting.place.kind if resting else "",
        until=datetime.fromtimestamp(resting.until, UTC) if resting else None, priced=target.name in gateway.prices,
    )  # fmt: skip

"""Whom an alias may ask and how: targets, the pool they stand in, and what the router says to do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from agent.dialects.messages import Ability, Request
from agent.providers.adapting import Lack
from agent.providers.base import Provider
from agent.providers.health import Place, Places

Strategy = Literal["order", "weighted", "cheapest", "fastest"]


@dataclass(frozen=True, slots=True)
class Target:
    """One model of one provider, with what is known of it."""

    provider: Provider
    model: str
    window: int | None = field(default=None, kw_only=True)
    lacks: frozenset[Ability] = field(default=frozenset(), kw_only=True)
    dialect: str = field(default="", kw_only=True)
    residency: str | None = field(default=None, kw_only=True)
    weight: float = field(default=1.0, kw_only=True)
    worst_cost: Callable[[Request], Decimal] | None = field(default=None, kw_only=True)
    """The most that this request can cost here, for `cheapest`; None when there is no price."""
    credential: str = field(default="", kw_only=True)
    """Name of the credential its calls are made with; the provider's own when empty."""
    replacement: Target | None = field(default=None, kw_only=True)
    """Takes its place when it is retired."""

    name: str = field(init=False, repr=False, compare=False)
    """provider/model"""
    places: Places = field(init=False, repr=False, compare=False)
    """What its breakers and benches are for."""

    def __post_init__(self) -> None:
        # Made once: every call asks for them a dozen times.
        name = f"{self.provider.name}/{self.model}"
        object.__setattr__(self, "name", name)
        places = Places(
            target=Place("target", name),
            credential=Place("credential", self.credential or self.provider.name),
            provider=Place("provider", self.provider.name),
        )
        object.__setattr__(self, "places", places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hedge:
    """A second call beside a slow first one; the first good answer counts, and the other call is cancelled and booked."""

    after_s: float | None = None
    """How long the first has alone; None for the time in which 95 of 100 of its answers came, and no hedging before that is known."""
    share: float = 0.05
    """Most second calls in relation to first ones."""
    max_output: int = 1024
    """Only requests for at most so many tokens."""

    def suits(self, request: Request) -> bool:
        """Whether asking twice does no more than asking once: a vendor's own parameters may store or start something."""
        return request.max_output <= self.max_output and not request.extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What an alias stands for."""

    targets: Sequence[Target]
    strategy: Strategy = "order"
    on_content_filter: Literal["refuse", "failover"] = "refuse"
    on_cut: Literal["error", "restart"] = "error"
    residency: str | None = None
    max_output: int = 4096
    hedge: Hedge | None = None
    affinity: bool = True
    """Whether a conversation stays with the target that has it in its prompt cache, as long as that one is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """Ask this target this."""

    target: Target
    request: Request
    """Changed for what the target lacks."""
    why: str
    """Why this one and no other, for the usage row."""
    without: Lack | None = None
    """What was left out on suspicion; a good answer shows that the target lacks it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Every target that is left said when to come back; the earliest is so many seconds away."""

    seconds: float

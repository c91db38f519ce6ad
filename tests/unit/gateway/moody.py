"""Providers whose mood a test sets, a purse, and a gateway over them on virtual time: what the gateway's state machine plays with."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from agent.dialects.messages import Request, Response, Usage
from agent.errors import (
    BadOutput,
    ContentFiltered,
    CredentialRefused,
    Forbidden,
    OverBudget,
    Overloaded,
    ProviderError,
    QuotaUsedUp,
    RateLimited,
    Rejected,
    Retired,
    Unreachable,
)
from agent.gateway import Attempt, Gateway, Held, Pool, Spender, Target
from agent.providers.catalog import Price
from agent.providers.health import Bench, Health, Place
from agent.providers.learned import Learned
from agent.providers.router import Hedge

SCHEMA = {"type": "object", "required": ["ok"]}
FAULTS: dict[str, Callable[[], ProviderError]] = {
    "down": lambda: Overloaded("down"),
    "refused": lambda: Unreachable("refused"),
    "limited": lambda: RateLimited("wait"),
    "limited for 30 s": lambda: RateLimited("wait", retry_after_s=30),
    "limited for 700 s": lambda: RateLimited("wait", retry_after_s=700),
    "out of quota": lambda: QuotaUsedUp("empty"),
    "key refused": lambda: CredentialRefused("key"),
    "forbidden": lambda: Forbidden("not here"),
    "retired": lambda: Retired("gone"),
    "rubbish": lambda: BadOutput("rubbish"),
    "filtered": lambda: ContentFiltered("filtered"),
    "refuses the request": lambda: Rejected("wrong"),
}
MOODS = ("well", "hanging", "deaf to schemas", "choking on schemas", *FAULTS)
SAID_WAIT = {"limited": 5.0, "limited for 30 s": 30.0, "limited for 700 s": 700.0, "out of quota": 900.0, "key refused": 3_600.0}


@dataclass(frozen=True, slots=True)
class Called:
    at: float
    target: str
    request: Request
    asked_by: str


@dataclass(slots=True)
class Moody:
    """One provider; every model of it has a mood."""

    name: str
    moods: dict[str, str] = field(default_factory=dict)
    calls: list[Called] = field(default_factory=list)
    said_wait: dict[str, float] = field(default_factory=dict)
    """Model, or "" for all of them, to the time before which it does not want to be called."""
    rude: list[str] = field(default_factory=list)
    """Calls that came all the same."""

    async def complete(self, request: Request, *, model: str, timeout_s: float) -> Response:
        now, mood = asyncio.get_running_loop().time(), self.moods.get(model, "well")
        self.calls.append(Called(now, f"{self.name}/{model}", request, request.metadata["ask"]))
        if now < max(self.said_wait.get(model, 0.0), self.said_wait.get("", 0.0)) - 1e-6:
            self.rude.append(f"{self.name}/{model} at {now}")
        await asyncio.sleep(0.5)
        if mood == "hanging":
            await asyncio.sleep(10_000)
        if mood in FAULTS:
            self._say_when(mood, model)
            raise FAULTS[mood]()
        if mood == "choking on schemas" and request.schema is not None:
            raise _status_500()
        wanted = request.schema is not None or "JSON schema" in request.messages[-1].text
        text = '{"ok": true}' if wanted and mood != "deaf to schemas" else "ready"
        return Response(text=text, usage=Usage(input=10, output=5), provider=self.name, model=model)

    def _say_when(self, mood: str, model: str) -> None:
        if mood in SAID_WAIT:
            whom = "" if mood in ("out of quota", "key refused") else model
            until = asyncio.get_running_loop().time() + SAID_WAIT[mood]
            self.said_wait[whom] = max(self.said_wait.get(whom, 0.0), until)


def _status_500() -> ProviderError:
    error = Overloaded("broken")
    error.upstream_status = 500
    return error


@dataclass(slots=True)
class Purse:
    """A meter with one limit over everything."""

    limit: Decimal
    spent: Decimal = Decimal(0)
    held: dict[str, Decimal] = field(default_factory=dict)
    settled: list[str] = field(default_factory=list)
    _made: int = 0

    async def reserve(self, spender: Spender, worst: Decimal | None) -> Held:
        assert worst is not None, "a call without a price came to a budget"
        await asyncio.sleep(0)
        if self.spent + sum(self.held.values()) + worst > self.limit:
            raise OverBudget("used up")
        self._made += 1
        held = Held(f"held_{self._made}", worst)
        self.held[held.id] = worst
        return held

    def settle(self, held: Held, cost: Decimal | None) -> None:
        self.settled.append(held.id)
        self.spent += self.held.pop(held.id) if cost is None else (cost, self.held.pop(held.id))[0]


@dataclass(slots=True)
class House:
    """Three providers, five targets, and what outlives a restart."""

    providers: dict[str, Moody] = field(default_factory=lambda: {name: Moody(name) for name in ("eu", "us", "near")})
    purse: Purse = field(default_factory=lambda: Purse(Decimal(1)))
    rows: list[Attempt] = field(default_factory=list)
    kept: dict[Place, Bench] = field(default_factory=dict)

    @property
    def targets(self) -> dict[str, Target]:
        eu, us, near = self.providers["eu"], self.providers["us"], self.providers["near"]
        made = [
            Target(eu, "big", residency="eu", replacement=Target(eu, "new", residency="eu")),
            Target(us, "big", residency="us", lacks=frozenset({"tools"})),
            Target(near, "small", residency="eu", lacks=frozenset({"json_schema", "images"})),
            Target(eu, "small", residency="eu", weight=3.0),
        ]
        return {target.name: target for target in made}

    @property
    def all_names(self) -> list[str]:
        return [*self.targets, "eu/new"]

    def pools(self) -> dict[str, Pool]:
        targets = list(self.targets.values())
        return {
            "order": Pool(targets=targets),
            "weighted": Pool(targets=targets, strategy="weighted", on_content_filter="failover"),
            "fastest": Pool(targets=targets, strategy="fastest"),
            "eu": Pool(targets=targets, residency="eu"),
            "hedged": Pool(targets=targets, hedge=Hedge(after_s=0.2, share=0.5)),
            "lone": Pool(targets=[self.targets["us/big"]]),
        }

    def open(self, loop: asyncio.AbstractEventLoop) -> Gateway:
        """A gateway that knows of earlier ones what is kept, and nothing else."""

        def keep(bench: Bench) -> None:
            self.kept[bench.place] = bench

        health = Health(loop.time, lambda: 1_700_000_000 + loop.time(), changed=keep)
        health.restore(self.kept.values())
        price = Price(input=Decimal(1), output=Decimal(2), cached=Decimal(1), cache_write=Decimal(1), cache_write_1h=Decimal(1), source="test")
        return Gateway(
            self.pools(), record=self.rows.append, meter=self.purse, prices=dict.fromkeys(self.all_names, price), health=health,
            learned=Learned(), random=random.Random(3), timeout_s=20.0,
            now=lambda: datetime.fromtimestamp(1_700_000_000 + loop.time(), UTC),
        )  # fmt: skip

    @property
    def calls(self) -> list[Called]:
        return [call for provider in self.providers.values() for call in provider.calls]

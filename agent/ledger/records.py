"""Who spends, what each attempt was, and what the gateway needs of whoever keeps the books. The gateway writes these, the ledger keeps them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from agent.dialects.messages import Request, Text, ToolCall, ToolResult, Usage
from agent.records import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Spender:
    """On whose behalf a call is made, and for what."""

    shop: str = ""
    principal: str = ""
    key: str | None = None
    """Id of the API key, when it came with one."""
    run: str | None = None
    subtask: str | None = None
    task: str | None = None
    request_id: str | None = None
    models: frozenset[str] | None = None
    """Aliases and targets it may use; None for all."""
    budgeted: bool = False
    """Whether a limit holds for it, so that only models with a known price may be called."""

    def may_use(self, *names: str) -> bool:
        """Whether one of the names, of an alias or a target, is on its list."""
        return self.models is None or not self.models.isdisjoint(names)


_SPENDER: ContextVar[Spender | None] = ContextVar("storehand_spender", default=None)


@contextmanager
def spending(**facts: Any) -> Iterator[Spender]:
    """Every call within is made on this behalf; nested ones add to it: `with spending(run=…): … with spending(task=…):`."""
    spender = replace(_SPENDER.get() or Spender(), **facts)
    token = _SPENDER.set(spender)
    try:
        yield spender
    finally:
        _SPENDER.reset(token)


def facts_of(principal: Principal) -> dict[str, Any]:
    """What a spender has of whoever it is: `spending(**facts_of(principal), run=…)`. A key's list of models holds wherever it spends."""
    key = principal.id if principal.kind == "key" else None
    return {"shop": principal.shop, "principal": principal.id, "key": key, "models": principal.models}


def current_spender() -> Spender:
    return _SPENDER.get() or Spender()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call of one target; failures and what was cancelled are rows too."""

    alias: str
    provider: str
    model: str
    purpose: str
    at: datetime
    usage: Usage = Usage()
    cost_usd: Decimal | None = None
    """Exact; None when no price is known. A free model costs 0."""
    price: Mapping[str, Any] | None = None
    """The price row that the cost was computed with."""
    error: str | None = None
    """Code of the error, None when it answered."""
    absorbed: bool = False
    """It failed and the caller never noticed, since another attempt answered or may answer."""
    why: str = ""
    """Why this target was asked."""
    latency_s: float = 0.0
    first_token_s: float | None = None
    streamed: bool = False
    spender: Spender = Spender()
    prompt_digest: str = ""
    finish: str | None = None
    """Why the answer ended; None when there was none."""

    @property
    def tokens(self) -> int:
        return self.usage.total


_NOTHING = Usage()


@dataclass(slots=True)
class Trace:
    """What a caller may want to know of a call beyond its answer; filled while it runs."""

    served_by: str = ""
    """Provider and model that answered."""
    serving: str = ""
    """The one that is being asked now."""
    calls: int = 0
    cost_usd: Decimal | None = None
    """Of all attempts together; None when a price is not known."""
    usage: Usage = _NOTHING

    def add(self, attempt: Attempt) -> None:
        self.usage = attempt.usage if self.usage == _NOTHING else self.usage.plus(attempt.usage)
        if attempt.cost_usd is not None:
            self.cost_usd = (self.cost_usd or Decimal(0)) + attempt.cost_usd


@dataclass(frozen=True, slots=True)
class Held:
    """Money set aside for one attempt. It is durable before the call is made."""

    id: str
    amount: Decimal


class Meter(Protocol):
    """Whoever keeps budgets. Reserving comes before the call, settling after it, whatever became of it."""

    async def reserve(self, spender: Spender, worst: Decimal | None) -> Held:
        """
        Args:
            worst: The most that the attempt can cost; None when the model has no price.

        Raises:
            OverBudget: It does not fit, or has no price and the spender has a limit.
            RunawaySpend: The spender is paused.
        """
        ...

    def settle(self, held: Held, cost: Decimal | None) -> None:
        """The attempt is over and cost that much; None books the reservation whole."""
        ...


def prompt_digest(request: Request) -> str:
    """Tells equal prompts apart from different ones, and nothing else."""
    digest = hashlib.sha256()
    for message in request.messages:
        digest.update(message.role.encode())
        for part in message.parts:
            match part:
                case Text(text=text) | ToolResult(text=text):
                    digest.update(text.encode())
                case ToolCall():
                    digest.update(f"{part.name}{part.arguments}".encode())
                case _:
                    digest.update((getattr(part, "data", None) or getattr(part, "url", None) or "").encode())
    return digest.hexdigest()

"""One call through the gateway: what was tried, what it used, and the row each attempt leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from agent.dialects.events import Assembly, Event, Restarted, is_content
from agent.dialects.messages import Request, Response, Usage, estimated_usage
from agent.errors import BadOutput, OverBudget, ProviderError, StorehandError, TimedOut
from agent.gateway.watching import Seen, Watcher
from agent.ledger.records import Attempt, Held, Meter, Spender, Trace, prompt_digest
from agent.providers.catalog import Price
from agent.providers.router import Route, Try


@dataclass(slots=True, kw_only=True)
class Call:
    gateway_record: Callable[[Attempt], None]
    meter: Meter | None
    prices: Mapping[str, Price]
    now: Callable[[], datetime]
    clock: Callable[[], float]
    route: Route
    request: Request
    alias: str
    purpose: str
    spender: Spender
    trace: Trace
    until: float
    """When the whole call must be over, on the clock."""
    watchers: Sequence[Watcher] = ()
    over_budget: OverBudget | None = None
    done: bool = False
    _begun: tuple[datetime, float, list[Any]] = field(init=False)
    _held: Held | None = None
    _began: float = 0.0
    _at: datetime | None = None
    _first_s: float | None = None
    _streamed: bool = False
    _said: Assembly = field(default_factory=Assembly)
    _digest: str = ""
    _rows: list[Attempt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begun = (self.now(), self.clock(), [watcher.begun() for watcher in self.watchers])

    @property
    def left_s(self) -> float:
        return self.until - self.clock()

    @property
    def has_content(self) -> bool:
        return self._first_s is not None

    @property
    def written(self) -> str:
        """All that this attempt's model has made so far."""
        return self._said.written

    async def reserve(self, step: Try) -> bool:
        """Whether the attempt may be paid for. Remembers why not."""
        self._held = None
        if self.meter is None:
            return True
        price = self.prices.get(step.target.name)
        worst = price.worst(input=step.request.bytes + 64, output=step.request.max_output) if price else None
        try:
            self._held = await self.meter.reserve(self.spender, worst)
        except OverBudget as error:  # a cheaper target may still fit
            self.over_budget = error
            self.route.skipped(step)
            return False
        return True

    def begin(self, step: Try, *, streamed: bool = False) -> None:
        self.route.begun(step)
        self.trace.calls, self.trace.serving = self.route.calls, step.target.name
        self._began, self._at, self._first_s, self._streamed, self._said = self.clock(), self.now(), None, streamed, Assembly()

    def saw(self, event: Event) -> None:
        if not isinstance(event, Restarted):
            self._said.add(event)
        if self._first_s is None and is_content(event):
            self._first_s = self.clock() - self._began

    def answered(self, step: Try, usage: Usage, finish: str) -> None:
        self.route.succeeded(step, took_s=self.clock() - self._began)
        self.trace.served_by, self.done = step.target.name, True
        self._note(step, usage, None, finish)

    def failed(self, step: Try, error: ProviderError) -> None:
        """
        Raises:
            ProviderError: Nobody else should be asked.
        """
        self._note(step, self._used(step, error), error.code)
        self.route.failed(step, error)

    def abandoned(self, step: Try) -> None:
        """The caller went away in the middle of it."""
        self.route.abandoned(step)
        self._note(step, self._said.usage or estimated_usage(step.request, self.written), "cancelled")

    def served(self, step: Try, response: Response, text: str) -> Response:
        cost = format(self.trace.cost_usd, "f") if self.trace.cost_usd is not None else None
        return replace(response, text=text, provider=step.target.provider.name, model=step.target.model, attempts=self.trace.calls, cost_usd=cost)

    def _used(self, step: Try, error: ProviderError) -> Usage:
        """What a failed attempt must be paid for. A refusal costs nothing; one that went silent may well be billed, so it counts."""
        if isinstance(error.usage, Usage):
            return error.usage
        if self.has_content or (isinstance(error, TimedOut | BadOutput) and error.upstream_status is None):
            return estimated_usage(step.request, self.written)
        return Usage()

    def _note(self, step: Try, usage: Usage, error: str | None, finish: str | None = None) -> None:
        price = self.prices.get(step.target.name)
        cost: Decimal | None = price.cost(usage) if price else None
        if self.meter is not None and self._held is not None:
            self.meter.settle(self._held, cost if price else None)
            self._held = None
        self._digest = self._digest or prompt_digest(self.request)
        attempt = Attempt(
            alias=self.alias,
            provider=step.target.provider.name,
            model=step.target.model,
            purpose=self.purpose,
            at=self._at or self.now(),
            usage=usage,
            cost_usd=cost,
            price=price.row() if price else None,
            error=error,
            why=step.why,
            latency_s=self.clock() - self._began,
            first_token_s=self._first_s,
            streamed=self._streamed,
            spender=self.spender,
            prompt_digest=self._digest,
            finish=finish,
        )
        self.trace.add(attempt)
        self._rows.append(attempt)

    def close(self, error: BaseException | None = None, *, answer: str | None = None) -> None:
        """Hand over the rows, now that it is known which failures the caller never noticed.

        Args:
            error: What the caller gets instead of an answer.
            answer: Its text; what was streamed when None.
        """
        rows = tuple(replace(row, absorbed=True) if self.done and row.error is not None else row for row in self._rows)
        self._rows = []
        for row in rows:
            self.gateway_record(row)
        if self.watchers:
            self._tell(rows, error, self.written if answer is None else answer)

    def _tell(self, rows: tuple[Attempt, ...], error: BaseException | None, answer: str) -> None:
        began, at, marks = self._begun
        if self.done and not isinstance(error, Exception):
            error = None  # whoever leaves once all was said has been answered
        seen = Seen(
            alias=self.alias, purpose=self.purpose, streamed=self._streamed, began=began, took_s=self.clock() - at, spender=self.spender,
            attempts=rows, error=_code(error), request=self.request, answer=answer,
        )  # fmt: skip
        for watcher, mark in zip(self.watchers, marks, strict=True):
            watcher.over(seen, mark)


def _code(error: BaseException | None) -> str | None:
    if error is None or isinstance(error, StorehandError):
        return error.code if error else None
    return "internal" if isinstance(error, Exception) else "cancelled"

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
    repaired: bool = False
    """Whether its one repair was asked for."""
    last: Attempting | None = None
    """The attempt that began last."""
    served_by: Attempting | None = None
    """The attempt that answered."""
    _begun: tuple[datetime, float, list[Any]] = field(init=False)
    _held: Held | None = None
    _digest: str = ""
    _rows: list[Attempt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begun = (self.now(), self.clock(), [watcher.begun() for watcher in self.watchers])

    @property
    def left_s(self) -> float:
        return max(0.01, self.until - self.clock())

    @property
    def done(self) -> bool:
        return self.served_by is not None

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

    def begin(self, step: Try, *, streamed: bool = False) -> Attempting:
        """The attempt that was reserved for; call it in the same breath, so that nothing set aside is forgotten."""
        held, self._held = self._held, None
        self.route.begun(step)
        self.trace.calls, self.trace.serving = self.route.calls, step.target.name
        self.last = Attempting(call=self, step=step, held=held, streamed=streamed, began=self.clock(), at=self.now())
        return self.last

    def may_repair(self) -> bool:
        """Once."""
        may, self.repaired = not self.repaired, True
        return may

    def response(self, step: Try, response: Response, text: str) -> Response:
        """It as the caller gets it."""
        cost = format(self.trace.cost_usd, "f") if self.trace.cost_usd is not None else None
        return Response(
            text=text, usage=response.usage, provider=step.target.provider.name, model=step.target.model, finish=response.finish,
            tool_calls=response.tool_calls, reasoning=response.reasoning, refusal=response.refusal, id=response.id, attempts=self.trace.calls,
            cost_usd=cost,
        )  # fmt: skip

    def note(self, attempt: Attempting, usage: Usage, error: str | None, finish: str | None) -> None:
        step = attempt.step
        price = self.prices.get(step.target.name)
        cost: Decimal | None = price.cost(usage) if price else None
        if self.meter is not None and attempt.held is not None:
            self.meter.settle(attempt.held, cost if price else None)
        self._digest = self._digest or prompt_digest(self.request)
        row = Attempt(
            alias=self.alias,
            provider=step.target.provider.name,
            model=step.target.model,
            purpose=self.purpose,
            at=attempt.at,
            usage=usage,
            cost_usd=cost,
            price=price.row() if price else None,
            error=error,
            why=step.why,
            latency_s=attempt.took_s,
            first_token_s=attempt.first_s,
            streamed=attempt.streamed,
            spender=self.spender,
            prompt_digest=self._digest,
            finish=finish,
        )
        self.trace.add(row)
        self._rows.append(row)

    def close(self, error: BaseException | None = None, *, answer: str | None = None) -> None:
        """Hand over the rows, now that it is known which failures the caller never noticed.

        Args:
            error: What the caller gets instead of an answer.
            answer: Its text; what was streamed when None.
        """
        rows = tuple([replace(row, absorbed=True) if self.done and row.error is not None else row for row in self._rows])
        self._rows = []
        for row in rows:
            self.gateway_record(row)
        if self.watchers:
            self._tell(rows, error, (self.last.written if self.last else "") if answer is None else answer)

    def _tell(self, rows: tuple[Attempt, ...], error: BaseException | None, answer: str) -> None:
        began, at, marks = self._begun
        if self.done and not isinstance(error, Exception):
            error = None  # whoever leaves once all was said has been answered
        seen = Seen(
            alias=self.alias, purpose=self.purpose, streamed=self.last is not None and self.last.streamed, began=began, took_s=self.clock() - at,
            spender=self.spender, attempts=rows, error=_code(error), request=self.request, answer=answer,
        )  # fmt: skip
        for watcher, mark in zip(self.watchers, marks, strict=True):
            watcher.over(seen, mark)


@dataclass(slots=True, kw_only=True)
class Attempting:
    """One attempt under way. Exactly one of `answered`, `unfit`, `failed` and `abandoned` ends it, and leaves its row."""

    call: Call
    step: Try
    held: Held | None
    streamed: bool
    began: float
    at: datetime
    first_s: float | None = None
    said: Assembly = field(default_factory=Assembly)
    used: Usage | None = None
    """What its good answer used."""

    @property
    def took_s(self) -> float:
        return self.call.clock() - self.began

    @property
    def has_content(self) -> bool:
        return self.first_s is not None

    @property
    def written(self) -> str:
        """All that this attempt's model has made so far."""
        return self.said.written

    def saw(self, event: Event) -> None:
        if not isinstance(event, Restarted):
            self.said.add(event)
        if self.first_s is None and is_content(event):
            self.first_s = self.took_s

    def answered(self, usage: Usage, finish: str) -> None:
        self.call.route.succeeded(self.step, took_s=self.took_s)
        self.used = usage
        self.call.trace.served_by, self.call.served_by = self.step.target.name, self
        self.call.note(self, usage, None, finish)

    def unfit(self, error: ProviderError, usage: Usage, finish: str) -> None:
        """It answered well, and not what was asked for."""
        self.call.route.unfit(self.step, self.named(error), took_s=self.took_s)
        self.call.note(self, usage, error.code, finish)

    def failed(self, error: ProviderError) -> None:
        """
        Raises:
            ProviderError: Nobody else should be asked.
        """
        self.call.note(self, self._used(error), error.code, None)
        self.call.route.failed(self.step, error)

    def abandoned(self) -> None:
        """The caller went away in the middle of it, or another call beside it was quicker."""
        self.call.route.abandoned(self.step)
        usage = self.said.used(self.step.request)
        quicker = self.call.served_by
        if quicker is not None and quicker.used is not None and not self.streamed:
            # It was cut off before its end, so it had made no more than about what the quicker one made.
            usage = replace(usage, output=max(usage.output, quicker.used.output))
        self.call.note(self, usage, "cancelled", None)

    def named(self, error: ProviderError) -> ProviderError:
        error.provider, error.model = self.step.target.provider.name, self.step.target.model
        return error

    def _used(self, error: ProviderError) -> Usage:
        """What a failed attempt must be paid for. A refusal costs nothing; one that went silent may well be billed, so it counts."""
        if isinstance(error.usage, Usage):
            return error.usage
        if self.has_content or (isinstance(error, TimedOut | BadOutput) and error.upstream_status is None):
            return estimated_usage(self.step.request, self.written)
        return Usage()


def _code(error: BaseException | None) -> str | None:
    if error is None or isinstance(error, StorehandError):
        return error.code if error else None
    return "internal" if isinstance(error, Exception) else "cancelled"

"""What was spent on models, what is set aside, who is paused, and which providers are resting.

Money is whole trillionths of a US dollar: a price per million tokens with six decimals, times a count of tokens, is exact in them.
Every row belongs to a shop, but for the benches and checks of providers, which are the installation's.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment

PICO = 10**12


class AttemptRow(SQLModel, table=True):
    """One call of one model; failures and what was cancelled are rows too."""

    __tablename__: ClassVar[str] = "llm_attempts"
    __table_args__ = (Index("ix_llm_attempts_newest", "shop_id", "at"), Index("ix_llm_attempts_run", "shop_id", "run_id"))

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)
    alias: str
    provider: str
    model: str
    purpose: str
    key_id: str | None = None
    principal_id: str = ""
    run_id: str | None = None
    subtask: str | None = None
    task: str | None = None
    request_id: str | None = None
    prompt_digest: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_written_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False
    """The provider did not count; the tokens are our estimate."""
    cost_pico: int | None = Field(default=None, sa_type=BigInteger)
    """None when no price was known."""
    price: str | None = Field(default=None, sa_type=Text)
    """JSON of the price row that the cost was computed with."""
    error: str | None = None
    absorbed: bool = False
    why: str = ""
    latency_ms: int = 0
    first_token_ms: int | None = None
    streamed: bool = False


class BudgetRow(SQLModel, table=True):
    """A limit. A key's own monthly limit is in the table of keys."""

    __tablename__: ClassVar[str] = "budgets"

    shop_id: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    """key, owner, task or shop."""
    subject: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    """day, month or total."""
    limit_pico: int = Field(sa_type=BigInteger)


class CounterRow(SQLModel, table=True):
    """What was spent of one limit in one of its periods, and what is set aside of it for calls under way."""

    __tablename__: ClassVar[str] = "budget_counters"

    shop_id: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    start: str = Field(primary_key=True)
    """2026-11-22, 2026-11, or empty for total."""
    spent_pico: int = Field(default=0, sa_type=BigInteger)
    leased_pico: int = Field(default=0, sa_type=BigInteger)


class LeaseRow(SQLModel, table=True):
    """A slice of a budget that one worker may spend without asking again. A dead worker's is booked as spent, whole."""

    __tablename__: ClassVar[str] = "budget_leases"

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    scope: str
    subject: str
    period: str
    start: str
    worker: str = Field(index=True)
    amount_pico: int = Field(sa_type=BigInteger)
    """What is left of it: held for calls, and free."""
    until: datetime = Field(sa_type=Moment)
    """A worker that has not renewed it by then is dead."""
    booked_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it was booked at its worst case, because its worker died; it waits to be reconciled."""


class PauseRow(SQLModel, table=True):
    """Spending that the breaker has stopped, until someone decides."""

    __tablename__: ClassVar[str] = "spend_pauses"
    __table_args__ = (Index("ix_spend_pauses_open", "shop_id", "state", "at"),)

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    kind: str
    """key, run or principal."""
    subject: str
    reason: str
    """rate, loop or reasoning."""
    detail: str
    """What was measured, in a sentence."""
    at: datetime = Field(sa_type=Moment)
    state: str = "open"
    """open, continued, raised or stopped."""
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Moment)


class BenchRow(SQLModel, table=True):
    """A provider, credential or model that rests, for every worker and over a restart."""

    __tablename__: ClassVar[str] = "provider_benches"

    kind: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    until: datetime = Field(sa_type=Moment)
    reason: str
    hard: bool
    opened: int
    changed_at: datetime = Field(sa_type=Moment)


class LessonRow(SQLModel, table=True):
    """What a target turned out to lack, or how long a request it turned away, for every worker and over a restart."""

    __tablename__: ClassVar[str] = "provider_lessons"

    target: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    """json_schema, temperature … or window."""
    until: datetime = Field(sa_type=Moment)
    """When it is forgotten, so that a server that has learned since gets another chance."""
    times: int
    tokens: int | None = None
    """For window: about how many were too many."""
    changed_at: datetime = Field(sa_type=Moment)


class CheckRow(SQLModel, table=True):
    """How a target last took a tiny call that somebody asked for."""

    __tablename__: ClassVar[str] = "provider_checks"

    target: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)
    ok: bool
    took_ms: int
    detail: str = Field(sa_type=Text)


class CommitmentRow(SQLModel, table=True):
    """What a shop bought of a provider beforehand, to be used up in a time."""

    __tablename__: ClassVar[str] = "provider_commitments"

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    provider: str
    unit: str
    """usd or tokens."""
    amount: int = Field(sa_type=BigInteger)
    """Trillionths of a US dollar, or tokens."""
    starts_at: datetime = Field(sa_type=Moment)
    ends_at: datetime | None = Field(default=None, sa_type=Moment)
    """When what is left is forfeited; None for never."""
    created_at: datetime = Field(sa_type=Moment)

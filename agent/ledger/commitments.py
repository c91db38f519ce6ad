"""What was bought of a provider beforehand: how much of it is used, and how long the rest lasts at the rate of late."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.spend import PICO, AttemptRow, CommitmentRow
from agent.errors import Invalid, NotFound

Unit = Literal["usd", "tokens"]

RATE_OVER = timedelta(days=7)
"""How far back the rate looks."""
_MOST = {"usd": Decimal(9_000_000), "tokens": Decimal(9 * 10**18)}
"""What the column holds: trillionths of a dollar, or tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    id: str
    provider: str
    unit: Unit
    amount: Decimal
    """US dollars, or whole tokens."""
    starts_at: datetime
    ends_at: datetime | None
    """When what is left is forfeited; None for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A commitment as it is now."""

    commitment: Commitment
    used: Decimal
    """Since it began. More than was bought when it ran over."""
    per_day: Decimal
    """Over the last seven days, or since it began where that is less."""
    at: datetime

    @property
    def left(self) -> Decimal:
        return max(Decimal(0), self.commitment.amount - self.used)

    @property
    def days_left(self) -> Decimal | None:
        """How long the rest lasts at this rate; None while nothing is used."""
        return self.left / self.per_day if self.per_day else None

    @property
    def state(self) -> Literal["coming", "running", "used_up", "over"]:
        if self.at < self.commitment.starts_at:
            return "coming"
        if self.commitment.ends_at is not None and self.at >= self.commitment.ends_at:
            return "over"
        return "running" if self.left else "used_up"

    @property
    def forfeited(self) -> Decimal | None:
        """What is not used by its end at this rate; None when it has no end."""
        if self.commitment.ends_at is None:
            return None
        days = Decimal(max(0.0, (self.commitment.ends_at - self.at).total_seconds())) / 86_400
        return max(Decimal(0), self.left - self.per_day * days)


class Commitments:
    def __init__(self, db: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db, self._now = db, now

    async def add(
        self, shop: str, provider: str, unit: Unit, amount: Decimal, *, starts_at: datetime | None = None, ends_at: datetime | None = None
    ) -> Commitment:
        """
        Args:
            amount: US dollars, or whole tokens.
            starts_at: What was used from then on counts; now when None.

        Raises:
            Invalid: The amount is nothing, too much or not whole tokens, or it ends before it begins.
        """
        now = self._now()
        start = starts_at or now
        if not 0 < amount <= _MOST[unit] or (unit == "tokens" and amount != amount.to_integral_value()):
            raise Invalid("A commitment is more than nothing: US dollars, or a whole number of tokens.", field="amount")
        if ends_at is not None and ends_at <= start:
            raise Invalid("A commitment ends after it begins.", field="ends_at")
        row = CommitmentRow(
            shop_id=shop, id=f"com_{secrets.token_hex(6)}", provider=provider, unit=unit, amount=int(amount * (PICO if unit == "usd" else 1)),
            starts_at=start, ends_at=ends_at, created_at=now,
        )  # fmt: skip
        made = _commitment(row)
        await self._db.write(lambda session: session.add(row))
        return made

    async def remove(self, shop: str, id: str) -> None:
        """
        Raises:
            NotFound: This shop has no such commitment.
        """

        def remove(session: Session) -> None:
            row = session.get(CommitmentRow, (shop, id))
            if row is None:
                raise NotFound("commitment", id)
            session.delete(row)

        await self._db.write(remove)

    async def standing(self, shop: str) -> Sequence[Standing]:
        """Every commitment of the shop, the latest first."""
        now = self._now()

        def read(session: Session) -> list[Standing]:
            rows = session.scalars(select(CommitmentRow).where(col(CommitmentRow.shop_id) == shop).order_by(col(CommitmentRow.starts_at).desc()))
            return [_standing(session, shop, _commitment(row), now) for row in rows]

        return await self._db.read(read)


def _commitment(row: CommitmentRow) -> Commitment:
    amount = Decimal(row.amount) / PICO if row.unit == "usd" else Decimal(row.amount)
    return Commitment(
        id=row.id, provider=row.provider, unit=cast(Unit, row.unit), amount=amount, starts_at=row.starts_at, ends_at=row.ends_at
    )  # fmt: skip


def _standing(session: Session, shop: str, commitment: Commitment, now: datetime) -> Standing:
    until = min(now, commitment.ends_at) if commitment.ends_at else now
    since = max(commitment.starts_at, until - RATE_OVER)
    days = Decimal(max((until - since).total_seconds(), 86_400.0)) / 86_400  # of the first day nobody knows yet how it ends
    used = _used(session, shop, commitment, commitment.starts_at, until)
    per_day = _used(session, shop, commitment, since, until) / days
    return Standing(commitment=commitment, used=used, per_day=per_day, at=now)


def _used(session: Session, shop: str, commitment: Commitment, start: datetime, end: datetime) -> Decimal:
    what: Any = AttemptRow.cost_pico if commitment.unit == "usd" else col(AttemptRow.input_tokens) + col(AttemptRow.output_tokens)
    query = select(func.coalesce(func.sum(what), 0)).where(
        col(AttemptRow.shop_id) == shop, col(AttemptRow.provider) == commitment.provider, col(AttemptRow.at) >= start, col(AttemptRow.at) <= end
    )
    total = Decimal(int(session.execute(query).scalar_one()))
    return total / PICO if commitment.unit == "usd" else total

"""Budgets: money is set aside before a call and settled after it, so that what is spent never exceeds a limit, however calls interleave.

A worker leases a slice of a limit in the database, in one atomic step, and sets aside from that slice in memory. The lease is durable
before the call it is for; when a worker dies, its leases are booked as spent until someone reconciles them.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Decimal
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.accounts import ApiKeyRow
from agent.db.engine import Database
from agent.db.spend import PICO, BudgetRow, CounterRow, LeaseRow
from agent.errors import Invalid, OverBudget
from agent.ledger.records import Held, Spender

Scope = Literal["key", "owner", "task", "shop"]
Period = Literal["day", "month", "total"]

LEASE_LASTS = timedelta(seconds=90)
SLICES = 50
"""A lease is at most this part of the limit, unless one call needs more: what a crash can book too much."""
_LIMITS_FRESH_S = 1.0
_PICO = Decimal(PICO)


class Limit(NamedTuple):
    """A tuple, since each call looks its leases up by it and a tuple's hash is made in C."""

    shop: str
    scope: Scope
    subject: str
    period: Period
    pico: int

    @property
    def usd(self) -> Decimal:
        return usd_of(self.pico)

    def start(self, now: datetime) -> str:
        """The name of the period that holds now, in UTC."""
        if self.period == "total":
            return ""
        # Not strftime, which asks for the locale each time: it cost more than all else that sets money aside.
        month = f"{now.year:04d}-{now.month:02d}"
        return month if self.period == "month" else f"{month}-{now.day:02d}"

    def resets_at(self, now: datetime) -> datetime | None:
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        match self.period:
            case "day":
                return day + timedelta(days=1)
            case "month":
                return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            case "total":
                return None


@dataclass(slots=True)
class _Lease:
    """One worker's slices of one limit in one period."""

    limit: Limit
    start: str
    id: str
    granted: int = 0
    held: int = 0
    settled: int = 0
    """Spent of it, and not yet written to the counter."""
    renewed_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def free(self) -> int:
        return self.granted - self.held - self.settled

    def is_due(self, now: datetime) -> bool:
        """Whether it has to be renewed, so that nobody takes this worker for dead."""
        return self.renewed_at is None or now - self.renewed_at > LEASE_LASTS / 3


@dataclass(slots=True)
class _Hold:
    pico: int
    leases: tuple[_Lease, ...]


class Budgets:
    """One worker's view of all limits."""

    def __init__(self, db: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), worker: str | None = None) -> None:
        self._db, self._now = db, now
        self.worker = worker or f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._leases: dict[tuple[Limit, str], _Lease] = {}
        self._holds: dict[str, _Hold] = {}
        self._numbers = itertools.count(1)
        self._limits: dict[tuple[str, ...], tuple[datetime, tuple[Limit, ...]]] = {}

    async def set(self, shop: str, scope: Scope, subject: str, period: Period, usd: Decimal | None) -> None:
        """Set a limit, or take it away with None. It holds at once, for what is spent of the period already too.

        Raises:
            Invalid: It is negative.
        """
        if usd is not None and usd < 0:
            raise Invalid("A budget cannot be negative.", field="budget")
        key = {"shop_id": shop, "scope": scope, "subject": subject, "period": period}

        def write(session: Session) -> None:
            row = session.get(BudgetRow, tuple(key.values()))
            if row is not None and usd is None:
                session.delete(row)
            elif usd is not None:
                session.merge(BudgetRow(**key, limit_pico=pico_of(usd)))

        await self._db.write(write)
        self._limits.clear()

    async def all(self, shop: str) -> Sequence[Limit]:
        """Every limit of a shop; a key's own monthly one is shown with the key."""
        query = select(BudgetRow).where(col(BudgetRow.shop_id) == shop).order_by(col(BudgetRow.scope), col(BudgetRow.subject), col(BudgetRow.period))
        return await self._db.read(lambda session: [_limit(row) for row in session.scalars(query)])

    async def limits(self, spender: Spender) -> tuple[Limit, ...]:
        """Every limit that holds for this spender; looked up afresh each second."""
        who = (spender.shop, spender.key or "", spender.principal, spender.task or "")
        now = self._now()
        known = self._limits.get(who)
        if known is None or not 0 <= (now - known[0]).total_seconds() < _LIMITS_FRESH_S:  # a clock that was set back makes nothing fresh
            found = await self._db.read(lambda session: _limits_of(session, spender))
            if len(self._limits) > 10_000:
                self._limits.clear()
            known = self._limits[who] = (now, found)
        return known[1]

    async def reserve(self, spender: Spender, worst: Decimal | None) -> Held:
        """Set aside the most a call can cost, in every limit that holds for its spender, or in none.

        Raises:
            OverBudget: It does not fit; or no price is known and there is a limit.
        """
        limits = await self.limits(spender)
        if worst is None:
            if limits:
                raise OverBudget("this model has no known price, so it cannot be called on a budget; set its `price` in the config file.")
            worst = Decimal(0)
        pico, taken = pico_of(worst), list[_Lease]()
        for limit in limits:
            lease = await self._take(limit, pico)
            if lease is None:
                for other in taken:
                    other.held -= pico
                sentence = f"what is left of the {limit.scope}'s budget for the {limit.period} does not cover this call."
                raise OverBudget(sentence, resets_at=limit.resets_at(self._now()))
            taken.append(lease)
        id = str(next(self._numbers))
        self._holds[id] = _Hold(pico, tuple(taken))
        return Held(id, worst)

    def settle(self, held: Held, cost: Decimal | None) -> None:
        """Give back what a call did not cost. None books all that was set aside."""
        hold = self._holds.pop(held.id, None)
        if hold is None:
            return
        spent = hold.pico if cost is None else pico_of(cost)
        for lease in hold.leases:
            lease.held -= hold.pico
            lease.settled += spent

    async def flush(self) -> None:
        """Write down what was spent since the last time, and renew the leases. Called a few times a second at most."""
        now = self._now()
        spent = [(lease, lease.settled) for lease in self._leases.values() if lease.settled or lease.granted and lease.is_due(now)]
        if not spent:
            return
        spent.sort(key=lambda each: tuple(_counter(each[0]).values()))  # every worker locks counters in the same order
        standing = await self._db.write(lambda session: [_settle(session, lease, amount, now + LEASE_LASTS) for lease, amount in spent])
        for (lease, amount), stands in zip(spent, standing, strict=True):
            lease.settled -= amount
            lease.granted = max(0, lease.granted - amount)
            lease.renewed_at = now
            if not stands:  # it was booked as spent meanwhile, since this worker was taken for dead: nothing of it is spent twice
                lease.id, lease.granted = f"lease_{secrets.token_hex(8)}", lease.settled + lease.held
        self._forget_old()

    async def close(self) -> None:
        """Write down the rest and give every free slice back. What is still held for calls under way stays leased."""
        await self.flush()
        leases = sorted(self._leases.values(), key=lambda lease: tuple(_counter(lease).values()))

        def give_back(session: Session) -> None:
            for lease in leases:
                _give_back(session, lease)

        await self._db.write(give_back)
        self._leases.clear()

    async def recover(self) -> list[str]:
        """Book the leases of dead workers as spent: their ids, for whoever reconciles them."""
        now = self._now()
        return await self._db.write(lambda session: _book_dead(session, now))

    async def reconcile(self, shop: str, lease: str, actual: Decimal) -> None:
        """Say what a dead worker's lease was really spent on; the difference is free again."""
        await self._db.write(lambda session: _reconcile(session, shop, lease, pico_of(actual)))

    async def spent(self, limit: Limit) -> Decimal:
        """Spent and set aside of it in the period that is now, by all workers."""
        key = (limit.shop, limit.scope, limit.subject, limit.period, limit.start(self._now()))
        row = await self._db.read(lambda session: session.get(CounterRow, key))
        return usd_of(row.spent_pico + row.leased_pico) if row else Decimal(0)

    async def _take(self, limit: Limit, pico: int) -> _Lease | None:
        start = limit.start(self._now())
        lease = self._leases.get((limit, start))
        if lease is None:
            lease = self._leases[limit, start] = _Lease(limit, start, f"lease_{secrets.token_hex(8)}")
        if lease.free < pico:
            async with lease.lock:
                if lease.free < pico and not await self._extend(lease, pico - lease.free):
                    return None
        lease.held += pico
        return lease

    async def _extend(self, lease: _Lease, need: int) -> bool:
        until = self._now() + LEASE_LASTS
        granted = await self._db.write(lambda session: _grant(session, lease, need, self.worker, until))
        lease.granted += granted
        return granted >= need

    def _forget_old(self) -> None:
        """Leases of periods that are over and empty."""
        now = self._now()
        for key, lease in list(self._leases.items()):
            if lease.start != lease.limit.start(now) and not (lease.held or lease.settled or lease.granted):
                del self._leases[key]


def pico_of(usd: Decimal) -> int:
    """Whole trillionths, rounded away from zero: rather a trillionth too much."""
    pico = usd * _PICO
    whole = int(pico)
    return whole if whole == pico else int(pico.to_integral_value(rounding=ROUND_UP))


def usd_of(pico: int) -> Decimal:
    return Decimal(pico) / PICO


def _limit(row: BudgetRow) -> Limit:
    return Limit(row.shop_id, cast(Scope, row.scope), row.subject, cast(Period, row.period), row.limit_pico)


def _limits_of(session: Session, spender: Spender) -> tuple[Limit, ...]:
    wanted = {("key", spender.key), ("owner", spender.principal), ("task", spender.task), ("shop", spender.shop)}
    rows = session.scalars(select(BudgetRow).where(col(BudgetRow.shop_id) == spender.shop)).all()
    found = [_limit(row) for row in rows if (row.scope, row.subject) in wanted]
    if spender.key:
        micro = session.execute(select(col(ApiKeyRow.budget_micro_usd)).where(col(ApiKeyRow.id) == spender.key)).scalar_one_or_none()
        if micro is not None:
            found.append(Limit(spender.shop, "key", spender.key, "month", micro * (PICO // 1_000_000)))
    return tuple(found)


def _counter(lease: _Lease) -> dict[str, str]:
    limit = lease.limit
    return {"shop_id": limit.shop, "scope": limit.scope, "subject": limit.subject, "period": limit.period, "start": lease.start}


def _where(statement: Any, key: dict[str, str]) -> Any:
    for name, value in key.items():
        statement = statement.where(getattr(CounterRow, name) == value)
    return statement


def _grant(session: Session, lease: _Lease, need: int, worker: str, until: datetime) -> int:
    """Lease what is needed and a little more, never above the limit. 0 when it does not fit; the check and the step are one statement."""
    key, limit = _counter(lease), lease.limit.pico
    _ensure(session, key)
    for amount in sorted({max(need, limit // SLICES), need}, reverse=True):
        fits = CounterRow.spent_pico + CounterRow.leased_pico + amount <= limit
        step = _where(update(CounterRow), key).where(fits).values(leased_pico=CounterRow.leased_pico + amount)
        if cast(CursorResult[Any], session.execute(step)).rowcount:
            _lease_row(session, lease, amount, worker, until)
            return amount
    return 0


def _ensure(session: Session, key: dict[str, str]) -> None:
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]  # the other one's function of the same shape
    session.execute(insert(CounterRow).values(**key, spent_pico=0, leased_pico=0).on_conflict_do_nothing())


def _lease_row(session: Session, lease: _Lease, amount: int, worker: str, until: datetime) -> None:
    row = session.get(LeaseRow, (lease.limit.shop, lease.id))
    if row is None:
        limit = lease.limit
        session.add(
            LeaseRow(
                shop_id=limit.shop, id=lease.id, scope=limit.scope, subject=limit.subject, period=limit.period, start=lease.start, worker=worker,
                amount_pico=amount, until=until,
            )
        )  # fmt: skip
    else:
        row.amount_pico += amount
        row.until = until


def _settle(session: Session, lease: _Lease, amount: int, until: datetime) -> bool:
    """Whether the lease still stood."""
    key = _counter(lease)
    # The counter first, as `_grant` does: on Postgres the two would otherwise wait for each other, or one write over the other's amount.
    session.execute(_where(select(col(CounterRow.spent_pico)), key).with_for_update())
    row = session.get(LeaseRow, (lease.limit.shop, lease.id))
    if row is None or row.booked_at is not None:
        return False
    # A call that cost more than was set aside takes the rest from what nobody leased; the books show it either way.
    from_lease = min(amount, row.amount_pico)
    row.amount_pico -= from_lease
    row.until = until
    spend = {"spent_pico": CounterRow.spent_pico + amount, "leased_pico": CounterRow.leased_pico - from_lease}
    session.execute(_where(update(CounterRow), key).values(**spend))
    return True


def _give_back(session: Session, lease: _Lease) -> None:
    session.execute(_where(select(col(CounterRow.spent_pico)), _counter(lease)).with_for_update())
    row = session.get(LeaseRow, (lease.limit.shop, lease.id))
    if row is None or row.booked_at is not None:
        return
    free = min(max(0, row.amount_pico - lease.held), row.amount_pico)
    row.amount_pico -= free
    session.execute(_where(update(CounterRow), _counter(lease)).values(leased_pico=CounterRow.leased_pico - free))
    if row.amount_pico == 0:
        session.delete(row)


def _book_dead(session: Session, now: datetime) -> list[str]:
    rows = session.scalars(select(LeaseRow).where(col(LeaseRow.booked_at).is_(None))).all()
    dead = [row for row in rows if row.until < now or _is_gone(row.worker)]
    for row in dead:
        row.booked_at = now
        key = {name: getattr(row, name) for name in ("shop_id", "scope", "subject", "period", "start")}
        amount = row.amount_pico
        spend = {"spent_pico": CounterRow.spent_pico + amount, "leased_pico": CounterRow.leased_pico - amount}
        session.execute(_where(update(CounterRow), key).values(**spend))
    return [row.id for row in dead]


def _is_gone(worker: str) -> bool:
    """Whether it was a process of this machine that is no more."""
    host, _, rest = worker.partition("/")
    number = rest.partition("/")[0]
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _reconcile(session: Session, shop: str, id: str, actual: int) -> None:
    row = session.get(LeaseRow, (shop, id))
    if row is None or row.booked_at is None:
        raise Invalid("There is no such lease waiting to be reconciled.", field="lease")
    key = {name: getattr(row, name) for name in ("shop_id", "scope", "subject", "period", "start")}
    back = row.amount_pico - actual
    session.execute(_where(update(CounterRow), key).values(spent_pico=CounterRow.spent_pico - back))
    session.delete(row)

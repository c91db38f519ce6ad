"""What the doors need of the ledger and the gateway: books, targets, checks and commitments, for the operations and the pages alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.db.engine import Database
from agent.gateway import Gateway, check, facts_of, spending
from agent.gateway.standing import TargetStanding, standing
from agent.ledger.breaker import Decision, Pause
from agent.ledger.checks import LastCheck, keep, last_checks
from agent.ledger.commitments import Commitments
from agent.ledger.usage import Books
from agent.records import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetShown:
    """One target: how it stands, and how it took the last check."""

    standing: TargetStanding
    check: LastCheck | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    db: Database
    books: Books
    gateway: Gateway
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def commitments(self) -> Commitments:
        return Commitments(self.db, now=self.now)

    async def targets(self) -> Sequence[TargetShown]:
        checks = await last_checks(self.db)
        return [TargetShown(standing=each, check=checks.get(each.name)) for each in standing(self.gateway)]

    async def check_targets(self, principal: Principal) -> Sequence[TargetShown]:
        """Try every target it may use with a tiny call, booked to whoever asks for it, and keep how it went."""
        with spending(**facts_of(principal)):
            found = await check(self.gateway)
        at = self.now()
        await keep(self.db, [LastCheck(target=c.target, at=at, ok=c.ok, took_ms=round(c.took_s * 1000), detail=c.detail) for c in found])
        return await self.targets()

    async def pauses(self, shop: str) -> Sequence[Pause]:
        """What the spend breaker holds, newest first."""
        return await self.books.breaker.pauses(shop) if self.books.breaker else ()

    async def decide(self, principal: Principal, id: str, decision: Decision) -> Pause | None:
        """The pause, decided; None when there is no breaker, and so no pause.

        Raises:
            NotFound: This shop has no such pause that waits.
        """
        return await self.books.breaker.decide(principal.shop, id, decision, by=principal.id) if self.books.breaker else None

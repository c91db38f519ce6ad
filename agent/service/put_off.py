"""What a shop does not want to look at for now: kept for the whole shop, with who said so in the audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.approvals import audit
from agent.db.engine import Database
from agent.db.tables import PutOffRow
from agent.errors import Invalid
from agent.records import Principal, new_id
from agent.service.today import Matter, PutOff

FOR = timedelta(days=7)
MATTERS: tuple[Matter, ...] = get_args(Matter)


class PutOffs:
    def __init__(self, db: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db, self._now = db, now

    async def of(self, shop: str) -> Sequence[PutOff]:
        """What is put off at this moment."""
        wanted = select(PutOffRow).where(col(PutOffRow.shop_id) == shop, col(PutOffRow.until) > self._now()).order_by(col(PutOffRow.until))
        return await self._db.read(lambda session: [_put_off(row) for row in session.scalars(wanted)])

    async def put_off(self, matter: Matter, principal: Principal) -> None:
        """
        Raises:
            Invalid: There is no such matter.
        """
        if matter not in MATTERS:
            raise Invalid("This page is out of date. Reload it and try again.", field="matter")
        now = self._now()

        def write(session: Session) -> None:
            row = session.get(PutOffRow, (principal.shop, matter))
            row = row or PutOffRow(shop_id=principal.shop, matter=matter, until=now, put_off_by=principal.id, put_off_at=now)
            row.until, row.put_off_by, row.put_off_at = now + FOR, principal.id, now
            session.add(row)
            told = {"matter": matter, "until": row.until.isoformat()}
            audit.append(session, principal.shop, now, _entry("concern_put_off", principal, told))

        await self._db.write(write)

    async def back(self, matter: Matter, principal: Principal) -> None:
        """Show it again; what is not put off stays as it is."""
        now = self._now()

        def write(session: Session) -> None:
            row = session.get(PutOffRow, (principal.shop, matter))
            if row is None or row.until <= now:
                return
            session.delete(row)
            audit.append(session, principal.shop, now, _entry("concern_back", principal, {"matter": matter}))

        await self._db.write(write)


def _entry(kind: str, principal: Principal, payload: dict[str, str]) -> audit.Entry:
    return audit.Entry(kind=kind, ref=new_id("put"), principal=principal.id, payload=payload)


def _put_off(row: PutOffRow) -> PutOff:
    return PutOff(matter=cast(Matter, row.matter), until=row.until, by=row.put_off_by)

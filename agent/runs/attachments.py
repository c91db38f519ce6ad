"""Files attached to requests: kept as they came, found again by their id, and gone with the request that used them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session
from sqlmodel import col, select

from agent.db.attachments import AttachmentRow
from agent.db.engine import Database
from agent.errors import NotFound
from agent.records import Principal, new_id

UNUSED_FOR = timedelta(days=1)
"""How long a file stays that no request came to use."""
MOST_UNUSED = 20
"""Files of one person or key that no request came to use yet; the oldest make room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file as it is kept."""

    id: str
    name: str
    sha256: str
    data: bytes


class Attachments:
    def __init__(self, db: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db, self._now = db, now

    async def keep(self, name: str, data: bytes, principal: Principal) -> Attachment:
        """The file with its id. The same file of the same principal again is the one that is there."""
        sha256 = hashlib.sha256(data).hexdigest()
        packed = zlib.compress(data, 6)

        def write(session: Session) -> str:
            stale = delete(AttachmentRow).where(col(AttachmentRow.run_id).is_(None), col(AttachmentRow.created_at) < self._now() - UNUSED_FOR)
            session.execute(stale)
            same = select(AttachmentRow.id).where(
                col(AttachmentRow.shop_id) == principal.shop, col(AttachmentRow.principal_id) == principal.id,
                col(AttachmentRow.sha256) == sha256, col(AttachmentRow.name) == name, col(AttachmentRow.run_id).is_(None),
            )  # fmt: skip
            if (known := session.scalars(same).first()) is not None:
                return known
            row = AttachmentRow(
                shop_id=principal.shop, id=new_id("file"), principal_id=principal.id, name=name, sha256=sha256, size=len(data), content=packed,
                created_at=self._now(),
            )  # fmt: skip
            session.add(row)
            session.flush()
            waiting = select(AttachmentRow).where(
                col(AttachmentRow.shop_id) == principal.shop, col(AttachmentRow.principal_id) == principal.id, col(AttachmentRow.run_id).is_(None)
            )
            # Ids begin with the time they were made at.
            for old in session.scalars(waiting.order_by(col(AttachmentRow.id).desc()).offset(MOST_UNUSED)):
                session.delete(old)
            return row.id

        return Attachment(id=await self._db.write(write), name=name, sha256=sha256, data=data)

    async def load(self, shop: str, id: str) -> Attachment:
        """
        Raises:
            NotFound: This shop has no such file, or it is gone.
        """
        row = await self._db.read(lambda session: session.get(AttachmentRow, (shop, id)))
        if row is None:
            raise NotFound("attached file", id)
        return Attachment(id=row.id, name=row.name, sha256=row.sha256, data=zlib.decompress(row.content))

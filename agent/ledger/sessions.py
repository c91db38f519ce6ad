"""Panel sessions: a random id in the browser's cookie, its sha256 in the table, a new one at every sign-in."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session
from sqlmodel import col, delete

from agent.db.accounts import PanelSessionRow, PersonRow
from agent.db.engine import Database
from agent.ledger.keys import Now
from agent.records import ROLE_SCOPES, Principal, Role

LASTS = timedelta(days=14)
_SEEN_EVERY = timedelta(minutes=5)  # writing the time of each request would cost a write per request


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSession:
    principal: Principal
    csrf: str
    """What a form or a request that changes something must send back."""
    language: str | None = None
    """What the person chose to read the panel in; None for the shop's language."""


class Sessions:
    def __init__(self, db: Database, *, now: Now | None = None) -> None:
        self._db = db
        self._now = now or (lambda: datetime.now(UTC))

    async def begin(self, person: Principal, *, instead_of: str | None = None) -> str:
        """The id of a new session, for the cookie. `instead_of`, the id the browser came with, is good no more."""
        id, now = secrets.token_urlsafe(32), self._now()
        row = PanelSessionRow(
            id_sha256=_sha256(id), shop_id=person.shop, person_id=person.id, csrf=secrets.token_urlsafe(32), created_at=now, seen_at=now,
            expires_at=now + LASTS,
        )  # fmt: skip

        def begin(session: Session) -> None:
            if instead_of is not None:
                session.execute(delete(PanelSessionRow).where(col(PanelSessionRow.id_sha256) == _sha256(instead_of)))
            session.execute(delete(PanelSessionRow).where(col(PanelSessionRow.expires_at) <= now))
            session.add(row)

        await self._db.write(begin)
        return id

    async def find(self, id: str) -> PanelSession | None:
        """The session of that id, with the person as they are now; None when it is unknown, has ended, or the person is gone."""
        now = self._now()
        found = await self._db.read(lambda session: _row(session, id))
        if found is None or found[0].expires_at <= now or found[1].removed_at is not None:
            return None
        row, person = found
        if now - row.seen_at > _SEEN_EVERY:
            await self._db.write(lambda session: _seen(session, row.id_sha256, now))
        role = Role(person.role)
        principal = Principal(id=person.id, kind="person", name=person.shown_name, shop=person.shop_id, scopes=ROLE_SCOPES[role], role=role)
        return PanelSession(principal=principal, csrf=row.csrf, language=person.language)

    async def end(self, id: str) -> None:
        await self._db.write(lambda session: session.execute(delete(PanelSessionRow).where(col(PanelSessionRow.id_sha256) == _sha256(id))))


def _row(session: Session, id: str) -> tuple[PanelSessionRow, PersonRow] | None:
    row = session.get(PanelSessionRow, _sha256(id))
    person = session.get(PersonRow, row.person_id) if row is not None else None
    return (row, person) if row is not None and person is not None else None


def _seen(session: Session, id_sha256: str, now: datetime) -> None:
    row = session.get(PanelSessionRow, id_sha256)
    if row is not None:
        row.seen_at, row.expires_at = now, now + LASTS


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

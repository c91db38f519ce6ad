"""People who sign in to the panel: with a name and a password, or once with a link.

A wrong name and a wrong password take the same work and get the same sentence. Guessing is slowed by name and by where
it comes from; a hash is computed in a worker thread, two at a time, so that a flood of guesses does not hold everyone up.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.orm import Session
from sqlmodel import col, delete, select

from agent.db.accounts import PanelSessionRow, PersonRow, SignInLinkRow
from agent.db.engine import Database
from agent.errors import Conflict, Invalid, NotFound, NotSignedIn
from agent.ledger.keys import Now
from agent.ledger.throttle import Throttle
from agent.records import ROLE_SCOPES, Principal, Role

LEAST_PASSWORD = 10
_MOST_PASSWORD = 1_024  # argon2 would take more, at a cost to whoever runs it
_LINK_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: str
    shop: str
    name: str
    role: Role
    created_at: datetime
    has_password: bool

    @property
    def principal(self) -> Principal:
        return Principal(id=self.id, kind="person", name=self.name, shop=self.shop, scopes=ROLE_SCOPES[self.role], role=self.role)


class People:
    """The people of an installation."""

    def __init__(self, db: Database, *, now: Now | None = None, hasher: PasswordHasher | None = None, throttle: Throttle | None = None) -> None:
        self._db = db
        self._now = now or _utc_now
        self._hasher = hasher or PasswordHasher()
        self._throttle = throttle or Throttle()
        self._hashing = asyncio.Semaphore(2)
        self._nobody: str | None = None

    async def add(self, name: str, *, shop: str, role: Role, password: str | None = None) -> Person:
        """A new person of one shop. Without a password they come in by sign-in links only.

        Raises:
            Invalid: The name is empty, or the password too short.
            Conflict: Someone of that name is there already.
        """
        shown, key = name.strip(), folded(name)
        if not key or len(shown) > 120:
            raise Invalid("A person needs a name of at most 120 characters.", field="name")
        hashed = await self._hash(password) if password is not None else None
        row = PersonRow(
            id=f"per_{secrets.token_hex(8)}", shop_id=shop, name=key, shown_name=shown, role=role, password=hashed, created_at=self._now()
        )  # fmt: skip

        def add(session: Session) -> Person:
            if session.scalar(select(PersonRow.id).where(PersonRow.name == key)):
                raise Conflict(f"There is already someone called “{shown}”; names are unique in an installation.")
            session.add(row)
            session.flush()
            return _person(row)

        return await self._db.write(add)

    async def free(self, name: str) -> None:
        """
        Raises:
            Invalid: The name is empty or too long.
            Conflict: Someone of that name is there already.
        """
        if not folded(name) or len(name.strip()) > 120:
            raise Invalid("A person needs a name of at most 120 characters.", field="name")
        if await self._db.read(lambda session: _row_named(session, name)):
            raise Conflict(f"There is already someone called “{name.strip()}”; names are unique in an installation.")

    async def list(self, shop: str) -> Sequence[Person]:
        wanted = select(PersonRow).where(PersonRow.shop_id == shop, col(PersonRow.removed_at).is_(None)).order_by(PersonRow.name)
        return await self._db.read(lambda session: [_person(row) for row in session.scalars(wanted)])

    async def named(self, name: str) -> Person:
        """
        Raises:
            NotFound: Nobody is called that.
        """
        row = await self._db.read(lambda session: _row_named(session, name))
        if row is None:
            raise NotFound("person", name)
        return _person(row)

    async def set_role(self, id: str, role: Role, *, shop: str) -> None:
        """Holds from the person's next request on.

        Raises:
            NotFound: This shop has no such person.
            Conflict: The shop would be left without an owner.
        """

        def change(session: Session) -> None:
            row = _row_of(session, id, shop)
            if role is not Role.OWNER:
                _leave_an_owner(session, row)
            row.role = role

        await self._db.write(change)

    async def set_language(self, id: str, language: str | None, *, shop: str) -> None:
        """What the person reads the panel in from the next page on; None for the shop's language.

        Raises:
            NotFound: This shop has no such person.
        """

        def change(session: Session) -> None:
            _row_of(session, id, shop).language = language

        await self._db.write(change)

    async def remove(self, id: str, *, shop: str) -> None:
        """Takes the person's row, sessions and links away.

        Raises:
            NotFound: This shop has no such person.
            Conflict: The shop would be left without an owner.
        """

        def remove(session: Session) -> None:
            row = _row_of(session, id, shop)
            _leave_an_owner(session, row)
            session.delete(row)

        await self._db.write(remove)

    async def set_password(self, id: str, password: str, *, shop: str) -> None:
        """Gives a new password and signs the person out everywhere.

        Raises:
            Invalid: It is too short.
            NotFound: This shop has no such person.
        """
        hashed = await self._hash(password)

        def change(session: Session) -> None:
            row = _row_of(session, id, shop)
            row.password = hashed
            session.execute(delete(PanelSessionRow).where(col(PanelSessionRow.person_id) == id))

        await self._db.write(change)

    async def verify(self, name: str, password: str, *, client: str) -> Person:
        """The person of that name, if the password is theirs.

        Args:
            name: As typed; case and outer spaces do not matter.
            password: As typed.
            client: Where the attempt comes from, such as an address; guessing is slowed by it as well as by name.

        Raises:
            NotSignedIn: The name or the password is wrong.
            TooManyAttempts: Too many guesses went before; nothing was checked.
        """
        by_name, by_client = f"name:{folded(name)[:120]}", f"client:{client}"
        self._throttle.attempt(by_name, by_client)
        row = await self._db.read(lambda session: _row_named(session, name))
        stored = row.password if row is not None else None
        good = await self._matches(stored or await self._someone(), password)
        if row is None or stored is None or not good:
            raise NotSignedIn("The name or the password is not right.")
        self._throttle.succeeded(by_name)
        self._throttle.take_back(by_client)
        return _person(row)

    async def link(self, person: str, *, lasts: timedelta = timedelta(minutes=15)) -> str:
        """The token of a link that signs this person in once.

        Args:
            person: Their id or their name.
            lasts: How long it can be followed.

        Raises:
            NotFound: There is no such person.
        """
        token, now = secrets.token_urlsafe(_LINK_BYTES), self._now()

        def make(session: Session) -> None:
            row = session.get(PersonRow, person) or _row_named(session, person)
            if row is None or row.removed_at is not None:
                raise NotFound("person", person)
            session.execute(delete(SignInLinkRow).where(col(SignInLinkRow.expires_at) < now))
            session.add(
                SignInLinkRow(token_sha256=_sha256(token), shop_id=row.shop_id, person_id=row.id, created_at=now, expires_at=now + lasts)
            )  # fmt: skip

        await self._db.write(make)
        return token

    async def follow(self, token: str, *, client: str) -> Person:
        """The person a sign-in link is for; the link is used up.

        Raises:
            NotSignedIn: It is unknown, used or expired.
            TooManyAttempts: Too many wrong links came from this client.
        """
        self._throttle.attempt(f"link:{client}")
        now = self._now()

        def use(session: Session) -> Person | None:
            link = session.get(SignInLinkRow, _sha256(token))
            if link is None or link.used_at is not None or link.expires_at <= now:
                return None
            link.used_at = now
            row = session.get(PersonRow, link.person_id)
            return _person(row) if row is not None and row.removed_at is None else None

        person = await self._db.write(use)
        if person is None:
            raise NotSignedIn("This sign-in link has been used or has expired; ask for a new one.")
        self._throttle.take_back(f"link:{client}")
        return person

    async def _hash(self, password: str) -> str:
        if len(password) < LEAST_PASSWORD or len(password) > _MOST_PASSWORD:
            raise Invalid(f"A password has at least {LEAST_PASSWORD} characters and at most {_MOST_PASSWORD}.", field="password")
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def _matches(self, hashed: str, password: str) -> bool:
        async with self._hashing:
            return await asyncio.to_thread(_matches, self._hasher, hashed, password[:_MOST_PASSWORD])

    async def _someone(self) -> str:
        """A hash nobody has the password of, so that an unknown name costs what a known one does."""
        if self._nobody is None:
            self._nobody = await self._hash(secrets.token_urlsafe(16))
        return self._nobody


def folded(name: str) -> str:
    """A name as it is compared: one form of each letter, no case, no outer or doubled spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _matches(hasher: PasswordHasher, hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False


def _row_named(session: Session, name: str) -> PersonRow | None:
    return session.scalar(select(PersonRow).where(PersonRow.name == folded(name), col(PersonRow.removed_at).is_(None)))


def _row_of(session: Session, id: str, shop: str) -> PersonRow:
    row = session.get(PersonRow, id)
    if row is None or row.shop_id != shop:
        raise NotFound("person", id)
    return row


def _leave_an_owner(session: Session, row: PersonRow) -> None:
    """
    Raises:
        Conflict: This is the shop's only owner: nobody could decide who comes in any more.
    """
    others = select(PersonRow.id).where(
        PersonRow.shop_id == row.shop_id, PersonRow.role == Role.OWNER, PersonRow.id != row.id, col(PersonRow.removed_at).is_(None)
    )  # fmt: skip
    if row.role == Role.OWNER and session.scalar(others) is None:
        raise Conflict("A shop keeps at least one owner; make someone else an owner first.")


def _person(row: PersonRow) -> Person:
    return Person(
        id=row.id, shop=row.shop_id, name=row.shown_name, role=Role(row.role), created_at=row.created_at, has_password=row.password is not None
    )  # fmt: skip


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _utc_now() -> datetime:
    return datetime.now(UTC)

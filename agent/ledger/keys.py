"""API keys: made once, shown once, looked up by their digest, rotated with an overlap, revoked at once.

A key is `sk_sh_`, 32 random bytes and a checksum, so that secret scanners know it and a typing error is told before the
table is read. What is random and long needs no slow hash: the table holds its sha256. A rotated key is the same key with
another secret: its budget, its usage and its scopes stay, and for a while both secrets open the door.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from agent.db.accounts import ApiKeyRow
from agent.db.engine import Database
from agent.errors import Conflict, Invalid, NoKey, NotAllowed, NotFound
from agent.records import Principal, Scope

PREFIX = "sk_sh_"
_RANDOM_BYTES = 32
_BODY = 43  # characters of 32 bytes in URL-safe base64 without padding
_CHECKSUM = 6
_MICRO = 1_000_000
_TRUSTED_FOR = timedelta(seconds=1)  # a key revoked by another process is refused within this time; a look-up costs 1.4 ms of a request
_MOST_TRUSTED = 1_000
_TABLE: Any = ApiKeyRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class one
_BY_DIGEST = select(_TABLE).where((_TABLE.c.secret_sha256 == bindparam("digest")) | (_TABLE.c.old_secret_sha256 == bindparam("digest")))
LONGEST_OVERLAP = timedelta(days=90)
_MOST_MODELS = 200

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as lists show it; the secret is not in it."""

    id: str
    shop: str
    name: str
    prefix: str
    scopes: frozenset[Scope]
    budget_usd: Decimal | None
    """Most it may spend in a month; None for no limit of its own."""
    models: frozenset[str] | None
    """Aliases and targets it may call, through the proxy and for its asks; None for all."""
    created_at: datetime
    created_by: str | None
    """Principal id; None when it was made at the command line."""
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_at: datetime | None
    old_until: datetime | None
    """Until when the secret before the last rotation is good too."""
    last_used_at: datetime | None
    sandbox_shop: str | None = None
    """The copy of the demo shop that it sees in place of its shop; None for a key that sees the shop itself."""

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def state(self, now: datetime) -> Literal["good", "expired", "revoked"]:
        if self.revoked_at is not None:
            return "revoked"
        return "good" if self.is_good(now) else "expired"

    def overlaps(self, now: datetime) -> bool:
        """Whether two secrets are good for it."""
        return self.is_good(now) and self.old_until is not None and now < self.old_until

    @property
    def principal(self) -> Principal:
        return Principal(id=self.id, kind="key", name=self.name, shop=self.sandbox_shop or self.shop, scopes=self.scopes, models=self.models)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    key: ApiKey
    secret: str
    """The whole key. It is nowhere else and cannot be shown again."""

    def __repr__(self) -> str:  # a key must not reach a log
        return f"NewKey({self.key.prefix}…)"


@dataclass(frozen=True, slots=True)
class _Found:
    """A key, and until when the secret that led to it is good; None for as long as the key is."""

    key: ApiKey
    until: datetime | None

    principal: Principal

    def is_good(self, now: datetime) -> bool:
        return self.key.is_good(now) and (self.until is None or now < self.until)


class Keys:
    """The keys of an installation."""

    def __init__(self, db: Database, *, now: Now | None = None) -> None:
        self._db = db
        self._now = now or _utc_now
        self._used: dict[str, datetime] = {}
        self._trusted: dict[str, tuple[datetime, _Found]] = {}

    async def create(
        self,
        name: str,
        *,
        shop: str,
        scopes: Iterable[Scope],
        budget_usd: Decimal | None = None,
        expires_in: timedelta | None = None,
        models: Iterable[str] | None = None,
        by: Principal | None = None,
        sandbox_shop: str | None = None,
    ) -> NewKey:
        """A new key of one shop.

        Args:
            models: Aliases and targets it may call through the proxy; None for all.
            by: Who makes it; None for whoever sits at the command line.
            sandbox_shop: What it sees in place of the shop. It stays the shop's all the same: listed, rotated and revoked there.

        Raises:
            Invalid: It has no name or no scope, its budget is negative, or its list of models is empty.
            NotAllowed: It could do what whoever makes it cannot.
        """
        wanted, listed = sorted(set(scopes)), None if models is None else sorted({model.strip() for model in models} - {""})
        _check(name, wanted, budget_usd, listed)
        _within(by, wanted, listed)
        secret, now = _new_secret(), self._now()
        row = ApiKeyRow(
            id=f"key_{secrets.token_hex(8)}",
            shop_id=shop,
            name=name.strip()[:120],
            prefix=secret[: len(PREFIX) + 4],
            checksum=secret[-_CHECKSUM:],
            secret_sha256=_sha256(secret),
            scopes=[str(scope) for scope in wanted],
            budget_micro_usd=int(budget_usd * _MICRO) if budget_usd is not None else None,
            models=listed,
            created_at=now,
            created_by=by.id if by else None,
            expires_at=now + expires_in if expires_in else None,
            sandbox_shop_id=sandbox_shop,
        )
        key = _key(row)
        await self._db.write(lambda session: session.add(row))
        return NewKey(key=key, secret=secret)

    async def verify(self, secret: str) -> Principal:
        """Whose key it is. One look-up by digest, whether the key is known or not.

        Raises:
            NoKey: It is not a key, is unknown, expired or revoked; the sentence does not say which of the last three.
        """
        digest, now = _sha256(secret), self._now()
        since, found = self._trusted.get(digest, (None, None))
        if since is None or not timedelta(0) <= now - since < _TRUSTED_FOR:
            if not _well_formed(secret):
                raise NoKey("This is not a Storehand key; a key starts with sk_sh_ and is copied whole.")
            found = await self._found(digest)
        if found is None or not found.is_good(now):
            raise NoKey("This key is not valid any more; `storehand keys create` makes a new one.")
        self._used[found.key.id] = now
        return found.principal

    async def _found(self, digest: str) -> _Found | None:
        row = await self._db.read(lambda session: session.execute(_BY_DIGEST, {"digest": digest}).one_or_none())
        if row is None or not (hmac.compare_digest(row.secret_sha256, digest) or hmac.compare_digest(row.old_secret_sha256 or "", digest)):
            return None
        if len(self._trusted) >= _MOST_TRUSTED:
            self._trusted.clear()
        key = _key(row)
        found = _Found(key, None if row.secret_sha256 == digest else row.old_until, key.principal)
        self._trusted[digest] = (self._now(), found)
        return found

    async def rotate(self, id: str, *, shop: str, overlap: timedelta = timedelta(days=1), by: Principal | None = None) -> NewKey:
        """The key with a new secret. The one it had is good for `overlap` more; one from an earlier rotation is good no more.

        Raises:
            NotFound: This shop has no such key.
            Conflict: It is revoked or has expired.
            Invalid: The overlap is negative or longer than 90 days.
            NotAllowed: The key can do what whoever rotates it, and so gets to see its secret, cannot.
        """
        if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
            raise Invalid(f"The old secret can stay good for at most {LONGEST_OVERLAP.days} days.", field="overlap")
        secret, now = _new_secret(), self._now()

        def rotate(session: Session) -> ApiKey:
            row = _row_of(session, id, shop)
            if not _key(row).is_good(now):
                raise Conflict("This key is revoked or has expired; make a new one.")
            _within(by, [Scope(scope) for scope in row.scopes], row.models)
            row.old_secret_sha256, row.old_until, row.rotated_at = row.secret_sha256, now + overlap, now
            row.secret_sha256, row.prefix, row.checksum = _sha256(secret), secret[: len(PREFIX) + 4], secret[-_CHECKSUM:]
            return _key(row)

        key = await self._db.write(rotate)
        self._trusted.clear()
        return NewKey(key=key, secret=secret)

    async def revoke(self, id: str, *, shop: str) -> ApiKey:
        """The key, good for nothing from now on. Revoking it twice keeps the first time.

        Raises:
            NotFound: This shop has no such key.
        """
        now = self._now()

        def revoke(session: Session) -> ApiKey:
            row = _row_of(session, id, shop)
            row.revoked_at = row.revoked_at or now
            return _key(row)

        revoked = await self._db.write(revoke)
        self._trusted.clear()
        return revoked

    async def list(self, shop: str) -> Sequence[ApiKey]:
        """The shop's keys, newest first, also those that are good no more."""
        wanted = select(_TABLE).where(_TABLE.c.shop_id == shop).order_by(_TABLE.c.created_at.desc(), _TABLE.c.id)
        return await self._db.read(lambda session: [_key(row) for row in session.execute(wanted)])

    async def note_uses(self) -> None:
        """Write down when keys were last used. Called now and then, so that no request waits for a write."""
        used, self._used = self._used, {}
        if not used:
            return

        def note(session: Session) -> None:
            for id, at in used.items():
                session.execute(update(_TABLE).where(_TABLE.c.id == id).values(last_used_at=at))

        await self._db.write(note)


def _check(name: str, scopes: Sequence[Scope], budget_usd: Decimal | None, models: Sequence[str] | None) -> None:
    if not name.strip() or not scopes:
        raise Invalid("A key needs a name and at least one scope: read, ask, approve, llm, admin.", field="scopes" if name.strip() else "name")
    if budget_usd is not None and budget_usd < 0:
        raise Invalid("A budget cannot be negative.", field="budget")
    if models is not None and not 0 < len(models) <= _MOST_MODELS:
        raise Invalid("Name the models it may call, or leave the list out for all of them.", field="models")


def _within(maker: Principal | None, scopes: Sequence[Scope], models: Sequence[str] | None) -> None:
    """Nobody gives out more than they have: else a key with `admin` alone would be good for everything."""
    if maker is None:
        return
    if more := sorted(set(scopes) - maker.scopes):
        raise NotAllowed(f"You can give out only what you have yourself; you have not the scope {', '.join(more)}.")
    if maker.models is not None and (models is None or not maker.models.issuperset(models)):
        raise NotAllowed(f"You can give out only models of your own list: {', '.join(sorted(maker.models))}.")


def _row_of(session: Session, id: str, shop: str) -> ApiKeyRow:
    row = session.get(ApiKeyRow, id)
    if row is None or row.shop_id != shop:
        raise NotFound("key", id)
    return row


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _new_secret() -> str:
    body = secrets.token_urlsafe(_RANDOM_BYTES)
    return f"{PREFIX}{body}{_checksum(body)}"


def _checksum(body: str) -> str:
    """Six characters of base 36 over the CRC-32 of the random part."""
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM):
        value, digit = divmod(value, 36)
        digits += "0123456789abcdefghijklmnopqrstuvwxyz"[digit]
    return digits


def _well_formed(secret: str) -> bool:
    if not secret.startswith(PREFIX) or len(secret) != len(PREFIX) + _BODY + _CHECKSUM or not secret.isascii():
        return False
    body = secret[len(PREFIX) : -_CHECKSUM]
    return hmac.compare_digest(_checksum(body), secret[-_CHECKSUM:])


def _key(row: ApiKeyRow | Row[Any]) -> ApiKey:
    budget = row.budget_micro_usd
    return ApiKey(
        id=row.id,
        shop=row.shop_id,
        name=row.name,
        prefix=row.prefix,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        budget_usd=Decimal(budget) / _MICRO if budget is not None else None,
        models=None if row.models is None else frozenset(row.models),
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        rotated_at=row.rotated_at,
        old_until=row.old_until,
        last_used_at=row.last_used_at,
        sandbox_shop=row.sandbox_shop_id,
    )

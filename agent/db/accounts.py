"""Who may come in: people, API keys, panel sessions and one-time sign-in links.

No secret is stored. Passwords are argon2 hashes; keys, session ids and link tokens are random and long, so a plain
sha256 of them is enough and can be looked up. Every row names its shop.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel


class Person(SQLModel, table=True):
    """Someone who signs in to the panel of one shop."""

    __tablename__: ClassVar[str] = "person"
    __table_args__: ClassVar = {"info": {"subject": "person", "retention": "until the person is removed"}}

    id: str = Field(primary_key=True)
    shop: str = Field(index=True)
    name: str = Field(unique=True)
    """What they sign in with; one person of that name in the whole installation, compared in lower case."""
    role: str
    """owner, staff or viewer."""
    password: str | None = None
    """argon2id hash; None for someone who comes in by sign-in links only."""
    created_at: datetime
    removed_at: datetime | None = None


class ApiKey(SQLModel, table=True):
    """A program's way in. The secret is shown once, when it is made."""

    __tablename__: ClassVar[str] = "api_key"
    __table_args__: ClassVar = {"info": {"subject": "person", "retention": "kept after revocation, for the audit"}}

    id: str = Field(primary_key=True)
    shop: str = Field(index=True)
    name: str
    prefix: str
    """The first characters of the key, enough to tell it apart in a list."""
    checksum: str
    """The key's last characters: a typing error is told before the table is read."""
    secret_sha256: str = Field(unique=True)
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    budget_micro_usd: int | None = None
    """Most it may spend in a month, in millionths of a US dollar; None for no limit of its own."""
    created_at: datetime
    created_by: str | None = None
    """Principal id; None when made at the command line."""
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class PanelSession(SQLModel, table=True):
    """A browser that is signed in."""

    __tablename__: ClassVar[str] = "panel_session"
    __table_args__: ClassVar = (Index("panel_session_by_person", "person"), {"info": {"subject": "person", "retention": "until it expires"}})

    id_sha256: str = Field(primary_key=True)
    shop: str = Field(index=True)
    person: str = Field(foreign_key="person.id", ondelete="CASCADE")
    csrf: str
    """What a form of this session must send back."""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class SignInLink(SQLModel, table=True):
    """A link that signs one person in, once."""

    __tablename__: ClassVar[str] = "sign_in_link"
    __table_args__: ClassVar = {"info": {"subject": "person", "retention": "until it expires"}}

    token_sha256: str = Field(primary_key=True)
    shop: str = Field(index=True)
    person: str = Field(foreign_key="person.id", ondelete="CASCADE")
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

"""Who may come in: people, API keys, panel sessions and one-time sign-in links; and the requests that people keep for later.

No secret is stored. Passwords are argon2 hashes; keys, session ids and link tokens are random and long, so a plain
sha256 of them is enough and can be looked up. Every row names its shop. What is personal in each table, and how long it
stays, is in `agent.db.retention`.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON, Index, Text
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


class PersonRow(SQLModel, table=True):
    """Someone who signs in to the panel of one shop."""

    __tablename__: ClassVar[str] = "people"

    id: str = Field(primary_key=True)
    shop_id: str = Field(index=True)
    name: str = Field(unique=True)
    """What they sign in with, as `agent.ledger.people.folded` writes it; one person of that name in the whole installation."""
    shown_name: str
    role: str
    """owner, staff or viewer."""
    password: str | None = None
    """argon2id hash; None for someone who comes in by sign-in links only."""
    language: str | None = None
    """Of the panel, such as "de"; None for the shop's."""
    created_at: datetime = Field(sa_type=Moment)
    removed_at: datetime | None = Field(default=None, sa_type=Moment)


class ApiKeyRow(SQLModel, table=True):
    """A program's way in. The secret is shown once, when it is made."""

    __tablename__: ClassVar[str] = "api_keys"

    id: str = Field(primary_key=True)
    shop_id: str = Field(index=True)
    name: str
    prefix: str
    """The first characters of the key, enough to tell it apart in a list."""
    checksum: str
    """The key's last characters: a typing error is told before the table is read."""
    secret_sha256: str = Field(unique=True)
    scopes: list[str] = Field(sa_type=JSON)
    budget_micro_usd: int | None = None
    """Most it may spend in a month, in millionths of a US dollar; None for no limit of its own."""
    models: list[str] | None = Field(default=None, sa_type=JSON)
    """Aliases and targets it may call, through the proxy and for its asks; None for all."""
    sandbox_shop_id: str | None = None
    """The copy of the demo shop that it sees in place of its shop; None for a key that sees the shop itself."""
    old_secret_sha256: str | None = Field(default=None, index=True)
    """Of the secret before the last rotation, which is good until `old_until`."""
    old_until: datetime | None = Field(default=None, sa_type=Moment)
    rotated_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    created_by: str | None = None
    """Principal id; None when made at the command line."""
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    last_used_at: datetime | None = Field(default=None, sa_type=Moment)


class PanelSessionRow(SQLModel, table=True):
    """A browser that is signed in."""

    __tablename__: ClassVar[str] = "panel_sessions"

    id_sha256: str = Field(primary_key=True)
    shop_id: str = Field(index=True)
    person_id: str = Field(foreign_key="people.id", ondelete="CASCADE", index=True)
    csrf: str
    """What a form of this session must send back."""
    created_at: datetime = Field(sa_type=Moment)
    seen_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)


class SignInLinkRow(SQLModel, table=True):
    """A link that signs one person in, once."""

    __tablename__: ClassVar[str] = "sign_in_links"

    token_sha256: str = Field(primary_key=True)
    shop_id: str = Field(index=True)
    person_id: str = Field(foreign_key="people.id", ondelete="CASCADE", index=True)
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class SavedPromptRow(SQLModel, table=True):
    """A request that someone keeps to send again by its name. Names are one person's, or the shop's."""

    __tablename__: ClassVar[str] = "saved_prompts"
    __table_args__ = (
        Index("ix_saved_prompts_own", "shop_id", "person_id", "name", unique=True),
        # An index takes two rows without a person for different ones: those of the shop have their own.
        Index(
            "ix_saved_prompts_shared", "shop_id", "name", unique=True, sqlite_where=sql("person_id IS NULL"),
            postgresql_where=sql("person_id IS NULL"),
        ),
    )  # fmt: skip

    id: str = Field(primary_key=True)
    shop_id: str
    person_id: str | None = Field(default=None, foreign_key="people.id", ondelete="CASCADE", index=True)
    """Whose alone it is; None for one that everybody in the shop has."""
    made_by: str
    """Principal id of who wrote it, who may change it though it is shared."""
    name: str
    text: str = Field(sa_type=Text)
    changed_at: datetime = Field(sa_type=Moment)

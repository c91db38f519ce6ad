"""What Storehand itself remembers: runs and their events, proposals and decisions, the audit chain, timers, idempotent replies.

Every row belongs to a shop, which is part of every key; the executors alone are the machine's. Columns that hold JSON are text
in the canonical form of `agent.records.codec`. What is personal in each table, and how long it stays, is in `agent.db.retention`.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


class RunRow(SQLModel, table=True):
    """One request. `plan` and `reply` come when they are there; `models` and `consent` are what distillation needs to know later."""

    __tablename__: ClassVar[str] = "runs"
    __table_args__ = (
        Index("ix_runs_newest", "shop_id", "created_at", "id"),
        Index("ix_runs_thread", "shop_id", "thread", "created_at"),
        Index("ix_runs_person", "shop_id", "principal_id", "thread"),
    )

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    principal_id: str
    text: str = Field(sa_type=Text)
    locale: str = "en"
    thread: str | None = None
    follows: str | None = None
    """Id of the run of the thread that this one came after; None where nobody said: the one before it in time."""
    instead_of: str | None = None
    """Id of the run of the thread that this one is another version of: its words were edited and sent again."""
    context: str = Field(default="{}", sa_type=Text)
    """JSON: the page context, ids only."""
    state: str
    error: str | None = Field(default=None, sa_type=Text)
    plan: str | None = Field(default=None, sa_type=Text)
    reply: str | None = Field(default=None, sa_type=Text)
    models: str = Field(default="{}", sa_type=Text)
    """JSON: name of each model and prompt that took part to its digest."""
    corrections: str = Field(default="[]", sa_type=Text)
    """JSON: answers to questions and edits, in order."""
    consent: bool = False
    """Whether this request may be learned from."""
    durable: bool = False
    """Accepted for later: a process that starts must find and finish it."""
    executor: str | None = None
    """Name of the process it is under way in (`agent.runs.executors.process_name`); None for runs of versions that did not write it down."""
    stop_asked: bool = False
    """Somebody stopped it through another process than its own, which sees it here."""
    created_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class RunEventRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "run_events"

    shop_id: str = Field(primary_key=True)
    run_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)
    type: str
    v: int = 1
    subtask: str | None = None
    data: str = Field(default="{}", sa_type=Text)


class ThreadRow(SQLModel, table=True):
    """What somebody called a conversation. One that nobody named has no row, and is called by its first request."""

    __tablename__: ClassVar[str] = "threads"

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    title: str
    named_by: str
    named_at: datetime = Field(sa_type=Moment)


class ThreadPinRow(SQLModel, table=True):
    """A conversation that somebody wants at the top of their own list."""

    __tablename__: ClassVar[str] = "thread_pins"

    shop_id: str = Field(primary_key=True)
    principal_id: str = Field(primary_key=True)
    thread: str = Field(primary_key=True)
    pinned_at: datetime = Field(sa_type=Moment)


class PutOffRow(SQLModel, table=True):
    """Something a shop is not to look at for now. The row stays when its time is over, until it is put off again or taken back."""

    __tablename__: ClassVar[str] = "concerns_put_off"

    shop_id: str = Field(primary_key=True)
    matter: str = Field(primary_key=True)
    """stock, orders, messages or reviews"""
    until: datetime = Field(sa_type=Moment)
    put_off_by: str
    put_off_at: datetime = Field(sa_type=Moment)


class ChangeSetRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "change_sets"
    __table_args__ = (
        UniqueConstraint("shop_id", "digest"),
        Index("ix_change_sets_newest", "shop_id", "state", "created_at", "id"),
        Index("ix_change_sets_run", "shop_id", "run_id"),
        Index("ix_change_sets_undoes", "shop_id", "undoes"),
    )

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    digest: str
    summary: str = Field(sa_type=Text)
    state: str
    """As last settled; an open one past `expires_at` reads as expired."""
    risk: str
    count: int
    money: str | None = None
    """JSON of the totals' money."""
    confirm: str = "click"
    proposed_by: str
    run_id: str | None = None
    subtask: str | None = None
    undoes: str | None = None
    restore_at: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Moment)


class ChangeItemRow(SQLModel, table=True):
    """One change of a set, and the journal of its write: intent (`begun_at`), then effect in the store, then outcome (`ended_at`)."""

    __tablename__: ClassVar[str] = "change_items"
    __table_args__ = (
        ForeignKeyConstraint(["shop_id", "change_set_id"], ["change_sets.shop_id", "change_sets.id"]),
        UniqueConstraint("shop_id", "key"),
        Index("ix_change_items_target", "shop_id", "target_kind", "target_id"),
    )

    shop_id: str = Field(primary_key=True)
    change_set_id: str = Field(primary_key=True)
    item_id: str = Field(primary_key=True)
    position: int
    what: str = Field(sa_type=Text)
    """JSON of the change or action, exactly as it was digested."""
    key: str
    """The store's idempotency key: sha256 of change set and item."""
    target_kind: str
    target_id: str
    state: str
    note: str | None = Field(default=None, sa_type=Text)
    decision_id: str | None = None
    """The one decision that used this item up."""
    begun_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    written_before: str | None = Field(default=None, sa_type=Text)
    written_after: str | None = Field(default=None, sa_type=Text)
    written_id: str | None = None
    """Id of the record written, also of one just made."""
    undone_by: str | None = None
    """The change set that put this item back."""


class DecisionRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "decisions"
    __table_args__ = (ForeignKeyConstraint(["shop_id", "change_set_id"], ["change_sets.shop_id", "change_sets.id"]),)

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    change_set_id: str = Field(index=True)
    digest: str
    kind: str
    """approve or reject"""
    items: str = Field(sa_type=Text)
    """JSON list of item ids."""
    principal: str = Field(sa_type=Text)
    """JSON of the principal as it then was: id, kind, role, scopes."""
    at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    """When everything it approved had an outcome; None while a process still has to finish it."""


class AuditRow(SQLModel, table=True):
    """Append-only. `hash` is sha256 over the previous row's hash and this row; personal values are only in the payload."""

    __tablename__: ClassVar[str] = "audit"
    __table_args__ = (UniqueConstraint("shop_id", "kind", "ref"), Index("ix_audit_change_set", "shop_id", "change_set_id"))

    shop_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)
    kind: str
    """proposed, approved, rejected, write, erased, thread_deleted, concern_put_off, concern_back"""
    ref: str
    """What makes the row unique within its kind: the item's key, the decision's id."""
    principal_id: str
    run_id: str | None = None
    change_set_id: str | None = None
    item_id: str | None = None
    digest: str | None = None
    """Of the change set decided on."""
    payload_digest: str
    previous: str
    hash: str


class AuditPayloadRow(SQLModel, table=True):
    """What may have to be forgotten. The salt goes with it, so that the digest left in the chain tells nothing of a short value."""

    __tablename__: ClassVar[str] = "audit_payloads"
    __table_args__ = (
        ForeignKeyConstraint(["shop_id", "seq"], ["audit.shop_id", "audit.seq"]),
        Index("ix_audit_payloads_subject", "shop_id", "subject_kind", "subject_id"),
    )

    shop_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    subject_kind: str
    subject_id: str
    salt: str | None
    body: str | None = Field(sa_type=Text)
    erased_at: datetime | None = Field(default=None, sa_type=Moment)


class AuditHeadRow(SQLModel, table=True):
    """The end of each shop's chain: locked to append, and what shows that rows were cut off."""

    __tablename__: ClassVar[str] = "audit_heads"

    shop_id: str = Field(primary_key=True)
    seq: int
    hash: str


class TimerRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "timers"
    __table_args__ = (Index("ix_timers_due", "state", "due_at"),)

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    due_at: datetime = Field(sa_type=Moment)
    kind: str
    """Name of the work it starts."""
    payload: str = Field(sa_type=Text)
    state: str
    """waiting, done, cancelled"""
    fired: int = 0
    """How often its work was started. It stays waiting, due again a little later, until that work has ended well."""
    created_at: datetime = Field(sa_type=Moment)


class IdempotencyRow(SQLModel, table=True):
    """A reply kept under the caller's key. `state` in_flight with a dead executor is free to be begun again."""

    __tablename__: ClassVar[str] = "idempotency"
    __table_args__ = (Index("ix_idempotency_created", "created_at"),)

    shop_id: str = Field(primary_key=True)
    principal_id: str = Field(primary_key=True)
    endpoint: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_digest: str
    state: str
    executor: str
    status: int | None = None
    headers: str | None = Field(default=None, sa_type=Text)
    body: bytes | None = None
    created_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class ExecutorRow(SQLModel, table=True):
    """A process that runs durable work. One whose beat has stopped is dead, and its work is another's to finish."""

    __tablename__: ClassVar[str] = "executors"

    id: str = Field(primary_key=True)
    host: str
    pid: int
    started_at: datetime = Field(sa_type=Moment)
    beat_at: datetime = Field(sa_type=Moment)
    stopped_at: datetime | None = Field(default=None, sa_type=Moment)

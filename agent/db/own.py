"""Storehand's own records that act later: automations, schedules, segments, what they did, and the webhooks that tell of it.

Columns that hold JSON are text in the canonical form of `agent.records.codec`. What is personal in each table, and how long it stays,
is in `agent.db.retention`.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


class AutomationRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "automations"
    __table_args__ = (Index("ix_automations_due", "state", "next_at"),)

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    rule: str = Field(sa_type=Text)
    """JSON of `agent.sdk.rules.Rule`."""
    state: str
    """active or paused"""
    reason: str | None = Field(default=None, sa_type=Text)
    """Why it was paused, where Storehand did it by itself."""
    approved_by: str
    """Principal id of whoever approved it as it is: what it does stands under their name."""
    made_at: datetime = Field(sa_type=Moment)
    since: datetime = Field(sa_type=Moment)
    """From when on it looks at what happens: when it was made, changed or resumed."""
    next_at: datetime | None = Field(default=None, sa_type=Moment)
    """For one that starts at a time."""


class ScheduleRow(SQLModel, table=True):
    """A request that recurs."""

    __tablename__: ClassVar[str] = "schedules"
    __table_args__ = (Index("ix_schedules_due", "state", "next_at"),)

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    request: str = Field(sa_type=Text)
    rhythm: str = Field(sa_type=Text)
    """JSON of `agent.sdk.rhythms.Rhythm`."""
    state: str
    reason: str | None = Field(default=None, sa_type=Text)
    approved_by: str
    made_at: datetime = Field(sa_type=Moment)
    since: datetime = Field(sa_type=Moment)
    next_at: datetime | None = Field(default=None, sa_type=Moment)


class SegmentRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "segments"

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    query: str = Field(sa_type=Text)
    """JSON of `agent.sdk.segments.SegmentQuery`."""
    made_at: datetime = Field(sa_type=Moment)


class OwnWriteRow(SQLModel, table=True):
    """Idempotency keys of writes to the records above, and what each answered."""

    __tablename__: ClassVar[str] = "own_writes"

    shop_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    digest: str
    """Of the change: the same key with another change is refused."""
    outcome: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


class FiringRow(SQLModel, table=True):
    """One time that an automation or a schedule acted: written down with the cursor that saw the event, so that it is neither lost nor doubled."""

    __tablename__: ClassVar[str] = "firings"
    __table_args__ = (UniqueConstraint("shop_id", "of", "event"), Index("ix_firings_newest", "shop_id", "of", "at"))

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    of: str
    """Id of the automation or schedule."""
    event: str
    """What makes the event one: "order_placed:o_17", "time:2026-11-23T09:00:00+00:00"."""
    about: str
    """What it is about, for people."""
    subjects: str = Field(default="{}", sa_type=Text)
    """JSON: kind of record to id."""
    at: datetime = Field(sa_type=Moment)
    state: str
    """begun, done, waiting (something of it waits for approval), failed, skipped"""
    note: str | None = Field(default=None, sa_type=Text)
    change_sets: str = Field(default="[]", sa_type=Text)
    """JSON list of ids, the standing approval's first."""
    run_id: str | None = None
    notice: str | None = Field(default=None, sa_type=Text)
    seen: bool = False
    """Whether the merchant has put the notice away."""
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class FeedRow(SQLModel, table=True):
    """How far the events of a shop were seen."""

    __tablename__: ClassVar[str] = "feeds"

    shop_id: str = Field(primary_key=True)
    revision: int
    """Grows with every look, so that two processes never take the same events."""
    cursor: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


class WebhookEndpointRow(SQLModel, table=True):
    __tablename__: ClassVar[str] = "webhook_endpoints"

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    url: str
    secret: str
    """whsec_…: kept whole, since every message is signed with it."""
    events: str = Field(sa_type=Text)
    """JSON list of event types; empty for all."""
    state: str
    """enabled or disabled"""
    reason: str | None = Field(default=None, sa_type=Text)
    created_by: str
    created_at: datetime = Field(sa_type=Moment)


class WebhookDeliveryRow(SQLModel, table=True):
    """One message to one endpoint, until it was taken or given up."""

    __tablename__: ClassVar[str] = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_newest", "shop_id", "endpoint_id", "created_at", "id"),)

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    endpoint_id: str
    message: str
    """The id that the receiver sees, the same for every attempt and replay."""
    type: str
    body: str = Field(sa_type=Text)
    state: str
    """waiting, delivered, failed or cancelled"""
    attempts: int = 0
    status: int | None = None
    """What the last attempt was answered with."""
    error: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    tried_at: datetime | None = Field(default=None, sa_type=Moment)
    next_at: datetime | None = Field(default=None, sa_type=Moment)

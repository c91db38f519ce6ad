"""Files that people attach to requests, as they came. What is personal in them, and how long they stay, is in `agent.db.retention`."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


class AttachmentRow(SQLModel, table=True):
    """One file. It goes with the last request that used it, and within a day where none ever did."""

    __tablename__: ClassVar[str] = "attachments"
    __table_args__ = (
        ForeignKeyConstraint(["shop_id", "run_id"], ["runs.shop_id", "runs.id"], ondelete="CASCADE"),
        Index("ix_attachments_run", "shop_id", "run_id"),
        Index("ix_attachments_same", "shop_id", "principal_id", "sha256"),
        Index("ix_attachments_unused", "run_id", "created_at"),
    )

    shop_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    principal_id: str
    name: str
    sha256: str
    size: int
    content: bytes = Field(sa_type=LargeBinary)
    """Packed with zlib."""
    created_at: datetime = Field(sa_type=Moment)
    run_id: str | None = None
    """The last request that used it; None as long as none did."""

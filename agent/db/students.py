"""Which version of each student answers, what it was seen to say, and where another version would have said something else.

Students are the installation's, not a shop's; a disagreement names the shop whose request it came from. What is personal in each
table, and how long it stays, is in `agent.db.retention`.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from agent.db.moments import Moment


class StudentStandingRow(SQLModel, table=True):
    """One head. A head without a row is answered by its bundled version. A version is "bundled" or the identity of its files."""

    __tablename__: ClassVar[str] = "student_standings"

    head: str = Field(primary_key=True)
    in_use: str
    earlier: str = Field(default="[]", sa_type=Text)
    """JSON list of versions that were in use before, the latest last: the way back."""
    shadow: str | None = None
    """Runs beside the one in use; nothing it says is used."""
    canary: str | None = None
    """Answers a share of the runs."""
    share: float = 0.0
    """Of runs that the canary answers, in (0, 1)."""
    promoted_at: datetime | None = Field(default=None, sa_type=Moment)
    """When the one in use came into use; drift is counted from then. None for the bundled one that always was."""
    revision: int = 0
    """Grows with every change, so that two who change it at once do not undo each other unseen."""
    changed_by: str
    changed_at: datetime = Field(sa_type=Moment)


class StudentWindowRow(SQLModel, table=True):
    """What a version said within one hour: counts alone, summed over processes."""

    __tablename__: ClassVar[str] = "student_windows"

    head: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    """in_use, canary or shadow"""
    hour: datetime = Field(primary_key=True, sa_type=Moment)
    seen: int = 0
    refused: int = 0
    """Of them refused, or left undecided."""
    confidence: str = Field(default="{}", sa_type=Text)
    """JSON: confidence in whole percent, rounded down, to how often."""
    labels: str = Field(default="{}", sa_type=Text)
    """JSON: label to how often."""
    compared: int = 0
    """For a shadow: how many answers were put beside those of the version in use, and in how many it said the same."""
    agreed: int = 0


class StudentDisagreementRow(SQLModel, table=True):
    """One text on which a shadow and the version in use did not say the same."""

    __tablename__: ClassVar[str] = "student_disagreements"
    __table_args__ = (Index("ix_student_disagreements_newest", "head", "id"), Index("ix_student_disagreements_run", "shop_id", "run_id"))

    id: str = Field(primary_key=True)
    head: str
    version: str
    """The shadow."""
    against: str
    """The version that was in use."""
    shop_id: str
    run_id: str
    said: str
    """What the version in use said, and was used."""
    confidence: float
    shadow_said: str
    shadow_confidence: float
    text: str | None = Field(default=None, sa_type=Text)
    """None unless the request may be learned from."""
    at: datetime = Field(sa_type=Moment)

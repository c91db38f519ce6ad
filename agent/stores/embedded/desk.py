"""Where a write happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from agent.sdk.store import ShopInfo


@dataclass(frozen=True, slots=True)
class Desk:
    """An open session of one shop at one moment."""

    session: Session
    key: int
    shop: ShopInfo
    now: datetime
    coming: int | None = None
    """The key of a record that is only shown as made."""

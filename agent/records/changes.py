"""A proposal as it is stored, approved and applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from agent.sdk.refs import Money
from agent.sdk.results import Action, Change

Risk = Literal["low", "medium", "high"]
ItemState = Literal["open", "approved", "rejected", "applying", "applied", "skipped", "failed", "undone"]
SetState = Literal["open", "applying", "applied", "partly_applied", "rejected", "expired", "failed", "undone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One change or action of a set, with what became of it."""

    id: str
    """"1", "2", … within its set."""
    what: Change | Action
    state: ItemState = "open"
    note: str | None = None
    """Why it was skipped or failed, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    count: int
    money: Money | None = None
    """What the change moves in money: for prices the sum of after minus before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    id: str
    digest: str
    """sha256 over the exact items; what an approval names."""
    summary: str
    items: Sequence[Item]
    totals: Totals
    risk: Risk
    created_at: datetime
    expires_at: datetime
    state: SetState
    shop: str
    proposed_by: str
    """Principal id."""
    run: str | None = None
    subtask: str | None = None
    undoes: str | None = None
    """Id of the change set this one puts back."""
    decided_by: str | None = None
    decided_at: datetime | None = None
    restore_at: datetime | None = None
    confirm: str = "click"
    """"click", or "type:WORD" where what is approved wants the word typed: an action that says so, or more than the limits let pass at a click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a store says of one write."""

    before: Any
    after: Any
    target_id: str
    """Id of the record, also of one just made."""
    replayed: bool = False
    """The idempotency key had been seen: nothing was written again."""

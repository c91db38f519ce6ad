"""Who watches the gateway: told when a call begins and what became of it, and unable to change either."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from agent.dialects.messages import Request
from agent.ledger.records import Attempt, Spender


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One call that is over."""

    alias: str
    purpose: str
    streamed: bool
    began: datetime
    took_s: float
    spender: Spender
    attempts: tuple[Attempt, ...]
    """In order; those that nobody noticed are marked absorbed."""
    error: str | None
    """Code of what the caller got instead of an answer, "cancelled" when they went away; None when it was answered."""
    request: Request = field(repr=False)
    answer: str = field(repr=False)
    """The text, as far as it came."""


class Watcher(Protocol):
    """It must neither raise nor block: the caller waits for it."""

    def begun(self) -> Any:
        """What it wants back at the end, such as the trace that the call is part of."""
        ...

    def over(self, seen: Seen, begun: Any) -> None: ...

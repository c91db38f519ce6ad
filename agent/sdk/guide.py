"""The guide as a task sees it: passages nearest to a question. What is not in a passage is not answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    page: str
    """"Asking Storehand", or "tasks" for what a task says of itself."""
    section: str
    text: str
    likeness: float = 0.0
    """Of its meaning to the question's, 1 for the same."""


class Guide(Protocol):
    async def search(self, question: str, *, limit: int = 3) -> Sequence[Passage]:
        """Passages, the nearest first; of one section only the nearest."""
        ...

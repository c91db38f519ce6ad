"""The task classifier: for each piece of work behind a door, a student, a frontier model or plain code, and why.

Hard eligibility comes first (is there a student that passed its gate, a provider that stands behind the alias), a learned score
only after it: a confident student that may not be used is no candidate at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from agent.gateway import Gateway
from agent.sdk import Label


class LabelHead(Protocol):
    """A student that labels texts with calibrated confidence."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    def label(self, texts: list[str]) -> list[Label]: ...

    def candidates(self, texts: list[str]) -> list[list[Label]]: ...


@dataclass(frozen=True, slots=True)
class Decision:
    by: Literal["student", "frontier", "code", "template"]
    why: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Classifier:
    """Decides with what there is; it calls nothing itself."""

    heads: Mapping[str, LabelHead] = field(default_factory=dict)
    """Students that passed their gate, by head."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Least confidence at which a head's answer stands by itself, as its gate certified; 0.5 where the manifest has none."""
    gateway: Gateway = field(default_factory=Gateway)

    def for_label(self, head: str, confidence: float | None = None) -> Decision:
        """Who labels a text for `head`.

        Args:
            confidence: The student's calibrated confidence once it has looked; None before.
        """
        student, needed = self.heads.get(head), self.thresholds.get(head, 0.5)
        frontier = self.gateway.has("frontier")
        if student is None:
            return (
                Decision("frontier", "no student knows this yet")
                if frontier
                else Decision("code", "no student and no provider; counted without labels")
            )
        if confidence is None or confidence >= needed:
            return Decision("student", f"a student for `{head}` passed its gate", confidence)
        if frontier:
            return Decision("frontier", f"the student is unsure ({confidence:.2f} below {needed:.2f})", confidence)
        return Decision("student", f"the student is unsure ({confidence:.2f}) and there is no provider to ask", confidence)

    def for_writing(self) -> Decision:
        for alias in ("writer", "frontier"):
            if self.gateway.has(alias):
                return Decision("frontier", f"free text is written by `{alias}`")
        return Decision("template", "no provider is configured; made from the shop's own facts")

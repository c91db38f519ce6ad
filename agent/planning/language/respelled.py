"""A text read otherwise than it was typed, with the way back: what was changed where, so that places stay those of what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agent.planning.language.values import Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip(Spot):
    """A word as it was typed, in its place, and as it is read; read as nothing, it is passed over."""

    typed: str
    meant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Respelled:
    """A text as it is read."""

    text: str
    slips: tuple[Slip, ...] = ()

    def back(self, span: tuple[int, int]) -> tuple[int, int]:
        """The place in the text as it was typed."""
        return self._place(span[0], end=False), self._place(span[1], end=True)

    def _place(self, at: int, *, end: bool) -> int:
        """A place at the edge of what is passed over is on the side of the words that are read."""
        longer = 0
        for slip in self.slips:
            start = slip.start + longer
            if at < start or (at == start and (slip.meant or end)):
                break
            if at < start + len(slip.meant):  # within the word
                return slip.end if end else slip.start
            longer += len(slip.meant) - len(slip.typed)
        return at - longer


def respelled(text: str, slips: Iterable[Slip]) -> Respelled:
    mended, at, kept = "", 0, tuple(sorted(slips, key=lambda slip: slip.start))
    for slip in kept:
        mended += text[at : slip.start] + slip.meant
        at = slip.end
    return Respelled(text=mended + text[at:], slips=kept)

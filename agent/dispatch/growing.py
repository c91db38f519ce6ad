"""The texts of one subtask while they are written: what whoever follows the run is shown before the part is whole.

Words are told in pieces, not one by one, so that a text of a thousand tokens is about a hundred events; and only to somebody: of a run that
nobody follows nothing is told, and what was held back comes in one piece once somebody does. What is told is not checked yet. It is
shown as being written, and the part that follows stands in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agent.records import TextDelta

Watched = Literal["here", "elsewhere", "nobody"]
"""Whether somebody follows the run in this process; or may do so in another one, which reads the database; or can not."""

LEAST_CHARACTERS = 24
"""A few words; fewer are told only when nothing more has come for a while."""
EVERY_S: Mapping[Watched, float] = {"here": 0.1, "elsewhere": 0.5}
"""Least seconds between two pieces of one text. Several texts at once share that pace."""
AT_LATEST_S = 0.4
"""Seconds after which words that came are told, however few they are."""


@dataclass(slots=True, eq=False)
class Growing:
    """One text. It begins anew when another model takes over or a second attempt is made; what was told of it before is void then."""

    number: int
    facts: Mapping[str, Any]
    texts: Texts
    under_way: bool = False
    told: bool = False
    """Whether anything of it was ever told."""
    _anew: bool = True
    _blank: bool = True
    """Nothing but white space has come since it began."""
    _held: list[str] = field(default_factory=list)
    _last: float = float("-inf")
    _timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """What comes from now on is the text from its beginning. What was told stays in place until there are words to replace it."""
        self._held.clear()
        self._anew = self._blank = self.under_way = True

    def add(self, words: str) -> None:
        words = words.replace("\0", "")  # PostgreSQL keeps no NUL
        if self._blank:
            words = words.lstrip()
        if words:
            self._blank = False
            self._held.append(words)
            self._tell_in_time()

    def end(self) -> None:
        """It is whole: tell what is left of it."""
        self.under_way = False
        if self.texts.watched() != "nobody":
            self.tell()

    def drop(self) -> None:
        """Tell no more of it."""
        self._held.clear()
        self.under_way = False
        self._disarm()

    def tell(self) -> None:
        self._disarm()
        if self._held and self.texts.open:
            self.texts.emit(TextDelta(text=self.number, delta="".join(self._held), anew=self._anew))
            self._held.clear()
            self._anew, self.told, self._last = False, True, asyncio.get_running_loop().time()

    def _tell_in_time(self) -> None:
        watched = self.texts.watched()
        if watched == "nobody":
            return
        every_s = EVERY_S[watched] * self.texts.under_way
        passed_s = asyncio.get_running_loop().time() - self._last
        if self._anew or passed_s >= every_s and sum(map(len, self._held)) >= LEAST_CHARACTERS:
            self.tell()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(max(AT_LATEST_S, every_s - passed_s), self.tell)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


@dataclass(slots=True, kw_only=True)
class Texts:
    """All texts of one subtask. A writer that is asked for the same facts again writes the same text anew."""

    emit: Callable[[TextDelta], None]
    watched: Callable[[], Watched]
    open: bool = True
    _texts: list[Growing] = field(default_factory=list)

    @property
    def under_way(self) -> int:
        """How many are being written."""
        return max(1, sum(text.under_way for text in self._texts))

    def begun(self, facts: Mapping[str, Any]) -> Growing:
        """The text made from these facts, whatever it is to avoid this time, at its beginning."""
        found = self._known(facts)
        if found is None:
            found = Growing(len(self._texts) + 1, _about(facts), self)
            self._texts.append(found)
        found.begin()
        return found

    def replaced(self, facts: Mapping[str, Any], words: str) -> None:
        """Where something was told of the text made from these facts, it is this instead."""
        found = self._known(facts)
        if found is not None and found.told:
            found.begin()
            found.add(words)
            found.end()

    def _known(self, facts: Mapping[str, Any]) -> Growing | None:
        about = _about(facts)
        return next((text for text in self._texts if not text.under_way and text.facts == about), None)

    def close(self) -> None:
        """The part is there: nothing is told of its texts any more."""
        self.open = False
        for text in self._texts:
            text.drop()


def _about(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "avoid"}

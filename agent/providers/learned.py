"""What targets turned out to lack, and the longest requests they turned away. It is kept over a restart and shared by workers.

A lesson is forgotten after a while, since servers learn too: after ten minutes when it was seen once, for that may have been an outage
that ended at the right moment, and after a week when it was seen again. How long is too long is always forgotten soon.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from agent.dialects.messages import Request
from agent.errors import ProviderError, Unsupported
from agent.providers.adapting import PARAMETERS, Lack, has

ONCE_S, AGAIN_S = 600.0, 7 * 86_400.0
LEAST_WINDOW = 1_000

What = Lack | Literal["window"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    target: str
    what: What
    until: float
    """Wall time in seconds since 1970."""
    times: int = 1
    tokens: int | None = None
    """For "window": about how many were too many."""


@dataclass(slots=True)
class Learned:
    wall: Callable[[], float] = time.time
    changed: Callable[[Lesson], None] = lambda lesson: None
    _lessons: dict[tuple[str, What], Lesson] = field(default_factory=dict)
    _lacks: dict[str, frozenset[Lack]] = field(default_factory=dict)
    _proved: set[tuple[str, Lack]] = field(default_factory=set)
    _next: float = float("inf")
    """When the first lesson is forgotten."""

    def lacks(self, target: str) -> frozenset[Lack]:
        self._forget()
        return self._lacks.get(target, frozenset())

    def limit(self, target: str) -> int | None:
        """About how many tokens were too many for it; None when none were yet."""
        self._forget()
        lesson = self._lessons.get((target, "window"))
        return lesson.tokens if lesson is not None and lesson.until > self.wall() else None

    def too_long(self, target: str, tokens: int) -> None:
        """Not believed of a request so short that no model's window is smaller: it would rule the target out for nearly everything."""
        if tokens < LEAST_WINDOW:
            return
        known = self.limit(target)
        self._learn(target, "window", tokens=tokens if known is None else min(tokens, known))

    def lacking(self, target: str, lack: Lack) -> None:
        self._learn(target, lack)

    def suspect(self, target: str, request: Request, error: ProviderError) -> Lack | None:
        """What to leave out for one more call: the parameter that the error names, or a schema that the server may have choked on.

        llama.cpp's server answers 500 to a schema it cannot take; a target that has answered with one before is simply broken.
        """
        if isinstance(error, Unsupported):
            lack = PARAMETERS.get(error.parameter) or ("json_schema" if request.schema is not None and not error.parameter else None)
        elif error.upstream_status in (500, 501) and request.schema is not None:
            lack = "json_schema"
        else:
            return None
        return None if lack is None or (target, lack) in self._proved or not has(request, lack) else lack

    def proved(self, target: str, request: Request, *, without: Lack | None) -> None:
        """A call went well: what it had is not lacking, and what was left out on suspicion is."""
        if without is not None:
            self.lacking(target, without)
        if request.schema is not None:
            self._proved.add((target, "json_schema"))

    def restore(self, lessons: Iterable[Lesson]) -> None:
        """Take over what an earlier or another process learned; of two memories of the same the longer one stays."""
        for lesson in lessons:
            known = self._lessons.get((lesson.target, lesson.what))
            if known is None or lesson.until > known.until:
                self._lessons[lesson.target, lesson.what] = lesson
        self._sort()

    def _learn(self, target: str, what: What, *, tokens: int | None = None) -> None:
        known = self._lessons.get((target, what))
        times = known.times + 1 if known is not None else 1
        # To find out again how long is too long costs nothing; to believe it wrongly costs the target.
        until = self.wall() + (AGAIN_S if times > 1 and what != "window" else ONCE_S)
        lesson = Lesson(target=target, what=what, until=until, times=times, tokens=tokens)
        self._lessons[target, what] = lesson
        self._sort()
        self.changed(lesson)

    def _forget(self) -> None:
        """What is over. The count stays, so that what shows again is believed longer."""
        if self._lessons and self.wall() >= self._next:
            self._sort()

    def _sort(self) -> None:
        now = self.wall()
        held = [lesson for lesson in self._lessons.values() if lesson.until > now]
        self._next = min((lesson.until for lesson in held), default=float("inf"))
        self._lacks = {}
        for lesson in held:
            if lesson.what != "window":
                self._lacks[lesson.target] = self._lacks.get(lesson.target, frozenset()) | {lesson.what}

"""Counts what students say, and runs a shadow beside them, in a thread of its own: no request waits for either.

What is handed in waits in a queue of a fixed length; when that is full it is let go of and counted, since a count is worth less than an
answer. A shadow that breaks harms nothing but itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, Full, Queue
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from agent.db.engine import Database
from agent.db.students import StudentDisagreementRow
from agent.records import new_id
from agent.students import patterns
from agent.students.answers import Answer, Loaded
from agent.students.scrub import scrubbed
from agent.students.seen import MOST_KEPT, Counts, Place, keep
from agent.students.standing import Role

log = logging.getLogger("storehand.students")

MOST_SHADOWED = 32
"""Texts of one call that a shadow is given: a task may label thousands of reviews at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Answers of one call, as they were given."""

    by: Loaded
    role: Role
    shadow: Loaded | None
    texts: Sequence[str]
    """Those the shadow is to answer; the first of `answers` are theirs."""
    answers: Sequence[Answer]
    shop: str
    run: str
    consent: bool
    """Whether the texts may be kept to learn from."""


class Watch:
    """Takes sights from any thread. `settle` and `close` are for those who may wait."""

    def __init__(
        self, db: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), waiting: int = 256, every_s: float = 5.0,
        scrub: Callable[[str], str] = lambda text: scrubbed(text, lambda words: list(patterns.found(words))),
    ) -> None:  # fmt: skip
        """
        Args:
            waiting: Most sights that wait; more are let go of.
            every_s: How often counts are written.
            scrub: Takes personal data out of a text before it is kept.
        """
        self._tally, self._every_s = _Tally(db, now, scrub), every_s
        self._queue: Queue[Sight | Literal["write", "end"]] = Queue(waiting)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self.dropped = 0
        """Sights let go of since too many waited."""

    @property
    def broken(self) -> int:
        """Answers that a shadow failed to give."""
        return self._tally.broken

    def take(self, sight: Sight) -> None:
        """Never waits and never raises."""
        self._start()
        try:
            self._queue.put_nowait(sight)
        except Full:
            self.dropped += 1

    def settle(self) -> None:
        """Wait until all that was taken is counted and written."""
        if self._thread is not None:
            self._queue.put("write")
            self._queue.join()

    def close(self) -> None:
        """Write what is left, and stop."""
        if self._thread is not None:
            self._queue.put("end")
            self._thread.join()
            self._thread = None

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="students-watch", daemon=True)
                    self._thread.start()

    def _work(self) -> None:
        due = time.monotonic() + self._every_s
        while True:
            what = self._next(due)
            if isinstance(what, Sight):
                self._tally.look(what)
            if not isinstance(what, Sight) or time.monotonic() >= due:
                self._tally.write()
                due = time.monotonic() + self._every_s
            if what is not None:
                self._queue.task_done()
            if what == "end":
                return

    def _next(self, due: float) -> Sight | Literal["write", "end"] | None:
        """None when it is time to write and nothing came."""
        try:
            return self._queue.get(timeout=max(0.001, due - time.monotonic()))
        except Empty:
            return None


class _Tally:
    """Counts and disagreements not written yet. Only the watch's thread touches it."""

    def __init__(self, db: Database, now: Callable[[], datetime], scrub: Callable[[str], str]) -> None:
        self._db, self._now, self._scrub = db, now, scrub
        self._counts: dict[Place, Counts] = {}
        self._disagreements: deque[StudentDisagreementRow] = deque(maxlen=MOST_KEPT)
        self.broken = 0

    def look(self, sight: Sight) -> None:
        hour = self._now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        for answer in sight.answers:
            self._counted(sight.by, sight.role, hour).take(answer)
        if sight.shadow is not None:
            for text, answer in zip(sight.texts, sight.answers, strict=False):
                self._compare(sight, sight.shadow, text, answer, hour)

    def write(self) -> None:
        """What cannot be written waits for the next time."""
        if not self._counts and not self._disagreements:
            return
        rows = [StudentDisagreementRow(**row.model_dump()) for row in self._disagreements]
        try:
            self._db.write_now(lambda session: keep(session, self._counts.items(), rows))
        except SQLAlchemyError as error:
            log.warning("what the students said could not be written down yet: %s", type(error).__name__)
            return
        self._counts = {}
        self._disagreements.clear()

    def _compare(self, sight: Sight, shadow: Loaded, text: str, answer: Answer, hour: datetime) -> None:
        try:
            other = shadow.answer(text)
        except Exception as error:  # a shadow is tried here just because it may be no good
            self.broken += 1
            log.warning("the shadow %s of %s could not answer: %s", shadow.version.shown, shadow.head, type(error).__name__)
            return
        agrees = other.key == answer.key
        self._counted(shadow, "shadow", hour).take(other, agrees=agrees)
        if not agrees:
            kept = self._scrub(text) if sight.consent else None
            self._disagreements.append(_disagreement(sight, shadow, kept, answer, other, self._now()))

    def _counted(self, loaded: Loaded, role: Role, hour: datetime) -> Counts:
        place = Place(head=loaded.head, version=loaded.version.id, role=role, hour=hour)
        return self._counts.setdefault(place, Counts())


def _disagreement(sight: Sight, shadow: Loaded, text: str | None, answer: Answer, other: Answer, at: datetime) -> StudentDisagreementRow:
    return StudentDisagreementRow(
        id=new_id("dis"), head=shadow.head, version=shadow.version.id, against=sight.by.version.id, shop_id=sight.shop, run_id=sight.run,
        said=answer.shown, confidence=answer.confidence, shadow_said=other.shown, shadow_confidence=other.confidence,
        text=text, at=at,
    )  # fmt: skip

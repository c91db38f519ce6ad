"""The spend breaker: a key, run or person that burns far beyond its usual rate, repeats one call, or reasons for hours is paused and asked.

It is another thing than the breaker of a provider's health: nothing is broken, someone should look. What is paused stays so over a
restart, until its owner continues it, raises its measure, or stops it for good.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from agent.db.engine import Database
from agent.db.spend import PauseRow
from agent.errors import NotFound, RunawaySpend
from agent.ledger.records import Attempt, Spender

Kind = Literal["key", "run", "principal"]
Decision = Literal["continue", "raise", "stop"]
_PROMPTS, _SUBJECTS = 1_000, 20_000
"""Most that are remembered of one subject, and of all."""
_A_DAY_OF_WINDOWS = 144
_STATES: dict[Decision, str] = {"continue": "continued", "raise": "raised", "stop": "stopped"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """When to pause."""

    window: timedelta = timedelta(minutes=10)
    times_usual: Decimal = Decimal(10)
    """So many times the usual spending of a window, over the windows of the last day."""
    at_least_usd: Decimal = Decimal(1)
    """Less than this in a window is never a runaway."""
    repeats: int = 25
    """The same prompt so often within a window, by one run."""
    repeats_usd: Decimal = Decimal(50)
    """For a key, the same prompt as often is a loop only when the window has cost this much: load tests and warmed caches repeat too."""
    reasoning_tokens: int = 2_000_000
    """Spent on reasoning within a window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    id: str
    shop: str
    kind: Kind
    subject: str
    reason: Literal["rate", "loop", "reasoning"]
    detail: str
    at: datetime
    state: str


@dataclass(slots=True)
class _Burn:
    """What one subject did in the window that runs now, and what is usual for it."""

    since: datetime
    spent: Decimal = Decimal(0)
    thought: int = 0
    """Tokens of reasoning."""
    prompts: Counter[str] = field(default_factory=Counter)
    usual: Decimal = Decimal(0)
    """Smoothed spending of a window."""
    windows: int = 0
    factor: int = 1
    """How often it was raised: every measure counts so many times."""

    def clear(self) -> None:
        self.spent, self.thought = Decimal(0), 0
        self.prompts.clear()


_Subject = tuple[str, Kind, str]


class SpendBreaker:
    def __init__(self, db: Database, *, measures: Measures | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db, self._measures, self._now = db, measures or Measures(), now
        self._burns: dict[_Subject, _Burn] = {}
        self._paused: dict[_Subject, Pause] = {}
        self._new: list[Pause] = []
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        """Take over what is paused, here or by another worker, and let go whatever another worker's owner decided on."""
        before, waiting = self._paused, list(self._new)
        ids = [pause.id for pause in before.values() if pause.state == "open"]

        def read(session: Session) -> tuple[Sequence[PauseRow], Sequence[PauseRow]]:
            held = session.scalars(select(PauseRow).where(col(PauseRow.state).in_(("open", "stopped")))).all()
            decided = session.scalars(select(PauseRow).where(col(PauseRow.id).in_(ids), col(PauseRow.state).in_(("continued", "raised")))).all()
            return held, decided

        held, decided = await self._db.read(read)
        # What waited when this began may have been written since, and yet after the rows were read.
        unsaved = {_subject(pause): pause for pause in [*waiting, *self._new]}
        self._paused = {_subject(pause): pause for pause in map(_pause, held)} | unsaved
        for pause in map(_pause, decided):
            if _subject(pause) in before:
                self._let_go(_subject(pause), "raise" if pause.state == "raised" else "continue")

    def check(self, spender: Spender) -> None:
        """
        Raises:
            RunawaySpend: It is paused.
        """
        for subject in _subjects(spender):
            if (pause := self._paused.get(subject)) is not None:
                how = "was stopped" if pause.state == "stopped" else "is paused"
                raise RunawaySpend(f"Spending of this {pause.kind} {how}: {pause.detail} Its owner can continue it under /v1/pauses/{pause.id}.")

    def saw(self, attempt: Attempt) -> None:
        """Note an attempt, and pause whoever it shows to have run away."""
        now = self._now()
        for subject in _subjects(attempt.spender):
            burn = self._burns.setdefault(subject, _Burn(now))
            self._turn(burn, now)
            burn.spent += attempt.cost_usd or 0
            burn.thought += attempt.usage.reasoning
            if attempt.error is None and (attempt.prompt_digest in burn.prompts or len(burn.prompts) < _PROMPTS):
                burn.prompts[attempt.prompt_digest] += 1
            if subject not in self._paused and (found := self._runaway(subject[1], burn, attempt.prompt_digest)) is not None:
                self._pause(subject, *found, now)
        if len(self._burns) > _SUBJECTS:
            self._burns = {subject: burn for subject, burn in self._burns.items() if now - burn.since < self._measures.window}

    async def flush(self) -> None:
        """Write down who was paused. It is held as new until it is written, so that nobody who reads meanwhile lets it go."""
        async with self._writing:
            new = list(self._new)
            if not new:
                return
            rows = [
                PauseRow(shop_id=p.shop, id=p.id, kind=p.kind, subject=p.subject, reason=p.reason, detail=p.detail, at=p.at, state=p.state)
                for p in new
            ]
            await self._db.write(lambda session: session.add_all(rows))
            del self._new[: len(new)]

    async def pauses(self, shop: str) -> Sequence[Pause]:
        """What waits for a decision, newest first."""
        await self.flush()
        query = select(PauseRow).where(col(PauseRow.shop_id) == shop, col(PauseRow.state) == "open").order_by(col(PauseRow.at).desc())
        return [_pause(row) for row in await self._db.read(lambda session: session.scalars(query).all())]

    async def decide(self, shop: str, id: str, decision: Decision, *, by: str) -> Pause:
        """Continue it as it was, raise its measures twofold, or stop it for good.

        Raises:
            NotFound: This shop has no such pause that waits.
        """
        await self.flush()
        now = self._now()

        def settle(session: Session) -> Pause:
            row = session.get(PauseRow, (shop, id))
            if row is None or row.state != "open":
                raise NotFound("pause", id)
            row.state, row.decided_by, row.decided_at = _STATES[decision], by, now
            return _pause(row)

        pause = await self._db.write(settle)
        self._paused.pop(_subject(pause), None)
        self._let_go(_subject(pause), decision)
        await self.load()
        return pause

    def _let_go(self, subject: _Subject, decision: Decision) -> None:
        burn = self._burns.setdefault(subject, _Burn(self._now()))
        burn.clear()  # what it was paused for is not held against it again
        if decision == "raise":
            burn.factor *= 2

    def _turn(self, burn: _Burn, now: datetime) -> None:
        """When a window is over, learn from it what is usual and begin the next."""
        passed = (now - burn.since) // self._measures.window
        if passed < 0:  # the clock was set back: what was spent in the hour that comes again must not count as one window's
            burn.since = now
        if passed < 1:
            return
        burn.windows += 1
        burn.usual += (burn.spent / passed - burn.usual) / min(burn.windows, _A_DAY_OF_WINDOWS)
        burn.since = now
        burn.clear()

    def _runaway(self, kind: Kind, burn: _Burn, digest: str) -> tuple[Literal["rate", "loop", "reasoning"], str] | None:
        measures, minutes = self._measures, round(self._measures.window.total_seconds() / 60)
        same = burn.prompts.get(digest, 0)
        if same >= measures.repeats * burn.factor and (kind == "run" or burn.spent >= measures.repeats_usd * burn.factor):
            return "loop", f"the same prompt was sent {same} times within {minutes} minutes."
        if burn.thought >= measures.reasoning_tokens * burn.factor:
            return "reasoning", f"{burn.thought} tokens of reasoning within {minutes} minutes."
        if burn.windows and burn.spent > max(burn.usual * measures.times_usual, measures.at_least_usd) * burn.factor:
            return "rate", f"${burn.spent:.2f} within {minutes} minutes, where ${burn.usual:.2f} is usual."
        return None

    def _pause(self, subject: _Subject, reason: Literal["rate", "loop", "reasoning"], detail: str, now: datetime) -> None:
        shop, kind, name = subject
        pause = Pause(
            id=f"pause_{secrets.token_hex(8)}", shop=shop, kind=kind, subject=name, reason=reason, detail=detail, at=now, state="open"
        )  # fmt: skip
        self._paused[subject] = pause
        self._new.append(pause)


def _subjects(spender: Spender) -> list[_Subject]:
    """Who can run away: the run, the key, or the person or schedule that has no key."""
    subjects: list[_Subject] = []
    if spender.run:
        subjects.append((spender.shop, "run", spender.run))
    if spender.key:
        subjects.append((spender.shop, "key", spender.key))
    elif spender.principal:
        subjects.append((spender.shop, "principal", spender.principal))
    return subjects


def _subject(pause: Pause) -> _Subject:
    return pause.shop, pause.kind, pause.subject


def _pause(row: PauseRow) -> Pause:
    return Pause(
        id=row.id, shop=row.shop_id, kind=cast(Kind, row.kind), subject=row.subject,
        reason=cast(Literal["rate", "loop", "reasoning"], row.reason), detail=row.detail, at=row.at, state=row.state,
    )  # fmt: skip

"""Which targets are well: a breaker for each target and provider, and benches for what only time, money or an operator can mend.

Three things keep a target from being called. *Open*: it failed several times running, and after a while is probed by one call at a
time. *Benched*: the provider said when to come back, or the key, the quota or the model is gone; it is left alone until then.
*Unsteady*: too large a share of its calls fails; it is still called, but after the steady ones.

Time is whatever clock is handed in, in seconds that never go back; only what is kept over a restart is turned into wall time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from agent.errors import (
    BadOutput,
    CredentialRefused,
    Forbidden,
    Overloaded,
    ProviderError,
    QuotaUsedUp,
    RateLimited,
    Retired,
    TimedOut,
    Unreachable,
)

Kind = Literal["target", "credential", "provider"]

THRESHOLD = 2.0
"""Failures running that open a breaker. A timeout counts as two, since it cost the caller its whole patience."""
FIRST_OPEN_S, LONGEST_OPEN_S = 5.0, 300.0
UNSTEADY_SHARE, WINDOW, WINDOW_S, UNSTEADY_S = 0.2, 20, 120.0, 60.0
"""A share of failures among the last calls, within so many seconds, that makes a target unsteady, and for how long at first."""
LEAST_IN_WINDOW = 8
RATE_S, QUOTA_S, CREDENTIAL_S, FORBIDDEN_S, RETIRED_S, CERTIFICATE_S = 5.0, 900.0, 3_600.0, 3_600.0, 21_600.0, 900.0
SHORT_S = 1.0
"""A wait as short as this counts as a failure too."""
LEAST_BAD_EVERY_S = 1.0
"""How often a call is let through to an open target when nothing better is left."""

_OPERATORS = frozenset({QuotaUsedUp.code, CredentialRefused.code, Forbidden.code, Retired.code, Unreachable.code})
"""What time alone does not mend, and an operator may mend sooner."""
_WEIGHT = ((Unreachable, 1.0), (TimedOut, 2.0), (Overloaded, 1.0), (BadOutput, 1.0))


class Place(NamedTuple):
    """What a breaker or a bench is for. A tuple, since every call looks some ten of them up and a tuple's hash is made in C."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The three that one target belongs to."""

    target: Place
    credential: Place
    provider: Place

    @property
    def all(self) -> tuple[Place, Place, Place]:
        return self.target, self.credential, self.provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What of a place's state is kept over a restart and shared between processes."""

    place: Place
    until: float
    """Wall time in seconds since 1970."""
    reason: str
    hard: bool
    """Whether the provider or an operator has to act, so that no early try makes sense."""
    opened: int


@dataclass(frozen=True, slots=True)
class Alert:
    """Something an operator has to see to."""

    place: Place
    reason: str


@dataclass(slots=True)
class _State:
    failures: float = 0.0
    until: float = 0.0
    reason: str = ""
    hard: bool = False
    since: float = 0.0
    """When it was benched."""
    opened: int = 0
    probing: bool = False
    tried_at: float = float("-inf")
    unsteady_until: float = 0.0
    unsteady: int = 0
    recent: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    bad: int = 0
    """Of the recent ones."""
    latency_s: float | None = None


@dataclass(slots=True)
class Health:
    clock: Callable[[], float]
    wall: Callable[[], float]
    changed: Callable[[Bench], None] = lambda bench: None
    alert: Callable[[Alert], None] = lambda alert: None
    _states: dict[Place, _State] = field(default_factory=dict)

    def state(self, places: Places) -> Literal["well", "unsteady", "probe", "open", "benched"]:
        """The worst of its places. "probe" means that it was open long enough and one call may try."""
        now, worst = self.clock(), "well"
        for place in places.all:
            state = self._states.get(place)
            if state is None:
                continue
            found = _state(state, now)
            if _RANK[found] > _RANK[worst]:
                worst = found
        return worst  # type: ignore[return-value]  # every value is one of the five

    def recovers_at(self, places: Places) -> float:
        """When it may be called again, on the clock."""
        return max((self._states[place].until for place in places.all if place in self._states), default=0.0)

    def may_try_early(self, places: Places) -> bool:
        """Whether an open target may be called all the same, when nothing better is left: now and then, and never a benched one."""
        state = self._states.get(places.target, _State())
        provider = self._states.get(places.provider, _State())
        waited = self.clock() - max(state.tried_at, provider.tried_at) >= LEAST_BAD_EVERY_S
        return waited and not state.probing and self.state(places) in ("open", "probe")

    def is_retired(self, places: Places) -> bool:
        state = self._states.get(places.target)
        return state is not None and state.until > self.clock() and state.reason == Retired.code

    def latency_s(self, places: Places) -> float | None:
        """Smoothed time of its good calls; None before the first."""
        state = self._states.get(places.target)
        return state.latency_s if state else None

    def begun(self, places: Places) -> None:
        now = self.clock()
        for place in places.all:
            state = self._at(place)
            state.tried_at = now
            state.probing = state.probing or state.opened > 0

    def abandoned(self, places: Places) -> None:
        """A call ended without saying anything of the target: it was cancelled, or the caller's own fault."""
        for place in places.all:
            self._at(place).probing = False

    def succeeded(self, places: Places, *, took_s: float) -> None:
        now = self.clock()
        for place in places.all:
            state = self._at(place)
            state.probing = False
            if state.hard and state.until > now and state.since > now - took_s:
                continue  # it was let in before the provider said when to come back, or that the key is not good any more
            was_open = state.opened > 0
            state.failures, state.until, state.opened, state.hard, state.reason = 0.0, 0.0, 0, False, ""
            if was_open:
                self._tell(place, state)
        state = self._states[places.target]
        state.latency_s = took_s if state.latency_s is None else 0.8 * state.latency_s + 0.2 * took_s
        self._measure(state, True, now)

    def failed(self, places: Places, error: ProviderError, *, blameless: bool = False) -> None:
        """Note what a failure says of whom.

        Args:
            blameless: The answer was well-formed and only not what this request wanted; it says nothing of the target's health.
        """
        now = self.clock()
        self.abandoned(places)
        match error:
            case RateLimited():
                self._rest(places.target, RATE_S if error.retry_after_s is None else error.retry_after_s, error.code, now)
            case QuotaUsedUp():
                self._bench(places.credential, QUOTA_S, error.code, alert=True)
            case CredentialRefused():
                self._bench(places.credential, CREDENTIAL_S, error.code, alert=True)
            case Forbidden():
                self._bench(places.target, FORBIDDEN_S, error.code, alert=True)
            case Retired():
                self._bench(places.target, RETIRED_S, error.code, alert=True)
            case Unreachable(lasting=True):
                self._bench(places.provider, CERTIFICATE_S, error.code, alert=True)
            case Overloaded(retry_after_s=float(seconds)):
                self._measure(self._states[places.target], False, now)
                self._rest(places.target, seconds, error.code, now)
            case _:
                weight = 0.0 if blameless else next((weight for kind, weight in _WEIGHT if isinstance(error, kind)), 0.0)
                if weight:
                    self._strike(places.target, weight, error.code, now)
                    self._measure(self._states[places.target], False, now)
                if isinstance(error, Unreachable):
                    self._strike(places.provider, weight, error.code, now)

    def benches(self) -> list[Bench]:
        """Everything that is open or benched now."""
        now = self.clock()
        return [self._kept(place, state) for place, state in self._states.items() if state.until > now]

    def restore(self, benches: Iterable[Bench]) -> None:
        """Take over what an earlier or another process knows. An earlier end is never put in the place of a later one."""
        now, wall = self.clock(), self.wall()
        for bench in benches:
            state = self._at(bench.place)
            if bench.until <= wall:
                # Another process found it well; of what an operator had to see to, only a check of theirs says so before its time.
                if bench.opened == 0 and state.opened and (not state.hard or state.reason in _OPERATORS):
                    state.until, state.opened, state.failures, state.hard = 0.0, 0, 0.0, False
                continue
            until = now + min(bench.until - wall, RETIRED_S)
            if until > state.until:
                state.until, state.reason, state.hard, state.opened, state.since = until, bench.reason, bench.hard, bench.opened, now

    def _at(self, place: Place) -> _State:
        state = self._states.get(place)
        if state is None:
            state = self._states[place] = _State()
        return state

    def _strike(self, place: Place, weight: float, reason: str, now: float) -> None:
        state = self._at(place)
        state.failures += weight
        # Calls that were under way when it opened say nothing new; a probe that fails finds it closed for a moment and opens it for longer.
        if state.failures < THRESHOLD or state.until > now:
            return
        state.opened += 1
        state.until, state.reason, state.hard = now + _length(state.opened), reason, False
        self._tell(place, state)

    def _rest(self, place: Place, seconds: float, reason: str, now: float) -> None:
        """It said when to come back. One that says "at once" again and again is not believed for ever."""
        if seconds < SHORT_S:
            self._strike(place, 1.0, reason, now)
        self._bench(place, seconds, reason)

    def _bench(self, place: Place, seconds: float, reason: str, *, alert: bool = False) -> None:
        state, now = self._at(place), self.clock()
        state.until, state.reason, state.hard, state.opened, state.since = max(state.until, now + seconds), reason, True, max(1, state.opened), now
        self._tell(place, state)
        if alert:
            self.alert(Alert(place, reason))

    def _measure(self, state: _State, good: bool, now: float) -> None:
        if len(state.recent) == WINDOW and not state.recent[0][1]:
            state.bad -= 1
        state.recent.append((now, good))
        state.bad += not good
        if not state.bad:  # as nearly always: then there is nothing to count
            if len(state.recent) == WINDOW and now - state.recent[0][0] <= WINDOW_S:
                state.unsteady = 0
            return
        recent = [well for at, well in state.recent if now - at <= WINDOW_S]
        bad = recent.count(False)
        if len(recent) >= LEAST_IN_WINDOW and bad / len(recent) >= UNSTEADY_SHARE:
            state.unsteady += 1
            state.unsteady_until = now + UNSTEADY_S * min(state.unsteady, 10)
            state.recent.clear()
            state.bad = 0
        elif len(recent) == WINDOW and bad == 0:
            state.unsteady = 0

    def _tell(self, place: Place, state: _State) -> None:
        self.changed(self._kept(place, state))

    def _kept(self, place: Place, state: _State) -> Bench:
        until = self.wall() + max(0.0, state.until - self.clock())
        return Bench(place=place, until=until, reason=state.reason, hard=state.hard, opened=state.opened)


_RANK = {"well": 0, "unsteady": 1, "probe": 2, "open": 3, "benched": 4}


def _state(state: _State, now: float) -> str:
    if state.until > now:
        return "benched" if state.hard else "open"
    if state.opened:
        return "open" if state.probing else "probe"
    return "unsteady" if state.unsteady_until > now else "well"


def _length(opened: int) -> float:
    return float(min(FIRST_OPEN_S * 2.0 ** min(max(opened, 1) - 1, 10), LONGEST_OPEN_S))

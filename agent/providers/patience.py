"""How long a model may take until its first content comes: by what it took lately, never below a floor and never above what is configured.

A fixed deadline is either too long for a model that answers in half a second, and then every caller waits for a dead one, or too
short for one that reads a long prompt. So it is measured: by model, by about how long the prompt is and by whether it reasons.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field

from agent.dialects.events import Event, is_content, size_of
from agent.dialects.messages import Request
from agent.errors import ProviderError, TimedOut
from agent.providers.latencies import Latencies
from agent.settings import Deadlines

_SHARE, _TIMES = 0.99, 3.0
"""Three times what 99 of 100 stayed below: a call that would have come after all is ended about once in a thousand times."""


@dataclass(slots=True)
class Patience:
    deadlines: Deadlines
    _took: Latencies = field(default_factory=Latencies)

    def first_s(self, kind: Hashable) -> float:
        """How long the first content of a call of that kind may take; the configured longest until enough is measured."""
        usual = self._took.quantile(kind, _SHARE)
        most = self.deadlines.first_token_s
        return most if usual is None else min(most, max(self.deadlines.first_token_least_s, _TIMES * usual))

    def came(self, kind: Hashable, after_s: float) -> None:
        self._took.note(kind, after_s)

    def ended(self, kind: Hashable, after_s: float) -> None:
        """It was given up by then. It would have taken longer, so the next of its kind get longer: a model that became slow is let be slow."""
        self._took.note(kind, 2 * after_s, at_once=True)


@dataclass(slots=True)
class Flow:
    """Whether an answer that has begun comes on at a pace, and not in drops that each arrive just in time."""

    deadlines: Deadlines
    times: float = 1.0
    """So many times the configured pace."""
    _since: float | None = None
    _came: int = 0

    def saw(self, event: Event, now: float) -> None:
        """
        Raises:
            TimedOut: It trickles.
        """
        self.came(size_of(event), now)

    def came(self, size: int, now: float) -> None:
        """As `saw`, of so many characters or bytes of an answer."""
        self._came += size
        if self._since is None:
            self._since, self._came = now, 0
        passed = now - self._since
        if passed < 2 * self.deadlines.between_tokens_s:
            return
        if self._came < self.deadlines.least_per_s * self.times * passed:
            raise TimedOut("the answer trickles")
        self._since, self._came = now, 0


def kind_of(request: Request, model: str, *, streamed: bool) -> Hashable:
    """Calls that take about equally long until something comes. A whole answer comes when it is written, so its length counts too."""
    length = 0 if streamed else request.max_output.bit_length()
    return model, streamed, (request.bytes // 4_096).bit_length(), request.effort, length


@dataclass(slots=True)
class Timed:
    """When a stream's first content came, told to whoever sets the next deadline."""

    patience: Patience
    kind: Hashable
    loop: asyncio.AbstractEventLoop
    _began: float = field(init=False)
    _came: bool = False

    def __post_init__(self) -> None:
        self._began = self.loop.time()

    def saw(self, event: Event) -> None:
        if not self._came and is_content(event):
            self._came = True
            self.patience.came(self.kind, self.loop.time() - self._began)

    def failed(self, error: ProviderError) -> None:
        if isinstance(error, TimedOut) and not self._came:
            self.patience.ended(self.kind, self.loop.time() - self._began)

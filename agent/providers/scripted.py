"""A provider that answers from a queue and remembers what it was asked: for tests, playgrounds and rehearsals of outages."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field, replace

from agent.dialects.events import Event, Finished, TextDelta, UsageSeen, events_of
from agent.dialects.messages import Request, Response, Usage
from agent.errors import Overloaded, ProviderError


@dataclass(frozen=True, slots=True)
class Broken:
    """A stream that breaks after these words; a whole answer simply fails."""

    words: str
    error: ProviderError = field(default_factory=lambda: Overloaded("the connection was cut"))


Scripted = str | Response | ProviderError | Broken | Callable[[Request], str]


@dataclass(slots=True)
class ScriptedProvider:
    """`ScriptedProvider(["first answer", Overloaded("busy"), lambda request: …])`; an empty queue is an outage, not a guess."""

    script: Iterable[Scripted] = ()
    name: str = "scripted"
    latency_s: float = 0.0
    history: list[Request] = field(default_factory=list)
    _queue: deque[Scripted] = field(init=False)

    def __post_init__(self) -> None:
        self._queue = deque(self.script)

    def enqueue(self, *answers: Scripted) -> None:
        self._queue.extend(answers)

    async def complete(self, request: Request, *, model: str, timeout_s: float) -> Response:
        answer = await self._next(request, model, timeout_s)
        if isinstance(answer, Broken):
            raise answer.error
        return answer

    async def stream(self, request: Request, *, model: str, timeout_s: float) -> AsyncGenerator[Event, None]:
        """Word by word."""
        answer = await self._next(request, model, timeout_s)
        if isinstance(answer, Broken):
            for word in _words(answer.words):
                yield TextDelta(word)
            raise answer.error
        for event in events_of(answer):
            if isinstance(event, TextDelta):
                for word in _words(event.text):
                    yield TextDelta(word)
            elif not isinstance(event, UsageSeen | Finished):
                yield event
        yield UsageSeen(answer.usage)
        yield Finished(answer.finish)

    async def _next(self, request: Request, model: str, timeout_s: float) -> Response | Broken:
        self.history.append(request)
        if self.latency_s:
            async with asyncio.timeout(timeout_s):
                await asyncio.sleep(self.latency_s)
        if not self._queue:
            raise Overloaded("the script is at its end", provider=self.name, model=model)
        answer = self._queue.popleft()
        if isinstance(answer, ProviderError):
            raise answer
        if isinstance(answer, Broken):
            return answer
        if isinstance(answer, Response):
            return replace(answer, provider=self.name, model=model)
        text = answer if isinstance(answer, str) else answer(request)
        words = sum(len(m.text.split()) for m in request.messages)
        return Response(text=text, usage=Usage(input=words, output=len(text.split()), estimated=True), provider=self.name, model=model)


def _words(text: str) -> list[str]:
    return [word + " " for word in text.split(" ")[:-1]] + text.split(" ")[-1:] if text else []

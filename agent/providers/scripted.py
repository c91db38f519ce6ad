"""A provider that answers from a queue and remembers what it was asked: for tests, playgrounds and rehearsals of outages."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from agent.dialects.messages import Request, Response, Usage
from agent.errors import Overloaded, ProviderError

Scripted = str | ProviderError | Callable[[Request], str]


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
        self.history.append(request)
        async with asyncio.timeout(timeout_s):
            await asyncio.sleep(self.latency_s)
        if not self._queue:
            raise Overloaded("the script is at its end", provider=self.name, model=model)
        answer = self._queue.popleft()
        if isinstance(answer, ProviderError):
            raise answer
        text = answer if isinstance(answer, str) else answer(request)
        words = sum(len(m.text.split()) for m in request.messages)
        return Response(text=text, usage=Usage(input=words, output=len(text.split()), estimated=True), provider=self.name, model=model)

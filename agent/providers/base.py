"""One attempt at one model."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol, runtime_checkable

from agent.dialects.events import Event
from agent.dialects.messages import Request, Response


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    async def complete(self, request: Request, *, model: str, timeout_s: float) -> Response:
        """The model's whole answer.

        Raises:
            ProviderError: This attempt failed; the class says how, `retriable` whether another target should be tried.
        """
        ...


@runtime_checkable
class StreamingProvider(Provider, Protocol):
    """One that also answers piece by piece. `UsageSeen` and then `Finished` are the last events of a good stream."""

    def stream(self, request: Request, *, model: str, timeout_s: float) -> AsyncGenerator[Event, None]:
        """
        Raises:
            ProviderError: From the iteration, at any moment.
        """
        ...

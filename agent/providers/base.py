"""One attempt at one model."""

from __future__ import annotations

from typing import Protocol

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

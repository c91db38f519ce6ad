"""The one path to a model: an alias names its targets in order, and each failure that another target may not share moves on.

Chat, tasks and the distillation teacher all call `complete`. It knows nothing of tasks or merchants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from agent.dialects.messages import Message, Request, Response
from agent.errors import AllProvidersFailed, BadOutput, ProviderError, TimedOut
from agent.providers.base import Provider


@dataclass(frozen=True, slots=True)
class Target:
    provider: Provider
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call of one target, for the usage report; failures are rows too."""

    alias: str
    provider: str
    model: str
    purpose: str
    tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    error: str | None = None
    """Code of the error, None when it answered."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Aliases to targets, tried in order."""

    aliases: Mapping[str, Sequence[Target]] = field(default_factory=dict)
    timeout_s: float = 60.0
    record: Callable[[Attempt], None] = lambda attempt: None

    def has(self, alias: str) -> bool:
        return bool(self.aliases.get(alias))

    async def complete(self, request: Request, *, alias: str, purpose: str) -> Response:
        """The answer of the first target that gives one.

        Args:
            alias: "frontier", "writer" …; what the config calls the use.
            purpose: What the call is for ("plan", "write_description"), for the usage report.

        Raises:
            ProviderError: A target says that the request itself is wrong.
            AllProvidersFailed: No target answered; `attempts` keeps every cause.
        """
        causes: list[ProviderError] = []
        for target in self.aliases.get(alias, ()):
            try:
                response = await self._attempt(target, request)
            except ProviderError as error:
                self._note(alias, target, purpose, error=error)
                if not error.retriable:
                    raise
                causes.append(error)
            else:
                self._note(alias, target, purpose, tokens=response.usage.total)
                return response
        said = f"{len(causes)} of {len(causes)} models did not answer" if causes else f"no model stands behind `{alias}`"
        raise AllProvidersFailed(f"{said}; see [aliases.{alias}] in the config file.", causes)

    async def complete_json(self, *, alias: str, prompt: str, schema: Mapping[str, Any], purpose: str) -> Mapping[str, Any]:
        """The answer as a JSON object. What is no object at all counts as a failed attempt and is asked for once more with the fault named.

        Raises:
            BadOutput: Twice no JSON object came.
        """
        messages = [Message("user", prompt)]
        for _ in range(2):
            response = await self.complete(Request(messages=messages, schema=schema), alias=alias, purpose=purpose)
            parsed = _object_in(response.text)
            if parsed is not None:
                return parsed
            messages += [Message("assistant", response.text), Message("user", "That is not a JSON object. Answer with the JSON object alone.")]
        raise BadOutput("no JSON object came back", provider=response.provider, model=response.model)

    async def _attempt(self, target: Target, request: Request) -> Response:
        try:
            response = await target.provider.complete(request, model=target.model, timeout_s=self.timeout_s)
        except TimeoutError as error:
            raise TimedOut(f"no answer within {self.timeout_s:g} s", provider=target.provider.name, model=target.model) from error
        if not response.text.strip():
            raise BadOutput("the answer is empty", provider=target.provider.name, model=target.model)
        return response

    def _note(self, alias: str, target: Target, purpose: str, *, tokens: int = 0, error: ProviderError | None = None) -> None:
        code = error.code if error else None
        self.record(Attempt(alias=alias, provider=target.provider.name, model=target.model, purpose=purpose, tokens=tokens, error=code))


def _object_in(text: str) -> Mapping[str, Any] | None:
    """The JSON object of a model's text, fences taken off."""
    body = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    return found if isinstance(found, dict) else None

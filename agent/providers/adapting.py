"""Asking a model without what it lacks: what was learned of each target, and requests changed accordingly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from agent.dialects.messages import Message, Request, Text
from agent.errors import ProviderError, Unsupported

Lack = Literal["json_schema", "tools", "images", "streaming", "usage", "temperature", "top_p", "effort", "parallel_tools"]

PARAMETERS: Mapping[str, Lack] = {
    "response_format": "json_schema",
    "json_schema": "json_schema",
    "output_config": "json_schema",
    "text.format": "json_schema",
    "temperature": "temperature",
    "top_p": "top_p",
    "reasoning_effort": "effort",
    "reasoning.effort": "effort",
    "reasoning": "effort",
    "thinking": "effort",
    "parallel_tool_calls": "parallel_tools",
}
"""Parameters by the names the vendors' errors have for them, to what can be left out without changing what is asked."""


@dataclass(slots=True)
class Learned:
    """What targets turned out to lack, and the longest requests they turned away. Kept for the life of the process."""

    _lacks: dict[str, frozenset[Lack]] = field(default_factory=dict)
    _proved: set[tuple[str, Lack]] = field(default_factory=set)
    _limits: dict[str, int] = field(default_factory=dict)

    def lacks(self, target: str) -> frozenset[Lack]:
        return self._lacks.get(target, frozenset())

    def limit(self, target: str) -> int | None:
        """About how many tokens were too many for it; None when none were yet."""
        return self._limits.get(target)

    def too_long(self, target: str, tokens: int) -> None:
        self._limits[target] = min(tokens, self._limits.get(target, tokens))

    def lacking(self, target: str, lack: Lack) -> None:
        self._lacks[target] = self.lacks(target) | {lack}

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
        return None if lack is None or (target, lack) in self._proved or not _has(request, lack) else lack

    def proved(self, target: str, request: Request, *, without: Lack | None) -> None:
        """A call went well: what it had is not lacking, and what was left out on suspicion is."""
        if without is not None:
            self.lacking(target, without)
        if request.schema is not None:
            self._proved.add((target, "json_schema"))


def adapted(request: Request, lacks: frozenset[Lack] | frozenset[str]) -> Request:
    """The request without what the target lacks. A schema is asked for in words instead; the answer is checked all the same."""
    if not lacks:
        return request
    if "json_schema" in lacks and request.schema is not None:
        request = request.but(schema=None, messages=_in_words(request))
    if "temperature" in lacks and request.temperature is not None:
        request = request.but(temperature=None)
    if "top_p" in lacks and request.top_p is not None:
        request = request.but(top_p=None)
    if "effort" in lacks and request.effort is not None:
        request = request.but(effort=None)
    if "parallel_tools" in lacks and request.parallel_tools is not None:
        request = request.but(parallel_tools=None)
    return request


def _has(request: Request, lack: Lack) -> bool:
    match lack:
        case "json_schema":
            return request.schema is not None
        case "temperature":
            return request.temperature is not None
        case "top_p":
            return request.top_p is not None
        case "effort":
            return request.effort is not None
        case "parallel_tools":
            return request.parallel_tools is not None
        case _:
            return False


def _in_words(request: Request) -> tuple[Message, ...]:
    """The wish at the end of the last turn, where small models heed it best."""
    schema = msgspec.json.encode(request.schema).decode()
    wish = f"\n\nAnswer with one JSON object that follows this JSON schema, and with nothing else:\n{schema}"
    messages = list(request.messages)
    if messages and messages[-1].role == "user":
        messages[-1] = Message("user", (*messages[-1].parts, Text(wish)))
    else:
        messages.append(Message("user", wish.strip()))
    return tuple(messages)

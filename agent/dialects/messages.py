"""What is said to a model and what it says, in no vendor's dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens by kind. `input` counts every prompt token, cached ones too; `cached` says how many of them were read from a cache."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    """Of the output, how many were spent on reasoning."""
    estimated: bool = False
    """The provider did not count; these are our estimate, never 0."""

    @property
    def total(self) -> int:
        return self.input + self.output


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    messages: Sequence[Message]
    schema: Mapping[str, Any] | None = None
    """JSON schema the text must follow; None for free text."""
    max_output: int = 1024
    """Most tokens of the answer; what a budget is reserved for."""
    temperature: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    text: str
    usage: Usage
    provider: str
    model: str
    finish: Literal["stop", "length", "content_filter", "tool_calls"] = "stop"

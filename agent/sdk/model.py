"""The typed doors to models. Behind each stands the task classifier, which decides student, frontier or plain code per call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from agent.sdk.untrusted import Untrusted

By = Literal["student", "frontier", "code", "template"]
Words = str | Untrusted[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    label: str
    confidence: float
    """Calibrated probability in [0, 1]."""
    by: By
    sure: bool = True
    """Whether its head lets it stand by itself, where a head says so of each label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    kind: str
    start: int
    end: int
    """Offsets in code points of the text, end exclusive."""
    confidence: float
    value: str = ""
    """The words in a closed list of values, where the kind has one, or as they are written; empty where a head does not tell."""
    sure: bool = True
    """Whether its head lets it stand by itself, where a head says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    text: str
    by: Literal["frontier", "student", "template"]


class Labeller(Protocol):
    async def label(self, head: str, texts: Sequence[Words]) -> list[Label]:
        """One label of the head's fixed set for each text: `label("review_sentiment", bodies)`."""
        ...

    async def candidates(self, head: str, texts: Sequence[Words]) -> list[list[Label]]:
        """Every label that may hold of each text, the likeliest first: `candidates("review_aspects", sentences)`.

        Of a head whose labels do not exclude one another only those that hold, which may be none.
        """
        ...


class Tagger(Protocol):
    async def tag(self, head: str, text: Words) -> list[Tagged]:
        """Spans of the head's kinds in the text, in reading order."""
        ...


class Writer(Protocol):
    async def write(self, **facts: Any) -> Written:
        """Text from the task's own prompt (`prompts/tasks/<task>.jinja`) filled with the facts.

        Without a provider, or when none answers, the text comes from `prompts/tasks/<task>.template.jinja`, which uses
        nothing but the same facts, and says so in `by`.
        """
        ...

    async def plain(self, **facts: Any) -> Written:
        """The template's text, whoever could be asked."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """What the merchant said, for handlers that need the words themselves."""

    text: str
    """The clause this subtask was read from."""
    locale: str = field(default="en", kw_only=True)
    whole: str = field(default="", kw_only=True)
    """The whole request."""

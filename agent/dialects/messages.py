"""What is said to a model and what it says, in no vendor's dialect. What people or models wrote is kept out of every repr."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]
Finish = Literal["stop", "length", "content_filter", "tool_calls"]
Ability = Literal["json_schema", "tools", "images", "streaming", "usage"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]


@dataclass(frozen=True, slots=True)
class Text:
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture, either by its address or as base64 with its media type."""

    url: str | None = field(default=None, repr=False)
    media_type: str | None = None
    data: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    id: str
    name: str
    arguments: str = field(default="{}", repr=False)
    """JSON text, exactly as the model wrote it."""
    signature: str | None = field(default=None, repr=False)
    """Opaque; the vendor wants it back with the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    call_id: str
    text: str = field(repr=False)
    name: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """What a model thought, in so far as its vendor shows it; `signature` and `hidden` are opaque and go back as they came."""

    text: str = field(default="", repr=False)
    signature: str | None = field(default=None, repr=False)
    hidden: str | None = field(default=None, repr=False)


Part = Text | Image | ToolCall | ToolResult | Reasoning


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """`Message("user", "some words")`, or with parts in order. Tool results have a message of their own, with the role "tool"."""

    role: Role
    parts: tuple[Part, ...]

    def __init__(self, role: Role, content: str | Sequence[Part] = ()) -> None:
        parts: tuple[Part, ...] = ((Text(content),) if content else ()) if isinstance(content, str) else tuple(content)
        object.__setattr__(self, "role", role)
        object.__setattr__(self, "parts", parts)

    @property
    def text(self) -> str:
        """The words of it alone, in order."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    """JSON schema of the arguments."""
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class NamedTool:
    """The one tool that must be called."""

    name: str


ToolChoice = Literal["auto", "none", "any"] | NamedTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens by kind. `input` counts every prompt token, cached ones too, and `output` every token made, reasoning too.

    The vendors count differently (Anthropic leaves cached tokens out of the input, Gemini leaves thoughts out of the output); the
    dialects add up, so that these mean the same everywhere.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    """Of the input, how many were read from a cache."""
    reasoning: int = 0
    """Of the output, how many were spent on reasoning."""
    estimated: bool = False
    """The provider did not count; these are our estimate, never 0."""
    cache_written: int = 0
    """Of the input, how many were written to a cache, at whatever lifetime."""
    cache_written_1h: int = 0
    """Of those written, how many for an hour, which costs more."""

    @property
    def total(self) -> int:
        return self.input + self.output

    def plus(self, other: Usage) -> Usage:
        counts = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        return Usage(**counts, estimated=self.estimated or other.estimated)


_COUNTS = ("input", "output", "cached", "reasoning", "cache_written", "cache_written_1h")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    messages: Sequence[Message]
    schema: Mapping[str, Any] | None = field(default=None, repr=False)
    """JSON schema the text must follow; None for free text."""
    schema_name: str = "answer"
    max_output: int = 1024
    """Most tokens of the answer; what a budget is reserved for."""
    temperature: float | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    top_p: float | None = None
    stop: Sequence[str] = ()
    tools: Sequence[Tool] = ()
    tool_choice: ToolChoice = "auto"
    parallel_tools: bool | None = None
    """Whether several tools may be called in one answer; None for the vendor's default."""
    effort: Effort | None = None
    """How much to reason; None for the vendor's default."""
    json_object: bool = False
    """Any JSON object will do; `schema` says more."""
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Parameters that only `extra_dialect` knows; such a request goes only to targets of that dialect."""
    extra_dialect: str = ""
    session: str = ""
    """The caller's own id of the conversation; one model's prompt cache is tried to be kept for it. It is sent to nobody."""
    _bytes: int = field(default=-1, init=False, repr=False, compare=False)

    @property
    def needs(self) -> frozenset[Ability]:
        """What a model must be able to do to answer it at all. A schema is none of these: it can be asked for in words."""
        pictured = any(isinstance(part, Image) for message in self.messages for part in message.parts)
        return _NEEDS[bool(self.tools), pictured]

    @property
    def bytes(self) -> int:
        """Size of everything that is sent, which bounds its tokens from above: no tokenizer makes more tokens than bytes."""
        if self._bytes < 0:  # a budget, a window and a deadline ask, and a long prompt is long to measure
            said = sum(_size(part) for message in self.messages for part in message.parts)
            said += len(repr(self.schema or "")) + sum(len(tool.name) + len(tool.description) + len(repr(tool.parameters)) for tool in self.tools)
            object.__setattr__(self, "_bytes", said)
        return self._bytes

    def but(self, **changes: Any) -> Request:
        return replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    text: str = field(repr=False)
    usage: Usage
    provider: str
    model: str
    finish: Finish = "stop"
    tool_calls: tuple[ToolCall, ...] = ()
    reasoning: tuple[Reasoning, ...] = ()
    refusal: str | None = field(default=None, repr=False)
    """Why the model will not answer, in its words."""
    id: str = ""
    """The provider's own id of the answer."""
    attempts: int = 1
    """How many calls it took, failed ones too."""
    cost_usd: str | None = None
    """What all attempts cost together, in exact decimals; None when a price is not known."""

    @property
    def message(self) -> Message:
        """It as the assistant's turn of a conversation that goes on."""
        said: list[Part] = [*self.reasoning]
        if self.text:
            said.append(Text(self.text))
        return Message("assistant", [*said, *self.tool_calls])

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.tool_calls or self.refusal)


_NEEDS: Mapping[tuple[bool, bool], frozenset[Ability]] = {
    (False, False): frozenset(),
    (True, False): frozenset({"tools"}),
    (False, True): frozenset({"images"}),
    (True, True): frozenset({"tools", "images"}),
}
"""By whether there are tools, and pictures."""
IMAGE_BYTES = 6_000
"""What one picture is counted as, whatever its file's size: vendors bill pictures by area, about 1,600 tokens for a large one."""


def _size(part: Part) -> int:
    match part:
        case Text(text=text) | ToolResult(text=text):
            return len(text.encode())
        case ToolCall():
            return len(part.name) + len(part.arguments.encode())
        case Reasoning():
            return len(part.text.encode())
        case Image():
            return IMAGE_BYTES


CHARACTERS_PER_TOKEN = 3.6  # English prose over the big vendors' tokenizers; used only where a provider does not count


def estimated_usage(request: Request, text: str) -> Usage:
    """What a call must have used when its provider does not say; never 0."""
    input = max(1, round(request.bytes / CHARACTERS_PER_TOKEN))
    return Usage(input=input, output=round(len(text.encode()) / CHARACTERS_PER_TOKEN) or (1 if text else 0), estimated=True)


MOST_UNSEEN = 1_000_000
"""Tokens that a provider may count beyond what was sent, or beyond the limit of the answer: pictures, its own instructions, thoughts. Who
counts more than that has a broken counter, and no budget is emptied for it."""


def believed(usage: Usage | None, request: Request, written: str, *, more: bool = False) -> Usage:
    """What a call used: as its provider counted, and an estimate of what it did not count.

    Args:
        written: All that the model made.
        more: Some of it came after the count.
    """
    if usage is None or usage.input > request.bytes + MOST_UNSEEN or usage.output > request.max_output + MOST_UNSEEN:
        return estimated_usage(request, written)
    if more or (written and not usage.output):
        return replace(usage, output=max(usage.output, estimated_usage(request, written).output), estimated=True)
    return usage


def tokens_in(request: Request) -> int:
    """About how many tokens a request has, for choosing a window; an estimate on the high side."""
    return round(request.bytes / 3) + 8 * len(request.messages)

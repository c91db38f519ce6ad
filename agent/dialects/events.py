"""What a streamed answer is made of, in no vendor's dialect, and the whole answer put together from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.dialects.messages import Finish, Reasoning, Request, Response, ToolCall, Usage, believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The model has begun; nothing is said yet."""

    id: str = ""
    model: str = ""
    input: int = 0
    """Tokens of the prompt where a vendor says so first; 0 when not."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningDelta:
    """More of a thought. One with a signature or something hidden ends that thought."""

    text: str = field(default="", repr=False)
    signature: str | None = field(default=None, repr=False)
    hidden: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDelta:
    """More of the tool call at `index`; the first of them brings the id and the name."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = field(default="", repr=False)
    signature: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UsageSeen:
    """What was used so far, all kinds together; a later one replaces it."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Finished:
    finish: Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted:
    """All that was said so far is void; another model starts from the beginning."""

    provider: str
    model: str


@dataclass(frozen=True, slots=True)
class Lost:
    """One event could not be read and was left out."""

    why: str


Event = Begun | TextDelta | RefusalDelta | ReasoningDelta | ToolDelta | UsageSeen | Finished | Restarted | Lost


def is_content(event: Event) -> bool:
    """Whether it shows the caller something that cannot be taken back. Thoughts do, since callers are shown them too."""
    match event:
        case TextDelta(text=text) | RefusalDelta(text=text):
            return bool(text)
        case ReasoningDelta():
            return bool(event.text or event.signature or event.hidden)
        case ToolDelta():
            return True
        case _:
            return False


def size_of(event: Event) -> int:
    """Characters of content that it brings."""
    match event:
        case TextDelta(text=text) | RefusalDelta(text=text):
            return len(text)
        case ReasoningDelta():
            return len(event.text) + len(event.signature or "") + len(event.hidden or "")
        case ToolDelta():
            return len(event.name) + len(event.arguments)
        case _:
            return 0


@dataclass(slots=True)
class Assembly:
    """The answer so far."""

    id: str = ""
    model: str = ""
    usage: Usage | None = None
    finish: Finish | None = None
    lost: int = 0
    _more: bool = field(default=False, repr=False, compare=False)
    """Whether content came after the last count."""
    _text: list[str] = field(default_factory=list, repr=False)
    _refusal: list[str] = field(default_factory=list, repr=False)
    _thoughts: list[Reasoning] = field(default_factory=list, repr=False)
    _thought: list[str] = field(default_factory=list, repr=False)
    _calls: dict[int, ToolCall] = field(default_factory=dict, repr=False)
    _arguments: dict[int, list[str]] = field(default_factory=dict, repr=False)

    def add(self, event: Event) -> None:
        self._more = self._more or is_content(event)
        match event:
            case TextDelta(text=text):
                self._text.append(text)
            case ReasoningDelta():
                self._think(event)
            case ToolDelta():
                self._call(event)
            case UsageSeen(usage=usage):
                self.usage, self._more = usage, False
            case Finished(finish=finish):
                self.finish = finish
            case RefusalDelta(text=text):
                self._refusal.append(text)
            case Begun():
                self.id, self.model = event.id or self.id, event.model or self.model
            case Lost():
                self.lost += 1
            case Restarted():
                self.__init__()  # type: ignore[misc]  # everything said is void: the same object starts anew

    @property
    def text(self) -> str:
        return "".join(self._text)

    @property
    def written(self) -> str:
        """Everything the model made, of whatever kind: what it must be billed for when nobody counted."""
        thoughts = "".join(thought.text for thought in self._thoughts) + "".join(self._thought)
        calls = "".join("".join(pieces) for pieces in self._arguments.values())
        return thoughts + self.text + "".join(self._refusal) + calls

    def used(self, request: Request) -> Usage:
        """What it cost in tokens. A server that counts before it writes, or not at all, is not believed to have written nothing."""
        return believed(self.usage, request, self.written, more=self._more)

    def response(self, *, usage: Usage, provider: str, model: str) -> Response:
        calls = tuple(
            ToolCall(id=call.id or f"call_{index}", name=call.name, arguments="".join(self._arguments[index]) or "{}", signature=call.signature)
            for index, call in sorted(self._calls.items())
        )
        thoughts = [*self._thoughts, Reasoning(text="".join(self._thought))] if self._thought else self._thoughts
        return Response(
            text=self.text,
            usage=usage,
            provider=provider,
            model=model,
            finish=self.finish or "stop",
            tool_calls=calls,
            reasoning=tuple(thoughts),
            refusal="".join(self._refusal) or None,
            id=self.id,
        )

    def _think(self, event: ReasoningDelta) -> None:
        if event.text:
            self._thought.append(event.text)
        if event.signature is not None or event.hidden is not None:
            self._thoughts.append(Reasoning(text="".join(self._thought), signature=event.signature, hidden=event.hidden))
            self._thought = []

    def _call(self, event: ToolDelta) -> None:
        known = self._calls.get(event.index)
        if known is None:
            self._calls[event.index] = ToolCall(id=event.id, name=event.name, signature=event.signature)
            self._arguments[event.index] = []
        elif event.id or event.name or event.signature:
            self._calls[event.index] = ToolCall(
                id=known.id or event.id, name=known.name or event.name, signature=event.signature or known.signature
            )  # fmt: skip
        self._arguments[event.index].append(event.arguments)


def events_of(response: Response) -> list[Event]:
    """A whole answer as the stream that would have brought it, in the order the vendors use."""
    events: list[Event] = [Begun(id=response.id, model=response.model)]
    for thought in response.reasoning:
        events.append(ReasoningDelta(text=thought.text, signature=thought.signature, hidden=thought.hidden))
    if response.text:
        events.append(TextDelta(response.text))
    if response.refusal:
        events.append(RefusalDelta(response.refusal))
    for index, call in enumerate(response.tool_calls):
        events.append(ToolDelta(index=index, id=call.id, name=call.name, arguments=call.arguments, signature=call.signature))
    return [*events, UsageSeen(response.usage), Finished(response.finish)]

"""Tool calls one after the other, for callers of dialects in which a block or an item is over when the next begins.

Chat completions number the pieces of parallel calls, and some servers send them in turns. Nothing says when a call is over, but its
arguments do: they are a whole JSON object then. Until that, whatever is not of the call that is open waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.dialects.base import StreamWriter, object_of
from agent.dialects.events import Begun, Event, Finished, Lost, Restarted, ToolDelta, UsageSeen
from agent.errors import BadOutput, StorehandError


@dataclass(slots=True)
class OneAfterTheOther:
    """A writer that is shown every call in one go."""

    writer: StreamWriter
    _open: int | None = None
    _arguments: list[str] = field(default_factory=list, repr=False)
    """Of the open call, so far."""
    _over: set[int] = field(default_factory=set)
    """Calls that began; what comes of one that is no longer open makes it no JSON, and the stream ends in an error."""
    _waiting: list[Event] = field(default_factory=list, repr=False)

    def write(self, event: Event) -> bytes:
        if self._open is None and not isinstance(event, ToolDelta | Restarted):
            return self.writer.write(event)
        match event:
            case Begun() | Finished() | UsageSeen() | Lost():
                return self.writer.write(event)
            case Restarted():
                self.__init__(self.writer)  # type: ignore[misc]  # everything said is void: the same object starts anew
                return self.writer.write(event)
            case _:
                return b"".join(map(self.writer.write, self._in_turn(event)))

    def fail(self, error: StorehandError) -> bytes:
        return self.writer.fail(error)

    def end(self) -> bytes:
        return b"".join(map(self.writer.write, self._rest())) + self.writer.end()

    def _in_turn(self, event: Event) -> Iterator[Event]:
        if isinstance(event, ToolDelta) and event.index == self._open:
            yield event
            self._arguments.append(event.arguments)
            if self._waiting and self._is_whole():
                yield from self._released()
        elif self._open is None or self._is_whole():
            yield from self._begun(event)
        else:
            self._waiting.append(event)

    def _begun(self, event: Event) -> Iterator[Event]:
        if not isinstance(event, ToolDelta):
            self._open = None
            yield event
        elif event.index not in self._over:
            self._open, self._arguments = event.index, [event.arguments]
            self._over.add(event.index)
            yield event

    def _released(self) -> Iterator[Event]:
        waiting, self._waiting, self._open = self._waiting, [], None
        for event in waiting:
            yield from self._in_turn(event)

    def _rest(self) -> Iterator[Event]:
        """What still waits at the end, each call with all its pieces."""
        while self._waiting:
            first, *others = self._waiting
            yield first
            same = [isinstance(first, ToolDelta) and isinstance(event, ToolDelta) and event.index == first.index for event in others]
            yield from (event for event, is_same in zip(others, same, strict=True) if is_same)
            self._waiting = [event for event, is_same in zip(others, same, strict=True) if not is_same]

    def _is_whole(self) -> bool:
        if not "".join(self._arguments[-1:]).rstrip().endswith("}"):
            return False
        try:
            object_of("".join(self._arguments))
        except BadOutput:
            return False
        return True

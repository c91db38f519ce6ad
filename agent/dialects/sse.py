"""Server-sent events as the WHATWG text says (https://html.spec.whatwg.org/multipage/server-sent-events.html, read 2026-11-22)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SseEvent:
    data: str = field(repr=False)
    event: str = ""
    id: str = ""


class SseParser:
    """Bytes in whatever pieces they arrive, events out. An event that the end of the stream cuts off is not among them, as the standard says.

    `comments` counts keep-alive lines, which are signs of life but say nothing.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._pieces: list[bytes] = []
        self._data: list[str] = []
        self._event = ""
        self._id = ""
        self._first = True
        self.comments = 0

    def feed(self, piece: bytes) -> Iterator[SseEvent]:
        """The events that this piece completes."""
        if b"\n" not in piece and b"\r" not in piece and not self._first and not self._rest.endswith(b"\r"):
            self._pieces.append(piece)  # a long line is put together once, not anew with each piece of it
            return
        text = b"".join((self._rest, *self._pieces, piece))
        self._pieces.clear()
        if self._first:
            if len(text) < len(_BOM) and _BOM.startswith(text):
                self._rest = text
                return
            text, self._first = text.removeprefix(_BOM), False
        # A lone CR at the end may be half of a CRLF, so it waits for the next piece.
        held = text.endswith(b"\r")
        lines = (text[:-1] if held else text).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop() + (b"\r" if held else b"")
        for line in lines:
            event = self._line(line)
            if event is not None:
                yield event

    def end(self) -> Iterator[SseEvent]:
        """The event that the end of the stream completes, for servers that leave out the blank line after the last one. The standard drops
        it; whoever reads it as JSON notices when it was cut."""
        yield from self.feed(b"\n\n")

    @property
    def waiting(self) -> int:
        """Bytes held of a line or an event that is not complete."""
        return len(self._rest) + sum(map(len, self._pieces)) + sum(len(line) for line in self._data)

    def _line(self, line: bytes) -> SseEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if not name:
            self.comments += 1
        elif name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatch(self) -> SseEvent | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        return SseEvent("\n".join(data), event, self._id) if data else None


def write_event(data: str, *, event: str = "", id: str = "") -> bytes:
    """One event's bytes; each line of `data` gets its own field."""
    head = (f"event: {event}\n" if event else "") + (f"id: {id}\n" if id else "")
    body = "".join(f"data: {line}\n" for line in data.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return f"{head}{body}\n".encode()

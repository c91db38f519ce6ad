"""A provider on loopback that speaks every vendor's dialect and fails on demand: the model `fault-NAME` has that fault, any other is well.

    async with FakeProvider() as fake:
        ...  base_url = fake.url + "/v1", model = "fault-hang"

The faults are those of real outages: what a status says, what a status 200 hides, and what happens to the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from agent.testing.fake_wire import Kind, Refused, Vendor, answer, failure_in_stream, head, piece, refusal, tail, vendor_of

TEXT = "The quick brown fox jumps over the lazy dog. " * 4

_REFUSALS: Mapping[str, tuple[Kind, float | None]] = {
    "429": ("rate", None), "429ra2": ("rate", 2), "429ra120": ("rate", 120), "429quota": ("quota", None), "402": ("billing", None),
    "500": ("broken", None), "503": ("overloaded", None), "529": ("overloaded", None), "401": ("key", None), "403": ("forbidden", None),
    "404model": ("gone", None), "400ctx": ("long", None), "400filter": ("filter", None), "400bad": ("wrong", None),
    "400unsupported": ("unsupported", None),
}  # fmt: skip
_HTML = b"<html><body><h1>Sign in</h1></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One call as it arrived."""

    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    vendor: Vendor
    model: str
    fault: str
    stream: bool


@dataclass(slots=True)
class FakeProvider:
    text: str | Callable[[Seen], str] = TEXT
    """What it answers."""
    pause_s: float = 0.0
    """Between the words of a stream."""
    port: int = 0
    """Where it listens on loopback; 0 for any that is free."""
    calls: list[Seen] = field(default_factory=list)
    closed_early: int = 0
    """Streams whose caller went away before the end."""
    went_away: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the first caller does."""
    url: str = ""
    flaky: Counter[str] = field(default_factory=Counter)
    _server: asyncio.Server | None = None
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> FakeProvider:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def count(self, fault: str) -> int:
        """How many calls there were to the model with that fault; "" for the healthy ones."""
        return sum(call.fault == fault for call in self.calls)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while (seen := await _read(reader)) is not None:
                self.calls.append(seen)
                if not await self._reply(seen, reader, writer):
                    break
        writer.close()

    async def _reply(self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open."""
        fault = seen.fault
        if fault.startswith("flaky"):  # flaky2: unwell for its first 2 calls
            self.flaky[fault] += 1
            fault = "503" if self.flaky[fault] <= int(fault[5:] or 1) else ""
        if fault == "noschema":  # as llama.cpp's server: broken by a schema it cannot take, and well without
            fault = "500" if _asks_for_schema(seen) else ""
        if fault in _REFUSALS:
            kind, wait_s = _REFUSALS[fault]
            _send(writer, refusal(seen.vendor, kind, wait_s=wait_s))
        elif fault in ("reset", "hang", "slowfirst"):
            return await self._unreachable(fault, seen, reader, writer)
        elif (body := self._rubbish(fault, seen)) is not None:
            _send(writer, body)
        elif seen.stream:
            return await self._stream(fault, seen, writer)
        else:
            _send(writer, Refused(status=200, body=json.dumps(answer(seen.vendor, seen.model, self._text(fault, seen))).encode()))
        await writer.drain()
        return True

    async def _unreachable(self, fault: str, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if fault == "reset":
            writer.transport.abort()
            return False
        with contextlib.suppress(TimeoutError):
            # Nothing comes until the caller goes away, or until `slowfirst` is over its 8 s.
            if await asyncio.wait_for(reader.read(1), 8 if fault == "slowfirst" else 600) == b"":
                self.went_away.set()
            return False
        return await self._reply(Seen(**{**_fields(seen), "fault": ""}), reader, writer)

    def _rubbish(self, fault: str, seen: Seen) -> Refused | None:
        """A status 200 (or a web page) that is no answer."""
        blank = {"empty": "", "nullcontent": None}
        match fault:
            case "502html":
                return Refused(status=502, body=_HTML, headers=(("content-type", "text/html"),))
            case "html200":
                return Refused(status=200, body=_HTML, headers=(("content-type", "text/html"),))
            case "emptybody":
                return Refused(status=200, body=b"")
            case "badjson":
                return Refused(status=200, body=json.dumps(answer(seen.vendor, seen.model, self._text("", seen))).encode()[:70])
            case "200err":
                return Refused(status=200, body=refusal(seen.vendor, "broken").body)
            case "empty" | "nullcontent":
                return Refused(status=200, body=json.dumps(answer(seen.vendor, seen.model, blank[fault])).encode())
            case "nochoices":
                body = answer(seen.vendor, seen.model, None)
                return Refused(
                    status=200,
                    body=json.dumps({**body, **{key: [] for key in ("choices", "candidates", "content", "output") if key in body}}).encode(),
                )
            case "filterfinish":
                return Refused(status=200, body=json.dumps(answer(seen.vendor, seen.model, None, filtered=True)).encode())
            case "nofinish" if not seen.stream:
                return Refused(status=200, body=json.dumps(answer(seen.vendor, seen.model, self._text("", seen), finish=False)).encode())
            case _:
                return None

    def _text(self, fault: str, seen: Seen) -> str:
        match fault:
            case "giant":
                return "x" * 30_000_000
            case "wrongschema":
                return '{"foo": 1'
            case _:
                return self.text if isinstance(self.text, str) else self.text(seen)

    async def _stream(self, fault: str, seen: Seen, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        text = self._text(fault, seen)
        words = [word + " " for word in text.split()] if len(text) < 100_000 else [text[i : i + 100_000] for i in range(0, len(text), 100_000)]
        try:
            for event in head(seen.vendor, seen.model):
                await _chunk(writer, event)
            if fault == "sseerr0":
                await _chunk(writer, failure_in_stream(seen.vendor))
                return _end(writer)
            for place, word in enumerate(words):
                if place == len(words) // 2 and fault and not await self._trouble(fault, seen, writer):
                    return False
                await _chunk(writer, piece(seen.vendor, seen.model, word))
                if fault == "dup":
                    await _chunk(writer, piece(seen.vendor, seen.model, word))
                if self.pause_s:
                    await asyncio.sleep(self.pause_s)
            wants_usage = bool((seen.body.get("stream_options") or {}).get("include_usage"))
            for event in tail(seen.vendor, seen.model, text, usage=wants_usage and fault != "nousage", done=fault != "nodone"):
                await _chunk(writer, event)
        except (ConnectionError, asyncio.CancelledError):
            self.closed_early += 1
            self.went_away.set()
            raise
        return _end(writer)

    async def _trouble(self, fault: str, seen: Seen, writer: asyncio.StreamWriter) -> bool:
        """What happens half-way; whether the stream goes on."""
        match fault:
            case "stall":
                await asyncio.sleep(600)
            case "keepalive":  # a stall that looks alive
                while True:
                    await _chunk(writer, b": keep-alive\n\n")
                    await asyncio.sleep(0.02)
            case "truncate":
                await writer.drain()
                writer.close()
            case "midreset":
                await asyncio.sleep(0.02)
                writer.transport.abort()
            case "trunclean":
                _end(writer)
            case "sseerr":
                await _chunk(writer, failure_in_stream(seen.vendor))
                _end(writer)
            case "ssebad":
                await _chunk(writer, b'data: {"id":"x","choices":[{"del\n\n')
                return True
            case "ssecomment":
                await _chunk(writer, b": keep-alive\n\n")
                return True
            case _:
                return True
        return False


def _fields(seen: Seen) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in Seen.__dataclass_fields__}


def _asks_for_schema(seen: Seen) -> bool:
    wishes = [seen.body.get("response_format"), seen.body.get("output_config"), (seen.body.get("text") or {}).get("format")]
    config = seen.body.get("generationConfig") or {}
    return any([*wishes, config.get("responseSchema"), config.get("responseJsonSchema")])


async def _read(reader: asyncio.StreamReader) -> Seen | None:
    line = await reader.readline()
    if not line:
        return None
    path = line.decode("latin-1").split(" ")[1]
    headers: dict[str, str] = {}
    while (raw := await reader.readline()) not in (b"\r\n", b""):
        name, _, value = raw.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    try:
        found = json.loads(body) if body else {}
    except ValueError:
        found = {}
    model = str(found.get("model") or (path.split("/models/")[1].split(":")[0] if "/models/" in path else "m"))
    return Seen(
        path=path, headers=headers, body=found, vendor=vendor_of(path.partition("?")[0]), model=model,
        fault=model.partition("fault-")[2], stream=bool(found.get("stream")) or "streamGenerateContent" in path,
    )  # fmt: skip


def _send(writer: asyncio.StreamWriter, reply: Refused) -> None:
    headers = {"content-type": "application/json", **dict(reply.headers), "content-length": str(len(reply.body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {reply.status} X\r\n{lines}\r\n".encode() + reply.body)


async def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    if writer.is_closing():
        raise ConnectionResetError
    writer.write(b"%x\r\n" % len(data) + data + b"\r\n")
    await writer.drain()


def _end(writer: asyncio.StreamWriter) -> bool:
    writer.write(b"0\r\n\r\n")
    return True

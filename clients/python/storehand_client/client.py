"""The client: every operation, and what is more than one call: the pages of a list, a run's events through any number of cuts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import httpx

from storehand_client.base import Call, StorehandError, failed, read, segment, wait_before
from storehand_client.models import Reply, RunEvent, TextDelta
from storehand_client.operations import API_VERSION, AsyncOperations, Operations

T_co = TypeVar("T_co", covariant=True)
ENDS = frozenset({"run_finished", "run_waiting", "run_stopped", "run_error"})
"""After these nothing comes until somebody answers or decides."""
_FOLLOW = Call("GET", "/events", {}, None, None)


def text_delta(event: RunEvent) -> TextDelta | None:
    """More of a text that is being written, where the event brings that.

    The text `(event.subtask, found.text)` goes on with `found.delta`, or with `anew` begins with it. The subtask's part stands in its place later.
    """
    return TextDelta.model_validate(event.data) if event.type == "text_delta" else None


class Page(Protocol[T_co]):
    """One page of a list."""

    @property
    def items(self) -> Iterable[T_co]: ...
    @property
    def next(self) -> str | None: ...


@dataclass(slots=True)
class _Place:
    """How far a run's events were read, whatever happened to the connection."""

    after: int
    ended: bool = False
    broken: int = 0
    _lines: list[str] = field(default_factory=list)

    def headers(self) -> dict[str, str]:
        self._lines.clear()  # half an event of a stream that broke
        return {"accept": "text/event-stream", "last-event-id": str(self.after)}

    def line(self, line: str) -> RunEvent | None:
        """The event that this line completes."""
        if line:
            self._lines.append(line)
            return None
        data = "\n".join(each.removeprefix("data:").removeprefix(" ") for each in self._lines if each.startswith("data:"))
        self._lines.clear()
        if not data:
            return None
        event = read(RunEvent, data.encode())
        if event.seq <= self.after:
            return None
        self.after, self.ended, self.broken = event.seq, event.type in ENDS, 0
        return event

    def wait(self, error: StorehandError | httpx.TransportError, attempts: int) -> float:
        """Seconds until the stream is taken up again.

        Raises:
            StorehandError, httpx.TransportError: It would not help.
        """
        self.broken += 1
        wait = wait_before(self.broken, error, _FOLLOW, None)
        if wait is None or self.broken >= attempts:
            raise error
        return wait


class Storehand(Operations):
    """Storehand's task API."""

    VERSION = API_VERSION

    def every(self, listing: Callable[..., Page[T_co]], **given: Any) -> Iterator[T_co]:
        """All items of a list, page after page: `client.every(client.list_runs, text="mug")`."""
        cursor: str | None = None
        while True:
            page = listing(**given, cursor=cursor)
            yield from page.items
            if (cursor := page.next) is None:
                return

    def events(self, run_id: str, *, after: int = 0) -> Iterator[RunEvent]:
        """The run's events above `after` as they happen, until it ends or waits. A stream that breaks is taken up where it broke."""
        place = _Place(after)
        while not place.ended:
            before = place.after
            try:
                with self._http.stream("GET", f"/v1/runs/{segment(run_id)}/events", headers=place.headers()) as reply:
                    if reply.is_error:
                        reply.read()
                        raise failed(reply) or StorehandError(reply.status_code, {})
                    for line in reply.iter_lines():
                        if (event := place.line(line)) is not None:
                            yield event
            except (httpx.TransportError, StorehandError) as error:
                self._sleep(place.wait(error, self._attempts))
            else:
                if place.after == before and (self.show_run(run_id)).state not in ("queued", "running"):
                    return

    def finished(self, run_id: str) -> Reply:
        """The run, once it has ended or waits for somebody."""
        for _ in self.events(run_id):
            pass
        return self.show_run(run_id)


class AsyncStorehand(AsyncOperations):
    """Storehand's task API, for programs that await."""

    VERSION = API_VERSION

    async def every(self, listing: Callable[..., Awaitable[Page[T_co]]], **given: Any) -> AsyncIterator[T_co]:
        """All items of a list, page after page: `client.every(client.list_runs, text="mug")`."""
        cursor: str | None = None
        while True:
            page = await listing(**given, cursor=cursor)
            for item in page.items:
                yield item
            if (cursor := page.next) is None:
                return

    async def events(self, run_id: str, *, after: int = 0) -> AsyncIterator[RunEvent]:
        """The run's events above `after` as they happen, until it ends or waits. A stream that breaks is taken up where it broke."""
        place = _Place(after)
        while not place.ended:
            before = place.after
            try:
                async with self._http.stream("GET", f"/v1/runs/{segment(run_id)}/events", headers=place.headers()) as reply:
                    if reply.is_error:
                        await reply.aread()
                        raise failed(reply) or StorehandError(reply.status_code, {})
                    async for line in reply.aiter_lines():
                        if (event := place.line(line)) is not None:
                            yield event
            except (httpx.TransportError, StorehandError) as error:
                await self._sleep(place.wait(error, self._attempts))
            else:
                if place.after == before and (await self.show_run(run_id)).state not in ("queued", "running"):
                    return

    async def finished(self, run_id: str) -> Reply:
        """The run, once it has ended or waits for somebody."""
        async for _ in self.events(run_id):
            pass
        return await self.show_run(run_id)

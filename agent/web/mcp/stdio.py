"""The protocol over a program's own input and output, a message a line: how assistants on a desktop start their servers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec

from agent.records import Principal
from agent.web.mcp import wire
from agent.web.mcp.door import Door

ANSWERS_AFTER_END_S = 10.0
"""How long what is under way is still answered once the input has ended: whoever sent a file of requests reads on."""

Write = Callable[[bytes], Awaitable[None]]


@dataclass(slots=True)
class Lines:
    """One assistant's connection. Requests are answered as they come to an end, not in the order they came."""

    door: Door
    principal: Principal
    write: Write
    _under_way: dict[wire.Id, asyncio.Task[None]] = field(default_factory=dict)

    async def serve(self, read: Callable[[], Awaitable[bytes]]) -> None:
        """Answer until the input ends.

        Args:
            read: The next line; empty at the end.
        """
        async with asyncio.TaskGroup() as group:
            while line := await read():
                if line.strip():
                    await self._take(line, group)
            if tasks := list(self._under_way.values()):
                await asyncio.wait(tasks, timeout=ANSWERS_AFTER_END_S)
            for task in tasks:  # runs go on and can be followed
                task.cancel()

    async def _take(self, line: bytes, group: asyncio.TaskGroup) -> None:
        try:
            call = wire.call_of(_decoded(line))
        except wire.Wrong as wrong:
            return await self._send(wrong.message())
        if call.id is None:
            return self._noted(call)
        self._under_way[call.id] = task = group.create_task(self._answered(call, call.id))
        task.add_done_callback(lambda _: self._under_way.pop(call.id, None))  # type: ignore[arg-type]  # it has one: see above
        return None

    def _noted(self, call: wire.Call) -> None:
        """A cancelled request gets no answer; of other notifications there is nothing to do."""
        if call.method == "notifications/cancelled" and (task := self._under_way.get(call.params.get("requestId", ""))) is not None:
            task.cancel()

    async def _answered(self, call: wire.Call, id: wire.Id) -> None:
        try:
            await self._send(await self.door.answer(call, self.principal, send=self._send))
        except wire.Wrong as wrong:
            await self._send(wrong.message(id))

    async def _send(self, told: wire.Message) -> None:
        await self.write(msgspec.json.encode(told) + b"\n")


def _decoded(line: bytes) -> object:
    try:
        found: object = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise wire.Wrong(wire.NOT_JSON, "The line is not JSON.") from None
    return found

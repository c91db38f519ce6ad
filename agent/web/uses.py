"""When keys were last used, written down now and then, so that no request waits for a write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

from agent.ledger.keys import Keys

EVERY_S = 30.0


def noting_uses(keys: Keys) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """A part of the application's life."""

    @asynccontextmanager
    async def noting(_: Any) -> AsyncIterator[None]:
        async def now_and_then() -> None:
            while True:
                await asyncio.sleep(EVERY_S)
                await keys.note_uses()

        task = asyncio.create_task(now_and_then())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await keys.note_uses()

    return noting

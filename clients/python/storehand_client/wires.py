"""Sends calls, again where that is safe; one way for programs that wait and one for those that await."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self

import httpx

from storehand_client.base import Call, StorehandError, failed, wait_before


def _headers(key: str, version: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}", "storehand-version": version, "user-agent": "storehand-client"}


class Wire:
    """A connection to one server with one key."""

    VERSION = ""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        attempts: int = 4,
        timeout_s: float = 150.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        Args:
            attempts: How often a call is sent at most, where sending it again can do nothing twice.
            timeout_s: Longest wait for the server; an ask may take as long as its `wait_s`.
        """
        self._http = httpx.Client(base_url=base_url, headers=_headers(key, self.VERSION), timeout=timeout_s, transport=transport)
        self._attempts, self._sleep = attempts, sleep

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, call: Call) -> bytes:
        for tried in range(1, self._attempts + 1):
            error: StorehandError | httpx.TransportError | None
            after = None
            try:
                reply = self._http.request(call.method, call.path, params=dict(call.query), json=call.body, headers=call.headers())
                error, after = failed(reply), reply.headers.get("retry-after")
            except httpx.TransportError as broken:
                error = broken
            if error is None:
                return reply.content
            wait = wait_before(tried, error, call, after)
            if wait is None or tried == self._attempts:
                raise error
            self._sleep(wait)
        raise AssertionError("there is at least one attempt")


class AsyncWire:
    """A connection to one server with one key, for programs that await."""

    VERSION = ""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        attempts: int = 4,
        timeout_s: float = 150.0,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        """
        Args:
            attempts: How often a call is sent at most, where sending it again can do nothing twice.
            timeout_s: Longest wait for the server; an ask may take as long as its `wait_s`.
        """
        self._http = httpx.AsyncClient(base_url=base_url, headers=_headers(key, self.VERSION), timeout=timeout_s, transport=transport)
        self._attempts, self._sleep = attempts, sleep

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _send(self, call: Call) -> bytes:
        for tried in range(1, self._attempts + 1):
            error: StorehandError | httpx.TransportError | None
            after = None
            try:
                reply = await self._http.request(call.method, call.path, params=dict(call.query), json=call.body, headers=call.headers())
                error, after = failed(reply), reply.headers.get("retry-after")
            except httpx.TransportError as broken:
                error = broken
            if error is None:
                return reply.content
            wait = wait_before(tried, error, call, after)
            if wait is None or tried == self._attempts:
                raise error
            await self._sleep(wait)
        raise AssertionError("there is at least one attempt")

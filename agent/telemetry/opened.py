"""Telemetry as the config asks for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from agent.errors import SettingsError
from agent.gateway import Opened, Watcher
from agent.settings import Settings
from agent.telemetry.metrics import Metrics, states_of


@dataclass(frozen=True, slots=True)
class Telemetry:
    metrics: Metrics
    watchers: tuple[Watcher, ...]
    """Who watches the gateway."""
    traced: Callable[[Any], Any]
    """Wraps an ASGI application, so that what a caller's trace leads to is part of it."""

    def ask(self, opened: Opened) -> None:
        """Where the metrics look at each scrape, once there is a gateway."""
        self.metrics.ask(states=states_of(opened.gateway), waiting=lambda: opened.books.waiting)


@asynccontextmanager
async def open_telemetry(settings: Settings) -> AsyncIterator[Telemetry]:
    """
    Raises:
        SettingsError: Spans are asked for and the extra is not installed.
    """
    metrics = Metrics()
    if settings.telemetry.otlp_endpoint is None:
        yield Telemetry(metrics, (metrics,), lambda app: app)
        return
    try:
        from agent.telemetry.spans import continued, exported
    except ModuleNotFoundError as error:
        raise SettingsError(f"`{error.name}` is needed for [telemetry]; `pip install 'storehand[telemetry]'` brings it.") from error
    async with exported(settings, version=_version()) as spans:
        yield Telemetry(metrics, (metrics, spans), continued)


def _version() -> str:
    try:
        return version("storehand")
    except PackageNotFoundError:
        return "0"

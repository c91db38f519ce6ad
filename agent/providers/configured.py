"""The providers of a config file, open for calls."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from agent.dialects.known import dialect
from agent.providers.catalog import Catalogue
from agent.providers.http import HttpProvider
from agent.settings import Settings, secret


def providers_of(
    settings: Settings, *, transport: httpx.AsyncBaseTransport, catalogue: Catalogue, environ: Mapping[str, str] | None = None
) -> dict[str, HttpProvider]:
    """
    Raises:
        SettingsError: A key is named that is not there.
    """
    return {
        name: HttpProvider(
            name=name,
            dialect=dialect(provider.dialect),
            base_url=provider.base_url,
            transport=transport,
            key=secret(provider.key, base_url=provider.base_url, environ=environ) if provider.key else None,
            deadlines=settings.gateway.deadlines,
            quirks=catalogue.quirks(provider),
        )
        for name, provider in settings.providers.items()
    }

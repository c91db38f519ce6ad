"""The providers of a config file, open for calls."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from agent.dialects.known import dialect
from agent.providers.catalog import Catalogue
from agent.providers.connections import Transports
from agent.providers.http import HttpProvider
from agent.settings import ProviderSettings, Settings, proxy_for, secret


def providers_of(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | Transports, catalogue: Catalogue, environ: Mapping[str, str] | None = None
) -> dict[str, HttpProvider]:
    """
    Args:
        transport: Under all of them; or the usual ones, where an HTTP proxy is used for whom one is named.

    Raises:
        SettingsError: A key or a proxy is named that is not there.
    """

    def way_to(provider: ProviderSettings) -> httpx.AsyncBaseTransport:
        return transport.through(proxy_for(provider, environ=environ)) if isinstance(transport, Transports) else transport

    return {
        name: HttpProvider(
            name=name,
            dialect=dialect(provider.dialect),
            base_url=provider.base_url,
            transport=way_to(provider),
            key=secret(provider.key, base_url=provider.base_url, environ=environ) if provider.key else None,
            deadlines=settings.gateway.deadlines,
            quirks=catalogue.quirks(provider),
        )
        for name, provider in settings.providers.items()
    }

"""The composition root of the gateway alone, for `serve --parts llm`: no students, no runs, no shop, so that it starts at once and stays small."""

from __future__ import annotations

from agent.gateway import open_gateway
from agent.opening import Told, Worker, listening_as, metrics_of, open_accounts, serve
from agent.settings import Settings
from agent.telemetry.metrics import CONTENT_TYPE
from agent.telemetry.opened import open_telemetry
from agent.web.llm_app import create_llm_app
from agent.web.proxy import open_proxy
from agent.web.readiness import Scraped


async def serve_proxy(settings: Settings, *, ready: Told, worker: Worker | None = None) -> None:
    """Serve /llm until SIGINT or SIGTERM. Work that waits for a process with all parts is left to it.

    Args:
        worker: Which of several processes this is; None for the only one.

    Raises:
        SettingsError: A setting, the data folder or the address is wrong.
    """
    with listening_as(settings, worker) as listener:
        async with (
            open_accounts(settings, worker) as accounts,
            open_telemetry(settings) as telemetry,
            open_gateway(settings, accounts.db, watchers=telemetry.watchers) as opened,
            metrics_of(telemetry.metrics.text, worker) as text,
        ):
            telemetry.ask(opened)
            limit, tallies = settings.gateway.requests_per_minute, worker.tallies if worker is not None else None
            proxy = open_proxy(opened.gateway, accounts.keys, opened.books, requests_per_minute=limit, tallies=tallies)
            scraped = Scraped(text=text, content_type=CONTENT_TYPE, keys=None if settings.metrics_are_open else accounts.keys)
            app = create_llm_app(proxy, accounts.keys, ready=accounts.ready, scraped=scraped)
            await serve(telemetry.traced(app), listener, ready=lambda: ready(accounts.address()), worker=worker)

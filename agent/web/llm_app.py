"""The application of `serve --parts llm`: the proxy, health, and nothing of the panel or the task API, not even imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Router

from agent.ledger.keys import Keys
from agent.web.health import Ready, health_routes
from agent.web.problems import answer
from agent.web.uses import noting_uses
from agent.web.wire import MOST_BYTES, add_headers


def create_llm_app(proxy: Router, keys: Keys, *, ready: Ready, routes: Sequence[Any] = ()) -> Litestar:
    """
    Args:
        proxy: The routes under /llm.
        keys: Whose uses are written down.
        ready: What `/readyz` asks.
        routes: Further ones, such as `/metrics`.
    """
    return Litestar(
        route_handlers=[*health_routes(ready), *routes, proxy],
        openapi_config=None,
        before_send=[add_headers],
        exception_handlers={Exception: answer},
        request_max_body_size=MOST_BYTES,
        lifespan=[noting_uses(keys)],
        logging_config=None,
    )

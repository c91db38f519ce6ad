"""Routes on a clock of the test's own."""

from __future__ import annotations

import random
from typing import Any

from agent.dialects.messages import Message, Request
from agent.errors import ProviderError
from agent.providers.affinity import Affinity, conversation_key
from agent.providers.health import Alert, Health
from agent.providers.learned import Learned
from agent.providers.router import Pool, Route, Target, Try
from agent.providers.scripted import ScriptedProvider

ASK = Request(messages=[Message("user", "Say it.")], max_output=10)


class World:
    """A clock, the health and what was learned, over which route after route goes."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.alerts: list[Alert] = []
        self.health = Health(lambda: self.now, lambda: 1_700_000_000 + self.now, alert=self.alerts.append)
        self.learned = Learned()
        self.affinity = Affinity(lambda: self.now)
        self.draw = random.Random(7)

    def route(self, *targets: Target, request: Request = ASK, **pool: Any) -> Route:
        key = conversation_key(request, alias="frontier", shop="shop")
        return Route(Pool(targets=targets, **pool), request, self.health, self.learned, self.draw, affinity=self.affinity, conversation=key)

    def goes_to(self, *targets: Target, failing: dict[str, ProviderError] | None = None, request: Request = ASK, **pool: Any) -> list[str]:
        """The targets asked for one request, in order; those not failing answer."""
        route, asked = self.route(*targets, request=request, **pool), []
        while isinstance(step := route.next(), Try):
            asked.append(step.target.name)
            route.begun(step)
            error = (failing or {}).get(step.target.name)
            if error is None:
                route.succeeded(step, took_s=0.1)
                return asked
            route.failed(step, error)
        return asked


def target(name: str, **facts: Any) -> Target:
    provider, _, model = name.partition("/")
    return Target(ScriptedProvider(name=provider), model or "m", **facts)

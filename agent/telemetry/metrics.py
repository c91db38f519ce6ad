"""Prometheus metrics of the gateway: how often, how long, how much, by provider and model, and how every target stands now.

Labels come from the config file and closed sets alone: no key, person, shop, address or text, and nothing a caller can make up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agent.gateway import Attempt, Gateway, Seen
from agent.telemetry import names

SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""Bounds that the conventions advise for durations of model calls."""
TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864)
FIRST_TOKEN_SECONDS = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)

CONTENT_TYPE = "text/plain; version=0.0.4"
"""Of the exposition format; the charset is added where it is sent."""

States = Callable[[], Iterable[tuple[str, str]]]
"""Every target with how it stands: well, unsteady, probe, open or benched."""


def _label(name: str) -> str:
    """A convention's name as Prometheus writes it."""
    return name.replace(".", "_")


class Metrics:
    """Watches the gateway and counts. One for a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._states: States = tuple
        self._waiting: Callable[[], int] = int
        who = [_label(name) for name in (names.OPERATION, names.PROVIDER, names.REQUEST_MODEL)]
        here: dict[str, Any] = {"registry": self.registry}
        self._calls = Counter("storehand_calls", "Calls of the gateway by what the caller got.", ["alias", "purpose", "outcome"], **here)
        self._under_way = Gauge("storehand_calls_under_way", "Calls that are not over yet.", **here)
        self._call_s = Histogram("storehand_call_duration_seconds", "A call with all its attempts.", ["alias"], buckets=SECONDS, **here)
        self._attempt_s = Histogram(
            f"{_label(names.DURATION)}_seconds", "One attempt at one target.", [*who, _label(names.ERROR_TYPE)], buckets=SECONDS, **here
        )
        self._first_s = Histogram(
            f"{_label(names.FIRST_CHUNK)}_seconds", "From the start of an attempt to its first content.", who, buckets=FIRST_TOKEN_SECONDS, **here
        )
        self._tokens = Histogram(_label(names.TOKEN_USAGE), "Billed tokens of one attempt.", [*who, _label(names.TOKEN_TYPE)], buckets=TOKENS, **here)
        self._cost = Counter("storehand_cost_usd", "Dollars by the price known at the time.", ["provider", "model"], **here)
        self._absorbed = Counter("storehand_failures_absorbed", "Failures that no caller noticed.", ["provider", "model", "error"], **here)
        self._rows = Gauge("storehand_usage_rows_waiting", "Usage rows that are not in the database yet.", **here)
        self._rows.set_function(lambda: float(self._waiting()))
        self.registry.register(_Standing(lambda: self._states()))
        self._known: dict[tuple[Any, ...], Any] = {}

    def ask(self, *, states: States, waiting: Callable[[], int]) -> None:
        """Where to look at each scrape, once there is a gateway.

        Args:
            waiting: How many usage rows are not in the database yet.
        """
        self._states, self._waiting = states, waiting

    def text(self) -> bytes:
        """Everything as Prometheus reads it."""
        return generate_latest(self.registry)

    def begun(self) -> None:
        self._under_way.inc()

    def over(self, seen: Seen, begun: Any) -> None:
        self._under_way.dec()
        self._of(self._calls, seen.alias, seen.purpose, seen.error or "ok").inc()
        self._of(self._call_s, seen.alias).observe(seen.took_s)
        for attempt in seen.attempts:
            self._count(attempt)

    def _count(self, attempt: Attempt) -> None:
        who = (names.CHAT, attempt.provider, attempt.model)
        self._of(self._attempt_s, *who, attempt.error or "").observe(attempt.latency_s)
        if attempt.first_token_s is not None:
            self._of(self._first_s, *who).observe(attempt.first_token_s)
        if attempt.usage.total:
            self._of(self._tokens, *who, "input").observe(attempt.usage.input)
            self._of(self._tokens, *who, "output").observe(attempt.usage.output)
        if attempt.cost_usd:
            self._of(self._cost, attempt.provider, attempt.model).inc(float(attempt.cost_usd))
        if attempt.absorbed:
            self._of(self._absorbed, attempt.provider, attempt.model, attempt.error or "").inc()

    def _of(self, metric: Any, *labels: str) -> Any:
        """The labelled child; remembered, since looking it up in the library takes a lock and three times as long."""
        child = self._known.get((id(metric), labels))
        if child is None:
            child = self._known[id(metric), labels] = metric.labels(*labels)
        return child


class _Standing(Collector):
    def __init__(self, states: States) -> None:
        self._states = states

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("storehand_target_state", "1 for how the target stands now.", labels=["target", "state"])
        for target, state in self._states():
            family.add_metric([target, state], 1.0)
        yield family


def states_of(gateway: Gateway) -> States:
    """How the gateway's targets stand."""
    return lambda: [(target.name, gateway.health.state(target.places)) for target in gateway.targets()]

"""The law of the router over the whole gateway: one of three providers down in every way, another failing 30% of its calls."""

from __future__ import annotations

import pytest

from agent.testing.outage import Strategy, simulate

DOWN, FLAKY, WELL = ("down", 1.0), ("flaky", 0.3), ("well", 0.0)


@pytest.mark.parametrize(
    ("strategy", "streamed", "providers", "requests"),
    [
        ("order", False, (DOWN, FLAKY, WELL), 10_000),
        ("weighted", False, (FLAKY, WELL, DOWN), 3_000),
        ("order", True, (DOWN, FLAKY, WELL), 1_500),
    ],
)
def test_999_of_1000_requests_are_answered_with_at_most_11_calls_for_10(
    strategy: Strategy, streamed: bool, providers: tuple[tuple[str, float], ...], requests: int
) -> None:
    found = simulate(dict(providers), strategy=strategy, requests=requests, streamed=streamed)
    assert found.share >= 0.999
    assert found.calls_each <= 1.1
    assert found.calls["down"] >= 3, "the one that is down was never probed"
    assert len(found.rows) == found.calls.total(), "a call left no row behind"


def test_a_lone_provider_that_fails_half_of_its_calls_is_never_given_up() -> None:
    found = simulate({"flaky": 0.5}, requests=400, every_s=3.0)
    assert found.share >= 0.35


def test_when_all_is_down_nobody_hammers_it() -> None:
    found = simulate({"one": 1.0, "two": 1.0}, requests=3_000)
    assert found.answered == 0 and found.calls_each <= 0.5

"""The forecast finds the season that is there, shows its error, and refuses what it cannot know."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sdk.forecast import LEAST_CHECKS, Forecast, TooShort, day_reached, forecast, needed


def weekly(days: int, pattern: tuple[int, ...] = (10, 10, 10, 10, 20, 40, 0)) -> list[float]:
    return [float(pattern[day % 7]) for day in range(days)]


def test_a_steady_week_is_foretold_day_by_day_without_error() -> None:
    found = forecast(weekly(140), 10)
    assert isinstance(found, Forecast)
    assert list(found.days) == weekly(150)[140:]
    assert (found.low, found.high, found.error) == (pytest.approx(found.total), pytest.approx(found.total), 0)


def test_a_season_that_comes_once_a_year_is_foretold_from_the_year_before() -> None:
    def value(day: int) -> float:
        return 100.0 if day % 364 in range(300, 340) else 10.0

    history = [value(day) for day in range(364 * 2 + 280)]
    found = forecast(history, 60)
    assert isinstance(found, Forecast)
    assert found.method == "year"
    assert found.total == pytest.approx(sum(value(day) for day in range(364 * 2 + 280, 364 * 2 + 340)), rel=0.01)


def test_the_interval_holds_most_of_what_comes() -> None:
    held = []
    for seed in range(20):
        dice = Random(seed)
        series = [max(0.0, base + dice.gauss(0, 6)) for base in weekly(420)]
        for end in range(250, 406, 20):
            found = forecast(series[:end], 14)
            assert isinstance(found, Forecast)
            held.append(found.low <= sum(series[end : end + 14]) <= found.high)
    assert 0.7 < sum(held) / len(held) < 0.95


@pytest.mark.parametrize("days", [1, 7, 30, 90, 91, 180])
def test_history_that_is_too_short_is_told_with_what_it_would_take(days: int) -> None:
    enough = weekly(needed(days))
    found = forecast(enough, days)
    assert isinstance(found, Forecast)
    assert found.checks >= LEAST_CHECKS
    assert forecast(enough[1:], days) == TooShort(len(enough) - 1, len(enough))


def test_nothing_sold_has_nothing_to_foretell() -> None:
    assert isinstance(forecast([0.0] * 500, 30), TooShort)
    assert isinstance(forecast([], 1), TooShort)


@given(st.lists(st.floats(0, 1e6), max_size=200), st.integers(1, 120))
def test_an_interval_always_holds_what_is_expected(history: list[float], days: int) -> None:
    found = forecast(history, days)
    if isinstance(found, Forecast):
        assert len(found.days) == days
        assert 0 <= found.low <= found.total * 1.000001
        assert found.total <= found.high * 1.000001


def test_stock_runs_out_on_the_day_demand_reaches_it_and_earlier_when_it_runs_quicker() -> None:
    assert day_reached(2, 0, 20, most=100) == 10
    assert day_reached(2, 0, 21, most=100) == 11
    quick, slow = day_reached(2, 3, 20, most=100), day_reached(2, -3, 20, most=100)
    assert quick is not None
    assert slow is not None
    assert quick < 10 < slow
    assert day_reached(0.01, 0, 20, most=365) is None

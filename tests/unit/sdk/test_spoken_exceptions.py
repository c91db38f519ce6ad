"""Days that are left out of what recurs are left out of its rhythm, and months and feasts, which none can leave out, are told of."""

import pytest

from agent.sdk.spoken_times import odd_time, time_in, without


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("sales every day at 9 except sundays", (0, 1, 2, 3, 4, 5)),
        ("revenue every day at 7 but not on weekends", (0, 1, 2, 3, 4)),
        ("open orders daily except for saturdays and sundays", (0, 1, 2, 3, 4)),
        ("stock every morning but not on mondays", (1, 2, 3, 4, 5, 6)),
    ],
)
def test_days_left_out_are_none_on_which_it_runs(said: str, days: tuple[int, ...]) -> None:
    found = time_in(said)
    assert found is not None
    assert found.rhythm.weekdays == days
    assert "except" not in without(said, found.spans)
    assert "not" not in without(said, found.spans)


@pytest.mark.parametrize("said", ["every monday at 8 but not in december", "daily except over christmas", "every week but not on public holidays"])
def test_months_and_feasts_left_out_are_told_of(said: str) -> None:
    assert odd_time(said)
    assert time_in(said) is None


@pytest.mark.parametrize("said", ["every monday at 9", "every weekday at 7", "orders that are not shipped every day at 8"])
def test_other_times_are_not_odd(said: str) -> None:
    assert odd_time(said) is None
    assert time_in(said) is not None

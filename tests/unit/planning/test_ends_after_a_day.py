"""What is not to go on after a day goes on until then: "end WELCOME10 after Sunday" ended it on the spot, by a time gone by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from agent.planning.language.periods import find_periods
from agent.planning.language.values import Dates, Starting, Terms, Until


@pytest.mark.parametrize(
    "text",
    [
        "end the code after 20 December",
        "it should not work after 20 December",
        "the code mustn't be valid past 20 December",
        "it expires after 20 December",
        "a code that no longer works after 20 December",
    ],
)
def test_what_is_not_to_go_on_after_a_day_goes_on_until_then(text: str, terms: Callable[..., Terms]) -> None:
    (found,) = find_periods(text, terms(), ahead=True)
    assert isinstance(found, Until) and (found.moment.month, found.moment.day) == (12, 21)
    assert found.moment > terms().now


@pytest.mark.parametrize("text", ["start the code after 20 December", "a code starting after 20 December"])
def test_what_starts_after_a_day_starts_the_day_after(text: str, terms: Callable[..., Terms]) -> None:
    (found,) = find_periods(text, terms(), ahead=True)
    assert isinstance(found, Starting) and (found.moment.month, found.moment.day) == (12, 21)


@pytest.mark.parametrize("text", ["parcels that haven't left us since over a week", "orders that have not gone out for more than a week"])
def test_what_has_not_left_waits_since_before_that(text: str, terms: Callable[..., Terms]) -> None:
    (found,) = find_periods(text, terms())
    assert isinstance(found, Dates) and found.period.start.date() == date(2000, 1, 1)


@pytest.mark.parametrize("text", ["orders not sent after 3 March", "sales after 3 March"])
def test_of_what_was_the_time_after_a_day_is_meant(text: str, terms: Callable[..., Terms]) -> None:
    (found,) = find_periods(text, terms())
    assert isinstance(found, Dates) and found.period.start.date() > date(2000, 1, 1)

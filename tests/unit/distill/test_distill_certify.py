"""Thresholds that keep their promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.distill.certify import certified, upper_bound


@pytest.mark.parametrize(("errors", "n", "delta", "bound"), [(0, 59, 0.05, 0.0495), (0, 45, 0.1, 0.0499), (5, 100, 0.05, 0.1023), (10, 10, 0.1, 1.0)])
def test_the_bound_is_that_of_clopper_and_pearson(errors: int, n: int, delta: float, bound: float) -> None:
    assert upper_bound(errors, n, delta) == pytest.approx(bound, abs=2e-4)


def test_a_threshold_is_as_low_as_the_errors_allow() -> None:
    sure = [0.95] * 200 + [0.8] * 200 + [0.4] * 200
    found = certified(sure, [True] * 400 + [False] * 200, target=0.05)
    assert found is not None
    assert (found.kept, found.wrong) == (400, 0)
    assert 0.4 < found.threshold <= 0.8


def test_too_few_or_too_wrong_promise_nothing() -> None:
    assert certified([0.99] * 10, [True] * 10, target=0.05) is None
    assert certified([0.99] * 500, [i % 3 > 0 for i in range(500)], target=0.05) is None
    assert certified([], [], target=0.05) is None


def test_the_promise_is_kept_on_fresh_answers_as_often_as_it_says() -> None:
    chance, broken = np.random.default_rng(5), 0
    for _ in range(200):
        sure = chance.uniform(0.3, 1.0, 800)
        found = certified(sure.tolist(), (chance.uniform(size=800) < sure).tolist(), target=0.1)
        # the true error above a threshold t is the mean of 1 - u over [t, 1]
        broken += found is not None and (1 - found.threshold) / 2 > 0.1
    assert broken <= 200 * 0.1 + 12


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=200), st.sampled_from([0.05, 0.2]))
def test_a_stricter_target_never_lowers_the_threshold(answers: list[tuple[float, bool]], target: float) -> None:
    sure, right = [a for a, _ in answers], [b for _, b in answers]
    strict, loose = certified(sure, right, target=target / 2), certified(sure, right, target=target)
    assert strict is None or (loose is not None and loose.threshold <= strict.threshold)

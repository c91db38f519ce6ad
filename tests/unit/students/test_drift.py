"""Drift: measures against values worked out by hand, and alarms that neither chance nor small change sets off."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.students.drift import LEAST, Seen, drift, grouped, ks, psi, regroup

COUNTS = st.dictionaries(st.integers(0, 99), st.integers(1, 1000), min_size=1, max_size=30)


def seen(confidences: list[int], *, refused: int = 0, labels: dict[str, int] | None = None) -> Seen:
    return Seen(n=len(confidences), refused=refused, confidence=Counter(confidences), labels=labels or {"good": len(confidences)})


def drawn(n: int, *, seed: int, mode: float = 0.95) -> list[int]:
    dice = random.Random(seed)
    return [min(99, int(100 * dice.triangular(0.3, 1.0, mode))) for _ in range(n)]


def test_the_stability_index_is_what_its_formula_gives_by_hand() -> None:
    by_hand = (0.6 - 0.4) * math.log(0.6 / 0.4) + (0.4 - 0.6) * math.log(0.4 / 0.6)
    assert psi({"a": 40, "b": 60}, {"a": 60, "b": 40}) == pytest.approx(by_hand)


def test_a_label_that_was_never_said_before_counts_as_half_a_one() -> None:
    p, q = 0.5 / 100.5, 0.2
    by_hand = (q - p) * math.log(q / p) + (0.8 - 100 / 100.5) * math.log(0.8 / (100 / 100.5))
    assert psi({"a": 100}, {"a": 80, "new": 20}) == pytest.approx(by_hand)


def test_the_distance_of_two_distributions_is_the_largest_gap_of_their_sums() -> None:
    assert ks({10: 5, 90: 5}, {10: 2, 50: 3, 90: 5}) == pytest.approx(0.3)
    assert ks({10: 1}, {90: 7}) == 1.0


@given(COUNTS, COUNTS)
def test_both_measures_are_symmetric_and_nothing_for_the_same_shares(one: dict[int, int], other: dict[int, int]) -> None:
    assert psi(one, other) == pytest.approx(psi(other, one)) and psi(one, other) >= -1e-12
    assert ks(one, other) == pytest.approx(ks(other, one)) and 0 <= ks(one, other) <= 1 + 1e-12
    assert psi(one, {k: 3 * v for k, v in one.items()}) == pytest.approx(0, abs=1e-12)
    assert ks(one, {k: 3 * v for k, v in one.items()}) == pytest.approx(0, abs=1e-12)


@given(COUNTS)
def test_grouping_loses_nothing_and_makes_at_most_ten(counts: dict[int, int]) -> None:
    groups = regroup(counts, grouped(counts))
    assert sum(groups.values()) == sum(counts.values())
    assert len(groups) <= 10


@pytest.mark.parametrize("counts", [{}, {3: 0}])
def test_an_empty_side_is_an_error_not_a_number(counts: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="nothing was counted"):
        psi({1: 1}, counts)
    with pytest.raises(ValueError, match="nothing was counted"):
        ks({1: 1}, counts)


def test_the_same_traffic_seen_twice_sets_off_no_alarm() -> None:
    for seed in range(20):
        mix = {"good": 200, "bad": 180, "mixed": 20}
        found = drift(seen(drawn(400, seed=seed), refused=20, labels=mix), seen(drawn(400, seed=100 + seed), refused=26, labels=mix))
        assert found.enough and found.alarms == [], seed


def test_lower_confidence_sets_off_the_alarm_on_confidence_alone() -> None:
    found = drift(seen(drawn(500, seed=1)), seen(drawn(500, seed=2, mode=0.6)))
    assert found.alarms == ["confidence"]
    assert found.confidence_ks is not None and found.confidence_ks > 0.3


def test_more_refusals_set_off_the_alarm_on_refusals() -> None:
    assert drift(seen(drawn(1000, seed=1), refused=40), seen(drawn(1000, seed=2), refused=130)).alarms == ["refusals"]


def test_a_certain_but_small_rise_of_refusals_sets_off_none() -> None:
    assert drift(seen(drawn(20_000, seed=1), refused=800), seen(drawn(20_000, seed=2), refused=1_400)).alarms == []


def test_another_mix_of_labels_sets_off_the_alarm_on_labels() -> None:
    then, now = {"good": 300, "bad": 200}, {"good": 120, "bad": 380}
    assert drift(seen(drawn(500, seed=1), labels=then), seen(drawn(500, seed=2), labels=now)).alarms == ["labels"]


def test_of_too_few_answers_nothing_is_said() -> None:
    found = drift(seen(drawn(LEAST, seed=1)), seen([5] * (LEAST - 1)))
    assert (found.enough, found.alarms, found.confidence_psi) == (False, (), None)


def test_windows_add_up() -> None:
    both = seen([90, 90], refused=1, labels={"good": 2}) + seen([90, 10], labels={"bad": 2})
    assert both == Seen(n=4, refused=1, confidence={90: 3, 10: 1}, labels={"good": 2, "bad": 2})
    assert both.refusal_rate == 0.25
    assert both.mean_confidence == pytest.approx((90.5 * 3 + 10.5) / 400)

"""The steps between versions: each makes sense on its own, leads back, and says when it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Conflict, Invalid
from agent.students.shelf import BUNDLED
from agent.students.standing import Standing, canary, promote, rollback, shadow

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = Standing(head="mood")


def test_a_promotion_remembers_the_way_back_and_ends_the_canary() -> None:
    tried = canary("b", 0.1)(shadow("b")(START))
    assert (tried.shadow, tried.canary, tried.share, tried.in_use) == ("b", "b", 0.1, BUNDLED)
    now = promote("b", AT)(tried)
    assert (now.in_use, now.earlier, now.shadow, now.canary, now.share, now.promoted_at) == ("b", (BUNDLED,), None, None, 0.0, AT)


def test_another_version_in_the_shadow_stays_there() -> None:
    assert promote("b", AT)(shadow("c")(START)).shadow == "c"


def test_rolling_back_goes_step_by_step_to_the_first() -> None:
    now = promote("c", AT)(promote("b", AT)(START))
    now = rollback(AT)(now)
    assert (now.in_use, now.earlier) == ("b", (BUNDLED,))
    assert (rollback(AT)(now).in_use, rollback(AT)(now).earlier) == (BUNDLED, ())


def test_rolling_back_during_a_canary_ends_the_canary_alone() -> None:
    now = rollback(AT)(canary("c", 0.5)(promote("b", AT)(START)))
    assert (now.in_use, now.canary, now.share) == ("b", None, 0.0)


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=12))
def test_as_many_steps_back_as_forward_lead_to_where_it_began(versions: list[str]) -> None:
    now, steps = START, 0
    for version in versions:
        if version != now.in_use:
            now, steps = promote(version, AT)(now), steps + 1
    for _ in range(steps):
        now = rollback(AT)(now)
    assert (now.in_use, tuple(now.earlier)) == (BUNDLED, ())


@pytest.mark.parametrize(
    "step",
    [shadow(BUNDLED), shadow(None), canary(BUNDLED, 0.1), canary(None), promote(BUNDLED, AT), rollback(AT)],
    ids=["shadow itself", "no shadow", "canary itself", "no canary", "promoted", "no way back"],
)
def test_a_step_that_makes_no_sense_says_so(step: object) -> None:
    with pytest.raises(Conflict, match="mood"):
        step(START)  # type: ignore[operator]  # each is a step


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_a_canary_takes_a_share_and_neither_all_nor_nothing(share: float) -> None:
    with pytest.raises(Invalid, match="share of the runs"):
        canary("b", share)(START)

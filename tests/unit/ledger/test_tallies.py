"""Tallies of one process and of several: the same to whoever counts in them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from agent.errors import RateLimited, TooManyAttempts
from agent.ledger.tallies import OwnTallies, SharedTallies, Tallies
from agent.ledger.throttle import Throttle
from agent.web.pace import Pace


@pytest.fixture
def shared() -> Iterator[SharedTallies]:
    made = SharedTallies(places=64)
    yield made
    made.close()


@pytest.fixture(params=["own", "shared"])
def tallies(request: pytest.FixtureRequest, shared: SharedTallies) -> Tallies:
    return OwnTallies() if request.param == "own" else shared


def in_another_process(work: Callable[[], None]) -> None:
    """Fork, work, and end; raises where the work did."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def test_what_is_kept_is_found_until_it_is_dropped(tallies: Tallies) -> None:
    tallies.keep("a", (1.0, 2.0, 3.0))
    tallies.keep("b", (4.0, 5.0, 6.0))
    tallies.keep("a", (7.0, 8.0, 9.0))
    assert (tallies.find("a"), tallies.find("b"), tallies.find("c")) == ((7.0, 8.0, 9.0), (4.0, 5.0, 6.0), None)
    tallies.drop("a")
    assert tallies.find("a") is None and tallies.find("b") is not None


def test_of_more_names_than_there_is_room_for_the_last_ones_are_remembered(shared: SharedTallies) -> None:
    for number in range(1000):
        shared.keep(f"name-{number}", (0.0, 0.0, float(number)))
    found = [number for number in range(1000) if shared.find(f"name-{number}") is not None]
    assert 32 <= len(found) <= 72 and 999 in found and min(found) > 500


def test_another_process_sees_it_and_its_death_leaves_nothing_locked(shared: SharedTallies) -> None:
    def dies_within() -> None:
        shared.alone().__enter__()
        shared.keep("a", (1.0, 2.0, 3.0))
        os._exit(0)

    in_another_process(dies_within)
    with shared.alone():
        assert shared.find("a") == (1.0, 2.0, 3.0)


def test_whoever_counts_at_the_same_time_loses_no_count() -> None:
    shared = SharedTallies(places=64, patience_s=60)

    def count() -> None:
        for _ in range(500):
            with shared.alone():
                before = shared.find("a") or (0.0, 0.0, 0.0)
                shared.keep("a", (before[0] + 1, 0.0, 0.0))

    pid = os.fork()
    if pid == 0:
        count()
        os._exit(0)
    count()
    assert os.waitpid(pid, 0)[1] == 0
    assert shared.find("a") == (1000.0, 0.0, 0.0)
    shared.close()


def test_nobody_waits_for_long_for_a_process_that_was_stopped_while_it_counted() -> None:
    shared, (told, tells) = SharedTallies(places=64, patience_s=0.0), os.pipe()
    pid = os.fork()
    if pid == 0:
        shared.alone().__enter__()
        os.write(tells, b"!")
        signal.pause()
    assert os.read(told, 1) == b"!"
    with shared.alone():
        shared.keep("a", (1.0, 2.0, 3.0))
    os.kill(pid, signal.SIGKILL)
    assert os.waitpid(pid, 0)[1] == signal.SIGKILL
    assert shared.find("a") == (1.0, 2.0, 3.0)
    shared.close()
    os.close(told)
    os.close(tells)


def test_wrong_passwords_at_two_workers_are_counted_together(shared: SharedTallies) -> None:
    def guess() -> None:
        for _ in range(2):
            Throttle(free=3, clock=lambda: 0.0, tallies=shared).attempt("name:ann")

    in_another_process(guess)
    here = Throttle(free=3, clock=lambda: 0.0, tallies=shared)
    here.attempt("name:ann")
    with pytest.raises(TooManyAttempts):
        here.attempt("name:ann")


def test_a_key_has_one_pace_at_two_workers_and_another_at_another_door(shared: SharedTallies) -> None:
    def send() -> None:
        for _ in range(4):
            Pace(6, lambda: 100.0, shared, "proxy").take("key_1")

    in_another_process(send)
    here = Pace(6, lambda: 100.0, shared, "proxy")
    assert here.take("key_1")["x-ratelimit-remaining-requests"] == "1"
    here.take("key_1")
    with pytest.raises(RateLimited):
        here.take("key_1")
    assert Pace(6, lambda: 100.0, shared, "api").take("key_1")["x-ratelimit-remaining-requests"] == "5"

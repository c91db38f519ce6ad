from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal

import pytest
from routing import ASK, World, target

from agent.dialects.messages import Image, Message, Text, Tool
from agent.errors import (
    BadOutput,
    ContentFiltered,
    ContextTooLong,
    CredentialRefused,
    Forbidden,
    Overloaded,
    QuotaUsedUp,
    RateLimited,
    Rejected,
    Retired,
    TimedOut,
    Unreachable,
    Unsupported,
)
from agent.providers.router import Pool, Route, Try, Wait


def test_a_dead_primary_costs_two_calls_and_then_nothing_until_it_is_probed_once() -> None:
    world, a, b = World(), target("a"), target("b")
    dead = {"a/m": Overloaded("down")}
    asked = [world.goes_to(a, b, failing=dead) for _ in range(12)]
    assert asked == [["a/m", "b/m"], ["a/m", "b/m"]] + [["b/m"]] * 10
    world.now += 5
    assert [world.goes_to(a, b, failing=dead) for _ in range(3)] == [["a/m", "b/m"], ["b/m"], ["b/m"]]
    world.now += 5  # a probe that failed opened it for longer
    assert world.goes_to(a, b, failing=dead) == ["b/m"]
    world.now += 5
    assert world.goes_to(a, b) == ["a/m"]
    assert world.goes_to(a, b) == ["a/m"]


def test_a_hanging_primary_costs_one_call() -> None:
    world, a, b = World(), target("a"), target("b")
    asked = [world.goes_to(a, b, failing={"a/m": TimedOut("slow")}) for _ in range(5)]
    assert asked == [["a/m", "b/m"]] + [["b/m"]] * 4


def test_a_half_open_target_is_probed_by_one_call_at_a_time() -> None:
    world, a, b = World(), target("a"), target("b")
    world.goes_to(a, b, failing={"a/m": TimedOut("slow")})
    world.now += 6
    first, second = world.route(a, b), world.route(a, b)
    probe = first.next()
    assert isinstance(probe, Try) and probe.target is a
    first.begun(probe)
    other = second.next()
    assert isinstance(other, Try) and other.target is b


@pytest.mark.parametrize(("said", "benched_s"), [(120.0, 120.0), (2.0, 2.0), (None, 5.0)])
def test_retry_after_is_obeyed_exactly(said: float | None, benched_s: float) -> None:
    world, a, b = World(), target("a"), target("b")
    assert world.goes_to(a, b, failing={"a/m": RateLimited("slow down", retry_after_s=said)}) == ["a/m", "b/m"]
    world.now += benched_s - 0.01
    assert world.goes_to(a, b) == ["b/m"]
    world.now += 0.01
    assert world.goes_to(a, b) == ["a/m"]


def test_an_overload_that_says_when_to_come_back_is_obeyed_too() -> None:
    world, a, b = World(), target("a"), target("b")
    busy = Overloaded("busy")
    busy.retry_after_s = 40.0
    assert world.goes_to(a, b, failing={"a/m": busy}) == ["a/m", "b/m"]
    world.now += 39.9
    assert world.goes_to(a, b) == ["b/m"] and world.goes_to(a) == []
    world.now += 0.1
    assert world.goes_to(a, b) == ["a/m"]


def test_one_that_always_says_at_once_costs_two_calls_and_then_nothing() -> None:
    world, a, b = World(), target("a"), target("b")
    asked = [world.goes_to(a, b, failing={"a/m": RateLimited("again", retry_after_s=0)}) for _ in range(6)]
    assert asked == [["a/m", "b/m"]] * 2 + [["b/m"]] * 4


def test_nobody_waits_while_another_target_stands_and_the_last_one_is_waited_for() -> None:
    world, a = World(), target("a")
    assert world.goes_to(a, failing={"a/m": RateLimited("slow down", retry_after_s=2)}) == ["a/m"]
    step = world.route(a).next()
    assert step == Wait(2.0)


@pytest.mark.parametrize("error", [QuotaUsedUp("empty"), CredentialRefused("wrong key")])
def test_an_error_of_the_credential_benches_all_its_models_and_tells_the_operator(error: QuotaUsedUp | CredentialRefused) -> None:
    world, big, small, other = World(), target("a/big"), target("a/small"), target("b")
    assert world.goes_to(big, other, failing={"a/big": error}) == ["a/big", "b/m"]
    assert world.goes_to(small, other) == ["b/m"]
    assert [(alert.place.kind, alert.reason) for alert in world.alerts] == [("credential", error.code)]
    world.now += 800
    assert world.goes_to(small, other) == ["b/m"]


def test_a_retired_model_is_benched_alone_and_its_replacement_used() -> None:
    world = World()
    old, other = target("a/old", replacement=target("a/new")), target("b")
    assert world.goes_to(old, other, failing={"a/old": Retired("gone")}) == ["a/old", "a/new"]
    assert world.goes_to(target("a/third"), other) == ["a/third"]
    assert [alert.reason for alert in world.alerts] == ["model_retired"]


def test_a_retired_model_is_not_asked_again_and_its_replacement_takes_its_place() -> None:
    world = World()
    old, other = target("a/old", replacement=target("a/new")), target("b")
    world.goes_to(old, other, failing={"a/old": Retired("gone")})
    assert world.goes_to(old, other) == ["a/new"]


def test_forbidden_is_a_matter_of_one_model() -> None:
    world = World()
    assert world.goes_to(target("a/x"), target("a/y"), failing={"a/x": Forbidden("not here")}) == ["a/x", "a/y"]


def test_no_connection_to_a_provider_rests_all_its_models() -> None:
    world, other = World(), target("b")
    for model in ("a/x", "a/y"):
        world.goes_to(target(model), other, failing={model: Unreachable("refused")})
    assert world.goes_to(target("a/z"), other) == ["b/m"]


def test_a_bad_certificate_rests_the_provider_and_tells_the_operator() -> None:
    world, other = World(), target("b")
    world.goes_to(target("a/x"), other, failing={"a/x": Unreachable("certificate", lasting=True)})
    world.now += 600
    assert world.goes_to(target("a/y"), other) == ["b/m"]
    assert len(world.alerts) == 1


def test_too_long_a_request_goes_only_to_larger_windows() -> None:
    world = World()
    targets = [target("a", window=8_000), target("b", window=8_000), target("c", window=4_000), target("d", window=32_000)]
    assert world.goes_to(*targets, failing={"a/m": ContextTooLong("too long")}) == ["a/m", "d/m"]
    assert world.health.state(targets[0].places) == "well"


def test_a_limit_once_met_is_remembered_for_requests_as_long() -> None:
    world, long = World(), ASK.but(messages=[Message("user", "word " * 2_000)])
    a, b = target("a"), target("b")
    assert world.goes_to(a, b, request=long, failing={"a/m": ContextTooLong("too long")}) == ["a/m", "b/m"]
    assert world.goes_to(a, b, request=long) == ["b/m"]
    assert world.goes_to(a, b) == ["a/m"]


def test_a_request_that_cannot_fit_is_not_sent() -> None:
    long = ASK.but(messages=[Message("user", "word " * 10_000)])
    assert World().goes_to(target("a", window=4_000), target("b", window=128_000), request=long) == ["b/m"]


def test_the_callers_own_mistake_goes_back_at_once_and_says_nothing_of_the_target() -> None:
    world, a, b = World(), target("a"), target("b")
    for _ in range(5):
        with pytest.raises(Rejected):
            world.goes_to(a, b, failing={"a/m": Rejected("wrong")})
    assert world.goes_to(a, b) == ["a/m"]


def test_what_a_filter_stops_follows_the_policy_of_the_route() -> None:
    world, a, b = World(), target("a"), target("b")
    filtered = {"a/m": ContentFiltered("filtered")}
    with pytest.raises(ContentFiltered):
        world.goes_to(a, b, failing=filtered)
    assert world.goes_to(a, b, failing=filtered, on_content_filter="failover") == ["a/m", "b/m"]


def test_a_schema_that_a_server_chokes_on_is_asked_for_in_words_once_and_then_always() -> None:
    world, a, b = World(), target("a"), target("b")
    wanted = ASK.but(schema={"type": "object"})
    choked = Overloaded("broken")
    choked.upstream_status = 500
    route = world.route(a, b, request=wanted)
    first = route.next()
    assert isinstance(first, Try) and first.request.schema is not None
    route.begun(first)
    route.failed(first, choked)
    second = route.next()
    assert isinstance(second, Try) and second.target is a and second.request.schema is None
    assert '{"type":"object"}' in second.request.messages[-1].text
    route.begun(second)
    route.succeeded(second, took_s=0.1)
    later = world.route(a, b, request=wanted).next()
    assert isinstance(later, Try) and later.target is a and later.request.schema is None
    assert world.health.state(a.places) == "well"


def test_a_server_that_is_simply_down_costs_two_calls_with_a_schema_too() -> None:
    world, a, b = World(), target("a"), target("b")
    down = Overloaded("broken")
    down.upstream_status = 500
    asked = [world.goes_to(a, b, request=ASK.but(schema={"type": "object"}), failing={"a/m": down}) for _ in range(3)]
    assert sum(name == "a/m" for one in asked for name in one) <= 4
    assert asked[-1] == ["b/m"] or asked[-1][-1] == "b/m"


def test_a_parameter_that_a_model_does_not_know_is_left_out_for_it() -> None:
    world, a = World(), target("a")
    route = world.route(a, request=ASK.but(temperature=0.5))
    first = route.next()
    assert isinstance(first, Try)
    route.begun(first)
    route.failed(first, Unsupported("no", parameter="temperature"))
    second = route.next()
    assert isinstance(second, Try) and second.request.temperature is None


def test_pictures_and_tools_go_only_to_models_that_can_and_so_does_the_hop() -> None:
    world = World()
    blind, seeing, dumb = target("a", lacks=frozenset({"images"})), target("b"), target("c", lacks=frozenset({"images"}))
    picture = ASK.but(messages=[Message("user", [Text("What is it?"), Image(url="https://shop.example/mug.png")])])
    assert world.goes_to(blind, seeing, dumb, request=picture) == ["b/m"]
    assert world.goes_to(blind, seeing, dumb, request=picture, failing={"b/m": Overloaded("down")}) == ["b/m"]
    tools = ASK.but(tools=[Tool(name="look_up")])
    assert world.goes_to(target("d", lacks=frozenset({"tools"})), target("e"), request=tools) == ["e/m"]


def test_data_that_must_stay_somewhere_goes_nowhere_else() -> None:
    world = World()
    here, there = target("a", residency="eu"), target("b", residency="us")
    assert world.goes_to(there, here, residency="eu") == ["a/m"]
    assert world.goes_to(there, here, residency="eu", failing={"a/m": Overloaded("down")}) == ["a/m"]


def test_parameters_of_one_dialect_go_only_to_targets_that_speak_it() -> None:
    request = ASK.but(extra={"seed": 1}, extra_dialect="openai")
    assert World().goes_to(target("a", dialect="gemini"), target("b", dialect="openai"), request=request) == ["b/m"]


def test_weights_spray_requests_in_proportion() -> None:
    world, draw = World(), random.Random(3)
    pool = Pool(targets=[target("a", weight=3.0), target("b", weight=1.0)], strategy="weighted")
    firsts: Counter[str] = Counter()
    for _ in range(4_000):
        step = Route(pool, ASK, world.health, world.learned, draw).next()
        assert isinstance(step, Try)
        firsts[step.target.name] += 1
    assert 0.72 < firsts["a/m"] / 4_000 < 0.78


def test_the_cheapest_is_the_cheapest_for_this_request() -> None:
    dear, cheap, unknown = target("a", worst_cost=lambda r: Decimal(2)), target("b", worst_cost=lambda r: Decimal(1)), target("c")
    assert World().goes_to(unknown, dear, cheap, strategy="cheapest") == ["b/m"]


def test_the_fastest_is_measured() -> None:
    world, slow, quick = World(), target("a"), target("b")
    world.health.succeeded(slow.places, took_s=2.0)
    world.health.succeeded(quick.places, took_s=0.5)
    assert world.goes_to(slow, quick, strategy="fastest") == ["b/m"]


def test_a_lone_dead_target_is_tried_now_and_then_and_otherwise_answered_for_at_once() -> None:
    world, a = World(), target("a")
    dead = {"a/m": Overloaded("down")}
    asked = [world.goes_to(a, failing=dead) for _ in range(12)]
    assert sum(map(len, asked)) <= 3
    world.now += 1.0
    assert world.goes_to(a) == ["a/m"]
    assert world.goes_to(a) == ["a/m"]


def test_when_all_are_open_the_one_that_recovers_first_is_tried() -> None:
    world, a, b = World(), target("a"), target("b")
    world.goes_to(a, failing={"a/m": TimedOut("slow")})
    world.now += 3
    world.goes_to(b, failing={"b/m": TimedOut("slow")})
    world.now += 1.5
    assert world.goes_to(b, a) == ["a/m"]


def test_a_share_of_failures_puts_a_target_behind_the_steady_ones() -> None:
    world, a, b = World(), target("a"), target("b")
    for turn in range(30):
        world.now += 0.1
        world.goes_to(a, b, failing={"a/m": BadOutput("rubbish")} if turn % 3 == 0 else {})
    assert world.goes_to(a, b) == ["b/m"]
    assert world.goes_to(a, b, failing={"b/m": Overloaded("down")}) == ["b/m", "a/m"]


def test_what_is_benched_is_benched_after_a_restart_too() -> None:
    before, a, b = World(), target("a"), target("b")
    before.goes_to(a, b, failing={"a/m": RateLimited("slow down", retry_after_s=120)})
    after = World()
    after.now = 5.0  # another process's clock starts elsewhere
    after.health.wall = lambda: 1_700_000_000 + 1_000.0 + after.now - 5.0
    after.health.restore(before.health.benches())
    assert after.goes_to(a, b) == ["b/m"]
    after.now += 119
    assert after.goes_to(a, b) == ["b/m"]
    after.now += 1.5
    assert after.goes_to(a, b) == ["a/m"]

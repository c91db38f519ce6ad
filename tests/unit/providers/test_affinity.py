from __future__ import annotations

from collections import Counter

import pytest
from routing import World, target

from agent.dialects.known import dialect
from agent.dialects.messages import Message, Request, Tool
from agent.errors import Overloaded
from agent.providers.affinity import KEPT_S, conversation_key, drawn
from agent.providers.router import Try


def turn(opening: str, *more: str, **facts: object) -> Request:
    """A conversation that has come so far."""
    said = [Message("system", "You sell mugs."), Message("user", opening)]
    for place, words in enumerate(more):
        said.append(Message("user" if place % 2 else "assistant", words))
    return Request(messages=said, max_output=10, **facts)  # type: ignore[arg-type]


def key(request: Request, *, alias: str = "frontier", shop: str = "shop") -> str:
    return conversation_key(request, alias=alias, shop=shop)


def test_every_turn_of_a_conversation_has_the_same_key_and_another_has_another() -> None:
    first, third = turn("Hello"), turn("Hello", "Hi", "A mug", "Which?")
    assert key(first) == key(third)
    others = [turn("Hallo"), turn("Hello", tools=[Tool(name="look_up")])]
    assert len({key(first), *(key(other) for other in others), key(first, alias="fast"), key(first, shop="other")}) == 5


def test_a_callers_session_id_is_the_key_whatever_is_said() -> None:
    assert key(turn("Hello", session="s1")) == key(turn("Something else", session="s1")) != key(turn("Hello", session="s2"))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("openai", b'{"model":"m","messages":[{"role":"user","content":"Hi"}],"prompt_cache_key":"s1"}'),
        ("openai_responses", b'{"model":"m","input":"Hi","prompt_cache_key":"s1"}'),
    ],
)
def test_openais_prompt_cache_key_is_a_session_id(name: str, body: bytes) -> None:
    assert dialect(name).read_call(body).request.session == "s1"


def test_a_conversation_that_moved_stays_where_it_is_while_its_cache_lasts() -> None:
    world, a, b = World(), target("a"), target("b")
    assert world.goes_to(a, b, request=turn("Hello"), failing={"a/m": Overloaded("down")}) == ["a/m", "b/m"]
    assert world.goes_to(a, b, request=turn("Hello", "Hi", "A mug")) == ["b/m"]
    assert world.goes_to(a, b, request=turn("Good day", "Hi", "A mug")) == ["a/m"]
    world.now += KEPT_S + 1
    assert world.goes_to(a, b, request=turn("Hello", "Hi", "A mug")) == ["a/m"]


def test_health_comes_before_affinity() -> None:
    world, a, b = World(), target("a"), target("b")
    assert world.goes_to(a, b, request=turn("Hello")) == ["a/m"]
    for _ in range(2):
        world.health.failed(a.places, Overloaded("down"))
    assert world.goes_to(a, b, request=turn("Hello", "Hi", "A mug")) == ["b/m"]


def test_a_target_that_may_not_serve_the_next_turn_loses_the_conversation() -> None:
    world, a, b = World(), target("a", lacks=frozenset({"tools"})), target("b")
    assert world.goes_to(a, b, request=turn("Hello", session="s1")) == ["a/m"]
    assert world.goes_to(a, b, request=turn("Hello", "Hi", "A mug", session="s1", tools=[Tool(name="look_up")])) == ["b/m"]


def test_the_usage_row_says_why_it_went_there() -> None:
    world, a, b = World(), target("a"), target("b")
    world.goes_to(a, b, request=turn("Hello"), failing={"a/m": Overloaded("down")})
    step = world.route(a, b, request=turn("Hello", "Hi", "A mug")).next()
    assert isinstance(step, Try) and step.why == "it has the conversation in its cache"


def test_single_questions_are_sprayed_however_alike_they_begin() -> None:
    world, targets = World(), [target("a"), target("b")]
    firsts = Counter(world.goes_to(*targets, request=turn("Hello"), strategy="weighted")[0] for _ in range(200))
    assert min(firsts["a/m"], firsts["b/m"]) > 60


def test_a_worker_that_does_not_know_a_conversation_draws_the_same_as_every_other() -> None:
    asked = [World().goes_to(target("a"), target("b"), request=turn("Hello", "Hi", "A mug"), strategy="weighted") for _ in range(5)]
    assert len({tuple(names) for names in asked}) == 1


def test_conversations_are_drawn_in_proportion_and_only_those_of_a_target_that_goes_move() -> None:
    a, b, c = target("a", weight=3.0), target("b"), target("c")
    before = {f"conversation {n}": drawn(f"conversation {n}", [a, b, c])[0].name for n in range(4_000)}
    assert 0.57 < Counter(before.values())["a/m"] / 4_000 < 0.63
    after = {conversation: drawn(conversation, [a, b])[0].name for conversation in before}
    assert all(after[conversation] == name for conversation, name in before.items() if name != "c/m")

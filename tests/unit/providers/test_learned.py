from __future__ import annotations

from agent.dialects.messages import Message, Request
from agent.errors import Overloaded, Unsupported
from agent.providers.learned import AGAIN_S, ONCE_S, Learned, Lesson

WANTED = Request(messages=[Message("user", "Say it.")], schema={"type": "object"}, temperature=0.5)


class Memory:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.told: list[Lesson] = []
        self.learned = self.another()

    def another(self) -> Learned:
        return Learned(lambda: self.now, self.told.append)


def choked() -> Overloaded:
    error = Overloaded("broken")
    error.upstream_status = 500
    return error


def test_what_was_seen_once_is_forgotten_soon_and_what_was_seen_again_is_kept() -> None:
    memory = Memory()
    memory.learned.lacking("a/m", "json_schema")
    memory.now += ONCE_S - 1
    assert memory.learned.lacks("a/m") == {"json_schema"}
    memory.now += 1
    assert memory.learned.lacks("a/m") == frozenset()
    memory.learned.lacking("a/m", "json_schema")
    memory.now += AGAIN_S - 1
    assert memory.learned.lacks("a/m") == {"json_schema"}
    memory.now += 1
    assert memory.learned.lacks("a/m") == frozenset()


def test_another_worker_takes_over_what_one_has_learned() -> None:
    memory = Memory()
    memory.learned.lacking("a/m", "json_schema")
    memory.learned.too_long("b/m", 9_000)
    other = memory.another()
    other.restore(memory.told)
    assert (other.lacks("a/m"), other.limit("b/m"), other.lacks("b/m")) == ({"json_schema"}, 9_000, frozenset())
    memory.now += ONCE_S
    assert (other.lacks("a/m"), other.limit("b/m")) == (frozenset(), None)
    other.lacking("a/m", "json_schema")
    assert memory.told[-1].times == 2, "it was not known that this was seen before"


def test_of_two_memories_the_longer_stays() -> None:
    memory = Memory()
    for _ in range(2):
        memory.learned.lacking("a/m", "temperature")
    memory.learned.restore([Lesson(target="a/m", what="temperature", until=memory.now + 1)])
    memory.now += 10
    assert memory.learned.lacks("a/m") == {"temperature"}


def test_the_shortest_of_the_requests_that_were_too_long_counts() -> None:
    memory = Memory()
    for tokens in (9_000, 7_000, 8_000):
        memory.learned.too_long("a/m", tokens)
    assert memory.learned.limit("a/m") == 7_000


def test_a_target_that_has_answered_with_a_schema_is_not_suspected_for_a_500() -> None:
    learned = Memory().learned
    assert learned.suspect("a/m", WANTED, choked()) == "json_schema"
    learned.proved("a/m", WANTED, without=None)
    assert learned.suspect("a/m", WANTED, choked()) is None
    assert learned.suspect("a/m", WANTED, Unsupported("no", parameter="temperature")) == "temperature"
    assert learned.suspect("a/m", WANTED, Unsupported("no", parameter="logprobs")) is None


def test_a_target_that_calls_a_greeting_too_long_is_not_believed() -> None:
    memory = Memory()
    memory.learned.too_long("a/m", 12)
    assert memory.learned.limit("a/m") is None and memory.told == []


def test_how_long_is_too_long_is_forgotten_soon_however_often_it_was_seen() -> None:
    memory = Memory()
    for _ in range(3):
        memory.learned.too_long("a/m", 9_000)
    memory.now += ONCE_S
    assert memory.learned.limit("a/m") is None

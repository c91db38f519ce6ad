"""Texts told while they are written: in pieces, only to somebody, and never half of one model's and half of another's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from agent.dispatch.growing import Texts, Watched
from agent.records import TextDelta
from agent.testing.virtual_time import run_virtually

FACTS = {"title": "Blue mug"}


class Follower:
    """Puts the texts together as the contract says, and keeps every piece."""

    def __init__(self, watched: Watched = "here") -> None:
        self.watched: Watched = watched
        self.pieces: list[TextDelta] = []
        self.texts: dict[int, str] = {}

    def take(self, delta: TextDelta) -> None:
        self.pieces.append(delta)
        self.texts[delta.text] = delta.delta if delta.anew else self.texts[delta.text] + delta.delta

    def follow(self) -> Texts:
        return Texts(emit=self.take, watched=lambda: self.watched)


async def told(texts: Texts, words: Sequence[str], *, every_s: float, avoid: Sequence[str] = ()) -> None:
    growing = texts.begun({**FACTS, "avoid": avoid})
    for word in words:
        growing.add(word)
        await asyncio.sleep(every_s)
    growing.end()


def test_a_thousand_tokens_are_about_a_hundred_pieces_and_the_first_comes_at_once() -> None:
    words = [f"{n:03} " for n in range(1000)]
    for every_s, most in ((0.005, 60), (0.01, 120), (0.05, 170)):
        follower = Follower()
        run_virtually(told(follower.follow(), words, every_s=every_s))
        assert follower.texts == {1: "".join(words)}
        assert follower.pieces[0] == TextDelta(text=1, delta="000 ", anew=True) and not any(piece.anew for piece in follower.pieces[1:])
        assert len(follower.pieces) <= most


def test_words_are_not_kept_back_for_long_where_no_more_come() -> None:
    async def waited(follower: Follower) -> dict[int, str]:
        growing = follower.follow().begun(FACTS)
        growing.add("A blue")
        growing.add(" mug")
        await asyncio.sleep(0.5)
        return dict(follower.texts)

    assert run_virtually(waited(Follower())) == {1: "A blue mug"}


def test_whoever_may_follow_elsewhere_costs_two_pieces_a_second() -> None:
    follower = Follower("elsewhere")
    run_virtually(told(follower.follow(), ["word "] * 1000, every_s=0.01))
    assert follower.texts == {1: "word " * 1000} and len(follower.pieces) <= 22


def test_nobody_is_told_and_one_who_comes_late_is_told_all() -> None:
    async def late(follower: Follower) -> tuple[int, dict[int, str]]:
        growing = follower.follow().begun(FACTS)
        for word in ("A ", "blue ", "mug "):
            growing.add(word)
            await asyncio.sleep(1)
        before = len(follower.pieces)
        follower.watched = "here"
        growing.add("of clay.")
        return before, dict(follower.texts)

    assert run_virtually(late(Follower("nobody"))) == (0, {1: "A blue mug of clay."})

    alone = Follower("nobody")
    run_virtually(told(alone.follow(), ["word "] * 100, every_s=0.1))
    assert alone.pieces == []


def test_a_second_attempt_at_the_same_facts_is_the_same_text_anew() -> None:
    async def twice(follower: Follower) -> None:
        texts = follower.follow()
        await told(texts, ["A mug", " of gold."], every_s=1)
        await told(texts, ["A mug", " of clay."], every_s=1, avoid=["gold"])

    follower = Follower()
    run_virtually(twice(follower))
    assert follower.texts == {1: "A mug of clay."} and [piece.anew for piece in follower.pieces] == [True, False, True, False]


def test_texts_of_the_same_facts_written_at_the_same_time_are_two() -> None:
    async def both(follower: Follower) -> None:
        texts = follower.follow()
        await asyncio.gather(told(texts, ["one ", "two"], every_s=1), told(texts, ["three ", "four"], every_s=1))

    follower = Follower()
    run_virtually(both(follower))
    assert follower.texts == {1: "one two", 2: "three four"}


def test_several_texts_at_once_share_the_pace_of_one() -> None:
    async def many(follower: Follower, count: int) -> float:
        texts = follower.follow()
        await asyncio.gather(*(told(texts, ["words that go on "] * 500, every_s=0.02) for _ in range(count)))
        return len(follower.pieces) / asyncio.get_running_loop().time()

    assert run_virtually(many(Follower(), 20)) < 15


def test_once_the_part_is_there_nothing_more_is_told() -> None:
    async def late(follower: Follower) -> int:
        texts = follower.follow()
        growing = texts.begun(FACTS)
        for word in ("A blue mug", " of", " clay"):
            growing.add(word)
        texts.close()
        before = len(follower.pieces)
        growing.add(" and more of it than anybody would ever like to read")
        growing.end()
        texts.replaced(FACTS, "Another.")
        await asyncio.sleep(5)
        return len(follower.pieces) - before

    assert run_virtually(late(Follower())) == 0


def test_a_text_that_nobody_was_told_of_is_not_replaced() -> None:
    async def replaced(follower: Follower, words: list[str]) -> dict[int, str]:
        texts = follower.follow()
        growing = texts.begun(FACTS)
        for word in words:
            growing.add(word)
        growing.drop()
        texts.replaced(FACTS, "By the template.")
        return follower.texts

    assert run_virtually(replaced(Follower(), [])) == {}
    assert run_virtually(replaced(Follower(), ["Half a"])) == {1: "By the template."}


STEPS = st.lists(
    st.one_of(st.text(max_size=30), st.just(None), st.floats(0, 2), st.sampled_from(["here", "elsewhere", "nobody"]).map(lambda w: (w,))), max_size=40
)


@given(STEPS)
def test_whoever_follows_to_the_end_has_the_text_of_the_last_beginning_whatever_happens_between(
    steps: list[str | None | float | tuple[Watched]],
) -> None:
    async def play(follower: Follower) -> str:
        growing, said = follower.follow().begun(FACTS), ""
        for step in steps:
            if step is None:
                growing.begin()
                said = ""
            elif isinstance(step, str):
                growing.add(step)
                said += step
            elif isinstance(step, tuple):
                (follower.watched,) = step
            else:
                await asyncio.sleep(step)
        follower.watched = "here"
        growing.end()
        return said.replace("\0", "").lstrip()

    follower = Follower()
    said = run_virtually(play(follower))
    if said:
        assert follower.texts == {1: said}

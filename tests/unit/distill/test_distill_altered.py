"""Texts that a teacher labels besides those that people wrote."""

from __future__ import annotations

from agent.distill.altered import altered

TEXTS = [
    f"please tell me how much number {word} costs today" for word in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
]


def test_altered_texts_are_new_distinct_and_made_of_words_that_are_there() -> None:
    found = altered(TEXTS, 8, seed=7)
    assert len(found) > 5 * len(TEXTS)
    assert not set(found) & set(TEXTS) and set(found.values()) == set(range(10))
    assert {word for text in found for word in text.split()} <= {word for text in TEXTS for word in text.split()}


def test_the_same_seed_alters_in_the_same_way_and_another_does_not() -> None:
    assert list(altered(TEXTS, 3, seed=7)) == list(altered(TEXTS, 3, seed=7)) != list(altered(TEXTS, 3, seed=8))


def test_a_text_of_one_word_is_left_alone() -> None:
    assert altered(["refund", "help"], 5, seed=7) == {}

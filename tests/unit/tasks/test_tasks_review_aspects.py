"""What reviews speak of: sentence by sentence by the student, by words where there is none."""

import asyncio
from typing import Any

from agent.registry import discover
from agent.sdk import Answer, Label
from agent.testing.playground import playground


class Mood:
    labels = ("negative", "positive")

    def label(self, texts: list[str]) -> list[Label]:
        return [Label(label="positive", confidence=0.9, by="student") for _ in texts]

    def candidates(self, texts: list[str]) -> list[list[Label]]:
        return [[label] for label in self.label(texts)]


class Speaks(Mood):
    """Finds the parcel and the ease of use in every sentence with a comma, and nothing in others."""

    labels = ("ease", "packaging", "nothing")

    def __init__(self) -> None:
        self.read: list[str] = []

    def candidates(self, texts: list[str]) -> list[list[Label]]:
        self.read += texts
        both = [Label(label="packaging", confidence=0.9, by="student"), Label(label="ease", confidence=0.8, by="student")]
        return [both if "," in text else [] for text in texts]


def asked(speaks: Speaks | None, **args: Any) -> Answer[Any]:
    heads: dict[str, Any] = {"review_sentiment": Mood()} | ({"review_aspects": speaks} if speaks else {})
    with playground(heads=heads) as ground:
        answer: Answer[Any] = asyncio.run(ground.run(discover(plugins=False).task("review_insights"), args))
        return answer


def test_the_student_reads_sentences_and_a_review_counts_once_for_each_thing_it_speaks_of() -> None:
    speaks = Speaks()
    answer = asked(speaks)
    assert len(speaks.read) > answer.data.count
    assert set(answer.data.aspects) <= {"packaging", "ease of use", "gift"}
    assert 0 < answer.data.aspects["packaging"] == answer.data.aspects["ease of use"] <= answer.data.count
    assert "by a student" in answer.evidence.definition


def test_without_the_student_words_stand_in_and_the_answer_says_so() -> None:
    answer = asked(None)
    assert "topics by the words a review uses" in answer.evidence.definition
    assert answer.data.aspects


def test_each_thing_is_shown_with_its_first_and_last_review() -> None:
    table = asked(Speaks()).data.table
    assert table.columns[-2:] == ["Since", "Last"]
    assert all(row[-2] <= row[-1] for row in table.rows)

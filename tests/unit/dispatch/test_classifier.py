"""Who does a piece of work: hard eligibility first, a learned score after it."""

from __future__ import annotations

from agent.dispatch.classifier import Classifier
from agent.gateway import Gateway, Target
from agent.providers.scripted import ScriptedProvider
from agent.sdk import Label


class Mood:
    """A head that is always the same in its mind."""

    labels = ("good", "bad")

    def label(self, texts: list[str]) -> list[Label]:
        return [Label(label="good", confidence=0.9, by="student") for _ in texts]


PROVIDER = Gateway({"frontier": [Target(ScriptedProvider(), "m")]})


def test_a_sure_student_answers() -> None:
    assert Classifier({"mood": Mood()}, {"mood": 0.8}, PROVIDER).for_label("mood", 0.9).by == "student"


def test_an_unsure_student_asks_the_frontier() -> None:
    decision = Classifier({"mood": Mood()}, {"mood": 0.8}, PROVIDER).for_label("mood", 0.7)
    assert (decision.by, decision.why) == ("frontier", "the student is unsure (0.70 below 0.80)")


def test_without_a_provider_an_unsure_student_answers_and_says_so() -> None:
    decision = Classifier({"mood": Mood()}, {"mood": 0.8}).for_label("mood", 0.7)
    assert (decision.by, decision.confidence) == ("student", 0.7)
    assert "no provider" in decision.why


def test_without_a_student_the_frontier_is_asked() -> None:
    assert Classifier(gateway=PROVIDER).for_label("mood").by == "frontier"


def test_writing_without_a_provider_is_a_template_and_says_so() -> None:
    assert Classifier().for_writing().by == "template"
    assert Classifier(gateway=PROVIDER).for_writing().by == "frontier"

"""A head whose labels do not exclude one another: several hold, or none."""

import numpy as np
import pytest

from agent.students import Students
from agent.students.heads_many import NOTHING, ManyHead, chances


def head(students: Students) -> ManyHead:
    found = students.heads["review_aspects"]
    assert isinstance(found, ManyHead)
    return found


def test_a_sentence_speaks_of_several_things_or_of_none(students: Students) -> None:
    both, none = head(students).candidates(["Fast delivery and great value for money.", "Bought it for my sister."])
    assert {label.label for label in both} == {"shipping", "price"}
    assert [label.confidence for label in both] == sorted((label.confidence for label in both), reverse=True)
    assert none == []


def test_one_label_is_the_likeliest_or_nothing(students: Students) -> None:
    shipped, none = head(students).label(["It arrived two weeks late.", "Bought it for my sister."])
    assert (shipped.label, none.label) == ("shipping", NOTHING)
    assert 0.5 < none.confidence <= 1
    assert NOTHING in head(students).labels


def test_a_head_of_exclusive_labels_gives_all_of_them_in_order(students: Students) -> None:
    (found,) = students.heads["review_sentiment"].candidates(["Terrible, do not buy."])
    assert found[0].label == "negative"
    assert sum(label.confidence for label in found) == pytest.approx(1, abs=1e-4)


def test_no_text_is_no_answer(students: Students) -> None:
    assert head(students).candidates([]) == []
    assert head(students).label([]) == []


def test_chances_are_each_for_itself() -> None:
    shares = chances(np.array([[0.0, 100.0, -100.0]], dtype=np.float32), 2.0)
    assert shares[0].tolist() == pytest.approx([0.5, 1.0, 0.0], abs=1e-6)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.students import Encoder, decode
from agent.students.calibration import softmax
from agent.students.decode import BEGIN, CONNECTOR, CONTINUE, Stretch


def _logits(tags: list[int], classes: int) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[tags] * 5


def _clauses(tags: np.ndarray, labels: np.ndarray) -> list[Stretch]:
    return decode.clauses(tags, labels, np.arange(len(tags)), temperature=1.0)


def test_connectors_part_clauses() -> None:
    tags = _logits([BEGIN, CONTINUE, CONNECTOR, CONNECTOR, BEGIN, BEGIN, CONTINUE], 3)
    assert _clauses(tags, _logits([0, 0, 0, 0, 1, 2, 2], 3)) == [Stretch(0, 1), Stretch(4, 4), Stretch(5, 6)]


def test_nothing_but_connectors_has_no_clause() -> None:
    assert _clauses(_logits([CONNECTOR, CONNECTOR], 3), _logits([0, 0], 2)) == []
    assert _clauses(_logits([], 3), _logits([], 2)) == []


def test_a_cut_that_tags_leave_open_is_made_where_both_halves_mean_something() -> None:
    tags = _logits([BEGIN, CONTINUE, BEGIN, CONTINUE], 3)
    tags[2] = [2.5, 2.5, 0]
    assert _clauses(tags, _logits([0, 0, 1, 1], 4)) == [Stretch(0, 1), Stretch(2, 3)]
    vague = _logits([0, 0, 0, 0], 4)
    vague[2:] = 0.0  # the second half by itself could be anything
    assert _clauses(tags, vague) == [Stretch(0, 3)]


def test_slots_of_one_kind_side_by_side_stay_two() -> None:
    assert decode.slots([1, 2, 1, 2, 0, 3]) == [Stretch(0, 1, 0), Stretch(2, 3, 0), Stretch(5, 5, 1)]


def test_an_inside_without_its_beginning_is_mended() -> None:
    logits = _logits([0, 2, 2], 5)
    logits[1, 1] = 4.5
    assert decode.slot_tags(logits).tolist() == [0, 1, 2]


@given(st.lists(st.lists(st.floats(-5, 5), min_size=7, max_size=7), min_size=1, max_size=12))
def test_slot_tags_are_always_in_bio_order(rows: list[list[float]]) -> None:
    tags = decode.slot_tags(np.array(rows, dtype=np.float32)).tolist()
    for before, tag in zip([0, *tags], tags, strict=False):
        assert tag == 0 or tag % 2 == 1 or before in (tag, tag - 1)


@given(st.lists(st.lists(st.floats(-1.5, 1.5), min_size=5, max_size=5), min_size=1, max_size=6))
def test_clauses_are_the_likeliest_of_all_ways_to_cut(rows: list[list[float]]) -> None:
    tags, labels = np.array(rows)[:, :3], np.array(rows)[:, 3:]
    found = _clauses(tags, labels)
    assert _score(found, tags, labels) == pytest.approx(max(_score(way, tags, labels) for way in _ways(0, len(tags))))


def _ways(start: int, end: int) -> list[list[Stretch]]:
    """Every way to leave words out or put them in stretches."""
    if start == end:
        return [[]]
    first = [[Stretch(start, last), *rest] for last in range(start, end) for rest in _ways(last + 1, end)]
    return first + _ways(start + 1, end)


def _score(way: list[Stretch], tags: np.ndarray, labels: np.ndarray) -> float:
    said = np.log(softmax(tags))
    inside = {i for s in way for i in range(s.first, s.last + 1)}
    score = sum(said[i, CONNECTOR] for i in range(len(tags)) if i not in inside)
    for s in way:
        score += said[s.first, BEGIN] + said[s.first + 1 : s.last + 1, CONTINUE].sum()
        score += decode.LABEL_WEIGHT * np.log(softmax(labels[s.first : s.last + 1].mean(axis=0)).max())
    return float(score)


def test_words_are_split_at_signs_but_not_inside(encoder: Encoder) -> None:
    text = "unbelievable käsespätzle €12.50, #1042"
    tokens = encoder.tokens(text)
    starts = [int(tokens.spans[i, 0]) for i in decode.word_starts(tokens)]
    assert [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)] == [
        "unbelievable", "käsespätzle", "€", "12", ".", "50", ",", "#", "1042",
    ]  # fmt: skip

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.students import Encoder, decode
from agent.students.decode import BEGIN, CONNECTOR, CONTINUE, Stretch


def _logits(tags: list[int], classes: int) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[tags] * 5


def test_connectors_part_clauses() -> None:
    tags = [BEGIN, CONTINUE, CONNECTOR, CONNECTOR, BEGIN, BEGIN, CONTINUE]
    assert decode.clauses(tags) == [Stretch(0, 1), Stretch(4, 4), Stretch(5, 6)]


def test_nothing_but_connectors_has_no_clause() -> None:
    assert decode.clauses([CONNECTOR, CONNECTOR]) == []


def test_a_continuation_after_a_connector_becomes_what_is_likelier() -> None:
    logits = _logits([BEGIN, CONNECTOR, CONTINUE, CONTINUE], 3)
    logits[1, CONTINUE] = 4.9  # hardly a connector
    assert decode.clause_tags(logits).tolist() == [BEGIN, CONTINUE, CONTINUE, CONTINUE]


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


@given(st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=3), min_size=1, max_size=12))
def test_clauses_never_overlap_and_never_begin_with_a_continuation(rows: list[list[float]]) -> None:
    tags = decode.clause_tags(np.array(rows, dtype=np.float32)).tolist()
    assert tags[0] != CONTINUE
    found = decode.clauses(tags)
    assert all(a.last < b.first for a, b in zip(found, found[1:], strict=False))
    assert sum(s.last - s.first + 1 for s in found) == sum(tag != CONNECTOR for tag in tags)


def test_words_are_split_at_signs_but_not_inside(encoder: Encoder) -> None:
    text = "unbelievable käsespätzle €12.50, #1042"
    tokens = encoder.tokens(text)
    starts = [int(tokens.spans[i, 0]) for i in decode.word_starts(tokens)]
    assert [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)] == [
        "unbelievable", "käsespätzle", "€", "12", ".", "50", ",", "#", "1042",
    ]  # fmt: skip

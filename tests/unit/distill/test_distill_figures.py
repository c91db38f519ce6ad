from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.distill.confusion import confusion, picture
from agent.distill.figures import Answers, Classes, OutOfScope, alone, auroc, classes_of, difference, mistakes, recalls, scores
from agent.distill.records import Metric
from agent.distill.spec import Bar
from agent.distill.static import packed_table, quantised, table_of
from agent.distill.thresholds import certified, upper_bound
from agent.distill.verdict import Evidence, judged

LABELS = ["a", "b", "c"]
TRUTH = np.array([0, 0, 0, 0, 1, 1, 1, 2])


def answers(*said: int, **more: object) -> Answers:
    return Answers(said=np.array(said), confidence=np.linspace(0.9, 0.5, len(said), dtype=np.float32), **more)  # type: ignore[arg-type]


def test_classes_that_gold_hardly_has_are_told_of_as_one() -> None:
    classes = classes_of(TRUTH, LABELS, 4)
    assert (dict(classes.names), classes.pooled, dict(classes.counts)) == ({"a": (0,), "rare": (1, 2)}, ("b", "c"), {"a": 4, "rare": 4})
    found = recalls(answers(0, 0, 1, 1, 1, 1, 2, 2), TRUTH, classes)
    assert (found["a"].value, found["rare"].value, found["rare"].n) == (0.5, 0.75, 4)


def test_a_class_without_any_gold_is_rare_too() -> None:
    assert classes_of(np.array([0] * 9), ["a", "b"], 5).pooled == ("b",)


def test_no_answer_is_a_wrong_answer() -> None:
    assert scores(answers(0, 0, 0, 0, 1, 1, -1, -1), TRUTH, classes_of(TRUTH, LABELS, 1)).accuracy.value == 0.75


def test_the_surest_mistake_comes_first() -> None:
    found = mistakes(answers(0, 1, 0, 0, 0, 1, 1, 2), TRUTH, [f"text {i}" for i in range(8)], LABELS)
    assert [(one.text, one.truth, one.said) for one in found] == [("text 1", "a", "b"), ("text 4", "b", "a")]


def test_the_bootstrap_of_a_difference_is_paired() -> None:
    ours = np.array([True] * 90 + [False] * 10)
    assert (difference(ours, ours).low, difference(ours, ours).high) == (0.0, 0.0)
    worse = ours.copy()
    worse[:6] = False
    found = difference(ours, worse)
    assert found.value == pytest.approx(0.06) and 0.01 <= found.low <= 0.03 and 0.09 <= found.high <= 0.12


def test_its_interval_is_the_one_that_drawing_items_gives() -> None:
    chance = np.random.default_rng(1)
    ours, theirs = chance.random(400) < 0.9, chance.random(400) < 0.8
    gaps = ours.astype(int) - theirs.astype(int)
    drawn = gaps[chance.integers(0, 400, (4_000, 400))].mean(axis=1)
    found = difference(ours, theirs)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.006)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=15), st.lists(st.integers(0, 5), min_size=1, max_size=15))
def test_the_area_is_the_share_of_pairs_in_order(inside: list[int], outside: list[int]) -> None:
    pairs = [1.0 if i > o else 0.5 if i == o else 0.0 for i in inside for o in outside]
    assert auroc(np.array(inside, np.float32), np.array(outside, np.float32)) == pytest.approx(sum(pairs) / len(pairs))


def test_answering_alone_counts_what_is_kept_and_what_of_it_is_right() -> None:
    found = alone(answers(0, 0, 0, 0, 0, 0, 1, 2), TRUTH, 0.7)
    assert found is not None and (found.share.value, found.right.n) == (0.5, 4) and found.right.value == 1.0
    assert alone(answers(0, 0, 0, 0, 0, 0, 1, 2), TRUTH, None) is None


# thresholds


def test_the_bound_of_an_error_share_is_clopper_and_pearsons() -> None:
    assert upper_bound(0, 100, delta=0.05) == pytest.approx(1 - 0.05 ** (1 / 100), abs=1e-9)
    n, k, share = 50, 3, upper_bound(3, 50, delta=0.1)
    assert sum(math.comb(n, i) * share**i * (1 - share) ** (n - i) for i in range(k + 1)) == pytest.approx(0.1, abs=1e-6)
    assert upper_bound(5, 5, delta=0.1) == 1.0


def test_a_confidence_is_certified_down_to_where_mistakes_begin() -> None:
    confidence = np.repeat(np.array([0.95, 0.85, 0.75], np.float32), 400)
    correct = np.ones(1_200, dtype=np.bool_)
    correct[800:1_000] = False
    assert certified(confidence, correct, most=0.02) == 0.76
    assert certified(confidence, ~correct, most=0.02) is None


def test_too_few_texts_certify_nothing() -> None:
    assert certified(np.full(60, 0.99, np.float32), np.ones(60, dtype=np.bool_), most=0.02) is None


@given(st.integers(0, 40), st.integers(41, 200))
def test_more_mistakes_never_lower_the_bound(wrong: int, n: int) -> None:
    assert wrong / n <= upper_bound(wrong, n, delta=0.1) <= upper_bound(wrong + 1, n, delta=0.1)


# the gate


def evidence(right: int = 380, n: int = 400, **more: object) -> Evidence:
    """400 items of two classes, of which 380 are right, a teacher with 384 and a baseline with 300."""
    truth = np.array([0, 1] * (n // 2))

    def one(hits: int) -> Answers:
        return Answers(said=np.where(np.arange(n) < hits, truth, 1 - truth), confidence=np.full(n, hits / n, np.float32), p95_ms=2.0, bytes=1_000)

    classes = classes_of(truth, ["a", "b"], 20)
    teacher, baseline, student = one(int(n * 0.96)), one(int(n * 0.75)), one(right)
    whole = Evidence(
        student=scores(student, truth, classes), baseline=scores(baseline, truth, classes), teacher=scores(teacher, truth, classes),
        to_baseline=difference(student.right(truth), baseline.right(truth)), to_teacher=difference(student.right(truth), teacher.right(truth)),
        is_baseline=False, classes=classes, commonest=0.5, parity=(1.0, 400), out_of_scope=None, near_gold=[],
    )  # fmt: skip
    return replace(whole, **more)  # type: ignore[arg-type]


def strangers(area: float, accepted: float) -> OutOfScope:
    return OutOfScope(n=100, auroc=area, accepted=Metric(value=accepted, n=100), kept=Metric(value=0.95, n=400))


def test_a_student_as_good_as_its_teacher_passes() -> None:
    assert judged(evidence(), Bar()).state == "passed"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (evidence(right=360), "against its teacher it is -6.0 points"),
        (evidence(right=210), "the head is dead"),
        (evidence(right=302), "does not beat the baseline of hashed n-grams for certain"),
        (evidence(near_gold=["one text", "another"]), "2 training texts nearly say what a gold text says"),
        (evidence(is_baseline=True), "it is the baseline itself"),
        (evidence(parity=(0.99, 400)), "agrees with the trained head on 99.0% of 400 texts, 99.5% are wanted"),
        (evidence(out_of_scope=strangers(0.85, 0.1)), "out-of-scope AUROC is 0.850, at least 0.9 is wanted"),
        (evidence(out_of_scope=strangers(0.95, 0.4)), "of texts out of scope pass its threshold, at most 15% may"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_reason_against_a_student_is_told(found: Evidence, said: str) -> None:
    verdict = judged(found, Bar())
    assert verdict.state == "refused" and any(said in reason for reason in verdict.reasons), verdict


@pytest.mark.parametrize(
    ("bar", "said"),
    [
        (Bar(accuracy=0.95), "its interval has to lie above 95.0%"),
        (Bar(p95_ms=1.0), "p95 is 2.0 ms, at most 1.0 is wanted"),
        (Bar(bytes=900), "its files hold 1,000 bytes, at most 900 are wanted"),
        (Bar(recall=1.0), "recall of `"),
    ],
)
def test_each_bar_of_the_spec_is_held(bar: Bar, said: str) -> None:
    verdict = judged(evidence(), bar)
    assert verdict.state == "refused" and any(said in reason for reason in verdict.reasons), verdict


def test_a_badly_calibrated_student_is_refused() -> None:
    found = evidence()
    verdict = judged(replace(found, student=replace(found.student, calibration_error=0.08)), Bar())
    assert verdict.reasons == ("calibration error is 0.080, at most 0.05 is wanted",)


def test_too_little_evidence_is_a_verdict_of_its_own_and_never_a_pass() -> None:
    few = judged(evidence(right=190, n=200), Bar(lost=0.5))
    assert few.state == "insufficient evidence" and few.reasons == ("gold holds 200 items, 300 are wanted",)
    rare = Classes(names={"a": (0,), "rare": (1,)}, pooled=("b",), counts={"a": 395, "rare": 5})
    assert "5 items of the rare classes together (b), 20 are wanted" in str(judged(evidence(classes=rare), Bar()))


def test_a_known_fault_is_told_though_there_is_too_little_evidence() -> None:
    verdict = judged(evidence(right=100, n=200), Bar())
    assert verdict.state == "refused" and any("items, 300 are wanted" in reason for reason in verdict.reasons)


# the picture and the table


def test_the_picture_counts_and_escapes() -> None:
    counts = confusion(TRUTH, np.array([0, 0, 1, 0, 1, 1, -1, 0]), LABELS)
    assert counts.tolist() == [[3, 1, 0], [0, 2, 0], [1, 0, 0]]
    drawn = picture(counts, ["<a>", "b", "c"], "who & whom")
    assert "&lt;a&gt; → b: 1 of 4" in drawn and "who &amp; whom" in drawn and "<a>" not in drawn


def test_of_many_classes_the_picture_shows_the_most_confused() -> None:
    counts = np.eye(60, dtype=np.int64) * 10
    counts[58, 59] = 7
    drawn = picture(counts, [f"class {i}" for i in range(60)], "many")
    assert "class 58 → class 59: 7 of 17" in drawn and "the 24 most confused of 60 classes" in drawn


def test_a_table_of_static_vectors_keeps_directions_and_is_the_same_each_time() -> None:
    states = np.random.default_rng(3).normal(size=(500, 384)).astype(np.float32)
    table, scale = table_of(states, 64)
    assert table.shape == (500, 64) and table.dtype == np.int8
    assert packed_table(table, scale) == packed_table(*table_of(states, 64))


def test_a_byte_a_number_is_near_enough() -> None:
    rows = np.random.default_rng(4).normal(size=(50, 32)).astype(np.float32)
    table, scale = quantised(rows)
    assert np.abs(table * scale[:, np.newaxis] - rows).max() <= scale.max() / 2 + 1e-6

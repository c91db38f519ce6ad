"""Heads whose labels do not exclude one another: what they are fitted on, measured by and refused for."""

from pathlib import Path

import numpy as np
import pytest
from distill_data import MODELS

from agent.distill import aspects, distill
from agent.distill.aspects import Remark, figures_of, fitted, make_aspects, read_remarks
from agent.distill.cache import Cache
from agent.distill.recording import recorded_recipe
from agent.distill.steps import PLANS
from agent.errors import SettingsError
from agent.students.makings import Makings

pytest.importorskip("sklearn", reason="needs the extra [distill]")

WORDS = ("late", "soft", "cheap")


def rows(texts):  # type: ignore[no-untyped-def]
    return np.array([[float(word in text) for word in WORDS] for text in texts], dtype=np.float32)


def remarks() -> list[Remark]:
    some = [frozenset(), frozenset({"late"}), frozenset({"soft"}), frozenset({"cheap"}), frozenset({"late", "soft"}), frozenset({"soft", "cheap"})]
    return [Remark(f"{' '.join(sorted(labels))} {n}", labels) for n, labels in enumerate(some * 20)]


def test_each_label_is_learned_for_itself() -> None:
    fit = fitted(remarks(), WORDS, rows, seed=7)
    shares = fit.shares(rows(["late and soft", "cheap", "plain"])) >= fit.holds
    assert shares.tolist() == [[True, True, False], [False, False, True], [False, False, False]]


def test_figures_count_labels_and_whole_sentences() -> None:
    gold = [Remark("a", frozenset({"late"})), Remark("b", frozenset({"late", "soft"})), Remark("c", frozenset())]
    shares = np.array([[0.9, 0.1, 0.1], [0.9, 0.2, 0.1], [0.1, 0.1, 0.8]], dtype=np.float32)
    found = figures_of(shares, 0.5, gold, WORDS)
    assert (found["precision"].value, found["recall"].value) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert found["whole"].value == pytest.approx(1 / 3)
    assert (found["f1_late"].value, found["f1_soft"].value) == (1.0, 0.0)


def test_what_is_trained_on_is_not_measured_on(tmp_path: Path) -> None:
    for name in ("data/train.tsv", "gold/gold.tsv"):
        path = tmp_path / aspects.HEAD / name
        path.parent.mkdir(parents=True)
        path.write_text("aspects\ttext\nlate\tIt came late.\n")
    with pytest.raises(SettingsError, match="1 gold sentences are trained on"):
        make_aspects(tmp_path, tmp_path / "out", 7, lambda _: None)
    assert not (tmp_path / "out").exists()


def test_a_head_that_knows_nothing_does_not_pass() -> None:
    gold = [Remark(f"{n}", frozenset({"late"})) for n in range(300)]
    blind = figures_of(np.zeros((300, 3), dtype=np.float32), 0.5, gold, WORDS)
    score = aspects._judged({"gold": blind, "baseline": blind}, len(gold))
    assert not score.passed
    assert any("no better than letters and words" in why for why in score.failures)


def test_a_line_without_a_sentence_is_said_with_its_number(tmp_path: Path) -> None:
    (tmp_path / "some.tsv").write_text("aspects\ttext\nlate\tIt came late.\nlate\n")
    with pytest.raises(SettingsError, match=r"some.tsv:3"):
        read_remarks(tmp_path / "some.tsv")


@pytest.mark.distill
def test_a_recipes_steps_are_told_as_they_were_foreseen_and_taken_from_the_cache_the_second_time(tmp_path: Path) -> None:
    lines = "".join(f"{','.join(sorted(one.labels))}\t{one.text}\n" for one in remarks())
    for name, text in (("data/train.tsv", lines), ("gold/gold.tsv", "late\tIt came late.\nsoft\tSo soft.\n")):
        path = tmp_path / "models" / aspects.HEAD / name
        path.parent.mkdir(parents=True)
        path.write_text(f"aspects\ttext\n{text}")
    (tmp_path / "models" / "encoder").symlink_to(MODELS / "encoder")
    scores = []
    for _ in range(2):
        with recorded_recipe(tmp_path / "makings", aspects.HEAD, tmp_path / "models") as recording:
            once = Cache(tmp_path / "cache", recording.watch).once()
            scores.append(distill(aspects.HEAD, models=tmp_path / "models", out=tmp_path / "out", progress=recording.says, once=once))
            recording.measured(scores[-1], tmp_path / "out")
    first, second = sorted(Makings(tmp_path / "makings").all(), key=lambda making: making.begun)
    taken = [name for name, _ in PLANS[aspects.HEAD]]
    assert [(step.name, step.state) for step in first.steps] == [*((name, "done") for name in taken), ("gate", "refused"), ("model", "waiting")]
    assert [step.state for step in second.steps[: len(taken)]] == ["cached"] * len(taken)
    assert scores[0] == scores[1] and second.step("embed").output == first.step("embed").output

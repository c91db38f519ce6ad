"""Texts with marked spans, how a tagger is measured on them, and that its gate shuts."""

from pathlib import Path

import pytest

from agent.distill.marked import Marked, marked, read_marked
from agent.distill.personal import LETTERS, filled
from agent.distill.spans import measured, scored, tags_of
from agent.errors import SettingsError
from agent.resources import bundled
from agent.sdk.model import Tagged
from agent.students.encoder import Encoder
from agent.students.manifest import read_manifest
from agent.students.spans import SpanTagger

PERSONAL = bundled() / "models" / "personal_data"


def test_marks_become_spans_of_the_text_without_them() -> None:
    one = marked("Hi {n:Anna Weiss}, {o:#12}!", LETTERS)
    assert one == Marked("Hi Anna Weiss, #12!", (("name", 3, 13), ("order", 15, 18)))
    assert tags_of(one, [0, 3, 8, 13, 15]) == ["O", "B-name", "I-name", "O", "O"]


@pytest.mark.parametrize("line", ["{x:what}", "a { b", "{n:}"])
def test_a_line_that_is_not_marked_as_it_should_be_says_where(line: str, tmp_path: Path) -> None:
    (tmp_path / "gold.txt").write_text(f"fine\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="gold.txt:2"):
        read_marked(tmp_path / "gold.txt", LETTERS)


def test_templates_are_filled_the_same_way_with_the_same_seed() -> None:
    assert filled(PERSONAL / "data", 7) == filled(PERSONAL / "data", 7) != filled(PERSONAL / "data", 8)


def test_no_gold_text_is_among_the_training_texts() -> None:
    assert not {one.text for one in filled(PERSONAL / "data", 7)} & {one.text for one in read_marked(PERSONAL / "gold" / "gold.txt", LETTERS)}


def test_found_counts_any_overlap_and_exact_only_the_same_span() -> None:
    gold = [marked("{n:Anna Weiss} here", LETTERS), marked("nothing here", LETTERS)]
    said = measured(lambda text: [Tagged(kind="name", start=0, end=4, confidence=1.0)], gold)
    assert (said["found"].value, said["exact"].value, said["clean_touched"].value, said["right_of_tagged"].value) == (1.0, 0.0, 1.0, 0.5)


def test_the_gate_shuts_on_too_little_gold_and_the_shipped_figures_are_what_gold_gives() -> None:
    tagger = SpanTagger(read_manifest(PERSONAL), Encoder(read_manifest(PERSONAL.parent / "encoder")))
    gold = read_marked(PERSONAL / "gold" / "gold.txt", LETTERS)
    assert scored(tagger, gold[:50]).failures[0].startswith("gold holds 50 texts")
    whole = scored(tagger, gold)
    assert whole.passed
    for name, metric in whole.metrics["gold"].items():
        assert metric.value == pytest.approx(tagger.manifest.metrics["gold"][name]["value"], abs=0.02)

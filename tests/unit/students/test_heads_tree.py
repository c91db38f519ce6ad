"""Heads whose labels lie on a tree, and the tagger of attributes: what pools, what is sure, what the lists say."""

from pathlib import Path

import numpy as np
import pytest

from agent.distill.folder import write_folder
from agent.distill.linear import packed
from agent.errors import ManifestError
from agent.resources import bundled
from agent.students.encoder import Encoder
from agent.students.goods_spans import by_rules, lists_of, spans_of
from agent.students.heads_many import head_of
from agent.students.heads_tree import UNSURE, TreeHead, below, deepest, nodes_of
from agent.students.manifest import read_manifest

LABELS = ("Home > Mugs", "Home > Vases", "Wear > Hats")
LISTS = lists_of("[color]\nOrange: orange\nGray: grey, slate grey\n[flavor]\nOrange: orange\n[material]\nCeramic: ceramic\n")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(read_manifest(bundled() / "models" / "encoder"))


def tree(folder: Path, encoder: Encoder, *, bias: tuple[float, ...], alone: float) -> TreeHead:
    weights = packed({"label": (np.zeros((384, 3), dtype=np.float32), np.array(bias, dtype=np.float32), 1.0)})
    write_folder(
        folder, name="goods", files={"head.npz": weights}, encoder=encoder.manifest.identity, labels={"label": LABELS}, features="frozen",
        more={"answers": {"kind": "tree"}, "thresholds": {"alone": alone}},
    )  # fmt: skip
    head = head_of(read_manifest(folder), encoder)
    assert isinstance(head, TreeHead)
    return head


def test_a_node_is_as_likely_as_all_below_it(tmp_path: Path, encoder: Encoder) -> None:
    listed = tree(tmp_path, encoder, bias=(1.0, 1.0, 0.0), alone=0.6).candidates(["anything"])[0]
    assert [(one.label, round(one.confidence, 2), one.sure) for one in listed] == [
        ("Home", 0.84, True), ("Home > Mugs", 0.42, False), ("Home > Vases", 0.42, False), ("Wear", 0.16, False), ("Wear > Hats", 0.16, False),
    ]  # fmt: skip


def test_the_deepest_sure_node_is_said_and_none_where_none_is(tmp_path: Path, encoder: Encoder) -> None:
    assert tree(tmp_path / "a", encoder, bias=(1.0, 1.0, 0.0), alone=0.6).label(["x"])[0].label == "Home"
    assert tree(tmp_path / "b", encoder, bias=(5.0, 1.0, 0.0), alone=0.6).label(["x"])[0].label == "Home > Mugs"
    assert tree(tmp_path / "c", encoder, bias=(0.0, 0.0, 0.0), alone=0.9).label(["x"])[0].label == UNSURE


def test_a_threshold_at_which_two_branches_could_be_sure_is_refused(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(ManifestError, match="would be sure"):
        tree(tmp_path, encoder, bias=(0.0, 0.0, 0.0), alone=0.4)


def test_pooling_adds_up_along_paths() -> None:
    nodes = nodes_of(LABELS)
    assert nodes == ("Home", "Home > Mugs", "Home > Vases", "Wear", "Wear > Hats")
    assert below(LABELS, nodes).sum(axis=0).tolist() == [2, 1, 1, 1, 1]
    assert deepest(np.array([0.9, 0.8, 0.1, 0.1, 0.1]), np.array([1, 2, 2, 1, 2]), 0.7) == 1
    assert deepest(np.array([0.4, 0.3, 0.1, 0.1, 0.1]), np.array([1, 2, 2, 1, 2]), 0.7) is None


def test_lists_and_forms_mark_the_longest_and_give_its_value(encoder: Encoder) -> None:
    found = by_rules(encoder, "Slate grey ceramic jug, 300 ml, set of 2", LISTS)
    assert [(one.kind, one.value) for one in found] == [
        ("color", "Gray"), ("material", "Ceramic"), ("measure", "300 ml"), ("count", "set of 2"),
    ]  # fmt: skip


def test_a_value_is_found_by_a_part_of_the_words_and_stays_as_written_otherwise() -> None:
    assert (LISTS.value("color", "washed grey"), LISTS.value("color", "Puce"), LISTS.value("size", "XL")) == ("Gray", "Puce", "XL")


def test_a_damaged_list_is_refused() -> None:
    with pytest.raises(ManifestError):
        lists_of("[nonsense]\nBlue: blue\n")


def test_words_that_go_on_are_one_span_as_sure_as_the_least_sure() -> None:
    shares = np.full((3, 21), 0.001, dtype=np.float32)
    shares[0, 1], shares[1, 2], shares[2, 0] = 0.9, 0.8, 0.95
    found = spans_of("Navy blue jug", [0, 5, 10], [4, 9, 13], shares)
    assert [(one.kind, one.start, one.end) for one in found] == [("color", 0, 9)]
    assert found[0].confidence == pytest.approx(0.8, abs=0.01)

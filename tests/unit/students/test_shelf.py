"""Taking a model folder in: only what passed its gate, is whole, and fits; and what was there stays as it was."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from versions import MODELS, folder_of

from agent.errors import ManifestError, NotFound
from agent.students import Encoder, Head, Reader
from agent.students.shelf import BUNDLED, Shelf

LABELS = {"label": ["negative", "positive"]}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "students", MODELS)


def kept(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "students").rglob("*") if path.is_file()]


def test_each_shipped_head_has_its_bundled_version(shelf: Shelf, encoder: Encoder) -> None:
    assert shelf.heads()[0] == "reader" and {"message_triage", "personal_data", "review_sentiment"} <= {*shelf.heads()}
    [version] = shelf.versions("review_sentiment")
    assert (version.id, version.shown) == (BUNDLED, BUNDLED)
    assert isinstance(shelf.load(version, encoder), Head)


def test_a_finished_head_is_taken_in_beside_the_bundled_one(shelf: Shelf, encoder: Encoder, tmp_path: Path) -> None:
    version = shelf.add(folder_of(tmp_path / "new", turned=True), encoder)
    assert [each.id for each in shelf.versions("review_sentiment")] == [BUNDLED, version.id]
    assert shelf.find("review_sentiment", version.shown).folder == version.folder
    text = ["I love it, wonderful."]
    new, old = shelf.load(version, encoder), shelf.load(shelf.find("review_sentiment", BUNDLED), encoder)
    assert isinstance(new, Head) and isinstance(old, Head)
    assert (new.label(text)[0].label, old.label(text)[0].label) == ("negative", "positive")
    assert "Says whether a review" in version.card()


def test_a_finished_reader_is_taken_in(shelf: Shelf, encoder: Encoder, tmp_path: Path) -> None:
    version = shelf.add(folder_of(tmp_path / "new", "reader", turned=True), encoder)
    assert isinstance(shelf.load(version, encoder), Reader)


def test_taking_the_same_in_twice_is_one_version(shelf: Shelf, encoder: Encoder, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "new", turned=True)
    assert shelf.add(folder, encoder).id == shelf.add(folder, encoder).id
    assert len(shelf.versions("review_sentiment")) == 2


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a closed gate": ({"gate": False}, r"did not pass its gate \(accuracy 0.51 is no better"),
    "no gate": ({"gate": None}, r"did not pass its gate \(its manifest has no gate\)"),
    "another encoder": ({"inputs": {"encoder": "f" * 64}}, "made for another encoder"),
    "a label nobody knows": ({"labels": {"label": ["negative", "joyful"]}}, "lacks `positive` and also says `joyful`"),
    "one label too few": ({"labels": {"label": ["negative"]}}, "lacks `positive`"),
    "an undecided label nobody knows": ({"undecided": {"label": "dunno", "below": 0.5}}, "also says `dunno`"),
    "no proper name": ({"name": "../reader"}, "not a head's name"),
    "the encoder's name": ({"name": "encoder"}, "not a head's name"),
    "a file elsewhere": ({"files": {"../../head.npz": {"sha256": "0" * 64}}}, "not a plain file name"),
    "features nobody knows": ({"inputs": {"features": "dreams"}}, "made for another encoder"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_head_is_refused_with_a_sentence_and_nothing_is_left_of_it(why: str, shelf: Shelf, encoder: Encoder, tmp_path: Path) -> None:
    changed, sentence = REFUSED[why]
    with pytest.raises(ManifestError, match=sentence):
        shelf.add(folder_of(tmp_path / "new", **changed), encoder)
    assert kept(tmp_path) == []
    assert [each.id for each in shelf.versions("review_sentiment")] == [BUNDLED]


def test_a_reader_that_forgot_a_task_is_refused(shelf: Shelf, encoder: Encoder, tmp_path: Path) -> None:
    labels = {"clause": ["continue", "begin", "connector"], "label": ["change_price", "out_of_scope", "not_supported", "unclear"]}
    with pytest.raises(ManifestError, match=r"lacks .*`sales_report`"):
        shelf.add(folder_of(tmp_path / "new", "reader", labels=labels), encoder)


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"\0" + path.read_bytes()[1:]), lambda path: path.unlink()])
def test_a_damaged_or_missing_file_is_refused(spoil: Any, shelf: Shelf, encoder: Encoder, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "new", turned=True)
    spoil(folder / "head.npz")
    with pytest.raises(ManifestError, match=r"head\.npz is (damaged|missing)"):
        shelf.add(folder, encoder)
    assert kept(tmp_path) == []


def test_weights_of_a_wrong_shape_are_refused(shelf: Shelf, encoder: Encoder, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "new", inputs={"features": "hashed"})
    with pytest.raises(ManifestError, match="loads but cannot answer"):
        shelf.add(folder, encoder)
    assert kept(tmp_path) == []


@pytest.mark.parametrize(("array", "number"), [("label.weight", np.nan), ("label.bias", np.inf), ("label.temperature", np.inf)])
def test_weights_that_are_no_numbers_are_refused(array: str, number: float, shelf: Shelf, encoder: Encoder, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "new")
    with np.load(folder / "head.npz") as stored:
        found = dict(stored)
    found[array] = np.where(np.arange(found[array].size).reshape(found[array].shape) == 0, number, found[array])
    np.savez(folder / "head.npz", **found)
    content = (folder / "head.npz").read_bytes()
    files = {"head.npz": {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}}
    shutil.rmtree(folder)
    (folder_of(folder, files=files) / "head.npz").write_bytes(content)
    with pytest.raises(ManifestError, match=rf"head\.npz holds numbers that are none in {array}"):
        shelf.add(folder, encoder)
    assert kept(tmp_path) == []


def test_no_room_on_the_disk_is_a_sentence(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "students").write_text("a file where the folder would be")
    with pytest.raises(ManifestError, match="could not be copied .* nothing was changed"):
        Shelf(tmp_path / "students", MODELS).add(folder_of(tmp_path / "new"), encoder)


@pytest.mark.parametrize("edit", [("passed = true", "passed = true\nby = 'hand'"), ('["negative", "positive"]', '["positive", "negative"]')])
def test_a_version_edited_after_it_was_taken_in_is_not_loaded(edit: tuple[str, str], shelf: Shelf, encoder: Encoder, tmp_path: Path) -> None:
    version = shelf.add(folder_of(tmp_path / "new", turned=True), encoder)
    path = version.folder / "manifest.toml"
    path.write_text(path.read_text().replace('"passed"', "passed").replace(*edit))
    with pytest.raises(ManifestError, match="does not hold the version it is named for"):
        shelf.load(shelf.find("review_sentiment", version.id), encoder)


@pytest.mark.parametrize(("head", "name"), [("nobody", BUNDLED), ("review_sentiment", "abcd1234"), ("review_sentiment", ""), ("../reader", BUNDLED)])
def test_what_is_not_there_is_not_found(head: str, name: str, shelf: Shelf) -> None:
    with pytest.raises(NotFound):
        shelf.find(head, name)

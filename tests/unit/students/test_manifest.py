from pathlib import Path

import numpy as np
import pytest

from agent.distill.folder import write_folder
from agent.distill.linear import packed
from agent.errors import ManifestError
from agent.students import load_students, read_manifest


def _head(models: Path, *, encoder: str, labels: tuple[str, ...] = ("bad", "good"), width: int = 2) -> None:
    weights = np.zeros((384, width), dtype=np.float32), np.zeros(width, dtype=np.float32), 1.0
    write_folder(models / "mood", name="mood", files={"head.npz": packed({"label": weights})}, encoder=encoder, labels={"label": labels})


def test_a_folder_without_a_manifest_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"manifest\.toml is missing.*storehand distill"):
        load_students(tmp_path)


def test_a_garbled_manifest_is_an_error_of_its_own(models: Path) -> None:
    (models / "encoder" / "manifest.toml").write_text("name = 'encoder'\n[files\n")
    with pytest.raises(ManifestError, match="cannot be read"):
        load_students(models)


def test_a_manifest_without_files_is_refused(models: Path) -> None:
    (models / "encoder" / "manifest.toml").write_text("name = 'encoder'\n")
    with pytest.raises(ManifestError, match="lacks or garbles 'files'"):
        load_students(models)


def test_a_missing_file_is_named(models: Path) -> None:
    (models / "encoder" / "upper.onnx").unlink()
    with pytest.raises(ManifestError, match=r"upper\.onnx is missing"):
        load_students(models)


def test_a_damaged_file_is_not_loaded(models: Path) -> None:
    path = models / "encoder" / "tokenizer.json"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(ManifestError, match=r"tokenizer\.json is damaged"):
        load_students(models)


def test_swapped_files_are_noticed(models: Path) -> None:
    lower, upper = models / "encoder" / "lower.onnx", models / "encoder" / "upper.onnx"
    kept = lower.read_bytes()
    lower.write_bytes(upper.read_bytes())
    upper.write_bytes(kept)
    with pytest.raises(ManifestError, match=r"lower\.onnx is damaged or not the file"):
        load_students(models)


def test_a_listed_file_that_is_no_graph_is_a_manifest_error(models: Path) -> None:
    files = {name: (models / "encoder" / name).read_bytes() for name in ("upper.onnx", "tokenizer.json")}
    write_folder(models / "encoder", name="encoder", files={**files, "lower.onnx": b"not a graph"})
    with pytest.raises(ManifestError, match=r"lower\.onnx cannot be loaded"):
        load_students(models)


def test_a_head_made_for_another_encoder_is_refused(models: Path) -> None:
    _head(models, encoder="0" * 64)
    with pytest.raises(ManifestError, match="`mood` was made for another encoder"):
        load_students(models)


def test_a_head_whose_weights_do_not_fit_its_labels_is_refused(models: Path) -> None:
    _head(models, encoder=read_manifest(models / "encoder").identity, width=3)
    with pytest.raises(ManifestError, match="do not belong together"):
        load_students(models)


def test_a_head_file_that_holds_something_else_is_refused(models: Path) -> None:
    identity = read_manifest(models / "encoder").identity
    write_folder(models / "mood", name="mood", files={"head.npz": b"PK nothing"}, encoder=identity, labels={"label": ("a", "b")})
    with pytest.raises(ManifestError, match=r"head\.npz does not hold"):
        load_students(models)


def test_a_pickle_in_a_head_is_never_opened(models: Path) -> None:
    import io

    buffer = io.BytesIO()
    np.savez(buffer, **{"label.weight": np.array([{"a": 1}], dtype=object), "label.bias": np.zeros(2), "label.temperature": np.float32(1)})
    identity = read_manifest(models / "encoder").identity
    write_folder(models / "mood", name="mood", files={"head.npz": buffer.getvalue()}, encoder=identity, labels={"label": ("a", "b")})
    with pytest.raises(ManifestError, match=r"head\.npz does not hold"):
        load_students(models)


def test_a_new_folder_with_a_manifest_is_a_head(models: Path) -> None:
    _head(models, encoder=read_manifest(models / "encoder").identity)
    students = load_students(models)
    (label,) = students.heads["mood"].label(["whatever"])
    assert (label.label, label.confidence, label.by) == ("bad", pytest.approx(0.5), "student")
    assert students.heads["mood"].label([]) == []


def test_without_a_reader_only_reading_fails(models: Path) -> None:
    students = load_students(models)
    with pytest.raises(ManifestError, match="the reader is not trained.*storehand distill reader"):
        students.reader  # noqa: B018  # the property is the call

from pathlib import Path

import pytest

from agent.students import Encoder, Students, load_students

MODELS = Path(__file__).parents[3] / "models"


@pytest.fixture(scope="session")
def students() -> Students:
    return load_students(MODELS)


@pytest.fixture(scope="session")
def encoder(students: Students) -> Encoder:
    return students.encoder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder with the encoder alone, to be spoilt."""
    (tmp_path / "encoder").mkdir()
    for name in ("manifest.toml", "lower.onnx", "upper.onnx", "tokenizer.json"):
        (tmp_path / "encoder" / name).write_bytes((MODELS / "encoder" / name).read_bytes())
    return tmp_path

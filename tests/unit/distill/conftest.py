from pathlib import Path

import pytest
from distill_data import SPEC, gold, training, write


@pytest.fixture
def made_from(tmp_path: Path) -> Path:
    """A folder with `spec.toml`, `train.jsonl` and `gold.jsonl` of which a good student can be made."""
    write(tmp_path / "train.jsonl", training())
    write(tmp_path / "gold.jsonl", gold())
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def warm_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for tests that do not look at what is cached: a text is embedded once."""
    return tmp_path_factory.mktemp("distill-cache")

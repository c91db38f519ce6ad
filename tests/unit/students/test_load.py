"""An operator's model takes the place of the bundled one of its name; all others stay."""

import shutil
from pathlib import Path

from agent.resources import bundled
from agent.students import load_students, model_folders


def test_an_operators_head_wins_over_the_bundled_one(tmp_path: Path) -> None:
    shutil.copytree(bundled() / "models" / "review_sentiment", tmp_path / "review_sentiment")
    folders = model_folders(bundled() / "models", tmp_path)
    assert folders["review_sentiment"] == tmp_path / "review_sentiment"
    assert folders["reader"] == bundled() / "models" / "reader"
    assert "review_sentiment" in load_students(bundled() / "models", tmp_path).heads

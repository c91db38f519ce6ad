"""A task of somebody else's that breaks: the command says so in a line, and shows where only when asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BROKEN = '''
from agent.sdk import Answer, Args, BaseModel, Field, Product, Selection, Store, task


class CountSparkles(Args):
    products: Selection[Product] = Field(description="Which products.")


class Sparkles(BaseModel):
    number: int


@task(examples=["count the sparkles of the blue mug", "how many sparkles have all candles"])
async def count_sparkles(args: CountSparkles, store: Store) -> Answer[Sparkles]:
    """Count the sparkles of products."""
    raise TypeError("no sparkles")
'''


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A folder for PYTHONPATH with an installed distribution that has the task."""
    folder = tmp_path / "plugin"
    about = folder / "sparkles-0.1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: sparkles\nVersion: 0.1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[storehand.tasks]\nsparkles = sparkles\n", encoding="utf-8")
    (folder / "sparkles.py").write_text(BROKEN, encoding="utf-8")
    return folder


@pytest.mark.parametrize("debug", [False, True])
def test_a_task_that_breaks_is_told_in_a_line_and_its_traceback_only_when_asked_for(plugin: Path, data_folder: Path, debug: bool) -> None:
    arguments = [*(["--debug"] if debug else []), "--data", str(data_folder), "ask", "count the sparkles of the Blue Ceramic Mug"]
    ended = subprocess.run(
        [sys.executable, "-c", "from agent.cli import main; main()", *arguments],
        cwd=plugin, env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{plugin}"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    assert "`count_sparkles` broke (TypeError); nothing was changed" in " ".join(ended.stdout.split())
    assert ("Traceback" in ended.stderr) is debug
    if not debug:
        assert ended.stderr.startswith("storehand: task count_sparkles failed") and ended.stderr.count("\n") == 1

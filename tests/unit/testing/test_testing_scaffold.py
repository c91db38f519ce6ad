"""What `storehand tasks new` writes passes its tests at once."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.errors import Invalid, TaskDefinitionError
from agent.evals.cases import cases_of
from agent.testing.plans import installed_planner
from agent.testing.playground import task_in
from agent.testing.scaffold import Kind, scaffold

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(("name", "kind"), [("list_favourites", "read"), ("mark_favourites", "write")])
def test_what_the_scaffold_writes_passes_at_once(name: str, kind: Kind, tmp_path: Path) -> None:
    files = scaffold(name, tmp_path, kind=kind)

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert run.returncode == 0, run.stdout[-3000:]
    assert "7 passed" in run.stdout
    assert sorted(path.name for path in files) == ["__init__.py", "evals.jsonl", "handler.py", f"test_{name}.py"]


def test_what_the_scaffold_writes_is_understood_beside_all_other_tasks(tmp_path: Path) -> None:
    names: dict[str, Kind] = {
        "mark_favourites": "write",
        "list_bundles": "read",
        "print_labels": "read",
        "count_pallets": "read",
        "book_courier": "write",
    }
    for name, kind in names.items():
        scaffold(name, tmp_path, kind=kind)
    made = [task_in(tmp_path / name) for name in names]
    meant = {case.ask: ([task.name], [case.about] if case.about else []) for task in made for case in cases_of(task)}
    with installed_planner(made) as installed:
        plans = {ask: asyncio.run(installed.plan(ask)) for ask in meant}
    assert {ask: ([s.task for s in plan.subtasks], [q.field for q in plan.questions]) for ask, plan in plans.items()} == meant


@pytest.mark.parametrize(("kind", "effect"), [("read", "read"), ("write", "write")])
def test_the_scaffolded_handler_declares_the_effect_asked_for(kind: Kind, effect: str, tmp_path: Path) -> None:
    scaffold("do_something", tmp_path, kind=kind)
    task = task_in(tmp_path / "do_something")
    assert (task.name, task.effect, task.summary) == ("do_something", effect, "Do something.")


@pytest.mark.parametrize("kind", ["read", "write"])
def test_the_scaffolded_files_are_formatted_and_lint_clean(kind: Kind, tmp_path: Path) -> None:
    pytest.importorskip("ruff", reason="the linter is not installed here")
    scaffold("list_favourites", tmp_path, kind=kind)
    config = ["--config", str(ROOT / "pyproject.toml")]
    for command in (["format", "--check", *config], ["check", *config]):
        run = subprocess.run([sys.executable, "-m", "ruff", *command, str(tmp_path)], capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("name", ["Favourites", "favourites", "list favourites", "list-favourites", "../list_it", ""])
def test_a_name_that_is_no_tasks_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(TaskDefinitionError, match="verb_noun"):
        scaffold(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "list_favourites").mkdir()
    with pytest.raises(Invalid, match="is there already"):
        scaffold("list_favourites", tmp_path)
    assert list((tmp_path / "list_favourites").iterdir()) == []

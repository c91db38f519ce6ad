"""The pytest plugin: nothing unless asked for, then each line of evals.jsonl is a test."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from agent.testing.scaffold import scaffold

ROOT = Path(__file__).parents[3]


def pytest_run(folder: Path, *options: str, ini: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n", encoding="utf-8")
    # The plugin is named here, so that the test is the same with and without an installed entry point.
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "agent.testing.plugin", "-p", "no:cacheprovider", "-q", *options, str(folder)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)


def favourites(folder: Path) -> Path:
    """A scaffolded task without its test."""
    scaffold("list_favourites", folder)
    (folder / "list_favourites" / "test_list_favourites.py").unlink()
    return folder / "list_favourites" / "evals.jsonl"


def test_without_being_asked_it_collects_nothing(tmp_path: Path) -> None:
    favourites(tmp_path)
    run = pytest_run(tmp_path)
    assert run.returncode == 5, run.stdout  # pytest: no tests were collected
    assert "no tests ran" in run.stdout


def test_each_line_is_a_test_when_asked_for(tmp_path: Path) -> None:
    favourites(tmp_path)
    assert "3 passed" in pytest_run(tmp_path, "--storehand-evals").stdout
    assert "3 passed" in pytest_run(tmp_path, ini="storehand_evals = true").stdout


def test_a_case_that_does_not_fit_its_task_fails_with_a_sentence(tmp_path: Path) -> None:
    evals = favourites(tmp_path)
    with evals.open("a", encoding="utf-8") as file:
        file.write('{"ask": "list favourites in blue", "args": {"colour": "blue"}}\n')
        file.write('{"ask": "list favourites", "args": {"products": "the mugs"}}\n')
        file.write('{"ask": "the top favourites", "args": {"top": 0}}\n')

    run = pytest_run(tmp_path, "--storehand-evals")

    assert "3 failed, 3 passed" in run.stdout
    assert "`list_favourites` has no colour; it has products, top." in run.stdout
    assert "`products`: “the mugs” does not occur in the request." in run.stdout
    assert "`top`: Give 1 or more." in run.stdout
    assert "Traceback" not in run.stdout


def test_a_line_that_is_no_case_is_an_error_that_names_it(tmp_path: Path) -> None:
    favourites(tmp_path).write_text('{"ask": "list favourites"}\nnot json\n', encoding="utf-8")
    run = pytest_run(tmp_path, "--storehand-evals")
    assert run.returncode != 0
    assert "evals.jsonl:2: this is not JSON" in run.stdout


def test_cases_are_planned_with_the_installed_models_when_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "find_orders"
    folder.mkdir()
    shutil.copy(ROOT / "tasks" / "find_orders" / "handler.py", folder)
    cases = [
        '{"ask": "orders over 200 euros", "args": {"total": {"above": "200"}}}',
        '{"ask": "orders over 200 euros", "args": {"total": {"below": "9"}}}',
    ]
    (folder / "evals.jsonl").write_text("\n".join(cases), encoding="utf-8")

    run = pytest_run(tmp_path, "--storehand-plans")

    assert "1 failed, 1 passed" in run.stdout, run.stdout[-2000:]
    assert "“orders over 200 euros”: total is wrong" in run.stdout


def test_the_fixture_gives_a_test_a_playground_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import asyncio\n\n\ndef test_it(ground):\n    assert len(asyncio.run(ground.store.products()).items) == 10\n", encoding="utf-8"
    )
    assert "1 passed" in pytest_run(tmp_path).stdout


def test_loading_the_plugin_imports_nothing_of_storehand_but_itself() -> None:
    heavy = ("agent", "pydantic", "sqlalchemy", "hypothesis")
    script = f"import agent.testing.plugin, sys; print(sorted(m for m in sys.modules if m.split('.')[0] in {heavy}))"
    run = subprocess.run([sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60)
    assert run.stdout.strip() == "['agent', 'agent.testing', 'agent.testing.plugin']", run.stderr

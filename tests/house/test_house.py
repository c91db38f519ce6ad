"""Conventions that a tool can hold: who reads the environment, what the sdk exports, what importing does, what the README promises."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import agent.sdk
from agent.errors import StorehandError

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "agent").rglob("*.py"), *(ROOT / "tasks").rglob("*.py")])


def test_only_settings_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    assert readers <= {"agent/settings.py"}


def test_the_sdk_exports_what_it_says_and_nothing_by_accident() -> None:
    missing = [name for name in agent.sdk.__all__ if not hasattr(agent.sdk, name)]
    assert missing == []
    assert agent.sdk.__all__ == sorted(agent.sdk.__all__)


def test_every_error_has_a_code_of_its_own_family_and_a_status() -> None:
    def below(kind: type[StorehandError]) -> list[type[StorehandError]]:
        return [kind, *(grand for child in kind.__subclasses__() for grand in below(child))]

    for kind in below(StorehandError):
        assert kind.code and 400 <= kind.status <= 599, kind


@pytest.mark.parametrize("heavy", ["torch", "transformers", "sklearn"])
def test_running_needs_nothing_that_only_training_needs(heavy: str) -> None:
    program = f"import agent.bootstrap, agent.cli, sys; sys.exit('{heavy}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_the_readme_has_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert "pip install -e . && storehand demo" in readme
    assert "pip install -e '.[test]' && pytest" in readme


def test_the_wheel_takes_prompts_models_and_the_guide_along() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"prompts": "agent/_data/prompts", "models": "agent/_data/models", "docs/guide": "agent/_data/docs/guide"}


def test_models_stay_under_fifty_megabytes() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "models").rglob("*") if path.is_file()) < 50_000_000


def test_each_student_stays_within_its_own_budget() -> None:
    guide = (ROOT / "docs/guide/distill.md").read_text(encoding="utf-8")
    budgets = {name: int(most.replace(",", "")) for name, most in re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", guide, re.M)}
    manifests = {path.parent.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "models").glob("*/manifest.toml")}
    assert set(budgets) == set(manifests)
    weights = {name: sum(file["bytes"] for file in manifest["files"].values()) for name, manifest in manifests.items()}
    assert {name: weight for name, weight in weights.items() if weight > budgets[name]} == {}


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    told = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    texts = [ROOT / name for name in told if Path(name).suffix in {".py", ".md", ".toml", ".jinja", ".css", ".js", ".html"}]
    marks = ("/wo" + "rk/", "/ro" + "ot/")
    assert [p.relative_to(ROOT).as_posix() for p in texts if p.exists() and any(m in p.read_text(encoding="utf-8") for m in marks)] == []


def test_test_modules_have_names_of_their_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


def test_no_module_is_longer_than_a_reader_keeps_in_mind() -> None:
    def lines(path: Path) -> int:
        return len(path.read_text(encoding="utf-8").splitlines())

    told = {path.relative_to(ROOT).as_posix(): lines(path) for path in SOURCES if "migrations" not in path.parts}  # those are generated
    assert {name: length for name, length in told.items() if length > 600} == {}

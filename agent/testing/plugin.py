"""A pytest plugin: each line of a task's evals.jsonl is a test. Off unless asked for, and then nothing is imported.

    pytest --storehand-evals tasks/            every case fits its task's schema
    pytest --storehand-plans tasks/            and the planner understands it, with the models that are installed

In an ini file: `storehand_evals = true`, `storehand_plans = true`. Fixtures for your own tests: `ground`, a playground with the
small shop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from agent.evals.cases import Case
    from agent.sdk import Task
    from agent.testing.plans import Installed
    from agent.testing.playground import Playground

FILE = "evals.jsonl"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("storehand")
    group.addoption("--storehand-evals", action="store_true", help="collect evals.jsonl: every case fits its task")
    group.addoption("--storehand-plans", action="store_true", help="collect evals.jsonl and plan every case with the installed models")
    parser.addini("storehand_evals", "collect evals.jsonl: every case fits its task", type="bool", default=False)
    parser.addini("storehand_plans", "collect evals.jsonl and plan every case with the installed models", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.name != FILE or not (_on(parent.config, "evals") or _on(parent.config, "plans")):
        return None
    file: EvalFile = EvalFile.from_parent(parent, path=file_path)
    return file


def _on(config: pytest.Config, what: str) -> bool:
    return bool(config.getoption(f"--storehand-{what}") or config.getini(f"storehand_{what}"))


class EvalFile(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        from agent.errors import TaskDefinitionError
        from agent.evals.cases import read_cases
        from agent.testing.playground import task_of

        try:
            task = task_of(self.path.parent)
            cases = read_cases(self.path, task=task.name)
        except TaskDefinitionError as error:
            raise self.CollectError(str(error)) from error
        for case in cases:
            yield EvalItem.from_parent(self, name=f"{case.line}: {case.ask}", task=task, case=case)


class EvalItem(pytest.Item):
    def __init__(self, *, task: Task, case: Case, **rest: Any) -> None:
        super().__init__(**rest)
        self.task, self.case = task, case

    def runtest(self) -> None:
        from agent.evals.cases import misfit

        if problem := misfit(self.case, self.task):
            raise Misunderstood(problem)
        if _on(self.config, "plans"):
            asyncio.run(self._planned())

    async def _planned(self) -> None:
        from agent.evals.cases import with_defaults
        from agent.evals.grade import grade

        planner = _planner(self.config, self.task)
        graded = await grade(await planner.plan(self.case.ask), with_defaults(self.case, self.task), planner.read)
        if not graded.right:
            raise Misunderstood(str(graded))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, Misunderstood) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.line - 1, f"{self.task.name}: {self.case.ask}"


class Misunderstood(Exception):
    """A case that does not fit its task, or that the planner reads otherwise."""


_PLANNERS: pytest.StashKey[dict[str, Installed]] = pytest.StashKey()


def _planner(config: pytest.Config, task: Task) -> Installed:
    """One planner for the whole session; a task that is not registered has one of its own."""
    from contextlib import ExitStack

    from agent.registry import discover
    from agent.testing.plans import installed_planner

    planners = config.stash.setdefault(_PLANNERS, {})
    extra = [] if task.name in discover().tasks else [task]
    key = task.name if extra else ""
    if key not in planners:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        planners[key] = stack.enter_context(installed_planner(extra))
    return planners[key]


@pytest.fixture
def ground() -> Iterator[Playground]:
    """A playground with the small shop, of the test's own."""
    from agent.testing.playground import playground

    with playground() as made:
        yield made

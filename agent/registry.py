"""Gathers the tasks: Storehand's own by walking `tasks/`, third parties' by the entry-point group `storehand.tasks`."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, ModuleType

from agent.errors import NoSuchTask, TaskDefinitionError
from agent.sdk import Task

GROUP = "storehand.tasks"


@dataclass(frozen=True, slots=True)
class Problem:
    """A plugin that was left out, and why; the service starts without it."""

    plugin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Registered:
    task: Task
    source: str
    """"storehand" for a built-in, else the distribution it came with."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Every task there is, by name."""

    entries: Mapping[str, Registered]
    problems: tuple[Problem, ...] = field(default=())

    def __iter__(self) -> Iterator[Task]:
        return (entry.task for entry in self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def task(self, name: str) -> Task:
        """
        Raises:
            NoSuchTask: None has that name.
        """
        if name not in self.entries:
            raise NoSuchTask(name, known=list(self.entries))
        return self.entries[name].task

    @property
    def tasks(self) -> Mapping[str, Task]:
        return MappingProxyType({name: entry.task for name, entry in self.entries.items()})


def discover(*, plugins: bool = True) -> Registry:
    """Import every task.

    Raises:
        TaskDefinitionError: A built-in is declared wrongly, or two tasks have one name.
    """
    entries: dict[str, Registered] = {}
    problems: list[Problem] = []
    for task in _built_in():
        _add(entries, Registered(task, "storehand"))
    for point in importlib.metadata.entry_points(group=GROUP) if plugins else ():
        source = point.dist.name if point.dist else point.value
        try:
            found = list(_tasks_of(point.load()))
        except Exception as error:
            problems.append(Problem(source, f"`{point.value}` could not be imported: {error}"))
            continue
        if not found:
            problems.append(Problem(source, f"`{point.value}` holds no task; point it at a function under @task or a module with some."))
        for task in found:
            _add(entries, Registered(task, source))
    return Registry(MappingProxyType(entries), tuple(problems))


def registry_of(tasks: Iterable[Task]) -> Registry:
    """A registry of just these, for tests and playgrounds."""
    entries: dict[str, Registered] = {}
    for task in tasks:
        _add(entries, Registered(task, "given"))
    return Registry(MappingProxyType(entries))


def _add(entries: dict[str, Registered], new: Registered) -> None:
    name = new.task.name
    if (old := entries.get(name)) is not None:
        if old.task is new.task:
            return
        raise TaskDefinitionError(
            f"two tasks are named `{name}`: one from {old.source} ({old.task.folder}) and one from {new.source} ({new.task.folder}). "
            "Uninstall one of the two packages, or rename its task."
        )
    entries[name] = new


def _built_in() -> Iterator[Task]:
    home = _home()
    for module in sorted(pkgutil.iter_modules([str(home)]), key=lambda m: m.name):
        if not module.ispkg or importlib.util.find_spec(f"tasks.{module.name}.handler") is None:
            continue
        found = list(_tasks_of(importlib.import_module(f"tasks.{module.name}.handler")))
        if [task.name for task in found] != [module.name]:
            raise TaskDefinitionError(f"tasks/{module.name}/handler.py must declare exactly one task, named `{module.name}` as its folder.")
        yield from found


def _home() -> Path:
    """The folder of our own `tasks`, which lies beside `agent`: a tasks.py in the working directory must not shadow it."""
    beside = Path(__file__).parent.parent / "tasks"
    spec = importlib.util.find_spec("tasks")
    where = Path(spec.origin).parent if spec and spec.origin else None
    if where is None or where.resolve() != beside.resolve():
        raise TaskDefinitionError(
            f"`import tasks` finds {where or 'nothing'} instead of Storehand's own in {beside}; "
            "start it by the command `storehand`, from another folder."
        )
    return beside


def _tasks_of(found: object) -> Iterator[Task]:
    if isinstance(found, Task):
        yield found
    elif isinstance(found, ModuleType):
        yield from {task.name: task for task in vars(found).values() if isinstance(task, Task)}.values()

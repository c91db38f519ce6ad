"""A distribution of one's own around tasks: what `pip install` needs, so that Storehand finds them without being touched."""

from __future__ import annotations

import re
from pathlib import Path

from agent.errors import Invalid
from agent.testing.scaffold import Kind, scaffold

_POINTS = '[project.entry-points."storehand.tasks"]\n'

_PROJECT = """[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{dist}"
version = "0.1.0"
description = "Tasks for Storehand."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["storehand>=0.1"]

{points}
[tool.hatch.build.targets.wheel]
packages = ["{module}"]
"""

_README = """# {dist}

Tasks for Storehand. `pip install {dist}` beside it is all there is to do: they are found by their entry points when it starts.
"""


def scaffold_in_package(name: str, dist: str, folder: Path, *, kind: Kind = "read") -> list[Path]:
    """Write a task into the distribution `folder/dist`, which is made if it is not there, and declare its entry point.

    Args:
        dist: Name of the distribution, such as storehand-favourites; its package is storehand_favourites.
        folder: Where the distribution's own folder is.

    Returns:
        The files written.

    Raises:
        TaskDefinitionError: The name is no task's name.
        Invalid: There is a task of that name already, `dist` is no distribution's name, or its pyproject.toml has no table of entry points.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", dist):
        raise Invalid(f"`{dist}` is no distribution's name; write words in lower case with hyphens, such as storehand-favourites.", field="package")
    home, module = folder / dist, dist.replace("-", "_")
    project, text = home / "pyproject.toml", _PROJECT.format(dist=dist, module=module, points=_POINTS)
    if project.exists() and _POINTS not in (text := project.read_text(encoding="utf-8")):
        raise Invalid(f"{project} has no line {_POINTS.strip()}; add it, and the task's entry point goes below it.", field="package")
    written = scaffold(name, home / module, kind=kind)
    files = {project: text.replace(_POINTS, f'{_POINTS}{name} = "{module}.{name}.handler:{name}"\n')}
    files |= {path: words for path, words in _around(home, dist, module).items() if not path.exists()}
    for path, words in files.items():
        path.write_text(words, encoding="utf-8")
    return [*files, *written]


def _around(home: Path, dist: str, module: str) -> dict[Path, str]:
    """What a distribution has once, however many tasks are in it."""
    return {home / "README.md": _README.format(dist=dist), home / module / "__init__.py": f'"""Tasks of {dist}."""\n'}

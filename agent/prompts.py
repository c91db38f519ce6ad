"""Renders prompts: files only, every variable must be given, and untrusted text only inside a quarantine block."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from agent.errors import SettingsError
from agent.resources import Resources
from agent.sdk import Untrusted


def quarantined(value: Untrusted[str] | str) -> str:
    """A block that says its text is data. The closing mark cannot be written from inside."""
    text, source = (value.value, value.source) if isinstance(value, Untrusted) else (value, "merchant")
    inert = text.replace("<", "‹").replace(">", "›")
    return f'<data source="{source}">\n{inert}\n</data>'


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    environment.filters["data"] = quarantined
    return environment


@dataclass(frozen=True, slots=True)
class Prompts:
    resources: Resources
    environment: SandboxedEnvironment = field(default_factory=_environment)

    def render(self, name: str, folder: Path | None = None, /, **facts: Any) -> str:
        """The prompt's text.

        Args:
            name: Path under `prompts/`, such as "tasks/write_description.jinja".
            folder: The task's folder, for a third party's own prompt.

        Raises:
            SettingsError: There is no such file.
            jinja2.UndefinedError: A variable was not given.
            TypeError: Untrusted text stands outside `| data`.
        """
        path = self.resources.prompt(name, folder)
        if path is None:
            raise SettingsError(f"there is no prompt `{name}`; put it into the folder `prompts/` or beside the task's handler.")
        return self.environment.from_string(path.read_text(encoding="utf-8")).render(**facts).strip()

    def has(self, name: str, folder: Path | None = None) -> bool:
        return self.resources.prompt(name, folder) is not None

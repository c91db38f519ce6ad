"""Finds prompts, models and evals: in the operator's folder first, then in the task's own package, then bundled.

In a wheel the bundled ones lie in `agent/_data`; an editable install has no such folder and they lie at the root of the
repository. `bundled` is the one function that knows this.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.errors import SettingsError


def bundled() -> Path:
    """The folder that holds `prompts/` and `models/` as they were shipped."""
    package = Path(__file__).parent
    for root in (package / "_data", package.parent):
        if (root / "models").is_dir() and (root / "prompts").is_dir():
            return root
    raise SettingsError(
        f"Storehand's own prompts and models are not beside {package}; install it again with `pip install --force-reinstall storehand`."
    )


@dataclass(frozen=True, slots=True)
class Resources:
    """Where to look, in order."""

    operator: Path | None = None
    """The operator's folder, whose files win: `prompts/…`, `models/<head>/…`."""

    def prompt(self, name: str, folder: Path | None = None) -> Path | None:
        """The file of a prompt such as "tasks/write_description.jinja", or None.

        Args:
            folder: A task's folder: a third party keeps its `prompt.jinja` and `template.jinja` there.
        """
        own = None
        if folder is not None:
            own = folder / ("template.jinja" if name.endswith(".template.jinja") else "prompt.jinja")
        candidates = [self.operator and self.operator / "prompts" / name, own, bundled() / "prompts" / name]
        return next((path for path in candidates if path and path.is_file()), None)

    def models(self) -> Path:
        """The folder with every bundled model."""
        return bundled() / "models"

    def models_over(self) -> Path | None:
        """The operator's models, which win over bundled ones of the same name."""
        return self.operator / "models" if self.operator else None

    def guide(self) -> Path:
        """The folder with the guide's pages, in Markdown; a distribution may come without it."""
        return bundled() / "docs" / "guide"

"""The guide has a page for every task that ships, and it says what the task is."""

from pathlib import Path

from agent.cli.guide import pages_of
from agent.registry import discover

PAGES = Path(__file__).resolve().parents[2] / "docs" / "guide" / "catalogue"


def test_every_task_that_ships_has_its_page_as_it_is() -> None:
    tasks = [task for task in discover() if task.handler.__module__.startswith("tasks.")]
    written = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    assert written == dict(pages_of(tasks)), "run `storehand tasks guide` and commit what it writes"

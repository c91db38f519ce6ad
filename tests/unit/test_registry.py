"""Tasks are found by walking our own folder and by entry points, through one door."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent.errors import NoSuchTask, TaskDefinitionError
from agent.registry import discover, registry_of
from agent.sdk import Args, Field, Proposal, Task, say, task

TWELVE = {
    "find_products", "edit_product", "change_price", "adjust_inventory", "inventory_report", "sales_report", "find_orders", "find_customers",
    "tag_customers", "create_discount", "write_description", "review_insights",
}  # fmt: skip


class Nothing(Args):
    note: str | None = Field(None, description="A note.")


def made() -> Task:
    @task(examples=["one", "two"])
    async def do_nothing(args: Nothing) -> Proposal:
        """Do nothing."""
        return Proposal(say("Nothing."))

    return do_nothing


def test_the_built_in_tasks_are_found_in_their_folders() -> None:
    registry = discover(plugins=False)
    assert set(registry.tasks) >= TWELVE
    assert {entry.task.folder.name == entry.task.name for entry in registry.entries.values()} == {True}


def test_an_unknown_task_is_told_with_what_there_is() -> None:
    with pytest.raises(NoSuchTask, match="storehand tasks"):
        discover(plugins=False).task("fly_to_mars")


def test_two_tasks_of_one_name_are_an_error_naming_both() -> None:
    with pytest.raises(TaskDefinitionError, match="two tasks are named `do_nothing`.*rename its task"):
        registry_of([made(), made()])


def test_a_tasks_module_in_the_working_directory_does_not_shadow_ours(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text("", encoding="utf-8")
    program = "import sys; sys.path.insert(0, '.'); from agent.registry import discover; discover()"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "instead of Storehand's own" in done.stderr or done.returncode == 0

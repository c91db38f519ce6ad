"""Every task there is obeys every law, whoever wrote it."""

import pytest

from agent.registry import discover
from agent.sdk import Task
from agent.testing.contracts import LAWS, Law


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("task", list(discover(plugins=False)), ids=lambda task: task.name)
def test_each_task_obeys_each_law(task: Task, law: Law) -> None:
    law(task)

"""The task that the README shows is a whole one: copied into a folder it obeys the laws of tasks and answers."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from agent.sdk import Money, Task
from agent.testing.contracts import LAWS, Law
from agent.testing.playground import playground, task_in

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def shown(tmp_path: Path) -> Task:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / "show_margin"
    folder.mkdir()
    (folder / "handler.py").write_text(code, encoding="utf-8")
    (folder / "evals.jsonl").write_text('{"ask": "show margins of all candles", "args": {"products": "all candles"}}\n', encoding="utf-8")
    return task_in(folder)


def test_the_readmes_task_answers_with_what_is_earned(shown: Task) -> None:
    with playground() as ground:
        mug = next(p for p in asyncio.run(ground.store.products()).items if p.title == "Blue Ceramic Mug")
        answer = asyncio.run(ground.run(shown, {"products": {"ids": [mug.id]}}))
    first = mug.variants[0]
    assert isinstance(first.cost, Money)
    assert answer.data.table.rows[0] == [first.label, first.price, first.cost, first.price - first.cost]
    assert answer.data.products.ids == (mug.id,) and answer.evidence.rows == len(mug.variants)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_readmes_task_obeys_the_laws_of_tasks(shown: Task, law: Law) -> None:
    law(shown)

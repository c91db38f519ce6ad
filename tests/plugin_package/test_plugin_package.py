"""A third party's distribution, installed as it would be: its tasks are found, obey the laws, and answer requests in plain words."""

import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TASKS = ("find_gifts", "mark_as_gift", "write_gift_note")

# One process for all that is asked of the tasks themselves: loading Storehand costs more than the questions.
INQUIRY = """
import asyncio, json
from agent.providers.scripted import ScriptedProvider
from agent.registry import discover
from agent.testing.contracts import LAWS
from agent.testing.playground import playground

registry, provider = discover(), ScriptedProvider(["Sip slowly."])
told = {
    "sources": {name: entry.source for name, entry in registry.entries.items()},
    "problems": [problem.reason for problem in registry.problems],
    "laws": {},
}
for name in ("find_gifts", "mark_as_gift", "write_gift_note"):
    for law in LAWS:
        law(registry.task(name))
        told["laws"].setdefault(name, []).append(law.__name__)

async def product(ground, title):
    return next(p for p in (await ground.store.products()).items if p.title == title)

async def there_and_back(ground):
    beanie = await product(ground, "Merino Beanie")
    applied = await ground.apply(await ground.run(registry.task("mark_as_gift"), {"products": {"ids": [beanie.id]}}))
    marked = await ground.store.product(beanie.id)
    await ground.undo(applied)
    return [list(marked.tags), list((await ground.store.product(beanie.id)).tags)]

async def note(ground):
    mug = await product(ground, "Blue Ceramic Mug")
    draft = await ground.run(registry.task("write_gift_note"), {"products": {"ids": [mug.id]}, "occasion": "Christmas"})
    return [draft.by, draft.content]

with playground() as ground:
    told["tags"], told["template"] = asyncio.run(there_and_back(ground)), asyncio.run(note(ground))
with playground(provider=provider) as ground:
    told["written"] = asyncio.run(note(ground))
told["prompt"] = provider.history[0].messages[0].text
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the distribution is installed into, with nothing fetched from anywhere."""
    source, target = tmp_path_factory.mktemp("source") / "package", tmp_path_factory.mktemp("site")
    shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("test_*", "__pycache__"))
    install = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--target", str(target)]
    run = subprocess.run([sys.executable, "-m", "pip", *install, str(source)], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    return target


def python(installed: Path, script: str, folder: Path) -> Any:
    """What the script prints as JSON, run where Storehand and the distribution are importable and nothing of this test is."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(installed)]), "HOME": str(folder)}
    run = subprocess.run([sys.executable, "-c", script], cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def told(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    answers: dict[str, Any] = python(installed, INQUIRY, tmp_path_factory.mktemp("inquiry"))
    return answers


def test_its_tasks_are_found_beside_storehands_own(told: dict[str, Any]) -> None:
    assert {name: told["sources"][name] for name in TASKS} == dict.fromkeys(TASKS, "storehand-gift-notes")
    assert told["sources"]["change_price"] == "storehand"
    assert told["problems"] == []


@pytest.mark.parametrize("name", TASKS)
def test_each_of_its_tasks_obeys_the_laws(name: str, told: dict[str, Any]) -> None:
    assert len(told["laws"][name]) == 6
    assert "what_it_proposes_can_be_undone" in told["laws"][name]


def test_its_write_is_proposed_applied_and_undone(told: dict[str, Any]) -> None:
    assert told["tags"] == [["wool", "gift"], ["wool"]]


def test_its_prompt_lies_beside_its_handler_and_its_template_stands_in(told: dict[str, Any]) -> None:
    assert told["template"] == ["template", "A Blue Ceramic Mug for you, for Christmas. Enjoy!"]
    assert told["written"] == ["frontier", "Sip slowly."]
    assert "Write a gift note of at most 30 words" in told["prompt"]
    assert '<data source="merchant">\nBlue Ceramic Mug\n</data>' in told["prompt"]


def test_it_answers_in_plain_words_with_no_key_and_no_training(installed: Path, tmp_path: Path) -> None:
    words = ["ask", "gift ideas under 20 euros", "--data", str(tmp_path / "data"), "--json"]
    reply = python(installed, f"import sys; sys.argv[1:] = {words!r}\nfrom agent.cli import main; main()", tmp_path)
    [part] = reply["parts"]
    assert (reply["state"], part["task"], part["kind"]) == ("done", "find_gifts", "answer")
    prices = [Decimal(price["amount"]) for _, price in part["data"]["table"]["rows"]]
    assert prices
    assert max(prices) <= 20
    assert part["text"] == f"{len(prices)} gifts."
    assert part["evidence"]["filters"] == {"budget": "20.00 EUR"}

"""A third party's distribution, installed as it would be: its tasks are found, obey the laws, and answer requests in plain words."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TASKS = ("find_gifts", "mark_as_gift", "write_gift_note")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the distribution is installed into, with nothing fetched from anywhere."""
    source, target = tmp_path_factory.mktemp("source") / "package", tmp_path_factory.mktemp("site")
    shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("test_*", "__pycache__"))
    install = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--target", str(target)]
    run = subprocess.run([sys.executable, "-m", "pip", *install, str(source)], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return target


def python(installed: Path, script: str, folder: Path) -> object:
    """What the script prints as JSON, run where the distribution is installed and nothing else of this test is."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(installed)])}
    run = subprocess.run([sys.executable, "-W", "error", "-c", script], cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.splitlines()[-1])


def test_its_tasks_are_found_beside_storehands_own(installed: Path, tmp_path: Path) -> None:
    found = python(
        installed,
        "import json; from agent.registry import discover; r = discover()\n"
        "print(json.dumps([{n: e.source for n, e in r.entries.items()}, [p.reason for p in r.problems]]))",
        tmp_path,
    )
    assert isinstance(found, list)
    sources, problems = found
    assert {name: sources[name] for name in TASKS} == dict.fromkeys(TASKS, "storehand-gift-notes")
    assert sources["change_price"] == "storehand"
    assert problems == []


@pytest.mark.parametrize("name", TASKS)
def test_each_of_its_tasks_obeys_the_laws(name: str, installed: Path, tmp_path: Path) -> None:
    done = python(
        installed,
        "import json; from agent.registry import discover; from agent.testing.contracts import check, LAWS\n"
        f"check(discover().task({name!r})); print(json.dumps(len(LAWS)))",
        tmp_path,
    )
    assert done == 6


def test_its_write_is_proposed_applied_and_undone(installed: Path, tmp_path: Path) -> None:
    tags = python(
        installed,
        """
import asyncio, json
from agent.registry import discover
from agent.testing.playground import playground

async def there_and_back(ground):
    board = next(p for p in (await ground.store.products()).items if p.title == "Merino Beanie")
    proposal = await ground.run(discover().task("mark_as_gift"), {"products": {"ids": [board.id]}})
    applied = await ground.apply(proposal)
    marked = await ground.store.product(board.id)
    await ground.undo(applied)
    return [list(marked.tags), list((await ground.store.product(board.id)).tags)]

with playground() as ground:
    print(json.dumps(asyncio.run(there_and_back(ground))))
""",
        tmp_path,
    )
    assert tags == [["wool", "gift"], ["wool"]]


def test_its_prompt_lies_beside_its_handler_and_its_template_stands_in(installed: Path, tmp_path: Path) -> None:
    drafts = python(
        installed,
        """
import asyncio, json
from agent.providers.scripted import ScriptedProvider
from agent.registry import discover
from agent.testing.playground import playground

task, provider = discover().task("write_gift_note"), ScriptedProvider(["Sip slowly."])

def drafted(**with_):
    with playground(**with_) as ground:
        mug = next(p for p in asyncio.run(ground.store.products()).items if p.title == "Blue Ceramic Mug")
        return asyncio.run(ground.run(task, {"products": {"ids": [mug.id]}, "occasion": "Christmas"}))

plain, written = drafted(), drafted(provider=provider)
print(json.dumps([plain.by, plain.content, written.by, written.content, provider.history[0].messages[0].text]))
""",
        tmp_path,
    )
    assert isinstance(drafts, list)
    assert drafts[:4] == ["template", "A Blue Ceramic Mug for you, for Christmas. Enjoy!", "frontier", "Sip slowly."]
    assert "Write a gift note of at most 30 words" in drafts[4]

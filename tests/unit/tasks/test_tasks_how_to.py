"""how_to: it answers with what stands in the guide, and with nothing where nothing stands."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.registry import Registry, discover
from agent.resources import bundled
from agent.sdk import Refusal
from agent.students.encoder import Encoder
from agent.students.guide import EncodedGuide, passages
from agent.students.manifest import read_manifest
from agent.testing.playground import playground

PAGE = """# Mugs

## Undo a change
Say “undo that” and each value goes back.

| a | table |
|---|---|

## Paint a fence
Use a wide brush. ```not this```
"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return discover(plugins=False)


@pytest.fixture(scope="module")
def guide(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> EncodedGuide:
    folder = tmp_path_factory.mktemp("guide")
    (folder / "mugs.md").write_text(PAGE, encoding="utf-8")
    return EncodedGuide(Encoder(read_manifest(bundled() / "models" / "encoder")), passages(folder, registry))


@pytest.fixture
def ask(registry: Registry, guide: EncodedGuide) -> Iterator[Any]:
    with playground() as ground:
        helped = replace(ground, dispatcher=replace(ground.dispatcher, guide=guide, tasks=tuple(registry)))
        yield lambda text: asyncio.run(helped.run(registry.task("how_to"), {}, ask=text))


def test_a_question_is_answered_from_the_section_that_says_it(ask: Any) -> None:
    answer = ask("how do I undo a change?")
    assert (answer.data.page, answer.data.section) == ("Mugs", "Undo a change")
    assert answer.data.text == "Say “undo that” and each value goes back."


def test_a_question_for_a_task_names_the_task_that_does_it(ask: Any) -> None:
    answer = ask("how do I hide a review")
    assert (answer.data.page, answer.data.section) == ("tasks", "moderate_reviews")


@pytest.mark.parametrize("text", ["how do I cook rice", "how do I set up tiktok ads", "how do I file my taxes", ""])
def test_what_the_guide_does_not_say_is_refused(text: str, ask: Any) -> None:
    assert isinstance(ask(text), Refusal)


def test_without_a_guide_nothing_is_made_up(bench: Any) -> None:
    assert isinstance(bench.ask("how_to"), Refusal)


def test_a_guide_that_is_not_there_leaves_the_tasks(registry: Registry) -> None:
    assert {one.page for one in passages(Path("nowhere"), registry)} == {"tasks"}

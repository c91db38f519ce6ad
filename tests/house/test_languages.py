"""German is whole: each sentence of the panel, the tasks and the errors has its words in it, with the same places. The others lack few."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

from agent.languages import Languages, told
from agent.languages.catalogues import HERE
from agent.testing.messages import messages, missing

LANGUAGES = [tag for tag in Languages().known if tag != "en"]
LACKING = {"de": 0.0}
"""Most of the sentences that may be without their words; elsewhere those of a few days' work, which then read in English."""
SOME = 0.02
PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")


def entries(language: str) -> list[Entry]:
    with (HERE / f"{language}.po").open("rb") as file:
        return [entry for entry in read_po(file, locale=language) if entry.id]


def places(text: str) -> set[str]:
    return set(PLACE.findall(text))


def test_german_is_there() -> None:
    assert "de" in LANGUAGES


def test_sentences_are_found_wherever_they_are_written() -> None:
    found = messages()
    assert "Nothing waits for you." in found  # a template
    assert ("{n} product matches.", "{n} products match.") in found  # a task
    assert "{name} runs out about {day}, {soonest} at the soonest: {units} units, {week} sold a week." in found  # put together
    assert "The name or the password is not right." in found  # an error
    assert "What would you like done with “{words}”?" in found  # planning
    assert "No product matches “{said}”. Did you mean one of these?" in found  # a question that planning asks back
    assert "Do it anyway" in found  # what there is to choose from
    assert "Change price" in found  # a name


@pytest.mark.parametrize("language", LANGUAGES)
def test_hardly_a_sentence_is_without_its_words(language: str) -> None:
    """`python -m agent.testing.messages LANGUAGE` writes the entries to fill in."""
    lacks = missing(language)
    assert len(lacks) <= LACKING.get(language, SOME) * len(messages()), sorted(lacks, key=str)[:20]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_its_sentence(language: str) -> None:
    wrong = []
    for entry in entries(language):
        asked = entry.id if isinstance(entry.id, tuple | list) else [entry.id]
        said = entry.string if isinstance(entry.string, tuple | list) else [entry.string]
        given = set().union(*(places(text) for text in asked))
        if any(places(text) - given for text in said) or given - set().union(*(places(text) for text in said)):
            wrong.append(asked[0])
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_finished_sentence_is_told_with_all_that_stood_in_its_places(language: str) -> None:
    """Also where a language has one form for all counts, and English leaves the number of one out."""
    catalogue = Languages().catalogue(language)
    for entry in entries(language):
        for text in entry.id if isinstance(entry.id, tuple | list) else [entry.id]:
            finished = re.sub(r"\{\w+\}", "Anna", text)
            assert not re.search(r"\{\w+\}", told(catalogue, finished)), finished

"""What stands in a sentence's places is said in the language of the sentence, and nothing is said of nothing."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from agent.languages import Languages, told
from agent.registry import discover
from agent.reply import Renderer
from agent.sdk import Between, Money, Proposal, say
from agent.sdk.rhythms import Rhythm
from agent.sdk.rules import Act, Condition, Rule, Trigger
from agent.testing.playground import playground

LANGUAGES = Languages()
GERMAN = Renderer("de", "Europe/Berlin", LANGUAGES.catalogue("de"))
RULE = Rule(
    when=Trigger(on="order_placed"),
    only=Condition(order_total=Between[Money](above=Money(Decimal("200"), "EUR"))),
    then=[Act(do="tag", to="order", tags=["vip"]), Act(do="notify")],
)


@pytest.mark.parametrize("language", LANGUAGES.known[1:])
def test_nothing_is_nothing_in_every_language(language: str) -> None:
    catalogue = LANGUAGES.catalogue(language)
    assert catalogue.gettext("") == "" and told(catalogue, "") == "" and Renderer(language, "UTC", catalogue)(say("")) == ""


def test_a_discount_for_everybody_has_no_ending_in_german() -> None:
    task = discover(plugins=False).tasks["create_discount"]
    with playground() as ground:
        proposal = asyncio.run(ground.run(task, {"code": "SUMMER20", "value": "20%"}))
    assert isinstance(proposal, Proposal) and "Project-Id" not in GERMAN(proposal.summary)  # type: ignore[arg-type]  # a task says sentences


def test_a_rule_with_two_deeds_reads_as_german_before_what_it_would_have_done() -> None:
    said = GERMAN(say("{rule} {tried}", rule=RULE, tried="In den letzten 30 Tagen …"))
    assert said == (
        "Wenn eine Bestellung eingeht und ihre Summe mehr als 200,00\xa0€ ist: "
        "die Bestellung mit dem Tag vip versehen und Sie benachrichtigen. In den letzten 30 Tagen …"
    )


def test_a_rhythm_begins_a_sentence_with_a_capital_and_stands_inside_one_without() -> None:
    monthly = Rhythm(every="month")
    assert GERMAN(say("{rhythm}: “{request}”", rhythm=monthly, request="sales")).startswith("Jeden Monat am 1. um ")
    assert Renderer("en-GB")(say("{rhythm}: “{request}”", rhythm=monthly, request="sales")).startswith("Every month on the 1st at ")
    inside = GERMAN(say("What should be reported {rhythm}? Say it as you would ask for it.", rhythm=monthly))
    assert "(jeden Monat am 1. um 09:00)" in inside


@pytest.mark.parametrize("language", LANGUAGES.known[1:])
def test_every_question_that_a_task_declares_is_asked_in_every_language(language: str) -> None:
    catalogue = LANGUAGES.catalogue(language)
    questions = {slot.question for task in discover(plugins=False).tasks.values() for slot in task.slots if slot.question}
    assert len(questions) > 30 and [each for each in sorted(questions) if told(catalogue, each) == each] == []

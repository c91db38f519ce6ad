"""Which language someone reads, and finished sentences in it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from agent.languages import Choice, Languages, chosen, in_english, ours, told
from agent.reply import Renderer
from agent.sdk import Money, Period, count, say

KNOWN = ("en", "de")
GERMAN = Languages().catalogue("de-AT")


@pytest.mark.parametrize(
    ("person", "shop", "accepted", "is_chosen"),
    [
        (None, "en-GB", "de", Choice(language="en", locale="en-GB")),
        (None, "de-CH", "en", Choice(language="de", locale="de-CH")),
        ("de", "en-GB", "en", Choice(language="de", locale="de")),
        ("de", "de-AT", "", Choice(language="de", locale="de-AT")),
        ("en", "de-DE", "de", Choice(language="en", locale="en")),
        (None, "fr-FR", "de;q=0.5, fr", Choice(language="de", locale="fr-FR")),
        (None, "fr-FR", "", Choice(language="en", locale="fr-FR")),
        (None, None, "fr, de-AT;q=0.8, en;q=0.7", Choice(language="de", locale="de-AT")),
        (None, None, "de;q=0, en;q=bad, *", Choice(language="en", locale="en")),
        ("tlh", None, "", Choice(language="en", locale="en")),
    ],
)
def test_the_person_comes_before_the_shop_and_the_shop_before_the_browser(
    person: str | None, shop: str | None, accepted: str, is_chosen: Choice
) -> None:
    assert chosen(KNOWN, person=person, shop=shop, accepted=accepted) == is_chosen


def test_a_finished_sentence_is_found_again_with_its_values() -> None:
    assert told(GERMAN, "What would you like done with “the mugs”?") == "Was soll mit „the mugs“ geschehen?"


def test_a_sentence_inside_a_sentence_is_translated_too() -> None:
    said = "“maybe” was not understood. What would you like done with “it”?"
    assert told(GERMAN, said) == "„maybe“ wurde nicht verstanden. Was soll mit „it“ geschehen?"


@pytest.mark.parametrize("text", ["", "Blue Ceramic Mug", "A sentence nobody wrote down.", "Order #1042 {odd}", "x" * 5000])
def test_what_is_no_sentence_of_ours_stays_as_it_is(text: str) -> None:
    assert told(GERMAN, text) == text


def test_english_is_left_alone() -> None:
    assert told(in_english("en-GB"), "Nothing waits for you.") == "Nothing waits for you."


@pytest.mark.parametrize(("n", "shown"), [(1, "1 Produkt passt."), (2, "2 Produkte passen."), (1200, "1.200 Produkte passen.")])
def test_plurals_are_the_languages_own(n: int, shown: str) -> None:
    assert Renderer("de-DE", "UTC", GERMAN)(count("{n} product matches.", "{n} products match.", n)) == shown


def test_one_singular_may_go_with_several_plurals() -> None:
    render = Renderer("de-DE", "UTC", GERMAN)
    assert render(count("{n} discount code.", "{n} discount codes, used {used} times.", 3, used=4)) == "3 Rabattcodes, 4-mal verwendet."
    longer = count("{n} discount code.", "{n} discount codes, used {used} times; here are the first {shown}.", 30, used=4, shown=20)
    assert render(longer) == "30 Rabattcodes, 4-mal verwendet; hier sind die ersten 20."


def test_money_and_states_read_in_the_language_of_the_sentence() -> None:
    sentence = say(
        "Order {number} of {total}: {payment}, {fulfilment}.",
        number="#7",
        total=Money(Decimal("1234.5"), "EUR"),
        payment="paid",
        fulfilment="unfulfilled",
    )
    assert Renderer("de-DE", "UTC", GERMAN)(sentence) == "Bestellung #7 über 1.234,50\xa0€: bezahlt, nicht versandt."


def test_a_product_called_as_a_word_of_ours_keeps_its_name() -> None:
    assert Renderer("de-DE", "UTC", GERMAN)(say("Edit {product}", product="Settings")) == "Settings bearbeiten"


@pytest.mark.parametrize(
    ("said", "german"),
    [
        ("Looked for: no image; no SKU. They count in no figure.", "Gesucht wurde: kein Bild; keine SKU. Sie zählen in keiner Auswertung mit."),
        ("units: Units of products sold, before returns.", "Stück: Verkaufte Artikel, vor Rücksendungen."),
        (
            "When an order is placed, if it has 3 units and the country is AT: tag the order gold and big and notify you.",
            "Wenn eine Bestellung eingeht und sie 3 Stück umfasst und das Land AT ist: "
            "die Bestellung mit dem Tag gold and big versehen und Sie benachrichtigen.",
        ),
        ("They count in no figure. Nobody wrote this one.", "They count in no figure. Nobody wrote this one."),
    ],
)
def test_several_sentences_are_translated_one_by_one_and_all_or_none(said: str, german: str) -> None:
    assert told(GERMAN, said) == german


def test_words_of_ours_are_translated_each_by_itself_with_their_number() -> None:
    assert ours(GERMAN, "not paid yet; 12 or more of one thing; odd 3") == "noch nicht bezahlt; 12 oder mehr vom Gleichen; odd 3"
    assert ours(GERMAN, "change price") == "Preis ändern"


@pytest.mark.parametrize(
    ("label", "german"),
    [
        ("last month", "letzter Monat (1. Okt. 2026 – 31. Okt. 2026)"),
        ("the last 31 days", "die letzten 31 Tage (1. Okt. 2026 – 31. Okt. 2026)"),
        ("way back then", "1. Okt. 2026 – 31. Okt. 2026"),
    ],
)
def test_a_period_is_called_in_the_language_or_by_its_days_alone(label: str, german: str) -> None:
    october = Period(start=datetime(2026, 10, 1, tzinfo=UTC), end=datetime(2026, 11, 1, tzinfo=UTC), label=label)
    assert Renderer("de-DE", "UTC", GERMAN).value(october) == german

"""The head of a change set as a German reads it, made from its items; an English reader has the sentence that is kept."""

from __future__ import annotations

from typing import Any

import pytest

from agent.languages import Languages
from agent.sdk.rhythms import Rhythm
from agent.sdk.rules import rule_of
from agent.web.panel.cards import adds, in_all
from agent.web.panel.summaries import summary_of
from agent.web.panel.words import Words

GERMAN = Words("de-DE", "Europe/Berlin", Languages().catalogue("de"), "de")
ENGLISH = Words("en-GB", "Europe/London", Languages().catalogue("en"), "en")
MUG = {"kind": "variant", "id": "v1", "label": "Blue Mug (Small)"}


def price(before: str, after: str) -> dict[str, Any]:
    euros = [{"amount": amount, "currency": "EUR"} for amount in (before, after)]
    return {"op": "set", "target": MUG, "field": "price", "before": euros[0], "after": euros[1]}


def change_set(*whats: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"summary": "as it is kept", "items": [{"what": what} for what in whats], **more}


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (change_set(price("16.00", "12.50")), "Blue Mug (Small): Preis 16,00\xa0€ → 12,50\xa0€"),
        (change_set(price("12.50", "16.00"), undoes="cs_1"), "Rückgängig machen: Blue Mug (Small): Preis 12,50\xa0€ → 16,00\xa0€"),
        (change_set(price("16.00", "12.50"), price("20.00", "12.50")), "Preis: 2 Änderungen"),
        (
            change_set({"op": "create", "target": {"kind": "draft_order", "id": "", "label": "for Emma"}, "after": {}}),
            "Neuer Bestellentwurf: für Emma",
        ),
        (
            change_set({"kind": "refund", "target": {"kind": "order", "id": "o1", "label": "#1005"}, "money": {"amount": "9.50", "currency": "EUR"}}),
            "Erstattung: #1005, 9,50\xa0€",
        ),
        (
            change_set(
                {"op": "set", "target": {"kind": "schedule", "id": "s", "label": "Figures"}, "field": "state", "before": "active", "after": "paused"}
            ),
            "Figures: Status aktiv → angehalten",
        ),
        (change_set({"op": "set", "target": MUG, "field": "stock:loc_2", "before": None, "after": 3}), "Blue Mug (Small): Bestand 0 → 3"),
        (
            change_set({"op": "set", "target": MUG, "field": "stock:loc_2", "before": 3, "after": None}, undoes="cs_1"),
            "Rückgängig machen: Blue Mug (Small): Bestand 3 → 0",
        ),
        (change_set({"op": "set", "target": MUG, "field": "description", "before": "x" * 90, "after": "y"}), "Blue Mug (Small): Beschreibung"),
    ],
)
def test_a_german_reads_what_is_done_in_german(made: dict[str, Any], said: str) -> None:
    assert summary_of(GERMAN, made) == said
    assert summary_of(ENGLISH, made) in ("as it is kept", "Blue Mug (Small): description")


def test_money_in_the_kept_sentence_is_written_as_the_page_writes_it() -> None:
    kept = "Undo: Blue Mug (Small): price EUR 13.13 → EUR 12.50"
    assert summary_of(ENGLISH, {"summary": kept, "items": []}) == "Undo: Blue Mug (Small): price €13.13 → €12.50"


def test_a_moment_in_the_kept_sentence_is_a_day_and_a_time_of_the_shop() -> None:
    kept = "SUMMER: ends at 2026-11-29T23:00:00+00:00 → 2026-11-23T11:10:06.5+01:00"
    assert summary_of(ENGLISH, {"summary": kept, "items": []}) == "SUMMER: ends at 29 Nov 2026, 23:00 → 23 Nov 2026, 10:10"


def test_a_long_text_in_place_of_another_is_told_by_its_field_alone() -> None:
    long = change_set({"op": "set", "target": MUG, "field": "seo_title", "before": None, "after": "word " * 20})
    assert summary_of(ENGLISH, long) == "Blue Mug (Small): seo title"
    assert summary_of(ENGLISH, {**long, "undoes": "cs_1"}) == "Undo: Blue Mug (Small): seo title"
    assert summary_of(ENGLISH, change_set({"op": "set", "target": MUG, "field": "title", "before": None, "after": "Mug"})) == "as it is kept"


def test_a_rule_and_a_rhythm_are_sentences_and_never_their_fields() -> None:
    rule = rule_of({"when": {"on": "stock_below", "stock": 5}, "then": [{"do": "tag", "to": "product", "tags": ["low"]}]})
    assert GERMAN.value(rule.json_()) == "Wenn der Bestand eines Produkts unter 5 fällt: das Produkt mit dem Tag low versehen."
    monday = Rhythm(every="week", weekdays=(0,), at="09:00").model_dump(mode="json")
    assert (ENGLISH.value(monday), GERMAN.value(monday)) == ("every Monday at 09:00", "jeden Montag um 09:00")
    line = {"variant": "v1", "title": "Blue Mug (Small)", "quantity": 2, "price": {"amount": "16.00", "currency": "EUR"}}
    assert ENGLISH.value([line]) == "2 × Blue Mug (Small), €16.00"


REFUND = {"kind": "refund", "target": {"kind": "order", "id": "o1", "label": "#1005"}, "money": {"amount": "9.50", "currency": "EUR"}}


@pytest.mark.parametrize(
    ("made", "sentence", "more"),
    [
        (change_set(price("16.00", "12.50")), "Blue Mug (Small) from €16.00 to €12.50", False),
        (
            change_set(price("16.00", "12.50")),
            "Blue Mug (Small) from €16.00 to €12.50; three others cost that already and stay as they are now.",
            True,
        ),
        (change_set(price("16.00", "12.50"), price("20.00", "12.50")), "New prices for 2 variants", False),
        (change_set(price("16.00", "12.50"), price("20.00", "12.50")), "New prices for 2 variants, 1 left as it is", True),
        (change_set(REFUND), "Give back €9.50 of order #1005; €86.40 is left after it. This cannot be undone.", True),
        (change_set({"op": "create", "target": {"kind": "discount", "id": "", "label": "SUMMER20"}, "after": {}}), "Code SUMMER20: 20% off", True),
        (change_set(REFUND), "as it is kept", False),
    ],
)
def test_a_tasks_sentence_stands_under_the_head_where_it_says_more(made: dict[str, Any], sentence: str, more: bool) -> None:
    assert adds(ENGLISH, made, sentence) is more


@pytest.mark.parametrize(
    ("text", "count", "rows"), [("127 variants are running low.", 127, 127), ("Your 20 best customers.", 871, 50), ("", None, 50)]
)
def test_a_table_of_the_first_rows_says_how_many_there_are(text: str, count: int | None, rows: int) -> None:
    table = {"columns": ["Product"], "rows": [["Mug"]], "numeric": [False]}
    assert in_all(ENGLISH, {"text": text, "data": {"count": count, "table": table}}, 50) == rows

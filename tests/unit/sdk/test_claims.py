"""What a text claims is compared with what the writer was given, and what others wrote backs no promise."""

from typing import Any

import pytest

from agent.sdk import Money, Percent, Untrusted
from agent.sdk.claims import claims_in, numbers_lost, unsupported, without


def others(text: str) -> Untrusted[str]:
    return Untrusted(text, source="review", record="r_1")


MUG: dict[str, Any] = {
    "title": "Blue Ceramic Mug", "price": "€18.00", "options": {"Colour": ["Blue", "Sand"]}, "mention": ["hand-poured glaze"],
    "present": others("Glazed in our own blue. Holds 300 ml."),
}  # fmt: skip


def invented(text: str, **facts: Any) -> list[str]:
    return [claim.said for claim in unsupported(text, {**MUG, **facts})]


@pytest.mark.parametrize(
    "text",
    [
        "A blue ceramic mug for €18, in 2 colours.",
        "It holds 300 ml.",
        "The glaze is hand poured.",
        "Eighteen mornings, one mug.",
        "1. Blue\n2. Sand",
        "Costs 18.00 EUR.",
    ],
)
def test_what_the_facts_say_is_no_invention(text: str) -> None:
    assert invented(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("It holds 350 ml.", "350 ml"),
        ("It weighs 300 g.", "300 g"),
        ("Only €12 today.", "€12"),
        ("Made of stoneware.", "stoneware"),
        ("Aus Steinzeug gefertigt.", "Steinzeug"),
        ("Organic and kind to the planet.", "Organic"),
        ("Dishwasher-safe, of course.", "Dishwasher-safe"),
        ("With a two-year guarantee.", "two-year"),
        ("Now 20% off.", "20%"),
        ("Free shipping on top.", "Free shipping"),
        ("Thrown in Portugal.", "Thrown in Portugal"),
        ("It arrives Friday.", "Friday"),
        ("See https://cheap.example/mug for more.", "https://cheap.example/mug"),
        ("Our best-selling mug.", "best-selling"),
        ("Only a few left!", "Only a few left"),
    ],
)
def test_what_nobody_said_is_found(text: str, said: str) -> None:
    assert said in invented(text)


def test_others_words_say_what_a_thing_is_but_make_no_promise() -> None:
    review = others("Solid oak, 40 cm long. You owe me a full refund of €99, see http://evil.example")
    assert invented("Your 40 cm of oak.", review=review) == []
    assert invented("You get a full refund of €99, see http://evil.example.", review=review) == ["refund", "€99", "http://evil.example"]


def test_a_request_of_the_merchant_backs_what_it_asks_for() -> None:
    assert invented("A full refund within 3 days.", request="apologise and offer a refund within 3 days") == []


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"code": {"gives": "15% off", "until": "30 November 2026"}}, "15% off until 30 November."),
        ({"off": Percent.of("-15")}, "15% off."),
        ({"price": Money.of("1234.50", "EUR")}, "1.234,50 €, 1,234.50 EUR or €1234.5."),
        ({"kind": "Merino jumper"}, "A wool jumper."),
        ({"kind": "Baumwolltuch"}, "Cotton."),
        ({"lines": [{"title": "Mug", "quantity": 3}]}, "Your 3 mugs."),
    ],
)
def test_the_same_said_otherwise_is_borne_out(facts: dict[str, Any], text: str) -> None:
    assert [c.said for c in unsupported(text, {"request": "write: discounts welcome", **facts}) if c.meaning != "discount"] == []


def test_a_promise_is_not_a_number_that_happens_to_be_known() -> None:
    assert [c.said for c in unsupported("Send it back within 2 years.", {"colours": ["Blue", "Sand"]})] == ["2 years"]


def test_a_number_alone_backs_no_price_and_no_percentage() -> None:
    assert [c.said for c in unsupported("Now 3% cheaper, for €3.", {"request": "write 3 posts"})] == ["3%", "€3"]
    assert unsupported("For €18.", {"price": "18.00", "currency": "EUR"}) == []


def test_sentences_with_inventions_go_and_the_rest_stays_as_it_was() -> None:
    text = "Dear [name],\n\nyour mug is blue. It is dishwasher-safe. Enjoy!\n\nMade of oak.\n\nFern & Tide"
    assert without(text, unsupported(text, MUG)) == "Dear [name],\n\nyour mug is blue. Enjoy!\n\nFern & Tide"


def test_a_translation_that_loses_a_number_is_seen() -> None:
    assert numbers_lost("Holds 300 ml, 12.5 cm high.", "Fasst 300 ml und ist 12,5 cm hoch.") == []
    assert numbers_lost("Holds 300 ml, 12.5 cm high.", "Fasst 30 ml und ist 12,5 cm hoch.") == ["300 ml"]


def test_claims_come_in_reading_order_with_their_place() -> None:
    text = "Oak, 12 cm, free returns."
    assert [(c.kind, text[c.start : c.start + len(c.said)]) for c in claims_in(text)] == [
        ("material", "Oak"), ("number", "12 cm"), ("promise", "free returns"), ("promise", "free returns"),
    ]  # fmt: skip

"""A model that invents is asked once more, then loses those sentences, and at last the template speaks."""

import asyncio
from typing import Any

from agent.sdk import Untrusted, Written, say
from agent.sdk.drafting import Composed, addressed, called, compose, cut, nameless, sections, to_them, told


class Scripted:
    """A Writer that says what it is given, and the template's text when asked plainly."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.asked = list(texts), list[dict[str, Any]]()

    async def write(self, **facts: Any) -> Written:
        self.asked.append(facts)
        return Written(text=self.texts.pop(0), by="frontier")

    async def plain(self, **facts: Any) -> Written:
        return Written(text="From the template.", by="template")


def composed(writer: Scripted, **facts: Any) -> Composed:
    return asyncio.run(compose(writer, **facts))


def test_a_text_of_facts_alone_is_taken_at_once() -> None:
    writer = Scripted("A blue mug of ceramic, for you.")
    assert composed(writer, title="Blue Ceramic Mug") == Composed("A blue mug of ceramic, for you.", "frontier")
    assert [facts["avoid"] for facts in writer.asked] == [[]]


def test_an_invention_is_named_to_the_model_which_mends_it() -> None:
    writer = Scripted("A mug of organic oak.", "A mug to keep for long mornings.")
    assert composed(writer, title="Blue Mug") == Composed("A mug to keep for long mornings.", "frontier")
    assert writer.asked[1]["avoid"] == ["organic", "oak"]


def test_what_it_invents_again_is_taken_out_and_told() -> None:
    writer = Scripted("It is oak.", "A mug to keep for long mornings. It is made of oak.")
    written = composed(writer, title="Blue Mug")
    assert written == Composed("A mug to keep for long mornings.", "frontier", ("oak",))
    assert str(told(say("A text."), written)) == "A text. Left out, since nothing in your shop bears it out: “oak”."


def test_where_nothing_is_left_the_template_speaks() -> None:
    written = composed(Scripted("It is oak.", "It is oak."), title="Blue Mug", review=Untrusted("nice", source="review", record="r"))
    assert (written.text, written.by) == ("From the template.", "template")


def test_how_a_text_is_to_sound_and_how_long_it_may_be_backs_nothing() -> None:
    voice = [Untrusted("Oiled oak, from our own shed.", source="product text", record="p_2")]
    written = composed(Scripted("It is oak.", "A mug to keep for long mornings. It is oak, 30% off."), title="Mug", voice=voice, limits=["30"])
    assert written.left_out == ("oak", "30%", "30% off")


def test_names_stay_with_the_shop() -> None:
    assert nameless("tell Anna Schmidt that Anna's mug is late", ["Anna Schmidt"]) == "tell [name] that [name]'s mug is late"
    assert addressed("Dear [name], hello.", "Anna Schmidt") == "Dear Anna, hello."
    assert addressed("Hello [name],", None) == "Hello,"
    assert called("Café Krone GmbH") == "Café Krone GmbH"


def test_what_is_said_of_a_customer_is_said_to_one() -> None:
    assert to_them("her parcel is late because they forgot it") == "your parcel is late because they forgot it"
    assert to_them("she is our best customer") == "you are our best customer"
    assert to_them("it ships on Monday") == "it ships on Monday"


def test_named_lines_are_read_and_the_rest_is_the_body() -> None:
    text = "**Subject:** Back again\nPreview: The mug is here\n\nHello,\n\nSubject: not this one"
    assert sections(text, ["Subject", "Preview"]) == {
        "subject": "Back again", "preview": "The mug is here", "body": "Hello,\n\nSubject: not this one",
    }  # fmt: skip


def test_texts_are_cut_between_words() -> None:
    assert cut("Blue Ceramic Mug, glazed by hand", 20) == "Blue Ceramic Mug"
    assert cut("Blue  mug", 20) == "Blue mug"
    assert cut("One mug for you. And another one for me.", 30) == "One mug for you."

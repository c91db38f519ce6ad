"""write_description and review_insights: what models do for tasks, and what happens without any."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from agent.errors import Overloaded, Unsupported
from agent.providers.scripted import ScriptedProvider
from agent.records import to_json
from agent.registry import discover
from agent.sdk import Answer, Draft, Invalid, Label, NotFound, Page, Refusal, Review, Store, Untrusted
from agent.testing.playground import playground


def test_without_a_provider_a_description_is_made_from_facts_and_says_so(bench: Any) -> None:
    draft = bench.ask("write_description", products=bench.products("Linen"), mention=["washed soft"])
    assert draft.by == "template"
    assert draft.content == (
        "Linen Summer Dress by Dune Studio, from our dresses range. Choose your colour: Blue and Sand. Choose your size: S, M, L and XL. "
        "Worth knowing: washed soft."
    )
    assert "without a model" in str(draft.text)
    assert [(c.field, c.before, c.after) for c in draft.saves] == [("description", "Cut loose, washed soft.", draft.content)]


@pytest.mark.parametrize(
    ("length", "content"),
    [
        ("short", "Merino Beanie by North Loom, from our hats range."),
        ("medium", "Merino Beanie by North Loom, from our hats range. Choose your colour: Grey and Red."),
        (
            "long",
            "Merino Beanie by North Loom, from our hats range.\n\nChoose your colour: Grey and Red.\n\n"
            "You find it, with everything that goes with it, at Fern & Tide.",
        ),
    ],
)  # fmt: skip
def test_the_template_is_as_long_as_asked(length: str, content: str, bench: Any) -> None:
    assert bench.ask("write_description", products=bench.products("Merino"), length=length).content == content


def test_a_language_the_template_does_not_speak_needs_a_provider(bench: Any) -> None:
    refused = bench.ask("write_description", products=bench.products("Merino"), language="German")
    assert isinstance(refused, Refusal)
    assert refused.code == "needs_provider"
    assert isinstance(bench.ask("write_description", products=bench.products("Merino"), language="English"), Draft)


def test_several_descriptions_come_in_one_draft_and_each_is_saved_to_its_product(bench: Any) -> None:
    draft = bench.ask("write_description", products=bench.products("Blue", "Beeswax"))
    assert "## Blue Ceramic Mug\n\n" in draft.content
    assert {change.target.label for change in draft.saves} == {"Blue Ceramic Mug", "Beeswax Candle"}


def test_too_many_descriptions_and_none_are_refused(bench: Any) -> None:
    with pytest.raises(Invalid, match="21 descriptions are too many for one draft"):
        bench.ask("write_description", products={"ids": [f"p_{n}" for n in range(21)]})
    with pytest.raises(NotFound):
        bench.ask("write_description", products={"ids": ["p_999"], "label": "moon mug"})


def described(provider: ScriptedProvider) -> Draft:
    with playground(provider=provider) as ground:
        mug = next(p for p in asyncio.run(ground.store.products()).items if p.title == "Blue Ceramic Mug")
        args = {"products": {"ids": [mug.id]}, "mention": ["dishwasher safe"]}
        draft: Draft = asyncio.run(ground.run(discover(plugins=False).task("write_description"), args, ask="write something about the mug"))
        return draft


def test_with_a_provider_the_prompt_has_the_facts_and_the_text_of_others_as_data() -> None:
    provider = ScriptedProvider(["A mug to keep."])
    draft = described(provider)
    prompt = provider.history[0].messages[0].text
    assert (draft.by, draft.content) == ("frontier", "A mug to keep.")
    assert '<data source="product text">\nGlazed in our own blue. Holds 300 ml.\n</data>' in prompt
    assert "dishwasher safe" in prompt
    assert "write something about the mug" in prompt


def test_a_provider_that_is_down_leaves_the_template() -> None:
    assert described(ScriptedProvider([Overloaded("busy"), Overloaded("busy")])).by == "template"


class Mood:
    """A head that finds every text about something broken negative, and the rest positive."""

    threshold = 0.5
    labels = ("negative", "neutral", "positive")

    def label(self, texts: list[str]) -> list[Label]:
        return [Label(label="negative" if "broken" in text else "positive", confidence=0.9, by="student") for text in texts]


class Counting(Mood):
    texts = 0

    def label(self, texts: list[str]) -> list[Label]:
        self.texts += len(texts)
        return super().label(texts)


class Doors:
    """A Labeller straight to a head."""

    def __init__(self, head: Mood) -> None:
        self.head = head

    async def label(self, head: str, texts: Sequence[Any]) -> list[Label]:
        return self.head.label([text.value for text in texts])

    async def candidates(self, head: str, texts: Sequence[Any]) -> list[list[Label]]:
        raise Unsupported("no student")


class Echo:
    """A store that has every review many times over."""

    def __init__(self, store: Store, times: int) -> None:
        self.store, self.times = store, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def reviews(self, where: Any = None, *, limit: int = 1000, cursor: str | None = None) -> Page[Review]:
        page = await self.store.reviews(where)
        return Page([replace(review, id=f"{review.id}_{n}") for n in range(self.times) for review in page.items])


def asked(**args: Any) -> Answer[Any]:
    with playground(heads={"review_sentiment": Mood()}) as ground:
        answer: Answer[Any] = asyncio.run(ground.run(discover(plugins=False).task("review_insights"), args))
        return answer


def test_sentiment_is_read_by_the_student_and_counted_exactly() -> None:
    answer = asked()
    assert answer.data.sentiments == {"positive": 8, "negative": 1}
    assert (answer.data.count, str(answer.data.average_rating)) == (9, "3.4")
    assert answer.data.ratings == {"5": 3, "4": 2, "3": 1, "2": 2, "1": 1}
    assert str(answer.text).startswith("9 reviews, 3.4 stars on average: 8 positive, 1 negative. They speak most of ")
    assert answer.text.params["topics"] == [row[0] for row in answer.data.table.rows[:3]]
    assert "read from each text" in answer.evidence.definition


def test_without_a_student_the_stars_stand_in_and_the_answer_says_so(bench: Any) -> None:
    answer = bench.ask("review_insights")
    assert answer.data.sentiments == {"positive": 5, "negative": 3, "neutral": 1}
    assert "sentiment by stars (4 and 5 positive, 3 neutral), no model being there" in answer.evidence.definition


def test_of_many_reviews_the_newest_are_read_and_the_others_counted_by_stars_and_the_answer_says_so() -> None:
    task, mood = discover(plugins=False).task("review_insights"), Counting()
    with playground(heads={"review_sentiment": mood}) as ground:
        with_more = Echo(ground.store, times=20)
        answer = asyncio.run(task.handler(task.args(), with_more, Doors(mood)))
    assert mood.texts == 120
    assert answer.data.count == 180
    assert "read from the text of the newest 120, of the others by stars" in answer.evidence.definition
    assert sum(answer.data.sentiments.values()) == 180


def test_quotes_stay_untrusted_and_come_from_each_sentiment() -> None:
    quotes = asked().data.quotes
    assert len(quotes) == 5
    assert all(isinstance(quote.text, Untrusted) for quote in quotes)
    assert any("broken" in quote.text.value for quote in quotes)
    assert to_json(quotes[0])["text"]["source"] == "review"


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ({"topic": "shipping"}, 3),
        ({"topic": "'Quality'"}, 3),
        ({"topic": "the quality"}, 3),
        ({"topic": "glaze"}, 1),
        ({"topic": "unicorns"}, 0),
        ({"rating": {"at_most": 2}}, 3),
        ({"status": "pending"}, 1),
        ({"sentiment": "negative"}, 1),
        ({"period": {"start": "2026-11-01T00:00:00+01:00", "end": "2026-12-01T00:00:00+01:00"}}, 1),
    ],
)
def test_reviews_are_narrowed_down_by_what_was_said(said: dict[str, Any], count: int) -> None:
    assert asked(**said).data.count == count


def test_reviews_of_a_product_and_what_they_speak_of(bench: Any) -> None:
    answer = bench.ask("review_insights", products=bench.products("Blue"))
    assert answer.data.count == 3
    assert answer.data.products.ids == tuple(bench.products("Blue")["ids"])
    assert answer.data.aspects["damage"] == 1
    assert {row[0]: row[1:4] for row in answer.data.table.rows}["damage"] == [1, 0, 1]
    top = bench.ask("review_insights", products=bench.products("Blue"), top=1)
    assert len(top.data.aspects) == len(top.data.table.rows) == 1


def test_no_review_is_no_average(bench: Any) -> None:
    answer = bench.ask("review_insights", products=bench.products("Gift Card"))
    assert (answer.data.count, answer.data.average_rating, str(answer.text)) == (0, None, "No reviews match.")

"""categorise_products and fill_attributes: what is sure is proposed with its reason, what is in doubt is named and left, and all of it goes back."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from agent.registry import discover
from agent.sdk import Label, Refusal, Tagged, Where
from agent.testing.playground import Playground, playground
from tasks.fill_attributes.naming import attribute_of

MUGS = "Home & Garden > Kitchen & Dining > Tableware > Drinkware > Mugs"
CLOTHING = "Apparel & Accessories > Clothing"


class Words:
    """A student that knows mugs for sure, dresses as far as clothing, and nothing else."""

    labels = (MUGS, CLOTHING)

    def label(self, texts: list[str]) -> list[Label]:
        return [some[0] for some in self.candidates(texts)]

    def candidates(self, texts: list[str]) -> list[list[Label]]:
        return [_labels(text) for text in texts]


def _labels(text: str) -> list[Label]:
    if "Mug" in text:
        top = Label(label="Home & Garden", confidence=0.99, by="student")
        return [top, Label(label=MUGS, confidence=0.9, by="student")]
    if "Dress" in text:
        sure, doubt = Label(label=CLOTHING, confidence=0.9, by="student"), f"{CLOTHING} > Dresses"
        return [sure, Label(label=doubt, confidence=0.6, by="student", sure=False)]
    return [Label(label="Furniture", confidence=0.3, by="student", sure=False)]


class Colours:
    """A student that marks two words."""

    def tag(self, text: str) -> list[Tagged]:
        found = [("Blue", "color", True), ("Ceramic", "material", True), ("Linen", "material", False), ("ceramic", "material", True)]
        return [
            Tagged(kind=kind, start=(at := text.index(word)), end=at + len(word), confidence=0.9 if sure else 0.4, value=word.title(), sure=sure)
            for word, kind, sure in found if word in text
        ]  # fmt: skip


@pytest.fixture(scope="module")
def ground() -> Iterator[Playground]:
    with playground(heads={"product_category": Words()}, taggers={"product_attributes": Colours()}) as made:
        yield made


def ask(ground: Playground, task: str, **args: Any) -> Any:
    return asyncio.run(ground.run(discover(plugins=False).task(task), args))


def chosen(ground: Playground, text: str) -> dict[str, Any]:
    found = asyncio.run(ground.store.products(Where(text=text))).items
    return {"ids": [product.id for product in found], "label": text, "kind": "product"}


def test_a_category_is_proposed_as_deep_as_is_sure_and_taken_back(ground: Playground) -> None:
    proposal = ask(ground, "categorise_products")
    by_title = {change.target.label: change.after for change in proposal.changes}
    assert by_title["Blue Ceramic Mug"] == MUGS
    assert {after for title, after in by_title.items() if "Dress" in title} == {CLOTHING}
    done = asyncio.run(ground.apply(proposal))
    mug = asyncio.run(ground.store.products(Where(text="Blue Ceramic Mug"))).items[0]
    assert mug.category == MUGS
    assert [change.target.label for change in ask(ground, "categorise_products").changes] == []
    asyncio.run(ground.undo(done))
    assert asyncio.run(ground.store.products(Where(text="Blue Ceramic Mug"))).items[0].category == ""


def test_what_is_in_doubt_is_named_and_left(ground: Playground) -> None:
    proposal = ask(ground, "categorise_products")
    doubts = [row for row in proposal.table.rows if row[1].startswith("not sure")]
    assert doubts and all(row[0] not in {change.target.label for change in proposal.changes} for row in doubts)
    assert "Left out, since it is not sure" in str(proposal.summary)
    assert proposal.evidence.metric == "product_category"


def test_attributes_come_from_the_title_with_their_reason_and_go_again(ground: Playground) -> None:
    proposal = ask(ground, "fill_attributes", attributes=["color", "material"])
    mug = {change.field: change.after for change in proposal.changes if change.target.label == "Blue Ceramic Mug"}
    assert mug["attribute:Material"] == ["Ceramic"]
    assert all(row[2].startswith("not sure") for row in proposal.table.rows if row[2].endswith("Linen"))
    done = asyncio.run(ground.apply(proposal))
    assert asyncio.run(ground.store.products(Where(text="Blue Ceramic Mug"))).items[0].attributes["Material"] == ("Ceramic",)
    assert ask(ground, "fill_attributes", attributes=["color", "material"]).changes == []
    asyncio.run(ground.undo(done))
    assert "Material" not in asyncio.run(ground.store.products(Where(text="Blue Ceramic Mug"))).items[0].attributes


def test_only_the_attributes_asked_for_are_filled_in(ground: Playground) -> None:
    assert {change.field for change in ask(ground, "fill_attributes", attributes=["material"]).changes} == {"attribute:Material"}


def test_without_students_both_say_so() -> None:
    with playground() as bare:
        assert all(isinstance(ask(bare, task), Refusal) for task in ("categorise_products", "fill_attributes"))


@pytest.mark.parametrize(
    ("kind", "value", "name"),
    [
        ("measure", "300 ml", "Capacity"), ("measure", "250g", "Weight"), ("measure", "30 x 40", "Dimensions"), ("measure", "60W", ""),
        ("audience", "Female", "Target gender"), ("audience", "Kids", "Age group"), ("color", "Blue", "Color"), ("flavor", "Fig", "Fragrance"),
    ],
)  # fmt: skip
def test_a_kind_is_named_as_the_taxonomy_names_it(ground: Playground, kind: str, value: str, name: str) -> None:
    mug = asyncio.run(ground.store.products(Where(text="Blue Ceramic Mug"))).items[0]
    assert attribute_of(kind, value, mug)[0] == name

"""Sizes and colours of goods, whole or in part, and the words that other merchants have for the same goods."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from desks import planned

from agent.planning.linking.synonyms import SYNONYMS, other_words
from agent.planning.linking.vocabulary import words_of
from agent.planning.planner import Planner
from agent.sdk import Selection, Variant, Where
from agent.stores.embedded.store import EmbeddedStore


def reached(store: EmbeddedStore, ids: Sequence[str], title: str = "") -> Sequence[Variant]:
    """The variants behind ids of products and variants, or of the product with a title."""
    if title:
        ids = [product.id for product in asyncio.run(store.products(Where(text=title))).items if product.title == title]
    return asyncio.run(store.variants(Selection[Variant](ids=tuple(ids))))


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("reduce the price of the linen shirt in all sizes by 5 euros", None),
        ("add 10 of the linen shirt in every size", None),
        ("lower the linen shirt by 4 euros in all colours", None),
        ("reduce the linen shirt below size L by 5 euros", {"XS", "S", "M"}),
        ("cut the linen shirt in all sizes below L by 15%", {"XS", "S", "M"}),
        ("cut the linen shirt in sizes above L by 15%", {"XL", "XXL"}),
        ("add 5 to the linen shirts in S and M", {"S", "M"}),
        ("set stock of the linen shirt in S, M and L to 12", {"S", "M", "L"}),
        ("reduce the linen shirt in size S and M by 5 euros", {"S", "M"}),
        ("reduce the linen shirt in sizes S to L by 5 euros", {"S", "M", "L"}),
        ("add 5 of the linen shirt in sizes XS to M", {"XS", "S", "M"}),
    ],
)
def test_all_sizes_are_the_thing_itself_and_some_are_only_those(text: str, sizes: set[str] | None, planner: Planner, demo: EmbeddedStore) -> None:
    (subtask,) = planned(planner, demo, text).subtasks
    meant = {variant.id for variant in reached(demo, [], "Linen Shirt") if sizes is None or variant.options["Size"] in sizes}
    assert {variant.id for variant in reached(demo, subtask.args["variants"]["ids"])} == meant


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("restock the aran sweater to 20", "Aran Jumper"),
        ("put the linen pants at 80 euros", "Linen Trousers"),
        ("put the velvet pillow at 30 euros", "Velvet Cushion"),
    ],
)
def test_goods_are_known_by_the_words_of_other_countries(text: str, title: str, planner: Planner, demo: EmbeddedStore) -> None:
    (subtask,) = planned(planner, demo, text).subtasks
    assert {v.id for v in reached(demo, subtask.args["variants"]["ids"])} == {v.id for v in reached(demo, [], title)}


def test_a_word_that_the_shop_uses_itself_stands_for_nothing_else() -> None:
    known = {"shirt", "jumper"}.__contains__
    assert other_words("shirt", known) == []
    assert other_words("tee", known) == ["shirt"]
    assert other_words("pullover", known) == ["jumper"]
    assert other_words("lamp", known) == []


def test_every_other_word_is_one_that_a_request_can_come_with() -> None:
    assert [word for group in SYNONYMS for word in group if [said.stem for said in words_of(word)] != [word]] == []

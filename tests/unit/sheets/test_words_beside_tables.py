"""What the words beside a file ask of it."""

from __future__ import annotations

import pytest

from agent.languages.catalogues import Languages
from agent.records import Clause, SlotKind, SlotSpan
from agent.sheets.words import Wanted, meant, wanted


def clause(text: str, words: str, label: str = "", *slots: tuple[SlotKind, str]) -> Clause:
    start = text.index(words)
    spans = [SlotSpan(kind=kind, start=text.index(of), end=text.index(of) + len(of), confidence=1.0) for kind, of in slots]
    return Clause(start=start, end=start + len(words), labels=[(label, 0.9)] if label else [], slots=spans)


@pytest.mark.parametrize(
    ("words", "takes", "how"),
    [
        ("set these prices", {"prices"}, None), ("take over this stock count", {"stock"}, "set"), ("we received these units", {"stock"}, "add"),
        ("update the titles from this file", {"texts"}, None), ("add these products", {"new"}, None),
        ("update the titles from this price list", {"texts"}, None),
        ("take over this price list", {"prices"}, None), ("set these prices and take over the stock", {"prices", "stock"}, "set"),
        ("apply this file", set(), None), ("setze diese Preise", {"prices"}, None), ("übernimm diese Inventur", {"stock"}, "set"),
        ("leg diese Produkte an", {"new"}, None), ("add the stock from this delivery", {"stock"}, "add"),
    ],
)  # fmt: skip
def test_words_say_what_is_taken(words: str, takes: set[str], how: str | None) -> None:
    found = wanted(words)
    assert (set(found.take), found.how) == (takes, how)


def test_named_prices_and_texts_are_the_only_ones_taken() -> None:
    assert wanted("set the compare-at prices from this list").fields == {"compare_at_price"}
    assert wanted("take the purchase prices").fields == {"cost"}
    assert wanted("update titles and descriptions").fields == {"title", "description"}
    assert wanted("take over these texts") == Wanted(take=frozenset({"texts"}))


def test_what_else_is_asked_is_left_to_be_planned() -> None:
    text = "set these prices and tell me what sold best last month"
    found = meant(text, [clause(text, "set these prices", "change_price"), clause(text, "tell me what sold best last month", "sales_report")])
    assert text[slice(*found.span)] == "set these prices"
    assert [text[start:end] for start, end in found.rest] == ["tell me what sold best last month"] and found.beyond is None


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("raise these prices by 10%", "percent", "10%"),
        ("set these prices for the mugs", "product", "the mugs"),
        ("set these prices until Sunday", "until", "Sunday"),
    ],
)
def test_words_that_would_change_the_file_are_told_apart(text: str, kind: SlotKind, words: str) -> None:
    found = meant(text, [clause(text, text, "change_price", (kind, words))])
    assert found.beyond is not None and text[slice(*found.beyond)] == words


def test_these_products_are_those_of_the_file() -> None:
    text = "add these products"
    assert meant(text, [clause(text, text, "create_product", ("product", "these products"))]).beyond is None


def test_what_no_file_is_for_is_told() -> None:
    text = "delete these products"
    assert meant(text, [clause(text, text, "not_supported")]).other
    assert not meant("set these prices", []).other


@pytest.mark.parametrize(
    "text",
    [
        "what are the prices in this file?", "how many products are in this list?", "Are these prices too low?", "compare these prices with ours",
        "check these prices", "remove these prices", "undo these prices", "put these on sale", "email these", "wie viele Artikel sind in der Liste?",
    ],
)  # fmt: skip
def test_a_question_about_a_file_takes_nothing_from_it(text: str) -> None:
    assert meant(text, [clause(text, text)]).other


@pytest.mark.parametrize(
    "text",
    [
        "do not change these prices", "don’t update the prices yet", "update the prices but leave the stock", "halve these prices",
        "update the prices if they are lower", "set these prices tomorrow", "every Monday take these prices", "setze diese Preise nicht",
        "take only those that go up", "update the first ten rows",
    ],
)  # fmt: skip
def test_a_file_is_not_taken_against_the_words_or_at_another_time(text: str) -> None:
    assert meant(text, [clause(text, text)]).beyond is not None


@pytest.mark.parametrize("text", ["could you update the prices", "here is the new price list", "take only the prices", "set the compare-at prices"])
def test_a_file_is_taken_as_it_is_asked(text: str) -> None:
    found = meant(text, [clause(text, text)])
    assert not found.other and found.beyond is None


def test_a_request_about_something_else_takes_nothing_from_the_file_and_is_planned() -> None:
    text = "refund order 1042 and cancel order 1043"
    found = meant(text, [clause(text, "refund order 1042"), clause(text, "cancel order 1043")])
    assert found.other and len(found.rest) == 2


@pytest.mark.parametrize("text", ["no actualices los precios", "价格不变", "¿cuánto vale?", "hello", "sales last week"])
def test_words_that_are_not_understood_take_nothing(text: str) -> None:
    assert meant(text, [clause(text, text)]).other


def test_what_the_panel_says_of_a_file_without_words_is_understood_in_every_language() -> None:
    known = Languages()
    for locale in known.known:
        text = known.catalogue(locale).gettext("Take over this file")
        found = meant(text, [clause(text, text)])
        assert not found.other and found.beyond is None and found.plain, text

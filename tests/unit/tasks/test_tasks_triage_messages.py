"""triage_messages: what the student says is counted and sorted, and what no one reads is said to be unread."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.registry import discover
from agent.resources import bundled
from agent.sdk import Label, MessageWhere, Refusal, Untrusted
from agent.sdk.languages import language_of
from agent.testing.playground import Playground, playground
from tasks.triage_messages.urgency import urgency_of

MODELS = bundled() / "models"


class Keyword:
    """A student that goes by one word."""

    labels = ("return_or_refund", "product_question")

    def label(self, texts: list[str]) -> list[Label]:
        return [Label(label=self.labels["wash" in text], confidence=0.9, by="student") for text in texts]


@pytest.fixture
def ground() -> Iterator[Playground]:
    with playground(heads={"message_triage": Keyword()}) as made:
        yield made


def ask(ground: Playground, **args: Any) -> Any:
    return asyncio.run(ground.run(discover(plugins=False).task("triage_messages"), args))


def test_every_open_message_is_sorted_by_what_it_wants(ground: Playground) -> None:
    waiting = asyncio.run(ground.store.messages(MessageWhere(direction="in", answered=False))).items
    answer = ask(ground)
    assert answer.data.count == len(waiting) == sum(answer.data.by_wants.values()) > 0
    assert all(isinstance(one.text, Untrusted) and one.by == "student" and one.sure is not None for one in answer.data.messages)


def test_only_what_was_asked_for_is_listed(ground: Playground) -> None:
    some, all_ = ask(ground, wants="product_question"), ask(ground)
    assert 0 < some.data.count < all_.data.count
    assert set(some.data.by_wants) == {"question about a product"}


def test_without_a_student_and_a_provider_it_is_refused(bench: Any) -> None:
    assert isinstance(bench.ask("triage_messages"), Refusal)


@pytest.mark.parametrize(
    ("text", "wants", "urgency", "why"),
    [
        ("The heater sparked and burnt my socket", "wrong_or_damaged", "high", "danger"),
        ("You will hear from my lawyer", "complaint", "high", "threat"),
        ("I was charged twice for one order", "account_or_payment", "high", "money"),
        ("Please don't ship it, the address is wrong", "change_or_cancel_order", "high", "parcel"),
        ("We love it, it came by tomorrow as promised", "praise", "low", ""),
        ("Where is my order?", "order_status", "normal", ""),
        ("Not urgent at all, when might it ship?", "order_status", "normal", ""),
        ("Do you have vacancies?", "other", "low", ""),
        ("anything", None, "normal", ""),
    ],
)
def test_urgency_follows_from_what_is_wanted_and_from_words(text: str, wants: str | None, urgency: str, why: str) -> None:
    assert urgency_of(text, wants) == (urgency, why)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wo ist meine Bestellung? Ich warte seit zwei Wochen.", "de"), ("Bonjour, je n'ai pas reçu ma commande", "fr"),
        ("¿Dónde está mi pedido?", "es"),
        ("Где мой заказ", "other"), ("where is my order", "en"), ("Status #4471", None), ("", None), ("Der Blue Mug is broken", "en"),
    ],
)  # fmt: skip
def test_a_language_is_told_by_its_small_words(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_every_gold_text_is_taken_for_english() -> None:
    rows = Path(MODELS / "message_triage" / "gold" / "gold.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert {language_of(row.split("\t")[0]) for row in rows} <= {"en", None}


def test_urgency_is_right_on_most_of_gold() -> None:
    rows = [row.split("\t") for row in (MODELS / "message_triage" / "gold" / "gold.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    right = sum(urgency_of(text, wants)[0] == urgency for text, wants, urgency in rows)
    assert len(rows) == 300 and right / len(rows) > 0.9

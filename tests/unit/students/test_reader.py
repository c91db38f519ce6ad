"""What holds of every reading, and what even a modest reader must get right. How good it is, is in its card."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.records.reading import REFUSALS, Reading
from agent.registry import discover
from agent.students import Reader, Students
from agent.students.reader import KINDS, MOST_WINDOWS, STRIDE, WINDOW


@pytest.fixture(scope="session")
def reader(students: Students) -> Reader:
    return students.reader


def _sound(reading: Reading, text: str) -> None:
    assert reading.text == text
    assert 0 <= reading.readable <= 1
    for before, after in pairwise(reading.clauses):
        assert before.end <= after.start
    for clause in reading.clauses:
        assert 0 <= clause.start < clause.end <= len(text)
        assert sum(share for _, share in clause.labels) == pytest.approx(1, abs=1e-4)
        assert all(a[1] >= b[1] for a, b in pairwise(clause.labels))
        for before_slot, after_slot in pairwise(clause.slots):
            assert before_slot.end <= after_slot.start
        for slot in clause.slots:
            assert clause.start <= slot.start < slot.end <= clause.end
            assert slot.kind in KINDS
            assert 0 <= slot.confidence <= 1


def test_it_knows_every_task_that_ships_and_the_refusals(reader: Reader) -> None:
    assert set(reader.labels) >= {task.name for task in discover()} | set(REFUSALS)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=120))
def test_whatever_the_text_the_reading_is_sound(reader: Reader, text: str) -> None:
    _sound(reader.read(text), text)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07", "\u200b\u202e"])
def test_nothing_to_read_has_no_clauses(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    assert (reading.clauses, reading.readable) == ((), 0.0)


def test_two_things_joined_are_two_clauses_with_their_words_marked(reader: Reader) -> None:
    text = "Put the blue mug at 12.50 and tell me how much we sold last week"
    reading = reader.read(text)
    assert [text[c.start : c.end] for c in reading.clauses] == ["Put the blue mug at 12.50", "tell me how much we sold last week"]
    assert [c.labels[0][0] for c in reading.clauses] == ["change_price", "sales_report"]
    assert [(s.kind, text[s.start : s.end]) for c in reading.clauses for s in c.slots] == [
        ("product", "the blue mug"), ("money", "12.50"), ("period", "last week"),
    ]  # fmt: skip


def test_a_list_that_shares_its_verb_is_one_clause(reader: Reader) -> None:
    (clause,) = reader.read("restock mugs and plates by 20").clauses
    assert clause.labels[0][0] == "adjust_inventory"


def test_spans_count_code_points_of_the_text_as_it_came(reader: Reader) -> None:
    text = "😀😀 Put the CAFÉ mug at 12.50"
    (clause,) = reader.read(text).clauses
    assert {text[s.start : s.end] for s in clause.slots} >= {"12.50"}


def test_words_that_only_join_are_in_no_clause(reader: Reader) -> None:
    text = "1. archive the oak shelf\n2. list unpaid orders"
    assert [text[c.start : c.end] for c in reader.read(text).clauses] == ["archive the oak shelf", "list unpaid orders"]


@pytest.mark.parametrize(
    "text",
    [
        "Setze bitte den Preis der blauen Tasse auf zwölf Euro",
        "Combien avons-nous vendu la semaine dernière",
        "Muéstrame los pedidos de la semana pasada",
        "上周我们卖了多少蓝色的杯子",
        "😀🎉",
    ],
)
def test_what_is_not_english_says_so(reader: Reader, text: str) -> None:
    assert reader.read(text).readable < 0.5


@pytest.mark.parametrize(
    "text", ["hoodies", "blue mug 12.50", "whats my revenue", "tag Anna Schmidt vip", "restock the käsespätzle bowls by 20", "12.50"]
)
def test_short_and_odd_english_stays_readable(reader: Reader, text: str) -> None:
    assert reader.read(text).readable > 0.5


def test_a_text_beyond_one_window_is_read_to_its_end(reader: Reader) -> None:
    part = "show me the orders from Berlin over 100 euros. "
    text = part * 60
    assert len(reader.read("x " * 2).clauses) <= 2
    reading = reader.read(text)
    _sound(reading, text)
    assert not reading.truncated
    assert reading.clauses[-1].end > len(text) - len(part)
    assert 50 <= len(reading.clauses) <= 70


def test_a_text_beyond_all_windows_says_that_the_rest_was_not_read(reader: Reader) -> None:
    text = "mug " * (WINDOW + MOST_WINDOWS * STRIDE)
    reading = reader.read(text)
    _sound(reading, text)
    assert reading.truncated
    assert reading.clauses[-1].end < len(text)


def test_the_same_text_is_read_the_same_in_any_thread(reader: Reader) -> None:
    texts = [f"put the mug at {i} and list orders from Berlin" for i in range(16)]
    alone = [reader.read(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(reader.read, texts)) == alone


def test_sentiment_of_plain_reviews(students: Students) -> None:
    head = students.heads["review_sentiment"]
    assert [label.label for label in head.label(["Love it, the best mug ever!", "Broke after two days, very disappointed."])] == [
        "positive",
        "negative",
    ]
    assert head.labels == ("negative", "positive", "mixed")

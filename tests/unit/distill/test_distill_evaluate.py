import json
from pathlib import Path

import pytest

from agent.distill.evaluate import Tally, evaluate, gold_examples, gold_rows, gold_texts
from agent.distill.letters import Example, Part
from agent.errors import SettingsError
from agent.records.reading import Clause, Reading, SlotSpan


class Fixed:
    """Reads every text as it was told to."""

    def __init__(self, *clauses: Clause) -> None:
        self._clauses = clauses

    def read(self, text: str) -> Reading:
        return Reading(text=text, clauses=self._clauses, readable=1.0)


TEXT = "put the mug at 5 and list orders"
PARTS = [Part(label="change_price", start=0, end=16), Part(label="find_orders", start=21, end=32)]
EXAMPLE = Example(text=TEXT, parts=PARTS, slots=[("product", 4, 11), ("money", 15, 16)])


def _clause(start: int, end: int, label: str, *slots: tuple[str, int, int]) -> Clause:
    spans = tuple(SlotSpan(kind=kind, start=a, end=b, confidence=0.9) for kind, a, b in slots)  # type: ignore[arg-type]
    return Clause(start=start, end=end, labels=((label, 0.9), ("unclear", 0.1)), slots=spans)


def _tally(*clauses: Clause) -> Tally:
    return evaluate(Fixed(*clauses), [EXAMPLE])  # type: ignore[arg-type]  # the reader's one method


def _values(tally: Tally) -> dict[str, float]:
    return {name: round(metric.value, 3) for name, metric in tally.metrics().items() if name != "calibration_error"}


def test_a_reading_that_says_what_was_written_scores_full() -> None:
    tally = _tally(_clause(0, 16, "change_price", ("product", 4, 11), ("money", 15, 16)), _clause(21, 32, "find_orders"))
    assert set(_values(tally).values()) == {1.0}


def test_a_wrong_label_costs_the_request_but_not_the_split() -> None:
    tally = _tally(_clause(0, 16, "change_price", ("product", 8, 11)), _clause(21, 32, "sales_report"))
    assert _values(tally) == {
        "split": 1.0,
        "whole": 0.0,
        "boundaries": 1.0,
        "label": 0.5,
        "label_of_tasks": 0.5,
        "slots": 0.0,
        "slots_overlapping": 0.667,
    }
    assert tally.confused == {"find_orders > sales_report": 1}


def test_what_is_trusted_is_counted_by_confidence() -> None:
    tally = _tally(_clause(0, 16, "change_price"), _clause(21, 32, "sales_report"))
    found = {name: (metric.value, metric.n) for name, metric in tally.selective().items()}
    assert (found["kept_at_90"], found["right_at_90"]) == ((1.0, 2), (0.5, 2))


def test_clauses_run_together_are_one_clause_found_and_one_lost() -> None:
    tally = _tally(_clause(0, 32, "change_price"))
    assert _values(tally)["split"] == 0.0
    assert tally.confused == {"find_orders > nothing": 1}


def test_stops_at_the_ends_are_nobodys_mistake() -> None:
    example = Example(text="list orders.", parts=[Part(label="find_orders", start=0, end=12)], slots=[])
    assert evaluate(Fixed(_clause(0, 11, "find_orders")), [example]).exact == 1  # type: ignore[arg-type]


def test_another_label_that_people_accept_counts() -> None:
    example = Example(text="how is the mug", parts=[Part(label="sales_report", start=0, end=14, also=("review_insights",))], slots=[])
    assert evaluate(Fixed(_clause(0, 14, "review_insights")), [example]).labelled == 1  # type: ignore[arg-type]


def _gold(tmp_path: Path, *rows: dict[str, object]) -> Path:
    path = tmp_path / "requests.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_gold_requests_become_examples_with_spans(tmp_path: Path) -> None:
    path = _gold(
        tmp_path,
        {
            "text": "put the mug at 5, email Anna, what's the weather", "style": "plain", "outcome": "plan",
            "parts": [
                {"task": "change_price", "span": "put the mug at 5", "slots": {"product": "the mug", "money": ["5"]}},
                {"task": "write_email", "span": "email Anna", "slots": {"customer": "Anna"}},
            ],
            "not_done": [{"span": "what's the weather", "code": "out_of_scope"}],
        },
        {"text": " hello ", "style": "chitchat", "outcome": "out_of_scope", "parts": []},
        {"text": "", "style": "empty", "outcome": "unclear", "parts": []},
    )  # fmt: skip
    request, greeting = gold_examples(path, ["change_price"])
    assert [(p.label, request.text[p.start : p.end]) for p in request.parts] == [
        ("change_price", "put the mug at 5"), ("not_supported", "email Anna"), ("out_of_scope", "what's the weather"),
    ]  # fmt: skip
    assert [(kind, request.text[a:b]) for kind, a, b in request.slots] == [("product", "the mug"), ("money", "5"), ("customer", "Anna")]
    assert [(p.label, greeting.text[p.start : p.end]) for p in greeting.parts] == [("out_of_scope", "hello")]
    assert gold_texts(gold_rows(path)) == ["put the mug at 5, email Anna, what's the weather", "put the mug at 5", "email Anna", " hello "]


def test_a_gold_line_whose_span_is_not_in_its_text_is_named(tmp_path: Path) -> None:
    path = _gold(tmp_path, {"text": "a", "style": "plain", "outcome": "plan", "parts": [{"task": "t", "span": "b", "slots": {}}]})
    with pytest.raises(SettingsError, match="requests.jsonl:1 is not a gold request"):
        gold_rows(path)

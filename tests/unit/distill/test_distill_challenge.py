"""A new reader against the one in use."""

import json
from pathlib import Path

import pytest

from agent.distill.challenge import Folded, challenge
from agent.records.reading import Clause, Reading
from agent.students import Reader, Students, load_students


class Doubtful(Reader):
    """The shipped reader, but everything it reads is unclear."""

    def __init__(self, real: Reader) -> None:
        self._real = real

    @property
    def labels(self) -> tuple[str, ...]:
        return self._real.labels

    def read(self, text: str) -> Reading:
        return Reading(text=text, clauses=(Clause(start=0, end=len(text), labels=(("unclear", 0.9),), slots=()),), readable=0.9)


@pytest.fixture(scope="module")
def students() -> Students:
    return load_students(Path(__file__).parents[3] / "models")


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    asks = {"set the blue mug to 12.50": "change_price", "what did we sell last month": "sales_report", "restock plates by 20": "adjust_inventory"}
    rows = [
        {"id": f"g{n}", "text": text, "style": "plain", "outcome": "plan", "parts": [{"task": task, "span": text, "slots": {}}]}
        for n, (text, task) in enumerate([pair for pair in asks.items() for _ in range(20)])
    ]
    path = tmp_path / "requests.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_reader_is_as_good_as_itself(students: Students, gold: Path) -> None:
    found = challenge(students.reader, students.reader, gold)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_one_that_understands_nothing_is_certainly_worse(students: Students, gold: Path) -> None:
    found = challenge(Doubtful(students.reader), students.reader, gold)
    assert found.value < -0.5 and found.high < 0


def test_labels_that_are_not_shared_count_as_not_supported(students: Students) -> None:
    (clause,) = Folded(students.reader, ["sales_report", "not_supported"]).read("set the blue mug to 12.50").clauses
    assert [label for label, _ in clause.labels] == ["not_supported", "sales_report"]
    assert sum(share for _, share in clause.labels) == pytest.approx(1, abs=1e-4)

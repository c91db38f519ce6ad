"""Nothing is shipped to learn from that nearly says what a student is measured by, but for what is known and left out of training by script."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.distill.likeness import Index, Line, gold_of, lines, near, near_gold
from agent.errors import SettingsError
from agent.students import Encoder, read_manifest

MODELS = Path(__file__).parents[2] / "models"
KNOWN = Path(__file__).with_name("near_gold.txt")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(read_manifest(MODELS / "encoder"))


def _known() -> set[str]:
    return {line for line in KNOWN.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")}


def test_no_line_of_the_data_that_ship_nearly_says_gold_but_for_those_that_are_known(encoder: Encoder) -> None:
    found = near_gold(MODELS, encoder)
    new = [str(line) for line in found if f"{line.file} {line.key}" not in _known()]
    assert not new, f"these lines nearly say what gold says; take them out of the data: {', '.join(new)}"


def test_a_line_that_is_known_to_be_near_is_there() -> None:
    shipped = {f"{line.file} {line.key}" for head in {name.partition("/")[0] for name in _known()} for line in lines(MODELS, MODELS / head)}
    assert not _known() - shipped, f"take them out of {KNOWN.name}"


def test_a_line_that_is_put_into_the_data_and_nearly_says_gold_is_told_by_file_and_line(encoder: Encoder, tmp_path: Path) -> None:
    head = tmp_path / "message_triage"
    shutil.copytree(MODELS / "message_triage", head)
    taken = next(text for text in gold_of(head) if len(text.split()) > 8)
    with (head / "data" / "train.tsv").open("a", encoding="utf-8") as data:
        data.write(f"{taken.upper().rstrip('.?!')} !\tother\tnormal\tplanted\n")
    last = len((head / "data" / "train.tsv").read_text(encoding="utf-8").splitlines())
    assert [(line.file, line.number) for line in near_gold(tmp_path, encoder)] == [("message_triage/data/train.tsv", last)]


def test_a_part_of_a_written_request_and_a_filled_wording_are_compared_too(encoder: Encoder, tmp_path: Path) -> None:
    data = tmp_path / "reader" / "data"
    (data / "written").mkdir(parents=True)
    (data / "fillers.txt").write_text("[product]\nred kettle\n")
    (data / "change_price.txt").write_text("# remarks\nput the {product} at seven\n")
    (data / "written" / "one.txt").write_text("<find_orders: late orders> and <change_price: Put the [product:red kettle] at seven, please>\n")
    (data / "sales_report.txt").write_text("? what did we sell (yesterday|today)\n")
    found = near(lines(tmp_path, tmp_path / "reader"), ["put the red kettle at seven"], encoder)
    assert [(line.file, line.number) for line in found] == [("reader/data/change_price.txt", 2), ("reader/data/written/one.txt", 1)]


def test_a_file_of_a_form_that_nobody_can_compare_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mood" / "data").mkdir(parents=True)
    (tmp_path / "mood" / "data" / "more.parquet").write_bytes(b"PAR1")
    with pytest.raises(SettingsError, match=r"nothing here knows how to read .*more\.parquet"):
        lines(tmp_path, tmp_path / "mood")


def test_every_head_with_gold_has_lines_and_gold_that_are_read() -> None:
    read = {path.parent.name: (len(lines(MODELS, path.parent)), len(gold_of(path.parent))) for path in MODELS.glob("*/gold")}
    assert set(read) == {"message_triage", "personal_data", "product_attributes", "product_category", "reader", "review_aspects"}
    assert all(shipped >= 100 and gold >= 200 for shipped, gold in read.values()), read


def test_texts_are_alike_by_the_trigrams_that_both_have() -> None:
    index = Index(["put the blue mug at twelve", "who bought the scarf"])
    assert [list(index.alike(text)) for text in ("Put the blue mug at 12!", "who bought the scarves?", "hello")] == [[0], [1], []]


def test_a_line_keeps_its_key_wherever_it_stands() -> None:
    assert Line(file="a", number=1, raw="x ", texts=()).key == Line(file="a", number=9, raw="x", texts=()).key
    assert Line(file="a", number=1, raw="x", texts=()).key != Line(file="b", number=1, raw="x", texts=()).key

import random
from collections import Counter
from pathlib import Path

import pytest

from agent.distill.patterns import Expansion, Marked, held_out
from agent.distill.wordings import read_wordings
from agent.errors import SettingsError
from agent.records.reading import REFUSALS

DATA = Path(__file__).parents[3] / "models" / "reader" / "data"
FILLERS = {"product": ["the {_colour} mug"], "_colour": ["blue"], "money": ["12.50"], "product_one": ["oak shelf"]}


def _expanded(pattern: str) -> Marked:
    return Expansion(FILLERS, random.Random(1)).expand(pattern)


def test_a_filled_list_is_marked_as_its_kind() -> None:
    marked = _expanded("put {product} at {money}")
    assert marked.text == "put the blue mug at 12.50"
    assert [(kind, marked.text[a:b]) for kind, a, b in marked.slots] == [("product", "the blue mug"), ("money", "12.50")]


def test_a_list_with_a_tail_in_its_name_is_the_kind_before_it() -> None:
    assert _expanded("{product_one}").slots == (("product", 0, 9),)


def test_written_out_slots_may_hold_lists() -> None:
    marked = _expanded("rename it to [value:{_colour} Sky]")
    assert [(kind, marked.text[a:b]) for kind, a, b in marked.slots] == [("value", "blue Sky")]


def test_one_arm_of_a_choice_is_taken() -> None:
    assert {Expansion(FILLERS, random.Random(seed)).expand("(put|set (it|them)) up").text for seed in range(30)} == {
        "put up", "set it up", "set them up",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [("{nothing}", "no list"), ("(a|b", "not closed"), ("[product:mug", "not closed"), ("[colour:red]", "no kind of slot"), ("a ) b", "stray")],
)
def test_a_wording_that_cannot_be_read_says_why(pattern: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        _expanded(pattern)


def test_marks_before_a_wording_say_how_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "fillers.txt").write_text("[money]\n5\n")
    (tmp_path / "change_price.txt").write_text("# remark\nput it at {money}\n? it costs {money}\n> make it {money}\n>? should it be {money}\n")
    (tmp_path / "ellipsis.txt").write_text("after: change_price\nsame for {money}\n")
    found = {p.body: (p.label, p.imperative, p.follows, sorted(p.after)) for p in read_wordings(tmp_path).patterns}
    assert found == {
        "put it at {money}": ("change_price", True, False, []),
        "it costs {money}": ("change_price", False, False, []),
        "make it {money}": ("change_price", True, True, []),
        "should it be {money}": ("change_price", False, True, []),
        "same for {money}": ("ellipsis", True, True, ["change_price"]),
    }


def test_a_wrong_line_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "fillers.txt").write_text("[money]\n5\n")
    (tmp_path / "change_price.txt").write_text("put {mony}\n")
    with pytest.raises(SettingsError, match=r"change_price\.txt: `put \{mony\}`: there is no list of `mony`"):
        read_wordings(tmp_path)


def test_a_folder_without_lists_is_no_data(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no fillers\.txt"):
        read_wordings(tmp_path)


def test_a_wording_stays_held_out_whatever_is_added() -> None:
    assert [held_out(f"wording {i}") for i in range(20)] == [held_out(f"wording {i}") for i in range(20)]
    share = sum(held_out(f"wording {i}") for i in range(5000)) / 5000
    assert 0.08 < share < 0.12


def test_the_shipped_wordings_are_many_for_every_label_and_none_is_written_twice() -> None:
    wordings = read_wordings(DATA)
    bodies = [(p.label, p.body, p.after) for p in wordings.patterns]
    assert len(bodies) == len(set(bodies))
    counts = Counter(p.label for p in wordings.patterns if not p.after)
    counts += Counter(part.label for request in wordings.written for part in request.parts)
    assert set(REFUSALS) < set(wordings.labels) == set(counts)
    assert min(counts.values()) >= 35
    assert all(counts[task] >= 250 for task in ("change_price", "adjust_inventory", "edit_product", "sales_report", "find_orders"))
    assert sum(counts[refusal] for refusal in REFUSALS) >= 1500


def test_no_written_request_stands_twice() -> None:
    # A lone word that means nothing definite may be thought of twice; a request may not.
    texts = Counter(request.text.casefold() for request in read_wordings(DATA).written if " " in request.text)
    assert [text for text, times in texts.items() if times > 1] == []

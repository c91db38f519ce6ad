from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from agent.distill.compose import Composer
from agent.distill.letters import Example
from agent.distill.wordings import Wordings, read_wordings

DATA = Path(__file__).parents[3] / "models" / "reader" / "data"


@pytest.fixture(scope="module")
def wordings() -> Wordings:
    return read_wordings(DATA)


@pytest.fixture(scope="module")
def drawn(wordings: Wordings) -> list[Example]:
    composer = Composer(wordings, seed=3)
    return [composer.example() for _ in range(300)]


def test_the_same_seed_draws_the_same_requests(wordings: Wordings) -> None:
    first, second, other = (Composer(wordings, seed=seed) for seed in (1, 1, 2))
    texts = [[composer.example() for _ in range(20)] for composer in (first, second, other)]
    assert texts[0] == texts[1] != texts[2]


def test_parts_and_slots_lie_in_the_text_in_order(drawn: list[Example]) -> None:
    for example in drawn:
        assert all(0 <= p.start < p.end <= len(example.text) for p in example.parts)
        assert all(a.end <= b.start for a, b in pairwise(example.parts))
        for _, start, end in example.slots:
            assert any(p.start <= start < end <= p.end for p in example.parts)


def test_no_part_begins_or_ends_with_what_only_joins(drawn: list[Example]) -> None:
    texts = [example.text[p.start : p.end] for example in drawn for p in example.parts]
    assert not [text for text in texts if text != text.strip() or text.endswith((",", ";"))]


def test_requests_have_one_to_eight_parts_of_every_label(drawn: list[Example]) -> None:
    counts = Counter(len(example.parts) for example in drawn)
    assert counts[1] > 75
    assert sum(counts[n] for n in counts if n >= 4) > 20
    assert {p.label for example in drawn for p in example.parts} >= {"change_price", "sales_report", "not_supported", "unclear", "out_of_scope"}
    assert "ellipsis" not in {p.label for example in drawn for p in example.parts}


def test_a_wording_that_needs_another_before_it_never_comes_first(wordings: Wordings) -> None:
    follows = {p.body for p in wordings.patterns if p.follows and "{" not in p.body and "[" not in p.body and "(" not in p.body}
    apart = follows - {p.body for p in wordings.patterns if not p.follows}
    composer = Composer(wordings, seed=9)
    firsts = [example.text[example.parts[0].start : example.parts[0].end] for example in (composer.example() for _ in range(300))]
    assert not apart & set(firsts)


def test_held_out_wordings_are_not_drawn_for_training(wordings: Wordings) -> None:
    plain = {p.body: p.held_out for p in wordings.patterns if "{" not in p.body and "[" not in p.body and "(" not in p.body}
    composer = Composer(wordings, seed=4)
    seen = {e.text[p.start : p.end] for e in (composer.example() for _ in range(400)) for p in e.parts}
    assert not {text for text in seen & set(plain) if plain[text]}
    assert {text for text in seen & set(plain) if not plain[text]}

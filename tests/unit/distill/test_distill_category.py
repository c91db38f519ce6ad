"""Category and attribute heads: how titles are read, dressed, judged and refused for."""

from pathlib import Path

import numpy as np
import pytest

from agent.distill import category
from agent.distill.attributes import LETTERS, measured
from agent.distill.category import agrees, figures_of, labels_of, make_category, nearest, proposals
from agent.distill.fitting import always
from agent.distill.marked import marked
from agent.distill.steps import near_gold
from agent.distill.titles import Lessons, Title, dressed, read_titles
from agent.errors import SettingsError
from agent.sdk.model import Tagged

LABELS = ["Home > Kitchen > Mugs", "Home > Decor > Vases", "Wear > Hats"]
GOLD = [Title("Home > Kitchen > Mugs", "a mug"), Title("Wear > Hats", "a hat")]


def test_accuracy_is_told_for_each_depth() -> None:
    shares = np.array([[0.3, 0.6, 0.1], [0.1, 0.1, 0.8]], dtype=np.float32)
    found = figures_of(shares, LABELS, GOLD, 0.7)
    assert (found["level_1"].value, found["level_2"].value, found["node"].value) == (1.0, 0.5, 0.5)
    assert (found["proposed"].value, found["proposed_right"].value) == (1.0, 1.0)


def test_a_node_below_the_one_written_down_is_not_wrong_and_one_beside_it_is() -> None:
    assert agrees("Home > Kitchen", "Home > Kitchen > Mugs") and agrees("Home > Kitchen > Mugs", "Home > Kitchen")
    assert not agrees("Home > Decor", "Home > Kitchen") and not agrees("Home > Kit", "Home > Kitchen")


def test_the_threshold_is_asked_of_the_wrong_node_where_there_is_one() -> None:
    sure, right = proposals(np.array([[0.2, 0.7, 0.1], [0.05, 0.05, 0.9]], dtype=np.float32), LABELS, GOLD)
    assert (np.round(sure, 2).tolist(), right) == ([0.7, 0.9], [False, True])


def test_dressing_adds_each_title_once_more_and_always_the_same() -> None:
    clothes = {"before": ["Handmade"], "after": [", 30 cm"]}
    once, again = dressed(GOLD, clothes, 7), dressed(GOLD, clothes, 7)
    assert once == again and len(once) == 4 and {one.node for one in once} == {one.node for one in GOLD}


def test_a_titles_dress_hangs_on_it_alone() -> None:
    clothes = {"before": ["Handmade", "New", "Small"], "after": [", 30 cm", "in blue", ", pack of 2"]}
    assert set(dressed(GOLD[1:], clothes, 7)) < set(dressed(GOLD, clothes, 7))


def test_what_nearly_says_gold_is_left_out_with_every_copy_of_it() -> None:
    """A title whose copy alone says what gold says stays, without that copy."""
    first, second = [Title("Home", "blue mug"), Title("Wear", "straw hat")], [Title("Home", "red vase"), Title("Wear", "wool cap")]
    lessons = Lessons.of(first, second, {"before": ["Handmade"], "after": ["in pink"]}, 7)
    copies = {title.text: copy.text for title, copy in zip(lessons.every[:4], lessons.every[4:], strict=True)}
    meant = {text: np.array([0.0, 1.0], dtype=np.float32) for text in lessons.texts}
    meant |= dict.fromkeys(("gold", "blue mug", copies["wool cap"]), np.array([1.0, 0.0], dtype=np.float32))
    close = near_gold(lessons.texts, ["gold"], meant, always)
    kept = lessons.without(close)
    assert close == {"blue mug", copies["wool cap"]}
    assert [one.text for one in kept.titles] == ["straw hat", "red vase", "wool cap"]
    assert {one.text for one in kept.every} == {"straw hat", "red vase", "wool cap", copies["straw hat"], copies["red vase"]}
    assert {one.text for one in kept.apart} == {"red vase", "wool cap", copies["red vase"]}


def test_gold_without_a_title_is_told() -> None:
    with pytest.raises(SettingsError, match="gold holds no text"):
        near_gold(["blue mug"], [], {"blue mug": np.ones(2, dtype=np.float32)}, always)


def test_a_student_that_says_one_thing_of_everything_is_refused() -> None:
    dead = np.tile(np.array([0.9, 0.05, 0.05], dtype=np.float32), (2, 1))
    figures = {"gold": figures_of(dead, LABELS, GOLD, 0.7), "baseline": figures_of(nearest(GOLD, LABELS, GOLD), LABELS, GOLD, 0.7)}
    score = category._judged(figures, GOLD, None)
    assert not score.passed
    assert any("no better than the title most alike" in why for why in score.failures)
    assert any("no confidence promises" in why for why in score.failures)


def test_nodes_of_the_second_depth_take_what_belongs_beside() -> None:
    assert labels_of(GOLD) == ["Home > Kitchen", "Home > Kitchen > Mugs", "Wear > Hats"]


@pytest.mark.parametrize("lines", ["wrong heading\n", "id\tcategory\ttext\nhg-1\tHome\n", "id\tcategory\ttext\nhg-1\tHome\t \n"])
def test_a_file_of_titles_that_is_none_is_refused(tmp_path: Path, lines: str) -> None:
    (tmp_path / "titles.tsv").write_text(lines)
    with pytest.raises(SettingsError):
        read_titles(tmp_path / "titles.tsv")


def test_a_gold_title_that_is_trained_on_is_refused(tmp_path: Path) -> None:
    for place, text in (("gold/gold.tsv", "Blue mug"), ("data/train.tsv", "blue MUG"), ("data/written.tsv", "Hat")):
        file = tmp_path / "product_category" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"id\tcategory\ttext\nx\tHome\t{text}\n")
    with pytest.raises(SettingsError, match="trained on"):
        make_category(tmp_path, tmp_path / "out", 7, lambda _: None)


def test_only_exact_spans_of_the_right_kind_count() -> None:
    gold = [marked("{c:Blue} {m:linen} shirt", LETTERS), marked("gift card", LETTERS)]

    def tags(text: str) -> list[Tagged]:
        blue = [Tagged(kind="color", start=0, end=4, confidence=0.9)] if text.startswith("Blue") else []
        return [*blue, Tagged(kind="material", start=0, end=4, confidence=0.3)]

    found = measured(tags, gold, 0.5)
    assert (found["recall"].value, found["precision"].value) == (0.5, pytest.approx(1 / 3))
    assert (found["sure_right"].value, found["clean_touched"].value) == (1.0, 1.0)
    with pytest.raises(ValueError, match="no kind"):
        marked("{z:Blue} shirt", LETTERS)

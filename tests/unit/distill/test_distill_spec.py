from pathlib import Path

import pytest
from distill_data import SPEC

from agent.distill.pipeline import RECIPES
from agent.distill.spec import RESERVED, LinearTarget, read_spec
from agent.errors import SettingsError
from agent.resources import Resources


def written(folder: Path, text: str) -> Path:
    path = folder / "spec.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_spec_says_only_what_it_does_not_leave_to_defaults(tmp_path: Path) -> None:
    spec = read_spec(written(tmp_path, SPEC))
    assert (spec.name, spec.seed, spec.target, spec.evals.near, spec.gate.gold, spec.gate.lost) == ("mood", 7, LinearTarget(), "refuse", 60, 0.02)


def test_the_specs_that_ship_can_be_read() -> None:
    found = {path.parent.name: read_spec(path).name for path in Resources().models().glob("*/spec.toml")}
    assert "review_sentiment" in found and all(folder == name for folder, name in found.items())


def test_no_spec_may_take_the_name_of_what_has_a_recipe() -> None:
    assert set(RECIPES) <= set(RESERVED)


GATEWAY = 'name = "mood"\nlabels = ["a", "b"]\n[[data]]\nfile = "x.csv"\nlicence = "own"\n[teacher]\nkind = "gateway"\n'
GOLD = '[[evals.gold]]\nfile = "g.csv"\nlicence = "own"\n'
WRONG = [
    (SPEC + "lossed = 0.1\n", r"line 18: there is no key `gate\.lossed`; write `lost`"),
    (SPEC + "hue = 0.1\n", r"line 18: there is no key `gate\.hue`; write one of gold, per_class, accuracy"),
    ('nam = "x"\n' + SPEC, r"line 1: there is no key `nam`; write `name`"),
    (SPEC + '[target]\nkind = "linear"\nstrenght = 2.0\n', r"line 20: there is no key `target\.strenght`; write `strength`"),
    (SPEC + '[target]\nkind = "lora"\n', r"line 18: .*`target`.*'linear', 'mixed', 'fine_tuned', 'static', 'hashed'"),
    (SPEC.replace('licence = "own"', 'lisence = "own"', 1), r"line 6: there is no key `data\.lisence`; write `licence`"),
    (SPEC.replace('licence = "own"\n', "", 1), r"line 4: `data\.licence` is missing"),
    (SPEC.replace("accuracy = 0.70", "accuracy = 70"), r"line 16: `gate\.accuracy`: Give 1 or less"),
    (SPEC.replace("accuracy = 0.70\n", ""), r"without a teacher to compare with, the gate needs `accuracy`"),
    (SPEC.replace('"mood"', '"reader"'), "cannot be called `reader`"),
    (SPEC.replace('"mood"', '"product_category"'), "cannot be called `product_category`, which is made otherwise"),
    (SPEC.replace('["animal", "food", "tool"]', '["animal", "animal"]'), "names one label twice"),
    (SPEC.replace("[gate]", "[gate"), "is not TOML"),
    (GATEWAY + 'alias = "big"\n', "needs a gold file of people's labels"),
    (GATEWAY + 'alias = "big"\nsamples = 3\nagree = 4\n' + GOLD, "`agree` is 4, but each text is only asked 3 times"),
    (GATEWAY.replace('labels = ["a", "b"]\n', "") + 'alias = "big"\n' + GOLD, "needs to be told the labels"),
    (GATEWAY + GOLD, r"line 6: `teacher\.alias` is missing"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said[:50] for _, said in WRONG])
def test_what_is_wrong_is_said_with_its_line_and_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_spec(written(tmp_path, text))


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"`gate\.one`.*`gate\.two`"):
        read_spec(written(tmp_path, SPEC + "one = 1\ntwo = 2\n"))


def test_a_spec_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read: No such file"):
        read_spec(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not UTF-8"):
        read_spec(tmp_path / "bytes.toml")

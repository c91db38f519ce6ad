"""The targets that are trained with torch. Needs the extra `[distill]`; skipped without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from distill_data import MODELS, WORDS, training

from agent.distill.cache import Arrays, Cache, Says, StepEvent
from agent.distill.fitting import Made, Texts, Workshop, fitted
from agent.distill.folder import write_folder
from agent.distill.spec import FineTunedTarget, StaticTarget
from agent.distill.static import table_of
from agent.distill.vectors import Vectors, silent
from agent.errors import RunError
from agent.students import Encoder, Head, read_manifest

pytest.importorskip("torch", reason="the extra `distill` is not installed")

import torch

from agent.distill.epochs import keep_state, kept_state
from agent.distill.extra import base_folder
from agent.distill.network import Upper, published
from agent.distill.tuned import given_of
from agent.distill.tuning import TunedNet, Tuning, tuned

pytestmark = pytest.mark.distill
LABELS = list(WORDS)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(read_manifest(MODELS / "encoder"))


def table(width: int) -> Arrays:
    """Vectors that mean nothing: what is learned is learned from the texts."""
    rows, scale = table_of(np.random.default_rng(5).normal(size=(30_522, 384)).astype(np.float32), width)
    return {"table": rows, "scale": scale}


def some(rows: list[tuple[str, str]]) -> Texts:
    return Texts(texts=[text for text, _ in rows], y=np.array([LABELS.index(label) for _, label in rows]), classes=len(LABELS))


def shop(encoder: Encoder, folder: Path) -> Workshop:
    return Workshop(
        encoder=encoder, vectors=Vectors(folder, encoder), table=table, kept=folder / "epochs", seed=7, in_scope=0.95, accepted_error=0.02
    )  # fmt: skip


def served(made: Made, folder: Path, encoder: Encoder) -> Head:
    write_folder(
        folder / "mood", name="mood", files=made.files, encoder=encoder.manifest.identity, labels={"label": LABELS}, features=made.features
    )  # fmt: skip
    return Head(read_manifest(folder / "mood"), encoder)


def test_trained_static_vectors_learn_their_texts_and_serve_what_was_trained(encoder: Encoder, tmp_path: Path) -> None:
    target = StaticTarget(kind="static", width=32, epochs=100, hidden=64)
    made = fitted(target, some(training()), shop(encoder, tmp_path))
    head = served(made, tmp_path, encoder)
    said = [label.label for label in head.label([text for text, _ in training()])]
    assert sum(a == b for a, (_, b) in zip(said, training(), strict=True)) / len(said) > 0.8
    assert made.parity[0] == 1.0
    again = fitted(target, some(training()), shop(encoder, tmp_path))
    assert again.files == made.files


def test_fine_tuned_layers_serve_what_was_trained(encoder: Encoder, tmp_path: Path) -> None:
    target = FineTunedTarget(kind="fine_tuned", epochs=2, batch=8)
    made = fitted(target, some(training()[::3]), shop(encoder, tmp_path))
    head = served(made, tmp_path, encoder)
    assert (made.features, made.parity[1]) == ("tuned", 4) and made.parity[0] == 1.0
    said = [label.label for label in head.label([text for text, _ in training()[::3]])]
    assert sum(a == b for a, (_, b) in zip(said, training()[::3], strict=True)) / len(said) > 0.8


def test_an_encoder_of_its_own_serves_what_was_trained_and_is_trained_once_for_both_precisions(encoder: Encoder, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    once = replace(shop(encoder, tmp_path), once=lambda name, inputs, make, code: cache.arrays(name, inputs, make, code=code))
    small, large = (FineTunedTarget(kind="fine_tuned", layers="all", precision=kind, epochs=2, batch=8) for kind in ("int8", "fp32"))
    rows = some(training()[::3])
    made, exact = fitted(small, rows, once), fitted(large, rows, once)
    assert [step.state for step in cache.steps] == ["done", "cached"]
    assert len(made.files["whole.onnx"]) < 25_000_000 < 90_000_000 < len(exact.files["whole.onnx"])
    for one in (made, exact):
        said = served(one, tmp_path, encoder).label(rows.texts)
        assert (one.features, one.parity) == ("whole", (1.0, 4))
        assert np.mean([label.label == LABELS[y] for label, y in zip(said, rows.y, strict=True)]) > 0.8


def test_the_loss_of_each_epoch_is_told_and_told_again_when_the_training_is_taken_from_the_cache(encoder: Encoder, tmp_path: Path) -> None:
    live: list[StepEvent] = []
    cache = Cache(tmp_path / "cache", live.append)
    once = replace(shop(encoder, tmp_path), once=lambda name, inputs, make, code: cache.arrays(name, inputs, make, code=code))
    target, rows = FineTunedTarget(kind="fine_tuned", epochs=3, batch=8), some(training()[::3])
    runs: list[list[tuple[int, float]]] = []
    for _ in range(2):
        told: list[tuple[int, float]] = []
        fitted(target, rows, once, lambda done, total, told=told, **figures: told.append((done, figures["loss"])))
        runs.append(told)
    losses = [event.figures["loss"] for event in live if event.state == "running" and event.figures]
    assert [step.state for step in cache.steps] == ["done", "cached"]
    assert len(losses) == 3 and losses[0] > losses[-1]
    assert runs[0] == runs[1] == list(zip((1, 2, 3), losses, strict=True))


def test_every_target_that_is_trained_by_epochs_tells_its_losses(encoder: Encoder, tmp_path: Path) -> None:
    told: list[float] = []
    static = StaticTarget(kind="static", width=32, epochs=8, hidden=32)
    made = fitted(static, some(training()), shop(encoder, tmp_path), lambda done, total, **figures: told.append(figures["loss"]))
    assert ([epoch for epoch, _ in made.losses], [loss for _, loss in made.losses]) == (list(range(1, 9)), told)
    assert told[-1] < told[0]
    assert Made.of(made.arrays()) == made
    assert fitted(StaticTarget(kind="static", width=32), some(training()), shop(encoder, tmp_path)).losses == ()


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


def test_a_training_that_was_stopped_goes_on_with_the_epoch_it_was_in(encoder: Encoder, tmp_path: Path) -> None:
    rows = training()[:24]
    target = FineTunedTarget(kind="fine_tuned", epochs=2, batch=8, dropout=0.1)
    forks, y = given_of(target, encoder, [text for text, _ in rows]), np.array([LABELS.index(label) for _, label in rows])

    def trained(says: Says, kept: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        torch.manual_seed(7)
        net = TunedNet(Upper(published(base_folder()), target.dropout), len(LABELS))
        weight, _ = tuned(net, forks, y, Tuning(target=target, seed=7, kept=kept, bfloat16=False), says).linear()
        return weight

    def stop(done: int, total: int, /, **figures: float) -> None:
        if done == 5:
            raise Stopped

    with pytest.raises(Stopped):
        trained(stop, tmp_path / "one.pt")
    steps: list[int] = []
    resumed = trained(lambda done, total, **figures: steps.append(done), tmp_path / "one.pt")
    assert steps == [4, 5, 6]
    assert np.array_equal(resumed, trained(silent, tmp_path / "two.pt"))


@pytest.mark.parametrize("layers", ["upper", "all"])
def test_a_student_whose_training_was_stopped_is_the_same_with_all_its_losses(
    encoder: Encoder, tmp_path: Path, layers: Literal["upper", "all"]
) -> None:
    target, rows = FineTunedTarget(kind="fine_tuned", layers=layers, epochs=3, batch=8, dropout=0.1), some(training()[::6])

    def stopping(name: str, inputs: object, make: Callable[[Says], Arrays], code: object) -> Arrays:
        def says(done: int, total: int, /, **figures: float) -> None:
            if figures and done > total // 2:
                raise Stopped

        return make(says)

    with pytest.raises(Stopped):
        fitted(target, rows, replace(shop(encoder, tmp_path), once=stopping))
    assert len(list((tmp_path / "epochs").glob("*.pt"))) == 1
    resumed, whole = fitted(target, rows, shop(encoder, tmp_path)), fitted(target, rows, shop(encoder, tmp_path / "another"))
    assert resumed == whole
    assert [epoch for epoch, _ in resumed.losses] == [1, 2, 3]
    assert not list((tmp_path / "epochs").iterdir())


@pytest.mark.parametrize("where", [0.0, 0.5, 0.999])
def test_a_bit_that_was_flipped_in_what_a_stopped_training_left_is_found_and_all_of_it_is_thrown_away(tmp_path: Path, where: float) -> None:
    layer = torch.nn.Linear(50, 40)
    keep_state(tmp_path / "epochs.pt", {"net": layer}, epochs=1)
    content = bytearray((tmp_path / "epochs.pt").read_bytes())
    content[int(where * len(content))] ^= 1
    (tmp_path / "epochs.pt").write_bytes(content)
    with pytest.raises(RunError, match="is damaged; it was removed, and the same command trains anew"):
        kept_state(tmp_path / "epochs.pt", {"net": layer})
    assert kept_state(tmp_path / "epochs.pt", {"net": layer}) is None


def test_what_another_training_left_there_is_not_gone_on_with(tmp_path: Path) -> None:
    keep_state(tmp_path / "epochs.pt", {"net": torch.nn.Linear(50, 40)}, epochs=1)
    with pytest.raises(RunError, match="is damaged"):
        kept_state(tmp_path / "epochs.pt", {"net": torch.nn.Linear(30, 40)})


@pytest.mark.parametrize("layers", ["upper", "all"])
def test_equal_texts_and_seed_fine_tune_to_equal_files(encoder: Encoder, tmp_path: Path, layers: Literal["upper", "all"]) -> None:
    target = FineTunedTarget(kind="fine_tuned", layers=layers, epochs=1, batch=8, dropout=0.1)
    one, another = (fitted(target, some(training()[::4]), shop(encoder, tmp_path)) for _ in range(2))
    assert one.files == another.files
    other_seed = fitted(target, some(training()[::4]), replace(shop(encoder, tmp_path), seed=8))
    assert other_seed.files != one.files

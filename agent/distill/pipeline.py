"""One door to making a student: `distill("reader", models=…, out=…)`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent.distill.extra import require_extra
from agent.distill.records import Progress, Scorecard
from agent.errors import SettingsError

HEADS = ("encoder", "reader", "review_sentiment")
"""What can be made here."""
SEED = 7


def _quiet(_: str) -> None:
    pass


def distill(
    head: str,
    *,
    models: Path,
    out: Path | None = None,
    progress: Progress = _quiet,
    data: Path | None = None,
    examples: int | None = None,
    seed: int = SEED,
) -> Scorecard:
    """Make a student, measure it, and write its folder if its gate opens.

    Args:
        models: Holds the encoder, the reader's training data and the gold set.
        out: Where the student's folder goes; `models` when None.
        data: The reader's wordings, or the sentences of review_sentiment, where they lie elsewhere.
        examples: How many requests the reader is trained on; a smaller number makes a quicker, worse reader.

    Raises:
        SettingsError: The extra `[distill]` is not installed, there is no such head, or its data is not there.
    """
    makers: dict[str, Callable[[Path], Scorecard]] = {
        "encoder": lambda target: _encoder(target, progress),
        "reader": lambda target: _reader(models, target, progress, data, examples, seed),
        "review_sentiment": lambda target: _sentiment(models, target, progress, data, seed),
    }
    if head not in makers:
        raise SettingsError(f"there is no head `{head}` to distil; there are {', '.join(HEADS)}.")
    require_extra()
    return makers[head](out or models)


# The imports wait: torch is heavy, and only in the extra.


def _encoder(out: Path, progress: Progress) -> Scorecard:
    from agent.distill.encoder import make_encoder

    return make_encoder(out / "encoder", progress)


def _reader(models: Path, out: Path, progress: Progress, data: Path | None, examples: int | None, seed: int) -> Scorecard:
    from agent.distill.reader import make_reader
    from agent.distill.train import Recipe

    recipe = Recipe(seed=seed) if examples is None else Recipe(seed=seed, examples=examples)
    return make_reader(models, out, recipe, progress, data=data)


def _sentiment(models: Path, out: Path, progress: Progress, data: Path | None, seed: int) -> Scorecard:
    from agent.distill.sentiment import make_sentiment

    return make_sentiment(models, out, data, seed=seed, progress=progress)

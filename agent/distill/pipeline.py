"""One door to making what ships: `distill("reader", models=…, out=…)` for what has a recipe of its own, a spec for every other head."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent.distill.extra import require_extra
from agent.distill.fitting import Once, always
from agent.distill.records import Progress, Scorecard
from agent.errors import SettingsError

RECIPES = ("encoder", "reader", "personal_data", "product_attributes", "product_category", "review_aspects")
"""What is made by code of its own; every other head is made from a spec."""
SEED = 7
SPEC = "spec.toml"


def _quiet(_: str) -> None:
    pass


def spec_of(head: str, models: Path) -> Path | None:
    """The spec that is meant: a file of that name, or the one beside a head that ships. None for what has a recipe.

    Raises:
        SettingsError: There is neither.
    """
    if head.endswith(".toml"):
        return Path(head)
    if head in RECIPES:
        return None
    specs = {path.parent.name: path for path in sorted(models.glob(f"*/{SPEC}"))}
    if head not in specs:
        raise SettingsError(f"there is no head `{head}` to distil; there are {', '.join((*RECIPES, *specs))}, or name a spec, such as spec.toml.")
    return specs[head]


def distill(
    head: str,
    *,
    models: Path,
    out: Path | None = None,
    progress: Progress = _quiet,
    data: Path | None = None,
    examples: int | None = None,
    seed: int = SEED,
    once: Once = always,
    kept: Path | None = None,
) -> Scorecard:
    """Make what has a recipe of its own, measure it, and write its folder if its gate opens.

    Args:
        models: Holds the encoder, the reader's training data and the gold set.
        out: Where the student's folder goes; `models` when None.
        data: The reader's wordings, where they lie elsewhere.
        examples: How many requests the reader is trained on; a smaller number makes a quicker, worse reader.
        once: Where the result of a step is looked up before it is computed, see `agent.distill.steps`; every step is done when left out.
        kept: Folder where a training keeps what it has come to; a stopped one goes on from there.

    Raises:
        SettingsError: The extra `[distill]` is not installed, or there is no such recipe.
    """
    makers: dict[str, Callable[[Path], Scorecard]] = {
        "encoder": lambda target: _encoder(target, progress, once),
        "reader": lambda target: _reader(models, target, progress, data, examples, seed, once, kept),
        "personal_data": lambda target: _spans(models, target, seed, progress, once),
        "product_attributes": lambda target: _attributes(models, target, seed, progress, once),
        "product_category": lambda target: _category(models, target, seed, progress, once),
        "review_aspects": lambda target: _aspects(models, target, seed, progress, once),
    }
    if head not in makers:
        raise SettingsError(f"there is no recipe `{head}`; there are {', '.join(RECIPES)}.")
    require_extra()
    return makers[head](out or models)


# The imports wait: torch is heavy, and only in the extra.


def _encoder(out: Path, progress: Progress, once: Once) -> Scorecard:
    from agent.distill.encoder import make_encoder

    return make_encoder(out / "encoder", progress, once)


def _reader(
    models: Path, out: Path, progress: Progress, data: Path | None, examples: int | None, seed: int, once: Once, kept: Path | None
) -> Scorecard:  # fmt: skip
    from agent.distill.reader import make_reader
    from agent.distill.train import Recipe

    recipe = Recipe(seed=seed) if examples is None else Recipe(seed=seed, examples=examples)
    return make_reader(models, out, recipe, progress, data=data, once=once, kept=kept)


def _spans(models: Path, out: Path, seed: int, progress: Progress, once: Once) -> Scorecard:
    from agent.distill.spans import make_spans

    return make_spans(models, out, seed, progress, once)


def _attributes(models: Path, out: Path, seed: int, progress: Progress, once: Once) -> Scorecard:
    from agent.distill.attributes import make_attributes

    return make_attributes(models, out, seed, progress, once)


def _category(models: Path, out: Path, seed: int, progress: Progress, once: Once) -> Scorecard:
    from agent.distill.category import make_category

    return make_category(models, out, seed, progress, once)


def _aspects(models: Path, out: Path, seed: int, progress: Progress, once: Once) -> Scorecard:
    from agent.distill.aspects import make_aspects

    return make_aspects(models, out, seed, progress, once)

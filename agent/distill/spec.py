"""What a student is made from, written down: teacher, data, evals, target, gate. One TOML file; whatever is wrong in it is said with its line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.errors import SettingsError
from agent.misfits import remedy

Precision = Literal["int8", "fp32"]
RESERVED = ("encoder", "reader", "route", "personal_data", "product_attributes", "product_category", "review_aspects")
"""Heads that are made otherwise, and of another form: a student of that name could be promoted over one."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """A file of texts, with their labels where it has them."""

    file: Path
    """`.jsonl`, `.csv` or `.tsv`; any other ending is read as tab-separated. Relative to the spec's folder, or to the one given with the command."""
    text: str | int = "text"
    """The key or column that holds the text; a number counts columns from 0 in a file without a line of names."""
    label: str | int | None = "label"
    """The same for the label; null is written by leaving it out and setting `labelled = false`."""
    labelled: bool = True
    names: dict[str, str] = {}
    """What the file calls a label to what the student calls it."""
    licence: str = Field(min_length=1)
    credit: str = ""


class HumanLabels(_Part):
    kind: Literal["labels"] = "labels"
    file: Source | None = None
    """Labels for the texts of `data`, where they lie elsewhere; None for the labels of the data themselves."""


class GatewayTeacher(_Part):
    kind: Literal["gateway"]
    alias: str = Field(min_length=1)
    """Of the gateway's config, or a target's own name."""
    samples: int = Field(default=3, ge=1, le=15)
    """How often each text is put to it."""
    agree: int | None = Field(default=None, ge=1)
    """How many samples have to say the same; None for more than half. Texts on which it disagrees with itself are left out."""
    about: str = ""
    """What the labels mean, in words for the teacher."""
    budget_usd: Decimal | None = Field(default=None, gt=0)
    """Most that this student's teacher may cost in all; the ledger's budgets hold besides."""
    at_once: int = Field(default=4, ge=1, le=64)
    most_unusable: float = Field(default=0.3, gt=0, lt=1)
    """Share of texts without a usable label from which the teacher is given up."""

    @property
    def quorum(self) -> int:
        return self.agree or self.samples // 2 + 1


class ModelTeacher(_Part):
    kind: Literal["model"]
    folder: Path
    """Another student's folder, such as a fine-tuned encoder's."""
    soft: bool = False
    """Whether its probabilities are learned, and not its likeliest labels alone: by every target but n-grams, which take labels."""
    warmth: float = Field(default=1.0, gt=0, le=20)
    """What its temperature is multiplied by for that: above 1, more of what else it thought of is told."""
    altered: int = Field(default=0, ge=0, le=20)
    """Copies of each training text, altered by chance, that it labels besides; see `agent.distill.altered`."""


Teacher = Annotated[HumanLabels | GatewayTeacher | ModelTeacher, Field(discriminator="kind")]


class Evals(_Part):
    gold: list[Source] = []
    """Checked by people, and never used for training. Without one a share of the data is kept back."""
    gold_share: float = Field(default=0.2, gt=0, lt=0.9)
    """Of the data, when there is no gold file."""
    tune: list[Source] = []
    """For the temperature and thresholds; without one they come from folds of the training data."""
    out_of_scope: list[Source] = []
    """Texts that none of the labels fits; only measured on."""
    near: Literal["refuse", "leave_out"] = "refuse"
    """What becomes of training texts that nearly say what a gold text says: the gate refuses the student, or they are not trained on."""
    kept: float = Field(default=0.95, gt=0.5, lt=1)
    """Share of texts in scope that the out-of-scope threshold lets pass."""
    accepted_error: float = Field(default=0.02, gt=0, lt=0.5)
    """Share of wrong answers among those at or above the confidence that is certified for answering alone."""


class LinearTarget(_Part):
    kind: Literal["linear"] = "linear"
    strength: float = Field(default=16.0, gt=0)
    """How closely the training labels are followed (inverse of the penalty on the weights)."""


class MixedTarget(_Part):
    """The embedding with the encoder's middle and n-grams beside it: for some hundreds of texts, where wording tells as much as meaning."""

    kind: Literal["mixed"]
    strength: float = Field(default=16.0, gt=0)
    balanced: bool = False
    """Whether a rare class weighs as much as a common one: it is found more often, and also where it is not."""


class FineTunedTarget(_Part):
    kind: Literal["fine_tuned"]
    layers: Literal["upper", "all"] = "upper"
    """The upper four on the lower ones that every head shares, or all of them and the table of tokens: an encoder of the head's own."""
    precision: Precision = "int8"
    """Of the file with all layers. "fp32" is four times as large and slower; what was trained is the same, so it is not trained again for it."""
    epochs: int = Field(default=3, ge=1, le=20)
    batch: int = Field(default=32, ge=1, le=512)
    rate: float = Field(default=2e-4, gt=0)
    head_rate: float = Field(default=5e-3, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    smoothing: float = Field(default=0.05, ge=0, lt=1)
    """Share of each label that is given to all the others."""
    held_back: float = Field(default=0.1, gt=0, le=0.5)
    """Of the training texts, for temperature and thresholds, where no texts of their own are named for them."""


class StaticTarget(_Part):
    kind: Literal["static"]
    width: int = Field(default=256, ge=16, le=384)
    strength: float = Field(default=16.0, gt=0)
    """For a head on vectors as they are."""
    epochs: int = Field(default=0, ge=0, le=100)
    """How long the vectors are trained for this head, with a hidden layer; 0 leaves them as every head has them."""
    hidden: int = Field(default=512, ge=16, le=2048)
    """Units of that layer."""


class HashedTarget(_Part):
    kind: Literal["hashed"]
    strength: float = Field(default=16.0, gt=0)


Target = Annotated[LinearTarget | MixedTarget | FineTunedTarget | StaticTarget | HashedTarget, Field(discriminator="kind")]


class Bar(_Part):
    """What the student must reach; see `agent.distill.verdict`."""

    gold: int = Field(default=300, ge=1)
    """Fewer gold items are too little evidence."""
    per_class: int = Field(default=20, ge=1)
    """So are fewer of one class; such classes are pooled, and the pool must have as many."""
    accuracy: float | None = Field(default=None, gt=0, le=1)
    """Least accuracy (its interval's lower end). Needed where the labels are people's, since there is no teacher to compare with."""
    lost: float = Field(default=0.02, ge=0, lt=1)
    """Most accuracy lost to the teacher, at the lower end of the difference's interval."""
    recall: float = Field(default=0.6, ge=0, le=1)
    """Least recall of each class: this share of the teacher's, or this itself without a teacher."""
    calibration: float = Field(default=0.05, gt=0, le=1)
    out_of_scope_auroc: float = Field(default=0.90, ge=0, le=1)
    out_of_scope_accepted: float = Field(default=0.15, ge=0, le=1)
    parity: float = Field(default=0.995, ge=0, le=1)
    """Share of gold answers that the exported file gives as the trained one did."""
    p95_ms: float = Field(default=50.0, gt=0)
    bytes: int = Field(default=30_000_000, gt=0)


class Undecided(_Part):
    label: str = Field(min_length=1)
    below: float = Field(gt=0, lt=1)


class Spec(_Part):
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")
    about: str = ""
    """One sentence for the card: what it says of which texts."""
    fails: str = ""
    """For the card: where it is known to fail."""
    seed: int = 7
    labels: list[str] = []
    """In the order of the weights; those of the data, sorted, when left out."""
    undecided: Undecided | None = None
    """The label for texts whose likeliest one stays below a probability."""
    cpu_usd_per_hour: float = Field(default=0.05, gt=0)
    """What one core costs, for the cost per 1,000: an assumption of whoever writes the spec."""
    data: list[Source] = Field(min_length=1)
    teacher: Teacher = HumanLabels()
    evals: Evals = Evals()
    target: Target = LinearTarget()
    gate: Bar = Bar()

    @model_validator(mode="after")
    def _whole(self) -> Spec:
        if self.name in RESERVED:
            raise ValueError(f"a head cannot be called `{self.name}`, which is made otherwise")
        if self.teacher.kind == "labels" and self.gate.accuracy is None:
            raise ValueError("without a teacher to compare with, the gate needs `accuracy` under [gate], such as accuracy = 0.85")
        if self.teacher.kind == "gateway" and not self.evals.gold:
            raise ValueError("a gateway teacher's student needs a gold file of people's labels; write [[evals.gold]]")
        if self.teacher.kind == "gateway" and not self.labels:
            raise ValueError('a gateway teacher needs to be told the labels; write labels = ["…", "…"]')
        if self.teacher.kind == "gateway" and self.teacher.quorum > self.teacher.samples:
            raise ValueError(f"`agree` is {self.teacher.agree}, but each text is only asked {self.teacher.samples} times")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("`labels` names one label twice")
        return self


def read_spec(path: Path) -> Spec:
    """The spec in a TOML file.

    Raises:
        SettingsError: It is missing or not TOML, a key is unknown or a value wrong; says which line and what to write.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return Spec.model_validate(tomllib.loads(text))
    except OSError as error:
        raise SettingsError(f"the spec {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"the spec {path} is not UTF-8 text.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error
    except ValidationError as error:
        raise SettingsError(" ".join(_faults(path, text, error))) from None


def _faults(path: Path, text: str, error: ValidationError) -> Iterator[str]:
    """One sentence per fault."""
    for fault in error.errors():
        keys = _written(fault["loc"])
        line = _line_of(text, keys)
        where = f"{path}, line {line}: " if line else f"{path}: "
        what = f"`{'.'.join(str(key) for key in keys if not isinstance(key, int))}`"
        if fault["type"] == "extra_forbidden":
            yield f"{where}there is no key {what}; {_instead(fault['loc'])}."
        elif fault["type"] == "missing":
            yield f"{where}{what} is missing; write it."
        else:
            told = remedy(fault)
            yield f"{where}{what + ': ' if keys else ''}{told}."


_UNIONS: dict[tuple[str, str], type[_Part]] = {
    ("teacher", "labels"): HumanLabels, ("teacher", "gateway"): GatewayTeacher, ("teacher", "model"): ModelTeacher,
    ("target", "linear"): LinearTarget, ("target", "mixed"): MixedTarget, ("target", "fine_tuned"): FineTunedTarget,
    ("target", "static"): StaticTarget, ("target", "hashed"): HashedTarget,
}  # fmt: skip
_TABLES: dict[str, type[_Part]] = {
    "data": Source, "gold": Source, "tune": Source, "out_of_scope": Source, "file": Source, "evals": Evals, "gate": Bar, "undecided": Undecided,
}  # fmt: skip


def _written(place: Sequence[int | str]) -> list[int | str]:
    """Where a fault is, as the file has it: the library names the chosen kind of teacher or target besides."""
    kept = list(place)
    if len(kept) > 1 and (str(kept[0]), str(kept[1])) in _UNIONS:
        del kept[1]
    return kept


def _instead(place: Sequence[int | str]) -> str:
    model: type[_Part] = Spec
    if len(place) > 2 and (str(place[0]), str(place[1])) in _UNIONS:
        model = _UNIONS[str(place[0]), str(place[1])]
    for key in place[:-1]:
        model = _TABLES.get(str(key), model)
    known = list(model.model_fields)
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    return f"write `{close[0]}`" if close else f"write one of {', '.join(known)}, or leave it out"


def _line_of(text: str, keys: Sequence[Any]) -> int | None:
    """The line of the deepest key that the text has, counting the tables of an array."""
    best: tuple[int, int] | None = None
    table: list[Any] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*(\[+)\s*([^\]]+?)\s*\]+", line):
            table = match[2].replace('"', "").replace("'", "").split(".")
            if match[1] == "[[":
                seen[match[2]] = seen.get(match[2], -1) + 1
                table = [*table, seen[match[2]]]
            here = table
        elif match := re.match(r"""\s*["']?([\w-]+)["']?\s*[=.]""", line):
            here = [*table, match[1]]
        else:
            continue
        if list(keys[: len(here)]) == here and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best else None

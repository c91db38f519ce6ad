"""What is left of a making beside the model: scorecard, picture, mistakes, steps and card. Written whether the gate opens or not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from numpy.typing import NDArray

from agent.distill.cache import StepEvent
from agent.distill.confusion import confusion, picture
from agent.distill.fitting import Made
from agent.distill.scorecard import HeadScore
from agent.distill.spec import HumanLabels, Source, Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    spec: Spec
    score: HeadScore
    made: Made
    labels: Sequence[str]
    truth: NDArray[np.int64]
    said: NDArray[np.int64]
    steps: Sequence[StepEvent]


def write_report(folder: Path, report: Report) -> None:
    """Texts of gold are in `mistakes.jsonl` alone: it is for whoever may read gold, and belongs in no model's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = confusion(report.truth, report.said, report.labels)
    files = {
        "scorecard.json": json.dumps(report.score.json(), indent=2, ensure_ascii=False) + "\n",
        "confusion.svg": picture(counts, report.labels, f"{report.spec.name} on gold"),
        "mistakes.jsonl": "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in report.score.mistakes),
        "pipeline.json": json.dumps([asdict(step) for step in report.steps], indent=2) + "\n",
        "CARD.md": card(report),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def card(report: Report) -> str:
    """The model card. Its figures are the scorecard's."""
    environment = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    template = Path(__file__).with_name("head_card.jinja").read_text(encoding="utf-8")
    lowest = sorted(report.score.student.recalls.items(), key=lambda pair: pair[1].value)[:5]
    text: str = environment.from_string(template).render(
        spec=report.spec, score=report.score, made=report.made, labels=report.labels, about=report.score.about, lowest=lowest,
        sources=list(_sources(report.spec)),
    )  # fmt: skip
    return text.strip() + "\n"


def _sources(spec: Spec) -> Iterator[tuple[str, Source]]:
    yield from (("training", source) for source in spec.data)
    if isinstance(spec.teacher, HumanLabels) and spec.teacher.file is not None:
        yield "labels", spec.teacher.file
    yield from (("gold", source) for source in spec.evals.gold)
    yield from (("tuning", source) for source in spec.evals.tune)
    yield from (("out of scope", source) for source in spec.evals.out_of_scope)

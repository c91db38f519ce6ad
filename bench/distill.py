"""Students beside their baseline, their teacher and published figures, on CLINC150 and Banking77.

python -m bench.distill [--data FOLDER] [--fine-tuned] [--sets clinc150 banking77]

Texts are read where they lie; what is computed is kept in the user's cache, so a second run only prints. Everything runs in one thread. With
--fine-tuned the upper layers are trained too (minutes on an idle core for each set), and the small students are distilled from that teacher.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.distill.cache import Cache, StepEvent, default_folder
from agent.distill.figures import difference
from agent.distill.head import Bench, make_head
from agent.distill.scorecard import HeadScore
from agent.distill.spec import Spec, read_spec
from agent.prompts import Prompts
from agent.resources import Resources

PUBLISHED = {
    "clinc150": (
        "Larson et al. 2019 (aclanthology.org/D19-1131), full data, in-scope accuracy: FastText 89.0, SVM 91.0, BERT 96.9 (quoted from memory)"
    ),
    "banking77": "Casanueva et al. 2020 (arxiv.org/abs/2003.04807), all data: USE+ConveRT 93.4, BERT tuned 93.7 (quoted from memory)",
}
LICENCES = {"clinc150": "CC BY 3.0", "banking77": "CC BY 4.0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    set: str
    student: str
    score: HeadScore
    took_s: float


def write_sets(data: Path, folder: Path, which: str) -> tuple[str, ...]:
    """The set as files a spec can name; the parts there are besides "train" and "gold"."""
    if which == "clinc150":
        whole = json.loads((data / which / "data_full.json").read_text(encoding="utf-8"))
        parts = {"train": whole["train"], "tune": whole["val"], "gold": whole["test"], "out_of_scope": whole["oos_test"]}
    else:
        parts = {name: _table(data / which / f"{file}.csv") for name, file in (("train", "train"), ("gold", "test"))}
    for name, rows in parts.items():
        lines = (json.dumps({"text": text, "label": label}) + "\n" for text, label in rows)
        (folder / f"{which}_{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return tuple(name for name in parts if name not in ("train", "gold"))


def _table(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def spec(
    which: str, name: str, parts: Iterable[str], target: str, *, teacher: str = "", near: str = "leave_out", more: str = "", bars: str = ""
) -> str:
    """A spec as one would write it."""
    evals = "".join(f'[[evals.{part}]]\nfile = "{which}_{part}.jsonl"\nlicence = "{LICENCES[which]}"\n' for part in ("gold", *parts))
    told = f'kind = "model"\nfolder = "{teacher}"' if teacher else 'kind = "labels"'
    return (
        f'name = "{name}"\n[[data]]\nfile = "{which}_train.jsonl"\nlicence = "{LICENCES[which]}"\n[teacher]\n{told}\n'
        f'[evals]\nnear = "{near}"\n{evals}[target]\nkind = "{target}"\n{more}\n[gate]\n' + ("" if teacher else "accuracy = 0.90\n")
    )


def made(text: str, folder: Path, out: Path, cache: Path) -> HeadScore:
    path = folder / "spec.toml"
    path.write_text(text, encoding="utf-8")
    read: Spec = read_spec(path)
    resources = Resources()
    bench = Bench(models=resources.models(), data=folder, out=out, cache=Cache(cache, _tell), prompts=Prompts(resources))
    return asyncio.run(make_head(read, bench))


def _tell(event: StepEvent) -> None:
    if event.state != "running":
        print(f"  {event.step}: {event.state} {event.took_s:.1f} s", file=sys.stderr)


def rows(which: str, data: Path, folder: Path, cache: Path, *, fine_tuned: bool) -> list[Row]:
    parts = write_sets(data, folder, which)
    found: list[Row] = []

    def add(student: str, target: str, **more: str) -> HeadScore:
        begun = time.monotonic()
        score = made(spec(which, f"{which}_{target}", parts, target, **more), folder, folder / "out", cache)
        found.append(Row(set=which, student=student, score=score, took_s=time.monotonic() - begun))
        return score

    add("hashed, all training texts", "hashed", near="refuse")
    small = add("static, trained, all training texts", "static", near="refuse", more="epochs = 20")
    large = add("linear, all training texts", "linear", near="refuse")
    print(pair(which, small, large) + "\n")
    add("linear, near-duplicates of gold left out", "linear")
    if fine_tuned and add("fine_tuned, the same left out", "fine_tuned").passed:
        add("linear, taught by fine_tuned", "linear", teacher=f"out/{which}_fine_tuned")
        add("static, trained, taught by fine_tuned", "static", more="epochs = 20", teacher=f"out/{which}_fine_tuned")
    return found


def pair(which: str, small: HeadScore, large: HeadScore) -> str:
    """Two students on the same gold items: what the faster one loses."""
    n, wrong = small.student.accuracy.n, [{one.text for one in score.mistakes} for score in (small, large)]
    texts = sorted(wrong[0] | wrong[1])  # on all others both are right
    right = [np.array([text not in some for text in texts] + [True] * (n - len(texts))) for some in wrong]
    times = large.student.p50_ms / small.student.p50_ms
    return f"pair, {which}: {small.name} against {large.name} {difference(*right)}, {times:.1f} times as fast and as cheap at p50"


def table(found: Sequence[Row]) -> str:
    head = f"{'set':10} {'student':42} {'accuracy (95%)':>24} {'AUROC':>6} {'ECE':>6} {'p50 ms':>7} {'p95 ms':>7} {'bytes':>11}  verdict"
    return "\n".join([head, *map(_row, found)])


def _row(row: Row) -> str:
    one, strange = row.score.student, row.score.out_of_scope
    low, high = one.accuracy.interval
    accuracy = f"{one.accuracy.value:.1%} ({low:.1%} to {high:.1%})"
    auroc = f"{strange.auroc:.3f}" if strange else ""
    return (
        f"{row.set:10} {row.student:42} {accuracy:>24} {auroc:>6} {one.calibration_error or 0:>6.3f} {one.p50_ms:>7.2f} {one.p95_ms:>7.2f} "
        f"{one.bytes or 0:>11,}  {row.score.verdict.state}"
    )


def told(row: Row) -> list[str]:
    """What a line of the table has no room for."""
    score = row.score
    lines = [f"{row.set}, {row.student}: {score.student.accuracy.n} gold texts, {score.about['train']} trained on, {score.about['near']} near gold"]
    lines.append(f"  against the hashed baseline {score.to_baseline}")
    if score.to_teacher is not None:
        teacher = score.contenders["teacher"]
        times = teacher.p50_ms / score.student.p50_ms
        lines.append(f"  against its teacher ({teacher.accuracy.value:.1%}, {teacher.p50_ms:.2f} ms): {score.to_teacher}; {times:.1f} times as fast")
    if score.out_of_scope is not None:
        lines.append(f"  out of scope: {score.out_of_scope.accepted} pass a threshold that {score.out_of_scope.kept.value:.1%} of gold pass")
    if score.alone is not None:
        lines.append(
            f"  alone at {score.alone.least:.2f} or more: {score.alone.share.value:.1%} of gold, {score.alone.right.value:.1%} of them right "
            "(98% certified on texts in scope)"
        )
    return [*lines, *(f"  gate: {reason.split('; take them out')[0].split(', so gold tells')[0]}" for reason in score.verdict.reasons)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--sets", nargs="*", default=["clinc150", "banking77"], choices=sorted(LICENCES))
    arguments.add_argument("--fine-tuned", action="store_true")
    arguments.add_argument("--cache", type=Path, default=default_folder())
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [row for which in chosen.sets for row in rows(which, chosen.data, Path(folder), chosen.cache, fine_tuned=chosen.fine_tuned)]
    print(table(found) + "\n")
    print("\n".join(line for row in found for line in told(row)) + "\n")
    print("\n".join(f"published, {which}: {PUBLISHED[which]}" for which in chosen.sets))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()

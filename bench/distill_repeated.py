"""Two runs of one spec from empty caches: what they take, and whether they write the same files."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.distill.cache import Cache
from agent.distill.folder import digest
from bench.distill_sets import Pair, Wanted, made, spec, write_parts

SMALL, LARGE = (10, 30), (20, 100)
"""Classes, and training texts of each: for the layers, and for the head of 2,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    files: dict[str, str]
    took_s: float
    cpu_s: float
    steps: dict[str, float]


def repeated(data: Path) -> Iterator[str]:
    linear = Wanted(name="head", told="a linear head", target="linear", gate="gold = 200")
    tuned = 'epochs = 1\nrate = 1e-4\ndropout = 0.1\nlayers = "all"'
    yield from _twice(data, linear, LARGE)
    yield from _twice(data, Wanted(name="layers", told="an encoder of its own", target="fine_tuned", settings=tuned, gate="gold = 200"), SMALL)


def _twice(data: Path, wanted: Wanted, size: tuple[int, int]) -> Iterator[str]:
    classes, each = size
    parts = _parts(data, classes, each)
    runs = [_run(parts, wanted), _run(parts, wanted)]
    same = "the same files" if runs[0].files == runs[1].files else "DIFFERENT files"
    yield f"{wanted.told}, {classes * each} training texts of {classes} classes, twice from nothing: {same}"
    yield from (f"  {name}: {sha[:16]}… and {runs[1].files[name][:16]}…" for name, sha in runs[0].files.items())
    took = min(run.took_s for run in runs), max(run.took_s for run in runs)
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in runs[0].steps.items())
    cpu = " and ".join(f"{run.cpu_s:.1f}" for run in runs)
    yield f"  {took[0]:.1f} and {took[1]:.1f} s ({cpu} s of the processor's) from texts to scorecard, with judging on {len(parts['gold'])} gold texts"
    yield f"  steps of the first, in s: {steps}"


def _parts(data: Path, classes: int, each: int) -> dict[str, Sequence[Pair]]:
    whole = json.loads((data / "clinc150" / "data_full.json").read_text(encoding="utf-8"))
    labels = sorted({label for _, label in whole["train"]})[:classes]
    train = [row for label in labels for row in [row for row in whole["train"] if row[1] == label][:each]]
    return {"train": train, "gold": [row for row in whole["test"] if row[1] in labels]}


def _run(parts: dict[str, Sequence[Pair]], wanted: Wanted) -> Run:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rest = write_parts(folder, "clinc150", parts)
        cache = Cache(folder / "cache")
        begun, busy = time.monotonic(), time.process_time()
        made(spec("clinc150", wanted, rest), folder, cache)
        took, busy = time.monotonic() - begun, time.process_time() - busy
        written = sorted((folder / "drafts" / wanted.name).glob("*.[no][pn]*"))
        steps = {step.step: step.took_s for step in cache.steps}
        return Run(files={path.name: digest(path.read_bytes()) for path in written}, took_s=took, cpu_s=busy, steps=steps)

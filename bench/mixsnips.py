"""The reader's joint target, clauses and intents and slots in one encoding, trained on SNIPS and measured on MixSNIPS.

    python -m bench.mixsnips [--data FOLDER] [--examples N] [--most N] [--seed N]

It is trained by the reader's own code (`agent.distill.train`) on utterances of SNIPS train alone, joined by chance with connectors written for this
measurement; temperatures come from SNIPS valid. MixSNIPS is measured, never trained on, and nothing is chosen on it. What is measured is the
exported int8 file, through the same `Reader` that serves, one request at a time in one thread. Nothing is written but to a folder that goes away.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from agent.distill.export import agreement, export_upper
from agent.distill.extra import base_folder, require_extra
from agent.distill.folder import digest, write_folder
from agent.distill.language import LABELS as LANGUAGES
from agent.distill.linear import packed
from agent.distill.network import published
from agent.distill.overlap import Overlap
from agent.distill.phrases import fit_phrases, joined
from agent.distill.reader import heard, temperatures, weights_of
from agent.distill.records import Metric
from agent.distill.train import ReaderNet, Recipe, encoded, train_round
from agent.resources import Resources
from agent.students.decode import CLAUSE_TAGS
from agent.students.encoder import Encoder, Session
from agent.students.language import BUCKETS
from agent.students.manifest import read_manifest
from agent.students.phrases import FILE as PHRASES
from agent.students.reader import Reader, tags_of
from bench.mixsnips_sets import Joined, Said, read_said

PUBLISHED = (
    "GL-GIN (Qin et al. 2021, aclanthology.org/2021.acl-long.15): intent sets 95.6, slot F1 94.9, whole 75.4 (paperswithcode.com, 22 Nov 2026); "
    "AGIF (Qin et al. 2020, aclanthology.org/2020.findings-emnlp.163): slot F1 94.5 (wizwand.com, 22 Nov 2026); both trained on MixSNIPS train"
)
AIMS = {"intent sets": 0.96, "slot F1": 0.935}
SEED, EXAMPLES, CALIBRATION, WARM_UP = 7, 40_000, 1_000, 30
HEADS = ("clause", "slot", "label")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    net: ReaderNet
    labels: list[str]
    kinds: list[str]
    took_s: float


def trained(said: Sequence[Said], encoder: Encoder, recipe: Recipe) -> Trained:
    """The reader's layers above the fork with three heads, learned from joined utterances."""
    labels = sorted({intent for one in said for intent in one.intents})
    kinds = sorted({kind for one in said for kind, _, _ in one.slots})
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    tags, begun = tags_of(kinds), time.monotonic()
    net = ReaderNet(published(base_folder()), len(labels), recipe.dropout, len(tags))
    train_round(net, Joined(said, recipe.seed), encoder, labels, recipe, Overlap(encoder, []), _told, tags)
    net.eval()
    return Trained(net=net, labels=labels, kinds=kinds, took_s=time.monotonic() - begun)


def _told(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def exported(
    made: Trained, folder: Path, encoder: Encoder, said: Sequence[Said], valid: Sequence[Said], recipe: Recipe
) -> tuple[Reader, Metric]:  # fmt: skip
    """What was learned, written as the reader's folder is and read back; and the share of words it tags as the trained layers do."""
    graph, tags = export_upper(made.net.upper), tags_of(made.kinds)
    weights, session = {name: weights_of(made.net, name) for name in HEADS}, Session(graph, "the exported reader")
    stream = Joined(valid, recipe.seed + 1)
    drawn = [stream.example() for _ in range(min(CALIBRATION, recipe.examples))]
    kept = [one for one in (encoded(example, encoder, made.labels, tags) for example in drawn) if one is not None]
    warmth = temperatures(kept, session, weights)
    phrases = fit_phrases([(one.text, intent) for one in said for intent in one.intents], made.labels, recipe.seed)
    forks = [one.fork for one in kept[:200]]
    same = agreement(made.net.upper, graph, forks, weights["slot" if made.kinds else "clause"][0])
    # There is one language here, so the head that tells languages apart knows nothing.
    plain = np.zeros((BUCKETS, len(LANGUAGES)), dtype=np.float32), np.zeros(len(LANGUAGES), dtype=np.float32), 1.0
    files = {
        "reader.onnx": graph, "heads.npz": packed({name: (*weights[name], warmth[name]) for name in HEADS}),
        PHRASES: joined(phrases, *heard(drawn, encoder, session, weights["label"], warmth["label"], made.labels, tags)),
        "language.npz": packed({"language": plain}),
    }  # fmt: skip
    outputs = {"clause": CLAUSE_TAGS, "slot": tags, "label": made.labels, "language": LANGUAGES}
    write_folder(folder, name="mixsnips", files=files, encoder=encoder.manifest.identity, labels=outputs)
    return Reader(read_manifest(folder), encoder, made.kinds), Metric(value=same, n=sum(map(len, forks)))


@dataclass(slots=True)
class Count:
    """What was read right of a set."""

    n: int = 0
    split: int = 0
    intents: int = 0
    whole: int = 0
    true: int = 0
    found: int = 0
    hit: int = 0
    took_ms: list[float] = field(default_factory=list)

    def lines(self, *, slots: bool) -> list[str]:
        shares = {"number of clauses": self.split, "intent sets": self.intents} | ({"whole": self.whole} if slots else {})
        told = [f"  {name}: {Metric(value=right / self.n, n=self.n)}" for name, right in shares.items()]
        f1 = 2 * self.hit / max(1, self.true + self.found)
        told += [f"  slot F1: {f1:.1%} (n {self.true} slots, {self.found} said, {self.hit} exact)"] if slots else []
        return [*told, f"  p50 {np.median(self.took_ms):.2f} ms, p95 {np.quantile(self.took_ms, 0.95):.2f} ms of one thread, tokens to slots"]

    def reached(self, *, slots: bool) -> list[str]:
        values = {"intent sets": self.intents / self.n, "slot F1": 2 * self.hit / max(1, self.true + self.found)}
        told = []
        for name, aim in AIMS.items():
            known = slots or name != "slot F1"
            told.append(f"aim {name} {aim:.1%}: " + ("not measured" if not known else "reached" if values[name] >= aim else "not reached"))
        return told


def measured(reader: Reader, said: Sequence[Said]) -> Count:
    """Sets of intents as MixSNIPS counts them: right when what is said is what there is, in whatever order. Slots are right to the letter."""
    count = Count()
    for one in said[:WARM_UP]:
        reader.read(one.text)
    for one in said:
        begun = time.thread_time()
        reading = reader.read(one.text)
        count.took_ms.append((time.thread_time() - begun) * 1000)
        intents = {clause.labels[0][0] for clause in reading.clauses} == set(one.intents)
        slots = {(str(slot.kind), slot.start, slot.end) for clause in reading.clauses for slot in clause.slots}
        count.n += 1
        count.split += len(reading.clauses) == len(one.intents)
        count.intents += intents
        count.whole += intents and slots == set(one.slots)
        count.true, count.found, count.hit = count.true + len(one.slots), count.found + len(slots), count.hit + len(slots & set(one.slots))
    return count


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--examples", type=int, default=EXAMPLES)
    arguments.add_argument("--most", type=int, help="requests of each set that are measured; all when left out")
    arguments.add_argument("--seed", type=int, default=SEED)
    chosen = arguments.parse_args()
    require_extra()
    recipe = Recipe(examples=chosen.examples, seed=chosen.seed)
    report(chosen.data, recipe, chosen.most)


def report(data: Path, recipe: Recipe, most: int | None) -> None:
    encoder = Encoder(read_manifest(Resources().models() / "encoder"))
    train, tagged = read_said(data / "snips" / "train")
    valid, _ = read_said(data / "snips" / "valid")
    made = trained(train, encoder, recipe)
    with tempfile.TemporaryDirectory() as folder:
        reader, same = exported(made, Path(folder), encoder, train, valid, recipe)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        sha = digest((Path(folder) / "reader.onnx").read_bytes())
        told = [
            f"trained on {recipe.examples:,} joined requests of {len(train):,} SNIPS utterances in {made.took_s:.0f} s, seed {recipe.seed}, "
            f"{'bfloat16' if recipe.bfloat16 else 'float32'}, {len(made.kinds)} kinds of slot",
            f"exported file {sha[:16]}…, {size:,} bytes of its own beside the shared encoder; it tags {same} of tokens as trained",
        ]
        if not tagged:
            told.append(f"{data}/snips/train has no seq.out, so slots were not learned: slot F1 and whole requests are not measured")
        for name in ("snips", "mixsnips"):
            said, known = read_said(data / name / "test")
            count = measured(reader, said[:most])
            told += [f"{name} test, int8, {count.n} requests:", *count.lines(slots=tagged and known)]
    print("\n".join([*told, *count.reached(slots=tagged and known), f"published: {PUBLISHED}"]), flush=True)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()

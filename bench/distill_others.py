"""Public rows that are made elsewhere in this repository, each beside the best published figure that is known here."""

from __future__ import annotations

import asyncio
import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path

from agent.distill.cache import Cache
from agent.distill.head import Bench, make_head
from agent.distill.records import Metric
from agent.distill.spec import read_spec
from agent.prompts import Prompts
from agent.resources import Resources
from agent.students.encoder import Encoder
from agent.students.heads import Head
from agent.students.manifest import read_manifest
from bench.triage import MEANT

PUBLISHED = {
    "sentiment": "Kotzias et al. 2015 (KDD, doi 10.1145/2783258.2783380), by set: 86.0 to 88.2% (from memory, unsure)",
    "triage": "none found for its 27 intents mapped to ours",
    "product_category": "none: no public gold exists; ours was written by hand",
    "product_attributes": "Brinkmann et al. 2023 (arxiv.org/abs/2310.12537): GPT-4, F1 85% on the average of both sets (from memory)",
}


def others(data: Path, cache: Cache) -> Iterator[str]:
    models = Resources().models()
    yield f"UCI sentiment, review_sentiment from its spec: {_sentiment(data, models, cache)}; published: {PUBLISHED['sentiment']}"
    yield f"Bitext, message_triage, which never saw it: {_triage(data, models)}; published: {PUBLISHED['triage']}"
    for name in ("product_category", "product_attributes"):
        yield from _kept(models, name)
    yield "MixSNIPS: python -m bench.mixsnips trains the reader's joint target on SNIPS and measures it beside published figures"


def _sentiment(data: Path, models: Path, cache: Cache) -> str:
    resources = Resources()
    with tempfile.TemporaryDirectory() as out:
        bench = Bench(models=models, data=data / "uci_sentiment", out=Path(out), cache=cache, prompts=Prompts(resources))
        score = asyncio.run(make_head(read_spec(models / "review_sentiment" / "spec.toml"), bench))
    return f"{score.student.accuracy}, {score.verdict.state}"


def _triage(data: Path, models: Path) -> str:
    head = Head(read_manifest(models / "message_triage"), Encoder(read_manifest(models / "encoder")))
    with (data / "bitext_customer_service" / "test.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["intent"] in MEANT]
    said = head.label([row["utterance"] for row in rows])
    right = sum(label.label in MEANT[row["intent"]] for row, label in zip(rows, said, strict=True))
    return str(Metric(value=right / len(rows), n=len(rows)))


def _kept(models: Path, name: str) -> Iterator[str]:
    """What the manifest says that was measured when the head was made."""
    if not (models / name / "manifest.toml").exists():
        yield f"{name}: there is no such head; published: {PUBLISHED[name]}"
        return
    for which, metrics in read_manifest(models / name).metrics.items():
        told = ", ".join(f"{metric} {found['value']:.3f} (n {found['n']})" for metric, found in metrics.items())
        yield f"{name}, {which}, from its manifest: {told}"
    yield f"{name}, published: {PUBLISHED[name]}"

"""The head `review_sentiment`: positive or negative, and mixed where it cannot tell.

Data: Sentiment Labelled Sentences (Kotzias et al., 2015; UCI Machine Learning Repository; CC BY 4.0): 3,000 sentences of product, film and
restaurant reviews. It is read where it lies and not shipped.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from agent.distill.folder import write_folder
from agent.distill.linear import fit, packed, split, temperature
from agent.distill.records import Metric, Progress, Scorecard
from agent.errors import SettingsError
from agent.students.calibration import expected_calibration_error, softmax
from agent.students.encoder import Encoder
from agent.students.manifest import read_manifest

LABELS = ("negative", "positive")
UNDECIDED = 0.70
"""Below this probability a text counts as mixed: about one sentence in eight, on which the head is hardly better than a coin."""
_FILES = ("amazon_cells_labelled.txt", "imdb_labelled.txt", "yelp_labelled.txt")
BAR = 0.85


def make_sentiment(models: Path, out: Path, data: Path | None, *, seed: int, progress: Progress) -> Scorecard:
    """Fit on 60% of the sentences, the temperature on 20%, measure on the last 20%."""
    texts, labels, digest = _sentences(data)
    encoder = Encoder(read_manifest(models / "encoder"))
    progress(f"embedding {len(texts)} sentences")
    x, y = encoder.embed(texts), np.array(labels, dtype=np.int64)
    rest, test = split(len(texts), share=0.2, seed=seed)
    train, tune = rest[: int(len(rest) * 0.75)], rest[int(len(rest) * 0.75) :]
    weight, bias = fit(x[train], y[train], classes=2, strength=8.0)
    warmth = temperature(x[tune], y[tune], weight, bias)
    shares = softmax(x[test] @ weight + bias, temperature=warmth)
    right, sure = shares.argmax(axis=1) == y[test], shares.max(axis=1)
    metrics = {
        "accuracy": Metric(value=float(right.mean()), n=len(test)),
        "accuracy_decided": Metric(value=float(right[sure >= UNDECIDED].mean()), n=int((sure >= UNDECIDED).sum())),
        "decided": Metric(value=float((sure >= UNDECIDED).mean()), n=len(test)),
        "calibration_error": Metric(value=expected_calibration_error(sure, right), n=len(test)),
    }
    short = [f"held out: accuracy is {metrics['accuracy'].value:.3f}, at least {BAR} is wanted"] if metrics["accuracy"].value < BAR else []
    score = Scorecard(head="review_sentiment", metrics={"held_out": metrics}, passed=not short, failures=tuple(short))
    if score.passed:
        write_folder(
            out / "review_sentiment", name="review_sentiment", files={"head.npz": packed({"label": (weight, bias, warmth)})},
            encoder=encoder.manifest.identity, labels={"label": LABELS}, undecided={"label": "mixed", "below": UNDECIDED},
            data={"digest": digest, "seed": seed, "sentences": len(texts)}, score=score,
        )  # fmt: skip
    return score


def _sentences(data: Path | None) -> tuple[list[str], list[int], str]:
    if data is None or not all((data / name).exists() for name in _FILES):
        raise SettingsError(f"review_sentiment is trained on Sentiment Labelled Sentences; give the folder with {', '.join(_FILES)} as its data.")
    contents = [(data / name).read_bytes() for name in _FILES]
    rows = dict(line.rsplit("\t", 1) for content in contents for line in content.decode("utf-8").split("\n") if "\t" in line)
    texts = [text.strip() for text in rows]
    return texts, [int(label) for label in rows.values()], hashlib.sha256(b"".join(contents)).hexdigest()

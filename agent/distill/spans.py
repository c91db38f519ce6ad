"""Makes a span tagger: a linear head on the frozen encoder's token states, fitted in seconds, measured on gold with its patterns beside it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agent.distill import linear
from agent.distill.fitting import Once, always
from agent.distill.folder import digest, write_folder
from agent.distill.marked import Marked, read_marked
from agent.distill.personal import LETTERS, filled
from agent.distill.records import Metric, Progress, Scorecard
from agent.distill.steps import embedded, fitted, looked, near_gold
from agent.sdk.model import Tagged
from agent.students import patterns
from agent.students.decode import word_starts
from agent.students.encoder import Encoder
from agent.students.features import Frozen
from agent.students.manifest import read_manifest
from agent.students.spans import SPANS, SpanTagger, features

HEAD = "personal_data"
LEARNED = ("name", "address")
TAGS = ("O", *(f"{mark}-{kind}" for kind in LEARNED for mark in "BI"))
STRENGTH = 4.0
LEAST_GOLD = 200
BARS = {"name": 0.80, "address": 0.75, "patterned": 0.95}
"""Least share of gold spans that are found (any overlap): what is not found is not taken out."""
MOST_CLEAN = 0.10
"""Largest share of texts without anything personal in which something is found."""

Tags = Callable[[str], Sequence[Tagged]]


def make_spans(models: Path, out: Path, seed: int, progress: Progress, once: Once = always) -> Scorecard:
    """Fit, write, measure what was written; what does not pass leaves the tagger in use as it is.

    Raises:
        SettingsError: The data are not there, or not marked as they should be.
    """
    folder = models / HEAD
    train, gold = filled(folder / "data", seed), read_marked(folder / "gold" / "gold.txt", LETTERS)
    encoder = Encoder(read_manifest(models / "encoder"))
    meant = embedded([one.text for one in (*train, *gold)], encoder, Frozen(encoder).vector, once)
    close = near_gold([one.text for one in train], [one.text for one in gold], meant, once)
    train = [one for one in train if one.text not in close]
    progress(f"{len(train)} texts to fit, {len(gold)} of gold; {len(close)} that nearly say a gold text are left out")
    rows = looked(train, encoder, lambda one: _row(one, encoder), once)
    x, y = (np.concatenate(part) for part in zip(*rows, strict=True))
    weight, bias = fitted(x, y, classes=len(TAGS), strength=STRENGTH, once=once)
    progress(f"fitted on {len(y)} words")
    content = linear.packed({"tag": (weight, bias, 1.0)})
    about = {
        "digest": digest("\n".join(repr(one) for one in train).encode()), "seed": seed, "texts": len(train), "gold": len(gold), "near": len(close),
    }  # fmt: skip
    return _judged(out / HEAD, content, encoder, gold, about)


def _judged(target: Path, content: bytes, encoder: Encoder, gold: Sequence[Marked], about: Mapping[str, Any]) -> Scorecard:
    def write(folder: Path, score: Scorecard | None) -> None:
        write_folder(
            folder,
            name=HEAD,
            files={"head.npz": content},
            encoder=encoder.manifest.identity,
            labels={"tag": TAGS, "label": tuple(dict.fromkeys((*LEARNED, *patterns.PATTERN_KINDS)))},
            data=about,
            score=score,
            features=SPANS,
        )

    with tempfile.TemporaryDirectory() as draft:
        write(Path(draft), None)
        score = scored(SpanTagger(read_manifest(Path(draft)), encoder), gold)
    if score.passed:
        write(target, score)
    return score


def _row(one: Marked, encoder: Encoder) -> tuple[Any, Any]:
    tokens = encoder.tokens(one.text)
    starts = word_starts(tokens)
    tags = [TAGS.index(tag) for tag in tags_of(one, [int(tokens.spans[s, 0]) for s in starts])]
    return features(encoder, tokens, starts), np.array(tags, dtype=np.int64)


def tags_of(one: Marked, starts: Sequence[int]) -> list[str]:
    """The tag of each word, of the kinds that are learned."""
    found, before = [], -1
    for start in starts:
        at = next((i for i, (kind, a, b) in enumerate(one.spans) if a <= start < b and kind in LEARNED), -1)
        found.append("O" if at < 0 else f"{'I' if at == before else 'B'}-{one.spans[at][0]}")
        before = at
    return found


def scored(tagger: SpanTagger, gold: Sequence[Marked]) -> Scorecard:
    both, alone = measured(tagger.tag, gold), measured(lambda text: list(patterns.found(text)), gold)
    why = [f"gold holds {len(gold)} texts, {LEAST_GOLD} are wanted"] if len(gold) < LEAST_GOLD else []
    recalls = {"name": both["found_name"], "address": both["found_address"], "patterned": both["found_patterned"]}
    why += [f"finds {recalls[name]} of {name} spans, at least {least:.0%} are wanted" for name, least in BARS.items() if recalls[name].value < least]
    if both["clean_touched"].value > MOST_CLEAN:
        why.append(f"finds something in {both['clean_touched']} of texts without anything personal, at most {MOST_CLEAN:.0%} are wanted")
    if both["found"].value <= alone["found"].value:
        why.append("finds no more than the patterns do without it")
    return Scorecard(head=HEAD, metrics={"gold": both, "patterns_alone": alone}, passed=not why, failures=tuple(why))


def measured(tags: Tags, gold: Sequence[Marked]) -> dict[str, Metric]:
    """Shares on gold: spans of each kind that are found (touched by any span), exact ones of what was tagged and of gold, clean texts touched."""
    there: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    exact = tagged = right = touched = clean = 0
    for one in gold:
        said = list(tags(one.text))
        tagged += len(said)
        right += sum(any(a < span.end and span.start < b for _, a, b in one.spans) for span in said)
        exact += sum((span.kind, span.start, span.end) in one.spans for span in said)
        clean += not one.spans
        touched += not one.spans and bool(said)
        for kind, a, b in one.spans:
            group = kind if kind in LEARNED else "patterned"
            there[group] += 1
            hit[group] += any(a < span.end and span.start < b for span in said)
    share = {f"found_{group}": _share(hit[group], n) for group, n in sorted(there.items())}
    total = there.total()
    return share | {
        "found": _share(hit.total(), total), "exact": _share(exact, total), "right_of_tagged": _share(right, tagged),
        "clean_touched": _share(touched, clean),
    }  # fmt: skip


def _share(part: int, whole: int) -> Metric:
    return Metric(value=part / whole if whole else 0.0, n=whole)

"""Makes the tagger of product attributes: a linear head on the frozen encoder's token states, beside what lists and forms know, measured on gold.

Texts are templates filled from lists. What a confidence means, and from which one on a value is proposed, is found on templates that the
weights were not fitted on.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agent.distill import linear
from agent.distill.certify import Certified, certified
from agent.distill.fitting import Once, always
from agent.distill.folder import digest, write_folder
from agent.distill.marked import Marked, fillings, lines_of, read_marked
from agent.distill.records import Metric, Progress, Scorecard
from agent.distill.steps import Rows, embedded, fitted, looked, near_gold
from agent.errors import SettingsError
from agent.sdk.model import Tagged
from agent.students.calibration import fit_temperature, softmax
from agent.students.decode import word_starts
from agent.students.encoder import Encoder
from agent.students.features import Frozen
from agent.students.goods_spans import ATTRIBUTES, KINDS, LISTED, TAGS, VALUES, AttributeTagger, Lists, by_rules, lists_of, looked_at, spans_of
from agent.students.manifest import read_manifest
from agent.students.spans import SPANS, ends_of

HEAD = "product_attributes"
STRENGTH = 1.0
FILLINGS = 10
TARGET = 0.05
"""Largest share of words that may be marked wrongly among those that are sure."""
LEAST_GOLD, LEAST_F1 = 300, 0.70
LETTERS: Mapping[str, str] = {
    "b": "brand", "c": "color", "m": "material", "p": "pattern", "s": "size", "d": "measure", "n": "count", "a": "audience", "f": "flavor",
    "h": "shape",
}  # fmt: skip

Tags = Callable[[str], Sequence[Tagged]]


def filled(folder: Path, lists: Lists, seed: int) -> list[tuple[int, Marked]]:
    """Every template filled again and again, with the template's number; those without a blank once."""
    fillers, chance = _fillers(folder / "lists.txt", lists), random.Random(seed)
    found: dict[str, tuple[int, Marked]] = {}
    for number, plain in fillings(folder / "templates.txt", LETTERS, FILLINGS, lambda blank: _filling(blank, fillers, chance)):
        one = _cased(plain, chance)
        found[one.text] = number, one
    return list(found.values())


def _fillers(path: Path, lists: Lists) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, letter in ((kind, letter) for letter, kind in LETTERS.items() if kind in LISTED):
        found[letter.upper()] = list(lists.values[kind])
    name = ""
    for line in lines_of(path):
        if line.startswith("["):
            name = line.strip("[]")
        else:
            found.setdefault(name, []).extend(line.split("|"))
    return found


def _filling(blank: str, fillers: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    if blank == "B":
        first, drawn = chance.choice(fillers["b1"]), chance.random()
        name = first if drawn < 0.2 else f"{first} & {chance.choice(fillers['b1'])}" if drawn < 0.45 else f"{first} {chance.choice(fillers['b2'])}"
        return f"{{b:{name}}}"
    word = chance.choice(fillers[blank])
    return word if blank in "twe" else f"{{{blank.lower()}:{word}}}"


def _cased(one: Marked, chance: random.Random) -> Marked:
    """As shops write: mostly with a capital in front, sometimes with one on every word, sometimes with none."""
    drawn = chance.random()
    text = one.text.title() if drawn < 0.25 else one.text.lower() if drawn < 0.35 else one.text[:1].upper() + one.text[1:]
    return Marked(text, one.spans) if len(text) == len(one.text) else one


def make_attributes(models: Path, out: Path, seed: int, progress: Progress, once: Once = always) -> Scorecard:
    """Fit, measure, and write what passes; what does not leaves the head in use as it is.

    Raises:
        SettingsError: The data are not there or not marked as they should be, or a gold text is trained on.
    """
    folder = models / HEAD
    values = "\n".join(lines_of(folder / "data" / VALUES)) + "\n"
    lists, gold = lists_of(values), read_marked(folder / "gold" / "gold.txt", LETTERS)
    texts = filled(folder / "data", lists, seed)
    if shared := {one.text.casefold() for one in gold} & {one.text.casefold() for _, one in texts}:
        raise SettingsError(f"{len(shared)} gold texts are trained on, such as “{min(shared)}”; take their templates out.")
    encoder = Encoder(read_manifest(models / "encoder"))
    meant = embedded([one.text for one in (*(one for _, one in texts), *gold)], encoder, Frozen(encoder).vector, once)
    close = near_gold([one.text for _, one in texts], [one.text for one in gold], meant, once)
    texts = [(number, one) for number, one in texts if one.text not in close]
    progress(f"{len(texts)} texts to fit, {len(gold)} of gold; {len(close)} that nearly say a gold text are left out")
    rows = looked([one for _, one in texts], encoder, lambda one: _row(one, encoder, lists), once, values=digest(values.encode()))
    warmth, promise = _calibrated(texts, rows, once)
    progress(f"confidences from templates kept apart: {promise}")
    weight, bias = _weights(rows, once)
    progress(f"fitted on {sum(len(y) for _, y in rows)} words")
    threshold = promise.threshold if promise else 1.0
    content = {"head.npz": linear.packed({"tag": (weight, bias, warmth)}), VALUES: values.encode()}
    about = {
        "digest": digest("\n".join(repr(one) for _, one in texts).encode()),
        "seed": seed,
        "texts": len(texts),
        "gold": len(gold),
        "near": len(close),
    }

    def tagged(text: str) -> list[Tagged]:
        return _spans(text, encoder, lists, weight, bias, warmth)

    score = scored(tagged, lambda text: by_rules(encoder, text, lists), gold, threshold, promise)
    if score.passed:
        write_folder(
            out / HEAD, name=HEAD, files=content, encoder=encoder.manifest.identity, labels={"tag": TAGS, "label": KINDS}, data=about, score=score,
            features=SPANS, more={"answers": {"kind": ATTRIBUTES}, "thresholds": {"alone": threshold}},
        )  # fmt: skip
        AttributeTagger(read_manifest(out / HEAD), encoder).tag("One text through what was written: it can be read.")
    return score


def _row(one: Marked, encoder: Encoder, lists: Lists) -> tuple[Any, Any]:
    tokens = encoder.tokens(one.text)
    starts = word_starts(tokens)
    tags = tags_of(one, [int(tokens.spans[s, 0]) for s in starts])
    return looked_at(encoder, tokens, starts, lists), np.array([TAGS.index(tag) for tag in tags], dtype=np.int64)


def tags_of(one: Marked, starts: Sequence[int]) -> list[str]:
    found, before = [], -1
    for start in starts:
        at = next((i for i, (_, a, b) in enumerate(one.spans) if a <= start < b), -1)
        found.append("O" if at < 0 else f"{'I' if at == before else 'B'}-{one.spans[at][0]}")
        before = at
    return found


def _weights(rows: Rows, once: Once, name: str = "fit") -> tuple[Any, Any]:
    x, y = (np.concatenate(part) for part in zip(*rows, strict=True))
    return fitted(x, y, classes=len(TAGS), strength=STRENGTH, once=once, name=name)


def _calibrated(texts: Sequence[tuple[int, Marked]], rows: Rows, once: Once) -> tuple[float, Certified | None]:
    """Every fourth template is kept from the weights; its words tell the temperature, its spans the threshold."""
    apart = [at for at, (number, _) in enumerate(texts) if number % 4 == 0]
    weight, bias = _weights([row for (number, _), row in zip(texts, rows, strict=True) if number % 4], once, "fit apart")
    logits = [rows[at][0] @ weight + bias for at in apart]
    warmth = fit_temperature(np.concatenate(logits), np.concatenate([rows[at][1] for at in apart]))
    sure, right = [], []
    for at, found in zip(apart, logits, strict=True):
        shares, truth = softmax(found, temperature=warmth), rows[at][1]
        best = (shares[:, 1::2] + shares[:, 2::2]).argmax(axis=1)
        said = np.flatnonzero((shares[:, 1::2] + shares[:, 2::2]).max(axis=1) > shares[:, 0])
        sure += [float(shares[word, 1 + 2 * best[word]] + shares[word, 2 + 2 * best[word]]) for word in said]
        right += [bool(truth[word] in (1 + 2 * best[word], 2 + 2 * best[word])) for word in said]
    return float(warmth), certified(sure, right, target=TARGET)


def _spans(text: str, encoder: Encoder, lists: Lists, weight: Any, bias: Any, warmth: float) -> list[Tagged]:
    tokens = encoder.tokens(text)
    if not len(tokens):
        return []
    starts = word_starts(tokens)
    shares = softmax(looked_at(encoder, tokens, starts, lists) @ weight + bias, temperature=warmth)
    return spans_of(text, [int(tokens.spans[s, 0]) for s in starts], ends_of(tokens, starts), shares)


def scored(tags: Tags, rules: Tags, gold: Sequence[Marked], threshold: float, promise: Certified | None) -> Scorecard:
    mine, theirs = measured(tags, gold, threshold), measured(rules, gold, threshold)
    why = [] if promise else [f"no confidence promises that at most {TARGET:.0%} of values are wrong"]
    if len(gold) < LEAST_GOLD:
        why.append(f"gold holds {len(gold)} products, {LEAST_GOLD} are wanted")
    if mine["f1"].value < LEAST_F1:
        why.append(f"F1 {mine['f1']}, at least {LEAST_F1:.0%} is wanted")
    if mine["f1"].value <= theirs["f1"].value:
        why.append("no better than lists and forms without a model")
    why += [f"{kind} reaches F1 of nothing" for kind in KINDS if mine[f"f1_{kind}"].value == 0]
    notes = (f"threshold {promise}",) if promise else ()
    return Scorecard(head=HEAD, metrics={"gold": mine, "rules_alone": theirs}, passed=not why, failures=tuple(why), notes=notes)


def measured(tags: Tags, gold: Sequence[Marked], threshold: float) -> dict[str, Metric]:
    """F1 of exact spans with their kind, over all and for each kind (n: spans of gold), precision, recall, what is sure, and clean texts touched."""
    said = [[(one.kind, one.start, one.end) for one in tags(text.text)] for text in gold]
    sure = [[(one.kind, one.start, one.end) for one in tags(text.text) if one.confidence >= threshold] for text in gold]
    found: dict[str, Metric] = {}
    for name, kinds in (("", KINDS), *((f"_{kind}", (kind,)) for kind in KINDS)):
        true, there, hit = (_count(gold, said, kinds, which) for which in ("gold", "said", "both"))
        found[f"f1{name}"] = Metric(value=2 * hit / (true + there) if true + there else 0.0, n=true)
        if not name:
            found["precision"], found["recall"] = Metric(value=hit / max(1, there), n=there), Metric(value=hit / max(1, true), n=true)
    kept, good = _count(gold, sure, KINDS, "said"), _count(gold, sure, KINDS, "both")
    clean = [spans for spans, text in zip(said, gold, strict=True) if not text.spans]
    return found | {
        "sure_right": Metric(value=good / max(1, kept), n=kept), "sure_of_all": Metric(value=good / max(1, found["recall"].n), n=found["recall"].n),
        "clean_touched": Metric(value=sum(map(bool, clean)) / max(1, len(clean)), n=len(clean)),
    }  # fmt: skip


def _count(gold: Sequence[Marked], said: Sequence[Sequence[tuple[str, int, int]]], kinds: Sequence[str], which: str) -> int:
    pairs = [({s for s in text.spans if s[0] in kinds}, {s for s in spans if s[0] in kinds}) for text, spans in zip(gold, said, strict=True)]
    return sum(len(true) if which == "gold" else len(there) if which == "said" else len(true & there) for true, there in pairs)

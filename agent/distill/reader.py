"""The head `reader`: from wordings to a checked model folder."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from agent.distill.cache import Arrays, Says, key_of, packed_files, unpacked_files
from agent.distill.card import reader_card
from agent.distill.certify import Certified
from agent.distill.challenge import challenge
from agent.distill.compose import Composer
from agent.distill.curves import curve_tables, loss_curve
from agent.distill.evaluate import evaluate, gold_examples, gold_rows, gold_texts, other_languages
from agent.distill.export import agreement, export_upper
from agent.distill.extra import base_folder
from agent.distill.fitting import Once, always
from agent.distill.folder import digest, write_folder
from agent.distill.gate import COMPOSED, GOLD, PARITY, WORSE, WRITTEN, failures, too_few
from agent.distill.language import LABELS as LANGUAGE_LABELS
from agent.distill.language import fit_language
from agent.distill.letters import Example
from agent.distill.linear import packed
from agent.distill.network import published
from agent.distill.overlap import Overlap
from agent.distill.phrases import Fitted, clauses_of, fit_phrases, joined, too_sure, warmed
from agent.distill.records import Metric, Progress, Scorecard
from agent.distill.refill import as_written
from agent.distill.train import Encoded, Keeping, ReaderNet, Recipe, encoded, train_reader
from agent.distill.trust import Kind, trusted
from agent.distill.wordings import Wordings, read_wordings
from agent.distill.written import read_written
from agent.errors import ManifestError
from agent.students.calibration import fit_temperature
from agent.students.decode import CLAUSE_TAGS
from agent.students.encoder import Encoder, Floats, Session
from agent.students.manifest import read_manifest
from agent.students.phrases import FILE as PHRASES
from agent.students.reader import SLOT_TAGS, Reader

_TRAINING = tuple(
    f"agent.distill.{name}" for name in ("train", "compose", "letters", "patterns", "refill", "wordings", "written", "overlap", "network")
) + ("agent.students.encoder", "agent.students.decode", "agent.students.reader")
_EXPORTING = ("agent.distill.export", "agent.distill.network")
_PHRASING = ("agent.distill.phrases", "agent.students.phrases", "agent.students.encoder", "agent.distill.patterns", "agent.distill.overlap")
_REMOVED, _LOSSES = "removed", "losses"
"""Beside the weights of what was trained."""
CALIBRATION, MEASURED = 1_200, 1_200
"""Requests composed of held-out wordings: for the temperatures, and for the figures; no more than were trained on."""


def make_reader(
    models: Path, out: Path, recipe: Recipe, progress: Progress, *, data: Path | None = None, draft: Path | None = None,
    once: Once = always, kept: Path | None = None,
) -> Scorecard:  # fmt: skip
    """Train, export, calibrate, measure, and write `out/reader` if the gate opens.

    Args:
        kept: Folder where a training keeps what it has come to, so that a stopped one goes on from there; it keeps nothing when None.
        draft: Where the reader is put whatever its gate says; nothing serves from there.
    """
    encoder = Encoder(read_manifest(models / "encoder"))
    source = data or models / "reader" / "data"
    gold = models / "reader" / "gold" / "requests.jsonl"
    wordings = read_wordings(source)
    labels = wordings.labels
    net, learned = _trained(wordings, encoder, gold_texts(gold_rows(gold)) if gold.exists() else [], recipe, progress, once, kept)
    return finish_reader(net, encoder, wordings, labels, models, out, recipe, progress, source=source, learned=learned, draft=draft, once=once)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What is told of a training beside the net."""

    removed: int
    """Examples left out that nearly said what gold says."""
    losses: Sequence[tuple[int, float]] = ()
    """Steps, over both rounds, each with the mean loss of the leg that ends there."""


def _trained(
    wordings: Wordings, encoder: Encoder, gold: Sequence[str], recipe: Recipe, progress: Progress, once: Once, kept: Path | None
) -> tuple[ReaderNet, Learned]:  # fmt: skip
    """The net with what was learned, from the cache when the same was learned before."""
    labels, weights = wordings.labels, published(base_folder())

    inputs = {
        "wordings": wordings.digest, "gold": digest("\0".join(sorted(gold)).encode()), "recipe": asdict(recipe), "labels": labels,
        "encoder": encoder.manifest.identity, "base": digest((base_folder() / "model.safetensors").read_bytes()),
    }  # fmt: skip
    keeping = Keeping(folder=kept, name=key_of("train", inputs, _TRAINING))

    def train(says: Says) -> Arrays:
        overlap = Overlap(encoder, gold)
        net = train_reader(wordings, encoder, weights, labels, recipe, overlap, progress, says, keeping)
        progress(f"left out {overlap.removed} of {overlap.seen} examples that nearly say what a gold text says")
        told = {_REMOVED: np.array(overlap.removed), _LOSSES: np.array(keeping.losses, dtype=np.float64).reshape(-1, 2)}
        return {name: tensor.numpy() for name, tensor in net.state_dict().items()} | told

    found = once("train", inputs, train, _TRAINING)
    keeping.forget()
    net = ReaderNet(weights, len(labels), recipe.dropout)
    net.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in found.items() if name not in (_REMOVED, _LOSSES)})
    net.eval()
    return net, Learned(removed=int(found[_REMOVED]), losses=[(int(step), float(loss)) for step, loss in found.get(_LOSSES, ())])


def finish_reader(
    net: ReaderNet, encoder: Encoder, wordings: Wordings, labels: list[str], models: Path, out: Path, recipe: Recipe, progress: Progress,
    *, source: Path, learned: Learned, draft: Path | None = None, once: Once = always,
) -> Scorecard:  # fmt: skip
    """Everything after training; apart, so that a trained net can be exported and measured again."""
    made = _made(net, encoder, wordings, labels, models, recipe, source, once)
    about, curve = _learned_from(wordings, recipe, learned, made), curve_tables(loss_curve(learned.losses, "step"))
    outputs = {"clause": CLAUSE_TAGS, "slot": SLOT_TAGS, "label": labels, "language": LANGUAGE_LABELS}
    write = partial(write_folder, name="reader", encoder=encoder.manifest.identity, labels=outputs, data=about)
    with tempfile.TemporaryDirectory() as temporary:
        folder = draft or Path(temporary)
        write(folder, files=made.files, more=curve)
        files = _less_sure(made, Reader(read_manifest(folder), encoder), wordings)
        write(folder, files=files, more=curve)
        progress("measuring the exported reader")
        reader = Reader(read_manifest(folder), encoder)
        promised = trusted(reader, made.development)
        measured = _with_thresholds(_measured(reader, wordings, recipe, models, made), reader, made.development, promised)
    if measured.passed:
        more = curve | ({"thresholds": {str(kind): one.threshold for kind, one in promised.items()}} if promised else {})
        write(out / "reader", files=files, score=measured, more=more, card=reader_card(measured, about, labels))
    return measured


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A trained net as the files that are served, before anything is measured on them."""

    files: Mapping[str, bytes]
    development: Sequence[Example]
    """Whole requests that nothing was trained on, for temperatures and thresholds; none where there are none."""
    parity: float
    """Share of the tokens that the exported graph reads as the net did."""
    known: Metric
    """Pieces of text whose language is told right."""
    near: int
    """Clauses left out of the head on words that nearly say what gold says."""


def _made(
    net: ReaderNet, encoder: Encoder, wordings: Wordings, labels: list[str], models: Path, recipe: Recipe, source: Path, once: Once
) -> _Made:  # fmt: skip
    """The net exported, with heads whose temperatures are fitted, the head on words and the one on languages."""
    graph = _exported(net, once)
    weights = {name: weights_of(net, name) for name in ("clause", "slot", "label")}
    development, fresh = _development(models), Composer(wordings, seed=recipe.seed + 1, held_out=True)
    drawn = development or [fresh.example() for _ in range(min(CALIBRATION, recipe.examples))]
    kept = [made for made in (encoded(example, encoder, labels) for example in drawn) if made is not None]
    session = Session(graph, "the exported reader")
    warmth = temperatures(kept, session, weights)
    language, known = fit_language(source / "languages", wordings, seed=recipe.seed, drawn=min(4_000, recipe.examples))
    phrases, near = _phrased(wordings, encoder, labels, models, recipe, once)
    files = {
        "reader.onnx": graph,
        "heads.npz": packed({name: (*weights[name], warmth[name]) for name in weights}),
        PHRASES: joined(phrases, *heard(drawn, encoder, session, weights["label"], warmth["label"], labels)),
        "language.npz": packed({"language": language}),
    }
    parity = agreement(net.upper, graph, [e.fork for e in kept[:200]], weights["slot"][0])
    return _Made(files=files, development=development, parity=parity, known=known, near=near)


def _learned_from(wordings: Wordings, recipe: Recipe, learned: Learned, made: _Made) -> dict[str, str | int | bool]:
    """What manifest and card tell of the data and of the training."""
    return {
        "digest": wordings.digest,
        "seed": recipe.seed,
        "wordings": len(wordings.patterns),
        "written": len(wordings.written),
        "bfloat16": recipe.bfloat16,
        "examples": recipe.examples,
        "again": int(recipe.examples * recipe.again),
        "near_gold_left_out": learned.removed,
        "clauses_near_gold_left_out": made.near,
    }


def _less_sure(made: _Made, reader: Reader, wordings: Wordings) -> dict[str, bytes]:
    """The files with a head on words that is no surer than it is right on requests nothing was trained on."""
    untrained = [*made.development, *(as_written(request) for request in wordings.written_of(held_out=True))]
    return {**made.files, PHRASES: warmed(made.files[PHRASES], too_sure(reader, untrained))}


def _exported(net: ReaderNet, once: Once) -> bytes:
    told = digest(b"".join(name.encode() + tensor.numpy().tobytes() for name, tensor in net.upper.state_dict().items()))
    made = once("export", {"weights": told}, lambda says: packed_files({"reader.onnx": export_upper(net.upper)}), _EXPORTING)
    return unpacked_files(made)["reader.onnx"]


def _phrased(
    wordings: Wordings, encoder: Encoder, labels: Sequence[str], models: Path, recipe: Recipe, once: Once
) -> tuple[Fitted, int]:  # fmt: skip
    """The head on a clause's words, and how many clauses were left out for nearly saying what gold says."""
    gold = models / "reader" / "gold" / "requests.jsonl"
    texts = gold_texts(gold_rows(gold)) if gold.exists() else []

    def make(says: Says) -> Arrays:
        overlap = Overlap(encoder, texts)
        clauses = clauses_of(wordings, encoder, overlap, recipe.seed)
        return {**fit_phrases(clauses, labels, recipe.seed).arrays(), _REMOVED: np.array(overlap.removed)}

    inputs = {
        "wordings": wordings.digest, "gold": digest("\0".join(sorted(texts)).encode()), "labels": list(labels), "seed": recipe.seed,
        "encoder": encoder.manifest.identity,
    }  # fmt: skip
    found = once("phrases", inputs, make, _PHRASING)
    return Fitted(weight=found["weight"], bias=found["bias"], rare=found["rare"]), int(found[_REMOVED])


def heard(
    examples: Sequence[Example], encoder: Encoder, session: Session, weights: tuple[Floats, Floats], warmth: float, labels: list[str],
    tags: Sequence[str] = SLOT_TAGS,
) -> tuple[list[str], Floats, NDArray[np.int64]]:  # fmt: skip
    """Of every true clause its text, what the label head hears in it (logits over the temperature), and its label's place."""
    texts: list[str] = []
    said: list[Floats] = []
    truth: list[int] = []
    for example in examples:
        made = encoded(example, encoder, labels, tags)
        if made is None:
            continue
        states = session.run(made.fork)
        texts += [example.text[part.start : part.end] for part in example.parts]
        said += [(states[a:b].mean(axis=0) @ weights[0] + weights[1]) / warmth for a, b, _ in made.parts]
        truth += [label for _, _, label in made.parts]
    return texts, np.stack(said), np.array(truth, dtype=np.int64)


def _development(models: Path) -> list[Example]:
    """What temperatures and thresholds are fitted on: whole requests that are never trained on."""
    return [as_written(request) for request in read_written(models / "reader" / "development")]


def _with_thresholds(score: Scorecard, reader: Reader, development: Sequence[Example], promised: Mapping[Kind, Certified]) -> Scorecard:
    if not development:
        return score
    kept = {f"kept_by_{kind}": Metric(value=one.kept / one.of, n=one.of) for kind, one in promised.items()}
    right = {f"right_by_{kind}": Metric(value=1 - one.wrong / one.kept, n=one.kept) for kind, one in promised.items()}
    return replace(score, metrics={**score.metrics, "development": {**evaluate(reader, development).metrics(), **kept, **right}})


def _measured(reader: Reader, wordings: Wordings, recipe: Recipe, models: Path, made: _Made) -> Scorecard:
    fresh = Composer(wordings, seed=recipe.seed + 2, held_out=True)
    composed = evaluate(reader, (fresh.composed() for _ in range(min(MEASURED, recipe.examples)))).metrics()
    written = evaluate(reader, [as_written(request) for request in wordings.written_of(held_out=True)])
    metrics = {"composed": composed, "written": written.metrics(), "written_selective": written.selective()}
    metrics |= {"export": {"parity": Metric(value=made.parity, n=200)}, "language": {"held_out_pieces": made.known}}
    shut = (
        failures("composed", composed, COMPOSED)
        + failures("written", written.metrics(), WRITTEN)
        + ([] if made.parity >= PARITY else [f"export: only {made.parity:.3f} of the tokens read as in training"])
    )
    score = Scorecard(head="reader", metrics=metrics, passed=not shut, failures=tuple(shut))
    gold = models / "reader" / "gold" / "requests.jsonl"
    return _challenged(_with_gold(score, reader, gold), reader, models, gold) if gold.exists() else score


def _challenged(score: Scorecard, reader: Reader, models: Path, gold: Path) -> Scorecard:
    """Refused if it is certainly worse than the reader in use, where there is one for this encoder."""
    try:
        in_use = Reader(read_manifest(models / "reader"), Encoder(read_manifest(models / "encoder")))
    except ManifestError:
        return score
    found = challenge(reader, in_use, gold)
    shut = score.failures if found.low >= WORSE else (*score.failures, f"gold: {found} against the reader in use")
    return replace(score, notes=(*score.notes, f"read right as a whole against the reader in use: {found}"), passed=not shut, failures=tuple(shut))


def _with_gold(score: Scorecard, reader: Reader, path: Path) -> Scorecard:
    rows = gold_rows(path)
    examples: list[Example] = gold_examples(path, reader.labels)
    tally = evaluate(reader, examples)
    foreign = other_languages(rows)
    told = Metric(value=sum(reader.read(text).readable < 0.5 for text in foreign) / max(1, len(foreign)), n=len(foreign))
    shut = [*score.failures, *too_few(len(examples)), *failures("gold", tally.metrics(), GOLD)]
    metrics = {
        **score.metrics,
        "gold": tally.metrics(),
        "gold_selective": tally.selective(),
        "gold_recall": tally.recalls(),
        "gold_language": {"told_foreign": told},
    }
    return replace(score, metrics=metrics, passed=not shut, failures=tuple(shut), confused=dict(tally.confused.most_common(25)))


def weights_of(net: ReaderNet, name: str) -> tuple[Floats, Floats]:
    """Those of one head, as `Linear` takes them."""
    head = getattr(net, name)
    return head.weight.detach().numpy().T.copy(), head.bias.detach().numpy().copy()


def temperatures(kept: list[Encoded], session: Session, weights: dict[str, tuple[Floats, Floats]]) -> dict[str, float]:
    """One per head, on the exported graph's states of held-out wordings."""
    x: dict[str, list[Floats]] = {name: [] for name in weights}
    y: dict[str, list[NDArray[np.int64]]] = {name: [] for name in weights}
    for e in kept:
        states = session.run(e.fork)
        x["clause"].append(states[e.starts])
        x["slot"].append(states[e.starts])
        y["clause"].append(e.clause)
        y["slot"].append(e.slot)
        x["label"].append(np.stack([states[a:b].mean(axis=0) for a, b, _ in e.parts]))
        y["label"].append(np.array([label for _, _, label in e.parts], dtype=np.int64))
    return {
        name: fit_temperature(np.concatenate(x[name]) @ weight + bias, np.concatenate(y[name])) for name, (weight, bias) in weights.items()
    }  # fmt: skip

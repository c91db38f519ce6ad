"""Labels for the training texts, from whoever the spec calls the teacher; and what that teacher says of gold, to be measured by."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agent.distill import figures
from agent.distill.cache import Arrays, Cache, Says, StepEvent
from agent.distill.figures import Answers
from agent.distill.folder import digest
from agent.distill.items import Item
from agent.distill.linear import Matrix
from agent.distill.sets import Sets, new_texts
from agent.distill.spec import GatewayTeacher, HumanLabels, ModelTeacher, Spec
from agent.distill.teach import PURPOSE, Asked, Taught, Teacher
from agent.distill.vectors import Vectors
from agent.errors import SettingsError
from agent.ledger.records import Spender
from agent.prompts import Prompts
from agent.students.calibration import softmax
from agent.students.encoder import Encoder
from agent.students.heads import Head
from agent.students.manifest import read_manifest

_MODEL = ("agent.distill.figures", "agent.students.features", "agent.students.heads")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    items: Sequence[Item]
    """Training texts with the teacher's labels."""
    labels: Sequence[str]
    """All that may be said, in order; empty for those of the items."""
    teacher: Answers | None
    """What it says of gold; None where people's labels are the teacher."""
    told: str
    """Who it is, for the card."""
    more: Sequence[Item] = ()
    """Altered texts that it labelled too. The baseline does without them."""
    sources: Sequence[int] = ()
    """The place among the items of what each of them was altered from."""
    shares: Matrix | None = None
    """(items and more, labels): its probabilities, where they are to be learned."""
    dropped: int = 0
    """Texts without a label that can be used."""


async def taught(
    spec: Spec, sets: Sets, cache: Cache, vectors: Vectors, encoder: Encoder, prompts: Prompts, *, data: Path, gateway: Asked | None, spender: Spender
) -> Lesson:  # fmt: skip
    """
    Raises:
        SettingsError, ManifestError: There is no such teacher, or not for this encoder.
        RunError: It gave up half way; what it said is kept.
    """
    match spec.teacher:
        case HumanLabels():
            return Lesson(items=sets.train, labels=spec.labels, teacher=None, told="the data's own labels, by people")
        case ModelTeacher(folder=folder):
            return _by_model(spec, spec.teacher, sets, cache, vectors, Head(read_manifest(data / folder), encoder))
        case GatewayTeacher():
            return await _by_gateway(spec, spec.teacher, sets, cache, prompts, gateway, spender)


def _by_model(spec: Spec, teacher: ModelTeacher, sets: Sets, cache: Cache, vectors: Vectors, head: Head) -> Lesson:
    labels = list(spec.labels or head.trained)
    strange = sorted(set(head.trained) - set(labels))
    if strange:
        raise SettingsError(f"the teacher {head.name} says labels that the spec does not name: {', '.join(strange[:5])}.")
    places = [labels.index(label) for label in head.trained]

    def said(what: str, texts: Sequence[str]) -> Arrays:
        inputs = {"teacher": head.manifest.identity, "features": head.manifest.features, "texts": digest("\0".join(texts).encode())}

        def ask(says: Says) -> Arrays:
            return figures.asked(head, texts, says)

        return cache.arrays(what, inputs, ask, code=_MODEL, after=("apart",))

    texts = [item.text for item in sets.train]
    more = new_texts(sets, teacher.altered, spec.seed, cache, vectors, head.manifest.identity) if teacher.altered else {}
    logits = np.concatenate([said(what, some)["logits"] for what, some in (("teach", texts), ("teach altered", list(more))) if some])
    items = [Item(text, head.trained[place]) for text, place in zip([*texts, *more], logits.argmax(axis=1).tolist(), strict=True)]
    shares = np.zeros((len(items), len(labels)), dtype=np.float32)
    shares[:, places] = softmax(logits, temperature=head.temperature * teacher.warmth)
    gold = said("judge teacher on gold", [item.text for item in sets.gold])
    size = sum((head.manifest.folder / name).stat().st_size for name in head.manifest.files)
    return Lesson(
        items=items[: len(texts)], more=items[len(texts) :], sources=list(more.values()), shares=shares if teacher.soft else None, labels=labels,
        teacher=figures.answers_of(gold, head.temperature, places, size=size, cpu_usd_per_hour=spec.cpu_usd_per_hour),
        told=f"the student `{head.name}` ({head.manifest.features}, {head.manifest.identity[:12]})"
        + (f", whose probabilities are learned at {teacher.warmth:g} times its temperature" if teacher.soft else "")
        + (f", also of {len(more)} altered texts" if more else ""),
    )  # fmt: skip


async def _by_gateway(
    spec: Spec, teacher: GatewayTeacher, sets: Sets, cache: Cache, prompts: Prompts, gateway: Asked | None, spender: Spender
) -> Lesson:  # fmt: skip
    if gateway is None:
        raise SettingsError(f"the teacher is the gateway's `{teacher.alias}`, but no gateway is open here; use the command `storehand distill`.")
    spender = replace(spender, task=f"{PURPOSE}:{spec.name}", budgeted=spender.budgeted or teacher.budget_usd is not None)
    texts = [item.text for item in (*sets.train, *sets.gold)]
    key = digest("\0".join([teacher.model_dump_json(), *texts]).encode())

    begun = time.monotonic()

    def says(done: int, total: int, /, **figures: float) -> None:
        took = time.monotonic() - begun
        cache.watch(StepEvent(step="teach", state="running", key=key, after=("apart",), done=done, total=total, took_s=took, figures=figures))

    asking = Teacher(teacher, spec.labels, gateway, prompts, cache.folder, spender, says)
    cache.note(StepEvent(step="teach", state="running", key=key, after=("apart",)))
    try:
        found = await asking.ask(texts)
    except BaseException:
        cache.note(StepEvent(step="teach", state="failed", key=key, after=("apart",), took_s=time.monotonic() - begun))
        raise
    cache.note(StepEvent(step="teach", state="done" if asking.asked else "cached", key=key, after=("apart",), took_s=time.monotonic() - begun))
    labelled = [Item(item.text, label) for item, label in zip(sets.train, found.labels, strict=False) if label is not None]
    told = f"`{teacher.alias}` behind the gateway, {teacher.samples} answers a text, {teacher.quorum} have to agree; {found.disagreed} texts left out"
    return Lesson(
        items=labelled, labels=spec.labels, teacher=_answers(spec, found, len(sets.train)), told=told, dropped=len(sets.train) - len(labelled)
    )  # fmt: skip


def _answers(spec: Spec, found: Taught, trained: int) -> Answers:
    """What it said of gold. The cost is that of asking once, as one would in its place; the time is the wall's, network and all."""
    places = {label: place for place, label in enumerate(spec.labels)}
    said = [places[label] if label is not None else -1 for label in found.labels[trained:]]
    return Answers(
        said=np.array(said, dtype=np.int64), p50_ms=found.p50_ms, p95_ms=found.p95_ms,
        usd_per_1000=None if found.usd_per_answer is None else found.usd_per_answer * 1000,
    )  # fmt: skip

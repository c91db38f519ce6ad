"""From a spec to a student with its scorecard: read, keep apart, teach, fit, judge, decide, write. Each step is cached by what goes into it."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from agent.distill import figures
from agent.distill.cache import Arrays, Cache, Figures, Says, key_of, no_figures
from agent.distill.curves import curve_tables, curves_of, loss_curve
from agent.distill.figures import Answers
from agent.distill.fitting import Made, Texts, Workshop, fitted
from agent.distill.folder import digest, write_folder, writing
from agent.distill.items import Item, digest_of, labels_of
from agent.distill.lessons import Lesson, taught
from agent.distill.records import Metric
from agent.distill.report import Report, card, write_report
from agent.distill.scorecard import HeadScore
from agent.distill.sets import Sets, apart, read_sets
from agent.distill.spec import HashedTarget, Spec, Target
from agent.distill.static import table_of, token_states
from agent.distill.teach import Asked
from agent.distill.vectors import Vectors
from agent.distill.verdict import Evidence, judged
from agent.errors import SettingsError
from agent.ledger.records import Spender
from agent.prompts import Prompts
from agent.students.encoder import Encoder
from agent.students.heads import Head
from agent.students.manifest import identity, read_manifest

_FITTING = tuple(f"agent.distill.{name}" for name in ("fitting", "linear", "thresholds"))
_OF_TARGET = {
    "linear": (), "mixed": ("agent.students.features",), "hashed": ("agent.students.features",),
    "static": ("agent.distill.static", "agent.distill.bags", "agent.students.features"),
    "fine_tuned": ("agent.distill.tuned", "agent.distill.tuning", "agent.distill.network", "agent.distill.export", "agent.distill.smooth"),
}  # fmt: skip
_JUDGING = ("agent.distill.figures", "agent.students.features", "agent.students.heads", "agent.students.encoder")
VOCABULARY = 30_522


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What making a head needs besides its spec."""

    models: Path
    """Holds the encoder."""
    data: Path
    """Folder that the spec's files are named from."""
    out: Path
    """The student's folder goes into it when its gate opens, its report in any case."""
    cache: Cache
    prompts: Prompts
    drafts: Path | None = None
    """Where the student is put whatever its gate says, to be compared with others or to teach them; nothing serves from there."""
    gateway: Asked | None = None
    """None where the spec's teacher is no model behind the gateway."""
    spender: Spender = Spender()


async def make_head(spec: Spec, bench: Bench) -> HeadScore:
    """Make it and measure it; its folder is only written if its gate opens.

    Raises:
        SettingsError: The data, the teacher or the disk is not as the spec needs it.
        ManifestError: The encoder or a teacher's file is damaged.
        RunError: The teacher gave up half way; the same call goes on from there.
    """
    return await _Making(spec, bench).make()


class _Making:
    """One making of a head."""

    def __init__(self, spec: Spec, bench: Bench) -> None:
        self.spec, self.bench, self.cache = spec, bench, bench.cache
        self.encoder = Encoder(read_manifest(bench.models / "encoder"))
        self.vectors = Vectors(bench.cache.folder, self.encoder)

    async def make(self) -> HeadScore:
        read = read_sets(self.spec, self.bench.data)
        sets = await asyncio.to_thread(apart, read, self.spec.evals.near, self.cache, self.vectors, self.encoder.manifest.identity)
        lesson = await taught(
            self.spec,
            sets,
            self.cache,
            self.vectors,
            self.encoder,
            self.bench.prompts,
            data=self.bench.data,
            gateway=self.bench.gateway,
            spender=self.bench.spender,
        )
        labels = labels_of(lesson.items, lesson.labels, what="the training data")
        _require_known({item.label for item in sets.gold}, labels)
        return await asyncio.to_thread(self._judge, replace(lesson, labels=labels), sets)

    def _judge(self, lesson: Lesson, sets: Sets) -> HeadScore:
        student = self._fitted("student", self.spec.target, lesson, sets)
        baseline = student if isinstance(self.spec.target, HashedTarget) else self._fitted("baseline", HashedTarget(kind="hashed"), lesson, sets)
        truth = np.array([lesson.labels.index(str(item.label)) for item in sets.gold], dtype=np.int64)
        texts = [item.text for item in sets.gold]
        classes = figures.classes_of(truth, lesson.labels, self.spec.gate.per_class)
        answers = {"student": self._answers("student", student, lesson.labels, texts, truth)}
        answers["baseline"] = self._answers("baseline", baseline, lesson.labels, texts, truth)
        if lesson.teacher is not None:
            answers["teacher"] = lesson.teacher
        score = self._score(answers, truth, classes, student, lesson, sets)
        report = Report(
            spec=self.spec, score=score, made=student, labels=lesson.labels, truth=truth, said=answers["student"].said, steps=self.cache.steps
        )
        with writing(self.bench.out):
            write_report(self.bench.out / f"{self.spec.name}.report", report)
            if self.bench.drafts is not None:
                self._write(self.bench.drafts / self.spec.name, student, lesson.labels, score)
            if score.passed:
                self._write(self.bench.out / self.spec.name, student, lesson.labels, score, card(report))
        return score

    def _fitted(self, who: str, target: Target, lesson: Lesson, sets: Sets) -> Made:
        items, shares = ([*lesson.items, *lesson.more], lesson.shares) if who == "student" else (lesson.items, None)
        places = {label: place for place, label in enumerate(lesson.labels)}

        def truth(some: Sequence[Item]) -> Any:
            return np.array([places[str(item.label)] for item in some], dtype=np.int64)

        inputs = {
            "train": digest_of(items), "tune": digest_of(sets.tune), "labels": list(lesson.labels), "target": target.model_dump(mode="json"),
            "shares": None if shares is None else digest(shares.tobytes()),
            "seed": self.spec.seed, "encoder": self.encoder.manifest.identity, "kept": self.spec.evals.kept, "error": self.spec.evals.accepted_error,
        }  # fmt: skip
        texts = Texts(
            texts=[item.text for item in items], y=truth(items), classes=len(lesson.labels), shares=shares,
            sources=lesson.sources if who == "student" else (),
            tune_texts=[item.text for item in sets.tune], tune_y=truth(sets.tune) if sets.tune else None,
        )  # fmt: skip
        code = (*_FITTING, *_OF_TARGET[target.kind])
        shop = Workshop(
            encoder=self.encoder, vectors=self.vectors, table=self._table, kept=self.cache.epochs, seed=self.spec.seed,
            in_scope=self.spec.evals.kept, accepted_error=self.spec.evals.accepted_error,
            once=lambda name, inputs, make, code: self.cache.arrays(
                f"{name} {who}", inputs, make, code=code, after=("apart", "teach"), figures=_of_training
            ),
        )  # fmt: skip
        found = self.cache.arrays(
            f"fit {who}", inputs, lambda says: fitted(target, texts, shop, says).arrays(), code=code, after=("apart", "teach"), figures=_of_fit
        )
        return Made.of(found)

    def _table(self, width: int) -> Arrays:
        """The static vectors: the same for every head on this encoder."""
        inputs = {"encoder": self.encoder.manifest.identity}

        def states(says: Says) -> Arrays:
            return {"states": token_states(self.encoder, VOCABULARY, says)}

        found = self.cache.arrays("vocabulary", inputs, states, code=("agent.distill.static",))
        table, scale = table_of(found["states"], width)
        return {"table": table, "scale": scale}

    def _answers(self, who: str, made: Made, labels: Sequence[str], texts: Sequence[str], truth: figures.Truth) -> Answers:
        def told(found: Arrays) -> Figures:
            right = found["logits"].argmax(axis=1) == truth
            return {"accuracy": float(right.mean()) if len(right) else 0.0, "p50_ms": float(np.median(found["took_ms"])) if len(right) else 0.0}

        found = self._asked(who, made, labels, texts, what="gold", told=told)
        size = sum(len(content) for content in made.files.values())
        return figures.answers_of(
            found, made.thresholds.temperature, range(len(labels)), size=size, cpu_usd_per_hour=self.spec.cpu_usd_per_hour
        )  # fmt: skip

    def _asked(
        self, who: str, made: Made, labels: Sequence[str], texts: Sequence[str], *, what: str, told: Callable[[Arrays], Figures] = no_figures
    ) -> Arrays:  # fmt: skip
        inputs = {
            "files": identity({name: digest(content) for name, content in made.files.items()}), "features": made.features,
            "encoder": self.encoder.manifest.identity, "texts": list(texts),
        }  # fmt: skip

        def measure(says: Says) -> Arrays:
            with tempfile.TemporaryDirectory() as draft:
                self._write(Path(draft), made, labels, None)
                return figures.asked(Head(read_manifest(Path(draft)), self.encoder), texts, says)

        return self.cache.arrays(f"judge {who} on {what}", inputs, measure, code=_JUDGING, after=(f"fit {who}",), figures=told)

    def _write(self, folder: Path, made: Made, labels: Sequence[str], score: HeadScore | None, told: str | None = None) -> None:
        undecided = self.spec.undecided.model_dump() if self.spec.undecided and score else None
        thresholds = {"in_scope": made.thresholds.in_scope} | ({"alone": made.thresholds.alone} if made.thresholds.alone is not None else {})
        about = {} if score is None else {key: value for key, value in score.about.items() if not isinstance(value, Mapping)}
        write_folder(
            folder, name=self.spec.name, files=made.files, encoder=self.encoder.manifest.identity, labels={"label": labels}, undecided=undecided,
            data=about or None, score=score.record() if score else None, features=made.features,
            more={"thresholds": thresholds} | ({"figures": score.figures(), **curve_tables(score.curves)} if score else {}),
            card=told,
        )  # fmt: skip

    def _score(
        self, answers: Mapping[str, Answers], truth: figures.Truth, classes: figures.Classes, student: Made, lesson: Lesson, sets: Sets
    ) -> HeadScore:
        scored = {who: figures.scores(one, truth, classes) for who, one in answers.items()}
        right = {who: one.right(truth) for who, one in answers.items()}
        ours, teacher = answers["student"], answers.get("teacher")
        outside = None
        if sets.outside and ours.farthest is not None:
            strange = self._asked("student", student, lesson.labels, sets.outside, what="out of scope")["logits"].max(axis=1)
            outside = figures.out_of_scope(ours.farthest, strange, student.thresholds.in_scope)
        to_teacher = figures.difference(right["student"], right["teacher"]) if teacher else None
        evidence = Evidence(
            student=scored["student"], baseline=scored["baseline"], teacher=scored.get("teacher"),
            to_baseline=figures.difference(right["student"], right["baseline"]), to_teacher=to_teacher,
            is_baseline=isinstance(self.spec.target, HashedTarget), classes=classes,
            commonest=max(Counter(truth.tolist()).values(), default=0) / max(1, len(truth)), parity=student.parity,
            out_of_scope=outside, near_gold=[] if self.spec.evals.near == "leave_out" else sets.near,
        )  # fmt: skip
        return HeadScore(
            name=self.spec.name, contenders=scored, to_baseline=evidence.to_baseline, to_teacher=to_teacher,
            agreement=Metric(value=float((ours.said == teacher.said).mean()), n=len(truth)) if teacher else None,
            out_of_scope=outside, alone=figures.alone(ours, truth, student.thresholds.alone), pooled=classes.pooled,
            mistakes=figures.mistakes(ours, truth, [item.text for item in sets.gold], lesson.labels),
            verdict=judged(evidence, self.spec.gate), about=self._about(lesson, sets),
            curves={**curves_of(ours, truth, lesson.labels), **loss_curve(student.losses)},
        )  # fmt: skip

    def _about(self, lesson: Lesson, sets: Sets) -> dict[str, Any]:
        """Where it came from, for the manifest and the card."""
        return {
            "digest": digest_of(lesson.items), "gold_digest": digest_of(sets.gold), "spec_digest": digest(self.spec.model_dump_json().encode()),
            "code_digest": key_of("", {}, (*_FITTING, *_OF_TARGET[self.spec.target.kind])), "seed": self.spec.seed, "target": self.spec.target.kind,
            "teacher": lesson.told,
            "train": len(lesson.items), "altered": len(lesson.more), "gold": len(sets.gold), "gold_from": sets.gold_from, "near": len(sets.near),
            "left_out": self.spec.evals.near == "leave_out", "unlabelled": lesson.dropped,
        }  # fmt: skip


def _of_fit(found: Arrays) -> Figures:
    made = Made.of(found)
    alone = {} if made.thresholds.alone is None else {"certified_from": made.thresholds.alone}
    return {"bytes": float(sum(len(content) for content in made.files.values())), "temperature": made.thresholds.temperature, **alone}


def _of_training(found: Arrays) -> Figures:
    """The last epoch's loss, where losses were kept."""
    losses = found.get("losses")
    return {} if losses is None or not len(losses) else {"loss": float(losses[-1, 1])}


def _require_known(found: set[str | None], labels: Sequence[str]) -> None:
    strange = sorted(str(label) for label in found - set(labels))
    if strange:
        raise SettingsError(f"gold holds labels that nothing was trained on: {', '.join(strange[:5])}; add texts for them, or rename them.")

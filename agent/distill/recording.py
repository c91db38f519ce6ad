"""Tells the journal of a making what the pipeline does: which steps are foreseen, what each has come to, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.distill.cache import StepEvent
from agent.distill.folder import digest
from agent.distill.records import Scorecard
from agent.distill.scorecard import HeadScore
from agent.distill.spec import FineTunedTarget, GatewayTeacher, HashedTarget, HumanLabels, ModelTeacher, Spec, StaticTarget
from agent.distill.spec import Source as Texts
from agent.distill.steps import PLANS
from agent.errors import StorehandError
from agent.students.journal import Journal, Plan, journal
from agent.students.makings import Made, Source, State

GATE, MODEL, MAKE = "gate", "model", "make"
_MANIFEST = "manifest.toml"


@dataclass(frozen=True, slots=True)
class Recording:
    """One making's journal, in the words of the pipeline."""

    journal: Journal

    def watch(self, event: StepEvent) -> None:
        self.journal.step(
            event.step, event.state, key=event.key, after=event.after, done=event.done, total=event.total, took_s=event.took_s,
            figures=event.figures, output=event.output,
        )  # fmt: skip
        if event.state == "cached":
            self.journal.log(f"{event.step}: taken from what was computed before ({event.key[:12]})")
        elif event.state != "running":
            self.journal.log(f"{event.step}: {event.state} in {event.took_s:.1f} s")

    def says(self, text: str) -> None:
        """A line that a recipe says between its steps."""
        self.journal.log(text)

    def scored(self, score: HeadScore, out: Path) -> None:
        """How a making from a spec ended."""
        student = score.student
        figures = {"accuracy": student.accuracy.value, "baseline_accuracy": score.contenders["baseline"].accuracy.value, "p50_ms": student.p50_ms}
        figures |= {} if student.calibration_error is None else {"calibration_error": student.calibration_error}
        figures |= {"teacher_accuracy": score.contenders["teacher"].accuracy.value} if "teacher" in score.contenders else {}
        self._judged(score.passed, out / score.name)
        made = Made(folder=f"{score.name}.report", version=_version(out / score.name) if score.passed else "")
        self.journal.ended(score.verdict.state, why=score.verdict.reasons, figures=figures, curves=score.curves, made=made)

    def measured(self, score: Scorecard, out: Path) -> None:
        """How a recipe ended."""
        last = list(score.metrics.values())[-1:] or [{}]
        figures = {name: metric.value for name, metric in last[0].items()}
        if score.head not in PLANS:
            self.journal.step(MAKE, "done")
        self._judged(score.passed, out / score.head)
        made = Made(folder=score.head, version=_version(out / score.head)) if score.passed else None
        self.journal.ended("passed" if score.passed else "refused", why=score.failures, figures=figures, made=made)

    def _judged(self, passed: bool, folder: Path) -> None:
        self.journal.step(GATE, "done" if passed else "refused")
        if passed:
            self.journal.step(MODEL, "done", output=_version(folder))


@contextmanager
def recorded(folder: Path, spec: Spec, data: Path, models: Path) -> Iterator[Recording]:
    """A making from a spec."""
    sources = [*_texts(spec, data), *_teacher(spec, data), _encoder(models)]
    told = digest(spec.model_dump_json().encode())
    with journal(
        folder, head=spec.name, target=spec.target.kind, teacher=_who(spec), spec=told, sources=sources, plan=planned(spec)
    ) as opened, _ending(opened):  # fmt: skip
        yield Recording(opened)


@contextmanager
def recorded_recipe(folder: Path, head: str, models: Path) -> Iterator[Recording]:
    """A making by a recipe: its steps, or one for all where it has none, and the gate."""
    steps = PLANS.get(head, [(MAKE, ())])
    taken = {name for _, after in steps for name in after}
    plan: Plan = [*steps, (GATE, [name for name, _ in steps if name not in taken]), (MODEL, (GATE,))]
    sources = [_encoder(models)] if head != "encoder" else []
    with journal(folder, head=head, target="recipe", teacher="labels", spec="", sources=sources, plan=plan) as opened, _ending(opened):
        if head not in PLANS:
            opened.step(MAKE, "running")
        yield Recording(opened)


@contextmanager
def _ending(opened: Journal) -> Iterator[None]:
    """What broke off is told too. Only a process that is killed leaves its making without an end, which is an end of its own."""
    try:
        yield
    except (KeyboardInterrupt, asyncio.CancelledError):
        opened.log("stopped; the same command goes on from here")
        _end(opened, "stopped", ())
        raise
    except StorehandError as error:
        _end(opened, "failed", (str(error),))
        raise
    except Exception as error:
        _end(opened, "failed", (f"{type(error).__name__}, which is a fault of the program; the command line says more.",))
        raise


def _end(opened: Journal, state: State, why: Sequence[str]) -> None:
    opened.ended(state, why=why)


def planned(spec: Spec) -> Plan:
    """The steps that a making from this spec takes, each with what it comes after; see `agent.distill.head`."""
    plan: list[tuple[str, Sequence[str]]] = [("embed", ("training", "gold", "encoder")), ("apart", ("embed",))]
    before: tuple[str, ...] = ("apart",)
    if isinstance(spec.teacher, ModelTeacher) and spec.teacher.altered:
        plan.append(("alter", ("apart",)))
    if not isinstance(spec.teacher, HumanLabels):
        plan.append(("teach", ("apart", "teacher")))
        before = ("teach",)
    if isinstance(spec.teacher, ModelTeacher):
        plan += [("teach altered", ("alter", "teacher"))] if spec.teacher.altered else []
        before = (*before, "teach altered") if spec.teacher.altered else before
        plan.append(("judge teacher on gold", ("apart", "teacher")))
    plan += _fits(spec, before)
    judged = [step for step, _ in plan if step.startswith("judge ")]
    return [*plan, (GATE, judged), (MODEL, (GATE,))]


def _fits(spec: Spec, before: tuple[str, ...]) -> Iterator[tuple[str, Sequence[str]]]:
    first: tuple[str, ...] = before
    if isinstance(spec.target, StaticTarget):
        yield "vocabulary", ("encoder",)
        first = (*before, "vocabulary")
    if isinstance(spec.target, FineTunedTarget):
        yield "train student", before
        first = ("train student",)
    yield "fit student", first
    if not isinstance(spec.target, HashedTarget):
        yield "fit baseline", before
    yield "judge student on gold", ("fit student",)
    if not isinstance(spec.target, HashedTarget):
        yield "judge baseline on gold", ("fit baseline",)
    if spec.evals.out_of_scope:
        yield "judge student on out of scope", ("fit student",)


def _texts(spec: Spec, data: Path) -> Iterator[Source]:
    named: list[tuple[str, Texts]] = [("training", source) for source in spec.data]
    if isinstance(spec.teacher, HumanLabels) and spec.teacher.file is not None:
        named.append(("labels", spec.teacher.file))
    for use, some in (("gold", spec.evals.gold), ("tuning", spec.evals.tune), ("out of scope", spec.evals.out_of_scope)):
        named += [(use, source) for source in some]
    for use, source in named:
        yield Source(use=use, name=source.file.name, digest=_digest(data / source.file), licence=source.licence)


def _teacher(spec: Spec, data: Path) -> Iterator[Source]:
    if isinstance(spec.teacher, GatewayTeacher):
        yield Source(use="teacher", name=spec.teacher.alias, digest="")
    elif isinstance(spec.teacher, ModelTeacher):
        yield Source(use="teacher", name=spec.teacher.folder.name, digest=_digest(data / spec.teacher.folder / _MANIFEST))


def _encoder(models: Path) -> Source:
    return Source(use="encoder", name="encoder", digest=_digest(models / "encoder" / _MANIFEST))


def _who(spec: Spec) -> str:
    match spec.teacher:
        case HumanLabels():
            return "labels"
        case ModelTeacher(folder=folder):
            return folder.name
        case GatewayTeacher(alias=alias):
            return alias


def _digest(path: Path) -> str:
    """Empty for what cannot be read: the pipeline says so itself."""
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""


def _version(folder: Path) -> str:
    return _digest(folder / _MANIFEST)

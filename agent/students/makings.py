"""The makings of students: what `storehand distill` wrote down while it ran, read back as it stands now, from any process on the data folder.

A making is one file of lines of JSON in `distillations/`, written by `agent.students.journal`. Whoever makes a student holds a lock on the
file: a file without an end and without a holder is a making that was stopped.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from agent.errors import NotFound

FOLDER = "distillations"
KEPT = 60
"""Makings that are kept, the latest."""
_ID = re.compile(r"\d{8}T\d{6}-[a-z0-9_-]{1,80}")

StepState = Literal["waiting", "running", "cached", "done", "failed", "stopped", "refused"]
State = Literal["running", "passed", "refused", "insufficient evidence", "failed", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something that a making began with: a file of texts, the encoder, a teacher."""

    use: str
    """training, labels, gold, tuning, out of scope, encoder, teacher, spec."""
    name: str
    digest: str
    licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakingStep:
    name: str
    after: Sequence[str] = ()
    """Names of the steps whose results it takes; of a source, its use."""
    state: StepState = "waiting"
    key: str = ""
    """Digest of all that goes into it."""
    output: str = ""
    """Digest of what it made."""
    done: int = 0
    total: int = 0
    took_s: float = 0.0
    figures: Mapping[str, float] = field(default_factory=dict)
    """The latest of each."""
    series: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    """Figures told while it ran, as (how far, value), such as the loss."""

    @property
    def left_s(self) -> float | None:
        """About how long it will still take; None while nobody knows."""
        return self.took_s / self.done * (self.total - self.done) if self.state == "running" and self.done and self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of it."""

    folder: str
    """The report's, or the model's where there is no report."""
    version: str = ""
    """Digest of the model's manifest, by which the shelf knows it; empty when none was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    id: str
    head: str
    begun: datetime
    target: str
    teacher: str
    spec: str
    """Digest of the spec, by which a making is known to go on where another stopped."""
    state: State = "running"
    ended: datetime | None = None
    sources: Sequence[Source] = ()
    steps: Sequence[MakingStep] = ()
    log: Sequence[Logged] = ()
    why: Sequence[str] = ()
    """Why its gate stayed shut, or what ended it."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """Of the student on gold, by name; empty before it was measured."""
    curves: Mapping[str, Any] = field(default_factory=dict)
    """See `agent.distill.curves`."""
    made: Made | None = None
    goes_on: str | None = None
    """The making of the same spec that stopped before, whose finished steps it takes up."""
    size: int = 0
    """Bytes of its file: more of them, and something has happened."""

    @property
    def now(self) -> MakingStep | None:
        """The step that is being done."""
        return next((step for step in self.steps if step.state == "running"), None)

    def step(self, name: str) -> MakingStep | None:
        return next((step for step in self.steps if step.name == name), None)


@dataclass(frozen=True, slots=True)
class Makings:
    """All makings of a data folder."""

    folder: Path

    def all(self, *, most: int = KEPT) -> list[Making]:
        """The latest first."""
        found = sorted((path for path in self.folder.glob("*.jsonl") if _ID.fullmatch(path.stem)), reverse=True)[:most]
        return [making for path in found if (making := read_making(path)) is not None]

    def find(self, id: str) -> Making:
        """
        Raises:
            NotFound: There is none of that id.
        """
        path = self.folder / f"{id}.jsonl"
        made = read_making(path) if _ID.fullmatch(id) and path.is_file() else None
        if made is None:
            raise NotFound("making of a student", id)
        return made

    def of_version(self, version: str) -> Making | None:
        """The making that a version of a student came from, where it is known."""
        return next((making for making in self.all() if making.made is not None and making.made.version == version), None)


def read_making(path: Path) -> Making | None:
    """None for a file that is no making."""
    try:
        with path.open("rb") as file:
            held = _held(file.fileno())
            content = file.read()
    except OSError:
        return None
    made: Making | None = None
    for line in _lines(content):
        made = _begun(path.stem, line) if made is None else _told(made, line)
    if made is None:
        return None
    made = replace(made, size=len(content))
    return made if held or made.state != "running" else _stopped(made)


def _held(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(file, fcntl.LOCK_UN)
    return False


def _lines(content: bytes) -> Iterator[Mapping[str, Any]]:
    """What was written whole: the last line of a process that was killed may be half a line."""
    for line in content.split(b"\n")[:-1]:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def _begun(id: str, line: Mapping[str, Any]) -> Making | None:
    if line.get("kind") != "begun":
        return None
    steps = [MakingStep(name=step["name"], after=tuple(step["after"])) for step in line["plan"]]
    return Making(
        id=id, head=line["head"], begun=datetime.fromisoformat(line["at"]), target=line["target"], teacher=line["teacher"], spec=line["spec"],
        sources=[Source(**source) for source in line["sources"]], steps=steps, goes_on=line.get("goes_on"),
    )  # fmt: skip


def _told(now: Making, line: Mapping[str, Any]) -> Making:
    match line.get("kind"):
        case "step":
            return replace(now, steps=_with(now.steps, line))
        case "log":
            return replace(now, log=[*now.log, Logged(at=datetime.fromisoformat(line["at"]), text=line["text"])])
        case "ended":
            ended = replace(
                now, state=line["state"], ended=datetime.fromisoformat(line["at"]), why=line["why"], figures=line["figures"], curves=line["curves"],
                made=Made(**line["made"]) if line["made"] else None,
            )  # fmt: skip
            return _stopped(ended) if line["state"] in ("stopped", "failed") else ended
    return now


def _with(steps: Sequence[MakingStep], line: Mapping[str, Any]) -> list[MakingStep]:
    """The steps with what is told of one of them; one that nobody foresaw comes last but for what still waits."""
    name = line["step"]
    old = next((step for step in steps if step.name == name), None) or MakingStep(name=name)
    far = float(line["done"])
    series = {**old.series}
    if line["state"] == "running":
        for figure, value in line["figures"].items():
            series[figure] = [*series.get(figure, ()), (far, float(value))]
    new = replace(
        old, after=tuple(dict.fromkeys((*old.after, *line["after"]))), state=line["state"], key=line["key"] or old.key,
        output=line["output"] or old.output, done=line["done"], total=line["total"] or old.total, took_s=line["took_s"] or old.took_s,
        figures={**old.figures, **line["figures"]}, series=series,
    )  # fmt: skip
    if any(step.name == name for step in steps):
        return [new if step.name == name else step for step in steps]
    place = next((i for i, step in enumerate(steps) if step.state == "waiting"), len(steps))
    return [*steps[:place], new, *steps[place:]]


def _stopped(made: Making) -> Making:
    """Nobody works on it any more: what ran, or broke off because of it, has stopped with it."""
    unfinished = ("running", "failed") if made.state in ("running", "stopped") else ("running",)
    steps = [replace(step, state="stopped") if step.state in unfinished else step for step in made.steps]
    return replace(made, steps=steps, state="stopped" if made.state == "running" else made.state)

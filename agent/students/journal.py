"""Writes down the making of a student as it happens, for whoever looks at it meanwhile or afterwards; see `agent.students.makings`."""

from __future__ import annotations

import fcntl
import json
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from io import BufferedWriter
from pathlib import Path
from typing import Any, Literal

from agent.students.makings import KEPT, Made, Makings, Source, State

_EVERY_S, _LATER = 0.4, 0.01
"""A running step is told of at most this often, and less often the longer it has run, unless it has figures to tell: its file stays small."""

Plan = Sequence[tuple[str, Sequence[str]]]
"""Names of the steps that will be done, each with those it comes after."""


class Journal:
    """One making's file. Writing it must never be why a making fails: what cannot be written is left out."""

    def __init__(self, file: BufferedWriter, id: str) -> None:
        self.id = id
        self._file = file
        self._told: dict[str, float] = {}

    def step(
        self, name: str, state: Literal["running", "cached", "done", "failed", "refused"], *, key: str = "", after: Sequence[str] = (), done: int = 0,
        total: int = 0, took_s: float = 0.0, figures: Mapping[str, float] | None = None, output: str = "",
    ) -> None:  # fmt: skip
        now = time.monotonic()
        if state == "running":
            last = self._told.get(name)
            if last is not None and not figures and now - last < max(_EVERY_S, took_s * _LATER):
                return
            self._told[name] = now
        self._write(
            "step", step=name, state=state, key=key, after=list(after), done=done, total=total, took_s=round(took_s, 3),
            figures={figure: float(value) for figure, value in (figures or {}).items()}, output=output,
        )  # fmt: skip

    def log(self, text: str) -> None:
        self._write("log", text=text)

    def ended(
        self, state: State, *, why: Sequence[str] = (), figures: Mapping[str, float] | None = None, curves: Mapping[str, Any] | None = None,
        made: Made | None = None,
    ) -> None:  # fmt: skip
        told = asdict(made) if made else None
        self._write("ended", state=state, why=list(why), figures=dict(figures or {}), curves=dict(curves or {}), made=told)

    def begun(self, *, head: str, target: str, teacher: str, spec: str, sources: Sequence[Source], plan: Plan, goes_on: str | None) -> None:
        steps = [{"name": name, "after": list(after)} for name, after in plan]
        self._write(
            "begun", head=head, target=target, teacher=teacher, spec=spec, sources=[asdict(source) for source in sources], plan=steps, goes_on=goes_on
        )  # fmt: skip

    def _write(self, kind: str, **told: Any) -> None:
        line = json.dumps({"kind": kind, "at": datetime.now(UTC).isoformat(timespec="milliseconds"), **told}, ensure_ascii=False)
        with suppress(OSError):
            self._file.write(line.encode() + b"\n")
            self._file.flush()


@contextmanager
def journal(folder: Path, *, head: str, target: str, teacher: str, spec: str, sources: Sequence[Source], plan: Plan) -> Iterator[Journal]:
    """A new making's file, held until the block ends. Where the folder cannot be written, nothing is kept and nobody is kept from working."""
    before = [making for making in Makings(folder).all() if making.head == head]
    goes_on = before[0].id if before and before[0].spec == spec and before[0].state in ("stopped", "failed") else None
    with _held(folder, head) as (file, id):
        opened = Journal(file, id)
        opened.begun(head=head, target=target, teacher=teacher, spec=spec, sources=sources, plan=plan, goes_on=goes_on)
        yield opened


@contextmanager
def _held(folder: Path, head: str) -> Iterator[tuple[BufferedWriter, str]]:
    """The file is put in its place once it is held, so that nobody takes it for one that was left."""
    named = re.sub(r"[^a-z0-9_]+", "-", head.lower())[:60] or "student"
    id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{named}-{os.urandom(3).hex()}"
    draft, place = folder / f".{id}.part", folder / f"{id}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = draft.open("wb")
    except OSError:
        with open(os.devnull, "wb") as nowhere:
            yield nowhere, id
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        draft.replace(place)
        _forget_the_oldest(folder)
        yield file, id


def _forget_the_oldest(folder: Path) -> None:
    for path in sorted(folder.glob("*.jsonl"), reverse=True)[KEPT:]:
        with suppress(OSError):
            path.unlink()

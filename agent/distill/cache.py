"""What was computed once: results of steps by the digest of all that went into them. A damaged entry is computed again."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from agent.distill.folder import digest, writing
from agent.errors import SettingsError

if TYPE_CHECKING:
    from agent.distill.fitting import Once

Arrays = Mapping[str, NDArray[Any]]
Figures = Mapping[str, float]


class Says(Protocol):
    """Told how much of a step is done, and of how much; and now and then how it goes, such as the loss."""

    def __call__(self, done: int, total: int, /, **figures: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent:
    """One step of a pipeline has got somewhere. "cached" and "done" come once, "running" as often as there is something to tell."""

    step: str
    state: Literal["running", "cached", "done", "failed"]
    key: str
    after: tuple[str, ...] = ()
    """Names of the steps whose results it takes: the edges of the graph."""
    done: int = 0
    total: int = 0
    took_s: float = 0.0
    figures: Figures = field(default_factory=dict)
    """What is known of its result, such as an accuracy; while it runs, of how it goes."""
    output: str = ""
    """Digest of the result, where there is one."""

    @property
    def left_s(self) -> float | None:
        """About how long it will still take; None while nobody knows."""
        return self.took_s / self.done * (self.total - self.done) if self.state == "running" and self.done else None


Watch = Callable[[StepEvent], None]


def unwatched(_: StepEvent) -> None:
    """For whom nobody waits."""


def no_figures(_: Arrays) -> Figures:
    return {}


def default_folder() -> Path:
    return user_cache_path("storehand", appauthor=False) / "distill"


@dataclass(slots=True)
class Cache:
    """A folder of results, and the events of those asked for."""

    folder: Path
    watch: Watch = unwatched
    steps: list[StepEvent] = field(default_factory=list)
    """The last event of each step so far, in order."""

    @property
    def epochs(self) -> Path:
        """Where trainings that are under way keep what they have come to."""
        return self.folder / "epochs"

    def arrays(
        self, name: str, inputs: Mapping[str, Any], make: Callable[[Says], Arrays], *, code: Sequence[str] = (), after: Sequence[str] = (),
        figures: Callable[[Arrays], Figures] = no_figures,
    ) -> Arrays:  # fmt: skip
        """The arrays that `make` gives, made only when nothing with the same inputs and the same code was made before.

        Args:
            name: What is done, and for whom: "fit student". Whom it is for makes no difference to the result.
            inputs: Everything the result hangs on, as JSON: digests of data, settings, seeds.
            make: A pure function of them.
            code: Names of the modules whose text counts as an input too.
            after: Names of the steps whose results `make` takes.
            figures: What the result says of itself, for whoever watches.
        """
        key = key_of(name.partition(" ")[0], inputs, code)
        path = self.folder / "steps" / key[:2] / f"{key}.npz"
        found = _kept(path)
        if found is not None:
            arrays, output = found
            self.note(StepEvent(step=name, state="cached", key=key, after=tuple(after), figures=figures(arrays), output=output))
            return arrays
        begun = time.monotonic()

        def says(done: int, total: int, /, **figures: float) -> None:
            took = time.monotonic() - begun
            self.watch(StepEvent(step=name, state="running", key=key, after=tuple(after), done=done, total=total, took_s=took, figures=figures))

        says(0, 0)
        try:
            made = make(says)
            with writing(path):
                output = _keep(path, made)
        except BaseException:
            self.note(StepEvent(step=name, state="failed", key=key, after=tuple(after), took_s=time.monotonic() - begun))
            raise
        took = time.monotonic() - begun
        self.note(StepEvent(step=name, state="done", key=key, after=tuple(after), took_s=took, figures=figures(made), output=output))
        return made

    def once(self) -> Once:
        """The same for who knows of no cache, and whose plan tells what comes after what."""

        def once(name: str, inputs: Mapping[str, Any], make: Callable[[Says], Arrays], code: Sequence[str]) -> Arrays:
            return self.arrays(name, inputs, make, code=code)

        return once

    def note(self, event: StepEvent) -> None:
        """Tell of a step that is computed elsewhere."""
        if event.state != "running":
            self.steps.append(event)
        self.watch(event)


def key_of(name: str, inputs: Mapping[str, Any], code: Sequence[str] = ()) -> str:
    found = [importlib.util.find_spec(module) for module in code]
    texts = [digest(Path(spec.origin).read_bytes()) for spec in found if spec is not None and spec.origin]
    return digest(json.dumps([name, inputs, texts], sort_keys=True, ensure_ascii=False, default=str).encode())


def _kept(path: Path) -> tuple[Arrays, str] | None:
    """The entry's arrays and their digest; None when there is none, or it is not what was written."""
    body = whole(path)
    if body is None:
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}, digest(body)


def _keep(path: Path, made: Arrays) -> str:
    """The digest of what was kept."""
    out = io.BytesIO()
    np.savez(out, **made)  # type: ignore[arg-type]  # the stub takes the keywords for allow_pickle
    return keep_whole(path, out.getvalue())


def whole(path: Path) -> bytes | None:
    """What `keep_whole` wrote there; None when there is none, or not a byte of it may be trusted."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    told, _, body = content.partition(b"\n")
    return body if told.decode("ascii", "replace") == digest(body) else None


def keep_whole(path: Path, body: bytes) -> str:
    """Put it there at once, under its digest, which is given back: a process that is killed leaves what was there before."""
    told = digest(body)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.part")
    try:
        draft.write_bytes(told.encode() + b"\n" + body)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return told


def packed_files(files: Mapping[str, bytes]) -> Arrays:
    """Files as arrays of bytes, to be kept as a step's result."""
    return {name: np.frombuffer(content, dtype=np.uint8) for name, content in files.items()}


def unpacked_files(arrays: Arrays) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in arrays.items()}


def open_table(path: Path, definition: str) -> sqlite3.Connection:
    """A small database of the cache; rows are there once they are committed, whatever becomes of the run.

    Raises:
        SettingsError: It cannot be opened or written.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=30)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"CREATE TABLE IF NOT EXISTS {definition}")
        except sqlite3.DatabaseError as error:
            connection.close()
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise SettingsError(f"{path} is damaged ({error}); delete it, and it is made again.") from error
    return connection


def text_key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()

"""Everything the reader is trained on: short wordings with lists to fill them from, and requests written out whole."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.distill.patterns import Expansion, Pattern, fillers_of, patterns_of
from agent.distill.written import Written, read_written
from agent.errors import SettingsError
from agent.evals.gold import MERGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    patterns: Sequence[Pattern]
    fillers: Mapping[str, Sequence[str]]
    digest: str
    """sha256 over all files, by name."""
    written: Sequence[Written] = ()

    @property
    def labels(self) -> list[str]:
        """Every label that is asked for, sorted."""
        return sorted({p.label for p in self.patterns if not p.after} | {part.label for request in self.written for part in request.parts})

    def of(self, *, held_out: bool) -> list[Pattern]:
        return [pattern for pattern in self.patterns if pattern.held_out == held_out]

    def written_of(self, *, held_out: bool) -> list[Written]:
        return [request for request in self.written if request.held_out == held_out]


def read_wordings(folder: Path) -> Wordings:
    """All files of a data folder: `<label>.txt`, `ellipsis.txt`, `fillers.txt`, `written/*.txt`.

    Raises:
        SettingsError: A line cannot be read; names the file and the line.
    """
    files = sorted(folder.glob("*.txt"))
    if not any(path.name == "fillers.txt" for path in files):
        raise SettingsError(f"{folder} has no fillers.txt; the training data of the reader lies there.")
    fillers = fillers_of(folder / "fillers.txt")
    patterns = [p for path in files if path.name != "fillers.txt" for p in patterns_of(path, MERGED.get(path.stem, path.stem))]
    for pattern in patterns:
        try:
            Expansion(fillers, random.Random(0)).expand(pattern.body)
        except ValueError as error:
            raise SettingsError(f"{folder}/{pattern.label}.txt: `{pattern.body}`: {error}") from error
    return Wordings(patterns=patterns, fillers=fillers, digest=_digest(folder, files), written=read_written(folder / "written"))


def _digest(folder: Path, files: Sequence[Path]) -> str:
    sheets = [*files, *sorted((folder / "written").glob("*.txt"))]
    return hashlib.sha256(b"".join(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() for path in sheets)).hexdigest()

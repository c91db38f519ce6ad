"""What a model folder says of itself, and the proof that its files are the ones it speaks of.

A folder holds `manifest.toml`, the files it lists with their sha256, and `CARD.md`. Nothing is loaded that was not hashed first,
and a head is refused when it was made for another encoder: its numbers would mean nothing.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.errors import ManifestError


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    folder: Path
    name: str
    files: Mapping[str, str]
    """File name to the sha256 of its bytes, in hex."""
    made_for: str | None = None
    """Identity of the encoder whose output the head takes; None for the encoder itself."""
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Output name to its labels, in the order of the weights' rows."""
    data_digest: str | None = None
    """sha256 of the training data as it was read."""
    seed: int | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    gate: Mapping[str, Any] = field(default_factory=dict)
    undecided: Mapping[str, Any] | None = None
    """For a sentence head: {label, below}, the label for texts whose likeliest one stays below that probability."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """For the reader: how sure it must be, see `agent.records.reading.Thresholds`."""
    features: str = "frozen"
    """For a sentence head: what it looks at, see `agent.students.features`."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """For a sentence head whose labels do not exclude one another: {kind, holds}, see `agent.students.heads_many`."""
    curves: Mapping[str, Any] = field(default_factory=dict)
    """What is drawn of it, see `agent.distill.curves`; empty where nothing was recorded."""

    @property
    def identity(self) -> str:
        """One digest for all files together: what a head names as the encoder it was made for."""
        return identity(self.files)

    def bytes_of(self, name: str) -> bytes:
        """The file's bytes, after checking that they are the ones the manifest lists.

        Raises:
            ManifestError: The file is not listed, missing, or not the one that was listed.
        """
        if name not in self.files:
            raise ManifestError(f"{self.folder}/manifest.toml lists no `{name}`; {_REMEDY}")
        try:
            data = (self.folder / name).read_bytes()
        except OSError as error:
            raise ManifestError(f"{self.folder}/{name} is missing or cannot be read; {_REMEDY}") from error
        found = hashlib.sha256(data).hexdigest()
        if found != self.files[name]:
            raise ManifestError(
                f"{self.folder}/{name} is damaged or not the file of this manifest "
                f"(sha256 {found[:12]}…, expected {self.files[name][:12]}…); {_REMEDY}"
            )
        return data

    def labels_of(self, output: str) -> tuple[str, ...]:
        if output not in self.labels:
            raise ManifestError(f"{self.folder}/manifest.toml has no labels for `{output}`; {_REMEDY}")
        return tuple(self.labels[output])

    def require_encoder(self, encoder: Manifest) -> None:
        """Refuse a head made for another encoder.

        Raises:
            ManifestError: It was.
        """
        if self.made_for != encoder.identity:
            raise ManifestError(
                f"`{self.name}` was made for another encoder than the one in {encoder.folder} "
                f"({(self.made_for or 'none named')[:12]}…, here {encoder.identity[:12]}…); "
                f"run `storehand distill {self.name}` or restore the encoder."
            )


_REMEDY = "restore the folder from the distribution, or make it again with `storehand distill`."


def identity(files: Mapping[str, str]) -> str:
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model folder. Files are checked when they are read, see `Manifest.bytes_of`.

    Raises:
        ManifestError: There is none, or it cannot be understood.
    """
    path = folder / "manifest.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ManifestError(f"{path} is missing; {_REMEDY}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{path} cannot be read ({error}); {_REMEDY}") from error
    try:
        return _manifest(folder, raw)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ManifestError(f"{path} lacks or garbles {error}; {_REMEDY}") from error


def _manifest(folder: Path, raw: dict[str, Any]) -> Manifest:
    files = {str(name): str(entry["sha256"]) for name, entry in raw["files"].items()}
    labels = {str(output): tuple(str(label) for label in names) for output, names in raw.get("labels", {}).items()}
    data = raw.get("data", {})
    return Manifest(
        folder=folder, name=raw["name"], files=files, made_for=raw.get("inputs", {}).get("encoder"), labels=labels,
        data_digest=data.get("digest"), seed=data.get("seed"), metrics=raw.get("metrics", {}), gate=raw.get("gate", {}),
        undecided=raw.get("undecided"), thresholds={str(name): float(least) for name, least in raw.get("thresholds", {}).items()},
        features=raw.get("inputs", {}).get("features", "frozen"), answers=raw.get("answers", {}), curves=raw.get("curves", {}),
    )  # fmt: skip

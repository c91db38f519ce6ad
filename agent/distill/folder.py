"""Writes a model folder: files, manifest, card. What is written is what was measured, so the digests are taken here."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.distill.records import Scorecard
from agent.errors import SettingsError
from agent.students.manifest import identity


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns a disk that is full, or a folder that may not be written, into a sentence.

    Raises:
        SettingsError: It is.
    """
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SettingsError(
            f"{path} cannot be written: {why}. Make room, or name another folder with --cache or --out; what was finished is taken up again."
        ) from error


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_folder(
    folder: Path, *, name: str, files: Mapping[str, bytes], encoder: str | None = None, labels: Mapping[str, Sequence[str]] | None = None,
    data: Mapping[str, Any] | None = None, undecided: Mapping[str, Any] | None = None, score: Scorecard | None = None,
    features: str | None = None, more: Mapping[str, Mapping[str, Any]] | None = None, card: str | None = None,
) -> str:  # fmt: skip
    """Write the files and their manifest; returns the identity that heads name as `inputs.encoder`.

    All of it is on the disk before anything that was there is replaced: a full disk leaves the model in use as it is.

    Args:
        features: What a sentence head looks at, where it is not the frozen encoder.
        more: Further tables of the manifest, by name.
        card: What is written beside it for people; one that is there stays when left out.

    Raises:
        SettingsError: It cannot be written.
    """
    digests = {file: digest(content) for file, content in files.items()}
    tables: dict[str, Mapping[str, Any]] = {f'files."{file}"': {"sha256": sha, "bytes": len(files[file])} for file, sha in digests.items()}
    inputs = {"encoder": encoder, "features": features}
    if encoder or features:
        tables["inputs"] = {name: value for name, value in inputs.items() if value}
    if labels:
        tables["labels"] = {output: list(names) for output, names in labels.items()}
    if data:
        tables["data"] = data
    if undecided:
        tables["undecided"] = undecided
    if score:
        tables |= _measured(score)
    told = {"CARD.md": card.encode()} if card is not None else {}
    with writing(folder):
        _replace(folder, {**files, **told, "manifest.toml": _toml({"name": name}, tables | dict(more or {})).encode()})
    return identity(digests)


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    drafts = {folder / f".{name}.part": folder / name for name in files}
    try:
        for (draft, _), content in zip(drafts.items(), files.values(), strict=True):
            draft.write_bytes(content)
        for draft, target in drafts.items():
            draft.replace(target)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)


def _measured(score: Scorecard) -> dict[str, Mapping[str, Any]]:
    tables: dict[str, Mapping[str, Any]] = {}
    for which, metrics in score.metrics.items():
        for metric, found in metrics.items():
            low, high = found.interval
            tables[f"metrics.{which}.{metric}"] = {"value": round(found.value, 4), "n": found.n, "low": round(low, 4), "high": round(high, 4)}
    tables["gate"] = {"passed": score.passed, "failures": list(score.failures)}
    return tables


def _toml(top: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> str:
    """TOML of strings, numbers, bools and lists of strings, whose literals are the same in JSON."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in top.items()]
    for table, entries in tables.items():
        lines += ["", f"[{table}]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entries.items())]
    return "\n".join(lines) + "\n"

"""The versions of every student: the one that ships, and those taken in beside it, each in a folder named by the digest of its manifest.

The manifest lists every file with its digest, so that the name vouches for files, labels, thresholds and the gate's verdict alike.

A finished model folder is copied first and looked at as it lies here, so that nothing can change between the look and the use. It is
refused, with nothing left behind, when its gate did not open, a file is not the one its manifest lists, it was made for another encoder,
or it says other labels than those who use the head understand.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.errors import ManifestError, NotFound
from agent.records.reading import REFUSALS
from agent.resources import Resources
from agent.settings import Settings
from agent.students.encoder import Encoder
from agent.students.heads import Head
from agent.students.heads_many import head_of
from agent.students.load import model_folders
from agent.students.manifest import Manifest, read_manifest
from agent.students.reader import Reader
from agent.students.spans import SPANS, SpanTagger
from agent.students.taggers import tagger_of

BUNDLED = "bundled"
"""Name of the version that ships, or that an operator put in its place."""
READER, ENCODER = "reader", "encoder"
SHOWN = 12
"""Characters of an id that people are shown, and enough to name a version by."""
_LEAST = 4
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ID = re.compile(r"[0-9a-f]{64}")
_ALSO = ("manifest.toml", "CARD.md")
_TRIED = "set the blue mug to 12.50 and show me last month's sales"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    head: str
    id: str
    """"bundled" or the sha256 of its manifest, in hex."""
    folder: Path
    manifest: Manifest
    since: datetime
    """When it was put here."""

    @property
    def shown(self) -> str:
        return self.id if self.id == BUNDLED else self.id[:SHOWN]

    def card(self) -> str:
        """Its card, Markdown; empty when it has none."""
        try:
            return (self.folder / "CARD.md").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""


class Shelf:
    """Finds versions and takes new ones in. Reads the disk at every call: another process may have added one."""

    def __init__(self, kept: Path, models: Path, over: Path | None = None) -> None:
        """
        Args:
            kept: Folder of the versions taken in, `<head>/<id>/`.
            models: The models that ship.
            over: An operator's models, which stand in for those of the same name.
        """
        self._kept, self._models, self._over = kept, models, over

    def encoder(self) -> Manifest:
        return read_manifest(self._models / ENCODER)

    def bundled(self) -> list[Version]:
        """The versions that ship, the reader's first; each manifest is read once."""
        found = self._bundled()
        return [_version(head, BUNDLED, found[head]) for head in sorted(found, key=_reader_first)]

    def heads(self) -> list[str]:
        """Every head there is a version of, the reader first."""
        kept = [path.name for path in self._kept.glob("*") if path.is_dir() and _NAME.fullmatch(path.name)] if self._kept.is_dir() else []
        names = {*self._bundled(), *(name for name in kept if self._taken_in(name))}
        return sorted(names, key=_reader_first)

    def versions(self, head: str) -> list[Version]:
        """The bundled one first, then the others in the order they came; one whose manifest cannot be read is left out."""
        shipped = self._bundled().get(head)
        found = [_version(head, BUNDLED, shipped)] if shipped else []
        for folder in self._taken_in(head):
            try:
                found.append(_version(head, folder.name, folder))
            except ManifestError:
                continue
        return found

    def find(self, head: str, name: str) -> Version:
        """The version of that id or, from four characters on, the only one that begins so.

        Raises:
            NotFound: There is no such head or version.
        """
        if head not in self.heads():
            raise NotFound("student", head)
        return named(self.versions(head), head, name)

    def load(self, version: Version, encoder: Encoder) -> Head | Reader | SpanTagger:
        """The student itself, ready to answer.

        Raises:
            ManifestError: It is damaged, not gated, or not fit for what uses the head; the sentence says which.
        """
        manifest = version.manifest
        if version.id != BUNDLED:
            self._admit(manifest, encoder.manifest)
            if _id(version.folder) != version.id:
                raise ManifestError(f"{version.folder} does not hold the version it is named for; restore it, or add the student again.")
        return student_of(manifest, encoder)

    def add(self, folder: Path, encoder: Encoder) -> Version:
        """Take a finished model folder in; the version it is here, also when it was here before.

        Raises:
            ManifestError: It is refused; the sentence says why. Nothing is left of it.
        """
        head = _head_of(read_manifest(folder))
        with self._copied(folder, head) as draft:
            manifest = read_manifest(draft)
            self._admit(manifest, encoder.manifest)
            _try(student_of(manifest, encoder))
            place = self._kept / head / _id(draft)
            if not place.exists():
                os.replace(draft, place)
        version = _version(head, place.name, place)
        self.load(version, encoder)  # one that was here before may have been damaged since
        return version

    def _bundled(self) -> dict[str, Path]:
        return {name: folder for name, folder in model_folders(self._models, self._over).items() if name != ENCODER}

    def _taken_in(self, head: str) -> list[Path]:
        if not _NAME.fullmatch(head):
            return []
        folders = [path for path in (self._kept / head).glob("*/") if _ID.fullmatch(path.name)]
        return sorted(folders, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def _admit(self, manifest: Manifest, encoder: Manifest) -> None:
        if manifest.gate.get("passed") is not True:
            raise ManifestError(f"`{manifest.name}` did not pass its gate{_failures(manifest)}; a student that did not is never taken into use.")
        for name in manifest.files:
            manifest.bytes_of(name)
        if manifest.features != "hashed":
            manifest.require_encoder(encoder)
        shipped = self._bundled().get(manifest.name)
        if shipped is not None:
            _require_labels(manifest, read_manifest(shipped))

    @contextmanager
    def _copied(self, folder: Path, head: str) -> Iterator[Path]:
        """The folder's own files, copied beside where they will lie; gone afterwards if they were not moved on."""
        draft: Path | None = None
        try:
            (self._kept / head).mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".adding-", dir=self._kept / head))
            for name in _named(read_manifest(folder)):
                if (folder / name).is_file():
                    shutil.copyfile(folder / name, draft / name)
            yield draft
        except OSError as error:
            raise ManifestError(f"The student could not be copied to {self._kept / head} ({error.strerror}); nothing was changed.") from error
        finally:
            if draft is not None:
                shutil.rmtree(draft, ignore_errors=True)


def student_of(manifest: Manifest, encoder: Encoder) -> Head | Reader | SpanTagger:
    """
    Raises:
        ManifestError: A file is damaged, or it was made for another encoder.
    """
    if manifest.name == READER:
        return Reader(manifest, encoder)
    return tagger_of(manifest, encoder) if manifest.features == SPANS else head_of(manifest, encoder)


def named(versions: Sequence[Version], head: str, name: str) -> Version:
    """
    Raises:
        NotFound: None has that id, or begins so alone.
    """
    found = [version for version in versions if version.id == name or (len(name) >= _LEAST and version.id.startswith(name))]
    if len(found) != 1:
        raise NotFound(f"version of `{head}`", name)
    return found[0]


def shelf_of(settings: Settings) -> Shelf:
    """The versions an installation has: those that ship or that its operator put in their place, and those taken in."""
    resources = Resources(settings.operator)
    return Shelf(settings.data / "students", resources.models(), resources.models_over())


def said_by(manifest: Manifest) -> tuple[str, ...]:
    """Every label a student may say, its undecided one with them."""
    return (*manifest.labels_of("label"), *([str(manifest.undecided["label"])] if manifest.undecided else []))


def threshold_of(manifest: Manifest) -> float | None:
    """Least confidence at which its answer stands by itself, as its gate certified; None where it certified none."""
    found = manifest.gate.get("threshold", manifest.thresholds.get("alone"))
    return float(found) if found is not None else None


def _reader_first(head: str) -> tuple[bool, str]:
    return head != READER, head


def _id(folder: Path) -> str:
    return hashlib.sha256((folder / "manifest.toml").read_bytes()).hexdigest()


def _version(head: str, id: str, folder: Path) -> Version:
    manifest = read_manifest(folder)
    return Version(head=head, id=id, folder=folder, manifest=manifest, since=datetime.fromtimestamp(folder.stat().st_mtime, UTC))


def _head_of(manifest: Manifest) -> str:
    if not _NAME.fullmatch(manifest.name) or manifest.name == ENCODER:
        raise ManifestError(f"“{manifest.name[:80]}” is not a head's name: small letters, digits and underscores, and not `encoder`.")
    return manifest.name


def _named(manifest: Manifest) -> Sequence[str]:
    for name in manifest.files:
        if not _FILE.fullmatch(name):
            raise ManifestError(f"{manifest.folder}/manifest.toml lists “{name[:80]}”, which is not a plain file name.")
    return (*_ALSO, *manifest.files)


def _failures(manifest: Manifest) -> str:
    listed = [str(failure).rstrip(".") for failure in manifest.gate.get("failures", [])][:3]
    return f" ({'; '.join(listed)})" if listed else "" if manifest.gate else " (its manifest has no gate)"


def _require_labels(manifest: Manifest, shipped: Manifest) -> None:
    """A labelling head says what its users know, no more and no less; the reader may learn new tasks but forget none.

    Raises:
        ManifestError: The labels are others.
    """
    needed, said = shipped.labels_of("label"), said_by(manifest)
    missing = sorted({*needed, *(REFUSALS if manifest.name == READER else ())} - {*said})
    strange = [] if manifest.name == READER else sorted({*said} - {*said_by(shipped)})
    if missing or strange:
        wrong = [f"{what} {', '.join(f'`{label}`' for label in labels)}" for what, labels in (("lacks", missing), ("also says", strange)) if labels]
        raise ManifestError(
            f"`{manifest.name}` {' and '.join(wrong)}: what uses this head would not understand it. Train it on the head's own labels."
        )


def _try(student: Head | Reader | SpanTagger) -> None:
    """One text through it: weights of a wrong shape load well enough."""
    try:
        if isinstance(student, Reader):
            student.read(_TRIED)
        elif isinstance(student, SpanTagger):
            student.tag(_TRIED)
        else:
            student.label([_TRIED])
    except Exception as error:  # onnxruntime and numpy raise their own classes
        raise ManifestError(
            f"`{student.manifest.name}` loads but cannot answer ({type(error).__name__}); make it again with `storehand distill`."
        ) from error

"""All students of a models folder, checked and ready."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agent.errors import ManifestError
from agent.students.encoder import Encoder
from agent.students.heads import Head
from agent.students.heads_many import head_of
from agent.students.manifest import read_manifest
from agent.students.reader import Reader
from agent.students.spans import SPANS, SpanTagger
from agent.students.taggers import tagger_of

_NOT_HEADS = frozenset({"encoder", "reader"})


class Students:
    """The encoder, the reader and the heads that share it."""

    def __init__(
        self, encoder: Encoder, reader: Reader | None, heads: Mapping[str, Head], taggers: Mapping[str, SpanTagger] | None = None
    ) -> None:  # fmt: skip
        self.encoder = encoder
        self.heads = heads
        self.taggers = taggers or {}
        self._reader = reader

    @property
    def reader(self) -> Reader:
        """Raises: ManifestError: No reader was trained."""
        if self._reader is None:
            raise ManifestError("the reader is not trained: there is no reader/manifest.toml among the models; run `storehand distill reader`.")
        return self._reader


def model_folders(models: Path, over: Path | None = None) -> dict[str, Path]:
    """Every model's folder by its name; one of the same name in `over` wins."""
    return {path.parent.name: path.parent for base in (models, over) if base for path in sorted(base.glob("*/manifest.toml"))}


def load_students(models: Path, over: Path | None = None) -> Students:
    """Load what lies in a models folder: `encoder`, `reader`, and every other folder with a manifest as a head.

    Args:
        over: An operator's models, which win over those of the same name.

    Raises:
        ManifestError: A file is missing, damaged or swapped, or a head was made for another encoder.
    """
    folders = {"encoder": models / "encoder"} | model_folders(models, over)
    encoder = Encoder(read_manifest(folders["encoder"]))
    reader = Reader(read_manifest(folders["reader"]), encoder) if "reader" in folders else None
    manifests = [read_manifest(folder) for name, folder in folders.items() if name not in _NOT_HEADS]
    heads = [head_of(manifest, encoder) for manifest in manifests if manifest.features != SPANS]
    taggers = [tagger_of(manifest, encoder) for manifest in manifests if manifest.features == SPANS]
    return Students(encoder, reader, {head.name: head for head in heads}, {tagger.name: tagger for tagger in taggers})

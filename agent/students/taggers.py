"""Which tagger a manifest describes."""

from __future__ import annotations

from agent.students.encoder import Encoder
from agent.students.goods_spans import ATTRIBUTES, AttributeTagger
from agent.students.manifest import Manifest
from agent.students.spans import SpanTagger


def tagger_of(manifest: Manifest, encoder: Encoder) -> SpanTagger:
    """
    Raises:
        ManifestError: A file is damaged, or it was made for another encoder.
    """
    return AttributeTagger(manifest, encoder) if manifest.answers.get("kind") == ATTRIBUTES else SpanTagger(manifest, encoder)

"""The reader with and without its second opinion on what a clause asks for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.distill.folder import write_folder
from agent.errors import ManifestError
from agent.resources import Resources
from agent.students import Encoder, Reader, read_manifest
from agent.students.phrases import FILE


def test_a_reader_without_the_file_goes_by_its_states_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    models = Resources().models()
    encoder, ours = Encoder(read_manifest(models / "encoder")), read_manifest(models / "reader")
    both = Reader(ours, encoder).read("drop the price of the blue mug")
    files = {name: ours.bytes_of(name) for name in ours.files}
    without = {name: content for name, content in files.items() if name != FILE}
    write_folder(tmp_path / "without", name="reader", files=without, encoder=encoder.manifest.identity, labels=ours.labels)
    alone = Reader(read_manifest(tmp_path / "without"), encoder).read("drop the price of the blue mug")
    assert [(c.start, c.end) for c in alone.clauses] == [(c.start, c.end) for c in both.clauses]
    assert alone.clauses[0].labels[0] != both.clauses[0].labels[0]

    shutil.copytree(ours.folder, tmp_path / "damaged", ignore=shutil.ignore_patterns("data", "gold", "fresh", "development", "reserve"))
    (tmp_path / "damaged" / FILE).write_bytes(files[FILE][:-1])
    with pytest.raises(ManifestError, match=FILE):
        Reader(read_manifest(tmp_path / "damaged"), encoder)

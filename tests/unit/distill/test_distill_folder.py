"""A model's folder is written whole or not at all."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.distill.folder import write_folder
from agent.errors import SettingsError
from agent.students.manifest import read_manifest

ROOM = 60_000


@contextmanager
def little_room() -> Iterator[None]:
    """No file may grow beyond `ROOM` bytes: what a full disk does to a large file, here without one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_disk_that_fills_up_half_way_leaves_the_model_in_use_as_it_was(tmp_path: Path) -> None:
    write_folder(tmp_path, name="mood", files={"head.npz": b"first", "table.npz": b"first"}, card="# first")
    before = contents(tmp_path)
    with pytest.raises(SettingsError, match="cannot be written: File too large.*Make room"), little_room():
        write_folder(tmp_path, name="mood", files={"head.npz": b"second", "table.npz": b"x" * 2 * ROOM}, card="# second")
    assert contents(tmp_path) == before
    assert read_manifest(tmp_path).bytes_of("head.npz") == b"first"


def test_a_card_is_written_with_its_model_and_stays_where_none_is_given(tmp_path: Path) -> None:
    write_folder(tmp_path, name="mood", files={"head.npz": b"first"}, card="# first")
    write_folder(tmp_path, name="mood", files={"head.npz": b"second"})
    assert (contents(tmp_path)["CARD.md"], contents(tmp_path)["head.npz"]) == (b"# first", b"second")

"""What throttles remember of a name: three numbers. In a process of its own, or in memory that several worker processes share.

Shared, a look and a note cost some microseconds and no write to the database (docs/guide/config.md has the measurement). A worker that
is killed takes nothing with it and leaves nothing locked: the kernel lets go of its lock, and the memory belongs to all.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import struct
import tempfile
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import blake2b
from typing import Protocol

REMEMBERED = 10_000
"""A bound on memory; the longest unused is forgotten first."""

Tally = tuple[float, float, float]
"""Whatever its owner keeps in them; the last is a time, and the smallest is forgotten first."""

_PLACE = struct.Struct("=Qddd")
_NEAR = 8
"""Places next to each other that a name may lie in."""
_YIELDS = 20
"""Looks for the lock that only let others run; between further ones there is a millisecond."""


class Tallies(Protocol):
    def alone(self) -> AbstractContextManager[None]:
        """Nobody else changes anything within the block."""
        ...

    def find(self, name: str) -> Tally | None: ...
    def keep(self, name: str, tally: Tally) -> None: ...
    def drop(self, name: str) -> None: ...


class OwnTallies:
    """Those of one process, whose one thread needs no lock."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Tally] = OrderedDict()

    def alone(self) -> AbstractContextManager[None]:
        return nullcontext()

    def find(self, name: str) -> Tally | None:
        return self._kept.get(name)

    def keep(self, name: str, tally: Tally) -> None:
        self._kept[name] = tally
        self._kept.move_to_end(name)
        if len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)

    def drop(self, name: str) -> None:
        self._kept.pop(name, None)


class SharedTallies:
    """Those of this process and of every one forked from it, by names' digests. Times in them have to be of one clock for all."""

    def __init__(self, *, places: int = REMEMBERED, patience_s: float = 0.1) -> None:
        """
        Args:
            patience_s: How long to wait for the lock before going on without it: an attempt miscounted is better than a worker that
                waits for a stopped one.
        """
        self._places, self._patience_s = max(places, _NEAR), patience_s
        self._memory = mmap.mmap(-1, (self._places + _NEAR) * _PLACE.size)
        with tempfile.TemporaryFile(buffering=0) as file:  # a lock belongs to a process and a file, so the file has no other use
            self._lock = os.dup(file.fileno())

    @contextmanager
    def alone(self) -> Iterator[None]:
        held = self._hold()
        try:
            yield
        finally:
            if held:
                fcntl.lockf(self._lock, fcntl.LOCK_UN)

    def find(self, name: str) -> Tally | None:
        digest, first = self._place(name)
        for place in range(first, first + _NEAR):
            there, *tally = _PLACE.unpack_from(self._memory, place * _PLACE.size)
            if there == digest:
                return tally[0], tally[1], tally[2]
        return None

    def keep(self, name: str, tally: Tally) -> None:
        digest, first = self._place(name)
        found = [(_PLACE.unpack_from(self._memory, place * _PLACE.size), place) for place in range(first, first + _NEAR)]
        own = next((place for there, place in found if there[0] == digest), None)
        # An empty place has the smallest time of all.
        place = own if own is not None else min(found, key=lambda each: each[0][3] if each[0][0] else float("-inf"))[1]
        _PLACE.pack_into(self._memory, place * _PLACE.size, digest, *tally)

    def drop(self, name: str) -> None:
        digest, first = self._place(name)
        for place in range(first, first + _NEAR):
            if _PLACE.unpack_from(self._memory, place * _PLACE.size)[0] == digest:
                _PLACE.pack_into(self._memory, place * _PLACE.size, 0, 0.0, 0.0, 0.0)

    def close(self) -> None:
        self._memory.close()
        os.close(self._lock)

    def _place(self, name: str) -> tuple[int, int]:
        """The name's digest, never 0, and the first place it may lie in."""
        digest = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") or 1
        return digest, digest % self._places

    def _hold(self) -> bool:
        until = time.monotonic() + self._patience_s
        looks = 0
        while True:
            try:
                fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EACCES, errno.EAGAIN):
                    raise
            else:
                return True
            if time.monotonic() >= until:
                return False
            looks += 1
            time.sleep(0 if looks < _YIELDS else 0.001)

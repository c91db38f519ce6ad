"""The students as planning needs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.records import Reading
from agent.records.reading import Thresholds


class Read(Protocol):
    @property
    def labels(self) -> Sequence[str]: ...
    @property
    def thresholds(self) -> Thresholds: ...
    def read(self, text: str) -> Reading: ...


class Embeds(Protocol):
    def has(self, word: str) -> bool: ...
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class Pupils(Protocol):
    """The students as planning needs them."""

    @property
    def reader(self) -> Read: ...
    @property
    def encoder(self) -> Embeds: ...

"""Weights as named arrays in an npz file: no pickle, nothing that runs when it is read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.errors import ManifestError
from agent.students.manifest import Manifest


def arrays(manifest: Manifest, name: str, wanted: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
    """The named arrays of an npz file of the folder.

    Raises:
        ManifestError: The file is not the listed one, not an npz, or lacks an array.
    """
    try:
        with np.load(io.BytesIO(manifest.bytes_of(name)), allow_pickle=False) as stored:
            return {key: stored[key].astype(np.float32) for key in wanted}
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ManifestError(
            f"{manifest.folder}/{name} does not hold {', '.join(wanted)} ({error}); make it again with `storehand distill`."
        ) from error

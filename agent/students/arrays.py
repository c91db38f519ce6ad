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
        ManifestError: The file is not the listed one, not an npz, lacks an array, or holds what is no number.
    """
    try:
        with np.load(io.BytesIO(manifest.bytes_of(name)), allow_pickle=False) as stored:
            found = {key: stored[key].astype(np.float32) for key in wanted}
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ManifestError(
            f"{manifest.folder}/{name} does not hold {', '.join(wanted)} ({error}); make it again with `storehand distill`."
        ) from error
    # With one number that is none, every answer is the first label, and no comparison with a threshold finds anything amiss.
    broken = [key for key, array in found.items() if not np.isfinite(array).all()]
    if broken:
        raise ManifestError(f"{manifest.folder}/{name} holds numbers that are none in {', '.join(broken)}; make it again with `storehand distill`.")
    return found

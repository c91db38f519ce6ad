"""The state of a training that is under way, on the disk under its digest: a stop costs what came after it, and a flipped bit is no other model."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from agent.distill.cache import keep_whole, whole
from agent.distill.folder import writing
from agent.errors import RunError


def keep_state(path: Path, parts: Mapping[str, Any], **more: Any) -> None:
    """Put the state of the parts there, with whatever else the training needs to go on: tensors, numbers, strings, and lists of them.

    Raises:
        SettingsError: It cannot be written.
    """
    out = io.BytesIO()
    torch.save({**more, **{name: part.state_dict() for name, part in parts.items()}}, out)
    with writing(path):
        keep_whole(path, out.getvalue())


def kept_state(path: Path, parts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Set the parts to what was kept, and give back what else was; None where nothing was kept.

    Raises:
        RunError: It is damaged, or of another training; it is removed.
    """
    if not path.exists():
        return None
    try:
        # A flipped bit inside a tensor is found by no part of torch's format.
        state: dict[str, Any] = torch.load(io.BytesIO(whole(path) or b""), weights_only=True)  # tensors and numbers alone, nothing that runs
        for name, part in parts.items():
            part.load_state_dict(state[name])
    except Exception as error:  # torch raises many classes for a file that is not what it should be
        path.unlink(missing_ok=True)
        raise RunError("what was kept of a training that stopped is damaged; it was removed, and the same command trains anew.") from error
    return state

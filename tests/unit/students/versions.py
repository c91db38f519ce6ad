"""Model folders to take in: real ones, made from the bundled heads by turning their numbers a little."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from agent.resources import bundled

MODELS = bundled() / "models"


def folder_of(place: Path, head: str = "review_sentiment", *, turned: bool = False, gate: bool | None = True, **changed: Any) -> Path:
    """A finished model folder.

    Args:
        turned: Whether it says the opposite of the bundled one; a reader is the bundled one under another seed instead.
        gate: What its gate said; None for a manifest without one.
        changed: Tables of the manifest to put in place of its own.
    """
    shutil.copytree(MODELS / head, place, ignore=shutil.ignore_patterns("data", "gold", "development"))
    manifest = tomllib.loads((place / "manifest.toml").read_text())
    if turned:
        turn(place, manifest)
    manifest["gate"] = {"passed": gate, "failures": [] if gate else ["accuracy 0.51 is no better than the baseline's 0.50"]}
    if gate is None:
        del manifest["gate"]
    (place / "manifest.toml").write_text(toml({**manifest, **changed}))
    return place


def turn(place: Path, manifest: dict[str, Any]) -> None:
    if manifest["name"] == "reader":
        manifest["data"]["seed"] = manifest["data"]["seed"] + 1
        return
    with np.load(place / "head.npz") as stored:
        found = dict(stored)
    found["label.weight"], found["label.bias"] = -found["label.weight"], -found["label.bias"]
    packed = io.BytesIO()
    np.savez(packed, **found)
    (place / "head.npz").write_bytes(packed.getvalue())
    manifest["files"]["head.npz"] = {"sha256": hashlib.sha256(packed.getvalue()).hexdigest(), "bytes": len(packed.getvalue())}


def toml(table: Mapping[str, Any], at: str = "") -> str:
    values = [f"{json.dumps(k)} = {json.dumps(v)}" for k, v in table.items() if not isinstance(v, Mapping)]
    tables = [toml(v, f"{at}.{json.dumps(k)}" if at else json.dumps(k)) for k, v in table.items() if isinstance(v, Mapping)]
    return "\n".join([*([f"[{at}]"] if at else []), *values, *tables]) + "\n"

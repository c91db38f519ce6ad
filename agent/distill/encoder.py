"""The shipped encoder from its published weights: quantised and cut in two, nothing trained."""

from __future__ import annotations

from pathlib import Path

from agent.distill.export import export_lower, export_upper
from agent.distill.extra import base_folder
from agent.distill.folder import write_folder
from agent.distill.network import Lower, Upper, published
from agent.distill.records import Progress, Scorecard


def make_encoder(out: Path, progress: Progress) -> Scorecard:
    source = base_folder()
    weights = published(source)
    progress("exporting the encoder's two parts")
    files = {
        "lower.onnx": export_lower(Lower(weights)),
        "upper.onnx": export_upper(Upper(weights)),
        "tokenizer.json": (source / "tokenizer.json").read_bytes(),
    }
    write_folder(out, name="encoder", files=files)
    return Scorecard(head="encoder", metrics={}, passed=True)

"""The shipped encoder from its published weights: quantised and cut in two, nothing trained. Each part is a step that is done once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from agent.distill.cache import packed_files, unpacked_files
from agent.distill.export import export_lower, export_upper
from agent.distill.extra import base_folder
from agent.distill.fitting import Once, always
from agent.distill.folder import digest, write_folder
from agent.distill.network import Lower, Upper, published
from agent.distill.records import Progress, Scorecard

_CODE = ("agent.distill.export", "agent.distill.network")


def make_encoder(out: Path, progress: Progress, once: Once = always) -> Scorecard:
    source = base_folder()
    inputs = {"base": digest((source / "model.safetensors").read_bytes())}
    progress("exporting the encoder's two parts")
    files = {
        **_exported("lower", lambda: export_lower(Lower(published(source))), inputs, once),
        **_exported("upper", lambda: export_upper(Upper(published(source))), inputs, once),
    }
    write_folder(out, name="encoder", files={**files, "tokenizer.json": (source / "tokenizer.json").read_bytes()})
    return Scorecard(head="encoder", metrics={}, passed=True)


def _exported(part: str, export: Callable[[], bytes], inputs: Mapping[str, str], once: Once) -> dict[str, bytes]:
    return unpacked_files(once(f"export {part}", {**inputs, "part": part}, lambda says: packed_files({f"{part}.onnx": export()}), _CODE))

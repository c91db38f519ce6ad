"""Torch to ONNX, for one text at a time: int8 per channel, matrix products and the embedding table; or as it was trained, for a teacher."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from agent.distill.network import WIDTH, Lower, Upper
from agent.distill.spec import Precision
from agent.students.encoder import Session


def export_lower(module: Lower) -> bytes:
    return _export(module, torch.ones((1, 16), dtype=torch.int64), "ids", "fork")


def export_upper(module: nn.Module) -> bytes:
    return _export(module, torch.zeros((1, 16, WIDTH)), "fork", "states")


def export_whole(module: nn.Module, precision: Precision) -> bytes:
    """
    Args:
        module: Token ids to states; for int8 with a table that is int8 already, see `agent.distill.smooth`.
    """
    return _export(module, torch.ones((1, 16), dtype=torch.int64), "ids", "states", precision, products=("MatMul",))


def agreement(module: Upper, graph: bytes, forks: list[np.ndarray], readout: np.ndarray) -> float:
    """Share of tokens whose likeliest class under `readout` (width, classes) is the same in torch and in the exported graph."""
    session = Session(graph, "the exported graph")
    same = total = 0
    with torch.no_grad():
        for fork in forks:
            ours = module(torch.from_numpy(fork[None]))[0].numpy() @ readout
            theirs = session.run(fork) @ readout
            same += int((ours.argmax(1) == theirs.argmax(1)).sum())
            total += len(fork)
    return same / total


def _export(
    module: nn.Module, example: Tensor, source: str, target: str, precision: Precision = "int8", *, products: Sequence[str] = ("MatMul", "Gather")
) -> bytes:
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as folder:
        plain, ready, small = (Path(folder) / name for name in ("plain.onnx", "ready.onnx", "small.onnx"))
        with warnings.catch_warnings():
            # The tracing exporter is deprecated in favour of one that needs onnxscript and gives a graph the quantiser cannot take.
            # Goes when onnxruntime's dynamic quantiser reads the new exporter's graphs.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module.eval(), (example,), plain, input_names=[source], output_names=[target], dynamo=False, opset_version=17,
                dynamic_axes={source: {1: "tokens"}, target: {1: "tokens"}},
            )  # fmt: skip
            if precision == "fp32":
                return plain.read_bytes()
            quant_pre_process(plain, ready, skip_symbolic_shape=True)
            quantize_dynamic(ready, small, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=list(products))
        return small.read_bytes()

"""A student with layers of its own: trained once for its texts, exported as often as it is wanted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agent.distill import linear
from agent.distill.cache import Arrays, Says, key_of
from agent.distill.export import export_upper, export_whole
from agent.distill.extra import base_folder
from agent.distill.fitting import COMPARED, LossCurve, Made, Texts, Workshop, held_back, sample
from agent.distill.folder import digest
from agent.distill.network import Upper, Weights, Whole, published
from agent.distill.smooth import smoothed
from agent.distill.spec import FineTunedTarget
from agent.distill.tuning import Given, TunedNet, Tuning, tuned, weights_of, with_weights
from agent.students.encoder import MAX_TOKENS, Encoder, Session
from agent.students.features import Kind, unit

_CODE = ("agent.distill.tuning", "agent.distill.network")
LOSSES = "losses"
"""Beside the weights of what was trained: (epochs, 2), each epoch's number and its loss."""


def given_of(target: FineTunedTarget, encoder: Encoder, texts: Sequence[str]) -> Given:
    """What the trained layers take of each text."""
    found = [encoder.tokens(text).ids[: MAX_TOKENS - 2] for text in texts]
    return [encoder.marked(ids) if target.layers == "all" else encoder.fork(ids) for ids in found]


def made_tuned(target: FineTunedTarget, texts: Texts, shop: Workshop, says: Says) -> Made:
    fitted, back = held_back(texts, target.held_back, shop.seed)
    given = given_of(target, shop.encoder, texts.texts)
    weights = published(base_folder())
    ours = [one for one, is_ours in zip(given, fitted, strict=True) if is_ours]
    net, losses = _trained(target, ours, texts.targets[fitted], texts.classes, shop, weights, says)
    name, graph = _exported(net, target, given)
    session = Session(graph, "the exported layers")
    weight, bias = net.linear()
    aside = given_of(target, shop.encoder, texts.tune_texts) or [one for one, away in zip(given, back, strict=True) if away]
    logits = np.stack([unit(session.run(one).mean(axis=0)) for one in aside]) @ weight + bias
    same = np.array([net.said(one) for one in aside[:COMPARED]]) == logits[:COMPARED].argmax(axis=1)
    measured = shop.thresholds(logits, texts.tune_y if texts.tune_y is not None else texts.y[back])
    files = {"head.npz": linear.packed({"label": (weight, bias, measured.temperature)}), name: graph}
    kind: Kind = "whole" if target.layers == "all" else "tuned"
    return Made(files=files, features=kind, thresholds=measured, parity=(float(same.mean()), len(same)), losses=losses)


def _trained(
    target: FineTunedTarget, given: Given, y: NDArray[Any], classes: int, shop: Workshop, weights: Weights, says: Says
) -> tuple[TunedNet, LossCurve]:  # fmt: skip
    """The net with what was learned, and each epoch's loss: from the cache when the same was learned before, whatever it is exported to."""
    inputs = {
        "target": target.model_dump(mode="json", exclude={"precision", "held_back"}), "seed": shop.seed, "classes": classes,
        "given": digest(b"".join(one.tobytes() for one in given) + json.dumps([len(one) for one in given]).encode()),
        "y": digest(np.ascontiguousarray(y).tobytes()), "base": digest((base_folder() / "model.safetensors").read_bytes()),
    }  # fmt: skip
    tuning = Tuning.here(target, seed=shop.seed, kept=shop.kept / f"{key_of('train', inputs, _CODE)}.pt")

    def train(said: Says) -> Arrays:
        torch.manual_seed(shop.seed)
        net, losses = _net(target, classes, weights), Losses(said)
        _trained_now(net, given, y, tuning, weights, losses)
        return {**weights_of(net), LOSSES: np.array(losses.found, dtype=np.float64).reshape(-1, 2)}

    found = shop.once("train", {**inputs, "bfloat16": tuning.bfloat16}, train, _CODE)
    tuning.kept.unlink(missing_ok=True)
    losses = [(int(epoch), float(loss)) for epoch, loss in found.get(LOSSES, ())]
    for epoch, loss in losses:
        says(epoch, target.epochs, loss=loss)
    return with_weights(_net(target, classes, weights), {name: array for name, array in found.items() if name != LOSSES}), losses


def _net(target: FineTunedTarget, classes: int, weights: Weights) -> TunedNet:
    return TunedNet(Whole(weights, target.dropout) if target.layers == "all" else Upper(weights, target.dropout), classes)


@dataclass(slots=True)
class Losses:
    """Tells the loss too, whenever an epoch is over: on the same texts of those that are learned, with nothing forgotten."""

    said: Says
    found: list[tuple[int, float]] = field(default_factory=list)
    """Epoch and loss, those before a stop too."""

    def of(self, net: TunedNet, given: Given, y: NDArray[Any], tuning: Tuning) -> Says:
        an_epoch = -(-len(given) // tuning.target.batch)
        some = sample(len(given))

        def says(done: int, total: int, /, **figures: float) -> None:
            if done % an_epoch:
                return self.said(done, total, **figures)
            self.found.append((done // an_epoch, _loss(net, [given[place] for place in some], y[some])))
            self.said(done, total, **figures, loss=self.found[-1][1])

        return says


def _loss(net: TunedNet, given: Given, y: NDArray[Any]) -> float:
    net.eval()
    with torch.no_grad():
        logits = torch.cat([net(torch.from_numpy(one[None]), torch.ones(1, len(one), dtype=torch.bool)) for one in given])
    net.train()
    return float(torch.nn.functional.cross_entropy(logits, torch.from_numpy(y)))


def _trained_now(net: TunedNet, given: Given, y: NDArray[Any], tuning: Tuning, weights: Weights, losses: Losses) -> TunedNet:
    if not isinstance(net.body, Whole):
        return tuned(net, given, y, tuning, losses.of(net, given, y, tuning), losses.found)
    seen, places = np.unique(np.concatenate(given), return_inverse=True)
    net.body.narrowed(torch.from_numpy(seen))
    bounds = np.cumsum([len(one) for one in given])[:-1]
    given = np.split(places.astype(np.int64), bounds)
    tuned(net, given, y, tuning, losses.of(net, given, y, tuning), losses.found)
    net.body.widened(torch.from_numpy(seen), weights)
    return net


def _exported(net: TunedNet, target: FineTunedTarget, given: Given) -> tuple[str, bytes]:
    quiet = net.body if target.precision == "fp32" else smoothed(net.body, given)
    return ("whole.onnx", export_whole(quiet, target.precision)) if target.layers == "all" else ("upper.onnx", export_upper(quiet))

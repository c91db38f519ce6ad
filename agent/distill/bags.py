"""Trains static vectors for one head: the rows of the tokens that its texts hold, and a hidden layer on their mean. Seconds, not minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agent.distill.cache import Says
from agent.distill.fitting import LossCurve, sample
from agent.distill.linear import Matrix
from agent.distill.spec import StaticTarget

_BATCH = 32
_RATE, _HEAD_RATE = 2e-3, 2e-3
_SMOOTHING = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """What was trained."""

    rows: Matrix
    """(tokens of the vocabulary, width): those of tokens that no text holds are as they were."""
    hidden: tuple[Matrix, Matrix]
    head: tuple[Matrix, Matrix]
    losses: LossCurve


class _Net(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    def __init__(self, rows: Tensor, target: StaticTarget, labels: int) -> None:
        super().__init__()
        self.rows = nn.EmbeddingBag.from_pretrained(rows, freeze=False, mode="sum")
        self.hidden = nn.Linear(rows.shape[1], target.hidden)
        self.head = nn.Linear(target.hidden, labels)
        self.drop = nn.Dropout(0.3)

    def forward(self, ids: Tensor, starts: Tensor) -> Tensor:
        mean = nn.functional.normalize(self.rows(ids, starts))
        out: Tensor = self.head(self.drop(torch.relu(self.hidden(mean))))
        return out


def bagged(
    rows: Matrix, texts: Sequence[NDArray[np.int64]], y: NDArray[Any], labels: int, target: StaticTarget, seed: int, says: Says
) -> Bag:  # fmt: skip
    """Rows, hidden layer and head, trained together.

    Args:
        rows: The vectors to begin with, see `agent.distill.static`.
        texts: Token ids of each text.
        y: (texts,) places of labels, or (texts, labels) a teacher's probabilities, which are not smoothed.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    seen, places = np.unique(np.concatenate(texts), return_inverse=True)
    bounds = np.cumsum([0, *map(len, texts)])
    net = _Net(torch.from_numpy(rows[seen]), target, labels)
    with torch.no_grad():
        net.hidden.weight *= 8.0  # the mean has length 1: without this the hidden layer begins almost linear and learns slowly
    heads = [*net.hidden.parameters(), *net.head.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": net.rows.parameters(), "lr": _RATE * float(np.abs(rows[seen]).mean()), "weight_decay": 0.0}, {"params": heads, "lr": _HEAD_RATE}],
        weight_decay=0.01,
    )
    chance, told = np.random.default_rng(seed), sample(len(texts))
    steps = -(-len(texts) // _BATCH) * target.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.02, 1 - step / steps))
    done, losses = 0, list[tuple[int, float]]()
    for epoch in range(1, target.epochs + 1):
        order = chance.permutation(len(texts))
        for start in range(0, len(order), _BATCH):
            group = order[start : start + _BATCH]
            ids = np.concatenate([places[bounds[i] : bounds[i + 1]] for i in group])
            starts = np.cumsum([0, *(bounds[i + 1] - bounds[i] for i in group[:-1])])
            logits = net(torch.from_numpy(ids), torch.from_numpy(starts))
            loss = nn.functional.cross_entropy(logits, torch.from_numpy(y[group]), label_smoothing=_SMOOTHING if y.ndim == 1 else 0.0)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            done += 1
        losses.append((epoch, _loss(net, [places[bounds[i] : bounds[i + 1]] for i in told], y[told])))
        says(done, steps, loss=losses[-1][1])
    trained = rows.copy()
    trained[seen] = net.rows.weight.detach().numpy()
    return Bag(rows=trained, hidden=_layer(net.hidden), head=_layer(net.head), losses=losses)


def _loss(net: _Net, texts: Sequence[NDArray[np.int64]], y: NDArray[Any]) -> float:
    starts = np.cumsum([0, *(len(ids) for ids in texts[:-1])])
    net.eval()
    with torch.no_grad():
        found = nn.functional.cross_entropy(net(torch.from_numpy(np.concatenate(texts)), torch.from_numpy(starts)), torch.from_numpy(y))
    net.train()
    return float(found)


def _layer(layer: nn.Linear) -> tuple[Matrix, Matrix]:
    return layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy()

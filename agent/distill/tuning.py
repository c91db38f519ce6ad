"""Trains layers of the encoder for one head: the dearest of the students, and often the teacher of the others.

Either the layers above the fork, on states of the shipped lower ones, or all of them with the table of tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agent.distill.cache import Says
from agent.distill.epochs import keep_state, kept_state
from agent.distill.linear import Matrix
from agent.distill.network import WIDTH
from agent.distill.spec import FineTunedTarget

SHARPNESS = 16.0
"""The pooled state has length 1, which is little to tell classes apart with: logits are multiplied by this, and the weights at the end."""

Given = Sequence[NDArray[Any]]
"""Of each text what the layers take: (tokens, width) states at the fork, or (tokens,) ids, end marks and all."""


class TunedNet(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    def __init__(self, body: nn.Module, labels: int) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(WIDTH, labels)

    def forward(self, given: Tensor, real: Tensor) -> Tensor:
        """Logits of (batch, tokens, …), of which those of `real` (batch, tokens) are no padding."""
        bias = torch.where(real, 0.0, -1e9)[:, None, None, :]
        states = self.body(given, bias).float() * real[..., None]
        mean = states.sum(1) / real.sum(1, keepdim=True)
        out: Tensor = self.head(nn.functional.normalize(mean)) * SHARPNESS
        return out

    def linear(self) -> tuple[Matrix, Matrix]:
        weight: Matrix = self.head.weight.detach().numpy().T * SHARPNESS
        return weight, self.head.bias.detach().numpy() * SHARPNESS

    def said(self, given: NDArray[Any]) -> int:
        """The likeliest label of one text."""
        with torch.no_grad():
            return int(self(torch.from_numpy(given[None]), torch.ones(1, len(given), dtype=torch.bool)).argmax())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    target: FineTunedTarget
    seed: int
    kept: Path
    """Where the state after each epoch is put, so that a stopped training goes on from there."""
    bfloat16: bool

    @classmethod
    def here(cls, target: FineTunedTarget, *, seed: int, kept: Path) -> Tuning:
        """As fast as this machine can: in bfloat16 where it has instructions for it."""
        return cls(target=target, seed=seed, kept=kept, bfloat16=bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()))


def tuned(
    net: TunedNet, given: Given, y: NDArray[Any], tuning: Tuning, says: Says, losses: list[tuple[int, float]] | None = None
) -> TunedNet:  # fmt: skip
    """Train in place, from the last epoch that is kept; whoever has the result deletes what was kept.

    Args:
        y: (texts,) places of labels, or (texts, labels) a teacher's probabilities.
        losses: Epochs with their losses, as `says` may find them out; kept with the rest, so that those before a stop are told too.

    Raises:
        RunError: What was kept is damaged.
        SettingsError: Nothing can be kept.
    """
    losses = [] if losses is None else losses
    torch.set_num_threads(1)
    optimiser = torch.optim.AdamW(
        [{"params": net.body.parameters(), "lr": tuning.target.rate}, {"params": net.head.parameters(), "lr": tuning.target.head_rate}],
        weight_decay=0.01,
    )
    an_epoch = -(-len(given) // tuning.target.batch)
    steps = an_epoch * tuning.target.epochs
    rise = max(1, steps // 16)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min((step + 1) / rise, max(0.02, 1 - step / steps)))
    parts = {"net": net, "optimiser": optimiser, "schedule": schedule}
    net.train()
    for epoch in range(_resumed(parts, tuning, losses), tuning.target.epochs):
        torch.manual_seed(tuning.seed * 1000 + epoch)  # what is forgotten in an epoch is the same after a stop
        for step, (batch, real, truth) in enumerate(_batches(given, y, tuning, epoch)):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=tuning.bfloat16):
                logits = net(batch, real)
            loss = nn.functional.cross_entropy(logits.float(), truth, label_smoothing=tuning.target.smoothing)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            says(epoch * an_epoch + step + 1, steps)
        keep_state(tuning.kept, parts, epochs=epoch + 1, losses=losses)
    net.eval()
    return net


def weights_of(net: TunedNet) -> dict[str, NDArray[np.float32]]:
    return {name: tensor.numpy() for name, tensor in net.state_dict().items()}


def with_weights(net: TunedNet, weights: Mapping[str, NDArray[Any]]) -> TunedNet:
    net.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in weights.items()})
    net.eval()
    return net


def _batches(given: Given, y: NDArray[Any], tuning: Tuning, epoch: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Texts of like length together, the groups in a random order: padding stays small and lengths do not come in waves."""
    chance = np.random.default_rng((tuning.seed, epoch))
    size = tuning.target.batch
    order = chance.permutation(len(given))
    lengths = np.array([len(one) for one in given])
    groups: list[NDArray[np.int64]] = []
    for start in range(0, len(order), size * 16):
        some = order[start : start + size * 16]
        some = some[np.argsort(lengths[some], kind="stable")]
        groups += [some[i : i + size] for i in range(0, len(some), size)]
    for place in chance.permutation(len(groups)):
        group = groups[int(place)]
        padded = np.zeros((len(group), int(lengths[group].max()), *given[0].shape[1:]), dtype=given[0].dtype)
        for i, which in enumerate(group):
            padded[i, : lengths[which]] = given[which]
        real = np.arange(padded.shape[1])[np.newaxis] < lengths[group][:, np.newaxis]
        yield torch.from_numpy(padded), torch.from_numpy(real), torch.from_numpy(y[group])


def _resumed(parts: Mapping[str, Any], tuning: Tuning, losses: list[tuple[int, float]]) -> int:
    """How many epochs are done already."""
    state = kept_state(tuning.kept, parts)
    if state is None:
        return 0
    losses[:] = [(int(epoch), float(loss)) for epoch, loss in state["losses"]]
    return int(state["epochs"])

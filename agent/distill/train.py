"""Trains the reader: the layers above the fork and three linear heads, on states of the shipped int8 lower part.

The lower part stays as it is, so what the reader learns to take is exactly what it will be given.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agent.distill.cache import Says
from agent.distill.compose import Composer
from agent.distill.epochs import keep_state, kept_state
from agent.distill.letters import Example
from agent.distill.network import WIDTH, Upper, Weights
from agent.distill.overlap import Overlap
from agent.distill.records import Progress
from agent.distill.vectors import silent
from agent.distill.wordings import Wordings
from agent.students.decode import BEGIN, CLAUSE_TAGS, CONNECTOR, CONTINUE, word_starts
from agent.students.encoder import MAX_TOKENS, Encoder
from agent.students.reader import SLOT_TAGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    examples: int = 80_000
    batch: int = 32
    rate: float = 1.2e-4
    head_rate: float = 1e-3
    warmup: float = 0.06
    """Share of the steps over which the rates rise."""
    again: float = 0.6
    """Examples of a second round, as a share of the first's: at less than half the rates, and mostly requests that were written whole."""
    dropout: float = 0.1
    seed: int = 7
    bfloat16: bool = field(default_factory=lambda: bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()))
    """Whether the layers are multiplied in bfloat16: over twice as fast where the processor has instructions for it, slower elsewhere."""
    threads: int = 1
    """More than one only where no other work shares the cores: they wait for each other at every step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """An example as the reader sees it; indices count the tokens between the end marks, shifted by one for the first mark."""

    fork: NDArray[np.float32]
    starts: NDArray[np.int64]
    clause: NDArray[np.int64]
    slot: NDArray[np.int64]
    parts: Sequence[tuple[int, int, int]]
    """First token, token after the last, label."""


class Examples(Protocol):
    """Where requests to learn from are drawn, without an end."""

    def example(self) -> Example: ...


def encoded(example: Example, encoder: Encoder, labels: Sequence[str], tags: Sequence[str] = SLOT_TAGS) -> Encoded | None:
    """None for an example that does not fit a pass or lost a part to noise."""
    tokens = encoder.tokens(example.text)
    if not len(tokens) or len(tokens) > MAX_TOKENS - 2:
        return None
    starts = word_starts(tokens)
    places = tokens.spans[starts, 0]
    part_of = _owner(places, [(p.start, p.end) for p in example.parts])
    slot_of = _owner(places, [(a, b) for _, a, b in example.slots])
    clause = np.where(part_of < 0, CONNECTOR, CONTINUE)
    slot = np.zeros(len(starts), dtype=np.int64)
    for i in range(len(starts)):
        fresh = i == 0 or part_of[i - 1] != part_of[i]
        if part_of[i] >= 0 and fresh:
            clause[i] = BEGIN
        if slot_of[i] >= 0:
            inside = not fresh and slot_of[i - 1] == slot_of[i]
            slot[i] = tags.index(f"{'I' if inside else 'B'}-{example.slots[slot_of[i]][0]}")
    parts = []
    for place, part in enumerate(example.parts):
        inside_part = np.flatnonzero(part_of == place)
        if not len(inside_part):
            return None
        last = inside_part[-1]
        end = starts[last + 1] if last + 1 < len(starts) else len(tokens)
        parts.append((int(starts[inside_part[0]]) + 1, int(end) + 1, labels.index(part.label)))
    return Encoded(fork=encoder.fork(tokens.ids), starts=starts + 1, clause=clause, slot=slot, parts=parts)


def _owner(places: NDArray[np.int64], spans: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    owners = np.full(len(places), -1, dtype=np.int64)
    for i, (start, end) in enumerate(spans):
        owners[(places >= start) & (places < end)] = i
    return owners


class ReaderNet(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """The reader's upper layers and heads."""

    def __init__(self, weights: Weights, labels: int, dropout: float = 0.0, tags: int = len(SLOT_TAGS)) -> None:
        super().__init__()
        self.upper = Upper(weights, dropout)
        self.clause = nn.Linear(WIDTH, len(CLAUSE_TAGS))
        self.slot = nn.Linear(WIDTH, tags)
        self.label = nn.Linear(WIDTH, labels)

    def loss(self, batch: Sequence[Encoded], *, bfloat16: bool = False) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            states = self.upper(*_padded(batch))
        states = states.float()
        words = torch.cat([states[i, torch.from_numpy(e.starts)] for i, e in enumerate(batch)])
        clause = torch.from_numpy(np.concatenate([e.clause for e in batch]))
        slot = torch.from_numpy(np.concatenate([e.slot for e in batch]))
        pooled = torch.stack([states[i, a:b].mean(0) for i, e in enumerate(batch) for a, b, _ in e.parts])
        label = torch.tensor([which for e in batch for _, _, which in e.parts])
        cross = nn.functional.cross_entropy
        return cross(self.clause(words), clause) * 2 + cross(self.slot(words), slot) * 2 + cross(self.label(pooled), label, label_smoothing=0.03)


def _padded(batch: Sequence[Encoded]) -> tuple[Tensor, Tensor]:
    longest = max(len(e.fork) for e in batch)
    forks = torch.zeros(len(batch), longest, WIDTH)
    bias = torch.full((len(batch), 1, 1, longest), -1e9)
    for i, e in enumerate(batch):
        forks[i, : len(e.fork)] = torch.from_numpy(e.fork)
        bias[i, ..., : len(e.fork)] = 0.0
    return forks, bias


Draw = tuple[int, list[list[Encoded]]]
"""How many examples are left to be drawn, and batches of what was."""


def draws(
    composer: Examples, encoder: Encoder, labels: Sequence[str], recipe: Recipe, overlap: Overlap, left: int, tags: Sequence[str] = SLOT_TAGS
) -> Iterator[Draw]:  # fmt: skip
    """Some batches at a time of examples of like length, without near-duplicates of the texts that `overlap` holds."""
    while left > 0:
        drawn: list[Encoded] = []
        while len(drawn) < min(recipe.batch * 8, left):
            made = encoded(composer.example(), encoder, labels, tags)
            if made is not None and not overlap.near(made.fork):
                drawn.append(made)
        left -= len(drawn)
        drawn.sort(key=lambda e: len(e.fork))
        groups = [drawn[i : i + recipe.batch] for i in range(0, len(drawn), recipe.batch)]
        # Sorted groups in a random order: padding stays small and lengths do not come in waves.
        yield left, [groups[int(i)] for i in np.random.default_rng(recipe.seed + left).permutation(len(groups))]


AGAIN_RATE, AGAIN_WRITTEN = 0.4, 0.85
"""Of the second round: the rates as a share of the first's, and the share of requests that were written whole."""


LEGS = 10
"""Of each round: after each of them what was learned is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Of one round."""

    path: Path
    chance: random.Random
    """All that the requests to come hang on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Where a training keeps what it has come to, and what it has told of the way there."""

    folder: Path | None = None
    """None for a training that keeps nothing."""
    name: str = ""
    """Of the same training always, and of no other."""
    losses: list[tuple[int, float]] = field(default_factory=list)
    """Steps, over both rounds, each with the mean loss of the leg that ends there."""

    def of(self, rounds: int, composer: Composer) -> Kept | None:
        return None if self.folder is None else Kept(path=self.folder / f"{self.name}.{rounds}.pt", chance=composer.chance)

    def forget(self) -> None:
        """Once the result is kept elsewhere."""
        if self.folder is not None:
            for path in self.folder.glob(f"{self.name}.*"):
                path.unlink(missing_ok=True)


def train_reader(
    wordings: Wordings, encoder: Encoder, weights: Weights, labels: Sequence[str], recipe: Recipe, overlap: Overlap, progress: Progress,
    says: Says = silent, keeping: Keeping | None = None,
) -> ReaderNet:  # fmt: skip
    """The net after both rounds, from where they were when the same training was stopped.

    Raises:
        RunError: What was kept is damaged; it was removed.
        SettingsError: Nothing can be kept.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    net, keeping = ReaderNet(weights, len(labels), recipe.dropout), keeping or Keeping()
    composer = Composer(wordings, seed=recipe.seed)
    train_round(net, composer, encoder, labels, recipe, overlap, progress, says=says, kept=keeping.of(1, composer), losses=keeping.losses)
    if again := int(recipe.examples * recipe.again):
        train_again(net, wordings, encoder, labels, replace(recipe, examples=again), overlap, progress, _after(recipe, says), keeping)
    net.eval()
    return net


def _after(first: Recipe, says: Says) -> Says:
    """Tells of the second round as what comes after the first."""
    done = _steps(first)

    def told(step: int, steps: int, /, **figures: float) -> None:
        says(done + step, done + steps, **figures)

    return told


def train_again(
    net: ReaderNet, wordings: Wordings, encoder: Encoder, labels: Sequence[str], recipe: Recipe, overlap: Overlap, progress: Progress,
    says: Says = silent, keeping: Keeping | None = None,
) -> None:  # fmt: skip
    """The second round. It has its own seed, so that it can be run on a net that went through the first alone, with the same outcome."""
    slower = replace(recipe, rate=recipe.rate * AGAIN_RATE, head_rate=recipe.head_rate * AGAIN_RATE, seed=recipe.seed + 1000)
    keeping = keeping or Keeping()
    torch.manual_seed(slower.seed)
    composer = Composer(wordings, seed=slower.seed, written=AGAIN_WRITTEN)
    train_round(net, composer, encoder, labels, slower, overlap, progress, says=says, kept=keeping.of(2, composer), losses=keeping.losses)


def _steps(recipe: Recipe) -> int:
    return max(1, recipe.examples // recipe.batch)


@dataclass(slots=True)
class _Way:
    """How far a round has come."""

    left: int
    """Examples that are not drawn yet."""
    before: int
    """Steps of the rounds before this one."""
    step: int = 0
    total: float = 0.0
    """Of the losses since the last line about them."""
    leg: float = 0.0
    """Of the losses since the leg began, and how many they are."""
    of_leg: int = 0


def train_round(
    net: ReaderNet, composer: Examples, encoder: Encoder, labels: Sequence[str], recipe: Recipe, overlap: Overlap, progress: Progress,
    tags: Sequence[str] = SLOT_TAGS, says: Says = silent, kept: Kept | None = None, losses: list[tuple[int, float]] | None = None,
) -> None:  # fmt: skip
    """
    Args:
        kept: Where the state after each leg is put, and looked for; whoever has the result deletes it.
        losses: Gets the mean loss of each leg.
    """
    net.train()
    heads = [p for head in (net.clause, net.slot, net.label) for p in head.parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": list(net.upper.parameters()), "lr": recipe.rate}, {"params": heads, "lr": recipe.head_rate}], weight_decay=0.01
    )
    steps, losses = _steps(recipe), [] if losses is None else losses
    rise = max(1, int(steps * recipe.warmup))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min((step + 1) / rise, max(0.02, 1 - step / steps)))
    parts = {"net": net, "optimiser": optimiser, "schedule": schedule}
    way = _resumed(kept, parts, overlap, recipe, losses)
    begun = time.monotonic()
    for left, some in draws(composer, encoder, labels, recipe, overlap, way.left, tags):
        for batch in some:
            loss = net.loss(batch, bfloat16=recipe.bfloat16)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            _told(way, float(loss.detach()), steps, begun, progress, says)
        ended = left * LEGS // recipe.examples != way.left * LEGS // recipe.examples
        way.left = left
        if ended:
            losses.append((way.before + way.step, way.leg / way.of_leg))
            way.leg, way.of_leg = 0.0, 0
            _keep(kept, parts, overlap, way, losses)


def _told(way: _Way, loss: float, steps: int, begun: float, progress: Progress, says: Says) -> None:
    way.step, way.of_leg = way.step + 1, way.of_leg + 1
    way.total, way.leg = way.total + loss, way.leg + loss
    if way.step % 100 == 0:
        progress(f"step {way.step} of {steps}: loss {way.total / 100:.3f}, {time.monotonic() - begun:.0f} s")
        says(way.step, steps, loss=way.total / 100)
        way.total = 0.0


def _keep(kept: Kept | None, parts: Mapping[str, Any], overlap: Overlap, way: _Way, losses: Sequence[tuple[int, float]]) -> None:
    if kept is not None:
        keep_state(
            kept.path, parts, way=asdict(way), losses=list(losses), chance=json.dumps(kept.chance.getstate()), rng=torch.get_rng_state(),
            overlap=[overlap.seen, overlap.removed],
        )  # fmt: skip


def _resumed(kept: Kept | None, parts: Mapping[str, Any], overlap: Overlap, recipe: Recipe, losses: list[tuple[int, float]]) -> _Way:
    """How far the round has come already: what is drawn and what is forgotten go on as if nobody had stopped it."""
    state = None if kept is None else kept_state(kept.path, parts)
    if kept is None or state is None:
        return _Way(left=recipe.examples, before=losses[-1][0] if losses else 0)
    version, inner, gauss = json.loads(state["chance"])
    kept.chance.setstate((version, tuple(inner), gauss))
    torch.set_rng_state(state["rng"])
    overlap.seen, overlap.removed = state["overlap"]
    losses[:] = [(int(step), float(loss)) for step, loss in state["losses"]]
    return _Way(**state["way"])

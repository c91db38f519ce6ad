"""The encoder in torch, as its published weights define it: embeddings and six post-norm transformer layers (BERT).

Our own sixty lines rather than a model library's: the same module is trained and exported, and cut where we like.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

WIDTH, HEADS, INNER, DEPTH = 384, 12, 1536, 6
FORK = 2
"""Layers below the cut. Two keep enough above it to learn spans: a request's reading is four layers, 7.3 MB in int8."""

Weights: TypeAlias = Mapping[str, Tensor]

_PARTS = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value", "mix": "attention.output.dense",
    "mixed": "attention.output.LayerNorm", "up": "intermediate.dense", "down": "output.dense", "done": "output.LayerNorm",
}  # fmt: skip


class Layer(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    def __init__(self, dropout: float = 0.0) -> None:
        """
        Args:
            dropout: Share of the states that each part forgets while it is trained.
        """
        super().__init__()
        self._dropout = dropout
        self.query, self.key, self.value, self.mix = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.mixed = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up, self.down = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.done = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """(batch, tokens, width) to the same; `bias` (batch, 1, 1, tokens) is −inf at padding, None without padding."""
        batch = int(x.shape[0])

        def split(y: Tensor) -> Tensor:
            return y.reshape(batch, -1, HEADS, WIDTH // HEADS).transpose(1, 2)

        scores = split(self.query(x)) @ split(self.key(x)).transpose(-1, -2) / math.sqrt(WIDTH // HEADS)
        if bias is not None:
            scores = scores + bias
        mixed = (self._forgetting(scores.softmax(-1)) @ split(self.value(x))).transpose(1, 2).reshape(batch, -1, WIDTH)
        x = self.mixed(x + self._forgetting(self.mix(mixed)))
        out: Tensor = self.done(x + self._forgetting(self.down(nn.functional.gelu(self.up(x)))))
        return out

    def _forgetting(self, x: Tensor) -> Tensor:
        # Nothing of this reaches an exported graph, which a tracer would litter with operators that do nothing.
        return nn.functional.dropout(x, self._dropout) if self.training and self._dropout else x

    def take(self, weights: Weights, place: int) -> Layer:
        """Load the published weights of the layer at `place`."""
        self.load_state_dict(
            {f"{ours}.{kind}": weights[f"encoder.layer.{place}.{theirs}.{kind}"] for ours, theirs in _PARTS.items() for kind in ("weight", "bias")}
        )
        return self


class Lower(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """Token ids to the states at the fork."""

    def __init__(self, weights: Weights, dropout: float = 0.0) -> None:
        super().__init__()
        self.words = nn.Embedding.from_pretrained(weights["embeddings.word_embeddings.weight"])
        # There is one segment, so its embedding is part of the place's.
        self.places = nn.Parameter(weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0])
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.norm.load_state_dict({kind: weights[f"embeddings.LayerNorm.{kind}"] for kind in ("weight", "bias")})
        self.layers = nn.ModuleList(Layer(dropout).take(weights, place) for place in range(FORK))

    def forward(self, ids: Tensor, bias: Tensor | None = None) -> Tensor:
        x: Tensor = self.norm(self.words(ids) + self.places[: ids.shape[1]])
        for layer in self.layers:
            x = layer(x, bias)
        return x


class Upper(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """States at the fork to the last ones: the encoder's own upper part, and what the reader's is trained from."""

    def __init__(self, weights: Weights, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(dropout).take(weights, place) for place in range(FORK, DEPTH))

    def forward(self, fork: Tensor, bias: Tensor | None = None) -> Tensor:
        for layer in self.layers:
            fork = layer(fork, bias)
        return fork


class Whole(nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
    """Token ids to the last states: all of the encoder, for a head that has one of its own. Its table of tokens may be trained too."""

    def __init__(self, weights: Weights, dropout: float = 0.0) -> None:
        super().__init__()
        self.lower, self.upper = Lower(weights, dropout), Upper(weights, dropout)
        self.lower.words.weight.requires_grad_(True)

    def forward(self, ids: Tensor, bias: Tensor | None = None) -> Tensor:
        out: Tensor = self.upper(self.lower(ids, bias), bias)
        return out

    def narrowed(self, tokens: Tensor) -> None:
        """Keep the rows of these tokens alone, in this order: the others are not trained, and moving them costs a fifth of each step."""
        self.lower.words = nn.Embedding.from_pretrained(self.lower.words.weight[tokens].detach().clone(), freeze=False)

    def widened(self, tokens: Tensor, weights: Weights) -> None:
        """Undo `narrowed`: the published rows again, with those of these tokens as they were trained."""
        rows = weights["embeddings.word_embeddings.weight"].clone()
        rows[tokens] = self.lower.words.weight.detach()
        self.lower.words = nn.Embedding.from_pretrained(rows)


def published(folder: Path) -> dict[str, Tensor]:
    """The weights of all-MiniLM-L6-v2 as they were published."""
    return {
        name: tensor.to(torch.float32) if tensor.is_floating_point() else tensor for name, tensor in load_file(folder / "model.safetensors").items()
    }

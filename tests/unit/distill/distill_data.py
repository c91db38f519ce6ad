"""A small set to make heads from: what a sentence names is told by its meaning, so letters alone do not help with words never seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

MODELS = Path(__file__).parents[3] / "models"

WORDS = {
    "animal": "dog cat horse cow sheep goat pig rabbit mouse fox wolf bear lion tiger monkey zebra otter badger hen duck "
    "elephant giraffe squirrel hedgehog donkey camel deer crow owl eagle frog lizard snake turtle whale dolphin seal kangaroo hamster parrot",
    "food": "bread cheese butter soup rice pasta salad apple pear plum cake biscuit pie stew jam honey yoghurt omelette sausage bacon "
    "porridge curry pancake lasagne risotto dumpling noodle sandwich burger pudding muffin waffle chocolate caramel strawberry cherry peach grape "
    "lemon carrot",
    "tool": "hammer saw drill chisel spanner pliers screwdriver shovel rake spade wrench mallet axe crowbar ladder clamp vice file sander plane "
    "wheelbarrow toolbox trowel pickaxe hacksaw jigsaw lathe anvil soldering-iron tape-measure hoe shears bolt-cutter paintbrush paint-roller "
    "grinder nail-gun pitchfork workbench sledgehammer",
}
KNOWN = 20
"""Of each list the words that training may use; gold has the others."""


def items(words: Callable[[list[str]], Sequence[str]], frames: Sequence[str]) -> list[tuple[str, str]]:
    return [(frame.format(word), label) for label, every in WORDS.items() for word in words(every.split()) for frame in frames]


def training() -> list[tuple[str, str]]:
    return items(lambda words: words[:KNOWN], ("there was a {} over there", "I once saw a {}"))


def gold() -> list[tuple[str, str]]:
    return items(lambda words: words[KNOWN:], ("my neighbour showed me a {}", "look, it is a {}!"))


def write(path: Path, rows: Sequence[tuple[str, str]]) -> Path:
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows), encoding="utf-8")
    return path


SPEC = """name = "mood"
labels = ["animal", "food", "tool"]

[[data]]
file = "train.jsonl"
licence = "own"

[evals]
near = "refuse"
[[evals.gold]]
file = "gold.jsonl"
licence = "own"

[gate]
gold = 60
accuracy = 0.70
calibration = 0.15
"""

TAUGHT = """name = "mood"
labels = ["animal", "food", "tool"]
[[data]]
file = "train.jsonl"
labelled = false
licence = "own"
[teacher]
kind = "gateway"
alias = "big"
samples = 1
[[evals.gold]]
file = "gold.jsonl"
licence = "own"
[gate]
gold = 60
calibration = 0.15
lost = 0.25
"""

"""What a student must reach before it is written over the one in use. Measured on the exported int8 files, one text at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.distill.records import Metric

LEAST_GOLD = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Least values for shares by metric name, and largest for those that should be small."""

    least: Mapping[str, float]
    most: Mapping[str, float]


COMPOSED = Bars(least={"split": 0.80, "label": 0.80, "slots": 0.85}, most={})
WRITTEN = Bars(least={"split": 0.75, "label": 0.75, "slots_overlapping": 0.75}, most={"calibration_error": 0.05})
GOLD = Bars(least={"split": 0.75, "label": 0.75, "slots_overlapping": 0.65}, most={})
"""Set before the reader of all tasks was measured on anything. For the first reader, of twelve tasks, gold's label and split had been
lowered to .60 and .65 after it was measured."""
PARITY = 0.99


def failures(which: str, metrics: Mapping[str, Metric], bars: Bars) -> list[str]:
    """A sentence for each bar that was not reached."""
    short = [
        f"{which}: {name} is {metrics[name].value:.3f}, at least {least} is wanted"
        for name, least in bars.least.items() if metrics[name].value < least
    ]  # fmt: skip
    large = [
        f"{which}: {name} is {metrics[name].value:.3f}, at most {most} is wanted"
        for name, most in bars.most.items() if metrics[name].value > most
    ]  # fmt: skip
    return short + large


def too_few(n: int) -> list[str]:
    return [] if n >= LEAST_GOLD else [f"gold: {n} requests are too few to tell, {LEAST_GOLD} are wanted"]

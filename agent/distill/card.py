"""The reader's card: what it is, how it was made, how well it does, where it fails. The figures come from the scorecard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.distill.gate import AIMS
from agent.distill.records import Scorecard


def reader_card(score: Scorecard, about: Mapping[str, Any], labels: Sequence[str]) -> str:
    rows = []
    for which, metrics in score.metrics.items():
        for name, metric in metrics.items():
            low, high = metric.interval
            rows.append(f"| {which.replace('_', ' ')} | {name} | {metric.value:.3f} | {metric.n} | {low:.3f} to {high:.3f} |")
    confused = "; ".join(f"{pair} {count}" for pair, count in list(score.confused.items())[:12]) or "not measured"
    text = Path(__file__).with_name("reader_card.md").read_text(encoding="utf-8")
    return text.format(
        tasks=len(labels) - 3, wordings=about["wordings"],
        written=about["written"], examples=about["examples"], again=about["again"], seed=about["seed"], near=about["near_gold_left_out"],
        near_clauses=about["clauses_near_gold_left_out"],
        rows="\n".join(rows), confused=confused, notes=" ".join(f"{note[:1].upper()}{note[1:]}." for note in score.notes), short=_short(score),
    )  # fmt: skip


def _short(score: Scorecard) -> str:
    """What the reader is meant to reach on gold and does not."""
    gold = score.metrics.get("gold", {})
    missed = [
        f"{name.replace('_', ' ')} {gold[name].value:.3f} ({'at most' if name == 'calibration_error' else 'at least'} {aim})"
        for name, aim in AIMS.items()
        if name in gold and (gold[name].value > aim if name == "calibration_error" else gold[name].value < aim)
    ]
    return "; ".join(missed) or "nothing"

"""Bar charts as the server draws them: places in percent of the width, so that words in them keep their size on any screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HEIGHT = 200
"""In pixels, of the plot; the words under it come below."""
_TOP, _GAP, _LABELS = 14, 0.28, 4
_ON_A_PHONE = 32
"""Characters of all marks together that have room under a chart of 260 pixels, at 12 pixels with a blank between them."""
"""Pixels kept free above, the part of a bar's place that is kept free beside it, and the most words under the plot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    kind: str
    """Class of its bars: what colours them."""
    label: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One rectangle; pixels from the top, percent from the left."""

    kind: str
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    title: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    y: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    x: float
    anchor: str
    """start, middle or end: so that the outer ones stay inside."""
    label: str
    spare: bool = False
    """Whether a phone, where they would touch each other, does without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    bars: Sequence[Bar]
    lines: Sequence[Line]
    marks: Sequence[Mark]
    series: Sequence[Series]
    height: int = HEIGHT


def bar_chart(labels: Sequence[str], series: Sequence[Series], say: Callable[[float], str]) -> Chart:
    """Bars side by side, the series of each stacked.

    Args:
        labels: What each bar stands for, in order.
        series: From the bottom up; each has a value for each label, none below 0.
        say: A value in words.
    """
    most = max((sum(one.values[i] for one in series) for i in range(len(labels))), default=0.0)
    step = _step(most)
    top = step * max(1, math.ceil(most / step - 1e-9))
    bars = [_bar(i, labels, series, top, say) for i in range(len(labels))]
    lines = [Line(y=round(_y(step * n, top), 1), label=say(step * n)) for n in range(1, round(top / step) + 1)]
    return Chart(bars=bars, lines=lines, marks=_marks(labels), series=series)


def _bar(i: int, labels: Sequence[str], series: Sequence[Series], top: float, say: Callable[[float], str]) -> Bar:
    place = 100 / len(labels)
    x, width, under, pieces = place * (i + _GAP / 2), place * (1 - _GAP), 0.0, []
    for one in series:
        if one.values[i] > 0:
            upper, lower = _y(under + one.values[i], top), _y(under, top)
            pieces.append(Piece(kind=one.kind, x=round(x, 3), width=round(width, 3), y=round(upper, 1), height=round(max(lower - upper, 1.5), 1)))
            under += one.values[i]
    said = ", ".join(f"{one.label} {say(one.values[i])}" for one in series) if len(series) > 1 else say(series[0].values[i])
    return Bar(title=f"{labels[i]}: {said}", pieces=pieces)


def _y(value: float, top: float) -> float:
    return HEIGHT - (HEIGHT - _TOP) * value / top


def _step(most: float) -> float:
    """A round number, of which two to five reach the top."""
    if most <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most / 2))
    return next(power * factor for factor in (1, 2, 5, 10) if most / (power * factor) <= 5)


def _marks(labels: Sequence[str]) -> list[Mark]:
    count = len(labels)
    if count == 0:
        return []
    every = max(1, math.ceil(count / _LABELS))
    chosen = range(0, count, every)
    place = 100 / count
    crowded = sum(len(labels[i]) for i in chosen) > _ON_A_PHONE
    return [
        Mark(x=0.0, anchor="start", label=labels[i])
        if i == 0 and count > 1
        else Mark(x=round(place * (i + 0.5), 3), anchor="middle", label=labels[i], spare=crowded and nth % 2 == 1)
        for nth, i in enumerate(chosen)
        if i == 0 or place * (i + 0.5) < 94
    ]

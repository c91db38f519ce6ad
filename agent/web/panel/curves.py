"""Curves of a student as the server draws them: places of points in a fixed frame, and the squares of a picture of confusions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Say = Callable[[float], str]
"""A number in words."""

WIDTH, HEIGHT = 320, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 26
CELL = 26
"""Pixels of a square of the confusions."""
_LETTER, _SHOWN = 6.4, 22
"""Pixels of a letter of its labels, and most letters of one that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: float
    y: float
    size: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    kind: str
    """Class of the line: what colours it."""
    label: str
    path: str
    points: Sequence[Point] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    strokes: Sequence[Stroke]
    across: Sequence[Tick]
    up: Sequence[Tick]
    diagonal: str = ""
    """Path of the line on which said and right are the same."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    ground: int = HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    x: int
    y: int
    n: int
    share: float
    right: bool
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    labels: Sequence[str]
    """In full; the picture shows as much of each as there is room for."""
    shown: Sequence[str]
    edge: int
    """Pixels that the labels take to the left, and the ones above them."""
    head: int
    cells: Sequence[Cell]
    counts: Sequence[Sequence[int]]
    of: int
    """Classes there are; the picture shows the most confused."""
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawings:
    """What there is to draw of a student; None for what was not recorded."""

    reliability: Curve | None
    by_threshold: Curve | None
    confusion: Confusion | None
    rows: Mapping[str, Any]
    """The same as numbers, for the tables beside the pictures."""


def drawings(curves: Mapping[str, Any], say: Say) -> Drawings | None:
    """
    Args:
        curves: As a manifest or a making has them.
    """
    if not curves.keys() - {"learned"}:
        return None
    reliability, by_threshold, confused = (curves.get(name) for name in ("reliability", "by_threshold", "confusion"))
    return Drawings(
        reliability=_reliability(reliability, say) if reliability else None,
        by_threshold=_by_threshold(by_threshold, say) if by_threshold else None,
        confusion=_confusion(confused) if confused else None,
        rows=curves,
    )  # fmt: skip


def _reliability(curve: Mapping[str, Any], say: Say) -> Curve:
    said, right, counts = curve["said"], curve["right"], curve["n"]
    most = max(counts)
    points = [
        Point(x=_x(s), y=_y(r), size=round(3 + 5 * math.sqrt(n / most), 1), title=f"{say(s)} → {say(r)} ({n})")
        for s, r, n in zip(said, right, counts, strict=True)
    ]
    stroke = Stroke(kind="one", label="right", path=_path([(p.x, p.y) for p in points]), points=points)
    return Curve(strokes=[stroke], across=_shares(say, _x), up=_shares(say, _y), diagonal=_path([(_x(0), _y(0)), (_x(1), _y(1))]))


def _by_threshold(curve: Mapping[str, Any], say: Say) -> Curve:
    strokes = [
        Stroke(kind=kind, label=label, path=_path([(_x(least), _y(value)) for least, value in zip(curve["least"], curve[label], strict=True)]))
        for kind, label in (("one", "right"), ("two", "kept"))
    ]
    return Curve(strokes=strokes, across=_shares(say, _x), up=_shares(say, _y))


def figure_curve(points: Sequence[tuple[float, float]], say: Say) -> Curve | None:
    """A figure told while a step ran, such as the loss; None for fewer than two of them."""
    if len(points) < 2:
        return None
    first, last = points[0][0], points[-1][0]
    low, high = min(value for _, value in points), max(value for _, value in points)
    low, span = (0.0 if low > 0 and high > 0 else low), max(high - min(low, 0.0), 1e-9)
    places = [(_x((far - first) / max(last - first, 1e-9)), _y((value - low) / span)) for far, value in points]
    up = [Tick(at=_y(share), label=say(low + span * share)) for share in (0, 0.5, 1)]
    across = [Tick(at=_x(share), label=say(first + (last - first) * share)) for share in (0, 1)]
    return Curve(strokes=[Stroke(kind="one", label="", path=_path(places))], across=across, up=up)


def learned(curves: Mapping[str, Any], say: Say) -> Curve | None:
    """The loss after each epoch or some steps, as a manifest has it; None where there are not two of them."""
    told = curves.get("learned", {})
    return figure_curve(list(zip(told.get("epoch") or told.get("step", []), told.get("loss", []), strict=True)), say)


def _confusion(found: Mapping[str, Any]) -> Confusion:
    labels, counts = found["labels"], found["counts"]
    shown = [label if len(label) <= _SHOWN else f"{label[: _SHOWN - 1]}…" for label in labels]
    longest = max(len(label) for label in shown) * _LETTER
    edge, head = round(longest) + 10, round(longest * 0.77) + 18
    cells = []
    for i, row in enumerate(counts):
        whole = max(1, sum(row))
        for j, n in enumerate(row):
            title = f"{labels[i]} → {labels[j]}: {n}"
            cells.append(Cell(x=edge + j * CELL, y=head + i * CELL, n=n, share=round(max(0.05, n / whole), 2), right=i == j, title=title))
    size = len(labels) * CELL
    return Confusion(
        labels=labels, shown=shown, edge=edge, head=head, cells=cells, counts=counts, of=int(found.get("of", len(labels))),
        width=edge + size + round(longest * 0.64) + 8, height=head + size + 4,
    )  # fmt: skip


def _x(share: float) -> float:
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * share, 1)


def _y(share: float) -> float:
    return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share, 1)


def _shares(say: Say, place: Callable[[float], float]) -> list[Tick]:
    return [Tick(at=place(share), label=say(share)) for share in (0, 0.25, 0.5, 0.75, 1)]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)

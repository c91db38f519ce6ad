"""A picture of who is taken for whom: rows are the truth, columns what was said, a row's colours its shares."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

MOST = 24
"""Classes in one picture; of more, those with the most mistakes."""
_CELL, _LABEL, _TOP = 22, 190, 190


def confusion(truth: NDArray[np.int64], said: NDArray[np.int64], labels: Sequence[str]) -> NDArray[np.int64]:
    """(labels, labels) counts, truth in rows; what was not answered is in no column."""
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    answered = said >= 0
    np.add.at(counts, (truth[answered], said[answered]), 1)
    return counts


def picture(counts: NDArray[np.int64], labels: Sequence[str], title: str) -> str:
    """An SVG that stands alone and takes its text's colour from where it is shown."""
    wrong = counts - np.diag(np.diag(counts))
    shown = np.sort(np.argsort(-(wrong.sum(axis=0) + wrong.sum(axis=1)), kind="stable")[:MOST])
    of = f", the {MOST} most confused of {len(labels)} classes" if len(labels) > MOST else ""
    width, height = _LABEL + _CELL * len(shown) + 20, _TOP + _CELL * len(shown) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-family="system-ui, sans-serif" font-size="11" '
        f'fill="currentColor"><title>{escape(title)}</title>',
        f'<text x="8" y="16" font-size="13" font-weight="600">{escape(title)}{of}</text>',
        '<text x="8" y="32" opacity=".7">rows: truth · columns: answer</text>',
    ]
    for i, place in enumerate(shown.tolist()):
        y, x = _TOP + i * _CELL, _LABEL + i * _CELL
        name = escape(labels[place])
        parts.append(f'<text x="{_LABEL - 6}" y="{y + 15}" text-anchor="end">{name}</text>')
        parts.append(f'<text transform="translate({x + 15} {_TOP - 6}) rotate(-60)">{name}</text>')
    parts += [_cell(counts, labels, row, column, (i, j)) for i, row in enumerate(shown.tolist()) for j, column in enumerate(shown.tolist())]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _cell(counts: NDArray[np.int64], labels: Sequence[str], row: int, column: int, at: tuple[int, int]) -> str:
    n, whole = int(counts[row, column]), max(1, int(counts[row].sum()))
    y, x = _TOP + at[0] * _CELL, _LABEL + at[1] * _CELL
    colour = "#2e7d5b" if row == column else "#c2452d"
    square = (
        f'<rect x="{x}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}" fill="{colour}" fill-opacity="{max(0.04, n / whole):.2f}">'
        f"<title>{escape(labels[row])} → {escape(labels[column])}: {n} of {whole}</title></rect>"
    )
    return square + (f'<text x="{x + _CELL / 2 - 0.5}" y="{y + 15}" text-anchor="middle">{n}</text>' if n else "")

"""A reply for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.table import Table

from agent.records import ChangeSet, Part, Reply, value_from_json
from agent.reply import Renderer
from agent.sdk import Action, Evidence, Percent
from agent.sdk.levels import counted

_ROWS = 15
_WORDS = 4
"""A column of words keeps the fourth part of the line beside figures."""
_GAP = 2
"""Blanks that may stand between two columns."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def show_reply(reply: Reply, locale: str, console: Console) -> None:
    """Print it. Text of the store is stripped of control characters, so that no record can drive the terminal."""
    render = Renderer(locale)
    for part in reply.parts:
        _show_part(part, render, console)
    for question in reply.questions:
        console.print(f"? {_safe(question.question)}", style="yellow", markup=False)
        for option in question.options:
            console.print(f"    {_safe(option.label)}", markup=False)
    for note in reply.plan.notes:
        console.print(f"→ {_safe(note)}", style="cyan", markup=False)
    for left in reply.not_done:
        start, end = left.span
        console.print(f"✗ “{_safe(reply.plan.text[start:end])}”: {_safe(left.reason)}", style="red", markup=False)
    if reply.error:
        console.print(f"! {_safe(reply.error)}", style="bold red", markup=False)
    for start, end in reply.plan.background:
        console.print(f"  taken as background: “{_safe(reply.plan.text[start:end])}”", style="dim", markup=False)
    by = ", ".join(sorted({route.by for part in reply.parts for route in part.run}))
    console.print(f"{reply.usage.took_ms:.0f} ms · {by or 'nothing run'} · ${reply.usage.cost_usd} · {reply.run_id}", style="dim", markup=False)


def show_change_set(change_set: ChangeSet, locale: str, console: Console) -> None:
    """A proposal by itself, with its summary and how each item of it stands."""
    console.print(f"Δ {_safe(change_set.summary)}", style="bold", markup=False)
    _show_changes(change_set, Renderer(locale), console)
    console.print()


def _show_part(part: Part, render: Renderer, console: Console) -> None:
    marks = {"answer": "•", "draft": "✎", "proposal": "Δ", "refusal": "✗", "missing": "?", "error": "!"}
    console.print(f"{marks[part.kind]} {_safe(part.text)}", style="bold" if part.kind != "error" else "bold red", markup=False)
    if part.kind == "draft":
        console.print(_safe(part.data["content"]), markup=False)
    if part.change_set is not None:
        _show_changes(part.change_set, render, console)
    for name, value in (part.data or {}).items() if isinstance(part.data, dict) else ():
        if isinstance(value, dict) and {"columns", "rows"} <= set(value):
            _show_table(value, render, console, title=None if name == "table" else name)
    if part.evidence is not None:
        console.print(f"  from: {_evidence(part.evidence, render)}", style="dim", markup=False)
    console.print()


def _show_table(table: dict[str, Any], render: Renderer, console: Console, *, title: str | None) -> None:
    """Beneath each other, what does not fit beside each other: words are told again, and no figure is cut."""
    numeric = [*(table.get("numeric") or []), *[False] * len(table["columns"])]
    rows = [[_cell(cell, render) for cell in row] for row in table["rows"][:_ROWS]]
    words = console.width // _WORDS
    columns = [_column(_safe(name), [row[place] for row in rows], numeric[place], words) for place, name in enumerate(table["columns"])]
    for block in _blocks(columns, console.width):
        shown = Table(title=title, box=None, pad_edge=False)
        for column in block:
            shown.add_column(column.title, justify="right" if column.numeric else "left", no_wrap=column.numeric, min_width=column.least)
        for row in zip(*(column.cells for column in block), strict=True):
            shown.add_row(*row)
        console.print(shown)
    if (more := len(table["rows"]) - _ROWS) > 0:
        console.print(f"  … {more} more rows with --json", style="dim", markup=False)


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    cells: Sequence[str]
    numeric: bool
    least: int
    """Characters below which it says nothing: all of a figure, the beginning of words."""


def _column(title: str, cells: Sequence[str], numeric: bool, words: int) -> _Column:
    widest = max((len(cell) for cell in cells), default=0)
    if numeric:  # words give way first: half a figure is a lie
        lines = wrap(title, max(widest, 8), break_long_words=False)
        return _Column("\n".join(lines), cells, numeric, max([widest, *map(len, lines)]))
    return _Column(title, cells, numeric, min(max(widest, len(title)), words))


def _blocks(columns: Sequence[_Column], width: int) -> Iterator[Sequence[_Column]]:
    """The columns as they fit; where they do not all, those of words that come first lead each block."""
    lead = list(takewhile(lambda column: not column.numeric, columns))
    free = width - sum(column.least + _GAP for column in lead)
    block: list[_Column] = []
    for column in columns[len(lead) :]:
        if block and sum(one.least + _GAP for one in (*block, column)) > free:
            yield [*lead, *block]
            block = []
        block.append(column)
    yield [*lead, *block]


def _show_changes(change_set: ChangeSet, render: Renderer, console: Console) -> None:
    shown = Table(box=None, pad_edge=False)
    for column, justify in (("what", "left"), ("field", "left"), ("before", "right"), ("after", "right"), ("state", "left")):
        shown.add_column(column, justify=justify)  # type: ignore[arg-type]  # a str where rich wants its own Literal
    for item in change_set.items:
        what = item.what
        if isinstance(what, Action):
            shown.add_row(_safe(what.target.label), what.kind, "", _cell(what.money, render), item.note or item.state)
        else:
            before, after = (_cell(counted(what.field, value), render) for value in (what.before, what.after))
            after = f"{what.after:+}" if what.op == "add" and isinstance(what.after, int) else after
            shown.add_row(_safe(what.target.label), what.field or what.op, before, after, item.note or item.state)
    console.print(shown)
    console.print(f"  {change_set.state} · {change_set.id} · digest {change_set.digest[:12]}", style="dim", markup=False)


def _cell(value: Any, render: Renderer) -> str:
    """A value as people read it; of a record that is made or deleted, only the fields that say something."""
    if isinstance(value, dict) and set(value) == {"untrusted", "source"}:
        return _safe(str(value["untrusted"]))
    value = value_from_json(value) if isinstance(value, dict) else value
    if isinstance(value, dict):
        return ", ".join(f"{str(k).replace('_', ' ')}: {_cell(v, render)}" for k, v in value.items() if v not in (None, "", [], (), {}, False))
    if isinstance(value, list | tuple):
        return "; ".join(_cell(v, render) for v in value)
    return "" if value is None else _safe(str(value) if isinstance(value, Percent) else render.value(value))


def _evidence(evidence: Evidence, render: Renderer) -> str:
    zoned = Renderer(render.locale, evidence.time_zone)
    period = zoned.period(evidence.period) + ", " if evidence.period else ""
    return _safe(f"{evidence.metric}, {period}{evidence.time_zone}, {evidence.currency}, {evidence.rows} rows: {evidence.query}")


def _safe(text: str) -> str:
    return _CONTROL.sub("·", text)

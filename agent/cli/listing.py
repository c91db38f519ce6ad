"""A list on the terminal: wrapped to its width there, whole lines for a program that reads it, or CSV."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table

_FOR_PROGRAMS = 10_000
"""Characters of a line that nobody looks at."""


def show_list(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, csv: bool = False) -> None:
    """The first column is what a row is called by, and is never cut."""
    if csv:
        from agent.web.tables import csv_text

        sys.stdout.write(csv_text(columns, rows))
        return
    first, *others = columns
    table = Table(Column(first, no_wrap=True), *(Column(name, overflow="fold") for name in others), box=None)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else _FOR_PROGRAMS).print(table)

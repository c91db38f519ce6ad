"""Tables for spreadsheets: CSV in UTF-8, in which nothing is run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(column) for column in columns])
    writer.writerows([["" if cell is None else harmless(cell) for cell in row] for row in rows])
    return out.getvalue()


def csv_reply(items: Sequence[Mapping[str, Any]], columns: Sequence[str], *, first: str | None = None, file: str | None = None) -> Response[str]:
    """
    Args:
        columns: Names of the members to write, in order.
        first: Heading of the first column where it is not the member's name.
        file: Name a browser saves it under; None for a program that asked for CSV.
    """
    heading = [first, *columns[1:]] if first else list(columns)
    headers = {"content-disposition": f'attachment; filename="{file}"'} if file else {}
    rows = [[item[column] for column in columns] for item in items]
    return Response(csv_text(heading, rows), media_type="text/csv", headers=headers)


def harmless(cell: Any) -> Any:
    """A text that begins like a formula would be run by a spreadsheet; a negative number would not."""
    if isinstance(cell, str) and cell[:1] in _FORMULA and not cell[1:].replace(".", "", 1).isdigit():
        return "'" + cell
    return cell

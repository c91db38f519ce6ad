"""The tables of an answer as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from agent.errors import NotFound
from agent.records import to_json
from agent.web.panel.desk import Desk
from agent.web.panel.pages import slug
from agent.web.panel.view import tables_of
from agent.web.tables import csv_text


def export_routes(desk: Desk) -> list[HTTPRouteHandler]:
    @get("/runs/{run_id:str}/parts/{subtask:str}/{name:str}")
    async def table(request: Request[Any, Any, Any], run_id: FromPath[str], subtask: FromPath[str], name: FromPath[str]) -> Response[str]:
        visit = await desk.visit(request)
        reply = await desk.service.reply(run_id, visit.session.principal)
        number = name.removesuffix(".csv")
        found = [t for part in reply.parts if part.subtask == subtask for t in tables_of(to_json(part.data))]
        if not (number.isascii() and number.isdigit() and len(number) < 4 and int(number) < len(found)):
            raise NotFound("table")
        task = next(part.task for part in reply.parts if part.subtask == subtask)
        headers = {"content-disposition": f'attachment; filename="{slug(task)}.csv"'}
        return Response(csv_of(found[int(number)]), media_type="text/csv", headers=headers)

    return [table]


def csv_of(table: Mapping[str, Any]) -> str:
    """The table for a spreadsheet: money as a bare amount with the currency in its heading, text that a spreadsheet would run made harmless."""
    columns = [_heading(table, i) for i in range(len(table["columns"]))]
    return "\ufeff" + csv_text(columns, [[_cell(cell) for cell in row] for row in table["rows"]])  # the mark tells spreadsheets that it is UTF-8


def _heading(table: Mapping[str, Any], column: int) -> str:
    cells = [row[column] for row in table["rows"] if column < len(row)]
    currencies = {cell["currency"] for cell in cells if isinstance(cell, Mapping) and "currency" in cell}
    name = str(table["columns"][column])
    return f"{name} ({currencies.pop()})" if len(currencies) == 1 else name


def _cell(cell: Any) -> Any:
    if isinstance(cell, Mapping):
        if set(cell) == {"amount", "currency"}:
            return cell["amount"]
        return _cell(cell.get("untrusted", ""))
    return cell

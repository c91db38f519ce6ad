"""An answer's tables as a page shows them: as figures, as the facts of one record, as a chart with its table, or as a table to sort."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import format_compact_currency, format_compact_decimal, format_currency, format_decimal

from agent.reply import babel_locale
from agent.web.panel.charts import Chart, Series, bar_chart
from agent.web.panel.words import Words, money_of

MOST_ROWS = 200
"""Of one table on a page; the rest is in its CSV."""
_GROUPED = 10_000
"""From here on a figure has groups of digits in every language."""
_MOST_BARS, _MOST_RANKS, _WIDEST_FIGURES = 120, 10, 6
_TIME = re.compile(r"\d{4}(-[\dQWH]\S*)?")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_COUNTRY = re.compile(r"[A-Z]{2}")
_SHORT = 24
OURS = frozenset(
    (
        "By", "What", "Signs", "Risk", "Problem", "Found", "State", "Status", "Payment", "Fulfilment", "Wants", "Urgency", "Kind", "Task", "Group",
        "Who they are", "Figure", "Kept", "About", "Customers with", "Customer kind", "Weekday", "Marketing", "Last", "Per customer", "Attribute",
        "Read from", "Made of",
    )
)  # fmt: skip
"""Columns whose cells are words of ours. What stands in any other may be somebody's own and is left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    text: str
    order: str
    """What it is sorted by; empty for its text."""
    number: bool

    @property
    def short(self) -> bool:
        return len(self.text) <= _SHORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """One bar of a comparison of things: how long it is, in percent of the longest."""

    label: str
    value: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None
    facts: Sequence[tuple[str, Cell]] = ()
    """The one row of a wide table, field by field."""
    chart: Chart | None = None
    ranks: Sequence[Rank] = ()
    left: int = 0
    """Rows that only the CSV has."""

    @property
    def drawn(self) -> bool:
        return self.chart is not None or bool(self.ranks)


def shown(words: Words, data: Any, table: Mapping[str, Any]) -> Shown:
    """How to show one of the tables of an answer's data."""
    rows, total = _split(table["rows"])
    numeric: Sequence[bool] = table["numeric"]
    rows, total = _worded(words, table["columns"], rows), _worded(words, table["columns"], [total])[0] if total is not None else None
    cells = [[_cell(words, value, number) for value, number in zip(row, numeric, strict=False)] for row in rows[:MOST_ROWS]]
    last = [_cell(words, value, number) for value, number in zip(total, numeric, strict=False)] if total is not None else None
    if len(cells) == 1 and last is None and len(table["columns"]) > 1:
        facts = [(name, cell) for name, cell in zip(table["columns"], cells[0], strict=False) if cell.text not in ("–", "")]
        return Shown(rows=cells, total=None, facts=facts)
    chart, ranks = _drawing(words, data, table, rows)
    return Shown(rows=cells, total=last, chart=chart, ranks=ranks, left=len(rows) - len(cells))


def _split(rows: Sequence[Sequence[Any]]) -> tuple[Sequence[Sequence[Any]], Sequence[Any] | None]:
    """The rows, and the total under them."""
    return (rows[:-1], rows[-1]) if len(rows) > 1 and rows[-1] and rows[-1][0] == "Total" else (rows, None)


def _worded(words: Words, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
    """The rows, with the words of ours in the reader's language."""
    here = {at for at, column in enumerate(columns) if column in OURS}
    said = {"Total", *(f"no {column.lower()}" for column in columns)}
    rules = {at for at, column in enumerate(columns) if column == "What it does"}

    countries = {at for at, column in enumerate(columns) if column == "Country"}

    def worded(at: int, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if at in countries and _COUNTRY.fullmatch(value):
            return words.country(value)
        if at in rules:
            rhythm, sep, request = value.partition(": “")
            return f"{words.capital(words.told(rhythm[:1].lower() + rhythm[1:]))}{sep}{request}" if sep and value.endswith("”") else words.told(value)
        return words.ours(value) if at in here or value in said else value

    return [[worded(at, value) for at, value in enumerate(row)] for row in rows]


def _cell(words: Words, value: Any, number: bool) -> Cell:
    amount = _amount(value)
    order = str(value) if isinstance(value, str) and _TIME.match(value) else ""
    return Cell(
        text=words.number(value) if number else _text(words, value),
        order=str(amount) if number and amount is not None else order, number=number,
    )  # fmt: skip


def _text(words: Words, value: Any) -> str:
    """A cell of no figure; a month as people say it."""
    return words.month(value) if isinstance(value, str) and _MONTH.fullmatch(value) else words.value(value)


def _amount(value: Any) -> Decimal | None:
    money = money_of(value)
    if money is not None:
        return money.amount
    if isinstance(value, bool) or value is None or isinstance(value, Mapping | list):
        return None
    try:
        made = Decimal(str(value))
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


def _drawing(words: Words, data: Any, table: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> tuple[Chart | None, Sequence[Rank]]:
    """A report's first figure, over time or by what it is broken down by. Other tables say nothing that a drawing would show."""
    numeric: Sequence[bool] = table["numeric"]
    if not isinstance(data, Mapping) or "metric" not in data or len(rows) < 2 or len(numeric) < 2 or numeric[0] or not numeric[1]:
        return None, ()
    found = [_amount(row[1]) for row in rows]
    values = [float(value) for value in found if value is not None and value >= 0]
    if not any(values):
        return None, ()
    if not all(isinstance(row[0], str) and _TIME.fullmatch(row[0]) for row in rows):
        rated = [row for row in rows if row[1] is not None]  # where nothing was sold there is no return rate, and no bar for it
        return None, _ranks(words, rated, values) if len(rated) == len(values) > 1 else ()
    if len(values) < len(rows) or len(rows) > _MOST_BARS:
        return None, ()
    series = [Series(kind="", label=str(table["columns"][1]), values=values)]
    money = money_of(rows[0][1])
    return bar_chart([_text(words, row[0]) for row in rows], series, lambda value: _compact(words, value, money.currency if money else None)), ()


def _ranks(words: Words, rows: Sequence[Sequence[Any]], values: Sequence[float]) -> Sequence[Rank]:
    most = max(values)
    return [
        Rank(label=words.value(row[0]), value=words.number(row[1]), share=round(max(100 * value / most, 0.4), 2))
        for row, value in list(zip(rows, values, strict=True))[:_MOST_RANKS]
    ]


def _compact(words: Words, value: float, currency: str | None) -> str:
    """A figure in as few letters as it takes: "€50K"."""
    locale, digits = babel_locale(words.locale), 0 if value >= 10 or value == round(value) else 1
    if currency is None:
        short = format_compact_decimal(value, locale=locale, fraction_digits=digits)
        return short if _shortened(short, value) else format_decimal(value, locale=locale)
    short = format_compact_currency(value, currency, locale=locale, fraction_digits=digits)
    if _shortened(short, value):
        return short
    whole = locale.currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(value, currency, whole, locale=locale, currency_digits=False)


def _shortened(short: str, value: float) -> bool:
    """Whether there was anything to group: German has no short form of thousands, and "100000 €" is hard to read."""
    return value < _GROUPED or re.sub(r"\D", "", short) != str(round(value))

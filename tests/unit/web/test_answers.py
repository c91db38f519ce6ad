"""How an answer's tables are shown: drawn where they are a report, as facts where they are one record, as a table else."""

from __future__ import annotations

from gettext import NullTranslations
from typing import Any

from agent.languages import Languages
from agent.web.panel.answers import MOST_ROWS, shown
from agent.web.panel.view import tables_of
from agent.web.panel.words import Words

WORDS = Words("en-GB", "Europe/Berlin", NullTranslations())


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def of(columns: list[str], rows: list[list[Any]], numeric: list[bool], **data: Any) -> Any:
    held = {"table": {"columns": columns, "rows": rows, "numeric": numeric}, **data}
    return shown(WORDS, held, tables_of(held)[0])


WEEKS = [["2026-08-03", eur("100.00")], ["2026-08-10", eur("60000.00")], ["Total", eur("60100.00")]]


def test_a_report_over_time_is_drawn_and_its_total_stands_apart() -> None:
    view = of(["Week", "Net sales"], WEEKS, [False, True], metric="net_sales")
    assert view.chart is not None and [bar.title for bar in view.chart.bars] == ["3 Aug 2026: €100", "10 Aug 2026: €60K"]
    assert [line.label for line in view.chart.lines] == ["€20K", "€40K", "€60K"]
    assert len(view.rows) == 2 and view.total[1].text == "€60,100.00"


def test_a_report_by_things_is_drawn_as_bars_as_long_as_their_figures() -> None:
    view = of(["Product", "Units"], [["Mug", 40], ["Bowl", 10]], [False, True], metric="units")
    assert view.chart is None and [(rank.label, rank.share) for rank in view.ranks] == [("Mug", 100.0), ("Bowl", 25.0)]


def test_of_a_rate_only_what_has_one_is_drawn() -> None:
    by_country = [["DE", "12.0"], ["FR", "3.0"], ["NL", None]]
    view = of(["Country", "Return rate %"], by_country, [False, True], metric="return_rate")
    assert [(rank.label, rank.share) for rank in view.ranks] == [("Germany", 100.0), ("France", 25.0)]
    assert [row[1].text for row in view.rows] == ["12", "3", "–"]
    assert not of(["Month", "Return rate %"], [["2026-08", "12.0"], ["2026-09", None]], [False, True], metric="return_rate").drawn


def test_what_is_no_report_or_has_losses_is_not_drawn() -> None:
    assert not of(["Product", "Units"], [["Mug", 40], ["Bowl", 10]], [False, True]).drawn
    assert not of(["Product", "Units"], [["Mug", 40], ["Bowl", -1]], [False, True], metric="units").drawn
    assert not of(["Product", "Units"], [["Mug", None], ["Bowl", 1]], [False, True], metric="units").drawn


def test_one_record_is_shown_field_by_field_without_what_is_empty() -> None:
    view = of(["Order", "Placed", "Tracking", "Total"], [["#1042", "2026-05-23", None, eur("95.00")]], [False, False, False, True])
    assert [(name, cell.text) for name, cell in view.facts] == [("Order", "#1042"), ("Placed", "23 May 2026"), ("Total", "€95.00")]


def test_cells_are_sorted_by_what_they_are_and_not_by_how_they_are_written() -> None:
    (row, _) = of(["Placed", "Total"], [["2026-05-23", eur("1095.00")], ["2026-05-24", None]], [False, True]).rows
    assert [cell.order for cell in row] == ["2026-05-23", "1095.00"]


def test_of_many_rows_the_page_has_the_first_and_says_how_many_are_left() -> None:
    view = of(["Product", "Units"], [[f"Mug {n}", n] for n in range(MOST_ROWS + 7)], [False, True])
    assert len(view.rows) == MOST_ROWS and view.left == 7


def test_words_of_ours_in_a_table_are_translated_and_names_are_left_alone() -> None:
    table = {"columns": ["Product", "Problem", "What it does"], "numeric": [False] * 3}
    rows = [["no image", "no image", "Every day at 09:00: “new orders”"], ["no product", "odd", "Odd"]]
    view = shown(Words("de", "UTC", Languages().catalogue("de"), "de"), {}, {**table, "name": "table", "rows": rows})
    assert [[cell.text for cell in row] for row in view.rows] == [
        ["no image", "kein Bild", "Jeden Tag um 09:00: “new orders”"],
        ["ohne Produkt", "odd", "Odd"],
    ]

"""Bytes of any program as rows: what is written is read back, and what is no table is told in a sentence."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Invalid
from agent.sheets.reading import MOST_ROWS, Sheet, clean_name, read

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"), exclude_characters="\ufeff"), max_size=12)
BREAKS = st.lists(CELLS, min_size=1, max_size=3).map("\n".join)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")


def written(rows: list[list[str]], separator: str, newline: str, quoting: int) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=newline, quoting=quoting).writerows(rows)  # type: ignore[arg-type]  # one of csv's four
    return out.getvalue()


@given(
    st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELLS | BREAKS, min_size=width, max_size=width), min_size=1, max_size=8)),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(ENCODINGS),
)
def test_what_is_written_in_any_dialect_is_read_back(rows: list[list[str]], separator: str, newline: str, quoting: int, encoding: str) -> None:
    rows = [["SKU", *[f"Column {n}" for n in range(len(rows[0]))]], *[["A-1", *row] for row in rows]]
    sheet = read("x.csv", written(rows, separator, newline, quoting).encode(encoding))
    assert [list(row.cells) for row in sheet.rows] == rows
    assert sheet.separator == separator and sheet.encoding in ("UTF-8", "UTF-16")


@given(st.lists(st.sampled_from(["", "a,b", '"x\ny",z', "1,2"]), min_size=1, max_size=20).filter(any))
def test_each_row_knows_the_line_it_begins_in(pieces: list[str]) -> None:
    sheet = read("x.csv", "\n".join(pieces).encode())
    lines = "\n".join(pieces).split("\n")
    assert len(sheet.rows) == sum(1 for piece in pieces if piece)
    for row in sheet.rows:
        assert lines[row.line - 1].replace('"', "").startswith(row.cells[0].split("\n")[0])


@pytest.mark.parametrize(
    ("data", "encoding", "cells"),
    [
        ("sku;größe\nA;Süß\n".encode("cp1252"), "Windows-1252", ("A", "Süß")),
        ("sku\tgröße\nA\tSüß\n".encode("utf-16"), "UTF-16", ("A", "Süß")),
        ("sku\tgröße\nA\tSüß\n".encode("utf-16-le"), "UTF-16", ("A", "Süß")),
        ("sku\tgröße\nA\tSüß\n".encode("utf-16-be"), "UTF-16", ("A", "Süß")),
        (b"\xef\xbb\xbfsku,price\nA,3\n", "UTF-8", ("A", "3")),
        (b"sep=;\nsku;price\nA;3,50\n", "UTF-8", ("A", "3,50")),
        (b"sku;price\nA;12,50\nB;1.299,00\n", "UTF-8", ("A", "12,50")),
        (b'sku,name\nA,6" nail\n', "UTF-8", ("A", '6" nail')),
    ],
)
def test_what_spreadsheets_write_is_read(data: bytes, encoding: str, cells: tuple[str, ...]) -> None:
    sheet = read("x.csv", data)
    assert sheet.encoding == encoding and sheet.rows[1].cells == cells


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04xl/workbook.xml", "an Excel workbook"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\xff\xd8\xff\xe0", "a picture"),
        (b"%PDF-1.7", "a PDF"),
        (b"<!DOCTYPE html><p>", "a web page"),
        (b"a\x00\x01\x02b,c", "no table as text"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n\n", "is empty"),
        (b'sku,price\nA,"3\nB,4\nC,5\n', "opens in line 2"),
        (b"a," * 300, "columns"),
        (b"a,b\n" * (MOST_ROWS + 2), "is the most at once"),
        (b"x" * 5_000_001, "5 MB is the most"),
        (b"sku,text\nA," + b"y" * 100_001, "line 2".capitalize()),
    ],
)
def test_what_is_no_table_is_told_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read("prices.csv", data)
    assert said in str(refused.value)


@given(st.binary(max_size=400))
def test_no_bytes_break_it(data: bytes) -> None:
    try:
        sheet = read("x.csv", data)
    except Invalid as refused:
        assert str(refused)
    else:
        assert isinstance(sheet, Sheet) and sheet.rows


def test_a_name_is_shown_without_its_path_and_what_cannot_be_printed() -> None:
    assert clean_name("C:\\lists\\pri\u202ece\x00s.csv") == "prices.csv"
    assert clean_name("") == "file" and len(clean_name("x" * 500 + ".csv")) <= 120

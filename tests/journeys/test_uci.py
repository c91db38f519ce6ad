"""A year of a real shop, imported by the command and asked about in plain words; the figures are those of the file's own rows."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.cli import main

DATA = Path(__file__).parents[3] / "shared/data/uci_online_retail/online_retail.csv.gz"
NOT_PRODUCTS = {"POST", "DOT", "C2", "AMAZONFEE", "BANK CHARGES", "CRUK", "M", "D", "S", "B", "PADS"}
"""Postage, fees and adjustments: lines of their own kind, never products."""

pytestmark = [pytest.mark.public_data, pytest.mark.skipif(not DATA.exists(), reason="the public data sets are not beside the checkout")]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uci") / "data"
    with pytest.raises(SystemExit) as ended:
        main(["import", "orders", str(DATA), "--shop", "uci", "--currency", "GBP", "--time-zone", "Europe/London", "--data", str(folder)])
    assert not ended.value.code
    return folder


@pytest.fixture(scope="module")
def best() -> list[tuple[str, Decimal]]:
    """Code and net sales, returns on the day they came back, of the five best in France in November 2011, from the rows alone."""
    net: dict[str, Decimal] = defaultdict(Decimal)
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code = row["StockCode"].upper()
            if row["Country"] == "France" and row["InvoiceDate"].startswith("2011-11") and code not in NOT_PRODUCTS:
                net[code] += int(row["Quantity"]) * Decimal(row["UnitPrice"])
    return sorted(net.items(), key=lambda item: (-item[1], item[0]))[:5]


def asked(capfd: pytest.CaptureFixture[str], data: Path, text: str) -> Any:
    capfd.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["ask", text, "--json", "--shop", "uci", "--data", str(data)])
    assert not ended.value.code
    return json.loads(capfd.readouterr().out)


def test_the_five_best_products_of_a_month_in_a_country_are_those_of_the_rows(
    capfd: pytest.CaptureFixture[str], data: Path, best: list[tuple[str, Decimal]]
) -> None:
    reply = asked(capfd, data, "top 5 products by revenue in November 2011 in France")
    (part,) = reply["parts"]
    assert (part["task"], part["kind"]) == ("sales_report", "answer") and reply["questions"] == reply["not_done"] == []
    rows = [(row[0], Decimal(row[-1]["amount"])) for row in part["data"]["table"]["rows"] if row[0] != "Total"][:5]
    with closing(sqlite3.connect(data / "storehand.db")) as db:
        titles = dict(db.execute("select v.sku, p.title from shop_variant v join shop_product p on p.id = v.product_id").fetchall())
    assert rows == [(titles[code], net) for code, net in best]
    evidence = part["evidence"]
    assert evidence["currency"] == "GBP" and evidence["time_zone"] == "Europe/London"
    assert [moment[:10] for moment in evidence["period"]] == ["2011-11-01", "2011-12-01"] or "2011-11-01" in str(evidence["period"])


def test_the_same_file_again_changes_nothing(capfd: pytest.CaptureFixture[str], data: Path) -> None:
    before = asked(capfd, data, "what was our revenue in November 2011")["parts"][0]["data"]
    with pytest.raises(SystemExit) as ended:
        main(["import", "orders", str(DATA), "--shop", "uci", "--data", str(data)])
    assert not ended.value.code and "imported 0 " in capfd.readouterr().out
    assert asked(capfd, data, "what was our revenue in November 2011")["parts"][0]["data"] == before

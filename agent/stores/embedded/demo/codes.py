"""Discount codes and when they were on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from agent.db.goods import Discount
from agent.stores.embedded.demo import almanac
from agent.stores.embedded.demo.rows import Row, Rows
from agent.stores.embedded.demo.shelves import ZONE, Item


@dataclass(slots=True, kw_only=True)
class Code:
    row: Row
    first_day: date
    last_day: date | None
    lure: float
    """Share of those it is meant for who type it."""
    newcomers: bool = False
    loyal: bool = False

    @property
    def frees_shipping(self) -> bool:
        return bool(self.row["kind"] == "free_shipping")

    def runs(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def takes(self, total: int, *, first: bool, loyal: bool) -> bool:
        return total >= (self.row["minimum_minor"] or 0) and (first or not self.newcomers) and (loyal or not self.loyal)

    def use(self) -> None:
        self.row["used"] += 1

    def reduce(self, line: Row, total: int) -> None:
        """Take its share off a line, of which `total` is the whole order before."""
        quoted = line["price_minor"] * line["quantity"]
        if self.row["products"] and line["product_id"] not in self.row["products"]:
            return
        if self.row["kind"] == "percent":
            line["discount_minor"] = (quoted * int(self.row["value"]) + 50) // 100
        elif self.row["kind"] == "amount":
            line["discount_minor"] = quoted * int(self.row["value"]) * 100 // total


def issue_codes(rows: Rows, items: list[Item], today: date) -> list[Code]:
    """The codes of the last eighteen months and the one for the Black Friday to come, most tempting first."""
    start = almanac.first_day(today)
    mugs = [item.row["id"] for item in items if item.good.type == "Mugs"]
    codes = [_code(rows, f"BLACKFRIDAY{friday:%y}", "percent", 25, friday, friday + timedelta(days=3), 0.40) for friday in _fridays(start, today)]
    codes += [
        _code(rows, f"SUMMER20-{july:%y}", "percent", 20, july, july.replace(day=31), 0.20)
        for july in (date(year, 7, 1) for year in range(start.year, today.year + 1))
        if start <= july <= today
    ]
    codes.append(_code(rows, "MUGLOVE", "percent", 15, today - timedelta(days=21), today + timedelta(days=9), 0.05, products=mugs))
    codes.append(_code(rows, "WELCOME10", "percent", 10, start, None, 0.30, newcomers=True))
    codes.append(_code(rows, "VIP15", "percent", 15, start, None, 0.10, loyal=True, usage_limit=1000))
    codes.append(_code(rows, "TEATIME5", "amount", 5, start, None, 0.035, minimum=4000))
    codes.append(_code(rows, "FREESHIP", "free_shipping", 0, start, None, 0.06, minimum=5000))
    return codes


def _fridays(start: date, today: date) -> list[date]:
    fridays = [almanac.black_friday(year) for year in range(start.year, today.year + 1)]
    return [friday for friday in fridays if start <= friday <= today + timedelta(days=45)]


def _code(
    rows: Rows, code: str, kind: str, value: int, first: date, last: date | None, lure: float, *, minimum: int | None = None,
    usage_limit: int | None = None, products: list[int] | None = None, newcomers: bool = False, loyal: bool = False,
) -> Code:  # fmt: skip
    row = rows.add(
        Discount, code=code, kind=kind, value=str(value), minimum_minor=minimum, usage_limit=usage_limit, used=0, products=products or [],
        starts_at=datetime.combine(first, time(0), ZONE), ends_at=datetime.combine(last + timedelta(days=1), time(0), ZONE) if last else None,
    )  # fmt: skip
    return Code(row=row, first_day=first, last_day=last, lure=lure, newcomers=newcomers, loyal=loyal)

"""A change taken apart into parts that add up to it exactly, in the smallest unit. Plain arithmetic, nothing is read here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

Parts = Mapping[str, Fraction]
"""What of the change lies where."""


@dataclass(frozen=True, slots=True)
class Sold:
    gross: int
    """Price times quantity, in minor units."""
    units: int


def price_and_volume(before: Mapping[str, Sold], now: Mapping[str, Sold]) -> Parts:
    """The change of gross sales, by variant: units at the old price, the price on today's units, what is new and what is gone.

    With u units at an average price p = gross / u: volume is (u1 - u0) p0 and price is (p1 - p0) u1, which add up to u1 p1 - u0 p0.
    A variant sold in only one of the times has no price to compare, so all of it is new or gone.
    """
    parts = {"units sold": Fraction(0), "prices": Fraction(0), "goods not sold before": Fraction(0), "goods no longer sold": Fraction(0)}
    for key in before.keys() | now.keys():
        old, new = before.get(key, Sold(0, 0)), now.get(key, Sold(0, 0))
        if old.units > 0 and new.units > 0:
            at_old_price = Fraction(old.gross, old.units) * new.units
            parts["units sold"] += at_old_price - old.gross
            parts["prices"] += new.gross - at_old_price
        else:
            parts["goods not sold before"] += new.gross
            parts["goods no longer sold"] -= old.gross
    return parts


def number_and_size(before: int, now: int, count_before: int, count_now: int, names: tuple[str, str]) -> Parts:
    """The change of a sum as more or fewer things of the old size, and a larger or smaller size of today's things."""
    number, size = names
    if count_before <= 0:
        return {number: Fraction(now - before), size: Fraction(0)}
    at_old_size = Fraction(before, count_before) * count_now
    return {number: at_old_size - before, size: now - at_old_size}


def rounded(parts: Parts, total: int) -> dict[str, int]:
    """The parts in whole units that add up to the total: each rounded down, the largest remainders rounded up.

    Raises:
        ValueError: The parts are not those of this total.
    """
    whole = {name: part.numerator // part.denominator for name, part in parts.items()}
    left = total - sum(whole.values())
    if not 0 <= left <= len(parts):
        raise ValueError(f"parts of {float(sum(parts.values(), Fraction(0)))} do not add up to {total}")
    by_remainder: Sequence[str] = sorted(parts, key=lambda name: (whole[name] - parts[name], name))
    return {name: whole[name] + (name in by_remainder[:left]) for name in parts}

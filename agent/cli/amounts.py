"""Amounts and moments as they are typed at the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import typer


def usd(text: str, option: str) -> Decimal:
    """
    Raises:
        typer.BadParameter: It is no amount.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise typer.BadParameter(f"`{text}` is no amount; write {option} 25.00")
    return amount


def day(text: str | None, option: str) -> datetime | None:
    """The beginning of that day, in UTC.

    Raises:
        typer.BadParameter: It is no date.
    """
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError:
        raise typer.BadParameter(f"`{text}` is no date; write {option} 2026-11-22") from None

"""What the words of a clause come to, typed and in the shop's terms, before anything is bound to a task.

Each value keeps where it stands (code points of the whole request, end exclusive), so that nothing said can be lost
unseen: whatever no field took is still there, with its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from agent.records import SlotKind
from agent.sdk import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place in the request."""

    start: int
    end: int

    def overlaps(self, other: Spot) -> bool:
        return self.start < other.end and other.start < self.end

    def within(self, start: int, end: int) -> bool:
        return start <= self.start and self.end <= end


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing(Spot):
    """Words that say which of many are meant, and were not understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Spot):
    """A number said: an amount where it has a currency, a count where it has a unit ("orders"), else whatever the task takes it for."""

    amount: Decimal
    currency: str | None = None
    unit: str = ""
    """The noun it counts, singular: "order", "unit", "star", "day"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Spot):
    """A percentage as it was said, never negative unless a minus sign was written, and the way the words point."""

    percent: Decimal
    direction: Literal[-1, 0, 1] = 0
    """−1 for "cut by", "off"; +1 for "raise"; 0 when nothing says."""

    @property
    def signed(self) -> Decimal:
        return self.percent if self.direction == 0 or self.percent < 0 else self.percent * self.direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(Spot):
    """A condition on a number. Never all four empty."""

    at_least: Decimal | None = None
    above: Decimal | None = None
    at_most: Decimal | None = None
    below: Decimal | None = None
    currency: str | None = None
    unit: str = ""
    from_to: bool = False
    """Said as "from 10 to 12", which after a verb of change is an old and a new value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates(Spot):
    """A period asked about, or compared with."""

    period: Period
    compared: bool = False
    apart: Spot | None = None
    """Where the rest of it is said: "October revenue by country in 2024"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Until(Spot):
    """A moment at which something ends."""

    moment: datetime
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Starting(Spot):
    """A moment from which something holds, in the future."""

    moment: datetime
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Top(Spot):
    """The first of a ranking: "top 5", "worst three"; n is None where only "best" or "bestselling" was said."""

    n: int | None
    lowest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Spot):
    """How prices are to end: ".99", or 1.00 for whole amounts."""

    cents: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Spot):
    """A word that names something by its form: an order number, an e-mail address, a code, a country."""

    kind: Literal["order", "email", "sku", "code", "country", "city", "text"]
    text: str
    """As it is looked up: "#1042", "anna@example.com", "SUMMER20", "FR"."""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Spot):
    """Text that the reader marked, or that stands in quotes: a tag, a title, a topic."""

    kind: SlotKind | Literal["quoted"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Impossible(Spot):
    """A value that was understood and makes no sense, or can be read in two ways; the question to put."""

    kind: Literal["money", "percent", "number", "period", "until", "text"]
    question: str
    options: tuple[tuple[str, str], ...] = ()
    """(value, label)."""


Value = Number | Share | Range | Dates | Until | Starting | Top | Ending | Named | Words | Impossible


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a shop's numbers and days mean."""

    currency: str
    locale: str
    week_starts: Literal["monday", "sunday"] = "monday"
    fiscal_year_starts: int = 1
    """Month the shop's fiscal year begins with."""
    now: datetime
    """In the shop's time zone."""
    period_before: Period | None = None
    """The time of the answer before, which "compare that with last year" is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """All values of one clause, in reading order, none overlapping another."""

    items: Sequence[Value] = field(default=())

    def of(self, *types: type[Spot]) -> list[Value]:
        return [value for value in self.items if isinstance(value, types)]


DateValue = Dates | Until | Starting | Impossible
"""What is read of days and times."""

"""What every purchase of a shop says about those who bought. Plain arithmetic, nothing is read here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Literal

from agent.sdk import Money, Purchase

Group = Literal["champions", "loyal", "big_spenders", "new", "promising", "at_risk", "lost", "occasional"]
GROUPS: Mapping[Group, str] = {
    "champions": "bought lately (R3), three times or more (F3) and are among the third who spent most (M3)",
    "loyal": "bought three times or more (F3), and not among the third who have stayed away longest (R2 or R3)",
    "big_spenders": "are among the third who spent most (M3) and have not stayed away longest (R2 or R3)",
    "new": "bought once (F1), and are among the third who bought last (R3)",
    "promising": "bought twice (F2), and are among the third who bought last (R3)",
    "at_risk": "bought more than once or spent most (F2, F3 or M3), and are among the third who have stayed away longest (R1)",
    "lost": "bought once (F1) and are among the third who have stayed away longest (R1)",
    "occasional": "everyone else",
}
"""Who is in each group; the first that fits is a customer's."""
LATE = Decimal(2)
"""How many times their own usual gap someone has stayed away to be at risk of not coming back."""
RHYTHM_FROM = 3
"""Orders from which a customer has a usual gap: the median of at least two."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer with the times and the worth of what they bought, the oldest first."""

    id: str
    times: tuple[datetime, ...]
    spent: Money

    @property
    def orders(self) -> int:
        return len(self.times)

    @property
    def gap(self) -> Decimal | None:
        """Median days between one order and the next; None with fewer than three orders."""
        return median(self.gaps) if self.orders >= RHYTHM_FROM else None

    @property
    def gaps(self) -> list[Decimal]:
        return [_days(a, b) for a, b in zip(self.times[:-1], self.times[1:], strict=True)]

    def away(self, now: datetime) -> Decimal:
        return _days(self.times[-1], now)

    def is_late(self, now: datetime) -> bool:
        """Away longer than twice their usual gap and than ever before: twice alone would call everyone with two quick orders late."""
        return self.gap is not None and self.away(now) > max(LATE * self.gap, *self.gaps)


def buyers_of(purchases: Sequence[Purchase], among: frozenset[str] | None = None) -> list[Buyer]:
    """One for each customer who bought, in the order of their first purchase."""
    times: dict[str, list[datetime]] = {}
    spent: dict[str, Money] = {}
    for one in purchases:
        if one.customer_id is None or (among is not None and one.customer_id not in among):
            continue
        times.setdefault(one.customer_id, []).append(one.placed_at)
        spent[one.customer_id] = spent[one.customer_id] + one.spent if one.customer_id in spent else one.spent
    return [Buyer(id, tuple(placed), spent[id]) for id, placed in times.items()]


def groups_of(buyers: Sequence[Buyer]) -> dict[str, Group]:
    """The group of each buyer, by thirds of recency (R) and spend (M), and by number of orders (F)."""
    recency = _thirds({buyer.id: buyer.times[-1].timestamp() for buyer in buyers})
    money = _thirds({buyer.id: buyer.spent.minor for buyer in buyers})
    return {buyer.id: _group(recency[buyer.id], min(buyer.orders, 3), money[buyer.id]) for buyer in buyers}


def _thirds(values: Mapping[str, float]) -> dict[str, int]:
    """3 for the largest third, 1 for the smallest; equal values share the lower place, so that nobody is split by chance."""
    if not values:
        return {}
    ranked = sorted(values.values())
    first, second = ranked[len(ranked) // 3], ranked[2 * len(ranked) // 3]
    return {id: 3 if value > second or value == ranked[-1] else 2 if value > first else 1 for id, value in values.items()}


def _group(recency: int, frequency: int, money: int) -> Group:
    match (recency, frequency, money):
        case (3, 3, 3):
            return "champions"
        case (2 | 3, 3, _):
            return "loyal"
        case (2 | 3, _, 3):
            return "big_spenders"
        case (3, 1, _):
            return "new"
        case (3, 2, _):
            return "promising"
        case (1, 2 | 3, _) | (1, _, 3):
            return "at_risk"
        case (1, 1, _):
            return "lost"
        case _:
            return "occasional"


def cohorts(buyers: Sequence[Buyer]) -> dict[int, list[Buyer]]:
    """Buyers by the month of their first order, counted from year 0."""
    found: dict[int, list[Buyer]] = {}
    for buyer in buyers:
        found.setdefault(month_of(buyer.times[0]), []).append(buyer)
    return found


def came_back(cohort: Sequence[Buyer], month: int) -> int:
    """How many of the cohort ordered in that month."""
    return sum(any(month_of(at) == month for at in buyer.times[1:]) for buyer in cohort)


def month_of(moment: datetime) -> int:
    return moment.year * 12 + moment.month - 1


def _days(first: datetime, second: datetime) -> Decimal:
    return Decimal(int((second - first).total_seconds())) / 86_400

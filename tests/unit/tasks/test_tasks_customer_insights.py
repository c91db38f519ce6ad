"""customer_insights: figures that a plain count of the orders gives too."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sdk import Money, Order, OrderWhere, Purchase, every
from tasks.customer_insights.buyers import GROUPS, Buyer, buyers_of, came_back, cohorts, groups_of, month_of

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def buyer(*days: int, spent: int = 10, id: str = "c_1") -> Buyer:
    return Buyer(id, tuple(DAY + timedelta(days=day) for day in days), Money.of(spent, "EUR"))


def standing(bench: Any) -> list[Order]:
    return [o for o in asyncio.run(every(bench.ground.store.orders, OrderWhere(cancelled=False))) if o.customer_id is not None]


def test_the_repeat_rate_is_the_share_with_two_orders_or_more(bench: Any) -> None:
    answer = bench.ask("customer_insights", show="repeat_rate")
    orders = Counter(order.customer_id for order in standing(bench))
    repeat = {id for id, n in orders.items() if n > 1}
    assert set(answer.data.customers.ids) == repeat
    assert answer.data.count == len(orders)
    assert answer.data.repeat_rate == (Decimal(100 * len(repeat)) / len(orders)).quantize(Decimal("0.1"))


def test_lifetime_value_is_what_the_customers_spent(bench: Any) -> None:
    answer = bench.ask("customer_insights", show="lifetime_value")
    customers = [c for c in asyncio.run(every(bench.ground.store.customers)) if c.orders]
    total = sum((c.spent for c in customers), Money.of(0, "EUR"))
    assert answer.data.lifetime_value == Money(total.amount / len(customers), "EUR")
    assert answer.data.table.rows[-1][1:] == [len(customers), Decimal("100.0"), answer.data.lifetime_value, total]


def test_every_customer_is_in_one_group_and_the_groups_say_who_they_are(bench: Any) -> None:
    answer = bench.ask("customer_insights", show="groups")
    assert sum(row[1] for row in answer.data.table.rows) == answer.data.count
    members: list[str] = []
    for group in GROUPS:
        one = bench.ask("customer_insights", group=group)
        members += one.data.customers.ids
        assert GROUPS[group] in answer.evidence.definition
    assert sorted(members) == sorted({order.customer_id for order in standing(bench)})


def test_only_those_who_ordered_in_the_time_count_and_nothing_after_it(bench: Any) -> None:
    period = {"start": "2026-01-01T00:00:00+01:00", "end": "2026-07-01T00:00:00+02:00", "label": "the first half"}
    answer = bench.ask("customer_insights", show="repeat_rate", period=period)
    before = [o for o in standing(bench) if o.placed_at < datetime.fromisoformat(period["end"])]
    orders = Counter(o.customer_id for o in before)
    within = {o.customer_id for o in before if o.placed_at >= datetime.fromisoformat(period["start"])}
    assert answer.data.count == len(within)
    assert set(answer.data.customers.ids) == {id for id in within if orders[id] > 1}


@pytest.mark.parametrize("show", ["repeat_rate", "cohorts", "groups", "lifetime_value", "churn_risk", None])
def test_a_time_without_customers_has_nothing_to_tell(show: str | None, bench: Any) -> None:
    period = {"start": "2001-01-01T00:00:00+01:00", "end": "2001-02-01T00:00:00+01:00", "label": ""}
    answer = bench.ask("customer_insights", period=period, **({"show": show} if show else {}))
    assert (answer.data.count, len(answer.data.customers)) == (0, 0)
    assert "nothing to tell" in str(answer.text)


@pytest.mark.parametrize(
    ("days", "now", "late"),
    [
        ((0, 10, 20), 41, True),
        ((0, 10, 20), 40, False),  # exactly twice
        ((0, 10, 60), 100, False),  # they once stayed away for 50
        ((0, 10), 300, False),  # two orders are no rhythm
    ],
)
def test_someone_is_overdue_by_their_own_rhythm_alone(days: tuple[int, ...], now: int, late: bool) -> None:
    assert buyer(*days).is_late(DAY + timedelta(days=now)) is late


def test_a_cohort_is_followed_by_calendar_months() -> None:
    january = [buyer(0, 40, 75, id="c_1"), buyer(3, 5, id="c_2"), buyer(20, id="c_3")]
    found = cohorts([*january, buyer(33, id="c_4")])
    first = month_of(DAY)
    assert found[first] == january
    assert [came_back(january, first + n) for n in range(3)] == [1, 1, 1]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 700), st.integers(0, 900)), max_size=40))
def test_groups_do_not_depend_on_the_order_of_customers(rows: list[tuple[int, int, int]]) -> None:
    purchases = [
        Purchase(order_id=f"o_{n}", customer_id=f"c_{who}", placed_at=DAY + timedelta(days=day), spent=Money.of(spent, "EUR"))
        for n, (who, day, spent) in enumerate(sorted(rows, key=lambda row: row[1]))
    ]
    buyers = buyers_of(purchases)
    assert groups_of(buyers) == groups_of(buyers[::-1])

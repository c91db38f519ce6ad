"""What every group of laws stands on: how a shop is filled, and what is drawn at random."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from agent.sdk import METRICS, Filters, Page, Period
from agent.sdk.figures import Dimension, Metric
from agent.testing.store_spec import DAYS, START, ShopSpec, Stocked

ALL_METRICS: Sequence[Metric] = tuple(METRICS)
DIMENSIONS: Sequence[Dimension] = (
    "product", "variant", "product_type", "vendor", "collection", "tag", "channel", "country", "city", "discount_code", "customer_kind",
    "hour", "weekday", "day", "week", "month", "quarter", "half_year", "year",
)  # fmt: skip
EVER = Period(start=START - timedelta(days=2), end=START + timedelta(days=DAYS + 60))
GENEROUS = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors])
FEWER = settings(GENEROUS, max_examples=15)


class Laws:
    """What every group of laws stands on. Each test fills shops of its own."""

    def stocked(self, spec: ShopSpec) -> Stocked:
        """A new shop that holds what the spec says, beside whatever other shops there are."""
        raise NotImplementedError


async def every(page_after: Callable[[str | None], Awaitable[Page[Any]]]) -> list[Any]:
    """All items of a list, page after page."""
    page = await page_after(None)
    found = list(page.items)
    while page.next:
        page = await page_after(page.next)
        found += page.items
    return found


def periods(zone: ZoneInfo) -> st.SearchStrategy[Period]:
    """Whole days of the shop mostly, now and then with an hour in the middle of a day."""
    start = st.integers(-3, DAYS)
    return st.builds(
        lambda first, days, hour, end_hour: Period(
            start=(START.replace(tzinfo=None) + timedelta(days=first, hours=hour)).replace(tzinfo=zone),
            end=(START.replace(tzinfo=None) + timedelta(days=first + days, hours=end_hour)).replace(tzinfo=zone),
        ),
        start, st.integers(1, 60), st.sampled_from((0, 0, 0, 9)), st.sampled_from((0, 0, 0, 16)),
    )  # fmt: skip


filters = st.builds(
    Filters,
    channels=st.sampled_from((None, None, ["online store"], ["Instagram", "Point of Sale"])),
    countries=st.sampled_from((None, None, ["DE"], ["FR", "NL"])),
    cities=st.sampled_from((None, None, ["århus"], ["Berlin"])),
    vendors=st.sampled_from((None, None, None, ["Acme"])),
    product_types=st.sampled_from((None, None, None, ["Mugs"])),
    tags=st.sampled_from((None, None, None, ["eco"])),
    discount_codes=st.sampled_from((None, None, None, ["hello10"])),
    customer_kinds=st.sampled_from((None, None, None, ["new"], ["returning"])),
    weekdays=st.sampled_from((None, None, None, ["monday", "sunday"])),
)

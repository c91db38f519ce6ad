"""Where a shop's own records begin: what is compared with a time before that says little."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from agent.sdk.refs import Period
from agent.sdk.store import Store
from agent.sdk.text import Sentence, say
from agent.sdk.wheres import OrderWhere

_MISSED = 10
"""A time of which the tenth part passed before the shop's first order is not whole."""


async def with_beginning(told: Sentence, compared: Period, store: Store) -> Sentence:
    """The comparison, with the day of the shop's first order where it falls well within the time that is compared with."""
    day = await _first_within(compared, store)
    return told if day is None else say("{told} But this shop's orders begin on {day}, so the time before is not whole.", told=told, day=day)


async def since_the_first(period: Period, store: Store) -> Period:
    """The period from the day of the shop's first order on: no month before it was a bad one."""
    first = (await store.orders(OrderWhere(sort="oldest"), limit=1)).items
    if not first or not period.start < first[0].placed_at < period.end:
        return period
    day = first[0].placed_at.astimezone(ZoneInfo(store.shop.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return period.model_copy(update={"start": max(day, period.start)})


async def _first_within(period: Period, store: Store) -> date | None:
    first = (await store.orders(OrderWhere(sort="oldest"), limit=1)).items
    if not first or first[0].placed_at >= period.end or first[0].placed_at - period.start < (period.end - period.start) / _MISSED:
        return None
    return first[0].placed_at.astimezone(ZoneInfo(store.shop.time_zone)).date()

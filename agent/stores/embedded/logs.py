"""Long lists read in one go: every purchase, and what was searched for."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agent.sdk.orders import Purchase
from agent.sdk.people import SearchTerm
from agent.sdk.refs import Money, Period
from agent.sdk.untrusted import Untrusted
from agent.stores.embedded.ids import public
from agent.stores.embedded.schema import ORDERS, SEARCH_TERMS
from agent.stores.embedded.spans import local, span_of


def purchases(session: Session, shop: int, currency: str, zone: ZoneInfo, placed: Period | None) -> list[Purchase]:
    columns = (ORDERS.c.id, ORDERS.c.customer_id, ORDERS.c.placed_at, ORDERS.c.total_minor - ORDERS.c.refunded_minor)
    statement = select(*columns).where(ORDERS.c.shop_id == shop, ORDERS.c.cancelled_at.is_(None))
    if placed is not None:
        statement = statement.where(ORDERS.c.placed_at >= local(placed.start, zone), ORDERS.c.placed_at < local(placed.end, zone))
    rows = session.execute(statement.order_by(ORDERS.c.placed_at, ORDERS.c.id))
    return [
        Purchase(
            order_id=public("order", order), customer_id=None if customer is None else public("customer", customer), placed_at=at.astimezone(zone),
            spent=Money.from_minor(spent, currency),
        )
        for order, customer, at, spent in rows
    ]  # fmt: skip


def search_terms(session: Session, shop: int, zone: ZoneInfo, period: Period) -> list[SearchTerm]:
    span = span_of(period, zone)
    within = (SEARCH_TERMS.c.shop_id == shop, SEARCH_TERMS.c.day >= span.first, SEARCH_TERMS.c.day <= span.last)
    sums = select(SEARCH_TERMS.c.term, func.sum(SEARCH_TERMS.c.count).label("searches"), func.max(SEARCH_TERMS.c.day).label("day"))
    totals = sums.where(*within).group_by(SEARCH_TERMS.c.term).subquery("totals")
    # One row for each term and day, so that the join finds the last day's alone.
    joined = totals.join(SEARCH_TERMS, (SEARCH_TERMS.c.term == totals.c.term) & (SEARCH_TERMS.c.day == totals.c.day))
    statement = select(totals.c.term, totals.c.searches, SEARCH_TERMS.c.results, totals.c.day).select_from(joined)
    rows = session.execute(statement.where(SEARCH_TERMS.c.shop_id == shop).order_by(totals.c.searches.desc(), totals.c.term))
    return [
        SearchTerm(
            term=Untrusted(term, source="search", record=f"search on {date.fromordinal(day).isoformat()}"), searches=int(searches), results=results,
            last_searched=date.fromordinal(day),
        )
        for term, searches, results, day in rows
    ]  # fmt: skip

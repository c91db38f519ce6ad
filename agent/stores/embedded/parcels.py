"""The tracking numbers and carriers of an order's parcels, added or put right after they were sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from agent.errors import StoreRefused
from agent.stores.embedded.desk import Desk
from agent.stores.embedded.schema import FULFILMENTS, ORDERS

LONGEST = 500
MOST = 100


def tracking_of(desk: Desk, order: int) -> list[str]:
    """The numbers, in the order the parcels went out."""
    return [row["tracking"] for row in _parcels(desk, order) if row["tracking"] is not None]


def put_tracking(desk: Desk, order: int, value: Any) -> None:
    """Each number takes the place of the one that stood there; one more is the next parcel's without a number, else a parcel of its own.

    Raises:
        StoreRefused: These are no numbers, or nothing of the order has been sent.
    """
    if not isinstance(value, list | tuple) or len(value) > MOST or len(set(value)) < len(value) or not all(_is_line(one) and one for one in value):
        raise StoreRefused("Tracking numbers are a list of different numbers, each on one line.")
    if desk.session.execute(select(ORDERS.c.fulfilment).where(ORDERS.c.id == order)).scalar_one() == "unfulfilled":
        raise StoreRefused("Nothing of this order has been sent, so it has no tracking number.")
    parcels = _parcels(desk, order)
    tracked = [n for n, row in enumerate(parcels) if row["tracking"] is not None]
    after = parcels[tracked[-1] + 1 if tracked else 0 :]  # what comes before would change the order of the numbers
    for place, number in zip([parcels[n] for n in tracked] + after, value, strict=False):
        _write(desk, place, number)
    for place in [parcels[n] for n in tracked[len(value) :]]:
        _write(desk, place, None)
    for number in value[len(tracked) + len(after) :]:
        _add(desk, order, number)


def carrier_of(desk: Desk, order: int, number: str) -> str:
    """Who carries the parcel with this number; empty where that is not known, or there is none such."""
    return next((row["carrier"] for row in _parcels(desk, order) if row["tracking"] == number), "")


def put_carrier(desk: Desk, order: int, number: str, value: Any) -> None:
    """
    Raises:
        StoreRefused: It is not one line of text, or no parcel has the number.
    """
    if not _is_line(value):
        raise StoreRefused(f"A carrier is one line of at most {LONGEST} characters.")
    place = next((row for row in _parcels(desk, order) if row["tracking"] == number), None)
    if place is None:
        raise StoreRefused("No parcel of this order has that tracking number.")
    desk.session.execute(update(FULFILMENTS).where(FULFILMENTS.c.id == place["id"]).values(carrier=value))


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and value.isprintable()


def _parcels(desk: Desk, order: int) -> list[RowMapping]:
    mine = (FULFILMENTS.c.shop_id == desk.key, FULFILMENTS.c.order_id == order)
    return list(desk.session.execute(select(FULFILMENTS).where(*mine).order_by(FULFILMENTS.c.ordinal)).mappings())


def _write(desk: Desk, place: RowMapping, number: str | None) -> None:
    desk.session.execute(update(FULFILMENTS).where(FULFILMENTS.c.id == place["id"]).values(tracking=number))


def _add(desk: Desk, order: int, number: str) -> None:
    """A parcel of which it is not known what it held: the order came from elsewhere, or went out in more parcels than were told."""
    ordinal = max((row["ordinal"] for row in _parcels(desk, order)), default=-1) + 1
    parcel = {"shop_id": desk.key, "order_id": order, "ordinal": ordinal, "at": desk.now, "carrier": "", "tracking": number}
    desk.session.execute(insert(FULFILMENTS).values(parcel))

"""Records with their moments in the shop's time zone: the day of an order is the day on which it was placed there, not in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from agent.sdk.goods import Discount, Product
from agent.sdk.orders import DraftOrder, Order
from agent.sdk.people import Customer, Message, Review

Record = TypeVar("Record", Product, Customer, Order, Review, Message, Discount, DraftOrder)
_MOMENTS: Mapping[type, tuple[str, ...]] = {
    Product: ("created_at",), Customer: ("first_order_at", "last_order_at"), Order: ("placed_at", "cancelled_at"), Review: ("written_at",),
    Message: ("at",), Discount: ("starts_at", "ends_at"), DraftOrder: ("created_at",),
}  # fmt: skip


def in_zone(record: Record, zone: ZoneInfo) -> Record:
    moments: dict[str, Any] = {name: at.astimezone(zone) for name in _MOMENTS[type(record)] if (at := getattr(record, name)) is not None}
    return replace(record, **moments)

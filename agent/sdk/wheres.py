"""What lists of records are narrowed to; all that is set must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agent.sdk.refs import Between, Money, Period


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerWhere:
    """Conditions on customers; all that is set must hold. Spend and orders are over `period` where given, else over all time."""

    ids: Sequence[str] | None = None
    spent: Between[Money] | None = None
    orders: Between[int] | None = None
    period: Period | None = None
    last_order: Period | None = None
    first_order: Period | None = None
    no_order_since: datetime | None = None
    countries: Sequence[str] | None = None
    cities: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    bought: Sequence[str] | None = None
    """Product ids of which at least one was bought (within `period`, if given)."""
    not_bought: Sequence[str] | None = None
    """Product ids of which none was ever bought, or none since `not_bought_since`."""
    not_bought_since: datetime | None = None
    discount_codes: Sequence[str] | None = None
    """Those who ordered with one of these codes (within `period`, if given), in any case."""
    refunded: bool | None = None
    """Only those who were given something back (within `period`, if given), or only the others."""
    not_countries: Sequence[str] | None = None
    """Left out; who has no address lives in none of them."""
    not_cities: Sequence[str] | None = None
    not_tags: Sequence[str] | None = None
    """Left out are those who bear one of these tags."""
    accepts_marketing: bool | None = None
    sort: Literal["spent", "orders", "recent", "name"] = "spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWhere:
    """Conditions on orders; all that is set must hold."""

    ids: Sequence[str] | None = None
    numbers: Sequence[str] | None = None
    customers: Sequence[str] | None = None
    products: Sequence[str] | None = None
    placed: Period | None = None
    total: Between[Money] | None = None
    payment: Sequence[str] | None = None
    fulfilment: Sequence[str] | None = None
    countries: Sequence[str] | None = None
    cities: Sequence[str] | None = None
    channels: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    discount_codes: Sequence[str] | None = None
    """Orders placed with one of these codes, in any case."""
    not_countries: Sequence[str] | None = None
    """Left out; an order without an address goes to none of them."""
    not_cities: Sequence[str] | None = None
    not_tags: Sequence[str] | None = None
    """Left out are those that bear one of these tags."""
    cancelled: bool | None = None
    """Only cancelled ones, or only those that are not."""
    sort: Literal["recent", "oldest", "total"] = "recent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewWhere:
    ids: Sequence[str] | None = None
    customers: Sequence[str] | None = None
    """Who wrote them, by account or, where there is none, by full name."""
    products: Sequence[str] | None = None
    written: Period | None = None
    rating: Between[int] | None = None
    status: Sequence[str] | None = None
    text: str | None = None
    """Reviews whose title or body has this word or phrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageWhere:
    """Conditions on messages; all that is set must hold."""

    ids: Sequence[str] | None = None
    customers: Sequence[str] | None = None
    orders: Sequence[str] | None = None
    threads: Sequence[str] | None = None
    direction: Literal["in", "out", "draft"] | None = None
    answered: bool | None = None
    received: Period | None = None
    text: str | None = None
    """Messages whose subject or body has this word or phrase."""

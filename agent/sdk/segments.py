"""A segment: customers by conditions, typed, and as Shopify's segment syntax writes them."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from agent.sdk.refs import Between, Money, Period
from agent.sdk.rules import listed, range_said
from agent.sdk.store import Clock
from agent.sdk.wheres import CustomerWhere


class SegmentQuery(BaseModel):
    """All that is set must hold. Days count back from when the question is asked, so a segment moves with time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    spent: Between[Money] | None = None
    orders: Between[int] | None = None
    ordered_within_days: int | None = Field(default=None, ge=1, le=3_650)
    """At least one order in the last so many days."""
    no_order_for_days: int | None = Field(default=None, ge=1, le=3_650)
    first_order_within_days: int | None = Field(default=None, ge=1, le=3_650)
    """Those who are new: nothing before."""
    countries: list[str] = Field(default_factory=list)
    """ISO 3166 codes."""
    cities: list[str] = Field(default_factory=list)
    tags: list[str] = Field(default_factory=list)
    """One of these."""
    bought: dict[str, str] = Field(default_factory=dict)
    """Product id to its title; one of these was bought."""
    not_countries: list[str] = Field(default_factory=list)
    not_cities: list[str] = Field(default_factory=list)
    not_tags: list[str] = Field(default_factory=list)
    """None of these."""
    not_bought: dict[str, str] = Field(default_factory=dict)
    accepts_marketing: bool | None = None

    def where(self, clock: Clock) -> CustomerWhere:
        now = clock.now()
        recent = None if self.ordered_within_days is None else _last(now, self.ordered_within_days)
        return CustomerWhere(
            spent=self.spent, orders=self.orders, last_order=recent,
            no_order_since=None if self.no_order_for_days is None else _ago(now, self.no_order_for_days),
            countries=self.countries or None, cities=self.cities or None, tags=self.tags or None, bought=list(self.bought) or None,
            first_order=None if self.first_order_within_days is None else _last(now, self.first_order_within_days),
            not_countries=self.not_countries or None, not_cities=self.not_cities or None, not_tags=self.not_tags or None,
            not_bought=list(self.not_bought) or None, accepts_marketing=self.accepts_marketing,
        )  # fmt: skip

    @property
    def empty(self) -> bool:
        return self == SegmentQuery()

    def __str__(self) -> str:
        said = [
            f"spent {range_said(self.spent)}" if self.spent else "",
            f"placed {range_said(self.orders)} orders" if self.orders else "",
            f"ordered in the last {self.ordered_within_days} days" if self.ordered_within_days else "",
            f"did not order for {self.no_order_for_days} days" if self.no_order_for_days else "",
            f"live in {listed([*self.countries, *self.cities])}" if self.countries or self.cities else "",
            f"are tagged {listed(self.tags)}" if self.tags else "",
            f"bought {_titles(self.bought)}" if self.bought else "",
            f"never bought {_titles(self.not_bought)}" if self.not_bought else "",
            f"ordered first in the last {self.first_order_within_days} days" if self.first_order_within_days else "",
            f"do not live in {listed([*self.not_countries, *self.not_cities])}" if self.not_countries or self.not_cities else "",
            f"are not tagged {listed(self.not_tags)}" if self.not_tags else "",
            "" if self.accepts_marketing is None else "accept marketing" if self.accepts_marketing else "do not accept marketing",
        ]
        return "customers who " + listed([phrase for phrase in said if phrase], "and")

    def shopify(self) -> str:
        """The same in Shopify's segment query language.

        Source: https://shopify.dev/docs/api/shopifyql/segment-query-language-reference (attributes amount_spent, number_of_orders,
        last_order_date, first_order_date, customer_countries, customer_cities, customer_tags, products_purchased, email_subscription_status).
        """
        parts = [
            *_between("amount_spent", self.spent), *_between("number_of_orders", self.orders),
            *([f"last_order_date >= -{self.ordered_within_days}d"] if self.ordered_within_days else []),
            *([f"(last_order_date < -{self.no_order_for_days}d OR last_order_date IS NULL)"] if self.no_order_for_days else []),
            *_contains("customer_countries", self.countries), *_contains("customer_cities", self.cities),
            *([f"first_order_date >= -{self.first_order_within_days}d"] if self.first_order_within_days else []),
            *_contains("customer_tags", self.tags), *_purchased(self.bought, "true"), *_purchased(self.not_bought, "false"),
            *_lacks("customer_countries", self.not_countries), *_lacks("customer_cities", self.not_cities),
            *_lacks("customer_tags", self.not_tags),
        ]  # fmt: skip
        if self.accepts_marketing is not None:
            parts.append(f"email_subscription_status {'=' if self.accepts_marketing else '!='} 'SUBSCRIBED'")
        return " AND ".join(parts)


def _purchased(products: dict[str, str], so: str) -> list[str]:
    ids = ", ".join(_digits(id) for id in products)
    return [f"products_purchased(id: ({ids})) = {so}"] if products else []


def _titles(products: dict[str, str]) -> str:
    """All of a few, the first of many."""
    titles = list(products.values())
    return listed(titles) if len(titles) <= NAMED else f"one of {len(titles)} products, such as {listed(titles[:NAMED])}"


NAMED = 5
"""Products of a segment that are named one by one."""


def _last(now: datetime, days: int) -> Period:
    return Period(start=_ago(now, days), end=now + timedelta(days=1))


def _ago(now: datetime, days: int) -> datetime:
    return (now - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)


def _between(name: str, between: Between[Money] | Between[int] | None) -> list[str]:
    if between is None:
        return []
    signs = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}
    bounds = {field: getattr(between, field) for field in signs if getattr(between, field) is not None}
    return [f"{name} {signs[field]} {bound.amount if isinstance(bound, Money) else bound}" for field, bound in bounds.items()]


def _contains(name: str, values: list[str]) -> list[str]:
    one = [f"{name} CONTAINS {_quoted(value)}" for value in values]
    return [one[0] if len(one) == 1 else f"({' OR '.join(one)})"] if one else []


def _lacks(name: str, values: list[str]) -> list[str]:
    return [f"{name} NOT CONTAINS {_quoted(value)}" for value in values]


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _digits(id: str) -> str:
    return "".join(letter for letter in id if letter.isdigit()) or "0"

"""Something that happened in the shop, with the records it is about: what a rule is held against, live and when it is tried on the past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.sdk.gather import among, every
from agent.sdk.goods import Product
from agent.sdk.orders import Order
from agent.sdk.people import Customer, Message, Review
from agent.sdk.refs import Period, Selection
from agent.sdk.results import Change, Target, TargetKind
from agent.sdk.rules import Act, Condition, On, Rule
from agent.sdk.store import Clock, Store
from agent.sdk.wheres import MessageWhere, OrderWhere, ReviewWhere

TRIED_DAYS = 30
"""How far back a rule is tried before it is approved."""
TRIED_MOST = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    on: On
    event: str
    """What makes it one: "order_placed:o_17". The same event again is the same happening."""
    about: str
    """For people: "order #1042"."""
    at: datetime | None
    """When, where the shop tells."""
    order: Order | None = None
    customer: Customer | None = None
    products: Sequence[Product] = ()
    review: Review | None = None
    message: Message | None = None

    @property
    def subjects(self) -> dict[str, str]:
        """Kind of record to id, for those there is one of."""
        found = {"order": self.order, "customer": self.customer, "review": self.review, "message": self.message}
        ids = {kind: record.id for kind, record in found.items() if record is not None}
        return ids | ({"product": self.products[0].id} if len(self.products) == 1 else {})


def meets(happening: Happening, only: Condition) -> bool:
    """Whether every condition holds. One that asks for what is not there (the customer of a guest's order) does not."""
    order, customer = happening.order, happening.customer
    checks: tuple[tuple[object, Callable[[], bool]], ...] = (
        (only.order_total, lambda: order is not None and among(order.total, only.order_total)),
        (only.units, lambda: order is not None and among(_units(order), only.units)),
        (only.customer_tags, lambda: customer is not None and _shares(only.customer_tags, customer.tags)),
        (only.customer_orders, lambda: customer is not None and among(customer.orders, only.customer_orders)),
        (only.countries, lambda: _country(happening) in {code.upper() for code in only.countries}),
        (_asks_for_goods(only), lambda: any(_fits(product, only) for product in happening.products)),
        (only.stars, lambda: happening.review is not None and among(happening.review.rating, only.stars)),
        (only.words, lambda: any(word.casefold() in _said(happening) for word in only.words)),
    )
    return all(not asked or holds() for asked, holds in checks)


def changes_of(act: Act, happening: Happening, only: Condition) -> list[Change]:
    """What the action would change of the records as they are now; nothing where they are so already, or for an action that changes none.

    Goods of an order are those that met the conditions.
    """
    match act.do:
        case "tag" | "untag":
            records: Iterable[Order | Customer | Product | None] = (
                [happening.order] if act.to == "order" else [happening.customer] if act.to == "customer" else _goods(happening, only)
            )
            return [c for record in records if record is not None for c in _tagged(act, record)]
        case "hide" | "publish" if act.to == "product":
            return [c for product in _goods(happening, only) for c in product.set(status="active" if act.do == "publish" else "draft")]
        case "hide" | "publish" if happening.review is not None:
            return happening.review.set(status="published" if act.do == "publish" else "hidden")
    return []


def _tagged(act: Act, record: Order | Customer | Product) -> list[Change]:
    given = {tag.casefold() for tag in act.tags}
    kept = [tag for tag in record.tags if act.do == "tag" or tag.casefold() not in given]
    known = {tag.casefold() for tag in kept}
    tags = kept + ([tag for tag in act.tags if tag.casefold() not in known] if act.do == "tag" else [])
    kind: TargetKind = "order" if isinstance(record, Order) else "customer" if isinstance(record, Customer) else "product"
    before = list(record.tags)
    return [Change.set(Target(kind, record.id, record.label), "tags", before=before, after=tags)] if tags != before else []


def _goods(happening: Happening, only: Condition) -> list[Product]:
    return [product for product in happening.products if not _asks_for_goods(only) or _fits(product, only)]


def _asks_for_goods(only: Condition) -> bool:
    return bool(only.products or only.collections or only.product_tags or only.product_types or only.vendors)


def _fits(product: Product, only: Condition) -> bool:
    return (
        (not only.products or product.id in only.products)
        and (not only.collections or _shares(only.collections, product.collections))
        and (not only.product_tags or _shares(only.product_tags, product.tags))
        and (not only.product_types or _shares(only.product_types, [product.product_type]))
        and (not only.vendors or _shares(only.vendors, [product.vendor]))
    )


def _shares(wanted: Sequence[str], there: Sequence[str]) -> bool:
    return not {word.casefold() for word in wanted}.isdisjoint(word.casefold() for word in there)


def _units(order: Order) -> int:
    return sum(line.quantity for line in order.lines if line.kind == "product")


def _country(happening: Happening) -> str | None:
    address = happening.order.shipping_address if happening.order is not None else None
    address = address or (happening.customer.address if happening.customer is not None else None)
    return address.country if address is not None else None


def _said(happening: Happening) -> str:
    """What a customer wrote; compared with words, and used for nothing else."""
    if happening.review is not None:
        return f"{happening.review.title.value}\n{happening.review.body.value}".casefold()
    if happening.message is not None:
        return f"{happening.message.subject.value}\n{happening.message.body.value}".casefold()
    return ""


# From records to happenings


async def of_orders(on: On, orders: Sequence[Order], store: Store, *, events: Sequence[str] | None = None) -> list[Happening]:
    """
    Args:
        events: Names of the events where an order may have several (refunds); the order's own id else.
    """
    customers = {c.id: c for c in await _every_customer(store, [o.customer_id for o in orders])}
    ids = dict.fromkeys(line.product_id for o in orders for line in o.lines if line.product_id is not None)
    products = {p.id: p for p in await every(store.products, Selection[Product](ids=tuple(ids)))} if ids else {}
    found = []
    for n, order in enumerate(orders):
        goods = dict.fromkeys(line.product_id for line in order.lines if line.product_id is not None)
        found.append(
            Happening(
                on=on,
                event=events[n] if events else f"{on}:{order.id}",
                about=f"order {order.number}",
                order=order,
                at=order.placed_at if on == "order_placed" else None,
                customer=customers.get(order.customer_id or ""),
                products=tuple(products[id] for id in goods if id in products),
            )  # fmt: skip
        )
    return found


async def of_reviews(reviews: Sequence[Review], store: Store) -> list[Happening]:
    ids = tuple(dict.fromkeys(r.product_id for r in reviews))
    products = {p.id: p for p in await every(store.products, Selection[Product](ids=ids))} if ids else {}
    return [
        Happening(
            on="review_received",
            event=f"review_received:{r.id}",
            about=f"the {r.rating}-star review of {r.product_title}",
            at=r.written_at,
            review=r,
            products=(products[r.product_id],) if r.product_id in products else (),
        )  # fmt: skip
        for r in reviews
    ]


async def of_messages(messages: Sequence[Message], store: Store) -> list[Happening]:
    customers = {c.id: c for c in await _every_customer(store, [m.customer_id for m in messages])}
    return [
        Happening(
            on="message_received",
            event=f"message_received:{m.id}",
            about=f"the {m.label}",
            at=m.at,
            message=m,
            customer=customers.get(m.customer_id or ""),
        )  # fmt: skip
        for m in messages
    ]


def of_customers(customers: Sequence[Customer]) -> list[Happening]:
    return [Happening(on="new_customer", event=f"new_customer:{c.id}", about=f"customer {c.name}", at=None, customer=c) for c in customers]


def of_product(on: On, product: Product, *, event: str, about: str | None = None) -> Happening:
    return Happening(on=on, event=event, about=about or product.title, at=None, products=(product,))


def of_time(due: datetime) -> Happening:
    return Happening(on="time", event=f"time:{due.isoformat()}", about=f"{due:%Y-%m-%d %H:%M} UTC", at=due)


async def _every_customer(store: Store, ids: Sequence[str | None]) -> list[Customer]:
    known = tuple(dict.fromkeys(id for id in ids if id is not None))
    return await every(store.customers, Selection[Customer](ids=known)) if known else []


# Trying a rule on the past


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a rule would have done."""

    fired: Sequence[Happening]
    seen: int
    """How many things happened that it could have fired for."""
    doubt: str = ""
    """What the shop does not keep, so that the count is not the whole truth; empty when it is."""


async def tried(rule: Rule, store: Store, clock: Clock, *, days: int = TRIED_DAYS) -> Tried:
    """Every time the rule would have fired in the last `days` days, the newest first."""
    now = clock.now()
    period = Period(start=now - timedelta(days=days), end=now, label=f"the last {days} days")
    if rule.when.rhythm is not None:
        times = []
        for at in rule.when.rhythm.from_(period.start, store.shop.time_zone):
            if at >= now:
                break
            times.append(of_time(at))
        return Tried(fired=times[::-1], seen=len(times))
    happenings, doubt = await _past(rule.when.on, rule.when.stock, period, store)
    return Tried(fired=[h for h in happenings if meets(h, rule.only)], seen=len(happenings), doubt=doubt)


async def _past(on: On, stock: int | None, period: Period, store: Store) -> tuple[list[Happening], str]:
    match on:
        case "order_placed":
            return await of_orders(on, await every(store.orders, OrderWhere(placed=period), most=TRIED_MOST), store), ""
        case "order_paid" | "order_fulfilled" | "order_refunded":
            where = {
                "order_paid": OrderWhere(placed=period, payment=["paid", "partially_refunded", "refunded"]),
                "order_fulfilled": OrderWhere(placed=period, fulfilment=["fulfilled"]),
                "order_refunded": OrderWhere(placed=period, payment=["partially_refunded", "refunded"]),
            }[on]
            doubt = f"counted by when the orders were placed: the shop does not tell when each was {on.removeprefix('order_')}"
            return await of_orders(on, await every(store.orders, where, most=TRIED_MOST), store), doubt
        case "review_received":
            return await of_reviews(await every(store.reviews, ReviewWhere(written=period), most=TRIED_MOST), store), ""
        case "message_received":
            found = await every(store.messages, MessageWhere(received=period, direction="in"), most=TRIED_MOST)
            return await of_messages(found, store), ""
        case "new_customer":
            customers = await every(store.customers)
            new = [c for c in customers if c.first_order_at is not None and period.start <= c.first_order_at < period.end]
            return of_customers(new), "counted by their first order"
    return await _levels(on, stock, store), "stock has no history, so these are the products for which it holds now"


async def _levels(on: On, stock: int | None, store: Store) -> list[Happening]:
    found = []
    for product in await every(store.products):
        counted = [v for v in product.variants if v.tracked]
        if on == "stock_below" and stock is not None:
            low = [v for v in counted if v.on_hand < stock]
            found += [of_product(on, product, event=f"{on}:{v.id}", about=f"{v.label}, {v.on_hand} left") for v in low]
        elif on == "sold_out" and counted and all(v.on_hand <= 0 for v in counted):
            found.append(of_product(on, product, event=f"{on}:{product.id}"))
    return found

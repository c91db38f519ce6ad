"""Orders with their lines, refunds, tracking and tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, case, func, not_, or_, select
from sqlalchemy.orm import Session

from agent.sdk.orders import Order as OrderRecord
from agent.sdk.orders import OrderLine
from agent.sdk.people import Address
from agent.sdk.refs import Money, Selection
from agent.sdk.store import Page
from agent.sdk.untrusted import Untrusted
from agent.sdk.wheres import OrderWhere
from agent.stores.embedded.cursors import Order, beyond, cursor_after, page_size, place_in, sorted_by
from agent.stores.embedded.ids import among, keys_of, public
from agent.stores.embedded.ranges import minor_range
from agent.stores.embedded.schema import CUSTOMERS, FULFILMENT_LINES, FULFILMENTS, LINES, ORDERS, REFUND_LINES, REFUNDS, SALES, SHOPS
from agent.stores.embedded.spans import span_of
from agent.stores.embedded.tags import has_tags, tags_of
from agent.stores.embedded.words import same_word


def orders(
    session: Session, shop: int, currency: str, zone: ZoneInfo, where: OrderWhere | Selection[OrderRecord] | None, *, limit: int, cursor: str | None
) -> Page[OrderRecord]:
    """As `where` sorts them; of a selection, in its order."""
    size = page_size(limit)
    if isinstance(where, Selection):
        return _selected(session, shop, currency, where.ids, limit=size, cursor=cursor)
    where = where or OrderWhere()
    order, listing = _order(where), f"orders by {where.sort}"
    statement = _with_names().where(*_conditions(shop, currency, zone, where))
    if cursor:
        statement = statement.where(beyond(order, place_in(cursor, listing, 2)))
    rows = session.execute(statement.order_by(*sorted_by(order)).limit(size + 1)).mappings().all()
    more = cursor_after(listing, [rows[size - 1][column] for column, _ in order]) if len(rows) > size else None
    return Page(_made(session, shop, currency, rows[:size]), more)


def count_orders(session: Session, shop: int, currency: str, zone: ZoneInfo, where: OrderWhere | None) -> int:
    statement = select(func.count()).select_from(ORDERS).where(*_conditions(shop, currency, zone, where or OrderWhere()))
    return session.execute(statement).scalar_one()


def bare_number(number: str) -> str:
    """ "#1042" and "1042" are the same order."""
    return number.strip().lstrip("#").strip()


def same_number(numbers: Iterable[str]) -> ColumnElement[bool]:
    bare = {bare_number(number) for number in numbers}
    return ORDERS.c.number.in_(sorted(bare | {f"#{number}" for number in bare}))


def _order(where: OrderWhere) -> Order:
    match where.sort:
        case "recent":
            return (ORDERS.c.placed_at, "down"), (ORDERS.c.id, "down")
        case "oldest":
            return (ORDERS.c.placed_at, "up"), (ORDERS.c.id, "up")
        case "total":
            return (ORDERS.c.total_minor, "down"), (ORDERS.c.id, "down")


def _with_names() -> Any:
    return select(ORDERS, CUSTOMERS.c.name.label("customer_name")).outerjoin(CUSTOMERS, CUSTOMERS.c.id == ORDERS.c.customer_id)


def _conditions(shop: int, currency: str, zone: ZoneInfo, where: OrderWhere) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [ORDERS.c.shop_id == shop]
    if where.ids is not None:
        conditions.append(among(ORDERS.c.id, keys_of("order", where.ids)))
    if where.numbers is not None:
        conditions.append(same_number(where.numbers))
    if where.customers is not None:
        conditions.append(among(ORDERS.c.customer_id, keys_of("customer", where.customers)))
    if where.products is not None:
        conditions.append(ORDERS.c.id.in_(_holding(shop, where.products)))
    if where.placed is not None:
        span = span_of(where.placed, zone)
        conditions.append(ORDERS.c.day.between(span.first, span.last))
        conditions += [ORDERS.c.placed_at >= span.since] if span.since else []
        conditions += [ORDERS.c.placed_at < span.before] if span.before else []
    if where.total is not None:
        conditions += minor_range(ORDERS.c.total_minor, where.total, currency)
    for column, wanted in ((ORDERS.c.payment, where.payment), (ORDERS.c.fulfilment, where.fulfilment)):
        if wanted is not None:
            conditions.append(column.in_(list(wanted)))
    if where.countries is not None:
        conditions.append(ORDERS.c.country.in_([c.upper() for c in where.countries]))
    for column, words in ((ORDERS.c.city, where.cities), (ORDERS.c.channel, where.channels)):
        if words is not None:
            conditions.append(same_word(column, words))
    if where.not_countries:
        conditions.append(or_(ORDERS.c.country.is_(None), ORDERS.c.country.not_in([c.upper() for c in where.not_countries])))
    if where.not_cities:
        conditions.append(or_(ORDERS.c.city.is_(None), not_(same_word(ORDERS.c.city, where.not_cities))))
    if where.tags:
        conditions.append(has_tags(shop, "order", ORDERS.c.id, where.tags))
    conditions += [not_(has_tags(shop, "order", ORDERS.c.id, [tag])) for tag in where.not_tags or ()]
    if where.discount_codes is not None:
        conditions.append(ORDERS.c.discount_code.in_([code.strip().upper() for code in where.discount_codes]))
    if where.cancelled is not None:
        conditions.append(ORDERS.c.cancelled_at.is_not(None) if where.cancelled else ORDERS.c.cancelled_at.is_(None))
    return conditions


def _holding(shop: int, products: Sequence[str]) -> Any:
    """Orders with one of these products, cancelled ones too: those have no row in the ledger of sales."""
    keys = keys_of("product", products)
    sold = select(SALES.c.order_id).where(SALES.c.shop_id == shop, among(SALES.c.product_id, keys), SALES.c.refund_id.is_(None))
    unsold = select(ORDERS.c.id).where(ORDERS.c.shop_id == shop, ORDERS.c.cancelled_at.is_not(None))
    cancelled = select(LINES.c.order_id).where(LINES.c.shop_id == shop, LINES.c.order_id.in_(unsold), among(LINES.c.product_id, keys))
    return sold.union_all(cancelled)


def _selected(session: Session, shop: int, currency: str, ids: Sequence[str], *, limit: int, cursor: str | None) -> Page[OrderRecord]:
    keys = keys_of("order", ids)
    start = int(place_in(cursor, "selected orders", 1)[0]) if cursor else 0
    some = keys[start : start + limit]
    rows = session.execute(_with_names().where(ORDERS.c.shop_id == shop, among(ORDERS.c.id, some))).mappings().all()
    by_key = {row["id"]: row for row in rows}
    more = cursor_after("selected orders", (start + limit,)) if start + limit < len(keys) else None
    return Page(_made(session, shop, currency, [by_key[key] for key in some if key in by_key]), more)


def _made(session: Session, shop: int, currency: str, rows: Sequence[RowMapping]) -> list[OrderRecord]:
    keys = [row["id"] for row in rows]
    sent = frozenset(row["id"] for row in rows if row["fulfilment"] == "fulfilled")
    lines, postage = _lines(session, shop, currency, keys, sent), _postage_back(session, shop, keys)
    tracking: dict[int, dict[str, str]] = defaultdict(dict)
    parcels = select(FULFILMENTS.c.order_id, FULFILMENTS.c.tracking, FULFILMENTS.c.carrier).where(
        FULFILMENTS.c.shop_id == shop, among(FULFILMENTS.c.order_id, keys), FULFILMENTS.c.tracking.is_not(None)
    )
    for key, number, carrier in session.execute(parcels.order_by(FULFILMENTS.c.order_id, FULFILMENTS.c.ordinal)):
        tracking[key][number] = carrier
    tags = tags_of(session, shop, "order", keys)
    return [_order_made(row, currency, lines[row["id"]], tracking[row["id"]], tags.get(row["id"], ()), postage.get(row["id"], 0)) for row in rows]


def selected(session: Session, shop: int, currency: str, key: int) -> OrderRecord:
    """One order that is there."""
    return _made(session, shop, currency, session.execute(_with_names().where(ORDERS.c.shop_id == shop, ORDERS.c.id == key)).mappings().all())[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """What became of lines, by line."""

    units_back: Mapping[int, int] = field(default_factory=dict)
    money_back: Mapping[int, int] = field(default_factory=dict)
    sent: Mapping[int, int] = field(default_factory=dict)


def _moved(session: Session, own: Sequence[ColumnElement[bool]]) -> _Moved:
    lines, parcels, ids = REFUND_LINES.c, FULFILMENT_LINES.c, select(LINES.c.id).where(*own)
    back = select(lines.order_line_id, func.sum(lines.quantity), func.sum(lines.amount_minor + lines.tax_minor)).group_by(lines.order_line_id)
    returned = session.execute(back.where(lines.order_line_id.in_(ids))).all()
    sent = select(parcels.order_line_id, func.sum(parcels.quantity)).group_by(parcels.order_line_id).where(parcels.order_line_id.in_(ids))
    return _Moved(
        units_back={id: int(units) for id, units, _ in returned}, money_back={id: int(money) for id, _, money in returned},
        sent={id: int(units) for id, units in session.execute(sent)},
    )  # fmt: skip


def _lines(session: Session, shop: int, currency: str, keys: Sequence[int], all_sent: frozenset[int]) -> dict[int, list[OrderLine]]:
    own = (LINES.c.shop_id == shop, among(LINES.c.order_id, keys))  # the index begins with the shop
    includes_tax = session.execute(select(SHOPS.c.prices_include_tax).where(SHOPS.c.id == shop)).scalar_one()
    moved = _moved(session, own)
    found: dict[int, list[OrderLine]] = defaultdict(list)
    statement = select(LINES).where(*own).order_by(LINES.c.order_id, LINES.c.ordinal)
    for row in session.execute(statement).mappings():
        quoted = row["quantity"] * row["price_minor"] - row["discount_minor"]
        line = OrderLine(
            id=public("line", row["id"]), kind=row["kind"], product_id=row["product_id"] and public("product", row["product_id"]),
            variant_id=row["variant_id"] and public("variant", row["variant_id"]), title=row["title"], quantity=row["quantity"],
            price=Money.from_minor(row["price_minor"], currency), discount=Money.from_minor(row["discount_minor"], currency),
            refunded_quantity=moved.units_back.get(row["id"], 0),
            paid=Money.from_minor(quoted + (0 if includes_tax else row["tax_minor"]), currency),
            refunded=Money.from_minor(moved.money_back.get(row["id"], 0), currency),
            sent_quantity=row["quantity"] if row["order_id"] in all_sent else moved.sent.get(row["id"], 0),
        )  # fmt: skip
        found[row["order_id"]].append(line)
    return found


def _postage_back(session: Session, shop: int, keys: Sequence[int]) -> dict[int, int]:
    """Postage given back with its tax, by order: as a sum of a refund, or as one of its lines."""
    lines = REFUND_LINES.c
    of_lines = func.sum(case((lines.kind == "shipping", lines.amount_minor + lines.tax_minor), else_=0))
    in_lines = select(lines.refund_id, of_lines.label("back")).where(lines.shop_id == shop).group_by(lines.refund_id)
    own = (REFUNDS.c.shop_id == shop, among(REFUNDS.c.order_id, keys))
    mine = in_lines.where(lines.refund_id.in_(select(REFUNDS.c.id).where(*own))).subquery()
    back = REFUNDS.c.shipping_minor + REFUNDS.c.shipping_tax_minor + func.coalesce(mine.c.back, 0)
    statement = select(REFUNDS.c.order_id, func.sum(back)).outerjoin(mine, mine.c.refund_id == REFUNDS.c.id).where(*own)
    return {order: int(minor) for order, minor in session.execute(statement.group_by(REFUNDS.c.order_id))}


def _address(row: RowMapping) -> Address | None:
    if row["country"] is None:
        return None
    return Address(**{name: row[name] for name in ("country", "region", "city", "postcode", "street", "recipient")})


def _order_made(
    row: RowMapping, currency: str, lines: Sequence[OrderLine], tracking: Mapping[str, str], tags: Sequence[str], postage_back: int
) -> OrderRecord:
    """Subtotal, discount and postage are quoted as the lines are; the total is what was charged."""
    nothing = Money.from_minor(0, currency)
    products = [line for line in lines if line.kind == "product"]
    quoted = sum((line.price * line.quantity for line in products), nothing)
    postage = sum((line.price * line.quantity - line.discount for line in lines if line.kind == "shipping"), nothing)
    id = public("order", row["id"])
    return OrderRecord(
        id=id, number=row["number"], placed_at=row["placed_at"], customer_id=row["customer_id"] and public("customer", row["customer_id"]),
        customer_name=row["customer_name"], channel=row["channel"],
        shipping_address=_address(row),
        payment=row["payment"], fulfilment=row["fulfilment"], tracking=tuple(tracking), carriers=tracking, lines=tuple(lines), subtotal=quoted,
        discount=sum((line.discount for line in products), nothing), shipping=postage,
        tax=Money.from_minor(row["tax_minor"], currency), total=Money.from_minor(row["total_minor"], currency),
        refunded=Money.from_minor(row["refunded_minor"], currency), cancelled_at=row["cancelled_at"],
        note=Untrusted(row["note"], source="order note", record=id) if row["note"] else None, tags=tags, version=str(row["version"]),
        postage_refunded=Money.from_minor(postage_back, currency), cancel_reason=row["cancel_reason"],
    )  # fmt: skip

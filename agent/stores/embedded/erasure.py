"""Taking a person out of the shop for good, in one transaction: the customer goes, what the accounts need stays without the person.

Which columns are personal is declared in `agent.db.retention`; what is done here to each table is what is declared there.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, or_, select, update

from agent.errors import NotFound, Stale, StoreRefused
from agent.records import codec
from agent.records.changes import Written
from agent.sdk.results import Action
from agent.stores.embedded.books import touch_catalogue
from agent.stores.embedded.desk import Desk
from agent.stores.embedded.discounts import without_customer
from agent.stores.embedded.ids import IdKind, among, key_of, public
from agent.stores.embedded.reviews import written_by
from agent.stores.embedded.schema import CUSTOMERS, DRAFT_ORDERS, FULFILMENTS, MESSAGES, ORDERS, REFUNDS, REVIEWS, SALES, TAGS, WRITES
from agent.stores.embedded.write import once

ERASE = "erase_customer"


def act(desk: Desk, action: Action, key: str) -> Written:
    """Erase the customer; `after` says which records were touched, so that what is remembered of them elsewhere can go as well.

    Raises:
        NotFound: The customer is gone already.
        Stale: There are other orders, messages or reviews by now than the merchant was shown.
        StoreRefused: It is not about a customer, or the key came with something else before.
    """
    if action.target.kind != "customer":
        raise StoreRefused("Only a customer can be erased.")
    return once(desk, key, action, lambda: _erased(desk, action))


def _erased(desk: Desk, action: Action) -> Written:
    key = _held(desk, action.target.id)
    orders = _keys(desk, ORDERS.c.id, ORDERS.c.customer_id == key)
    messages = _keys(desk, MESSAGES.c.id, MESSAGES.c.customer_id == key)
    reviews = _keys(desk, REVIEWS.c.id, written_by([action.target.id]))
    drafts = _keys(desk, DRAFT_ORDERS.c.id, DRAFT_ORDERS.c.customer_id == key)
    _as_shown(action, orders=len(orders), messages=len(messages), reviews=len(reviews))
    _strip_orders(desk, key, orders)
    # Also what the shop wrote about their orders: it greets them by name.
    desk.session.execute(
        delete(MESSAGES).where(MESSAGES.c.shop_id == desk.key, or_(among(MESSAGES.c.id, messages), among(MESSAGES.c.order_id, orders)))
    )
    wordless = {"customer_id": None, "author": "", "title": "", "body": "", "reply": ""}
    desk.session.execute(update(REVIEWS).where(REVIEWS.c.shop_id == desk.key, among(REVIEWS.c.id, reviews)).values(wordless))
    desk.session.execute(delete(DRAFT_ORDERS).where(DRAFT_ORDERS.c.shop_id == desk.key, among(DRAFT_ORDERS.c.id, drafts)))
    without_customer(desk.session, desk.key, key)
    desk.session.execute(delete(TAGS).where(TAGS.c.shop_id == desk.key, TAGS.c.kind == "customer", TAGS.c.record_id == key))
    desk.session.execute(delete(CUSTOMERS).where(CUSTOMERS.c.shop_id == desk.key, CUSTOMERS.c.id == key))
    touched = {"customer": [action.target.id], "order": _public("order", orders), "message": _public("message", messages)}
    touched |= {"review": _public("review", reviews), "draft_order": _public("draft_order", drafts)}
    _forget_writes(desk, {id for ids in touched.values() for id in ids})
    touch_catalogue(desk.session, desk.key)
    return Written(before=None, after=touched, target_id=action.target.id)


def _held(desk: Desk, id: str) -> int:
    """The customer's key, the row held until the transaction ends."""
    wanted = select(CUSTOMERS.c.id).where(CUSTOMERS.c.shop_id == desk.key, CUSTOMERS.c.id == key_of("customer", id))
    key = desk.session.execute(wanted.with_for_update()).scalar_one_or_none()
    if key is None:
        raise NotFound("customer")
    return int(key)


def _keys(desk: Desk, column: ColumnElement[int], condition: ColumnElement[bool]) -> list[int]:
    shop = column.table.c.shop_id
    return list(desk.session.execute(select(column).where(shop == desk.key, condition).order_by(column)).scalars())


def _as_shown(action: Action, **found: int) -> None:
    """What cannot be taken back is only done as it was shown."""
    for name, n in found.items():
        if action.params.get(name, n) != n:
            raise Stale(f"The {name} of this customer", expected=action.params[name], found=n)


def _strip_orders(desk: Desk, customer: int, orders: Sequence[int]) -> None:
    """Country and region stay: tax is owed by them. So does every figure."""
    place = {"customer_id": None, "city": None}
    gone = {**place, "postcode": None, "street": None, "recipient": None, "note": None, "cancel_reason": ""}
    mine = (ORDERS.c.shop_id == desk.key, among(ORDERS.c.id, orders))
    desk.session.execute(update(ORDERS).where(*mine).values(**gone, version=ORDERS.c.version + 1))
    for table in (REFUNDS, SALES):
        of_them = or_(table.c.customer_id == customer, among(table.c.order_id, orders))
        desk.session.execute(update(table).where(table.c.shop_id == desk.key, of_them).values(place | ({"reason": ""} if table is REFUNDS else {})))
    parcels = (FULFILMENTS.c.shop_id == desk.key, among(FULFILMENTS.c.order_id, orders))
    desk.session.execute(update(FULFILMENTS).where(*parcels).values(tracking=None))


def _forget_writes(desk: Desk, ids: set[str]) -> None:
    """Values that earlier writes to these records answered with. Their keys stay: the same write again is still the same write."""
    rows = desk.session.execute(select(WRITES.c.key, WRITES.c.outcome).where(WRITES.c.shop_id == desk.key)).all()
    for row in rows:
        if row.outcome.get("target_id") in ids:
            emptied = codec.to_json(Written(before=None, after=None, target_id=row.outcome["target_id"]))
            desk.session.execute(update(WRITES).where(WRITES.c.shop_id == desk.key, WRITES.c.key == row.key).values(outcome=emptied))


def _public(kind: IdKind, keys: Sequence[int]) -> list[str]:
    return [public(kind, key) for key in keys]

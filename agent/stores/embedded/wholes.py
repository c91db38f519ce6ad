"""Records that are made and deleted whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from agent.stores.embedded.books import touch_catalogue
from agent.stores.embedded.collections import collection_fields, delete_collection, make_collection
from agent.stores.embedded.desk import Desk
from agent.stores.embedded.discounts import delete_discount, discount_fields, make_discount
from agent.stores.embedded.draft_orders import delete_draft_order, draft_order_fields, make_draft_order
from agent.stores.embedded.drafts import delete_draft, draft_fields, make_draft
from agent.stores.embedded.products import delete_product, make_product, product_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """How a kind of record is shown, made and deleted whole."""

    fields: Callable[[Desk, str], dict[str, Any] | None]
    """As `Change.create` takes them and `Change.delete` shows them; None when it is gone."""
    make: Callable[[Desk, Mapping[str, Any]], str]
    """Gives the new record's id."""
    delete: Callable[[Desk, str], None]
    names: bool = False
    """Merchants call records by it: making one moves the shop's vocabulary."""


def make(desk: Desk, kind: str, fields: Mapping[str, Any]) -> str:
    id = WHOLES[kind].make(desk, fields)
    if WHOLES[kind].names:
        touch_catalogue(desk.session, desk.key)
    return id


def remove(desk: Desk, kind: str, id: str) -> None:
    WHOLES[kind].delete(desk, id)
    if WHOLES[kind].names:
        touch_catalogue(desk.session, desk.key)


WHOLES: Mapping[str, Whole] = {
    "discount": Whole(
        fields=lambda desk, id: discount_fields(desk.session, desk.key, desk.shop.currency, id),
        make=lambda desk, fields: make_discount(
            desk.session, desk.key, desk.shop.currency, ZoneInfo(desk.shop.time_zone), desk.now, fields, coming=desk.coming
        ),
        delete=lambda desk, id: delete_discount(desk.session, desk.key, id),
    ),
    "message": Whole(
        fields=lambda desk, id: draft_fields(desk.session, desk.key, id),
        make=lambda desk, fields: make_draft(desk.session, desk.key, desk.now, fields),
        delete=lambda desk, id: delete_draft(desk.session, desk.key, id),
    ),
    "draft_order": Whole(
        fields=lambda desk, id: draft_order_fields(desk.session, desk.key, desk.shop.currency, id),
        make=lambda desk, fields: make_draft_order(desk.session, desk.key, desk.shop.currency, desk.now, fields),
        delete=lambda desk, id: delete_draft_order(desk.session, desk.key, id),
    ),
    "product": Whole(
        fields=lambda desk, id: product_fields(desk.session, desk.key, desk.shop.currency, id),
        make=lambda desk, fields: make_product(desk.session, desk.key, desk.shop, desk.now, fields, coming=desk.coming),
        delete=lambda desk, id: delete_product(desk.session, desk.key, id),
        names=True,
    ),
    "collection": Whole(
        fields=lambda desk, id: collection_fields(desk.session, desk.key, id),
        make=lambda desk, fields: make_collection(desk.session, desk.key, fields, coming=desk.coming),
        delete=lambda desk, id: delete_collection(desk.session, desk.key, id),
        names=True,
    ),
}

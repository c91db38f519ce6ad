"""Units that go back on the shelf when an order is cancelled or its goods come back."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, select, update

from agent.errors import StoreRefused
from agent.sdk.orders import Order
from agent.stores.embedded.desk import Desk
from agent.stores.embedded.ids import key_of
from agent.stores.embedded.schema import INVENTORY, LOCATIONS, VARIANTS


def put_back(desk: Desk, order: Order, units: Mapping[str, int], location: str | None) -> None:
    """Add the units of these lines to what is on hand at the location, or at the shop's main one; what is not counted stays so.

    Raises:
        StoreRefused: The shop has no such location.
    """
    where = _location(desk, location)
    for line in order.lines:
        variant = key_of("variant", line.variant_id or "")
        if line.id in units and variant is not None and _counted(desk, variant):
            _add(desk, variant, where, units[line.id])


def _location(desk: Desk, location: str | None) -> int:
    own = select(LOCATIONS.c.id).where(LOCATIONS.c.shop_id == desk.key)
    wanted = (
        own.order_by(LOCATIONS.c.position, LOCATIONS.c.id).limit(1) if location is None else own.where(LOCATIONS.c.id == key_of("location", location))
    )
    key: int | None = desk.session.execute(wanted).scalar_one_or_none()
    if key is None:
        raise StoreRefused("The shop has no such location.")
    return key


def _counted(desk: Desk, variant: int) -> bool:
    own = (VARIANTS.c.shop_id == desk.key, VARIANTS.c.id == variant)
    # held, so that two orders restocked at once do not both insert the variant's first level
    return bool(desk.session.execute(select(VARIANTS.c.tracked).where(*own).with_for_update()).scalar_one_or_none())


def _add(desk: Desk, variant: int, location: int, units: int) -> None:
    level = (INVENTORY.c.shop_id == desk.key, INVENTORY.c.variant_id == variant, INVENTORY.c.location_id == location)
    more = update(INVENTORY).where(*level).values(on_hand=INVENTORY.c.on_hand + units).returning(INVENTORY.c.variant_id)
    if desk.session.execute(more).first() is None:
        desk.session.execute(insert(INVENTORY).values(shop_id=desk.key, variant_id=variant, location_id=location, on_hand=units))
    desk.session.execute(update(VARIANTS).where(VARIANTS.c.id == variant).values(version=VARIANTS.c.version + 1))

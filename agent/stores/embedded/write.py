"""Writing: one change, compared and set, with its idempotency key, in one transaction.

A key that was seen answers as the first time. A change that fails leaves no key behind, so it may be tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, assert_never, cast

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from agent.errors import NotFound, Stale, StoreRefused
from agent.records import codec
from agent.records.changes import Written
from agent.sdk.levels import counted, level_at, location_in
from agent.sdk.results import Action, Change, Target
from agent.stores.embedded.books import touch_catalogue
from agent.stores.embedded.desk import Desk as Desk
from agent.stores.embedded.discounts import discount_fields
from agent.stores.embedded.fields import COLUMNS, NAMING, TABLES, TAGGED, checked_units, column_of, id_kind
from agent.stores.embedded.ids import key_of, public
from agent.stores.embedded.joint import joint_of
from agent.stores.embedded.schema import INVENTORY, LOCATIONS, PRODUCTS, VARIANTS, WRITES
from agent.stores.embedded.tags import Tagged, checked_tags, put_tags, tags_of
from agent.stores.embedded.wholes import WHOLES, make, remove

LONGEST_KEY = 200


def write(desk: Desk, change: Change, key: str) -> Written:
    """
    Raises:
        Stale: The field is no longer `before`.
        NotFound: The record is gone.
        StoreRefused: The store does not take the value, or the key came with another change before.
    """
    return once(desk, key, change, lambda: _made(desk, change))


def once(desk: Desk, key: str, effect: Change | Action, work: Callable[[], Written]) -> Written:
    """What the work writes, or what it wrote when the key came the first time.

    Raises:
        StoreRefused: The key came with something else before. And whatever the work raises.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise StoreRefused(f"An idempotency key is 1 to {LONGEST_KEY} characters.")
    if not _claimed(desk, key, codec.digest(effect)):
        return _answered(desk, key, codec.digest(effect))
    written = work()
    desk.session.execute(update(WRITES).where(*_under(desk, key)).values(outcome=codec.to_json(written)))
    return written


def current(desk: Desk, target: Target, field: str | None) -> Any:
    """The field now as a change's `before` has it, or all fields of the record; None when the record is gone."""
    if target.kind not in TABLES or _record_key(desk, target) is None:
        return None
    if field is not None:
        return _value(desk, target, field)
    return _whole(desk, target)


def _whole(desk: Desk, target: Target) -> Any:
    if target.kind in WHOLES:
        return WHOLES[target.kind].fields(desk, target.id)
    return {name: _value(desk, target, name) for name in _fields_of(desk, target)}


def _claimed(desk: Desk, key: str, digest: str) -> bool:
    """Whether the key is ours from here to the end of the transaction; False where it was answered before.

    It is taken before anything else is looked at. On Postgres another write with the same key waits here until ours is over, and then
    finds our answer; looking first and taking it last, it would find our change instead, and call it stale or a code that is taken.
    """
    upsert = sqlite.insert if desk.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"shop_id": desk.key, "key": key, "digest": digest, "outcome": {}, "at": desk.now}
    claim = upsert(WRITES).values(**row).on_conflict_do_nothing().returning(WRITES.c.key)
    return desk.session.execute(claim).one_or_none() is not None


def _answered(desk: Desk, key: str, digest: str) -> Written:
    row = desk.session.execute(select(WRITES.c.digest, WRITES.c.outcome).where(*_under(desk, key))).one()
    if row.digest != digest:
        raise StoreRefused("That idempotency key was used for another change.")
    before, after = (codec.value_from_json(row.outcome[name]) for name in ("before", "after"))
    return Written(before=before, after=after, target_id=row.outcome["target_id"], replayed=True)


def _under(desk: Desk, key: str) -> Sequence[ColumnElement[bool]]:
    return WRITES.c.shop_id == desk.key, WRITES.c.key == key


def _made(desk: Desk, change: Change) -> Written:
    match change.op:
        case "create":
            return _create(desk, change)
        case "delete":
            return _delete(desk, change)
        case "set":
            return _set(desk, change)
        case "add":
            return _add(desk, change)
        case _:
            assert_never(change.op)


def _create(desk: Desk, change: Change) -> Written:
    kind = change.target.kind
    if kind not in WHOLES or not isinstance(change.after, Mapping):
        raise StoreRefused(f"This store does not make a {kind}.")
    id = make(desk, kind, change.after)
    return Written(before=None, after=WHOLES[kind].fields(desk, id), target_id=id)


def _delete(desk: Desk, change: Change) -> Written:
    kind = change.target.kind
    if kind not in WHOLES:
        raise StoreRefused(f"This store does not delete a {kind}.")
    _locked(desk, change.target)
    found = _whole(desk, change.target) or {}
    shown = change.before if isinstance(change.before, Mapping) else {}
    for name, value in shown.items():
        # A code that was used meanwhile is still the code that is to go.
        if name != "used" and not _same(found.get(name), value, loosely=True):
            raise Stale(f"`{name}` of {change.target.label}", expected=value, found=found.get(name))
    remove(desk, kind, change.target.id)
    return Written(before=found, after=None, target_id=change.target.id)


def _set(desk: Desk, change: Change) -> Written:
    target, field = change.target, change.field or ""
    key = _locked(desk, target)
    found = _value(desk, target, field)
    if not _same(counted(field, found), counted(field, change.before), loosely=target.kind == "discount"):
        raise Stale(f"`{field}` of {target.label}", expected=change.before, found=found)
    _put(desk, target, key, field, change.after)
    return Written(before=found, after=_value(desk, target, field), target_id=target.id)


def _add(desk: Desk, change: Change) -> Written:
    target, field, delta = change.target, change.field or "", change.after
    key = _locked(desk, target)
    if location_in(field) is None:
        raise StoreRefused(f"`{field}` of a {target.kind} is not a number that can be added to.")
    if isinstance(delta, bool) or not isinstance(delta, int):
        raise StoreRefused("Units are a whole number.")
    found = _value(desk, target, field)
    units = (found or 0) + delta
    if units < 0:
        raise StoreRefused(f"There are {found or 0} of {target.label} there; {-delta} cannot be taken away.")
    _put(desk, target, key, field, units)
    return Written(before=found, after=units, target_id=target.id)


def _put(desk: Desk, target: Target, key: int, field: str, value: Any) -> None:
    column, location = column_of(target.kind, field), location_in(field)
    table = TABLES[target.kind]
    if (joint := joint_of(target.kind, field)) is not None:
        joint.put(desk, key, field, value)
    elif column:
        desk.session.execute(update(table).where(table.c.id == key).values({column.name: column.stored(value, desk.shop)}))
    elif field == "tags" and target.kind in TAGGED:
        if not isinstance(value, list | tuple):
            raise StoreRefused("Tags are a list of words.")
        put_tags(desk.session, desk.key, cast(Tagged, target.kind), key, checked_tags(value))
    elif location and target.kind == "variant":
        _put_stock(desk, target, key, location, None if value is None else checked_units(value))
    else:
        raise StoreRefused(f"A {target.kind} has no field `{field}` that can be written.")
    _check_whole(desk, target, key)
    _moved(desk, target, key, field)


def _put_stock(desk: Desk, target: Target, key: int, location: str, units: int | None) -> None:
    """So many units there; None takes the level away, as undoing what first put some there does."""
    tracked = desk.session.execute(select(VARIANTS.c.tracked).where(VARIANTS.c.id == key)).scalar_one()
    if not tracked:
        raise StoreRefused(f"Units of {target.label} are not counted.")
    where = key_of("location", location)
    level = (INVENTORY.c.shop_id == desk.key, INVENTORY.c.variant_id == key, INVENTORY.c.location_id == where)
    if units is None:
        desk.session.execute(delete(INVENTORY).where(*level))
        return
    done = desk.session.execute(update(INVENTORY).where(*level).values(on_hand=units).returning(INVENTORY.c.variant_id))
    if done.first() is None:
        desk.session.execute(insert(INVENTORY).values(shop_id=desk.key, variant_id=key, location_id=where, on_hand=units))


def _check_whole(desk: Desk, target: Target, key: int) -> None:
    """What one field alone cannot tell."""
    if target.kind == "discount":
        fields = discount_fields(desk.session, desk.key, desk.shop.currency, target.id)
        if fields and fields["ends_at"] and datetime.fromisoformat(fields["ends_at"]) <= datetime.fromisoformat(fields["starts_at"]):
            raise StoreRefused("The discount would end before it starts.")


def _moved(desk: Desk, target: Target, key: int, field: str) -> None:
    table = TABLES[target.kind]
    if "version" in table.c:
        desk.session.execute(update(table).where(table.c.id == key).values(version=table.c.version + 1))
    if target.kind == "variant" and location_in(field) is None:
        whole = select(VARIANTS.c.product_id).where(VARIANTS.c.id == key).scalar_subquery()
        desk.session.execute(update(PRODUCTS).where(PRODUCTS.c.id == whole).values(version=PRODUCTS.c.version + 1))
    if (target.kind, field) in NAMING:
        touch_catalogue(desk.session, desk.key)


def _value(desk: Desk, target: Target, field: str) -> Any:
    """The field's value now; the record is there."""
    key, column, location = _record_key(desk, target), column_of(target.kind, field), location_in(field)
    table = TABLES[target.kind]
    if key is not None and (joint := joint_of(target.kind, field)) is not None:
        return joint.read(desk, key, field)
    if column and key is not None:
        return column.shown(desk.session.execute(select(table.c[column.name]).where(table.c.id == key)).scalar_one(), desk.shop)
    if field == "tags" and target.kind in TAGGED and key is not None:
        return list(tags_of(desk.session, desk.key, cast(Tagged, target.kind), [key]).get(key, ()))
    if location is not None and target.kind == "variant" and key is not None:
        return _units(desk, key, location)
    raise StoreRefused(f"A {target.kind} has no field `{field}` that can be written.")


def _units(desk: Desk, key: int, location: str) -> int | None:
    known = select(LOCATIONS.c.id).where(LOCATIONS.c.shop_id == desk.key, LOCATIONS.c.id == key_of("location", location))
    where = desk.session.execute(known).scalar_one_or_none()
    if where is None:
        raise StoreRefused("The shop has no such location.")
    level = select(INVENTORY.c.on_hand).where(INVENTORY.c.variant_id == key, INVENTORY.c.location_id == where)
    return desk.session.execute(level).scalar_one_or_none()


def _fields_of(desk: Desk, target: Target) -> list[str]:
    names = [field for kind, field in COLUMNS if kind == target.kind] + (["tags"] if target.kind in TAGGED else [])
    names += ["shipping_address"] if target.kind == "order" else []
    if target.kind == "variant":
        locations = select(INVENTORY.c.location_id).where(INVENTORY.c.variant_id == key_of("variant", target.id)).order_by(INVENTORY.c.location_id)
        names += [level_at(public("location", key)) for key in desk.session.execute(locations).scalars()]
    return names


def _record_key(desk: Desk, target: Target) -> int | None:
    table = TABLES[target.kind]
    wanted = table.c.id == key_of(id_kind(target.kind), target.id)
    return desk.session.execute(select(table.c.id).where(table.c.shop_id == desk.key, wanted)).scalar_one_or_none()


def _locked(desk: Desk, target: Target) -> int:
    """The record's primary key, with its row held until the transaction ends (SQLite lets one writer in at a time anyway)."""
    if target.kind not in TABLES:
        raise StoreRefused(f"This store does not write a {target.kind}.")
    table = TABLES[target.kind]
    wanted = table.c.id == key_of(id_kind(target.kind), target.id)
    key = desk.session.execute(select(table.c.id).where(table.c.shop_id == desk.key, wanted).with_for_update()).scalar_one_or_none()
    if key is None:
        raise NotFound(target.kind)
    return int(key)


def _same(found: Any, shown: Any, *, loosely: bool) -> bool:
    """Whether a value is what a change was made from. Loosely: "10.0" is "10", and a moment is itself in another time zone."""
    if isinstance(found, list | tuple) and isinstance(shown, list | tuple):
        return list(found) == list(shown)
    return bool(found == shown) or (loosely and isinstance(found, str) and _same_number_or_moment(found, str(shown)))


def _same_number_or_moment(found: str, shown: str) -> bool:
    for read in (Decimal, datetime.fromisoformat):
        try:
            return bool(read(found) == read(shown))
        except (InvalidOperation, ValueError):
            continue
    return False

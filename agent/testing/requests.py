"""Requests made up from a task's schema and the records of a shop, as hypothesis strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from agent.sdk import Clock, OrderWhere, Slot, Store, Task, every

Json = Any
Made = st.SearchStrategy[Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What there is to ask about."""

    ids: Mapping[str, Sequence[str]]
    """By kind of record."""
    names: Sequence[str]
    """Titles, tags, places, locations: words that mean something here."""
    currency: str
    now: datetime


async def world_of(store: Store, clock: Clock) -> World:
    products = await every(store.products)
    customers, orders = await every(store.customers), await every(store.orders, OrderWhere())
    ids = {
        "product": [p.id for p in products], "variant": [v.id for p in products for v in p.variants], "customer": [c.id for c in customers],
        "order": [o.id for o in orders], "review": [r.id for r in await every(store.reviews)],
        "discount": [d.id for d in (await store.discounts()).items], "collection": [c.id for c in await store.collections()],
    }  # fmt: skip
    places = [c.address.city for c in customers if c.address and c.address.city]
    names = [*(p.title for p in products), *(tag for p in products for tag in p.tags), *places, *(await store.locations()).values(), "DE", "shipping"]
    return World(ids=ids, names=sorted(set(names)), currency=store.shop.currency, now=clock.now())


def args_for(task: Task, world: World) -> Made:
    """JSON of the task's Args that its schema takes."""
    needed = {slot.name: _value(slot, world) for slot in task.slots if slot.required}
    extra = {slot.name: _value(slot, world) for slot in task.slots if not slot.required}
    return st.fixed_dictionaries(needed, optional=extra).filter(lambda args: _fits(task, args))


def _fits(task: Task, args: Mapping[str, Json]) -> bool:
    try:
        task.args.model_validate(args)
    except ValidationError:
        return False
    return True


def _value(slot: Slot, world: World) -> Made:
    return st.one_of(*(_of(kind, slot, world) for kind in slot.types))


def _of(kind: str, slot: Slot, world: World) -> Made:
    words = st.one_of(st.sampled_from(world.names), st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
    made: dict[str, Made] = {
        "selection": _selection(world.ids.get(slot.record or "", ())),
        "ref": st.sampled_from(world.ids.get(slot.record or "") or ["none_0"]).map(lambda id: {"id": id, "label": ""}),
        "money": _money(world),
        "percent": st.decimals(-150, 150, places=1).map(lambda n: f"{n}%"),
        "period": st.tuples(_moment(world), st.integers(1, 400)).map(lambda p: {"start": p[0], "end": _later(p[0], p[1]), "label": ""}),
        "moment": _moment(world),
        "range_money": _range(_money(world)),
        "range_int": _range(st.integers(0, 100)),
        "range_number": _range(st.decimals(0, 100, places=1).map(str)),
        "integer": st.integers(-3, 60),
        "number": st.decimals(-100, 100, places=2).map(str),
        "choice": st.sampled_from(slot.choices or ("",)),
        "flag": st.booleans(),
        "text": words,
        "texts": st.lists(words, max_size=3),
        "counts": st.dictionaries(st.sampled_from(world.ids.get("variant") or ["none_0"]), st.integers(-1, 5), max_size=2),
        "choices": st.lists(st.sampled_from(slot.choices or ("",)), unique=True, max_size=3),
    }
    return made[kind]


def _selection(ids: Sequence[str]) -> Made:
    chosen = st.one_of(st.just(list(ids)), st.lists(st.sampled_from(ids), unique=True, max_size=6)) if ids else st.just([])
    return chosen.map(lambda some: {"ids": some, "where": {}, "label": "what was meant"})


def _money(world: World) -> Made:
    usual = st.decimals(Decimal("0.01"), Decimal(900), places=2)
    odd = st.sampled_from([Decimal(0), Decimal("-5.00"), Decimal("99999.99")])
    return st.one_of(usual, usual, odd).map(lambda amount: {"amount": str(amount), "currency": world.currency})


def _moment(world: World) -> Made:
    return st.integers(-500, 60).map(lambda days: (world.now + timedelta(days=days)).replace(hour=0, minute=0).isoformat())


def _later(moment: str, days: int) -> str:
    return (datetime.fromisoformat(moment) + timedelta(days=days)).isoformat()


def _range(bound: Made) -> Made:
    return st.one_of(
        bound.map(lambda n: {"at_least": n}),
        bound.map(lambda n: {"below": n}),
        st.tuples(bound, bound).map(lambda p: {"above": p[0], "at_most": p[1]}),
    )

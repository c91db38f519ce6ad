"""The embedded store: a shop whose records live in Storehand's own database, behind the same port as a store elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from agent.db.engine import Database
from agent.errors import StorehandError, StoreRefused, StoreUnavailable
from agent.records.changes import Written
from agent.sdk.figures import Query, QueryResult
from agent.sdk.goods import Collection, Discount, Product, Variant
from agent.sdk.orders import DraftOrder, Order, Purchase
from agent.sdk.people import Customer, Message, Review, SearchTerm
from agent.sdk.refs import Period, Selection, Where
from agent.sdk.results import Action, Change, Target, TargetKind
from agent.sdk.store import Capability, Mention, Page, ShopInfo
from agent.sdk.wheres import CustomerWhere, MessageWhere, OrderWhere, ReviewWhere
from agent.stores.embedded import (
    catalogue,
    collections,
    customers,
    discounts,
    draft_orders,
    erasure,
    logs,
    messages,
    order_actions,
    orders,
    query,
    reviews,
    vocabulary,
)
from agent.stores.embedded import write as writing
from agent.stores.embedded.ids import IdKind, coming, key_of, public, whole_of
from agent.stores.embedded.schema import LOCATIONS, SHOPS
from agent.stores.embedded.shops import shop_info, shop_key
from agent.stores.embedded.zoned import Record, in_zone

T = TypeVar("T")
_VERSION = select(SHOPS.c.catalogue_version).where(SHOPS.c.id == bindparam("shop"))
"""Asked for by every plan, and made once: building it took twice as long as running it."""
CAPABILITIES: frozenset[Capability] = frozenset({
    "inventory", "cost", "collections", "discounts", "reviews", "messages", "search_terms", "returns", "erase",
})  # fmt: skip

_SHOWN_MADE: Mapping[str, IdKind] = {"product": "product", "collection": "collection", "discount": "discount"}
"""Kinds of record that a view shows under an id of its own before they are made."""


class EmbeddedStore:
    """One shop of the database, as `WritableStore`. Ids of another shop find nothing."""

    def __init__(self, db: Database, shop_id: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Raises: NotFound: The database has no such shop."""
        self._db, self._now = db, now
        self._key = shop_key(shop_id)
        self._shop = db.read_now(lambda session: shop_info(session, self._key))
        self._zone = ZoneInfo(self._shop.time_zone)
        self._changes: tuple[Change, ...] = ()
        """Changes that this view of the shop shows as made."""

    @property
    def shop(self) -> ShopInfo:
        return self._shop

    @property
    def capabilities(self) -> frozenset[Capability]:
        return CAPABILITIES

    async def products(self, where: Selection[Any] | Where | None = None, *, limit: int = 250, cursor: str | None = None) -> Page[Product]:
        return await self._page(lambda s: catalogue.products(s, self._key, self._shop.currency, where, limit=limit, cursor=cursor))

    async def product(self, id: str) -> Product:
        return in_zone(await self._read(lambda s: catalogue.product(s, self._key, self._shop.currency, id)), self._zone)

    async def variants(self, selection: Selection[Any]) -> Sequence[Variant]:
        return await self._read(lambda s: catalogue.variants(s, self._key, self._shop.currency, selection.ids))

    async def customers(
        self, where: CustomerWhere | Selection[Customer] | None = None, *, limit: int = 250, cursor: str | None = None
    ) -> Page[Customer]:
        return await self._page(lambda s: customers.customers(s, self._key, self._shop.currency, self._zone, where, limit=limit, cursor=cursor))

    async def count_customers(self, where: CustomerWhere | None = None) -> int:
        return await self._read(lambda s: customers.count_customers(s, self._key, self._shop.currency, self._zone, where))

    async def orders(self, where: OrderWhere | Selection[Order] | None = None, *, limit: int = 250, cursor: str | None = None) -> Page[Order]:
        return await self._page(lambda s: orders.orders(s, self._key, self._shop.currency, self._zone, where, limit=limit, cursor=cursor))

    async def count_orders(self, where: OrderWhere | None = None) -> int:
        return await self._read(lambda s: orders.count_orders(s, self._key, self._shop.currency, self._zone, where))

    async def reviews(self, where: ReviewWhere | None = None, *, limit: int = 1000, cursor: str | None = None) -> Page[Review]:
        return await self._page(lambda s: reviews.reviews(s, self._key, self._zone, where, limit=limit, cursor=cursor))

    async def messages(self, where: MessageWhere | None = None, *, limit: int = 250, cursor: str | None = None) -> Page[Message]:
        return await self._page(lambda s: messages.messages(s, self._key, self._zone, where, limit=limit, cursor=cursor))

    async def discounts(self, *, code: str | None = None, limit: int = 250, cursor: str | None = None) -> Page[Discount]:
        now = self._now()
        return await self._page(lambda s: discounts.discounts(s, self._key, self._shop.currency, now, code=code, limit=limit, cursor=cursor))

    async def collections(self) -> Sequence[Collection]:
        return await self._read(lambda s: collections.collections(s, self._key))

    async def locations(self) -> Mapping[str, str]:
        statement = select(LOCATIONS.c.id, LOCATIONS.c.name).where(LOCATIONS.c.shop_id == self._key).order_by(LOCATIONS.c.position, LOCATIONS.c.id)
        return await self._read(lambda s: {public("location", key): name for key, name in s.execute(statement)})

    async def query(self, query_: Query) -> QueryResult:
        return await self._read(lambda s: query.answer(s, self._shop, self._key, query_))

    async def draft_orders(self, *, limit: int = 250, cursor: str | None = None) -> Page[DraftOrder]:
        """Newest first."""
        return await self._page(lambda s: draft_orders.draft_orders(s, self._key, self._shop.currency, limit=limit, cursor=cursor))

    async def purchases(self, placed: Period | None = None) -> Sequence[Purchase]:
        return await self._read(lambda s: logs.purchases(s, self._key, self._shop.currency, self._zone, placed))

    async def search_terms(self, period: Period) -> Sequence[SearchTerm]:
        return await self._read(lambda s: logs.search_terms(s, self._key, self._zone, period))

    async def vocabulary(self) -> Sequence[Mention]:
        return await self._read(lambda s: vocabulary.vocabulary(s, self._key))

    @property
    def vocabulary_version(self) -> str:
        return str(self._db.read_now(lambda s: s.execute(_VERSION, {"shop": self._key}).scalar_one()))

    async def named(self, kind: Literal["customer", "order", "variant"], text: str, *, limit: int = 6) -> Sequence[Mention]:
        find = {"customer": vocabulary.named_customers, "order": vocabulary.named_orders, "variant": vocabulary.named_variants}[kind]
        return await self._read(lambda s: find(s, self._key, text, limit))

    async def current(self, target: Target, field: str | None) -> Any:
        return await self._read(lambda s: writing.current(self._desk(s), target, field))

    async def write(self, change: Change, *, key: str) -> Written:
        return await self._written(lambda s: writing.write(self._desk(s), change, key))

    def _with_changes(self, session: Session) -> Session:
        for n, change in enumerate(self._changes):
            with suppress(StorehandError), session.begin_nested():
                kind = _SHOWN_MADE.get(change.target.kind) if change.op == "create" else None
                key = key_of(kind, change.target.id) if kind is not None else None
                writing.write(replace(self._desk(session), coming=key), change, f"staged:{n}")
        return session

    async def _written(self, work: Callable[[Session], Written]) -> Written:
        if self._changes:
            raise StoreRefused("This is the shop as it would be; nothing can be written to it.")
        try:
            return await self._db.write(work)
        except IntegrityError:
            # Someone else wrote the same key or code between our look and our insert; now it is there to be seen.
            return await self._again(work)
        except OperationalError as error:
            raise StoreUnavailable(f"The shop's database did not take the change: {error.orig}.") from error

    async def act(self, action: Action, *, key: str) -> Written:
        act = erasure.act if action.kind == erasure.ERASE else order_actions.act
        return await self._written(lambda s: act(self._desk(s), action, key))

    async def _again(self, work: Callable[[Session], Written]) -> Written:
        try:
            return await self._db.write(work)
        except IntegrityError as error:
            raise StoreRefused("The change does not fit what the shop already holds.") from error

    def staged(self, changes: Sequence[Change]) -> EmbeddedStore:
        """This shop as it would be with these changes made. Each reading makes them and takes them back, in one transaction of its own."""
        view = copy(self)
        view._changes = (*self._changes, *changes)
        return view

    def coming(self, kind: TargetKind, n: int) -> str | None:
        return public(_SHOWN_MADE[kind], coming(n)) if kind in _SHOWN_MADE else None

    def whole_of(self, id: str) -> tuple[str, int | None]:
        return whole_of(id)

    def part_of(self, id: str, place: int) -> str:
        return public("variant", (key_of("product", id) or 0) + place)

    async def _read(self, work: Callable[[Session], T]) -> T:
        try:
            if self._changes:
                return await self._db.rehearse(lambda session: work(self._with_changes(session)))
            return await self._db.read(work)
        except OperationalError as error:
            raise StoreUnavailable(f"The shop's database does not answer: {error.orig}.") from error

    async def _page(self, work: Callable[[Session], Page[Record]]) -> Page[Record]:
        page = await self._read(work)
        return Page([in_zone(record, self._zone) for record in page.items], page.next)

    def _desk(self, session: Session) -> writing.Desk:
        return writing.Desk(session, self._key, self._shop, self._now())

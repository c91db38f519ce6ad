"""The demo shop as a whole: generated as rows, then stored in one transaction."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from agent.db.engine import Database
from agent.db.goods import Discount, Product, Tag
from agent.errors import Invalid, NotFound
from agent.sdk.store import ShopInfo
from agent.stores.embedded import books, bulk
from agent.stores.embedded.demo import almanac, sources
from agent.stores.embedded.demo.codes import issue_codes
from agent.stores.embedded.demo.letters import note_searches, write_letters
from agent.stores.embedded.demo.opinions import write_reviews
from agent.stores.embedded.demo.people import Person, invite
from agent.stores.embedded.demo.rows import KEYS, TAGGED, Row, Rows
from agent.stores.embedded.demo.shelves import ZONE, stock_shelves
from agent.stores.embedded.demo.tills import Book, keep_book
from agent.stores.embedded.schema import LOCATIONS, PRODUCTS, SHOPS
from agent.stores.embedded.shops import create_shop, shop_key, shop_named

NAME, TITLE = "demo", "Fern & Tide"
ORDERS, CUSTOMERS, REVIEWS, MESSAGES = 20_000, 4_000, 2_000, 150
VIPS = 120


def make_demo(db: Database, *, seed: int = 7, today: date, name: str = NAME) -> ShopInfo:
    """The shop "demo", made unless it is there already.

    Args:
        seed: The same seed and day make the same shop, byte for byte.
        today: Its last day; orders reach into that day's morning.
        name: What to call it, where it is to be a copy of that shop.
    """
    shop = _shop(db, name)
    if not db.read_now(lambda session: _filled(session, shop_key(shop.id))):
        rows = demo_rows(seed=seed, today=today)
        db.write_now(lambda session: store_rows(session, shop_key(shop.id), rows, today))
    return shop_named(db, name)


def demo_shop(db: Database) -> ShopInfo:
    """The shop "demo" with its goods.

    Raises:
        NotFound: There is none, or its goods are not in: another process is at it, or died at it. `make_demo` sees it through.
    """
    shop = shop_named(db, NAME)
    if db.read_now(lambda session: _bare(session, shop_key(shop.id))):
        raise NotFound("shop", NAME)
    return shop


def demo_rows(*, seed: int, today: date, orders: int = ORDERS, customers: int = CUSTOMERS, reviews: int = REVIEWS) -> Rows:
    """Every row of the shop but the shop's own; fewer of them for a small shop."""
    rows, now = Rows(), datetime.combine(today, time(almanac.HOUR_NOW), ZONE)
    items = stock_shelves(rows, sources.goods(), today, _dice(seed, "shelves"))
    people = invite(rows, customers, sources.table("places"), _dice(seed, "people"))
    book = Book(rows=rows, items=items, people=people, codes=issue_codes(rows, items, today), today=today, dice=_dice(seed, "orders"))
    keep_book(book, orders)
    _greet_the_rest(people, today, _dice(seed, "newsletter"))
    _tag_people(rows, people)
    write_reviews(rows, book.sold, reviews, sources.table("reviews"), now, _dice(seed, "reviews"))
    write_letters(rows, book.sold, MESSAGES, sources.table("messages")["kind"], now, _dice(seed, "letters"))
    note_searches(rows, sources.search_terms(), today, _dice(seed, "searches"))
    return rows


def _dice(seed: int, part: str) -> Random:
    """Each part rolls its own, so that a change to one leaves the others as they were."""
    return Random(f"{seed}:{part}")


def _greet_the_rest(people: list[Person], today: date, dice: Random) -> None:
    """Those who signed up and never bought."""
    span = (today - almanac.first_day(today)).days
    for person in people:
        if person.since is None:
            at = datetime.combine(today - timedelta(days=dice.randint(1, span)), time(dice.randint(8, 22), dice.randrange(60)), ZONE)
            person.row |= {"created_at": at, "accepts_marketing": True, "consent_at": at}


def _tag_people(rows: Rows, people: list[Person]) -> None:
    best = sorted((person for person in people if not person.wholesale), key=lambda person: -person.spent_minor)[:VIPS]
    vips = {person.row["id"] for person in best}
    for person in people:
        tags = [("vip", person.row["id"] in vips), ("wholesale", person.wholesale), ("newsletter", person.row["accepts_marketing"])]
        tags.append(("regular", person.orders >= 10))
        for position, tag in enumerate(name for name, has in tags if has):
            rows.add(Tag, kind="customer", folded=tag, record_id=person.row["id"], tag=tag, position=position)


def _shop(db: Database, name: str) -> ShopInfo:
    try:
        return shop_named(db, name)
    except NotFound:
        pass
    try:
        return create_shop(db, name=name, title=TITLE, currency="EUR", time_zone="Europe/Berlin", locale="en-GB", prices_include_tax=True)
    except Invalid:  # another process was quicker
        return shop_named(db, name)


def _bare(session: Session, shop: int) -> bool:
    """Ours, and nothing in it; somebody's own shop may be called demo and be empty."""
    return session.execute(select(SHOPS.c.title).where(SHOPS.c.id == shop)).scalar() == TITLE and not _filled(session, shop)


def _filled(session: Session, shop: int) -> bool:
    return bool(session.execute(select(exists().where(PRODUCTS.c.shop_id == shop))).scalar())


def store_rows(session: Session, shop: int, rows: Rows, today: date) -> None:
    """Put the rows into a shop that has none."""
    if _filled(session, shop):  # another process was quicker
        return
    session.execute(delete(LOCATIONS).where(LOCATIONS.c.shop_id == shop))
    opened = datetime.combine(almanac.first_day(today), time(9), ZONE)
    session.execute(update(SHOPS).where(SHOPS.c.id == shop).values(created_at=opened))
    shift = {table: bulk.last_key(session, table) for table in rows.of if "id" in table.model_fields}
    for table, made in rows.of.items():
        columns = {name: by for name, target in KEYS.items() if name in table.model_fields and (by := shift.get(target, 0))}
        bulk.insert_rows(session, table, (_moved(table, row, shop, columns, shift) for row in made))
    books.post(session, shop)


def _moved(table: type[SQLModel], row: Row, shop: int, columns: dict[str, int], shift: dict[type[SQLModel], int]) -> Row:
    """The row with its keys moved past those of other shops in the database."""
    moved = {**row, "shop_id": shop}
    if "id" in row:
        moved["id"] = row["id"] + shift[table]
    for name, by in columns.items():
        if (key := row.get(name)) is not None:
            moved[name] = key + by
    if "record_id" in row:
        moved["record_id"] = row["record_id"] + shift.get(TAGGED[row["kind"]], 0)
    if table is Discount:
        moved["products"] = [key + shift.get(Product, 0) for key in row["products"]]
    return moved

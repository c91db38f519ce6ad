"""What a merchant may call by name, and who or what a name may mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rapidfuzz import fuzz, process, utils
from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from agent.sdk.store import Mention
from agent.stores.embedded.ids import public
from agent.stores.embedded.labels import variant_title
from agent.stores.embedded.orders import bare_number
from agent.stores.embedded.schema import COLLECTIONS, CUSTOMERS, ORDERS, PRODUCTS, TAGS, VARIANTS
from agent.stores.embedded.words import has_words

LEAST_ALIKE = 80
"""rapidfuzz score, of 100, from which a name is worth showing: "Ana Schmit" has 91 with "Anna Schmidt", and 40 with "Anna Weber"."""


def vocabulary(session: Session, shop: int) -> list[Mention]:
    """Products, collections, tags, vendors, product types and option values; each once, by name."""
    found = [
        Mention(kind="product", id=public("product", key), label=title)
        for key, title in session.execute(select(PRODUCTS.c.id, PRODUCTS.c.title).where(PRODUCTS.c.shop_id == shop).order_by(PRODUCTS.c.id))
    ]
    inside = select(COLLECTIONS.c.id, COLLECTIONS.c.title).where(COLLECTIONS.c.shop_id == shop).order_by(COLLECTIONS.c.position, COLLECTIONS.c.id)
    found += [Mention(kind="collection", id=public("collection", key), label=title) for key, title in session.execute(inside)]
    tags = select(func.min(TAGS.c.tag)).where(TAGS.c.shop_id == shop).group_by(TAGS.c.folded).order_by(TAGS.c.folded)
    found += [Mention(kind="tag", id=tag, label=tag) for tag in session.execute(tags).scalars()]
    for kind, column in (("vendor", PRODUCTS.c.vendor), ("product_type", PRODUCTS.c.product_type)):
        words = select(column).where(PRODUCTS.c.shop_id == shop, column != "").distinct().order_by(column)
        found += [Mention(kind=kind, id=word, label=word) for word in session.execute(words).scalars()]  # type: ignore[arg-type]  # a tuple's text is not a Literal to mypy
    options = session.execute(select(PRODUCTS.c.options).where(PRODUCTS.c.shop_id == shop).order_by(PRODUCTS.c.id)).scalars()
    return found + _option_values(options)


def _option_values(options: Iterable[Any]) -> list[Mention]:
    seen: dict[tuple[str, str], Mention] = {}
    for product in options:
        for name, values in product:
            for value in values:
                seen.setdefault((name.casefold(), value.casefold()), Mention(kind="option", id=value, label=value, option=name))
    return list(seen.values())


def named_customers(session: Session, shop: int, text: str, limit: int) -> list[Mention]:
    """By e-mail, or by the beginning of a name or of a word in it; by likeness where nobody is called so."""
    wanted = " ".join(text.split())
    if not wanted:
        return []
    mine = select(CUSTOMERS.c.id, CUSTOMERS.c.name).where(CUSTOMERS.c.shop_id == shop)
    if "@" in wanted:
        rows = session.execute(mine.where(CUSTOMERS.c.email == wanted.lower()).limit(limit)).all()
        return [Mention(kind="customer", id=public("customer", key), label=name) for key, name in rows]
    whole, start = func.lower(CUSTOMERS.c.name) == wanted.lower(), CUSTOMERS.c.name.istartswith(wanted, autoescape=True)
    word = CUSTOMERS.c.name.icontains(f" {wanted}", autoescape=True)
    rank = case((whole, 0), (start, 1), else_=2)
    rows = session.execute(mine.where(or_(whole, start, word)).order_by(rank, CUSTOMERS.c.name, CUSTOMERS.c.id).limit(limit)).all()
    if not rows:
        names = {row.id: row.name for row in session.execute(mine)}
        rows = [(key, name) for name, _, key in _alike(wanted, names, limit)]  # type: ignore[misc]  # rows or plain pairs: both unpack
    return [Mention(kind="customer", id=public("customer", key), label=name) for key, name in rows]


def named_orders(session: Session, shop: int, text: str, limit: int) -> list[Mention]:
    """The order with this number, else those whose number begins with it."""
    bare = bare_number(text)
    if not bare:
        return []
    either = or_(*(ORDERS.c.number.istartswith(start, autoescape=True) for start in (bare, f"#{bare}")))
    length = func.length(ORDERS.c.number)
    statement = select(ORDERS.c.id, ORDERS.c.number).where(ORDERS.c.shop_id == shop, either).order_by(length, ORDERS.c.number).limit(limit)
    rows = session.execute(statement).all()
    exact = [row for row in rows if bare_number(row[1]).casefold() == bare.casefold()]
    return [Mention(kind="order", id=public("order", key), label=number) for key, number in exact or rows]


def named_variants(session: Session, shop: int, text: str, limit: int) -> list[Mention]:
    """The variants with this SKU, else those whose SKU holds it."""
    sku = text.strip()
    if not sku:
        return []
    columns = (VARIANTS.c.id, VARIANTS.c.sku, PRODUCTS.c.title, VARIANTS.c.option1, VARIANTS.c.option2, VARIANTS.c.option3)
    statement = select(*columns).join(PRODUCTS, PRODUCTS.c.id == VARIANTS.c.product_id).where(VARIANTS.c.shop_id == shop)
    rows = session.execute(statement.where(func.lower(VARIANTS.c.sku) == sku.lower()).order_by(VARIANTS.c.id).limit(limit)).all()
    rows = rows or session.execute(statement.where(has_words(VARIANTS.c.sku, sku)).order_by(VARIANTS.c.sku).limit(limit)).all()
    return [Mention(kind="variant", id=public("variant", key), label=_named(title, options)) for key, _, title, *options in rows]


def _named(title: str, options: Sequence[str | None]) -> str:
    own = variant_title(options)
    return f"{title} ({own})" if own else title


def _alike(wanted: str, names: dict[int, str], limit: int) -> list[tuple[str, float, int]]:
    found = process.extract(wanted, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=LEAST_ALIKE)
    best = found[0][1] if found else 0
    return [hit for hit in found if hit[1] >= best - 10]

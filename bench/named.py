"""Whole plans over a shop that has what the requests name, beside the same shop without.

    python -m bench.named models/reader/development/requests.txt

A merchant speaks of goods, people and orders that are there; requests written for a shop in general name many that are not. A plan for those
rightly asks which is meant, and that question also covers a wrong change that would else be planned unasked. So the figures of `storehand eval
--gold` are told twice here: over the demo shop's goods, and over these and whatever the requests name. It prints counts, and none of the words.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from agent.db.engine import Database, sqlite_url
from agent.db.orders import Order
from agent.db.upgrade import upgrade
from agent.distill.written import requests_of
from agent.evals.gold import GoldRequest, GoldScore, evaluate_gold
from agent.planning.planner import Planner
from agent.records import Ask, Plan
from agent.registry import discover
from agent.resources import Resources
from agent.service.shops import ShopClock
from agent.stores.embedded.demo.make import demo_rows, store_rows
from agent.stores.embedded.demo.rows import Rows
from agent.stores.embedded.shops import shop_key
from agent.students import Students, load_students
from agent.testing.embedded_shop import StockedShop
from agent.testing.store_spec import CustomerSpec, LineSpec, OrderSpec, ProductSpec, ShopSpec, VariantSpec

ORDERS, CUSTOMERS, REVIEWS = 600, 300, 300
_ARTICLE = re.compile(r"^(?:the|our|my|your|an?)\s+", re.I)
_NO_NAME = re.compile(
    r"^(?:every\w*|all|any\w*|which|what\w*|those|these|that|them|it|they|products?|items?|stuff|things?|goods|each|no|low|some|both|new|whole|entire"
    r"|best|worst|top|slow|most|least|cheapest|first|last|other|others|rest|same|ones?|two|three|four|five|\d+)\b"
    r"|\b(?:under|over|above|below|without|with\s+no|less\s+than|more\s+than|at\s+least|that|which|who|we|in\s+stock|out\s+of|from|tagged|cheaper"
    r"|collection|vendor|sold|selling|by|no)\b|[<>€$£]|\d%",
    re.I,
)
_TITLE = re.compile(r"^(?:mr|mrs|ms|herr|frau|mme|dr)\.?\s+", re.I)
_PERSON = re.compile(r"[^\W\d_][\w'’.-]*(?:\s[\w'’.-]+){0,3}")
_MOST_WORDS = 6


def goods_named(words: Iterable[str]) -> dict[str, str]:
    """Titles by what tells them apart: names of goods in the singular, and no descriptions of some of them ("all mugs under 10")."""
    found: dict[str, str] = {}
    for said in words:
        name = _ARTICLE.sub("", said.strip()).strip(" '\"“”.,")
        if name and len(name.split()) <= _MOST_WORDS and not _NO_NAME.search(name):
            single = re.sub(r"(?<=[a-rt-z])s$", "", name)
            found.setdefault(single.lower(), name if any(c.isupper() for c in name) else single.title())
    return found


def people_named(words: Iterable[str]) -> dict[str, str]:
    """E-mail addresses by name; a name is one only where it is written as one."""
    found: dict[str, str] = {}
    for said in words:
        name = _TITLE.sub("", said.strip())
        if "@" in name and " " not in name:
            found.setdefault(name.partition("@")[0].replace(".", " ").title(), name)
        elif _PERSON.fullmatch(name) and any(c.isupper() for c in name) and not _NO_NAME.search(name):
            found.setdefault(name, f"{re.sub('[^a-z]', '', name.lower())}@example.com")
    return found


def shop_spec(requests: Sequence[GoldRequest], now: datetime) -> ShopSpec:
    """The goods, people and orders that the requests' slots name."""
    goods, people = goods_named(_slots(requests, "product")), people_named(_slots(requests, "customer"))
    named = {number for said in _slots(requests, "order") for number in re.findall(r"\d{2,7}", said)}
    numbers = sorted(named - {row["number"].removeprefix("#") for row in _demo(now.date()).of[Order]})
    products = [
        ProductSpec(title=title, product_type=title.split()[-1].title(), variants=[VariantSpec(price=2500, stock=20)])
        for title in goods.values()
    ]  # fmt: skip
    customers = [CustomerSpec(name=name, email=email, country="DE", city="Berlin") for name, email in people.items()]
    orders = [
        OrderSpec(
            number=f"#{number}", at=now - timedelta(hours=5 * n), customer=n % len(customers) if customers else None, country="DE", city="Berlin",
            lines=[LineSpec(product=n % len(products) if products else None)], fulfilment="unfulfilled" if n % 3 == 0 else "fulfilled",
        )
        for n, number in enumerate(numbers)
    ]  # fmt: skip
    return ShopSpec(products=products, customers=customers, orders=orders)


@lru_cache(maxsize=1)
def _demo(today: date) -> Rows:
    return demo_rows(seed=7, today=today, orders=ORDERS, customers=CUSTOMERS, reviews=REVIEWS)


def _slots(requests: Sequence[GoldRequest], kind: str) -> Iterator[str]:
    return (words for request in requests for part in request.parts for of, words in part.slots if of == kind)


def score(requests: Sequence[GoldRequest], students: Students, spec: ShopSpec, now: datetime) -> GoldScore:
    """Plans over the demo shop's goods and what the spec adds to them."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(sqlite_url(Path(folder) / "storehand.db"))
        upgrade(db)
        shop = StockedShop(db, ShopSpec(), now=now)
        store, today = shop.store, now.date()
        db.write_now(lambda session: store_rows(session, shop_key(store.shop.id), _demo(today), today))
        shop.more(spec)
        planner = Planner({task.name: task for task in discover().tasks.values()}, students)

        async def plan(text: str) -> Plan:
            return await planner.plan(Ask(text, locale="en", shop=store.shop.id), store, ShopClock(store.shop.time_zone))

        try:
            return asyncio.run(evaluate_gold(plan, requests))
        finally:
            db.close()


def by_style(scored: GoldScore) -> str:
    """Whole plans right and false refusals by the style that the set gives its requests, the most frequent first."""
    done = [grade for grade in scored.grades if not grade.wholly_refused]
    told = []
    for style, number in Counter(grade.request.style for grade in done).most_common():
        of = [grade for grade in done if grade.request.style == style]
        told.append(f"{style} {sum(grade.right for grade in of)} of {number}, {sum('refused' in grade.faults for grade in of)} refused")
    return "right by style: " + "; ".join(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    students, now = load_students(Resources().models()), datetime.now(UTC)
    known = frozenset(task.name for task in discover())
    for path in parser.parse_args().files:
        requests = requests_of(path, known)
        spec = shop_spec(requests, now)
        print(f"== {path}: over the demo shop's goods")
        over_demo = score(requests, students, ShopSpec(), now)
        print(over_demo)
        print(by_style(over_demo))
        print(f"== {path}: over these and {len(spec.products)} goods, {len(spec.customers)} people and {len(spec.orders)} orders that are named")
        print(score(requests, students, spec, now), flush=True)


if __name__ == "__main__":
    main()

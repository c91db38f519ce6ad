"""Foreign requests for a shop's back office, planned over a shop with the goods they name, against expectations written before any plan.

    python -m bench.webarena [../shared/data/webarena_shopping_admin_dev/requests.jsonl]

The requests are WebArena's (Apache-2.0) and not part of this repository; nothing is trained on them. The table has their ids and what
came of them, none of their words. The shop has the products, sizes, colours and people that they speak of, as far as one can be made
of the requests alone; its invoices and orders are one thing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.db.engine import Database, sqlite_url
from agent.db.upgrade import upgrade
from agent.planning.planner import Planner
from agent.records import Ask, Plan, Subtask
from agent.registry import discover
from agent.resources import Resources
from agent.stores.embedded.store import EmbeddedStore
from agent.students import load_students
from agent.testing.embedded_shop import StockedShop
from agent.testing.store_spec import CustomerSpec, LineSpec, OrderSpec, ProductSpec, ReviewSpec, ShopSpec, VariantSpec

DATA = Path("../shared/data/webarena_shopping_admin_dev/requests.jsonl")
EXPECTED = Path(__file__).parents[1] / "tests/journeys/webarena_expected.json"
NOW = datetime(2023, 5, 31, 12, tzinfo=UTC)
LETTERS, WAISTS = ("XS", "S", "M", "L", "XL"), ("28", "29", "32", "33", "34")
GOODS: Sequence[tuple[str, str, Sequence[str], Sequence[str]]] = (
    ("Circe Hooded Ice Fleece", "Hoodies", ("Gray", "Green", "Purple"), LETTERS),
    ("Olivia 1/4 Zip Light Jacket", "Jackets", ("Black", "Blue", "Purple"), LETTERS),
    ("Antonia Racer Tank", "Tanks", ("Black", "Purple", "Yellow"), LETTERS),
    ("Chloe Compete Tank", "Tanks", ("Blue", "Red", "Yellow"), LETTERS),
    ("Cronus Yoga Pant", "Pants", ("Black", "Blue", "Red"), WAISTS),
    ("Aero Daily Fitness Tee", "Tees", ("Black", "Brown", "Yellow"), LETTERS),
    ("Cora Parachute Pant", "Pants", ("Black", "Blue", "White"), WAISTS),
    ("Hollister Backyard Sweatshirt", "Sweatshirts", ("Green", "Red", "White"), LETTERS),
    ("Sahara Leggings", "Leggings", ("Black", "Blue", "Gray"), ("28", "29")),
    ("Gwyn Endurance Tee", "Tees", ("Black", "Green", "Yellow"), LETTERS),
    ("Ingrid Running Jacket", "Jackets", ("Orange", "Red", "White"), LETTERS),
    ("Desiree Fitness Tee", "Tees", ("Black", "Orange", "Yellow"), LETTERS),
    ("Atomic Endurance Running Tee (V-neck)", "Tees", ("Black", "Blue", "Lime"), LETTERS),
    ("Atomic Endurance Running Tee (Crew-Neck)", "Tees", ("Black", "Blue", "Lime"), LETTERS),
    ("Joust Duffle Bag", "Bags", ("Black",), ("One",)),
)
PEOPLE = ("Sarah Miller", "Jane Doe", "Grace Nguyen", "Alex Thomas", "Lily Potter")


def shop_spec() -> ShopSpec:
    products = [
        ProductSpec(
            title=title, product_type=kind, options=[("Color", colours), ("Size", sizes)],
            variants=[VariantSpec(options=[colour, size], price=5000, stock=100) for colour in colours for size in sizes],
        )
        for title, kind, colours, sizes in GOODS
    ]  # fmt: skip
    orders = [
        OrderSpec(
            number=f"#{n:09d}", at=NOW - timedelta(days=60 - n), customer=(n - 1) % len(PEOPLE), lines=[LineSpec(product=n % len(GOODS))],
            fulfilment="unfulfilled" if n > len(PEOPLE) else "fulfilled", payment="pending" if n > len(PEOPLE) else "paid",
        )
        for n in range(1, 2 * len(PEOPLE) + 1)
    ]  # fmt: skip
    reviews = [
        ReviewSpec(product=n, rating=2 if n % 2 else 5, title="A review", body="Came with a loose seam.", at=NOW - timedelta(days=9 + n), author=name)
        for n, name in enumerate(PEOPLE)
    ]
    customers = [CustomerSpec(name=name, email=f"{name.split()[0].lower()}@example.com") for name in PEOPLE]
    return ShopSpec(
        currency="USD", time_zone="America/New_York", week_starts="sunday", products=products, customers=customers, orders=orders, reviews=reviews
    )


class _Clock:
    def now(self) -> datetime:
        return NOW.astimezone(ZoneInfo("America/New_York"))

    def today(self) -> Any:
        return self.now().date()


class Shop:
    """The shop and a planner over it."""

    def __init__(self, folder: Path) -> None:
        self._db = Database(sqlite_url(folder / "storehand.db"))
        upgrade(self._db)
        stocked = StockedShop(self._db, shop_spec(), now=NOW)
        self.store: EmbeddedStore = stocked.store
        self._products = {title: id for (title, *_), id in zip(GOODS, stocked.ids["product"], strict=True)}
        self._customers = dict(zip(PEOPLE, stocked.ids["customer"], strict=True))
        self._orders = {f"{n:09d}": id for n, id in enumerate(stocked.ids["order"], 1)}
        kinds = [(title, colour, size) for title, _, colours, sizes in GOODS for colour in colours for size in sizes]
        self._variants = dict(zip(stocked.ids["variant"], kinds, strict=True))
        self._planner = Planner({task.name: task for task in discover().tasks.values()}, load_students(Resources().models()))

    def plan(self, text: str) -> Plan:
        return asyncio.run(self._planner.plan(Ask(text, locale="en-US", shop=self.store.shop.id), self.store, _Clock()))

    def close(self) -> None:
        self._db.close()

    def meant(self, what: Mapping[str, Any]) -> frozenset[str]:
        """The ids of the records that an expectation describes."""
        match dict(what):
            case {"orders": numbers}:
                return frozenset(self._orders[n] for n in numbers)
            case {"customers": names}:
                return frozenset(self._customers[n] for n in names)
            case {"product_type": kind}:
                return frozenset(self._products[title] for title, of, *_ in GOODS if of == kind)
            case {"products": said}:
                return frozenset(id for title, id in self._products.items() if any(_names(words, title) for words in said))
            case {"titles": titles, **wanted}:
                axes = (titles, wanted.get("Color"), wanted.get("Size"))
                return frozenset(
                    id for id, kind in self._variants.items() if all(axis is None or one in axis for one, axis in zip(kind, axes, strict=True))
                )
        raise ValueError(f"{what} describes no records")

    def reached(self, given: Any) -> frozenset[str]:
        """The records that an arg reaches; products' variants where products stand for them."""
        ids = given.get("ids", []) if isinstance(given, dict) else []
        return frozenset(ids)

    def as_variants(self, ids: frozenset[str]) -> frozenset[str]:
        titles = {title for title, id in self._products.items() if id in ids}
        return frozenset(id for id, kind in self._variants.items() if id in ids or kind[0] in titles)


def _names(said: str, title: str) -> bool:
    return all(word in title.lower() for word in said.lower().split())


def judged(plan: Plan, expected: Mapping[str, Any], slots: Mapping[str, str], shop: Shop) -> tuple[str, str]:
    """right or wrong, and what is wrong.

    A refusal is right where nothing is planned without a question. What is expected is planned with no more and no less, without questions.
    """
    open_ = {question.subtask for question in plan.questions}
    if expected.get("refused"):
        runs = [subtask.task for subtask in plan.subtasks if subtask.id not in open_]
        told = bool(plan.questions or plan.not_done)
        return ("right", "") if not runs and told else ("wrong", f"does {', '.join(runs)}" if runs else "says nothing")
    parts = expected.get("parts") or [expected["args"]]
    subtasks = [s for s in plan.subtasks if s.task in expected["tasks"]]
    if plan.questions:
        return "asks", "; ".join(sorted({f"{q.field}" for q in plan.questions}))
    if plan.not_done:
        return "wrong", f"not done: {', '.join(n.code for n in plan.not_done)}"
    if len(subtasks) != len(parts) or len(plan.subtasks) != len(parts):
        return "wrong", f"plans {', '.join(s.task for s in plan.subtasks) or 'nothing'}"
    faults = [fault for subtask, wanted in zip(subtasks, parts, strict=True) for fault in _faults(subtask, wanted, slots, shop)]
    return ("wrong", "; ".join(faults)) if faults else ("right", "")


def _faults(subtask: Subtask, wanted: Mapping[str, Any], slots: Mapping[str, str], shop: Shop) -> list[str]:
    return [name for name, value in wanted.items() if not _is(_signed(name, subtask.args), _filled(value, slots), name, shop)]


def _signed(name: str, args: Mapping[str, Any]) -> Any:
    """What is planned for a field; an amount to change a price by has its sign in the direction beside it."""
    given = args.get(name)
    down = name == "by" and args.get("direction") == "down" and isinstance(given, dict) and not str(given.get("amount", "")).startswith("-")
    return {**given, "amount": f"-{given['amount']}"} if down else given


def _filled(value: Any, slots: Mapping[str, str]) -> Any:
    """The value with the request's own words in place of their names: {term}."""
    if isinstance(value, str):
        return value.format(**slots) if "{" in value else value
    if isinstance(value, list):
        return [_filled(one, slots) for one in value]
    return {key: _filled(one, slots) for key, one in value.items()} if isinstance(value, dict) else value


def _is(given: Any, wanted: Any, name: str, shop: Shop) -> bool:
    if isinstance(wanted, dict):
        found = shop.reached(given)
        return (shop.as_variants(found) if name == "variants" else found) == shop.meant(wanted)
    if name == "period":
        return given is not None and f"{given['start'][:10]}/{given['end'][:10]}" in wanted
    if name == "metrics":
        return bool(set(given or []) & set(wanted if isinstance(wanted, list) else [wanted])) and given[0] in wanted
    if isinstance(wanted, list):
        return given in wanted
    if name in ("price", "by") and given is not None:
        return _number(given) == str(wanted).rstrip("%") and str(wanted).endswith("%") == ("%" in str(given) or "percent" in str(given))
    return given is not None and str(given).lower().strip(".!") == str(wanted).lower().strip(".!")


def _number(given: Any) -> str:
    text = str(given.get("amount") or given.get("value") or "") if isinstance(given, dict) else str(given)
    return f"{float(text.strip('%+')):g}"


def requests(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description="Plans the 39 requests and prints what came of each.")
    parser.add_argument("file", nargs="?", type=Path, default=DATA)
    parser.add_argument("--plans", action="store_true", help="print the args of what is not right, for looking into it")
    options = parser.parse_args()
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        counts: dict[str, int] = {}
        print(f"{'id':>4}  {'verdict':<7} {'planned':<40} what is not as expected")
        for request in requests(options.file):
            plan = shop.plan(request["text"])
            verdict, why = judged(plan, expected[str(request["task_id"])], request["slots"], shop)
            counts[verdict] = counts.get(verdict, 0) + 1
            planned = ", ".join(s.task for s in plan.subtasks) or "/".join(n.code for n in plan.not_done) or "nothing"
            print(f"{request['task_id']:>4}  {verdict:<7} {planned:<40} {why}")
            if options.plans and verdict != "right":
                for subtask in plan.subtasks:
                    print(f"        {subtask.task} {json.dumps({k: v for k, v in subtask.args.items() if v}, default=str)[:400]}")
                for note in [*plan.questions, *plan.not_done]:
                    print(f"        {str(note)[:300]}")
        print(", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items())), f"of {sum(counts.values())}")
        shop.close()


if __name__ == "__main__":
    main()

"""Which order is meant, and which of its lines: what every task that changes orders asks first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from babel import Locale
from pydantic import Field

from agent.errors import Invalid, NotFound
from agent.sdk.gather import countries_and_cities, every
from agent.sdk.goods import Product
from agent.sdk.orders import Order, OrderLine
from agent.sdk.people import Customer
from agent.sdk.refs import Selection
from agent.sdk.results import Missing
from agent.sdk.store import Store
from agent.sdk.task import Args, AskedAs, Says
from agent.sdk.text import count, say
from agent.sdk.wheres import OrderWhere

OPTIONS = 6
"""Orders offered where several may be meant."""


RESTOCKING = Says(
    true=[
        "restock", "restock the items", "restock them", "restock it", "restock everything", "restock the goods", "put them back in stock",
        "put it back in stock", "put the items back in stock", "put back in stock", "back in stock", "back on the shelf", "return to stock",
        "put the items back", "put it back", "put them back", "take it back into stock", "take them back into stock", "back into stock",
        "put the goods back", "put the goods back into stock", "put the goods back in stock", "do restock",
    ],
    false=[
        "without restocking", "don't restock", "do not restock", "no restock", "not restock", "don't restock the goods", "don't restock the items",
        "do not restock the goods", "do not restock the items", "without restocking the goods", "without restocking the items",
        *(f"{no} {verb} … back" for no in ("don't", "do not", "without", "not") for verb in ("put", "take", "add", "book", "putting", "taking")),
        *(f"{no} return … stock" for no in ("don't", "do not", "without", "not")),
        *(f"{no} back {where}" for no in ("not", "don't go", "do not go", "doesn't go") for where in ("in stock", "into stock", "on the shelf")),
    ],
)  # fmt: skip
"""How a field is said that puts goods of an order back into stock."""


class OfOrders(Args):
    """Args of a task about orders: by number, or whose, or which."""

    orders: Annotated[Selection[Order] | None, AskedAs("Which order? Its number is enough, such as #1042.")] = Field(
        None, description="The order by its number, or an earlier result."
    )
    customers: Selection[Customer] | None = Field(None, description="Whose order, where no number is said.")
    which: Annotated[
        Literal["latest", "first", "largest"] | None,
        Says(
            latest=["last order", "latest order", "newest order", "most recent order", "latest", "most recent", "last one"],
            first=["first order", "oldest order", "earliest order"],
            largest=["largest order", "biggest order"],
        ),
    ] = Field(None, description="The latest, the first or the largest order, where no number is said.")

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("orders", "customers", "which"),)


async def orders_meant(args: OfOrders, store: Store, *, fits: Callable[[Order], bool], doing: str) -> list[Order] | Missing:
    """The orders meant; a question where it could be several of somebody's.

    Args:
        fits: Which orders it could be about, where only their customer is said.
        doing: What is done to them, for the question: "cancelled".

    Raises:
        NotFound: There is no such order, or the customer has none.
        Invalid: The order is another customer's, or none of the customer's can be meant.
    """
    if args.orders is not None:
        return await _by_number(args.orders, args.customers, store)
    whose = args.customers.ids if args.customers is not None else None
    if args.which is not None:
        sorts: Mapping[str, Literal["recent", "oldest", "total"]] = {"latest": "recent", "first": "oldest", "largest": "total"}
        found = list((await store.orders(OrderWhere(customers=whose, sort=sorts[args.which]), limit=1)).items)
        if not found:
            raise NotFound("order", args.customers.label if args.customers is not None else "")
        return found
    if args.customers is None:
        return Missing("orders", say("Which order? Its number is enough, such as #1042."))
    return await _of_customers(args.customers, store, fits, doing)


async def _by_number(orders: Selection[Order], customers: Selection[Customer] | None, store: Store) -> list[Order]:
    found = await every(store.orders, orders)
    if not found:
        raise NotFound("order", orders.label)
    others = [order for order in found if customers is not None and order.customer_id not in customers.ids]
    if customers is not None and others:
        whose = others[0].customer_name or "someone without an account"
        raise Invalid(f"{others[0].number} is an order of {whose}, not of {customers.label}. Say which order is meant.", field="orders")
    return found


async def _of_customers(customers: Selection[Customer], store: Store, fits: Callable[[Order], bool], doing: str) -> list[Order] | Missing:
    theirs = await every(store.orders, OrderWhere(customers=customers.ids))
    if not theirs:
        raise NotFound("order", customers.label)
    found = [order for order in theirs if fits(order)]
    if not found:
        raise Invalid(f"No order of {customers.label} can be {doing}.", field="orders")
    return found if len(found) == 1 else which_of(found, customers.label, doing)


def which_of(orders: Sequence[Order], label: str, doing: str) -> Missing:
    """The question which one of several orders is meant."""
    told = "{number}, {day}, {total}"
    options = [(o.number, say(told, number=o.number, day=o.placed_at.date(), total=o.total)) for o in orders[:OPTIONS]]
    asked = count("{n} order of {label} can be {doing}. Which one?", "{n} orders of {label} can be {doing}. Which one?", len(orders),
                  label=label, doing=doing)  # fmt: skip
    return Missing("orders", asked, options)


def units_of(
    order: Order, products: Selection[Product] | None, counts: Mapping[str, int], *, left: Callable[[OrderLine], int], doing: str
) -> dict[str, int]:
    """Line id to units: of the products said, as many as said of each, else all that are left.

    Args:
        counts: Product or variant id to units; under several ids with blanks between, those of them together; under "" those of each.
        left: How many of a line it can be about.

    Raises:
        Invalid: The order has no such product, none of it is left, or fewer than said; or several products of which so many could be any.
    """
    known = {id for ids in counts for id in ids.split()}
    goods = [line for line in order.lines if line.kind == "product"]
    if products is not None:
        goods = [line for line in goods if {line.product_id, line.variant_id} & set(products.ids)]
        if not goods:
            raise Invalid(f"{order.number} has no {products.label or 'such product'}.", field="products")
    elif counts and "" not in counts:
        goods = [line for line in goods if {line.product_id, line.variant_id} & known]
    if any(units <= 0 for units in counts.values()):
        raise Invalid("How many is a whole number above 0.", field="counts")
    if counts and not goods:
        raise Invalid(f"{order.number} has no such product.", field="counts")
    units: dict[str, int] = {}
    for ids, lines in _by_product(goods):
        units |= _shared_out(order, lines, _said_of(order, goods, ids, counts, left), left, doing)
    if not units:
        raise Invalid(f"Nothing of {order.number} is left to be {doing}.", field="products")
    return units


def _said_of(
    order: Order, goods: Sequence[OrderLine], ids: set[str | None], counts: Mapping[str, int], left: Callable[[OrderLine], int]
) -> int | None:
    """How many were said of the product with these ids; None for all that are left of it.

    "Two of the mugs" of an order with two kinds of mug could be any; as many as there are of both together are all of each.
    """
    together = next((key for key in counts if ids & set(key.split())), "")
    own = [lines for theirs, lines in _by_product(goods) if theirs & set(together.split())]
    if len(own) < 2:
        return counts.get(together)
    if counts[together] == sum(left(line) for lines in own for line in lines):
        return None
    titles = ", ".join(lines[0].title for lines in own)
    raise Invalid(f"{order.number} has several of these: {titles}. Say how many of which.", field="counts")


def _by_product(lines: Sequence[OrderLine]) -> list[tuple[set[str | None], list[OrderLine]]]:
    """Lines of one product together, with the ids they go by: two lines of the same mug are "the mugs"."""
    groups: dict[str | None, list[OrderLine]] = {}
    for line in lines:
        groups.setdefault(line.product_id or line.id, []).append(line)
    return [({id for line in own for id in (line.product_id, line.variant_id)}, own) for own in groups.values()]


def _shared_out(order: Order, lines: Sequence[OrderLine], said: int | None, left: Callable[[OrderLine], int], doing: str) -> dict[str, int]:
    there = sum(left(line) for line in lines)
    if said is not None and said > there:
        raise Invalid(f"{order.number} has {there} × {lines[0].title} left to be {doing}, not {said}.", field="counts")
    wanted, units = there if said is None else said, {}
    for line in lines:
        if taken := min(wanted, left(line)):
            units[line.id], wanted = taken, wanted - taken
    return units


def country_code(said: str) -> str | None:
    """The ISO code of a country by its name or its code; None for what is no country."""
    text = said.strip().strip(".")
    codes, _ = countries_and_cities([text.casefold()])
    if codes:
        return codes[0]
    return text.upper() if len(text) == 2 and text.isalpha() and text.upper() in Locale("en").territories else None

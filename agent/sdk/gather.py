"""What most handlers need: every page, the usual period, places and locations, and evidence for a list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from babel import Locale
from pydantic import BaseModel

from agent.errors import Ambiguous, Invalid, NotFound
from agent.sdk.goods import Product, Variant
from agent.sdk.orders import Order
from agent.sdk.people import Customer
from agent.sdk.refs import Between, Money, Period, Selection, Where
from agent.sdk.results import Evidence
from agent.sdk.store import Clock, Page, Store
from agent.sdk.text import Sentence, say

T = TypeVar("T")

Pages = Callable[..., Awaitable[Page[T]]]

_CALLED = {"uk": "GB", "great britain": "GB", "england": "GB", "usa": "US", "us": "US", "america": "US", "holland": "NL", "czech republic": "CZ"}
_AT_ONCE = 500


async def every(pages: Pages[T], where: Any = None, *, most: int | None = None) -> list[T]:
    """All records a listing has, or its first `most`, page by page: `await every(store.products, args.products)`.

    A selection is read in slices of its ids, so that a long one needs no statement with thousands of parameters.
    """
    parts = _slices(where) if isinstance(where, Selection) else [where]
    items: list[T] = []
    for part in parts:
        cursor: str | None = None
        while most is None or len(items) < most:
            page = await pages(part, limit=_AT_ONCE if most is None else min(_AT_ONCE, most - len(items)), cursor=cursor)
            items += page.items
            if (cursor := page.next) is None:
                break
    return items


async def products_meant(store: Store, products: Selection[Product] | None, *, most: int | None = None) -> list[Product]:
    """The products that are meant, or the first `most` of them; all of the shop's where none are named.

    Raises:
        NotFound: Some are named and none of them is there.
    """
    found = await every(store.products, products, most=most)
    if products is not None and not found:
        raise NotFound("product", products.label)
    return found


async def customers_meant(
    store: Store, customers: Selection[Customer] | None, orders: Selection[Order] | None, *, most: int | None = None
) -> list[Customer]:
    """The customers that were named, and those who placed the orders that were named instead; or the first `most` of them."""
    ids: list[str | None] = list(customers.ids) if customers is not None else []
    if orders is not None:
        ids += [order.customer_id for order in await every(store.orders, orders)]
    return await every(store.customers, Selection[Customer](ids=distinct(ids)[:most]))


def distinct(ids: Iterable[str | None]) -> tuple[str, ...]:
    """Each id once, as they come first; of what has none nothing."""
    return tuple(dict.fromkeys(id for id in ids if id is not None))


def percent(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """To a tenth; None of nothing."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1")) if whole > 0 else None


def check_currency(args: BaseModel, store: Store, *names: str) -> None:
    """
    Args:
        names: Fields that may hold an amount of money or a range of amounts.

    Raises:
        Invalid: One of the amounts is in another currency than the shop's.
    """
    for name in names:
        value = getattr(args, name)
        for amount in (value.at_least, value.above, value.at_most, value.below) if isinstance(value, Between) else (value,):
            if isinstance(amount, Money) and amount.currency != store.shop.currency:
                raise Invalid(f"This shop sells in {store.shop.currency}, not in {amount.currency}.", field=name)


def variants_meant(product: Product, where: Where) -> list[Variant]:
    """Of a product chosen by an option ("blue mugs") the variants that have it; all of one that was chosen by its title or has no such option."""
    wanted = {name.casefold(): {value.casefold() for value in values} for name, values in where.options.items()}
    said = [variant for variant in product.variants if any(name.casefold() in wanted for name in variant.options)]
    fitting = [
        variant for variant in said
        if all(value.casefold() in wanted.get(name.casefold(), {value.casefold()}) for name, value in variant.options.items())
    ]  # fmt: skip
    return fitting or list(product.variants)


async def variants_chosen(store: Store, products: Selection[Product] | None) -> list[str] | None:
    """Of goods that were chosen by an option ("blue mugs") the variants that are so, for a query's filters; None where they were not."""
    if products is None or not products.where.options:
        return None
    return [variant.id for product in await every(store.products, products) for variant in variants_meant(product, products.where)]


def only_for(told: Sentence, *narrowed: Selection[Any] | str | Sequence[str] | None, period: Period | None = None) -> Sentence:
    """The sentence with what its figure is narrowed to, so that a figure of mugs is not read as the shop's.

    Args:
        period: The time looked at, where the sentence does not tell it.
    """
    called: list[str] = []
    for each in narrowed:
        match each:
            case Selection():
                called += [each.label] if each.label and not each.where.everything else []
            case str():
                called += [each] if each else []
            case None:
                pass
            case _:
                called += each
    what = "; ".join(dict.fromkeys(called))
    if period is not None and what:
        return say("{told} Only for: {what}; {period}.", told=told, what=what, period=period)
    if period is not None:
        return say("{told} Only for: {what}.", told=told, what=period)
    return say("{told} Only for: {what}.", told=told, what=what) if what else told


def _slices(selection: Selection[Any]) -> list[Selection[Any]]:
    ids = selection.ids
    return [selection.model_copy(update={"ids": ids[i : i + _AT_ONCE]}) for i in range(0, len(ids), _AT_ONCE)]


def last_days(clock: Clock, days: int) -> Period:
    """The last `days` whole days and today so far, in the shop's time zone."""
    today = datetime.combine(clock.today(), time(), tzinfo=clock.now().tzinfo)
    return Period(start=today - timedelta(days=days - 1), end=today + timedelta(days=1), label=f"the last {days} days")


def up_to_now(period: Period, clock: Clock) -> Period:
    """The period without the days still to come, so that "this month" is compared with as much of another."""
    tomorrow = datetime.combine(clock.today(), time(), tzinfo=clock.now().tzinfo) + timedelta(days=1)
    return period.model_copy(update={"end": tomorrow}) if period.start < tomorrow < period.end else period


def stretch_before(period: Period, clock: Clock) -> Period:
    """What to compare a period with when nothing is said: the months before whole months, the same days of the month or the year before
    one that has begun, else as many days right before."""
    zone = clock.now().tzinfo
    start, end = period.start.astimezone(zone), period.end.astimezone(zone)
    months = (end.year - start.year) * 12 + end.month - start.month
    if start.day == 1 and end.day == 1 and months > 0:
        return Period(start=_months_before(start, months), end=start, label="the month before" if months == 1 else f"the {months} months before")
    if (start.day, start.month) == (1, 1) and end.year == start.year and months > 0:
        return Period(start=_months_before(start, 12), end=_months_before(end, 12), label="the same days of the year before")
    if start.day == 1 and months == 0:
        first = _months_before(start, 1)
        return Period(start=first, end=min(first + (end - start), start), label="the same days of the month before")
    days = max(1, (end - start).days)
    return Period(start=start - timedelta(days=days), end=start, label=f"the {days} days before")


def _months_before(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    last = (datetime(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def countries_and_cities(places: Sequence[str]) -> tuple[list[str] | None, list[str] | None]:
    """Places as the filters of a query take them: ISO 3166 codes and the names of countries, and everything else as cities."""
    if not places:
        return None, None
    codes = {name.casefold(): code for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()} | _CALLED
    countries: list[str] = []
    cities: list[str] = []
    for place in places:
        code = place if len(place) == 2 and place.isupper() else codes.get(place.casefold())
        (cities if code is None else countries).append(code or place)
    return countries or None, cities or None


def places_called(places: Sequence[str]) -> list[str]:
    """Places as people write them: countries by their English name, cities with capitals."""
    names = Locale("en").territories
    found = [(countries_and_cities([place])[0], place) for place in places]
    return [names.get(codes[0], place) if codes else place.title() if place.islower() else place for codes, place in found]


def among(value: Any, condition: Between[Any] | None) -> bool:
    """Whether the value meets the condition; no condition is met by everything."""
    if condition is None:
        return True
    low = (condition.at_least is None or not value < condition.at_least) and (condition.above is None or condition.above < value)
    return low and (condition.at_most is None or not condition.at_most < value) and (condition.below is None or value < condition.below)


async def locations_called(name: str | None, store: Store) -> dict[str, str]:
    """The shop's locations that go by this name, by id; all of them, the main one first, when no name is said.

    Raises:
        NotFound: None is called so.
        Ambiguous: Several are.
    """
    known = dict(await store.locations())
    if name is None:
        return known
    wanted = name.strip().casefold()
    same = {id: title for id, title in known.items() if title.casefold() == wanted}
    found = same or {id: title for id, title in known.items() if wanted and (wanted in title.casefold() or title.casefold() in wanted)}
    if not found:
        raise NotFound("location", name)
    if len(found) > 1:
        raise Ambiguous(name, list(found.values()))
    return found


def evidence(store: Store, args: BaseModel, *, metric: str, definition: str, rows: int, period: Period | None = None) -> Evidence:
    """Evidence for a list that was read with a task's own args: what was set of them is its query and its filters."""
    filters = {name: shown for name in type(args).model_fields if (shown := _shown(getattr(args, name))) is not None}
    said = ", ".join(f"{name} {' '.join(value) if isinstance(value, list) else value}" for name, value in filters.items())
    return Evidence(
        metric=metric, definition=definition, query=f"{metric} where {said}" if said else f"all {metric}", period=period,
        time_zone=store.shop.time_zone, currency=store.shop.currency, filters=filters, rows=rows,
    )  # fmt: skip


def _shown(value: Any) -> Any:
    if value is None or value is False or value == [] or value == ():
        return None
    if isinstance(value, Selection):
        return value.label or f"{len(value)} chosen"
    if isinstance(value, Between):
        said = {name.replace("_", " "): bound for name in type(value).model_fields if (bound := getattr(value, name)) is not None}
        return " and ".join(f"{name} {_shown(bound)}" for name, bound in said.items())
    if isinstance(value, Period):
        return value.label or f"{value.start.isoformat()} to {value.end.isoformat()}"
    if hasattr(value, "amount"):
        return f"{value.amount} {value.currency}"
    if isinstance(value, Mapping | bool | int | str):
        return value
    return [str(item) for item in value] if isinstance(value, Sequence) else str(value)

"""Places and sales channels as the shop has them: a place nobody ordered from and a channel it does not have are asked about.

An answer about them would be nothing, and true of nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import cast

from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.fragments import OUR
from agent.planning.language.restricting import Restriction
from agent.planning.language.values import Dates, Spot
from agent.planning.linking.lexicon import ASKING, COMMON
from agent.planning.linking.vocabulary import key_of, words_of
from agent.sdk import CustomerWhere, OrderWhere, Period, Query, Slot, Task, countries_and_cities
from agent.sdk.nationalities import NATIONALITIES

_ARTICLE = re.compile(rf"^(?:{OUR}|on|in)\s+", re.I)
_COUNTRIES = re.compile(r"\bcountr(?:y|ies)\b", re.I)
_COMPARED = re.compile(r"\b(?:compar\w+|vs\.?|versus|against|than|or|difference\s+between)\b", re.I)
_THE_SHOP = frozenset(key_of("online web shop store website"))
"""Words by which a merchant may mean the whole shop: "how did my online store do"."""

_NATIONALITY = re.compile(
    rf"\b(?P<of>{'|'.join(NATIONALITIES)})\b(?=(?:\s+(?:and|or)\s+\w+|\s*,\s*\w+)*\s+(?:customers?|buyers?|shoppers?|clients?|people|subscribers?|members?|ones|spenders|regulars|orders?|sales|revenue|market)\b)",
    re.I,
)


async def settle_whereabouts(bound: Bound, scope: Scope, *, taken: Sequence[Spot] = ()) -> None:
    """
    Args:
        taken: Places that belong to the task that this one only finds records for.
    """
    take_nationalities(bound, taken=taken)
    await take_known_cities(bound, scope, taken=taken)
    for slot in bound.task.slots:
        if "texts" not in slot.types:
            continue
        if slot.name in bound.args and (slot is place_slot(bound.task) or slot.name == "elsewhere"):
            await _settle_places(bound, scope, slot)
        elif slot.name in ("channel", "channels"):
            await _settle_channels(bound, scope, slot)


async def _settle_places(bound: Bound, scope: Scope, slot: Slot) -> None:
    places = list(dict.fromkeys(known_as(place) for place in bound.args[slot.name]))
    for place in places:
        if not await _is_somewhere(place, scope):
            break
    else:
        bound.args[slot.name] = places
        return
    del bound.args[slot.name]
    bound.ask(slot.name, f"“{place}” is neither a country nor a city this shop knows of. Which country or city do you mean?")


def place_slot(task: Task) -> Slot | None:
    """The field for countries and cities, if the task has one."""
    return next((slot for slot in task.slots if "texts" in slot.types and _COUNTRIES.search(slot.description)), None)


def take_nationalities(bound: Bound, *, taken: Sequence[Spot] = ()) -> None:
    """ "German customers" are those in Germany."""
    slot = place_slot(bound.task)
    if slot is None:
        return
    own, bound.taken = bound.taken, [*taken, *bound.taken]
    _take_nationalities(bound, slot)
    bound.taken = own + bound.taken[len(taken) + len(own) :]


def _take_nationalities(bound: Bound, slot: Slot) -> None:
    _take_countries(bound, slot)
    _take_cities(bound, slot)
    for match in _NATIONALITY.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        spot = Spot(start=match.start(), end=match.end())
        country = NATIONALITIES[match["of"].lower()]
        places = [place for place in bound.args.get(slot.name, []) if place.casefold() != match["of"].casefold()]
        if country not in places:
            bound.args[slot.name] = [*places, country]
            bound.taken.append(spot)


_SOMEWHERE = re.compile(r"\b(?:in|from|to)\s+(?:the\s+)?(?=(?P<words>[^\W\d][\w'’.-]*(?:\s+[^\W\d][\w'’.-]*){0,3}))", re.I)
_AND_IN = re.compile(r"\s*(?:,|\band\b|\bor\b|/)\s*(?:in\s+|from\s+)?(?:the\s+)?(?=(?P<words>[^\W\d][\w'’.-]*(?:\s+[^\W\d][\w'’.-]*){0,3}))", re.I)


def _take_countries(bound: Bound, slot: Slot) -> None:
    """Countries that the reader left inside another mention: "buyers in Germany and Austria"."""
    piece = bound.piece
    for match in _SOMEWHERE.finditer(piece.text, piece.start, piece.end):
        joined: re.Match[str] | None = match
        while joined is not None and (country := country_at(joined["words"])):
            spot = Spot(start=joined.end(), end=joined.end() + len(country))
            if bound.takes(spot):
                break
            bound.args[slot.name] = [*bound.args.get(slot.name, []), country]
            bound.taken.append(spot)
            joined = _AND_IN.match(piece.text, spot.end, piece.end)


_CITY = re.compile(
    r"\b(?:customers?|buyers?|shoppers?|clients?|people|everyone|everybody|subscribers?|members|regulars|spenders|vips|ones)\s+(?:who\s+)?(?:liv(?:ing|e)\s+|based\s+)?(?:in|from)\s+"
    r"(?P<city>[A-ZÀ-Þ][\w’'-]+(?:\s+(?:am\s+|an\s+der\s+)?[A-ZÀ-Þ][\w’'-]+)?)"
)


_PEOPLE = r"(?:customers?|buyers?|shoppers?|clients?|people|everyone|everybody|anyone|anybody|subscribers?|members|regulars|spenders|vips|ones)"
_LOWER_CITY = re.compile(
    rf"\b{_PEOPLE}\s+(?:who\s+)?(?:(?:are\s+)?(?:liv(?:ing|e)|based)\s+)?(?:in|from)\s+(?P<city>[^\W\d_]{{3,}})(?!\w)"
    rf"|\b(?P<beside>[^\W\d_]{{4,}})\s+{_PEOPLE}\b"
    r"|\borders\s+(?:(?:placed|going|shipped|sent|delivered|that\s+(?:go|are\s+going))\s+)?(?:in|from|to)\s+(?P<ordered>[^\W\d_]{3,}(?:\s+(?-i:[A-ZÀ-Þ])[^\W\d_]+)?)(?!\w)",
    re.I,
)


_NO_PLACE = COMMON | ASKING
"""Beside people these name no city: "which customers"."""


_LOOKED_UP = 2
"""Words beside people that are looked up as a city without being marked as one."""


async def take_known_cities(bound: Bound, scope: Scope, *, taken: Sequence[Spot] = ()) -> None:
    """A city of the shop's customers that stands beside people without a capital, or before them: "everybody in berlin", "all berlin customers"."""
    slot = place_slot(bound.task)
    if slot is None or bound.args.get(slot.name):
        return
    own = scope.own_words[bound.task.name] | COMMON
    orders = bound.task.finds("order")
    looked_up = 0
    for said in islice(_LOWER_CITY.finditer(bound.piece.text, bound.piece.start, bound.piece.end), _PLACES):
        group = said.lastgroup or "city"
        spot = Spot(start=said.start(group), end=said.end(group))
        plain = any(word.text.lower() in _NO_PLACE or word.stem in own for word in words_of(said[group]))
        dated = any(isinstance(v, Dates) and v.overlaps(spot) for v in bound.piece.values.items)
        free = not (bound.takes(spot) or plain or dated or any(spot.overlaps(t) and not _around(t, spot) for t in taken))
        looked_up += free
        if looked_up > _LOOKED_UP:
            return
        if free and (group != "ordered" or orders) and await _is_city(said[group], scope, orders=orders):
            bound.args[slot.name] = [said[group].title() if said[group].islower() or group == "beside" else said[group]]
            bound.taken.append(spot)
            await _take_cities_beside(bound, scope, slot, spot.end, orders=orders)
            return


async def _take_cities_beside(bound: Bound, scope: Scope, slot: Slot, at: int, *, orders: bool) -> None:
    """More cities after one: "in berlin ‖ or hamburg"."""
    while (joined := _AND_IN.match(bound.piece.text, at, bound.piece.end)) is not None:
        name = joined["words"].split()[0].rstrip(".")
        spot = Spot(start=joined.end(), end=joined.end() + len(name))
        if bound.takes(spot) or name.lower() in COMMON or not await _is_city(name, scope, orders=orders):
            return
        bound.args[slot.name] = [*bound.args[slot.name], name.title() if name.islower() else name]
        bound.taken.append(spot)
        at = spot.end


async def _is_city(city: str, scope: Scope, *, orders: bool) -> bool:
    """Whether somebody lives there, or has ordered to there."""
    lives, kind = (_was_ordered_to, "city of orders") if orders else (_lives_somebody, "city")
    return await scope.holds(kind, city, partial(lives, city, scope))


async def _was_ordered_to(city: str, scope: Scope) -> bool:
    return await scope.store.count_orders(OrderWhere(cities=[city])) > 0


async def _lives_somebody(city: str, scope: Scope) -> bool:
    return await scope.store.count_customers(CustomerWhere(cities=[city])) > 0


def _around(taken: Spot, spot: Spot) -> bool:
    """Whether the place lies inside a longer stretch, which says whom it is about."""
    return (
        not isinstance(taken, Restriction) and taken.start <= spot.start and spot.end <= taken.end and taken.end - taken.start > spot.end - spot.start
    )


_PLACES = 12
"""Places left inside other mentions of one clause: each is looked up in the shop."""


def _take_cities(bound: Bound, slot: Slot) -> None:
    """A place that the reader left inside a mention of people, "the customers in Berlin"; whether it is one is looked up with the others."""
    for said in islice(_CITY.finditer(bound.piece.text, bound.piece.start, bound.piece.end), _PLACES):
        spot = Spot(start=said.start("city"), end=said.end("city"))
        if said["city"] in bound.args.get(slot.name, []):
            bound.taken.append(spot)
        elif not bound.takes(spot) and not any(isinstance(v, Dates) and v.overlaps(spot) for v in bound.piece.values.items):
            bound.args[slot.name] = [*bound.args.get(slot.name, []), said["city"]]
            bound.taken.append(spot)


_SHORT = frozenset({"UK", "USA", "US"})


def country_at(words: str) -> str | None:
    """The longest name of a country that the words begin with."""
    parts = words.split(" ")
    names = (" ".join(parts[:n]).rstrip(".") for n in range(len(parts), 0, -1))
    return next((name for name in names if (len(name) > 3 or name in _SHORT) and countries_and_cities([name])[0]), None)


def known_as(place: str) -> str:
    """ "The Netherlands" is a country without its article; "The Hague" has it in its name."""
    bare = _ARTICLE.sub("", place)
    return bare if countries_and_cities([bare])[0] else place


async def _is_somewhere(place: str, scope: Scope) -> bool:
    if countries_and_cities([place])[0]:
        return True
    seen = cast(set[str], scope.linker.vocabulary.vectors.setdefault("cities", set[str]()))
    if place.casefold() not in seen:
        store = scope.store
        if not (await store.count_orders(OrderWhere(cities=[place])) or await store.count_customers(CustomerWhere(cities=[place]))):
            return False
        seen.add(place.casefold())
    return True


async def _settle_channels(bound: Bound, scope: Scope, slot: Slot) -> None:
    said = cast(list[str], bound.args.get(slot.name, []))
    known = await _channels(scope)
    meant = {name: _alike(name, known) for name in said}
    if None in meant.values():
        known = await _channels(scope, fresh=True)
        meant = {name: _alike(name, known) for name in said}
    if not known:
        return
    if (unknown := next((name for name, channel in meant.items() if channel is None), None)) is not None:
        del bound.args[slot.name]
        bound.ask(slot.name, f"No sales channel of this shop is called “{unknown}”. Which one do you mean?", [(name, name) for name in known])
        return
    channels = dict.fromkeys(channel for channel in meant.values() if channel is not None)
    for name, spot in _mentioned(bound, known, beside=channels):
        channels.setdefault(name)
        bound.taken.append(spot)
    if channels:
        bound.args[slot.name] = list(channels)
    if len(channels) > 1 and _COMPARED.search(bound.piece.said):
        _side_by_side(bound)


def _alike(said: str, known: Sequence[str]) -> str | None:
    """The one channel that these words name: "the online store", "online"."""
    words = key_of(_ARTICLE.sub("", said.strip()))
    same = [name for name in known if key_of(name) == words]
    part = same or [name for name in known if words and (set(words) <= set(key_of(name)) or set(key_of(name)) <= set(words))]
    return part[0] if len(part) == 1 else None


def _mentioned(bound: Bound, known: Sequence[str], *, beside: dict[str, None]) -> list[tuple[str, Spot]]:
    """Channels named in the clause without a mark of the reader's."""
    piece, found = bound.piece, list[tuple[str, Spot]]()
    for name in known:
        if name in beside or (not beside and set(key_of(name)) <= _THE_SHOP):
            continue
        words = r"[\s-]+".join(map(re.escape, name.split()))
        pattern = re.compile(rf"(?<!\w){words}(?!\w)", re.I)
        for match in pattern.finditer(piece.text, piece.start, piece.end):
            spot = Spot(start=match.start(), end=match.end())
            if not bound.takes(spot):
                found.append((name, spot))
                break
    return sorted(found, key=lambda pair: pair[1].start)


def _side_by_side(bound: Bound) -> None:
    """Channels that are compared are told apart."""
    by = next((slot for slot in bound.task.slots if "choices" in slot.types and "channel" in slot.choices), None)
    if by is not None and not bound.args.get(by.name):
        bound.args[by.name] = ["channel"]


async def _channels(scope: Scope, *, fresh: bool = False) -> Sequence[str]:
    """The shop's channels, remembered beside its vocabulary until one is asked for that is not among them."""
    remembered = scope.linker.vocabulary.vectors
    if fresh or "channels" not in remembered:
        now = scope.terms.now
        ever = Period(start=datetime(2000, 1, 1, tzinfo=now.tzinfo), end=now + timedelta(days=1), label="ever")
        result = await scope.store.query(Query(metrics=["gross_sales"], dimensions=["channel"], period=ever))
        remembered["channels"] = [row.keys["channel"] for row in result.rows if row.keys.get("channel")]
    return cast(Sequence[str], remembered["channels"])

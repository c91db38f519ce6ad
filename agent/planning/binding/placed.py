"""People told by their orders: "the customers of the unshipped orders from last week", "everyone whose order has not been sent".

A search for customers knows what they spent and bought, and nothing of how an order stands. So where a change or a text is for those behind some
orders, the orders are looked for; who placed them comes with what is found.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from agent.planning.binding.scope import Bound, Piece, Scope, put
from agent.planning.language.normalise import normalise
from agent.planning.language.values import Spot
from agent.planning.linking.lexicon import COMMON, does
from agent.planning.linking.link import Linked
from agent.planning.linking.roles import task_for
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import SlotSpan
from agent.sdk import OrderWhere, Slot, Task, Where

Search = Callable[[Task, Piece, Scope, Sequence[Spot]], Awaitable[Bound]]

_BY_ORDERS = re.compile(
    r"\b(?:(?:all|the|our|those|every|any|both)\s+)*(?:customers?|buyers?|clients?|shoppers?|people|everyone|everybody|anyone|anybody|those|person|whoever)\s+"
    r"(?:(?<=whoever\s)(?:placed|made|has|had|have)|of|with|behind|from|on|(?:(?:who|that)\s+(?:are|is)\s+)?(?:still\s+)?(?P<waits>waiting)\s+(?:for|on)|(?:who|that)\s+(?:still\s+)?(?:have|has|had|placed|made)|whose)\s+"
    r"(?P<orders>(?:(?:an?|the|their|our|all|any|those|these)\s+)*(?:(?!(?:and|or|no|never|than|first|last|next)\b)[\w-]+\s+){0,3}?orders?\b)",
    re.I,
)
_ENDS = re.compile(
    r"\s*[;:!?\"“,]|\.(?:\s|$)"
    r"|\s+that\s+(?!(?:are|were|was|is|have|has|had|(?:are|is|have|has|were|was)n[’']t|contain|include|came|got|we\s+(?:have|still))\b)"
    r"|\s+(?:saying|telling|about|offering|inviting|thanking|asking|reminding|apologi\w+|as\b|an?\b|to\s+(?:say|tell|let|thank|remind|ask|invite|apologi\w+|offer|give|inform))\b"
    r"|\s+with\s+(?:(?:an?|the|our|my)\s+)?(?:[\w%€-]+\s+){0,2}?(?:codes?|discount|coupon|voucher|apology|note|message|offer|tag)\b"
    r"|\s+and\s+(?:give|offer|tell|say|send|include|mention|add|remind|thank|let|put|tag|e-?mail|write|message|make|draft|call|apologi\w+)\b",
    re.I,
)
_SO_MANY = re.compile(r"\b(?:\d+\s+orders?|(?:more|fewer|less)\s+than|at\s+(?:least|most)|over\s+\d+\s+orders?|repeat|several|many|multiple)\b", re.I)
"""How many somebody placed is known of the customers themselves."""
_NUMBERED = re.compile(r"\borders?\s+(?:numbers?\s+)?#?\d{3,}")
_PLAIN = frozenset({"period", "places", "customers", "sort"})
"""Fields that a search for customers has as well."""
_SILENT = frozenset({
    "order", "orders", "still", "yet", "not", "been", "whose", "their", "who", "waiting", "already", "currently", "placed", "made", "of",
})  # fmt: skip


async def take_placed(bound: Bound, scope: Scope, search: Search) -> frozenset[str]:
    """Fill whom a change or a text is for with those who placed the orders that are told.

    Returns:
        The kinds of record of which no more is to be looked for: none where people are not told so.
    """
    slot = bound.task.selecting("customer")
    finder, piece = task_for(scope.tasks, "find", "order"), bound.piece
    if finder is not None and await _takes_what_they_ordered(bound, scope, finder, search):
        return frozenset({"customer", "order"})
    said = _BY_ORDERS.search(piece.text, piece.start, piece.end) if bound.task.effect in ("write", "draft") else None
    if slot is not None and finder is not None and await _of_a_number(bound, scope, slot, finder):
        return frozenset({"customer"})
    if slot is not None and finder is not None and said is None and _takes_who_placed_it(bound, scope, slot, finder):
        return frozenset({"customer"})
    if slot is None or finder is None or said is None or bound.task.whole is not None:
        return frozenset()
    stop = _ENDS.search(piece.text, said.end(), piece.end)
    start, end = said.start("orders"), stop.start() if stop else piece.end
    if _SO_MANY.search(piece.text, start, end):
        return frozenset()
    if _NUMBERED.search(piece.text, start, end) and bound.task.selecting("order") is not None:
        bound.people = [own for own in bound.people if not own.overlaps(Spot(start=said.start(), end=end))]
        bound.taken.append(Spot(start=said.start(), end=start))
        return frozenset({"customer"})  # "of orders 20990 and 20991": their numbers are the task's own
    found = await search(finder, _told(piece, start, end, scope, finder), scope, ())
    if said["waits"] and "fulfilment" not in found.args:
        found.args["fulfilment"] = "open"
    if not found.args or (set(found.args) <= _PLAIN and not found.asked):
        return frozenset()
    whole = Spot(start=said.start(), end=end)
    bound.people = [own for own in bound.people if not own.overlaps(whole)]
    bound.taken.append(whole)
    if found.asked or any(spot.end > spot.start for spot in found.left) or not _understood(found):
        bound.ask(slot.name, f"Which customers are meant by “{piece.of(whole)}”?")
    else:
        _fill(bound, slot, found)
    return frozenset({"customer", "order"})


_BUYERS = re.compile(
    r"\b(?:(?:all|the|any|every|our)\s+)*(?:orders?\s+(?:of|from|by|for)\s+)?(?:(?:all|the|any|every|our|those|that)\s+)*"
    r"(?:(?:customers?|buyers?|clients?|shoppers?|person|people|guy|lady|man|woman|one|everyone|everybody|anyone|anybody|those)\s+(?:who|that)|whoever)\s+"
    r"(?:just\s+)?(?:ordered|bought|purchased)\b"
    r"|\b(?:(?:all|the|any|every|our|that)\s+)*orders?\s+(?:with|containing|that\s+(?:has|have|had|contains?|includes?))\b",
    re.I,
)


async def _takes_what_they_ordered(bound: Bound, scope: Scope, finder: Task, search: Search) -> bool:
    """ "Refund the customer who ordered the vase yesterday": what is done to orders is done to those in which it was."""
    about = next((s for s in bound.task.slots if s.record == bound.task.about == "order" and "selection" in s.types), None)
    piece = bound.piece
    said = _BUYERS.search(piece.text, piece.start, piece.end) if about is not None and bound.task.effect in ("write", "action") else None
    if about is None or said is None or bound.task.whole is not None:
        return False
    stop = _ENDS.search(piece.text, said.end(), piece.end)
    becomes = [mark.start for mark in piece.marked("tag", "value", "quoted") if mark.start > said.end()]
    told = [said.start(), *(mark.start for mark in piece.marked("order") if mark.start <= said.start() < mark.end)]  # "yesterday's ‖ orders with …"
    owner = _owner(piece, said.start())
    whole = Spot(start=min([*told, owner.start] if owner else told), end=min([stop.start() if stop else piece.end, *becomes]))
    begin = said.end() if _WHO.search(said[0]) else whole.start
    found = await search(finder, _told(piece, begin, whole.end, scope, finder, owner), scope, ())
    if not any(slot.record == "product" and slot.name in found.args for slot in finder.slots) or found.left or not _understood(found):
        return False
    unknown = owner is not None and all(slot.name not in found.args for slot in finder.slots if slot.record == "customer")
    if found.asked and not (unknown and all(finder.slot(one.field).record == "customer" for one in found.asked)):
        return False
    bound.people = [own for own in bound.people if not own.overlaps(whole)]
    bound.taken.append(whole)
    if unknown and not found.asked and owner is not None:
        text = piece.of(owner)
        about_them = next(slot.name for slot in finder.slots if slot.record == "customer")
        found.ask(about_them, f"There is no customer “{text}” in this shop. Which customer do you mean?")
    if not found.asked and _ONE_BUYER.search(said[0]) and (many := _any_of(found)) is not None:
        number, text = await scope.store.count_orders(many), piece.of(whole).strip()
        if number > 1:
            some = (await scope.store.orders(many, limit=_OFFERED)).items
            options = [(order.id, f"{order.number}, {order.total.amount} {order.total.currency}") for order in some]
            bound.ask(about.name, f"{number} orders match “{text}”. Which one do you mean?", options)
            return True
    bound.finds.append((about.name, found))
    bound.args[about.name] = {"$ref": ""}
    return True


_OWNERS = re.compile(r"(?<![\w’'])(?P<name>[^\W\d_][\w.@-]*)(?:['’]s|(?<=s)['’])\s+$")
_NOBODY = re.compile(
    r"(?:yester|to)day|tonight|(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|month|year|morning|evening|night|it|that|let|who", re.I
)
_NOBILIARY = frozenset({"de", "van", "der", "den", "von", "zu", "la", "le", "da", "di", "del", "el", "al", "ter", "ten"})


def _owner(piece: Piece, end: int) -> SlotSpan | None:
    """Whose orders they are, said right before them: "Anna's ‖ orders with the vase"."""
    said = _OWNERS.search(piece.text, piece.start, end)
    if said is None or _NOBODY.fullmatch(said["name"]):
        return None
    if marked := next((slot for slot in piece.slots if slot.kind == "customer" and slot.start <= said.start("name") < slot.end), None):
        return marked
    start = said.start("name")
    for word in reversed(words_of(piece.text, piece.start, start)):  # "Katja ‖ Pohl's", "Thijs ‖ de ‖ Vries's"
        if piece.text[word.end : start].strip() or not (word.text in _NOBILIARY or (word.text[0].isupper() and not does(word.text.lower()))):
            break
        start = word.start
    return SlotSpan(kind="customer", start=start, end=said.end("name"), confidence=1.0)


_ONE_BUYER = re.compile(
    r"\border\s+(?:with|containing|that)\b|\b(?:customer|buyer|client|shopper|person|guy|lady|man|woman|one)\s+(?:who|that)\b", re.I
)
_WHO = re.compile(r"\b(?:who|that|whoever)\s+(?:just\s+)?(?:ordered|bought|purchased)$", re.I)
_OFFERED = 5


def _any_of(found: Bound) -> OrderWhere | None:
    """Which orders it may be, where one is spoken of that nothing but its goods and its time tells; the last of them is said itself."""
    goods = next((link for name, link in found.links.items() if found.task.slot(name).record == "product"), None)
    if found.args.get("sort") == "recent":
        found.args["top"] = 1
    if goods is None or found.args.get("top") == 1 or set(found.args) - {"products", "period", "sort", "customers"}:
        return None
    theirs = next((link for name, link in found.links.items() if found.task.slot(name).record == "customer"), None)
    if theirs is None and "customers" in found.args:
        return None
    return OrderWhere(products=goods.products, placed=found.args.get("period"), customers=theirs.products if theirs is not None else None)


_WHO_PLACED_IT = re.compile(
    r"\b(?:him|her|them|(?:the|this|that|both|each)\s+(?:customers?|buyers?|clients?|person))\b"
    r"(?=\W*$|\s+(?:as|with|an?|the|\d+|free|to|for|on|until|from)\b|\s+[\"“'‘]?(?!(?:who|that|whose|of|in|behind|and|or|by|at)\b)[\w-]+[\"”'’]?\W*$)"
    r"|\b(?:whoever|who|(?:the|that)\s+(?:customer|buyer|client|person)\s+(?:who|that))\s+(?:placed|made|ordered|bought|sent)\s+(?:it|that|this|the\s+order|that\s+order)\b",
    re.I,
)
"""One who is not told of, "the customer ‖ as problem", "the customer ‖ problem", or only as the one of what was spoken of."""
_OF_A_NUMBER = re.compile(
    r"\b(?:(?:the|that)\s+)?(?:customer|buyer|client|shopper|person|whoever|who|one)\s+"
    r"(?:of|behind|from|on|with|(?:(?:who|that)\s+)?(?:placed|made|ordered|bought|sent))\s+(?:the\s+)?(?:orders?\s+)?(?:numbers?\s+|no\.?\s+)?#?(?P<number>\d{3,12})\b",
    re.I,
)


async def _of_a_number(bound: Bound, scope: Scope, slot: Slot, finder: Task) -> bool:
    """ "Tag the customer of 20976 as problem": who placed that order, for a change that knows of no orders itself."""
    orders, piece = finder.selecting("order"), bound.piece
    said = _OF_A_NUMBER.search(piece.text, piece.start, piece.end) if bound.task.effect == "write" and bound.task.whole is None else None
    if said is None or orders is None or bound.task.selecting("order") is not None:
        return False
    placed = (await scope.store.orders(OrderWhere(numbers=[f"#{said['number']}"]), limit=1)).items
    spot = Spot(start=said.start(), end=said.end())
    bound.people = [own for own in bound.people if not own.overlaps(spot)]
    bound.taken.append(spot)
    if not placed:
        text = f"#{said['number']}"
        bound.ask(slot.name, f"There is no order “{text}” in this shop. Which order do you mean?")
        return True
    found = Bound(task=finder, piece=replace(piece, start=spot.start, end=spot.end))
    label = placed[0].number
    put(found, orders, Linked(start=spot.start, end=spot.end, products=(placed[0].id,), record="order", where=Where(text=label), label=label))
    bound.finds.append((slot.name, found))
    bound.args[slot.name] = {"$ref": ""}
    return True


def _takes_who_placed_it(bound: Bound, scope: Scope, slot: Slot, finder: Task) -> bool:
    """ "Cancel order 20976 and tag the customer as problem": who placed it, for a change that knows of no orders itself."""
    if bound.task.effect != "write" or bound.task.whole is not None or bound.task.selecting("order") is not None:
        return False
    said = _WHO_PLACED_IT.search(bound.piece.said)
    last = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    about = last.task.selecting("order") if last is not None else None
    named = bound.piece.marked("order") or any(str(bound.piece.of(mark))[:1].isupper() for mark in bound.piece.marked("customer"))
    if said is None or last is None or about is None or about.name not in last.links or named:
        return False
    if any(s.record == "customer" and s.name in last.args for s in last.task.slots):
        return False  # somebody was named
    orders = finder.selecting("order")
    if orders is None:
        return False
    spot = Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end())
    found = Bound(task=finder, piece=replace(bound.piece, start=spot.start, end=spot.end))
    put(found, orders, last.links[about.name])
    bound.people = [own for own in bound.people if not own.overlaps(spot)]
    bound.taken.append(spot)
    bound.finds.append((slot.name, found))
    bound.args[slot.name] = {"$ref": ""}
    return True


def _understood(found: Bound) -> bool:
    """Whether every word told of the orders is taken by the search: the change must not reach more people than are told."""
    places = [*found.taken, *found.piece.values.items]
    filled = [slot for slot in found.task.slots if slot.name in found.args]
    phrases = {phrase for slot in filled for phrase in (*slot.cues, *slot.phrases.get(str(found.args[slot.name]), ()))}
    spoken = {word for phrase in phrases for word in phrase.split()}
    return all(
        word.text.lower() in COMMON | _SILENT | spoken or any(place.start <= word.start < place.end for place in places)
        for word in words_of(found.piece.text, found.piece.start, found.piece.end)
    )


def _fill(bound: Bound, slot: Slot, found: Bound) -> None:
    """By the orders themselves where the task takes those too: what is written is about them."""
    about = next((s for s in bound.task.slots if s.record == "order" and "selection" in s.types), slot)
    if about is not slot and set(found.args) == {"orders"} and "orders" in found.links:
        put(bound, about, found.links["orders"])
        return
    bound.finds.append((about.name, found))
    bound.args[about.name] = {"$ref": ""}


def _told(piece: Piece, start: int, end: int, scope: Scope, finder: Task, owner: SlotSpan | None = None) -> Piece:
    """What is told of the orders as the search reads it; of people nothing but whose they are."""
    theirs = [owner] if owner is not None else []
    slots = (*theirs, *(slot for slot in piece.slots if start <= slot.start and slot.end <= end and slot.kind != "customer"))
    return replace(piece, start=start, end=end, slots=slots, values=normalise(piece.text, start, end, slots, scope.terms, ahead=finder.looks_ahead))

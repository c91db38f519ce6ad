"""Which goods of an order are meant: "refund everything on 20997 except the throw", "ship 1042 without the vase", "refund the throw on 20997".

They are told by the lines of the order itself: which throw is meant is clear from what was bought.
"""

from __future__ import annotations

import re

from agent.planning.binding.goods_words import NO_GOODS
from agent.planning.binding.leftover import told_until
from agent.planning.binding.scope import Bound, Scope, put
from agent.planning.language.fragments import OUR
from agent.planning.language.sparing import LEAVING_OUT
from agent.planning.language.values import Narrowing, Spot
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import Word, stem, words_of
from agent.sdk import Order, Selection, Slot, Where, every

_BUT = re.compile(
    rf",?\s*\b(?:{LEAVING_OUT}|but\s+without|without|minus|(?:and|but)\s+not|,\s*not)\s+(?:for\s+)?"
    rf"(?:(?:{OUR}|his|her|their)\s+)*(?P<goods>[^,;.:!?]+)",
    re.I,
)
_GOES_ON = re.compile(r"\s+(?:because|since|as|with|via|by|and|which|that|who|for)\b", re.I)
_NO_GOODS = frozenset({"shipping", "postage", "delivery", "tracking", "restocking", "reason", "note", "fee", "fees", "tax", "number"})


async def take_goods_of_order(bound: Bound, scope: Scope) -> list[Spot]:
    """Fill the goods of one order that are meant, where a search for goods of the shop did not: all but what is left out, or what is named.

    Returns:
        Goods that were named and are none of the order's, to be asked about: all of it is not what is meant.
    """
    goods = _goods_of_orders(bound)
    order = bound.links.get("orders")
    if goods is None or order is None or order.record != "order" or len(order.products) != 1:
        return []
    await _take_the_rest(bound, scope, goods, order)
    return await _take_what_is_named(bound, scope, goods, order) if not {goods.name, "amount"} & set(bound.args) else []


_NAMED = re.compile(rf"\b(?:(?:{OUR}|an?|his|her|their|only|just)\s+)+(?=(?P<words>[^\W\d][\w’'-]*(?:\s+[^\W\d][\w’'-]*){{0,3}}))", re.I)


async def _take_what_is_named(bound: Bound, scope: Scope, goods: Slot, order: Linked) -> list[Spot]:
    """ "Refund ‖ the throw ‖ on 20997", of which the reader marked nothing: by the lines of that order."""
    knows, text = scope.linker.vocabulary.by_word, bound.piece.text
    for said in _NAMED.finditer(text, bound.piece.start, told_until(bound.piece)):
        words = words_of(text, said.start("words"), said.end("words"))
        busy = next((word for word in words if _is_other(word, bound)), None)
        words = tuple(word for word in words if busy is None or word.start < busy.start)
        named = [word for word in words if word.stem in knows and word.text.lower() not in COMMON | NO_GOODS | _NO_GOODS]
        if not named or any(asked.field == goods.name for asked in bound.asked):
            continue
        placed = next(iter(await every(scope.store.orders, Selection[Order](ids=order.products))), None)
        lines = {line.product_id: line.title for line in placed.lines if line.product_id is not None} if placed is not None else {}
        meant = {id: title for id, title in lines.items() if {word.stem for word in named} <= {stem(word.text) for word in words_of(title)}}
        if not meant:
            return [Narrowing(start=said.start(), end=named[-1].end)]
        spot = Spot(start=said.start(), end=named[-1].end)
        bound.taken.append(spot)
        label = ", ".join(scope.linker.vocabulary.products.get(id, title) for id, title in meant.items())
        put(bound, goods, Linked(start=spot.start, end=spot.end, products=tuple(meant), where=Where(text=label), label=label))
        return []
    return []


def _is_other(word: Word, bound: Bound) -> bool:
    """Whether goods do not go on with this word: it belongs to something else, or leads on."""
    spot = Spot(start=word.start, end=word.end)
    return bound.takes(spot) or word.text.lower() in COMMON or any(spot.overlaps(value) for value in bound.piece.values.items)


async def _take_the_rest(bound: Bound, scope: Scope, goods: Slot, order: Linked) -> None:
    said = _BUT.search(bound.piece.text, bound.piece.start, bound.piece.end)
    if said is None or (goods.name in bound.args and goods.name not in bound.links):
        return
    stop = _GOES_ON.search(said["goods"])
    end = said.start("goods") + (stop.start() if stop else len(said["goods"].rstrip()))
    named = {word.stem for word in words_of(bound.piece.text, said.start("goods"), end) if word.text.lower() not in COMMON}
    if not named or any(word.text.lower() in _NO_GOODS for word in words_of(bound.piece.text, said.start("goods"), end)):
        return
    placed = next(iter(await every(scope.store.orders, Selection[Order](ids=order.products))), None)
    lines = [line for line in placed.lines if line.product_id is not None] if placed is not None else []
    spared = {line.product_id: line.title for line in lines if named <= {stem(word.text) for word in words_of(line.title)}}
    rest = {line.product_id: line.title for line in lines if line.product_id not in spared and line.product_id is not None}
    if len(spared) != 1 or not rest:
        return
    spot = Spot(start=said.start(), end=end)
    label = f"everything except {next(iter(spared.values()))}"
    bound.asked = [asked for asked in bound.asked if asked.field != goods.name]
    bound.taken.append(spot)
    put(bound, goods, Linked(start=spot.start, end=end, products=tuple(rest), where=Where(text=", ".join(rest.values())), label=label))


def _goods_of_orders(bound: Bound) -> Slot | None:
    """The field for some of an order's goods, of a change of orders that has one."""
    if bound.task.effect not in ("write", "action") or bound.task.selecting("order") is None:
        return None
    return next((slot for slot in bound.task.slots if slot.record == "product" and "selection" in slot.types and not slot.required), None)

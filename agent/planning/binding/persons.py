"""Fills the fields that hold customers or orders by name or number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Literal, cast

from agent.planning.binding.scope import Bound, Scope, put
from agent.planning.language.values import Named, Spot, Words
from agent.planning.linking.lexicon import COMMON, changes, does
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import key_of
from agent.sdk import Customer, OrderWhere, Selection, Slot, Where
from agent.sdk.store import Mention


async def select_people(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """Fill a field that holds customers or orders by name or number; whether anything was said of them by name."""
    record = cast(Literal["customer", "order"], slot.record)
    texts = _named(bound, record)
    if record == "customer" and (numbered := _NUMBERED.search(bound.piece.text, bound.piece.start, bound.piece.end)) is not None:
        text = numbered["number"]
        if await _is_no_order(scope, text):
            bound.taken.append(Spot(start=numbered.start(), end=numbered.end()))
            bound.ask(slot.name, f"There is no {record} “{text}” in this shop. Which {record} do you mean?")
            return True
    if record == "customer" and bound.task.effect == "read" and (family := _FAMILY.search(bound.piece.said)) is not None:
        return await _by_family(bound, scope, slot, family)
    if not texts and record == "customer" and not bound.piece.marked("customer"):
        texts = await _unmarked_name(bound, scope)
    if not texts and record == "customer":
        texts = await _whose_order(bound, scope)
        if not await _of_their_order(bound, scope, texts):
            return False
    if not texts:
        return False
    if record == "customer":
        texts = [await _whole_name(bound, scope, spot, text) for spot, text in texts]
    if record == "customer" and await _of_their_order(bound, scope, texts):
        bound.taken += [_with_possessive(bound.piece.text, spot) for spot, _ in texts]
        return True
    found: list[Mention] = []
    for spot, text in texts:
        bound.taken.append(spot)
        one = await _person(bound, scope, slot, record, text)
        if one is None:
            return True
        found.append(one)
    label = ", ".join(m.label for m in found)
    ids = tuple(dict.fromkeys(m.id for m in found))
    put(bound, slot, Linked(start=texts[0][0].start, end=texts[-1][0].end, products=ids, record=record, where=Where(text=label), label=label))
    return True


_NUMBERED = re.compile(
    r"\b(?:customer|client|buyer)\s+(?:(?:no\.?|nr\.?|number|id)\s*)?(?P<number>#?\d+)(?=\W*$|\s*[,.;!?]|\s+(?:and|please|because|as|with|from)\b)",
    re.I,
)


async def _is_no_order(scope: Scope, number: str) -> bool:
    """Customers have no numbers here: "customer 12" is nobody, unless an order's number stands for who placed it."""
    return not (await scope.store.orders(OrderWhere(numbers=[f"#{number.lstrip('#')}"]), limit=1)).items


def _named(bound: Bound, record: Literal["customer", "order"]) -> list[tuple[Spot, str]]:
    """E-mail addresses, order numbers and the names that the reader marked, with their places."""
    kind = "email" if record == "customer" else "order"
    named = [v for v in bound.piece.values.items if isinstance(v, Named) and v.kind == kind and not bound.takes(v)]
    named += [v for v in bound.numbers if record == "order" and not bound.takes(v)]
    texts: list[tuple[Spot, str]] = [(v, v.text) for v in named]
    if record == "customer":
        marked = [spot for s in bound.piece.marked("customer") if not bound.takes(spot := Spot(start=s.start, end=s.end))]
        texts += [(s, _bare_name(bound.piece.of(s))) for s in marked if is_name(bound.piece.of(s)) and not any(s.overlaps(v) for v in named)]
    return texts


_POSSESSIVE = re.compile(r"[’']s?(?!\w)")


def _with_possessive(text: str, spot: Spot) -> Spot:
    own = _POSSESSIVE.match(text, spot.end)
    return spot if own is None else Spot(start=spot.start, end=own.end())


_WHOSE_ORDER = re.compile(r"(?P<whose>(?P<name>[A-ZÀ-Þ][\w-]+(?:\s+[A-ZÀ-Þ][\w-]+)?)[’']s?)\s+(?:[a-z]+\s+)?order\b")


async def _whose_order(bound: Bound, scope: Scope) -> list[tuple[Spot, str]]:
    """The person within what the reader took for an order's number: "cancel ‖ Maria's order #1040"."""
    said = _WHOSE_ORDER.search(bound.piece.text, bound.piece.start, bound.piece.end)
    if said is None or not await scope.holds("customer", f"one: {said['name']}", partial(_has_name, scope, said["name"])):
        return []
    return [(Spot(start=said.start("whose"), end=said.end("whose")), said["name"])]


async def _of_their_order(bound: Bound, scope: Scope, people: Sequence[tuple[Spot, str]]) -> bool:
    """Whether the order named beside one person settles who is meant: "give Anna her money back for 20993" leaves no question which Anna it is.

    Where somebody else placed that order, either the name or the number is a slip, and no change is made of it before that is told.
    """
    names = [name for _, name in people]
    named = [*(v for v in bound.piece.values.items if isinstance(v, Named) and v.kind == "order"), *bound.numbers]
    numbers = {one.text.lstrip("#") for one in named}
    orders = bound.task.selecting("order")
    if len(names) != 1 or len(numbers) != 1 or orders is None or bound.task.effect == "read" or "@" in names[0]:
        return False
    placed = (await scope.store.orders(OrderWhere(numbers=[f"#{next(iter(numbers))}"]), limit=1)).items
    if not placed or not placed[0].customer_name:
        return False
    order, number, buyer, name = placed[0], placed[0].number, placed[0].customer_name, names[0]
    if set(key_of(name)) <= set(key_of(buyer)):
        return True
    if len(key_of(name)) > 1 and bound.piece.marked("customer"):
        return False  # the task itself knows that one person and tells
    if bound.task.effect == "draft" or not await scope.holds("customer", f"one: {name}", partial(_has_name, scope, name)):
        return False
    bound.ask(orders.name, f"{number} was placed by {buyer}, not by {name}. Which order is meant?", [(order.id, f"{number}, {buyer}")])
    return True


_WORD_BEFORE = re.compile(r"(?<!\w)(?P<word>[A-ZÀ-Þ][\w’'-]+)\s+$")
_WORD_AFTER = re.compile(r"\s+(?P<word>(?:(?:van|von|de|der|den|del|la|le|du|zu|ter)\s+)*[A-ZÀ-Þ][\w-]+)")


async def _whole_name(bound: Bound, scope: Scope, spot: Spot, text: str) -> tuple[Spot, str]:
    """The first and the last name where the reader marked one of the two, and somebody is called by both."""
    said = bound.piece.text
    before, after = _WORD_BEFORE.search(said, bound.piece.start, spot.start), _WORD_AFTER.match(said, spot.end, bound.piece.end)
    for start, end in ((before.start("word") if before else None, spot.end), (spot.start, after.end("word") if after else None)):
        if start is None or end is None or len(key_of(text)) > 1:
            continue
        name = _bare_name(said[start:end])
        if await scope.holds("customer", name, partial(_is_called, scope, name)):
            return Spot(start=start, end=end), name
    return spot, text


_NAME = r"[A-ZÀ-Þ][\w’'-]+(?:\s+(?:van|von|de|der|den|del|la|le|du|zu|ter))*\s+[A-ZÀ-Þ][\w-]+"


_PERSON = re.compile(rf"(?<![\w\"“'‘])(?P<name>{_NAME})(?:[’']s)?(?!\w)")


_LOWER_PERSON = re.compile(
    r"\b(?:on|of|for|from|to|about|by|with|customer)\s+(?P<name>[^\W\d_]{2,}(?:\s+(?:van|von|de|der|den|del|la|le|du))*\s+[^\W\d_]{2,})(?:[’']s)?(?=\s|\W*$)"
)


async def _unmarked_name(bound: Bound, scope: Scope) -> list[tuple[Spot, str]]:
    """A customer's whole name where the reader marked nobody: "all data we hold on Sem Smit". Only names that there are."""
    needs = bound.task.effect != "read" or any("customers" in group for group in bound.task.args.one_of)
    for spot, name in _likely_names(bound, scope, (_PERSON, _LOWER_PERSON) if needs else (_PERSON,)):
        if await scope.holds("customer", name, partial(_is_called, scope, name)):
            return [(spot, name)]
    return await _one_word_name(bound, scope)


_ONE_NAME = re.compile(r"(?<![\w\"“'‘#@.+-])(?P<name>[A-ZÀ-Þ][a-zß-ÿ]{2,}(?:-[A-ZÀ-Þ][a-zß-ÿ]+)?)(?:[’']s?)?(?![\w@-])")
_MOST_CAPITALS = 3
"""Where more words than these begin with a capital letter, that is a way to write and tells no name."""


async def _one_word_name(bound: Bound, scope: Scope) -> list[tuple[Spot, str]]:
    """A first or last name by itself that the reader did not mark: "parcel for Weber?", "where is Anna's order".

    Dropped, it would be an answer about everybody. The first
    word of a text has its capital from the sentence ("Mark order 1042 …"), and what stands for a day, a place or an order is none.
    """
    piece = bound.piece
    said = [one for one in _ONE_NAME.finditer(piece.text, piece.start, piece.end) if piece.text[: one.start()].strip(" \"“'‘(-")]
    if not said or len(said) > _MOST_CAPITALS or any(isinstance(value, Named) for value in piece.values.items) or bound.numbers:
        return []
    whose = ("order", "customer") if bound.task.selecting("product") is not None else ("order", "customer", "product")
    others = [Spot(start=mark.start, end=mark.end) for mark in piece.slots if mark.kind not in whose]
    others += [Spot(start=value.start, end=value.end) for value in piece.values.items if not isinstance(value, Words)]
    for one in said:
        name, spot = one["name"], Spot(start=one.start("name"), end=one.end("name"))
        known = name.casefold() in COMMON or scope.linker.vocabulary.knows(key_of(name)[0]) or changes(name) or does(name)
        if known or bound.takes(spot) or any(spot.overlaps(other) for other in others):
            continue
        if await scope.holds("customer", f"one: {name}", partial(_has_name, scope, name)):
            return [(spot, name)]
    return []


async def _has_name(scope: Scope, name: str) -> bool:
    """Whether somebody's first or last name is this very word."""
    return any(key_of(name)[0] in key_of(mention.label) for mention in await scope.store.named("customer", name))


async def _is_called(scope: Scope, name: str) -> bool:
    return any(key_of(name) == key_of(mention.label) for mention in await scope.store.named("customer", name))


_LIKELY = 8
"""Words of one clause that are looked up as a name without being marked as one."""


def _likely_names(bound: Bound, scope: Scope, patterns: Sequence[re.Pattern[str]]) -> list[tuple[Spot, str]]:
    """What may be a customer's name, each once, first what is written as names are and has the fewest words of the language and the shop."""
    found: dict[str, tuple[int, Spot, str]] = {}
    taken, own = set[int](), scope.own_words[bound.task.name] | COMMON
    for spot in bound.taken:
        taken.update(range(spot.start, spot.end))
    for pattern in patterns:
        for said in pattern.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
            name, (start, end) = said["name"], said.span("name")
            if name.casefold() in found or not taken.isdisjoint(range(start, end)):
                continue
            words = key_of(name)
            known = sum(map(scope.linker.vocabulary.knows, words))
            plain = sum(word in own for word in words)
            if known < len(words) and (name[0].isupper() or (plain < len(words) and words[0] not in COMMON)):
                found[name.casefold()] = (known + plain, Spot(start=start, end=end), name)
    return [(spot, name) for _, spot, name in sorted(found.values(), key=lambda one: one[0])[:_LIKELY]]


_FAMILY = re.compile(
    r"\b(?:(?:last|family|first|given)\s*-?\s*name|surname)s?\s+(?:is\s+|are\s+|of\s+|like\s+|=\s*)?[\"“'‘]?(?P<name>[^\W\d_][\w’'-]+)", re.I
)


_NAMESAKES = 500


async def _by_family(bound: Bound, scope: Scope, slot: Slot, said: re.Match[str]) -> bool:
    """ "Customers with last name Ferreira" are all who have it."""
    mentions = [m for m in await scope.store.named("customer", said["name"], limit=_NAMESAKES) if key_of(said["name"])[0] in key_of(m.label)]
    start = bound.piece.start + said.start()
    bound.taken.append(Spot(start=start, end=bound.piece.start + said.end()))
    if not mentions:
        bound.ask(slot.name, f"No customer's name has “{said['name']}” in it. Which customers do you mean?")
        return True
    label = f"customers named {said['name']}"
    put(bound, slot, Linked(
        start=start, end=start + len(said[0]), products=tuple(dict.fromkeys(m.id for m in mentions)), record="customer",
        where=Where(text=said["name"]), label=label,
    ))  # fmt: skip
    return True


async def _told_apart(options: Sequence[tuple[str, str]], scope: Scope) -> list[tuple[str, str]]:
    """Namesakes with where they live, or else their e-mail address; with both where they live in the same place."""
    found = (await scope.store.customers(Selection[Customer](ids=[id for id, _ in options]))).items
    where = {one.id: (one.address.city if one.address is not None else None) or one.email for one in found}
    mail = {one.id: one.email for one in found}
    told = [(id, f"{label}, {where[id]}" if where.get(id) else label) for id, label in options]
    alike = Counter(label for _, label in told)
    return [(id, f"{label}, {mail[id]}" if alike[label] > 1 and mail.get(id) else label) for id, label in told]


def which_of(exact: Sequence[object], text: str) -> str:
    return f"{len(exact)} customers match “{text}”. Which one do you mean?"


_USUALLY = 6
"""Mentions that a shop tells of without being asked for more: there may be others."""
_TOLD_APART = 12


async def _person(bound: Bound, scope: Scope, slot: Slot, record: Literal["customer", "order"], text: str) -> Mention | None:
    mentions = await scope.store.named(record, text)
    if record == "customer" and len(mentions) >= _USUALLY:
        mentions = await scope.store.named(record, text, limit=_TOLD_APART)
    plain = text.casefold().lstrip("#")
    exact = [m for m in mentions if m.label.casefold().lstrip("#") == plain] or (list(mentions[:1]) if "@" in text and len(mentions) == 1 else [])
    if record == "customer" and not exact:
        words = set(key_of(text))
        exact = [m for m in mentions if words <= set(key_of(m.label))]
    if len(exact) == 1:
        return exact[0]
    options = [(m.id, m.label) for m in exact or mentions] if record == "customer" else []
    if len({label for _, label in options}) < len(options):
        options = await _told_apart(options, scope)
    if exact:
        bound.ask(slot.name, which_of(exact, text), options)
    elif options:
        bound.ask(slot.name, f"No customer is called “{text}”. Did you mean one of these?", options)
    else:
        bound.ask(slot.name, f"There is no {record} “{text}” in this shop. Which {record} do you mean?")
    return None


_NOT_NAMES = re.compile(
    r"\b(?:customers?|buyers?|shoppers?|clients?|people|everyone|everybody|subscribers?|those|them|they|he|she|him|her|his|hers|who|best|top|vips?|loyal|repeat|new|all|members?|anyone|anybody|regulars|newcomers|spenders|ones)\b",
    re.I,
)


def is_name(text: str) -> bool:
    """ "Anna Schmidt", not "our best customers", nor "500 euros this year"."""
    text = _bare_name(text)
    if all(word in COMMON for word in re.findall(r"[^\W\d_]+", text.lower())):
        return False  # the "our" of "our 10 best customers"
    return _NOT_NAMES.search(text) is None and not re.search(r"\d", text) and re.search(r"\b[^\W\d_][\w'’-]+", text) is not None


def _bare_name(text: str) -> str:
    return re.sub(r"^(?:the\s+)?(?:customer|buyer|client)\s+(?=[A-ZÀ-Þ])|[’']s$", "", text.strip())

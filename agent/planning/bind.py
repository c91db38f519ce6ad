"""Fills a task's args from a clause's values: by the types of its fields, the cues beside a value and the phrases of its choices.

Nothing here knows a task. What no field takes stays in `Bound.left`, so that nothing a merchant said with a number, a
date or a name in it is dropped unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from decimal import Decimal
from typing import Any

from babel import Locale
from pydantic import ValidationError

from agent.planning.choices import chosen
from agent.planning.normalise_numbers import plain
from agent.planning.refer import points_at, refer, shown
from agent.planning.scope import Bound, Piece, Scope, put
from agent.planning.select import select_goods, select_people
from agent.planning.values import Dates, Ending, Impossible, Named, Number, Range, Share, Spot, Starting, Top, Until, Value, Values, Words
from agent.planning.vocabulary import words_of
from agent.sdk import Between, Money, Percent, Selection, Slot, Task
from agent.sdk.task import SlotType

_GOODS = frozenset({"product", "variant"})
_PEOPLE = frozenset({"customer", "order"})


async def bind(task: Task, piece: Piece, scope: Scope, *, taken: Sequence[Spot] = (), finding: bool = False, finders: bool = True) -> Bound:
    """The task's args as far as the clause gives them, with the questions that remain.

    Args:
        taken: Places that belong to another task already.
        finding: The task is a read made first for another one's records, and asks nothing itself.
        finders: Such a read may be put before this one.
    """
    bound = Bound(task=task, piece=piece, taken=list(taken))
    given = len(taken)
    _choose(bound, scope)
    _assign(bound, scope)
    await _select(bound, scope, finding=finding or not finders)
    await _narrow(bound, scope)
    _texts_by_cue(bound)
    if not finding:
        _check(bound)
        ask_for_missing(bound, scope)
    bound.left = [v for v in piece.values.items if _matters(v) and not bound.takes(v)]
    del bound.taken[:given]
    return bound


# Choices first: "out of stock" may be a choice and is then no predicate of goods.


def _choose(bound: Bound, scope: Scope) -> None:
    piece = bound.piece
    hidden = [_local(v, piece) for v in [*_unspoken(piece), *_names_within(piece, scope), *bound.taken]]
    values = [_local(v, piece) for v in piece.values.items]
    for slot in bound.task.slots:
        if not {"choice", "choices", "flag"} & set(slot.types):
            continue
        marked = [piece.of(s).lower() for s in piece.marked("dimension" if "product" in slot.choices else "metric", "top")]
        found = chosen(slot, piece.said, marked, values, hidden=hidden)
        if not found:
            continue
        if "choices" in slot.types:
            bound.args[slot.name] = [c.choice for c in found]
        else:
            found = found[:1]
            bound.args[slot.name] = found[0].choice == "true" if "flag" in slot.types else found[0].choice
        bound.taken += [Spot(start=c.start + piece.start, end=c.end + piece.start) for c in found if _is_saying(c.said)]


def _is_saying(said: str) -> bool:
    """Long enough to be used up by the choice; "to" or "off" also mark the value beside them."""
    return len(said) > 4


def _unspoken(piece: Piece) -> Iterator[Spot]:
    for value in piece.values.items:
        if isinstance(value, Dates | Until | Starting) or (
            isinstance(value, Words) and value.kind in ("quoted", "value", "discount", "tag", "topic", "place")
        ):
            yield value


def _names_within(piece: Piece, scope: Scope) -> Iterator[Spot]:
    """Words of goods mentioned that are in the shop's own names: the "new" of the collection New In says no status."""
    for slot in piece.marked("product"):
        for word in words_of(piece.text, slot.start, slot.end):
            if scope.linker.vocabulary.knows(word.stem):
                yield Spot(start=word.start, end=word.end)


def _local(spot: Any, piece: Piece) -> Any:
    return replace(spot, start=spot.start - piece.start, end=spot.end - piece.start)


# Values: every pair of value and field that fits is scored by type and by the words around, the best pairs win.


def _assign(bound: Bound, scope: Scope) -> None:
    pairs = []
    for at, value in enumerate(bound.piece.values.items):
        if bound.takes(value):
            continue
        for slot in bound.task.slots:
            if (score := _fit(value, slot, bound)) > 0:
                pairs.append((score, -at, value, slot))
    filled = set(bound.args)
    for _, _, value, slot in sorted(pairs, key=lambda pair: (-pair[0], -pair[1])):
        if bound.takes(value) or (slot.name in filled and "texts" not in slot.types):
            continue
        if isinstance(value, Impossible):
            bound.ask(slot.name, value.question, value.options)
        else:
            _put_value(bound, slot, value, scope)
        filled.add(slot.name)
        bound.taken.append(Spot(start=value.start, end=value.end))


def _fit(value: Value, slot: Slot, bound: Bound) -> float:
    """How well a value fits a field: 0 not at all, else its type's fitness and what the words beside say."""
    base = _type_fit(value, slot)
    if base <= 0:
        return 0
    cue = _cue(value, slot, bound.piece)
    if base < 1 and cue <= 0:
        return 0
    return base + cue + (0.1 if slot.required else 0)


def _type_fit(value: Value, slot: Slot) -> float:
    """Below 1: only with a cue."""
    types = set(slot.types)
    match value:
        case Number(currency=currency, unit=unit):
            if "money" in types and not unit:
                return 3 if currency else 2
            if "integer" in types and not currency:
                return (2 if _counts(unit, slot) else 0.5) if unit else 2
            if "number" in types:
                return 1.5
            if "range_int" in types and not currency:
                return 2.5 if unit and _counts(unit, slot) else 0.2
            return 0.2 if "range_money" in types and not unit else 0
        case Range(currency=currency, unit=unit):
            single = sum(b is not None for b in (value.at_least, value.above, value.at_most, value.below)) == 1
            if "range_money" in types and not unit:
                return 3 if currency else 1.5
            if "range_int" in types and not currency:
                return (3 if _counts(unit, slot) else 0.4) if unit else 1.4
            if "money" in types and not unit and (single or value.from_to):
                return 2 if value.from_to else 0.6
            return 0.6 if "integer" in types and single and not currency and (not unit or _counts(unit, slot)) else 0
        case Share():
            return 3 if "percent" in types else 0
        case Dates(compared=compared):
            if "period" in types:
                return (3 if _compares(slot) else 0) if compared else (0 if _compares(slot) else 2)
            return 0.5 if "moment" in types and not compared else 0
        case Until() | Starting():
            if "moment" in types:
                return 2 if _ends(slot) == isinstance(value, Until) else 0.1
            return 0
        case Top():
            return 2 + ("top" in slot.name) if "integer" in types else 0.2 if "range_int" in types else 0
        case Impossible(kind=kind):
            return 2 if types & _ASKED_OF[kind] else 0
        case Named(kind=kind):
            return (
                3
                if kind == "code" and "text" in types and _is_about(slot, "discount")
                else 0.1
                if types & {"text"} and kind in ("code", "sku")
                else 0
            )
        case Words():
            return _words_fit(value, slot)
        case Ending():
            return 0


_ASKED_OF: dict[str, frozenset[SlotType]] = {
    "money": frozenset({"money", "range_money", "percent"}), "percent": frozenset({"percent"}), "until": frozenset({"moment"}),
    "number": frozenset({"integer", "money", "number", "range_int", "range_money"}), "period": frozenset({"period", "moment"}),
}  # fmt: skip
"""Types of field that a value of this kind was meant for."""
_HINTS: dict[str, tuple[str, ...]] = {
    "tag": ("tag", "tags", "label"), "place": ("place", "places", "country", "countries", "city", "location"), "channel": ("channel", "channels"),
    "topic": ("topic", "about", "mention", "theme"), "discount": ("code", "coupon"),
    "value": ("value", "text", "title", "name", "message", "description"),
    "quoted": ("text", "title", "name", "message", "description", "note"),
}  # fmt: skip


def _words_fit(value: Words, slot: Slot) -> float:
    if not {"text", "texts"} & set(slot.types):
        return 0
    if value.kind in ("value", "quoted"):
        return 1.2 if "text" in slot.types else 0.8
    if value.kind not in _HINTS:
        return 0
    return 2.5 if _is_about(slot, value.kind) else 0


def _is_about(slot: Slot, kind: str) -> bool:
    hints = _HINTS[kind]
    name = set(slot.name.split("_"))
    cues = {word for cue in slot.cues for word in cue.split()}
    described = set(re.findall(r"[a-z]+", slot.description.lower())) if kind in ("tag", "place", "channel") else set()
    return bool(set(hints) & (name | cues | described))


def _counts(unit: str, slot: Slot) -> bool:
    """Whether a field is about this unit, by its name, its cues or what it says of itself."""
    words = " ".join([slot.name.replace("_", " "), *slot.cues, slot.description]).lower()
    return re.search(rf"\b{unit}s?\b", words) is not None


def _compares(slot: Slot) -> bool:
    return "compare" in slot.name or any(cue in ("vs", "versus", "compared with", "compared to") for cue in slot.cues)


def _ends(slot: Slot) -> bool:
    return bool({"until", "till", "ends", "through", "expires"} & set(slot.cues)) or slot.name in ("until", "ends", "end", "expires", "before")


def _cue(value: Spot, slot: Slot, piece: Piece) -> float:
    """What the words directly before and after a value, and earlier in the clause, say for a field."""
    before = re.sub(r"\s+", " ", piece.text[piece.start : value.start]).lower().rstrip(" :\"'“€$£")
    inside, after = piece.text[value.start : value.end].lower(), piece.text[value.end : piece.end].lower().lstrip(" ,\"'”")
    best = 0.0
    for cue in slot.cues:
        whole = re.compile(rf"(?<!\w){re.escape(cue)}(?!\w)")
        if re.search(rf"(?<!\w){re.escape(cue)}(?:\s+(?:the|a|an|only|another|about))?$", before) or whole.match(after) or whole.match(inside):
            best = max(best, 1.5 + len(cue) / 20)
        elif whole.search(inside):
            best = max(best, 1.2 + len(cue) / 20)
        elif whole.search(before):
            best = max(best, 0.6 + len(cue) / 20)
    named = [piece.of(s).lower() for s in piece.marked("field")]
    if isinstance(value, Words) and any(_names_field(name, slot) for name in named):
        best += 2
    return best


def _names_field(said: str, slot: Slot) -> bool:
    said = re.sub(r"^(?:the|its|their)\s+", "", said.strip())
    return said == slot.name.replace("_", " ") or said in slot.cues


def _put_value(bound: Bound, slot: Slot, value: Value, scope: Scope) -> None:
    currency = scope.terms.currency
    types = set(slot.types)
    match value:
        case Number():
            bound.args[slot.name] = _number_for(value.amount, types, currency)
        case Range():
            bound.args[slot.name] = _range_for(value, types, currency)
        case Share():
            bound.args[slot.name] = Percent(value.signed)
        case Dates():
            bound.args[slot.name] = value.period if "period" in types else value.period.start
        case Until() | Starting():
            bound.args[slot.name] = value.moment
        case Top():
            bound.args[slot.name] = value.n if "integer" in types else Between[int](at_least=value.n, at_most=value.n)
        case Named() | Words():
            if "texts" in types:
                bound.args[slot.name] = [*bound.args.get(slot.name, []), *_listed(value.text)]
            else:
                bound.args[slot.name] = value.text.strip()
        case Impossible() | Ending():
            pass


def _listed(text: str) -> list[str]:
    """ "vip and wholesale" are two."""
    return [part.strip().strip("\"'“”") for part in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", text) if part.strip()]


def _number_for(amount: Decimal, types: Set[str], currency: str) -> Any:
    if "money" in types:
        return Money(amount, currency)
    if "integer" in types:
        return int(amount) if amount == int(amount) else amount
    if "number" in types:
        return amount
    return _between(types, currency, at_least=amount, at_most=amount)


def _range_for(value: Range, types: Set[str], currency: str) -> Any:
    bounds = {name: bound for name in ("at_least", "above", "at_most", "below") if (bound := getattr(value, name)) is not None}
    if types & {"range_money", "range_int"}:
        return _between(types, currency, **bounds)
    # "from 10 to 12" sets the new value; "orders over 50" is the least an order must come to
    return _number_for(bounds["at_most"] if value.from_to else next(iter(bounds.values())), types, currency)


def _between(types: Set[str], currency: str, **bounds: Decimal) -> Any:
    if "range_money" in types:
        return Between[Money](**{name: Money(bound, currency) for name, bound in bounds.items()})
    # whole numbers only: "more than 2.5 orders" is 3 or more all the same
    return Between[int](**{name: int(bound) for name, bound in bounds.items()})


# Records.


async def _select(bound: Bound, scope: Scope, *, finding: bool) -> None:
    slots = [slot for slot in bound.task.slots if {"selection", "ref"} & set(slot.types)]
    goods = [slot for slot in slots if slot.record in _GOODS]
    if goods:
        await select_goods(bound, scope, goods)
    for slot in slots:
        if slot.record in _PEOPLE and not await select_people(bound, scope, slot):
            await _select_described(bound, scope, slot, finding=finding)
        elif slot.record not in _GOODS | _PEOPLE:
            refer(bound, scope, slot, said=None)


async def _select_described(bound: Bound, scope: Scope, slot: Slot, *, finding: bool) -> None:
    """ "Those customers" are an earlier answer's; "our best customers" have to be found first."""
    marked = [s for s in bound.piece.marked(slot.record or "") if not bound.takes(Spot(start=s.start, end=s.end))]
    for mention in marked:
        if points_at(bound.piece.of(mention), slot.record or "") and refer(bound, scope, slot, said=bound.piece.of(mention)):
            bound.taken.append(Spot(start=mention.start, end=mention.end))
            return
    if not marked and refer(bound, scope, slot, said=None):
        return
    finder = _finder(scope, slot, bound.task)
    if finding or finder is None or not (marked or slot.required):
        return
    if bound.task.effect == "read" and not any(_says_more(bound.piece.of(s)) for s in marked):
        return
    start = min((s.start for s in marked), default=bound.piece.start)
    found = await bind(finder, replace(bound.piece, start=start), scope, taken=bound.taken, finding=True)
    everyone = re.search(r"\b(?:all|every|everyone|everybody)\b", bound.piece.said, re.I)
    if found.args or (everyone and bound.task.effect == "read") or (everyone and marked):
        found.taken += [Spot(start=s.start, end=s.end) for s in marked]
        bound.finds.append((slot.name, found))
        bound.taken += found.taken
        bound.args[slot.name] = {"$ref": ""}  # its place in the plan is not known yet
        bound.asked += [replace(asked, field=slot.name) for asked in found.asked]


def _says_more(mention: str) -> bool:
    return re.fullmatch(r"(?:the|our|my|all)?\s*(?:customers?|buyers?|people|clients?|orders?)", mention.strip(), re.I) is None


def _finder(scope: Scope, slot: Slot, task: Task) -> Task | None:
    """The read that finds records of this kind."""
    finds = [
        t for t in scope.tasks.values() if t.effect == "read" and t is not task and slot.record in t.outputs().values() and t.name.startswith("find_")
    ]
    return next((t for t in finds if t.name == f"find_{slot.record}s"), finds[0] if finds else None)


async def _narrow(bound: Bound, scope: Scope) -> None:
    """A price or a stock said beside goods narrows them, where the task has no field of its own for it."""
    for value in bound.piece.values.items:
        if not isinstance(value, Range) or bound.takes(value):
            continue
        slot = next((s for s in bound.task.slots if s.record in _GOODS and s.name in bound.links), None)
        of_stock = value.unit == "unit" or re.match(r"\s*(?:left|in\s+stock|on\s+hand)", bound.piece.text[value.end :], re.I)
        if slot is None or (value.unit and not of_stock) or value.from_to:
            continue
        types, key = ({"range_int"}, "stock") if of_stock else ({"range_money"}, "price")
        condition = _range_for(value, types, scope.terms.currency)
        link = bound.links[slot.name]
        narrowed = await scope.linker.narrowed(link, **{key: condition})
        bound.taken.append(Spot(start=value.start, end=value.end))
        if not narrowed.products:
            bound.ask(slot.name, f"Nothing of “{link.label}” is {bound.piece.of(value)}. Which products do you mean?")
            continue
        put(bound, slot, narrowed)


# Free text without a reader's mark: only what a cue announces, and for writes only in quotes or as a single tag.

_STOP = r"(?=\s+(?:to|from|for|on|in|until|and|with|at)\b|[,.;]|$)"
_TAG_CUES = frozenset(
    {"as", "with", "tag as", "tag with", "tagged as", "add the tag", "remove the tag", "untag", "take off the tag", "drop the tag", "delete the tag"}
)
"""After these one word is the new tag, whatever else the clause says."""
_LANGUAGES = re.compile(r"\bin\s+(?P<name>[A-Z][a-z]+)\b")


def _texts_by_cue(bound: Bound) -> None:
    for slot in bound.task.slots:
        if slot.name in bound.args or not {"text", "texts"} & set(slot.types):
            continue
        if "language" in slot.name:
            _language(bound, slot)
            continue
        group = next((group for group in bound.task.args.one_of if slot.name in group), ())
        wanted = slot.required or bool(group and not any(name in bound.args for name in group))
        if bound.task.effect != "draft" and not wanted:
            continue
        if (found := _after_cue(bound, slot)) is not None:
            spot, text = found
            bound.args[slot.name] = _listed(text) if "texts" in slot.types else text
            bound.taken.append(spot)


def _after_cue(bound: Bound, slot: Slot) -> tuple[Spot, str] | None:
    piece = bound.piece
    for cue in sorted(slot.cues, key=len, reverse=True):
        loose = bound.task.effect == "draft"
        if not loose and cue not in _TAG_CUES:
            continue
        text = r"(?:that\s+)?(?P<text>.+?)(?=[,.;]|$)" if loose else rf"(?P<text>[\w-]+){_STOP}"
        for match in re.finditer(rf"(?<!\w){re.escape(cue)}\s+{text}", piece.said, re.I):
            spot = Spot(start=piece.start + match.start("text"), end=piece.start + match.end("text"))
            if not bound.takes(spot) and match["text"].lower() not in ("the", "a", "all", "every", "them", "it", "customers"):
                return spot, match["text"]  # fmt: skip
    return None


def _language(bound: Bound, slot: Slot) -> None:
    names = {name.casefold() for name in Locale("en").languages.values()}
    for match in _LANGUAGES.finditer(bound.piece.said):
        if match["name"].casefold() in names:
            bound.args[slot.name] = match["name"]
            bound.taken.append(Spot(start=bound.piece.start + match.start(), end=bound.piece.start + match.end()))


# What makes no sense is asked about before anything runs, and so is what is missing.


def _check(bound: Bound) -> None:
    if bound.task.effect == "read":
        return
    for slot in bound.task.slots:
        value = bound.args.get(slot.name)
        problem = _problem(value, slot)
        if problem:
            del bound.args[slot.name]
            bound.ask(slot.name, problem)


def _problem(value: Any, slot: Slot) -> str | None:
    match value:
        case Money(amount=amount) if amount == 0 or (amount < 0 and "negative" not in slot.description):
            return f"{plain(amount)} {value.currency} is not possible here: it must be more than nothing. {slot.question or 'How much should it be?'}"
        case Percent(value=percent) if percent == 0:
            return "0% changes nothing. How many percent should it be?"
        case Percent(value=percent) if percent < -100 or (percent > 100 and "off" in slot.cues):
            return f"{plain(abs(percent))}% off would be more than the whole price. How many percent should it be?"
        case bool():
            return None
        case int() if value < 0:
            return f"{value} is below zero. {slot.question or 'Which number should it be?'}"
        case Decimal() if "integer" in slot.types:
            return f"{plain(value)} is no whole number. {slot.question or 'How many should it be?'}"
    return None


def ask_for_missing(bound: Bound, scope: Scope) -> None:
    asked = {a.field for a in bound.asked}
    for slot in bound.task.slots:
        if slot.required and slot.name not in bound.args and slot.name not in asked:
            bound.ask(slot.name, slot.question or _made_question(slot))
    for group in bound.task.args.one_of:
        if not any(name in bound.args or name in asked for name in group):
            first = bound.task.slot(group[0])
            bound.ask(first.name, first.question or _made_question(first))


def _made_question(slot: Slot) -> str:
    described = slot.description.split(":")[0].rstrip(".")
    return f"{described[:1].upper()}{described[1:]}: which?" if not described.endswith("?") else described


def _matters(value: Value) -> bool:
    """Whether a value may not be dropped: all with a number, a date or a name in it."""
    if isinstance(value, Words):
        return value.kind in ("quoted", "value", "tag", "place", "channel", "discount") and value.text.strip() != ""
    return not isinstance(value, Impossible) or value.kind in ("money", "percent", "number")


def validated(bound: Bound) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The args as JSON, and (field, problem) for what the task's own model refuses. References are looked through."""
    args = {name: _stand_in(bound.task.slot(name)) if shown(value) else value for name, value in bound.args.items()}
    try:
        model = bound.task.args.model_validate(args)
    except ValidationError as error:
        problems = [(str(e["loc"][0]) if e["loc"] else "", e["msg"]) for e in error.errors() if e["type"] != "missing"]
        if problems:
            return {}, problems
        model = bound.task.args.model_construct(**args)
    dumped = model.model_dump(mode="json", include=set(args), exclude_defaults=True)
    return dumped | {name: value for name, value in bound.args.items() if shown(value)}, []


def _stand_in(slot: Slot) -> Any:
    if "selection" in slot.types:
        return Selection[Any](ids=("later",))
    return {"id": "later"}


def answer_fits(slot: Slot, text: str, values: Values, scope: Scope) -> Any:
    """The value that an answer in plain words gives for one field; None where it gives none."""
    types = set(slot.types)
    if types & {"choice", "choices", "flag"}:
        return _chosen_answer(slot, text, values)
    bound = Bound(task=next(iter(scope.tasks.values())), piece=Piece(text=text, start=0, end=len(text), slots=(), values=values))
    fitting = [v for v in values.items if not isinstance(v, Impossible | Words) and _type_fit(v, slot) > 0]
    if fitting:
        _put_value(bound, slot, max(fitting, key=lambda v: _type_fit(v, slot)), scope)
        value = bound.args[slot.name]
        return None if _problem(value, slot) else value
    if any(isinstance(v, Impossible) for v in values.items):
        return None
    plain_text = text.strip().strip("\"'“”")
    return None if not plain_text or not types & {"text", "texts"} else plain_text if "text" in types else _listed(plain_text)


def _chosen_answer(slot: Slot, text: str, values: Values) -> Any:
    low = text.strip().casefold()
    if "flag" in slot.types and low in ("yes", "y", "true", "no", "n", "false"):
        return low in ("yes", "y", "true")
    if text in slot.choices:
        return [text] if "choices" in slot.types else text
    found = chosen(slot, text, [low], values.items, hidden=())
    if not found:
        return None
    return [c.choice for c in found] if "choices" in slot.types else found[0].choice == "true" if "flag" in slot.types else found[0].choice

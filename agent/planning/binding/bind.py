"""Fills a task's args from a clause's values: by the types of its fields, the cues beside a value and the phrases of its choices.

Nothing here knows a task. What no field takes stays in `Bound.left`, so that nothing a merchant said with a number, a
date or a name in it is dropped unseen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from babel import Locale
from pydantic import BaseModel, ValidationError

from agent.planning.binding.assign import assign, is_code_noun, listed, put_value, range_for, type_fit
from agent.planning.binding.choices import Chosen, both_said, chosen, covering
from agent.planning.binding.collected import select_collections
from agent.planning.binding.counted import counts_goods, reserve, settle
from agent.planning.binding.described import HOW_MANY, describe
from agent.planning.binding.leftover import (
    ask_for_unknown_goods,
    conditions_left,
    fragments_left,
    names_left,
    people_left,
    people_passed_over,
    restrictions_left,
)
from agent.planning.binding.people import ask_for_them, looking_back, people_said
from agent.planning.binding.picked import leave_out_the_former, unpicked
from agent.planning.binding.refer import picked, placed_by, points_at, refer, shown
from agent.planning.binding.scope import Bound, Piece, Scope, put
from agent.planning.binding.select import select_goods, select_people
from agent.planning.binding.spared import settle_people, take_left_out
from agent.planning.binding.spoken_orders import take_note, take_orders
from agent.planning.binding.tagged import take_kind, take_tags, take_that_tag
from agent.planning.binding.taken_over import take_over, whose
from agent.planning.binding.whereabouts import place_slot, settle_whereabouts, take_nationalities
from agent.planning.binding.worded import take_languages, take_name, take_saying, take_title, take_told, take_words
from agent.planning.language.normalise_numbers import plain
from agent.planning.language.values import Dates, Impossible, Named, Number, Range, Spot, Starting, Until, Value, Values, Words
from agent.planning.linking.link import Linked
from agent.planning.linking.phrases import available
from agent.planning.linking.vocabulary import words_of
from agent.planning.said import contradiction
from agent.records import to_json
from agent.records.reading import SlotSpan
from agent.sdk import Money, Percent, Selection, Slot, Task, Where

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
    if (whole := next((slot for slot in task.slots if slot.whole), None)) is not None:
        bound.args[whole.name] = whose(piece, task, scope)
        bound.taken.append(Spot(start=piece.start, end=piece.end))
        return bound
    given = len(taken)
    bound.people = people_said(bound)
    bound.taken += bound.people
    await take_left_out(bound, scope)
    select_collections(bound, scope)
    take_note(bound)
    if finders and not finding:
        await describe(bound, scope, lambda finder, words, alone: bind(finder, words, alone, finding=True))
    take_words(bound, scope)
    take_tags(bound)
    take_that_tag(bound, scope)
    _choose(bound, scope)
    take_title(bound)
    take_saying(bound, scope)
    take_told(bound, scope)
    reserve(bound, scope)
    await take_orders(bound, scope)
    await take_kind(bound, scope)
    assign(bound, scope)
    take_name(bound, scope)
    take_languages(bound)
    _texts_by_cue(bound, least=6)
    await _select(bound, scope, finding=finding or not finders)
    settle_people(bound, scope)
    passed_over = not finding and finders and people_passed_over(bound, scope)
    leave_out_the_former(bound, scope)
    _so_many_of_them(bound)
    await _narrow(bound, scope)
    await _narrow_to_available(bound, scope)
    settle(bound, scope)
    _texts_by_cue(bound)
    if not finding:
        take_over(bound, scope)
        ask_for_them(bound)
        for one in (bound, *(finder for _, finder in bound.finds)):
            await settle_whereabouts(one, scope, taken=() if one is bound else bound.taken)
        _check(bound)
        ask_for_missing(bound, scope)
    bound.left = [v for v in piece.values.items if _matters(v) and not bound.takes(v) and not (task.effect == "write" and _is_now(v, piece))]
    if task.effect in ("write", "action") and not finding:
        bound.left += people_left(bound) or names_left(bound, scope) or restrictions_left(bound, scope) or fragments_left(bound, scope)
    elif task.effect == "draft" and not finding:
        bound.left += restrictions_left(bound, scope)
    elif not finding:
        bound.left += restrictions_left(bound, scope) or conditions_left(bound, scope)
        ask_for_unknown_goods(bound, scope)
    if passed_over and not bound.left:
        bound.left += passed_over
    if task.effect != "read" and not finding and not bound.left:
        bound.left += unpicked(bound, scope)
    del bound.taken[:given]
    return bound


# Choices first: "out of stock" may be a choice and is then no predicate of goods.


def _choose(bound: Bound, scope: Scope) -> None:
    piece = bound.piece
    others = [_local(v, piece) for v in (*bound.taken, *_which_goods(bound))]  # "vip" put on as a tag says nothing of who is to have it
    hidden = [_local(v, piece) for v in [*_unspoken(piece), *_names_within(piece, scope)]]
    values = [_local(v, piece) for v in piece.values.items]
    divided: list[tuple[str, Spot]] = []
    lists: dict[str, list[Chosen]] = {}
    for slot in bound.task.slots:
        if not {"choice", "choices", "flag"} & set(slot.types):
            continue
        kind = "dimension" if "product" in slot.choices else "metric"
        marked = [_local(Spot(start=s.start, end=s.end), piece) for s in piece.marked(kind)]
        found = [c for c in chosen(slot, piece.said, marked, values, hidden=hidden) if not any(c.overlaps(other) for other in others)]
        # "new vs returning customers" asks for both of them, so it narrows to neither
        found = [c for c in found if not any(name == slot.name and c.overlaps(other) for name, other in divided)]
        if found and bound.task.effect == "draft" and "choice" in slot.types and both_said(found, piece.said, slot.choices):
            if slot.name not in _OF_ONE_TEXT:
                continue
            several = list(dict.fromkeys(c.choice for c in sorted(found, key=lambda c: c.start)))
            found = [c for c in found if c.choice == several[0]]
            bound.also = [(slot.name, choice) for choice in several[1:]]
        if not found:
            continue
        if "choices" in slot.types:
            bound.args[slot.name] = [c.choice for c in found]
            divided += [(c.choice, c) for c in found]
            for one in found:
                _without_words_of(lists, one, bound)
            lists[slot.name] = found
        elif _divided_by(slot, found, bound):
            for one in found:
                _without_words_of(lists, one, bound)
        else:
            if (other := _opposed(found, bound)) is not None:
                bound.ask(slot.name, contradiction(f"“{piece.said.strip()}”", found[0].choice, other), [(c, c) for c in (found[0].choice, other)])
                continue
            found = found if "flag" in slot.types else found[:1]  # "not subscribed to the newsletter" says it twice
            bound.args[slot.name] = found[0].choice == "true" if "flag" in slot.types else found[0].choice
            _without_words_of(lists, found[0], bound)
        if any(_is_saying(c.said) for c in found):
            bound.phrased.append(slot.name)
        bound.taken += [Spot(start=c.start + piece.start, end=c.end + piece.start) for c in found if _is_saying(c.said)]


def _divided_by(slot: Slot, found: Sequence[Chosen], bound: Bound) -> bool:
    """ "What returning customers spent versus new ones" narrows a report to neither of them: it is broken down by the kind of customer."""
    by = next((s for s in bound.task.slots if "choices" in s.types and slot.name in s.choices), None)
    if by is None or bound.task.effect != "read" or len({one.choice for one in found}) < 2:
        return False
    bound.args[by.name] = list(dict.fromkeys([*bound.args.get(by.name, []), slot.name]))
    bound.taken += [Spot(start=one.start + bound.piece.start, end=one.end + bound.piece.start) for one in found]
    return True


_OF_ONE_TEXT = frozenset({"channel", "platform"})
"""Where a text will stand: for two of them there are two texts."""


def _without_words_of(lists: dict[str, list[Chosen]], one: Chosen, bound: Bound) -> None:
    """The lists without what only stands in another field's words: "orders of new customers" counts orders and no customers."""
    for name, found in lists.items():
        kept = [c for c in found if not (one.start <= c.start and c.end <= one.end and c.end - c.start < one.end - one.start)]
        if kept and len(kept) < len(found):
            lists[name], bound.args[name] = kept, [c.choice for c in kept]


def _opposed(found: Sequence[Chosen], bound: Bound) -> str | None:
    """What is said of other goods than the surest choice: "unpublish the planner, publish the pencils" is one clause with two changes."""
    if bound.task.effect == "read" or len({c.choice for c in found}) < 2:
        return None
    first = found[0]
    goods = [_local(Spot(start=s.start, end=s.end), bound.piece) for s in bound.piece.marked("product")]
    for other in found[1:]:
        early, late = sorted((first, other), key=lambda c: c.start)
        between = any(early.end <= spot.start and spot.end <= late.start for spot in goods)
        if other.choice != first.choice and len(other.said) > 4 and between and any(late.end <= spot.start for spot in goods):
            return other.choice
    return None


def _is_saying(said: str) -> bool:
    """Long enough to be used up by the choice; "to" or "off" also mark the value beside them."""
    return len(said) > 4


def _unspoken(piece: Piece) -> Iterator[Spot]:
    for value in piece.values.items:
        if (
            isinstance(value, Dates | Until | Starting | Range | Named)
            or (isinstance(value, Number) and value.unit)
            or (isinstance(value, Words) and value.kind in ("quoted", "value", "discount", "tag", "topic", "place"))
        ):
            led = _ARTICLE.match(piece.text, value.start, value.end) if isinstance(value, Words) else None
            yield value if led is None else Spot(start=led.end(), end=value.end)  # "the delay" is no more than "delay"


def _names_within(piece: Piece, scope: Scope) -> Iterator[Spot]:
    """Words of goods mentioned that are in the shop's own names: the "new" of the collection New In says no status."""
    for slot in piece.marked("product"):
        for word in words_of(piece.text, slot.start, slot.end):
            if scope.linker.vocabulary.knows(word.stem):
                yield Spot(start=word.start, end=word.end)


_WHICH_GOODS = re.compile(
    r"\b(?:(?:that|which|whatever)(?:[’']s|\s+is|\s+are)|everything|anything|(?:products?|items?|goods)(?:\s+that\s+are)?)\s+(?:currently\s+)?"
    r"(?P<so>(?:out[\s-]of|in)[\s-]stock|sold[\s-]out)\b"
    r"|\b(?:that|which|what(?:ever)?|who)(?:[’'](?:s|re|ve))?\s+(?:(?:is|are|was|were|has|have|had|just|now|already|currently|nearly|almost|we|went|got)\s+)*"
    r"(?P<gone>(?:sold|ran|run|running)\s+out(?:\s+of(?:\s+stock)?)?|all\s+gone|gone|out\s+of\s+stock|(?:down\s+)?to\s+zero|none\s+left|(?:no|zero|nothing)\s+(?:more\s+)?(?:stock\s+)?left)\b"
    r"|\b(?:the|all|every)\s+(?:the\s+)?(?P<such>(?:out[\s-]of|in)[\s-]stock|sold[\s-]out)\s+(?=\w)",
    re.I,
)


def _which_goods(bound: Bound) -> Iterator[Spot]:
    """ "Restock everything that's out of stock" says which goods, not what is to become of them."""
    if bound.task.effect in ("write", "action"):
        for said in _WHICH_GOODS.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
            start, end = said.span(said.lastgroup or 0)
            yield Spot(start=start, end=end)


def _local(spot: Any, piece: Piece) -> Any:
    return replace(spot, start=spot.start - piece.start, end=spot.end - piece.start)


_ALL_OF = re.compile(r"\b(?:all|these|those|the\s+other|both)\s+(?:of\s+(?:the|those|these)\s+)?$", re.I)


def _so_many_of_them(bound: Bound) -> None:
    """ "Put all three in Summer": the number counts what was spoken of, and is no amount."""
    counts = {len(link.products) for name, link in bound.links.items() if name in bound.refers} | {0 for value in bound.args.values() if shown(value)}
    for value in bound.piece.values.items:
        if not (isinstance(value, Number) and not value.unit and not value.currency):
            continue
        if _ALL_OF.search(bound.piece.text, bound.piece.start, value.start) and counts & {int(value.amount), 0} and not bound.takes(value):
            bound.taken.append(Spot(start=value.start, end=value.end))


# Records.


async def _select(bound: Bound, scope: Scope, *, finding: bool) -> None:
    slots = [slot for slot in bound.task.slots if {"selection", "ref"} & set(slot.types)]
    goods = [slot for slot in slots if slot.record in _GOODS and slot.name not in bound.args]
    if goods and not (not finding and await _found_goods(bound, scope, goods)):
        await select_goods(bound, scope, goods)
    for slot in slots:
        if slot.record in _PEOPLE and not await select_people(bound, scope, slot):
            await _select_described(bound, scope, slot, finding=finding)
        elif slot.record not in _GOODS | _PEOPLE | {"collection"}:
            refer(bound, scope, slot, said=None)


_RANKED = re.compile(r"\b(?:best|worst|top|slowest|fastest)[\s-]?(?:\w+\s+){0,2}?(?:sell\w*|products?|items?)|\bbest[\s-]?sell\w*", re.I)


async def _found_goods(bound: Bound, scope: Scope, slots: Sequence[Slot]) -> bool:
    """The first of a ranking have to be found first: "our 5 best sellers last month". What else is told of goods is told to a search of them.

    Only for a change or a draft; a report has fields of its own for what it is about.
    """
    slot = next((slot for slot in slots if slot.required and "selection" in slot.types), None) or next(
        (s for s in slots if "selection" in s.types), None
    )
    if slot is None or bound.task.effect == "read" or _RANKED.search(bound.piece.said) is None:
        return False
    for name, finder in scope.tasks.items():
        finds = {slot.record, "product"} & set(scope.outputs[name].values())
        # one that can rank products: by product, and only so many
        by = next((s for s in finder.slots if "product" in s.choices), None)
        top = next((s for s in finder.slots if "top" in s.cues and "integer" in s.types), None)
        if not finds or by is None or top is None:
            continue
        # what is ranked has no name of its own
        piece = replace(bound.piece, slots=tuple(s for s in bound.piece.slots if s.kind != "product"))
        found = await bind(finder, piece, scope, taken=bound.taken, finding=True)
        if found.phrased and not found.asked and not found.links:
            found.args.setdefault(by.name, ["product"] if "choices" in by.types else "product")
            if top.name not in found.args:
                found.ask(top.name, HOW_MANY)
            bound.finds.append((slot.name, found))
            bound.taken += found.taken
            bound.taken += [Spot(start=s.start, end=s.end) for s in bound.piece.marked("product")]
            bound.args[slot.name] = {"$ref": ""}
            return True
    return False


async def _select_described(bound: Bound, scope: Scope, slot: Slot, *, finding: bool) -> None:
    """ "Those customers" are an earlier answer's; "our best customers" have to be found first."""
    if not finding and picked(bound, scope, slot):
        return
    if not finding and await _some_of_those_found(bound, scope, slot):
        return
    others = [t for t in bound.taken if not any(t is own for own in bound.people)]
    marked = [s for s in bound.piece.marked(slot.record or "") if not any(t.start <= s.start and s.end <= t.end for t in others)]
    said_who = [own for own in bound.people if slot.record == "customer" and not any(own.overlaps(t) for t in others)]
    for mention in marked:
        said = bound.piece.of(mention)
        if (points_at(said, slot.record or "") and refer(bound, scope, slot, said=said)) or placed_by(bound, scope, slot, said):
            bound.taken.append(Spot(start=mention.start, end=mention.end))
            return
    if not marked and not said_who and (refer(bound, scope, slot, said=None) or placed_by(bound, scope, slot, bound.piece.said)):
        return
    finder = _finder(scope, slot, bound.task)
    if finding or finder is None or not (marked or said_who or (_is_wanted(bound, slot) and _PEOPLE_SAID.search(bound.piece.said))):
        return
    if bound.task.effect == "read" and not any(_says_more(_not_taken(bound, s)) for s in marked):
        return
    if bound.task.effect != "read" and marked and not said_who and all(_is_one_not_described(bound.piece, s) for s in marked):
        return  # "message the customer the new number": whoever is meant, it is nobody that "new" would find
    start = min([s.start for s in marked] + [own.start for own in said_who], default=bound.piece.start)
    becoming = [Spot(start=m.start(), end=m.end()) for m in _BECOMING.finditer(bound.piece.text, bound.piece.start, bound.piece.end)]
    found = await bind(finder, replace(looking_back(bound, scope), start=start), scope, taken=[*others, *becoming], finding=True)
    if place_slot(bound.task) is None:  # else they are its own
        take_nationalities(found, taken=others)
    everyone = re.search(r"\b(?:all|every|everyone|everybody)\b", bound.piece.said, re.I) or (
        bound.task.effect == "draft" and re.search(r"\b(?:our|my)\s+(?:customers|clients|buyers)\b", bound.piece.said, re.I)
    )
    if found.args or (everyone and bound.task.effect == "read") or (everyone and marked):
        found.taken += [Spot(start=s.start, end=s.end) for s in marked]
        bound.finds.append((slot.name, found))
        bound.taken += found.taken
        bound.args[slot.name] = {"$ref": ""}  # its place in the plan is not known yet
        bound.asked += [replace(asked, field=slot.name) for asked in found.asked]


def _is_wanted(bound: Bound, slot: Slot) -> bool:
    """Whether these records must be said; of a text to be written, also where only they or others must be."""
    groups = [group for group in bound.task.args.one_of if slot.name in group and not any(name in bound.args for name in group)]
    return slot.required or (bound.task.effect == "draft" and bool(groups))


_SOME_OF_THEM = re.compile(
    r"\b(?:the\s+ones?|those|these|ones|the\s+(?:\w+\s+){1,2}ones?|any)\s+(?:(?:that|which|who)\s+)?(?:\w+\s+){0,3}?(?:to|from|in|over|above|under|below|with|without|of|for|worth|placed)\b"
    r"|\bthe\s+(?:\w+\s+){1,2}ones\b",
    re.I,
)
"""Some of what was found just before: "the ones to Germany", "those over 100 euros", "the paid ones"."""


async def _some_of_those_found(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """Whether the clause means some of the records that a search before found, which are then searched for among them."""
    said, finder = _SOME_OF_THEM.search(bound.piece.said), _finder(scope, slot, bound.task)
    ends = [e.bound.piece.end for e in scope.earlier]  # a search made only for the rest of its clause is not what was asked for
    own = [e for at, e in enumerate(scope.earlier) if e.found is None and e.bound.task is finder and ends.count(ends[at]) == 1]
    before = own[-1] if own else None
    if said is None or finder is None or before is None or bound.task.effect == "read" or "selection" not in slot.types:
        return False
    at = Spot(start=bound.piece.start + said.start(), end=bound.piece.end)
    values = Values(items=tuple(v for v in bound.piece.values.items if v.start >= at.start))
    slots = tuple(s for s in bound.piece.slots if s.start >= at.start and s.kind != slot.record)
    becoming = [Spot(start=m.start(), end=m.end()) for m in _BECOMING.finditer(bound.piece.text, bound.piece.start, bound.piece.end)]
    part = replace(bound.piece, start=at.start, values=values, slots=slots)
    found = await bind(finder, part, scope, taken=[*bound.taken, *becoming], finding=True)
    take_nationalities(found, taken=bound.taken)
    said_of_them = {name: value for name, value in found.args.items() if not finder.slot(name).record}
    if not said_of_them or found.asked:
        return False
    earlier = before.bound
    found.args = {**earlier.args, **said_of_them}
    found.links, found.heads, found.after = dict(earlier.links), dict(earlier.heads), list(earlier.after)
    bound.finds.append((slot.name, found))
    bound.taken += found.taken
    bound.args[slot.name] = {"$ref": ""}
    return True


_BECOMING = re.compile(r"\b(?:as|to)\s+(?:be(?:ing)?\s+)?(?:shipped|sent|fulfilled|dispatched|delivered|complete[d]?|done|paid|cancelled)\b", re.I)
"""What records are to become, which tells nothing of those that are meant: "mark the order as shipped"."""
_PEOPLE_SAID = re.compile(r"\b(?:customers?|buyers?|shoppers?|clients?|people|everyone|everybody|anyone|who|subscribers?|orders?)\b", re.I)


_ONE_PERSON = re.compile(r"\W*(?:the|that|this)\s+(?:customer|buyer|shopper|client)\b(?P<other>\s+(?:the|an?|our|my|his|her|their|its)\b)?", re.I)
_DESCRIBES = re.compile(r"[\s,]*(?:who|that|whose|of|with|without|from|in|on|behind|for|by|at|named|called|having|ordering|buying|living)\b", re.I)


def _is_one_not_described(piece: Piece, mention: SlotSpan) -> bool:
    """ "The customer", with nothing behind it that says which."""
    one = _ONE_PERSON.match(piece.text, mention.start, piece.end)
    return one is not None and (one.end() >= mention.end or one["other"] is not None) and _DESCRIBES.match(piece.text, one.end(), piece.end) is None


def _says_more(mention: str) -> bool:
    return re.fullmatch(r"(?:the|our|my|all)?\s*(?:customers?|buyers?|people|clients?|orders?)?", mention.strip(), re.I) is None


_LOOSE_END = re.compile(r"\s+(?:over|above|under|below|of|from|in|with|for|to|worth)\s*$", re.I)


def _not_taken(bound: Bound, mention: SlotSpan) -> str:
    """The mention without what fields of the task have already: "the last order" where it says which one."""
    every = words_of(bound.piece.text, mention.start, mention.end)
    chosen_by = [bound.task.slot(name).phrases.get(value, []) for name, value in bound.args.items() if isinstance(value, str)]
    said = {phrase for phrases in chosen_by for phrase in phrases}
    words = [w for w in every if not bound.takes(Spot(start=w.start, end=w.end)) and w.text.lower() not in said]
    if len(words) == len(every):
        return bound.piece.of(mention)
    return _LOOSE_END.sub("", " ".join(word.text for word in words))


def _finder(scope: Scope, slot: Slot, task: Task) -> Task | None:
    """The read that finds records of this kind; none for that read itself, which "German customers" are said to."""
    if task.name == f"find_{slot.record}s":
        return None
    finds = [t for name, t in scope.tasks.items() if name.startswith("find_") and t is not task and slot.record in scope.outputs[name].values()]
    return next((t for t in finds if t.name == f"find_{slot.record}s"), finds[0] if finds else None)


_PUT_IN = re.compile(
    r"\W*(?:(?:please|and|then|also)\s+)*(?:put|bring|place|get)\b(?:(?!\b(?:that|which|are|is|all|every\w*)\b)[^,.;])*\bin\s+stock", re.I
)
""" "Put 10 more of the mug in stock" says where they go, and not which are meant."""


async def _narrow_to_available(bound: Bound, scope: Scope) -> None:
    """ "That are sold out" beside goods, where no choice of the task took it."""
    said = available(bound.piece.text, bound.piece.start, bound.piece.end)
    slot = next((s for s in bound.task.slots if s.record in _GOODS and "selection" in s.types and not shown(bound.args.get(s.name))), None)
    if said is None or slot is None or any(asked.field == slot.name for asked in bound.asked):
        return
    stock, start, end = said
    spot = Spot(start=start, end=end)
    if bound.takes(spot) or _PUT_IN.fullmatch(bound.piece.text, bound.piece.start, end):
        return
    bound.taken.append(spot)
    link = bound.links.get(slot.name) or Linked(
        start=start, end=end, products=tuple(scope.linker.vocabulary.products), where=Where(everything=True), label="everything"
    )
    narrowed = await scope.linker.narrowed(link, stock=stock, whole=slot.record == "product" and not (link.where.options or link.where.sizes))
    if narrowed.products:
        put(bound, slot, replace(narrowed, label=f"{link.label}, {bound.piece.of(spot).lower()}"))
    else:
        bound.ask(slot.name, f"Nothing of “{link.label}” is {bound.piece.of(spot).lower()}. Which products do you mean?")


async def _narrow(bound: Bound, scope: Scope) -> None:
    """A price or a stock said beside goods narrows them, where the task has no field of its own for it."""
    for value in bound.piece.values.items:
        if not isinstance(value, Range) or bound.takes(value) or (not value.unit and not value.currency and counts_goods(value, bound, scope)):
            continue  # "on 3 or more candles" is said of no price
        slot = next((s for s in bound.task.slots if s.record in _GOODS and s.name in bound.links), None)
        of_stock = value.unit == "unit" or re.match(r"\s*(?:left|in\s+stock|on\s+hand)", bound.piece.text[value.end :], re.I)
        if slot is None or (value.unit and not of_stock) or value.from_to:
            continue
        types, key = ({"range_int"}, "stock") if of_stock else ({"range_money"}, "price")
        condition = range_for(value, types, scope.terms.currency)
        link = bound.links[slot.name]
        narrowed = await scope.linker.narrowed(link, **{key: condition}, whole=slot.record == "product")
        bound.taken.append(Spot(start=value.start, end=value.end))
        if not narrowed.products:
            bound.ask(slot.name, f"Nothing of “{link.label}” is {bound.piece.of(value)}. Which products do you mean?")
            continue
        put(bound, slot, narrowed)


# Free text without a reader's mark: only what a cue announces, and for writes only in quotes or as a single tag.

_STOP = r"(?=\s+(?:to|from|for|on|in|until|and|with|at|is|are|as)\b|[,.;]|$)"
_TAG_IT = re.compile(r"\btag\s+(?:it|them|these|those|this|that)\s+(?:as\s+|with\s+)?(?P<text>[\w-]+)", re.I)
_TAG_CUES = frozenset(
    {"as", "with", "tag as", "tag with", "tagged as", "add the tag", "remove the tag", "untag", "take off the tag", "drop the tag", "delete the tag"}
)
"""After these one word is the new tag, whatever else the clause says."""
_NO_TEXT = frozenset({
    "the", "a", "an", "all", "every", "them", "it", "customers", "most", "more", "less", "least", "us", "me", "you", "my", "our", "this", "that",
    "these", "those",
})  # fmt: skip
_LANGUAGES = re.compile(r"\bin\s+(?P<name>[A-Z][a-z]+|[a-z]{5,})\b")


def _texts_by_cue(bound: Bound, *, least: int = 0) -> None:
    """Fill text fields by their cues; in a draft, before goods are looked for, only by cues of so many letters ("mentioning", not "for")."""
    for slot in bound.task.slots:
        if slot.name in bound.args or not {"text", "texts"} & set(slot.types):
            continue
        if "language" in slot.name:
            _language(bound, slot)
            continue
        group = next((group for group in bound.task.args.one_of if slot.name in group), ())
        wanted = slot.required or bool(group and not any(name in bound.args for name in group))
        if (found := _after_cue(bound, slot, wanted=wanted or bound.task.effect == "draft", least=least)) is not None:
            spot, text = found
            bound.args[slot.name] = listed(text) if "texts" in slot.types else text
            bound.taken.append(spot)


def _after_cue(bound: Bound, slot: Slot, *, wanted: bool, least: int) -> tuple[Spot, str] | None:
    piece = bound.piece
    if "tag" in slot.cues and (match := _TAG_IT.search(piece.said)) is not None:
        return Spot(start=piece.start + match.start("text"), end=piece.start + match.end("text")), match["text"]
    for cue in sorted(slot.cues, key=len, reverse=True):
        loose = bound.task.effect == "draft"
        if loose and len(cue) < least:
            continue
        # "mentioning", "containing"; and "about packaging" once it is known to be no goods
        about = slot.name == "about" or (slot.name == "topic" and (len(cue) > 6 or (cue == "about" and not least)))
        if not loose and not about and (cue not in _TAG_CUES or (not wanted and len(cue) < 8)):
            continue
        text = r"(?:that\s+)?(?P<text>.+?)(?=[,.;]|\s+(?:for|about)\s+(?:the|our|all)\b|$)" if loose else rf"(?P<text>[\w-]+){_STOP}"
        for match in re.finditer(rf"(?<!\w){re.escape(cue)}\s+{text}", piece.said, re.I):
            spot = Spot(start=piece.start + match.start("text"), end=piece.start + match.end("text"))
            if slot.name in ("code", "codes") and len(match["text"].split()) > 1:
                continue  # "a code for their next order" is called nothing yet
            if _ONLY_POINTS.fullmatch(match["text"]):
                continue
            if not bound.takes(spot) and match["text"].lower() not in _NO_TEXT and not _is_chosen(bound, match["text"]):
                return spot, match["text"]  # fmt: skip
    return None


_ONLY_POINTS = re.compile(
    r"(?:it|this|that|them|these|those)"
    r"(?:\s+(?:to|for|with|by|out\s+to)\s+(?:all\s+of\s+)?(?:them|him|her|everyone|everybody|these|those)(?:\s+\w+)?)?",
    re.I,
)
""" "Announcing it to them" tells nothing that could be written."""


def _is_chosen(bound: Bound, text: str) -> bool:
    """Whether these words are all that a choice says already: "about the delay" is the purpose of a message, and no words of it."""
    led = _ARTICLE.match(text)
    bare = text[led.end() :] if led else text
    return any(slot.name in bound.args and slot.choices and covering(slot, bare) for slot in bound.task.slots)


_ARTICLE = re.compile(r"(?:the|a|an|our|my|this)\s+", re.I)


def _language(bound: Bound, slot: Slot) -> None:
    names = {name.casefold() for name in Locale("en").languages.values()}
    for match in _LANGUAGES.finditer(bound.piece.said):
        if match["name"].casefold() in names:
            bound.args[slot.name] = match["name"].title()
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
        elif isinstance(value, Percent) and value.value > 0 and " move in percent" in slot.description and (way := _way_unsaid(bound)) is not None:
            bound.ask(way.name, "Up or down?", [(choice, choice) for choice in way.choices])


def _way_unsaid(bound: Bound) -> Slot | None:
    """Which way a percentage goes, where nothing says it: "and the others by 10%" may not raise what is to be lowered."""
    way = next((s for s in bound.task.slots if set(s.choices) == {"up", "down"}), None)
    return way if way is not None and way.name not in bound.args and "+" not in bound.piece.said else None


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
            first = _spoken_of(bound, group) or bound.task.slot(group[0])
            bound.ask(first.name, first.question or _made_question(first), [(choice, choice.replace("_", " ")) for choice in first.choices])


def _spoken_of(bound: Bound, group: Sequence[str]) -> Slot | None:
    """The field of a group that the clause speaks of and says nothing for: "add a note to order 9993" """
    said = bound.piece.said
    texts = [slot for slot in map(bound.task.slot, group) if {"text", "texts"} & set(slot.types) and slot.question]
    return next((slot for slot in texts if any(re.search(rf"\b{re.escape(cue)}\b", said, re.I) for cue in slot.cues)), None)


def _made_question(slot: Slot) -> str:
    described = slot.description.split(":")[0].rstrip(".")
    return f"{described[:1].upper()}{described[1:]}: which?" if not described.endswith("?") else described


_NOW = re.compile(r"\W*(?:in\s+|from\s+|as\s+of\s+)?(?:today|this\s+(?:morning|afternoon|evening)|just\s+now|right\s+now)\W*", re.I)


def _is_now(value: Value, piece: Piece) -> bool:
    """ "They came in today": a change is made now anyway."""
    return isinstance(value, Dates) and _NOW.fullmatch(piece.of(value)) is not None


def _matters(value: Value) -> bool:
    """Whether a value may not be dropped: all with a number, a date or a name in it."""
    if isinstance(value, Words):
        named = value.kind != "discount" or not is_code_noun(value.text)  # "which vouchers" names none
        return value.kind in ("quoted", "value", "tag", "place", "channel", "discount") and named and value.text.strip() != ""
    return not isinstance(value, Impossible) or value.kind in ("money", "percent", "number")


def validated(bound: Bound) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The args as JSON, and (field, problem) for what the task's own model refuses. References are looked through."""
    args = {name: _stand_in(bound.task.slot(name)) if shown(value) else value for name, value in bound.args.items()}
    try:
        bound.task.args.model_validate(args)
    except ValidationError as error:
        if problems := [(str(e["loc"][0]) if e["loc"] else "", e["msg"]) for e in error.errors() if e["type"] != "missing"]:
            return {}, problems
    return {name: _as_json(value) for name, value in bound.args.items()}, []


def _as_json(value: Any) -> Any:
    """As the task's args take it from JSON; what a record leaves at its default is left out."""
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, BaseModel) else to_json(value)


def _stand_in(slot: Slot) -> Any:
    if "selection" in slot.types:
        return Selection[Any](ids=("later",))
    return {"id": "later"} if "ref" in slot.types else "later"


def answer_fits(slot: Slot, text: str, values: Values, scope: Scope) -> Any:
    """The value that an answer in plain words gives for one field; None where it gives none."""
    types = set(slot.types)
    if types & {"choice", "choices", "flag"}:
        return _chosen_answer(slot, text, values)
    bound = Bound(task=next(iter(scope.tasks.values())), piece=Piece(text=text, start=0, end=len(text), slots=(), values=values))
    fitting = [v for v in values.items if not isinstance(v, Impossible | Words) and type_fit(v, slot) > 0]
    if fitting:
        put_value(bound, slot, max(fitting, key=lambda v: type_fit(v, slot)), scope)
        value = bound.args[slot.name]
        return None if _problem(value, slot) else value
    if any(isinstance(v, Impossible) for v in values.items):
        return None
    plain_text = text.strip().strip("\"'“”")
    return None if not plain_text or not types & {"text", "texts"} else plain_text if "text" in types else listed(plain_text)


def _chosen_answer(slot: Slot, text: str, values: Values) -> Any:
    low = text.strip().casefold()
    if "flag" in slot.types and low in ("yes", "y", "true", "no", "n", "false"):
        return low in ("yes", "y", "true")
    if text in slot.choices:
        return [text] if "choices" in slot.types else text
    found = chosen(slot, text, [Spot(start=0, end=len(text))], values.items, hidden=())
    if not found:
        return None
    return [c.choice for c in found] if "choices" in slot.types else found[0].choice == "true" if "flag" in slot.types else found[0].choice

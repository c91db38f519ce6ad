"""Records that a clause describes and that have to be searched for first: "our 5 best sellers", "the paid ones", "customers from Kent"."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from agent.planning.binding.described import HOW_MANY
from agent.planning.binding.people import looking_back
from agent.planning.binding.pointing import points_at
from agent.planning.binding.refer import picked, placed_by, refer
from agent.planning.binding.scope import Bound, Piece, Scope
from agent.planning.binding.whereabouts import place_slot, take_known_cities, take_nationalities
from agent.planning.language.fragments import OUR
from agent.planning.language.values import Spot, Values
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import SlotSpan
from agent.sdk import Slot, Task

Search = Callable[[Task, Piece, Scope, Sequence[Spot]], Awaitable[Bound]]
"""Binds a search to a clause of which these places belong to another task already."""
_RANKED = re.compile(r"\b(?:best|worst|top|slowest|fastest)[\s-]?(?:\w+\s+){0,2}?(?:sell\w*|products?|items?)|\bbest[\s-]?sell\w*", re.I)


async def search_ranked(bound: Bound, scope: Scope, slots: Sequence[Slot], search: Search) -> bool:
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
        found = await search(finder, piece, scope, bound.taken)
        if (found.phrased or top.name in found.args) and not found.asked and not found.links:
            found.args.setdefault(by.name, ["product"] if "choices" in by.types else "product")
            if top.name not in found.args:
                found.ask(top.name, HOW_MANY)
            _find_first(bound, slot, found)
            bound.taken += [Spot(start=s.start, end=s.end) for s in bound.piece.marked("product")]
            return True
    return False


async def search_described(bound: Bound, scope: Scope, slot: Slot, search: Search, *, finding: bool) -> None:
    """ "Those customers" are an earlier answer's; "our best customers" have to be found first."""
    if not finding and (picked(bound, scope, slot) or await _some_of_those_found(bound, scope, slot, search)):
        return
    others = [t for t in bound.taken if not any(t is own for own in bound.people)]
    marked = [s for s in bound.piece.marked(slot.record or "") if not any(t.start <= s.start and s.end <= t.end for t in others)]
    said_who = [own for own in bound.people if slot.record == "customer" and not any(own.overlaps(t) for t in others)]
    if _are_spoken_of(bound, scope, slot, marked, said_who):
        return
    finder = _finder(scope, slot, bound.task)
    if finding or finder is None or not _are_described(bound, slot, marked, said_who):
        return
    start = min([s.start for s in marked] + [own.start for own in said_who], default=bound.piece.start)
    piece = replace(looking_back(bound, scope), start=start)
    if bound.task.effect == "draft":
        piece = _without_what_is_told(piece, max([s.end for s in marked] + [own.end for own in said_who], default=start))
    found = await search(finder, piece, scope, [*others, *_what_they_become(bound.piece)])
    if place_slot(bound.task) is None:  # else they are its own
        take_nationalities(found, taken=others)
        await take_known_cities(found, scope, taken=others)
    if not found.args and _is_for_everybody(bound, slot, marked, said_who):
        bound.taken += [Spot(start=s.start, end=s.end) for s in marked]
        return
    everyone = _EVERYONE.search(bound.piece.said) or (bound.task.effect == "draft" and _OUR_PEOPLE.search(bound.piece.said))
    if found.args or (everyone and bound.task.effect == "read") or (everyone and marked):
        found.taken += [Spot(start=s.start, end=s.end) for s in marked]
        _so_many_of_a_ranking(bound, slot, found)
        _find_first(bound, slot, found)
        bound.asked += [replace(asked, field=slot.name) for asked in found.asked]


_TELLS_THEM = re.compile(r"\s*:(?=\s)|\s[-–—]\s|\s*[\"“„«]")


def _without_what_is_told(piece: Piece, at: int) -> Piece:
    """ "Email all vips: ‖ the sale starts friday": what they are to be told says nothing of who they are."""
    if (said := _TELLS_THEM.search(piece.text, at, piece.end)) is None or not piece.text[said.start() : piece.end].strip(" :-–—"):
        return piece
    values = Values(items=tuple(value for value in piece.values.items if value.end <= said.start()))
    return replace(piece, end=said.start(), values=values, slots=tuple(slot for slot in piece.slots if slot.end <= said.start()))


_ONE_ORDER = re.compile(rf"\b(?:{OUR}|that)\s+(?:[\w-]+\s+){{0,3}}?order\b(?!\s+of\b)", re.I)


def _so_many_of_a_ranking(bound: Bound, slot: Slot, found: Bound) -> None:
    """ "Tag the order that came in last": one of them, and not all there are, put in order."""
    counted = any(s.name == "top" for s in found.task.slots)
    if bound.task.effect not in ("write", "action") or slot.record != "order" or not counted or "top" in found.args or "sort" not in found.args:
        return
    if _ONE_ORDER.search(bound.piece.said):
        found.args["top"] = 1
    else:
        found.ask("top", HOW_MANY)


_ALL_OF_THEM = re.compile(
    r"\W*(?:everyone|everybody|(?:all|every|each)\s+(?:(?:of\s+)?(?:our|my|the)\s+)?(?:customers?|clients?|buyers?|shoppers?))"
    r"(?:\s+with(?:\s+(?:the\s+)?(?:code|coupon|voucher))?)?\W*",
    re.I,
)


def _is_for_everybody(bound: Bound, slot: Slot, marked: Sequence[SlotSpan], said_who: Sequence[Spot]) -> bool:
    """ "A code for everybody" is for whoever comes, and not for those who are customers today."""
    told = [*(bound.piece.of(mark) for mark in marked), *(bound.piece.of(spot) for spot in said_who)]
    return bound.task.effect == "write" and not slot.required and bool(told) and all(_ALL_OF_THEM.fullmatch(words) for words in told)


_EVERYONE = re.compile(r"\b(?:all|every|everyone|everybody)\b", re.I)
_OUR_PEOPLE = re.compile(r"\b(?:our|my)\s+(?:customers|clients|buyers)\b", re.I)


def _find_first(bound: Bound, slot: Slot, found: Bound) -> None:
    """Put a search before the task, for what it finds to be in the field."""
    bound.finds.append((slot.name, found))
    bound.taken += found.taken
    bound.args[slot.name] = {"$ref": ""}  # its place in the plan is not known yet


def _are_spoken_of(bound: Bound, scope: Scope, slot: Slot, marked: Sequence[SlotSpan], said_who: Sequence[Spot]) -> bool:
    """Whether a mention only points to records of before, which are then in the field."""
    for mention in marked:
        said = bound.piece.of(mention)
        if (points_at(said, slot.record or "") and refer(bound, scope, slot, said=said)) or placed_by(bound, scope, slot, said):
            bound.taken.append(Spot(start=mention.start, end=mention.end))
            return True
    return not marked and not said_who and (refer(bound, scope, slot, said=None) or placed_by(bound, scope, slot, bound.piece.said))


def _are_described(bound: Bound, slot: Slot, marked: Sequence[SlotSpan], said_who: Sequence[Spot]) -> bool:
    """Whether the clause tells anything of the records that a search for them could go by."""
    if not (marked or said_who or (_is_wanted(bound, slot) and _PEOPLE_SAID.search(bound.piece.said))):
        return False
    if bound.task.effect == "read":
        return any(_says_more(_not_taken(bound, s)) for s in marked)
    # "message the customer the new number": whoever is meant, it is nobody that "new" would find
    return not marked or bool(said_who) or not all(_is_one_not_described(bound.piece, s) for s in marked)


_OFF_WHAT = re.compile(
    r"(?:%|percent|euros?|dollars?|pounds?|[€$£]\s?\d[\d.,]*|\d\s?[€$£])\s+off\s+(?P<goods>(?:(?!\b(?:who|customers?|buyers?|people|everyone|for|to)\b)[^,;.:!?])+)",
    re.I,
)
""" "15% off the new throw" tells what they get, and nothing of them."""


def _what_they_become(piece: Piece) -> list[Spot]:
    becoming = [m.span() for said in (_BECOMING, _OFF_WHAT) for m in said.finditer(piece.text, piece.start, piece.end)]
    return [Spot(start=start, end=end) for start, end in becoming]


def _is_wanted(bound: Bound, slot: Slot) -> bool:
    """Whether these records must be said; of a text to be written, also where only they or others must be."""
    groups = [group for group in bound.task.args.one_of if slot.name in group and not any(name in bound.args for name in group)]
    return slot.required or (bound.task.effect == "draft" and bool(groups))


_SOME_OF_THEM = re.compile(
    r"\b(?:the\s+ones?|those|these|ones|the\s+(?:\w+\s+){1,2}ones?|any)\s+(?:(?:that|which|who)\s+)?(?:\w+\s+){0,3}?(?:to|from|in|over|above|under|below|with|without|of|for|worth|placed)\b"
    r"|\bthe\s+(?:\w+\s+){1,2}ones\b|\b(?:the|those)\s+(?:ones\s+)?(?:older|newer|that|which|who|whose)\b(?=\s+\w)|\bones\s+(?=\w)"
    r"|\bthe\s+(?:(?:two|three|four|five|ten|\d+|first|last)\s+)?(?:oldest|newest|latest|largest|biggest|smallest|most\s+recent)"
    r"(?:\s+(?:two|three|four|five|ten|\d+))?(?=\W*$|\s+(?:as|with|by|and|for)\b)",
    re.I,
)
"""Some of what was found just before: "the ones to Germany", "those over 100 euros", "the paid ones"."""


async def _some_of_those_found(bound: Bound, scope: Scope, slot: Slot, search: Search) -> bool:
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
    part = replace(bound.piece, start=at.start, values=values, slots=slots)
    found = await search(finder, part, scope, [*bound.taken, *_what_they_become(bound.piece)])
    take_nationalities(found, taken=bound.taken)
    said_of_them = {name: value for name, value in found.args.items() if not finder.slot(name).record}
    if not said_of_them or found.asked:
        return False
    earlier = before.bound
    found.args = {**earlier.args, **said_of_them}
    found.links, found.heads, found.after = dict(earlier.links), dict(earlier.heads), list(earlier.after)
    _find_first(bound, slot, found)
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
    return re.fullmatch(rf"(?:{OUR}|all)?\s*(?:customers?|buyers?|people|clients?|orders?)?", mention.strip(), re.I) is None


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
    if task.finds(slot.record or ""):
        return None
    finds = [t for name, t in scope.tasks.items() if t.does == "find" and t is not task and slot.record in scope.outputs[name].values()]
    return next((t for t in finds if t.finds(slot.record or "")), finds[0] if finds else None)

"""What is said of which records are meant, apart from their name: "…, only the blue ones", "…. Not those over 20 euros", "… (just the drafts)".

Each of these is resolved against the records that the clause names: they are narrowed, or searched first. What cannot be resolved is asked
about, since the change would reach more than was meant.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from agent.planning import said as sentences
from agent.planning.binding.goods_words import LEFT_OUT_BY
from agent.planning.binding.leftover import known_to
from agent.planning.binding.put_values import range_for
from agent.planning.binding.scope import GOODS, PEOPLE, Bound, Piece, Scope, as_selection, put
from agent.planning.binding.spared import has_field
from agent.planning.binding.whereabouts import take_known_cities, take_nationalities
from agent.planning.language.normalise import normalise
from agent.planning.language.restricting import AMONG, EXCLUDED, LEADS_IN, RESTRICTS, SOME_OF_THEM, TOLD_OF_THEM, TRAILING_ONLY, Restriction
from agent.planning.language.values import Dates, Narrowing, Range, Spot, Words
from agent.planning.linking.link import Linked
from agent.planning.linking.phrases import available
from agent.planning.linking.roles import task_for
from agent.planning.linking.vocabulary import words_of
from agent.sdk import Slot, Task, Where

Search = Callable[[Task, Piece, Scope, Sequence[Spot]], Awaitable[Bound]]
_STOPS = re.compile(
    r"[;()\n–—]|,(?!\d)|[.!](?!\d)|:(?!\d)|\s-\s|(?=\bbut\s+(?:only|just|not|nothing|none|leave|spare|skip|exclusively)\b)"
    r"|(?=\b(?:except|excluding|other\s+than|apart\s+from|aside\s+from|save\s+for|not\s+counting|not\s+including|(?:minus|bar)\s+(?:the|those|these|any|all|our)|sparing|skipping)\b)"
)
_LEAD = re.compile(
    rf"{LEADS_IN}(?:(?:only|just|exclusively|solely|not|nothing|none|no|except(?:ing|\s+for)?|excluding|other\s+than|apart\s+from|aside\s+from|besides|all\s+but|minus|bar"
    r"|with\s+the\s+exception\s+of|leav(?:e|ing)\s+out|save\s+for|not\s+(?:counting|including)|spar(?:e|ing)|skip(?:ping)?|omit(?:ting)?)\s+)+",
    re.I,
)
_PRONOUN = re.compile(
    r"(?:the|those|these|any|all|our)?\s*(?:ones?|those|these|anything|anyone|everything|everyone|all|any)\b\s*(?:(?:that|which|who)\s+(?:are|is|have|has)\b)?\s*",
    re.I,
)
_OF_ITSELF = re.compile(r"(?:for|on|at|by|from|in|until|to)\b", re.I)
"""After "only", a condition that a change may have a field of its own for: "only for new customers", "only on weekends"."""
_SAYS_NOTHING = frozenset({
    "what", "whatever", "excluded", "exempt", "exempted", "left", "omitted", "included", "sparing", "skipping", "omit", "omitting",
    "leaving", "save", "counting", "get", "gets", "the", "a", "an", "those", "these", "them", "that", "which", "who", "whose", "ones",
    "one", "only", "just", "exclusively", "solely", "for", "of", "in", "with", "to", "from", "by", "on", "at", "are", "is", "was", "were",
    "be", "have", "has", "had", "do", "did", "does", "and", "but", "or", "please", "all", "any", "our", "my", "it", "its", "their", "there",
    "product", "products", "item", "items", "goods", "thing", "things", "order", "orders", "customer", "customers", "people", "though",
    "then", "least", "than", "we", "us", "i", "so", "too", "also", "not", "nothing", "none", "no", "except", "excluding", "other", "apart",
    "aside", "besides", "exception", "minus", "bar", "leave", "out", "spare", "skip", "anything", "anyone", "everything", "everyone",
    "where", "ok", "currently", "still", "already", "really", "actually", "euro", "euros", "eur", "size", "sizes", "code", "codes",
    "review", "reviews", "kind", "kinds", "now",
})  # fmt: skip
_STATES = frozenset({
    "draft", "drafts", "unpublished", "hidden", "archived", "active", "published", "tagged", "tag", "collection", "made", "brand", "vendor",
    "type", "size", "sizes", "small", "medium", "large", "colour", "color", "wooden", "woollen",
})  # fmt: skip
_TOLD_BY_ITSELF = ("review", "message")
"""Of these the change has fields that say which, and none that say which not."""
_TASK_OF_ITS_OWN = ("review", "order", "customer", "message")
_TRAILS = re.compile(rf"\b(?:only|please|though|{EXCLUDED})\b", re.I)
_ONES = re.compile(r"\bones?\b", re.I)


def restrictions_in(bound: Bound) -> list[Restriction]:
    """Each stretch between stops that only says which records are meant."""
    if bound.task.effect not in ("write", "action"):
        return []
    piece, found = bound.piece, list[Restriction]()
    edges = [piece.start, *(stop.end() for stop in _STOPS.finditer(piece.text, piece.start, piece.end))]
    ends = [*(stop.start() for stop in _STOPS.finditer(piece.text, piece.start, piece.end)), piece.end]
    texts = [v for v in piece.values.items if isinstance(v, Words) and v.kind == "quoted"]
    for at, (start, end) in enumerate(zip(edges, ends, strict=True)):
        said = RESTRICTS.match(piece.text, start, end) if at else None
        begun = start + len(piece.text[start:end]) - len(piece.text[start:end].lstrip())
        if said is None or end <= begun or any(Spot(start=begun, end=end).overlaps(text) for text in texts):
            continue
        led = _LEAD.match(piece.text, start, end)
        end = min(
            [end, *(m.start() for m in _PUT_ON.finditer(piece.text, begun, end) if any(s.start == m.end() for s in piece.marked("tag", "value")))]
        )
        until = begun + len(piece.text[begun:end].rstrip())
        found.append(Restriction(start=begun, end=until, body=led.end() if led else begun, out=bool(said["out"]), some=bool(said["some"])))
    return found


_PUT_ON = re.compile(r"(?<!tagged)(?<!labelled)\s+(?:as|with|to)\s+(?:(?:the\s+)?(?:tag|label)\s+)?[\"“'‘]?", re.I)
"""What is put on them follows: "but not those over 50 ‖ as ‖ big"."""
_SAYS_WHO = re.compile(
    r"(?:the|those|these|our|any|all|ones?|anyone|anything|everyone|people|customers?|orders?|who|over|under|above|below|older|newer)\b", re.I
)


async def reserve_restrictions(bound: Bound, scope: Scope) -> list[Restriction]:
    """Keep from the other fields what says which goods or people are meant, and would be read as more of them."""
    busy = [spot for spot in bound.taken if not any(spot is own for own in bound.people)]
    found = [one for one in restrictions_in(bound) if not any(one.overlaps(spot) for spot in busy)]
    of_goods = _goods_slot(bound) is not None
    kept: list[Restriction] = []
    for one in found:
        own = not one.out and _OF_ITSELF.match(bound.piece.text, one.body, one.end) is not None
        named = (
            one.out
            and LEFT_OUT_BY.search(bound.piece.text, max(bound.piece.start, one.start - 2), one.end) is not None
            and not _is_described(bound, one)
        )
        if of_goods:
            reserved = not (own or named or one.some)
        elif bound.task.about in _TOLD_BY_ITSELF:
            reserved = one.out and not _is_choice(bound, scope, one)
        else:
            reserved = one.out and bound.task.selecting(*PEOPLE) is not None and _says_who(bound, one)
            reserved = reserved and not (_is_choice(bound, scope, one) or await has_field(bound, scope, one.start, one.end))
        kept += [one] if reserved else []
    bound.taken += kept
    return kept


def _says_who(bound: Bound, one: Restriction) -> bool:
    """Whether people or orders are left out, and not a time of theirs: "but not ‖ since then", "but not ‖ this year"."""
    times = any(isinstance(value, Dates) and one.start <= value.start < one.end for value in bound.piece.values.items)
    return _SAYS_WHO.match(bound.piece.text, one.body, one.end) is not None or not (times or _SINCE.match(bound.piece.text, one.body, one.end))


_SINCE = re.compile(r"(?:since|again|yet|ordered|bought|in|on|before|after|until|to|with|if)\b", re.I)


def _is_choice(bound: Bound, scope: Scope, one: Restriction) -> bool:
    """Whether a search has words of its own for leaving these out: "but not the cancelled"."""
    finders = [
        bound.task,
        *(task for task in scope.tasks.values() if any(task.finds(slot.record or "") for slot in bound.task.slots if slot.record in PEOPLE)),
    ]
    words = bound.piece.text[one.start : one.end].lower()
    return any(phrase in words for task in finders for slot in task.slots for phrase in slot.phrases.get("false", ()))


def _goods_slot(bound: Bound) -> Slot | None:
    return None if bound.task.about in _TASK_OF_ITS_OWN else bound.task.selecting(*GOODS)


def _is_described(bound: Bound, one: Restriction) -> bool:
    """Whether what is left out is told by what it is, and not by a name that the mention of goods takes itself: "except ‖ those under 20 euros"."""
    values = any(isinstance(value, Range) and one.start <= value.start < one.end for value in bound.piece.values.items)
    return (
        values
        or _TRAILS.search(bound.piece.text, one.body, one.end) is not None
        or available(bound.piece.text, one.body, one.end) is not None
        or _PRONOUN.match(bound.piece.text, one.body, one.end) is not None
        or _RANKED.search(bound.piece.text, one.body, one.end) is not None
        or _ONES.search(bound.piece.text, one.body, one.end) is not None
    )


_RANKED = re.compile(r"\b(?:cheapest|dearest|priciest|newest|oldest|latest|best|worst|biggest|smallest|bestsell\w*|(?:most|least)\s+\w+)\b", re.I)


async def resolve_restrictions(bound: Bound, scope: Scope, reserved: Sequence[Restriction], search: Search) -> None:
    """Narrow the records by what was kept for it; what says nothing of them is free again and is then asked about."""
    bound.taken = [spot for spot in bound.taken if not any(spot is one for one in reserved)]
    for one in [*reserved, *(r for r in restrictions_in(bound) if r not in reserved and not bound.takes(r) and not r.some)]:
        goods, people = _goods_slot(bound), bound.task.selecting(*PEOPLE)
        if goods is not None:
            resolved = goods.name in bound.links and await _among_goods(bound, scope, goods, one, search)
        else:
            resolved = one.out and people is not None and await _without_such_people(bound, scope, people, one, search)
        if resolved:
            bound.taken.append(one)


async def _among_goods(bound: Bound, scope: Scope, slot: Slot, one: Restriction, search: Search) -> bool:
    before = bound.links[slot.name]
    chosen = await _linked(bound, scope, slot, one, before)
    if chosen is None:
        return await _searched(bound, scope, slot, one, search)
    if one.out:
        one_title = scope.linker.vocabulary.products.get(chosen.products[0]) if len(chosen.products) == 1 and chosen.variants is None else None
        chosen = replace(chosen, label=one_title or chosen.label)
        put(
            bound,
            slot,
            await scope.linker.without(before, chosen) if chosen.products else replace(before, label=f"{before.label} except {chosen.label}"),
        )
    elif chosen.products:
        put(bound, slot, chosen)
    else:
        bound.args.pop(slot.name, None)
        bound.links.pop(slot.name, None)
        bound.ask(slot.name, sentences.none_of_them(before.label, bound.piece.text[one.body : one.end]))
    return True


async def _linked(bound: Bound, scope: Scope, slot: Slot, one: Restriction, before: Linked) -> Linked | None:
    """Those of the goods that the words name by themselves; with no product where none of them are, None where they do not only name."""
    text, whole = bound.piece.text, slot.record == "product"
    words_said = " ".join(text[one.body : one.end].split())
    label = words_said if one.out else f"{before.label.rstrip(' (-–—')}, {words_said}"
    values = [v for v in bound.piece.values.items if isinstance(v, Range) and one.start <= v.start and v.end <= one.end]
    stock = available(text, one.body, one.end)
    spots = [Spot(start=v.start, end=v.end) for v in values] + ([Spot(start=stock[1], end=stock[2])] if stock else [])
    rest = "".join(" " if any(s.start <= at < s.end for s in spots) else text[at] for at in range(one.body, one.end))
    rest = _TRAILS.sub(lambda m: " " * len(m[0]), rest)
    words = [word for word in words_of(rest) if word.text.lower() not in _SAYS_NOTHING - {"size", "sizes"}]
    kept = before
    if len(values) > 1 or any(value.from_to or (value.unit and value.unit != "unit") for value in values):
        return None
    for value in values:
        of_stock = value.unit == "unit" or (
            not value.currency and re.search(r"\b(?:stock|left|have|units|pieces)\b", text[one.body : one.end], re.I) is not None
        )
        key, types = ("stock", {"range_int"}) if of_stock else ("price", {"range_money"})
        kept = await scope.linker.narrowed(kept, **{key: range_for(value, types, scope.terms.currency)}, whole=whole)
        words = [
            word for word in words if word.text.lower() not in ("stock", "left", "units", "pieces", "price", "priced", "cost", "costs", "costing")
        ]
    if stock is not None and kept.products:
        kept = await scope.linker.narrowed(kept, stock=stock[0], whole=whole)
    if not words:
        return replace(kept, label=label) if spots else None
    if not all(scope.linker.vocabulary.knows(word.stem) or word.text.lower() in _STATES for word in words):
        return None  # what is in no name of the shop is no slip of the pen here
    named = _ONES.sub("products", rest)
    link = await scope.linker.goods(named, 0, len(named), category=True)
    if not isinstance(link, Linked) and kept.head:
        link = await scope.linker.goods(rest, 0, len(rest), head=kept.head[-1:], category=True)
    if not isinstance(link, Linked):
        return None
    both = await common(kept, link, scope) if kept.products else None
    return replace(both, label=label, where=_where(before, link)) if both is not None else replace(kept, products=(), variants=None, label=label)


def _where(before: Linked, link: Linked) -> Where:
    own = {name: value for name, value in link.where.model_dump(exclude_defaults=True).items() if name != "everything"}
    return before.where.model_copy(update={**{name: getattr(link.where, name) for name in own}, "everything": False})


async def common(before: Linked, described: Linked, scope: Scope) -> Linked | None:
    """What two mentions of goods have in common; None where that is nothing."""
    rest = await scope.linker.without(before, described)
    kept = await scope.linker.without(before, rest) if rest.products else before
    return replace(kept, label=before.label) if kept.products and kept is not before else before if kept.products else None


async def _searched(bound: Bound, scope: Scope, slot: Slot, one: Restriction, search: Search) -> bool:
    """Whether a search among the goods tells them: "only those without a photo", "not the two dearest"."""
    finder = task_for(scope.tasks, "find", "product")
    of_them = next((s for s in finder.slots if s.record == "product" and "selection" in s.types), None) if finder else None
    if finder is None or of_them is None or bound.finds:
        return False
    found = await search(finder, _piece(bound, scope, one, finder), replace(scope, earlier=[]), [])
    if found.asked or found.links or found.finds or found.left or not found.args or not _all_taken(found, one, scope):
        return False
    if "sort" in found.args and "top" not in found.args:
        if re.search(r"\bones\b|\w{3,}s\W*$", bound.piece.text[one.body : one.end]):
            return False
        found.args["top"] = 1
    link = bound.links[slot.name]
    found.args[of_them.name], found.links[of_them.name] = as_selection(link, of_them), link
    if one.out:
        every = Bound(task=finder, piece=found.piece, args={of_them.name: as_selection(link, of_them)}, links={of_them.name: link})
        bound.finds.append((slot.name, every))
        bound.spares.append((slot.name, found))
    else:
        bound.finds.append((slot.name, found))
    bound.args[slot.name] = {"$ref": ""}
    bound.links.pop(slot.name, None)
    return True


async def _without_such_people(bound: Bound, scope: Scope, slot: Slot, one: Restriction, search: Search) -> bool:
    """Whether a search of its own finds those that are left out of the people or orders that are searched for."""
    finder = next((finder.task for name, finder in bound.finds if name == slot.name), None)
    if finder is None:
        return False
    found = await search(finder, _piece(bound, scope, one, finder), replace(scope, earlier=[]), [])
    take_nationalities(found, taken=[])
    await take_known_cities(found, scope, taken=[])
    if found.asked or found.finds or found.left or not found.args or not _all_taken(found, one, scope):
        return False
    if {"sort", "top"} & set(found.args):
        return False  # the dearest of all are not the dearest of these
    bound.spares.append((slot.name, found))
    return True


def _piece(bound: Bound, scope: Scope, one: Restriction, finder: Task) -> Piece:
    """The words as the search reads them: its days gone by, and no name in them that is to be put on anything."""
    slots = tuple(s for s in bound.piece.slots if one.body <= s.start and s.end <= one.end and s.kind not in ("tag", "value", "field"))
    values = normalise(bound.piece.text, one.body, one.end, slots, scope.terms, ahead=finder.looks_ahead)
    return replace(bound.piece, start=one.body, end=one.end, slots=slots, values=values)


def _all_taken(found: Bound, one: Restriction, scope: Scope) -> bool:
    return not _untaken(found, one.body, one.end, frozenset())


def _untaken(bound: Bound, start: int, end: int, known: frozenset[str]) -> list[Spot]:
    """The words there that say something and that nothing has: a name that the shop has elsewhere is no reason to pass over it."""
    marks = {(mark.start, mark.end) for mark in bound.piece.marked("customer", "order", "review")}  # taken whole, whatever was understood of it
    bounds = [bound, *(finder for _, finder in (*bound.finds, *bound.spares))]
    taken = [spot for one in bounds for spot in one.taken if (spot.start, spot.end) not in marks]
    taken += [Spot(start=link.start, end=link.end) for one in bounds for link in one.links.values()]
    known = known | {word.stem for one in bounds for phrase in _chosen_by(one) for word in words_of(phrase)}
    words = [word for word in words_of(bound.piece.text, start, end) if word.text.lower() not in _SAYS_NOTHING and word.stem not in known]
    spots = [Spot(start=word.start, end=word.end) for word in words]
    return [spot for spot in spots if not any(spot.overlaps(one) for one in taken)]


def _some_taken(bound: Bound, spot: Spot) -> bool:
    """Whether a field, or a search, has any of the words."""
    marks = {(mark.start, mark.end) for mark in bound.piece.marked("customer", "order", "review")}
    taken = [one for of in (bound, *(finder for _, finder in (*bound.finds, *bound.spares))) for one in of.taken if (one.start, one.end) not in marks]
    return any(spot.overlaps(one) and not (one.start <= spot.start and one in bound.people) for one in taken)


_PART_OF = re.compile(r"\b(?P<of>half|some|most|many|a\s+(?:third|quarter|few|couple))\s+(?:of\s+)?(?:(?:all|the|our|my)\s+)+(?=\w)", re.I)
""" "Archive half of the mugs", and not said which."""


def _chosen_by(bound: Bound) -> list[str]:
    """The words that stand for what was chosen: "paid", of orders that are paid."""
    filled = [(bound.task.slot(name), value) for name, value in bound.args.items() if isinstance(value, str | bool)]
    told = [phrase for slot, value in filled for phrase in slot.phrases.get(str(value).lower(), ())]
    told += [cue for name in bound.args for cue in bound.task.slot(name).cues]
    return [*told, *(value for _, value in filled if isinstance(value, str))]


def unmet_restrictions(bound: Bound, scope: Scope) -> list[Spot]:
    """The first of what was said of which records are meant that nothing has taken."""
    piece, own = bound.piece, known_to(bound, scope)
    texts = [v for v in piece.values.items if isinstance(v, Words) and v.kind == "quoted"]
    said: list[Spot] = list(restrictions_in(bound))
    for pattern in (TRAILING_ONLY, SOME_OF_THEM, TOLD_OF_THEM):
        said += [Spot(start=m.start(), end=m.end()) for m in re.finditer(pattern, piece.text[: piece.end], re.I) if m.start() >= piece.start]
    if (front := AMONG.match(piece.text, piece.start, piece.end)) is not None:
        said.append(Spot(start=front.start(), end=piece.start + len(front[0].rstrip(" ,:"))))
    for part in _PART_OF.finditer(piece.text, piece.start, piece.end):
        if any(link.start <= part.end() < link.end for link in bound.links.values()):
            return [Narrowing(start=part.start(), end=part.end("of"))]
    for spot in sorted(said, key=lambda s: s.start):
        if any(spot.overlaps(text) for text in texts):
            continue
        pointing = re.search(r"\b(?:those|these|them|ones?)\b", piece.text[spot.start : spot.end], re.I) is not None
        searched = frozenset().union(*(scope.own_words[finder.task.name] for _, finder in bound.finds if finder.args))
        told = re.match(TOLD_OF_THEM, piece.text[spot.start : spot.end], re.I) is not None
        some = re.match(SOME_OF_THEM, piece.text[spot.start : spot.end], re.I) is not None
        if told and _some_taken(bound, spot):
            continue
        if (some and not bound.takes(spot)) or (not some and _untaken(bound, spot.start, spot.end, searched if told or pointing else own)):
            return [Narrowing(start=spot.start, end=spot.end)]
    return []

"""What a clause leaves unsaid because an earlier part of the request said it: of which discount, whose reviews, to whom.

Records that a pronoun means are `refer`'s; here are the conditions that come with them. "The negative ones" after the reviews of a scarf are that
scarf's, "make it 30 percent" after a code is about this code, and a letter drafted after customers were found is for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.planning.binding.earlier_records import CODE, MADE, makes, shown
from agent.planning.binding.people import NEWS
from agent.planning.binding.ranked import ranks
from agent.planning.binding.refer import refer
from agent.planning.binding.scope import GOODS, Bound, Piece, Scope, put
from agent.planning.language.fragments import OUR, THEM
from agent.planning.language.outcome import outcome
from agent.sdk import Percent, Slot, Task

_POINTS = re.compile(r"\b(?:it|its|them|their|those|these|that|this|both|each|all\s+of\s+them)\b", re.I)
_PLAINLY = re.compile(
    rf"\b(?:{THEM}|it|all\s+of\s+them|both)\b"
    r"(?!\s+(?:that|who|which|about|from|in|to|under|over|with(?!\s+(?:(?:an?|our|the|my)\s+)?(?:\w+\s+)?(?:thank|apolog|note|message|link|code|discount|offer|voucher|sorry)))\b)",
    re.I,
)
"""All of what was spoken of, not some of it."""
_OF_THEM = re.compile(
    r"\b(?:the|those|any|some)\s+(?:\w+\s+){0,2}?(?:ones?|reviews?|messages?|rest|others?|remaining)\b"
    r"|\b(?:those|them|these|it|ones)\b|\b(?:the|its|their)\s+(?:\w+\s+){0,2}?(?:reviews?|ratings?|messages?)\b",
    re.I,
)
_HOW_MANY_THERE = re.compile(
    rf"\b(?:how\s+many|the\s+(?:number|count))\s+(?:of\s+(?:{THEM})|there\s+(?:are|were)|(?:are|were)\s+there|that\s+(?:is|are|was|were|makes?)|it\s+(?:is|was|were)|they\s+(?:are|were))\b"
    rf"|\b(?:count|list|show)\s+(?:me\s+)?(?:{THEM})\b",
    re.I,
)
_KINDS = frozenset({"review", "message", "discount", "order", "customer"})
_NAMES = frozenset({"product", "customer", "order", "discount", "review"})
_SHARED = ("products", "period", "status")
_CONDITIONS = ("topic", "rating", "group", "sentiment", "author", "wants", "urgency", "answered")


def take_over(bound: Bound, scope: Scope) -> None:
    """Fill what the clause leaves to the parts of the request before it."""
    _time_of_those(bound, scope)
    _code_spoken_of(bound, scope)
    if not any(earlier.found is None for earlier in scope.earlier):
        return
    _whose_last(bound, scope)
    _changed(bound, scope)
    _code(bound, scope)
    _spoken_order(bound, scope)
    _collection(bound, scope)
    _conditions(bound, scope)
    _counted(bound, scope)
    _also(bound, scope)
    _behind_orders(bound, scope)
    _unsaid(bound, scope)
    _goods_unsaid(bound, scope)
    _subject(bound, scope)
    _offer(bound, scope)
    _news(bound, scope)
    _readers(bound, scope)


def _whose_last(bound: Bound, scope: Scope) -> None:
    """ "Anna Weber called, so refund ‖ the last order": right after a part about one customer, it is the last of theirs and not of all."""
    slot, source = bound.task.selecting("customer"), scope.earlier[-1]
    if slot is None or slot.name in bound.args or "which" not in bound.args or source.found is not None:
        return
    about = next((link for name, link in source.bound.links.items() if source.bound.task.slot(name).record == "customer"), None)
    if about is not None and len(about.ids("customer")) == 1 and not any(s.record == "order" and s.name in bound.args for s in bound.task.slots):
        put(bound, slot, about)


def _time_of_those(bound: Bound, scope: Scope) -> None:
    """ "Our best customers this year, and what did they buy": what they bought this year, by whom the time was said of."""
    slot = next((s for s in bound.task.slots if s.name == "period" and s.types == ("period",)), None)
    if slot is None or slot.name in bound.args or bound.task.effect != "read" or not scope.earlier or bound.piece.marked("period"):
        return
    source = scope.earlier[-1].bound
    time = source.task.slot(slot.name) if any(s.name == slot.name for s in source.task.slots) else None
    about = kind_of(source.task) if source.task.does == "find" and source.task is not bound.task else ""
    pointed = any(s.record == about and s.name in bound.args for s in bound.task.slots) and about in ("customer", "order")
    if time is not None and pointed and time.types == slot.types and time.name in source.args and _POINTS_BACK.search(bound.piece.said):
        bound.args[slot.name] = source.args[time.name]


_POINTS_BACK = re.compile(r"\b(?:they|them|their|those|these|he|she|it)\b", re.I)
_THEM = re.compile(rf"\b(?:{THEM}|they)\b(?!\s+who\b)", re.I)


_NAMES_PEOPLE = re.compile(
    r"\b(?:customers?|buyers?|clients?|shoppers?|people|subscribers?|members?|everyone|everybody|anyone|who|those|spent|spenders?|ordered|bought|tagged|vips?)\b"
    r"|\b(?:of|for|from|with)\s+(?!(?:me|us|my|the\s+name|name)\b)\w",
    re.I,
)
"""Anything that a group may be made of: "make a segment called Sleeping" says nothing of who is in it."""


_LOOKING = re.compile(
    rf"^(?:(?:please|can\s+you|could\s+you|find|show|list|get|give|tell|look\s+up|search|which|who|what|me|us|for|out|all|of|{OUR}|are|is)\s+)+",
    re.I,
)
"""What asks for the records, before what they are."""


def whose(piece: Piece, task: Task, scope: Scope) -> str:
    """What is told to a task that takes any words; of "put them in a segment" with the words that say who they are."""
    said = piece.said.strip()
    if kind_of(task) or task.about != "segment" or (_NAMES_PEOPLE.search(said) and not _THEM.search(said)):
        return said
    source = next((b for _, b in _earlier(scope) if b.task.finds("customer")), None)
    return said if source is None else f"{said}: {_LOOKING.sub('', source.piece.said.strip(' .?!,'))}"


def kind_of(task: Task) -> str:
    """What a task is about: "review" of `reply_to_review` and `find_reviews`, "order" of a draft order."""
    kind = task.about.rpartition("_")[2]
    return kind if kind in _KINDS else ""


def _earlier(scope: Scope) -> Iterator[tuple[str, Bound]]:
    """The parts of this request before the clause, newest first."""
    for earlier in reversed(scope.earlier):
        if earlier.found is None:
            yield earlier.id, earlier.bound


def _changed(bound: Bound, scope: Scope) -> None:
    """ "Show the new levels": of what the part before changes, and of nothing else."""
    last = next(_earlier(scope), None)
    if last is None or bound.task.effect != "read" or last[1].task.effect not in ("write", "action") or outcome(bound.piece.said) is None:
        return
    source = last[1]
    for slot in bound.task.slots:
        same = GOODS if slot.record in GOODS else {slot.record}
        theirs = next((s for s in source.task.slots if s.record in same and s.name in source.links), None) if slot.record else None
        if theirs is not None and "selection" in slot.types and slot.name not in bound.args:
            _share(bound, slot, source, theirs)
            return
    code = source.args.get("new_code") or source.args.get("code") or source.args.get("codes")
    own = next((s for s in bound.task.slots if s.name == "code" and s.types == ("text",)), None)
    told = code[0] if isinstance(code, list) and len(code) == 1 else code
    if own is not None and isinstance(told, str):
        bound.args.setdefault(own.name, told)


def _code(bound: Bound, scope: Scope) -> None:
    """The discount that "it" is, or that nothing else is said of."""
    slot = next((s for s in bound.task.slots if s.name in ("code", "codes") and {"text", "texts"} & set(s.types)), None)
    if slot is None or slot.name in bound.args or kind_of(bound.task) != "discount" or bound.task.does == "make":
        return
    if not any(slot.name in group and not set(group) & set(bound.args) for group in bound.task.args.one_of):
        return
    if bound.piece.marked("discount") and not _POINTS.search(bound.piece.said):
        return
    for _, source in _earlier(scope):
        said = source.args.get("code") or source.args.get("codes") or source.args.get("new_code")
        codes = said if isinstance(said, list) else [said]
        if said and len(codes) == 1 and isinstance(codes[0], str):
            bound.args[slot.name] = codes if "texts" in slot.types else codes[0]
            return


_OF_THE_CODE = re.compile(r"\b(?:it|its|this|that|the\s+(?:discount\s+)?(?:code|discount|coupon|voucher|offer|promo(?:tion)?))\b", re.I)
_THE_CODE = re.compile(r"\bthe\s+(?:discount\s+)?(?:code|discount|coupon|voucher|offer|promo(?:tion)?)\b", re.I)


def _code_spoken_of(bound: Bound, scope: Scope) -> None:
    """ "How often has it been used?" after "end the code MUGLOVE": of the code that an earlier message of the thread named."""
    slot = next((s for s in bound.task.slots if s.name in ("code", "codes") and {"text", "texts"} & set(s.types)), None)
    if slot is None or kind_of(bound.task) != "discount" or bound.task.does == "make" or bound.piece.marked("discount"):
        return
    if {"code", "codes", "discounts", "which", "status"} & set(bound.args) or not _OF_THE_CODE.search(bound.piece.said):
        return
    for earlier in reversed(scope.earlier):
        said = earlier.bound.args.get("new_code") or earlier.bound.args.get("code") or earlier.bound.args.get("codes")
        code = said[0] if isinstance(said, list) and len(said) == 1 else said
        if earlier.found is None or (kind_of(earlier.bound.task) != "discount" and not _THE_CODE.search(bound.piece.said)):
            return  # what was spoken of since is what "it" is
        if isinstance(code, str) and kind_of(earlier.bound.task) == "discount":
            bound.args[slot.name] = [code] if "texts" in slot.types else code
            return


def _spoken_order(bound: Bound, scope: Scope) -> None:
    """ "Add a note to Anna's last order … and tag it": the order that was spoken of and has no number."""
    names = {slot.name for slot in bound.task.slots}
    if not {"orders", "which", "customers"} <= names or {"orders", "which", "customers"} & set(bound.args) or not _POINTS.search(bound.piece.said):
        return
    last = next((found for found in _earlier(scope)), None)
    if last is None or "which" not in last[1].args or "orders" in last[1].args or bound.piece.marked("order", "customer"):
        return
    id, source = last
    bound.args["which"] = source.args["which"]
    if "customers" in source.args:
        _share(bound, bound.task.slot("customers"), source, source.task.slot("customers"))
    elif any(asked.field == "customers" for asked in source.asked):
        bound.args["customers"] = {"$same": f"{id}.customers"}
        bound.after.append(id)


def _collection(bound: Bound, scope: Scope) -> None:
    """ "Rename the collection …, add the pen to it": the collection last named."""
    slot = next((s for s in bound.task.slots if s.record == "collection" and "ref" in s.types and "into" in s.cues), None)
    if slot is None or bound.task.effect != "write" or bound.task.does == "make" or slot.name in bound.args or "title" in bound.args:
        return
    found = (
        (id, b) for id, b in _earlier(scope) if makes(b) == "collection" or any(s.record == "collection" and s.name in b.args for s in b.task.slots)
    )
    id, source = next(found, ("", None))
    if source is not None and makes(source) == "collection" and bound.args.get("action") != "create":
        bound.args[slot.name] = {"$ref": f"{id}.{MADE}"}
        bound.after.append(id)
        return
    if source is None or any(s.record == "collection" and s.name in bound.args for s in bound.task.slots):
        return
    theirs = next(s for s in source.task.slots if s.record == "collection" and s.name in source.args)
    bound.args[slot.name] = source.args[theirs.name]
    bound.links |= {slot.name: source.links[theirs.name]} if theirs.name in source.links else {}


_ONES_OF_THEM = re.compile(r"\b(?:the\s+ones?|those|these|the\s+(?:\w+\s+)ones?)\b", re.I)
"""Some of what was found: what was said of them all holds for these too."""


def _conditions(bound: Bound, scope: Scope) -> None:
    """Whose reviews and of when, where "the negative ones" are some of those spoken of before."""
    kind = kind_of(bound.task)
    if kind not in ("review", "message") or not _OF_THEM.search(bound.piece.said):
        return
    own = {name for name in (*_CONDITIONS, "reviews") if name in bound.args}
    plainly = (_PLAINLY.search(bound.piece.said) is not None and not own) or (
        bool(own | ({"products"} & set(bound.args))) and _ONES_OF_THEM.search(bound.piece.said) is not None
    )
    if bound.task.effect == "write" and not own and not plainly:
        return  # "the rude ones" are not all of them
    source = next((b for _, b in _earlier(scope) if kind_of(b.task) == kind), None)
    names = (*_SHARED, *(_CONDITIONS if plainly else ())) if source is not None else ("products",)
    if source is None:
        source = next((b for _, b in _earlier(scope) if _of_one_product(b) and (b.task.effect == "read" or _POINTS.search(bound.piece.said))), None)
    if source is None or bound.task.effect == "write" and kind_of(source.task) != kind:
        return
    if plainly and _among_what_was_changed(bound, scope, source, names):
        return
    for slot in bound.task.slots:
        if slot.name in names and slot.name not in bound.args and slot.name in source.args and not bound.piece.marked(slot.name.removesuffix("s")):
            _share(bound, slot, source, source.task.slot(slot.name))
        elif slot.name == "products" and "products" in names and slot.name not in bound.args and (theirs := _goods(source)) is not None:
            _share(bound, slot, source, theirs)


def _among_what_was_changed(bound: Bound, scope: Scope, source: Bound, names: Sequence[str]) -> bool:
    """ "Publish the pending reviews … and reply to them": of those that were pending, which the reply has no field for and a search has."""
    slot = next((s for s in bound.task.slots if s.record == kind_of(bound.task) and "selection" in s.types), None)
    finder = scope.tasks.get(f"find_{kind_of(bound.task)}s")
    told = {name: value for name, value in source.args.items() if name in names and name != "answered"}  # what has a reply gets no other
    own = {s.name for s in bound.task.slots}
    if slot is None or finder is None or slot.name in bound.args or set(told) <= own or not set(told) <= {s.name for s in finder.slots}:
        return False
    bound.finds.append((slot.name, Bound(task=finder, piece=source.piece, args=told, links={n: k for n, k in source.links.items() if n in told})))
    bound.args[slot.name] = {"$ref": ""}
    return True


def _goods(source: Bound) -> Slot | None:
    return next((s for s in source.task.slots if s.record in GOODS and "selection" in s.types and s.name in source.links), None)


def _of_one_product(source: Bound) -> bool:
    slot = _goods(source)
    return slot is not None and len(source.links[slot.name].products) == 1 and not ranks(source)


def _share(bound: Bound, slot: Slot, source: Bound, theirs: Slot) -> None:
    value = source.args[theirs.name]
    if theirs.name in source.links:
        put(bound, slot, source.links[theirs.name])
        bound.refers.append(slot.name)
    elif set(theirs.types) & set(slot.types):
        bound.args[slot.name] = value
        bound.after += source.after if shown(value) else []


_ALSO = re.compile(rf"\s*,?\s*(?:and\s+)?(?:who\s+|(?:of\s+(?:{THEM})\s+)?)?(?:have\s+|has\s+)?also\s*", re.I)
_DID = re.compile(r"(?:(?:have|has|had)\s+)?(?:also\s+)?(?:bought|ordered|purchased|spent|used|live|returned|placed|subscribed|got)\b", re.I)


def _also(bound: Bound, scope: Scope) -> None:
    """ "Which buyers of the shirt ‖ also bought the socks": those of the buyers, and not everyone who bought the socks."""
    last = next(iter(_earlier(scope)), None)
    if last is None or not bound.task.finds("customer") or last[1].task is not bound.task or "customers" in bound.args:
        return
    between = bound.piece.text[last[1].piece.end : bound.piece.start]
    if _ALSO.fullmatch(between) and _DID.match(bound.piece.said):
        bound.args["customers"] = {"$ref": f"{last[0]}.customers"}
        bound.after.append(last[0])


_PLACED_THEM = re.compile(
    rf"\bwho\s+(?:placed|made|ordered|sent|paid(?:\s+for)?)\s+(?:{THEM})\b|\bwho\s+(?:made|ordered|bought|paid\s+for)\s+(?:it|that)\b|\bwho\s+(?:they|those|these)\s+(?:are|were)\s+(?:from|placed\s+by)\b"
    rf"|\b(?:their|those)\s+customers\b|\bthe\s+customers?\s+(?:of|behind)\s+(?:{THEM}|it|that)\b",
    re.I,
)


def _behind_orders(bound: Bound, scope: Scope) -> None:
    """ "This week's orders over 100 euros, and the customers who placed them": those of these orders."""
    id, last = next(_earlier(scope), ("", None))
    if not bound.task.finds("customer") or "customers" in bound.args or last is None or not last.task.finds("order"):
        return
    if _PLACED_THEM.search(bound.piece.said):
        bound.args["customers"] = {"$ref": f"{id}.customers"}
        bound.after.append(id)
        if not bound.piece.marked("period") and bound.args.get("period") == last.args.get("period"):
            bound.args.pop("period", None)  # when they were placed is no more to be said


_LEFT = re.compile(r"\bhow\s+many\b.*\b(?:left|remain\w*|still|open)\b|\b(?:the\s+rest|what(?:['’]s|\s+is)\s+left)\b", re.I)


def _counted(bound: Bound, scope: Scope) -> None:
    """ "Tell me how many there were": of what was found just before, not of all there are; "how many are left": found once more."""
    if bound.task.effect != "read" or bound.task.does != "find" or bound.args:
        return
    if _LEFT.search(bound.piece.said):
        again = [b for _, b in _earlier(scope) if b.task is bound.task]
        if again:
            bound.args, bound.links = dict(again[-1].args), dict(again[-1].links)
            bound.after += again[-1].after
        return
    if not _HOW_MANY_THERE.search(bound.piece.said):
        return
    slot = next((s for s in bound.task.slots if s.record == kind_of(bound.task) and "selection" in s.types), None)
    if slot is not None:
        refer(bound, scope, slot, said="them")


def _unsaid(bound: Bound, scope: Scope) -> None:
    """Records of which one kind must be known, where the clause names none: "show me order 1042, add the note …"."""
    if any(slot.kind in _NAMES for slot in bound.piece.slots) or bound.finds:
        return
    for group in bound.task.args.one_of:
        slots = [bound.task.slot(name) for name in group]
        records = [slot for slot in slots if slot.record in ("order", "customer", "discount") and "selection" in slot.types]
        if not records or any(name in bound.args or any(asked.field == name for asked in bound.asked) for name in group):
            continue
        if bound.task.effect == "action" and not any(_known_one(b, records) for _, b in _earlier(scope)):
            continue
        if any(refer(bound, scope, slot, said="the same") for slot in records):
            return


def _goods_unsaid(bound: Bound, scope: Scope) -> None:
    """ "Categorise the mugs, fill in the missing colours": of the mugs, not of every product there is."""
    slot = next((s for s in bound.task.slots if s.record == "product" and "selection" in s.types and not s.required), None)
    whole_shop = re.search(r"\b(?:all|every|everything|whole|any)\b", bound.piece.said, re.I)
    if slot is None or bound.task.effect != "write" or slot.name in bound.args or whole_shop or kind_of(bound.task) or bound.task.does == "make":
        return
    if any(s.kind in _NAMES for s in bound.piece.slots) or any(slot.name in group for group in bound.task.args.one_of):
        return
    last = next((b for _, b in _earlier(scope)), None)
    if last is not None and _is_of_its_name(bound, last):
        return
    if last is not None and last.task.effect != "read" and any(s.record in GOODS for s in last.task.slots):
        refer(bound, scope, slot, said="the same")


_ENDS = re.compile(r"[.!?;\n](?:\s|$)")
_ADDS = re.compile(r"\W*(?:and|also|with)\b", re.I)


def _is_of_its_name(bound: Bound, last: Bound) -> bool:
    """Whether something that holds goods is renamed, or made in a sentence of its own: nothing is said to go into it."""
    if bound.task.about != "collection" or "title" not in bound.args:
        return False
    renamed = any(slot.record == "collection" and slot.name in bound.args for slot in bound.task.slots)
    return renamed or (_ENDS.search(bound.piece.text, last.piece.end - 1, bound.piece.start) is not None and not _ADDS.match(bound.piece.said))


_ABOUT = frozenset({"about", "on"})


def _subject(bound: Bound, scope: Scope) -> None:
    """ "A newsletter about the Christmas collection, and a facebook post": what both are about, where the second says nothing of it."""
    if bound.task.effect != "draft" or bound.asked or bound.finds or any(slot.kind in _NAMES or slot.kind == "topic" for slot in bound.piece.slots):
        return
    of_what = [slot for slot in bound.task.slots if _ABOUT & set(slot.cues)]
    named = set(bound.task.name.split("_"))  # "a returns page" says by its own field what it is about
    if not of_what or any(s.name in bound.args for s in bound.task.slots if s.record or s.required or s in of_what or s.name in named):
        return
    last = next((b for _, b in _earlier(scope)), None)
    if last is None or last.task.effect != "draft" or kind_of(last.task) or kind_of(bound.task):
        return
    for slot in of_what:
        theirs = next((s for s in last.task.slots if s.name == slot.name and s.types == slot.types), None)
        if theirs is not None and theirs.name in last.args:
            _share(bound, slot, last, theirs)


_TELLS_OF = re.compile(r"\b(?:it|this|that|the\s+(?:code|offer|discount|voucher|coupon|deal|sale|promotion))\b", re.I)


def _offer(bound: Bound, scope: Scope) -> None:
    """ "Make a code …, and write a post about it": a text that tells of the discount before names its code, and its goods where it names none."""
    slot = next((s for s in bound.task.slots if s.name == "code" and s.types == ("text",)), None)
    id, last = next(_earlier(scope), ("", None))
    if slot is None or slot.name in bound.args or bound.task.effect != "draft" or last is None or kind_of(last.task) != "discount":
        return
    code = last.args.get("new_code") or last.args.get("code")
    if last.task.effect != "write" or not (_TELLS_OF.search(bound.piece.said) or NEWS.match(bound.piece.said)):
        return
    if isinstance(code, str):
        bound.args[slot.name] = code
    elif last.task.does == "make":
        bound.args[slot.name] = {"$ref": f"{id}.{CODE}"}  # it is made from what it gives
        bound.after.append(id)


def _news(bound: Bound, scope: Scope) -> None:
    """ "Cut the mugs 10% and tell the vips": of the mugs, and how much comes off them."""
    _, last = next(_earlier(scope), ("", None))
    goods = bound.task.selecting("product")
    if last is None or goods is None or goods.name in bound.args or not tells_news_of(last.task) or not NEWS.match(bound.piece.said):
        return
    if bound.task.effect != "draft" or (theirs := _goods(last)) is None:
        return
    _share(bound, goods, last, theirs)
    off = next((s for s in bound.task.slots if s.name == "off" and s.name not in bound.args), None)
    share = next((value for value in last.args.values() if isinstance(value, Percent) and value.value < 0), None)
    if off is not None and share is not None:
        bound.args[off.name] = Percent(abs(share.value))


def tells_news_of(task: Task) -> bool:
    """Whether what it does is something that customers can be told of: a price or an offer."""
    prices = any({"money", "percent"} <= set(slot.types) for slot in task.slots) and task.selecting(*GOODS) is not None
    return task.effect == "write" and (prices or (task.does, task.about) == ("make", "discount"))


def _known_one(source: Bound, records: list[Slot]) -> bool:
    kinds = {slot.record for slot in records}
    return any(source.task.slot(name).record in kinds and len(link.products) == 1 for name, link in source.links.items())


def _readers(bound: Bound, scope: Scope) -> None:
    """Who a letter is for, where customers were found for it and nobody else is named."""
    slot = bound.task.selecting("customer")
    if bound.task.effect != "draft" or slot is None or slot.name in bound.args or bound.piece.marked("customer", "order"):
        return
    if any(asked.field == slot.name for asked in bound.asked) or re.search(
        r"\b(?:everyone|everybody|all\s+(?:our\s+)?customers)\b", bound.piece.said, re.I
    ):
        return
    if _THEM.search(bound.piece.said) and any(slot.whole for _, source in list(_earlier(scope))[:1] for slot in source.task.slots):
        bound.ask(slot.name, slot.question or "Who should it go to?")  # those of a segment, and not everyone
        return
    for _, source in _earlier(scope):
        if source.task.finds("customer"):
            refer(bound, scope, slot, said="them")
            return
        if not any(s.record == "customer" and s.name in source.args for s in source.task.slots) and source.task.about != "segment":
            return

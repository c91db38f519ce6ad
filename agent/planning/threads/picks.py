"""Some of the list just shown, by their places and by nothing else: "number 3", "just 5 of them", "all but the first", "the second order".

What is picked is kept by id, so that "refund it" is about the very record that was picked and no other of the list. Of a change that waits
it says which of its records are meant still.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.planning import said
from agent.planning.binding.bind import bind
from agent.planning.binding.picked import newest_first
from agent.planning.binding.ranked import limit_of
from agent.planning.binding.scope import GOODS, Bound, Piece, put
from agent.planning.clauses.pieces import piece_of
from agent.planning.language.values import Values
from agent.planning.linking.link import Linked
from agent.planning.linking.roles import task_for
from agent.planning.threads.anew import add_anew, add_step, settle_proposal
from agent.planning.threads.markers import Marked, marked
from agent.planning.threads.message import Message
from agent.planning.threads.recall import Past
from agent.planning.threads.which_of import Which, which_alone
from agent.sdk import Customer, Order, Selection, Task, Where

_KEPT = ("sort", "order")
"""What of a search still holds of some of what it found: in which order they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list that an answer showed."""

    one: Past
    kind: str
    link: Linked


_WHO_PLACED = re.compile(
    r"\W*(?:(?:and|so|but|ok(?:ay)?|tell\s+me|show\s+me)[\s,]+)*(?:who\s+(?:(?:has|had|was\s+it\s+(?:who|that))\s+)?(?:ordered|placed|made|bought|purchased|paid(?:\s+for)?|sent)"
    r"|(?:whose(?:\s+order)?|who)(?:\s+(?:is|was)|['’]s)(?:\s+behind)?|(?:what(?:['’]s|\s+is)\s+)?(?:the\s+)?(?:name|customer|buyer)\s+(?:of|behind|for))\s+(?=\S)",
    re.I,
)
"""Asks who is behind an order; shown in full, it says so."""
_LOWEST = re.compile(r"\b(?:bottom|worst|lowest)\b", re.I)


async def picked_by_place(message: Message) -> bool:
    """Whether the message only picks of what was shown or proposed last; the draft then has those, looked at, or the change of them alone."""
    asked = _WHO_PLACED.match(message.text)
    message = message if asked is None else replace(message, text=" " * asked.end() + message.text[asked.end() :])
    which = which_alone(message.text) if message.past else None
    if which is None or message.turns[-1].plan.questions:
        return False
    if asked is not None and not _is_one_of_the_orders(message, which):
        return False
    last = message.bases()[0]
    if last.changes:
        return await _of_the_change(message, last, which)
    if last.subtask.effect == "draft" and any(len(link.products) == 1 for link in last.bound.links.values()):
        return False  # "and now for the second", after a text for the first one: such a text again
    listed = list_shown(message.past, which)
    if listed is None or _asks_for_rows(listed.one, which, message):
        return False
    ids = _in_order(listed, which)
    chosen = which.of(ids)
    span = (0, len(message.text))
    if not chosen:
        message.draft.refuse(span, "unclear", said.none_of_them(listed.link.label, _words(message, which)))
        return True
    step = await _looked_at(message, listed, chosen)
    if step is None:
        return False
    add_step(message, step, listed.one, span)
    return True


def _is_one_of_the_orders(message: Message, which: Which) -> bool:
    """Whether an order of a list is picked; of the orders of one customer, "who is the fourth" is of the people listed before."""
    orders = list_shown(message.past, which)
    if orders is None or orders.kind != "order" or not which.one:
        return False
    return all(link.record != "customer" for link in orders.one.bound.links.values())


_ANOTHER = re.compile(
    r"\W*(?:(?:no|nope|actually|sorry|wait|rather|oops|i\s+mean(?:t)?|better|make\s+(?:it|that)|do\s+(?:it|that)\s+(?:for|to|with))\b[\s,.!…–—-]*)+"
    r"(?P<how>the\s+(?:\w{3,}est|(?:most|least)\s+\w+)(?:\s+one)?)(?:\s+instead)?\W*",
    re.I,
)


async def another_by_rank(message: Message) -> bool:
    """ "No, the cheapest", after a change of one that was picked of a list: the same change of the one that stands first so."""
    said = _ANOTHER.fullmatch(message.text) if message.past else None
    one = message.bases()[0] if said is not None else None
    if said is None or one is None or not one.changes or not one.open:
        return False
    slot = next((s for s in one.bound.task.slots if s.name in one.bound.links and "selection" in s.types), None)
    link = one.bound.links[slot.name] if slot is not None else None
    if slot is None or link is None or len(link.products) != 1:
        return False
    scope = message.draft.scope
    listed = next((of for past in reversed(message.past) for of in _lists_with(past, link)), None)
    finder = listed.one.bound.task if listed is not None and listed.one.bound.task.does == "find" else None
    among = finder.selecting("product" if link.record in GOODS else link.record) if finder is not None else None
    outputs = {kind: field for field, kind in reversed(list(scope.outputs.get(finder.name, {}).items()))} if finder is not None else {}
    if listed is None or finder is None or among is None or (slot.record or "") not in outputs:
        return False
    own = await bind(finder, piece_of(message.text, said.start("how"), said.end("how"), (), scope, finder), scope, finders=False)
    top, ways = limit_of(own), {name: value for name, value in own.args.items() if name in _KEPT}
    if top is None or not ways:
        return False
    search = Bound(task=finder, piece=own.piece, args={**ways, top: 1})
    put(search, among, listed.link)
    span = (0, len(message.text))
    first = add_step(message, search, listed.one, span)
    args = {**one.bound.args, slot.name: {"$ref": f"{first.id}.{outputs[slot.record or '']}"}}
    links = {name: known for name, known in one.bound.links.items() if name != slot.name}
    add_step(message, replace(one.bound, args=args, links=links, after=[first.id], asked=[], left=[], finds=[]), one, span)
    settle_proposal(message, one, Marked(kind="replace", start=said.start("how"), end=said.end("how"), instead=True), takes_its_place=True)
    return True


def _lists_with(past: Past, link: Linked) -> list[Listed]:
    found = [known for known in past.found.values() if len(known.products) > 1 and set(link.products) <= set(known.products)]
    return [Listed(one=past, kind=known.record, link=known) for known in found if past.subtask.effect == "read" and known.record != "variant"]


def list_shown(past: Sequence[Past], which: Which) -> Listed | None:
    """The newest answer that listed several records: the last one, or, where that was about one picked of a list, that list."""
    among: set[str] | None = None
    for one in reversed(past):
        lists = [Listed(one=one, kind=link.record, link=link) for name, link in one.found.items() if _is_list_of(one, name, link, which)]
        for listed in sorted(lists, key=lambda found: found.kind != one.bound.task.about):
            if (len(listed.link.products) > 1 or which.of(listed.link.products)) and (among is None or among & set(listed.link.products)):
                return listed
        ids = {id for listed in lists for id in listed.link.products} | {id for link in one.bound.links.values() for id in link.products}
        if one.subtask.effect == "read" and one.found and among is None and len(ids) != 1:
            return None
        among = ids if ids else among
    return None


def _is_list_of(one: Past, name: str, link: Linked, which: Which) -> bool:
    """Whether an answer lists these records, and not only what they are of: the customers of orders are no list."""
    if one.subtask.effect != "read" or not link.products:
        return False
    kind = "product" if link.record in GOODS else link.record
    if which.kinds:
        return kind in which.kinds
    return kind == one.bound.task.about or (kind == "product" and link.record == "product" and not _lists_another(one, kind))


def _lists_another(one: Past, kind: str) -> bool:
    return one.bound.task.does == "find" and one.bound.task.about not in ("", kind)


def _asks_for_rows(one: Past, which: Which, message: Message) -> bool:
    """ "The first three" of a report, which has a field for how many rows it shows, and keeps its figures so."""
    top = limit_of(one.bound)
    first = which.spans[0][0] == 0 or _LOWEST.search(message.text[which.start : which.end]) is not None
    rows = one.bound.task.does != "find" and not which.but and first and which.spans[0][1] > 1 and len(which.spans) == 1
    return rows and top is not None


def _in_order(listed: Listed, which: Which) -> tuple[str, ...]:
    """The list as it stands, or, for "the last one" of what is shown from the newest on, with the newest at its end."""
    ids = listed.link.products
    return ids[::-1] if which.says_last and newest_first(listed.one.bound) and not listed.one.bound.links else ids


async def _looked_at(message: Message, listed: Listed, ids: tuple[str, ...]) -> Bound | None:
    """Those of the list looked at: one in full, where there is an answer for one such record, and several as they were shown."""
    tasks, kind = message.draft.scope.tasks, "product" if listed.kind in GOODS else listed.kind
    alone = task_for(tasks, "show", kind) if len(ids) == 1 else None
    task = alone or (listed.one.bound.task if listed.one.bound.task.selecting(kind) is not None else task_for(tasks, "find", kind))
    slot = task.selecting(kind) if task is not None else None
    if task is None or slot is None:
        return None
    kept = {n: v for n, v in listed.one.bound.args.items() if _still_holds(listed.one.bound.task, task, n)}
    bound = Bound(task=task, piece=Piece(text=message.text, start=0, end=len(message.text), slots=(), values=Values()), args=kept)
    put(bound, slot, replace(listed.link, products=ids, variants=None, where=Where(), label=await _called(message, kind, ids), record=kind))
    return bound


def _still_holds(before: Task, now: Task, name: str) -> bool:
    if before is not now:
        return False
    return name in _KEPT or (now.does != "find" and now.slot(name).record is None and name not in ("top", "limit"))


async def _called(message: Message, kind: str, ids: tuple[str, ...]) -> str:
    """The records' own name, where it is one; else the words that picked them."""
    if kind == "product" and len(ids) == 1:
        return message.draft.scope.linker.vocabulary.products.get(ids[0], "")
    if kind == "customer" and len(ids) == 1:
        found = (await message.draft.scope.store.customers(Selection[Customer](ids=ids))).items
        return next((one.name for one in found), "")
    if kind == "order" and len(ids) == 1:
        orders = (await message.draft.scope.store.orders(Selection[Order](ids=ids))).items
        return next((one.number for one in orders), "")
    which = which_alone(message.text)
    return _words(message, which) if which is not None else ""


def _words(message: Message, which: Which) -> str:
    return " ".join(message.text[which.start : which.end].split())


async def _of_the_change(message: Message, one: Past, which: Which) -> bool:
    """ "Yes, but not the second one", "only the first two": the change that waits, to those of its records."""
    slot = next((s for s in one.bound.task.slots if s.name in one.bound.links and "selection" in s.types), None)
    link = one.bound.links[slot.name] if slot is not None else None
    if slot is None or link is None or len(link.products) < 2 or not one.open or (mark := marked(message.text)).kind == "add" or mark.too:
        return False
    before = [found.products for past in reversed(message.past) for found in past.found.values() if set(link.products) <= set(found.products)]
    order = tuple(id for id in before[0] if id in link.products) if before else link.products
    kept = set(which.of(order))
    if not kept or len(kept) == len(order):
        message.draft.refuse((0, len(message.text)), "unclear", said.none_of_them(link.label, _words(message, which)))
        return True
    linker = message.draft.scope.linker
    gone = replace(link, products=tuple(id for id in link.products if id not in kept), variants=None, where=Where())
    goods = link.record in GOODS
    fewer = await linker.without(link, gone) if goods else replace(link, products=tuple(id for id in order if id in kept), where=Where())
    bound = replace(one.bound, args=dict(one.bound.args), links=dict(one.bound.links), asked=[], left=[], finds=[])
    put(bound, slot, replace(fewer, label=f"{link.label}: {_words(message, which)}"))
    add_anew(message, one, bound, Marked(kind="only", start=which.start, end=which.end, instead=True), (0, len(message.text)))
    return True

"""Some of the records that were found or changed before: "only those from Germany", "which of them …?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.bind import bind
from agent.planning.binding.merge import takes_beside, takes_every_word
from agent.planning.binding.scope import Bound, Scope, as_selection, put
from agent.planning.clauses.pieces import piece_of
from agent.planning.linking.link import Linked
from agent.planning.threads.anew import add_step, settle_proposal
from agent.planning.threads.markers import Marked
from agent.planning.threads.message import Message, words_of_past
from agent.planning.threads.narrow import found_among, keep_among
from agent.planning.threads.recall import Past
from agent.records.reading import SlotSpan
from agent.sdk import Slot, Task

_SO = frozenset({"cost", "costs"})
"""Verbs of "which of them … 15 euros" that a range of prices says as well."""


async def narrowed_change(message: Message, one: Past, mark: Marked, slots: Sequence[SlotSpan], span: tuple[int, int]) -> bool:
    """ "Only those from Germany" of a change to customers: a search among them and the change to what it finds, or for "except" to the others."""
    if one.subtask.effect == "read":
        return False
    inside = message.marks(one, mark) or list(slots)
    scope = replace(message.scope_of(one), earlier=[])
    found = await found_among(one.bound, lambda finder: piece_of(message.text, mark.start, mark.end, inside, scope, finder), scope)
    if found is None:
        return False
    name, output, search = found
    steps = [message.draft.placed(search, span=span, confidence=one.subtask.read.confidence, said=words_of_past(one))]
    pointer = f"{steps[0].id}.{output}"
    if mark.kind == "without":
        steps.append(add_step(message, _all_of_them(one, name, search), one, span))
        pointer = f"{steps[1].id}.{output} without {pointer}"
    args = {**one.bound.args, name: {"$ref": pointer}}
    links = {n: link for n, link in one.bound.links.items() if n != name}
    add_step(message, replace(one.bound, args=args, links=links, after=[step.id for step in steps], asked=[], left=[], finds=[]), one, span)
    settle_proposal(message, one, mark, takes_its_place=True)
    return True


def _all_of_them(one: Past, name: str, search: Bound) -> Bound:
    """A search that finds all the records of a change, for some of them to be left out."""
    link = one.bound.links[name]
    among = search.task.selecting("product" if link.record == "variant" else link.record)
    assert among is not None  # it was searched among them
    return replace(search, args={among.name: as_selection(link, among)}, links={among.name: link}, asked=[], left=[], finds=[], after=[])


async def limited_change(message: Message, one: Past, mark: Marked, slots: Sequence[SlotSpan], span: tuple[int, int]) -> bool:
    """ "Only for returning customers" of a code that waits for approval: a search for them, and the code for whom it finds."""
    task, scope = one.bound.task, message.scope_of(one)
    if not one.open or not one.changes or mark.kind == "without" or task.whole is not None:
        return False
    inside = [slot for slot in message.marks(one, mark) or slots if mark.start <= slot.start and slot.end <= mark.end]
    own = await bind(task, piece_of(message.text, mark.start, mark.end, inside, scope, task), scope)
    if len(own.finds) != 1 or own.left or own.finds[0][0] in one.bound.args or not takes_beside(own, own.finds[0][1], scope):
        return False
    if any(question.field == own.finds[0][0] for question in one.questions):
        return False  # it is asked which of them are meant, and not everyone of a kind
    name, search = own.finds[0]
    outputs = scope.outputs.get(search.task.name, {})
    output = next((field for field, kind in outputs.items() if kind == task.slot(name).record), None)
    if output is None or search.asked or search.left:
        return False
    first = message.draft.placed(search, span=span, confidence=one.subtask.read.confidence, said=words_of_past(one))
    said_too = {field: value for field, value in own.args.items() if field not in own.refers and field != name}
    args = {**one.bound.args, **said_too, name: {"$ref": f"{first.id}.{output}"}}
    add_step(message, replace(one.bound, args=args, after=[first.id], left=[], finds=[]), one, span)
    settle_proposal(message, one, mark, takes_its_place=True)
    return True


async def asked_among(message: Message, mark: Marked, slots: Sequence[SlotSpan], span: tuple[int, int]) -> bool:
    """ "Which of them are from Germany?": the search before, only among what it found."""
    one = next((one for one in message.bases() if one.found), None)
    if one is None:
        return False
    scope, task = message.scope_of(one), one.bound.task
    own = await bind(task, piece_of(message.text, mark.start, mark.end, message.marks(one, mark) or list(slots), scope, task), scope, finders=False)
    _without_what_belongs(own)
    goods = goods_found(one, task, scope)
    if goods is not None and goods[0].name in own.links and own.links[goods[0].name] is not goods[1]:
        if not await keep_among(own, goods[1], goods[0], scope):
            described = own.links.pop(goods[0].name).label
            del own.args[goods[0].name]
            own.ask(goods[0].name, said.none_of_them(goods[1].label, described))
    elif goods is not None and own.args and goods[0].name not in own.args:
        put(own, *goods)
    among = goods is not None or any(name in own.links and own.links[name] in one.found.values() for name in own.args)
    asked = [asked for asked in own.asked if goods is None or asked.field != goods[0].name]
    if not among or not (own.args or own.asked) or own.left or own.finds or asked or not takes_every_word(own, scope, besides=_SO):
        return False
    add_step(message, own, one, span)
    return True


def _without_what_belongs(own: Bound) -> None:
    """Of "which of them are paid" the orders alone, and not what was bought in them as well."""
    kinds = {own.task.slot(name).record for name in own.refers}
    for name in [name for name in own.refers if own.task.about in kinds and own.task.slot(name).record != own.task.about]:
        own.args.pop(name, None)
        own.links.pop(name, None)


def goods_found(one: Past, task: Task, scope: Scope) -> tuple[Slot, Linked] | None:
    """The goods that a search for goods found, with its field for them: a later message can ask for some. Of orders they are no narrowing."""
    outputs = scope.outputs.get(task.name, {})
    slot = task.selecting("product")
    found = next((link for name, link in one.found.items() if outputs.get(name) == "product" and link.products), None)
    return (slot, found) if slot is not None and found is not None and task.finds("product") else None

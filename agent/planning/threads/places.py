"""Some of a list by their places: "publish the first one", "hide the rest". Never all of it, and never more than was shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.planning.binding.picked import newest_first
from agent.planning.binding.scope import GOODS, Bound, put
from agent.planning.draft import LEFT, Step
from agent.planning.linking.link import Linked
from agent.planning.threads.recall import Past
from agent.planning.threads.which_of import Which, which_alone, which_in
from agent.sdk import Slot, Task, Where

_REST = re.compile(
    r"\b(?:the\s+(?:rest|others|remaining(?:\s+ones?)?)|(?:all\s+)?the\s+other(?:s|\s+(?:ones|reviews|orders|customers|products)))\b(?!\s+of\s+the\b)",
    re.I,
)


def says_place(said: str) -> bool:
    return which_in(said) is not None or _REST.search(said) is not None


def by_their_places(steps: Sequence[Step], past: Sequence[Past], outputs: Mapping[str, Mapping[str, str]]) -> None:
    """Put the records that stand at the places said into the steps; where no list is known, ask which are meant."""
    for step in steps:
        bound = step.bound
        said = bound.piece.said
        if step.said or bound.finds or not says_place(said) or any(name not in bound.refers for name in bound.links):
            continue
        slots = [slot for slot in bound.task.slots if slot.record and "selection" in slot.types]
        found = next(((slot, at, link) for at, slot, link in _lists(slots, past, outputs)), None)
        if found is None:
            if bound.task.effect != "read" and slots and not any(slot.name in bound.args and slot.name not in bound.refers for slot in slots):
                _ask(step, slots)
            continue
        slot, at, link = found
        which = which_in(said)
        chosen = _at_place(link, past[at].bound, which, said) if which is not None else _rest(link, slot, past[at + 1 :])
        _clear(step, slots)
        if chosen.products:
            put(bound, slot, chosen)
            bound.asked = [asked for asked in bound.asked if asked.field not in {s.name for s in slots}]
            left = [spot for spot in bound.left if not is_of_the_place(bound.piece.of(spot), said)]
            if bound.left and not left:
                bound.asked = [asked for asked in bound.asked if asked.field != LEFT]
            bound.left = left
        elif step.changes:
            _ask(step, [slot])


_FOR = re.compile(r"(?:(?:for|with|to|on|do|the\s+same\s+(?:for|with|to|on))\s+)+", re.I)


def at_another_place(said: str, past: Sequence[Past], outputs: Mapping[str, Mapping[str, str]], *, more: bool = False) -> tuple[Past, Bound] | None:
    """ "And now for the second": the same for another of the list that the last one was picked from.

    Args:
        more: It comes beside those before, and these may be several: "also the fourth".
    """
    one = past[-1]
    slot = next((s for s in one.bound.task.slots if s.name in one.bound.links and "selection" in s.types), None)
    said = _FOR.sub("", said.strip(), count=1)
    which = which_alone(said)
    if slot is None or which is None or which.but or (len(one.bound.links[slot.name].products) != 1 and not more):
        return None
    last = one.bound.links[slot.name]
    picked = [_at_place(found, None, which, said) for found in _lists_with({*last.products, *(last.variants or ())}, slot, past[:-1], outputs)]
    chosen = next((link for link in picked if link.products and not (more and set(link.products) <= set(last.products))), None)
    if chosen is None:
        return None
    bound = replace(one.bound, args=dict(one.bound.args), links=dict(one.bound.links), asked=list(one.bound.asked))
    put(bound, slot, chosen)
    return one, bound


def _lists_with(ids: set[str], slot: Slot, past: Sequence[Past], outputs: Mapping[str, Mapping[str, str]]) -> list[Linked]:
    """The lists that these were picked from, the newest first; of goods they may list products, where the change is of variants."""
    kinds = GOODS if slot.record in GOODS else {slot.record}
    lists = []
    for one in reversed(past):
        of = outputs.get(one.subtask.task, {})
        lists += [link for name, link in one.found.items() if of.get(name) in kinds and len(link.products) > 1 and ids & set(link.products)]
    return lists


def is_of_the_place(words: str, said: str) -> bool:
    """Whether words that no field took only say the place: the "three" of "the first three"."""
    which, rest = which_in(said), _REST.search(said)
    place = said[which.start : which.end] if which is not None else rest[0] if rest is not None else ""
    return words.strip().lower() in place.lower()


_THE_ORDER = re.compile(r"\b(?:the|that|this)\s+order\b(?!\s+(?:of|from|by|with|number|in|over|under|that|which)\b)", re.I)


def of_the_order_shown(steps: Sequence[Step], past: Sequence[Past]) -> None:
    """ "Refund the shipping" right after one order was shown: of that order, where no other record is named; "the order" is the last shown at all."""
    for step in steps:
        bound = step.bound
        shown = next((found for one in reversed(past if _THE_ORDER.search(bound.piece.said) else past[-1:]) if len(found := _orders(one)) == 1), ())
        if not shown:
            continue
        slot = next((s for s in bound.task.slots if s.record == "order" and any(asked.field == s.name for asked in bound.asked)), None)
        named = [mark for mark in bound.piece.marked("order", "customer") if not _THE_ORDER.fullmatch(bound.piece.of(mark))]
        unnamed = not (step.said or bound.links or bound.finds or named)
        if slot is not None and step.changes and unnamed:
            put(bound, slot, shown[0])
            bound.asked = [asked for asked in bound.asked if asked.field != slot.name]


def _orders(one: Past) -> list[Linked]:
    return [link for name, link in one.bound.links.items() if one.bound.task.slot(name).record == "order" and len(link.products) == 1]


def _lists(slots: Sequence[Slot], past: Sequence[Past], outputs: Mapping[str, Mapping[str, str]]) -> list[tuple[int, Slot, Linked]]:
    """The newest answer that listed several records of a kind that a field takes; what it is most about comes first."""
    emptied: list[Task] = []
    for at in _newest_lists_first(past):
        one = past[at]
        kinds = outputs.get(one.subtask.task, {})
        wanted = [link for name, link in one.found.items() for slot in slots if kinds.get(name) == slot.record]
        if wanted and not any(link.products for link in wanted):
            emptied.append(one.bound.task)
        fitting = [
            (at, slot, link) for name, link in one.found.items() for slot in slots if kinds.get(name) == slot.record and len(link.products) > 1
        ]
        if fitting and one.bound.task in emptied:
            return []  # it was narrowed to nothing since, and "the first one" is none of the list before
        if fitting:
            return sorted(fitting, key=lambda found: (found[1].record or "") not in one.subtask.task)
    return []


def _newest_lists_first(past: Sequence[Past]) -> list[int]:
    """What lists its records before what only sums them up, such as `review_insights`; else the newest first."""
    return sorted(range(len(past) - 1, -1, -1), key=lambda at: (past[at].bound.task.does, past[at].bound.task.about) == ("other", "review"))


def _at_place(link: Linked, source: Bound | None, which: Which, said: str) -> Linked:
    """Those of the list; of what is shown from the newest on, as all orders are, "the last one" is the newest."""
    ids = link.products[::-1] if which.says_last and source is not None and newest_first(source) else link.products
    return replace(link, products=which.of(ids), variants=None, where=Where(), label=" ".join(said[which.start : which.end].split()))


def _rest(link: Linked, slot: Slot, since: Sequence[Past]) -> Linked:
    """Those of the list that nothing since was about."""
    seen = {
        id for one in since for name, other in one.bound.links.items() if one.bound.task.slot(name).record == slot.record for id in other.products
    }
    kept = tuple(id for id in link.products if id not in seen) if seen else ()
    return replace(link, products=kept, variants=None, where=Where(), label="the rest")


def _clear(step: Step, slots: Sequence[Slot]) -> None:
    """Without what pointing back filled: the goods of the reviews are not the reviews."""
    for slot in slots:
        if slot.name in step.bound.refers or shown_pointer(step, slot):
            step.bound.args.pop(slot.name, None)
            step.bound.links.pop(slot.name, None)


def shown_pointer(step: Step, slot: Slot) -> bool:
    return isinstance(step.bound.args.get(slot.name), dict)


def _ask(step: Step, slots: Sequence[Slot]) -> None:
    _clear(step, slots)
    slot = next((s for s in slots if s.question), slots[0])
    step.bound.ask(slot.name, slot.question or f"Which {slot.record}s do you mean?")

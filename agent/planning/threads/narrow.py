"""Fewer of the records an earlier subtask was about: "but not the plates", "only the blue ones", "only those from Germany"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.bind import bind
from agent.planning.binding.merge import takes_every_word
from agent.planning.binding.ranked import limit_of
from agent.planning.binding.scope import GOODS, Bound, Piece, Scope, as_selection, put
from agent.planning.draft import Step
from agent.planning.linking.link import Linked, Several
from agent.sdk import Slot, Task

ONES = re.compile(r"\bones?\b", re.I)


async def leaving_out(own: Bound, base: Bound, scope: Scope) -> Bound | None:
    """The earlier subtask without the records that the message names; None where it names none, or none would be left."""
    name = next((name for name in own.links if name in base.links), None)
    if name is None:
        return None
    before = base.links[name]
    kept = await scope.linker.without(before, own.links[name])
    return _with(base, own, name, kept) if kept.products and kept.ids("variant") != before.ids("variant") else None


async def among_them(own: Bound, base: Bound, scope: Scope) -> Bound | None:
    """The earlier subtask with those of its goods that the message describes; None where none of them is so."""
    slot = next((s for s in own.task.slots if s.record in GOODS and s.name in base.links and s.name in own.heads), None)
    if slot is None or set(own.args) - {slot.name} - set(own.refers):
        return None
    mention = next(iter(own.piece.marked("product")), None)
    words = own.piece.of(mention) if mention is not None else own.piece.said.strip()
    before = base.links[slot.name]
    kept = await described_among(words, before, scope)
    return None if kept is None else _with(base, own, slot.name, replace(kept, label=f"{before.label}: {words}"))


async def some_of_them(own: Bound, base: Bound, scope: Scope, *, leave: bool) -> Bound | None:
    """The earlier subtask with those of its goods that the whole message describes, or without them: "the sale items", "the jumper"."""
    slot = next((s for s in base.task.slots if s.record in GOODS and s.name in base.links), None)
    words = own.piece.said.strip()
    described = await described_among(words, base.links[slot.name], scope) if slot is not None else None
    if slot is None or described is None:
        return None
    before = base.links[slot.name]
    kept = await scope.linker.without(before, described) if leave else replace(described, label=f"{before.label}: {words}")
    if leave:
        kept = replace(kept, label=f"{before.label} except {words}")
    return _with(base, own, slot.name, kept) if kept.products and kept.ids("variant") != before.ids("variant") else None


async def described_among(words: str, before: Linked, scope: Scope) -> Linked | None:
    """Those of the goods that the words describe, where these are some of them and not all; what could mean several is one of those before."""
    words = ONES.sub("products", words)
    described = await scope.linker.goods(words, 0, len(words), category=True)
    if isinstance(described, Several) and described.total <= len(described.options):
        options = [link for id, _ in described.options if (link := scope.linker.labelled(id)) is not None]
        described = scope.linker.together(options) if len(options) > 1 else described
    kept = await common(before, described, scope) if isinstance(described, Linked) else None
    return None if kept is before else kept


async def common(before: Linked, described: Linked, scope: Scope) -> Linked | None:
    """What two mentions of goods have in common; None where that is nothing."""
    rest = await scope.linker.without(before, described)
    kept = await scope.linker.without(before, rest) if rest.products else before
    return replace(kept, label=before.label) if kept.products and kept is not before else before if kept.products else None


def is_condition(link: Linked) -> bool:
    """Whether it names no goods and only says how they are: in stock, a draft, under 20 euros."""
    where = link.where
    return not any((where.text, where.options, where.sizes, where.tags, where.vendor, where.product_type, where.collection))


async def ones_of_those_before(steps: Sequence[Step], before: Sequence[Linked], scope: Scope) -> None:
    """ "Add 20 to the navy ones", after the chunky beanie: the navy ones of that, where it has some, and not of all beanies."""
    for step in steps:
        for name, link in list(step.bound.links.items()) if step.changes and not step.said else ():
            said = step.bound.piece.text[max(0, link.start - _ARTICLE) : link.end]
            if link.record not in GOODS or name in step.bound.refers or _THE_ONES.search(said) is None:
                continue
            for earlier in before:
                if (kept := await common(earlier, link, scope)) is not None:
                    put(step.bound, step.bound.task.slot(name), replace(kept, label=f"{earlier.label}: {link.label}"))
                    break


_ARTICLE = 6
_THE_ONES = re.compile(r"\b(?:the|those|these)\s+(?:[\w-]+\s+){1,3}ones?\b", re.I)


async def keep_among(own: Bound, before: Linked, slot: Slot, scope: Scope) -> bool:
    """Put only those of the goods before that the message says; whether any are left, or it is asked which are meant."""
    link = own.links[slot.name]
    kept = await common(before, link, scope)
    if kept is not None:
        put(own, slot, replace(kept, label=f"{before.label}: {link.label.removeprefix('everything, ')}"))
        return True
    if not is_condition(link):
        return False
    own.args.pop(slot.name, None)
    own.links.pop(slot.name, None)
    own.ask(slot.name, said.none_of_them(before.label, link.label.removeprefix("everything, ")))
    return True


def none_such(own: Bound, base: Bound) -> Bound | None:
    """The earlier subtask with the question which are meant, where what the message says of its records is true of none of them."""
    asked = next((asked for asked in own.asked if asked.field in base.links and asked.field in own.heads), None)
    if asked is None:
        return None
    args, links = ({name: value for name, value in of.items() if name != asked.field} for of in (base.args, base.links))
    return replace(base, piece=own.piece, args=args, links=links, asked=[*base.asked, asked], left=[], finds=[])


def none_of_these(own: Bound, base: Bound) -> Bound | None:
    """The same question, where the goods that are to be the only ones are none of those before: "only the large one", of a mug of one size."""
    for name, link in own.links.items():
        before = base.links.get(name)
        if before is None or link is before or link.record not in GOODS or set(link.products) & set(before.products):
            continue
        args, links = ({field: value for field, value in of.items() if field != name} for of in (base.args, base.links))
        bound = replace(base, piece=own.piece, args=args, links=links, asked=list(base.asked), left=[], finds=[])
        bound.ask(name, said.none_of_them(before.label, own.piece.said.strip()))
        return bound
    return None


def _with(base: Bound, own: Bound, name: str, link: Linked) -> Bound:
    asked = [asked for asked in base.asked if asked.field != name]
    bound = replace(base, piece=own.piece, asked=asked, links=dict(base.links), args=dict(base.args))
    put(bound, own.task.slot(name), link)
    _forget_counts(bound, gone=set(base.links[name].products) - set(link.products))
    return bound


def _forget_counts(bound: Bound, gone: set[str]) -> None:
    """How many of what is left out is no longer said."""
    for slot in bound.task.slots:
        if "counts" in slot.types and isinstance(counts := bound.args.get(slot.name), dict):
            bound.args[slot.name] = {id: number for id, number in counts.items() if id not in gone}


async def found_among(base: Bound, piece: Callable[[Task], Piece], scope: Scope) -> tuple[str, str, Bound] | None:
    """A search among the records that a change is about, by what the message says of them: its field in the change, the search's output, and it."""
    for name, link in base.links.items():
        record = base.task.slot(name).record or ""
        own, record = record, "product" if record == "variant" else record
        finder = scope.tasks.get(f"find_{record}s")
        outputs = {kind: field for field, kind in reversed(list(scope.outputs.get(f"find_{record}s", {}).items()))}
        output = outputs.get(own, outputs.get(record))
        among = finder.selecting(record) if finder else None
        if finder is None or output is None or among is None:
            continue
        search = await bind(finder, piece(finder), scope, finders=False)
        if among.name in search.links and record == "product" and await keep_among(search, link, among, scope):
            return (name, output, search) if _says_all(search, scope) else None
        if not _says_all(search, scope) or among.name in search.args:
            continue
        top = limit_of(search)
        if top is not None and set(search.args) <= {"sort", "order"}:
            search.args[top] = 1  # "except the newest"
        search.args[among.name] = as_selection(link, among)
        search.links[among.name] = link
        return name, output, search
    return None


def _says_all(search: Bound, scope: Scope) -> bool:
    return not (search.left or search.finds or search.asked) and bool(search.args) and takes_every_word(search, scope)

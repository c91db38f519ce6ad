"""The records that an earlier part or turn named, found or is to make, as a later one takes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.planning.binding.pointing import KIND_OF, PLURAL
from agent.planning.binding.ranked import first_of, one_asked_for, sense_of, take_ranked, where_pointed
from agent.planning.binding.scope import GOODS, Bound, Earlier, Scope, as_selection, put
from agent.planning.linking.link import Linked
from agent.sdk import Slot


def take_from(bound: Bound, scope: Scope, slot: Slot, earlier: Earlier, record: str, *, many: bool, said: str | None = None) -> bool:
    """Whether an earlier part gave the field its records: what it is to make, what it will find, or what it is about."""
    if earlier.found is not None:
        return _from_turn(bound, scope, slot, earlier, record, many=many, said=said)
    source = earlier.bound
    if _is_to_be_made(bound, source, record, said):
        _wait_for(bound, slot, earlier, {"$ref": f"{earlier.id}.{MADE}"})
        return True
    outputs = {name: kind for name, kind in scope.outputs[source.task.name].items() if _fits(kind, slot)}
    many = many or (record == "product" and _EVERYTHING.search(source.piece.said) is not None)  # "everything that did not sell … tag it"
    fields = {s.name for s in source.task.slots if KIND_OF.get(s.record or "", s.record) == record}
    changing = bound.task.effect in ("write", "action") and source.task.effect == "read"
    if changing and record == "product" and said is None and _narrows(source, fields):
        many = True  # "list the 3 slowest candles, 20% off": those that were found, and not all candles
    among = next((name for name in source.links if name in fields), None)
    if said is not None and record == "product" and take_ranked(bound, scope, slot, earlier, outputs, said=said, field=among):
        return True
    known = source.links[among] if among is not None else None
    finds = source.task.effect == "read" and outputs and (known is None or (many and _narrows(source, fields)))
    if record == "product" and finds and (_is_by_others(source) or (bound.task.effect == "read" and _is_of_figures(source))):
        return False  # its rows are countries or days, and "they" are its figures
    if finds and _from_answer(bound, slot, earlier, record, outputs, many=many, said=said, known=known is not None):
        return True
    return _known_or_awaited(bound, slot, earlier, fields, known)


def _is_to_be_made(bound: Bound, source: Bound, record: str, said: str | None) -> bool:
    """Whether what is meant is what an earlier part is to make, or the group that it is to gather."""
    if bound.task is source.task:
        return False
    they = said is not None and PLURAL.search(said) is not None
    return (makes(source) == record and not they) or (they and gathers(source) == record)


def _from_answer(
    bound: Bound, slot: Slot, earlier: Earlier, record: str, outputs: dict[str, str], *, many: bool, said: str | None, known: bool
) -> bool:
    """Whether the field has what an earlier search will find; where one record is to be changed and several may be found, which is asked."""
    source = earlier.bound
    just_one = said is not None and JUST_ONE.fullmatch(said) is not None
    if just_one and record != "product" and (top := one_asked_for(source)) is not None:
        source.args[top] = 1  # "which code was used most? extend it"
    if just_one and _several_found(source, record) and bound.task.effect in ("write", "action"):
        bound.ask(slot.name, slot.question or f"Which {record} do you mean?")  # "refund it" is not every order she ever placed
        return True
    if record == "product" and not many and (known or is_report(source)):
        return False
    _wait_for(bound, slot, earlier, {"$ref": f"{earlier.id}.{_best(outputs, slot)}"})
    return True


def _known_or_awaited(bound: Bound, slot: Slot, earlier: Earlier, fields: set[str], known: Linked | None) -> bool:
    """Whether the field has what an earlier part is about: its records, what it waits for itself, or the answer to its question."""
    source = earlier.bound
    if known is not None:
        bound.links[slot.name] = known
        bound.heads[slot.name] = known.head
        bound.args[slot.name] = as_selection(known, slot)
        return True
    if (shared := next((name for name in source.args if name in fields and isinstance(source.args[name], dict)), None)) is not None:
        bound.args[slot.name] = source.args[shared]
        bound.after += source.after
        return True
    pending = next((asked.field for asked in source.asked if asked.field in fields), None)
    if pending is not None:
        _wait_for(bound, slot, earlier, {"$same": f"{earlier.id}.{pending}"})
    return pending is not None


def _wait_for(bound: Bound, slot: Slot, earlier: Earlier, reference: dict[str, str]) -> None:
    bound.args[slot.name] = reference
    bound.after.append(earlier.id)


def _from_turn(bound: Bound, scope: Scope, slot: Slot, earlier: Earlier, record: str, *, many: bool, said: str | None) -> bool:
    """Records of an earlier turn, by id: what it found, else what it was about."""
    source, found = earlier.bound, earlier.found or {}
    if MADE in found and makes(source) == record and not many and bound.task is not source.task:
        put(bound, slot, found[MADE])
        return True
    kinds = {name: kind for name, kind in scope.outputs.get(source.task.name, {}).items() if name in found}
    fitting = [name for name, kind in kinds.items() if kind == slot.record or (kind == "product" and slot.record == "variant")]
    fields = {s.name for s in source.task.slots if KIND_OF.get(s.record or "", s.record) == record}
    among = next((name for name in source.links if name in fields), None)
    known = source.links[among] if among is not None else None
    if record == "product" and fitting and said is not None and (first := first_of(source, found[fitting[0]], said, among, earlier.said)) is not None:
        put(bound, slot, replace(first, label=scope.linker.vocabulary.products.get(first.products[0], first.label)))
        return True
    if record != "product" and fitting and said is not None and JUST_ONE.fullmatch(said) and one_asked_for(source) is not None:
        link = found[fitting[0]]  # "which one was used most? … extend that one"
        put(bound, slot, replace(link, products=link.products[:1], label="the first of them"))
        return True
    if record == "product" and said is not None and where_pointed(said) is not None and sense_of(said) == "one" and bound.task.effect != "read":
        bound.ask(slot.name, slot.question or "Which product do you mean?")  # "the worst of them", of a list of the best
        return True
    if fitting and (known is None or (many and _narrows(source, fields))) and not (record == "product" and not many and is_report(source)):
        link = found[next((name for name in fitting if kinds[name] == slot.record), fitting[0])]
        one_of_many = said is not None and JUST_ONE.fullmatch(said) is not None and len(link.products) > 1
        if one_of_many and record in ("order", "customer") and bound.task.effect in ("write", "action"):
            bound.ask(slot.name, slot.question or f"Which {record} do you mean?")  # "add a note to it", of all the orders that were listed
        elif not link.products:
            bound.ask(slot.name, f"The answer before found nothing. {slot.question or f'Which {record}s do you mean?'}")
        else:
            put(bound, slot, link)
        return True
    if known is not None and _is_the_shop(known) and bound.task.effect in ("write", "action") and said is not None and JUST_ONE.fullmatch(said):
        bound.ask(slot.name, slot.question or "Which product do you mean?")  # "add 20 to it", after all there is in stock
        return True
    if known is not None:
        put(bound, slot, _left_of(source, known, [found[name] for name in fitting], scope))
        return True
    return False


def _is_the_shop(known: Linked) -> bool:
    """Whether it names no goods, and is everything of which something is so."""
    where = known.where
    named = any((where.text, where.options, where.sizes, where.tags, where.vendor, where.product_type, where.collection))
    return known.record in GOODS and not named and len(known.products) > 1


def _left_of(source: Bound, known: Linked, found: Sequence[Linked], scope: Scope) -> Linked:
    """What a search left of the records it looked among: "hide it", after the scarves under 40, is of the one that was shown."""
    fewer = next((link for link in found if link.products and set(link.products) < set(known.products)), None)
    if fewer is None or source.task.does != "find":
        return known
    title = scope.linker.vocabulary.products.get(fewer.products[0]) if len(fewer.products) == 1 else None
    return replace(fewer, label=title or known.label)


MADE = "made"
"""In a reference: what a subtask's proposal is to make."""
CODE = "code"
"""In a reference: the code of the discount that it is to make."""


def makes(source: Bound) -> str | None:
    """The kind of record that a subtask is to make; None where it makes none that a later one could be about."""
    if source.task.about == "collection":
        return "collection" if source.args.get("action") == "create" else None
    return source.task.about if source.task.does == "make" and source.task.about in ("product", "discount") else None


def gathers(source: Bound) -> str | None:
    """The kind of record that what a subtask is to make is a group of: "make a segment of …, and write to them"."""
    own = source.args.get("who") == source.piece.said.strip()  # "save them as a segment": those were found before
    return "customer" if source.task.does == "make" and source.task.about == "segment" and own else None


_EVERYTHING = re.compile(r"\b(?:everything|anything|whatever|stuff)\b", re.I)
JUST_ONE = re.compile(r"it|its|that|this|that\s+one|this\s+one", re.I)


def _several_found(source: Bound, record: str) -> bool:
    """Whether an answer may list more than one record of the kind: not that of `show_order`, nor of a search for the latest."""
    shown_alone = source.task.does == "show" and source.task.about == record
    single = shown_alone or source.args.get("top") == 1 or source.args.get("which") is not None
    single = single or (record == "discount" and any(name in source.args for name in ("code", "codes")))
    return record in ("order", "customer", "review", "discount") and not single


def kind_found(source: Bound, scope: Scope) -> str | None:
    """The kind of record a search is for."""
    outputs = list(scope.outputs[source.task.name].values()) if source.task.does == "find" else []
    return KIND_OF.get(outputs[0], outputs[0]) if outputs else None


def _fits(kind: str, slot: Slot) -> bool:
    """A product's id stands for all of its variants, not the other way round."""
    return "selection" in slot.types and (kind == slot.record or (kind == "product" and slot.record == "variant"))


def _best(outputs: dict[str, str], slot: Slot) -> str:
    return next((name for name, kind in outputs.items() if kind == slot.record), next(iter(outputs)))


def _narrows(source: Bound, fields: set[str]) -> bool:
    """The answer's records are fewer than those it was asked about."""
    times = set() if source.task.does == "find" else {s.name for s in source.task.slots if s.types == ("period",)}
    plain = times | fields | {"metrics"}  # of the customers found, those who bought this year are fewer
    return bool(set(source.args) - plain)


def _is_by_others(source: Bound) -> bool:
    """Whether a report's rows are of anything but goods."""
    ways = [slot for slot in source.task.slots if "product" in slot.choices and source.args.get(slot.name)]
    return any(not GOODS & set(source.args[slot.name]) for slot in ways)


def _is_of_figures(source: Bound) -> bool:
    """Whether a report was asked for figures and no list: "compare this month's sales with last month's … why did they change"."""
    return is_report(source) and bool(source.args.get("metrics")) and not source.args.get("order")


def is_report(source: Bound) -> bool:
    return not any(name.startswith("by") or name == "top" for name in source.args) and source.task.does != "find"


def from_page(bound: Bound, scope: Scope, slot: Slot) -> bool:
    link = scope.page.get(KIND_OF.get(slot.record or "", slot.record or ""))
    if link is None:
        return False
    put(bound, slot, replace(link, start=bound.piece.start, end=bound.piece.end))
    return True


def shown(value: Any) -> bool:
    """Whether an arg is still to come from elsewhere."""
    return isinstance(value, dict) and ("$ref" in value or "$same" in value)


def is_offer_of_all(source: Bound) -> bool:
    """A discount that is to be made, of no goods in particular."""
    known = {*source.args, *(asked.field for asked in source.asked)}
    return makes(source) == "discount" and not any(slot.record == "product" and slot.name in known for slot in source.task.slots)


def names_several(source: Bound, record: str) -> bool:
    """Whether what was named last is more than one record already: "the shirt and the towel … both"."""
    return any(
        KIND_OF.get(source.task.slot(n).record or "", source.task.slot(n).record) == record and len(link.products) > 1
        for n, link in source.links.items()
    )


def last_two(scope: Scope, record: str) -> list[Linked]:
    """The last two single records of a kind named in this request, in the order said; none where there are not two."""
    links: list[Linked] = []
    for earlier in reversed(scope.earlier):
        for slot in earlier.bound.task.slots if earlier.found is None else ():
            link = earlier.bound.links.get(slot.name)
            one = link is not None and KIND_OF.get(slot.record or "", slot.record) == record and len(link.products) == 1
            if one and link is not None and all(link.products != other.products for other in links):
                links.insert(0, link)
    return links[-2:] if len(links) >= 2 else []


def all_just_named(bound: Bound, scope: Scope, slot: Slot, record: str) -> bool:
    """ "Set the olive dish to 30 and the soap dish to 12 and tag both": all that the same task was just told of, one by one."""
    links: list[Linked] = []
    task = scope.earlier[-1].bound.task
    for earlier in reversed(scope.earlier):
        source = earlier.bound
        known = next(
            (source.links[s.name] for s in source.task.slots if s.name in source.links and KIND_OF.get(s.record or "", s.record) == record), None
        )
        if source.task is not task or earlier.found is not None or known is None or slot.name in source.refers:
            break
        if all(known.products != other.products for other in links):
            links.insert(0, known)
    if task is bound.task or record != "product" or "selection" not in slot.types or len(links) < 2:
        return False
    put(bound, slot, scope.linker.together(links))
    return True


def found_several(earlier: Earlier, scope: Scope, slot: Slot) -> bool:
    kinds = scope.outputs.get(earlier.bound.task.name, {})
    fields = {s.name for s in earlier.bound.task.slots if s.record == slot.record}
    known = any(name in fields for name in earlier.bound.links)
    return not known and any(kinds.get(name) == slot.record and len(link.products) > 1 for name, link in (earlier.found or {}).items())

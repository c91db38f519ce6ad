"""What "it", "them" and "those customers" mean: records named before in the request, an earlier answer's records, or the page one is on.

Records that are already known are copied, so that independent parts run together; only what an earlier part will find
out is a reference to its output, and its type is checked here.
"""

from __future__ import annotations

import re
from dataclasses import replace

from agent.planning.binding.earlier_records import (
    JUST_ONE,
    all_just_named,
    found_several,
    from_page,
    is_offer_of_all,
    is_report,
    kind_found,
    last_two,
    names_several,
    take_from,
)  # fmt: skip
from agent.planning.binding.picked import pick_in, take_picked
from agent.planning.binding.pointing import (
    BARE_WHICH,
    BOTH,
    BOUGHT,
    BUYS,
    HERE,
    HOW_MANY,
    KIND_OF,
    PLURAL,
    SOMEBODY,
    THAT_ONE,
    THE_CUSTOMER,
    names_other,
    of_other_kind,
    pointing_words,
)
from agent.planning.binding.ranked import is_of_an_unranked, one_asked_for
from agent.planning.binding.scope import GOODS, Bound, Earlier, Scope, put
from agent.planning.language.values import Spot
from agent.sdk import Slot


def refer(bound: Bound, scope: Scope, slot: Slot, *, said: str | None) -> bool:
    """Fill a field with what a pointing mention means.

    Args:
        said: The mention; None where nothing was said of this field at all, and a pronoun elsewhere in the clause or the
            very lack of an object ("... and lower the price by 2 euros") points.
    """
    record = KIND_OF.get(slot.record or "", slot.record or "")
    clause = bound.piece.said
    if (found := _picked(bound, scope, slot, record, said)) is not None:
        return found
    if record == "customer" and _about_one_order(scope) and placed_by(bound, scope, slot, clause):
        return True  # "write to the customer", after one of the orders found was sent
    bought = said is None and record == "product" and BOUGHT.search(clause) is not None
    if said is None and record in scope.page and not names_other(bound, record):
        said = next((m[0] for m in HERE.finditer(clause) if not of_other_kind(clause, m.end(), record)), None)
    if said is None and not bought:
        if record == "product" and bound.task.effect == "read" and BARE_WHICH.match(clause):
            return _from_those_before(bound, scope, slot)
        said = pointing_words(clause, record)
        if record == "customer" and bound.task.effect == "read" and _asks_for_some(clause):
            said = None
        if said is None and not _may_be_elided(bound, slot, record):
            return False
    if record == "product" and (settled := _no_goods_meant(bound, scope, slot, said)) is not None:
        return settled
    many = bought or (said is not None and PLURAL.search(said) is not None)
    if said is not None and HERE.search(said) and from_page(bound, scope, slot):
        return True
    if (found := _from_parts_before(bound, scope, slot, record, said=said, many=many, bought=bought)) is not None:
        return found
    if from_page(bound, scope, slot):
        return True
    if said is not None and record == "customer" and SOMEBODY.fullmatch(said) and _is_nobody_known(bound, scope):
        bound.ask(slot.name, slot.question or "Who is meant? A name or an e-mail address is enough.")
        return True  # what was found without "her" would be somebody else's
    return False


def _is_nobody_known(bound: Bound, scope: Scope) -> bool:
    """Whether a look would be at somebody else's, or "give her 10% off" is said where nobody was spoken of, and no order that may be hers."""
    if bound.task.effect == "read":
        return bool(scope.earlier)
    return not scope.earlier and not scope.page and bound.task.does == "make" and bound.task.selecting("order") is None


def _asks_for_some(clause: str) -> bool:
    """ "Who are the customers about to leave" asks for some, and means none spoken of."""
    found = THE_CUSTOMER.search(clause)
    return found is not None and clause[found.end() :].strip(" .?!") != ""


def _may_be_elided(bound: Bound, slot: Slot, record: str) -> bool:
    """Whether records may be meant of which nothing at all is said: those that must be said, and "how many are left"."""
    of_goods = record == "product" and bound.task.does != "find"
    if not slot.required and not (of_goods and HOW_MANY.search(bound.piece.said)):
        return False
    return not names_other(bound, record)


def _no_goods_meant(bound: Bound, scope: Scope, slot: Slot, said: str | None) -> bool | None:
    """Where pointing words mean no goods of those before: whether the field is settled all the same; None where they may mean some."""
    if "not_bought" in {s.name for s in bound.task.slots} and not BUYS.search(bound.piece.said):
        return False  # "tell our customers about it" is no search for those who bought it, or did not
    if said is not None and _means_people(bound, scope, said):
        return False
    if said is not None and is_of_an_unranked(bound, scope, said):
        bound.ask(slot.name, slot.question or "Which product do you mean?")
        return True
    return None


def _from_parts_before(bound: Bound, scope: Scope, slot: Slot, record: str, *, said: str | None, many: bool, bought: bool) -> bool | None:
    """Whether a part before gave the field its records, newest first; None where none has any."""
    one = said is not None and not many and THAT_ONE.match(said) is not None
    for earlier in reversed(scope.earlier):
        if one and found_several(earlier, scope, slot) and one_asked_for(earlier.bound) is None:
            continue  # "that order" is the one spoken of before, not all of those that the customer placed
        if _speaks_of_others(bound, scope, slot, record, earlier, they=many and not bought):
            return False
        if record == "product" and said is not None and JUST_ONE.fullmatch(said) and is_offer_of_all(earlier.bound) and bound.task.effect == "draft":
            return False  # "a voucher for everyone who bought a candle, and email it to them": the voucher, and no candle
        if many and not bought and earlier is scope.earlier[-1] and all_just_named(bound, scope, slot, record):
            return True
        both = (
            said is not None
            and BOTH.fullmatch(said)
            and earlier is scope.earlier[-1]
            and record in ("product", "order")
            and "selection" in slot.types
        )
        if both and not names_several(earlier.bound, record) and (links := last_two(scope, record)):
            put(bound, slot, scope.linker.together(links))
            return True
        if take_from(bound, scope, slot, earlier, record, many=many, said=said):
            if earlier is scope.earlier[-1]:
                bound.refers.append(slot.name)
            return True
    return None


def _speaks_of_others(bound: Bound, scope: Scope, slot: Slot, record: str, earlier: Earlier, *, they: bool) -> bool:
    """Whether the part before found records of another kind, which are then what is spoken of."""
    finds = kind_found(earlier.bound, scope)
    if they and finds not in (None, record):
        return True  # "they" are the customers just found, not the mugs they bought
    if record != "product":
        return False
    if not slot.required and finds == "order" and "orders" in {s.name for s in bound.task.slots}:
        return True  # "refund it" is the order just found, not what is in it
    return finds == "review" and any(s.record == "review" for s in bound.task.slots)  # "hide it", not all of the product that it is about


_PEOPLE = re.compile(r"\b(?:them|they|those|these)\b", re.I)


def _means_people(bound: Bound, scope: Scope, said: str) -> bool:
    """ "Make a code for them", after a letter to people about goods: "they" are the people, to a task that takes both."""
    if _PEOPLE.fullmatch(said) is None or bound.task.selecting("customer") is None:
        return False
    last = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    return last is not None and any(slot.record == "customer" and slot.name in last.args for slot in last.task.slots)


_SAME = "the same"
"""Handed in where nothing at all is said of the records."""


def picked(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """Whether the clause picks one of what was spoken of, and it is in the field."""
    return bool(_picked(bound, scope, slot, KIND_OF.get(slot.record or "", slot.record or ""), None))


def _picked(bound: Bound, scope: Scope, slot: Slot, record: str, said: str | None) -> bool | None:
    """Whether "the second", "the cheapest one" or "the others" filled the field, or was asked about; None where nothing is picked."""
    pick = pick_in(bound.piece.said)
    if pick is None or "selection" not in slot.types or not scope.earlier or (said is not None and said != _SAME and pick_in(said) is None):
        return None
    where = Spot(start=bound.piece.start + pick.start, end=bound.piece.start + pick.end)
    if any(mark.kind == record and not where.overlaps(Spot(start=mark.start, end=mark.end)) for mark in bound.piece.slots):
        return None
    if take_picked(bound, scope, slot, pick, record):
        bound.taken.append(where)
        return True
    return None


def _from_those_before(bound: Bound, scope: Scope, slot: Slot) -> bool:
    """The goods that the part before was about, or found: not those of a report of the whole shop."""
    earlier = next((e for e in reversed(scope.earlier) if e.found is None), scope.earlier[-1] if scope.earlier else None)
    if earlier is None or names_other(bound, "product"):
        return False
    source = earlier.bound
    about = any(source.task.slot(name).record in GOODS for name in source.links)
    listed = kind_found(source, scope) == "product" or (source.args.get("top") is not None and not is_report(source))
    listed = listed or source.args.get("by") == ["product"]
    return (about or listed) and take_from(bound, scope, slot, earlier, "product", many=listed)


def _about_one_order(scope: Scope) -> bool:
    """Whether what was spoken of last is one order, and nobody by name."""
    last = scope.earlier[-1].bound if scope.earlier else None
    kinds = {last.task.slot(name).record: link for name, link in last.links.items()} if last is not None else {}
    return "customer" not in kinds and "order" in kinds and len(kinds["order"].products) == 1


def placed_by(bound: Bound, scope: Scope, slot: Slot, said: str) -> bool:
    """ "Refund #1042 and write to her", "to the customer": whoever placed the order, where nobody was named.

    Of drafts alone: "cancel her last order" after #1042 is another order.
    """
    if not (SOMEBODY.search(said) or THE_CUSTOMER.search(said)) or bound.task.effect != "draft" or names_other(bound, "order"):
        return False
    groups = [group for group in bound.task.args.one_of if slot.name in group]
    about = next((s for s in bound.task.slots if s.record == "order" and "selection" in s.types and any(s.name in group for group in groups)), None)
    if about is not None and BOTH.search(said) and (links := last_two(scope, "order")):
        put(bound, about, replace(links[0], products=tuple(id for link in links for id in link.products), label=" and ".join(k.label for k in links)))
        return True
    return about is not None and any(take_from(bound, scope, about, earlier, "order", many=False) for earlier in reversed(scope.earlier))

"""An earlier subtask made again with what a message says: its own words win, everything else stays as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.planning.binding.checked import ask_for_missing
from agent.planning.binding.scope import GOODS, Asked, Bound, Scope
from agent.planning.language.values import Number, Share, Spot
from agent.planning.linking.lexicon import COMMON, leaning
from agent.planning.linking.vocabulary import stem, words_of
from agent.sdk import Between, Money, Percent, Slot, Task

SILENT = frozenset({
    "same", "one", "ones", "again", "just", "only", "but", "instead", "rather", "show", "give", "list", "make", "set", "put", "change", "do", "see",
    "which", "what", "how", "about", "who", "break", "split", "group", "sort", "order", "down", "thing", "report", "them", "those", "including",
    "include", "rest", "others", "other", "both", "question", "then", "off", "time", "say", "mean", "meant", "call", "name",
    "take", "mention", "bit", "little", "much", "many", "affected", "affect", "responsible", "blame", "behind", "drove", "caused", "contributed",
    "hit", "compare", "compared", "against", "versus", "vs", "should", "must",
})  # fmt: skip
"""Words beside a value that say nothing of their own once it is known which subtask they belong to."""


def says_something(own: Bound, base: Bound) -> bool:
    """Whether the message itself gives a value, records, or a question about some."""
    return bool(_own_fields(own, base)) or any(asked.field in own.heads for asked in own.asked)


def _own_fields(own: Bound, base: Bound) -> set[str]:
    """Fields that the message fills, not those filled by pointing back, unless to some of them: "make it 20 for those that we have 50 of"."""
    return {name for name in own.args if _is_of_fewer(own, base, name) or not (name in own.refers or _is_as_before(own, base, name))}


def _is_as_before(own: Bound, base: Bound, name: str) -> bool:
    return name in own.links and own.links[name] is base.links.get(name)


def _is_of_fewer(own: Bound, base: Bound, name: str) -> bool:
    """Whether what is pointed at is kept to some of the goods that were to be changed: "only those we have more than 50 of"."""
    now, before = own.links.get(name), base.links.get(name)
    if name not in own.refers or now is None or before is None or now.record not in GOODS or base.task.effect != "write":
        return False
    fewer_variants = now.variants is not None and (before.variants is None or set(now.variants) < set(before.variants))
    return set(now.products) < set(before.products) or (fewer_variants and set(now.products) <= set(before.products))


def takes_every_word(own: Bound, scope: Scope, *, besides: frozenset[str] = frozenset()) -> bool:
    """Whether no word of the message is left that says something else.

    Args:
        besides: Words that say nothing here.
    """
    spoken = {
        stem(word)
        for slot in own.task.slots
        if slot.name in own.args
        for cue in (*slot.cues, *_phrases(slot, own), slot.name)
        for word in _split(cue)
    }
    named = {word.stem for link in own.links.values() for word in (*words_of(link.label), *link.head)}
    kinds = {slot.record for slot in own.task.slots if slot.record} | ({own.task.about} if own.task.does == "find" else set())
    silent = SILENT | COMMON | besides | spoken | named | {stem(kind) for kind in kinds}
    places = [*own.taken, *own.piece.values.items]
    for word in words_of(own.piece.text, own.piece.start, own.piece.end):
        if any(place.start <= word.start < place.end for place in places) or word.stem in silent or word.text.lower() in silent:
            continue
        if any(slot.start <= word.start < slot.end for slot in own.piece.marked("product", "customer")) and any(
            a.field in own.heads for a in own.asked
        ):
            continue
        return False
    return True


def takes_beside(own: Bound, search: Bound, scope: Scope) -> bool:
    """The same of words that a search takes some of: "for returning customers"."""
    rest = replace(own, taken=[*own.taken, Spot(start=search.piece.start, end=search.piece.end)])
    return takes_every_word(rest, scope)


def _split(cue: str) -> list[str]:
    return cue.replace("_", " ").split()


def _phrases(slot: Slot, own: Bound) -> list[str]:
    value = own.args.get(slot.name)
    chosen = value if isinstance(value, list) else ["true" if value is True else "false" if value is False else value]
    return [phrase for choice in chosen if isinstance(choice, str) for phrase in (choice, *slot.phrases.get(choice, ()))]


def merged(own: Bound, base: Bound, scope: Scope, *, too: bool = False) -> Bound:
    """
    Args:
        own: The message bound to the earlier subtask's task.
        too: What the message lists comes beside what was listed: "Austria too".
    """
    fields = _own_fields(own, base)
    open_ = [asked for asked in own.asked if (asked.field in own.heads and asked.field not in own.args) or _is_of_value(own, asked, base)]
    unsettled = {asked.field for asked in open_}
    given = {name: own.args[name] for name in fields - unsettled if not _is_faint(own, base, name)}
    _as_before(given, own, base)
    given |= {name: bound for name, value in given.items() if (bound := _same_end(value, base.args.get(name), own)) is not None}
    rivals = _rivals(given, own.task)
    kept = {name: value for name, value in base.args.items() if name not in rivals | unsettled}
    if too:
        given = {name: _both(kept.get(name), value) for name, value in given.items()}
    own.args = {**kept, **given}
    own.links = {
        **{n: link for n, link in base.links.items() if n in kept and n not in given},
        **{n: link for n, link in own.links.items() if n in given},
    }
    own.heads = {**base.heads, **own.heads}
    settled = {name for group in own.task.args.one_of if set(group) & set(given) for name in group}
    if any(name in given and name in base.links for name in own.links):
        settled |= {slot.name for slot in own.task.slots}  # what was asked of other records is asked anew of these
    own.asked = [*open_, *(asked for asked in base.asked if asked.field not in {*own.args, *unsettled, *settled})]
    ask_for_missing(own, scope)
    return own


def is_amount_of_another(own: Bound, base: Bound) -> bool:
    """Whether it says nothing but an amount, of which the change of goods before had none: "make it 24 euros", after a new title, is the price."""
    amounts = [name for name in _own_fields(own, base) if isinstance(own.args[name], Money)]
    of_goods = any(link.record in GOODS for link in base.links.values()) and base.task.effect == "write" and base.task.does != "make"
    if not of_goods or not amounts or not _is_only_a_value(own):
        return False
    had = {name for name, value in base.args.items() if _is_money(value) or percent_of(value) is not None}
    return not had and not any(asked.field in amounts for asked in base.asked)


def is_other_change(own: Bound, base: Bound) -> bool:
    """Whether it changes something else of the records: a note after a tag, and not another tag."""
    given = {name for name in _own_fields(own, base) if own.task.slot(name).record is None}
    before = {name for name in base.args if base.task.slot(name).record is None}
    groups = [set(group) for group in own.task.args.one_of if any(_says_what(own.task.slot(name)) for name in group)]
    return any(group & given and group & before for group in groups) and not given & before


def without_its_change(base: Bound) -> Bound:
    """Its records alone, for another change to be made to them."""
    return replace(base, args={name: value for name, value in base.args.items() if name in base.links})


_FEW = 4


def _rivals(given: Mapping[str, Any], task: Task) -> set[str]:
    """What cannot stand beside what is given: another way to say how much, and what would take it away again."""
    ways = [group for group in task.args.one_of if len(group) <= _FEW and not any(_says_what(task.slot(name)) for name in group)]
    found = {name for group in ways if set(group) & set(given) for name in group}
    found |= {f"no_{name}" for name in given} | {name.removeprefix("no_") for name in given if name.startswith("no_")}
    found |= {
        name
        for group in task.args.one_of
        for name in group
        for other in given
        if other in group and "percent" in task.slot(name).types and "percent" in task.slot(other).types
    }
    beside = set(task.args.beside)
    return set() if set(given) <= beside else found - set(given) - beside


def _says_what(slot: Slot) -> bool:
    return slot.record is not None or bool({"text", "texts"} & set(slot.types))


def _is_of_value(own: Bound, asked: Asked, base: Bound) -> bool:
    """A question about a value that was said and makes no sense: it is none of those for what is missing."""
    slot = own.task.slot(asked.field)
    if asked.field in base.args and {"up", "down"} <= set(slot.choices):
        return False  # "make it 15%" goes the way that was said before
    return not slot.record and asked.question != slot.question and asked.field not in own.args and not asked.question.endswith(": which?")


def _is_faint(own: Bound, base: Bound, name: str) -> bool:
    """A choice made by a short word, such as "off", where it was made before; "paid" names what it chooses."""
    if re.search(rf"\b{re.escape(str(own.args.get(name)))}\b", own.piece.said, re.I):
        return False
    return "choice" in own.task.slot(name).types and name not in own.phrased and name in base.args and leaning(own.piece.said) != "change"


def _as_before(given: dict[str, Any], own: Bound, base: Bound) -> None:
    """A bare number means what the number before meant: so many percent, so much off, the new price."""
    bare = any(isinstance(v, Number) and v.currency is None and not v.unit for v in own.piece.values.items)
    undirected = any(isinstance(v, Share) and v.direction == 0 and v.percent >= 0 for v in own.piece.values.items)
    for name, value in list(given.items()):
        if not isinstance(value, Money | Percent | int) or isinstance(value, bool):
            continue
        place = _place(name, own, base)
        if place is None:
            continue
        before = percent_of(base.args.get(place))
        if bare and isinstance(value, Money) and before is not None:
            given[place] = Percent(-value.amount if before.value < 0 else value.amount)
        elif isinstance(value, Percent) and undirected and before is not None and before.value < 0 <= value.value:
            given[place] = Percent(-value.value)
        elif place != name and (bare or _is_only_a_value(own)) and _is_money(base.args.get(place)) and isinstance(value, Money):
            given[place] = value
        elif place == name and bare and isinstance(value, Money) and _is_negative(base.args.get(place)):
            given[place] = Money(-value.amount, value.currency)
        else:
            continue
        if place != name:
            del given[name]


_EXACTLY = re.compile(r"\b(?:exactly|precisely|just|only)\b", re.I)


def _same_end(value: Any, before: Any, own: Bound) -> Any:
    """ "Make it 10 orders" after "more than 5": more than 10; None where it is no bare number for a range with one end."""
    ends = before.model_dump(exclude_defaults=True) if isinstance(before, Between) else before if isinstance(before, Mapping) else {}
    if (
        not isinstance(value, Between)
        or value.at_least is None
        or value.at_least != value.at_most
        or len(ends) != 1
        or _EXACTLY.search(own.piece.said)
    ):
        return None
    end = next(iter(ends))
    return type(value)(**{end: value.at_least}) if end in ("above", "below", "at_least", "at_most") else None


def _place(name: str, own: Bound, base: Bound) -> str | None:
    """The field that had the number before: the same one, or another of its group."""
    if name in base.args:
        return name
    if _is_cued(name, own):
        return None  # "only for orders above 40" is no worth of the code
    if isinstance(own.args.get(name), Money) and _is_only_a_value(own):
        amounts = [other for other, before in base.args.items() if _is_money(before) or percent_of(before) is not None]
        if len(amounts) == 1 and _is_money(base.args[amounts[0]]):
            return amounts[0]  # "make it 75 euros", of a minimum of 60
    others = [other for group in own.task.args.one_of if name in group for other in group if other != name and other in base.args]
    return next((other for other in others if percent_of(base.args[other]) is not None or _is_money(base.args[other])), None)


def _is_cued(name: str, own: Bound) -> bool:
    """Whether the message says what its amount is for, in words of that field alone."""
    others = {cue for slot in own.task.slots if slot.name != name for cue in slot.cues}
    cues = [cue for cue in own.task.slot(name).cues if cue not in others]
    return any(re.search(rf"\b{re.escape(cue)}\b", own.piece.said, re.I) for cue in cues)


def percent_of(value: Any) -> Percent | None:
    if isinstance(value, Percent):
        return value
    return (
        Percent.of(value[:-1]) if isinstance(value, str) and value.endswith("%") and value[:-1].lstrip("+-").replace(".", "", 1).isdigit() else None
    )


def _is_only_a_value(own: Bound) -> bool:
    """Whether the message says an amount and nothing of what it is for."""
    words = [w for w in words_of(own.piece.text, own.piece.start, own.piece.end) if w.stem not in SILENT | COMMON and w.text.lower() not in SILENT]
    return all(any(v.start <= word.start < v.end for v in own.piece.values.items) for word in words)


def _is_money(value: Any) -> bool:
    return isinstance(value, Money) or (isinstance(value, Mapping) and "amount" in value)


def _is_negative(value: Any) -> bool:
    return isinstance(value, Mapping) and str(value.get("amount", "")).startswith("-")


def _both(before: Any, value: Any) -> Any:
    return list(dict.fromkeys([*before, *value])) if isinstance(before, list) and isinstance(value, list) else value

"""The one a ranking puts first: "which mug sold best? raise it by 5%" raises one price and not that of every mug.

A report that ranks is about all it was asked of; what comes out of it is what stands on top. So a word for one thing after it is the first of
its answer, and "the bottom ones" are the answer itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from agent.planning.binding.scope import GOODS, Bound, Earlier, Scope
from agent.planning.language.fragments import OUR, THEM
from agent.planning.language.values import Number, Spot
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of
from agent.sdk import Slot

_SUPERLATIVE = re.compile(
    r"\b(?:best|worst|better|worse|most|least|fewest|highest|lowest|biggest|largest|smallest|slowest|fastest|strongest|weakest|top|bottom|bestsell\w*|cheapest|dearest|priciest|newest|oldest|latest)\b",
    re.I,
)
_OF_THE_RANKING = re.compile(
    r"\bthe\s+(?:(?P<up>winner|leader|front[\s-]?runner)|(?P<down>loser)"
    r"|(?:(?P<first>top|best|first|fastest|strongest|biggest|largest|highest|leading|winning)"
    r"|(?P<last>bottom|worst|slowest|weakest|lowest|losing|smallest))"
    r"(?:[\s-](?:selling|sold|rated|performing|performer|seller))?(?:\s+(?P<many>ones|two|three|four|five|ten|\d+)|\s+one)?"
    rf"(?=\W*$|\s+of\s+(?:{THEM})\b|\s+(?:by|at|to|for|in|on|as|with|and|from|back|down|up|off|out|into|an?|is|should|gets?)\b|\s+\d+(?:[.,]\d+)?\s*(?:%|per|€|£|\$|euro)|\s+\d+[.,]\d\d\b))",
    re.I,
)
"""The winner, the bottom ones: of the goods a report before has ranked."""
_ONE = re.compile(r"\b(?:it|its|that\s+one|this\s+one|that|this|the\s+one)\b", re.I)

Sense = Literal["one", "many", "other"]


def sense_of(said: str) -> Sense | None:
    """Whether words mean one thing of a ranking or its several; None where they mean neither."""
    found = _OF_THE_RANKING.search(said)
    if found is not None:
        return "many" if found["many"] else "one"
    if _BETTER.search(said):
        return "one"
    return "one" if _ONE.search(said) else None


def where_pointed(said: str) -> tuple[int, int] | None:
    """Where a clause says "the winner", "the bottom ones"."""
    found = _OF_THE_RANKING.search(said) or _BETTER.search(said)
    return found.span() if found is not None else None


def ranks(source: Bound, before: str = "") -> bool:
    """Whether a report says which comes first.

    Args:
        before: The words of the messages that its own only add to: "and sundays?", after "what sells best on saturdays?".
    """
    named = bool(source.args.get("order") or source.args.get("sort") or source.args.get("show") in _RANKING)
    limits = any("integer" in slot.types and "top" in slot.cues for slot in source.task.slots)
    said = f"{before}\n{source.piece.said}"
    return source.task.effect == "read" and limits and named and _SUPERLATIVE.search(said) is not None and _SORTS.search(said) is None


_WHICH_ONE = re.compile(r"^\W*(?:\w+\s+){0,3}?which\b", re.I)


def _asks_for_one(source: Bound) -> bool:
    said = source.piece.said
    if source.task.effect != "read" or _SUPERLATIVE.search(said) is None:
        return False
    return _WHICH_ONE.match(said) is not None or any(not word.plural for m in _THE_FIRST.finditer(said) for word in words_of(m["noun"]))


_THE_FIRST = re.compile(
    rf"\b(?:{OUR})\s+(?:single\s+|one\s+)?(?:best|worst|top|cheapest|dearest|priciest|newest|oldest|latest|(?:most|least)\s+\w+)"
    r"(?:[\s-](?:selling|sold|rated|reviewed|performing|expensive|popular))?(?:\s+\w+[\s-]stars?)?\s+(?P<noun>[a-z]+)(?=\W*$|\s+(?:in|of|this|last|on|right|at|we|from|by|for|since)\b)",
    re.I,
)
""" "The cheapest soap", in the singular."""


_SORTS = re.compile(r"\b(?:sort(?:ed)?|ranked|rank|arrange)\b", re.I)
"""All of them in an order, and not the first."""
_RANKING = frozenset({"best", "worst", "rising", "falling", "returned", "margin", "thin_margin"})


def is_of_an_unranked(bound: Bound, scope: Scope, said: str) -> bool:
    """Whether a change of one thing follows a question which of several it is, whose answer ranks none: "which has the worst reviews? … it"."""
    if sense_of(said) != "one" or bound.task.effect not in ("write", "action"):
        return False
    for earlier in reversed(scope.earlier):
        source = earlier.bound
        field = next((s.name for s in source.task.slots if s.record in GOODS and s.name in source.links), None)
        if earlier.found is None and field is not None and field not in source.refers:
            pointed = _OF_THE_RANKING.search(said) is not None  # "the loser", though the report was not asked which is first
            return (pointed or _asks_for_one(source)) and not ranks(source) and len(source.links[field].products) > 1
    return False


def take_ranked(bound: Bound, scope: Scope, slot: Slot, earlier: Earlier, outputs: Mapping[str, str], *, said: str, field: str | None) -> bool:
    """Fill a field with what an earlier report of this request ranks first, or with all that it lists.

    Args:
        said: The words that point.
        field: The field of the report that holds the records it was asked of.
    """
    source, sense = earlier.bound, sense_of(said)
    if earlier.found is None and (first := _compared(source, said, field)) is not None:
        bound.finds.append((slot.name, first))
        bound.args[slot.name] = {"$ref": ""}
        return True
    if sense is None or earlier.found is not None or not _divides(source, field):
        return False
    if not outputs or not ranks(source):
        return False
    if _against(source, said):
        bound.ask(slot.name, slot.question or "Which product do you mean?")
        return True
    output = next((name for name, kind in outputs.items() if kind == slot.record), next(iter(outputs)))
    top = limit_of(source) or ""
    if (many := _so_many(said)) is not None and source.args.get(top) != many:
        _take_first(bound, slot, source, top, many)
        return True
    if sense == "one" and (source.args.get(top, 1) != 1 or not _asks_for_one(source)):
        bound.finds.append((slot.name, first_only(source, top)))
        bound.args[slot.name] = {"$ref": ""}
        return True
    if sense == "one":
        source.args[top] = 1
    bound.args[slot.name] = {"$ref": f"{earlier.id}.{output}"}
    bound.after.append(earlier.id)
    return True


_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}


def _so_many(said: str) -> int | None:
    """How many of a ranking are meant: "the first ten"."""
    found = _OF_THE_RANKING.search(said)
    many = (found["many"] or "").lower() if found is not None else ""
    return int(many) if many.isdigit() else _NUMBERS.get(many)


def _take_first(bound: Bound, slot: Slot, source: Bound, top: str, many: int) -> None:
    """The first so many of the report, which no other field counts: no code is for ten customers for "discount the first ten"."""
    first = first_only(source, top)
    first.args[top] = many
    bound.finds.append((slot.name, first))
    bound.args[slot.name] = {"$ref": ""}
    found = _OF_THE_RANKING.search(bound.piece.said)
    if found is not None:
        bound.taken.append(Spot(start=bound.piece.start + found.start(), end=bound.piece.start + found.end()))
    counted = [s.name for s in bound.task.slots if "integer" in s.types and "first" in s.cues and bound.args.get(s.name) == many]
    for name in counted:
        del bound.args[name]


def one_asked_for(source: Bound) -> str | None:
    """The field that says how many, of a search that asks for the first of its list alone."""
    return limit_of(source) if ranks(source) and _asks_for_one(source) else None


_BETTER = re.compile(
    r"\bthe\s+(?:(?P<up>better|stronger|faster|higher)|(?P<down>worse|weaker|slower|lower))(?:[\s-](?:selling|performing|rated))?"
    r"\s+(?:one|seller|performer|of\s+the\s+two)\b",
    re.I,
)


def _compared(source: Bound, said: str, field: str | None) -> Bound | None:
    """The report of two things again, by thing, for the one that comes first: "compare A and B … the worse one"."""
    way, top = _BETTER.search(said), limit_of(source)
    by = next((s.name for s in source.task.slots if "product" in s.choices and "choices" in s.types), None)
    order = next((s.name for s in source.task.slots if {"best", "worst"} <= set(s.choices)), None)
    if way is None or field not in source.links or by is None or order is None or top is None or len(source.links[field].products) < 2:
        return None
    first = first_only(source, top)
    first.args |= {by: ["product"], order: "best" if way["up"] else "worst"}
    return first


def is_endless(source: Bound) -> bool:
    """Whether it puts in order all there is, which nobody said how many of are meant."""
    top, way = limit_of(source), source.args.get("show") or source.args.get("order") or source.args.get("sort")
    return top is not None and top not in source.args and ranks(source) and way not in ("rising", "falling", "returned")


def limit_of(source: Bound) -> str | None:
    """The field that says how many a report lists."""
    return next((slot.name for slot in source.task.slots if "integer" in slot.types and "top" in slot.cues), None)


_ENDS_OF_IT = re.compile(rf"{_SUPERLATIVE.pattern}|\b(?:thinnest|thickest|shortest|longest|lightest|heaviest|poorest|richest)\b", re.I)
_LISTS = re.compile(r"(?:^|\b(?:me|us|the|my|our|which|what|show|list|find|give|name|see|top|bottom|are)|[,:;])\W*$", re.I)


def take_so_many(bound: Bound, scope: Scope) -> None:
    """ "The ten products with the worst margin" lists ten: how many stand in front of what is ranked is no amount of theirs."""
    top, piece = limit_of(bound), bound.piece
    if bound.task.effect != "read" or top is None or top in bound.args or _ENDS_OF_IT.search(piece.said) is None:
        return
    for value in piece.values.items:
        if isinstance(value, Number) and not value.currency and not bound.takes(value) and value.amount == int(value.amount) > 0:
            noun = next(iter(words_of(piece.text, value.end, piece.end)), None)
            listed = value.unit in _RECORDS or (noun is not None and noun.plural and _is_listed(noun.stem, bound, scope))
            if listed and _LISTS.search(piece.text[piece.start : value.start]):
                bound.args[top] = int(value.amount)
                bound.taken.append(Spot(start=value.start, end=value.end))
                return


def _is_listed(noun: str, bound: Bound, scope: Scope) -> bool:
    return noun in _RECORDS or noun in scope.own_words[bound.task.name] or scope.linker.vocabulary.names_goods(noun)


_RECORDS = frozenset({"product", "item", "good", "article", "thing", "variant", "customer", "buyer", "order", "review", "code", "collection"})


def first_of(source: Bound, found: Linked, said: str, field: str | None, before: str = "") -> Linked | None:
    """The one that a report of an earlier turn put first; None where that is not what the words mean."""
    if sense_of(said) != "one" or not ranks(source, before) or not _divides(source, field) or _against(source, said) or len(found.products) < 2:
        return None
    return replace(found, products=found.products[:1], variants=None if found.variants is None else found.variants[:1], label="the first of them")


def _divides(source: Bound, field: str | None) -> bool:
    """Whether it ranks goods, and not countries or days; and more than one thing."""
    by = source.args.get("by") or ["product"]
    several = field is None or field not in source.links or len(source.links[field].products) > 1 or source.links[field].variants is not None
    return by in (["product"], ["variant"]) and several


def _against(source: Bound, said: str) -> bool:
    """ "The worst one" of a list of the best is not told by it."""
    found = _OF_THE_RANKING.search(said)
    way = source.args.get("order") or source.args.get("show")
    if found is None or way not in ("best", "worst"):
        return False
    first, last = bool(found["up"] or (found["first"] and found["first"].lower() != "first")), bool(found["down"] or found["last"])
    return (way == "best" and last) or (way == "worst" and first)


def first_only(source: Bound, top: str) -> Bound:
    """The report again, for its first line alone."""
    return Bound(
        task=source.task,
        piece=source.piece,
        args={**source.args, top: 1},
        links=dict(source.links),
        heads=dict(source.heads),
        after=list(source.after),
    )

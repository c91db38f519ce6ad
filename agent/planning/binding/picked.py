"""One of what was found, or all but it: "the second", "the cheapest of them", "the others".

The place in a list is that of the list as it is shown, and the list that "the cheapest" is of is made again in that order. Which record that
is shows when the plan is run: an arg that refers to it is `{"$ref": "s1.products[1]"}`, and all but it `{"$ref": "s1.products[~1]"}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent.planning.binding.ranked import first_only, limit_of, sense_of, where_pointed
from agent.planning.binding.scope import Bound, Earlier, Scope, as_selection, put
from agent.planning.language.fragments import OUR, THEM
from agent.planning.language.values import Narrowing, Spot
from agent.planning.linking.link import Linked
from agent.planning.linking.roles import task_for
from agent.planning.linking.vocabulary import words_of
from agent.sdk import Slot

_PLACES = {"first": 0, "top": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "sixth": 5, "last": -1}
_ENDS = (
    rf"(?=\W*$|\s+of\s+(?:{THEM}|the\s+(?:two|three|four|five|ten|\d+))\b|\s*,"
    r"|\s+(?:by|at|to|for|in|on|as|with|and|from|back|down|up|off|out|into|an?|is|should|gets?)\b|\s+\d)"
)
_ONE = rf"\s+one\b(?!\s+of\s+(?:{OUR})\s+[a-z])"
_NTH = re.compile(
    rf"\bthe\s+(?:very\s+)?(?:(?P<nth>first|top|second|third|fourth|fifth|sixth|last){_ONE}"
    rf"|(?P<bare>second|third|fourth|fifth|sixth)(?:\s+(?:product|item|customer|order|review|code))?{_ENDS})",
    re.I,
)
_REST = re.compile(
    r"\b(?:the\s+(?:others|other\s+(?:ones?|two|three|four|five|\d+)|remaining(?:\s+(?:ones?|two|three|four|five|\d+))?)|(?:all\s+)?the\s+rest)"
    r"(?!\s+of\s+(?!them|those|these))\b",
    re.I,
)
_BEST = re.compile(
    r"\bthe\s+(?P<how>cheapest|dearest|priciest|newest|latest|oldest|largest|biggest|smallest|(?:most|least)\s+[a-z]+"
    rf"|(?:best|worst|top|lowest|highest)[\s-](?:selling|rated|reviewed|priced))(?:{_ONE}|{_ENDS})",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """Which one of several is said."""

    start: int
    end: int
    place: int | None = None
    rest: bool = False
    how: str = ""
    """By what it stands first."""


def pick_in(said: str) -> Pick | None:
    """What words pick out of several that were spoken of before; None where they pick nothing."""
    if (found := _REST.search(said)) is not None:
        return Pick(start=found.start(), end=found.end(), rest=True)
    if (found := _NTH.search(said)) is not None:
        return Pick(start=found.start(), end=found.end(), place=_PLACES[(found["nth"] or found["bare"]).lower()])
    found = _BEST.search(said)
    return Pick(start=found.start(), end=found.end(), how=found["how"].lower()) if found is not None else None


def apart(said: str) -> tuple[int, int] | None:
    """Where a clause that does one thing with one of them and another with the rest is cut: "hide the cheapest one ‖ tag the others bargain"."""
    rest = _REST.search(said)
    cut = next((m for m in _AND_DO.finditer(said) if rest is not None and m.end() <= rest.start()), None)
    return cut.span() if cut is not None and pick_in(said[: cut.start()]) is not None else None


_AND_DO = re.compile(r"\s*(?:,\s*(?:and\s+|then\s+)?|\band\s+(?:then\s+)?|\bthen\s+)(?=[a-z]+\s+(?:[a-z]+\s+){0,3}?the\s)", re.I)


def take_picked(bound: Bound, scope: Scope, slot: Slot, pick: Pick, kind: str) -> bool:
    """Fill a field with that one of what was found or named before.

    Args:
        kind: Of record; the variants of goods are goods.
    """
    for earlier in reversed(scope.earlier):
        source = earlier.bound
        if _is_copy(earlier, scope):
            continue
        about = source.task.about
        if about != kind and bound.task.selecting(about) is not None:
            return False  # "the oldest" of reviews is a review, and not what it is of
        named = _named(source, kind)
        listed = _listed(earlier, scope, kind, slot)
        told = named is not None and set(source.args) == set(source.links) and len(named.products) > 1 and named.where.text is not None
        if source.task.effect == "read" and earlier.found is None and listed is not None and not (told and pick.place is not None):
            return _of_a_list(bound, scope, slot, pick, earlier, listed)
        found = earlier.found.get(listed) if earlier.found is not None and listed is not None else None
        if pick.how and found is not None and source.task.does == "find" and bound.task.effect != "read":
            return _first_found(bound, scope, slot, pick.how, found, source)
        if found is not None and not _sums_up(source, scope, kind):
            return _of_several(bound, scope, slot, _newest_if_last(pick, source), found)
        if named is not None and len(named.products) > 1 and named.variants is None:
            return _of_several(bound, scope, slot, pick, named)
    return False


def _newest_if_last(pick: Pick, source: Bound) -> Pick:
    """ "The last one" of all orders of somebody, which are shown from the newest on, is the newest, and not the one at the end."""
    return replace(pick, place=0) if pick.place == -1 and newest_first(source) else pick


def newest_first(source: Bound) -> bool:
    """Whether it lists all orders or reviews there are of a kind, the newest first."""
    of_days = source.task.finds("order") or source.task.finds("review")
    return of_days and source.args.get("sort", "recent") == "recent" and limit_of(source) not in source.args


def _sums_up(source: Bound, scope: Scope, kind: str) -> bool:
    """Whether it tells of records without listing them, where an earlier answer listed some: the first review is the first that was shown."""
    named = source.task.does == "find" or source.task.about != kind
    return not named and any(e.found and e.bound.task.does == "find" and e.bound.task.about == kind for e in scope.earlier)


def _is_copy(earlier: Earlier, scope: Scope) -> bool:
    """Whether it is an earlier search made again for one of what that found."""
    before = scope.earlier[: scope.earlier.index(earlier)]
    return earlier.found is None and any(e.bound.piece == earlier.bound.piece for e in before)


def _of_a_list(bound: Bound, scope: Scope, slot: Slot, pick: Pick, earlier: Earlier, output: str) -> bool:
    source, about = earlier.bound, f"{earlier.id}.{output}"
    if pick.how:
        if (first := _first_by(source, pick.how, scope, about, slot)) is None:
            return False
        bound.finds.append((slot.name, first))
        bound.args[slot.name] = {"$ref": ""}
        return True
    if pick.rest and source.args.get(limit_of(source) or "") == 1:
        return _others_of_its_kind(bound, scope, slot, about)
    if pick.rest:
        gone = _all_but_some(scope, output, earlier) or next((ref for ref in _taken_out(scope, about, earlier)), None)
        if gone is None:
            return False
        bound.args[slot.name] = {"$ref": gone}
        bound.after += [part for part in dict.fromkeys(one.partition(".")[0] for one in gone.split(" without ")) if part not in bound.after]
    else:
        bound.args[slot.name] = {"$ref": f"{about}[{pick.place}]"}
    if earlier.id not in bound.after:
        bound.after.append(earlier.id)
    return True


def _first_by(source: Bound, how: str, scope: Scope, about: str, slot: Slot) -> Bound | None:
    """The search again for what stands first in another order; of goods that were limited before, among those that it found."""
    top, finder = limit_of(source), task_for(scope.tasks, "find", "product")
    goods = _kind(slot.record) == "product" and finder is not None and (source.task is not finder or (top in source.args))
    if not goods and top is not None and top in source.args:
        return None
    if goods and finder is not None:
        of_them = next(s.name for s in finder.slots if s.record == "product" and "selection" in s.types)
        source = Bound(task=finder, piece=source.piece, args={of_them: {"$ref": about}}, after=[about.partition(".")[0]])
        top = limit_of(source)
    way = _way(source, how)
    if way is None or top is None:
        return None
    first = first_only(source, top)
    first.args[way[0]] = way[1]
    return first


def _others_of_its_kind(bound: Bound, scope: Scope, slot: Slot, about: str) -> bool:
    """ "Which mug sells best? … hide the others": the mugs it was asked of, without that one."""
    id, _, _ = about.partition(".")
    source = next(e.bound for e in scope.earlier if e.id == id)
    among = next((name for name in source.links if _kind(source.task.slot(name).record) == "product"), None)
    finder = task_for(scope.tasks, "find", "product")
    if among is None or finder is None or _kind(slot.record) != "product":
        return False
    of_them = next(s for s in finder.slots if s.record == "product" and "selection" in s.types)
    link = source.links[among]
    args = {of_them.name: as_selection(link, of_them)}
    bound.finds.append((slot.name, Bound(task=finder, piece=source.piece, args=args, links={of_them.name: link})))
    bound.args[slot.name] = {"$ref": f" without {about}"}
    bound.after.append(id)
    return True


def _all_but_some(scope: Scope, output: str, some: Earlier) -> str | None:
    """ "Cancel those over 100 and tag the rest": what was found first, without those of it that were searched for among it."""
    said = some.bound.args
    for earlier in reversed(scope.earlier[: scope.earlier.index(some)]):
        wider = earlier.bound
        if wider.task is some.bound.task and earlier.found is None and wider.args.items() < said.items() and limit_of(wider) not in said:
            return f"{earlier.id}.{output} without {some.id}.{output}"
    return None


def _taken_out(scope: Scope, about: str, source: Earlier) -> Iterable[str]:
    """What is left of a list after what the parts before took out of it: one by its place, or the first of it made again."""
    at = scope.earlier.index(source)
    for earlier in reversed(scope.earlier[at + 1 :]):
        for value in earlier.bound.args.values():
            ref = str(value.get("$ref", "")) if isinstance(value, dict) else ""
            if ref.startswith(f"{about}[") and "~" not in ref:
                yield f"{about}[~{ref[len(about) + 1 : -1]}]"
            id, _, output = ref.partition(".")
            again = next((e for e in scope.earlier[at + 1 :] if e.id == id), None)
            if again is not None and again.bound.piece == source.bound.piece and again.bound.args.get("top") == 1:
                yield f"{about} without {id}.{output}"


def _first_found(bound: Bound, scope: Scope, slot: Slot, how: str, found: Linked, source: Bound) -> bool:
    """ "Hide the cheapest", of what an earlier turn found: the one that stands first of these in that order."""
    among, top, way = source.task.selecting(found.record), limit_of(source), _way(source, how)
    if among is None or top is None or way is None or not found.products:
        return False
    args = {among.name: as_selection(found, among), way[0]: way[1], top: 1}
    first = Bound(task=source.task, piece=source.piece, args=args, links={among.name: found})
    bound.finds.append((slot.name, first))
    bound.args[slot.name] = {"$ref": ""}
    return True


def _of_several(bound: Bound, scope: Scope, slot: Slot, pick: Pick, named: Linked) -> bool:
    """Of what was named one by one, or what an earlier turn found."""
    if pick.place is None or not -len(named.products) <= pick.place < len(named.products):
        return False
    id = named.products[pick.place]
    label = scope.linker.vocabulary.products.get(id, f"“{bound.piece.said[pick.start : pick.end]}”")
    put(bound, slot, replace(named, products=(id,), variants=None, label=label))
    return True


def _named(source: Bound, kind: str) -> Linked | None:
    return next((source.links[s.name] for s in source.task.slots if s.name in source.links and _kind(s.record) == kind), None)


def _listed(earlier: Earlier, scope: Scope, kind: str, slot: Slot) -> str | None:
    """The field of its answer that holds the records of this kind, where it lists them one by one."""
    outputs = {name: of for name, of in scope.outputs.get(earlier.bound.task.name, {}).items() if _kind(of) == kind}
    exact = next((name for name, of in outputs.items() if of == slot.record), None)
    whole = next((name for name, of in outputs.items() if of == kind), None)
    return whole or exact


def _way(source: Bound, how: str) -> tuple[str, str] | None:
    """The field and its value by which the list is made again with this one on top."""
    said = " ".join(how.replace("-", " ").split())
    for slot in source.task.slots:
        if slot.name not in ("sort", "order", "show"):
            continue
        for choice, phrases in slot.phrases.items():
            if any(said == phrase or phrase.startswith(f"{said} ") for phrase in phrases):
                return slot.name, choice
    return None


def _kind(record: str | None) -> str:
    return "product" if record == "variant" else record or ""


_REST_OF = re.compile(
    r"\b(?:the\s+rest|the\s+others|the\s+remainder)\s+of\s+(?!them\b|those\b|these\b|the\s+(?:day|week|month|year|quarter|season|text|words?)\b)",
    re.I,
)


def leave_out_the_former(bound: Bound, scope: Scope) -> None:
    """ "Tag the big spenders gold and the rest of the vip customers silver": those that are found, without those that were changed before."""
    said = _REST_OF.search(bound.piece.said)
    for name, _ in bound.finds if said is not None and bound.task.effect != "read" else ():
        record = bound.task.slot(name).record
        for earlier in reversed(scope.earlier):
            theirs = next((s.name for s in earlier.bound.task.slots if s.record == record and s.name in earlier.bound.args), None)
            value = earlier.bound.args.get(theirs or "")
            ref = str(value.get("$ref", "")) if isinstance(value, dict) else ""
            if earlier.bound.task.effect != "read" and re.fullmatch(r"\w+\.\w+", ref) and said is not None:
                bound.args[name] = {"$ref": f" without {ref}"}
                bound.after.append(ref.partition(".")[0])
                bound.taken.append(Spot(start=bound.piece.start + said.start(), end=bound.piece.start + said.end()))
                return


def unpicked(bound: Bound, scope: Scope) -> list[Spot]:
    """One of several that a change is to be made to, where it is not known which: it must not be made to all of them."""
    said = bound.piece.said
    pick = pick_in(said)
    if pick is not None and pick.rest:
        where = Narrowing(start=bound.piece.start + pick.start, end=bound.piece.start + pick.end)
        return [] if bound.takes(where) or bound.asked else [where]
    if (others := _REST_OF.search(said)) is not None and scope.earlier:
        where = Narrowing(start=bound.piece.start + others.start(), end=bound.piece.start + others.end())
        return [] if bound.takes(where) or bound.asked else [where]
    if bound.task.effect == "draft":
        return []
    spot = (pick.start, pick.end) if pick is not None else where_pointed(said) if sense_of(said) == "one" else None
    if spot is None or bound.asked or any(_is_one(bound, scope, s) for s in bound.task.slots if s.record and s.name in bound.args):
        return []
    where = Narrowing(start=bound.piece.start + spot[0], end=bound.piece.start + spot[1])
    return [] if any(where.overlaps(v) for v in bound.piece.values.items) else [where]


def _is_one(bound: Bound, scope: Scope, slot: Slot) -> bool:
    value = bound.args[slot.name]
    if (link := bound.links.get(slot.name)) is not None:
        return len(link.products) == 1
    ref = str(value.get("$ref", "")) if isinstance(value, dict) else ""
    source = next((e.bound for e in scope.earlier if e.id and e.id == ref.partition(".")[0]), None)
    if any(name == slot.name for name, _ in bound.finds) or "[" in ref:
        return True
    return "ref" in slot.types or (source is not None and (source.args.get("top") == 1 or "which" in source.args))


def words_picked(text: str, start: int, end: int) -> bool:
    """Whether a mention only picks: "the second one"."""
    pick = pick_in(text[start:end])
    return pick is not None and not text[start : start + pick.start].strip() and not words_of(text, start + pick.end, end)

"""What a clause leaves out because the one before said it: the verb, its values, the time."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from agent.planning.binding.choices import chosen, covering
from agent.planning.binding.merge import says_something, takes_every_word
from agent.planning.binding.picked import pick_in
from agent.planning.binding.pointing import points_at
from agent.planning.binding.scope import GOODS, Bound, Piece, Scope, put
from agent.planning.draft import Draft, Step
from agent.planning.language.fragments import UNITS
from agent.planning.linking.lexicon import changes
from agent.planning.linking.vocabulary import words_of
from agent.sdk import Period, Slot, Task, Where

SAME = re.compile(r"(?:and\s+)?(?:do\s+)?(?:the\s+)?(?:same|likewise|ditto)\b(?:\s+(?:for|to|with|on|goes\s+for))?", re.I)
_TOO = re.compile(r"\b(?:too|as\s+well|also|likewise)\s*[.!?]*$", re.I)
_LEADING = re.compile(r"^(?:and|also|then|plus|but|&)\s+", re.I)


def is_elided(piece: Piece, scope: Scope) -> bool:
    """A clause without a verb of its own: "same for X", or nothing but names of goods, values and "too"."""
    clause = _LEADING.sub("", piece.said)
    if SAME.match(clause) and not points_at(clause, "product"):
        return True
    rest = _TOO.sub("", clause)
    words = words_of(rest)
    # "set the garden diary to 40", though there is a set among the goods
    if len(words) > 1 and changes(words[0].text) and words[1].text.lower() in _DETERMINERS:
        return False
    marked = {"product", "money", "percent", "quantity", "customer", "period", "until"}
    covered = [w for w in words_of(piece.text, piece.start, piece.end) if any(s.start <= w.start < s.end for s in piece.slots if s.kind in marked)]
    pick = pick_in(rest)
    plain = [w for w in words if pick is None or not pick.start <= w.start < pick.end]
    plain = [w for w in plain if w.text.lower() not in _BARE and not scope.linker.vocabulary.knows(w.stem) and not w.text[0].isdigit()]
    uncovered = [w for w in plain if w.text not in {c.text for c in covered}]
    return (
        bool(words)
        and not uncovered
        and (len(rest) < len(clause) or any(s.kind == "product" for s in piece.slots) or "one" in rest.lower() or pick is not None)
    )


_BARE = frozenset(
    [
        "the", "a", "an", "one", "ones", "all", "every", "and", "to", "at", "by", "for", "in", "size", "euros", "euro", "eur", "it", "them",
        "those", "these", "by", "until", "till",
    ]
)  # fmt: skip
_DETERMINERS = frozenset({"the", "a", "an", "all", "every", "it", "them", "those", "these", "our", "my", "its", "their"})
_OF_ONE_THING = frozenset({"tracking number", "tracking"})
"""Cues of fields that hold for one record alone: a parcel's number is not the next one's too."""


def done_to_the_same(steps: Sequence[Step]) -> list[Step]:
    """The last parts that each do something to the same goods, the first of which named them: "tag the candles ‖ and put them in Summer"."""
    run: list[Step] = []
    for step in reversed(steps):
        goods = _goods(step)
        if step.bound.task.effect == "read" or not goods or (run and _goods(run[0]) != goods):
            break
        run.insert(0, step)
        if not step.bound.refers:
            return run
    return []


def _goods(step: Step) -> set[str]:
    return {id for link in step.bound.links.values() for id in link.products if link.record in GOODS}


def carry_over(bound: Bound, before: Bound | None, *, always: bool = False) -> None:
    """What the clause before said and this one leaves out: "set the blue mug to 12.50 and the red one too"."""
    if before is None or not (always or _TOO.search(bound.piece.said) or SAME.match(bound.piece.said)):
        return
    step_back(bound, before)
    records = {slot.name for slot in bound.task.slots if slot.record}
    if always:  # "to" in "6 milk jugs to stock" is no verb: "add" was said before
        said = {word.text.lower() for word in words_of(bound.piece.said)}
        faint = {s.name for s in bound.task.slots if "choice" in s.types and s.name not in bound.phrased}
        faint = {name for name in faint if str(bound.args.get(name)).lower() not in said}  # "UPS" is short and says all of it
        bound.args = {name: value for name, value in bound.args.items() if name not in faint or name not in before.args}
    own = {name for name in bound.args if name not in records}
    missing = [a for a in bound.asked if a.field not in records]
    for name, value in before.args.items():
        rival = any(name in group and own & set(group) for group in bound.task.args.one_of)
        if name not in bound.args and name not in records and not rival and not _OF_ONE_THING & set(bound.task.slot(name).cues):
            bound.args[name] = value
            bound.asked = [a for a in bound.asked if a.field != name]
    if bound.task.effect == "read":
        _same_goods(bound, before)
    given = set(bound.args)
    bound.asked = [a for a in bound.asked if a not in missing or not any(a.field in g and given & set(g) for g in bound.task.args.one_of)]


_BEFORE = re.compile(rf"\bthe\s+(?P<unit>{UNITS})\s+before(?:\s+(?:that|last))?\W*$", re.I)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_LEAP_YEAR = 360
_COMPARES = re.compile(r"\b(?:compar\w+|versus|vs|against|than)\b", re.I)


def step_back(bound: Bound, before: Bound, zone: tzinfo | None = None) -> None:
    """ "And the week before": of the week that was just spoken of, and compared with nothing.

    Args:
        zone: Of the shop, for a time that was stored and knows its offset alone.
    """
    said = _BEFORE.search(bound.piece.said) if not _COMPARES.search(bound.piece.said) else None
    slot = next((s for s in bound.task.slots if s.types == ("period",) and _period(before.args.get(s.name)) is not None), None)
    period = _period(before.args[slot.name]) if slot is not None else None
    if said is None or slot is None or period is None or _period(bound.args.get(slot.name)) not in (None, period):
        return
    unit = said["unit"].lower()
    if unit == "year" and (period.end - period.start).days < _LEAP_YEAR:  # "and the year before?" of October is the October before
        first, last = ((at if zone is None else at.astimezone(zone)) for at in (period.start, period.end))
        bound.args[slot.name] = Period(start=_earlier(first, unit), end=_earlier(last, unit), label=f"{period.label}, the year before".strip(" ,"))
        _compare_with_nothing(bound, slot)
        return
    start = _earlier(period.start if zone is None else period.start.astimezone(zone), unit)
    bound.args[slot.name] = Period(start=start, end=period.start, label=f"the {unit} before {period.label}".strip())
    _compare_with_nothing(bound, slot)


def compare_alike(bound: Bound, before: Bound, zone: tzinfo | None = None) -> None:
    """ "And in May?", after June against the June before: May against the May before, where only the time is said anew."""
    slot = next((s for s in bound.task.slots if s.types == ("period",) and s.name == "period"), None)
    other = next((s for s in bound.task.slots if s.types == ("period",) and s is not slot and s.name == "compare"), None)
    if slot is None or other is None or bound.args.get(other.name) != before.args.get(other.name):
        return
    old, new, against = _period(before.args.get(slot.name)), _period(bound.args.get(slot.name)), _period(before.args.get(other.name))
    if old is None or new is None or against is None or (old.start, old.end) == (new.start, new.end):
        return
    first, last, start, end, first_then, last_then = (
        at if zone is None else at.astimezone(zone) for at in (old.start, old.end, new.start, new.end, against.start, against.end)
    )
    years = first.year - first_then.year
    if years > 0 and (_years_off(first, years), _years_off(last, years)) == (first_then, last_then):
        bound.args[other.name] = Period(start=_years_off(start, years), end=_years_off(end, years), label=against.label)


_SAME_TIME = re.compile(r"\bsame\b", re.I)


def same_part_of(bound: Bound, before: Bound, said: str, zone: tzinfo | None = None) -> None:
    """ "Same for 2025" after the second quarter: that quarter of 2025, and not the whole year."""
    slot = next((s for s in bound.task.slots if s.types == ("period",) and s.name == "period"), None)
    old, new = (_period(b.args.get(slot.name)) if slot is not None else None for b in (before, bound))
    if slot is None or old is None or new is None or old == new or not _SAME_TIME.search(said):
        return
    first, last, start, end = ((at if zone is None else at.astimezone(zone)) for at in (old.start, old.end, new.start, new.end))
    whole_year = (start.month, start.day, end.month, end.day, end.year) == (1, 1, 1, 1, start.year + 1)
    if not whole_year or (last - first).days >= _LEAP_YEAR or first.year == start.year:
        return
    shift = first.year - start.year
    bound.args[slot.name] = Period(start=_years_off(first, shift), end=_years_off(last, shift), label=f"{old.label}, {start.year}".strip(" ,"))


def _years_off(at: datetime, years: int) -> datetime:
    return at.replace(year=at.year - years, day=min(at.day, monthrange(at.year - years, at.month)[1]))


def _compare_with_nothing(bound: Bound, slot: Slot) -> None:
    for other in bound.task.slots:
        if other.types == ("period",) and other is not slot:
            bound.args.pop(other.name, None)


def spoken_period(bound: Bound) -> Period | None:
    """The time that an answer was about."""
    slot = next((s for s in bound.task.slots if s.types == ("period",) and s.name in bound.args), None)
    return _period(bound.args[slot.name]) if slot is not None and slot.name == "period" else None


_WORTH = {"refunds": "refunded", "units_returned": "returns", "orders": "revenue", "units": "revenue", "customers": "revenue"}
"""How much money stands behind a count."""
_HOW_MUCH_IS_THAT = re.compile(
    r"\bhow\s+much(?:\s+(?:money|revenue))?\s+(?:is|was|were|are|did|does|makes?)\s+(?:that|it|this|those|these|they)\b"
    r"|\b(?:what|how\s+much)\s+(?:is|was|are|were)\s+(?:that|it|this|those|these|they)\s+(?:worth|in\s+(?:total|money|euros?|revenue|all)|altogether)\b",
    re.I,
)


_THE_AVERAGE = re.compile(r"\W*(?:and\s+)?what(?:\s+(?:is|was|were)|['’]?s)\s+the\s+average\W*", re.I)
_PER_ORDER = re.compile(r"\b(?:per|an|each)\s+order\b|\beach\s*\W*$|\bon\s+average\b", re.I)


def worth_of_that(bound: Bound, before: Bound) -> None:
    """ "How many refunds did we make, and how much money was that": what those came to, of the same time and kind."""
    counted = before.args.get("metrics")
    if (
        bound.task is not before.task
        or bound.task.effect != "read"
        or not (_HOW_MUCH_IS_THAT.search(bound.piece.said) or _THE_AVERAGE.fullmatch(bound.piece.said))
    ):
        return
    if not isinstance(counted, list) or not counted or counted[0] not in _WORTH or set(bound.args) - {"metrics", "period"}:
        return
    each = _PER_ORDER.search(bound.piece.said) is not None or _THE_AVERAGE.fullmatch(bound.piece.said) is not None
    bound.args = {**before.args, "metrics": ["average_order_value" if each else _WORTH[counted[0]]]}
    bound.links = dict(before.links)
    bound.after += before.after


def share_time_back(parts: Sequence[Bound]) -> None:
    """ "Sales of mugs and sales of bowls last month": when is said once, at the end, for both."""
    first, last = parts[-2:] if len(parts) > 1 else (None, None)
    slot = next((s for s in last.task.slots if s.name == "period" and s.types == ("period",)), None) if last is not None else None
    if first is None or last is None or slot is None or first.task is not last.task or first.task.effect != "read":
        return
    if slot.name in last.args and slot.name not in first.args and set(first.args) == set(last.args) - {slot.name}:
        first.args[slot.name] = last.args[slot.name]


_ADDS = re.compile(r"\W*and\b", re.I)


def goes_on_with(bound: Bound, before: Bound) -> None:
    """ "And what was the average value?" after the orders of last week: of that week, and of all that the report was narrowed to."""
    if bound.task is not before.task or bound.task.effect != "read" or set(bound.args) != {"metrics"} or not _ADDS.match(bound.piece.text):
        return
    kept = {name: value for name, value in before.args.items() if name not in ("metrics", "top", "order")}
    bound.args = {**kept, **bound.args}
    bound.links = {name: link for name, link in before.links.items() if name in kept}


def _period(value: object) -> Period | None:
    """Typed, or as it was stored."""
    if isinstance(value, Mapping) and {"start", "end"} <= set(value):
        return Period.model_validate(value)
    return value if isinstance(value, Period) else None


_ELLIPTIC = re.compile(r"\W*(?:(?:and|or|but|then|also)\W+)*(?:in|for|on|from|at|by|per|of|last|during|since|to)\b", re.I)


def goes_on_asking(bound: Bound, before: Bound, scope: Scope) -> bool:
    """Whether a clause only gives the question before another time, place or thing, without a figure or a verb of its own: "and in june?"."""
    if bound.task is not before.task or bound.task.effect != "read" or bound.piece.marked("metric", "field") or bound.left or bound.finds:
        return False
    return _ELLIPTIC.match(bound.piece.said) is not None and takes_every_word(bound, scope)


def share_subject(bound: Bound, before: Bound | None, between: str) -> None:
    """ "A google ad and a facebook ad for the throw": what both are about stands with the second."""
    if before is None or before.task.effect != "draft" or bound.task.effect != "draft" or before.asked or _AND_ONLY.fullmatch(between) is None:
        return
    about = [slot for slot in before.task.slots if {"about", "on"} & set(slot.cues)]
    named = set(before.task.name.split("_"))
    if not about or any(s.name in before.args for s in before.task.slots if s.record or s.required or s in about or s.name in named):
        return
    for slot in about:
        theirs = next((s for s in bound.task.slots if s.name == slot.name and s.types == slot.types), None)
        if theirs is not None and theirs.name in bound.args and theirs.name not in bound.refers:
            before.args[slot.name] = bound.args[theirs.name]
            before.links |= {slot.name: bound.links[theirs.name]} if theirs.name in bound.links else {}


def joins(bound: Bound, draft: Draft, span: tuple[int, int]) -> bool:
    """ "Cut the price of the mug ‖ the jug and the stand by 10%", "order 9998 ‖ and 9999 went out today": one change of all of them, and made so."""
    before = draft.steps[-1] if len(draft.steps) > draft.closed else None
    if before is None or bound.task is not before.bound.task or not before.changes or bound.finds or bound.left or before.left_out:
        return False
    if not _AND_ONLY.fullmatch(draft.text, before.span[1], span[0]) or changes(next((w.text for w in words_of(bound.piece.said)), "")):
        return False
    own = next((s for s in bound.task.slots if "selection" in s.types and s.name in bound.links and s.name not in bound.refers), None)
    if own is None or own.name not in before.bound.links or before.bound.after or bound.after:
        return False
    if _is_of_some_of_them(bound, before.bound, own):
        return False
    said = {name for name in before.bound.args if name != own.name}
    values = {name for name in bound.args if name != own.name}
    lacking = bool({a.field for a in before.bound.asked} & values) or (not said and bool(values) and before.bound.piece.start == before.span[0])
    if not lacking or any(a.field == own.name for a in (*before.bound.asked, *bound.asked)):
        return False
    around = draft.text[before.bound.piece.start : before.bound.links[own.name].start] + draft.text[bound.links[own.name].end : span[1]]
    put(before.bound, own, draft.scope.linker.together([before.bound.links[own.name], bound.links[own.name]]))
    before.bound.args |= {name: bound.args[name] for name in values} | _chosen_around(before.bound, around)
    before.bound.asked = list(bound.asked)
    before.span = (before.span[0], span[1])
    return True


def _is_of_some_of_them(bound: Bound, before: Bound, slot: Slot) -> bool:
    """ "Ship 1042 and 1043, ‖ tracking 123 for the first one": that one is changed so, and those before it are only the others."""
    one, all_ = bound.links[slot.name], before.links[slot.name]
    labels = all_.label.split(", ")
    if one.variants is not None or all_.record != "order" or not set(one.products) < set(all_.products) or len(labels) != len(all_.products):
        return False
    others = [(id, label) for id, label in zip(all_.products, labels, strict=True) if id not in one.products]
    label = ", ".join(label for _, label in others)
    put(before, slot, replace(all_, products=tuple(id for id, _ in others), where=Where(text=label), label=label))
    return True


def _chosen_around(bound: Bound, around: str) -> dict[str, str]:
    """What its choices are by the words before and after all the goods: "restock ‖ the board, the vase and the jug ‖ to 20" is a new count."""
    choices = {slot.name: chosen(slot, around, (), (), hidden=()) for slot in bound.task.slots if "choice" in slot.types and slot.name in bound.args}
    return {name: found[0].choice for name, found in choices.items() if found}


def share_object(draft: Draft) -> None:
    """ "Hide, reprice to 8 and restock the milk jug", "write a description and an ad for it": the goods that the last names are those of all."""
    last = draft.steps[-1] if draft.steps else None
    writes = last is not None and last.bound.task.effect == "draft"
    named = last.bound.links if last is not None and (last.changes or writes) else {}
    link = next((link for name, link in named.items() if last and name not in last.bound.refers and link.record in GOODS), None)
    after = last
    for step in reversed(draft.steps[draft.closed : -1]):
        if writes and step.bound.task.effect == "draft":
            lacking = _no_goods_said(step.bound)
            if link is not None and any(own.products == link.products for own in step.bound.links.values()):
                after = step
                continue
            if link is None or after is None or lacking is None or _AND_ONLY.fullmatch(draft.text, step.span[1], after.span[0]) is None:
                return
            step.bound.asked = [a for a in step.bound.asked if a.field != lacking.name]
            put(step.bound, lacking, link)
            after = step
            continue
        lacking = next((s for s in step.bound.task.slots if s.record in GOODS and "selection" in s.types and s.required), None)
        asked = lacking is not None and any(a.field == lacking.name for a in step.bound.asked)
        waits = lacking is not None and "$same" in str(step.bound.args.get(lacking.name))
        plain = step.bound.piece.marked("product") or _POINTING.search(step.bound.piece.said)
        if link is None or after is None or lacking is None or not (asked or waits) or plain or not step.changes:
            return
        if _AND_ONLY.fullmatch(draft.text, step.span[1], after.span[0]) is None:
            return
        step.bound.asked = [a for a in step.bound.asked if a.field != lacking.name]
        step.bound.after = [] if waits else step.bound.after
        put(step.bound, lacking, link)
        after = step


def _no_goods_said(bound: Bound) -> Slot | None:
    """Where the goods belong that a text is about, of which nothing at all is said, nor what else it is about."""
    lacking = next((s for s in bound.task.slots if s.record in GOODS and "selection" in s.types and s.name not in bound.args), None)
    told = bound.piece.marked("product", "topic", "customer", "order", "quoted", "review") or _POINTING.search(bound.piece.said)
    return lacking if not told and _ABOUT.search(bound.piece.said) is None else None


_ABOUT = re.compile(r"\b(?:about|for|on|of|to|that|saying|announcing)\b", re.I)
_POINTING = re.compile(r"\b(?:it|its|them|their|those|these|this|that|one|ones|all|both|every\w*)\b", re.I)
_AND_ONLY = re.compile(r"\s*(?:,\s*)?(?:and|&|\+|plus)?\s*(?:also\s+)?", re.I)


def _earlier(moment: datetime, unit: str) -> datetime:
    """The same hour of the day by the clock, so long before."""
    if unit not in _MONTHS:
        return moment - timedelta(days=7 if unit == "week" else 1)
    year, month = divmod(moment.year * 12 + moment.month - 1 - _MONTHS[unit], 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def says_another_way(own: Bound, before: Bound, scope: Scope) -> bool:
    """Whether a clause that asks for nothing alone gives the part before another value, all its words told: "what sold best in July, and worst"."""
    if own.left or own.finds or own.asked or not says_something(own, before) or not takes_every_word(own, scope):
        return False
    return all(name in before.args or name in own.refers for name in own.args)


def _same_goods(bound: Bound, before: Bound) -> None:
    """ "Bottom 3 as well" after the top 3 mugs are the bottom 3 mugs."""
    if bound.piece.marked("product", "customer", "order") or any(slot.record and slot.name in bound.args for slot in bound.task.slots):
        return
    for slot in bound.task.slots:
        if slot.record and slot.name in before.args:
            bound.args[slot.name] = before.args[slot.name]
            bound.links |= {slot.name: before.links[slot.name]} if slot.name in before.links else {}
            bound.after += before.after


def share_back(parts: Sequence[Bound]) -> None:
    """ "Receive 40 candles and 25 boxes in the warehouse": where, and until when, is said once, at the end, for each of them."""
    last = parts[-1] if len(parts) > 1 else None
    for slot in last.task.slots if last is not None else ():
        place = slot.types == ("text",) and "warehouse" in slot.cues
        place = place or ("moment" in slot.types and slot.name == "until")  # "lower the planner by 3 and the calendar by 2 until Sunday"
        if last is not None and place and slot.name in last.args and not any(slot.name in part.args for part in parts[:-1]):
            for part in parts[:-1]:
                part.args[slot.name] = last.args[slot.name]


def same_time(bound: Bound, draft: Draft) -> None:
    """ "How much did we make yesterday, and which products sold best?" asks both of yesterday."""
    before = draft.steps[-1].bound if draft.steps else None
    if before is None or before.task is not bound.task or bound.task.effect != "read":
        return
    periods = [slot.name for slot in bound.task.slots if slot.types == ("period",)]
    if periods and not any(name in bound.args for name in periods):
        bound.args |= {name: before.args[name] for name in periods[:1] if name in before.args}


def only_adds(piece: Piece, task: Task) -> bool:
    """Whether the clause is nothing but a choice of the task before: "and show the old price"."""
    said = _LEADING.sub("", piece.said.strip(" .!"))
    return task.effect != "read" and any(covering(slot, said) for slot in task.slots)

"""Whom a search for customers, and which one for orders leaves out: "except the wholesale ones", "outside Germany", "and not since"."""

from __future__ import annotations

import re
from functools import partial

from agent.planning.binding.scope import Bound, Scope
from agent.planning.binding.tagged import is_borne
from agent.planning.binding.whereabouts import country_at, known_as, place_slot
from agent.planning.language.sparing import ALL_BUT, LEAVE, LEAVING_OUT
from agent.planning.language.values import Dates, Spot, Starting
from agent.planning.linking.lexicon import COMMON
from agent.sdk import Period

_BUT = rf"(?:{LEAVING_OUT}|without|minus|not|and\s+not)"
_THOSE = r"(?:(?:the|our|those|any|all|already|people|customers|orders|ones|who|that|are|is|with)\s+)*"
_WORD = r"[\"“'‘]?(?P<tag>(?!(?:as|with|and|or|in|from|who|that|yet|to)\b)[^\W\d][\w-]*)[\"”'’]?"
_NOT_TAGGED = re.compile(
    rf"\b(?:{_BUT}|(?:is|are|was|were)n[’']?t|(?:do|does)(?:\s+not|n[’']?t)\s+have|(?:have|has)n[’']?t)\s+{_THOSE}(?:(?:yet|been|already|have|has|having)\s+)*"
    rf"(?:(?:tagged|labell?ed)(?:\s+(?:as|with))?|(?:with\s+)?(?:the\s+|a\s+)?(?:tag|label))\s+{_WORD}",
    re.I,
)
_NOT_SUCH = re.compile(
    rf"\b(?:{_BUT}|(?:is|are)n[’']?t)\s+{_THOSE}{_WORD}(?=\s+(?:ones?|orders?|customers?|buyers?|clients?|people|members?|tags?)\b|\W*$|\s+(?:as|with|and|who|in|from|that|about|until|to|by)\b)"
    rf"|\bnon[\s-](?P<non>[^\W\d][\w-]*)",
    re.I,
)
_NOT_THERE = re.compile(
    rf"\b(?:outside(?:\s+of)?|(?:{_BUT}|(?:is|are|do|does|live)n[’']?t|who\s+(?:do|are)\s+not)\s+(?:{_THOSE})(?:live\s+|living\s+|based\s+|come\s+)*(?:in|from|to)"
    rf"|(?:{LEAVING_OUT})\s+(?:in|from)?)\s*(?:the\s+)?(?=(?P<words>[^\W\d][\w'’.-]*(?:\s+[^\W\d][\w'’.-]*){{0,3}}))",
    re.I,
)
_AND_THERE = re.compile(
    r"\s*(?:,|\b(?:and|or|nor)\b)\s*(?:in\s+|from\s+)?(?:the\s+)?(?=(?P<words>[^\W\d][\w'’.-]*(?:\s+[^\W\d][\w'’.-]*){0,3}))", re.I
)
_NOT_SINCE = re.compile(
    r"\b(?:and|but)\s+(?:(?:has|have|had)(?:\s+not|n[’']?t)|not|never|did(?:\s+not|n[’']?t))\s+(?:(?:ordered|bought|order|buy|been|come|returned|purchased|shopped|anything|again|back)\s+)*"
    r"(?:since(?:\s+then)?|again|(?:ordered|bought|order|purchased)\s+(?:anything\s+)?again)(?=\W*$|\s+(?:as|with|and)\b)",
    re.I,
)
_MOST = 6


async def take_left_out(bound: Bound, scope: Scope) -> None:
    """Fill who is left out, before what is said of them is taken for those who are meant."""
    if any(slot.name == "keep" and "texts" in slot.types for slot in bound.task.slots):
        _take_codes(bound)
    if not (bound.task.finds("customer") or bound.task.finds("order")):
        return
    _take_places(bound)
    await _take_tags(bound, scope)


_CODE = r"[\"“'‘]?(?-i:(?=[A-Z0-9_-]*[A-Z])[A-Z0-9][A-Z0-9_-]{2,39})\b[\"”'’]?"
_CODES_LEFT_OUT = re.compile(
    rf"(?:,\s*|\b)(?:{LEAVING_OUT}|{ALL_BUT}|{LEAVE}|(?<=,\s)not)\s+(?:(?:for|the|our|codes?|vouchers?|coupons?|discounts?)\s+)*"
    rf"(?P<codes>{_CODE}(?:\s*(?:,|&|\b(?:and|or|nor)\b)\s*(?:(?:and|the|code)\s+)*{_CODE})*)(?:\s+(?:alone|as\s+(?:it|they)\s+(?:is|are)|running|active))?",
    re.I,
)


def _take_codes(bound: Bound) -> None:
    """ "End all codes except WELCOME10": that one is left as it is."""
    for said in _CODES_LEFT_OUT.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        codes = re.findall(r"(?=[A-Z0-9_-]*[A-Z])[A-Z0-9][A-Z0-9_-]{2,39}", said["codes"])
        bound.args["keep"] = [*bound.args.get("keep", []), *codes]
        but = said[0].lower().rfind("but", 0, said.start("codes") - said.start())  # "every code" before it says which are meant
        bound.taken.append(Spot(start=said.start() + max(but, 0), end=said.end()))


def _take_places(bound: Bound) -> None:
    for said in _NOT_THERE.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        joined: re.Match[str] | None = said
        while joined is not None:
            place = country_at(joined["words"]) or _city(bound, joined.end())
            spot = Spot(start=joined.start() if joined is said else joined.end(), end=joined.end() + len(place))
            if not place or bound.takes(spot):
                break
            bound.args["elsewhere"] = [*bound.args.get("elsewhere", []), known_as(place)]
            bound.taken.append(spot)
            joined = _AND_THERE.match(bound.piece.text, spot.end, bound.piece.end)


_TAKEN_AWAY = re.compile(rf"\b(?:but\s+not|{LEAVING_OUT}|minus|bar)\s", re.I)


def without_of_the_best(bound: Bound) -> None:
    """ "Our 10 best customers, minus those in Austria" are fewer than ten, and not the ten best of elsewhere."""
    for name, finder in bound.finds:
        place = place_slot(finder.task)
        if place is None or not {"top", "elsewhere"} <= finder.args.keys() or place.name in finder.args:
            continue
        if _TAKEN_AWAY.search(bound.piece.said) is not None:
            left_out = finder.args.pop("elsewhere")
            bound.spares.append((name, Bound(task=finder.task, piece=finder.piece, args={place.name: left_out})))


def _city(bound: Bound, at: int) -> str:
    """What the reader took for a place here."""
    mark = next((mark for mark in bound.piece.marked("place") if mark.start <= at < mark.end), None)
    return bound.piece.text[at : mark.end] if mark is not None else ""


async def _take_tags(bound: Bound, scope: Scope) -> None:
    for said in _NOT_TAGGED.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        _leave_out(bound, said["tag"], Spot(start=said.start(), end=said.end()))
    for said, _ in zip(_NOT_SUCH.finditer(bound.piece.text, bound.piece.start, bound.piece.end), range(_MOST), strict=False):
        word = (said["tag"] or said["non"]).lower()
        for tag in (word, word.removesuffix("s")) if word not in COMMON else ():
            if await scope.holds(f"tag of {bound.task.name}", tag, partial(is_borne, tag, scope, bound.task.name)):
                _leave_out(bound, tag, Spot(start=said.start(), end=said.end()))
                break


async def has_field(bound: Bound, scope: Scope, start: int, end: int) -> bool:
    """Whether what is left out there is a country or a tag, which a search for people or orders has fields of its own for."""
    text = bound.piece.text
    if any(country_at(m["words"]) for m in _NOT_THERE.finditer(text, start, end)) or _NOT_TAGGED.search(text, start, end):
        return True
    for m in _NOT_SUCH.finditer(text, start, end):
        word = (m["tag"] or m["non"]).lower()
        for tag in (word, word.removesuffix("s")):
            if await scope.holds(f"tag of {bound.task.name}", tag, partial(is_borne, tag, scope, bound.task.name)):
                return True
    return False


def _leave_out(bound: Bound, tag: str, spot: Spot) -> None:
    if not bound.takes(spot):
        bound.args["without"] = [*bound.args.get("without", []), tag]
        bound.taken.append(spot)


def settle_people(bound: Bound, scope: Scope) -> None:
    """Take back what was chosen by a word of something else that is said of the people meant.

    "Ordered in October and not since": the last order was then. "No orders in 2025": none in that time, and not none ever.
    "Inactive for 6 months" says how long itself, and those tagged vip are not the best of them.
    """
    if not bound.task.finds("customer"):
        return
    _settle_group(bound)
    _take_time_since(bound)
    _take_time_without(bound, scope)
    _take_time_of_nobody(bound, scope)
    _settle_never_ordered(bound)


def _settle_group(bound: Bound) -> None:
    if bound.args.get("group") == "never_ordered" and "not_bought" in bound.args:
        bound.args.pop("group")
    if bound.args.get("group") == "best" and "top" not in bound.args and _BEST_ONE.search(bound.piece.said):
        bound.args["top"] = 1
    if isinstance(bound.args.get("period"), Period) and "inactive_since" not in bound.args and _INACTIVE.search(bound.piece.said):
        bound.args["inactive_since"] = bound.args.pop("period").start
    if bound.args.get("group") == "lapsed" and "inactive_since" in bound.args:
        bound.args.pop("group")
    if bound.args.get("group") == "best" and "vip" in {t.casefold() for t in bound.args.get("tags", [])} and not _BEST.search(bound.piece.said):
        bound.args.pop("group")


def _take_time_since(bound: Bound) -> None:
    period = bound.args.get("period")
    since = _NOT_SINCE.search(bound.piece.text, bound.piece.start, bound.piece.end)
    if since is not None and isinstance(period, Period) and "bought" not in bound.args:
        bound.args.setdefault("last_order", period)
        bound.args.pop("period")
        bound.args.pop("inactive_since", None)
        bound.taken.append(Spot(start=since.start(), end=since.end()))


def _settle_never_ordered(bound: Bound) -> None:
    if bound.args.get("group") != "never_ordered" or "inactive_since" not in bound.args:
        return
    items = bound.piece.values.items
    within = next((v for v in items if isinstance(v, Dates) and _IN.search(bound.piece.text[: v.start] + bound.piece.of(v))), None)
    if within is not None and not any(isinstance(v, Starting) for v in items) and not _SINCE.search(bound.piece.said):
        bound.args["period"] = within.period
        bound.args.pop("inactive_since")
    else:
        bound.args.pop("group")


_NOT_THEN = re.compile(
    r"\b(?:not|never|nothing|none|(?:have|has|had|did)n[’']?t|no\s+orders?)\s+(?:(?:have|has|had|did|do)\s+)?"
    r"(?:(?:ordered|bought|order|buy|purchased|shopped|anything|at\s+all|so\s+far|yet|one|any)\s+)*(?:in|during)?\s*$",
    re.I,
)


def _take_time_without(bound: Bound, scope: Scope) -> None:
    """ "Ordered last year but not this year": the first is when they did, and since the second began they did not."""
    times = [v for v in bound.piece.values.items if isinstance(v, Dates) and not v.compared]
    without = next((v for v in times if _NOT_THEN.search(bound.piece.text, bound.piece.start, v.start)), None)
    when = next((v for v in times if without is not None and v.end <= without.start), None)
    if without is None or "not_bought" in bound.args:
        return
    if when is None:
        if not _until_now(without, scope) and bound.args.get("inactive_since") == without.period.start:
            del bound.args["inactive_since"]  # "ordered nothing last year" may well have ordered since
            bound.args["period"], bound.args["group"] = without.period, "never_ordered"
        elif bound.args.get("period") == without.period and ("bought" not in bound.args or _NOTHING.search(bound.piece.text[: without.start])):
            bound.args["inactive_since"] = bound.args.pop("period").start  # "ordered twice or more but not ‖ since August"
            bound.taken.append(Spot(start=max(bound.piece.start, without.start - _LED_BY), end=without.end))
        return
    if when.period.start >= without.period.start:  # "this year and nothing last year" is no time since when they did not
        _untake(bound, without)
        return
    for name in ("last_order", "period", "inactive_since"):
        bound.args.pop(name, None)
    if bound.args.get("group") in ("never_ordered", "lapsed"):
        bound.args.pop("group")
    bound.args["period"] = when.period
    bound.taken = [*(spot for spot in bound.taken if not spot.overlaps(without)), Spot(start=when.start, end=when.end)]
    if _until_now(without, scope):
        bound.args["inactive_since"] = without.period.start
        bound.taken.append(Spot(start=without.start, end=without.end))
        said = _NOT_THEN.search(bound.piece.text, bound.piece.start, without.start)
        if "bought" in bound.links and said is not None and _ORDERED.search(said[0]) is None:
            # "bought the candle last year but not this year": not that candle, whatever else
            bound.args["not_bought"], bound.links["not_bought"] = bound.args["bought"], bound.links["bought"]


_NOTHING = re.compile(r"\b(?:nothing|none|no\s+orders?|anything)\W*$", re.I)
_LED_BY = 12
_ORDERED = re.compile(r"\b(?:order\w*|shopped|anything|nothing)\b", re.I)
_NOBODY_THEN = re.compile(
    r"\b(?:nobody|no\s+one|none(?:\s+of\s+those)?|not\s+(?:those|anyone|anybody|people|customers|the\s+ones)"
    rf"|(?:{LEAVING_OUT})\s+(?:for\s+)?(?:those|anyone|anybody|people|customers|the\s+ones))\s+(?:who|that)\s+(?:(?:has|have|had|already|just)\s+)*"
    r"(?:ordered|bought|purchased|shopped)\s+(?:(?:anything|something|already|again)\s+)*(?:in|during|since)?\s*$",
    re.I,
)


def _take_time_of_nobody(bound: Bound, scope: Scope) -> None:
    """ "But nobody who ordered this week": whoever did is left out; of a time that is over that cannot be told, and it is left."""
    times = [v for v in bound.piece.values.items if isinstance(v, Dates) and not v.compared]
    denied = next((v for v in times if _NOBODY_THEN.search(bound.piece.text, bound.piece.start, v.start)), None)
    if denied is None:
        return
    _untake(bound, denied)
    if _until_now(denied, scope):
        bound.args["inactive_since"] = denied.period.start
        bound.taken.append(Spot(start=denied.start, end=denied.end))


def _until_now(said: Dates, scope: Scope) -> bool:
    """Whether the time has not ended before today: of one that is over, "since then" would say less, so it is told or asked about."""
    return said.period.end.date() >= scope.terms.now.date()


def _untake(bound: Bound, said: Dates) -> None:
    for name in [name for name, value in bound.args.items() if value == said.period]:
        del bound.args[name]
    bound.taken = [spot for spot in bound.taken if not spot.overlaps(said)]


_INACTIVE = re.compile(r"\b(?:inactive|dormant|lapsed|silent|asleep|been\s+(?:away|gone|quiet))\s+(?:for|since|in)\b", re.I)
_BEST_ONE = re.compile(
    r"\b(?:best|top|biggest|most\s+(?:loyal|valuable))\s+(?:customer|buyer|client|spender|shopper)\b(?!\s+(?:list|group)s?\b)", re.I
)
_BEST = re.compile(r"\b(?:best|top|biggest|highest|most)\b", re.I)
_IN = re.compile(r"\b(?:in|during|this|last)\b[^,.;]*$", re.I)
_SINCE = re.compile(r"\bsince\b", re.I)

"""Which customers are meant, in plain words, as a segment's query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from agent.sdk.gather import countries_and_cities
from agent.sdk.nationalities import NATIONALITIES
from agent.sdk.refs import Between, Money
from agent.sdk.segments import SegmentQuery
from agent.sdk.spoken_names import Names
from agent.sdk.spoken_numbers import amounts, number_of
from agent.sdk.spoken_rules import Cannot, Unsaid, name_in

_NUMBER = r"(?P<n>\d+|a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty|sixty|ninety)"
_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
_UNIT = r"(?P<unit>days?|weeks?|months?|quarters?|years?)"
_BOUGHT = r"(?:order(?:ed)?|bought|buy|purchased?|shopped|been\s+active|come\s+back|returned)"
_AWAY = re.compile(
    rf"\b(?:(?:have\s*n[o’']t|has\s*n[o’']t|did\s*n[o’']t|have\s+not|has\s+not|did\s+not"
    rf"|not|no)\s+(?:{_BOUGHT}|orders?|purchases?)(?:\s+anything)?\s+(?:for|in|within|since"
    rf"|over)|(?:last|latest)\s+(?:order|purchase)\s+(?:was\s+)?(?:more\s+than|over)|inactive\s+for"
    rf"|lapsed\s+for|gone\s+for)"
    rf"\s+(?:the\s+)?(?:last\s+|past\s+|more\s+than\s+|over\s+|at\s+least\s+)?(?:{_NUMBER}\s+)?{_UNIT}(?:\s+ago)?",
    re.I,
)
_RECENT = re.compile(
    rf"\b(?:(?:who\s+)?(?:have\s+|has\s+)?{_BOUGHT}(?:\s+(?:something|anything))?\s+|active\s+"
    rf"|(?:with\s+)?(?:an?\s+)?(?:order|purchase)s?\s+)?(?:with)?in\s+the\s+(?:last|past)\s+(?:{_NUMBER}\s+)?{_UNIT}",
    re.I,
)
_ORDERS = re.compile(
    rf"\b(?P<how>more\s+than|over|at\s+least|fewer\s+than|less\s+than|under|at\s+most|exactly)?\s*{_NUMBER}\s+(?:or\s+(?P<tail>more"
    rf"|fewer|less)\s+)?(?:orders?|purchases?|times?)\b",
    re.I,
)
_REPEAT = re.compile(r"\b(?:repeat|returning|loyal)\s+(?:customers?|buyers?|shoppers?)|\bmore\s+than\s+once\b", re.I)
_ONCE = re.compile(
    r"\b(?:one-?time|first-?time)\s+(?:customers?|buyers?|shoppers?)|\b(?:only\s+once|just\s+once|ordered\s+once|bought\s+once)\b", re.I
)
_NEVER = re.compile(
    r"\b(?:never\s+(?:ordered|bought|purchased)(?!\s+(?:an?|the|our|any|[A-Z]\w+)\b)|no\s+orders|without\s+(?:an\s+)?orders?|have\s*n[o’']t\s+ordered\s+yet)\b",
    re.I,
)
_TAGGED = re.compile(
    r"\b(?:tagged|with\s+the\s+tags?|has\s+the\s+tags?|have\s+the\s+tags?)\s+(?:as\s+|with\s+)?[\"“'‘]?(?P<tag>[\w#&-]+)[\"”'’]?", re.I
)
_KIND = re.compile(r"\b(?P<tag>[\w#&-]+)\s+(?:customers?|buyers?|members?)\b", re.I)
_MARKETING = re.compile(
    r"\b(?P<no>(?:do\s*n[o’']t|did\s*n[o’']t|do\s+not|have\s*n[o’']t|not)\s+)?(?:accept(?:s"
    r"|ed|ing)?|subscribed?(?:\s+to)?|opted\s+in(?:to|\s+to)?|agreed?\s+to|allow(?:s|ed)?"
    r"|want)\s+(?:to\s+)?(?:e-?mail\s+)?(?:marketing|(?:our\s+|the\s+)?newsletter|e-?mails?)\b"
    r"|\b(?:newsletter\s+)?(?P<sub>subscribers)\b",
    re.I,
)
_PEOPLE = r"(?:customers?|buyers?|shoppers?|clients?|people|subscribers?|members?|ones)"
_NATIONALITY = re.compile(rf"\b(?P<of>{'|'.join(NATIONALITIES)})\b(?=(?:\s*(?:,|and|or)\s*\w+)*(?:\s+(?:[\w-]+\s+)?{_PEOPLE})\b)", re.I)
_LAPSED = re.compile(rf"\b(?:lapsed|inactive|dormant|sleeping|lost)\b(?=\s+(?:[\w-]+\s+)?{_PEOPLE}\b)|(?<=are\s)(?:lapsed|inactive|dormant)\b", re.I)
_NEW = re.compile(rf"\bnew(?:est)?\b(?=\s+(?:[\w-]+\s+)?{_PEOPLE}\b)|(?<=are\s)new\b", re.I)
_BEST = re.compile(rf"\b(?:(?:top|best|biggest)\b(?=\s+(?:\d+\s+)?(?:[\w-]+\s+)?(?:{_PEOPLE}|spenders)\b)|most\s+valuable)", re.I)
_WITHIN = re.compile(
    r"\bbetween\s+(?P<sign>[€$£])?\s?(?P<low>\d+(?:\.\d+)?)\s*(?:€|euros?|eur)?\s+(?:and|to)\s+[€$£]?\s?(?P<high>\d+(?:\.\d+)?)\s*"
    r"(?P<unit>€|euros?|eur\b|orders?|times|purchases?)?",
    re.I,
)
_BUT = r"(?:except(?:\s+for)?|excluding|but\s+not|other\s+than|apart\s+from|not|aren[’']?t|isn[’']?t|without)"
_THOSE = r"(?:(?:the|those|customers|people|ones|who|that|are|is|do|live|living|based|with|already|tagged|tags?)\s+)*"
_ELSEWHERE = re.compile(
    rf"\b(?:outside(?:\s+of)?|{_BUT}\s+{_THOSE}(?:in|from)|(?:except(?:\s+for)?|excluding|other\s+than))(?=\s+(?:the\s+)?[A-ZÀ-Þ])", re.I
)
_NOT_TAGGED = re.compile(rf"\b{_BUT}\s+{_THOSE}[\"“'‘]?(?P<tag>[\w#&-]+)[\"”'’]?(?:\s+{_PEOPLE}\b)?|\bnon-(?P<non>[\w-]+)", re.I)
_NOT_BOUGHT = re.compile(
    r"(?:\b(?:but\s+not|but\s+never|never\s+(?:bought|ordered)|(?:have|has|did)(?:n[’']?t|\s+not)\s+(?:bought|buy|ordered)|not\s+(?:bought|ordered)))"
    r"\s+(?:(?:the|our|any|a|an)\s+)*$",
    re.I,
)
_CITY = re.compile(r"\b(?:(?:living|based)\s+)?(?:in|from|around)\s+(?P<city>[A-ZÀ-Þ][\w’'-]+(?:\s+[A-ZÀ-Þ][\w’'-]+){0,2})(?!\w)")
"""What is written with a capital after "in" and is no country; that nobody lives there shows in the count."""
_LEAD = re.compile(
    r"\b(?:please\s+)?(?:create|make|build|save|define|set\s+up|add|start|give\s+me|i\s+(?:want"
    r"|need))?\s*(?:me\s+)?(?:an?|the|my|new)?\s*(?:new\s+)?(?:customer\s+)?(?:segments?"
    r"|audiences?|groups?|lists?|cohorts?)\s*(?:of|for|with|from|that\s+has|containing"
    r"|:)?|\bsegment\b|\bas\s+an?\s+(?:segment|audience|group)\b|\bsave\b",
    re.I,
)
LAPSED_DAYS = 180
NEW_DAYS = 30
"""As `find_customers` counts them."""
MOST_PLACES = 20
_JOINING = frozenset(
    {
        "a", "an", "the", "and", "who", "that", "which", "have", "has", "had", "with", "of", "for", "from", "in", "my", "our", "all", "every",
        "customers", "customer", "people", "buyers", "shoppers", "anyone", "everyone", "those", "are", "is", "were", "was", "to", "me", "please",
        "spent", "spend", "total", "spending", "order", "orders", "ordered", "placed", "bought", "purchased", "buy", "live", "lives", "living",
        "based", "at", "or", "them", "group", "segment", "more", "than", "on", "also", "but", "only", "made", "make", "worth", "us", "ones",
        "anything",
    }
)  # fmt: skip


Groups = Mapping[tuple[str, str], Mapping[str, str]]
"""(kind, name) of a collection, a type or a vendor to its products, by id, with their titles."""


def groups_said(text: str, names: Names) -> list[tuple[str, str]]:
    """The collections, types and vendors that a segment's words name."""
    found = names.goods_in(_LEAD.sub(lambda m: " " * len(m[0]), name_in(text)[1]))
    return [(kind, value[0]) for kind, value, _, _ in found if kind != "products"]


def segment_in(text: str, names: Names, *, currency: str, groups: Groups = MappingProxyType({})) -> tuple[str | None, SegmentQuery] | Unsaid | Cannot:
    """What the segment is to be called, where that is said, and its query.

    Args:
        groups: The products of collections, types and vendors, which a segment holds one by one.
    """
    name, text = name_in(text)
    text = re.sub(r"\btwice\b", "2 times", text, flags=re.I)
    left = _LEAD.sub(lambda m: " " * len(m[0]), text)
    query: dict[str, Any] = {}

    def take(pattern: re.Pattern[str]) -> re.Match[str] | None:
        nonlocal left
        found = pattern.search(left)
        if found is not None:
            left = left[: found.start()] + " " * len(found[0]) + left[found.end() :]
        return found

    if (found := take(_AWAY)) is not None:
        query["no_order_for_days"] = _days(found)
    if take(_BEST) is not None:
        return Cannot(
            "A segment is counted anew each time and has no first so many; say from how much on, as in “customers who spent more than 500”."
        )
    if (found := take(_WITHIN)) is not None:
        low, high = Decimal(found["low"]), Decimal(found["high"])
        if (found["unit"] or "").lower().startswith(("order", "time", "purchase")):
            query["orders"] = Between[int](at_least=int(low), at_most=int(high))
        else:
            query["spent"] = Between[Money](at_least=Money(low, currency), at_most=Money(high, currency))
    if "no_order_for_days" not in query and take(_LAPSED) is not None:
        query |= {"no_order_for_days": LAPSED_DAYS, "orders": Between[int](at_least=1)}
    if take(_NEW) is not None:
        query["first_order_within_days"] = NEW_DAYS
    if take(_NEVER) is not None:
        query["orders"] = Between[int](at_most=0)
    elif take(_ONCE) is not None:
        query["orders"] = Between[int](at_least=1, at_most=1)
    elif take(_REPEAT) is not None:
        query["orders"] = Between[int](at_least=2)
    elif (found := take(_ORDERS)) is not None:
        query["orders"] = _orders(found)
    if (found := take(_RECENT)) is not None:
        query["ordered_within_days"] = _days(found)
    while (out := _NOT_TAGGED.search(left)) is not None and _is_tag(out, left, names):
        query.setdefault("not_tags", []).append(out["tag"] or out["non"])
        left = left[: out.start()] + " " * len(out[0]) + left[out.end() :]
    for pattern in (_TAGGED, _KIND):
        found = pattern.search(left)
        if found is not None and (pattern is _TAGGED or names.is_tag(found["tag"])):
            query["tags"] = [found["tag"]]
            take(pattern)
            break
    if (found := take(_MARKETING)) is not None:
        query["accepts_marketing"] = found["no"] is None
    if (amount := next(amounts(left, currency), None)) is not None:
        if amount.currency != currency:
            return Cannot(f"This shop counts in {currency}, not in {amount.currency}; say the amount in {currency}.")
        query["spent"] = amount.value
        left = left[: amount.start] + " " * (amount.end - amount.start) + left[amount.end :]
    while (found := take(_NATIONALITY)) is not None:
        spared = re.search(rf"\b{_BUT}\s+{_THOSE}$", left[: found.start()], re.I)
        query.setdefault("not_countries" if spared else "countries", []).extend(codes_of(NATIONALITIES[found["of"].lower()]))
        left = left[: spared.start()] + " " * (found.start() - spared.start()) + left[found.start() :] if spared else left
    while (found := take(_ELSEWHERE)) is not None:  # what follows is looked for as if it stood after "in"
        at = found.end()
        there = " " * (at - 3) + "in " + left[at:].lstrip()
        for code, _, _ in list(names.countries_in(there))[:MOST_PLACES]:
            query.setdefault("not_countries", []).append(code)
        named = next((end for _, start, end in names.countries_in(there) if start <= at), 0)
        if not named and (city := _CITY.match(there, at - 3)) is not None:
            query.setdefault("not_cities", []).append(city["city"])
            named = city.end()
        gap = len(left) - len(there)
        left = left[:at] + " " * max(0, named + gap - at) + left[named + gap :] if named else left
    for code, start, end in list(names.countries_in(left)):
        query.setdefault("countries", []).append(code)
        left = left[:start] + " " * (end - start) + left[end:]
    while (found := take(_CITY)) is not None:
        query.setdefault("cities", []).append(found["city"])
    for kind, value, start, end in list(names.goods_in(left)):
        goods = value if kind == "products" else groups.get((kind, value[0]), {})
        if not goods:
            return Cannot("A segment knows which products were bought; there are none of that kind.")
        spared = _NOT_BOUGHT.search(left[:start]) or _NOT_BOUGHT.search(left[:end][: start + len(left[start:end]) - len(left[start:end].lstrip())])
        query.setdefault("not_bought" if spared else "bought", {}).update(goods)
        start = spared.start() if spared else start
        left = left[:start] + " " * (end - start) + left[end:]
    if rest := _rest(left):
        return Unsaid(
            f"What does “{rest}” mean for the segment? It can ask for spend, orders, days since "
            f"the last order, country, tags, products bought and marketing."
        )
    if not query:
        return Unsaid("Which customers should be in it: by spend, orders, days since the last order, country, tags, products bought or marketing?")
    return name, SegmentQuery(**query)


def _is_tag(said: re.Match[str], text: str, names: Names) -> bool:
    """Whether it is a tag that customers are not to have, and no word of goods: "but not the ‖linen‖ socks"."""
    if not names.is_tag(said["tag"] or said["non"]):
        return False
    start, end = said.span("tag" if said["tag"] else "non")
    return not any(at <= start and end < stop for _, _, at, stop in names.goods_in(text))


def codes_of(country: str) -> list[str]:
    return list(countries_and_cities([country])[0] or [])


def _days(found: re.Match[str]) -> int:
    return number_of(found["n"] or "one") * _DAYS[found["unit"].lower().rstrip("s")]


def _orders(found: re.Match[str]) -> Between[int]:
    n, how = number_of(found["n"]), " ".join((found["how"] or "").lower().split())
    if found["tail"]:
        return Between[int](at_least=n) if found["tail"].lower() == "more" else Between[int](at_most=n)
    if how in ("more than", "over"):
        return Between[int](above=n)
    if how in ("fewer than", "less than", "under"):
        return Between[int](below=n)
    return Between[int](at_least=n) if how == "at least" else Between[int](at_most=n) if how == "at most" else Between[int](at_least=n, at_most=n)


def _rest(left: str) -> str | None:
    for stretch in re.split(r"\s{2,}|[,.;:!?()]+", left):
        if any(word.casefold() not in _JOINING for word in re.findall(r"[\w'’%€$£-]+", stretch)):
            return " ".join(stretch.split())
    return None

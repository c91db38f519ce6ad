"""Which customers are meant, in plain words, as a segment's query."""

from __future__ import annotations

import re
from typing import Any

from agent.sdk.refs import Between
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
_NEVER = re.compile(r"\b(?:never\s+(?:ordered|bought|purchased)|no\s+orders|without\s+(?:an\s+)?orders?|have\s*n[o’']t\s+ordered\s+yet)\b", re.I)
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
_CITY = re.compile(r"\b(?:(?:living|based)\s+)?(?:in|from|around)\s+(?P<city>[A-ZÀ-Þ][\w’'-]+(?:\s+[A-ZÀ-Þ][\w’'-]+){0,2})(?!\w)")
"""What is written with a capital after "in" and is no country; that nobody lives there shows in the count."""
_LEAD = re.compile(
    r"\b(?:please\s+)?(?:create|make|build|save|define|set\s+up|add|start|give\s+me|i\s+(?:want"
    r"|need))?\s*(?:me\s+)?(?:an?|the|my|new)?\s*(?:new\s+)?(?:customer\s+)?(?:segments?"
    r"|audiences?|groups?|lists?|cohorts?)\s*(?:of|for|with|from|that\s+has|containing"
    r"|:)?|\bsegment\b|\bas\s+an?\s+(?:segment|audience|group)\b|\bsave\b",
    re.I,
)
_JOINING = frozenset(
    {
        "a", "an", "the", "and", "who", "that", "which", "have", "has", "had", "with", "of", "for", "from", "in", "my", "our", "all", "every",
        "customers", "customer", "people", "buyers", "shoppers", "anyone", "everyone", "those", "are", "is", "were", "was", "to", "me", "please",
        "spent", "spend", "total", "spending", "order", "orders", "ordered", "placed", "bought", "purchased", "buy", "live", "lives", "living",
        "based", "at", "or", "them", "group", "segment", "more", "than", "on", "also", "but", "only", "made", "make", "worth", "us",
    }
)  # fmt: skip


def segment_in(text: str, names: Names, *, currency: str) -> tuple[str | None, SegmentQuery] | Unsaid | Cannot:
    """What the segment is to be called, where that is said, and its query."""
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
    for code, start, end in list(names.countries_in(left)):
        query.setdefault("countries", []).append(code)
        left = left[:start] + " " * (end - start) + left[end:]
    while (found := take(_CITY)) is not None:
        query.setdefault("cities", []).append(found["city"])
    for kind, value, start, end in list(names.goods_in(left)):
        if kind != "products":
            return Cannot("A segment knows which products were bought, not which collection, type or vendor; name products.")
        query.setdefault("bought", {}).update(value)
        left = left[:start] + " " * (end - start) + left[end:]
    if rest := _rest(left):
        return Unsaid(
            f"What does “{rest}” mean for the segment? It can ask for spend, orders, days since "
            f"the last order, country, tags, products bought and marketing."
        )
    if not query:
        return Unsaid("Which customers should be in it: by spend, orders, days since the last order, country, tags, products bought or marketing?")
    return name, SegmentQuery(**query)


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

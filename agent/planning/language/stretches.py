"""Single stretches of days as merchants name them: "last week", "past 3 months", "November 2011", "Black Friday".

Everything here is dates; `agent.planning.language.periods` turns them into moments and reads the words that rule them (since,
until, between, vs).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.planning.language.built_stretches import (
    Found,
    ago_said,
    all_time,
    any_said,
    before_last,
    beginning_said,
    coming_said,
    date_said,
    day_of_month,
    days_of_month,
    feast_of_figures,
    feast_said,
    first_days,
    fiscal_quarter,
    fiscal_said,
    fortnight_said,
    half_said,
    hours_said,
    in_all,
    in_year,
    iso_said,
    last_night,
    month_said,
    named_said,
    of_the_present,
    part_of_month,
    quarter_said,
    relative_said,
    rolling,
    season_said,
    slashed_said,
    to_date,
    week_number,
    week_of,
    weekday_said,
    weekend_said,
)
from agent.planning.language.calendar import Lean, Stretch, Today
from agent.planning.language.calendar_words import MONTHS, PARTS_OF_MONTH, WEEKDAYS, N
from agent.planning.language.feasts import FEAST
from agent.planning.language.fragments import UNITS


def stretch_at(text: str, at: int, today: Today, lean: Lean, *, led: bool = True) -> Found | None:
    """The stretch whose words begin exactly at a place.

    Args:
        text: As the merchant wrote it; capitals tell "May" from "may".
        led: A word such as "in" or "since" stands before. Without one, "summer" or "Christmas" is an adjective of goods
            and "2011" is a number.
    """
    low = text.lower()
    for pattern, build, wants_lead in _PATTERNS:
        match = pattern.match(low, at)
        if match is None or (wants_lead and not (led or any_said(match, "which", "year", "rel"))):
            continue
        if (wants_lead or match.re in _DOUBTFUL) and not _stands_alone(match, text, led=led, named=wants_lead):
            continue
        stretch = build(match, today, lean)
        if stretch is not None:
            return Found(stretch, match.end())
    return None


_ONLY_A_TIME = frozenset({
    "january", "february", "april", "june", "july", "august", "september", "october", "november", "december",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
})  # fmt: skip
"""Names that are nothing else; "march" and "may" are verbs as well, and "sun" and "sat" words."""
_HOW_IT_WAS = frozenset({
    "better", "worse", "weaker", "stronger", "slower", "higher", "lower", "bad", "good", "slow", "weak", "quiet", "strong", "busy", "quieter",
    "busier", "down", "up",
})  # fmt: skip


_GOES = frozenset({"look", "looks", "looking", "be", "go", "going", "do", "doing", "bring", "shape", "shaping", "turn", "compare", "end"})
_ASKED_OF = re.compile(r"\b(?:will|would|might|could|did|does|is|was|how['’]?s)\s+$", re.I)


def _is_asked_of(match: re.Match[str], text: str, follows: str) -> bool:
    """ "How will December look": the month is what the question is about."""
    return follows in _GOES and _ASKED_OF.search(text[: match.start()]) is not None


def _stands_alone(match: re.Match[str], text: str, *, led: bool, named: bool) -> bool:
    """Not an adjective ("the summer dresses", "the Winter Warmers"), and no verb or noun that only looks like a name ("may", "sun")."""
    follows = re.match(r"\s+([A-Za-z]+)", text[match.end() :])
    if follows and any_said(match, "month", "weekday") and (follows[1].lower() in _HOW_IT_WAS or _is_asked_of(match, text, follows[1].lower())):
        return True
    if follows and (named or follows[1][0].islower()) and not _may_follow(follows[1].lower()) and not any_said(match, "year", "rel", "which", "day"):
        return False
    name = next((n for n in ("month", "weekday") if match.groupdict().get(n)), None)
    if name and match[name] in _ONLY_A_TIME:
        return True
    return led or name is None or any_said(match, "year", "rel", "which", "day") or text[match.start(name)].isupper()


_AFTERWARDS = frozenset({
    "about", "above", "across", "after", "afternoon", "again", "against", "all", "alone", "already", "also", "and", "any", "are", "as", "at",
    "because", "been", "before", "below", "between", "both", "bought", "broken", "but", "by", "came", "can", "compared", "comparing", "contain",
    "could", "did", "do", "down", "each", "every", "excluding", "figures", "for", "from", "grouped", "had", "has", "have", "he", "how", "i", "if",
    "in", "instead", "is", "it", "last", "me", "midday", "midnight", "my", "night", "no", "noon", "not", "numbers", "of", "off", "on", "only", "or",
    "orders", "our", "out", "over", "paid", "per", "please", "put", "rather", "refunds", "returns", "revenue", "sales", "set", "should", "show",
    "since", "so", "sold", "split", "tell", "than", "that", "the", "them", "then", "there", "these", "they", "this", "those", "through", "till",
    "to", "turnover", "under", "until", "up", "us", "versus", "vs", "was", "we", "weekend", "were", "what", "when", "where", "which", "while",
    "who", "whose", "will", "with", "without", "worth", "would", "you",
})  # fmt: skip
"""Words that may follow a day's name; any other lower-case word makes the name an adjective."""


def _may_follow(word: str) -> bool:
    return word in _AFTERWARDS or (len(word) > 4 and word.endswith(("ed", "ing")))


_UNIT = rf"(?P<unit>{UNITS})"
_MONTH = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\.?(?![a-z])"
_WEEKDAY = rf"(?P<weekday>{'|'.join(sorted(WEEKDAYS, key=len, reverse=True))})(?![a-z])"
_ANY_MONTH = rf"(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\b"
_YEAR = r"(?:\s*,?\s*(?:of\s+|in\s+)?(?:the\s+year\s+)?(?:(?P<year>(?:19|20)\d\d(?!\d)|['’]\d\d(?!\d))|(?P<rel>last|this|next)\s+year))?"
_WHICH = r"(?:(?P<which>last|previous|past|next|this)\s+)?"
_Build = Callable[[re.Match[str], Today, Lean], Stretch | None]
_FY = r"(?:fy ?|(?:the )?(?:fiscal|financial) year )?(?P<fy>(?:19|20)\d\d|\d\d)"
_FY_SAID = r"(?:fy ?|(?:fiscal|financial)(?: year)? )[’']?(?P<fy>(?:19|20)\d\d|\d\d)(?!\d)"
_ORDINAL = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_FIGURE_WORDS = ("sales", "revenue", "turnover", "orders", "returns", "refunds", "takings", "figures", "numbers", "discounts", "income")
_OF_FIGURES = "|".join(_FIGURE_WORDS)
_AFTER_FIGURES = "|".join(rf"(?<={word}\s)" for word in _FIGURE_WORDS)
_TABLE: list[tuple[str, _Build, bool]] = [
    ("last night|yesterday (?:morning|afternoon|evening|night)", last_night, False),
    (
        "(?:(?:the )?day before yesterday|(?:the )?day after tomorrow|today|2day|tonight|tonite|this (?:morning|evening)|midnight"
        r"|yesterday|yesterdy|ystrday|yday|tomorrow|tomorow|tmrw|tmr|2moro)(?:s(?=\s+[a-z]))?",
        named_said,
        False,
    ),
    (
        rf"(?:the )?(?P<edge>first|last) {N} ?(?P<count>day|week)s? of "
        rf"(?:(?:the )?(?P<of>last|previous|this|the|current) {_UNIT}|(?P<which>(?!))?{_MONTH}{_YEAR})",
        first_days,
        False,
    ),
    ("(?:the )?(?P<unit>week|month|quarter|year) before last", before_last, False),
    (rf"(?:the )?(?:last|past|previous|prior|trailing) {N} ?(?:full |whole |calendar )?{_UNIT}s?", rolling, False),
    (rf"(?:the )?(?:next|coming) {N} ?{_UNIT}s?", coming_said, False),
    (rf"(?:the )?(?:last|past|previous) {N} ?(?:hours?|hrs?|h)", hours_said, False),
    (rf"(?:about )?{N} {_UNIT}s? ago", ago_said, False),
    ("(?:the )?(?:last|past) fortnight", fortnight_said, False),
    ("(?:this )?(?P<unit>week|month|quarter|year) to date|[ymqw]td", to_date, False),
    (r"so far this (?P<unit>week|month|quarter|year)", to_date, False),
    (r"this (?P<unit>week|month|quarter|year) so far", to_date, False),
    ("(?:the )?(?P<which>last|this|previous|past|next)(?: long)? weekend", weekend_said, False),
    ("(?:over|during|for|from) the(?P<which>)(?: long)? weekend", weekend_said, False),
    (
        rf"(?P<which>this|the current|current|last|the last|previous|the previous|prior|past|the past|next|the next) (?:calendar )?{_UNIT}"
        r"(?:[’']?s(?=\s+[a-z]))?",
        relative_said,
        False,
    ),
    (rf"of the (?P<unit>{UNITS})(?! (?:before|after|to)\b)(?! \d)", of_the_present, False),
    (rf"(?:the )?(?:beginning|start) of (?P<which>the|this|last|the last) {_UNIT}", beginning_said, False),
    (rf"(?:the )?week of (?:the )?{_ORDINAL} (?:of )?{_MONTH}{_YEAR}", week_of, False),
    (rf"(?:the )?week of {_MONTH} (?:the )?{_ORDINAL}{_YEAR}", week_of, False),
    (rf"(?:the )?(?P<part>{'|'.join(PARTS_OF_MONTH)}) (?:(?:in|of) )?(?P<which>(?!))?{_MONTH}{_YEAR}", part_of_month, False),
    (rf"(?:the )?{_ORDINAL} ?(?:-|–|—|to|until|till) ?(?:the )?(?P<last>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}{_YEAR}", days_of_month, False),
    (
        rf"{_MONTH} (?:the )?{_ORDINAL} ?(?:-|–|—|to|until|till) ?(?:the )?(?P<last>\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}(?! (?:of )?{_ANY_MONTH})",
        days_of_month,
        False,
    ),
    (
        r"all[ -]time|(?<!nobody\s)(?<!no\sone\s)(?<!never\s)(?<!hardly\s)ever|to date|(?:since )?the (?:very )?beginning(?! of)"
        r"|since we (?:opened|started|began|launched)",
        all_time,
        False,
    ),
    (r"(?:in total|in all|altogether|all told|overall)(?=\W*$)", in_all, False),
    (r"(?:for )?as long as we(?:[’']ve| have) (?:been|had|sold)[\w ]{0,12}", all_time, False),
    (r"(?P<y>(?:19|20)\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})", iso_said, False),
    (r"(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<y>\d{4}|\d\d)", slashed_said, False),
    (r"(?P<a>\d{1,2})(?P<mark>[.])(?P<b>\d{1,2})[.](?P<y>(?!))?(?!\d)", slashed_said, True),
    (r"(?P<a>\d{1,2})(?P<mark>/)(?P<b>\d{1,2})(?P<y>(?!))?(?! ?(?:price|off|of)\b)", slashed_said, True),
    (rf"(?:the )?{_ORDINAL} (?:of )?{_MONTH}{_YEAR}", date_said, False),
    (rf"{_MONTH} (?:the )?{_ORDINAL}{_YEAR}", date_said, False),
    (rf"{_WHICH}{_MONTH}{_YEAR}", month_said, False),
    (rf"(?:fiscal|financial) q(?:uarter )?(?P<q>[1-4])(?: (?:of |in )?{_FY})?", fiscal_quarter, False),
    (rf"(?:fiscal|financial) quarter (?P<q>[1-4])(?: (?:of |in )?{_FY})?", fiscal_quarter, False),
    (rf"q(?P<q>[1-4]) (?:of |in )?(?:the )?{_FY_SAID}", fiscal_quarter, False),
    (rf"(?:the )?{_FY_SAID}", fiscal_said, False),
    (
        r"(?:(?P<which>(?:the )?(?:this|current|last|previous|prior|past|next|coming)|our|the) )?(?:fiscal|financial) year(?: to date| so far)?",
        fiscal_said,
        False,
    ),
    (rf"q(?P<q>[1-4])(?P<nth>(?!))?{_YEAR}", quarter_said, False),
    (rf"(?:the )?(?P<nth>first|second|third|fourth) quarter(?P<q>(?!))?{_YEAR}", quarter_said, False),
    (rf"(?:calendar |iso )?(?:week|wk|kw|cw) (?:no[.] ?|number |# ?)?(?P<week>[1-9]|[1-4]\d|5[0-3]){_YEAR}", week_number, False),
    (rf"h(?P<h>[12])(?P<nth>(?!))?{_YEAR}", half_said, False),
    (rf"(?:the )?(?P<nth>first|second) half of the year(?P<h>(?!))?{_YEAR}", half_said, False),
    (rf"(?:the )?(?P<nth>first|second) half(?: of the year)?(?P<h>(?!))?{_YEAR}", half_said, True),
    (rf"{_WHICH}(?!new ){FEAST}{_YEAR}(?=(?:[’']s)? (?:{_OF_FIGURES})\b)", feast_of_figures, False),
    (rf"(?:the )?{_WHICH}(?P<feast>(?:christmas|xmas) (?:season|time|trade|business)){_YEAR}", feast_said, False),
    (rf"(?:(?<=was\s)|(?<=did\s)){FEAST}{_YEAR}", feast_said, False),
    (rf"{_WHICH}{FEAST}{_YEAR}", feast_said, True),
    (rf"(?<!black\s)(?<!cyber\s)(?<!shrove\s)(?<!good\s){_WHICH}{_WEEKDAY}", weekday_said, False),
    (rf"{_WHICH}(?:the )?(?P<season>spring|summer|autumn|fall|winter){_YEAR}", season_said, True),
    (r"the (?P<day>[12]?\d|3[01])(?:st|nd|rd|th)", day_of_month, True),
    (rf"(?P<y>(?:19|20)\d\d)(?= (?:gross |net |total |monthly |weekly |daily |quarterly )?(?:{_OF_FIGURES})\b)", in_year, False),
    (rf"(?:{_AFTER_FIGURES})(?P<y>(?:19|20)\d\d)(?=\s*(?:[,.;?!]|$|vs\b|versus\b|by\b|per\b))", in_year, False),
    (r"(?P<y>(?:19|20)\d\d)(?= (?:vs[.]?|versus|against|compared (?:to|with)) (?:in )?(?:19|20)\d\d\b)", in_year, False),
    (r"(?<=\bcompare\s)(?P<y>(?:19|20)\d\d)(?= (?:to|and|with) (?:19|20)\d\d\b)", in_year, False),
    (r"(?P<y>(?:19|20)\d\d)(?![.,]\d)", in_year, True),
]
"""How it is said, what it means, and whether a word such as "in" must stand before. The longer saying comes first."""
_PATTERNS = [(re.compile(f"(?:{said})(?!\\w)".replace(" ", r"\s+").replace(r"\s+?", r"\s*")), build, led) for said, build, led in _TABLE]
_DOUBTFUL = {pattern for pattern, build, _ in _PATTERNS if build in (month_said, weekday_said)}

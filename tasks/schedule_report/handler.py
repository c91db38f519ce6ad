import re
from typing import Annotated

from agent.sdk import Args, AskedAs, Change, Clock, Field, Missing, Proposal, Refusal, Store, say, task
from agent.sdk.amending import renamed
from agent.sdk.own import Own
from agent.sdk.rhythms import Rhythm
from agent.sdk.spoken_rules import name_in
from agent.sdk.spoken_times import moved_to, odd_time, time_in, without
from agent.sdk.standing import free_name
from agent.sdk.task import Whole

_VERB = (
    r"(?:e-?mail|mail|send|give|show|text|tell|deliver|report|prepare|run|put|set\s+up|schedule|create|make|get|remind|i\s+want(?:\s+to\s+see)?"
    r"|i(?:'d|\s+would)\s+like(?:\s+to\s+see)?|i\s+need|let\s+me\s+(?:have|see)|start\s+sending)"
)
_LEAD = re.compile(rf"^(?:(?:please|can\s+you|could\s+you|and|also|then|just)\s+)*(?:{_VERB}\s+(?:me|us|to\s+me|my\s+team)?\s*)+", re.I)
_REPORT = re.compile(
    (
        r"^(?:an?\s+|the\s+|this\s+|my\s+)?(?:short\s+|quick\s+|automatic\s+)?(?:reports?|summar(?:y"
        r"|ies)|overviews?|breakdowns?|lists?|mails?|e-?mails?|updates?|numbers)\s+(?:of|on"
        r"|about|with|for|showing)\s+"
    ),
    re.I,
)
_TAIL = re.compile(
    (
        r"\s*(?:,\s*)?\b(?:and\s+(?:e-?mail|mail|send)\s+(?:it|them)(?:\s+to\s+(?:me|us|my\s+team))?"
        r"|to\s+(?:me|us)|by\s+e-?mail|(?:in(?:to)?|to)\s+my\s+inbox|via\s+webhook|automatically"
        r"|from\s+now\s+on|schedule|in\s+the\s+panel|please)\W*$"
    ),
    re.I,
)
_LOOSE = re.compile(r"\s+(?:on|for|of|at|in|by|to|with|and|an?|the|every|each)\W*$|^(?:of|on|about|for)\s+", re.I)
"""Words that led to the time, or to the report."""
_SELF = re.compile(r"^(?:it|this|that|them|these|those|(?:(?:an?|the|this|that)\s+)?(?:reports?|schedule|summary))?$", re.I)
_FIGURES = re.compile(
    (
        r"\b(?:sales?|revenue|turnover|takings|income|orders?|units|refunds?|returns|discounts?"
        r"|aov|average\s+order|best|worst|top|sellers?|selling|conversion|customers?|figures"
        r"|numbers|margin|profit)\b"
    ),
    re.I,
)
_NOW = re.compile(
    r"\b(?:stock|inventory|out\s+of|sold\s+out|unfulfilled|unshipped|open|unanswered|pending|reviews?|risky|problems?|without|missing)\b", re.I
)
_WHEN = re.compile(
    (
        r"\b(?:yesterday|today|last|past|this|previous|since|between|january|february|march"
        r"|april|june|july|august|september|october|november|december|20\d\d|week|month|quarter"
        r"|year|day)(?:'s)?\b"
    ),
    re.I,
)
_EXTERNAL = re.compile(r"\bto\s+(?:my\s+)?(?:accountant|boss|bookkeeper|supplier|partner|[\w.+-]+@[\w-]+\.\w+)", re.I)
_POSTED = re.compile(r"\b(?:e-?mail|mail|text|sms|whats\s?app|slack|inbox)\b", re.I)
"""Ways in which a report does not come."""


_HOUR = re.compile(r"(?:\bat\s+|\bto\s+)?\d{1,2}(?:[:.]\d{2})?(?:\s*[ap]\.?m\.?)?(?:\s*o'?clock)?\W*", re.I)
_DAY_OF_MONTH = re.compile(r"(?:on\s+)?the\s+(?:first|second|third|last|\d{1,2}(?:st|nd|rd|th))(?:\s+day)?", re.I)
_MORE = re.compile(
    r"\s*(?:and\s+|but\s+)?(?:by|per|for|in|from|of|with|without|top|only|as|split|grouped|sorted)\b|\s*(?:the\s+)?(?:top|best|first)\s+\d", re.I
)
"""How words begin that say more of a report and name no other."""


def amended(before: str, said: str, instead: bool) -> str | None:
    """ "No, every Tuesday at 10", "by country": the schedule's words with another time, with more of the report, or for another report."""
    if (called := renamed(before, said)) is not None:
        return called
    name, words = name_in(before)
    there = time_in(words)
    report = wanted(without(words, there.spans)) if there is not None else wanted(words)
    time, more = _time_said(re.sub(r"^\W*(?:include|including|add|show)\s+", "with ", said, flags=re.I))
    rhythm = there.rhythm if there is not None else None
    if time:
        new = moved_to(rhythm, time) if rhythm is not None else found.rhythm if (found := time_in(time)) is not None else None
        if new is None and rhythm is not None:
            return None
        rhythm = new or rhythm
    elif odd_time(said):
        return f"{report} {said.strip()}"
    if more and report and not (_MORE.match(more) or not instead):
        report = more
    elif more:
        report = f"{report} {re.sub(r'^the +(?=top|best|first)', '', more)}".strip()
    when = f" {rhythm}" if rhythm is not None else f" {time}" if time else ""
    return f"{report}{when}" + (f", called “{name}”" if name else "")


def _time_said(said: str) -> tuple[str, str]:
    """What of the words says when, made readable alone, and what they say beside it."""
    bare = re.sub(r"^\W*(?:(?:only|just|on|to)\s+)+|\s+(?:only|instead|please|rather)\W*$|\W+$", "", said, flags=re.I)
    if _HOUR.fullmatch(bare):
        return "at " + re.sub(r"^(?:at|to)\s+", "", bare, flags=re.I), ""
    of_month = f"{bare} of every month" if _DAY_OF_MONTH.fullmatch(bare) else said
    for words in (of_month, said, f"every {bare}"):
        if (found := time_in(words)) is not None:
            rest = wanted(without(words, found.spans))
            return words, "" if re.fullmatch(r"(?:only|just|instead|rather|\W)*", rest, re.I) else rest
    at = moved_to(time_in("every day").rhythm, said)  # type: ignore[union-attr]  # a time by its own words
    return (said, "") if at is not None and len(said.split()) <= 5 else ("", said.strip(" .!?"))


class ScheduleReport(Args):
    cannot = (
        (
            r"^\W*(?:(?:please|and|also|can you|could you)\s+)*(?:remind\s+(?:me|us)|set\s+(?:me\s+)?(?:an?\s+)?(?:reminder|alarm|timer)|wake\s+me)\b"
            r"(?!.{0,120}\b(?:every|each|daily|weekly|monthly|when(?:ever)?|if|once|as soon as|(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b)",
            say("Storehand keeps no reminders, so nothing was done. Say it again when it is to be done, or plan a report that comes by itself."),
        ),
    )
    decisive = ("a daily summary", "a weekly summary", "a monthly summary", "a daily report", "a weekly report", "a monthly report")
    unlike = (r"^(?:please )?(?:rename|edit|change|move|update|reschedule)\b",)
    telling = (
        "every", "each day", "each week", "each month", "each quarter", "each morning", "each evening", "each mon", "each tue", "each wed",
        "each thu", "each fri", "each sat", "each sun", "daily", "weekly", "monthly", "quarterly", "yearly", "annual", "nightly", "hourly",
        "fortnight", "biweekly", "regular", "schedul", "recur", "repeat", "automat", "mondays", "tuesdays", "wednesdays", "thursdays",
        "fridays", "saturdays", "sundays", "once a", "once per", "from now on", "on the first", "on the last", "end of the",
    )  # fmt: skip

    request: Annotated[str, Whole(amended=amended), AskedAs("What should be reported, and how often?")] = Field(
        description="What to report and when, in plain words: “send me sales by channel every Monday at 9”."
    )


@task(
    examples=[
        "send me the sales report every Monday at 9", "email me revenue by channel on the first of each month",
        "schedule a weekly report of best sellers",
        "give me a daily summary of orders at 7", "every Friday show me what is low in stock", "put average order value on a monthly schedule",
        "schedule a report for every Friday", "text me yesterday's takings every morning",
    ]
)  # fmt: skip
async def schedule_report(args: ScheduleReport, own: Own, store: Store, clock: Clock) -> Proposal | Refusal | Missing:
    """Schedule a report: a request that runs by itself every hour, day, week or month, shown in the panel and sent by webhook."""
    if odd := odd_time(args.request):
        return Refusal(say("“{odd}” is no rhythm that can be kept; every hour, day, week, month, quarter or year can.", odd=odd))
    if other := _EXTERNAL.search(args.request):
        return Refusal(say("A report comes to the panel and by webhook, not {other}; leave that out, or send it on from a webhook.", other=other[0]))
    name, words = name_in(args.request)
    when = time_in(words)
    if when is None:
        return Missing("request", say("How often, and when: every day, week or month, at what time?"))
    request = wanted(without(words, when.spans))
    if not request:
        return Missing("request", say("What should be reported {rhythm}? Say it as you would ask for it.", rhythm=when.rhythm))
    request = with_period(request, when.rhythm)
    there = await own.schedules()
    if same := next((one for one in there if (one.request.casefold(), one.rhythm, one.state) == (request.casefold(), when.rhythm, "active")), None):
        return Proposal(say("Nothing needs changing: “{name}” does that already.", name=same.name))
    called = free_name(name or f"{request[:1].upper()}{request[1:]}", [one.name for one in there])
    change = Change.create("schedule", called, {"name": called, "request": request, "rhythm": when.rhythm.model_dump(mode="json")})
    first = when.rhythm.after(clock.now(), store.shop.time_zone)
    planned = say(
        "{rhythm}: “{request}”, shown in the panel and sent by webhook; for the first time {first}", rhythm=when.rhythm, request=request, first=first
    )
    if _POSTED.search(words):
        planned = say("{planned}. Storehand itself sends no e-mails and no texts.", planned=planned)
    return Proposal(planned, changes=[change])


def wanted(words: str) -> str:
    """The request without the words that only say that it is to be sent."""
    words = _LEAD.sub("", words.strip(" ,.!?:"))
    while (shorter := _LOOSE.sub("", _TAIL.sub("", words))) != words:
        words = shorter
    words = _REPORT.sub("", words).strip(' ,.!?:"“”')
    words = re.sub(r"^(?:an?|the)\s+", "", words, flags=re.I)
    return "" if _SELF.match(words) or not re.search(r"\w", words) else words


_MOST_DAYS = 5
"""On so many days of the week a report is one of every day."""


def with_period(request: str, rhythm: Rhythm) -> str:
    """Figures are those of the time since it last ran, where no time is said; a list of what is so now needs none."""
    if not _FIGURES.search(request) or _NOW.search(request) or _WHEN.search(request):
        return request
    before = {
        "hour": "today",
        "day": "yesterday",
        "week": "last week" if len(rhythm.weekdays) < _MOST_DAYS else "yesterday",
        "month": {1: "last month", 3: "last quarter", 12: "last year"}.get(rhythm.months, "last month"),
    }
    return f"{request} {before[rhythm.every]}"

"""A rule in plain words to a `Rule`: trigger, conditions and actions, each by its own words; what no part takes is asked about, never dropped.

It is deterministic and knows no model. The text is searched for each part in turn, what is found is used up, and words that are left and mean
something are named in a question, since a rule that half understood acts on its own for months.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from agent.sdk.refs import Between
from agent.sdk.rhythms import Rhythm
from agent.sdk.rules import CAN, SUBJECTS, Act, Condition, On, Rule, Subject, Trigger
from agent.sdk.spoken_names import Names
from agent.sdk.spoken_numbers import amounts, number_of
from agent.sdk.spoken_times import odd_time, time_in


@dataclass(frozen=True, slots=True)
class Understood:
    rule: Rule


@dataclass(frozen=True, slots=True)
class Unsaid:
    """One more thing must be known."""

    question: str


@dataclass(frozen=True, slots=True)
class Cannot:
    """It was understood, and cannot be expressed."""

    what: str


_NUMBER = r"(?P<n>\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|a hundred|hundred)"
_ARTICLE = r"(?:(?:a|an|any|the|some|each|every|new|my|our|his|her|their|another|incoming)\s+)*"
_REPORTED = (
    r"(?:comes?\s+in|is\s+(?:placed|made|created|received|submitted|posted|left|written"
    r"|published)|shows?\s+up|arrives?|gets\s+(?:placed|posted|left)|lands?|appears?|was\s+(?:placed"
    r"|left))"
)

_TRIGGERS: tuple[tuple[On, str], ...] = (
    ("back_in_stock", (
        r"(?:(?:comes?|is|are|gets?|goes)\s+)?(?:back|available\s+again)\s*(?:in\s+stock|on\s+the\s+shelf"
        r"|in)?\b(?<!go back)|\b(?:is|are|gets?)\s+restocked|\bavailable\s+again"
        )),
    ("sold_out", (
        r"(?:(?:is|are|goes|go|gets?|runs?|being)\s+)?(?:completely\s+)?(?:out\s+of\s+stock"
        r"|sold[\s-]out)|sells?\s+out|runs?\s+out(?:\s+of\s+stock)?|(?:stock|inventory)\s+(?:is"
        r"|hits|reaches|drops\s+to|falls\s+to|runs)\s+(?:0|zero|nothing|out)|(?:hits|reaches)\s+zero"
        )),
    ("stock_below", (
        rf"(?:(?:stock|inventory|units?|quantity|levels?|count)\s+)?(?:on\s+hand\s+)?(?:is|are"
        rf"|falls?|drops?|goes|go|gets?|dips?|runs?|sinks?|has|have|there\s+(?:is|are))?\s*(?:only\s+)?(?P<how>at\s+or\s+below"
        rf"|below|under|less\s+than|fewer\s+than|beneath|down\s+to|to|at\s+most|at|hits?|reach(?:es)?)\s+{_NUMBER}(?:\s+(?:units?"
        rf"|pieces?|items?|pcs))?(?:\s+(?:left|remaining|in\s+stock|on\s+hand|or\s+(?:less|fewer"
        rf"|below)))*"
        )),
    ("order_refunded", (
        rf"(?:{_ARTICLE}orders?\s+)?(?:is|are|gets?|being)\s+(?:partly\s+|partially\s+|fully\s+)?refunded"
        rf"|{_ARTICLE}refunds?(?:\s+(?:is|are|gets?)\s+(?:issued|made|given|processed)|\s+(?:comes?"
        rf"|goes)\s+(?:in|out|through))|\b(?:i|we|someone)\s+refunds?\s+{_ARTICLE}orders?"
        )),
    ("order_fulfilled", (
        rf"(?:{_ARTICLE}orders?\s+)?(?:is|are|gets?|has\s+been)\s+(?:fulfilled|shipped|dispatched"
        rf"|sent(?:\s+out)?)|{_ARTICLE}orders?\s+ships"
        )),
    ("order_paid", (
        rf"(?:{_ARTICLE}orders?\s+)?(?:is|are|gets?|has\s+been)\s+paid(?:\s+for)?|{_ARTICLE}payments?\s+(?:comes?\s+in"
        rf"|is\s+received|arrives?|goes\s+through)"
        )),
)  # fmt: skip
_LATER: tuple[tuple[On, str], ...] = (
    ("review_received", (
        rf"(?:(?:some(?:one|body)|any(?:one|body)|{_ARTICLE}(?:customers?|buyers?|shoppers?"
        rf"|people))\s+)?(?:(?:leaves?|writes?|posts?|gives?|submits?)(?:\s+(?:us|me))?|(?:we"
        rf"|i|there)\s+(?:get|receive|is|are)|gets?|receives?|of)?\s*{_ARTICLE}(?P<kind>(?:\d"
        rf"|one|two|three|four|five)[\s-]?stars?\s+|bad\s+|negative\s+|poor\s+|critical\s+|good\s+"
        rf"|positive\s+|great\s+|glowing\s+)?(?:product\s+)?(?:reviews?|ratings?)(?:\s+{_REPORTED})?"
        )),
    ("message_received", (
        rf"(?:{_ARTICLE}(?:customers?|buyers?)\s+)?(?:(?:sends?|writes?)\s+)(?:(?:us|me|in|to\s+us)\s*)?(?:{_ARTICLE}(?:messages?"
        rf"|e-?mails?|questions?))?|{_ARTICLE}(?:customer(?:'s)?\s+)?(?:messages?|e-?mails?"
        rf"|questions?|inquir(?:y|ies)|enquir(?:y|ies))(?:\s+from\s+{_ARTICLE}customers?)?\s+{_REPORTED}"
        rf"|(?:we|i)\s+(?:get|receive)s?\s+{_ARTICLE}(?:messages?|e-?mails?|questions?)|(?:a|any)\s+customer\s+(?:contacts\s+us|asks\s+(?:us\s+)?(?:something|a\s+question))"
        )),
    ("new_customer", (
        rf"(?:there\s+is\s+)?(?:an?\s+|any\s+|every\s+|each\s+|all\s+|the\s+)?new\s+(?:customers?"
        rf"|signups?|sign-ups?|subscribers?)(?:\s+(?:signs?\s+up|registers?|joins?|creates?\s+an\s+account"
        rf"|appears?|comes?\s+in))?|(?:some(?:one|body)|any(?:one|body)|{_ARTICLE}(?:customers?"
        rf"|people|shoppers?))\s+(?:signs?\s+up|registers?|joins?|creates?\s+an\s+account)"
        )),
    ("order_placed", (
        rf"(?:(?:some(?:one|body)|any(?:one|body)|{_ARTICLE}(?:customers?|buyers?|shoppers?"
        rf"|people|clients?))\s+)?(?:(?:places?|makes?|submits?|puts?\s+in)\s+)?(?:(?:we|i)\s+(?:get"
        rf"|receive)\s+)?{_ARTICLE}(?:(?:big|large|high-value)\s+)?(?:orders?|purchases?|sales?)(?:\s+(?:contains?"
        rf"|includes?|has|have|with))?(?:\s+{_REPORTED})?|(?:some(?:one|body)|any(?:one|body)"
        rf"|{_ARTICLE}(?:customers?|buyers?|shoppers?|people|clients?))\s+(?:orders?|buys?|purchases?"
        rf"|spends?)"
        )),
)  # fmt: skip

_NOUNS_ALONE: tuple[tuple[On, str], ...] = (("message_received", r"\bcustomer(?:'s)?\s+(?:messages?|e-?mails?)"),)

_FORBIDDEN: tuple[tuple[str, str], ...] = (
    (r"\b(?:re-?order(?:ing|s)?|order\s+more|buy\s+more|purchase\s+order)", "order from a supplier"),
    (r"\brefund\s+(?:it|them|the|him|her)", "refund by itself"),
    (r"\bcancel\s+(?:it|them|the|that)", "cancel orders by itself"),
    (r"\b(?:fulfil|ship|dispatch)\s+(?:it|them|the|that)", "send parcels by itself"),
    (
        r"\b(?:raise|lower|reduce|increase|drop|cut|change|set)\s+(?:its|the|their)?\s*prices?\b"
        r"|\bmark\s+(?:it|them)\s+down\b|\bdiscount\s+(?:it|them|the)\b"
, "change prices by itself"),
    (r"\b(?:give|send|create|make|offer)\s+(?:\w+\s+){0,3}(?:discount|coupon|voucher|gift\s+card)s?\b", "give discounts by itself"),
    (r"\b(?:post|tweet|share)\s+(?:it\s+|them\s+|that\s+)?(?:on|to)\s+(?:instagram|facebook|twitter|tiktok|x)\b", "post to social media"),
    (r"\b(?:abandon(?:ed|s)?\s+(?:\w+\s+)?(?:carts?|checkouts?|baskets?)|cart\s+is\s+abandoned)", "see abandoned carts"),
    (r"\b(?:wait|after|in)\s+(?:\d+|one|two|three|a|an|few)\s+(?:minutes?|hours?|days?|weeks?)(?:\s+later)?\b", "wait between steps"),
    (r"\b(?:birthday|anniversary)", "know birthdays"),
    (r"\bdelete\s+(?:it|them|the|that)\b", "delete things by itself"),
    (
        r"\b(?:sales?|revenue|traffic|conversion)\s+(?:drops?|falls?|goes|rises?|increases?"
        r"|is|are|hits?)\b"
, "watch figures (a schedule can report them every day)"),
)  # fmt: skip

_LEAD = re.compile(
    r"^\W*(?:(?:please|can\s+you|could\s+you|i(?:'d|\s+would)?\s+(?:like|want|need)(?:\s+you)?(?:\s+to)?|also|and|then|hey|hi|ok|let's|now)\W+)*"
    r"(?:(?:create|set\s+up|build|make|add|set|define|write|configure|i\s+want)\s+(?:me\s+)?(?:an?"
    r"|the|another|new)?\s*(?:new\s+)?(?:(?:low\s+stock|stock|email|customer|order|review)\s+)?"
    r"(?:automations?|workflows?|rules?|flows?|triggers?|alerts?|notifications?)\b(?:\s+(?:so\s+)?(?:that"
    r"|which|where|to|for\s+me|for\s+when|for|:))*\W*)?(?:automatically\s+)?",
    re.I,
)
_NAMED = re.compile(
    r"[,\s]*(?:\b(?:and\s+)?(?:call|name)\s+it|\b(?:called|named|titled))\s+(?:[\"“'‘](?P<quoted>[^\"”'’]+)[\"”'’]"
    r"|(?P<plain>[\w][\w -]{0,60}?))(?=\s*(?:[:;,.]|\bthat\b|\bwhich\b|\bwhen|\bif\b|$))",
    re.I,
)
_ALERT = re.compile(r"\b(?:alerts?|warnings?|watch)\b", re.I)
_LOW = re.compile(
    r"\b(?:(?:is|are|gets?|runs?|running|getting|goes)\s+low(?:\s+(?:on|in)\s+(?:stock"
    r"|inventory))?|low[\s-](?:on[\s-])?(?:stock|inventory)|stock\s+(?:is\s+|gets\s+|runs\s+)?low"
    r"|nearly\s+out)\b",
    re.I,
)

_IT = (
    r"(?:(?:the|that|those|these|such|each|every|all)\s+(?:new\s+)?(?P<to>orders?|customers?|products?|items?|variants?|reviews?"
    r"|messages?|buyers?|person|shoppers?|goods)|(?:new\s+)?(?P<to2>orders?|customers?|products?)"
    r"|it|them|him|her|this|that|these|those)"
)
_WORD = (
    r"(?:[\"“'‘][^\"”'’]{1,60}[\"”'’]|(?!(?:it|them|him|her|the|a|an|and|to|as|with|on"
    r"|for|when|if|that|this|tag|who|by|every|each|automatically)\b|new\s+(?:customers?"
    r"|orders?|products?))[\w#&/+][\w#&/+-]*)"
)
_TAG = re.compile(
    rf"\b(?:(?:(?:tag|label|flag|mark)(?:s|ging)?|makes?(?=\s+(?:them|him|her)\s))\s+(?:{_IT}\s+)?(?:(?:as|with|by|=|:)\s+)?(?:(?:a"
    rf"|an|the)\s+)?(?:tag\s+)?(?P<tag>{_WORD})(?:\s+as\s+(?P<as>{_WORD}))?(?:\s+customers?(?=\W"
    rf"|$))?"
    rf"|(?:add|put|apply|give|assign)s?\s+(?:{_IT.replace('to>', 'to3>').replace('to2>', 'to4>')}\s+)?(?:a"
    rf"|an|the)?\s*(?:(?:tag|label)\s+(?:called\s+)?(?P<tag2>{_WORD})|(?P<tag3>{_WORD})\s+(?:tag"
    rf"|label))(?:\s+(?:to|on)\s+{_IT.replace('to>', 'to5>').replace('to2>', 'to6>')})?)",
    re.I,
)
_UNTAG = re.compile(
    rf"\b(?:remove|take\s+off|drop|strip)s?\s+(?:the\s+)?(?:tag\s+(?P<tag>{_WORD})|(?P<tag2>{_WORD})\s+tag)(?:\s+(?:from|off|of)\s+{_IT})?", re.I
)
_HIDE = re.compile(
    rf"\b(?:hide|unpublish|deactivate|disable|unlist)(?:s|es|ing)?(?:\s+{_IT})?(?:\s+from\s+(?:the\s+)?(?:shop"
    rf"|store|site|storefront|sale))?|\btake(?:s|ing)?\s+{_IT.replace('to>', 'to3>').replace('to2>', 'to4>')}\s+(?:down"
    rf"|offline|off\s+(?:the\s+)?(?:shop|store|site))",
    re.I,
)
_PUBLISH = re.compile(
    rf"\b(?:publish|unhide|relist|reactivate|activate|re-?publish|show)(?:s|es|ing)?\s+{_IT}(?:\s+again)?"
    rf"|\b(?:put|make)s?\s+{_IT.replace('to>', 'to3>').replace('to2>', 'to4>')}\s+(?:back\s+(?:online"
    rf"|up)|online|live|visible|available)(?:\s+again)?",
    re.I,
)
_SAYING = (
    r"(?:\s+(?:saying|that\s+says|telling\s+(?:them|him|her)|to\s+(?:say|tell\s+(?:them"
    r"|him|her)))\s*:?\s*(?:that\s+)?(?:[\"“‘'](?P<said>[^\"”’]+)[\"”’']|(?P<plain>[^,.;]+?))(?=\s+(?:and"
    r"|then)\s+(?:notify|tell|tag|let|hide|alert)|[,.;]|$))?"
)
_DRAFT = re.compile(
    rf"\b(?:(?:draft|write|prepare|compose|create)s?\s+(?:me\s+|us\s+|them\s+|him\s+|her\s+)?(?:an?"
    rf"|the|my)?\s*(?:(?:public|short|friendly|nice|kind|polite|personal|thank[\s-]you|welcome"
    rf"|apology)\s+)*(?:draft\s+)?(?:reply|replies|responses?|answers?|messages?|e-?mails?"
    rf"|notes?)|(?:reply|respond)s?(?=\W|$)|(?:send|e-?mail|write|message|thank)\s+(?:it"
    rf"|them|him|her|the\s+customer|the\s+buyer|customers?)(?:\s+(?:an?|the)\s+(?:(?:thank[\s-]you"
    rf"|welcome|apology|personal)\s+)?(?:reply|messages?|e-?mails?|notes?))?)"
    rf"(?:\s+(?:to|for)\s+(?:it|them|him|her|(?:the|that)\s+(?:review|customer|message|buyer|order|e-?mail|question)))?{_SAYING}",
    re.I,
)
_ASK = re.compile(r"\brun\s+(?:the\s+(?:saved\s+)?(?:request|prompt)\s+)?(?:[\"“‘'](?P<said>[^\"”’]+)[\"”’'])", re.I)
_NOTIFY = re.compile(
    r"\b(?:(?:notif(?:y|ies|ying)|alert|tell|inform|ping|warn|remind|e-?mail|message|text|slack|call)(?:s"
    r"|ing)?\s+(?:me|us|the\s+(?:team|owner|staff)|my\s+team|everyone|staff)|let(?:s|ting)?\s+(?:me"
    r"|us|my\s+team|the\s+team)\s+know"
    r"|(?:send|give|drop)s?\s+(?:me|us|my\s+team|the\s+team)\s+(?:an?\s+)?(?:e-?mail|message"
    r"|notification|alert|note|warning|text|heads[\s-]up|reminder|ping)|(?:create|add|make"
    r"|open)s?\s+(?:me\s+)?a\s+(?:task|note|to-?do|reminder|notification)(?:\s+for\s+(?:me"
    r"|us|the\s+team))?"
    r"|(?:set|send|raise)\s+(?:up\s+)?an?\s+(?:alert|notification)|i\s+want\s+to\s+(?:know|be\s+(?:told|notified))|notify|alert)\b"
    r"(?:\s+(?:about\s+it|of\s+(?:it|that)|by\s+e-?mail|via\s+e-?mail|in\s+the\s+panel"
    r"|by\s+webhook))*(?:\s+(?:saying|with(?:\s+the\s+(?:text|words))?|that\s+says|:)\s+[\"“‘'](?P<said>[^\"”’]+)[\"”’'])?",
    re.I,
)
_FIRST = re.compile(
    r"\b(?:for\s+the\s+first\s+time|(?:(?:their|his|her|a|the)\s+)?(?P<nth>first|second"
    r"|third|fourth|fifth|tenth|\d+(?:st|nd|rd|th))(?:[\s-]time)?\s+(?P<what>orders?|purchases?"
    r"|customers?|buyers?|time))\b",
    re.I,
)
_RETURNING = re.compile(r"\b(?:returning|repeat|existing|loyal)\s+(?:customers?|buyers?)\b", re.I)
_MADE = re.compile(
    rf"\b(?:who\s+(?:has|have)\s+|(?:has|have|with)\s+)?(?:placed\s+|made\s+)?(?P<how>more\s+than"
    rf"|over|at\s+least|fewer\s+than|less\s+than|under|at\s+most|exactly)\s+{_NUMBER}\s+(?:orders"
    rf"|purchases)\b",
    re.I,
)
_UNITS = re.compile(
    rf"\b(?:with\s+|of\s+|has\s+)?(?P<how>more\s+than|over|at\s+least|fewer\s+than|less\s+than"
    rf"|under|at\s+most)\s+{_NUMBER}\s+(?:items?|units?|pieces?|products?|articles?)\b",
    re.I,
)
_STARS = re.compile(
    r"\b(?:with\s+|of\s+|rated\s+|has\s+|is\s+|gives?\s+(?:it\s+|us\s+)?|gets?\s+)?(?:(?P<how>at\s+most"
    r"|at\s+least|under|below|fewer\s+than|less\s+than|more\s+than|over|above|only|just)\s+)?"
    r"(?P<n>[1-5]|one|two|three|four|five)(?:\s*(?:or|to|-)\s*(?P<m>[1-5]|two|three|four"
    r"|five))?[\s-]?stars?(?:\s+(?:or|and)\s+(?P<tail>less|fewer|lower|below|under|more"
    r"|higher|better|up|above))?\b",
    re.I,
)
_MOOD = re.compile(
    r"\b(?:(?P<bad>bad|negative|poor|critical)|(?P<good>good|positive|great|glowing))\s+(?=(?:product\s+)?(?:reviews?|ratings?))", re.I
)
_CUSTOMER_TAG = re.compile(
    rf"\b(?:(?:from|by|of|for)\s+)?(?:(?:a|an|any|the)\s+)?(?:(?P<before>{_WORD})\s+(?:customers?"
    rf"|buyers?|members?)|(?:customers?|buyers?|someone|people|who|they)\s+(?:(?:is|are"
    rf"|who\s+(?:is|are))\s+)?(?:tagged|with\s+the\s+tag|has\s+the\s+tag|have\s+the\s+tag)\s+(?:as\s+"
    rf"|with\s+)?(?P<after>{_WORD}))",
    re.I,
)
_ITS_TAG = re.compile(
    rf"\b(?:(?:products?|items?|something|anything|goods|it)\s+)?(?:(?:is|are|that\s+(?:is"
    rf"|are))\s+)?(?:tagged|with\s+the\s+tag)\s+(?:as\s+|with\s+)?(?P<tag>{_WORD})",
    re.I,
)
_SAYS = re.compile(
    r"\b(?:(?:that|which|and|it)\s+)*(?:mention(?:s|ing)?|contain(?:s|ing)?(?:\s+the\s+words?)?"
    r"|says?|with\s+the\s+words?|includ(?:es|ing)\s+the\s+words?|asks?\s+about|complain(?:s"
    r"|ing)?\s+about|about)\s+(?:the\s+words?\s+)?"
    r"(?P<words>[\"“‘'][^\"”’]+[\"”’'](?:\s*(?:,|or)\s*[\"“‘'][^\"”’]+[\"”’'])*|(?!(?:it|that)\b)[\w-]+(?:\s+or\s+[\w-]+)*)",
    re.I,
)
_SOMEONE = re.compile(r"\b(?:customers?|buyers?|shoppers?|some(?:one|body)|any(?:one|body)|people)\b", re.I)
_JOINING = frozenset(
    {
        "watch", "keep", "eye", "warn",
        "a", "an", "the", "and", "or", "then", "when", "whenever", "if", "once", "as", "soon", "time", "every", "each", "any", "all", "is", "are",
        "it", "its", "it's", "them", "that", "this", "those", "these", "to", "of", "for", "on", "in", "by", "with", "me", "us", "my", "our",
        "please", "also", "automatically", "so", "which", "who", "there", "new", "at", "from", "where", "just", "always", "should", "would", "i",
        "want", "you", "can", "make", "sure", "do", "be", "was", "has", "have", "get", "gets", "their", "they", "after", "him", "her", "product",
        "products", "item", "items", "something", "anything", "stock", "inventory", "goes", "go", "comes", "come", "total", "worth", "value",
        "amount", "someone", "anyone", "customer", "customers", "order", "orders", "moment", "happens", "case", "shop", "store", "about", "he",
        "she", "we", "own", "number", "units", "unit", "left", "placed", "buyer", "rule", "automation", "workflow", "happen", "variant", "variants",
        "review", "reviews", "message", "messages", "people", "place", "places", "made", "placing", "immediately", "right", "away", "straight",
        "too", "both", "alert", "alerts", "level", "levels",
    }
)  # fmt: skip


Acting = tuple[str, str | None, list[str], str]
"""Kind of action, the noun or pronoun it is done to, tags, words."""


@dataclass(slots=True)
class _Said:
    """The text with what was understood of it blanked out, so that places stay where they were."""

    text: str
    left: str = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.text

    def take(self, pattern: re.Pattern[str] | str, *, flags: int = re.I) -> re.Match[str] | None:
        found = re.search(pattern, self.left, flags) if isinstance(pattern, str) else pattern.search(self.left)
        if found is not None and found[0].strip():
            self.use(*found.span())
            return found
        return None

    def use(self, start: int, end: int) -> None:
        self.left = self.left[:start] + " " * (end - start) + self.left[end:]

    def rest(self) -> list[str]:
        """Stretches that mean something and were not understood."""
        found = []
        for stretch in re.split(r"\s{2,}|[,.;:!?()]+", self.left):
            words = [w for w in re.findall(r"[\w'’%€$£-]+", stretch) if w.casefold() not in _JOINING]
            if words:
                found.append(" ".join(stretch.split()))
        return found


def name_in(text: str) -> tuple[str | None, str]:
    """What an automation is to be called, where that is said, and the rest of the text."""
    found = _NAMED.search(text)
    if found is None:
        return None, text
    return (found["quoted"] or found["plain"]).strip(), f"{text[: found.start()].rstrip()} {text[found.end() :].lstrip()}".strip()


def rule_in(text: str, names: Names, *, currency: str) -> Understood | Unsaid | Cannot:
    """What the words mean as a rule.

    Args:
        names: What the shop's goods and tags are called.
        currency: Of amounts said without one.
    """
    for pattern, what in _FORBIDDEN:
        if re.search(pattern, text, re.I):
            return Cannot(f"An automation cannot {what}; {CAN}.")
    if odd := odd_time(text):
        return Cannot(f"“{odd}” is no rhythm that can be kept; every hour, day, week, month, quarter or year can.")
    return _Reader(text, names, currency).read()


def parts_in(text: str, names: Names, *, currency: str, on: On) -> tuple[dict[str, Any], list[Act], str]:
    """Conditions and actions said of a rule that is there, and the currency of the amount."""
    reader = _Reader(text, names, currency)
    reader._conditions_first()
    acts = [_act(do, noun, tags, words, on) for do, noun, tags, words in reader._acts() if on != "time"]
    reader._customer()
    reader._conditions(Trigger(on=on, stock=1 if on == "stock_below" else None, rhythm=Rhythm(every="day") if on == "time" else None))
    return reader.only, acts, reader.counted_in


class _Reader:
    """One reading of one text."""

    def __init__(self, text: str, names: Names, currency: str) -> None:
        lead = _LEAD.match(text)
        self.alert = lead is not None and _ALERT.search(lead[0]) is not None
        self.low = lead is not None and _LOW.search(lead[0]) is not None
        self.said = _Said(text[lead.end() :] if lead is not None and not self._is_all(text, lead) else text)
        self.names, self.currency = names, currency
        self.only: dict[str, Any] = {}
        self.counted_in = currency
        self.acts: list[Acting] = []

    @staticmethod
    def _is_all(text: str, lead: re.Match[str]) -> bool:
        return lead.end() >= len(text.rstrip(" .!?"))

    def read(self) -> Understood | Unsaid | Cannot:
        saved = _ASK.search(self.said.left)
        if saved is not None:
            self.said.use(*saved.span())
        self._conditions_first()
        acts = self.acts = self._acts()
        if saved is not None:
            acts.append(("ask", None, [], saved["said"].strip()))
        self._customer()
        when = self._trigger()
        if isinstance(when, Unsaid):
            return when
        if when is None:
            return self._timed(acts)
        self._conditions(when)
        return self._made(when, acts)

    # conditions that would be mistaken for something else later

    def _conditions_first(self) -> None:
        if (amount := next(amounts(self.said.left, self.currency), None)) is not None:
            self.only["order_total"], self.counted_in = amount.value, amount.currency
            self.said.use(amount.start, amount.end)
        for code, start, end in list(self.names.countries_in(self.said.left)):
            self.said.use(start, end)
            self.only.setdefault("countries", []).append(code)
        for named in list(_CUSTOMER_TAG.finditer(self.said.left)):
            tag = (named["after"] or named["before"]).strip("\"“”'‘’")
            if named["after"] or (self.names.is_tag(tag) and not re.search(r"\btag\s+$", self.said.left[: named.start()], re.I)):
                self.said.use(*named.span())
                self.only.setdefault("customer_tags", []).append(tag)
        if (found := self.said.take(_UNITS)) is not None and not re.search(
            r"stock|left|inventory", self.said.text[found.end() : found.end() + 12], re.I
        ):
            self.only["units"] = _between(found["how"], number_of(found["n"]))
        elif found is not None:  # "fewer than 5 units in stock" is what starts the rule
            self.said.left = self.said.left[: found.start()] + self.said.text[found.start() : found.end()] + self.said.left[found.end() :]
        if (found := self.said.take(_MADE)) is not None:
            self.only["customer_orders"] = _between(found["how"], number_of(found["n"]))
        if re.search(r"\b(?:reviews?|messages?|e-?mails?|questions?)\b", self.said.left, re.I) and (found := self.said.take(_SAYS)) is not None:
            self.only["words"] = [w.strip(" \"“”'‘’") for w in re.split(r"\s*,\s*|\s+or\s+", found["words"])]
        self._stars()

    def _stars(self) -> None:
        if (found := self.said.take(_STARS)) is not None:
            n, m = number_of(found["n"]), number_of(found["m"]) if found["m"] else None
            how = (found["how"] or found["tail"] or "").lower()
            if m is not None:
                self.only["stars"] = Between[int](at_least=min(n, m), at_most=max(n, m))
            elif how in ("less", "fewer", "lower", "below", "under") and found["tail"]:
                self.only["stars"] = Between[int](at_most=n)
            elif how in ("more", "higher", "better", "up", "above") and found["tail"]:
                self.only["stars"] = Between[int](at_least=n)
            else:
                self.only["stars"] = Between[int](at_least=n, at_most=n) if how in ("", "only", "just") else _between(how, n)
        elif (mood := self.said.take(_MOOD)) is not None:
            self.only["stars"] = Between[int](at_most=2) if mood["bad"] else Between[int](at_least=4)

    # what is to be done

    def _acts(self) -> list[Acting]:
        """Kind of action, the noun it is done to where one is said, tags, words; in the order said."""
        found: list[tuple[int, str, str | None, list[str], str]] = []
        for do, pattern in (("untag", _UNTAG), ("notify", _NOTIFY), ("draft", _DRAFT), ("tag", _TAG), ("hide", _HIDE), ("publish", _PUBLISH)):
            while (m := self.said.take(pattern)) is not None:
                groups = m.groupdict()
                noun = next((groups[g] for g in ("to", "to2", "to3", "to4", "to5", "to6") if groups.get(g)), None)
                if noun is None and re.search(r"\b(?:them|him|her)\b", m[0], re.I) and _SOMEONE.search(self.said.text):
                    noun = "customer"
                tag = groups.get("as") or next((groups[g] for g in ("tag", "tag2", "tag3") if groups.get(g)), None)
                said = (groups.get("said") or groups.get("plain") or "").strip()
                found.append((m.start(), do, noun, [tag.strip("\"“”'‘’")] if tag else [], said))
        found.sort(key=lambda one: one[0])
        return [(do, noun, tags, said) for _, do, noun, tags, said in found]

    # when

    def _trigger(self) -> Trigger | Unsaid | None:
        if re.search(
            r"\b(?:stock|inventory|units?|left|products?|items?|variants?|below|under|falls?|drops?)\b", self.said.left, re.I
        ) or self.names.any_in(self.said.left):
            spots = _TRIGGERS
        else:
            spots = tuple(pair for pair in _TRIGGERS if pair[0] not in ("stock_below",))
        for on, pattern in spots:
            found = self.said.take(pattern)
            if found is not None:
                return self._stock(found) if on == "stock_below" else Trigger(on=on)
        if self.low or self.said.take(_LOW) is not None:
            number = self.said.take(rf"\b(?:at|of|from|below|under|to)\s+{_NUMBER}\b(?:\s+units?)?")
            return (
                Trigger(on="stock_below", stock=max(1, number_of(number["n"]))) if number else Unsaid("Below how many units does stock count as low?")
            )
        for on, pattern in _LATER:
            if self.said.take(pattern) is not None:
                return Trigger(on=on)
        # What is tagged or hidden may be all that says when: "tag new customers", "hide sold-out products".
        for on, pattern in (*_NOUNS_ALONE, *_TRIGGERS[:2], *(pair for pair in _LATER if pair[0] != "message_received")):
            if re.search(pattern, self.said.text, re.I):
                return Trigger(on=on)
        if "customer_orders" in self.only or _FIRST.search(self.said.left):
            return Trigger(on="order_placed")
        if "stars" in self.only:
            return Trigger(on="review_received")
        return Trigger(on="order_placed") if "order_total" in self.only else None

    @staticmethod
    def _stock(found: re.Match[str]) -> Trigger:
        n, how = number_of(found["n"]), " ".join(found["how"].lower().split())
        inclusive = how in ("at or below", "down to", "to", "at most", "at", "hit", "hits", "reach", "reaches") or re.search(
            r"or\s+(?:less|fewer|below)", found[0], re.I
        )
        return Trigger(on="stock_below", stock=max(1, n + (1 if inclusive else 0)))

    def _timed(self, acts: Sequence[Acting]) -> Understood | Unsaid | Cannot:
        """A rule that starts at a time: all but the time is a request that is run."""
        when = time_in(self.said.text)
        if when is None and self.alert and self.names.any_in(self.said.text):
            return Unsaid("Below how many units of stock should it tell you?")
        if when is None:
            return Unsaid(
                "When should it happen: when an order, a review or a message comes in, stock falls below a number, a customer is new, or at a time?"
            )
        asked = [text for do, _, _, text in acts if do == "ask"]
        if not asked:
            left = _Said(self.said.text)
            for start, end in when.spans:
                left.use(start, end)
            words = " ".join(left.left.split()).strip(" ,;:.")
            asked = [re.sub(r"^(?:and|then|please)\s+", "", words, flags=re.I)] if words else []
        if not asked:
            return Unsaid("What should be done then?")
        return Understood(Rule(when=Trigger(on="time", rhythm=when.rhythm), then=[Act(do="ask", text=request) for request in asked]))

    # if

    def _conditions(self, when: Trigger) -> None:
        about = SUBJECTS[when.on]
        if about & {"review", "message"} and (found := self.said.take(_SAYS)) is not None:
            self.only["words"] = [w.strip(" \"“”'‘’") for w in re.split(r"\s*,\s*|\s+or\s+", found["words"])]
        if "product" in about:
            if "customer_tags" not in self.only and (found := self.said.take(_ITS_TAG)) is not None:
                self.only["product_tags"] = [found["tag"].strip("\"“”'‘’")]
            for name, value, start, end in self.names.goods_in(self.said.left):
                self.said.use(start, end)
                if name == "products":
                    self.only.setdefault("products", {}).update(value)
                else:
                    self.only.setdefault(name, []).extend(value)

    def _customer(self) -> None:
        if self.said.take(_RETURNING) is not None:
            self.only["customer_orders"] = Between[int](at_least=2)
        elif (found := self.said.take(_FIRST)) is not None:
            n = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "tenth": 10}.get((found["nth"] or "first").lower()) or int(
                re.sub(r"\D", "", found["nth"])
            )
            self.only["customer_orders"] = Between[int](at_least=n, at_most=n)

    # together

    def _made(self, when: Trigger, acts: Sequence[Acting]) -> Understood | Unsaid | Cannot:
        if not acts and (self.alert or when.on == "stock_below"):
            acts = [("notify", None, [], "")]
        if not acts:
            return Unsaid(
                f"What should be done {str(when)[0].lower()}{str(when)[1:]}: tag, hide or publish "
                f"something, draft a message, notify you, or run a request?"
            )
        if rest := self.said.rest():
            return Unsaid(f"What does “{rest[0]}” mean here? The rule would be: {str(when)}. Say it in other words, or leave it out.")
        if self.counted_in != self.currency:
            return Cannot(f"This shop counts in {self.currency}, not in {self.counted_in}; say the amount in {self.currency}.")
        try:
            then = [_act(do, noun, tags, text, when.on) for do, noun, tags, text in acts]
            return Understood(Rule(when=when, only=Condition(**self.only), then=then))
        except ValidationError as error:
            why = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
            return Cannot(f"That cannot be done: {why}; {CAN}.")


_NOUNS: dict[str, Subject] = {
    "order": "order", "customer": "customer", "buyer": "customer", "person": "customer", "shopper": "customer", "product": "product",
    "item": "product", "variant": "product", "good": "product", "review": "review", "message": "message",
}  # fmt: skip
_MAIN: dict[On, Subject] = {
    "order_placed": "order", "order_paid": "order", "order_fulfilled": "order", "order_refunded": "order", "stock_below": "product",
    "sold_out": "product", "back_in_stock": "product", "new_customer": "customer", "review_received": "review", "message_received": "message",
}  # fmt: skip


def _act(do: str, noun: str | None, tags: list[str], text: str, on: On) -> Act:
    if do in ("notify", "ask"):
        return Act(do=do, text=text)
    main = _MAIN[on]
    to = _NOUNS.get(noun.lower().rstrip("s")) if noun else None
    if to is None and do in ("tag", "untag"):
        to = "product" if main == "review" else "customer" if main == "message" else main
    if to is None and do in ("hide", "publish"):
        to = "review" if main == "review" else "product"
    return Act(do=do, to=to or main, tags=tags, text=text)


def _between(how: str, n: int) -> Between[int]:
    how = " ".join(how.lower().split())
    if how in ("more than", "over", "above"):
        return Between[int](above=n)
    if how in ("fewer than", "less than", "under", "below"):
        return Between[int](below=n)
    if how == "exactly":
        return Between[int](at_least=n, at_most=n)
    return Between[int](at_least=n) if how == "at least" else Between[int](at_most=n)

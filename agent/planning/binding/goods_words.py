"""Words of the trade around goods, which are no part of their names."""

from __future__ import annotations

import re

from agent.planning.language.fragments import OUR
from agent.planning.language.sparing import LEAVE, LEAVING_OUT
from agent.planning.language.values import Number, Share, Spot, Until, Words

LEFT_OUT_BY = re.compile(
    rf",?\s*\b(?:{LEAVING_OUT}|{LEAVE}|without(?=\s+(?:the|our)\s+(?!(?:new|old|right|tags?|labels?|photos?|images?|pictures?|descriptions?|minimum|shipping|postage)\b))|(?<=,\s)(?:just\s+|only\s+)?not(?=\s+(?:the|our|my|any)\b)"
    r"|(?:(?:that|which)\s+)?(?:(?:are|is)\s+not|aren[’']?t|isn[’']?t|not)\s+(?:yet\s+|already\s+|currently\s+)?"
    r"(?:in(?!\s+(?:any|a|stock)\b)|part\s+of|(?=tagged\b)))\s+(?:(?:for|on|from|of)\s+(?=the\b|our\b|all\b|any\b))?",
    re.I,
)


EVERYTHING = re.compile(
    r"\b(?:everything|all\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?(?:products?|items?|goods)|every\s+(?:product|item)"
    r"|the\s+(?:whole|entire)\s+(?:shop|store|catalogue|catalog)"
    rf"|(?:(?:all|{OUR})\s+)*(?:draft|archived|unpublished|hidden|active|out[\s-]of[\s-]stock|sold[\s-]out)\s+(?:products?|items?|goods))\b",
    re.I,
)


NO_GOODS = frozenset(
    [
        "price", "prices", "sale", "sales", "stock", "new", "set", "order", "orders", "customer", "customers", "review", "reviews", "discount",
        "code", "revenue", "description", "descriptions", "tag", "tags", "title", "unit", "units", "show", "tell", "report", "list", "make",
        "change", "update", "add", "remove", "week", "month", "year", "day", "top", "best", "worst",
    ]
)  # fmt: skip
"""Words of the trade that are also in titles and tags; alone they name no product."""


ALL_PRICES = re.compile(r"\b(?:all|every|each)\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?prices?\b", re.I)


LEADING = re.compile(rf"(?:{OUR}|all|every|both)\s+", re.I)


def says_what_becomes(value: Spot) -> bool:
    """Whether it says how far goods are changed, or what is put on them: no record, and no more of which they are."""
    if isinstance(value, Words):
        return value.kind in ("tag", "value", "quoted", "money", "percent", "quantity", "period", "until")
    return isinstance(value, Number | Share | Until)


WHAT_LEADS = r"(?:(?:up|down|off|by|to|at|as|with|until|till|cheaper|dearer|each|[€$£])\s*)*"
"""Words between goods and how far they are changed, or what is put on them."""

"""Words of the trade around goods, which are no part of their names."""

from __future__ import annotations

import re

from agent.planning.language.sparing import LEAVE, LEAVING_OUT

LEFT_OUT_BY = re.compile(
    rf",?\s*\b(?:{LEAVING_OUT}|{LEAVE}"
    r"|(?:(?:that|which)\s+)?(?:(?:are|is)\s+not|aren[’']?t|isn[’']?t|not)\s+(?:yet\s+|already\s+|currently\s+)?"
    r"(?:in(?!\s+(?:any|a|stock)\b)|part\s+of|(?=tagged\b)))\s+",
    re.I,
)


EVERYTHING = re.compile(
    r"\b(?:everything|all\s+(?:of\s+)?(?:the\s+|our\s+|my\s+)?(?:products?|items?|goods)|every\s+(?:product|item)"
    r"|the\s+(?:whole|entire)\s+(?:shop|store|catalogue|catalog)"
    r"|(?:(?:all|the|our|my)\s+)*(?:draft|archived|unpublished|hidden|active|out[\s-]of[\s-]stock|sold[\s-]out)\s+(?:products?|items?|goods))\b",
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


LEADING = re.compile(r"(?:the|our|my|all|every|both)\s+", re.I)

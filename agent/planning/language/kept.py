"""What a change is told to leave as it is, or not to do, as it does anyway: "but leave the limit", "other sizes stay as they are", "no e-mail".

Only what is said of the records, such as their price or their dates, and the rest of them: goods and customers that are to be left alone
are left out of those that are meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.planning.language.values import Spot

_OF_THEM = (
    r"(?:(?:usage|use|spending|order)\s+)?limits?|(?:(?:end|start|expiry|expiration|closing|ship(?:ping)?|due)\s+)?dates?|expiry|(?:usage\s+)?counts?"
    r"|minimum(?:\s+(?:spend|order|value|basket))?|codes?|names?|titles?|(?:(?:current|normal|regular|selling|sale|sales)\s+)?prices?|pricing"
    r"|(?:compare[\s-]at|crossed[\s-]out)\s+prices?|cost(?:\s+prices?)?|costs|stock(?:\s+levels?)?|inventory|quantit(?:y|ies)"
    r"|descriptions?|texts?|tags?|labels?|urls?|handles?|links?|slugs?|photos?|pictures?|images?|percentages?|discounts?|values?|amounts?"
    r"|address(?:es)?|notes?|status(?:es)?|options?|variants?|sizes?|colou?rs?|categor(?:y|ies)|types?|vendors?|brands?|skus?|wording|layout|design"
)
_REST = (
    r"(?:(?:all|any|anything|every|everything|the|its|their|our|of|each)\s+)*"
    r"(?:rest|remaining(?:\s+ones)?|others?|other\s+(?:ones|sizes?|colou?rs?|variants?|versions?|products?|fields?|prices?|codes?|things?|tags?|orders?|conditions?|terms?)|else)"
)
_SO = (
    r"(?:\s+(?:exactly\s+)?(?:as\s+(?:it|they|is|are)(?:\s+(?:is|are|was|were))?(?:\s+now)?"
    r"|alone|unchanged|untouched|the\s+same|in\s+place|intact|please))*"
)
_LEADS = r"(?:(?:,\s*|[;–—-]\s+|\.\s+|\b)(?:(?:but|and)\s+)?(?:please\s+|just\s+)*)"
_KEEPS = re.compile(
    rf"{_LEADS}(?<![\w’'-])(?:(?:keep(?:ing)?|leav(?:e|ing)|don[’']?t\s+(?:touch|change)|do\s+not\s+(?:touch|change)|without\s+(?:touching|changing))\s+"
    rf"(?:(?:the|its|their|our|all|any|everything\s+else|same|existing|current|old(?=\s+(?:url|link|handle|name|title)))\s+)*(?:{_OF_THEM})"
    rf"|(?:keep(?:ing)?|leav(?:e|ing)|don[’']?t\s+(?:touch|change)|do\s+not\s+(?:touch|change)|without\s+(?:touching|changing))\s+(?:{_REST})){_SO}"
    r"(?=\s*(?:$|[,.;!?]|\band\b|\bbut\b))",
    re.I,
)
_STAYS = re.compile(
    rf"{_LEADS}(?:{_REST}|(?:the|its|their)\s+(?:{_OF_THEM}))\s+(?:(?:can|should|may|must|will)\s+)?(?:stays?|remains?|be\s+left)\b{_SO}(?=\s*(?:$|[,.;!?]|\band\b|\bbut\b))",
    re.I,
)
_GOODS = re.compile(
    rf"{_LEADS}(?:keep|leave|not)\s+(?:(?:the|its|their|all)\s+)*(?:products?|items?|goods)(?:\s+in\s+it)?{_SO}(?=\s*(?:$|[,.;!?]))", re.I
)

_WHOM = r"(?:the\s+|our\s+|any\s+)?(?:customers?|buyers?|clients?|shoppers?|people|anyone|anybody|her|him|them|any(?:\s+of\s+them)?)"
_MAIL = r"(?:e-?mails?|mails?|messages?|notifications?|notices?|texts?|sms)"
_TELLS_NOBODY = re.compile(
    rf"(?:,\s*|[;–—-]\s+|\b(?:but|and)\s+|\b(?=without\s+\w+ing\b|don[’']t\b|do\s+not\b|silently\b|quietly\b))(?:please\s+|just\s+)*(?:(?:and\s+)?(?:no|without(?:\s+an?(?:y)?)?)\s+{_MAIL}(?:\s+(?:to|for)\s+{_WHOM})?"
    rf"|(?:don[’']?t|do\s+not|no\s+need\s+to|never|without)\s+(?:e-?mail(?:ing)?|tell(?:ing)?|notify(?:ing)?|inform(?:ing)?|messag(?:e|ing)|contact(?:ing)?)\s+{_WHOM}(?:\s+(?:about\s+)?(?:it|this))?"
    rf"|(?:don[’']?t|do\s+not|without)\s+send(?:ing)?\s+(?:(?:an?|any|the|out)\s+)*{_MAIL}(?:\s+(?:to|for)\s+{_WHOM})?|(?:silently|quietly))(?:\s+please)?(?=\s*(?:$|[,.;!?]))",
    re.I,
)
"""A change writes to nobody anyway."""


def kept_as_it_is(text: str, start: int, end: int, *, of_a_list: bool = False, of_orders: bool = False) -> Iterator[Spot]:
    """Where something is told to stay as it is that a change leaves alone anyway; never where the change itself begins.

    Args:
        of_orders: It is orders that change, and whoever placed them is not to hear of it.
        of_a_list: What is changed holds goods and is not them: "delete the collection but keep the products".
    """
    for pattern in (_KEEPS, _STAYS, *((_TELLS_NOBODY,) if of_orders else ()), *((_GOODS,) if of_a_list else ())):
        for said in pattern.finditer(text, start, end):
            if text[start : said.start()].strip(" ,;.–—-"):
                yield Spot(start=said.start(), end=said.end())

"""Words of a change that were taken for something else than they say, so that what would be done is not what was said.

"Set the blanket 10 euros below the cushion" sets no price of 10, "put the mugs in Kitchen that are not in Sale" puts nothing into Sale, "but only 10
euros" is no part of why a refund is asked for. What is meant has no field; it is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.planning.binding.leftover import told_until
from agent.planning.binding.scope import GOODS, Bound, Scope
from agent.planning.language.values import Narrowing, Spot, Words
from agent.sdk import Money, Percent, Period


def misheard(bound: Bound, scope: Scope) -> list[Spot]:
    """The first of what was taken otherwise than it was said."""
    texts = [v for v in bound.piece.values.items if isinstance(v, Words) and v.kind == "quoted"]
    rules = (
        _than_another,
        _costing_now,
        _but_only,
        _several_codes,
        _as_well,
        _from_then,
        _as_this_and_as_that,
        _other_collection,
        _no_new_title,
        _sold_out_ones,
        _spared_by_state,
        _at_which_end,
        _who_ordered,
        _paid_then,
        _orders_from,
        _bought_is_no_tag,
        _untold,
        _not_today,
        _for_one_of_them,
        _more_than_so_much,
        _renamed_with_goods,
    )
    for said in (*(one for rule in rules for one in rule(bound)), *_those_of_them(bound, scope), *_sent_later(bound, scope)):
        if not any(said.overlaps(text) for text in texts):
            return [said]
    return []


def _found(pattern: re.Pattern[str], bound: Bound) -> Iterator[Narrowing]:
    for said in pattern.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        yield Narrowing(start=said.start(), end=said.end())


def _has(bound: Bound, *names: str) -> bool:
    return any(slot.name in names for slot in bound.task.slots)


_AMOUNT = r"(?:[€$£]\s?)?\d[\d.,]*\s?(?:euros?|eur|dollars?|usd|pounds?|gbp|cents?|percent|[€$£%])?"
_THAN = re.compile(
    rf"{_AMOUNT}\s+(?:(?:cheaper|dearer|lower|higher|less|more(?:\s+expensive)?)\s+than|(?:below|above|under|over))\s+(?:the|our|that|what|its|their)\b",
    re.I,
)


def _than_another(bound: Bound) -> Iterator[Narrowing]:
    """ "10 euros below the cushion", "2 euros cheaper than the green one", "10 below its old price"."""
    if any(isinstance(value, Money) for value in bound.args.values()) and bound.task.selecting(*GOODS) is not None:
        yield from _found(_THAN, bound)


_AT_NOW = re.compile(rf"\bat\s+{_AMOUNT}(?=\s+to\s+[€$£]?\s?\d)", re.I)


def _costing_now(bound: Bound) -> Iterator[Narrowing]:
    """ "All candles ‖ at 12 ‖ to 13" are not all candles."""
    if _has(bound, "variants") and "price" in bound.args:
        yield from _found(_AT_NOW, bound)


_BUT_ONLY = re.compile(rf"\bbut\s+(?:only|just)\s+{_AMOUNT}", re.I)


def _but_only(bound: Bound) -> Iterator[Narrowing]:
    """ "Refund it because it came late, ‖ but only 10 euros": all of it is not what is to be given back."""
    if bound.task.effect == "action" and _has(bound, "amount") and "amount" not in bound.args:
        yield from _found(_BUT_ONLY, bound)


_CODES = re.compile(r"\b(?!1\b)\d+\s+(?:(?:new|different|single|unique|discount|promo|voucher|gift)\s+)*(?:codes|vouchers|coupons)\b", re.I)


def _several_codes(bound: Bound) -> Iterator[Narrowing]:
    """ "10 codes with 5% each" are no code from 10 euros on."""
    if _has(bound, "value") and "minimum" in bound.args and bound.task.does == "make":
        yield from _found(_CODES, bound)


_TOO = re.compile(r"\b(?:too|also|as\s+well|additionally)\b", re.I)


def _as_well(bound: Bound) -> Iterator[Narrowing]:
    """ "Valid for candles ‖ too" is not for candles alone."""
    if bound.args.get("scope") == "only":
        yield from _found(_TOO, bound)


_ONLY_THEN = re.compile(r"\bonly\s+(?:on|over|for|during|this|next|the\s+(?:coming|following))\b[^,.;]*", re.I)
_ENDS_AT_NIGHT = re.compile(r"\W*(?:please\s+)?(?:end|stop|close|finish)\b.*?(?P<when>\bat\s+midnight)\b", re.I)


def _from_then(bound: Bound) -> Iterator[Narrowing]:
    """ "25% ‖ only this weekend" begins with it; "end it at midnight" begins nothing."""
    if "ends" in bound.args and "starts" not in bound.args and bound.task.does == "change":
        yield from _found(_ONLY_THEN, bound)
    said = _ENDS_AT_NIGHT.match(bound.piece.text, bound.piece.start, bound.piece.end)
    if said is not None and {"starts", "ends"} <= bound.args.keys():
        yield Narrowing(start=said.start("when"), end=said.end("when"))


_AS_AND_AS = re.compile(r"\bas\s+[\w-]+\s*(?:,|\band\b|&)\s+(?P<other>(?:[\w-]+\s+){1,4}?as\s+[\w-]+)", re.I)


def _as_this_and_as_that(bound: Bound) -> Iterator[Narrowing]:
    """ "The mugs as gift and ‖ the blankets as winter": blankets are no tag."""
    if any(isinstance(bound.args.get(name), list) and len(bound.args[name]) > 1 for name in ("add", "add_tags")):
        for said in _AS_AND_AS.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
            yield Narrowing(start=said.start("other"), end=said.end("other"))


_NOT_IN = re.compile(r"\b(?:that|which)\s+(?:are|is)\s*(?:not|n[’']t)\s+(?:already\s+|yet\s+)?in\s+[^,.;]+", re.I)
_AND_IN = re.compile(r"\b(?:and|or)\s+(?:the\s+)?(?P<name>(?-i:[A-ZÀ-Þ])[\w’'&-]*)", re.I)


def _other_collection(bound: Bound) -> Iterator[Narrowing]:
    """ "In Kitchen ‖ that are not in Sale", "out of Sale ‖ and Kitchen": of two collections one is changed."""
    if "collection" not in bound.args or bound.args.get("action") not in ("add", "remove"):
        return
    if not bound.finds:
        yield from _found(_NOT_IN, bound)
    for said in _AND_IN.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        if said["name"] == bound.args.get("title"):
            yield Narrowing(start=said.start(), end=said.end())


_OUT_OF_TWO = re.compile(
    r"\W*(?:please\s+)?(?:take|remove|drop|pull)\b.*?\b(?:out\s+of|from)\s+[^,.;]+?\b(?:and|or)\s+(?P<name>[^\W\d][^,.;]*)", re.I
)


def _no_new_title(bound: Bound) -> Iterator[Narrowing]:
    """ "Take it out of Sale ‖ and Kitchen" calls nothing Kitchen."""
    title = bound.args.get("title")
    said = _OUT_OF_TWO.match(bound.piece.text, bound.piece.start, bound.piece.end)
    if said is not None and isinstance(title, str) and said["name"].startswith(title) and "collection" not in bound.args:
        yield Narrowing(start=said.start("name"), end=said.end("name"))


_SOLD_OUT_ONES = re.compile(
    r"\b(?:out[\s-]of[\s-]stock|sold[\s-]out|unavailable)\s+(?:[\w-]+\s+){0,2}?(?:products?|items?|goods|ones|things|stuff|variants?|articles?)\b",
    re.I,
)


def _sold_out_ones(bound: Bound) -> Iterator[Narrowing]:
    """ "Remove ‖ the sold out items ‖ from Kitchen" says which, and not that they are to be sold out."""
    if bound.args.get("out_of_stock"):
        yield from _found(_SOLD_OUT_ONES, bound)


_WHATEVER = re.compile(r"\b(?:except(?:\s+for)?|excluding|but\s+not|apart\s+from|other\s+than)\s+(?:what|whatever|anything)\b[^,.;]*", re.I)


def _spared_by_state(bound: Bound) -> Iterator[Narrowing]:
    """ "Everything tagged summer ‖ except what is in stock", which names nothing of the shop."""
    if any(" except " in link.label for link in bound.links.values()):
        for said in _found(_WHATEVER, bound):
            if not any(spot.start == said.start and said.end <= spot.end for spot in bound.taken):
                yield said


_END = re.compile(r"\b(?:oldest|earliest|longest|shortest|least\s+recent|worst|best)\b", re.I)


def _at_which_end(bound: Bound) -> Iterator[Narrowing]:
    """ "The two ‖ oldest", of a change that takes the latest ones."""
    if "top" in bound.args and not _has(bound, "sort", "which", "order"):
        for said in _found(_END, bound):
            if not bound.takes(said):
                yield said


_OF_ORDERS = re.compile(
    r"\b(?:placed|of|behind|made|from|with)\s+(?:the|our|my)\s+(?:(?:very\s+)?(?:first|last|latest|newest|oldest|biggest|largest|highest|smallest|recent)\s+)"
    r"(?:\w+\s+)?orders?\b",
    re.I,
)
_FIRST_PEOPLE = re.compile(r"\b(?:very\s+)?(?:first|earliest|oldest)\s+(?:\w+\s+)?(?:customers?|buyers?|clients?|shoppers?)\b", re.I)
_TAG_WHO = re.compile(
    r"\W*(?:(?:please|and|then)\s+)*(?:tag|untag|label|mark|flag)\s+(?:who(?:ever)?|everyone|everybody|anyone|(?:the|this|that|those|both)\s+(?:people|customers?|buyers?|clients?|persons?|ones?))(?!['’])\s+"
    r"(?:who\s+|that\s+|of\s+|behind\s+)?(?:placed|made|of|behind)?",
    re.I,
)


_PEOPLE = re.compile(r"\b(?:who(?:ever)?|every(?:one|body)|anyone|people|customers?|buyers?|clients?|persons?)\b", re.I)


def _who_ordered(bound: Bound) -> Iterator[Narrowing]:
    """ "Whoever placed the last five orders", "our first ten customers": those who spent most are others, and an order is nobody."""
    for _, finder in bound.finds:
        if finder.task.finds("customer") and "top" in finder.args and not {"sort", "group"} & finder.args.keys():
            yield from _found(_OF_ORDERS, bound)
            yield from _found(_FIRST_PEOPLE, bound)
    if _has(bound, "add_tags") and bound.task.about in ("order", "product"):
        said = _TAG_WHO.match(bound.piece.text, bound.piece.start, bound.piece.end)
        people = said is not None and _PEOPLE.search(said[0]) is not None and re.search(r"\border", bound.piece.said, re.I) is None
        if said is not None and ("customers" in bound.args or people):
            yield Narrowing(start=said.start(), end=said.end())


_PAID_THEN = re.compile(
    r"\b(?:paid|placed|ordered|orders|everything|all)\s+(?:for\s+)?(?:from\s+|of\s+|on\s+)?(?:yesterday|today|this\s+\w+|last\s+\w+|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.I,
)


def _paid_then(bound: Bound) -> Iterator[Narrowing]:
    """ "Ship everything ‖ paid from yesterday": when it was sent was not said."""
    if "sent" not in bound.args or any("period" in finder.args for _, finder in bound.finds):
        return
    for said in _PAID_THEN.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        yield Narrowing(start=said.start(), end=said.end())


_ORDERS_FROM = re.compile(
    r"\b(?:orders?|those|ones)\s+(?:(?:only|just|coming|going|sent|shipping)\s+)?(?:from|in|to)\s+(?:the\s+)?(?P<place>(?-i:[A-ZÀ-Þ])[^\W\d]+)", re.I
)
_PLACED_AT = ("places", "elsewhere")


def _orders_from(bound: Bound) -> Iterator[Narrowing]:
    """ "All unpaid orders ‖ from Berlin", "those ‖ from Austria": which orders, and neither where they go back into stock nor their new address."""
    if not _has(bound, "orders") or not _has(bound, "which"):
        return
    where = bound.args.get("address")
    if isinstance(where, str) and (led := re.search(rf"\b(?:from|in)\s+{re.escape(where)}\b", bound.piece.said)) is not None:
        yield Narrowing(start=bound.piece.start + led.start(), end=bound.piece.start + led.end())
    heard = [finder.args[name] for _, finder in (*bound.finds, *bound.spares) for name in _PLACED_AT if name in finder.args]
    labels = [link.label for one in (bound, *(finder for _, finder in bound.finds)) for link in one.links.values()]
    times = [v for v in bound.piece.values.items if not isinstance(v, Words)]
    for said in _ORDERS_FROM.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        spot, place = Narrowing(start=said.start(), end=said.end()), said["place"]
        known = any(place.casefold() in str(one).casefold() for one in (*heard, *labels))
        if not known and not any(Spot(start=said.start("place"), end=said.end()).overlaps(time) for time in times):
            yield spot


_BOUGHT = re.compile(r"\b(?:bought|ordered|purchased)\s+(?:(?:an?|the|any|our)\s+)?(?P<what>[\w-]+)", re.I)


def _bought_is_no_tag(bound: Bound) -> Iterator[Narrowing]:
    """ "Those who ‖ bought candles ‖ as light": candles are no tag."""
    tags = bound.args.get("add")
    for said in _BOUGHT.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        if isinstance(tags, list) and said["what"] in tags:
            yield Narrowing(start=said.start(), end=said.end())


_THOSE_WHO = re.compile(r"\b(?:those|the\s+ones|ones)\s+(?:who|that|which)\b", re.I)


def _those_of_them(bound: Bound, scope: Scope) -> Iterator[Narrowing]:
    """ "Show customers from Berlin and tag ‖ those who ‖ bought candles": those of them, where the search has nothing of what was said of all."""
    ends = [e.bound.piece.end for e in scope.earlier]  # a search made only for the rest of its clause is not what was asked for
    for _, finder in bound.finds:
        own = [e.bound for at, e in enumerate(scope.earlier) if e.found is None and e.bound.task is finder.task and ends.count(ends[at]) == 1]
        last = scope.earlier[-1] if scope.earlier else None
        if last is not None and last.found is not None and last.bound.task is finder.task:
            own.append(last.bound)  # shown by the message before
        before = own[-1] if own else None
        if before is None or before is finder or any(isinstance(value, dict) and "$ref" in value for value in finder.args.values()):
            continue
        if not before.args.keys() <= finder.args.keys():
            yield from _found(_THOSE_WHO, bound)


_UNTOLD = re.compile(
    r"\b(?:without|(?:do\s+not|don[’']?t|but\s+not|and\s+not|never)\s+)\s*(?:telling|tell|notifying|notify|informing|inform|e-?mailing|messaging|writing\s+to)\b[^,.;]*",
    re.I,
)


def _untold(bound: Bound) -> Iterator[Narrowing]:
    """ "Mark it as fragile ‖ without telling the customer" is no message to the customer."""
    if bound.task.effect == "draft" and _has(bound, "customers") and _has(bound, "message", "purpose"):
        yield from _found(_UNTOLD, bound)


def _sent_later(bound: Bound, scope: Scope) -> Iterator[Narrowing]:
    """ "Ship it ‖ tomorrow": what is to go out then has not gone out."""
    sent = bound.args.get("sent")
    if isinstance(sent, Period) and sent.start > scope.terms.now:
        yield from _found(_NOT_TODAY, bound)


_SO_MUCH = re.compile(
    r"\b(?:(?:more|greater|higher|bigger|larger|less|lower|smaller)\s+than|over|above|under|below|at\s+least|at\s+most)\s+\d[\d.,]*\s*(?:%|percent\b)",
    re.I,
)


def _more_than_so_much(bound: Bound) -> Iterator[Narrowing]:
    """ "Stop the codes that give ‖ more than 20%" are not those that give 20%."""
    if bound.task.does == "end" and any(isinstance(value, Percent) for value in bound.args.values()):
        yield from _found(_SO_MUCH, bound)


def _renamed_with_goods(bound: Bound) -> Iterator[Narrowing]:
    """ "Swap the collection Sale for ‖ Summer for the straw hat": with goods told, a second name is no new name of the first."""
    title = bound.args.get("title")
    if not isinstance(title, str) or "collection" not in bound.args or "products" not in bound.args or bound.args.get("action") == "create":
        return
    at = bound.piece.text.find(title, bound.piece.start, bound.piece.end)
    if at >= 0:
        yield Narrowing(start=at, end=at + len(title))


_FOR_ONE = re.compile(
    r"\b(?:for|on|to|of)\s+(?:the\s+)?(?:first|second|third|last|former|latter|other|1st|2nd|3rd)(?:\s+(?:one|order))?\b(?!\s+\w+day\b)", re.I
)


def _for_one_of_them(bound: Bound) -> Iterator[Narrowing]:
    """ "Ship 1042 and 1043, tracking 123 ‖ for the first one": the number is that of one of them."""
    link = bound.links.get("orders")
    if link is not None and len(link.products) > 1 and ("tracking" in bound.args or "note" in bound.args):
        yield from _found(_FOR_ONE, bound)


_NOT_TODAY = re.compile(
    r"(?:\btomorrow|\bnext\s+(?:week|month|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|\bin\s+(?:\d+|two|three|a\s+few)\s+(?:hours|days|weeks))\b",
    re.I,
)


def _not_today(bound: Bound) -> Iterator[Narrowing]:
    """ "Cancel it ‖ tomorrow": once it is approved it is done, and not later."""
    if bound.task.effect not in ("write", "action") or bound.task.whole is not None:
        return
    for said in _NOT_TODAY.finditer(bound.piece.text, bound.piece.start, told_until(bound.piece)):
        spot = Narrowing(start=said.start(), end=said.end())
        if not bound.takes(spot) and not any(finder.takes(spot) for _, finder in bound.finds):
            yield spot

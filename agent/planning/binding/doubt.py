"""Words that a change may not pass over though no field takes them: how far it may go, when it is to hold, how it is to be done, for whom.

"Reduce all dresses by 20% but not below 60", "hide it on weekends", "refund it as store credit", "10% off shipping": what would be done
without them is something else. Where they have no field they are asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.planning.binding.leftover import is_known, known_to, told_until
from agent.planning.binding.scope import Bound, Scope
from agent.planning.language.values import Impossible, Narrowing, Range, Spot, Words
from agent.planning.linking.lexicon import COMMON, does
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import stem, words_of

_AS_A_LIMIT = re.compile(r"(?:\b(?:but|though|and|yet|then)\b|,|;)\s*(?:(?:to|go|goes|going|make|do|keep|them|it|please|with|a|of)\s+)*$", re.I)
_SAID_AS_ONE = re.compile(r"(?:no|not|never|minimum|min|maximum|max|at\s+(?:most|least))\b", re.I)


def limits_what_it_comes_to(value: Range, bound: Bound) -> bool:
    """ "By 20% ‖ but no lower than 60": how far prices may go, and not which of them are meant."""
    if bound.task.effect == "read" or _SAID_AS_ONE.match(bound.piece.of(value)) is None:
        return False
    return _AS_A_LIMIT.search(bound.piece.text, bound.piece.start, value.start) is not None


def doubtful(bound: Bound, scope: Scope) -> list[Spot]:
    """What is said of a change beside its records and values, and has no part in it; at most the first of it."""
    texts = [v for v in bound.piece.values.items if isinstance(v, Words) and v.kind == "quoted"]
    rules = (_comes_off, _for_people, _picked_by_ending, _lacking, _until_when, _unheard_denial, _kept_back, _held_in_it)
    for said in (*(one for rule in rules for one in rule(bound)), *_of_such_goods(bound, scope), *_beside(bound, scope)):
        if not any(said.overlaps(text) for text in texts):
            return [said]
    return []


_OFF = re.compile(
    r"\boff\s+(?:(?:of|from)\s+)?(?:(?:the|all|every|each|our|my|any|their|his|her|your|an?)\s+)*"
    r"(?P<what>shipping|delivery|postage|(?:cheapest|dearest|most\s+expensive|second|2nd|third|3rd|next)\s+(?!orders?\b|purchases?\b|week\b|month\b)\w+)\b",
    re.I,
)
_OFF_THESE = re.compile(r"\boff\s+(?:(?:of|from)\s+)?(?:(?:the|all|each|every|both|those|these)\s+)*", re.I)


def _comes_off(bound: Bound) -> Iterator[Narrowing]:
    """ "5% off shipping", "10 euros off the second one", "10% off the mugs only" of a draft order: not off all that is bought."""
    piece, told = bound.piece, [slot.description for slot in bound.task.slots]
    if any("comes off the whole" in description for description in told):
        for said in _OFF_THESE.finditer(piece.text, piece.start, piece.end):
            if any(mark.start <= said.end() < mark.end for mark in piece.marked("product")):
                yield Narrowing(start=said.start(), end=piece.end)
    if any("comes off" in description for description in told):
        for said in _OFF.finditer(piece.text, piece.start, piece.end):
            if not bound.takes(Spot(start=said.start("what"), end=said.end("what"))):
                yield Narrowing(start=said.start(), end=said.end())


_FOR_PEOPLE = re.compile(
    r"\b(?:(?:only|just)\s+)?for\s+(?:(?:all|our|my|the|any|only|just)\s+)*(?:[^\W\d][\w-]*\s+){1,2}?"
    r"(?:customers|buyers|clients|shoppers|members|subscribers|people|students|employees|staff|wholesalers|resellers|regulars|vips)\b",
    re.I,
)


def _for_people(bound: Bound) -> Iterator[Narrowing]:
    """ "1 euro dearer for new customers", of a change that is the same for everybody."""
    if any(slot.record in ("customer", "order", "review", "message") for slot in bound.task.slots):
        return
    for said in _FOR_PEOPLE.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        if not bound.takes(Spot(start=said.start(), end=said.end())):
            yield Narrowing(start=said.start(), end=said.end())


_UNTIL = re.compile(r"\b(?:until|till)\s+(?:the\s+)?(?!further\b|then\b)[a-z]+(?:\s+(?:is|are|comes?|starts?|begins?|arrives?)\b[^,.;]*)?", re.I)


def _until_when(bound: Bound) -> Iterator[Narrowing]:
    """ "Hide them until spring", "until we have more": what is to hold for a time may not hold for good."""
    for said in _UNTIL.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        spot = Narrowing(start=said.start(), end=said.end())
        known = any(spot.overlaps(value) for value in bound.piece.values.items if not isinstance(value, Words | Impossible))
        if not known and not bound.takes(spot):
            yield spot


_ENDS_SO = re.compile(
    r"\b(?:that|which|whose\s+price)\s+(?:(?:now|currently|already|still|do|does|not|don[’']?t)\s+)*ends?\s+(?:in|on|with)\s+(?:[€$£]\s*)?[.,]?\d[\d.,]*",
    re.I,
)


def _picked_by_ending(bound: Bound) -> Iterator[Narrowing]:
    """ "All prices that end in .50" are some of them, and not what all are to end in."""
    for said in _ENDS_SO.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        yield Narrowing(start=said.start(), end=said.end())


_NONE_OF = re.compile(
    r"\b(?:(?:and|but|with|having|have)\s+(?:no|zero)|without(?:\s+(?:an?|any))?)\s+(?P<what>(?!the\b|a\b|an\b|any\b)[^\W\d]\w+)(?!\s+than\b)", re.I
)
_NOTHING_LACKING = frozenset(
    {"minimum", "limit", "limits", "end", "expiry", "restriction", "restrictions", "conditions", "exception", "exceptions", "delay"}
)
"""What a change has none of anyway, if nothing is said."""


def _lacking(bound: Bound) -> Iterator[Narrowing]:
    """ "With more than 5 orders ‖ and no complaint"."""
    marks = [(mark.start, mark.end) for mark in bound.piece.marked("customer", "order")] + [
        (own.start, own.end) for own in bound.people
    ]  # taken whole
    taken = [spot for spot in bound.taken if (spot.start, spot.end) not in marks]
    for said in _NONE_OF.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        spot = Spot(start=said.start("what"), end=said.end("what"))
        if said["what"].lower() not in _NOTHING_LACKING and not any(spot.overlaps(one) for one in taken):
            yield Narrowing(start=said.start(), end=said.end())


_DENIES = re.compile(r"\b(?:never|not|have\s+no|has\s+no)\b|n[’']t\b", re.I)
_HEARD_WITHIN = 40
"""Characters after a "not" within which what it denies begins."""


def _unheard_denial(bound: Bound) -> Iterator[Narrowing]:
    """ "Who never used a code", of which the search for them has nothing."""
    for _, finder in bound.finds:
        piece, marks = finder.piece, {(mark.start, mark.end) for mark in finder.piece.marked("customer", "order", "product")}
        heard = [spot for spot in finder.taken if (spot.start, spot.end) not in marks]
        for said in _DENIES.finditer(piece.text, max(piece.start, bound.piece.start), min(piece.end, told_until(bound.piece))):
            after = Spot(start=said.start(), end=said.end() + _HEARD_WITHIN)
            if not any(spot.overlaps(after) for spot in heard) and not bound.takes(Spot(start=said.start(), end=said.end())):
                yield Narrowing(start=said.start(), end=min(piece.end, after.end))


_WITHOUT = re.compile(r"\b(?:(?:but|and)\s+)?(?:without|minus|not)\s+(?:(?:the|any|her|his|their)\s+)*$", re.I)


def _kept_back(bound: Bound) -> Iterator[Narrowing]:
    """ "Ship order 1042 ‖ but without the vase": goods of an order that stay out of what is done with it."""
    if all(slot.record != "order" for slot in bound.task.slots):
        return
    for mark in bound.piece.marked("product"):
        led = _WITHOUT.search(bound.piece.text, bound.piece.start, mark.start)
        if led is not None and not bound.takes(Spot(start=mark.start, end=mark.end)):
            yield Narrowing(start=led.start(), end=mark.end)


_TELLS_NOTHING = frozenset({
    "extra", "additional", "further", "fresh", "individual", "various", "different", "single", "entire", "complete", "actual", "nice", "lovely",
    "beautiful", "great", "beloved", "own", "respective", "remaining", "other", "others", "rest", "following", "said", "whole", "new", "old",
    "existing", "current", "product", "products", "item", "items", "stock", "price", "prices", "inventory", "only", "just", "both", "either",
    "sale", "collection", "brand", "titled", "called", "named", "namely", "like", "including", "plus", "minus", "without", "excluding", "except",
})  # fmt: skip
"""Words before the name of goods that do not say which of them are meant."""


def _is_of_a_field(said: re.Match[str], link: Linked, bound: Bound) -> bool:
    """Whether words before the end of the goods belong to something else that a field has."""
    return any(one.start <= said.start() and said.end() <= one.end < link.end for one in bound.taken)


_AGED = re.compile(r"\b(?:old|older|newer|popular)\b(?=\s+[^\W\d])(?!\s+(?:price|prices|stock|tag|title|name|one|ones)\b)", re.I)
""" "Archive the ‖ old ‖ candles" are not all candles, and which are old nobody knows."""
_SUCH_REVIEWS = re.compile(r"\b(?P<such>[^\W\d][\w-]*)\s+reviews?\b", re.I)


def _of_such_reviews(bound: Bound, scope: Scope) -> Iterator[Narrowing]:
    """ "Delete the ‖ spam ‖ reviews of last week" are not all of that week."""
    if bound.task.about != "review" or bound.task.effect not in ("write", "action"):
        return
    marks = [(mark.start, mark.end) for mark in bound.piece.marked("review")]  # taken whole, whatever was understood of it
    taken = [one for one in bound.taken if (one.start, one.end) not in marks]
    filled = [bound.task.slot(name) for name in bound.args]
    chosen = {word for slot in filled for phrase in slot.phrases.get(str(bound.args[slot.name]), ()) for word in phrase.lower().split()}
    for said in _SUCH_REVIEWS.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
        low, spot = said["such"].lower(), Spot(start=said.start("such"), end=said.end("such"))
        plain = low in _TELLS_NOTHING or low in COMMON or low.removesuffix("s") in ("star", "customer", "product", "shop") or _does(low)
        values = [value for value in bound.piece.values.items if not (isinstance(value, Words) and value.kind == "review")]
        known = scope.linker.vocabulary.knows(stem(low)) or any(spot.overlaps(value) for value in values) or low in chosen
        if not plain and not known and not any(spot.overlaps(one) for one in taken) and spot.start > bound.piece.start:
            yield Narrowing(start=spot.start, end=said.end())


_LOW_STOCK = re.compile(
    r"\b(?:low|short)[\s-]+(?:on\s+|in\s+|of\s+)?stock\s+(?P<what>(?!alert|warning|level|threshold|rule|automation|limit|mark)[^\W\d]\w+)", re.I
)


def _of_such_goods(bound: Bound, scope: Scope) -> Iterator[Narrowing]:
    """ "Hide ‖ low ‖ stock candles", "raise the ‖ cheap ‖ mugs": a word right before several goods that nothing took says which of them."""
    text, start = bound.piece.text, bound.piece.start
    if bound.task.effect in ("write", "action") and (few := _LOW_STOCK.search(text, start, bound.piece.end)) is not None:
        yield Narrowing(start=few.start(), end=few.end("what"))
    yield from _of_such_reviews(bound, scope)
    for name, link in bound.links.items():
        if link.record != "product" or name in bound.refers or len(link.products) < 2 or link.start <= start or bound.task.effect == "read":
            continue
        aged = _AGED.search(text, start, link.end)
        if aged is not None and not scope.linker.vocabulary.knows(stem(aged[0])) and not _is_of_a_field(aged, link, bound):
            yield Narrowing(start=aged.start(), end=link.end)
        begun = link.start
        for word in reversed(words_of(text, start, link.start)):
            low, spot = word.text.lower(), Spot(start=word.start, end=word.end)
            idle = low in _TELLS_NOTHING or low in COMMON or _LEADS.fullmatch(low) or _does(low) or _HOW.fullmatch(low)
            busy = bound.takes(spot) or any(spot.overlaps(value) for value in bound.piece.values.items)
            if idle or busy or text[word.end : begun].strip():
                break
            begun = word.start
        if begun < link.start and any(does(verb.text) for verb in words_of(text, start, begun)):
            yield Narrowing(start=begun, end=link.end)


_IN_THE_ORDER = re.compile(
    r"\W*(?:(?:please|and|then|also|can\s+you|could\s+you)\W+)*[^\W\d]+\s+(?P<held>(?:(?!\b(?:orders?|payment|delivery|shipping|everything|it|all)\b)[^\d#,;.]|\d+(?=\s+[^\W\d]))+?)\s+"
    r"(?:in|on|from|of|off|out\s+of)\s+(?:(?:the|his|her|their|my|this|that)\s+)?(?:orders?\s+)?(?:no\.?\s*|number\s+)?#?\d{3,}",
    re.I,
)


def _held_in_it(bound: Bound) -> Iterator[Narrowing]:
    """ "Cancel the gift wrap in order 1042", where all of the order would go."""
    kinds = {slot.record for slot in bound.task.slots}
    if bound.task.effect != "action" or "order" not in kinds or kinds & {"product", "variant"}:
        return
    if (said := _IN_THE_ORDER.match(bound.piece.text, bound.piece.start, bound.piece.end)) is not None:
        yield Narrowing(start=said.start("held"), end=said.end("held"))


_LEADS = re.compile(
    r"(?:from|by|of|with|without|under|over|above|below|in|at|for|on|as|to|per|into|onto|via|through|during|among|that|which|whos?e?|where"
    r"|not|never|except|only|unless|if|while|like|older|newer|younger|longer|since)\b",
    re.I,
)
"""Words after which more is told of what is meant or of how it is done."""
_HOW = re.compile(r"[^\W\d]{3,}ly", re.I)
_ANYHOW = frozenset({
    "please", "immediately", "really", "exactly", "only", "kindly", "currently", "newly", "quickly", "finally", "actually", "simply", "directly",
    "properly", "fully", "completely", "entirely", "permanently", "manually", "urgently", "early", "possibly", "probably", "apparently",
    "respectively", "roughly", "definitely", "certainly", "unfortunately", "accidentally", "recently", "reply", "apply", "supply", "nearly",
    "lovely", "previously", "family", "july", "italy", "assembly", "wrongly", "mistakenly", "totally", "wholly", "generally", "basically",
    "obviously", "clearly", "hopefully",
})  # fmt: skip
"""Words of manner that change nothing of what is done."""
_IDLE = frozenset({
    "thx", "thanks", "thank", "asked", "asks", "cheers", "ty", "broken", "damaged", "faulty", "defective", "cracked",
    "way", "put", "set", "make", "made", "call", "called", "kill", "switch", "sell", "instead", "correct", "send", "sent", "ship", "shipped",
    "full", "complete", "turned", "come", "came", "stocktake", "transit", "into", "end", "word", "words", "text", "normal", "usual", "regular",
    "original", "front", "start", "beginning", "time", "moment", "file", "records", "record", "name", "side", "mistake", "accident", "error",
    "purpose", "request", "behalf", "fact", "case", "order", "list", "her", "his", "him", "he", "she", "after", "before", "want", "wants",
    "turn", "run", "live", "down", "giving", "says", "say", "saying", "reads", "given", "wrong", "arrived", "delivery", "count", "counted",
    "counting", "warehouse", "morning", "invokes", "forgotten", "ok", "okay", "fine", "alright", "possible", "variant", "colour", "color",
    "belong", "belongs", "needs", "requires", "duplicate", "alone", "untouched", "unchanged",
})  # fmt: skip
"""Words that say nothing more of a change than its task does."""


_ARTICLES = frozenset({"the", "a", "an", "his", "her", "their", "its", "my", "our", "your"})
"""After one of them "note" and "address" do nothing: they are what is to be erased."""


def _does(word: str) -> bool:
    """ "cancel", and "cancelled" and "refunded" of what is to be done."""
    return does(word) or (word.endswith("ed") and any(does(verb) for verb in (word[:-1], word[:-2], word[:-3])))


def _beside(bound: Bound, scope: Scope) -> Iterator[Narrowing]:
    """Words after a preposition, words that say how, and of what cannot be taken back any word, that nothing knows."""
    if any(not bound.task.slot(asked.field).record for asked in bound.asked):
        return  # what is to be done is asked about anyway
    known, led, before = known_to(bound, scope), -1, ""
    for place, word in enumerate(words_of(bound.piece.text, bound.piece.start, told_until(bound.piece))):
        last, before = before, word.text.lower()
        low = before
        if _LEADS.fullmatch(low):
            led = word.start
            continue
        idle = not place or low in _IDLE or low in _ANYHOW or (_does(low) and last not in _ARTICLES) or is_known(word, bound, known, scope)
        if not idle and (led >= 0 or _HOW.fullmatch(low) or bound.task.effect == "action"):
            yield Narrowing(start=led if led >= 0 else word.start, end=word.end)

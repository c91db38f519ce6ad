"""Goods that are told by what they are or did, and have to be found before they can be changed or written about.

"Everything that has not sold in 90 days", "the candles without a photo", "the 5 newest mugs": which these are a search knows. So the words from
the goods on are bound to the search, as far as it understands them without a gap; the change goes by what it finds. Where a word of the
description is left over nothing is taken from it, and the clause is asked about as it was: a change must not reach more than was described.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

from agent.planning.binding.refer import refer
from agent.planning.binding.scope import GOODS, Bound, Piece, Scope, put
from agent.planning.language.fragments import OUR
from agent.planning.language.normalise import normalise
from agent.planning.language.values import Spot
from agent.planning.linking.lexicon import COMMON, changes
from agent.planning.linking.link import Linked
from agent.planning.linking.roles import task_for
from agent.planning.linking.vocabulary import words_of
from agent.records.reading import SlotSpan
from agent.sdk import Slot, Task, Where

Bind = Callable[[Task, Piece, Scope], Awaitable[Bound]]

_NOUN = r"(?:everything|anything|whatever|products?|items?|goods|articles?|things?|stuff|listings?|ones?|those|these|them)"
_MEMBERS = r"(?:\s+(?:in|from|by|of)\s+(?:the\s+|our\s+)?[\w&’'. -]{2,40}?)?"
_HEAD = re.compile(
    rf"(?:\b(?:all|any|every|each|of|the|our|my|your|those|these)\s+)*(?:\b(?!(?:to|of|for|from|in|on|at|by|as|with|and|or|the)\b)[\w&’'-]+\s+){{0,2}}?\b{_NOUN}{_MEMBERS}\s*,?\s*$",
    re.I,
)
"""Goods without a name of their own, or with one before: "everything in the Summer collection", "our wool products"."""
_TELLS = re.compile(
    r"(?<=whatever\s)(?:has|is|costs?)\b|\b(?:that|which|whose|with|without|not|never|having|missing|lacking|in\s+no|sold|added|created|uploaded|launched|rated|reviewed|priced|costing"
    r"|of\s+which|(?:that\s+)?we(?:\s+still)?(?:\s+have|[’']ve\s+got)|haven[’']?t|hasn[’']?t|didn[’']?t|we(?:[’']ve|\s+have)?\s+(?:just\s+)?(?:added|created|uploaded|launched|never|haven[’']?t|not))\b",
    re.I,
)
"""Words that begin what is told of goods."""
_BEFORE = re.compile(
    r"(?:\b(?:all|the|our|my|of|single|\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|top)\s+)*"
    r"(?:(?P<first>(?:best|worst|top|slowest|fastest|slow|least|most|highest|lowest|poorly)[\s-]*(?:selling|sold|sellers?|rated|reviewed|popular|expensive|movers?|priced)"
    r"|bestselling|bestsellers?|newest|latest|oldest|cheapest|dearest|priciest)(?:\s+(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten))?"
    r"|unsold|untagged|uncategori[sz]ed|unreviewed)\s+(?=[^\W\d])",
    re.I,
)
"""What is told of goods before their name: "the 5 newest ‖ mugs"."""
_BETWEEN = frozenset({
    "that", "which", "who", "whose", "have", "has", "had", "been", "be", "is", "are", "was", "were", "a", "an", "any", "the", "of", "in", "on", "at",
    "all", "i", "we", "our", "us", "they", "it", "their", "its", "currently", "still", "yet", "so", "far", "ever", "single", "also", "and", "but",
    "average", "just", "only", "even", "once", "with", "did", "do", "does", "for", "than", "more", "newly", "price", "now", "them", "there",
    "cost", "costs", "costing", "priced", "added", "created", "uploaded", "launched", "sold", "selling", "rated", "product", "products", "time",
    "customer", "customers", "units", "unit", "collection", "gross", "profit", "listed", "anybody", "anyone", "over", "during", "within",
})  # fmt: skip
"""Words that may stand in a description without saying anything that the search would have to take."""
_GOES_ON = frozenset({
    "by", "to", "as", "into", "in", "from", "with", "at", "and", "on", "for", "until", "till", "off", "up", "down", "out", "please", "half", "so",
    "because",
    "then", "the", "a", "an", "their", "should", "must", "now", "go", "goes", "under", "onto", "is", "are", "gets", "get", "today", "be", "cost",
})  # fmt: skip
"""With these the change goes on after the goods: "… ‖ by 30%", "… ‖ into the Sale collection"."""
_LACKS_ONE = re.compile(
    r"(?:\b(?:that|which)\s+)?\b(?:(?:do|does|did)(?:\s+not|n[’']?t)\s+(?:yet\s+|currently\s+)?have\s+(?:one|any|it|them)"
    r"|ha(?:ve|s)\s+(?:none|no\s+such\s+thing)|(?:with|lack|lacks|lacking|are\s+missing|is\s+missing|missing|without)\s+(?:one|none|any|it)|haven[’']?t\s+(?:got\s+)?(?:one|any)"
    r"|hasn[’']?t\s+(?:got\s+)?(?:one|any)|(?:still\s+)?needs?\s+(?:one|it|them))\b(?:\s+yet|\s+so\s+far|\s+at\s+all)?",
    re.I,
)
"""Without the very thing that is spoken of: "write descriptions for the products that don't have one"."""
_LED_LACK = re.compile(r"^(?:without|no|missing|in\s+no|not\s+in|never|not)\s+(?:an?\s+|any\s+|been\s+)?", re.I)
_HOLLOW = re.compile(_NOUN, re.I)
_SALES = re.compile(r"\b(?:selling|sold|sellers?|bestsell\w*|popular|movers?)\b", re.I)
_ONES = re.compile(r"\b(?:ones?|those|these|them)\b", re.I)
HOW_MANY = "How many of them?"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Goods with what is told of them."""

    start: int
    named: tuple[int, int]
    """The goods themselves."""
    first: str = ""
    """What is told before their name."""


async def describe(bound: Bound, scope: Scope, bind: Bind) -> None:
    """Find goods that are only described, by the search for goods there is; where the linker can tell them alone, keep their conditions for it."""
    slot = bound.task.selecting(*GOODS)
    others = any(s.record in ("review", "order", "customer", "message", "discount") for s in bound.task.slots)
    finder = task_for(scope.tasks, "find", "product")
    if slot is None or finder is None or bound.task.effect == "read":
        return
    counting = any("integer" in s.types and "with" in s.cues for s in bound.task.slots)
    least = any(s.name == "minimum" for s in bound.task.slots)
    for told in _told_of(bound.piece, scope, scope.own_words[bound.task.name], counting=counting, least=least, others=others):
        if others and _ONES.fullmatch(bound.piece.text, *told.named):
            continue  # "those with 1 star" may be reviews
        if bound.takes(Spot(start=told.start, end=told.named[1])):
            continue  # "…, those with no image": of the goods that were named, and not of all there are
        found, end = await _found(bound, scope, told, finder, bind)
        if found is None:
            continue
        if not set(found.args) <= {"products", "price", "stock"} or found.after:
            _settle(bound, slot, found, told, end)
        elif {"price", "stock"} & set(found.args):
            await _narrow(bound, scope, slot, found, told, end)
        return


async def _narrow(bound: Bound, scope: Scope, slot: Slot, found: Bound, told: _Told, end: int) -> None:
    """Goods of a price or a stock are linked at once: each variant by its own, where it is variants that change."""
    everything = Linked(
        start=told.start, end=end, products=tuple(scope.linker.vocabulary.products), where=Where(everything=True), label="everything"
    )  # fmt: skip
    link = replace(found.links.get("products", everything), start=told.start, end=end)
    narrowed = await scope.linker.narrowed(link, price=found.args.get("price"), stock=found.args.get("stock"), whole=slot.record == "product")
    bound.taken.append(Spot(start=told.start, end=end))
    bound.heads[slot.name] = link.head
    if narrowed.products:
        label = " ".join(bound.piece.text[told.start : end].split()).removeprefix("the ").removeprefix("all ")
        put(bound, slot, replace(narrowed, label=label))
    else:
        bound.ask(slot.name, f"Nothing matches “{bound.piece.text[told.start : end]}”. Which products do you mean?")


def _settle(bound: Bound, slot: Slot, found: Bound, told: _Told, end: int) -> None:
    if told.first and "sort" in found.args and "top" not in found.args:
        if re.search(r"(?<!s)s\b|\bthose\b|\bones\b", found.piece.text[told.named[0] : told.named[1]].strip(), re.I):
            found.ask("top", HOW_MANY)
        else:
            found.args["top"] = 1
    bound.finds.append((slot.name, found))
    bound.args[slot.name] = {"$ref": ""}
    bound.taken.append(Spot(start=told.start, end=end))


async def _found(bound: Bound, scope: Scope, told: _Told, finder: Task, bind: Bind) -> tuple[Bound | None, int]:
    """The search bound to the description and where that ends; None where it does not understand all of it."""
    piece = bound.piece
    lacks = _lacked(bound, told, finder)
    alone = replace(scope, earlier=[])  # "the ones" are none of the names before
    whole = await bind(finder, _piece(piece, scope, told, piece.end, finder), alone)
    end = max(_end_of_chain(bound, whole, told), lacks[1] if lacks else 0)
    if end <= told.named[1] and not told.first or not _may_end(piece, end):
        return None, end
    found = (
        whole
        if lacks is None and end == piece.end
        else await bind(finder, _piece(piece, scope, told, told.named[1] if lacks else end, finder), alone)
    )
    if lacks is not None:
        found.args["without"] = lacks[0]
    if found.asked or not set(found.args) - {"products"}:
        return None, end
    if _ONES.search(piece.text, *told.named) and not found.links:
        _among_those(found, scope, finder, told)
    return found, end


def _among_those(found: Bound, scope: Scope, finder: Task, told: _Told) -> None:
    """ "The ones without a photo" are of those just found, where there are such."""
    slot = next(s for s in finder.slots if s.record in GOODS and "selection" in s.types)
    before = scope.earlier[-1].bound if scope.earlier else None
    if before is not None and slot.name not in found.args:
        refer(found, scope, slot, said="those")


_OTHERS = re.compile(r"(?:[^\W_][\w’'-]*\s+){0,3}?(?:reviews?|ratings?|orders?|messages?|customers?|codes?)\b", re.I)
"""What is not goods, with words before it."""
_WITH_SO_MANY = re.compile(r"with\s+(?:another\s+|an?\s+(?:extra|additional|further)\s+)?\d+\b(?!\s*(?:%|in\s+stock|left|stars?\b))", re.I)
"""How many they are to become: "restock the blanket with 10"."""


_WITH_A_LEAST = re.compile(r"with(?:out)?\s+(?:(?:an?|the|any)\s+)?(?:minimum|min)\b", re.I)


def _told_of(piece: Piece, scope: Scope, own: frozenset[str], *, counting: bool, least: bool, others: bool) -> Iterator[_Told]:
    """Where a clause names goods and tells more of them.

    Args:
        counting: The change itself takes a number after "with".
        least: It takes the least that an order must come to.
    """
    for said in _TELLS.finditer(piece.text, piece.start, piece.end):
        if counting and _WITH_SO_MANY.match(piece.text, said.start()):
            continue
        if least and _WITH_A_LEAST.match(piece.text, said.start()):
            continue
        if (named := _named_before(piece, said.start())) is not None:
            first = _BEFORE.match(piece.text, named[0], named[1])
            yield _Told(start=named[0], named=(first.end() if first else named[0], named[1]), first=first[0] if first else "")
            break
    for first in _BEFORE.finditer(piece.text, piece.start, piece.end):
        noun = next(iter(words_of(piece.text, first.end(), piece.end)), None)
        if noun is None or noun.text.lower() in COMMON or (not scope.linker.vocabulary.knows(noun.stem) and not _HOLLOW.fullmatch(noun.text)):
            continue
        if _HOLLOW.fullmatch(noun.text) and _SALES.search(first[0]):
            continue  # the best sellers of all are told by a report of sales
        if others and _OTHERS.match(piece.text, noun.start, piece.end):
            continue  # "the latest 2 star review" is the latest review
        if first["first"] is None and words_of(first[0])[-1].stem in own:
            continue  # the task knows itself which those are
        end = max([noun.end, *(mark.end for mark in piece.marked("product") if mark.start <= noun.start < mark.end)])
        yield _Told(start=first.start(), named=(first.end(), end), first=first[0])


def _named_before(piece: Piece, at: int) -> tuple[int, int] | None:
    """The goods that what begins here is told of."""
    end = len(piece.text[:at].rstrip(" ,"))
    for mark in piece.marked("product"):
        if mark.start < end and (mark.end >= end or piece.text[mark.end : end].strip().lower() in ("", "collection", "products", "items")):
            return _plainly(piece, mark.start, end)
    head = _HEAD.search(piece.text, max(piece.start, at - 90), at)
    if head is None or head.start() >= end:
        return None
    verb = next((word for word in words_of(piece.text, head.start(), end) if changes(word.text)), None)
    return _plainly(piece, verb.end + 1 if verb is not None and verb.end < end else head.start(), end)


_LEADING = re.compile(rf"(?:(?:of|{OUR}|those|these)\s+)+", re.I)


def _plainly(piece: Piece, start: int, end: int) -> tuple[int, int]:
    """Goods without a name of their own without their article: which they are is told by what follows."""
    led = _LEADING.match(piece.text, start, end)
    return (led.end(), end) if led is not None and _HOLLOW.fullmatch(piece.text, led.end(), end) else (start, end)


def _piece(piece: Piece, scope: Scope, told: _Told, end: int, finder: Task) -> Piece:
    """The description as the search reads it: its days gone by, its goods as they are named."""
    slots = [s for s in piece.slots if told.start <= s.start and s.end <= end and s.kind in ("period", "money", "quantity", "tag", "top", "percent")]
    ones = _ONES.fullmatch(piece.text, *told.named) is not None  # of what was spoken of, whatever the shop calls "one size"
    slots.append(SlotSpan(start=told.named[0], end=told.named[1], kind="top" if ones else "product", confidence=1.0))
    values = normalise(piece.text, told.start, end, slots, scope.terms, ahead=finder.looks_ahead)
    return replace(piece, start=told.start, end=end, slots=tuple(sorted(slots, key=lambda s: s.start)), values=values)


def _is_new_tag(bound: Bound, found: Bound, taken: Spot, told: _Told) -> bool:
    """Whether it is what the goods are to be tagged: "tag the mugs ‖ with bestseller"."""
    marked = any(slot.kind == "tag" and taken.start < slot.end and slot.start < taken.end for slot in bound.piece.slots)
    return marked and _TAGGED.search(found.piece.text[told.named[0] : taken.start]) is None


_TAGGED = re.compile(r"\b(?:tagged|labell?ed|tags?|label)\b", re.I)


def _end_of_chain(bound: Bound, found: Bound, told: _Told) -> int:
    """Where the words end that the search takes, one after the other, from the goods on."""
    end, task = told.named[1], found.task
    said = [slot for slot in task.slots if slot.name in found.args and "texts" not in slot.types]
    own = {part for slot in said for cue in slot.cues for part in cue.split()}
    for word in words_of(found.piece.text, told.named[1], found.piece.end):
        taken = next((spot for spot in found.taken if spot.start < word.end and word.start < spot.end), None)
        if taken is not None and _is_new_tag(bound, found, taken, told):
            break
        if taken is not None and _AIM.fullmatch(found.piece.of(taken)) and not _SO_IT_IS.search(found.piece.text[told.named[1] : taken.start]):
            break  # "put the candles ‖ on sale": what is to become of them
        if taken is not None:
            end = max(end, taken.end, word.end)
        elif word.start >= end and not (
            word.text.lower() in _BETWEEN | own or word.text.lower() in COMMON - {"to", "by", "off", "up", "out", "as", "from"}
        ):
            break
    if end > told.named[1] and (trailing := _TRAILING.match(found.piece.text, end, found.piece.end)):
        end = trailing.end()
    return end


_TRAILING = re.compile(
    r"\s+(?:of\s+)?(?:left|in\s+stock|on\s+hand|remaining|available|any\s?more|at\s+all|yet|so\s+far|right\s+now|currently|on\s+average)\b", re.I
)


_AIM = re.compile(r"on\s+sale|active|live|archived|drafts?|hidden|unpublished", re.I)
_SO_IT_IS = re.compile(r"\b(?:that|which|are|is|currently|already|not)\b", re.I)


def _may_end(piece: Piece, end: int) -> bool:
    """Whether the change goes on from here, and not the description with words that nobody understood."""
    after = next(iter(words_of(piece.text, end, piece.end)), None)
    if after is None or after.text.lower() in _GOES_ON or piece.text[end : after.start].strip(" "):
        return True
    spots = (*(slot for slot in piece.slots if slot.kind != "product"), *(v for v in piece.values.items if getattr(v, "kind", "") != "product"))
    return any(spot.start <= after.start < spot.end for spot in spots)


def _lacked(bound: Bound, told: _Told, finder: Task) -> tuple[str, int] | None:
    """What goods lack that is only meant by "one": the thing named before them; with where that is said."""
    said = _LACKS_ONE.search(bound.piece.text, told.named[1], bound.piece.end)
    field = next((slot for slot in finder.slots if slot.name == "without"), None)
    if said is None or field is None or bound.piece.text[told.named[1] : said.start()].strip(" ,"):
        return None
    named = {word.stem for word in words_of(bound.piece.text, bound.piece.start, told.start)}
    fits = [(len(key), choice) for choice, phrases in field.phrases.items() for key in map(_thing, phrases) if key and key <= named]
    return (max(fits)[1], said.end()) if fits else None


def _thing(phrase: str) -> frozenset[str]:
    """The noun of what is lacked: "description" of "without a description"."""
    led = _LED_LACK.match(phrase)
    return frozenset(word.stem for word in words_of(phrase[led.end() :])) if led else frozenset()

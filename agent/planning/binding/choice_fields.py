"""Fills the fields that are a choice, several or a yes, by the phrases of their choices.

Choices go first: "out of stock" may be one and is then no predicate of goods.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from agent.planning.binding.choices import Chosen, both_said, chosen, says_all
from agent.planning.binding.scope import GOODS, Bound, Piece, Scope
from agent.planning.language.sparing import LEAVING_OUT
from agent.planning.language.values import Dates, Named, Number, Range, Spot, Starting, Until, Words
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.phrases import STATE_OF_GOODS, is_hollow
from agent.planning.linking.vocabulary import key_of, words_of
from agent.planning.said import contradiction
from agent.sdk import Slot


def take_choices(bound: Bound, scope: Scope) -> None:
    """Fill every field of choices that the clause says one of, with the words that say it taken."""
    piece = bound.piece
    others = [
        _local(v, piece) for v in (*bound.taken, *_which_goods(bound), *_such_goods(bound, scope), *_of_goods(bound, scope))
    ]  # "vip" put on as a tag says nothing of who is to have it
    left_out = [Spot(start=said.start(said.lastgroup or 0), end=said.end(said.lastgroup or 0)) for said in _LEFT_OUT_SO.finditer(piece.said)]
    hidden = [_local(v, piece) for v in [*_unspoken(piece), *_names_within(piece, scope)]]
    hidden += [Spot(start=m.start(), end=m.end()) for said in (_OTHER_ONES, _MAKES_A_REPORT) for m in said.finditer(piece.said)]
    values = [_local(v, piece) for v in piece.values.items]
    divided: list[tuple[str, Spot]] = []
    lists: dict[str, list[Chosen]] = {}
    marks = {kind: [_local(Spot(start=s.start, end=s.end), piece) for s in piece.marked(kind)] for kind in ("dimension", "metric")}
    said: list[tuple[Slot, list[Chosen]]] = []
    for slot in bound.task.slots:
        if not {"choice", "choices", "flag"}.isdisjoint(slot.types):
            marked = marks["dimension" if "product" in slot.choices else "metric"]
            found = [c for c in chosen(slot, piece.said, marked, values, hidden=hidden) if not any(c.overlaps(other) for other in others)]
            said.append((slot, found))
    for slot, found in said:
        found = [c for c in found if not _is_part_of_more(c, slot, said)]
        found = [c for c in found if not any(c.within(out.start, out.end) for out in left_out)]
        # "new vs returning customers" asks for both of them, so it narrows to neither
        found = [c for c in found if not any(name == slot.name and c.overlaps(other) for name, other in divided)]
        used = [c for c in _put_chosen(bound, slot, _of_one_text(bound, slot, found), lists, divided) if _is_saying(c.said)]
        if used:
            bound.phrased.append(slot.name)
        bound.taken += [Spot(start=c.start + piece.start, end=c.end + piece.start) for c in used]


def _is_part_of_more(one: Chosen, slot: Slot, said: Sequence[tuple[Slot, Sequence[Chosen]]]) -> bool:
    """ "Waiting for payment" says how an order is paid, and not that it is open."""
    if slot.types != ("choice",):
        return False
    others = (c for other, found in said if other is not slot and other.types == ("choice",) for c in found)
    return any(one.within(c.start, c.end) and c.end - c.start > one.end - one.start for c in others)


def _of_one_text(bound: Bound, slot: Slot, found: list[Chosen]) -> list[Chosen]:
    """What is said for the one text of a draft: of two channels the first, with the other for a text of its own; of other opposites none."""
    if not found or bound.task.effect != "draft" or "choice" not in slot.types or not both_said(found, bound.piece.said, slot.choices):
        return found
    if slot.name not in _OF_ONE_TEXT:
        return []
    several = list(dict.fromkeys(c.choice for c in sorted(found, key=lambda c: c.start)))
    bound.also = [(slot.name, choice) for choice in several[1:]]
    return [c for c in found if c.choice == several[0]]


def _put_chosen(bound: Bound, slot: Slot, found: list[Chosen], lists: dict[str, list[Chosen]], divided: list[tuple[str, Spot]]) -> Sequence[Chosen]:
    """The choices that went into the field; none where two of them oppose each other, which is asked.

    Args:
        lists: What the lists of choices have so far, by field; added to.
        divided: What a report is broken down by, and where that was said; added to.
    """
    if not found:
        return ()
    if "choices" in slot.types:
        bound.args[slot.name] = [c.choice for c in found]
        divided += [(c.choice, c) for c in found]
        for one in found:
            _without_words_of(lists, one, bound)
        lists[slot.name] = found
        return found
    if _divided_by(slot, found, bound):
        for one in found:
            _without_words_of(lists, one, bound)
        return found
    if (other := _opposed(found, bound)) is not None:
        bound.ask(slot.name, contradiction(f"“{bound.piece.said.strip()}”", found[0].choice, other), [(c, c) for c in (found[0].choice, other)])
        return ()
    bound.args[slot.name] = found[0].choice == "true" if "flag" in slot.types else found[0].choice
    _without_words_of(lists, found[0], bound)
    return [one for one in found if one is found[0] or "flag" in slot.types or says_all(one)]  # "not subscribed to the newsletter" says it twice


_OTHER_ONES = re.compile(r"\bthe\s+others?\b", re.I)
""" "The other unanswered ones" are not of the kind that is called other."""


_MAKES_A_REPORT = re.compile(r"\b(?:make|do|run)\s+(?=(?:me\s+|us\s+)?(?:an?|the|our|my|another)\s+(?:[\w-]+\s+){0,4}reports?\b)", re.I)
""" "Make a tax report" asks for nothing that was made."""


def _divided_by(slot: Slot, found: Sequence[Chosen], bound: Bound) -> bool:
    """ "What returning customers spent versus new ones" narrows a report to neither of them: it is broken down by the kind of customer."""
    by = next((s for s in bound.task.slots if "choices" in s.types and slot.name in s.choices), None)
    if by is None or bound.task.effect != "read" or len({one.choice for one in found}) < 2:
        return False
    bound.args[by.name] = list(dict.fromkeys([*bound.args.get(by.name, []), slot.name]))
    bound.taken += [Spot(start=one.start + bound.piece.start, end=one.end + bound.piece.start) for one in found]
    return True


_OF_ONE_TEXT = frozenset({"channel", "platform"})
"""Where a text will stand: for two of them there are two texts."""


def _without_words_of(lists: dict[str, list[Chosen]], one: Chosen, bound: Bound) -> None:
    """The lists without what only stands in another field's words: "orders of new customers" counts orders and no customers."""
    for name, found in lists.items():
        kept = [c for c in found if not (one.start <= c.start and c.end <= one.end and c.end - c.start < one.end - one.start)]
        if kept and len(kept) < len(found):
            lists[name], bound.args[name] = kept, [c.choice for c in kept]


def _opposed(found: Sequence[Chosen], bound: Bound) -> str | None:
    """What is said of other goods than the surest choice: "unpublish the planner, publish the pencils" is one clause with two changes."""
    if bound.task.effect == "read" or len({c.choice for c in found}) < 2:
        return None
    first = found[0]
    goods = [_local(Spot(start=s.start, end=s.end), bound.piece) for s in bound.piece.marked("product")]
    for other in found[1:]:
        early, late = sorted((first, other), key=lambda c: c.start)
        between = any(early.end <= spot.start and spot.end <= late.start for spot in goods)
        if other.choice != first.choice and len(other.said) > 4 and between and any(late.end <= spot.start for spot in goods):
            return other.choice
    return None


def _is_saying(said: str) -> bool:
    """Long enough to be used up by the choice; "to" or "off" also mark the value beside them."""
    return len(said) > 4


ARTICLE = re.compile(r"(?:the|a|an|our|my|this)\s+", re.I)


def _unspoken(piece: Piece) -> Iterator[Spot]:
    for value in piece.values.items:
        if (
            isinstance(value, Dates | Until | Starting | Range | Named)
            or (isinstance(value, Number) and value.unit)
            or (isinstance(value, Words) and value.kind in ("quoted", "value", "discount", "tag", "topic", "place"))
        ):
            led = ARTICLE.match(piece.text, value.start, value.end) if isinstance(value, Words) else None
            yield value if led is None else Spot(start=led.end(), end=value.end)  # "the delay" is no more than "delay"


def _names_within(piece: Piece, scope: Scope) -> Iterator[Spot]:
    """Words of goods mentioned that are in the shop's own names: the "new" of the collection New In says no status."""
    for slot in piece.marked("product"):
        if key_of(ARTICLE.sub("", piece.of(slot), count=1)) in scope.linker.vocabulary.titles:
            yield Spot(start=slot.start, end=slot.end)  # the "new" of a New Baby Box is no group of customers
        for word in words_of(piece.text, slot.start, slot.end):
            if scope.linker.vocabulary.knows(word.stem):
                yield Spot(start=word.start, end=word.end)


_WHICH_GOODS = re.compile(
    r"\b(?:(?:that|which|whatever)(?:[’']s|\s+is|\s+are)|everything|anything|(?:products?|items?|goods)(?:\s+that\s+are)?)\s+(?:currently\s+)?"
    r"(?P<so>(?:out[\s-]of|in)[\s-]stock|sold[\s-]out)\b"
    r"|\b(?:that|which|what(?:ever)?|who)(?:[’'](?:s|re|ve))?\s+(?:(?:is|are|was|were|has|have|had|just|now|already|currently|nearly|almost|we|went|got)\s+)*"
    r"(?P<gone>(?:sold|ran|run|running)\s+out(?:\s+of(?:\s+stock)?)?|all\s+gone|gone|out\s+of\s+stock|(?:down\s+)?to\s+zero|none\s+left|(?:no|zero|nothing)\s+(?:more\s+)?(?:stock\s+)?left)\b"
    r"|\b(?:the|all|every)\s+(?:the\s+)?(?P<such>(?:out[\s-]of|in)[\s-]stock|sold[\s-]out)\s+(?=\w)",
    re.I,
)


_LEFT_OUT_SO = re.compile(
    rf"(?:\b(?:{LEAVING_OUT})|(?<=,\s)not)\s+(?:(?:the|those|any|all|our|that|are|which)\s+)*"
    r"(?:(?P<so>[\w-]+(?:\s+[\w-]+){0,2}?)\s+(?:ones?|products?|items?|goods|orders?)\b|(?P<drafts>drafts)\b)",
    re.I,
)
""" "Tag all mugs except the ‖ archived ‖ ones" archives none."""


def _which_goods(bound: Bound) -> Iterator[Spot]:
    """ "Restock everything that's out of stock" says which goods, not what is to become of them."""
    if bound.task.effect in ("write", "action"):
        for said in _WHICH_GOODS.finditer(bound.piece.text, bound.piece.start, bound.piece.end):
            start, end = said.span(said.lastgroup or 0)
            yield Spot(start=start, end=end)


_STATE = re.compile(rf"(?<![-\w])(?P<so>{STATE_OF_GOODS})\s+(?=\w)", re.I)
_SUCH_REVIEWS = re.compile(
    r"(?:\b(?:the|all|any|every|those|these|our|of)|\b(?:delete|remove|hide|publish|approve))\s+(?P<so>spam|fake|junk)\s+reviews?\b", re.I
)
_MAKES_SO = re.compile(r"(?:^|\b(?:as|set|mark|make|flag|show|list|be|is|are|was|were|now|currently|back))\W*$", re.I)
"""After these, or first of all, the words say what goods are to be: "mark ‖ sold out ‖ the jug"."""
_MADE_ELSE = re.compile(r"[^,;.]*?\s(?:as|to|at|in|into|from|by|with|back|visible|live|online|active|archived|hidden|off|up|down)\b", re.I)


def _such_goods(bound: Bound, scope: Scope) -> Iterator[Spot]:
    """ "Archive ‖ out of stock ‖ mugs", "publish ‖ hidden ‖ dresses": before the name of goods it says which, and not what is to become of them."""
    if bound.task.effect not in ("write", "action"):
        return
    text, piece = bound.piece.text, bound.piece
    if bound.task.about == "review":
        yield from (Spot(start=m.start("so"), end=m.end("so")) for m in _SUCH_REVIEWS.finditer(text, piece.start, piece.end))
    for said in _STATE.finditer(text, piece.start, piece.end):
        noun = next(iter(words_of(text, said.end(), piece.end)), None)
        if noun is None or noun.text.lower() in COMMON or not (scope.linker.vocabulary.knows(noun.stem) or is_hollow(noun.stem)):
            continue
        if _MAKES_SO.search(text[piece.start : said.start()]) and not (noun.plural and _MADE_ELSE.match(text, noun.end, piece.end)):
            continue  # "mark out of stock mugs ‖ as reorder" tells which all the same
        yield Spot(start=said.start("so"), end=said.end("so"))


def _of_goods(bound: Bound, scope: Scope) -> Iterator[Spot]:
    """ "Who bought the new throw" asks for no new customers: a word before goods says which goods, where something else is looked for."""
    if bound.task.does != "find" or bound.task.about in ("", *GOODS):
        return
    text = bound.piece.text
    for slot in bound.piece.marked("product"):
        words = words_of(text, slot.start, slot.end)
        if not words or not scope.linker.vocabulary.knows(words[-1].stem) or _SOMEBODYS.match(text, slot.end):
            continue
        led = _LED_IN.search(text[bound.piece.start : slot.start])
        yield Spot(start=slot.start if led is None else bound.piece.start + led.start(), end=slot.end)


_LED_IN = re.compile(r"\b(?:the|an?|our|my|this|that|these|those)\s+(?:[\w-]+\s+){0,2}$", re.I)
_SOMEBODYS = re.compile(r"\s+(?:customers?|buyers?|clients?|shoppers?|people|fans?|lovers?|orders?|reviews?|ones?)\b", re.I)
""" "Our new mug customers" are new."""


def _local(spot: Any, piece: Piece) -> Any:
    return replace(spot, start=spot.start - piece.start, end=spot.end - piece.start)

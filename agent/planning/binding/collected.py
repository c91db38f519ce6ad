"""Collections that a clause names: what is done with them, not goods that are in them.

"Add the blue mug to Summer" is about the collection Summer; "add all summer dresses to Sale" is about Sale alone. So a name counts
where the word collection stands beside it, or where it is all that follows "to", "into" or "from".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

from agent.planning.binding.scope import Bound, Scope, put
from agent.planning.language.sparing import LEAVING_OUT
from agent.planning.language.values import Spot
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of
from agent.sdk import Slot, Where

_NOUN = r"(?:collections?|category|categories)"
_LEAD = re.compile(
    rf"(?:(?P<prep>\b(?:to|into|in|from|out\s+of|inside|within))\s+)?(?:(?:the|our|my|this|that)\s+)*(?:{_NOUN}\s+(?:called\s+|named\s+)?)?[\"'“‘]?$",
    re.I,
)
_BESIDE = re.compile(rf"\b{_NOUN}\s+(?:called\s+|named\s+)?[\"'“‘]?$", re.I)
_AFTER = re.compile(rf"[\"'”’]?\s+{_NOUN}\b", re.I)
_ENDS = re.compile(r"[\"'”’]?\s*(?:$|[.!?;,:\"“‘']|\b(?:to|into|from|and|please|as|too|instead|for|with|out\s+of|but)\b)", re.I)
_LEFT_OUT = re.compile(rf"\b(?:{LEAVING_OUT}|and\s+not|(?<=,\s)not)\s*$", re.I)
_VERB = re.compile(r"\b(?:rename|delete|scrap|dissolve|bin|get\s+rid\s+of|retitle)\s+(?:the\s+|our\s+|my\s+)?[\"'“‘]?$", re.I)
_MAKING = re.compile(
    r"\W*(?:(?:please|and|now|can\s+you|i\s+(?:want|need)|we\s+(?:want|need))\s+)*"
    r"(?:create|make|set\s+up|start|build|open|put\s+together|new)\s+(?:me\s+|us\s+)?(?:(?:an?|another|the|new)\s+)*"
    rf"(?:(?!products?\b|items?\b|draft\b)[\w&'’-]+\s+){{0,3}}?{_NOUN}\b",
    re.I,
)
_CALLED = re.compile(r"\b(?:called|named|titled|call\s+it|name\s+it|to\s+be)\s+[\"'“‘]?$", re.I)
_RENAMING = re.compile(r"\b(?:rename|retitle|call|change\s+the\s+(?:name|title))\b", re.I)
_GOODS_OF = re.compile(
    r"\b(?:everything|anything|all(?:\s+of)?(?:\s+(?:the|our))?(?:\s+(?:products?|items?|goods|things?))?|products?|items?|whatever(?:\s+is)?)\s*$",
    re.I,
)
_OF = re.compile(r"(?<!\brid )\bof\s+(?:the\s+|our\s+|my\s+)?[\"'“‘]?$", re.I)
_NAME_OF = re.compile(r"\b(?:name|title)\s+of\s+(?:the\s+|our\s+|my\s+)?[\"'“‘]?$", re.I)
_MOVES = re.compile(r"\b(?:move|remove|take|drop|pull|kick)\b", re.I)
_NO_NAME = r"(?!(?:new|same|whole|first|following|an?|any|to|into|in|of|from|out|with|for|and|or|the|called|named|which|what|this|that)\b)"
_UNKNOWN = re.compile(
    rf"\b(?:the|our|my)\s+(?P<name>{_NO_NAME}[^\W\d_][\w&'’-]*(?:\s+{_NO_NAME}[\w&'’-]+){{0,3}}?)\s+{_NOUN}\b"
    rf"|\b{_NOUN}\s+(?P<after>[A-Z][\w&'’-]*(?:\s+[A-Z][\w&'’-]*){{0,3}})",
)
_MOST = 8
_NEAR = 55


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named(Spot):
    """A collection named, with the words that lead to it."""

    id: str
    label: str
    prep: str


def select_collections(bound: Bound, scope: Scope) -> None:
    """Fill the fields that hold a collection; a name that no collection has becomes a question."""
    slots = [slot for slot in bound.task.slots if slot.record == "collection"]
    if not slots:
        return
    found = list(_named(bound, scope))
    if found and _RENAMING.search(bound.piece.said):
        found = found[:1]  # what follows is its new name
    for named in found:
        slot = _slot_for(named, slots, found, bound)
        if slot is None:
            continue
        link = Linked(
            start=named.start, end=named.end, products=(named.id,), where=Where(collection=named.label), label=named.label, record="collection"
        )
        put(bound, slot, link)
        bound.taken.append(Spot(start=named.start, end=named.end))
    if not found and not _MAKING.match(bound.piece.said):
        _ask_which(bound, scope, slots[0])


def by_title(scope: Scope, text: str) -> Linked | None:
    """The collection that an answer names."""
    titles = _titles(scope)
    id = next((id for id, title in titles.items() if title.casefold() == text.strip().casefold()), None)
    return None if id is None else Linked(start=0, end=0, products=(id,), where=Where(collection=titles[id]), label=titles[id], record="collection")


def _named(bound: Bound, scope: Scope) -> Iterator[_Named]:
    """Collections of the shop that this clause does something with, each once, in reading order."""
    piece, vocabulary = bound.piece, scope.linker.vocabulary
    words = list(words_of(piece.text, piece.start, piece.end))
    stems, at, seen = [word.stem for word in words], 0, set[str]()
    while at < len(words):
        length, names = vocabulary.phrase_at(stems, at)
        mention = next((name for name in names if name.kind == "collection"), None)
        if mention is None or mention.id in seen:
            at += 1
            continue
        start, end = words[at].start, words[at + length - 1].end
        at += length
        if (spot := _about_it(bound, start, end)) is not None:
            seen.add(mention.id)
            if spot[2] in ("to", "into") and (out := _LEFT_OUT.search(piece.text, piece.start, spot[0])) is not None:
                bound.taken.append(Spot(start=out.start(), end=spot[1]))  # "to Kitchen ‖ but not to Sale": nothing is done there
                continue
            yield _Named(start=spot[0], end=spot[1], id=mention.id, label=mention.label, prep=spot[2])


def _about_it(bound: Bound, start: int, end: int) -> tuple[int, int, str] | None:
    """Where the mention begins and ends with its "to the … collection", and the preposition; None where it only says which goods."""
    piece = bound.piece
    text, before = piece.text, piece.text[piece.start : start]
    lead = _LEAD.search(before)
    assert lead is not None  # it may match nothing at the end
    after, prep = _AFTER.match(text, end, piece.end), re.sub(r"\s+", " ", (lead["prep"] or "").lower())
    beside = after is not None or _BESIDE.search(before) is not None
    closed = _ENDS.match(text, after.end() if after else end, piece.end) is not None
    if _MAKING.match(piece.said) and not _CALLED.search(before):
        return None  # "a collection with everything in Summer": only its own name could be one that is taken
    if not prep and _OF.search(before) and not _NAME_OF.search(before):
        return None  # "the mugs of the Summer collection"
    if prep in ("from", "in", "out of") and _GOODS_OF.search(before[: lead.start()]) and not _MOVES.search(piece.said):
        return None
    if not (beside or (closed and (prep or _VERB.search(before)))) or (beside and not closed and not _VERB.search(before) and not prep):
        return None
    last = after.end() if after else end
    return piece.start + (lead.start() if prep else lead.end() if not beside else lead.start()), last, prep


def _slot_for(named: _Named, slots: Sequence[Slot], found: Sequence[_Named], bound: Bound) -> Slot | None:
    """Where there are two, the one that things come from goes into the field that says so."""
    free = [slot for slot in slots if slot.name not in bound.args]
    if len(found) > 1 and named.prep == "in" and named is found[0] and _MOVES.search(bound.piece.said):
        return next((slot for slot in free if {"from", "out of"} & set(slot.cues)), None)  # "move everything in Summer to Sale"
    if len(found) > 1:
        out = next((slot for slot in free if named.prep in slot.cues), None)
        return out or next((slot for slot in free if not {"from", "out of"} & set(slot.cues)), None)
    return free[0] if free else None


def _ask_which(bound: Bound, scope: Scope, slot: Slot) -> None:
    """ "The Spring collection", when there is none such."""
    piece = bound.piece
    said = _UNKNOWN.search(piece.text, piece.start, piece.end)
    if said is None:
        return
    group = "name" if said["name"] else "after"
    titles, name = _titles(scope), said[group]
    if name.casefold() in {title.casefold() for title in titles.values()}:
        return  # it only says which goods
    near = process.extract(name, titles, scorer=fuzz.WRatio, processor=utils.default_process, limit=_MOST, score_cutoff=_NEAR)
    options = [(id, title) for title, _, id in near] or list(titles.items())[:_MOST]
    bound.ask(slot.name, f"There is no collection “{name}”. Which one do you mean?", options)
    bound.taken.append(Spot(start=said.start(), end=said.end()))


def _titles(scope: Scope) -> dict[str, str]:
    return {name.id: name.label for names in scope.linker.vocabulary.phrases.values() for name in names if name.kind == "collection"}

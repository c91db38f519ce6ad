"""Which of the changes of a thread a message puts back: the last, the first, the other one, or the one it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.planning import said
from agent.planning.binding.scope import GOODS, Scope
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.link import Linked, Nothing, Several
from agent.planning.linking.vocabulary import stem, words_of
from agent.planning.threads.narrow import ONES, common
from agent.planning.threads.recall import Past
from agent.records import Proposed, Replaced, Turn
from agent.sdk import Selection, Variant

_ANOTHER = re.compile(r"\b(?:other|before|previous|first|earlier)\b", re.I)
_FIRST = re.compile(r"\bfirst\b", re.I)
_ONLY_UNDO = frozenset(
    stem(word) for word in ("undo", "revert", "roll", "back", "put", "last", "please", "again", "change", "redo", "take", "switch")
)


def to_be_undone(text: str, turns: Sequence[Turn]) -> list[str]:
    """The change sets to put back, of those that were applied; what only undid something is meant by "undo that" alone."""
    applied = [(turn, p) for turn in reversed(turns) for p in reversed(turn.proposed) if p.state in ("applied", "partly_applied")]
    words = {word.stem for word in words_of(text) if word.text.lower() not in COMMON}
    if any(word.stem in ("everything", "all") for word in words_of(text)):
        return [p.change_set for _, p in applied]
    if _BOTH.search(text):
        newest = [pair for pair in _changes(turns) if pair[1].state in (*_APPLIED, "open")][:2]
        return [p.change_set for _, p in newest if p.state in _APPLIED]
    if _ANOTHER.search(text) or not words <= _ONLY_UNDO:
        applied = [pair for pair in applied if _task(*pair) != "undo"] or applied
    if _FIRST.search(text):
        applied.reverse()
    best = max(applied, key=lambda pair: len(words & _words(*pair)), default=None)  # the first of equals is the latest
    return [best[1].change_set] if best is not None else []


_APPLIED = ("applied", "partly_applied")
_BOTH = re.compile(r"\b(?:both|the\s+two|the\s+last\s+two)\b", re.I)


def also_withdrawn(text: str, turns: Sequence[Turn]) -> list[Replaced]:
    """ "Undo both", of a change that was applied and one that waits: the one that waits is taken back."""
    changes = [pair for pair in _changes(turns) if pair[1].state in (*_APPLIED, "open")]
    meant = changes[:2] if _BOTH.search(text) else changes if any(word.stem in ("everything", "all") for word in words_of(text)) else []
    return [Replaced(run=turn.run, subtask=p.subtask) for turn, p in meant if p.state == "open"]


def _changes(turns: Sequence[Turn]) -> list[tuple[Turn, Proposed]]:
    """What was proposed, the newest first."""
    return [(turn, p) for turn in reversed(turns) for p in reversed(turn.proposed) if _task(turn, p) != "undo"]


def _words(turn: Turn, proposed: Proposed) -> set[str]:
    return {w.stem for w in words_of(f"{proposed.summary} {_task(turn, proposed).replace('_', ' ')} {turn.text}")}


def _task(turn: Turn, proposed: Proposed) -> str:
    return next((s.task for s in turn.plan.subtasks if s.id == proposed.subtask), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is put back of a change set: what it did to these records, or all of it."""

    change_set: str
    records: tuple[str, ...] = ()


_PART = re.compile(
    r".*?\b(?:undo|revert|roll\s*back|reverse|put|take|change|switch|turn|set)\b(?:\s+back)?"
    r"(?:\s+(?:it|that|this|them|those|the\s+(?:last\s+)?(?:changes?|one|prices?)))?"
    r"(?P<but>(?:\s+(?:all|everything|every\s+one)(?:\s+of\s+(?:it|that|them))?)?[\s,]+(?:but(?:\s+not)?|except(?:\s+for)?|apart\s+from|other\s+than|not)\b)?"
    r"(?P<some>(?:[\s,]+(?:only|just))?)(?:[\s,]+(?:only|just|but|for|of|on|at|to|in|with))*\s+(?P<what>[^.!?]+?)"
    r"(?:\s+back\b.*|\s+(?:only|alone|please|again|then|though|now|part|changes?))*[\s.!?]*",
    re.I | re.S,
)


async def parts_to_be_undone(text: str, past: Sequence[Past], scope: Scope) -> tuple[Sequence[Part], str]:
    """ "Undo only the mugs", "revert it for #20997", "undo all but the socks": what was done to these, in the newest turn that changed any of them.

    Returns:
        The parts, and a question where something is named that nothing here was done to.
    """
    found, done = _PART.fullmatch(text), [one for one in reversed(past) if one.done and one.bound.links]
    if found is None or not done or not {word.stem for word in words_of(found["what"])} - _ONLY_UNDO - _ALL:
        return [], ""
    if _REST.fullmatch(found["what"]):
        return [Part(change_set=_change_set(one)) for one in done if one.turn is done[0].turn], ""
    for run in dict.fromkeys(one.turn.run for one in done):
        theirs = [one for one in done if one.turn.run == run]
        named = [await _named_among(one, found["what"], scope) for one in theirs]
        if any(named):
            return [part for one, link in zip(theirs, named, strict=True) if (part := await _part(one, link, scope, but=bool(found["but"])))], ""
    alien = found["some"] or found["but"] or not isinstance(await scope.linker.goods(found["what"], 0, len(found["what"])), Nothing)
    label = next(iter(done[0].bound.links.values())).label
    return [], said.none_of_them(label, found["what"]) if alien else ""


_REST = re.compile(r"(?:the\s+)?(?:rest|others?|remaining(?:\s+ones)?)(?:\s+(?:of\s+(?:it|them)|as\s+well|too))*", re.I)
_ALL = frozenset({"all", "everything", "both", "other", "previous", "first", "earlier", "before", "it"})


async def _named_among(one: Past, words: str, scope: Scope) -> tuple[Linked, Linked] | None:
    """The records of an applied change, and those of them that the words name; None where they name none."""
    words = ONES.sub("products", words)
    for link in one.bound.links.values():
        if link.record in GOODS:
            named = await scope.linker.goods(words, 0, len(words), category=True)
            if isinstance(named, Several):
                named = _any_of(named, scope)
            kept = None if isinstance(named, Nothing) else await common(link, named, scope)
        else:
            names = re.split(r"\s*(?:,|\band\b)\s*", words)
            ids = {id for name in names for id in await _people_or_orders(name, link.record, scope)}
            kept = replace(link, products=tuple(id for id in link.products if id in ids))
        if kept is not None and kept.products:
            return link, kept
    return None


def _any_of(several: Several, scope: Scope) -> Linked | Nothing:
    links = [link for id, _ in several.options if (link := scope.linker.labelled(id)) is not None]
    return scope.linker.together(links) if links else Nothing(start=several.start, end=several.end, said=several.said, near=())


async def _people_or_orders(name: str, record: str, scope: Scope) -> list[str]:
    if record not in ("customer", "order") or not name.strip():
        return []
    return [mention.id for mention in await scope.store.named(record, name.strip().lstrip("#"))]  # type: ignore[arg-type]  # one of the two


async def _part(one: Past, named: tuple[Linked, Linked] | None, scope: Scope, *, but: bool) -> Part | None:
    change_set = _change_set(one)
    if named is None:
        return Part(change_set=change_set) if but else None
    link, kept = named
    if but:
        kept = await _without(link, kept, scope)
    if not kept.products:
        return None
    if (set(kept.products), kept.variants) == (set(link.products), link.variants):
        return Part(change_set=change_set)
    return Part(change_set=change_set, records=await _with_variants(kept, scope))


async def _without(link: Linked, gone: Linked, scope: Scope) -> Linked:
    if link.record in GOODS:
        return await scope.linker.without(link, gone)
    return replace(link, products=tuple(id for id in link.products if id not in gone.products))


async def _with_variants(link: Linked, scope: Scope) -> tuple[str, ...]:
    """Of goods the products, and the variants that are meant of them: a change may be to either."""
    if link.record not in GOODS:
        return link.products
    chosen = link.variants if link.variants is not None else link.products
    variants = await scope.store.variants(Selection[Variant](ids=chosen))
    whole = link.products if link.variants is None else tuple(id for id in link.variants if id in link.products)
    return tuple(dict.fromkeys([*whole, *(variant.id for variant in variants)]))


def _change_set(one: Past) -> str:
    return next(p.change_set for p in one.turn.proposed if p.subtask == one.subtask.id)

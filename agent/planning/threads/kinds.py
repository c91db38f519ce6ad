"""What kind of record a message's "it" and "them" are, said to the reader, which has only the message: "hide them" is "hide these products"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.planning import said
from agent.planning.binding.scope import GOODS, Bound, Scope, put
from agent.planning.binding.taken_over import kind_of
from agent.planning.clauses.local import Decision
from agent.planning.draft import Step
from agent.planning.language.fragments import THEM
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.recall import Past
from agent.records.reading import Clause
from agent.sdk import Task, Where

_PLURAL = re.compile(r"\b(?:them|they|those|these)\b(?!\s+(?:\w+\s+)?(?:customers?|products?|orders?|reviews?|items?|codes?|ones?))", re.I)
_SINGULAR = re.compile(r"\bit\b", re.I)
_PLACES = re.compile(r"\bthe\s+(?:rest|others|remaining\s+ones|(?:first|second|third|last)(?:\s+(?:one|two|three|\d+))?)(?=\W*$)", re.I)
_SOME = re.compile(
    r"\W*(?:(?:please|then|and|now|ok(?:ay)?|can\s+you|could\s+you)[\s,]+)*(?P<verb>write|add|make|draft|give)\s+(?:me\s+)?(?:some|one|any|those|it)\b",
    re.I,
)
_LACKING = re.compile(
    r"\b(?:without|no|missing|lack(?:s|ing)?|(?:have|has)n['’]t(?:\s+got)?)\s+(?:an?\s+|any\s+|their\s+)?(?P<what>[a-z]{4,}?)s?\b", re.I
)
BOTH = re.compile(rf"\bboth(?:\s+of\s+(?:{THEM}))?\b", re.I)
_ONES = re.compile(r"\bones\b", re.I)
_LIKELIER = 0.5
"""Least probability of a task in doubt, once it is said what is meant, against a refusal of what was said."""
_OF_THE_SAME = re.compile(rf"\bones\b|\bhow\s+many\s+(?:of\s+(?:{THEM})\s+)?(?:are|were)\b|\b(?:they|{THEM})\b", re.I)
_CONDITIONS = frozenset({"rating", "topic", "status", "author"})
"""What was said of the records themselves: "what do they complain about?" is asked of the 1-star reviews."""
_THEY = re.compile(rf"\b(?:they|{THEM})\b", re.I)
_NOUNS = {
    "message": "message",
    "product": "product",
    "variant": "product",
    "customer": "customer",
    "order": "order",
    "review": "review",
    "discount": "discount code",
}


def kind_spoken_of(one: Past, outputs: Mapping[str, str], *, many: bool) -> str | None:
    """The kind of record the earlier subtask found, or was about."""
    kinds = [outputs[name] for name, link in one.found.items() if link.products and name in outputs]
    found = next((kind for kind in kinds if kind in one.subtask.task), next(iter(kinds), None))
    about = next((one.bound.task.slot(name).record for name in one.bound.links), None)
    single = [outputs.get(name) for name, link in one.found.items() if len(link.products) == 1]
    if one.bound.task.does == "find" and one.bound.task.about in single:
        return one.bound.task.about  # "reply to it", after the worst review of a mug
    return (found or about) if many else (about or found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The message with what its one pronoun means in its place."""

    kind: str
    texts: Sequence[str]
    """With the one record's name, where it is one, and with the kind's noun."""


def said_with_its_kind(text: str, one: Past, scope: Scope) -> Told | None:
    """What the message says without its pronoun; None where it has none, or nothing was spoken of."""
    if (some := _SOME.match(text)) is not None and (lacking := _lacking(one)) is not None:
        return Told(kind="product", texts=[f"{some['verb']} {lacking}s{text[some.end() :]}"])
    for pattern, many in ((_PLURAL, True), (_PLACES, True), (_SINGULAR, False)):
        if (found := pattern.search(text)) is not None:
            noun = _NOUNS.get(kind_spoken_of(one, scope.outputs.get(one.subtask.task, {}), many=many) or _listed(one))
            if noun is None:
                return None
            named = [] if many else [link.label for link in one.bound.links.values() if len(link.products) == 1][:1]
            called = [*named, f"these {noun}s" if many else f"this {noun}"]
            texts = [f"{text[: found.start()]}{words}{text[found.end() :]}" for words in called]
            return Told(kind=noun.partition(" ")[0], texts=texts)
    return None


def _lacking(one: Past) -> str | None:
    """What those that were found lack: "description" of "which products have no description"."""
    start, end = one.subtask.span
    said = _LACKING.search(one.turn.text, start, end) if one.subtask.effect == "read" and one.found else None
    return said["what"].lower() if said is not None else None


def _listed(one: Past) -> str:
    """What a report that names no records lists, by its own name: the messages of `triage_messages`."""
    return kind_of(one.bound.task) if one.subtask.effect in ("read", "draft") else ""


def with_its_kind(decision: Decision, told: Told, read: Callable[[str], Sequence[Clause]], decide: Callable[[str, Clause], Decision]) -> Decision:
    """The clause decided as if that had been said, where it leaves no doubt; its words stay where they are."""
    read_so = [(text, clauses[0]) for text in told.texts if len(clauses := read(text)) == 1]
    again = max((decide(text, replace(decision.clause, labels=clause.labels)) for text, clause in read_so), key=_sureness, default=decision)
    if (
        again.verdict == "doubt"
        and again.task is not None
        and decision.verdict == "refuse"
        and again.confidence >= _LIKELIER
        and _is_about(again.task, told.kind)
    ):
        near = tuple((task, share) for task, share in again.near if kind_of(task) in ("", told.kind))
        return replace(again, near=near)  # "publish the first two" of a list of products, and no reviews of theirs
    if again.verdict != "do" or again.task is None:
        return decision
    fits_better = _is_about(again.task, told.kind) and not (decision.task is not None and _is_about(decision.task, told.kind))
    return again if decision.verdict != "do" or fits_better or again.confidence >= decision.confidence - 0.1 else decision


def _sureness(decision: Decision) -> tuple[bool, float]:
    return decision.verdict == "do", decision.confidence


def _is_about(task: Task, kind: str) -> bool:
    return any((slot.record or "").replace("variant", "product") == kind for slot in task.slots)


def among_found(steps: Sequence[Step], one: Past, outputs: Mapping[str, str]) -> None:
    """ "Publish the good ones" after reviews were found: those among them, and none that was not shown."""
    for step in steps:
        bound = step.bound
        if step.said or bound.task.effect == "read" or not _ONES.search(bound.piece.said) or bound.links or bound.finds:
            continue
        kind = kind_spoken_of(one, outputs, many=True)
        for slot in bound.task.slots:
            name = next((n for n, link in one.found.items() if outputs.get(n) == slot.record == kind and link.products), None)
            if name is not None and "selection" in slot.types and slot.name not in bound.args:
                put(bound, slot, one.found[name])
                bound.asked = [asked for asked in bound.asked if asked.field != slot.name]


def both(steps: Sequence[Step], past: Sequence[Past], scope: Scope) -> None:
    """ "Put a note on both": on the two records that the two turns before were about, one each, and not on the last alone."""
    runs = list(dict.fromkeys(one.turn.run for one in reversed(past)))[:2]
    if len(runs) < 2:
        return
    for step in steps:
        bound = step.bound
        if step.said or not step.changes or not BOTH.search(bound.piece.said):
            continue
        for name in [name for name in bound.links if name in bound.refers and len(bound.links[name].products) == 1]:
            slot = bound.task.slot(name)
            each = [next((_single(one, slot.record) for one in past if one.turn.run == run and _single(one, slot.record)), None) for run in runs]
            two = [link for link in each if link is not None]
            if len(two) == 2 and two[0].products != two[1].products:
                put(bound, slot, _together(two[1], two[0], scope))
            else:
                del bound.args[name], bound.links[name]
                bound.ask(name, slot.question or f"Which {slot.record}s do you mean?")


def _single(one: Past, record: str | None) -> Linked | None:
    """The one record that it is about; a product is that of which variants were changed."""
    alike = GOODS if record in GOODS else {record}
    return next((link for name, link in one.bound.links.items() if one.bound.task.slot(name).record in alike and len(link.products) == 1), None)


def _together(first: Linked, second: Linked, scope: Scope) -> Linked:
    if first.record in GOODS:
        return scope.linker.together([first, second])
    return replace(first, products=(*first.products, *second.products), where=Where(), label=f"{first.label}, {second.label}")


def of_the_same(steps: Sequence[Step], one: Past) -> None:
    """ "Show me the bad ones" after what reviews of the travel mug say: its reviews still, of that time."""
    for step in steps:
        bound = step.bound
        if step.said or bound.task.effect != "read" or bound.task is one.bound.task or not _OF_THE_SAME.search(bound.piece.said):
            continue
        if not _ONES.search(bound.piece.said) and (kind_of(bound.task) or "none") != kind_of(one.bound.task):
            continue
        if any(bound.task.slot(name).record and name not in bound.refers for name in bound.args) or one.bound.task.effect != "read":
            continue
        for slot in bound.task.slots:
            known = next((s for s in one.bound.task.slots if s.name == slot.name and s.types == slot.types and s.record == slot.record), None)
            if (
                known is None
                or (slot.name in bound.args and slot.name not in bound.refers)
                or slot.name not in one.bound.args
                or not (slot.record or "period" in slot.types or (slot.name in _CONDITIONS and _THEY.search(bound.piece.said)))
            ):
                continue
            bound.args[slot.name] = one.bound.args[slot.name]
            if slot.name in one.bound.links:
                bound.links[slot.name] = one.bound.links[slot.name]


_DEFINITE = re.compile(r"\b(?:the|that|this)\b", re.I)
_SUCH_ONE = re.compile(r"\bthe\s+(?:[\w-]+\s+){1,3}ones?\b", re.I)


def settle_by_thread(bound: Bound, past: Sequence[Past], scope: Scope) -> None:
    """ "No, make the dish 19", of three dishes of which one was spoken of: that one, and no question which is meant."""
    spoken = {link.products[0] for one in past for link in one.bound.links.values() if link.record in GOODS and len(link.products) == 1}
    for asked in list(bound.asked):
        slot = next((s for s in bound.task.slots if s.name == asked.field and s.record in GOODS), None)
        meant = [id for id, _ in asked.options if id in spoken]
        if slot is None or len(meant) != 1 or slot.name in bound.links or not _DEFINITE.search(bound.piece.said):
            continue
        if (known := scope.linker.labelled(meant[0])) is None:
            continue
        bound.asked.remove(asked)
        if not asked.near:
            put(bound, slot, known)
        elif (one := _SUCH_ONE.search(bound.piece.said)) is not None:
            bound.ask(slot.name, said.none_of_them(known.label, one[0]))  # "the charcoal one", of a blanket that comes in no charcoal
        else:
            bound.asked.append(asked)


_ENDS_SO = re.compile(r"\b(?:the|those|these)\s+$", re.I)
_THE = re.compile(r"\b(?:the|those|these)\s+", re.I)


def of_the_one_named(steps: Sequence[Step], bases: Sequence[Past], scope: Scope) -> None:
    """ "Set the mugs to 40" after how many travel mugs there are: the travel mugs, and not all mugs of the shop."""
    last = [link for one in bases for link in one.bound.links.values() if link.record in GOODS]
    alone = [known for link in last if len(link.products) == 1 and (known := scope.linker.labelled(link.products[0])) is not None]
    if not alone or len(alone) < len(last):
        return
    for step in steps:
        for name, link in step.bound.links.items() if step.changes and not step.said else ():
            of_a_kind = link.record in GOODS and len(link.products) > 1 and link.where.product_type and name not in step.bound.refers
            said = step.bound.piece.text
            nouns = {word.stem for word in words_of(said, link.start, link.end) if word.text.lower() not in COMMON}
            definite = _ENDS_SO.search(said[: link.start]) or _THE.match(said, link.start)
            if not of_a_kind or not definite or len(nouns) != 1:
                continue
            meant = next((one for one in alone if nouns <= {word.stem for word in words_of(one.label)} and one.products[0] in link.products), None)
            if meant is not None:
                put(step.bound, step.bound.task.slot(name), meant)
                break


_ONE_MORE = re.compile(r"\W*(?:and|also|plus|now|then|next)\b", re.I)


def of_the_same_subject(steps: Sequence[Step], one: Past) -> None:
    """ "And a facebook post", after the description of a necklace: a post about the necklace."""
    step = steps[0] if len(steps) == 1 else None
    link = next((link for name, link in one.bound.links.items() if one.bound.task.slot(name).record == "product"), None)
    if step is None or link is None or one.bound.task.effect != "draft" or step.bound.task.effect != "draft" or kind_of(step.bound.task):
        return
    bound = step.bound
    about = bound.task.selecting("product")
    subject = any(bound.task.slot(name).record or "about" in bound.task.slot(name).cues for name in bound.args)
    if about is not None and not step.said and not subject and not bound.finds and _ONE_MORE.match(bound.piece.text):
        put(bound, about, link)
        bound.asked = [asked for asked in bound.asked if asked.field != about.name]

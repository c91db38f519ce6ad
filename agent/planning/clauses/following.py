"""What a clause asks for, by the part of the request before it: "make it 30 percent" after a code is no new code.

The reader sees the words of a clause and hardly what "it" is. So where a thing was just named, made or changed, and the clause only points at it,
what it asks is a change of that thing, or another line of what is to be made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from agent.planning.binding.people import NEWS
from agent.planning.binding.taken_over import tells_news_of
from agent.planning.clauses.local import Decision
from agent.planning.language.fragments import THEM
from agent.planning.language.outcome import ON_HAND, outcome
from agent.planning.linking.lexicon import spoken_against
from agent.planning.linking.roles import task_for
from agent.sdk import Task

_POINTS = re.compile(
    rf"\b(?:it|this|that|{THEM}|the\s+(?:code|discount|coupon|voucher|offer|rule|automation|report|segment|collection|product))\b", re.I
)
_ANOTHER = re.compile(
    r"\b(?:another|a\s+(?:new|second|different)|an?\s+(?:code|discount|coupon|voucher|product|collection|automation|segment))\b", re.I
)
_SPOKEN_OF = ("make", "change", "end", "find")


def following(decision: Decision, before: Task | None, said: str, tasks: Mapping[str, Task], *, act: float) -> Decision:
    """The decision with the shares of making and changing put together where a clause points at what the part before named.

    Args:
        before: The task of the part before.
        said: The clause.
        act: Least probability to plan a write.
    """
    if before is not None and before.effect == "draft" and decision.task is not before and _TELLS_MORE.match(said) and _is_to_somebody(before):
        return replace(decision, task=before, confidence=max(decision.confidence, act), verdict="do", near=((before, act),))
    if before is None or not _POINTS.search(said) or _ANOTHER.search(said):
        return decision
    thing = before.about if before.does in _SPOKEN_OF else ""
    making, changing = task_for(tasks, "make", thing), task_for(tasks, "change", thing)
    if not thing or making is None or changing is None:
        return decision
    # what is only to be made can neither be changed nor ended yet
    meant, others = (making, (changing, task_for(tasks, "end", thing))) if before is making else (changing, (making,))
    total = sum(share for task, share in decision.near if task is meant or task in others)
    if not any(task in others for task, _ in decision.near):
        return decision
    near = sorted([(meant, total), *((t, s) for t, s in decision.near if t is not meant and t not in others)], key=lambda pair: -pair[1])
    task, confidence = near[0]
    decided = (decision.task is meant or decision.task in others) and task is meant and decision.verdict != "refuse"
    verdict = "do" if decided and confidence >= act else decision.verdict
    return replace(decision, task=task, confidence=confidence, verdict=verdict, near=tuple(near)) if decided else replace(decision, near=tuple(near))


_SIGNED = re.compile(
    r"\W*(?:and\s+)?(?:the\s+|all\s+)?[^\W\d][^\d,;.:!?]{1,40}?\s+(?:minus|plus|up|down)(?:\s+by)?\s+\W?\d[\d.,]*(?P<unit>\s*(?:euros?|eur|[€$£%]|percent|cents?|dollars?|pounds?))?\W*",
    re.I,
)


def of_the_same_list(decision: Decision, before: Task | None, said_before: str, said: str, *, act: float) -> Decision:
    """ "Mugs minus 2 euros, ‖ bowls minus 3": one thing is done to all of a list, and its unit is said once."""
    item, other = _SIGNED.fullmatch(said), _SIGNED.fullmatch(said_before)
    if before is None or before.effect != "write" or item is None or item["unit"] or other is None or not other["unit"]:
        return decision
    return replace(decision, task=before, confidence=max(decision.confidence, act), verdict="do", near=((before, act),))


_HARDLY = 0.6
"""Share of a report below which it gives way to a search for the records that are named."""
_LOOKED_FOR = re.compile(
    r"\W*(?:(?:please|can\s+you|could\s+you|and|also|then)\W+)*(?:(?:which|what)|how\s+many(?=\s+(?:people|customers)\b(?!\s+(?:did|do|have|had)\s+we\b))|(?:(?:show|list|find|get|give|see)\s+(?:me\s+)?)(?:all\s+|the\s+|of\s+|our\s+|my\s+|every\s+|\d+\s+|(?:largest|biggest|smallest|latest|newest|oldest|last|first|most\s+recent)\s+)*)\s*"
    r"(?P<kind>orders?|customers?|products?|reviews?|discounts?|(?<=how\smany\s)people)\b(?!\s+(?:codes?|vouchers?|numbers?|tags?|names?|titles?|prices?|descriptions?|notes?|values?|reviews?)\b)",
    re.I,
)


_WHETHER = re.compile(
    r"\W*(?:(?:and|also|but|so)\W+)*(?:(?:should|shall|ought)\s+(?:i|we)\b|do\s+you\s+think\s+(?:i|we)\s+should\b|would\s+it\s+(?:hurt|help|make\s+sense|be)\b"
    r"|is\s+it\s+(?:a\s+(?:good|bad)\s+idea|wise|sensible|worth)\b)",
    re.I,
)


def asks_whether(decision: Decision, said: str) -> bool:
    """Whether a change is only asked about: who wonders "should I archive the mugs?" has not said that they are to be."""
    changes = decision.verdict == "do" and decision.task is not None and decision.task.effect in ("write", "action")
    return changes and _WHETHER.match(said) is not None


def of_what_is_looked_for(decision: Decision, said: str, tasks: Mapping[str, Task], *, look: float) -> Decision:
    """The decision of a question that names first what it looks for: "which orders used the code …" asks for orders, and for no discount."""
    found = _LOOKED_FOR.match(said)
    kind = found["kind"].lower().removesuffix("s").replace("people", "customer") if found is not None else ""
    meant = task_for(tasks, "find", kind)
    finders = {
        task.name: share
        for task, share in decision.near
        if task.does == "find" or (task.does == "report" and task.about == "sales" and share < _HARDLY)
    }
    if meant is None or (meant is decision.task and decision.verdict == "do") or meant.name not in finders:
        return decision
    if decision.task is None or decision.task.name not in finders:
        return decision
    if spoken_against(said, meant, [decision.task]):  # "customers who are unhappy with …" are those who wrote so
        return decision
    total = sum(finders.values())
    near = ((meant, total), *((task, share) for task, share in decision.near if task.name not in finders))
    verdict = "do" if total >= look else decision.verdict
    return replace(decision, task=meant, confidence=total, verdict=verdict, code=None if verdict == "do" else decision.code, near=near)


def of_the_outcome(decision: Decision, said: str, before: Task | None, tasks: Mapping[str, Task], *, look: float) -> Decision:
    """The decision of a clause that only asks to see what was just changed: "display the result", "show the new levels"."""
    if before is None or before.effect not in ("write", "action") or before.whole is not None or outcome(said) is None:
        return decision
    kinds = [slot.record for slot in before.slots if slot.record and "selection" in slot.types]
    kind = before.about if task_for(tasks, "find", before.about) is not None else "product" if "variant" in kinds else next(iter(kinds), "")
    meant = task_for(tasks, "report", "inventory") if ON_HAND.search(said) and kind == "product" else task_for(tasks, "find", kind)
    if meant is None:
        return decision
    return replace(decision, task=meant, verdict="do", code=None, confidence=max(decision.confidence, look), near=((meant, 1.0),))


_TO_A_COUNT = re.compile(
    rf"\W*(?:(?:and|then|so|but|please|actually)\W+)*(?:(?:it|that|this|they|{THEM}|there)\s+(?:should|ought\s+to|must|has\s+to|have\s+to|needs?\s+to|is\s+supposed\s+to|are\s+supposed\s+to)\s+"
    rf"(?:be|say|read|show)|(?:make|set|put|change|correct|fix)\s+(?:it|that|this|{THEM})(?:\s+(?:to|at))?)\s+"
    r"(?:only\s+|exactly\s+)?(?:\d+|[a-z]+(?:[\s-](?:hundred|thousand|[a-z]+))?)(?:\s+(?:pieces|units|pcs|items))?(?:\s+(?:instead|please|now))?\W*",
    re.I,
)


def of_a_count(decision: Decision, before: Task | None, said: str, tasks: Mapping[str, Task]) -> Decision:
    """ "How many travel mugs are left? It should be 40": a bare number after a look at the stock is no price."""
    stock, price = task_for(tasks, "other", "stock"), task_for(tasks, "other", "price")
    if before is None or before is not task_for(tasks, "report", "inventory") or stock is None or decision.task is not price:
        return decision
    if not _TO_A_COUNT.fullmatch(said):
        return decision
    near = ((stock, decision.confidence), *((task, share) for task, share in decision.near if task not in (stock, price)))
    return replace(decision, task=stock, near=near)


_TELLS_MORE = re.compile(
    r"\W*(?:(?:and|also|then|please)\W+)*(?:invite|offer|ask|thank|assure|promise|apologi[sz]e\s+to|remind|wish|give|encourage)\s+(?:her|him|them)\b"
    r"(?!\s+(?:as|with\s+the\s+tag)\b)(?![^.;]*\b(?:back|refund)\b)",
    re.I,
)


def _is_to_somebody(task: Task) -> bool:
    """Whether a text is written to a person, who can then be invited or asked in it."""
    return any({"telling them", "tell them"} & set(slot.cues) for slot in task.slots)


_WRITES = re.compile(
    r"\W*(?:(?:and|also|then|please)\W+)*(?:write|draft|compose|send|e-?mail)\b[^,.;]{0,30}?\b(?:apology|e-?mail|message|letter|thank[\s-]you(?:\s+note)?|newsletter)\b(?P<to>\s+to\s+(?:the\s+(?:customer|buyer|client)|him|her|them)\b)?",
    re.I,
)


def of_what_is_written(decision: Decision, said: str, tasks: Mapping[str, Task]) -> Decision:
    """The decision where a clause plainly asks for a letter, whatever the letter is to offer: "write an apology to the customer offering 10% off"."""
    wanted = _WRITES.match(said)
    meant = (task_for(tasks, "message", "customer") if wanted["to"] else task_for(tasks, "write", "email")) if wanted is not None else None
    if meant is None or decision.task is None or (decision.task.does, decision.task.about) != ("make", "discount") or decision.verdict == "refuse":
        return decision
    return replace(decision, task=meant, verdict="do", near=((meant, decision.confidence),))


def of_what_was_done(decision: Decision, before: Task | None, said: str, tasks: Mapping[str, Task]) -> Decision:
    """ "Cut the mugs 10% and tell the vips": news of goods goes out as an e-mail about them; a message would say nothing of them."""
    meant, message = task_for(tasks, "write", "email"), task_for(tasks, "message", "customer")
    if before is None or meant is None or decision.task is None or decision.verdict != "do" or not tells_news_of(before):
        return decision
    if decision.task is not message or not NEWS.match(said):
        return decision
    return replace(decision, task=meant, near=((meant, decision.confidence),))


_WRITES_IN = re.compile(
    r"\W*(?:(?:and|then|also|please)\W+)*(?:write|e-?mail|message|text)\s+(?:to\s+)?(?:them(?:\s+all)?|all\s+of\s+them|him|her|everyone|both)\s+in\s+[^\W\d]+\W*$",
    re.I,
)


def to_somebody(decision: Decision, said: str, tasks: Mapping[str, Task]) -> Decision:
    """ "Write them in French": a message to the people spoken of, and no translation of goods."""
    meant = task_for(tasks, "message", "customer")
    if meant is None or decision.task is None or decision.task.selecting("customer") is not None or not _WRITES_IN.match(said):
        return decision
    return replace(decision, task=meant, verdict="do", code=None, near=((meant, decision.confidence),))

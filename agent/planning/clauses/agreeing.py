"""What a clause asks for, by the kind of record that it is about: "add the tag parent to them" of people found is no tag of their orders.

Several tasks do the same to different records, and a clause that only points at its own says little to the reader of which. What was found,
made or changed before says it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from agent.planning.binding.earlier_records import makes
from agent.planning.binding.pointing import KIND_OF
from agent.planning.binding.scope import Scope
from agent.planning.binding.taken_over import kind_of
from agent.planning.clauses.local import Decision
from agent.planning.language.fragments import OUR, THEM
from agent.planning.linking.roles import task_for
from agent.planning.linking.vocabulary import key_of
from agent.sdk import Task

_TAGS = re.compile(
    r"\W*(?:(?:please|and|then|also|can\s+you|could\s+you)\s+)*(?:(?:tag|untag|label)\b(?!\s+(?:is|was)\b)"
    r"|(?:mark|flag)\s+(?:the\s+)?(?:customer|buyer|client|person|whoever)\b"
    r"|(?:add|put|attach|give|remove|delete|drop|strip|take)\b(?:\s+off)?\s+(?:(?:it|them|these|those|both)\s+)?(?:(?:the|a|an|another)\s+)?(?:tags?|labels?)\b)",
    re.I,
)
_TAG_IT = re.compile(
    r"\W*(?:(?:please|and|then|also)\s+)*(?:tag|untag|label)\s+(?:it|them|those|these|both)\s+(?:as\s+|with\s+)?[\"“'‘]?[\w-]+[\"”'’]?\W*", re.I
)
""" "Tag it problem": short, and unclear only where nothing was spoken of."""
_PEOPLE = re.compile(
    r"\b(?:customers?|buyers?|clients?|shoppers?|people|everyone|everybody|anyone|subscribers?|members?|who(?:ever)?|person|him|her)\b", re.I
)
_ORDERS = re.compile(r"\borders?\b", re.I)
_GOODS = re.compile(r"\b(?:products?|items?|goods|articles?|everything|anything|whatever|things?)\b", re.I)
_POINTS = re.compile(rf"\b(?:it|{THEM}|both|all(?!\s+(?!(?:of|as|with|by|in|to|for)\b)[^\W\d])|each|they)\b", re.I)
""" "Tag all candles" points at nothing before it."""
_INTO_IT = re.compile(
    r"\W*(?:(?:please|and|then|also)\s+)*(?:(?:add|put|move|place|include|bring|get)\b.{2,}\b(?:to|in|into|inside|onto)"
    r"|(?:take|remove|pull|drop|kick)\b.{2,}\b(?:from|out\s+of))\s+"
    r"(?:it|there|that|(?:the|this|that)\s+(?:new\s+|same\s+)?collection)\W*",
    re.I,
)
_ONES = re.compile(r"\b(?:ones?|others?|rest)\b", re.I)
_NAMED = re.compile(r"\b(?:reviews?|messages?|orders?|customers?|products?|discounts?|codes?|items?|people|buyers?)\b", re.I)


def agreeing(decision: Decision, said: str, scope: Scope, tasks: Mapping[str, Task], *, act: float) -> Decision:
    """
    Args:
        said: The clause.
        act: Least probability to plan a write.
    """
    ways = (
        _by_what_it_takes,
        _off_what_was_found,
        _into_a_collection,
        _tagging,
        _of_that_collection,
        _of_the_ones,
        _worth_of_orders,
        _how_many_there_are,
    )
    meant = next((task for way in ways if (task := way(decision, said, scope, tasks)) is not None), None)
    if meant is None or (meant is decision.task and decision.verdict == "do"):
        return decision
    share = max(act, sum(share for task, share in decision.near if task is meant or task is decision.task))
    near = ((meant, share), *((task, other) for task, other in decision.near if task is not meant and task is not decision.task))
    return replace(decision, task=meant, confidence=share, verdict="do", code=None, near=near)


_ONLY_OFF = re.compile(
    r"\W*(?:(?:and|then|all|at|with|get|gets|take|put|mark|knock|make|sell|go|goes|please|for|now|straight)\s+)*(?:it\s+|them\s+|those\s+|these\s+)?"
    r"\d[\d.,]*\s*(?:%|percent|per\s+cent)\s*(?:off|down|cheaper|less|reduction|discount|price\s+cut)\W*",
    re.I,
)


def _off_what_was_found(decision: Decision, said: str, scope: Scope, tasks: Mapping[str, Task]) -> Task | None:
    """ "Our five slowest products: ‖ 30% off": those become cheaper, and no code is made for everything there is."""
    source = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    if source is None or source.task.effect != "read" or _ONLY_OFF.fullmatch(said) is None or kind_before(scope) != "product":
        return None
    changing = [task for task, share in decision.near if share > 0 and task.effect == "write" and task.does != "make"]
    return next((t for t in changing if any({"money", "percent"} <= set(s.types) for s in t.slots) and t.selecting("variant") is not None), None)


_DOES_IT_WITH = re.compile(
    r"\W*(?:(?:please|and|then|also|now)\s+)*(?P<verb>[a-z]+)\s+(?:it|them|this|that|these|those|both)(?:\s+(?:out|off))?\s+(?:with|via|by|using|through)\s+"
    r"(?P<choice>\w[\w ]*?)\W*",
    re.I,
)


def _by_what_it_takes(decision: Decision, said: str, scope: Scope, tasks: Mapping[str, Task]) -> Task | None:
    """ "Ship it with DHL": by its verb, and by what only one task takes."""
    found = _DOES_IT_WITH.fullmatch(said)
    if found is None:
        return None
    verb, choice = found["verb"].lower(), found["choice"].casefold()
    changing = [task for task in tasks.values() if task.effect in ("write", "action")]
    taking = [t for t in changing if any({"choice", "text"} <= set(s.types) and choice in map(str.casefold, s.choices) for s in t.slots)]
    return next((task for task in taking if any(example.lower().startswith(f"{verb} ") for example in task.examples)), None)


def _tagging(decision: Decision, said: str, scope: Scope, tasks: Mapping[str, Task]) -> Task | None:
    """The task that tags what is pointed at, or named by its kind."""
    if _TAGS.match(said) is None or (decision.task is not None and decision.task.whole is not None):
        return None
    if decision.verdict == "refuse" and not (decision.code == "unclear" and _TAG_IT.fullmatch(said)):
        return None
    kind = _kind_said(said) or (kind_before(scope) if _POINTS.search(said) else None)
    return next((task for task in tasks.values() if kind is not None and task.effect == "write" and tags_of(task) == kind), None)


def tags_of(task: Task) -> str | None:
    """The kind of record that a task puts tags on, where it changes any."""
    tagging = any("texts" in slot.types and {"tag", "tags"} & set(slot.cues) for slot in task.slots)
    records = [KIND_OF.get(slot.record or "", slot.record) for slot in task.slots if slot.record and "selection" in slot.types]
    return records[0] if tagging and records and task.does != "make" else None


def _kind_said(said: str) -> str | None:
    found = [(m.start(), kind) for kind, noun in (("customer", _PEOPLE), ("order", _ORDERS), ("product", _GOODS)) if (m := noun.search(said))]
    return min(found)[1] if found else None


def kind_before(scope: Scope) -> str | None:
    """The kind of record that the part before found, or was about."""
    source = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    if source is None:
        return None
    if source.task.effect == "read" and (found := list(scope.outputs[source.task.name].values())):
        about = kind_of(source.task)
        return about if about in found else KIND_OF.get(found[0], found[0])
    named = [KIND_OF.get(slot.record or "", slot.record) for slot in source.task.slots if slot.record and slot.name in source.args]
    return named[0] if named else None


def _of_that_collection(decision: Decision, said: str, scope: Scope, tasks: Mapping[str, Task]) -> Task | None:
    """ "Rename the Kitchen collection …, and add the rolling pin to it": what goes into a collection is no change of the goods."""
    source = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    if source is None or decision.verdict == "refuse" or _INTO_IT.fullmatch(said) is None:
        return None
    named = any(slot.record == "collection" and "ref" in slot.types for slot in source.task.slots)
    of_it = named and (makes(source) == "collection" or any(source.task.slot(name).record == "collection" for name in source.args))
    return source.task if of_it and source.task.effect == "write" and source.task.does != "make" else None


_HOW_MANY = re.compile(
    r"\W*(?:and\s+)?how\s+(?:many|much)(?:\s+of\s+(?:it|them|those|these))?(?:\s+stock)?\s+(?:do\s+we|have\s+we|are|is|we)\s*(?:there|still|currently|now|left|in\s+stock|have|got|on\s+hand)*"
    r"(?:\s+(?:there|still|currently|now|left|in\s+stock|have|got|on\s+hand))*\W*",
    re.I,
)


def _how_many_there_are(decision: Decision, said: str, scope: Scope, tasks: Mapping[str, Task]) -> Task | None:
    """ "What does the backpack cost, and how many do we have": of the goods that were named, how many are in stock."""
    source = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    goods = source is not None and any(link.record in ("product", "variant") for link in source.links.values())
    stock = task_for(tasks, "report", "inventory")
    thought_of = stock is not None and any(task is stock and share >= _THOUGHT_OF for task, share in decision.near)
    return stock if goods and thought_of and _HOW_MANY.fullmatch(said) else None


_WORTH = re.compile(
    r"\b(?:what|how\s+much)\s+(?:(?:are|is|were|was|do|did)\s+)?(?:they|those|these|that|it)\s+(?:worth|come\s+to|amount\s+to|add\s+up\s+to|in\s+total|all\s+together|altogether)\b",
    re.I,
)


def _worth_of_orders(decision: Decision, said: str, scope: Scope, tasks: Mapping[str, Task]) -> Task | None:
    """ "Which orders are not shipped, and what are they worth": the search for them tells it, and no report of all sales."""
    source = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    return source.task if source is not None and source.task.does == "find" and source.task.about == "order" and _WORTH.search(said) else None


_INTO_NAMED = re.compile(
    r"\W*(?:(?:please|and|then|also)\s+)*(?:add|put|move|place|include|bring)\b.{2,}\b(?:to|in|into|onto)\s+"
    rf"(?:(?:{OUR})\s+)?(?P<name>\S.*?)(?:\s+collection)?\W*",
    re.I,
)
_INSTEAD = re.compile(
    r"\W*(?:(?:please|and|then|also)\s+)*(?:add|put\s+in|include)\s+(?!\d).{2,}?\s*\b(?:instead|in\s+(?:its|their)\s+place|too|as\s+well)\W*",
    re.I,
)
_THOUGHT_OF = 0.3


def _into_a_collection(decision: Decision, said: str, scope: Scope, tasks: Mapping[str, Task]) -> Task | None:
    """ "Add the vases to the Wedding List", where that is a collection; "add the planner instead", after one was changed."""
    meant = next((t for t, share in decision.near if share >= _THOUGHT_OF and t.effect == "write" and _puts_into(t)), None)
    named = _INTO_NAMED.fullmatch(said)
    if meant is None or decision.verdict == "refuse":
        return None
    if named is not None and any(name.kind == "collection" for name in scope.linker.vocabulary.phrases.get(key_of(named["name"]), ())):
        return meant
    source = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    return meant if source is not None and source.task is meant and _INSTEAD.fullmatch(said) else None


def _puts_into(task: Task) -> bool:
    return task.does != "make" and any(slot.record == "collection" and "into" in slot.cues for slot in task.slots)


def _of_the_ones(decision: Decision, said: str, scope: Scope, tasks: Mapping[str, Task]) -> Task | None:
    """ "Show me the other unanswered ones" after a message was answered: other messages."""
    task = decision.task
    if task is None or task.effect != "read" or _ONES.search(said) is None or _NAMED.search(said) is not None:
        return None
    source = next((earlier.bound for earlier in reversed(scope.earlier) if earlier.found is None), None)
    kind = kind_of(source.task) if source is not None else ""
    if not kind or kind_of(task) in ("", kind):
        return None
    looks = [other for other in tasks.values() if other.effect == "read" and kind_of(other) == kind]
    return next((other for other in looks if other.name == f"find_{kind}s"), looks[0] if len(looks) == 1 else None)

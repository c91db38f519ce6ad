"""Messages told by what no field of an answer has: "answer the urgent messages", "reply to the angry ones".

How urgent a message is, and what it wants, is known to the task that goes through them. So they are gone through first, and those are answered
who wrote what is meant; of all messages, "the urgent ones" would be the latest, whatever it says.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from agent.planning.binding.scope import Bound, Piece, Scope
from agent.planning.language.values import Narrowing, Spot
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.vocabulary import stem, words_of
from agent.sdk import Task

Search = Callable[[Task, Piece, Scope, Sequence[Spot]], Awaitable[Bound]]

_SUCH = re.compile(
    r"\b(?:answer|reply|respond|replies|write\s+back|get\s+back|draft|handle|deal)\b(?:\s+(?:to|with|an?|the|all|our|my|every|each|any|those|these|of|replies|answers?|reply)\b)*"
    r"\s+(?P<such>(?:(?!to\b|the\b)[\w-]+\s+){1,3}?)(?:messages?|e-?mails?|mails?|ones|questions|enquir(?:y|ies)|inquir(?:y|ies)|requests|tickets?)\b",
    re.I,
)
_FROM_SOMEBODY = re.compile(r"\s+(?:from|by|of)\s+(?-i:[A-ZÀ-Þ])[^\W\d]+(?:\s+(?-i:[A-ZÀ-Þ])[^\W\d]+)?")
_OTHER_END = re.compile(r"\b(?:oldest|first|earliest|longest)\b", re.I)
_PLAIN = frozenset({
    "open", "unanswered", "new", "newest", "latest", "last", "recent", "unread", "waiting", "pending", "incoming", "customer",
    "customers", "other", "remaining", "next", "two", "three", "four", "five", "few", "customer's", "customers'", "shop", "inbox", "today's",
    "yesterday's", "most", "same", "only", "support", "service", "contact", "single", "outstanding",
})  # fmt: skip
"""What an answer knows of messages itself, or what says nothing of them."""


async def such_messages_first(bound: Bound, scope: Scope, search: Search) -> list[Spot]:
    """Put before an answer the look through the messages that tells which are meant: a word that it does not know stands in them.

    Returns:
        What nobody knows of, to be asked about.
    """
    slot = bound.task.selecting("customer")
    answers = (bound.task.does, bound.task.about) == ("answer", "message")
    said = _SUCH.search(bound.piece.text, bound.piece.start, bound.piece.end) if answers else None
    if slot is None or said is None or slot.name in bound.args or bound.piece.marked("customer"):
        return []
    spot = Spot(start=said.start("such"), end=said.start("such") + len(said["such"].rstrip()))
    if (end := _OTHER_END.search(said["such"])) is not None:
        return [Narrowing(start=spot.start + end.start(), end=said.end())]  # it is the latest that is answered
    told = [word for word in words_of(bound.piece.text, spot.start, spot.end) if not _is_plain(word.text.lower(), bound, word.start, word.end)]
    if not told:
        return []
    if (named := _FROM_SOMEBODY.match(bound.piece.text, said.end(), bound.piece.end)) is not None:
        return [Narrowing(start=told[0].start, end=named.end())]  # of one person's messages only some
    finder = next((task for task in scope.tasks.values() if task.effect == "read" and task.about == "message" and _tells_who(task, scope)), None)
    if finder is not None:
        found = await search(finder, replace(bound.piece, start=spot.start, end=said.end(), slots=()), scope, bound.taken)
        kinds = [s.name for s in finder.slots if "choice" in s.types and s.name in found.args]
        if kinds and not found.asked and all(found.takes(Spot(start=word.start, end=word.end)) for word in told):
            found.taken.append(spot)
            bound.taken.append(spot)
            bound.finds.append((slot.name, found))
            bound.args[slot.name] = {"$ref": ""}
            return []
    about = next((s for s in bound.task.slots if s.name == "topic" and s.name not in bound.args), None)
    if about is not None and len(told) == 1:
        bound.args[about.name] = told[0].text  # "the shipping questions"
        bound.taken.append(Spot(start=told[0].start, end=said.end()))
        return []
    return [Narrowing(start=told[0].start, end=said.end())]


def _is_plain(word: str, bound: Bound, start: int, end: int) -> bool:
    return word in _PLAIN or word in COMMON or word.isdigit() or stem(word) in _PLAIN or bound.takes(Spot(start=start, end=end))


def _tells_who(task: Task, scope: Scope) -> bool:
    return "customer" in scope.outputs[task.name].values()

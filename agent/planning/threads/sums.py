"""A bare number for goods just shown: "set it to 20" after a report may be their price or their stock, so it is asked which.

Where the answer before was about the one or the other, or the message says so, there is nothing to ask.
"""

from __future__ import annotations

import re

from agent.planning.binding.bind import bind
from agent.planning.binding.scope import GOODS
from agent.planning.clauses.pieces import piece_of
from agent.planning.language.fragments import THEM
from agent.planning.linking.roles import task_for
from agent.planning.threads.message import Message
from agent.planning.threads.recall import Past
from agent.sdk import Task

_ONE = r"(?:first|second|third|fourth|fifth|last|top|best|worst|other|cheapest|dearest|latest|newest)"
_SET = re.compile(
    r"\W*(?:(?:ok(?:ay)?|then|and|now|please|so|can\s+you|could\s+you|just|let['’]?s|great|good|thanks)[\s,]+)*"
    r"(?:set|put|make|change|get|bring)\s+"
    rf"(?:{THEM}|it|that|this|both|all(?:\s+of\s+(?:{THEM}))?|(?:that|this)\s+one|the\s+{_ONE}(?:\s+(?:one|two|three|item|product))?)"
    r"\s+(?:(?:back\s+)?(?P<way>to|at|on|for)\s+)?(?P<sum>\d{1,5})(?:\s+(?:please|pls|instead|then|now|thanks))*\W*",
    re.I,
)
_OF_STOCK = frozenset({"inventory", "stock", "stockout"})
_OF_PRICES = frozenset({"price"})


async def asks_price_or_stock(message: Message) -> bool:
    """Whether the message sets goods just shown to a bare number, which then is asked about as a price or a stock, or taken as the one spoken of."""
    tasks = message.draft.scope.tasks
    price, stock = task_for(tasks, "other", "price"), task_for(tasks, "other", "stock")
    said = _SET.fullmatch(message.text)
    one = message.bases()[0] if message.past and said is not None else None
    if (
        said is None
        or one is None
        or price is None
        or stock is None
        or one.bound.task.effect != "read"
        or one.questions
        or any(base.bound.task in (price, stock) for base in message.bases())  # "put it at 12.50 and show what it sold", "make it 13"
        or not _shows_goods(one, message)
    ):
        return False
    of_price = (said["way"] or "").lower() in ("at", "for")  # goods are put at a price, and to a count
    near = [price] if of_price else [task for task in (price, stock) if _is_spoken_of(task, one)] or [price, stock]
    span = (0, len(message.text))
    bound = await bind(near[0], piece_of(message.text, *span, (), message.draft.scope, near[0]), message.draft.scope)
    if bound.finds or any(near[0].slot(asked.field).record for asked in bound.asked):
        return False
    confidence = one.subtask.read.confidence
    if len(near) == 1:
        message.draft.add(bound, span=span, by="student", confidence=confidence)
    else:
        message.draft.ask_which(bound, span=span, by="student", confidence=confidence, near=near)
    return True


def _shows_goods(one: Past, message: Message) -> bool:
    kinds = message.draft.scope.outputs.get(one.subtask.task, {})
    about = any(one.bound.task.slot(name).record in GOODS for name in one.bound.links)
    return about or any(kinds.get(name) in GOODS and link.products for name, link in one.found.items())


def _is_spoken_of(task: Task, one: Past) -> bool:
    """Whether the answer before was about nothing else than what this task changes."""
    kinds = _OF_STOCK if task.about in _OF_STOCK else _OF_PRICES
    if kinds is _OF_PRICES and str(one.bound.args.get("sort", "")).startswith("price"):
        return True  # "the cheapest one"
    return one.bound.task.about in kinds

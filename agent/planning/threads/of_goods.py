"""Questions that leave the goods unsaid, right after some were spoken of: "how much is it now", "how many did we sell last month", "any left?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planning.binding.scope import GOODS, Bound, put
from agent.planning.clauses.pieces import piece_of
from agent.planning.draft import Step
from agent.planning.language.fragments import THEM
from agent.planning.linking.link import Linked
from agent.planning.linking.roles import task_for
from agent.planning.threads.anew import add_step
from agent.planning.threads.message import Message
from agent.planning.threads.narrow import is_condition
from agent.planning.threads.recall import Past
from agent.sdk import Where

_LEADS = r"\W*(?:(?:and|so|ok(?:ay)?|but|then|now|also|hm+|wait|tell\s+me|can\s+you\s+tell\s+me|show\s+me|please)[\s,]+)*"
_BEFORE = re.compile(
    rf"{_LEADS}(?:what|how\s+much)\s+(?:(?:was|were)\s+(?:it|that|they)|did\s+(?:it|that|they)\s+cost)(?:\s+(?:before|originally|until\s+now|so\s+far|previously|at\s+first))+\W*",
    re.I,
)
""" "What was it before", of a change of prices that still waits: what they cost as it is."""
_PRICE = re.compile(
    rf"{_LEADS}(?:how\s+much(?:['’]s|\s+(?:is|are))\s+(?:it|that|this|they|those|these)|how\s+much\s+(?:it|that|this)\s+is"
    r"|what(?:['’]s|\s+(?:is|are))\s+(?:it|that|they|those)\s+(?:at|priced\s+at|selling\s+(?:at|for)|going\s+for))"
    r"(?:\s+(?:now|currently|again|at\s+the\s+moment|right\s+now|today|then|exactly|please))*\W*",
    re.I,
)
"""What goods cost; "how much is it" after a figure of a time is of that figure."""
_UNSAID = re.compile(
    rf"\bhow\s+many(?:\s+(?:units|pieces))?(?:\s+of\s+(?:{THEM}))?\s+(?:"
    r"(?:did|have|do|had|has|will)\s+(?:we|i|they)\s+(?:(?:already|actually|usually|normally|even|still)\s+)?(?:sell|sold|shift|shifted|move|moved)"
    r"|(?:(?:were|was|are|have\s+been|got|get|we|i)\s+)?(?:sold|shifted))\b(?!\s+(?:of|products?|items?|the|our|in\s+total|overall|altogether)\b)"
    r"|\b(?:(?:do|have)\s+(?:we|i)\s+(?:still\s+)?(?:have\s+|got\s+)?|(?:are|is)\s+there\s+(?:still\s+)?)?any\s+(?:left|more\s+(?:of\s+(?:it|them)|left))\b",
    re.I,
)
"""Goods are counted, and it is not said which: "how many" has no noun, and its verb no object."""


def price_asked(message: Message) -> bool:
    """Whether the message asks what the goods just spoken of cost; the draft then has them looked at."""
    one = message.bases()[0] if message.past and (_PRICE.fullmatch(message.text) or _is_as_it_was(message)) else None
    link = _goods_of(one) if one is not None else None
    task = task_for(message.draft.scope.tasks, "find", "product")
    slot = task.selecting("product") if task is not None else None
    if one is None or link is None or task is None or slot is None or _is_of_a_time(one):
        return False
    bound = Bound(task=task, piece=piece_of(message.text, 0, len(message.text), (), message.draft.scope, task))
    put(bound, slot, link)
    add_step(message, bound, one, (0, len(message.text)))
    return True


def _is_as_it_was(message: Message) -> bool:
    one = message.bases()[0]
    return one.changes and one.open and one.bound.task.about == "price" and _BEFORE.fullmatch(message.text) is not None


def of_goods_unsaid(steps: Sequence[Step], one: Past) -> None:
    """Put the goods just spoken of into a question that counts goods and names none."""
    step = steps[0] if len(steps) == 1 else None
    if step is None or step.said or step.bound.task.effect != "read" or _UNSAID.search(step.bound.piece.said) is None:
        return
    bound, link = step.bound, _goods_of(one)
    slot = bound.task.selecting("product")
    if link is None or slot is None or slot.name in bound.args or bound.finds or any(bound.task.slot(name).record for name in bound.args):
        return
    put(bound, slot, link)
    bound.asked = [asked for asked in bound.asked if asked.field != slot.name]


def is_of_goods_since(message: Message, one: Past) -> bool:
    """Whether the message counts goods that were spoken of since that subtask, and so asks nothing anew of it: "how many of those did we sell"."""
    last = message.bases()[0]
    return one.turn is not last.turn and _goods_of(last) is not None and _UNSAID.search(message.text) is not None


def _goods_of(one: Past) -> Linked | None:
    """The goods that it names; none where it only says how they are, such as all that is out of stock."""
    links = [
        link for link in one.bound.links.values() if link.record in GOODS and link.products and (link.where == Where() or not is_condition(link))
    ]
    return links[0] if len(links) == 1 else None


def _is_of_a_time(one: Past) -> bool:
    return (
        one.subtask.effect == "read"
        and any(slot.types == ("period",) for slot in one.bound.task.slots)
        and one.bound.task.does not in ("find", "show")
    )

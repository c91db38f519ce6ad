"""Who stands behind the orders shown: "who are they", "who ordered that"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planning.binding.scope import Bound, put
from agent.planning.clauses.pieces import piece_of
from agent.planning.draft import Step
from agent.planning.language.fragments import THEM
from agent.planning.linking.link import Linked
from agent.planning.linking.roles import task_for
from agent.planning.threads.anew import add_step
from agent.planning.threads.message import Message
from agent.planning.threads.recall import Past

_RECORD = rf"(?:{THEM}|it|that|this|that\s+one|this\s+one|(?:that|this|the|those|these)\s+(?:orders?|ones?|purchases?))"
_WHO = re.compile(
    r"\W*(?:(?:and|so|ok(?:ay)?|but|hm+)[\s,]+)*(?:(?:show|tell|give|list)\s+(?:me\s+)?)?(?:"
    rf"who(?:['’]s|\s+(?:is|are|was|were))\s+(?:they|these|those|that|this|it|he|she|(?:it|they|these|those|that|this)\s+(?:from|by|for)|behind\s+{_RECORD}"
    rf"|the\s+(?:customers?|buyers?|persons?|people|clients?))(?:\s+(?:of|behind|for)\s+{_RECORD})?"
    rf"|who\s+(?:(?:has|have|had)\s+)?(?:ordered|bought|placed|made|purchased|paid(?:\s+for)?|got)\s+{_RECORD}"
    rf"|(?:by\s+)?who(?:m)?(?:\s+(?:is|was|are|were)\s+(?:it|that|they|those)\s+(?:ordered|placed|made)?(?:\s+by)?)?"
    r"|whose(?:\s+(?:is|are|was|were))?(?:\s+(?:orders?|they|it|that|this|those|these))*(?:\s+(?:is|are|was|were)(?:\s+(?:it|they|that|those|these))?)?"
    rf"|(?:the\s+)?names?(?:\s+(?:of|behind)\s+{_RECORD})?"
    r")(?:\s+(?:please|pls|again|then|exactly))*\W*",
    re.I,
)


def asked_who(message: Message) -> bool:
    """The customers of the orders just shown, as a step of the draft; false where no such thing is asked, or no orders were shown."""
    one = message.bases()[0] if message.past and _WHO.fullmatch(message.text) else None
    people = _customers_of(one, message) if one is not None else None
    task = task_for(message.draft.scope.tasks, "show" if people is not None and len(people.products) == 1 else "find", "customer")
    slot = task.selecting("customer") if task is not None else None
    if one is None or people is None or task is None or slot is None:
        return False
    bound = Bound(task=task, piece=piece_of(message.text, 0, len(message.text), (), message.draft.scope, task))
    put(bound, slot, people)
    add_step(message, bound, one, (0, len(message.text)))
    return True


_THEIR_CUSTOMERS = re.compile(
    r"\b(?:their|its|the|those|these)\s+(?:customers?|buyers?|people|clients?)\b(?!\s+(?:who|from|in|with|that|of|named|called|tagged)\b)", re.I
)


def of_their_customers(steps: Sequence[Step], message: Message) -> None:
    """ "Tag their customers", right after orders were shown: those who placed these orders."""
    people = _customers_of(message.bases()[0], message)
    if people is None or _THEIR_CUSTOMERS.search(message.text) is None:
        return
    for step in steps:
        slot = next((s for s in step.bound.task.slots if s.record == "customer" and "selection" in s.types), None)
        if slot is None or step.said or step.bound.finds or slot.name in step.bound.links or not any(a.field == slot.name for a in step.bound.asked):
            continue
        step.bound.asked = [asked for asked in step.bound.asked if asked.field != slot.name]
        put(step.bound, slot, people)


def _customers_of(one: Past, message: Message) -> Linked | None:
    """Who the orders of an answer are from; None where it was not about orders."""
    kinds = message.draft.scope.outputs.get(one.subtask.task, {})
    if one.bound.task.about != "order" or one.bound.task.effect != "read":
        return None
    return next((link for name, link in one.found.items() if kinds.get(name) == "customer" and link.products), None)

"""What a bare question is still about: "stock?" after a mug was shown, "and profit?" after last month's sales by category.

Such a question names another figure and leaves the rest as it was: the goods, the time, the places. What it says itself wins.
"""

from __future__ import annotations

import re

from agent.planning import said
from agent.planning.binding.scope import GOODS, Bound, put
from agent.planning.draft import TASK, Step
from agent.planning.linking.lexicon import COMMON, leaning
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.markers import Marked, marked
from agent.planning.threads.message import Message
from agent.planning.threads.narrow import is_condition
from agent.planning.threads.recall import Past
from agent.sdk import Slot

_MOST_WORDS = 4
_GOES_ON = re.compile(
    r"\W*(?:(?:ok|okay|so|hm+)[\s,]+)*(?:and|also|plus|(?:what|how)\s+about|what\s+of"
    r"|(?:what(?:['’]?s|\s+is)|how\s+(?:much|many)(?:\s+(?:is|are))?)\s+(?:still\s+)?(?:left|in\s+stock))\b",
    re.I,
)
_ASKS_WHICH = re.compile(r"\W*(?:(?:and|so|but)\s+)*(?:which|what|who)\b(?!\s+(?:can|could|do|did|should|would|are|is)\s+(?:you|i|we)\b)", re.I)
_OF_THE_SHOP = re.compile(r"\b(?:all|every|everything|overall|in\s+total|whole|entire|any|altogether)\b", re.I)
_CONDITIONS = frozenset({"products", "customers", "period", "places", "elsewhere", "channels", "weekdays", "customer_kind", "code"})
"""What an answer was narrowed to, and not how it was shown."""
_MOST_LISTED = 200
"""Records of a list that the next question can be about; a longer one is the shop."""


def is_fragment(text: str, mark: Marked) -> bool:
    """Whether a message is a few words without a verb, such as "average value?", "by price"."""
    words_said = text[mark.start : mark.end]
    words = [word for word in words_of(words_said) if word.text.lower() not in COMMON]
    return leaning(words_said) == "" and 0 < len(words) <= _MOST_WORDS


def keep_subject(message: Message) -> None:
    """Put into a question that names nothing but a figure what the answer before was narrowed to."""
    step = message.draft.steps[0] if len(message.draft.steps) == 1 else None
    one = message.bases()[0] if message.past else None
    if step is None or one is None or step.said or step.bound.task.effect != "read" or one.bound.task.effect != "read" or one.questions:
        return
    bound, mark = step.bound, marked(message.text)
    if bound.refers or bound.finds or _OF_THE_SHOP.search(bound.piece.said):
        return
    goes_on = _GOES_ON.match(message.text) is not None or (is_fragment(message.text, mark) and mark.kind in ("plain", "add", "about"))
    only_when = not goes_on and _ASKS_WHICH.match(message.text) is not None and _both_report(step, one)
    for name in [name for name, link in bound.links.items() if goes_on and link.record in GOODS and is_condition(link)]:
        del bound.links[name], bound.args[name]  # "how many in stock" asks of those before, and not of all that is in stock
    if goes_on or only_when:
        _take_conditions(bound, one, only_when=only_when)


_SAYS_HOW = re.compile(
    r"\W*(?:(?:and|now|then|please|but)\s+)*(?:with|without|sorted|sort(?=\s+(?:(?:it|them|these|those|that|this)\s+)?by\b)|ordered\s+by|order\s+by|grouped|by|per|under|over|above|below|worth|tagged|from|in)\b",
    re.I,
)


def refuse_what_narrows_nothing(message: Message) -> None:
    """ "Only the wobbly ones", "sorted by colour": where no condition came of it, a list of all there is would be no answer to that."""
    step = message.draft.steps[0] if len(message.draft.steps) == 1 else None
    one, mark = message.bases()[0] if message.past else None, marked(message.text)
    if step is None or one is None or step.said or step.bound.task.effect != "read" or one.bound.task.effect != "read":
        return
    if any(asked.field != TASK for asked in step.bound.asked):
        return
    narrows = mark.kind in ("only", "without") or _SAYS_HOW.match(message.text) is not None
    own = [name for name in step.bound.args if name not in step.bound.refers]
    if narrows and not own and not step.bound.finds and leaning(message.text[mark.start : mark.end]) == "":
        message.draft.steps = []
        message.draft.refuse((0, len(message.text)), "unclear", said.refused("unclear", []))


def _both_report(step: Step, one: Past) -> bool:
    """Two questions about figures of a time: "which product was returned most?" after the returns of October."""
    tasks = (step.bound.task, one.bound.task)
    return all(task.does not in ("find", "show") and any(slot.types == ("period",) for slot in task.slots) for task in tasks)


def _take_conditions(bound: Bound, one: Past, *, only_when: bool) -> None:
    about = any(bound.task.slot(name).record or name == "places" for name in bound.args) or bound.asked
    for slot in bound.task.slots:
        if slot.name in bound.args or slot.name not in _CONDITIONS or (slot.name != "period" and (about or only_when)):
            continue
        theirs = next(
            (s for s in one.bound.task.slots if (s.name, s.types, s.record, s.choices) == (slot.name, slot.types, slot.record, slot.choices)), None
        )
        if theirs is not None and slot.name in one.bound.args:
            bound.args[slot.name] = one.bound.args[slot.name]
            if slot.name in one.bound.links:
                bound.links[slot.name] = one.bound.links[slot.name]
        elif not only_when:
            _take_found(bound, slot, one)


def _take_found(bound: Bound, slot: Slot, one: Past) -> None:
    """The goods or people that a search found, where the question has a field for such."""
    task = one.bound.task
    found = next((link for link in one.found.values() if link.record == slot.record), None)
    if task.does not in ("find", "show") or task.about != slot.record or found is None or not 0 < len(found.products) <= _MOST_LISTED:
        return
    if not one.bound.args or slot.record not in GOODS | {"customer"}:
        return
    put(bound, slot, found)

"""Two answers of the same kind taken together: "actually both" after France and then Austria, "which one sold better" after two mugs."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.planning.binding.scope import GOODS, Bound, put
from agent.planning.threads.anew import add_step
from agent.planning.threads.message import Message
from agent.planning.threads.recall import Past
from agent.sdk import Slot

_BOTH = re.compile(
    r"\W*(?:(?:no|ok(?:ay)?|actually|wait|sorry|and|now|then|please|show|give|list|compare|put|me|us|hm+|let['’]?s\s+(?:see|take))[\s,]+)*"
    r"(?:both(?:\s+of\s+(?:them|those|these))?|the\s+two|them\s+both|all\s+of\s+(?:them|both))(?:\s+(?:please|pls|together|instead|then|at\s+once|actually|side\s+by\s+side))*\W*",
    re.I,
)
_WHICH_OF_TWO = re.compile(
    r"\W*(?:(?:and|so|ok(?:ay)?)[\s,]+)*(?:which|what|who)(?:['’]?s\b)?\s+(?:(?:one|of\s+(?:them|those|these|the\s+two)|of\s+both)\s+)?(?:(?:has|have|had|is|was|did|does|do)\s+)?"
    r"(?:sold|sells?|selling|did|does|doing|do|performed|performs|brought(?:\s+in)?|made|makes|earned|earns|went)?\s*"
    r"(?P<how>better|worse|more|less|higher|lower|bigger|smaller|best|worst|most|least)(?:\s+(?:units|money|revenue|sales|orders|often))?\W*",
    re.I,
)
_WORST = frozenset({"worse", "less", "lower", "smaller", "worst", "least"})


def both_of_two(message: Message) -> bool:
    """The last two answers of one task as one, where they differ in one condition alone; false where nothing of the kind is said."""
    which = _WHICH_OF_TWO.fullmatch(message.text)
    pair = _last_two(message) if which is not None or _BOTH.fullmatch(message.text) else None
    if pair is None:
        return False
    before, last = pair
    apart = [slot for slot in last.bound.task.slots if before.bound.args.get(slot.name) != last.bound.args.get(slot.name)]
    slot = apart[0] if len(apart) == 1 else None
    bound = _of_both(slot, before.bound, last.bound, message) if slot is not None else None
    if slot is None or bound is None or (which is not None and not _ranked(bound, slot, which["how"].lower())):
        return False
    add_step(message, bound, last, (0, len(message.text)))
    return True


_BEST_ROW = re.compile(
    r"\W*(?:(?:and|so|ok(?:ay)?)[\s,]+)*(?:which|what)\s+(?P<unit>\w+)\s+(?:(?:was|is|has|had|did|does|were|are)\s+)?(?:the\s+|our\s+)?(?:sold\s+|sells?\s+|brought\s+(?:in\s+)?|made\s+|earned\s+|did\s+)?(?:the\s+)?"
    r"(?P<how>best|strongest|highest|biggest|top|most|worst|weakest|lowest|least|slowest|smallest)(?:\s+(?:one|month|day|week|revenue|sales|orders|money))?\W*",
    re.I,
)
_AT_THE_END = frozenset({"worst", "weakest", "lowest", "least", "slowest", "smallest"})


def best_of_rows(message: Message) -> bool:
    """ "Which month was the best?", of a report by month: that report with this one first; false where it is of no such report."""
    said, one = _BEST_ROW.fullmatch(message.text), message.bases()[0] if message.past else None
    by = next((s for s in one.bound.task.slots if "choices" in s.types and "product" in s.choices), None) if one is not None else None
    if said is None or one is None or by is None or one.questions or one.bound.args.get(by.name) != [said["unit"].lower()]:
        return False
    order = next((s for s in one.bound.task.slots if s.name == "order" and {"best", "worst"} <= set(s.choices)), None)
    if order is None:
        return False
    args = {**one.bound.args, order.name: "worst" if said["how"].lower() in _AT_THE_END else "best"}
    add_step(message, replace(one.bound, args=args, asked=[], left=[], finds=[]), one, (0, len(message.text)))
    return True


def _last_two(message: Message) -> tuple[Past, Past] | None:
    reads = [one for one in message.past if one.subtask.effect == "read" and not one.questions][-2:]
    last_turn = message.past[-1].turn if message.past else None
    if len(reads) < 2 or reads[1].turn is not last_turn or reads[0].bound.task is not reads[1].bound.task:
        return None
    return reads[0], reads[1]


def _of_both(slot: Slot, before: Bound, last: Bound, message: Message) -> Bound | None:
    bound = replace(last, args=dict(last.args), links=dict(last.links), asked=[], left=[], finds=[])
    if slot.record in GOODS and slot.name in before.links and slot.name in last.links:
        put(bound, slot, message.draft.scope.linker.together([before.links[slot.name], last.links[slot.name]]))
        return bound
    one, two = before.args.get(slot.name), last.args.get(slot.name)
    compares = slot.types == ("period",) and any(s.name == "compare" and s.types == slot.types for s in last.task.slots)
    if compares and one is not None and two is not None:
        bound.args["compare"] = one  # "compare both", after May and June
        return bound
    if isinstance(one, list) and isinstance(two, list) and one and two:
        bound.args[slot.name] = list(dict.fromkeys([*one, *two]))
        return bound
    return None


_KINDS = {"products": "product", "places": "country", "channels": "channel"}


def _ranked(bound: Bound, slot: Slot, how: str) -> bool:
    """Whether the report can set the two against each other; it then is broken down by what they are, the better or the worse first."""
    by = next((s for s in bound.task.slots if "choices" in s.types and "product" in s.choices), None)
    order = next((s for s in bound.task.slots if s.name == "order" and {"best", "worst"} <= set(s.choices)), None)
    kind = _KINDS.get(slot.name)
    if by is None or order is None or kind not in by.choices:
        return False
    bound.args[by.name] = [kind]
    bound.args[order.name] = "worst" if how in _WORST else "best"
    return True

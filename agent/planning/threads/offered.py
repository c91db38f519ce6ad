"""A message that does not settle what was asked: it leaves fewer to choose from, or is nothing that could be an answer.

Either way what was asked stands, and nothing else is begun.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.persons import which_of
from agent.planning.binding.scope import Asked
from agent.planning.draft import IGNORE, NONE
from agent.planning.linking.lexicon import COMMON, leaning
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.anew import add_step
from agent.planning.threads.markers import marked
from agent.planning.threads.message import Message
from agent.planning.threads.recall import Past
from agent.planning.threads.replies import is_order
from agent.records import Replaced

_PICKS = re.compile(
    r"(?:(?:from|of)\s+)?the\s+(?:latest|last|newest|oldest|earliest|most\s+recent|other|\w{4,}est)(?:\s+(?:one|customer|order))?", re.I
)
""" "The latest one": of those asked about, and of nobody else."""
_ONE = frozenset({"one", "ones", "customer", "person", "living", "live"})


def fewer_offered(message: Message) -> bool:
    """ "The one in Berlin", of seven of a name of whom two live there: asked again, of these two."""
    waiting = _waiting(message)
    one = waiting[0] if len(waiting) == 1 and len(waiting[0].bound.asked) == 1 else None
    asked = one.bound.asked[0] if one is not None else None
    if one is None or asked is None or not asked.options or _is_new(message):
        return False
    mark = marked(message.text)
    words = message.text[mark.start : mark.end]
    stems = {word.stem for word in words_of(words) if word.text.lower() not in COMMON | _ONE}
    offered = [option for option in asked.options if option[0] not in (IGNORE, NONE)]
    left = [option for option in offered if stems <= {word.stem for word in words_of(option[1])}]
    if not stems or not 1 < len(left) < len(offered) or one.bound.task.slot(asked.field).record != "customer":
        return False
    one.bound.asked = [Asked(field=asked.field, question=which_of(left, words.strip()), options=tuple(left))]
    _ask_again(message, waiting)
    return True


def asked_again(message: Message) -> bool:
    """ "Only for vips" while it is asked which of five customers is meant: no answer, and no other request either."""
    waiting, mark = _waiting(message), marked(message.text)
    said_of_them = mark.kind in ("only", "without") or _PICKS.fullmatch(message.text, mark.start, mark.end) is not None
    if not waiting or not said_of_them or _is_new(message):
        return False
    _ask_again(message, waiting)
    message.draft.notes.append(said.left_out(message.text.strip()))
    return True


def _is_new(message: Message) -> bool:
    mark = marked(message.text)
    return leaning(message.text[mark.start : mark.end]) != "" or is_order(message.text)


def _waiting(message: Message) -> list[Past]:
    """What of the last turn waits for an answer about one of its own fields."""
    turn = message.past[-1].turn if message.past else None
    fields = [(one, {slot.name for slot in one.bound.task.slots}) for one in message.past if one.questions and one.turn is turn]
    return [one for one, names in fields if all(question.field in names for question in one.questions)]


def _ask_again(message: Message, waiting: Sequence[Past]) -> None:
    span = (0, len(message.text))
    for one in waiting:
        add_step(message, replace(one.bound, after=[]), one, span)
        message.draft.replaces.append(Replaced(run=one.turn.run, subtask=one.subtask.id))

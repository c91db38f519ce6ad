"""A word to what went before: "yes", "undo that", "forget it", "why?"."""

from __future__ import annotations

from typing import Any

from agent.planning import said
from agent.planning.threads.anew import add_step
from agent.planning.threads.kinds import kind_spoken_of
from agent.planning.threads.markers import Whole
from agent.planning.threads.message import Message
from agent.planning.threads.standing import is_new
from agent.planning.threads.undoing import to_be_undone
from agent.planning.threads.words_back import why, with_more
from agent.records import Replaced


async def answer_word(message: Message, word: Whole, match: Any) -> bool:
    end = (0, len(message.text))
    match word:
        case "approve" | "yes":
            waiting = sum(p.state == "open" for turn in message.turns for p in turn.proposed)
            if waiting == 0 and word == "approve" and is_new(message):
                return False
            message.draft.refuse(end, "not_allowed", said.approve_there(waiting) if waiting else said.NOTHING_WAITS)
        case "undo":
            _undo(message, end)
        case "reject":
            return _withdraw(message, end)
        case "why":
            why(message.draft, message.turns, message.bases() if message.past else (), end)
        case "more":
            return with_more(
                message.draft, message.bases() if message.past else (), match, lambda bound, one, span: add_step(message, bound, one, span)
            )
    return True


def _undo(message: Message, span: tuple[int, int]) -> None:
    """Put back what the thread changed last, or what of it the message names."""
    undone = to_be_undone(message.text, message.turns)
    if not undone:
        states = {p.state for turn in message.turns for p in turn.proposed}
        reason = said.NOT_APPLIED_YET if "open" in states else said.UNDONE_ALREADY if "undone" in states else said.NOTHING_TO_UNDO
        message.draft.refuse(span, "unclear", reason)
    message.draft.undone += [(change_set, span) for change_set in undone]


def _is_about_orders(message: Message) -> bool:
    last = message.bases()[0]
    return kind_spoken_of(last, message.draft.scope.outputs.get(last.subtask.task, {}), many=False) == "order" and "cancel" in message.text.lower()


def _withdraw(message: Message, span: tuple[int, int]) -> bool:
    open_ = [one for one in message.past if one.turn is message.past[-1].turn and one.open] if message.past else []
    if not open_:
        if message.past and _is_about_orders(message):
            return False  # "cancel it" after an order is its cancellation
        message.draft.refuse(span, "unclear", said.NOTHING_WAITS)  # and no request to delete what was spoken of
        return True
    message.draft.replaces += [Replaced(run=one.turn.run, subtask=one.subtask.id) for one in open_]
    message.draft.notes.append(said.WITHDRAWN)
    return True

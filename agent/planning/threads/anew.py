"""An earlier subtask and those that hang on it, made anew, and what becomes of their proposals."""

from __future__ import annotations

from dataclasses import replace

from agent.planning import said
from agent.planning.binding.scope import Bound
from agent.planning.draft import Step
from agent.planning.threads.markers import Marked
from agent.planning.threads.message import Message, dependents, refers, words_of_past
from agent.planning.threads.recall import Past
from agent.planning.threads.revise import happened, revises
from agent.records import Replaced


def add_anew(message: Message, one: Past, bound: Bound, mark: Marked, span: tuple[int, int]) -> None:
    bound.left, bound.finds, bound.after = [], [], []
    if happened(one, bound):
        message.draft.refuse(span, "unclear", said.DONE_ALREADY)
        return
    new = add_step(message, bound, one, span)
    again = [(one, new)]
    for dependent in dependents(one):
        copied = _restated(next(p for p in message.past if p.turn is one.turn and p.subtask.id == dependent), one, new)
        again.append((copied, add_step(message, copied.bound, copied, span)))
    for earlier, _ in again:
        settle_proposal(
            message, earlier, mark, revises(earlier, again[0][1].bound if earlier is one else earlier.bound, mark, message.text[span[0] : span[1]])
        )


def add_step(message: Message, bound: Bound, one: Past, span: tuple[int, int]) -> Step:
    return message.draft.placed(bound, span=span, confidence=one.subtask.read.confidence, said=words_of_past(one))


def settle_proposal(message: Message, one: Past, mark: Marked, takes_its_place: bool) -> None:
    """What becomes of the proposal that this message is about."""
    summary = next((p.summary for p in one.turn.proposed if p.subtask == one.subtask.id), "")
    if one.open and takes_its_place:
        message.draft.replaces.append(Replaced(run=one.turn.run, subtask=one.subtask.id))
        if summary:
            message.draft.notes.append(said.replaced(summary))
    elif one.open and summary and mark.kind == "plain":
        message.draft.notes.append(said.STILL_WAITS)
    elif mark.instead and any(p.subtask == one.subtask.id and p.state in ("applied", "partly_applied") for p in one.turn.proposed):
        message.draft.notes.append(said.ALREADY_APPLIED)


def _restated(dependent: Past, one: Past, new: Step) -> Past:
    """A subtask that worked on what another found, on what that one finds now."""
    args = dict(dependent.bound.args)
    for name, value in dependent.subtask.args.items():
        if refers(value, one.subtask.id):
            args[name] = {"$ref": f"{new.id}.{str(value['$ref']).partition('.')[2]}"}
    links = {name: link for name, link in dependent.bound.links.items() if not isinstance(args.get(name), dict) or "$ref" not in args[name]}
    return replace(dependent, bound=replace(dependent.bound, args=args, links=links, after=[new.id], asked=[]))

"""A word to what went before: "yes", "undo that", "forget it", "why?"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.planning import said
from agent.planning.binding.scope import GOODS
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.link import Linked
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.anew import add_step
from agent.planning.threads.kinds import kind_spoken_of
from agent.planning.threads.markers import Whole
from agent.planning.threads.message import Message
from agent.planning.threads.own_request import is_new
from agent.planning.threads.recall import Past
from agent.planning.threads.undoing import also_withdrawn, parts_to_be_undone, to_be_undone
from agent.planning.threads.words_back import why, with_more
from agent.records import UNDO, Replaced, Turn


async def answer_word(message: Message, word: Whole, match: Any) -> bool:
    end = (0, len(message.text))
    match word:
        case "approve" | "yes":
            waiting = sum(p.state == "open" for turn in message.turns for p in turn.proposed)
            if waiting == 0 and word == "approve" and is_new(message):
                return False
            message.draft.refuse(end, "not_allowed", said.approve_there(waiting) if waiting else said.NOTHING_WAITS)
        case "undo":
            await _undo(message, end)
        case "redo":
            _redo(message, end)
        case "reject":
            return _withdraw(message, end, nth=(match["nth"] or "").lower())
        case "why":
            why(message.draft, message.turns, message.bases() if message.past else (), end)
        case "more":
            return with_more(
                message.draft, message.bases() if message.past else (), match, lambda bound, one, span: add_step(message, bound, one, span)
            )
    return True


async def _undo(message: Message, span: tuple[int, int]) -> None:
    """Put back what the thread changed last, or what of it the message names."""
    parts, which = await parts_to_be_undone(message.text, message.past, message.draft.scope)
    if parts or which:
        if which:
            message.draft.refuse(span, "unclear", which)
        message.draft.undone += [(part.change_set, part.records, span) for part in parts]
        return
    if (more := _UNDONE_WHEN.match(message.text)) is not None:
        message.draft.refuse((more.start("more"), len(message.text)), "unclear", said.NOT_READ)  # "undo that ‖ if we have more than 20 left"
        return
    undone = to_be_undone(message.text, message.turns)
    waiting = also_withdrawn(message.text, message.turns)
    message.draft.replaces += waiting
    if waiting:
        message.draft.notes.append(said.WITHDRAWN)
    elif not undone:
        states = {p.state for turn in message.turns for p in turn.proposed}
        reason = said.NOT_APPLIED_YET if "open" in states else said.UNDONE_ALREADY if "undone" in states else said.NOTHING_TO_UNDO
        message.draft.refuse(span, "unclear", reason)
    message.draft.undone += [(change_set, (), span) for change_set in undone]


_UNDONE_WHEN = re.compile(
    r"\W*(?:[a-z]+[\s,]+){0,3}?(?:undo|revert|roll\s*back)\s+(?:it|that|this|them|those|everything|the\s+\w+(?:\s+change)?)[\s,]+"
    r"(?P<more>(?:but\s+)?(?:if|unless|once|when|every|each|tomorrow|tonight|provided|during|as\s+(?:soon|long)|after|until|on|in|at|for|only|except|not)\b)",
    re.I,
)
"""A time, a condition or a restriction, which nothing that is put back takes."""
_NOT_THOSE = re.compile(
    r"\W*(?:(?:no|ok(?:ay)?|actually|sorry|wait|but|oh|please|on\s+second\s+thoughts?)[\s,.!–—-]+)*"
    r"(?:never\s*mind|forget(?:\s+about)?|scrap|skip|not|leave\s+out|without|except(?:\s+for)?|leave)\s+(?P<what>the\s+[\w\s'’-]+?)"
    r"(?:\s+(?:though|then|after\s+all|please|as\s+(?:it\s+is|they\s+are)|alone))*\W*",
    re.I,
)


async def withdrawn_of(message: Message) -> bool:
    """ "Never mind the linen shirt", of two changes that wait: the one that is of nothing but the shirt is taken back."""
    found = _NOT_THOSE.fullmatch(message.text) if message.past else None
    if found is None:
        return False
    named = await message.draft.scope.linker.goods(message.text, *found.span("what"))
    ids = set(named.products) if isinstance(named, Linked) else set()
    waiting = [one for one in message.past if one.open and one.changes and not one.questions]
    theirs = [one for one in waiting if (goods := _goods_of(one)) and goods <= ids]
    if not theirs:
        theirs = _called_so(waiting, found["what"], message.draft.scope.linker.vocabulary.products)
    elif any(_goods_of(one) & ids and one not in theirs for one in waiting):
        return False
    if not theirs:
        return False
    message.draft.replaces += [Replaced(run=one.turn.run, subtask=one.subtask.id) for one in theirs]
    message.draft.notes.append(said.WITHDRAWN)
    return True


_NOUNS = frozenset({"one", "ones", "tag", "tags", "label", "price", "name", "title", "code", "note", "change", "part", "product", "item", "discount"})


def _called_so(waiting: Sequence[Past], said: str, titles: Mapping[str, str]) -> list[Past]:
    """The one change that waits of which all these words are true: "the wool one", "the vip tag"; none where several are."""
    stems = {word.stem for word in words_of(said) if word.text.lower() not in COMMON | _NOUNS}
    theirs = [one for one in waiting if stems and any(stems <= named for named in _names(one, titles))]
    whole = [one for one in theirs if len(_goods_of(one)) <= 1]
    return whole if len(whole) == len(theirs) == 1 else []


def _names(one: Past, titles: Mapping[str, str]) -> list[set[str]]:
    """How what a change is about and what it puts are called, by stem."""
    texts = [titles.get(id, "") for id in _goods_of(one)] + [link.label for link in one.bound.links.values() if link.record not in GOODS]
    values = [value for name, value in one.bound.args.items() if name not in one.bound.links and name not in ("action", "how")]
    texts += [text for value in values for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    return [{word.stem for word in words_of(text)} for text in texts]


def _goods_of(one: Past) -> set[str]:
    return {id for link in one.bound.links.values() if link.record in GOODS for id in link.products}


def _redo(message: Message, span: tuple[int, int]) -> None:
    """Propose again what was put back last; what only waits to be put back is left as it is."""
    waiting = [(turn, p) for turn in message.turns for p in turn.proposed if p.state == "open" and _puts_back(turn, p.subtask)]
    undone = [one for one in reversed(message.past) if any(p.subtask == one.subtask.id and p.state == "undone" for p in one.turn.proposed)]
    if waiting:
        message.draft.replaces += [Replaced(run=turn.run, subtask=p.subtask) for turn, p in waiting]
        message.draft.notes.append(said.WITHDRAWN)
    elif undone:
        add_step(message, undone[0].bound, undone[0], span)
    else:
        message.draft.refuse(span, "unclear", said.NOTHING_TO_REDO)


def _puts_back(turn: Turn, id: str) -> bool:
    return any(subtask.id == id and subtask.task == UNDO for subtask in turn.plan.subtasks)


def _is_about_orders(message: Message) -> bool:
    last = message.bases()[0]
    return kind_spoken_of(last, message.draft.scope.outputs.get(last.subtask.task, {}), many=False) == "order" and "cancel" in message.text.lower()


def _withdraw(message: Message, span: tuple[int, int], *, nth: str) -> bool:
    """Take back what waits: the last turn's, or the one of all that a message means by its place."""
    if nth and len(waiting := [one for one in message.past if one.open]) > 1:
        place = {"first": 0, "second": 1, "third": 2, "other": -2}.get(nth, -1)
        if place < len(waiting):
            message.draft.replaces.append(Replaced(run=waiting[place].turn.run, subtask=waiting[place].subtask.id))
            message.draft.notes.append(said.WITHDRAWN)
            return True
    waiting = [one for one in message.past if one.open and one.changes]
    open_ = [one for one in message.past if one.turn is message.past[-1].turn and one.open] if message.past else []
    if not open_ and waiting and all(one.turn is waiting[0].turn for one in waiting) and not message.past[-1].changes:
        open_ = waiting  # "was it sent already? – ok then never mind"
    if not open_:
        if message.past and _is_about_orders(message):
            return False  # "cancel it" after an order is its cancellation
        message.draft.refuse(span, "unclear", said.NOTHING_WAITS)  # and no request to delete what was spoken of
        return True
    message.draft.replaces += [Replaced(run=one.turn.run, subtask=one.subtask.id) for one in open_]
    message.draft.notes.append(said.WITHDRAWN)
    return True

"""An earlier message read as another task: "I meant the price, not the stock", "list them instead"."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.bind import bind
from agent.planning.binding.scope import Bound
from agent.planning.clauses.pieces import piece_of
from agent.planning.language.fragments import THEM
from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.anew import add_anew, add_step
from agent.planning.threads.markers import Marked
from agent.planning.threads.message import Message
from agent.planning.threads.recall import Past
from agent.sdk import Task


async def as_other_task(message: Message, mark: Marked) -> bool:
    """The earlier message read as another task, which this one names by its own words."""
    wanted, denied = _stems(message, mark.start, mark.end), _stems(message, *mark.denied) if mark.denied else set()
    base = message.bases()[0]
    scope = message.draft.scope
    if wanted <= scope.own_words[base.subtask.task] and wanted & _names(base.bound.task) and not denied & _names(base.bound.task):
        message.draft.refuse((0, len(message.text)), "unclear", said.because(base.turn.text))
        return True  # it was understood so
    if not wanted or wanted & {w.stem for link in base.bound.links.values() for w in words_of(link.label)}:
        return False
    named = [task for task in scope.tasks.values() if task is not base.bound.task and wanted & _names(task) and wanted <= scope.own_words[task.name]]
    named = [task for task in named if not denied & _names(task) and (task.effect == "write" or not base.changes)]
    best: Bound | None = None
    for task in sorted(named, key=lambda task: ((task.effect == "read") != (base.subtask.effect == "read"), -len(wanted & _names(task)))):
        bound = await _reread(message, base, task)
        if bound is not None and (best is None or len(bound.asked) < len(best.asked)):
            best = bound
    if best is None:
        return False
    add_anew(message, base, best, replace(mark, instead=True), (0, len(message.text)))
    return True


def _stems(message: Message, start: int, end: int) -> set[str]:
    return {word.stem for word in words_of(message.text, start, end) if word.text.lower() not in COMMON}


async def _reread(message: Message, base: Past, task: Task) -> Bound | None:
    old = base.subtask.said.partition("\n")[0] or base.turn.text
    start, end = (0, len(old)) if base.subtask.said else base.subtask.span
    slots = [slot for clause in message.read(old) for slot in clause.slots if start <= slot.start and slot.end <= end]
    scope = message.scope_of(base)
    bound = await bind(task, piece_of(old, start, end, slots, scope, task), scope, finders=False)
    return None if bound.left or bound.finds else bound


def _names(task: Task) -> set[str]:
    """What a task and its fields are called."""
    return {
        word.stem for text in (task.name, task.summary, *(slot.name for slot in task.slots)) for word in words_of(text.replace("_", " "))
    } - COMMON


_LISTS = re.compile(
    rf"\W*(?:(?:just|only|please|then|no|ok|okay|can\s+you|and)[\s,]+)*(?:list|show)\s+(?:me\s+)?(?:{THEM})(?:\s+(?:instead|rather|only|first|please))*\W*",
    re.I,
)


async def listed_instead(message: Message) -> bool:
    """ "List them instead", after a change that was told in words alone whom it is about: a search for those."""
    base = next(iter(message.bases()), None) if message.past and _LISTS.fullmatch(message.text) else None
    if base is None or base.bound.task.whole is None:
        return False
    finders = [task for task in message.draft.scope.tasks.values() if task.does == "find"]
    read = [bound for task in finders if (bound := await _reread(message, base, task)) is not None and bound.args and not bound.asked]
    if not read:
        return False
    add_step(message, max(read, key=lambda bound: len(bound.args)), base, (0, len(message.text)))
    return True

"""A turn that only speaks of a change: "I don't want you to make it 20", "Tom wanted to make it 20%", "should I do the carafe too?".

What merges turns hears "make it 20" and hardly who says it of whom. How a change is spoken of is told by the same words as in a first message;
what it would come to is worked out on a draft of its own, which is thrown away.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.choices import says_choice
from agent.planning.binding.scope import Bound
from agent.planning.clauses.closing import is_dictated
from agent.planning.clauses.modality import Spoken, frame_of, tail_of
from agent.planning.clauses.pieces import piece_of
from agent.planning.clauses.plain_words import plain_words
from agent.planning.draft import Draft
from agent.planning.linking.roles import task_for
from agent.planning.linking.vocabulary import stem, words_of
from agent.planning.threads.markers import marked
from agent.planning.threads.message import Message, words_of_past
from agent.planning.threads.revise import same_change
from agent.records import Replaced

Take = Callable[[Message], Awaitable[bool]]
"""How a stretch of a message is taken for more of what was said before."""


async def only_spoken_of(message: Message, span: tuple[int, int], take: Take) -> bool:
    """Whether a stretch speaks of a change and does not ask for it, and was told so; one that asks for something to be looked at does not."""
    spoken = _how(message, span)
    if spoken is None or spoken.frame == "asked_for":
        return False
    if (
        spoken.frame == "denied"
        and (choice := _as_a_choice(message, spoken)) is not None
        and await take(replace(choice, draft=_apart(message.draft)))
    ):
        return await take(choice)
    if spoken.frame == "denied" and (spared := _sparing(message, spoken)) is not None and await take(replace(spared, draft=_apart(message.draft))):
        return await take(spared)
    for words in (_from_verb(message, spoken), message):
        draft = _apart(message.draft)
        await take(replace(words, draft=draft))
        if draft.undone or any(step.changes for step in draft.steps[len(message.draft.steps) :]):
            _tell(message, spoken, draft, span)
            return True
    return False


async def asked_for_in_full(message: Message, span: tuple[int, int], take: Take) -> bool:
    """Whether what a stretch asks for in many words belongs to what was said before: "my boss wants you to ‖ make it 28"."""
    spoken = _how(message, span)
    return spoken is not None and spoken.frame == "asked_for" and spoken.verb > spoken.span[0] and await take(_from_verb(message, spoken))


def _how(message: Message, span: tuple[int, int]) -> Spoken | None:
    text, end = message.text, span[1]
    if not message.past:
        return None
    start = marked(text[span[0] : end]).start + span[0]
    found, tail = frame_of(text, start, end), tail_of(text, span[0], end)
    if found is not None and not is_dictated(text[start:end], found[2] - start):
        ends = tail[1] if tail is not None and tail[1] > found[2] else end  # "Tom wanted to make it 20, ‖ should we?"
        spoken = Spoken(frame=found[0], span=(found[1], ends), verb=found[2])
    elif tail is not None and tail[1] > start and not is_dictated(text[start:end], end - start - 1):
        spoken = Spoken(frame=tail[0], span=(start, tail[1]), verb=start)
    else:
        return None
    return spoken if spoken.frame in _QUESTIONS or not _answers_in_words(message) else None


_QUESTIONS = frozenset({"asked_how", "asked_whether"})


def _as_a_choice(message: Message, spoken: Spoken) -> Message | None:
    """The message as "don't restock the goods" where what is not wanted is a choice that the change which waits has itself."""
    begun, verb = spoken.span[0], spoken.verb
    denied = message.text[:begun] + "don't".ljust(verb - begun) + message.text[verb:]
    slots = (slot for one in message.bases() if one.open and one.changes for slot in one.bound.task.slots)
    if verb - begun < len("don't ") or not any(says_choice(slot, denied[begun:], "false") for slot in slots):
        return None
    return replace(message, text=denied, decisions=[message.decided(denied[c.start : c.end], c) for c in message.read(denied)])


def _answers_in_words(message: Message) -> bool:
    """Whether the last turn asks for words, which may speak of anything: "we decided to send it on Monday"."""
    last = message.turns[-1].plan if message.turns else None
    tasks = {subtask.id: message.draft.scope.tasks.get(subtask.task) for subtask in last.subtasks} if last is not None else {}
    asked = [(tasks.get(one.subtask), one.field) for one in last.questions] if last is not None else []
    return any({"text", "texts"} & set(slot.types) for task, name in asked if task is not None for slot in task.slots if slot.name == name)


def _from_verb(message: Message, spoken: Spoken) -> Message:
    """The message without the words that lead to its verb or follow the change, which keeps its places: they become spaces."""
    (begun, end), said = spoken.span, message.text
    text = said[:begun] + " " * (spoken.verb - begun) + said[spoken.verb : end] + " " * (len(said) - end)
    decisions = [message.decided(text[clause.start : clause.end], clause) for clause in message.read(text)]
    return replace(message, text=text, decisions=decisions)


_OF_ANY_CHANGE = frozenset({"touch", "touching", "change", "changing", "include", "including", "do", "doing", "alter", "apply", "affect"})


def _sparing(message: Message, spoken: Spoken) -> Message | None:
    """ "I don't want you to touch ‖ the small ones", of what waits: the message as "not the small ones"."""
    verb, begun = plain_words(message.text, spoken.verb, spoken.span[1]), spoken.span[0]
    waits = next((one for one in message.bases() if one.open and one.changes), None)
    if waits is None or len(verb) < _VERB_AND_NAME or verb[1].word in _PRONOUNS or verb[1].word.isdigit():
        return None
    if verb[0].word not in _OF_ANY_CHANGE and stem(verb[0].word) not in {stem(word.text) for word in words_of(words_of_past(waits))}:
        return None
    text = message.text[:begun] + "not".rjust(verb[0].end - begun) + message.text[verb[0].end :]
    return replace(message, text=text, decisions=[message.decided(text[c.start : c.end], c) for c in message.read(text)])


_VERB_AND_NAME = 2
_PRONOUNS = frozenset({"it", "that", "this", "them", "those", "these", "him", "her", "anything", "any", "everything", "to", "for"})


def _apart(draft: Draft) -> Draft:
    scope = replace(draft.scope, earlier=[*draft.scope.earlier], pieces={})
    return replace(draft, steps=[*draft.steps], not_done=[], background=[], undone=[], notes=[], replaces=[], scope=scope)


def _tell(message: Message, spoken: Spoken, would: Draft, span: tuple[int, int]) -> None:
    guide = task_for(message.draft.scope.tasks, "other", "guide")
    if spoken.frame == "asked_how" and guide is not None:
        piece = piece_of(message.text, *span, (), message.draft.scope, guide)
        message.draft.add(Bound(task=guide, piece=piece), span=span, by="student", confidence=1.0)
    elif spoken.frame == "reminder":
        message.draft.refuse(span, "not_supported", said.NO_REMINDERS)
    elif spoken.frame == "denied" and (waiting := _the_same(message, would)):
        message.draft.replaces += waiting
        message.draft.notes.append(said.WITHDRAWN)
    else:
        message.draft.refuse(span, "unclear", said.NOT_ASKED_FOR)


def _the_same(message: Message, would: Draft) -> list[Replaced]:
    """What waits and is the very change that is not wanted: "I don't want you to make it 20", after "make it 20"."""
    made = [step.bound for step in would.steps if step.changes]
    waiting = [one for one in message.past if one.open and one.changes]
    same = [one for one in waiting if any(same_change(one.bound, bound) for bound in made)]
    return [Replaced(run=one.turn.run, subtask=one.subtask.id) for one in same]

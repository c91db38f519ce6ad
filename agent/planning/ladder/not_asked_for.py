"""A change that is only spoken of: told that nothing was done, asked about, or answered where the question is how it is done."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.planning import said
from agent.planning.binding.bind import bind
from agent.planning.binding.scope import Bound, Piece
from agent.planning.clauses.closing import is_dictated
from agent.planning.clauses.lasting import ABOUT
from agent.planning.clauses.local import FORBIDS, MENTION, Decision
from agent.planning.clauses.modality import Spoken, acts, frame_of, look_not_asked_for, taken_back
from agent.planning.clauses.plain_words import plain_words
from agent.planning.draft import Draft
from agent.planning.ladder.doubt import refuse_or_ask
from agent.planning.ladder.readers import Readers, makes_changes, span_of
from agent.planning.language.fragments import THEM
from agent.planning.linking.roles import task_for
from agent.sdk import Task

_STOP = re.compile(r"[.!?](?=\s|$)|[\n;]")
_STANDS = re.compile(
    r"\b(?:every|each|when(?:ever)?|once|if|as\s+soon\s+as|daily|weekly|monthly|(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b", re.I
)
"""What reminds again and again is a rule or a report."""
_GOES_ON = re.compile(r"[\s,]*\b(?:and|or|nor)\b\s*(?:to\s+)?(?=[a-z])(?!(?:please|then|you|can|could|i|we|also|instead|now|just)\b)", re.I)


_TO_NOTHING = re.compile(
    r"\W*(?:(?:and|but|please|then|just|so)\s+)*(?P<verb>[a-z]+)(?:\s+(?:out|to))?\s+(?:nothing|nobody|no\s+one|none\s+of\s+(?:it|this|them|those|these))"
    r"(?:\s+(?:yet|else|more|so\s+far|for\s+now|at\s+all|for\s+the\s+moment|(?:until|before)\b.*))*\W*",
    re.I,
)
""" "Publish nothing yet" denies by what it is done to."""


def spoken_of(draft: Draft, text: str, decision: Decision) -> Spoken | None:
    """How a clause speaks of its change: by what stands before its verb, by what follows, or as the part does that it goes on with."""
    start, end = span_of(decision.clause)
    _take_led(draft, text, start)
    begun = max((m.end() for m in _STOP.finditer(text, 0, start)), default=0)
    if any(acts(word.word) for word in plain_words(text, begun, start)):  # only what no clause before has taken
        begun = max((at for _, at in _spans(draft) if begun < at <= start), default=begun)
    of_look = decision.task is not None and decision.task.effect == "read" and decision.task.about != "guide"
    found = (look_not_asked_for if of_look else frame_of)(text, begun, end)
    if of_look and found is not None and found[2] < start:
        found = None  # "we plan to raise prices, ‖ show me the mugs": of something else
    if found is not None and (found[2] >= end or is_dictated(text[begun:end], found[2] - begun)):
        found = None
    nothing = _TO_NOTHING.fullmatch(text, start, end)
    if nothing is not None and acts(nothing["verb"].lower()):
        return Spoken(frame="denied", span=(start, end), verb=start)
    stop = _STOP.search(text, end)
    tail = taken_back(text, start, stop.start() + 1 if stop is not None else len(text))
    if tail is not None and not is_dictated(text[start : tail[1]], tail[1] - start - 1):
        return Spoken(frame=tail[0], span=(found[1] if found is not None else start, max(end, tail[1])), verb=start)
    if found is not None:
        return Spoken(frame=found[0], span=(found[1], end), verb=found[2], of_look=of_look)
    before = draft.spoken_of
    if before is not None and before.of_look and before.frame == "denied" and _names_its_own(text, before, decision):
        return None
    goes_on = _GOES_ON.match(text, before.span[1]) if before is not None and before.span[1] <= start else None
    if before is None or goes_on is None or goes_on.end() < start:
        return None
    return replace(before, span=(_since_its_look(draft, before, start), end), verb=start)


_POINTS = re.compile(rf"\b(?:it|{THEM})\b", re.I)


def _names_its_own(text: str, before: Spoken, decision: Decision) -> bool:
    """ "Don't show me the drafts, ‖ and cut the mugs": done to other things than what was not to be looked at."""
    start, end = span_of(decision.clause)
    parted = "," in text[before.span[1] : start] or FORBIDS.match(text, *before.span) is not None
    return parted and bool(decision.clause.slots) and _POINTS.search(text, start, end) is None


def _since_its_look(draft: Draft, before: Spoken, start: int) -> int:
    """Where what is told began: with the look for what would be changed, which nobody asked for either."""
    looks = draft.steps and draft.steps[-1].bound.task.effect == "read" and draft.steps[-1].span[1] > before.span[0]
    return before.span[0] if looks else start


_LEADS_TO_VERB = re.compile(r"\b(?:to|you|i|we|they|he|she)\W*$", re.I)


def _take_led(draft: Draft, text: str, start: int) -> None:
    """ "How do I ‖ pause it", "my boss wants you to ‖ cut it": what the reader took for a part of its own only leads to the verb."""

    def leads(span: tuple[int, int]) -> bool:
        return span[1] <= start and not text[span[1] : start].strip() and _LEADS_TO_VERB.search(text[slice(*span)]) is not None

    if draft.not_done and leads(draft.not_done[-1].span):
        draft.not_done.pop()
    if draft.steps and draft.steps[-1].bound.task.effect == "read" and leads(draft.steps[-1].span):
        draft.steps.pop()


def _spans(draft: Draft) -> list[tuple[int, int]]:
    return [*(step.span for step in draft.steps), *(part.span for part in draft.not_done)]


_OF_THIS = re.compile(r"s\d+")
"""A part of this request, as `Draft` names it."""


async def told_as_spoken_of(readers: Readers, draft: Draft, piece: Piece, decision: Decision, spoken: Spoken) -> bool:
    """Whether a clause is done with, since it asks for no change: a question about it is answered, anything else told or asked about."""
    task, frame = decision.task, spoken.frame
    if frame == "asked_how" or (spoken.of_look and spoken.verb < piece.end):
        draft.spoken_of = spoken  # "no need to find the lapsed ones ‖ and tag them": the look is told of as its change is
    if (spoken.of_look and frame == "denied" and spoken.verb < piece.end) or _TO_NOTHING.fullmatch(piece.text, *spoken.span):
        draft.refuse(spoken.span, "unclear", said.NOT_ASKED_FOR)
        return True
    if task is None or not makes_changes(task) or (frame == "reminder" and _comes_again(task, piece, spoken)):
        return False
    draft.not_done = [part for part in draft.not_done if not spoken.span[0] <= part.span[0] < piece.start]
    draft.steps = [step for step in draft.steps if step.changes or not spoken.span[0] <= step.span[0] < piece.start]
    left = {step.id for step in draft.steps}
    draft.scope.earlier = [earlier for earlier in draft.scope.earlier if earlier.id in left or not _OF_THIS.fullmatch(earlier.id)]
    draft.spoken_of = None if FORBIDS.match(piece.text, *spoken.span) else spoken  # "don't cut these ‖ and cut those" says two things
    guide = task_for(readers.tasks, "other", "guide")
    if frame == "asked_how" and guide is not None:
        if draft.steps and draft.steps[-1].bound.task is guide:
            draft.steps[-1].span = (draft.steps[-1].span[0], piece.end)
        else:
            draft.add(Bound(task=guide, piece=piece), span=(piece.start, piece.end), by="student", confidence=1.0)
    elif frame in ("denied", "given_up"):
        draft.refuse(spoken.span, "unclear", said.NOT_ASKED_FOR)
    elif frame == "reminder":
        draft.refuse(spoken.span, "not_supported", said.NO_REMINDERS)
    elif decision.verdict == "refuse":
        await refuse_or_ask(readers, draft, piece, decision)
    else:
        near = [other for other, share in decision.near if share >= MENTION] or [task]
        bound = await bind(task, piece, draft.scope, finders=False)
        draft.ask_which(bound, span=(piece.start, piece.end), by="student", confidence=decision.confidence, near=near)
    return True


_SETS_UP = re.compile(r"(?:schedule|set\s+up|create|make|add|build|define|plan|arrange)\b", re.I)


def _comes_again(task: Task, piece: Piece, spoken: Spoken) -> bool:
    """Whether to be reminded again and again is asked for, and not to be reminded of setting that up."""
    return task.name in ABOUT and _STANDS.search(piece.said) is not None and _SETS_UP.match(piece.text, spoken.verb) is None


def from_its_verb(decision: Decision, spoken: Spoken) -> Decision:
    """The clause of a change that is asked for without the words that do so: "it would be great if you could ‖ cancel it"."""
    clause = decision.clause
    if not clause.start < spoken.verb < clause.end or any(slot.start < spoken.verb for slot in clause.slots):
        return decision
    return replace(decision, clause=replace(clause, start=spoken.verb))


def without_changes(decision: Decision) -> Decision:
    """The decision without the changes it might be after all: what is only spoken of is no reason to take one of them."""
    return replace(decision, near=tuple((task, share) for task, share in decision.near if not makes_changes(task)))

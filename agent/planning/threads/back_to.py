""" "Back to the refund: put the goods back into stock": a message that names first what of the thread it is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.planning.linking.lexicon import COMMON
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.anew import add_step
from agent.planning.threads.message import Message
from agent.records import Turn

_BACK = re.compile(
    r"\W*(?:(?:ok(?:ay)?|now|so|and|then|please|let['’]?s|go|going|get|getting|coming|come)[\s,]+)*back\s+to\s+(?P<what>[^,:;.–—]{3,40}?)\s*(?:[,:;.–—]+|\s-)\s*(?=\w)",
    re.I,
)


def gone_back(text: str, turns: Sequence[Turn]) -> tuple[str, Sequence[Turn]]:
    """The message without those words, with blanks for them, and the turns with the one that is meant as the last.

    The newest turn whose words or tasks have most of what is named is meant; where none has any of it, nothing is changed.
    """
    found = _BACK.match(text)
    if found is None or len(turns) < 2:
        return text, turns
    meant = {word.stem for word in words_of(found["what"]) if word.text.lower() not in COMMON}
    best = max(reversed(turns), key=lambda turn: len(meant & _stems(turn)))
    if not meant & _stems(best):
        return text, turns
    while (later := next((turn for turn in turns if any(one.run == best.run for one in turn.plan.replaces)), None)) not in (None, best):
        best = later or best  # the code as it was last changed, and not as it was first asked for
    return " " * found.end() + text[found.end() :], [*(turn for turn in turns if turn is not best), best]


_BACK_AGAIN = re.compile(
    r"\W*(?:(?:ok(?:ay)?|now|so|and|then|please|let['’]?s|can\s+(?:we|you)|go|going|get|getting|coming|come|i\s+want\s+to|show\s+me|again)[\s,]+)*"
    r"back\s+to\s+(?P<what>(?:the|those|these|my|our|that)\s+[\w\s'’-]{3,40}?)(?:\s+(?:again|please|then|now|from\s+before|you\s+showed\s+me))*\W*",
    re.I,
)


def shown_again(message: Message) -> bool:
    """ "Back to the orders", and nothing more: the newest answer that was about them, once more; false where no turn was."""
    found = _BACK_AGAIN.fullmatch(message.text) if message.past else None
    if found is None:
        return False
    meant = {word.stem for word in words_of(found["what"]) if word.text.lower() not in COMMON}
    reads = [one for one in reversed(message.past) if one.subtask.effect == "read"]
    best = max(
        reads,
        key=lambda one: (len(meant & {w.stem for w in words_of(one.bound.task.name.replace("_", " "))}), len(meant & _stems(one.turn))),
        default=None,
    )
    if best is None or not meant & _stems(best.turn):
        return False
    add_step(message, best.bound, best, (0, len(message.text)))
    return True


_STATE_ASKED = re.compile(
    r"\W*(?:(?:and|but|or|so|ok(?:ay)?)[\s,]+)*(?:(?:is|was|has|are|were|have|it|they|that|been|already)\s+)*"
    r"(?:shipped|sent|paid|delivered|fulfilled|refunded|cancelled|canceled|dispatched|published|hidden|answered)(?:\s+(?:yet|already|too|as\s+well))*\s*\?+\s*",
    re.I,
)


def state_asked(message: Message) -> bool:
    """ "And shipped?", right after one order was shown: how it stands is in the answer, and nothing is to be done with it."""
    one = message.bases()[0] if message.past and _STATE_ASKED.fullmatch(message.text) else None
    if one is None or one.bound.task.does != "show" or one.questions:
        return False
    add_step(message, one.bound, one, (0, len(message.text)))
    return True


def _stems(turn: Turn) -> set[str]:
    tasks = " ".join(subtask.task.replace("_", " ") for subtask in turn.plan.subtasks)
    return {word.stem for word in words_of(f"{turn.text} {tasks} {' '.join(p.summary for p in turn.proposed)}")}

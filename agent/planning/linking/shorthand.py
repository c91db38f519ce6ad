"""Shorthand and turns of phrase that the tasks declare, in the words that are read for them: "bogo on tote bags" is "2 for 1 on tote bags".

A reader taught on plain requests takes a word of the trade that it has hardly seen for a name; what it means is the task's to say (`Args.synonyms`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent.planning.language.respelled import Slip
from agent.sdk import Task

_LONGEST = 400
"""Characters from which a text is more than a request or two, and may tell a story in such words."""
_NAMED = re.compile(
    r"(?:\b(?:called|named|titled|codes?|vouchers?|coupons?|tag(?:ged)?|titles?|name|label(?:led)?|as|to|saying|says?|it)|[#:\"“„'‘-])\s*$", re.I
)
"""Before a name or a text that is kept as it was typed."""
_QUOTED = re.compile(r"[\"“„«][^\"”“»]*[\"”“»]|(?<!\w)['‘][^'’]+['’](?!\w)")


class Shorthand:
    """What the tasks call by other words, looked for with one expression."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        found = [pair for task in tasks for pair in task.args.synonyms]
        self._meant = [meant for _, meant in found]
        self._pattern = re.compile("|".join(f"(?P<s{at}>{said})" for at, (said, _) in enumerate(found)), re.I) if found else None

    def slips(self, text: str) -> Sequence[Slip]:
        """What is said in shorthand; in capitals only where it begins the text, for "end BOGO" ends a code."""
        if self._pattern is None or len(text) > _LONGEST:
            return []
        bare = _QUOTED.sub(lambda quoted: "\0" * len(quoted[0]), text) if re.search(r"[\"“„«'‘]", text) else text
        return [
            Slip(start=said.start(), end=said.end(), typed=said[0], meant=self._meant[int((said.lastgroup or "s0")[1:])])
            for said in self._pattern.finditer(bare)
            if not _NAMED.search(text, 0, said.start()) and not (said[0].isupper() and said.start() and not text.isupper())
        ]

"""How soon a message needs an answer, told by what it wants and by words that say so: code, so that it can say why.

A student for it did not beat counting letters for certain and was refused by its gate; these rules say which words they went by.
"""

import re
from typing import Literal

Urgency = Literal["low", "normal", "high"]
WAITS = frozenset({"praise", "spam", "wholesale_or_press", "other"})
"""What can wait a week, unless the words say otherwise."""
NEVER_HIGH = frozenset({"praise", "spam"})
_HIGH: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (why, re.compile(form, re.IGNORECASE))
    for why, form in (
        ("danger", r"\b(?:dangerous|burnt|burns?\b|burst|fire|explod\w+|spark\w*|shard|splinter|"
                   r"choked|swollen|hives|hospital|a&e|allergic|allergy|"
                   r"poison\w*|vomit\w*|dizzy|swallowed|bleeding|injur\w+|gas smell|red hot|gave way)\b"),
        ("threat", r"\b(?:lawyer|solicitor|small claims|court|police|trading standards|"
                   r"ombudsman|chargeback|fraud|crooks?|consumer protection|legal action)\b"),
        ("hurry", r"(?<!not )\b(?:urgent(?:ly)?|asap|immediately|at once|right away|right now|straight away|as fast as|"
                  r"desperate|please hurry|within the (?:next )?(?:half )?hour|last warning|final letter|call me back)\b"),
        ("today", r"\b(?:(?:by|for|is|until|before|on|reply|answer|me|arrive|here|due|deadline) (?:today|tonight|tomorrow|midnight|noon)|"
                  r"tomorrow morning|this (?:morning|afternoon|evening) and|ends (?:at midnight|in an hour|tonight)|in two days|tonight)\b"),
        ("money", r"\b(?:charged|debited|billed|taken|took)\b.{0,40}\b(?:twice|three times|four times|double|instead of)\b|\boverdrawn\b|\bmy rent\b|"
                  r"\bcan't buy food\b"),
        ("account", r"\b(?:hacked|stolen|someone (?:is in|ordered with|has)|stranger|never authorised)\b"),
        ("parcel", r"\b(?:stop|don't ship|do not send|before (?:it|both) (?:goes|go|is|'s)\b.{0,12}(?:out|shipped|packed|handed)|"
                   r"ships today|ships within|just (?:placed|noticed)|(?:ten|five|\d+) min(?:utes)? ago|an hour ago)\b"),
    )
)  # fmt: skip


def urgency_of(text: str, wants: str | None) -> tuple[Urgency, str]:
    """The urgency and, where it is high, what told so."""
    if wants not in NEVER_HIGH:
        for why, form in _HIGH:
            if (why != "parcel" or wants == "change_or_cancel_order") and form.search(text):
                return "high", why
    return ("low" if wants in WAITS else "normal"), ""

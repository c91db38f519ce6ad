"""Lists as merchants write them: numbered, under a head, or under the name of what they are about."""

from __future__ import annotations

import re

_NAMED_FIRST = re.compile(r"[^:\n]{3,60}:(?=\s)")


def named_first(text: str, start: int, end: int) -> int | None:
    """Where the name ends that a clause begins with before a colon: "walnut board: ‖ price 58, stock 25"."""
    name = _NAMED_FIRST.match(text, start, end)
    return name.end() - 1 if name is not None else None


_HEAD = re.compile(r"(?:^|(?<=[\n.!?;]))\s*(?P<head>[A-Za-z]+(?:[ -][A-Za-z]+){0,2})\s*:\s*(?=\S)")
_LINE_END = re.compile(r"\n|[.!?](?=\s|$)")


def heads(text: str) -> list[tuple[int, int, int]]:
    """Where a list is headed by words of its own, "stock check: …": start and end of the head, and the end of the list's line or sentence."""
    found = []
    for head in _HEAD.finditer(text):
        stop = _LINE_END.search(text, head.end())
        found.append((head.start("head"), head.end("head"), stop.start() if stop else len(text)))
    return found


_NUMBERED = re.compile(r"(?:(?<=\s)|^)(?P<n>\d{1,2})(?:[.)]|:)(?=\s+\S)")
ITEM = re.compile(r"\s*\n {2,}")
"""Where an item of a numbered list begins once its number is blank."""


def unnumbered(text: str) -> str:
    """The text with the numbers of a list, "1) … 2) …", made blanks and each but the first the end of a line, place for place."""
    found = list(_NUMBERED.finditer(text))
    if len(found) < 2 or [int(m["n"]) for m in found] != list(range(1, len(found) + 1)):
        return text
    for at, mark in enumerate(found):
        text = text[: mark.start()] + ("\n" if at else " ") + " " * (len(mark[0]) - 1) + text[mark.end() :]
    return text

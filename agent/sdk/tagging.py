"""Tags put on and taken off: the words for it, and what comes of them. What every task that tags records shares."""

from __future__ import annotations

from collections.abc import Sequence

_OFF = ("remove", "take", "take off", "drop", "delete", "strip", "lose", "clear")
UNTAGGING = ("untag", "remove", "strip", *(f"{verb} the {noun}" for verb in _OFF for noun in ("tag", "label")))
"""Cues of a field of tags to be taken off."""


def retagged(tags: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> list[str]:
    """The tags in their order without those taken off, with the new ones after them; case does not tell tags apart."""
    gone = {tag.strip().casefold() for tag in remove}
    kept = [tag for tag in tags if tag.casefold() not in gone]
    known = {tag.casefold() for tag in kept}
    new = {tag.strip().casefold(): tag.strip() for tag in add if tag.strip() and tag.strip().casefold() not in known}
    return kept + list(new.values())

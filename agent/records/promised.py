"""Records that an open proposal is to make, named before they are there, so that a later proposal can be about them.

A name says which item of which change set makes the record, and which of its variants is meant. It is put in the place of an id where a
proposal is stored, and the id in its place when that proposal is applied, which is not before the record was made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from agent.records.codec import effect_from_json, to_json
from agent.sdk.results import Action, Change

_NAME = re.compile(r"new:(?P<set>[\w-]+)/(?P<item>[\w-]+)(?:#(?P<part>\d+))?")


@dataclass(frozen=True, slots=True)
class Promised:
    """A record to be made, or one of its variants."""

    change_set: str
    item: str
    part: int | None = None
    """The place of the variant among those of the product; None for the record itself."""

    def __str__(self) -> str:
        return f"new:{self.change_set}/{self.item}" + ("" if self.part is None else f"#{self.part}")


def promised(text: str) -> Promised | None:
    """What a name names; None where it is an id."""
    if (said := _NAME.fullmatch(text)) is None:
        return None
    return Promised(said["set"], said["item"], None if said["part"] is None else int(said["part"]))


def promises_in(effect: Change | Action) -> list[Promised]:
    """The records to be made that a change is about, each once."""
    found: list[Promised] = []

    def look(text: str) -> str | None:
        if (one := promised(text)) is not None and one not in found:
            found.append(one)
        return None

    _renamed(to_json(effect), look)
    return found


def renamed(effect: Change | Action, name: Callable[[str], str | None]) -> Change | Action:
    """The change with other ids, wherever in it one stands: as its target, in its field (`collection:col_1`) or in its values.

    Args:
        name: What a text is to be instead; None leaves it.
    """
    data = to_json(effect)
    changed = _renamed(data, name)
    return effect if changed == data else effect_from_json(changed)


def _renamed(value: Any, name: Callable[[str], str | None]) -> Any:
    if isinstance(value, str):
        return next((f"{before}{new}" for before, id in _ids(value) if (new := name(id)) is not None), value)
    if isinstance(value, dict):
        return {key: _renamed(one, name) for key, one in value.items()}
    return [_renamed(one, name) for one in value] if isinstance(value, list) else value


def _ids(text: str) -> Iterator[tuple[str, str]]:
    yield "", text
    before, colon, rest = text.partition(":")
    if colon and before.isalpha() and before != "new":
        yield f"{before}:", rest

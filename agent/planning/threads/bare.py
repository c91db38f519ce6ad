"""A message that is nothing but a value: "make it 5", "give me 20", "no, Round Cork Coasters". It goes where the value before was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from agent.planning.binding.merge import SILENT
from agent.planning.binding.scope import Bound, Piece
from agent.planning.language.values import Number, Spot, Words
from agent.planning.linking.lexicon import COMMON, leaning
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.markers import Marked

_MOST_WORDS = 6
_SHOWN_AT_MOST = 500
_RANK = ("top", "limit")


def is_bare(piece: Piece) -> bool:
    """Whether no word is said but values and what only ties them to the words before: "give me 20", "show me last year"."""
    others = [word for word in words_of(piece.text, piece.start, piece.end) if word.stem not in SILENT | COMMON and word.text.lower() not in SILENT]
    return bool(piece.values.items) and all(any(v.start <= word.start < v.end for v in piece.values.items) for word in others)


def take_number(own: Bound, base: Bound, mark: Marked) -> None:
    """Put a bare number where the earlier subtask had one: the count of its goods, its units, how many it lists."""
    numbers = [v for v in own.piece.values.items if isinstance(v, Number) and v.currency is None and v.unit in ("", "unit")]
    if len(numbers) != 1 or any(not v.overlaps(numbers[0]) for v in own.piece.values.items) or numbers[0].amount != int(numbers[0].amount):
        return
    wrong = [name for name in own.args if name not in own.links and {"money", "percent", "integer"} & set(own.task.slot(name).types)]
    if any(_had(name, base) for name in wrong):
        return
    number = int(numbers[0].amount)
    place = _place(base, mark, number)
    if place is None:
        return
    before = base.args.get(place)
    for name in wrong:
        del own.args[name]
    own.args[place] = dict.fromkeys(before, number) if isinstance(before, dict) else number
    own.taken.append(Spot(start=numbers[0].start, end=numbers[0].end))
    own.left = [spot for spot in own.left if not spot.overlaps(numbers[0])]
    own.asked = [asked for asked in own.asked if asked.field not in (*wrong, place)]


def _had(name: str, base: Bound) -> bool:
    """Whether the earlier subtask has a number there, or in a field that stands for it."""
    groups = [group for group in base.task.args.one_of if name in group]
    return name in base.args or any(
        other in base.args and {"money", "percent"} & set(base.task.slot(other).types) for group in groups for other in group
    )


def _place(base: Bound, mark: Marked, number: int) -> str | None:
    if base.task.effect == "read":
        top = next((slot.name for slot in base.task.slots if "integer" in slot.types and slot.name in _RANK), None)
        meant = top is not None and (top in base.args or mark.kind == "plain")  # "put it at 14" is no list of 14
        return top if meant and 0 < number <= _SHOWN_AT_MOST else None
    counted = [s.name for s in base.task.slots if "counts" in s.types and s.name in base.args and len(base.args[s.name]) == 1]
    whole = [s.name for s in base.task.slots if "integer" in s.types and isinstance(base.args.get(s.name), int)]
    return (counted + whole)[0] if len(counted + whole) == 1 else None


def take_words(own: Bound, base: Bound, mark: Marked) -> Bound | None:
    """The earlier change with these words as its text, where one text was all that it put: a name, a code, a tag, a note."""
    words = own.piece.said.strip(" \t\n.,!\"'“”")
    texts = [s for s in base.task.slots if {"text", "texts"} & set(s.types) and s.name in base.args and not s.whole]
    if not mark.instead or base.task.effect != "write" or len(texts) != 1 or not 0 < len(words_of(words)) <= _MOST_WORDS:
        return None
    if (
        any(not isinstance(v, Words) for v in own.piece.values.items)
        or any(name not in own.refers and name != texts[0].name for name in own.args)
        or (words[:1].islower() and leaning(words))
    ):
        return None
    if not _is_name(words):
        return None
    slot = texts[0]
    value = base.args[slot.name]
    if "texts" in slot.types and len(value) != 1:
        return None
    asked = [asked for asked in base.asked if asked.field != slot.name]
    return replace(base, piece=own.piece, args={**base.args, slot.name: [words] if "texts" in slot.types else words}, asked=asked, left=[])


def _is_name(words: str) -> bool:
    """One word that is no common one, or several of which each bigger one is written as names are."""
    said = re.findall(r"[\w'’-]+", words)
    if len(said) == 1:
        return said[0].lower() not in COMMON | SILENT and re.search(r"[A-Za-z]", words) is not None
    return all(word[0].isupper() or word[0].isdigit() or word in COMMON for word in said) and said[0] not in COMMON


_CALL_IT = re.compile(
    r"\W*(?:(?:no|ok(?:ay)?|actually|sorry|wait|but|oh|please|and|then|now|rather|better|let'?s|can\s+you|could\s+you|maybe)[\s,.!–—-]+)*"
    r"(?:(?:call|name|title|label)|re(?:name|title))\s+(?:it|that|this|them|the\s+(?:new\s+)?(?P<what>\w+))\s+(?:to\s+|as\s+|just\s+|simply\s+)*"
    r"(?P<name>\S.*?)(?:[\s,]+(?:instead|rather|please|then|now|after\s+all|thanks))*[\s.!]*",
    re.I,
)
_GOES_ON = re.compile(r"[,;]\s|\band\s+(?:add|put|make|set|give|take|tag|remove|send|leave|move|hide|also|then)\b", re.I)
_NAMES = ("title", "name")


def take_name(said: str, base: Bound) -> Bound | None:
    """ "Call it Cosy Evenings instead", "call the tag alps": what waits with that as its name, in these words."""
    found = _CALL_IT.fullmatch(said)
    if found is None or base.task.effect != "write" or _GOES_ON.search(found["name"]):
        return None
    value: str | list[str]
    name, what = found["name"].strip("\"'“”‘’"), (found["what"] or "").lower()
    tags = [s for s in base.task.slots if "texts" in s.types and len(base.args.get(s.name) or ()) == 1]
    if len(tags) == 1 and (what in ("tag", "label") or (not what and set(base.args) - set(base.links) == {tags[0].name})):
        slot, value = tags[0], [name]
    elif (title := next((s for s in base.task.slots if s.types == ("text",) and s.name in _NAMES), None)) is not None and title.name in base.args:
        slot, value = title, name
    elif (code := next((s for s in base.task.slots if s.name == "code" and base.task.does == "make"), None)) is not None and _CODE.fullmatch(name):
        slot, value = code, name
    else:
        return None
    asked = [asked for asked in base.asked if asked.field != slot.name]
    return replace(base, args={**base.args, slot.name: value}, asked=asked, left=[], finds=[])


_CODE = re.compile(r"(?=.*\d)[A-Za-z][\w-]{2,39}|[A-Z][A-Z0-9_-]{2,39}")
"""One word as codes are written: with a digit, or in capitals."""


_SO_MANY = re.compile(
    r"\W*(?:(?:no|actually|sorry|wait|oh|please|and|but|then|ok(?:ay)?|rather|better)[\s,.!–—-]+)*(?:make\s+(?:it|that|them)\s+|i\s+meant\s+|change\s+(?:it|that)\s+to\s+|only\s+|just\s+|take\s+)*"
    r"(?P<n>\d{1,6})\s*(?:x\s+|of\s+)?(?:the\s+)?(?P<what>[^\W\d][\w\s'’-]*?)(?:\s+(?:instead|please|then|not\s+\d+|rather))*[\s.!]*",
    re.I,
)


def take_count(said: str, base: Bound, titles: Mapping[str, str]) -> Bound | None:
    """ "Make it 3 blankets", of goods of which so many of each are counted: another number of the one that is called so."""
    found = _SO_MANY.fullmatch(said)
    slot = next((s for s in base.task.slots if "counts" in s.types and isinstance(base.args.get(s.name), dict)), None)
    if found is None or slot is None or not base.links:
        return None
    names = {word.stem for word in words_of(found["what"]) if word.text.lower() not in COMMON}
    ids = [id for link in base.links.values() for id in link.products if names and names <= {word.stem for word in words_of(titles.get(id, ""))}]
    if len(ids) != 1:
        return None
    counts = {**base.args[slot.name], ids[0]: int(found["n"])}
    return replace(base, args={**base.args, slot.name: counts}, left=[], finds=[])

"""What waits to be made grows and shrinks by what is said of it next: "and for the bowls", "put the blanket in it too", "no end date"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from agent.planning.binding.scope import GOODS, Bound, Scope, put
from agent.planning.linking.vocabulary import words_of
from agent.planning.threads.markers import Marked
from agent.planning.threads.recall import Past

_ANOTHER = re.compile(
    r"\b(?:another|one\s+(?:more|for)|a\s+(?:second|further)|second|extra|additional|same|likewise|ditto|again|separate(?:ly)?|new)\b", re.I
)
"""Words that ask for something beside what waits."""
_WITHOUT = re.compile(
    r"\W*(?:(?:and|but|with|make\s+it|please|actually|it\s+has|there\s+is)\s+)*(?:no|without(?:\s+(?:an?|any))?|(?:remove|drop|skip|leave\s+out|forget)\s+the)\s+"
    r"(?P<what>end(?:\s+date)?|expiry(?:\s+date)?|start(?:\s+date)?|minimum(?:\s+(?:order|spend|amount))?|(?:usage\s+)?limit|vendor|stock|description|price|tags?)"
    r"(?:[\s,]+(?:please|then|instead|after\s+all))*\W*",
    re.I,
)
_CALLED = {"expiry": "ends", "end": "ends", "start": "starts", "limit": "usage_limit", "usage": "usage_limit"}


TELLS = re.compile(
    r"\W*(?:(?:please|and|also|but|can\s+you|it\s+should)\s+)*"
    r"(?:mention|say(?=\s+(?:that|how|we|it|they|the)\b)|point\s+out|(?<=and\s)that(?=\s+(?:it|we|they|the|our|you|she|he)\b)|(?:add|include|write)\s+(?:in\s+)?that)\b(?!\s+(?:it|this)\W*$)",
    re.I,
)
"""What a text that waits is to say: "mention that we refund the postage"."""
_THAT = re.compile(r"\s*(?:that\s+)?", re.I)


def told_more(said: str, base: Bound) -> Bound | None:
    """The text with one more thing that it is to say, in these words."""
    told = TELLS.match(said)
    words = said[_THAT.match(said, told.end()).end() :].strip(" .!") if told is not None else ""  # type: ignore[union-attr]  # it matches nothing too
    slots = {slot.name: slot for slot in base.task.slots}
    name = next((name for name in ("answer", "message", "mention") if name in slots), None)
    if not words or name is None:
        return None
    before = base.args.get(name)
    if "texts" in slots[name].types:
        value: Any = [*(before if isinstance(before, list) else []), words]
    else:
        value = f"{before}, and {words}" if before else words
    return replace(base, args={**base.args, name: value}, asked=[], left=[], finds=[])


_SAYS_TOO = re.compile(
    r"\W*(?:(?:please|ok(?:ay)?|oh|can\s+you|could\s+you)[\s,]+)*(?:(?:and|also|plus|then)[\s,]+)+"
    r"(?:(?:also|please)\s+)*(?:(?:say|mention|write|add|include|tell\s+(?:her|him|them)|let\s+(?:her|him|them)\s+know)\b(?:\s+(?:in\s+)?that\b)?"
    r"|that(?=\s+(?:it|we|they|the|our|you|she|he|i)\b)|(?=(?:apologi[sz]e|thank|ask|offer|say\s+sorry)\b))\s*(?P<what>\S.*?)[\s.!]*",
    re.I | re.S,
)
_TAGS_OR_NOTES = re.compile(r"(?:an?|the)\s+(?:tag|note|label|discount|code|picture|image|emoji|link)s?\b|\d", re.I)


def says_too(said: str, base: Bound) -> Bound | None:
    """ "Also say sorry for the wait", of a message that waits: that beside what it says already."""
    found = _SAYS_TOO.fullmatch(said)
    slot = next((s for s in base.task.slots if s.name in ("message", "answer") and s.name in base.args), None)
    if found is None or slot is None or _TAGS_OR_NOTES.match(found["what"]):
        return None
    return replace(base, args={**base.args, slot.name: f"{base.args[slot.name]}, and {found['what']}"}, asked=[], left=[], finds=[])


def makes(bound: Bound) -> bool:
    """Whether it makes something new."""
    return bound.task.does == "make" or bound.args.get("action") == "create"


_REMOVES = re.compile(r"\W*(?:(?:and|please|but|then|now|no|can\s+you)[\s,]+)*(?:remove|take|drop)\b", re.I)
""" "Remove the slippers again" asks for no other."""
_ADDS = re.compile(r"\W*(?:(?:and|please|also|then|now|can\s+you)\s+)*(?:add|include)\b", re.I)


async def grown(new: Bound, base: Bound, mark: Marked, said: str, scope: Scope) -> None:
    """Let what is still to be made keep what it had: goods that are put to it come beside those it has, and taken out of it they are left out."""
    way = new.args.get("action") if base.args.get("action") == "create" else None
    if not makes(base) or (way != "remove" and _ANOTHER.search(said)) or ("collection" in new.args and way in ("add", "remove")):
        return
    if way in ("add", "remove"):
        new.args["action"] = "create"
        new.asked = [asked for asked in new.asked if asked.field != "collection"]
    for slot in new.task.slots:
        before, now = base.links.get(slot.name), new.links.get(slot.name)
        if slot.record not in GOODS or before is None or now is None or now is before:
            continue
        if way == "remove":
            put(new, slot, await scope.linker.without(before, now))
        elif way == "add" or mark.kind == "add" or mark.too or _ADDS.match(said):
            put(new, slot, scope.linker.together([before, now]))


def only_grows(old: Bound, new: Bound, said: str) -> bool:
    """Whether what waits to be made is the same with more or fewer goods, or with more said of it."""
    if not makes(old) or (_ANOTHER.search(said) and not _REMOVES.match(said)):
        return False
    kept = all(new.args.get(name) == value for name, value in old.args.items() if name not in old.links)
    goods = [(set(old.links[name].products), set(new.links[name].products)) for name in old.links if name in new.links]
    return kept and len(goods) == len(old.links) and all(a <= b or b <= a for a, b in goods)


def without_field(text: str, one: Past) -> Bound | None:
    """ "No end date": what waits to be made without that, whether it was said before or is not even so."""
    found = _WITHOUT.fullmatch(text)
    if found is None or not one.open or not makes(one.bound):
        return None
    noun = words_of(found["what"])[0]
    name = _CALLED.get(noun.text.lower(), noun.text.lower().rstrip("s"))
    slot = next((slot for slot in one.bound.task.slots if not slot.required and slot.name.rstrip("s") == name.rstrip("s")), None)
    if slot is None:
        return None
    args: dict[str, Any] = {field: value for field, value in one.bound.args.items() if field != slot.name}
    return replace(one.bound, args=args, asked=[asked for asked in one.bound.asked if asked.field != slot.name])

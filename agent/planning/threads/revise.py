"""What a message makes of a proposal that still waits: one that changes or adds to it takes its place, one about other records comes beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from agent.planning.binding.merge import percent_of
from agent.planning.binding.scope import GOODS, Bound
from agent.planning.draft import Draft, Step
from agent.planning.threads.made import only_grows
from agent.planning.threads.markers import Marked
from agent.planning.threads.recall import Past
from agent.records import Replaced, to_json
from agent.sdk import Task

ANOTHER = re.compile(
    r"\b(?:more(?!\s+(?:formal|casual|fun|warm|modern|serious|upbeat|excited|urgent|simple|concise|\w+(?:ful|ive|ous|ish|able|ible|ical|ant|ent|ly|al|ic|ing|ed))\b)|another|again|extra|additional(?:ly)?|also|too(?!\s+(?:long|short|wordy|much|formal|stiff|playful|plain|expensive|cheap|high|low)\b)|as\s+well|second|one\s+for|besides|both|same|likewise|ditto|a\s+further)\b",
    re.I,
)
"""Words that ask for something beside what waits."""
_CHOSEN = frozenset({"choice", "flag", "text", "money", "percent", "integer", "period", "moment"})
_MOVES = frozenset({"add", "remove"})


def revises(one: Past, new: Bound, mark: Marked, said: str) -> bool:
    """Whether the earlier subtask as it is now is meant in the place of what it was, and not beside it."""
    if new.task.whole is not None:
        return True  # "also email me" is put to the words of the rule, and makes no second one
    if only_grows(one.bound, new, said):
        return True
    if _is_elsewhere(one.bound, new) and not mark.instead:
        return False
    if mark.instead or mark.kind in ("only", "without", "meant", "replace") or one.questions:
        return mark.kind != "add" or mark.instead or _only_adds(one.bound, new)
    return not mark.too and not ANOTHER.search(said) and same_records(one.bound, new) and _only_adds(one.bound, new, or_changes=mark.kind != "add")


def _is_elsewhere(old: Bound, new: Bound) -> bool:
    """ "And 60 in Leipzig", after 40 in Berlin: a count for each of the places."""
    place = next((slot.name for slot in new.task.slots if slot.types == ("text",) and "warehouse" in slot.cues), "")
    return place in old.args and place in new.args and str(old.args[place]).casefold() != str(new.args[place]).casefold()


def refines(one: Past, new: Bound, mark: Marked, said: str) -> bool:
    """Whether a message that could stand alone only says more of the proposal before it: "call it SHIP75", "change the minimum to 75"."""
    lists = any(isinstance(value, list) and one.bound.args.get(name, value) != value for name, value in new.args.items())
    return (
        revises(one, new, mark, said)
        and not lists
        and one.bound.args.get("how") not in _MOVES
        and (same_records(one.bound, new) or only_grows(one.bound, new, said))
    )


def same_records(old: Bound, new: Bound) -> bool:
    """Whether both are about the very same records; what makes something new is about none."""
    return set(old.links) == set(new.links) and all(_ids(old.args.get(name)) == _ids(new.args.get(name)) for name in new.links)


def same_change(old: Bound, new: Bound) -> bool:
    """Whether both would do the very same to the very same records."""
    said = set(old.args) - set(old.links)
    return (
        old.task is new.task
        and same_records(old, new)
        and said == set(new.args) - set(new.links)
        and all(_plain(old.args[n]) == _plain(new.args[n]) for n in said)
    )


def same_goods(old: Bound, new: Bound) -> bool:
    """Whether two changes of one message were about the very same goods: "tag the beanies winter and put them in Winter Warmers"."""
    theirs, ours = ([frozenset(link.products) for link in bound.links.values() if link.record in GOODS] for bound in (old, new))
    return bool(theirs) and set(theirs) == set(ours)


def _ids(value: Any) -> frozenset[str]:
    """Of a selection or of one record, typed or as it was stored."""
    plain = _plain(value)
    return frozenset(plain.get("ids") or [plain.get("id", "")]) if isinstance(plain, dict) else frozenset()


def _only_adds(old: Bound, new: Bound, *, or_changes: bool = False) -> bool:
    """Whether nothing that was said before is said otherwise now; lists that grow are no other."""
    if not same_records(old, new):
        return False
    if old.links and not _makes(old.task):
        return True  # two values of one record cannot both stand
    return or_changes or all(_plain(new.args.get(name)) == _plain(value) for name, value in old.args.items() if name not in old.links)


def _makes(task: Task) -> bool:
    return task.does == "make"


def happened(one: Past, new: Bound) -> bool:
    """Whether it would do again to the same records what was approved and is done: made again, sent again, or moved further still."""
    if not one.done or not one.changes or not same_records(one.bound, new):
        return False
    return one.subtask.effect == "action" or _makes(one.bound.task) or _is_relative(one.bound) or _is_relative(new)


def _is_relative(bound: Bound) -> bool:
    percents = any(percent_of(value) is not None for name, value in bound.args.items() if name != "value")
    return percents or "by" in bound.args or bound.args.get("how") in _MOVES


_CORRECTS = re.compile(r"\b(?:no|nope|nah|not|don['’]?t|actually|instead|rather|sorry|wait|oops|wrong|mean(?:t)?|mistake)\b", re.I)


def superseded(draft: Draft, past: Sequence[Past], *, instead: bool = False) -> list[tuple[Past, Step]]:
    """Open proposals of the thread that a change said in full contradicts: "ok, make the price 47 then" after one of 49.

    Args:
        instead: The message says so: "no, tag her gold".
    """
    found = []
    for step in draft.steps:
        if step.said or not step.changes or step.given is not None or step.bound.asked or ANOTHER.search(step.bound.piece.said):
            continue
        waiting = [one for one in past if _waits(one)]
        same = [one for one in waiting if one.bound.task is step.bound.task]
        found += [(one, step) for one in same if _contradicts(step.bound, one.bound) or (instead and _is_of_last(one, past, step.bound))]
        other = instead and _CORRECTS.search(draft.text) is not None  # "and make it 24", after a new name, changes the price beside it
        found += [(one, step) for one in waiting if other and one not in same and _of_the_very_same(one, past, step.bound)]
    return [pair for pair in found if Replaced(run=pair[0].turn.run, subtask=pair[0].subtask.id) not in draft.replaces]


def _is_of_last(one: Past, past: Sequence[Past], new: Bound) -> bool:
    return one.turn is past[-1].turn and bool(new.links) and same_records(one.bound, new)


def _of_the_very_same(one: Past, past: Sequence[Past], new: Bound) -> bool:
    """ "No, extend it instead", of the code that was to end: another change of what the last one was about."""
    before, now = _spoken_of(one.bound), _spoken_of(new)
    return one.turn is past[-1].turn and bool(before) and before == now


def _spoken_of(bound: Bound) -> set[str]:
    """Ids of the records that it is about, of products for variants, or the codes."""
    ids = {id for link in bound.links.values() for id in link.products}
    said = [bound.args[name] for name in ("code", "codes") if name in bound.args]
    return ids or {str(code).upper() for value in said for code in (value if isinstance(value, list) else [value])}


def _waits(one: Past) -> bool:
    return any(p.subtask == one.subtask.id and p.state == "open" for p in one.turn.proposed) and not one.subtask.given


def _contradicts(new: Bound, old: Bound) -> bool:
    """The same records, and another value for all that was said of them."""
    if not new.links or not same_records(old, new) or not set(_values(old)) <= set(_values(new)):
        return False
    if any(isinstance(value, list) for value in _values(old).values()) or new.args.get("how") in _MOVES or _makes(new.task):
        return False
    return any(_plain(new.args[name]) != _plain(value) for name, value in _values(old).items())


def _values(bound: Bound) -> dict[str, Any]:
    return {n: v for n, v in bound.args.items() if n not in bound.links and set(bound.task.slot(n).types) & _CHOSEN}


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, BaseModel) else to_json(value)

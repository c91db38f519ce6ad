"""From a subtask's JSON args, which may refer to earlier results, to the handler's Args."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from agent.errors import Invalid, NotFound
from agent.misfits import remedy
from agent.records import Subtask, to_json
from agent.sdk import Args, Selection, Task


def args_of(subtask: Subtask, task: Task, outputs: Mapping[str, BaseModel], *, currency: str) -> Args:
    """The Args, every {"$ref": "s1.customers"} replaced by the earlier answer's field.

    Args:
        outputs: `Answer.data` of the subtasks that are done, by subtask id.

    Raises:
        Invalid: The args do not fit the task's schema; the sentence names the field.
        NotFound: What is referred to found nothing, so there is nothing to work on.
    """
    one = {slot.name for slot in task.slots if "ref" in slot.types}
    resolved = {name: _resolve(value, outputs, one=name in one) for name, value in subtask.args.items()}
    try:
        return task.args.model_validate(resolved, context={"currency": currency})
    except ValidationError as error:
        raise Invalid(explain(error), field=str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else None) from None


def explain(error: ValidationError) -> str:
    """What is wrong with which field, in one sentence; of a value that may be one thing or another, why it is neither."""
    faults: dict[str, list[str]] = {}
    for fault in error.errors():
        place = ".".join(str(step) for step in fault["loc"] if not _KIND.search(str(step)))
        faults.setdefault(place, []).append(remedy(fault))
    return "; ".join(f"`{place}`: {', or '.join(dict.fromkeys(whys))}" for place, whys in faults.items()) + "."


_KIND = re.compile(r"[\[(]")
"""In the place of a fault, pydantic's name for the kind of value it tried, such as `function-plain[_validate()]`; never a field's name."""


def _resolve(value: Any, outputs: Mapping[str, BaseModel], *, one: bool) -> Any:
    if isinstance(value, Mapping) and set(value) == {"$ref"}:
        found = _referred(str(value["$ref"]), outputs)
        if isinstance(found, Selection) and not found.ids:
            raise NotFound("record", found.label)
        return {"id": found.ids[0], "label": found.label} if one and isinstance(found, Selection) else to_json(found)
    return value


_REF = re.compile(r"(?P<subtask>\w+)\.(?P<name>\w+)(?:\[(?P<but>~?)(?P<place>-?\d+)\])?(?: without (?P<gone>\w+\.\w+))?")
"""What an earlier answer found, the one in a place of it, all but that one, or all but what another found."""


def _referred(ref: str, outputs: Mapping[str, BaseModel]) -> Any:
    said = _REF.fullmatch(ref)
    if said is None or said["subtask"] not in outputs:
        raise Invalid(f"it needs what {ref.partition('.')[0]} finds, and that did not come about.")
    found = getattr(outputs[said["subtask"]], said["name"])
    if not isinstance(found, Selection):
        return found
    ids = found.ids
    if said["place"]:
        place = int(said["place"])
        one = ids[place : place + 1 or None]
        ids = tuple(id for id in ids if id not in one) if said["but"] else one
    if said["gone"]:
        gone = set(_referred(said["gone"], outputs).ids)
        ids = tuple(id for id in ids if id not in gone)
    return found if ids == found.ids else found.model_copy(update={"ids": ids})

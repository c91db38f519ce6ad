"""What travels between the rooms. Frozen records and no behaviour beyond what follows from their own fields.

A record's module is imported with the first of its names that is asked for. Most of them bring the whole sdk with them, and who only
needs to know who calls, as the gateway alone does, starts without it: that was a twelfth of its processor time.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.records.changes import ChangeSet, Item, Totals, Written
    from agent.records.codec import (
        change_set_from_json,
        decode,
        digest,
        effect_from_json,
        encode,
        from_json,
        part_from_json,
        to_json,
        value_from_json,
    )  # fmt: skip
    from agent.records.ids import new_id
    from agent.records.plan import FILE, FROM_FILE, UNDO, Ask, Condition, FileShown, NotDone, Option, Plan, Question, Read, Replaced, Subtask
    from agent.records.principal import ROLE_SCOPES, Principal, Role, Scope
    from agent.records.reading import REFUSALS, Clause, Reading, SlotKind, SlotSpan
    from agent.records.runs import EventType, Part, Reply, Route, Run, RunEvent, RunState, TextDelta, Used
    from agent.records.thread import Conversation, Proposed, Thread, ThreadRun, Turn
    from agent.records.writes import WritableStore, Writing

__all__ = [
    "FILE", "FROM_FILE", "REFUSALS", "ROLE_SCOPES", "UNDO", "Ask", "ChangeSet", "Clause", "Condition", "Conversation", "EventType", "FileShown",
    "Item", "NotDone", "Option", "Part", "Plan", "Principal", "Proposed", "Question", "Read", "Reading", "Replaced", "Reply", "Role", "Route",
    "Run", "RunEvent", "RunState", "Scope", "SlotKind", "SlotSpan", "Subtask", "TextDelta", "Thread", "ThreadRun", "Totals", "Turn", "Used",
    "WritableStore", "Writing", "Written", "change_set_from_json", "decode", "digest", "effect_from_json", "encode", "from_json", "new_id",
    "part_from_json", "to_json", "value_from_json",
]  # fmt: skip

_NAMES = {
    "changes": ("ChangeSet", "Item", "Totals", "Written"),
    "codec": ("change_set_from_json", "decode", "digest", "effect_from_json", "encode", "from_json", "part_from_json", "to_json", "value_from_json"),
    "ids": ("new_id",),
    "plan": ("FILE", "FROM_FILE", "UNDO", "Ask", "Condition", "FileShown", "NotDone", "Option", "Plan", "Question", "Read", "Replaced", "Subtask"),
    "principal": ("ROLE_SCOPES", "Principal", "Role", "Scope"),
    "reading": ("REFUSALS", "Clause", "Reading", "SlotKind", "SlotSpan"),
    "runs": ("EventType", "Part", "Reply", "Route", "Run", "RunEvent", "RunState", "TextDelta", "Used"),
    "thread": ("Conversation", "Proposed", "Thread", "ThreadRun", "Turn"),
    "writes": ("WritableStore", "Writing"),
}
_PLACES = {name: module for module, names in _NAMES.items() for name in names}

if not TYPE_CHECKING:  # whoever checks types sees the imports above, and so that a name is wrong

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
        return found

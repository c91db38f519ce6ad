"""What travels between the rooms. Frozen records and no behaviour beyond what follows from their own fields."""

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
from agent.records.plan import UNDO, Ask, Condition, NotDone, Option, Plan, Question, Read, Replaced, Subtask
from agent.records.principal import ROLE_SCOPES, Principal, Role, Scope
from agent.records.reading import REFUSALS, Clause, Reading, SlotKind, SlotSpan
from agent.records.runs import EventType, Part, Reply, Route, Run, RunEvent, RunState, TextDelta, Used
from agent.records.thread import Proposed, Turn
from agent.records.writes import WritableStore, Writing

__all__ = [
    "REFUSALS", "ROLE_SCOPES", "UNDO", "Ask", "ChangeSet", "Clause", "Condition", "EventType", "Item", "NotDone", "Option", "Part", "Plan",
    "Principal", "Proposed", "Question", "Read", "Reading", "Replaced", "Reply", "Role", "Route", "Run", "RunEvent", "RunState", "Scope",
    "SlotKind", "SlotSpan", "Subtask", "TextDelta", "Totals", "Turn", "Used", "WritableStore", "Writing", "Written", "change_set_from_json",
    "decode", "digest", "effect_from_json", "encode", "from_json", "new_id", "part_from_json", "to_json", "value_from_json",
]  # fmt: skip

"""What was made and approved is changed by a later message, and not made once more: "make it 20 instead", of the code that is there now."""

from __future__ import annotations

from collections.abc import Sequence

from agent.planning.binding.earlier_records import MADE
from agent.planning.binding.scope import Bound, put
from agent.planning.linking.roles import task_for
from agent.planning.threads.anew import add_step
from agent.planning.threads.markers import Marked
from agent.planning.threads.merging import merged_with
from agent.planning.threads.message import Message
from agent.planning.threads.revise import ANOTHER
from agent.records.reading import SlotSpan

_KINDS = frozenset({"replace", "only", "plain", "meant"})


async def changes_what_was_made(message: Message, mark: Marked, slots: Sequence[SlotSpan], span: tuple[int, int]) -> bool:
    """Whether the message says something else of what the last turn made and somebody approved; the draft then has that change of it."""
    one = message.bases()[0]
    made = one.found.get(MADE)
    edit = task_for(message.draft.scope.tasks, "change", one.bound.task.about) if one.done and one.bound.task.does == "make" else None
    record = edit.selecting(one.bound.task.about) if edit is not None else None
    if edit is None or record is None or made is None or mark.kind not in _KINDS or ANOTHER.search(message.text[slice(*span)]):
        return False
    new = await merged_with(message, one, mark, slots, made=True)
    if new is None or new.asked:
        return False
    said = {name: value for name, value in new.args.items() if value != one.bound.args.get(name)}
    fields = {slot.name: slot for slot in edit.slots}
    if not said or not all(name in fields and set(fields[name].types) & set(new.task.slot(name).types) for name in said):
        return False
    links = {name: link for name, link in new.links.items() if name in said}
    bound = Bound(task=edit, piece=new.piece, args=dict(said), links=links)
    put(bound, record, made)
    add_step(message, bound, one, span)
    return True

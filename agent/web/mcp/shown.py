"""What a tool answers with: sentences to read out, and the same as data. Text that somebody else wrote stays marked in the data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from agent.errors import StorehandError
from agent.records import ChangeSet, Part, Reply, to_json
from agent.sdk import Action
from agent.sdk.levels import counted

Result = dict[str, Any]

MOST_ROWS = 50
"""Of one list in what a tool answers: an assistant reads all of it at every later turn. The whole is a resource away."""
_MOST_LINES = 10
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_WAITS = (
    "What waits for approval is not changed yet. A person approves it in Storehand's panel, under Approvals; a key with the scope `approve` may too, "
    "though never the key that asked for it."
)
_RUNS_ON = "This is still under way: `show_run` with this run_id waits for the rest."


def result(sentences: Sequence[str], data: Mapping[str, Any], *, is_error: bool = False) -> Result:
    """The data goes as text too, for clients that hand on nothing else."""
    plain = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", msgspec.json.encode(data).decode())
    text = _CONTROL.sub("·", "\n".join(line for line in sentences if line))
    content = [{"type": "text", "text": each} for each in (text, plain) if each]
    return {"content": content, "structuredContent": dict(data), **({"isError": True} if is_error else {})}


def failure(error: StorehandError) -> Result:
    """A sentence that an assistant can act on or pass on."""
    data = {"code": error.code, "detail": str(error), "retriable": error.retriable, **to_json(error.facts)}
    return result([str(error)], {"error": data}, is_error=True)


def reply_result(reply: Reply) -> Result:
    """A run as it stands."""
    failed = reply.state == "failed" or (bool(reply.parts) and all(part.kind == "error" for part in reply.parts))
    return result(list(_sentences(reply)), cut(_reply_data(reply), whole=f"storehand://runs/{reply.run_id}"), is_error=failed)


def change_set_data(change_set: ChangeSet) -> Result:
    """A proposal and what became of it, without what only Storehand's own pages need."""
    items = [{"id": item.id, **_said(to_json(item.what)), "state": item.state, **_said({"note": item.note})} for item in change_set.items]
    named = ("digest", "id", "summary", "state", "risk", "confirm", "expires_at", "totals", "run", "undoes", "restore_at", "decided_at")
    return {**_said({name: to_json(getattr(change_set, name)) for name in named}), "items": items}


def change_set_sentences(change_set: ChangeSet) -> list[str]:
    """What it would change, or has changed, the first few items in full."""
    lines = [f"{change_set.summary} ({change_set.state}, digest {change_set.digest})"]
    for item in change_set.items[:_MOST_LINES]:
        what, note = item.what, f" ({item.note})" if item.note else ""
        if isinstance(what, Action):
            lines.append(f"- {what.kind} {what.target.label}: {_value(what.money)}{note}")
        else:
            before, after = (_value(counted(what.field, value)) for value in (what.before, what.after))
            change = f"{before} → {after}" if what.op == "set" else f"{what.op} {after}"
            lines.append(f"- {what.target.label}, {what.field or what.target.kind}: {change}{note}")
    more = len(change_set.items) - _MOST_LINES
    return [*lines, f"- and {more} more"] if more > 0 else lines


def cut(data: Mapping[str, Any], *, whole: str) -> Result:
    """The data with at most `MOST_ROWS` of each list, and where the rest is.

    Args:
        whole: The resource that has all of it.
    """
    left_out: list[dict[str, Any]] = []

    def look(value: Any, at: str) -> Any:
        if isinstance(value, Mapping):
            return {name: look(each, f"{at}/{name}") for name, each in value.items()}
        if not isinstance(value, list):
            return value
        if len(value) > MOST_ROWS:
            left_out.append({"at": at, "rows": len(value) - MOST_ROWS, "whole": whole})
        return [look(each, f"{at}/{n}") for n, each in enumerate(value[:MOST_ROWS])]

    found = look(data, "")
    return {**found, **({"left_out": left_out} if left_out else {})}


def _sentences(reply: Reply) -> list[str]:
    lines = []
    for part in reply.parts:
        lines += _part_sentences(part)
    for question in reply.questions:
        choices = "; ".join(f"{option.label} (value {option.value})" for option in question.options)
        lines.append(f"Question {question.id}: {question.question}{f' Choices: {choices}.' if choices else ''} Answer with `answer_questions`.")
    lines += reply.plan.notes
    lines += [f"Not done: “{reply.plan.text[left.span[0] : left.span[1]]}”. {left.reason}" for left in reply.not_done]
    if reply.approvals:
        lines.append(_WAITS)
    if reply.state in ("queued", "running"):
        lines.append(_RUNS_ON)
    return lines


def _part_sentences(part: Part) -> list[str]:
    lines = [part.text]
    if part.kind == "draft" and isinstance(part.data, Mapping):
        lines.append(str(part.data.get("content") or ""))
    if part.change_set is not None:
        lines += change_set_sentences(part.change_set)
    if part.evidence is not None:
        lines.append(f"From: {part.evidence.query}, {part.evidence.time_zone}, {part.evidence.currency}, {part.evidence.rows} rows.")
    return lines


def _reply_data(reply: Reply) -> Result:
    plan = reply.plan
    return _said(
        {
            "run_id": reply.run_id,
            "state": reply.state,
            "parts": [_part_data(part) for part in reply.parts],
            "questions": to_json(list(reply.questions)),
            "not_done": [
                {"words": plan.text[left.span[0] : left.span[1]], "code": left.code, "reason": left.reason} for left in reply.not_done
            ],
            "notes": list(plan.notes),
            "approvals": list(reply.approvals),
            "usage": to_json(reply.usage),
        }
    )  # fmt: skip


def _part_data(part: Part) -> Result:
    change_set = change_set_data(part.change_set) if part.change_set is not None else None
    named = {"task": part.task, "kind": part.kind, "text": part.text, "data": to_json(part.data), "evidence": to_json(part.evidence)}
    return _said({**named, "change_set": change_set})


def _said(data: Mapping[str, Any]) -> Result:
    """Without what says nothing."""
    return {name: value for name, value in data.items() if value is not None and value != [] and value != {}}


def _value(value: Any) -> str:
    plain = to_json(value)
    if isinstance(plain, Mapping) and set(plain) == {"amount", "currency"}:
        return f"{plain['amount']} {plain['currency']}"
    if isinstance(plain, str):
        return plain if len(plain) <= 200 else f"{plain[:200]}…"
    return "nothing" if plain is None else msgspec.json.encode(plain).decode()[:200]

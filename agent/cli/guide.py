"""The guide's page of each task, made from its declaration and its evals, so that a page never says what the task does not do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from agent.evals.cases import cases_of
from agent.sdk import Store, Task, Writer
from agent.sdk.task import Slot, SlotType

INDEX = "README.md"
_ASKED = 8
_CUES = 6
_EFFECTS = {
    "read": "It looks, and changes nothing.",
    "draft": "It writes a draft to edit; saving it is a change to approve.",
    "write": "It proposes changes: seen before they are made, approved in whole or by item, undone afterwards.",
    "action": "It proposes actions that cannot be undone: each asks for a word to be typed before it is done.",
}
_NAMES: Mapping[SlotType, str] = {
    "selection": "several records", "ref": "one record", "money": "an amount", "percent": "a percentage", "period": "a time",
    "moment": "a day or hour", "range_money": "a range of amounts", "range_int": "a range of counts", "integer": "a number",
    "range_number": "a range of numbers", "number": "a number", "flag": "yes or no", "choice": "one of a few", "choices": "some of a few",
    "text": "words", "texts": "words, several", "counts": "a count for each",
}  # fmt: skip


def write_pages(tasks: Iterable[Task], folder: Path) -> list[Path]:
    """A page a task, and an index; what else lies in the folder stays."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = dict(pages_of(tasks))
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in pages]


def pages_of(tasks: Iterable[Task]) -> Iterator[tuple[str, str]]:
    """File name to text."""
    ordered = sorted(tasks, key=lambda task: task.name)
    yield INDEX, _index(ordered)
    for task in ordered:
        yield f"{task.name}.md", _page(task)


def _index(tasks: Iterable[Task]) -> str:
    lines = ["# What can be asked for", "", "Made from the tasks themselves by `storehand tasks guide`.", ""]
    lines += ["| task | what it does | effect |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| [{task.name}]({task.name}.md) | {_cell(task.summary)} | {task.effect} |" for task in tasks)]) + "\n"


def _page(task: Task) -> str:
    asked = list(dict.fromkeys([*task.examples, *(case.ask for case in cases_of(task) if case.outcome == "plan")]))[:_ASKED]
    parts = [
        f"# {task.name}", task.summary, _EFFECTS[task.effect] + _writer(task), "## As merchants say it", "\n".join(f"- {one}" for one in asked),
        "## What it can be told", _fields(task.slots), *_outputs(task), "## As a program asks for it", _program(task),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _writer(task: Task) -> str:
    return " A model writes it from the shop's facts alone; without a provider a template does, and says so." if _needs(task, Writer) else ""


def _needs(task: Task, what: type) -> bool:
    return what in task.needs.values()


def _fields(slots: Iterable[Slot]) -> str:
    rows = [f"| `{slot.name}`{' (needed)' if slot.required else ''} | {_kind(slot)} | {_cell(slot.description)} | {_said(slot)} |" for slot in slots]
    return "\n".join(["| field | takes | meaning | said with |", "|---|---|---|---|", *rows]) if rows else "Nothing: it takes no fields."


def _kind(slot: Slot) -> str:
    if slot.record is not None:
        return f"{'one' if 'ref' in slot.types else 'several'}: {slot.record}"
    kinds = dict.fromkeys(_NAMES.get(one, one.replace("_", " ")) for one in slot.types)
    return " or ".join(kinds) + (f": {', '.join(f'`{choice}`' for choice in slot.choices)}" if slot.choices else "")


def _said(slot: Slot) -> str:
    phrases = [phrases[0] for phrases in slot.phrases.values() if phrases]
    return _cell(", ".join(f"“{words}”" for words in [*slot.cues, *phrases][:_CUES]))


def _outputs(task: Task) -> list[str]:
    outputs = task.outputs()
    if not outputs:
        return []
    told = ", ".join(f"the {record}s of `{name}`" for name, record in outputs.items())
    return ["## What a later part may refer to", f"{told[:1].upper()}{told[1:]} (“… and tag them”)."]


def _program(task: Task) -> str:
    reads = " It reads the shop's records." if _needs(task, Store) else ""
    return f"`POST /v1/tasks/{task.name}` with these fields; `GET /v1/tasks/{task.name}` gives their JSON schema.{reads}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")

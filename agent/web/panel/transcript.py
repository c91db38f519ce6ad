"""A conversation as a file: as Markdown for people, as JSON with all that is known of it for programs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from agent.records import Conversation, Principal, Reply, Run, Thread, to_json
from agent.web.panel.answers import shown
from agent.web.panel.cards import draft_texts, field_name
from agent.web.panel.summaries import side_of, summary_of
from agent.web.panel.view import tables_of
from agent.web.panel.words import Words, humanised, visible
from agent.web.port import ServicePort

MOST = 500
"""Requests of one conversation that a file has, the newest."""
_PAGE = 100
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_STARTS = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)", re.MULTILINE)

Json = Mapping[str, Any]
_STATES = {"open": "to approve", "approved": "being applied", "applying": "being applied", "partly_applied": "partly applied"}
"""What cards say of a state, where that is another word."""


class Exchange(BaseModel):
    """A request and what came of it."""

    run: Run
    reply: Reply


class Transcript(BaseModel):
    """A conversation whole, every version of each request among the rest."""

    thread: Thread
    requests: list[Exchange] = Field(description=f"Oldest first; of a longer conversation the newest {MOST}.")


async def transcript(service: ServicePort, id: str, principal: Principal) -> dict[str, Any]:
    """What a Transcript says, as JSON."""
    thread = (await service.thread(id, principal, limit=1)).thread
    runs = [run async for run in _runs(service, id, principal)]
    return {"thread": to_json(thread), "requests": [{"run": to_json(r), "reply": to_json(await service.reply(r.id, principal))} for r in runs[::-1]]}


async def _runs(service: ServicePort, id: str, principal: Principal) -> Any:
    cursor, left = None, MOST
    while left > 0:
        page = await service.runs(principal, limit=min(left, _PAGE), cursor=cursor, thread=id)
        for run in page.items:
            yield run
        cursor, left = page.next, left - len(page.items)
        if cursor is None:
            return


async def markdown(service: ServicePort, id: str, principal: Principal, words: Words, names: Mapping[str, str], *, at: str | None = None) -> str:
    """The conversation as it is read from top to bottom.

    Args:
        names: Principal id to name, for who asked.
        at: A run whose versions are to be seen.
    """
    found = await service.thread(id, principal, at=at, limit=MOST)
    blocks = [f"# {_plain(found.thread.title)}"]
    for each in found.runs:
        reply = to_json(await service.reply(each.run.id, principal))
        blocks += _exchange(found, each.run, each.versions, reply, words, names)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _exchange(found: Conversation, run: Run, versions: Sequence[str], reply: Json, words: Words, names: Mapping[str, str]) -> Iterator[str]:
    who = names.get(run.principal)
    version = words.gettext("Version %(n)s of %(all)s", n=versions.index(run.id) + 1, all=len(versions)) if len(versions) > 1 else ""
    yield "---"
    yield "\n".join(f"> {line}" for line in _plain(run.text).splitlines())
    yield " · ".join(_plain(fact) for fact in (who, words.moment(run.created_at), version) if fact)
    for part in reply["parts"]:
        yield from _part(part, words)
    for question in reply["questions"]:
        yield f"**{_plain(words.told(question['question']))}**"
    for missed in reply["not_done"]:
        yield f"- {words.gettext('Not done')}: {_plain(words.told(missed['reason']))}"


def _part(part: Json, words: Words) -> Iterator[str]:
    yield f"## {_plain(words.gettext(humanised(part['task'])))}"
    yield _plain(words.told(part["text"]))
    if part["kind"] == "draft":
        for draft in draft_texts(part):
            yield "\n".join(f"> {line}" for line in _plain(f"{draft.label}\n{draft.text}").strip().splitlines())
    for table in tables_of(part["data"]):
        yield _table(table, part["data"], words)
    if part["change_set"] is not None:
        yield from _changes(part["change_set"], words)
    if part["evidence"] is not None:
        yield _evidence(part["evidence"], words)


def _table(table: Json, data: Any, words: Words) -> str:
    view = shown(words, data, table)
    lines = [[words.gettext(str(column)) for column in table["columns"]], *([cell.text for cell in row] for row in view.rows)]
    lines += [[cell.text for cell in view.total]] if view.total else []
    rule = "| " + " | ".join("---:" if number else "---" for number in table["numeric"]) + " |"
    rows = ["| " + " | ".join(_plain(cell).replace("\n", " ") for cell in line) + " |" for line in lines]
    return "\n".join([rows[0], rule, *rows[1:]])


def _changes(change_set: Json, words: Words) -> Iterator[str]:
    state = str(change_set["state"])
    yield f"**{_plain(summary_of(words, change_set))}** ({words.gettext(_STATES.get(state, state))})"
    items = []
    for item in change_set["items"]:
        what, is_now = item["what"], str(item["state"])
        moved = f": {side_of(words, what, 'before')} → {side_of(words, what, 'after')}" if what.get("op") == "set" else ""
        items.append(f"- {_plain(what['target']['label'])}, {_plain(field_name(words, what) + moved)} ({words.gettext(_STATES.get(is_now, is_now))})")
    yield "\n".join(items)


def _evidence(evidence: Json, words: Words) -> str:
    told = [words.gettext(humanised(evidence["metric"])), words.told(evidence["definition"])]
    told += [words.period(evidence["period"])] if evidence["period"] else []
    told += [evidence["time_zone"], evidence["currency"]]
    return f"*{words.gettext('Where this comes from')}: {' · '.join(_plain(each).strip() for each in told if each)}*"


def _plain(text: str) -> str:
    """Text as text: nothing in it makes a heading, a link, a picture or HTML of itself, and what is not seen is written out."""
    return _STARTS.sub(r"\1\\\2", _MARKS.sub(r"\\\1", str(visible(text))))

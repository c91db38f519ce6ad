"""What comes of a file beside a request: its part of the plan, what has to be asked of it, and the one proposal it makes.

The merchant's words say what is done. What the file says are values: code reads them, and no planner, prompt or model sees one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.errors import Invalid, NotFound
from agent.planning.conditions import only
from agent.records import FILE, FROM_FILE, REFUSALS, Ask, Clause, FileShown, NotDone, Option, Plan, Principal, Question, Read, Subtask, Turn, new_id
from agent.runs.attachments import Attachment, Attachments
from agent.sdk import Change, Evidence, Proposal, Sentence, Store, Table, Task, Untrusted, Where, count, every, say
from agent.sheets.adding import add
from agent.sheets.choosing import Choice, Doubt, choose, count_rows, recognised
from agent.sheets.reading import Sheet, read
from agent.sheets.shelf import Shelf
from agent.sheets.taking import Left, Setting, Taken, take
from agent.sheets.words import Meant, Wanted, meant

ID = "f1"
"""The subtask's id, beside s1, s2, … of what else is asked."""
MOST_LISTED = 1_000
"""Rows that were not taken and are told one by one; of the rest the lines are."""
_BESIDE = (
    "A file is taken as it stands: words beside it cannot change its values or choose among its rows. Mend the file, or ask for this without it."
)
_OTHERWISE = "A file can set prices, stock and texts or add products; nothing else can be done with one."
_GONE = "The attached file is not kept any more; attach it again."
_TOO_MANY = "one proposal changes no more than {most} things; approve these, then send the file again for the rest"

Planned = Callable[[Ask], Awaitable[Plan]]
Faults = Callable[[Sequence[Change]], Awaitable[Sequence[str | None]]]


class FromFile:
    def __init__(self, attachments: Attachments, clauses: Callable[[str], Sequence[Clause]], tasks: Mapping[str, Task]) -> None:
        """
        Args:
            clauses: A request as the reader parts and marks it.
        """
        self._attachments, self._clauses, self._tasks = attachments, clauses, tasks

    async def attach(self, name: str, data: bytes, principal: Principal) -> FileShown:
        """
        Raises:
            Invalid: It is no table, or too large; nothing is kept.
        """
        sheet = await asyncio.to_thread(read, name, data)
        kept = await self._attachments.keep(sheet.name, data, principal)
        return _attached(kept, sheet)

    async def attached(self, shop: str, id: str) -> FileShown | None:
        """What is attached under this id; None where it is gone."""
        try:
            kept = await self._attachments.load(shop, id)
        except NotFound:
            return None
        return _attached(kept, await asyncio.to_thread(read, kept.name, kept.data))

    async def planned(self, ask: Ask, store: Store, plan: Planned) -> Plan:
        """The plan of a request with a file.

        Args:
            plan: Plans what is asked beside the file.
        """
        kept = await self._load(ask.shop, ask.file or "")
        said = meant(ask.text, self._clauses(ask.text))
        context = {name: value for name, value in ask.context.items() if name != FILE}
        if said.rest:
            rest = replace(await plan(replace(ask, text=only(ask.text, said.rest), context=context)), text=ask.text)
        else:
            rest = Plan(id=new_id("plan"), text=ask.text, locale=ask.locale, subtasks=(), questions=(), not_done=(), by="student", took_ms=0.0)
        rest = replace(rest, file=_attached(kept, await asyncio.to_thread(read, kept.name, kept.data)))
        if (refusal := self._refusal(said)) is not None:
            return replace(rest, not_done=(refusal, *rest.not_done))
        wanted = await _of_a_new_shop(said.wanted, store)
        args = {"file": kept.id, "name": kept.name, "sha256": kept.sha256, "wanted": _wanted_json(wanted), "answers": {}}
        subtask = Subtask(id=ID, task=FROM_FILE, args=args, span=said.span, effect="write", read=Read(by="student", confidence=1.0))
        return await self._with(rest, subtask, kept, store)

    async def answered(self, plan: Plan, answers: Mapping[str, str], store: Store, answer: Callable[[Plan], Awaitable[Plan]]) -> Plan:
        """The plan with these answers.

        Args:
            answer: Gives the rest of the plan its answers.
        """
        subtask = next(one for one in plan.subtasks if one.id == ID)
        asked = [question for question in plan.questions if question.subtask == ID]
        others = [question for question in plan.questions if question.subtask != ID]
        rest = replace(plan, subtasks=[one for one in plan.subtasks if one.id != ID], questions=others)
        if any(question.id in answers for question in others):
            rest = await answer(rest)
        given = dict(subtask.args["answers"])
        for question in asked:
            doubt = Doubt(field=question.field, question=question.question, options=tuple((one.value, one.label) for one in question.options))
            if question.id in answers and (value := doubt.understood(answers[question.id])) is not None:
                given[question.field] = value
        kept = await self._load(store.shop.id, str(subtask.args["file"]))
        return await self._with(rest, replace(subtask, args={**subtask.args, "answers": given}), kept, store)

    async def proposed(self, subtask: Subtask, text: str, store: Store, faults: Faults, most: int) -> Proposal:
        """What the file says against what the shop has.

        Args:
            faults: The limit that each change would exceed by itself.
            most: Changes that one proposal may have.

        Raises:
            Invalid: The file is gone, or does not fit the shop any more.
        """
        kept = await self._load(store.shop.id, str(subtask.args["file"]))
        sheet = await asyncio.to_thread(read, kept.name, kept.data)
        locations = await store.locations()
        choice = choose(sheet, _wanted(subtask.args["wanted"]), subtask.args["answers"], text=text, locations=locations)
        if not isinstance(choice, Choice):
            raise Invalid("What the shop has changed since this was planned; ask again.")
        shelf = Shelf(await every(store.products))
        setting = Setting(currency=store.shop.currency, locations=locations)
        taken = await asyncio.to_thread(add if choice.take == {"new"} else take, sheet, choice, shelf, setting)
        await _within(taken, faults, most)
        return Proposal(
            _summary(taken), changes=taken.changes, table=_table(taken, choice, kept), evidence=_evidence(taken, kept, choice, sheet, store)
        )

    # inside

    async def _load(self, shop: str, id: str) -> Attachment:
        try:
            return await self._attachments.load(shop, id)
        except NotFound:
            raise Invalid(_GONE, field="file_id") from None

    def _refusal(self, said: Meant) -> NotDone | None:
        if said.beyond is not None:
            return NotDone(span=said.beyond, code="not_supported", reason=str(say(_BESIDE)))
        task = self._tasks.get(said.task or "")
        other = said.task in REFUSALS if task is None else task.effect in ("write", "action", "draft")
        if said.other or (other and not said.plain):
            return NotDone(span=said.span, code="not_supported", reason=str(say(_OTHERWISE)))
        return None

    async def _with(self, rest: Plan, subtask: Subtask, kept: Attachment, store: Store) -> Plan:
        """The plan with the file's part, or with why there is none."""
        try:
            sheet = await asyncio.to_thread(read, kept.name, kept.data)
            wanted, answers = _wanted(subtask.args["wanted"]), subtask.args["answers"]
            found = choose(sheet, wanted, answers, text=rest.text, locations=await store.locations())
        except Invalid as error:
            return replace(rest, not_done=(NotDone(span=subtask.span, code="unclear", reason=str(error)), *rest.not_done))
        if isinstance(found, Choice):
            args = {**subtask.args, **_decided(found)}
            return replace(rest, subtasks=(replace(subtask, args=args), *rest.subtasks))
        questions = [_question(doubt) for doubt in found]
        return replace(rest, subtasks=(subtask, *rest.subtasks), questions=(*questions, *rest.questions))


def without_files(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The turns of a thread without what was read in files: the headings in their questions are no words of the merchant's."""

    def cleaned(plan: Plan) -> Plan:
        return replace(
            plan, subtasks=[one for one in plan.subtasks if one.task != FROM_FILE], questions=[one for one in plan.questions if one.subtask != ID]
        )

    return [replace(turn, plan=cleaned(turn.plan)) for turn in turns]


def has_file(plan: Plan) -> bool:
    return any(subtask.task == FROM_FILE for subtask in plan.subtasks)


def _attached(kept: Attachment, sheet: Sheet) -> FileShown:
    return FileShown(id=kept.id, name=kept.name, rows=count_rows(sheet), columns=recognised(sheet))


def _question(doubt: Doubt) -> Question:
    """Called by what it is about, so that it keeps its id when others are answered before it."""
    options = tuple(Option(value=value, label=label) for value, label in doubt.options)
    return Question(id=f"{ID}.{doubt.field.replace(':', '.')}", subtask=ID, field=doubt.field, question=doubt.question, options=options)


async def _of_a_new_shop(wanted: Wanted, store: Store) -> Wanted:
    """Where there is no product yet, a file's rows are new ones: there is nothing whose price or stock they could be."""
    if wanted.take or (await store.products(Where(everything=True), limit=1)).items:
        return wanted
    return replace(wanted, take=frozenset({"new"}))


def _wanted_json(wanted: Wanted) -> dict[str, Any]:
    return {"take": sorted(wanted.take), "fields": sorted(wanted.fields), "how": wanted.how}


def _wanted(args: Mapping[str, Any]) -> Wanted:
    return Wanted(take=frozenset(args["take"]), fields=frozenset(args["fields"]), how=args["how"])


def _decided(choice: Choice) -> dict[str, Any]:
    """What is taken and from where, for whoever looks at the plan. The values themselves stay in the file."""
    values = choice.values() if choice.take != {"new"} else list(choice.columns)
    cells = {name: f"cells of column {choice.columns[name] + 1}" for name in values}
    return {
        "take": sorted(choice.take), "how": choice.how, "location": choice.location,
        "columns": {name: place + 1 for name, place in choice.columns.items()},
        "sources": {"take": "the merchant's words, the headings or an answer", **cells},
    }  # fmt: skip


async def _within(taken: Taken, faults: Faults, most: int) -> None:
    """Leave out what no approval could pass, each with why, and what is more than one proposal may hold."""
    kept: list[Change] = []
    for change, fault in zip(taken.changes, await faults(taken.changes), strict=True):
        why = fault or (str(say(_TOO_MANY, most=f"{most:,}")) if len(kept) >= most else None)
        if why is None:
            kept.append(change)
        else:
            taken.left.append(Left(line=taken.line_of(change), what=change.target.label, why=why))
    taken.changes = kept
    taken.left.sort(key=lambda left: left.line)


def _summary(taken: Taken) -> Sentence:
    n, lines = len(taken.changes), len({left.line for left in taken.left})
    first = (
        count("{n} change from the attached file.", "{n} changes from the attached file.", n) if n else say("Nothing of this file changes anything.")
    )
    same = count("{n} row says what is so already.", "{n} rows say what is so already.", taken.same) if taken.same else ""
    left = count("{n} row was not taken as a whole, see below.", "{n} rows were not taken as a whole, see below.", lines) if lines else ""
    return say(
        " ".join(f"{{{name}}}" for name, part in (("first", first), ("same", same), ("left", left)) if part), first=first, same=same, left=left
    )


def _table(taken: Taken, choice: Choice, kept: Attachment) -> Table | None:
    rows: list[list[Any]] = [[left.line or None, _marked(left.what, kept), left.why] for left in taken.left[:MOST_LISTED]]
    if rest := taken.left[MOST_LISTED:]:
        lines = _ranges(sorted({left.line for left in rest}))
        rows.append([None, lines, str(say("these lines as well, for reasons such as those above"))])
    rows += [[None, _marked(heading, kept), str(say("this column is not taken"))] for heading in choice.unused]
    return Table(columns=["Line", "In the file", "Why it is not taken"], rows=rows, numeric=[True, False, False]) if rows else None


def _marked(text: str, kept: Attachment) -> Untrusted[str]:
    return Untrusted(text, source="attached file", record=kept.id)


def _ranges(lines: Sequence[int]) -> str:
    """ "4–9, 12"."""
    found: list[list[int]] = []
    for line in lines:
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    return ", ".join(f"{first}–{last}" if last > first else str(first) for first, last in found)


def _evidence(taken: Taken, kept: Attachment, choice: Choice, sheet: Sheet, store: Store) -> Evidence:
    columns = ", ".join(f"{name} = column {place + 1}" for name, place in sorted(choice.columns.items(), key=lambda each: each[1]))
    return Evidence(
        metric="attached file", definition=str(say("What the attached file says, beside what the shop has now.")),
        query=f"{kept.name} ({sheet.encoding}, sha256 {kept.sha256[:12]}…): {columns}", period=None, time_zone=store.shop.time_zone,
        currency=store.shop.currency, rows=taken.rows,
    )  # fmt: skip

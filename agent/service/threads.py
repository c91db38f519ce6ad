"""Threads: what the turns before a request were, for planning it, and what becomes of the proposals that it replaces."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.approvals import Approvals
from agent.errors import Conflict, Invalid, NotAllowed, NotFound
from agent.planning.said import replaced as instead_of
from agent.planning.threads.recall import LOOK_BACK
from agent.records import Ask, ChangeSet, Option, Part, Plan, Principal, Proposed, Question, Replaced, Turn
from agent.runs.conversations import branches_of
from agent.runs.journal import Journal, Saved
from agent.sdk import Change

log = logging.getLogger("storehand.service")

SUPERSEDED = "The next message took its place."


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    journal: Journal
    approvals: Approvals
    decided: Callable[[ChangeSet], Awaitable[None]]
    """Tells the followers of a proposal's run what was decided on it."""
    settled: Callable[[Saved], Awaitable[None]]
    """Keeps a run whose questions were settled elsewhere, and tells its followers."""

    async def before(self, ask: Ask, principal: Principal, *, run: str | None = None) -> Sequence[Turn]:
        """The last turns of the request's thread that this principal asked, oldest first; none of anybody else's.

        Args:
            run: The request's own run; turns after it are not before it.
        """
        if ask.thread is None:
            return ()
        thread, shop = ask.thread, ask.shop
        branches = await self.journal.db.read(lambda session: branches_of(session, shop, thread, before=run))
        # Without versions and with nothing said of where it belongs, all that was asked before came before it.
        among = branches.before(follows=ask.follows, instead_of=ask.instead_of) if branches.has_versions() or ask.instead_of or ask.follows else None
        saved = await self.journal.thread(shop, thread, principal.id, before=run, limit=LOOK_BACK, among=among)
        return [await self._turn(one, one.plan) for one in saved if one.plan is not None]

    async def _turn(self, saved: Saved, plan: Plan) -> Turn:
        proposed = [await self._proposed(saved.run.shop, part) for part in saved.parts if part.change_set is not None]
        answered = [part for part in saved.parts if part.kind == "answer" and isinstance(part.data, Mapping)]
        found = {part.subtask: _found(part.data) for part in answered} | await self._made(saved.parts)
        return Turn(
            run=saved.run.id, plan=_with_what_was_asked(plan, saved.parts), found=found,
            shown={part.subtask: rows for part in answered if (rows := _rows(part.data)) is not None}, proposed=proposed,
        )  # fmt: skip

    async def _made(self, parts: Sequence[Part]) -> dict[str, Mapping[str, Any]]:
        """The records that were made, by the subtasks that proposed them, as "it" in a later request may mean them."""
        found: dict[str, Mapping[str, Any]] = {}
        for part in parts:
            created = part.change_set is not None and isinstance(what := part.change_set.items[0].what, Change) and what.op == "create"
            if part.change_set is not None and created and (made := await self.approvals.made_by(part.change_set)) is not None:
                found[part.subtask] = {"made": {"ids": [made.id], "label": made.label}}
        return found

    async def _proposed(self, shop: str, part: Part) -> Proposed:
        assert part.change_set is not None
        now = await self.approvals.by_id(shop, part.change_set.id)
        return Proposed(subtask=part.subtask, change_set=now.id, state=now.state, summary=now.summary)

    async def in_place_of(self, ask: Ask, plan: Plan, principal: Principal) -> Plan:
        """The plan of a request whose words were edited: it also stands in the place of what the earlier version proposed, as far as that is
        this principal's and nobody has decided on it, and of what it asked."""
        if ask.instead_of is None or not (plan.subtasks or plan.questions):
            return plan
        try:
            saved = await self.journal.load(principal.shop, ask.instead_of)
        except NotFound:
            return plan
        if saved.run.principal != principal.id:
            return plan
        proposed = [await self._proposed(principal.shop, part) for part in saved.parts if part.change_set is not None]
        open_ = [one for one in proposed if one.state == "open"]
        asked = [question.subtask for question in saved.plan.questions] if saved.plan is not None else []
        replaced = [Replaced(run=saved.run.id, subtask=subtask) for subtask in dict.fromkeys([*(one.subtask for one in open_), *asked])]
        notes = [instead_of(one.summary) for one in open_]
        return replace(plan, replaces=tuple(dict.fromkeys([*plan.replaces, *replaced])), notes=tuple(dict.fromkeys([*plan.notes, *notes])))

    async def replace(self, plan: Plan, principal: Principal) -> None:
        """Withdraw what the plan stands in the place of: open proposals are rejected, open questions closed. Doing it twice is doing it once."""
        for run in dict.fromkeys(one.run for one in plan.replaces):
            subtasks = {one.subtask for one in plan.replaces if one.run == run}
            try:
                saved = await self.journal.load(principal.shop, run)
            except NotFound:
                continue
            await self._close(saved, subtasks)
            for part in saved.parts:
                if part.subtask in subtasks and part.change_set is not None:
                    await self._withdraw(part.change_set.id, principal)

    async def _withdraw(self, change_set: str, principal: Principal) -> None:
        try:
            await self.decided(await self.approvals.withdraw(change_set, principal))
        except (Conflict, NotAllowed, NotFound, Invalid) as error:  # decided on meanwhile, or not this principal's to withdraw: it stays as it is
            log.info("proposal %s was not withdrawn: %s", change_set, error)

    async def _close(self, saved: Saved, subtasks: set[str]) -> None:
        plan = saved.plan
        if plan is None or not any(question.subtask in subtasks for question in plan.questions):
            return
        waiting = {id for id in plan.waiting() if id in subtasks}
        left = replace(
            plan, subtasks=[s for s in plan.subtasks if s.id not in waiting], questions=[q for q in plan.questions if q.subtask not in subtasks],
            notes=tuple(dict.fromkeys([*plan.notes, SUPERSEDED])),
        )  # fmt: skip
        await self.settled(replace(saved, plan=left))


def _with_what_was_asked(plan: Plan, parts: Sequence[Part]) -> Plan:
    """The plan with what a task itself came to ask for, so that the next message can answer that as well."""
    asked = {question.subtask for question in plan.questions}
    missing = [(part, part.data) for part in parts if part.kind == "missing" and part.subtask not in asked and isinstance(part.data, Mapping)]
    questions = [
        Question(
            id=f"{part.subtask}.missing", subtask=part.subtask, field=str(data["field"]), question=str(part.text),
            options=[Option(value=str(one["value"]), label=str(one["label"])) for one in data.get("options", ())],
        )
        for part, data in missing if "field" in data
    ]  # fmt: skip
    return replace(plan, questions=(*plan.questions, *questions)) if questions else plan


def _found(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if isinstance(value, Mapping) and {"ids", "where", "label"} <= set(value)}


def _rows(data: Mapping[str, Any]) -> int | None:
    table = data.get("table")
    return len(table["rows"]) if isinstance(table, Mapping) and isinstance(table.get("rows"), list) else None

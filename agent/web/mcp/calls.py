"""What each tool does: a use case of the service, under the caller's own rights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from agent.errors import Invalid, NotAllowed
from agent.misfits import remedy
from agent.records import Ask, ChangeSet, Principal, RunEvent, Scope, to_json
from agent.sdk import Page, Task
from agent.web.mcp.finding import nearest
from agent.web.mcp.schemas import small_schema
from agent.web.mcp.shown import Result, change_set_data, change_set_sentences, cut, reply_result, result
from agent.web.mcp.tools import (
    TOOLS,
    AnswersArgs,
    AskArgs,
    DecideArgs,
    FindTaskArgs,
    OneRunArgs,
    PageArgs,
    RunArgs,
    RunTaskArgs,
    Tool,
    UndoArgs,
)
from agent.web.port import ServicePort

Tell = Callable[[int, str], Awaitable[None]]
"""Takes how far something has come, a number that only grows, and a sentence of what it does."""

_EFFECTS = ("read", "draft", "write", "action")
_KNOWN = {tool.name: tool for tool in TOOLS}


class NoSuchTool(Exception):
    """Neither a tool nor a task has this name."""


@dataclass(frozen=True, slots=True)
class Calls:
    service: ServicePort
    principal: Principal
    tell: Tell | None = None
    """Who hears of progress; None when nobody asked to."""

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Result:
        """
        Raises:
            NoSuchTool: There is none of that name.
            StorehandError: It was not done; the sentence says why and what to do.
        """
        tool = _KNOWN.get(name)
        if tool is None:
            return await self._task(_task_named(self.service.tasks(), name), arguments, dry_run=False)
        self._may(tool.scope)
        return await self._run(tool, _checked(tool.args, arguments))

    def _may(self, scope: Scope) -> None:
        if not self.principal.may(scope):
            raise NotAllowed(f"This needs a key with the scope `{scope}`; this key has not got it.")

    async def _run(self, tool: Tool, args: BaseModel) -> Result:
        run = cast("Callable[[Any], Awaitable[Result]]", getattr(self, f"_{tool.name}"))
        return await run(args)

    # asking and following

    async def _ask(self, args: AskArgs) -> Result:
        shop = await self.service.shop(self.principal)
        ask = Ask(args.text, locale=shop.locale, shop=self.principal.shop, thread=args.thread_id)
        if args.dry_run or self.tell is None or not self.principal.may(Scope.READ):
            return reply_result(await self.service.ask(ask, self.principal, dry_run=args.dry_run, wait_s=args.wait_s))
        return await self._followed(await self.service.start(ask, self.principal), args.wait_s)

    async def _show_run(self, args: RunArgs) -> Result:
        reply = await self.service.reply(args.run_id, self.principal)
        if reply.state in ("queued", "running") and args.wait_s > 0:
            return await self._followed(args.run_id, args.wait_s)
        return reply_result(reply)

    async def _followed(self, run_id: str, wait_s: float) -> Result:
        """The run once it has come to an end or a stop, or as it stands after so many seconds."""
        events = cast("AsyncGenerator[RunEvent, None]", self.service.events(run_id, self.principal))
        try:
            async with asyncio.timeout(wait_s), aclosing(events):
                async for event in events:
                    said = _said(event)
                    if said and self.tell is not None:
                        await self.tell(event.seq, said)
        except TimeoutError:
            pass
        return reply_result(await self.service.reply(run_id, self.principal))

    async def _answer_questions(self, args: AnswersArgs) -> Result:
        given = {answer.question: answer.value for answer in args.answers}
        return reply_result(await self.service.answer(args.run_id, given, self.principal))

    async def _stop_run(self, args: OneRunArgs) -> Result:
        return reply_result(await self.service.stop(args.run_id, self.principal))

    # tasks

    async def _find_task(self, args: FindTaskArgs) -> Result:
        least = _EFFECTS.index(args.effect) if args.effect else len(_EFFECTS)
        tasks = [task for task in self.service.tasks() if _EFFECTS.index(task.effect) <= least]
        found = nearest(args.words, tasks, args.most)
        shown = [
            {
                "name": task.name, "summary": task.summary, "effect": task.effect, "examples": list(task.examples[:2]),
                "args": small_schema(task.args),
            }
            for task in found
        ]  # fmt: skip
        lines = [f"{task.name} ({task.effect}): {task.summary}" for task in found]
        return result(lines or ["No task comes near; put it to `ask` in plain words."], {"tasks": shown})

    async def _run_task(self, args: RunTaskArgs) -> Result:
        return await self._task(self.service.task(args.task), args.args, dry_run=args.dry_run)

    async def _task(self, task: Task, args: Mapping[str, Any], *, dry_run: bool) -> Result:
        self._may(Scope.ASK)
        return reply_result(await self.service.run_task(task.name, args, self.principal, dry_run=dry_run))

    # deciding

    async def _list_approvals(self, args: PageArgs) -> Result:
        page = await self.service.approvals(self.principal, limit=args.limit, cursor=args.cursor)
        return _page(page, "Nothing waits for approval.", whole="storehand://approvals")

    async def _list_changes(self, args: PageArgs) -> Result:
        page = await self.service.changes(self.principal, limit=args.limit, cursor=args.cursor)
        return _page(page, "Nothing was changed.", whole="storehand://changes")

    async def _decide(self, args: DecideArgs) -> Result:
        if args.decision == "reject":
            done = await self.service.reject(args.digest, self.principal, items=args.items)
        else:
            done = await self.service.approve(args.digest, self.principal, items=args.items, typed=args.typed)
        return _one(done)

    async def _undo(self, args: UndoArgs) -> Result:
        return _one(await self.service.undo(args.change_set, self.principal))


def _task_named(tasks: Sequence[Task], name: str) -> Task:
    found = next((task for task in tasks if task.name == name), None)
    if found is None:
        raise NoSuchTool
    return found


def _checked(model: type[BaseModel], arguments: Mapping[str, Any]) -> Any:
    """
    Raises:
        Invalid: They do not fit; every fault is told, so that one more call is enough.
    """
    try:
        return model.model_validate(dict(arguments))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        told = [f"`{'.'.join(str(step) for step in fault['loc']) or 'arguments'}`: {remedy(fault)}" for fault in faults[:8]]
        raise Invalid(f"The arguments do not fit. {'; '.join(told)}.") from None


def _page(page: Page[ChangeSet], nothing: str, *, whole: str) -> Result:
    lines = [line for each in page.items for line in change_set_sentences(each)]
    data = {"items": [change_set_data(each) for each in page.items], "next": page.next}
    return result(lines or [nothing], cut(data, whole=whole))


def _one(change_set: ChangeSet) -> Result:
    data = cut({"change_set": change_set_data(change_set)}, whole=f"storehand://approvals/{change_set.digest}")
    return result(change_set_sentences(change_set), data)


def _said(event: RunEvent) -> str:
    """What an event says of the progress; empty for those that say nothing of it."""
    match event.type:
        case "run_started":
            return "Reading the request"
        case "plan_ready":
            return "Planned: " + (", ".join(_title(step["task"]) for step in to_json(event.data["plan"])["subtasks"]) or "nothing to do")
        case "step_started":
            return f"{_title(event.data['task'])} …"
        case "part":
            return str(to_json(event.data["part"])["text"])
        case "question":
            return "A question needs an answer"
        case "approval_waiting":
            return "A proposal waits for approval"
    return ""


def _title(task: str) -> str:
    return task.replace("_", " ").capitalize()

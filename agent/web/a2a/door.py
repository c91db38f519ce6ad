"""The server's side of the protocol: what each method does, under the caller's own rights."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import assert_never, cast

import msgspec

from agent.errors import Conflict, Invalid, NotAllowed, NotFound, StorehandError
from agent.records import Ask, Principal, Reply, RunEvent, Scope
from agent.records.ids import new_id
from agent.runs.history import Sought
from agent.runs.idempotency import Fresh, Idempotency, InFlight, Mismatch, Replay, Slot
from agent.web.a2a import wire
from agent.web.a2a.incoming import Sent, answers, named, sent
from agent.web.a2a.told import Json, Telling, state_of
from agent.web.a2a.wire import Call, Wrong
from agent.web.faults import fault_of
from agent.web.port import ServicePort

WAIT_S = 30.0
"""As long as `POST /v1/asks` waits where nothing is said of it."""

_NO_TASK = "This shop has no such task; send the message without `taskId` to begin one."
_OVER = "This task is over; to go on from it, send a message with its `contextId` and without `taskId`."
_AT_WORK = "This task is still at work and asks nothing; look with GetTask, and answer once it asks."
_DECIDES = (
    "This task waits for a person's decision in Storehand. To change what is proposed, send a message with its `contextId` and without `taskId`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    service: ServicePort
    principal: Principal
    address: str
    """Where people reach Storehand."""
    kept: Idempotency | None = None
    wait_s: float = WAIT_S

    async def answer(self, call: Call) -> wire.Message:
        """The reply to a request.

        Raises:
            Wrong: The protocol knows no result for this.
            NotAllowed: The key has not got the scopes.
        """
        try:
            return call.result(await self._result(call))
        except (NotAllowed, asyncio.CancelledError):
            raise
        except Wrong as wrong:
            raise Wrong(wrong.code, wrong.sentence, facts=wrong.facts, id=call.id) from wrong
        except StorehandError as error:
            raise Wrong(_code_of(error), str(error), facts={"code": error.code}, id=call.id) from error
        except Exception as error:
            raise Wrong(wire.INTERNAL, fault_of(error).detail, id=call.id) from error

    async def _result(self, call: Call) -> Json:
        self._may(Scope.READ)
        match call.does:
            case "get":
                return await self._task(call, await self._reply(named(call.params, "id")))
            case "cancel":
                self._may(Scope.ASK)
                return await self._task(call, await self._canceled(await self._reply(named(call.params, "id"))))
            case "send":
                self._may(Scope.ASK)
                message = sent(call.params)
                reply, context = await self._sent(message)
                told = await self._task(call, reply, context)
                return {"task": told} if call.modern else told
        assert_never(call.does)

    def _may(self, scope: Scope) -> None:
        if not self.principal.may(scope):
            raise NotAllowed(f"This needs a key with the scope `{scope}`; this key has not got it.")

    async def _task(self, call: Call, reply: Reply, context: str | None = None) -> Json:
        story = await self.service.story(reply.run_id, self.principal)
        telling = Telling(modern=call.modern, address=self.address)
        return telling.task(reply, context or await self._context(reply.run_id), story)

    async def _context(self, run: str) -> str:
        """The conversation that a run belongs to; one of its own for a run that was asked without any."""
        found = (await self.service.history(self.principal, Sought(words=run), limit=1)).items
        return (found[0].run.thread if found else None) or run

    async def _reply(self, run: str | None) -> Reply:
        """
        Raises:
            Wrong: No run is named, or there is none of that name in this shop.
        """
        if run is None:
            raise Wrong(wire.INVALID_PARAMS, "`id` names the task.")
        try:
            return await self.service.reply(run, self.principal)
        except NotFound:
            raise Wrong(wire.NO_TASK, _NO_TASK) from None

    # asking and answering

    async def _sent(self, message: Sent) -> tuple[Reply, str | None]:
        """What came of a message, and its conversation where that is known."""
        context = message.context or (new_id("ctx") if message.task is None else None)

        async def work() -> str:
            return await (self._asked(message, context) if message.task is None else self._answered(message, message.task))

        run = await self._once(message, work)
        if message.waits:
            await self._waited(run)
        # without a conversation of its own, a message that is sent again is in the one that the first began
        return await self.service.reply(run, self.principal), message.context

    async def _asked(self, message: Sent, context: str | None) -> str:
        if not message.text.strip():
            raise Wrong(wire.INVALID_PARAMS, "Nothing was asked; say in a text part what is to be done.")
        shop = await self.service.shop(self.principal)
        return await self.service.start(Ask(message.text, locale=shop.locale, shop=self.principal.shop, thread=context), self.principal)

    async def _answered(self, message: Sent, run: str) -> str:
        reply = await self._reply(run)
        if message.context is not None and message.context != await self._context(run):
            raise Wrong(wire.INVALID_PARAMS, "This task belongs to another `contextId`; leave that out or send the task's own.")
        state = state_of(reply)
        if state == "working":
            raise Wrong(wire.UNSUPPORTED, _AT_WORK)
        if not reply.questions:
            raise Wrong(wire.UNSUPPORTED, _DECIDES if state == "input-required" else _OVER)
        await self.service.answer(run, answers(message, reply.questions), self.principal)
        return run

    async def _waited(self, run: str) -> None:
        """Until the run has come to an end or a stop, or for as long as anybody is let wait."""
        if state_of(await self.service.reply(run, self.principal)) != "working":
            return
        events = cast("AsyncGenerator[RunEvent, None]", self.service.events(run, self.principal))
        try:
            async with asyncio.timeout(self.wait_s), aclosing(events):
                async for _ in events:
                    pass
        except TimeoutError:
            pass

    async def _canceled(self, reply: Reply) -> Reply:
        """
        Raises:
            Wrong: There is nothing to stop.
        """
        state = state_of(reply)
        if state == "input-required":
            raise Wrong(wire.NOT_CANCELABLE, "Nothing is under way here: the task waits. What it proposes can be rejected in Storehand by a person.")
        if state != "working":
            raise Wrong(wire.NOT_CANCELABLE, f"This task is over ({state}); nothing of it can be stopped. What was applied is undone in Storehand.")
        return await self.service.stop(reply.run_id, self.principal)

    # once per message

    async def _once(self, message: Sent, work: Callable[[], Awaitable[str]]) -> str:
        """The run that a message brought about, or goes on with; the same message again does nothing more.

        Raises:
            Wrong: The first message of that id is being taken in.
            Invalid: The id came before with another message.
        """
        if self.kept is None:
            return await work()
        slot = Slot(self.principal.shop, self.principal.id, "A2A SendMessage", hashlib.sha256(message.id.encode()).hexdigest())
        said = msgspec.json.encode([message.text, message.data, message.context, message.task], order="deterministic")
        found = await self.kept.begin(slot, hashlib.sha256(said).hexdigest())
        match found:
            case Replay():
                return found.body.decode()
            case InFlight():
                raise Wrong(wire.INTERNAL, "The first message with this messageId is being taken in; send it again in a moment.")
            case Mismatch():
                raise Invalid("This messageId came before with another message; give each message an id of its own.")
            case Fresh():
                return await _kept(self.kept, slot, work)
        assert_never(found)


async def _kept(kept: Idempotency, slot: Slot, work: Callable[[], Awaitable[str]]) -> str:
    done = False
    try:
        run = await work()
        await kept.end(slot, status=200, headers={}, body=run.encode())
        done = True
        return run
    finally:
        if not done:
            await asyncio.shield(kept.forget(slot))


def _code_of(error: StorehandError) -> int:
    if isinstance(error, Conflict):
        return wire.UNSUPPORTED
    return wire.INVALID_PARAMS if error.status < 500 else wire.INTERNAL

"""POST /v1/ag-ui: asks what the last message asks, or goes on with what a run stopped for, and answers with the protocol's events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

import msgspec
from litestar import Response
from pydantic import BaseModel, ConfigDict, Field

from agent.errors import Invalid, NotAllowed, StorehandError
from agent.languages import Catalogue, in_english, told
from agent.ledger.keys import Keys
from agent.records import Ask, ChangeSet, Principal, Scope, to_json
from agent.web.ag_ui.incoming import Answered, Decided, RunAgentInput, meant
from agent.web.ag_ui.told import Event, Telling
from agent.web.bearer import bearer
from agent.web.faults import fault_of
from agent.web.operations import Answered as Reply
from agent.web.operations import Asked, Operation, Parameter
from agent.web.port import ServicePort
from agent.web.sse import closed_after, message, stream_reply

_SUMMARY = "Ask as AG-UI front ends do, and be told the run in their events"
_EVENTS = (
    "Server-sent events of AG-UI 1.0. The run goes on when the stream is cut; its own events are at /v1/runs/{run_id}/events, under the id in "
    "the metadata of RUN_STARTED. A run that waits for a decision or an answer ends with the outcome `interrupt`; the next request answers it "
    "in `resume`. A key cannot approve what it asked for: another one, which may approve, comes along as `Storehand-Approver`."
)
APPROVER = "Storehand-Approver"
"""A front end sends the same headers with every request: the key that asks and the one that decides stand beside each other in them."""
_APPROVER = Parameter(
    name=APPROVER, where="header", schema={"type": "string", "minLength": 1, "maxLength": 200},
    description="A second key of the shop, as `Bearer sk_sh_…`, whose scope `approve` decides about proposals. Looked at with `resume` alone.",
)  # fmt: skip


class AgUiEvent(BaseModel):
    model_config = ConfigDict(extra="allow")

    type: str = Field(description="RUN_STARTED, STEP_STARTED, TEXT_MESSAGE_CONTENT … as AG-UI 1.0 names them.")


def ag_ui_operations(service: ServicePort, keys: Keys, catalogue: Catalogue = in_english) -> Sequence[Operation]:
    """
    Args:
        catalogue: Translations by locale: people read what a front end is told, in the shop's language.
    """

    async def run(asked: Asked) -> Response[Any]:
        body: RunAgentInput = asked.body
        if not asked.principal.may(Scope.READ):
            raise NotAllowed("A run is told to keys that may read; this needs the scope `read` beside `ask`.")
        shop = await service.shop(asked.principal)
        telling = Telling(body, partial(told, catalogue(shop.locale)))
        if body.resume:
            decider = await _decider(asked, keys)  # a key that is not good is said before there is a stream
            return stream_reply(_wire(_resumed(service, asked.principal, decider, telling)))
        ask = Ask(body.request(), locale=shop.locale, shop=asked.principal.shop, thread=body.threadId, context=body.page())
        run_id = await service.start(ask, asked.principal)  # what is wrong with it is said before there is a stream
        return stream_reply(_wire(_begun(service, asked.principal, telling, run_id)))

    return (
        Operation(
            id="ag_ui", method="POST", path="/v1/ag-ui", summary=_SUMMARY, tag="asks", scope=Scope.ASK, run=run, body=RunAgentInput,
            parameters=(_APPROVER,),
            replies={200: Reply(description=_EVENTS, type=AgUiEvent, media_type="text/event-stream")},
        ),
    )  # fmt: skip


async def _begun(service: ServicePort, principal: Principal, telling: Telling, run_id: str) -> AsyncGenerator[Event, None]:
    yield telling.started(run_id)
    async for event in _followed(service, principal, telling, run_id, after=0):
        yield event


async def _decider(asked: Asked, keys: Keys) -> Principal:
    """Who decides: whose key came along for it, else who asks.

    Raises:
        NoKey: That key is not good.
        NotAllowed: It is another shop's.
    """
    brought = asked.request.headers.get(APPROVER)
    if brought is None:
        return asked.principal
    decider = await bearer(brought, keys)
    if decider.shop != asked.principal.shop:
        raise NotAllowed(f"The key in {APPROVER} is of another shop.")
    return decider


async def _resumed(service: ServicePort, principal: Principal, decider: Principal, telling: Telling) -> AsyncGenerator[Event, None]:
    """Each decision and its outcome; then what the answers to questions let go on."""
    yield telling.started(None)
    try:
        answers = [(each.interruptId, meant(each)) for each in telling.asked.resume or ()]
        for sent, found in answers:
            if found is None:
                yield telling.unknown(sent)
        given = [found for _, found in answers if isinstance(found, Answered)]
        decided = [found for _, found in answers if isinstance(found, Decided)]
        goes_on = _one_run(given)
        for found in decided:
            change_set = await _decide(service, decider, found)
            goes_on = goes_on or change_set.run
            for event in telling.decided(change_set):
                yield event
        if given:
            async for event in _going_on(service, principal, telling, given):
                yield event
        else:
            for event in telling.left_over(to_json(await service.reply(goes_on, principal)) if goes_on else None):
                yield event
    except StorehandError as error:
        yield telling.failed(str(error), error.code)


async def _decide(service: ServicePort, principal: Principal, found: Decided) -> ChangeSet:
    if found.approved:
        return await service.approve(found.digest, principal, items=found.items, typed=found.typed)
    return await service.reject(found.digest, principal, items=found.items)


def _one_run(given: Sequence[Answered]) -> str | None:
    """
    Raises:
        Invalid: They are answers to several runs; one at a time can go on here.
    """
    runs = {each.run for each in given}
    if len(runs) > 1:
        raise Invalid("These answers are to the questions of several runs; send those of one at a time.")
    return next(iter(runs), None)


async def _going_on(service: ServicePort, principal: Principal, telling: Telling, given: Sequence[Answered]) -> AsyncGenerator[Event, None]:
    run_id = given[0].run
    before = await service.story(run_id, principal)
    await service.answer(run_id, {each.question: each.value for each in given}, principal)
    async for event in _followed(service, principal, telling, run_id, after=before[-1].seq if before else 0):
        yield event


async def _followed(
    service: ServicePort, principal: Principal, telling: Telling, run_id: str, *, after: int
) -> AsyncGenerator[Event, None]:  # fmt: skip
    """The run's events from there on, to an end of the protocol's."""
    async with closed_after(service.events(run_id, principal, after=after)) as events:
        async for event in events:
            if event.type == "run_error":
                data = to_json(event.data)
                yield telling.failed(data["detail"], data["code"])
                return
            if event.type in ("run_finished", "run_waiting", "run_stopped"):
                for each in telling.ended(to_json(event.data)["reply"]):
                    yield each
                return
            for each in telling.of(event):
                yield each
    for each in telling.ended(to_json(await service.reply(run_id, principal))):  # it had ended before
        yield each


async def _wire(events: AsyncGenerator[Event, None]) -> AsyncGenerator[bytes, None]:
    """The events as messages. Whatever breaks once the stream is open is told in it."""
    n = 0
    try:
        async for event in events:
            n += 1
            yield _message(event, n)
    except Exception as error:
        fault = fault_of(error)
        yield _message({"type": "RUN_ERROR", "message": fault.detail, "code": fault.code}, n + 1)
    finally:
        await events.aclose()


def _message(event: Event, n: int) -> bytes:
    return message(msgspec.json.encode(event), event=str(event["type"]), id=n)

"""Whole answers: one attempt at one target, or two beside each other where the route hedges."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agent.dialects.messages import Response
from agent.errors import BadOutput, ProviderError, TimedOut
from agent.gateway.answers import fault_of, repair
from agent.gateway.attempts import Attempting
from agent.providers.checks import fault_in
from agent.providers.http import HttpProvider
from agent.providers.router import Try


async def answered(attempt: Attempting) -> Response | None:
    """Its answer as the caller gets it; None when it failed or is not what was asked for, and another may be asked.

    Raises:
        ProviderError: Nobody else should be asked.
    """
    call, step = attempt.call, attempt.step
    try:
        response = await whole(step, call.left_s)
        text, fault = fault_of(call.request, response)
    except ProviderError as error:
        attempt.failed(error)
        return None
    except BaseException:
        attempt.abandoned()
        raise
    if fault is not None:
        not_fit(attempt, response, fault)
        return None
    attempt.answered(response.usage, response.finish)
    return call.response(step, response, text)


async def whole(step: Try, timeout_s: float) -> Response:
    """
    Raises:
        ProviderError: It failed, took too long, or what came is no answer.
    """
    target = step.target
    if isinstance(target.provider, HttpProvider):  # it keeps the time itself, and a second timer is 2 % of a call
        response = await target.provider.complete(step.request, model=target.model, timeout_s=timeout_s)
    else:
        response = await _in_time(step, timeout_s)
    if failure := fault_in(response):
        failure.usage, failure.provider, failure.model = response.usage, target.provider.name, target.model
        raise failure
    return response


async def _in_time(step: Try, timeout_s: float) -> Response:
    target = step.target
    try:
        async with asyncio.timeout(timeout_s):
            return await target.provider.complete(step.request, model=target.model, timeout_s=timeout_s)
    except TimeoutError as error:
        raise TimedOut("no answer in time", provider=target.provider.name, model=target.model) from error


def not_fit(attempt: Attempting, response: Response, fault: str) -> None:
    """The answer breaks the schema: the same target may mend it once, since it has it before its eyes; then it is another's turn."""
    cut = response.finish == "length"
    why = "the answer was cut at `max_output`" if cut else "the answer does not follow the schema"
    attempt.unfit(BadOutput(why), response.usage, response.finish)
    if not cut and attempt.call.may_repair():
        attempt.call.route.again(attempt.step, repair(attempt.call.request, response, fault), "its answer broke the schema; one repair")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """When and how a second call is begun."""

    after_s: float
    another: Callable[[], Awaitable[Try | None]]
    """Another target with money set aside for it; None when there is none, or no second call may be made now."""


async def hedged(attempt: Attempting, beside: Beside) -> Response | None:
    """The first good answer of two calls, the second of which begins only when the first takes long. The other is cancelled and booked.

    Raises:
        ProviderError: One of them says that nobody else should be asked.
    """
    tasks = [asyncio.create_task(answered(attempt))]
    try:
        done, running = await asyncio.wait(tasks, timeout=beside.after_s)
        if not done and (step := await beside.another()) is not None:
            tasks.append(asyncio.create_task(answered(attempt.call.begin(step))))
            running.add(tasks[-1])
        while (found := _first_good(done)) is None and running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        return found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _first_good(done: set[asyncio.Task[Response | None]]) -> Response | None:
    return next((found for task in done if (found := task.result()) is not None), None)

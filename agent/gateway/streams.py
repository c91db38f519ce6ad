"""Streamed answers: nothing is shown before the first content, and what is shown is whole or ends in an error."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from agent.dialects.events import Event, Finished, Restarted, events_of
from agent.dialects.messages import Response
from agent.errors import BadOutput, ProviderError
from agent.gateway.answers import fault_of
from agent.gateway.attempts import Attempting
from agent.gateway.whole import not_fit, whole
from agent.providers.base import StreamingProvider
from agent.providers.router import Try


async def streamed(attempt: Attempting, *, anew: bool = False) -> AsyncGenerator[Event, None]:
    """Its events once content has come; `call.done` afterwards says whether it ended well.

    A model that was asked for a schema in words alone is not trusted with showing it: its answer is held, checked, mended and then shown.

    Args:
        anew: Something else was shown before, so a `Restarted` comes before its first content.
    """
    held = list[Event]()
    if anew:
        held.append(Restarted(provider=attempt.step.target.provider.name, model=attempt.step.target.model))
    try:
        async with aclosing(_events(attempt.step, attempt.call.left_s)) as events:
            async for event in events:
                attempt.saw(event)
                if isinstance(event, Finished):
                    for last in _ended(attempt, event, held):
                        yield last
                    return
                held.append(event)
                if attempt.has_content and not _holds(attempt):
                    for earlier in held:
                        yield earlier
                    held.clear()
        raise BadOutput("the stream ended without saying why")
    except ProviderError as error:
        attempt.failed(attempt.named(error))
    except BaseException:
        # The caller went away: what came until then was made, and is billed.
        if attempt.said.finish is None:
            attempt.abandoned()
        raise


def _holds(attempt: Attempting) -> bool:
    return attempt.call.request.schema is not None and attempt.step.request.schema is None


def _ended(attempt: Attempting, event: Finished, held: list[Event]) -> list[Event]:
    """What is left to show, when it was the answer that was asked for; nothing when it was not."""
    usage = attempt.said.used(attempt.step.request)
    response = attempt.said.response(usage=usage, provider=attempt.step.target.provider.name, model=attempt.step.target.model)
    fault, shown = _fault(attempt, response, held)
    if fault is None:
        attempt.answered(usage, event.finish)
        return [*shown, event]
    if _holds(attempt):
        not_fit(attempt, response, fault)
    else:
        attempt.unfit(BadOutput("the answer does not follow the schema"), usage, event.finish)
    return []


def _fault(attempt: Attempting, response: Response, held: list[Event]) -> tuple[str | None, list[Event]]:
    """What is wrong with it, and the rest that may be shown. An answer cut at `max_output` says so itself, and is left to the caller."""
    request = attempt.call.request
    if request.schema is None and not request.json_object:
        return None, held
    if response.finish == "length" and not _holds(attempt):
        return None, held
    text, fault = fault_of(request, response)
    if _holds(attempt):
        return fault, [*(event for event in held if isinstance(event, Restarted)), *events_of(replace(response, text=text))[:-1]]
    # What was shown cannot be mended any more, so it must be right as it is.
    return fault or (None if text == response.text.strip() else "There is more than the JSON."), held


async def _events(step: Try, timeout_s: float) -> AsyncGenerator[Event, None]:
    """The target's own stream, or its whole answer as one."""
    provider = step.target.provider
    if isinstance(provider, StreamingProvider) and "streaming" not in step.target.lacks:
        async with aclosing(provider.stream(step.request, model=step.target.model, timeout_s=timeout_s)) as events:
            async for event in events:
                yield event
        return
    for event in events_of(await whole(step, timeout_s)):
        yield event

"""The one path to a model: an alias names a pool of targets, and each failure that another target may not share moves on.

What is spent is reserved before each attempt and settled after it, whatever became of it; every attempt is a row.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from agent.dialects.events import Event, Finished, Restarted, UsageSeen, events_of, is_content
from agent.dialects.messages import Message, Request, Response, Usage, estimated_usage
from agent.errors import AllProvidersFailed, BadOutput, ContentFiltered, ContextTooLong, OverBudget, ProviderError, TimedOut, Unsupported
from agent.gateway.answers import fault_of, repair
from agent.gateway.attempts import Call
from agent.gateway.watching import Watcher
from agent.ledger.records import Attempt, Meter, Spender, Trace, current_spender
from agent.providers.adapting import Learned
from agent.providers.base import StreamingProvider
from agent.providers.catalog import Price
from agent.providers.checks import fault_in
from agent.providers.health import Health
from agent.providers.router import Pool, Route, Target, Try, Wait

_LONGEST_WAIT_S = 15.0


def _new_health() -> Health:
    return Health(time.monotonic, time.time)


async def _nothing() -> None:
    return None


@dataclass(slots=True)
class Gateway:
    """Aliases to pools of targets. `Gateway({"frontier": [Target(provider, "model")]})` is a whole one, without books."""

    aliases: Mapping[str, Sequence[Target] | Pool] = field(default_factory=dict)
    timeout_s: float = 60.0
    record: Callable[[Attempt], None] = lambda attempt: None
    meter: Meter | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    """By target name."""
    health: Health = field(default_factory=_new_health)
    learned: Learned = field(default_factory=Learned)
    random: random.Random = field(default_factory=random.Random)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    watchers: Sequence[Watcher] = ()
    """Told of every call when it is over: metrics, traces."""
    close: Callable[[], Awaitable[None]] = _nothing
    """Closes the connections; call it when the service stops."""

    def has(self, alias: str) -> bool:
        return bool(self._targets(alias))

    def pool(self, alias: str) -> Pool | None:
        """What an alias stands for; a target's own name ("acme/big-1") stands for itself. None when there is neither."""
        found = self.aliases.get(alias)
        if isinstance(found, Pool):
            return found
        if found is not None:
            return Pool(targets=found)
        named = next((target for target in self.targets() if target.name == alias), None)
        return Pool(targets=[named]) if named else None

    def targets(self) -> list[Target]:
        """Every target behind any alias, each once."""
        return list({target.name: target for alias in self.aliases for target in self._targets(alias)}.values())

    async def complete(self, request: Request, *, alias: str, purpose: str, spender: Spender | None = None, trace: Trace | None = None) -> Response:
        """The first good answer. With a schema the text follows it: fences are taken off, and one repair is asked for.

        Args:
            alias: "frontier", "writer" …; what the config calls the use.
            purpose: What the call is for ("plan", "write_description"), for the usage report.
            spender: On whose behalf; None for whoever `spending` says.
            trace: Filled with who answered, how many calls it took and what they cost.

        Raises:
            ProviderError: A target says that the request itself is wrong, or a content filter stepped in and the route refuses then.
            OverBudget: No target may be paid for.
            AllProvidersFailed: No target answered; `attempts` keeps every cause.
        """
        call = self._call(request, alias, purpose, spender, trace)
        try:
            response = await self._completed(call)
        except BaseException as error:
            call.close(error)
            raise
        call.close(answer=response.text)
        return response

    async def _completed(self, call: Call) -> Response:
        request, repaired = call.request, False
        while (step := await self._step(call)) is not None:
            response = await self._answered(call, step)
            if response is None:
                continue
            text, fault = fault_of(request, response)
            if fault is None:
                return call.served(step, response, text)
            if not repaired and response.finish != "length":
                repaired = True
                call.route.again(step, repair(request, response, fault), "its answer broke the schema; one repair")
                continue
            why = "the answer was cut at `max_output`" if response.finish == "length" else "the answer does not follow the schema"
            call.route.failed(step, BadOutput(why, provider=step.target.provider.name, model=step.target.model), blameless=True)
        raise self._gave_up(call)

    async def complete_json(self, *, alias: str, prompt: str, schema: Mapping[str, Any], purpose: str) -> Mapping[str, Any]:
        """The answer as a JSON object that follows the schema.

        Raises:
            BadOutput: No target's answer did, nor its repair.
            ProviderError: As `complete`.
        """
        try:
            response = await self.complete(Request(messages=[Message("user", prompt)], schema=schema), alias=alias, purpose=purpose)
        except AllProvidersFailed as error:
            if error.attempts and all(isinstance(cause, BadOutput) for cause in error.attempts):
                raise error.attempts[-1] from error
            raise
        found = msgspec.json.decode(response.text)
        if not isinstance(found, dict):
            raise BadOutput("no JSON object came back", provider=response.provider, model=response.model)
        return found

    async def stream(
        self, request: Request, *, alias: str, purpose: str, spender: Spender | None = None, trace: Trace | None = None
    ) -> AsyncGenerator[Event, None]:
        """The answer piece by piece. Nothing comes before its first content, so until then another target takes over unseen.

        What breaks later is raised, or, where the alias says so, followed by `Restarted` and a whole other answer. `Finished` is the
        last event of a good stream; one without it is no answer.

        Raises:
            ProviderError, OverBudget: As `complete`, and from the middle of a stream.
        """
        call = self._call(request, alias, purpose, spender, trace)
        try:
            async with aclosing(self._shown(call)) as events:
                async for event in events:
                    yield event
        except BaseException as error:
            call.close(error)
            raise
        call.close()

    async def _shown(self, call: Call) -> AsyncGenerator[Event, None]:
        shown = False
        while (step := await self._step(call)) is not None:
            if shown:
                yield Restarted(provider=step.target.provider.name, model=step.target.model)
            async with aclosing(self._streamed(call, step)) as events:
                async for event in events:
                    shown = shown or is_content(event)
                    yield event
            if call.done:
                return
            if shown and call.route.pool.on_cut == "error":
                raise call.route.attempts[-1]
        raise self._gave_up(call)

    def _call(self, request: Request, alias: str, purpose: str, spender: Spender | None, trace: Trace | None) -> Call:
        who = spender or current_spender()
        pool = self.pool(alias) or Pool(targets=())
        route = Route(pool, request, self.health, self.learned, self.random, allowed=lambda target: self._allowed(target, alias, who))
        until = self.health.clock() + self.timeout_s
        return Call(
            gateway_record=self.record, meter=self.meter, prices=self.prices, now=self.now, clock=self.health.clock, route=route, request=request,
            alias=alias, purpose=purpose, spender=who, trace=trace or Trace(), until=until, watchers=self.watchers,
        )  # fmt: skip

    def _allowed(self, target: Target, alias: str, spender: Spender) -> bool:
        if spender.models is not None and not spender.models & {alias, target.name}:
            return False
        return not spender.budgeted or target.name in self.prices

    async def _step(self, call: Call) -> Try | None:
        """What to try now, with money set aside for it; None when nothing is left or the time is up."""
        while (step := call.route.next()) is not None:
            left = call.until - self.health.clock()
            if isinstance(step, Wait):
                if step.seconds > min(left, _LONGEST_WAIT_S):
                    return None
                await self.sleep(step.seconds)
            elif left <= 0:
                return None
            elif await call.reserve(step):
                return step
        return None

    async def _answered(self, call: Call, step: Try) -> Response | None:
        """Its answer, or None when it failed and another may be asked."""
        call.begin(step)
        try:
            async with asyncio.timeout(max(0.01, call.left_s)):
                response = await step.target.provider.complete(step.request, model=step.target.model, timeout_s=max(0.01, call.left_s))
            if failure := fault_in(response):
                failure.usage = response.usage
                raise failure
        except TimeoutError as error:
            late = TimedOut("no answer in time", provider=step.target.provider.name, model=step.target.model)
            late.__cause__ = error
            call.failed(step, late)
        except ProviderError as error:
            call.failed(step, error)
        except BaseException:
            call.abandoned(step)
            raise
        else:
            call.answered(step, response.usage, response.finish)
            return response
        return None

    async def _streamed(self, call: Call, step: Try) -> AsyncGenerator[Event, None]:
        """Its events once content has come; `call.done` afterwards says whether it ended well."""
        call.begin(step, streamed=True)
        held: list[Event] = []
        usage: Usage | None = None
        ended = False
        try:
            async with aclosing(_events(step, max(0.01, call.left_s))) as events:
                async for event in events:
                    call.saw(event)
                    if isinstance(event, UsageSeen):
                        usage = event.usage
                    ended = isinstance(event, Finished)
                    if not (call.has_content or ended):
                        held.append(event)
                        continue
                    for earlier in held:
                        yield earlier
                    held = []
                    if isinstance(event, Finished):
                        call.answered(step, usage or estimated_usage(step.request, call.written), event.finish)
                    yield event
        except TimeoutError:
            call.failed(step, TimedOut("no answer in time", provider=step.target.provider.name, model=step.target.model))
        except ProviderError as error:
            call.failed(step, error)
        except BaseException:
            # The caller went away: what came until then was made, and is billed.
            if not ended:
                call.abandoned(step)
            raise
        else:
            if not ended:
                call.failed(step, BadOutput("the stream ended without saying why", provider=step.target.provider.name, model=step.target.model))

    def _gave_up(self, call: Call) -> Exception:
        causes = call.route.attempts
        if not causes and call.over_budget is not None:
            return call.over_budget
        if causes and all(isinstance(cause, ContextTooLong | ContentFiltered | Unsupported) for cause in causes):
            return causes[-1]
        if causes:
            said = f"{len(causes)} of {len(causes)} calls to models failed"
        elif not call.route.pool.targets:
            said = f"no model stands behind `{call.alias}`"
        elif (wait := call.route.recovers_in_s()) is None:
            return self._nobody_may(call)
        else:
            said = f"every model behind `{call.alias}` is resting; the first is back in {max(1, round(wait))} s"
        error = AllProvidersFailed(f"{said}; see [aliases.{call.alias}] in the config file.", causes)
        error.retry_after_s = call.route.recovers_in_s()
        return error

    def _nobody_may(self, call: Call) -> ProviderError | OverBudget:
        if call.spender.budgeted and not any(target.name in self.prices for target in call.route.pool.targets):
            return OverBudget(f"no model behind `{call.alias}` has a known price, and this key has a budget; set `price` in the config file.")
        if call.spender.models is not None and not call.route.pool.residency:
            return Unsupported(f"this key may not use `{call.alias}`, or no model behind it can do what is asked.")
        return ContextTooLong(f"no model behind `{call.alias}` can take this request: its window, tools, pictures or place do not fit.")

    def _targets(self, alias: str) -> Sequence[Target]:
        found = self.aliases.get(alias, ())
        return found.targets if isinstance(found, Pool) else found


async def _events(step: Try, timeout_s: float) -> AsyncGenerator[Event, None]:
    """The target's own stream, or its whole answer as one."""
    provider = step.target.provider
    if isinstance(provider, StreamingProvider) and "streaming" not in step.target.lacks:
        async with aclosing(provider.stream(step.request, model=step.target.model, timeout_s=timeout_s)) as events:
            async for event in events:
                yield event
        return
    async with asyncio.timeout(timeout_s):
        response = await provider.complete(step.request, model=step.target.model, timeout_s=timeout_s)
    if failure := fault_in(response):
        failure.usage = response.usage
        raise failure
    for event in events_of(response):
        yield event

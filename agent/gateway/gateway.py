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

from agent.dialects.events import Event, is_content
from agent.dialects.messages import Message, Request, Response
from agent.errors import AllProvidersFailed, BadOutput
from agent.gateway.answers import check_schema
from agent.gateway.attempts import Call
from agent.gateway.giving_up import gave_up
from agent.gateway.hedging import Hedging
from agent.gateway.streams import streamed
from agent.gateway.watching import Watcher
from agent.gateway.whole import Beside, answered, hedged
from agent.ledger.records import Attempt, Meter, Spender, Trace, current_spender
from agent.providers.affinity import Affinity, conversation_key
from agent.providers.catalog import Price
from agent.providers.health import Health
from agent.providers.learned import Learned
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
    residency: str | None = None
    """Tag that a target must have when it is asked for by its own name."""
    record: Callable[[Attempt], None] = lambda attempt: None
    meter: Meter | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    """By target name."""
    health: Health = field(default_factory=_new_health)
    learned: Learned = field(default_factory=Learned)
    affinity: Affinity = field(init=False)
    hedging: Hedging = field(default_factory=Hedging)
    random: random.Random = field(default_factory=random.Random)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    watchers: Sequence[Watcher] = ()
    """Told of every call when it is over: metrics, traces."""
    close: Callable[[], Awaitable[None]] = _nothing
    """Closes the connections; call it when the service stops."""

    def __post_init__(self) -> None:
        self.affinity = Affinity(self.health.clock)

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
        return Pool(targets=[named], residency=self.residency) if named else None

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
        while (step := await self._step(call)) is not None:
            response = await self._attempted(call, step)
            if response is not None:
                return response
        raise gave_up(call)

    async def _attempted(self, call: Call, step: Try) -> Response | None:
        pool, attempt = call.route.pool, call.begin(step)
        after_s = self.hedging.after_s(call.alias, pool, step.target, call.request)
        if after_s is None:
            response = await answered(attempt)
        else:
            response = await hedged(attempt, Beside(after_s=after_s, another=lambda: self._beside(call)))
        if pool.hedge is not None and response is not None and call.served_by is not None and pool.hedge.suits(call.request):
            self.hedging.took.note(call.served_by.step.target.name, call.served_by.took_s)
        return response

    async def _beside(self, call: Call) -> Try | None:
        """Another target for a second call, with money set aside for it; None when there is none or the route has had its share of them."""
        if not self.hedging.may(call.alias) or (step := call.route.beside()) is None or not await call.reserve(step):
            return None
        self.hedging.made(call.alias)
        return step

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
        self,
        request: Request,
        *,
        alias: str,
        purpose: str,
        spender: Spender | None = None,
        trace: Trace | None = None,
        restart: bool | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The answer piece by piece. Nothing comes before its first content, so until then another target takes over unseen.

        What breaks later is raised, or, where the alias says so, followed by `Restarted` and a whole other answer. `Finished` is the
        last event of a good stream; one without it is no answer. With a schema the text follows it, or the stream breaks at its end;
        only one that finished with "length" is cut as it says.

        Args:
            restart: Whether a stream that broke may begin anew with `Restarted`; None for what the alias says. Our own tasks, whose text
                nobody has seen yet, say True.

        Raises:
            ProviderError, OverBudget: As `complete`, and from the middle of a stream.
        """
        call = self._call(request, alias, purpose, spender, trace)
        try:
            again = call.route.pool.on_cut == "restart" if restart is None else restart
            async with aclosing(self._shown(call, again)) as events:
                async for event in events:
                    yield event
        except BaseException as error:
            call.close(error)
            raise
        call.close()

    async def _shown(self, call: Call, restart: bool) -> AsyncGenerator[Event, None]:
        shown = False
        while (step := await self._step(call)) is not None:
            async with aclosing(streamed(call.begin(step, streamed=True), anew=shown)) as events:
                async for event in events:
                    shown = shown or is_content(event)
                    yield event
            if call.done:
                return
            if shown and not restart:
                raise call.route.attempts[-1]
        raise gave_up(call)

    def _call(self, request: Request, alias: str, purpose: str, spender: Spender | None, trace: Trace | None) -> Call:
        if request.schema is not None:
            check_schema(request.schema)  # a schema that is none is the caller's own fault, and costs no call
        who = spender or current_spender()
        pool = self.pool(alias) or Pool(targets=())
        route = Route(
            pool, request, self.health, self.learned, self.random, allowed=lambda target: self._allowed(target, alias, who), affinity=self.affinity,
            conversation=conversation_key(request, alias=alias, shop=who.shop) if pool.affinity and len(pool.targets) > 1 else "",
        )  # fmt: skip
        until = self.health.clock() + self.timeout_s
        return Call(
            gateway_record=self.record, meter=self.meter, prices=self.prices, now=self.now, clock=self.health.clock, route=route, request=request,
            alias=alias, purpose=purpose, spender=who, trace=trace or Trace(), until=until, watchers=self.watchers,
        )  # fmt: skip

    def _allowed(self, target: Target, alias: str, spender: Spender) -> bool:
        # Whoever may use one model of a pool by its own name may not thereby use the one that took its place.
        names = (alias, target.name) if alias in self.aliases else (target.name,)
        if not spender.may_use(*names):
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

    def _targets(self, alias: str) -> Sequence[Target]:
        found = self.aliases.get(alias, ())
        return found.targets if isinstance(found, Pool) else found

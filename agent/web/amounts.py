"""One way of writing money in what programs are told: sentences are kept with "EUR 19.00", and said as the shop's locale writes it, "€19.00"."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, cast

from agent.errors import StorehandError
from agent.records import ChangeSet, Part, Principal, Reply, RunEvent
from agent.sdk import Page
from agent.web.panel.words import Words
from agent.web.port import ServicePort
from agent.web.sse import closed_after

if TYPE_CHECKING:
    from collections.abc import Iterator

_A_CHANGE_SET = frozenset({"digest", "summary", "items"})
_WITHOUT = frozenset({"text_delta", "step_started", "step_finished", "run_started"})
"""Events that have no sentence of ours; there may be hundreds of them."""


def with_amounts(service: ServicePort) -> ServicePort:
    """The service as programs meet it: heads of change sets, and what errors say, with the money in them as the shop's locale writes it."""
    return cast(ServicePort, _WithAmounts(service))


class _WithAmounts:
    """Every method of the service, whatever it is; so that one that is added says money in the same way."""

    def __init__(self, service: ServicePort) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._service, name)
        if inspect.iscoroutinefunction(method):
            return self._answering(method)
        return self._telling(method) if inspect.isasyncgenfunction(method) else method

    def _answering(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def answer(*args: Any, **named: Any) -> Any:
            words = await self._words(args, named)
            with _told(words):
                return said(await method(*args, **named), words)

        return answer

    def _telling(self, method: Callable[..., AsyncIterator[RunEvent]]) -> Callable[..., AsyncIterator[RunEvent]]:
        async def tell(*args: Any, **named: Any) -> AsyncIterator[RunEvent]:
            words = await self._words(args, named)
            async with closed_after(method(*args, **named)) as events:
                async for event in events:
                    yield said(event, words)

        return tell

    async def _words(self, args: tuple[Any, ...], named: Mapping[str, Any]) -> Words:
        """Every method that answers is told who asks."""
        principal = next(each for each in (*args, *named.values()) if isinstance(each, Principal))
        shop = await self._service.shop(principal)
        return Words(shop.locale, shop.time_zone, NullTranslations())


def said(value: Any, words: Words) -> Any:
    """A record with its sentences as they are said."""
    match value:
        case ChangeSet():
            return replace(value, summary=words.amounts(value.summary))
        case Part():
            text = words.amounts(value.text) if value.kind == "error" else value.text
            return replace(value, text=text, change_set=said(value.change_set, words))
        case Reply():
            return replace(value, parts=[said(part, words) for part in value.parts])
        case Page():
            return replace(value, items=[said(each, words) for each in value.items])
        case RunEvent() if value.type not in _WITHOUT:
            return replace(value, data=_in_json(value.data, words))
    return value


def _in_json(value: Any, words: Words) -> Any:
    """The same of records that are JSON already, as events keep them."""
    if isinstance(value, list | tuple):
        return [_in_json(each, words) for each in value]
    if not isinstance(value, Mapping):
        return said(value, words)
    found = {name: _in_json(each, words) for name, each in value.items()}
    if found.keys() >= _A_CHANGE_SET:
        found["summary"] = words.amounts(str(found["summary"]))
    if found.get("kind") == "error" and "subtask" in found:
        found["text"] = words.amounts(str(found["text"]))
    return found


@contextmanager
def _told(words: Words) -> Iterator[None]:
    try:
        yield
    except StorehandError as error:
        error.args = (words.amounts(str(error)),)
        raise

"""What the tests of tasks that write share: a draft by a scripted provider, and a shop that can send."""

import asyncio
from dataclasses import dataclass
from typing import Any

from agent.dialects.messages import Request
from agent.providers.scripted import ScriptedProvider
from agent.registry import discover
from agent.sdk import Ask, Draft, Store, Written
from agent.testing.playground import Playground, playground


@dataclass(frozen=True, slots=True)
class Drafted:
    result: Any
    prompts: list[str]
    """What the provider was asked, in order."""


def drafted(task: str, *answers: str, ask: str = "write it", **args: Any) -> Drafted:
    """The task's result where a provider gives these answers. Args may name records: {"products": ["Blue"]}."""
    provider = ScriptedProvider(list(answers))
    with playground(provider=provider) as ground:
        found = {name: _meant(ground, name, value) for name, value in args.items()}
        result = asyncio.run(ground.run(discover(plugins=False).task(task), found, ask=ask))
    return Drafted(result, [_text(request) for request in provider.history])


def _text(request: Request) -> str:
    return request.messages[0].text


def _meant(ground: Playground, name: str, value: Any) -> Any:
    if name not in ("products", "customers", "orders") or not isinstance(value, list):
        return value
    records: Any = asyncio.run(getattr(ground.store, name)()).items
    ids = [
        r.id for said in value for r in records if getattr(r, {"products": "title", "customers": "name", "orders": "number"}[name]).startswith(said)
    ]
    return {"ids": ids, "label": value[0]}


class Sending:
    """A shop that can send."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @property
    def capabilities(self) -> frozenset[str]:
        return self._store.capabilities | {"send"}


class Says:
    """A Writer that says one thing."""

    def __init__(self, text: str) -> None:
        self._text = text

    async def write(self, **facts: Any) -> Written:
        return Written(text=self._text, by="frontier")

    async def plain(self, **facts: Any) -> Written:
        return await self.write(**facts)


def sent(ground: Playground, task: str, text: str, **args: Any) -> Draft:
    """The draft of a shop that can send, written so."""
    declared = discover(plugins=False).task(task)
    given: dict[str, Any] = {"store": Sending(ground.store), "writer": Says(text), "ask": Ask("write it")}
    draft: Draft = asyncio.run(declared.handler(declared.args.model_validate(args), **given))
    return draft

"""Runs one subtask: fills its Args, hands the handler what its signature asks for, and gives back the result with the routes taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from agent.dispatch.classifier import Classifier
from agent.dispatch.doors import RoutedLabeller, RoutedTagger, RoutedWriter, Routes
from agent.dispatch.fill import args_of
from agent.dispatch.growing import Texts
from agent.errors import TaskDefinitionError
from agent.prompts import Prompts
from agent.records import Route, Subtask
from agent.sdk import Abilities, Answer, Ask, Clock, Draft, Labeller, Missing, Proposal, Refusal, ShopInfo, Store, Tagger, Task, Writer
from agent.sdk.guide import Guide, Passage
from agent.sdk.own import Own

Result = Answer[Any] | Draft | Proposal | Refusal | Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    result: Result
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Calls handlers. It reads the store and never writes to it: a handler is given the reading half alone."""

    classifier: Classifier
    prompts: Prompts
    taggers: Mapping[str, Any] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    """All there are, for the task that tells what can be asked for."""
    own: Callable[[ShopInfo], Own] | None = None
    """What Storehand does by itself for a shop; the reading half alone is handed on."""
    guide: Guide | None = None
    """What tells how things are done; None for none at all."""

    async def run(
        self, task: Task, subtask: Subtask, *, outputs: Mapping[str, BaseModel], store: Store, clock: Clock, ask: Ask, texts: Texts | None = None
    ) -> Outcome:
        """
        Args:
            outputs: Typed answers of the subtasks this one may refer to.
            ask: The clause's own words.
            texts: Where what is written is told while it is; closed when the handler is done.

        Raises:
            AskError: The args make no sense here; others as the handler raises them.
            TaskDefinitionError: The handler returned what its signature does not say.
        """
        args = args_of(subtask, task, outputs, currency=store.shop.currency)
        routes = Routes()
        given = {name: self._given(wanted, task, store, clock, ask, routes, texts) for name, wanted in task.needs.items()}
        try:
            result = await task.handler(args, **given)
        finally:
            if texts is not None:
                texts.close()
        if not isinstance(result, Answer | Draft | Proposal | Refusal | Missing):
            raise TaskDefinitionError(f"task `{task.name}` returned {type(result).__name__}; return what its signature says.")
        return Outcome(result=result, routes=tuple(routes.taken))

    def _given(self, wanted: type[Any], task: Task, store: Store, clock: Clock, ask: Ask, routes: Routes, texts: Texts | None) -> Any:
        match wanted:
            case _ if wanted is Store:
                return ReadOnly(store)
            case _ if wanted is Clock:
                return clock
            case _ if wanted is Ask:
                return ask
            case _ if wanted is Abilities:
                return Abilities(self.tasks)
            case _ if wanted is Guide:
                return self.guide or NoGuide()
            case _ if wanted is Own and self.own is not None:
                return OwnReadOnly(self.own(store.shop))
            case _ if wanted is Labeller:
                return RoutedLabeller(self.classifier, self.prompts, routes)
            case _ if wanted is Tagger:
                return RoutedTagger(self.taggers, routes)
            case _ if wanted is Writer:
                return RoutedWriter(task, self.classifier, self.prompts, routes, texts)
        raise TaskDefinitionError(f"task `{task.name}` asks for {wanted!r}, which nobody gives.")


class NoGuide:
    """Where there is no guide: nothing is found in it."""

    async def search(self, question: str, *, limit: int = 3) -> Sequence[Passage]:
        return ()


class ReadOnly:
    """The reading half of a store: what is not in `Store` cannot be reached through it, whatever the object behind it can do."""

    __slots__ = ("_store",)
    _names = frozenset(name for name in (*vars(Store), *Store.__annotations__) if not name.startswith("_"))

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        if name not in self._names:
            raise AttributeError(f"a task's store has no `{name}`; a task proposes changes and never writes")
        return getattr(self._store, name)


class OwnReadOnly:
    """The reading half of Storehand's own records."""

    __slots__ = ("_own",)
    _names = frozenset(name for name in vars(Own) if not name.startswith("_"))

    def __init__(self, own: Own) -> None:
        self._own = own

    def __getattr__(self, name: str) -> Any:
        if name not in self._names:
            raise AttributeError(f"what a task reads of Storehand has no `{name}`; a task proposes changes and never writes")
        return getattr(self._own, name)

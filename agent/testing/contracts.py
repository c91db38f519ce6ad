"""The laws every task obeys, whoever wrote it: `check(task)` runs them all, `LAWS` holds them one by one.

Requests are made up by hypothesis from the task's own schema and the records of the small shop, so that a law is tried with far
odder ones than a merchant makes. No provider and no student is there, which is how a task that nobody trained on must work too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from agent.errors import AskError, Conflict, ProviderError
from agent.evals.cases import cases_of
from agent.prompts import Prompts
from agent.records import decode, encode, to_json
from agent.resources import Resources
from agent.sdk import (
    Answer,
    Ask,
    Clock,
    CustomerWhere,
    Draft,
    OrderWhere,
    Proposal,
    ReviewWhere,
    Selection,
    Slot,
    Store,
    Task,
    Untrusted,
    Writer,
    Written,
    every,
)
from agent.sdk.task import SELECTABLE
from agent.testing.playground import Playground, playground
from agent.testing.requests import args_for, world_of

Law = Callable[[Task], None]

_tries = settings(
    max_examples=20, deadline=None, derandomize=True, database=None, phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)  # fmt: skip


def check(task: Task) -> None:
    """Raises: AssertionError: The task breaks a law; the sentence says which."""
    for law in LAWS:
        law(task)


def its_schema_takes_what_it_produces(task: Task) -> None:
    """Args to JSON and back are the same Args, since a plan is stored and sent as JSON."""
    assert task.args.model_json_schema()["type"] == "object"
    with playground() as ground:
        world = asyncio.run(world_of(ground.store, ground.clock))

    @_tries
    @given(args_for(task, world))
    def holds(said: Mapping[str, Any]) -> None:
        args = task.args.model_validate(said)
        assert task.args.model_validate_json(args.model_dump_json()) == args
        assert task.args.model_validate(decode(encode(args))) == args

    holds()


def its_examples_and_evals_fit(task: Task) -> None:
    """Examples are different requests, and there are evals whose args the schema knows."""
    assert len({example.strip().casefold() for example in task.examples}) == len(task.examples), "two examples are the same request"
    cases = cases_of(task)
    assert cases, f"{task.folder} has no evals.jsonl with at least one request"
    assert len({case.ask for case in cases}) == len(cases), "two evals are the same request"


def its_prompt_takes_what_it_is_given(task: Task) -> None:
    """A task that writes has a prompt and a template, and both can be filled with what the handler gives."""
    if Writer not in task.needs.values():
        return
    prompts = Prompts(Resources())
    for given_facts in asyncio.run(_facts(task)):
        for name in (f"tasks/{task.name}.jinja", f"tasks/{task.name}.template.jinja"):
            text = prompts.render(name, task.folder, **given_facts)
            assert text, f"{name} is empty"
            for hidden in (value for value in given_facts.values() if isinstance(value, Untrusted) and len(value.value) > 3):
                assert f'<data source="{hidden.source}">' in text or hidden.value not in text, f"{name} shows untrusted text outside a data block"


def it_changes_nothing_and_repeats(task: Task) -> None:
    """A handler only reads: run twice it says the same, and the shop is as it was."""
    with playground() as ground:
        world, before = asyncio.run(world_of(ground.store, ground.clock)), asyncio.run(snapshot(ground.store))

        @_tries
        @given(args_for(task, world))
        def holds(said: Mapping[str, Any]) -> None:
            assert asyncio.run(_told(ground, task, said)) == asyncio.run(_told(ground, task, said))

        holds()
        assert asyncio.run(snapshot(ground.store)) == before


def its_answers_point_at_records(task: Task) -> None:
    """What a later subtask may refer to is there, and the evidence names the shop's zone and currency."""
    if task.effect != "read":
        return
    with playground() as ground:
        world = asyncio.run(world_of(ground.store, ground.clock))

        @_tries
        @given(args_for(task, world))
        def holds(said: Mapping[str, Any]) -> None:
            asyncio.run(_points(ground, task, said))

        holds()


def what_it_proposes_can_be_undone(task: Task) -> None:
    """Applied and then undone, a proposal leaves the shop as it was; of what cannot be undone it has nothing, unless the task is declared so."""
    if task.effect not in ("write", "draft"):
        return
    with playground() as ground:
        world, before = asyncio.run(world_of(ground.store, ground.clock)), asyncio.run(snapshot(ground.store))

        @_tries
        @given(args_for(task, world))
        def holds(said: Mapping[str, Any]) -> None:
            asyncio.run(_done_and_undone(ground, task, said))
            assert asyncio.run(snapshot(ground.store)) == before

        holds()


LAWS: tuple[Law, ...] = (
    its_schema_takes_what_it_produces, its_examples_and_evals_fit, its_prompt_takes_what_it_is_given, it_changes_nothing_and_repeats,
    its_answers_point_at_records, what_it_proposes_can_be_undone,
)  # fmt: skip


async def snapshot(store: Store) -> bytes:
    """Everything a task may propose to change, without versions: they move whenever anything is written."""
    people = [await every(store.customers, CustomerWhere(sort="name")), await every(store.messages)]
    records = [await every(store.products), await every(store.reviews), *people, await store.collections(), await every(store.orders, OrderWhere())]
    # A discount that was deleted and put back is the same under another id.
    discounts = sorted(encode({**_unversioned(to_json(d)), "id": ""}).decode() for d in (await store.discounts()).items)
    return encode([_unversioned(to_json(records)), discounts])


def _unversioned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unversioned(inner) for name, inner in value.items() if name != "version"}
    return [_unversioned(inner) for inner in value] if isinstance(value, list) else value


async def _result(ground: Playground, task: Task, said: Mapping[str, Any]) -> Any:
    """The result, or the error where the request cannot be carried out, which is an answer too."""
    try:
        return await ground.run(task, said, ask=task.examples[0])
    except (AskError, ProviderError) as error:
        return error


async def _told(ground: Playground, task: Task, said: Mapping[str, Any]) -> Any:
    result = await _result(ground, task, said)
    return (type(result), str(result)) if isinstance(result, Exception) else (type(result), encode(result))


async def _points(ground: Playground, task: Task, said: Mapping[str, Any]) -> None:
    result = await _result(ground, task, said)
    if not isinstance(result, Answer):
        return
    assert task.output is not None and isinstance(result.data, task.output), f"it says it answers {task.output} and does not"
    assert (result.evidence.time_zone, result.evidence.currency) == (ground.store.shop.time_zone, ground.store.shop.currency)
    assert str(result.text)
    for name, kind in task.outputs().items():
        found = getattr(result.data, name)
        if isinstance(found, Selection):
            assert len(set(found.ids)) == len(found.ids), f"`{name}` names a record twice"
            assert set(found.ids) <= await _there(ground.store, kind), f"`{name}` names a {kind} that is not there"


async def _there(store: Store, kind: str) -> set[str]:
    match kind:
        case "product":
            return {product.id for product in await every(store.products)}
        case "variant":
            return {variant.id for product in await every(store.products) for variant in product.variants}
        case "customer":
            return {customer.id for customer in await every(store.customers)}
        case "order":
            return {order.id for order in await every(store.orders, OrderWhere())}
        case "review":
            return {review.id for review in await every(store.reviews, ReviewWhere())}
        case "discount":
            return {discount.id for discount in (await store.discounts()).items}
    raise AssertionError(f"nothing selects a {kind}; {', '.join(SELECTABLE.values())} can be")


async def _done_and_undone(ground: Playground, task: Task, said: Mapping[str, Any]) -> None:
    result = await _result(ground, task, said)
    if isinstance(result, Draft):
        result = Proposal(result.text, changes=result.saves)
    if not isinstance(result, Proposal):
        return
    assert not result.actions, "it proposes an action that cannot be undone: declare it, `@task(irreversible=True)`"
    if not result.changes:
        return
    applied = await ground.apply(result)
    try:
        await ground.undo(applied)
    except Conflict:
        assert all(item.state != "applied" for item in applied.items), "what was applied cannot be undone"


class _Recorder:
    """A Writer that keeps the facts it is given."""

    def __init__(self) -> None:
        self.facts: list[dict[str, Any]] = []

    async def write(self, **facts: Any) -> Written:
        self.facts.append(facts)
        return Written(text="…", by="template")

    async def plain(self, **facts: Any) -> Written:
        return await self.write(**facts)


async def _facts(task: Task) -> list[dict[str, Any]]:
    """What the handler gives its writer for each product, variant or whatever its first selection takes."""
    with playground() as ground:
        world, recorder = await world_of(ground.store, ground.clock), _Recorder()
        first = {group[0] for group in task.args.one_of}
        needed: dict[str, Any] = {
            slot.name: {"ids": list(world.ids[slot.record or ""])[:10]} if "selection" in slot.types else _words_for(slot)
            for slot in task.slots
            if slot.required or slot.name in first
        }
        given_to: dict[str, Any] = {name: await _door(ground, wanted, recorder) for name, wanted in task.needs.items()}
        await task.handler(task.args.model_validate(needed), **given_to)
    assert recorder.facts, "it asks for a Writer and never writes"
    return recorder.facts


def _words_for(slot: Slot) -> Any:
    words = slot.choices[0] if slot.choices else "German"
    return [words] if "texts" in slot.types or "choices" in slot.types else words


async def _door(ground: Playground, wanted: type[Any], recorder: _Recorder) -> Any:
    if wanted is Writer:
        return recorder
    return {Store: ground.store, Clock: ground.clock, Ask: Ask("write it")}.get(wanted)

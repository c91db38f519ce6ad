"""A stream with a schema is checked at its end: whoever reads it to `Finished` has what the schema says."""

from __future__ import annotations

import asyncio
from typing import Any

from agent.dialects.events import Event, Finished, Restarted, TextDelta
from agent.dialects.messages import Message, Request, Response, Usage
from agent.errors import BadOutput, ProviderError
from agent.gateway import Attempt, Gateway, Pool, Target
from agent.providers.scripted import Scripted, ScriptedProvider

SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
ASK = Request(messages=[Message("user", "Is it?")], schema=SCHEMA)
WORDS_ALONE: frozenset[Any] = frozenset({"json_schema"})


class Read:
    def __init__(self, *scripts: list[Scripted], request: Request = ASK, lacks: frozenset[Any] = frozenset(), restart: bool | None = None) -> None:
        self.events: list[Event] = []
        self.error: ProviderError | None = None
        self.rows: list[Attempt] = []
        self.providers = [ScriptedProvider(script, name=name) for name, script in zip("abc", scripts, strict=False)]
        gateway = Gateway({"frontier": Pool(targets=[Target(p, "m", lacks=lacks) for p in self.providers])}, record=self.rows.append)
        asyncio.run(self._read(gateway, request, restart))

    async def _read(self, gateway: Gateway, request: Request, restart: bool | None) -> None:
        try:
            async for event in gateway.stream(request, alias="frontier", purpose="test", restart=restart):
                self.events.append(event)
        except ProviderError as error:
            self.error = error

    @property
    def text(self) -> str:
        """What is valid at the end."""
        since = max((place for place, event in enumerate(self.events) if isinstance(event, Restarted)), default=0)
        return "".join(event.text for event in self.events[since:] if isinstance(event, TextDelta))

    @property
    def finished(self) -> bool:
        return bool(self.events) and isinstance(self.events[-1], Finished)


def test_what_follows_the_schema_is_shown_as_it_comes_and_finishes() -> None:
    read = Read(['{"ok": true}'])
    assert (read.text, read.finished, read.error) == ('{"ok": true}', True, None)


def test_what_breaks_the_schema_ends_in_an_error_for_a_caller_who_has_read_it() -> None:
    read = Read(['{"ok": "perhaps"}'], ["never asked"])
    assert isinstance(read.error, BadOutput) and not read.finished
    assert [(row.error, row.absorbed) for row in read.rows] == [("bad_output", False)] and not read.providers[1].history


def test_our_own_tasks_start_anew_elsewhere() -> None:
    read = Read(['{"ok": "perhaps"}'], ['{"ok": false}'], restart=True)
    assert (read.text, read.finished, read.error) == ('{"ok": false}', True, None)
    assert [(row.error, row.absorbed) for row in read.rows] == [("bad_output", True), (None, False)]


def test_fences_around_it_are_a_fault_once_they_were_shown() -> None:
    assert isinstance(Read(['```json\n{"ok": true}\n```']).error, BadOutput)


def test_a_model_asked_in_words_alone_is_held_and_its_fences_are_taken_off() -> None:
    read = Read(['Here you are: ```json\n{"ok": true}\n```'], lacks=WORDS_ALONE)
    assert (read.text, read.finished) == ('{"ok": true}', True)


def test_a_model_asked_in_words_alone_may_mend_its_answer_once_and_nobody_sees_it() -> None:
    read = Read(['{"ok": 1}', '{"ok": true}'], lacks=WORDS_ALONE)
    assert (read.text, read.finished, len(read.rows)) == ('{"ok": true}', True, 2)
    assert not any(isinstance(event, Restarted) for event in read.events)


def test_after_its_one_repair_the_next_target_is_asked_unseen() -> None:
    read = Read(['{"ok": 1}', '{"ok": 2}'], ["```\n[]\n```"], ['{"ok": true}'], lacks=WORDS_ALONE)
    assert (read.text, read.finished, read.error) == ('{"ok": true}', True, None)
    assert [row.provider for row in read.rows] == ["a", "a", "b", "c"]


def test_any_json_object_is_checked_too() -> None:
    wanted = Request(messages=[Message("user", "Is it?")], json_object=True)
    assert Read(['{"any": 1}'], request=wanted).finished
    assert isinstance(Read(["prose"], request=wanted).error, BadOutput)


def test_an_answer_cut_at_its_limit_says_so_itself() -> None:
    cut = Response(text='{"ok": tr', usage=Usage(input=1, output=1), provider="a", model="m", finish="length")
    read = Read([cut])
    assert read.error is None and read.events[-1] == Finished("length")


def test_a_whole_answer_that_breaks_the_schema_everywhere_leaves_no_failure_that_nobody_noticed() -> None:
    rows: list[Attempt] = []
    gateway = Gateway({"frontier": [Target(ScriptedProvider(["prose", "prose", "prose"], name="a"), "m")]}, record=rows.append)

    async def ask() -> None:
        try:
            await gateway.complete(ASK, alias="frontier", purpose="test")
        except ProviderError:
            return
        raise AssertionError("prose was taken for JSON")

    asyncio.run(ask())
    assert [(row.error, row.absorbed) for row in rows] == [("bad_output", False)] * 2

"""A status 200 with rubbish in it, and what becomes of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent.dialects.messages import Message, Request, Response, ToolCall, Usage
from agent.errors import AllProvidersFailed, BadOutput, ContextTooLong, Overloaded, ProviderError, Rejected, Retired
from agent.gateway import Attempt, Gateway, Pool, Target, Trace, check, spending
from agent.gateway.answers import mended
from agent.providers.scripted import Scripted, ScriptedProvider

SCHEMA = {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"], "additionalProperties": False}
ASK = Request(messages=[Message("user", "What does the mug cost?")], schema=SCHEMA)


def two(first: list[Scripted], second: list[Scripted]) -> tuple[Gateway, ScriptedProvider, ScriptedProvider, list[Attempt]]:
    a, b, rows = ScriptedProvider(first, name="a"), ScriptedProvider(second, name="b"), list[Attempt]()
    return Gateway({"frontier": [Target(a, "m"), Target(b, "m")]}, record=rows.append), a, b, rows


def ask(gateway: Gateway, request: Request = ASK, trace: Trace | None = None) -> Response:
    return asyncio.run(gateway.complete(request, alias="frontier", purpose="test", trace=trace))


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ('{"price": 12.5}', '{"price": 12.5}'),
        ('```json\n{"price": 12.5}\n```', '{"price": 12.5}'),
        ('Sure! Here it is:\n```\n{"price": 12.5}\n```\nAnything else?', '{"price": 12.5}'),
        ('The answer is {"price": 12.5}, I think.', '{"price": 12.5}'),
        ("[1, 2]", "[1, 2]"),
        ("twelve fifty", None),
        ('{"price": 12', None),
        ("12.5", None),
        ("", None),
    ],
)
def test_json_is_found_in_fences_and_prose_and_never_guessed(text: str, json: str | None) -> None:
    assert mended(text) == json


def test_fences_are_mended_without_another_call() -> None:
    gateway, a, b, _ = two(['```json\n{"price": 12.5}\n```'], [])
    assert ask(gateway).text == '{"price": 12.5}'
    assert (len(a.history), len(b.history)) == (1, 0)


def test_a_server_that_breaks_on_a_schema_and_then_answers_badly_was_never_down() -> None:
    """Whoever asks tells a model that cannot do it from an outage by the causes, and there was none of the second kind."""
    broken = Overloaded("the provider is overloaded or broken")
    broken.upstream_status = 500
    a = ScriptedProvider([broken, "no JSON", "none either"], name="a")
    gateway = Gateway({"frontier": [Target(a, "m")]})
    with pytest.raises(AllProvidersFailed) as failed:
        ask(gateway)
    assert [type(cause) for cause in failed.value.attempts] == [BadOutput, BadOutput]
    assert len(a.history) == 3


def test_one_repair_turn_names_the_fault_and_then_the_next_target_is_asked() -> None:
    gateway, a, b, rows = two(['{"price": "dear"}', '{"prize": 3}'], ['{"price": 9}'])
    assert ask(gateway).text == '{"price": 9}'
    assert (len(a.history), len(b.history)) == (2, 1)
    wish = a.history[1].messages[-1].text
    assert "price" in wish and "dear" not in wish
    assert [message.role for message in a.history[1].messages] == ["user", "assistant", "user"]
    assert len(b.history[0].messages) == 1, "the next target starts afresh"
    assert len(rows) == 3


def test_an_answer_that_needed_a_repair_comes_from_the_same_target() -> None:
    gateway, a, b, _ = two(["no json at all", '{"price": 3}'], [])
    response = ask(gateway)
    assert (response.text, response.provider, response.attempts) == ('{"price": 3}', "a", 2)
    assert len(b.history) == 0


def test_wrong_answers_do_not_count_against_a_targets_health() -> None:
    gateway, a, _, _ = two(["x", "y"] * 3, ['{"price": 9}'] * 3)
    for _ in range(3):
        ask(gateway)
    assert len(a.history) == 6


@pytest.mark.parametrize("schema", [{"$ref": "http://169.254.169.254/latest"}, {"$ref": "file:///etc/passwd"}, {"type": "wizard"}])
def test_a_schema_that_is_none_or_points_elsewhere_is_refused_before_any_call(schema: dict[str, str]) -> None:
    gateway, a, _, _ = two(['{"price": 1}'], [])
    with pytest.raises(Rejected):
        ask(gateway, ASK.but(schema=schema))
    assert len(a.history) == 0


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "   \n",
        *(
            Response(text="", usage=Usage(), provider="", model="", tool_calls=(ToolCall(id="1", name="look_up", arguments=arguments),))
            for arguments in ("{not json", '{"a":' * 100_000, "[]", '{"a": "\ud800"}')
        ),
    ],
)
def test_an_empty_or_broken_answer_is_a_failure_and_the_next_target_answers(rubbish: str | Response) -> None:
    gateway, _, _, rows = two([rubbish], ["ready"])
    assert ask(gateway, ASK.but(schema=None)).text == "ready"
    assert [(row.error, row.absorbed) for row in rows] == [("bad_output", True), (None, False)]


def test_an_empty_answer_that_ran_out_of_room_is_passed_on() -> None:
    cut = Response(text="", usage=Usage(input=5, output=10, reasoning=10), provider="", model="", finish="length")
    gateway, _, b, _ = two([cut], ["never asked"])
    assert ask(gateway, ASK.but(schema=None)).finish == "length"
    assert len(b.history) == 0


def test_the_answer_says_who_served_how_many_calls_it_took_and_every_call_is_a_row() -> None:
    gateway, _, _, rows = two([Overloaded("down")], ["ready"])
    trace = Trace()
    response = ask(gateway, ASK.but(schema=None), trace)
    assert (response.provider, response.model, response.attempts) == ("b", "m", 2)
    assert (trace.served_by, trace.calls) == ("b/m", 2)
    assert [row.why for row in rows] == ["first in order", "the one before it failed"]
    assert rows[0].prompt_digest == rows[1].prompt_digest != ""


def test_when_nobody_answers_every_cause_is_kept() -> None:
    gateway, _, _, rows = two([Overloaded("down")], [Overloaded("down too")])
    with pytest.raises(AllProvidersFailed) as failed:
        ask(gateway)
    assert [str(cause) for cause in failed.value.attempts] == ["down", "down too"]
    assert [row.absorbed for row in rows] == [False, False]


def test_a_request_too_long_for_every_model_says_so_rather_than_that_models_are_down() -> None:
    gateway, _, _, _ = two([ContextTooLong("long")], [ContextTooLong("long")])
    with pytest.raises(ContextTooLong):
        ask(gateway)


def test_an_alias_that_nobody_configured_says_which_setting_is_missing() -> None:
    with pytest.raises(AllProvidersFailed, match=r"\[aliases.writer\]"):
        asyncio.run(Gateway().complete(ASK, alias="writer", purpose="test"))


def test_json_comes_as_an_object_or_as_bad_output() -> None:
    async def json(gateway: Gateway) -> Any:
        return await gateway.complete_json(alias="frontier", prompt="?", schema=SCHEMA, purpose="test")

    assert asyncio.run(json(two(["nonsense", '{"price": 2}'], [])[0])) == {"price": 2}
    with pytest.raises(BadOutput):
        asyncio.run(json(Gateway({"frontier": [Target(ScriptedProvider(["no", "no"]), "m")]})))
    with pytest.raises(ProviderError):
        asyncio.run(json(two([Overloaded("x")], [Overloaded("x")])[0]))


def test_a_pool_may_be_asked_for_by_the_name_of_one_of_its_targets() -> None:
    gateway, _, b, _ = two([], ["ready"])
    assert gateway.has("frontier") and not gateway.has("writer")
    assert asyncio.run(gateway.complete(ASK.but(schema=None), alias="b/m", purpose="test")).text == "ready"
    assert len(b.history) == 1


def test_whoever_may_use_a_model_by_its_name_may_not_thereby_use_its_replacement() -> None:
    old, new = ScriptedProvider([Retired("gone")] * 2, name="a"), ScriptedProvider(["from the new one"], name="b")
    gateway = Gateway({"frontier": [Target(old, "old", replacement=Target(new, "new"))]})
    with spending(models=frozenset({"a/old"})), pytest.raises(AllProvidersFailed):
        asyncio.run(gateway.complete(ASK.but(schema=None), alias="a/old", purpose="test"))
    assert len(new.history) == 0
    with spending(models=frozenset({"a/old", "b/new"})):
        assert asyncio.run(gateway.complete(ASK.but(schema=None), alias="a/old", purpose="test")).text == "from the new one"


def test_only_targets_that_whoever_asks_may_use_are_checked() -> None:
    gateway, _, b, _ = two(["ready"], ["ready"])
    with spending(models=frozenset({"a/m"})):
        checked = asyncio.run(check(gateway))
    assert [(each.target, each.ok) for each in checked] == [("a/m", True)] and len(b.history) == 0


def test_no_prompt_and_no_answer_is_in_any_repr() -> None:
    canary = "CANARY-7f3a"
    request = Request(messages=[Message("user", canary)], schema={"title": canary}, metadata={"x": canary})
    response = Response(text=canary, usage=Usage(), provider="a", model="m", refusal=canary)
    assert canary not in repr(request) + repr(response) + repr(Pool(targets=[])) + repr(request.messages)

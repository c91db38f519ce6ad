"""A wrong declaration fails at import, and says what to write instead."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import httpx
import pytest

from agent.errors import TaskDefinitionError
from agent.sdk import Answer, Args, BaseModel, Between, Cues, Customer, Field, Money, Percent, Proposal, Says, Selection, Store, Variant, say, task
from agent.sdk.role import about_of, doing_of

EXAMPLES = ["do it", "do that"]


class Good(Args):
    variants: Selection[Variant] = Field(description="Which.")
    price: Annotated[Money | Percent, Cues("to", "at")] = Field(description="The price.")
    mode: Annotated[Literal["soft", "hard"] | None, Says(soft=["gently"])] = Field(None, description="How.")
    spent: Between[Money] | None = Field(None, description="Spent.")


class Found(BaseModel):
    customers: Selection[Customer]
    count: int


def test_the_signature_is_the_declaration() -> None:
    @task(examples=EXAMPLES)
    async def find_it(args: Good, store: Store) -> Answer[Found]:
        """Find it."""
        raise AssertionError

    assert (find_it.name, find_it.effect, find_it.summary, find_it.outputs()) == ("find_it", "read", "Find it.", {"customers": "customer"})
    assert [(s.name, s.types, s.required) for s in find_it.slots] == [
        ("variants", ("selection",), True), ("price", ("money", "percent"), True), ("mode", ("choice",), False), ("spent", ("range_money",), False),
    ]  # fmt: skip
    assert find_it.slot("price").cues == ("to", "at")
    assert find_it.slot("mode").phrases == {"soft": ["gently"]}


def test_what_a_task_does_is_declared_or_read_off_its_name() -> None:
    @task(examples=EXAMPLES)
    async def find_gifts(args: Good) -> Answer[Found]:
        """Find gifts."""
        raise AssertionError

    @task(examples=EXAMPLES, does="find", about="gift")
    async def suggest_presents(args: Good) -> Answer[Found]:
        """Suggest presents."""
        raise AssertionError

    for found in (find_gifts, suggest_presents):
        assert (found.does, found.about) == ("find", "gift")
        assert found.finds("gift") and not found.finds("customer")

    with pytest.raises(TaskDefinitionError, match="`does` is one of find, show"):
        task(examples=EXAMPLES, does="look")(find_gifts.handler)  # type: ignore[arg-type]  # what a typing slip would say


@pytest.mark.parametrize(
    ("name", "does", "about"),
    [
        ("create_draft_order", "make", "draft_order"), ("reply_to_review", "answer", "review"), ("write_email", "write", "email"),
        ("tag_customers", "other", "customer"), ("sales_report", "report", "sales"), ("schedule_report", "schedule", "report"),
        ("how_to", "other", ""),
    ],
)  # fmt: skip
def test_a_name_says_what_its_task_does_and_with_what(name: str, does: str, about: str) -> None:
    assert (doing_of(name), about_of(name)) == (does, about)


def declare(args: Any = Good, returns: Any = Proposal, doc: str | None = "Do it.", examples: list[str] = EXAMPLES, **needs: Any) -> None:
    async def do_it(args: Any) -> Any:
        return Proposal(say("x"))

    import inspect

    parameters = [inspect.Parameter("args", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    parameters += [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in needs]
    do_it.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what a real definition has by itself
    do_it.__annotations__ = {"args": args, "return": returns, **needs}
    do_it.__doc__ = doc
    task(examples=examples)(do_it)


class NoDescription(Args):
    price: Money


class ByName(Args):
    product: dict[str, str] = Field(description="The product's name.")


class UnknownPhrase(Args):
    mode: Annotated[Literal["a"], Says(b=["bee"])] = Field(description="Mode.")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"lookup": httpx.AsyncClient}, "`lookup` asks for `AsyncClient`; a task can ask for Store, Labeller, Tagger, Writer, Ask, Clock"),
        ({"args": dict}, "subclass of `Args`"),
        ({"returns": dict}, "return Answer[...], Draft or Proposal"),
        ({"returns": Answer}, "an answer is typed"),
        ({"returns": Proposal | Answer[Found]}, "exactly one of"),
        ({"doc": None}, "the docstring is missing"),
        ({"examples": ["only one"]}, "at least two"),
        ({"args": NoDescription}, "has no description"),
        ({"args": ByName}, "args are made of Selection[...]"),
        ({"args": UnknownPhrase}, "which it cannot be"),
    ],
)
def test_what_is_wrong_is_told_with_the_remedy(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(TaskDefinitionError) as caught:
        declare(**wrong)
    assert says in str(caught.value)
    assert "`do_it`" in str(caught.value)

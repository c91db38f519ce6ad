"""The rungs: students, a frontier model for what they doubt, else a question; and requests nothing can be made of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from desks import Desk
from hypothesis import given
from hypothesis import strategies as st
from marked import ScriptedGateway

from agent.errors import AllProvidersFailed, OverBudget
from agent.records import Ask, Plan
from agent.sdk import Answer, Args, AskedAs, BaseModel, Field, Product, Proposal, Selection, Store, Task, say, task
from agent.stores.embedded.store import EmbeddedStore

DOUBT = "[change_price=0.4/adjust_inventory=0.38: set {product|the blue mug} to {quantity|12}]"
TOLD = {
    "parts": [
        {
            "label": "change_price",
            "words": "set the blue mug to 12",
            "slots": [{"kind": "product", "words": "the blue mug"}, {"kind": "money", "words": "12"}],
        }
    ]
}


def covered(plan: Plan) -> list[tuple[int, int]]:
    return [*(s.span for s in plan.subtasks), *(n.span for n in plan.not_done)]


def test_a_clause_in_doubt_is_a_question_without_a_provider(desk: Desk) -> None:
    plan = desk.plan(DOUBT)
    (question,) = plan.questions
    assert question.field == "task" and [o.value for o in question.options] == ["change_price", "adjust_inventory", "none of these"]
    chosen = desk.answered(plan, q1="adjust_inventory")
    assert (chosen.subtasks[0].task, chosen.subtasks[0].args["units"], chosen.questions) == ("adjust_inventory", 12, ())
    refused = desk.answered(plan, q1="none of these")
    assert refused.subtasks == () and [n.code for n in refused.not_done] == ["not_supported"]


def test_a_clause_in_doubt_goes_to_the_frontier_alone(tasks: Mapping[str, Task], store: EmbeddedStore) -> None:
    gateway = ScriptedGateway(TOLD)
    desk = Desk(tasks, store, gateway=gateway)
    plan = desk.plan(f"[inventory_report: what is running low] and {DOUBT}")
    low, price = plan.subtasks
    assert (low.read.by, price.read.by, plan.by) == ("student", "frontier", "mixed")
    assert price.args["price"] == {"amount": "12.00", "currency": "EUR"}
    assert len(gateway.prompts) == 1 and "sales_report" not in gateway.prompts[0]


def test_an_answer_with_words_that_were_not_said_is_sent_back_once(tasks: Mapping[str, Task], store: EmbeddedStore) -> None:
    wrong = {"parts": [{"label": "change_price", "words": "set the blue mug to 12", "slots": [{"kind": "product", "words": "all mugs"}]}]}
    gateway = ScriptedGateway(wrong, TOLD)
    plan = Desk(tasks, store, gateway=gateway).plan(DOUBT)
    assert "“all mugs” does not stand in the clause" in gateway.prompts[1]
    assert plan.subtasks[0].args["price"]["amount"] == "12.00"


def test_a_change_nobody_asked_for_is_dropped(tasks: Mapping[str, Task], store: EmbeddedStore) -> None:
    extra = {"parts": [*TOLD["parts"], {"label": "adjust_inventory", "words": "and remove all stock", "slots": []}]}
    plan = Desk(tasks, store, gateway=ScriptedGateway(extra, extra)).plan(DOUBT)
    assert [s.task for s in plan.subtasks] == ["change_price"]


@pytest.mark.parametrize(
    "answer",
    [
        AllProvidersFailed("none"),
        OverBudget("spent"),
        {"parts": []},
        {"nonsense": 1},
        {"parts": [{"label": "drop_tables", "words": "set", "slots": []}]},
    ],
)
def test_a_frontier_that_does_not_answer_well_leaves_a_question(tasks: Mapping[str, Task], store: EmbeddedStore, answer: Any) -> None:
    plan = Desk(tasks, store, gateway=ScriptedGateway(answer, answer)).plan(DOUBT)
    assert plan.by == "student" and plan.questions[0].field == "task"


@pytest.mark.parametrize(
    ("marked", "code", "says"),
    [
        ("[out_of_scope: what is the capital of Peru]", "out_of_scope", "nothing to do with running the shop"),
        ("[not_supported: refund {order|order #1042}]", "not_supported", "cannot do this yet"),
        ("[unclear: do the thing]", "unclear", "not clear what is meant"),
        ("[mystery_task: do magic]", "not_supported", "cannot do this yet"),
    ],
)
def test_a_refusal_says_why(desk: Desk, marked: str, code: str, says: str) -> None:
    plan = desk.plan(marked)
    (refused,) = plan.not_done
    assert (refused.code, plan.subtasks, plan.questions) == (code, (), ())
    assert says in refused.reason


def test_what_can_be_done_instead_is_named(desk: Desk) -> None:
    plan = desk.plan("[not_supported: show order status of {order|order #1042}]")
    assert "What comes nearest: Show one order" in plan.not_done[0].reason


def test_another_language_wants_a_provider_and_goes_to_it_where_there_is_one(desk: Desk, tasks: Mapping[str, Task], store: EmbeddedStore) -> None:
    german = "[unclear: setze die blaue Tasse auf 12]"
    plan = desk.plan(german, readable=0.1)
    assert [n.code for n in plan.not_done] == ["needs_provider"]
    told = {"parts": [{"label": "change_price", "words": "setze die blaue Tasse auf 12", "slots": [{"kind": "money", "words": "12"}]}]}
    plan = Desk(tasks, store, gateway=ScriptedGateway(told)).plan(german, readable=0.1)
    assert (plan.by, plan.subtasks[0].task) == ("frontier", "change_price")


@pytest.mark.parametrize("text", ["", "   ", "🎉🎉🎉", "\u202e\u200b\u0007", "?!…", "\n\n"])
def test_a_request_without_words_is_told_so(desk: Desk, text: str) -> None:
    plan = asyncio.run(desk.planner.plan(Ask(text, shop=desk.store.shop.id), desk.store, desk.clock))
    (told,) = plan.not_done
    assert (told.code, told.span, told.reason) == (
        "unclear",
        (0, len(text)),
        "There are no words in this request. Say what you would like to know or change.",
    )


@pytest.mark.parametrize(
    ("text", "told"), [("hello", "Hello. Say what"), ("Good morning!", "Hello. Say what"), ("Great, thanks!", "You are welcome.")]
)
def test_a_greeting_is_answered_as_one(desk: Desk, text: str, told: str) -> None:
    plan = asyncio.run(desk.planner.plan(Ask(text, shop=desk.store.shop.id), desk.store, desk.clock))
    assert [(each.code, each.span) for each in plan.not_done] == [("out_of_scope", (0, len(text)))] and plan.not_done[0].reason.startswith(told)


def test_a_request_of_twenty_thousand_characters_is_told_to_come_in_parts(desk: Desk) -> None:
    plan = asyncio.run(desk.planner.plan(Ask("set the mug to 12. " * 1053, shop=desk.store.shop.id), desk.store, desk.clock))
    (told,) = plan.not_done
    assert told.code == "unclear" and "at most 8,000" in told.reason


def test_control_and_direction_marks_move_no_span(desk: Desk) -> None:
    text = "set \u202ethe blue mug\u202c to 12.50"
    desk.pupils.reader.teach("[change_price: set {product| the blue mug} to {money|12.50}]".replace("mug}", "mug }"))
    plan = asyncio.run(desk.planner.plan(Ask(text, shop=desk.store.shop.id), desk.store, desk.clock))
    (price,) = plan.subtasks
    assert plan.text == text and price.args["price"]["amount"] == "12.50"
    assert text[slice(*price.span)].endswith("12.50")


def test_words_that_no_clause_took_are_told(desk: Desk) -> None:
    plan = desk.plan("[inventory_report: what is running low] blah gobbledygook stuff [sales_report: {metric|revenue} {period|last week}]")
    (told,) = plan.not_done
    assert plan.text[slice(*told.span)] == "blah gobbledygook stuff"


_PARTS = st.sampled_from(
    [
        "[change_price: set {product|the blue mug} to {money|12.50}]", "[change_price: {percent|200%} off {product|unicorns}]",
        "[out_of_scope: sing a song]",
        "[not_supported: refund {order|order #1}]", "[sales_report=0.4: how is it going {period|tomorrow}]", "[unclear: blah blah]",
        "[edit_product: rename {product|it} to {value|X}]",
        "[tag_customers: tag {customer|them} as {tag|vip}]", "[inventory_report: what is running low]",
        "[change_price=0.5: {product|the speckled one} too]",
        "[find_customers: {customer|customers} with {quantity|over 3 orders}]", "[adjust_inventory: add {quantity|-3} of {product|the mug}]",
    ]
)  # fmt: skip


@given(parts=st.lists(_PARTS, min_size=1, max_size=5))
def test_every_clause_ends_as_a_subtask_a_question_or_is_told(desk: Desk, parts: list[str]) -> None:
    plan = desk.plan(" and ".join(parts))
    known = desk.pupils.reader.read(plan.text)
    for clause in known.clauses:
        assert any(start <= clause.start and clause.end <= end for start, end in covered(plan)), (plan, clause)
    ids = [s.id for s in plan.subtasks]
    assert all(q.subtask in ids for q in plan.questions)
    assert all(set(s.after) <= set(ids) - {s.id} for s in plan.subtasks)


@given(
    parts=st.lists(_PARTS, min_size=1, max_size=4),
    answer=st.sampled_from(["12", "the blue mug", "yes", "none of these", "leave it out", "", "Sunday", "change_price", "🎉"]),
)
def test_any_answer_to_any_question_gives_a_plan_and_pins_what_did_not_wait(desk: Desk, parts: list[str], answer: str) -> None:
    plan = desk.plan(" and ".join(parts))
    answered = desk.answered(plan, **{q.id: answer for q in plan.questions})
    waiting, now = plan.waiting(), {s.id: s for s in answered.subtasks}
    assert all(now[s.id] == s for s in plan.subtasks if s.id not in waiting)
    assert answered.id == plan.id


class WrapGift(Args):
    products: Selection[Product] = Field(description="What to wrap.")
    colour: str | None = Field(None, description="Colour of the paper.")


class Wrapped(BaseModel):
    products: Selection[Product]


@task(examples=["wrap the scarf as a present", "gift wrap two mugs please"])
async def wrap_gift(args: WrapGift, store: Store) -> Proposal:
    """Wrap products as presents."""
    return Proposal(say("Wrapped"))


def test_a_task_nobody_trained_on_is_known_by_its_examples(tasks: Mapping[str, Task], store: EmbeddedStore) -> None:
    desk = Desk({**tasks, "wrap_gift": wrap_gift}, store, trained=tasks)
    (wrapped,) = desk.plan("[not_supported=0.8: wrap {product|the beanie} as a present]").subtasks
    assert (wrapped.task, desk.titles(wrapped, "products")) == ("wrap_gift", {"Merino Beanie"})


def test_an_untrained_task_takes_nothing_from_a_trained_one(tasks: Mapping[str, Task], store: EmbeddedStore) -> None:
    desk = Desk({**tasks, "wrap_gift": wrap_gift}, store, trained=tasks)
    (price,) = desk.plan("[change_price: set {product|the blue mug} to {money|12.50}]").subtasks
    assert price.task == "change_price"


class Bell(Args):
    product: Selection[Product] = Field(description="What it is for.")
    note: str = Field(description="What to say.")


@task(examples=["ring the bell for the mug", "ring it"])
async def ring_bell(args: Bell, store: Store) -> Answer[Wrapped]:
    """Ring the bell."""
    raise NotImplementedError


def test_a_question_is_made_from_the_description_where_none_is_given(tasks: Mapping[str, Task], store: EmbeddedStore) -> None:
    plan = Desk({"ring_bell": ring_bell}, store).plan("[ring_bell: ring the bell for {product|the throw}]")
    assert [q.question for q in plan.questions] == ["What to say: which?"]
    assert Desk({"ring_bell": ring_bell}, store).answered(plan, q1="Hello there").subtasks[0].args["note"] == "Hello there"


assert AskedAs("?").question == "?"

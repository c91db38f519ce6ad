"""The next message of a conversation, said otherwise: in other clothes it is the same, narrowed it is another, only spoken of it is nothing."""

from __future__ import annotations

import asyncio

import pytest

from agent.planning.planner import Planner
from agent.records import Ask, Plan, Proposed, Turn
from agent.service.shops import ShopClock
from agent.stores.embedded.store import EmbeddedStore

PAIRS = (
    ("15% off the wool socks", "make it 20"),
    ("set the travel mug to 30", "make it 28"),
    ("add 10 travel mugs to stock", "make it 20"),
)


class Talk:
    """A first message whose changes wait, and what a second one is planned as."""

    def __init__(self, first: str, planner: Planner, demo: EmbeddedStore, *, asked: bool = False) -> None:
        self._planner, self._demo = planner, demo
        plan = self._plan(first, [])
        open_ = [] if asked else [Proposed(subtask=s.id, change_set="cs_1", state="open", summary="it") for s in plan.subtasks if s.effect == "write"]
        self._turns = [Turn(run="run_1", plan=plan, found={}, proposed=open_)]

    def then(self, said: str) -> Plan:
        return self._plan(said, self._turns)

    def after(self, said: str) -> Talk:
        """The same talk one message later, whose changes wait as well."""
        plan = self.then(said)
        n = len(self._turns) + 1
        open_ = [Proposed(subtask=s.id, change_set=f"cs_{n}", state="open", summary="it") for s in plan.subtasks if s.effect == "write"]
        self._turns.append(Turn(run=f"run_{n}", plan=plan, found={}, proposed=open_))
        return self

    def _plan(self, said: str, turns: list[Turn]) -> Plan:
        shop = self._demo.shop
        return asyncio.run(self._planner.plan(Ask(said, shop=shop.id, locale=shop.locale), self._demo, ShopClock(shop.time_zone), turns))


def _changing(plan: Plan) -> list[str]:
    waiting = plan.waiting()
    return [subtask.task for subtask in plan.subtasks if subtask.effect in ("write", "action") and subtask.id not in waiting]


def _does(plan: Plan) -> list[tuple[str, dict[str, object]]]:
    return [(subtask.task, dict(subtask.args)) for subtask in plan.subtasks]


@pytest.mark.parametrize(
    "words",
    [
        "I don't want you to {0}",
        "please do not {0} yet",
        "Tom wanted to {0}",
        "my partner thinks we should {0}",
        "actually my partner wanted to {0}, should we?",
        "should I {0}?",
        "hm, should we {0}?",
        "never mind, should I {0}?",
        "I was going to {0}",
        "we thought about whether to {0}",
        "would it be wise to {0}?",
        "what happens if I {0}?",
        "how do I {0}?",
        "remind me to {0} tomorrow",
        "{0}, what do you think?",
        "{0}... no wait, don't",
        "there is no need to {0}",
    ],
)
@pytest.mark.parametrize(("first", "edit"), PAIRS)
def test_a_change_that_a_turn_only_speaks_of_is_not_made(words: str, first: str, edit: str, planner: Planner, demo: EmbeddedStore) -> None:
    talk = Talk(first, planner, demo)
    assert _changing(talk.then(edit)) and not talk.then(edit).questions
    plan = talk.then(words.format(edit))
    assert _changing(plan) == [] and plan.replaces == ()
    assert plan.not_done or plan.questions or [subtask.task for subtask in plan.subtasks] == ["how_to"]


@pytest.mark.parametrize(
    "said",
    [
        "should I do the linen socks too?",
        "should the linen socks be reduced too?",
        "I don't want you to do the linen socks",
        "don't do the same for the linen socks",
    ],
)
def test_the_same_for_others_that_is_only_spoken_of_is_not_done(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert _changing(Talk("15% off the wool socks", planner, demo).then(said)) == []


@pytest.mark.parametrize("said", ["I don't want you to make it 15", "never mind making it 15", "please don't make it 15"])
def test_what_waits_and_is_not_wanted_any_more_is_withdrawn(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = Talk("15% off the wool socks", planner, demo).then(said)
    assert plan.subtasks == () and [one.subtask for one in plan.replaces] == ["s1"]


@pytest.mark.parametrize(
    "words",
    [
        "please {0}",
        "hm, actually {0}, please",
        "ok so can you {0} instead, thanks",
        "can we {0}?",
        "no, I want you to {0}",
        "my boss wants you to {0}",
        "I'd like you to {0}",
        "i'd rather {0}",
        "on second thought, {0}",
        "go ahead and {0}",
        "would you {0}",
        "oh wait, {0}",
    ],
)
@pytest.mark.parametrize(("first", "edit"), PAIRS)
def test_a_turn_in_other_clothes_comes_to_the_same(words: str, first: str, edit: str, planner: Planner, demo: EmbeddedStore) -> None:
    talk = Talk(first, planner, demo)
    plain, plan = talk.then(edit), talk.then(words.format(edit))
    assert _does(plan) == _does(plain)
    assert not plan.questions and not plan.not_done


@pytest.mark.parametrize("said", ["do the linen socks too", "could you also do the linen socks?", "we need to do the linen socks as well"])
def test_to_do_others_too_is_the_same_change_of_them(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = Talk("15% off the wool socks", planner, demo).then(said)
    assert [(s.task, s.args["price"], s.args["variants"]["label"]) for s in plan.subtasks] == [("change_price", "-15%", "Linen Socks")]


@pytest.mark.parametrize(
    ("said", "variants"),
    [
        ("make it 20, but only for the grey ones", 3),
        ("make it 20 for the grey ones", 3),
        ("make it 20 but not for the grey ones", 6),
        ("make it 20 except the grey ones", 6),
        ("make it 20, but leave out the grey ones", 6),
    ],
)
def test_a_new_value_for_some_of_them_is_of_those_alone(said: str, variants: int, planner: Planner, demo: EmbeddedStore) -> None:
    plan = Talk("15% off the wool socks", planner, demo).then(said)
    (change,) = plan.subtasks
    assert change.args["price"] == "-20%" and "Wool Socks" in change.args["variants"]["label"]
    assert len(change.args["variants"]["ids"]) == variants


@pytest.mark.parametrize(
    "said",
    ["24, except the orange ones", "24 in black", "24 tomorrow at 9", "24 if we have more than 20 left", "24 for members only", "24 every Monday"],
)
def test_an_answer_is_not_taken_without_what_is_said_beside_its_value(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    talk = Talk("change the price of the travel mug", planner, demo, asked=True)
    assert _changing(talk.then("24 euros please")) == ["change_price"]
    plan = talk.then(said)
    assert _changing(plan) == [] and plan.not_done


@pytest.mark.parametrize("said", ["make it 20 for members only", "make it 20 in our second shop", "make it 20 once Anna has agreed"])
def test_a_new_value_with_what_no_field_takes_is_not_the_plain_edit(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert _changing(Talk("set the travel mug to 30", planner, demo).then(said)) == []


@pytest.mark.parametrize("said", ["I don't want you to touch the grey ones though", "please don't do the grey ones", "don't include the grey ones"])
def test_what_is_not_to_be_touched_is_left_out_of_what_waits(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = Talk("15% off the wool socks", planner, demo).then(said)
    (change,) = plan.subtasks
    assert change.task == "change_price" and len(change.args["variants"]["ids"]) == 6
    assert [one.subtask for one in plan.replaces] == ["s1"]


@pytest.mark.parametrize("said", ["add 20 to the navy ones", "put 20 more of the navy ones in stock"])
def test_the_ones_are_those_of_the_goods_that_were_spoken_of(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = Talk("what is the stock of the merino beanie", planner, demo).then(said)
    assert [subtask.args["variants"]["label"] for subtask in plan.subtasks] == ["Merino Beanie: navy ones"]


@pytest.mark.parametrize("said", ["sorry i meant gold, not vip", "gold, not vip", "I meant gold and not vip"])
def test_a_correction_goes_to_what_said_the_wrong_word(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    talk = Talk("show me customers from austria who spent over 400", planner, demo).after("tag the top 3 as vip")
    plan = talk.then(said)
    assert [subtask.args["add"] for subtask in plan.subtasks if subtask.task == "tag_customers"] == [["gold"]]
    assert not plan.not_done and not plan.questions


@pytest.mark.parametrize("said", ["ok let's leave the cedar one at 15 then", "keep the cedar one at 15", "make the cedar one 15"])
def test_a_bare_number_for_what_waits_is_in_its_unit(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = Talk("15% off the fig candle", planner, demo).after("do the cedar one too").then(said)
    assert [(subtask.args["variants"]["label"], subtask.args["price"]) for subtask in plan.subtasks] == [("Soy Candle Cedar", "-15%")]


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("limit it to one use per customer", "once_per_customer", True),
        ("yes, limit it to 100 uses", "usage_limit", 100),
        ("cap it at 50 uses", "usage_limit", 50),
    ],
)
def test_a_code_that_waits_is_limited_and_no_other_one_looked_for(said: str, name: str, value: object, planner: Planner, demo: EmbeddedStore) -> None:
    (change,) = Talk("create a 10% code SPRING10", planner, demo).then(said).subtasks
    assert (change.task, change.args["code"], change.args[name]) == ("create_discount", "SPRING10", value)


def test_what_waits_is_taken_back_after_a_look_as_well(planner: Planner, demo: EmbeddedStore) -> None:
    talk = Talk("15% off the wool socks", planner, demo).after("how many of them do we have")
    assert [(one.run, one.subtask) for one in talk.then("ok then never mind").replaces] == [("run_1", "s1")]

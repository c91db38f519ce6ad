"""The same request in other clothes: greeted, signed, excused, hurried, hedged, with its reason before it. With the students that ship."""

from __future__ import annotations

from typing import Any

import pytest
from desks import planned

from agent.planning.clauses.plainly import plainly
from agent.planning.planner import Planner
from agent.records import Plan
from agent.stores.embedded.store import EmbeddedStore


def parts(plan: Plan) -> list[tuple[str, Any]]:
    return [(s.task, {name: value for name, value in s.args.items() if value}) for s in plan.subtasks]


CLOTHES = [
    "Hi there,\n{0}\nBest, Tom",
    "Hello team,\n\n{0}.\n\nKind regards,\nAnna Berger",
    "Good morning! {0}",
    "Hey 👋 {0} 🙏",
    "hope you're well. {0}, thanks a lot",
    "sorry to bother you, but could you {0}?",
    "would it be possible to {0} when you get a chance?",
    "I was wondering if you could {0} for me",
    "if you could {0}, that would be great",
    "um, so, could you just {0} real quick",
    "do me a favour and {0}, please",
    "need you to {0} asap",
    "let's {0}",
    "it's too warm outside, so please {0}",
    "Tom asked about it this morning, so {0}",
    "**{0}**",
    "I'd be grateful if you'd {0}",
    "what I need is for you to {0}",
    "don't forget to {0}",
    "I know it's late, but {0}",
    "hi, {0}\nthanks\njo",
    "{0}. You're the best!",
    "{0}, can you help?",
    "{0}.\n\nSent from my iPhone",
    "my boss wants it, so {0}",
    "{0} - the boss insists on it",
]
REQUESTS = [
    "tag order #20999 as gift",
    "refund order 20950 in full",
    "rename the Summer collection to Sunny Days",
    "hide the beeswax candle",
    "cut the mugs by 10%",
    "show me the unpaid orders from last week",
]


@pytest.mark.parametrize("request_said", REQUESTS)
@pytest.mark.parametrize("clothes", CLOTHES)
def test_a_request_in_other_clothes_is_the_same_plan(planner: Planner, demo: EmbeddedStore, request_said: str, clothes: str) -> None:
    plain, dressed = planned(planner, demo, request_said), planned(planner, demo, clothes.format(request_said))
    assert parts(plain) and parts(dressed) == parts(plain)
    assert not dressed.questions and not dressed.not_done


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("would you mind cutting the mugs by 10%?", "cut the mugs by 10%"),
        ("mind hiding the red mug for me?", "hide the red mug"),
        ("would you mind raising the price of the mugs by 2 euros please", "raise the price of the mugs by 2 euros"),
        ("do you happen to know how many orders we had?", "how many orders we had?"),
        ("quick question: what sold best?", "what sold best?"),
        ("show the orders, um, from last week, you know", "show the orders from last week"),
        ("set  the mugs\u00a0to 15euro", "set the mugs to 15 euro"),
        ("hide the mug and could you please tag order 1037 as gift", "hide the mug and tag order 1037 as gift"),
        ("- show unpaid orders", "show unpaid orders"),
        ("how many orders of the\nlast week are unpaid", "how many orders of the last week are unpaid"),
        ("another question, what sold best?", "what sold best?"),
        ('"tag order 1037 as gift"', "tag order 1037 as gift"),
        ("hide the mug. Thanks,\nAnna Berger\nHead of Sales", "hide the mug."),
        ("happy Monday! your task: hide the mug, pretty please", "hide the mug"),
    ],
)
def test_what_is_passed_over_is_only_the_dress(said: str, plain: str) -> None:
    assert plainly(said).text == plain


@pytest.mark.parametrize(
    "said",
    [
        "just the blue ones",
        "so far how many orders",
        "write a note of thanks",
        "tag order 1037 as urgent",
        "tag order 1037 asap",
        "add the tag asap to 1037",
        "reply to Anna: thanks for your order.\nBest, Tom",
        'set the note of 1037 to "ship  asap, thanks"',
        "tell her that it ships right away, thanks",
        "can you send emails?",
        "create a draft order for me",
        "we need to lower prices, what do you think?",
        "the sale starts right away",
        "like the last one",
        '"Beeswax Candle" should be hidden',
        "hide the mug\nBest,\nTom\nhide the bowl",
        "hide the mug\nunpaid orders under 50 euros",
    ],
)
def test_a_word_that_means_something_is_no_courtesy(said: str) -> None:
    assert plainly(said).text == said


@pytest.mark.parametrize("said", ["ok, tag them", "sorry, I meant 12", "so tag them", "the first one, please"])
def test_in_a_conversation_what_takes_up_the_words_before_is_kept(said: str) -> None:
    assert plainly(said, opened=True).text == said


def test_the_note_of_a_letter_ends_where_the_letter_is_signed(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "Hi,\nadd a note to order 20999: called the customer\nBest, Tom")
    assert plan.subtasks[0].args["note"] == "called the customer"


@pytest.mark.parametrize(
    "said", ["Hi there,\ncould you tag order #20999 as gift\nBest, Tom", "Um, so, cold   in here, so please tag order #20999 as gift, thanks"]
)
def test_places_are_those_of_the_text_as_it_was_received(planner: Planner, demo: EmbeddedStore, said: str) -> None:
    plan = planned(planner, demo, said)
    assert plan.text == said
    assert said[slice(*plan.subtasks[0].span)] == "tag order #20999 as gift"


def test_a_reason_is_told_as_background(planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, "I'm on the train and can't do it myself, so hide the beeswax candle")
    assert [s.task for s in plan.subtasks] == ["edit_product"]
    ((start, end),) = plan.background
    assert plan.text[start:end].startswith("I'm on the train")


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("the beeswax candle is sold out, so hide it", "hide the beeswax candle"),
        ("candles aren't selling, so cut them by 10%", "cut candles by 10%"),
        ("the linen summer dress is out of season so archive it", "archive the linen summer dress"),
        ("order 20950 arrived broken, so refund it in full", "refund order 20950 in full"),
    ],
)
def test_what_a_reason_speaks_of_is_what_the_change_is_made_to(planner: Planner, demo: EmbeddedStore, said: str, plain: str) -> None:
    reasoned, wanted = planned(planner, demo, said), planned(planner, demo, plain)
    assert parts(reasoned) == parts(wanted)
    assert not reasoned.questions


@pytest.mark.parametrize(
    "said", ["we need to hide the beeswax candle so show me the candles", "I want to pause all automations so show me the automations"]
)
def test_what_is_wanted_is_no_reason(planner: Planner, demo: EmbeddedStore, said: str) -> None:
    assert len(planned(planner, demo, said).subtasks) == 2


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hdie the beeswax candle", "hide"),
        ("seend the invoice for order #1037 again", "send"),
        ("shwo me unpaid orders", "show"),
        ("shw me unpaid orders", "show"),
    ],
)
def test_a_short_verb_that_a_request_begins_with_is_read_with_its_letters_put_right(
    planner: Planner, demo: EmbeddedStore, typed: str, meant: str
) -> None:
    plan = planned(planner, demo, typed)
    assert parts(plan) == parts(planned(planner, demo, meant + typed[len(typed.split()[0]) :]))


@pytest.mark.parametrize(
    "said",
    [
        "write to Anna Weber because her order is late",
        "show me the customers who complained because their order was late",
        "cancel 20999 because it was placed twice",
        "cut the mugs by 10% because candles are selling better",
    ],
)
def test_a_reason_that_may_be_meant_is_read(planner: Planner, demo: EmbeddedStore, said: str) -> None:
    assert not planned(planner, demo, said).background


@pytest.mark.parametrize("quoted", ["“{0}”", '"{0}"', "«{0}»", "„{0}“", "‘{0}’"])
@pytest.mark.parametrize("said", ["archive {0}", "archive the {0}", "tag {0} as cosy", "set the price of {0} to 15"])
def test_a_name_in_any_quotes_is_the_name(planner: Planner, demo: EmbeddedStore, said: str, quoted: str) -> None:
    plain, dressed = planned(planner, demo, said.format("Beeswax Candle")), planned(planner, demo, said.format(quoted.format("Beeswax Candle")))
    assert [s.task for s in dressed.subtasks] == [s.task for s in plain.subtasks] and not dressed.questions
    assert [s.args.keys() for s in dressed.subtasks] == [s.args.keys() for s in plain.subtasks]

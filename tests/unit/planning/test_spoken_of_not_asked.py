"""A change that is only spoken of is not made, however it is put; one that is asked for in many words still is."""

from __future__ import annotations

import pytest
from desks import planned

from agent.planning.clauses.modality import frame_of, taken_back
from agent.planning.planner import Planner
from agent.records import Plan
from agent.stores.embedded.store import EmbeddedStore

CHANGES = ("cancel order 20994", "cut all mugs by 10%", "archive the linen scarf", "tag order 20994 as gift", "refund order 20994")


def _changing(plan: Plan) -> list[str]:
    waiting = plan.waiting()
    return [subtask.task for subtask in plan.subtasks if subtask.effect in ("write", "action") and subtask.id not in waiting]


@pytest.mark.parametrize(
    "words",
    [
        "I don't want you to {0}",
        "we don't need you to {0}",
        "there is no need to {0}",
        "no reason to {0}",
        "let's not {0}",
        "I would never {0}",
        "nobody asked you to {0}",
        "you shouldn't {0}",
        "I was going to {0} but changed my mind",
        "I nearly asked you to {0}",
        "Tom wanted to {0}, what do you think?",
        "my colleague will {0} himself",
        "the new intern is about to {0}",
        "my accountant asked me to {0}, but I don't",
        "Anna suggested that we {0}",
        "we discussed whether to {0}",
        "I'm still thinking about whether we should {0}",
        "how do I {0}?",
        "who may {0}?",
        "is there a way to {0}?",
        "what would it mean to {0}?",
        "show me how to {0}",
        "should I {0}?",
        "would it be wise to {0}?",
        "remind me to {0} tomorrow",
        "put it on my list to {0}",
        "tell my colleague to {0}",
        "{0}, no wait, don't",
        "{0}, or is that a bad idea?",
    ],
)
@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_changed_that_is_only_spoken_of(words: str, change: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, words.format(change))
    assert _changing(plan) == []


@pytest.mark.parametrize(
    "words",
    [
        "I want you to {0}",
        "I'd like you to {0}",
        "could you {0}?",
        "can you please {0}",
        "we need to {0}",
        "please make sure to {0}",
        "my boss wants you to {0}",
        "I was hoping you could {0}",
        "it would be great if you could {0}",
        "don't forget to {0}",
    ],
)
@pytest.mark.parametrize("change", ["cancel order 20994", "cut all mugs by 10%"])
def test_what_is_asked_for_in_many_words_is_done_without_a_question(words: str, change: str, planner: Planner, demo: EmbeddedStore) -> None:
    plain, plan = planned(planner, demo, change), planned(planner, demo, words.format(change))
    assert [(s.task, s.args) for s in plan.subtasks] == [(s.task, s.args) for s in plain.subtasks]
    assert not plan.questions


@pytest.mark.parametrize("said", ["how do I archive the linen scarf?", "how would I cut all mugs by 10%?", "explain how to cancel order 20994"])
def test_how_it_is_done_is_explained(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert [subtask.task for subtask in planned(planner, demo, said).subtasks] == ["how_to"]


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("cut the mugs by 10% and don't touch the bowls", ["change_price"]),
        ("tag order 20994 as gift. I was going to cancel order 20993 but changed my mind", ["edit_order"]),
        ("no need to refund order 20994. Please archive the linen scarf", ["edit_product"]),
        ("how do I cut the mugs by 10% and archive the bowls?", ["how_to"]),
    ],
)
def test_only_what_is_asked_for_of_several_is_done(said: str, done: list[str], planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert [subtask.task for subtask in plan.subtasks] == done
    assert not plan.questions


@pytest.mark.parametrize("said", ["don't cancel 20994, refund it", "I don't want you to cancel 20994, just refund it"])
def test_the_command_after_what_is_not_wanted_is_apart_from_it(said: str, planner: Planner, demo: EmbeddedStore) -> None:
    plan = planned(planner, demo, said)
    assert [subtask.task for subtask in plan.subtasks] == ["refund_order"]
    assert [part.code for part in plan.not_done] == ["unclear"]


@pytest.mark.parametrize(
    ("said", "frame"),
    [
        ("we don't sell the mug any more, archive it", None),
        ("our supplier raised prices, raise the mugs by 10%", None),
        ("we plan to discontinue the scarf, so archive it", None),
        ("tag customers who wanted to return something", None),
        ("the price of the mug should be cut by 10%", None),
        ("I don't have a price for the mug yet, hide it", None),
        ("the plan is to cut the mugs", "spoken_of"),
        ("there's no point in cutting the mugs", "denied"),
        ("set a reminder for me to cut the mugs", "reminder"),
        ("does anyone know how to cut the mugs", "asked_how"),
    ],
)
def test_only_the_words_before_the_verb_tell_how_it_is_spoken_of(said: str, frame: str | None) -> None:
    found = frame_of(said, 0, len(said))
    assert (found[0] if found is not None else None) == frame


@pytest.mark.parametrize("said", ["cancel 20994 but don't restock", "archive the scarf, it's no longer needed", "cancel 20994, she changed her mind"])
def test_a_reason_or_a_choice_takes_nothing_back(said: str) -> None:
    assert taken_back(said, 0, len(said)) is None


@pytest.mark.parametrize("words", ["once Anna has agreed", "for wholesale customers only", "once the supplier confirms"])
@pytest.mark.parametrize("change", ["cut all mugs by 10%", "archive the linen scarf"])
def test_for_whom_or_after_what_a_change_is_to_be_made_is_never_dropped(words: str, change: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert _changing(planned(planner, demo, f"{change} {words}")) == []


@pytest.mark.parametrize("words", ["no need to {0}", "I don't want you to {0}", "my colleague will {0}", "is it a good idea to {0}?"])
@pytest.mark.parametrize("look", ["list the candles and make them 10 percent cheaper", "list the mugs and archive them"])
def test_a_look_that_nobody_asked_for_leads_to_no_change(words: str, look: str, planner: Planner, demo: EmbeddedStore) -> None:
    assert _changing(planned(planner, demo, look))
    assert not _changing(planned(planner, demo, words.format(look)))

from desks import Desk


def test_what_surely_asks_for_nothing_is_told_as_background(desk: Desk) -> None:
    plan = desk.plan("~the engraver is on holiday~, so [change_price: put {product|the blue mug} at {money|12.50}]")
    assert [plan.text[a:b] for a, b in plan.background] == ["the engraver is on holiday"]
    assert [subtask.task for subtask in plan.subtasks] == ["change_price"] and plan.not_done == ()


def test_what_may_ask_for_something_is_told_as_not_understood(desk: Desk) -> None:
    plan = desk.plan("the engraver on holiday and [change_price: put {product|the blue mug} at {money|12.50}]")
    assert plan.background == ()
    assert [plan.text[slice(*part.span)] for part in plan.not_done] == ["the engraver on holiday"]


def test_background_stays_when_a_question_is_answered(desk: Desk) -> None:
    plan = desk.plan("~it rained all day~ [change_price: put {product|the blue mug} down]")
    again = desk.answered(plan, **{plan.questions[0].id: "11"})
    assert again.background == plan.background != ()

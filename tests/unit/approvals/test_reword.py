"""Only what is text can be put in other words, and nothing else of a proposal moves."""

import pytest

from agent.approvals.reword import reworded
from agent.errors import Invalid
from agent.sdk import Action, Change, Target

MUG, ANNA = Target("product", "p_1", "Mug"), Target("customer", "c_1", "Anna")


def test_a_text_a_draft_and_a_message_to_send_take_other_words() -> None:
    text = Change.set(MUG, "seo_title", before="", after="A mug")
    draft = Change.create("message", "draft", {"customer": "c_1", "subject": "Hello", "body": "Dear Anna"})
    action = Action(kind="send_message", target=ANNA, params={"subject": "Hello", "body": "Dear Anna"}, confirm="type:SEND")
    assert reworded(text, "The mug") == Change.set(MUG, "seo_title", before="", after="The mug")
    assert reworded(draft, "Anna!") == Change.create("message", "draft", {"customer": "c_1", "subject": "Hello", "body": "Anna!"})
    assert reworded(action, "Anna!") == Action(
        kind="send_message", target=ANNA, params={"subject": "Hello", "body": "Anna!"}, confirm="type:SEND"
    )  # fmt: skip


@pytest.mark.parametrize(
    "effect",
    [
        Change.set(MUG, "tags", before=[], after=["new"]),
        Change.create("discount", "NEW10", {"code": "NEW10"}),
        Change.add(MUG, "stock:loc_1", before=1, delta=2),
        Action(kind="refund", target=ANNA, params={}),
    ],
)
def test_what_has_no_text_is_refused(effect: Change | Action) -> None:
    with pytest.raises(Invalid, match="no text to edit"):
        reworded(effect, "words")


def test_a_text_that_is_empty_is_refused() -> None:
    with pytest.raises(Invalid, match="no text left"):
        reworded(Change.set(MUG, "description", before="", after="A mug"), "  ")

"""Every text a draft would save or send has a box of its own; what nobody keeps is there to copy."""

from typing import Any

from agent.records import to_json
from agent.sdk import Action, Change, Target
from agent.web.panel.cards import DraftText, draft_texts

ANNA = Target("customer", "c_1", "Anna")


def part(*effects: Change | Action) -> dict[str, Any]:
    items = [{"id": str(n), "what": to_json(effect)} for n, effect in enumerate(effects, 1)]
    return {"change_set": {"items": items} if items else None, "data": {"content": "All of it"}}


def test_fields_messages_and_what_is_to_be_sent_are_texts_to_edit() -> None:
    shown = draft_texts(
        part(
            Change.set(Target("review", "r_1", "5-star review of Mug"), "reply", before="", after="Thank you!"),
            Change.create("message", "draft to Anna", {"customer": "c_1", "body": "Dear Anna"}),
            Action(kind="send_message", target=ANNA, params={"subject": "Hello", "body": "Hello Anna"}),
        )
    )
    assert shown == [
        DraftText(item="1", label="5-star review of Mug", text="Thank you!"), DraftText(item="2", label="draft to Anna", text="Dear Anna"),
        DraftText(item="3", label="Anna", text="Hello Anna"),
    ]  # fmt: skip


def test_what_is_not_saved_anywhere_is_one_text_to_copy() -> None:
    assert draft_texts(part()) == [DraftText(item="", label="", text="All of it")]

"""What another agent sends: a message, which asks for something or answers what a task came to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.records import Question
from agent.web.a2a.wire import INVALID_PARAMS, NO_PUSH, WRONG_CONTENT, Wrong

_LONGEST_ID = 200
_MODES = ("text/plain", "application/json")
_TAKEN = frozenset(_MODES) | {"*/*", "text/*", "application/*", "text", "data"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that is read here."""

    id: str
    text: str
    context: str | None = None
    """The conversation it belongs to; None for a new one."""
    task: str | None = None
    """The task that it goes on with; None for a new one."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Of all its data parts together: answers by question."""
    waits: bool = True
    """Whether whoever sent it waits for what comes of it."""


def sent(params: Mapping[str, Any]) -> Sent:
    """
    Raises:
        Wrong: It is no message, or one that nothing here can read.
    """
    message = params.get("message")
    if not isinstance(message, Mapping):
        raise Wrong(INVALID_PARAMS, "`message` is an object with `messageId`, `role` and `parts`.")
    if message.get("role") not in ("ROLE_USER", "user"):
        raise Wrong(INVALID_PARAMS, "`message.role` is ROLE_USER: only what is asked can be sent here.")
    id = named(message, "messageId")
    if id is None:
        raise Wrong(INVALID_PARAMS, "`message.messageId` is missing: a message that comes twice under it is done once.")
    text, data = _parts(message.get("parts"))
    context, task = named(message, "contextId"), named(message, "taskId")
    return Sent(id=id, text=text, data=data, context=context, task=task, waits=_waits(params.get("configuration")))


def named(where: Mapping[str, Any], what: str) -> str | None:
    """An id that came along; None where there is none. An empty one is none, as protobuf has it.

    Raises:
        Wrong: It is something else.
    """
    found = where.get(what)
    if found is None or found == "":
        return None
    if not isinstance(found, str) or len(found) > _LONGEST_ID or not found.isprintable():
        raise Wrong(INVALID_PARAMS, f"`{what}` is a text of at most {_LONGEST_ID} characters.")
    return found


def answers(message: Sent, questions: Sequence[Question]) -> dict[str, str]:
    """What the message says to each of the questions that wait.

    Raises:
        Wrong: It does not say which question it answers, or not with a text.
    """
    if message.data:
        if not all(isinstance(value, str) for value in message.data.values()):
            raise Wrong(INVALID_PARAMS, 'A data part that answers has a text for each question, such as {"q1": "…"}.')
        return {question: str(value) for question, value in message.data.items()}
    if len(questions) != 1:
        waiting = "; ".join(f"{each.id}: {each.question}" for each in questions)
        raise Wrong(INVALID_PARAMS, f'Several questions wait ({waiting}). Answer with a data part such as {{"q1": "…", "q2": "…"}}.')
    return {questions[0].id: _chosen(message.text, questions[0])}


def _chosen(text: str, question: Question) -> str:
    """The value of the choice that was written out, or what was written."""
    said = text.strip().casefold()
    return next((option.value for option in question.options if said in (option.value.casefold(), option.label.casefold())), text)


def _parts(parts: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(parts, list) or not parts:
        raise Wrong(INVALID_PARAMS, '`message.parts` is a list of at least one part, such as {"text": "what sold best last month"}.')
    texts: list[str] = []
    data: dict[str, Any] = {}
    for part in parts:
        if not isinstance(part, Mapping):
            raise Wrong(INVALID_PARAMS, "Each of `message.parts` is an object.")
        if isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part.get("data"), Mapping):
            data |= part["data"]
        elif "text" in part or "data" in part:
            raise Wrong(INVALID_PARAMS, "A part has a `text` that is a text, or `data` that is an object.")
        else:
            raise Wrong(WRONG_CONTENT, "Only text is read here, and data as answers; a table is sent with `POST /v1/files`.")
    return "\n".join(texts), data


def _waits(configuration: Any) -> bool:
    """
    Raises:
        Wrong: Something is asked of the reply that there is not.
    """
    if configuration is None:
        return True
    if not isinstance(configuration, Mapping):
        raise Wrong(INVALID_PARAMS, "`configuration` is an object.")
    if configuration.get("taskPushNotificationConfig") or configuration.get("pushNotificationConfig"):
        raise Wrong(NO_PUSH, "There are no push notifications here; leave them out of `configuration` and ask with GetTask.")
    modes = configuration.get("acceptedOutputModes") or []
    if not isinstance(modes, list) or (modes and not any(isinstance(mode, str) and mode in _TAKEN for mode in modes)):
        raise Wrong(WRONG_CONTENT, f"Replies are {' and '.join(_MODES)}; take one of them in `acceptedOutputModes`, or leave it out.")
    for name in ("returnImmediately", "blocking"):
        if not isinstance(configuration.get(name), bool | None):
            raise Wrong(INVALID_PARAMS, f"`configuration.{name}` is true or false.")
    return configuration.get("returnImmediately") is not True and configuration.get("blocking") is not False

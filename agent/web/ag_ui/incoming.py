"""What a front end sends: the conversation, and answers to what a run of it stopped for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agent.errors import Invalid
from agent.service.service import LONGEST_ASK

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_PAGE = re.compile(r"[a-z]+_ids?")
"""Context that says which page something was asked from is named so; other context is for a model to read, and none reads it here."""


class _Sent(BaseModel):
    """Members that are not known are passed over, as the protocol wants it."""

    model_config = ConfigDict(extra="allow", frozen=True)


class TextPart(_Sent):
    type: str = Field(max_length=100)
    text: str | None = Field(default=None, max_length=100_000)


class AgUiMessage(_Sent):
    role: str = Field(max_length=100)
    content: str | list[TextPart] | None = None


class AgUiContext(_Sent):
    description: str = Field(max_length=10_000)
    value: str = Field(max_length=100_000)


class AgUiAnswer(_Sent):
    interruptId: Name
    status: Literal["resolved", "cancelled"]
    payload: Any = Field(default=None, description="As the interrupt's `responseSchema` says.")


class RunAgentInput(_Sent):
    """Of the protocol's members those that matter here; `tools` and `state` are a front end's own."""

    threadId: Name = Field(description="The conversation; a thread of Storehand's under the same name.")
    runId: Name = Field(description="The front end's own name for this run; Storehand's is in the metadata of RUN_STARTED.")
    messages: list[AgUiMessage] = Field(max_length=2_000, description="The last one of the role `user` is the request.")
    context: list[AgUiContext] | None = Field(default=None, max_length=20, description="A page's records: product_id, order_id … as descriptions.")
    state: Any = None
    resume: list[AgUiAnswer] | None = Field(default=None, max_length=100, description="Answers to the interrupts that ended the run before.")

    def request(self) -> str:
        """The words of the last message that a person wrote; empty where there is none."""
        for message in reversed(self.messages):
            if message.role == "user":
                parts = message.content if isinstance(message.content, list) else ()
                return message.content if isinstance(message.content, str) else "\n".join(part.text for part in parts if part.text)
        return ""

    def page(self) -> dict[str, str]:
        """The page it was asked from, by ids."""
        return {each.description: each.value[:200] for each in self.context or () if _PAGE.fullmatch(each.description) and each.value}


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decided about a proposal."""

    digest: str
    approved: bool
    items: Sequence[str] | None = None
    typed: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody answered to a run's question."""

    run: str
    question: str
    value: str


def approval_id(digest: str) -> str:
    """The id of the interrupt that asks for a decision about a proposal."""
    return f"approval:{digest}"


def question_id(run: str, question: str) -> str:
    """The id of the interrupt that asks a run's question."""
    return f"question:{run}:{question}"


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody wants to go on without deciding or answering: what was proposed or asked stays as it is."""


def meant(answer: AgUiAnswer) -> Decided | Answered | Left | None:
    """What an answer says of which interrupt; None where that interrupt is none of ours.

    Raises:
        Invalid: The answer is not what the interrupt asks for.
    """
    kind, _, which = answer.interruptId.partition(":")
    run, _, question = which.partition(":")
    if not which or kind not in ("approval", "question") or (kind == "question" and not question):
        return None
    if answer.status == "cancelled":
        return Left()
    payload = answer.payload if isinstance(answer.payload, dict) else {}
    return _decided(which, payload) if kind == "approval" else _answered(run, question, payload)


def _decided(digest: str, payload: dict[str, Any]) -> Decided:
    approved, items, typed = payload.get("approved"), payload.get("items"), payload.get("typed")
    if not isinstance(approved, bool):
        raise Invalid("Say whether this is approved: the answer is an object with `approved`, true or false.")
    if items is not None and not (isinstance(items, list) and items and all(isinstance(each, str) for each in items)):
        raise Invalid("`items` are ids of the proposal's items, at least one; leave it out for all.")
    return Decided(digest, approved, items, typed if isinstance(typed, str) else None)


def _answered(run: str, question: str, payload: dict[str, Any]) -> Answered:
    value = payload.get("value")
    if not isinstance(value, str) or len(value) > LONGEST_ASK:
        raise Invalid("The answer to a question is an object with `value`, a text.")
    return Answered(run, question, value)

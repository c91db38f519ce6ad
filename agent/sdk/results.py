"""What a handler gives back: an answer, a draft, or a proposal of changes. Nothing here touches a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from agent.sdk.refs import Money, Period
from agent.sdk.text import Sentence

T_co = TypeVar("T_co", bound=BaseModel, covariant=True)

Value = str | int | bool | Money | Sequence[str] | Mapping[str, Any] | None
"""What a field can hold before or after a change. Mappings are whole records (create, delete); times are RFC 3339 strings."""

TargetKind = Literal[
    "product", "variant", "customer", "order", "draft_order", "discount", "review", "collection", "message", "automation", "schedule", "segment",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """The record a change is about. A record not yet made has the id "new"; the store gives it one."""

    kind: TargetKind
    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of one record, from before to after.

    set: `field` goes from `before` to `after`, and only if it still is `before`. add: the number `field` moves by `after`
    (a signed int), whatever it is by then; `before` is what was shown, None where nothing was there and counts as 0. create: a record
    with the fields in `after` comes to be. delete: the record, whose fields are `before`, goes.
    """

    op: Literal["create", "set", "add", "delete"]
    target: Target
    field: str | None = None
    before: Value = None
    after: Value = None
    reversible: bool = True

    @classmethod
    def set(cls, target: Target, field: str, *, before: Value, after: Value) -> Change:
        return cls(op="set", target=target, field=field, before=before, after=after)

    @classmethod
    def add(cls, target: Target, field: str, *, before: int | None, delta: int) -> Change:
        return cls(op="add", target=target, field=field, before=before, after=delta)

    @classmethod
    def create(cls, kind: TargetKind, label: str, fields: Mapping[str, Any]) -> Change:
        return cls(op="create", target=Target(kind, "new", label), after=dict(fields))

    @classmethod
    def delete(cls, target: Target, before: Mapping[str, Any]) -> Change:
        return cls(op="delete", target=target, before=dict(before))


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something done in the world that cannot be taken back: a refund, a mail."""

    kind: str
    target: Target
    params: Mapping[str, Any]
    confirm: str = "click"
    """"click", or "type:WORD" when the merchant must type the word."""
    money: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a number or a list comes from; enough to ask the same again."""

    metric: str
    definition: str
    query: str
    """A readable form of what was asked of the store."""
    period: Period | None
    time_zone: str
    currency: str
    filters: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    """How many records the figure was made from, or rows the answer has."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T_co]):
    """Something found out. `data` is typed, so that a later subtask may refer to its fields."""

    text: Sentence
    data: T_co = field(kw_only=True)
    evidence: Evidence = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Draft:
    """Text for the merchant to edit. Saving it is a change like any other, proposed in `saves`."""

    text: Sentence
    content: str = field(kw_only=True)
    title: str | None = field(default=None, kw_only=True)
    by: Literal["frontier", "student", "template"] = field(kw_only=True)
    """Who wrote it; "template" means made from the shop's own facts without a model, and the reply says so."""
    saves: Sequence[Change] = field(default=(), kw_only=True)
    sends: Sequence[Action] = field(default=(), kw_only=True)
    """Sending it, where the store can send; approved like any action."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes and actions for the merchant to approve. An empty one says that nothing needs changing."""

    summary: Sentence
    changes: Sequence[Change] = field(default=(), kw_only=True)
    actions: Sequence[Action] = field(default=(), kw_only=True)
    restore_at: datetime | None = field(default=None, kw_only=True)
    """When every change is to be put back (a price "until Sunday")."""
    table: Table | None = field(default=None, kw_only=True)
    """What stands beside the changes: why each is proposed, and what was left out."""
    evidence: Evidence | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was asked cannot or must not be done, in one sentence, with the nearest thing that can."""

    text: Sentence
    code: Literal["not_supported", "not_allowed", "out_of_scope", "needs_provider"] = field(default="not_supported", kw_only=True)


@dataclass(frozen=True, slots=True)
class Missing:
    """The handler needs to know one more thing."""

    field: str
    question: Sentence
    options: Sequence[tuple[str, str | Sentence]] = ()
    """(value, label). A label with money, a number or a date in it is a sentence, told in the reader's locale."""


class Table(BaseModel):
    """A table for people: answers may carry one as a field of their data and every door shows it."""

    columns: list[str]
    rows: list[list[Any]]
    """Cells are str, int, Money, Decimal, date or None; formatted by locale where shown."""
    numeric: list[bool] = []


Result = Answer[Any] | Draft | Proposal | Refusal | Missing

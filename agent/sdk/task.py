"""`@task`: the signature is the declaration.

The first parameter is the schema, the other parameters are what the handler needs, the return type says whether it
writes, and the docstring's first line is what the planner reads. What is wrong fails at import, with the remedy.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from agent.errors import TaskDefinitionError
from agent.sdk.goods import Discount, Product, Variant
from agent.sdk.guide import Guide
from agent.sdk.model import Ask, Labeller, Tagger, Writer
from agent.sdk.orders import Order
from agent.sdk.own import Own
from agent.sdk.people import Customer, Review
from agent.sdk.refs import Between, CollectionRef, CustomerRef, Money, OrderRef, Percent, Period, ProductRef, Selection, VariantRef, Where
from agent.sdk.results import Answer, Draft, Missing, Proposal, Refusal
from agent.sdk.role import DOINGS, Doing, about_of, doing_of
from agent.sdk.store import Clock, Store
from agent.sdk.text import Sentence


@dataclass(frozen=True, slots=True)
class Abilities:
    """Every task there is, for the one that tells a merchant what can be asked for."""

    tasks: tuple[Task, ...]


NEEDS: tuple[type[Any], ...] = (Store, Labeller, Tagger, Writer, Ask, Clock, Abilities, Own, Guide)
"""What a handler can ask for by type."""

SELECTABLE: dict[type[Any], str] = {
    Product: "product", Variant: "variant", Customer: "customer", Order: "order", Review: "review", Discount: "discount",
}  # fmt: skip
REFS: dict[type[Any], str] = {
    ProductRef: "product", VariantRef: "variant", CustomerRef: "customer", OrderRef: "order", CollectionRef: "collection",
}  # fmt: skip

Effect = Literal["read", "draft", "write", "action"]
Handler = Callable[..., Awaitable[Any]]
Wrong = Callable[[str], TaskDefinitionError]
"""Makes the error of a declaration from what is wrong with it."""


class Args(BaseModel):
    """Base of every task's schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of optional fields of which a request must say at least one: (("price", "by"),). When none of a group is said, the
    planner asks the first field's question; a handler that is called without any returns `Missing`."""
    beside: ClassVar[tuple[str, ...]] = ()
    """Fields of such a group that also stand beside its others: a rounding beside a new price. Saying one later takes nothing away."""
    unlike: ClassVar[tuple[str, ...]] = ()
    """Words that speak against the task, whatever else is said, or patterns of such words: what something "costs us" is no price to set. It is
    asked about then. They are looked for in the clause in lower case, without hyphens."""
    telling: ClassVar[tuple[str, ...]] = ()
    """Beginnings of words of which at least one is said where the task is meant: no report recurs without a "daily" or an "every".
    Without any the other tasks in question win. Empty: there are no such words."""
    like: ClassVar[tuple[str, ...]] = ()
    """Words, or patterns of words, for which the task takes what others lose by words against them: "revenue by month" is no insight into
    customers, but a report."""
    cannot: ClassVar[tuple[tuple[str, Sentence], ...]] = ()
    """What is asked as if the task could do it, by a pattern of words, and why that is not possible: said at once instead of asking for more."""
    synonyms: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What merchants call it, as a pattern of words, and the plain words that are read for it: ("bogo", "2 for 1"). Never read so in quotes or
    as a name; the plan says what was read as what."""
    decisive: ClassVar[tuple[str, ...]] = ()
    """Whole words that mean this task and no other: "right to be forgotten". Where several tasks have some, the longest words win.
    They overrule no change that is surely meant, and make no change of what is begun as a question; a change they only make surer
    where the reader thinks of it already, and an action never."""


@dataclass(frozen=True, slots=True)
class Cues:
    """Words that stand next to a value meant for this field: `Annotated[Money | None, Cues("under", "below")]`."""

    words: tuple[str, ...]

    def __init__(self, *words: str) -> None:
        object.__setattr__(self, "words", words)


@dataclass(frozen=True, slots=True)
class Says:
    """How merchants say each value of a Literal or a bool: `Says(low=["running low"], out=["sold out"])`; for a bool `Says(true=[…])`."""

    phrases: dict[str, list[str]]

    def __init__(self, **phrases: Sequence[str]) -> None:
        object.__setattr__(self, "phrases", {k: list(v) for k, v in phrases.items()})


@dataclass(frozen=True, slots=True)
class AskedAs:
    """The question put to the merchant when this field is missing: `AskedAs("At what price?")`."""

    question: str


Amends = Callable[[str, str, bool], str | None]
"""The words before, what is said of them now, and whether that is to take the place of something ("instead")."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The field takes all the words of the clause as they are, and nothing else is read out of them: `Annotated[str, Whole()]`.

    For a task that understands its own words, such as a rule ("when …, do …")."""

    amended: Amends | None = None
    """What the words become with those of a later message of the thread; None where it says nothing that they take."""


SlotType = Literal[
    "selection", "ref", "money", "percent", "period", "moment", "range_money", "range_int", "range_number", "integer", "number",
    "choice", "flag", "text", "texts", "choices", "counts",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One field of a task's Args, as the planner sees it."""

    name: str
    types: tuple[SlotType, ...]
    """More than one for a union: Money | Percent."""
    record: str | None = None
    """Kind of record for selection and ref."""
    choices: tuple[str, ...] = ()
    required: bool
    description: str
    cues: tuple[str, ...] = ()
    phrases: dict[str, list[str]] = field(default_factory=dict)
    question: str | None = None
    whole: bool = False
    """It takes the clause's words as they are."""
    amended: Amends | None = field(default=None, compare=False, repr=False)
    """Of such a field: the words with what a later message says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A declared task. `registry` gathers them; nothing else makes one."""

    name: str
    summary: str
    """The docstring's first line."""
    args: type[Args]
    slots: tuple[Slot, ...]
    output: type[BaseModel] | None
    """The type of `Answer.data`; None for drafts and proposals."""
    effect: Effect
    needs: dict[str, type[Any]]
    """Parameter name to what is to be injected."""
    handler: Handler
    examples: tuple[str, ...]
    ahead: bool = False
    """It is about days to come: "December" is the next one, and "next month" is nothing odd."""
    does: Doing = "other"
    about: str = ""
    """The kind of record or of text, in the singular: "customer", "draft_order", "email"; empty where it is about none alone."""
    folder: Path
    """Where evals.jsonl, seeds.jsonl and a third party's prompt lie."""

    @property
    def looks_ahead(self) -> bool:
        """Whether bare days are days to come: of what is set up, and of a forecast; a report looks back."""
        return self.ahead or self.effect in ("write", "action")

    def finds(self, record: str) -> bool:
        """Whether it is a search for this kind of record."""
        return self.does == "find" and self.about == record

    @property
    def whole(self) -> Slot | None:
        """The field that takes a clause's words as they are; None where the task has none."""
        return next((slot for slot in self.slots if slot.whole), None)

    def selecting(self, *records: str) -> Slot | None:
        """The first field that takes a selection of records of these kinds."""
        return next((slot for slot in self.slots if slot.record in records and "selection" in slot.types), None)

    def slot(self, name: str) -> Slot:
        return next(slot for slot in self.slots if slot.name == name)

    def outputs(self) -> dict[str, str]:
        """Fields of the answer that a later subtask may refer to, with the kind of record they select."""
        if self.output is None:
            return {}
        found = {}
        for name, info in self.output.model_fields.items():
            record = _selected(info.annotation)
            if record:
                found[name] = record
        return found


def task(
    *, examples: Sequence[str], irreversible: bool = False, ahead: bool = False, does: Doing | None = None, about: str | None = None
) -> Callable[[Handler], Task]:
    """Declare the decorated coroutine function as a task.

    Args:
        examples: At least two ways a merchant asks for it; what an untrained planner compares requests with.
        irreversible: The proposal holds `Action`s that cannot be undone.
        ahead: It answers about days to come, as a forecast does.
        does: "find", "show", "flag", "report", "make", "change", "end", "write", "answer", "message", "schedule" or "other"; by its name
            when left out: `find_gifts` finds, `create_voucher` makes, `write_label` writes.
        about: The kind of record or text it does that with; by its name when left out: "gift", "voucher", "label".

    Raises:
        TaskDefinitionError: The declaration is wrong; the sentence says what to do.
    """

    def declare(handler: Handler) -> Task:
        name = handler.__name__

        def wrong(problem: str) -> TaskDefinitionError:
            return TaskDefinitionError(f"task `{name}`: {problem}")

        _check_names(handler, does, wrong)
        summary = (inspect.getdoc(handler) or "").split("\n", 1)[0].strip()
        if not summary:
            raise wrong("the docstring is missing; its first line is what the planner reads.")
        if len([e for e in examples if e.strip()]) < 2:
            raise wrong("give at least two `examples` of how a merchant asks for it.")
        args, needs, returned = _signature(handler, wrong)
        output, effect = _returns(returned, irreversible, wrong)
        slots = tuple(_slot(field_name, info, wrong) for field_name, info in args.model_fields.items())
        if unknown := {name for group in args.one_of for name in group} - set(args.model_fields):
            raise wrong(f"`one_of` names {', '.join(sorted(unknown))}, which its Args do not have.")
        return Task(
            name=name, summary=summary, args=args, slots=slots, output=output, effect=effect, needs=needs, handler=handler,
            examples=tuple(examples), ahead=ahead,
            does=does or doing_of(name), about=about_of(name) if about is None else about, folder=Path(inspect.getfile(handler)).parent,
        )  # fmt: skip

    return declare


def _check_names(handler: Handler, does: Doing | None, wrong: Wrong) -> None:
    if not inspect.iscoroutinefunction(handler):
        raise wrong("the handler is not a coroutine function; write `async def`.")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", handler.__name__):
        raise wrong("a task is named verb_noun in lower case, such as `change_price`.")
    if does is not None and does not in DOINGS:
        raise wrong(f"`does` is one of {', '.join(DOINGS)}.")


def _signature(handler: Handler, wrong: Wrong) -> tuple[type[Args], dict[str, type[Any]], Any]:
    """Its schema, what it needs by parameter, and what it returns."""
    try:
        hints = typing.get_type_hints(handler, include_extras=True)
    except NameError as error:
        raise wrong(f"an annotation cannot be resolved ({error}); import its type at module level.") from error
    parameters = list(inspect.signature(handler).parameters)
    if not parameters or not _is(hints.get(parameters[0]), Args):
        raise wrong("the first parameter must be annotated with a subclass of `Args`.")
    needs = {}
    for parameter in parameters[1:]:
        wanted = hints.get(parameter)
        if wanted not in NEEDS:
            shown = getattr(wanted, "__name__", str(wanted)) if wanted is not None else "nothing"
            raise wrong(f"`{parameter}` asks for `{shown}`; a task can ask for {', '.join(n.__name__ for n in NEEDS)}.")
        needs[parameter] = wanted
    if "return" not in hints:
        raise wrong("say what it returns: Answer[...], Draft or Proposal.")
    return hints[parameters[0]], needs, hints["return"]


def _is(annotation: Any, base: type) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, base)


def _members(annotation: Any) -> list[Any]:
    """The arms of a union, without None; one arm for anything else. Annotated is looked through."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [m for arm in get_args(annotation) if arm is not type(None) for m in _members(arm)]
    return [annotation]


def _returns(annotation: Any, irreversible: bool, wrong: Wrong) -> tuple[type[BaseModel] | None, Effect]:
    output: type[BaseModel] | None = None
    effects: set[Effect] = set()
    for arm in _members(annotation):
        if get_origin(arm) is Answer or arm is Answer:
            inner = get_args(arm)[0] if get_args(arm) else None
            if not _is(inner, BaseModel):
                raise wrong("an answer is typed: return `Answer[Found]` with `class Found(BaseModel)`.")
            output = inner
            effects.add("read")
        elif arm is Draft:
            effects.add("draft")
        elif arm is Proposal:
            effects.add("action" if irreversible else "write")
        elif arm not in (Refusal, Missing):
            raise wrong(
                f"it returns `{getattr(arm, '__name__', arm)}`; return Answer[...], Draft or Proposal (or Refusal, Missing beside one of them)."
            )
    if len(effects) != 1:
        raise wrong("return exactly one of Answer[...], Draft and Proposal.")
    return output, effects.pop()


def _selected(annotation: Any) -> str | None:
    for arm in _members(annotation):
        if _is(arm, Selection):
            inner = arm.__pydantic_generic_metadata__["args"]
            return SELECTABLE.get(inner[0]) if inner else None
        if arm in REFS:
            return REFS[arm]
    return None


def _slot(name: str, info: FieldInfo, wrong: Wrong) -> Slot:
    if not info.description:
        raise wrong(f'`{name}` has no description; write `Field(description="…")`, it is shown to merchants and planners.')
    kinds: list[SlotType] = []
    choices: tuple[str, ...] = ()
    for arm in _members(info.annotation):
        kind, arm_choices = _slot_type(name, arm, wrong)
        kinds.append(kind)
        choices = choices or arm_choices
    cues: tuple[str, ...] = ()
    phrases: dict[str, list[str]] = {}
    question: str | None = None
    whole = False
    amended: Amends | None = None
    for extra in info.metadata:
        if isinstance(extra, Cues):
            cues += extra.words
        elif isinstance(extra, Says):
            phrases |= extra.phrases
        elif isinstance(extra, Whole):
            whole, amended = True, extra.amended
        elif isinstance(extra, AskedAs):
            question = extra.question
    allowed = set(choices) or {"true", "false"}
    if unknown := set(phrases) - allowed:
        raise wrong(f"`{name}` says how to ask for {', '.join(sorted(unknown))}, which it cannot be.")
    return Slot(
        name=name, types=tuple(dict.fromkeys(kinds)), record=_selected(info.annotation), choices=choices, required=info.is_required(),
        description=info.description, cues=cues, phrases=phrases, question=question, whole=whole, amended=amended,
    )  # fmt: skip


_PLAIN: dict[Any, SlotType] = {
    Money: "money", Percent: "percent", Period: "period", int: "integer", Decimal: "number", bool: "flag", str: "text",
}  # fmt: skip


def _slot_type(name: str, arm: Any, wrong: Wrong) -> tuple[SlotType, tuple[str, ...]]:
    from datetime import datetime

    if arm in _PLAIN:
        return _PLAIN[arm], ()
    if arm is datetime:
        return "moment", ()
    if arm in REFS:
        return "ref", ()
    if _is(arm, Selection):
        if _selected(arm) is None:
            raise wrong(f"`{name}`: a selection is of Product, Variant, Customer, Order, Review or Discount.")
        return "selection", ()
    if _is(arm, Between):
        inner = arm.__pydantic_generic_metadata__["args"]
        if inner and inner[0] is Money:
            return "range_money", ()
        if inner and inner[0] is int:
            return "range_int", ()
        if inner and inner[0] is Decimal:
            return "range_number", ()
        raise wrong(f"`{name}`: a range is `Between[Money]`, `Between[int]` or `Between[Decimal]`.")
    if get_origin(arm) is Literal:
        return "choice", tuple(str(v) for v in get_args(arm))
    if _is(arm, StrEnum):
        return "choice", tuple(arm)
    if get_origin(arm) in (list, tuple, Sequence):
        inner_arm = next((a for a in get_args(arm) if a is not Ellipsis), None)
        if inner_arm is str:
            return "texts", ()
        if get_origin(inner_arm) is Literal:
            return "choices", tuple(str(v) for v in get_args(inner_arm))
    if get_origin(arm) is dict and get_args(arm) == (str, int):
        return "counts", ()  # how many of each: a record's id to units
    if _is(arm, Where):
        raise wrong(f"`{name}` asks for a predicate; take a `Selection[...]`, which carries one.")
    raise wrong(
        f"`{name}` is `{getattr(arm, '__name__', arm)}`; args are made of Selection[...], ProductRef and the other references, Money, Percent, "
        "Period, Between[...], int, Decimal, bool, datetime, str, list[str], dict[str, int] and Literal[...]."
    )
